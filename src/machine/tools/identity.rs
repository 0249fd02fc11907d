//! id, whoami, groups; hostname, uname, nproc, arch; which, env, printenv.

use super::names::{group, options, user};
use crate::machine::exec::{self, StartError};
use crate::machine::users::Ids;
use crate::machine::{Process, errno};

/// id.
pub fn id(p: &mut Process) -> i32 {
    let long = [("user", 'u'), ("group", 'g'), ("groups", 'G'), ("name", 'n'), ("real", 'r')];
    let (found, names) = options(p, "", &long);
    let has = |c| found.iter().any(|(f, _)| *f == c);
    let asked = ['u', 'g', 'G'].iter().filter(|c| has(**c)).count();
    if p.busybox() && (names.len() > 1 || asked > 1 || asked == 0 && (has('n') || has('r'))) {
        return super::options::usage(p);
    }
    let ids = match names.first() {
        None => p.ids.clone(),
        Some(name) => match lookup(p, name) {
            Some(ids) => ids,
            None => {
                let text =
                    if p.busybox() { format!("unknown user {name}") } else { format!("{}: no such user", super::names::quote(p, name)) };
                return p.fail(&text);
            }
        },
    };
    let all = all_groups(p, &ids, names.is_empty());
    let user_name = |uid: u32| user(p, uid);
    let one = |id: u32, name: Option<String>| if has('n') { name.unwrap_or_else(|| id.to_string()) } else { id.to_string() };
    let full = |id: u32, name: Option<String>| name.map_or_else(|| id.to_string(), |n| format!("{id}({n})"));
    let text = match () {
        () if has('u') => one(ids.uid, user_name(ids.uid)),
        () if has('g') => one(ids.gid, group(p, ids.gid)),
        () if has('G') && p.busybox() => all_groups(p, &ids, false).iter().map(|g| one(*g, group(p, *g))).collect::<Vec<_>>().join(" "),
        () if has('G') => all.iter().map(|g| one(*g, group(p, *g))).collect::<Vec<_>>().join(" "),
        () => {
            let groups: Vec<String> = all.iter().map(|g| full(*g, group(p, *g))).collect();
            format!("uid={} gid={} groups={}", full(ids.uid, user_name(ids.uid)), full(ids.gid, group(p, ids.gid)), groups.join(","))
        }
    };
    p.out(text + "\n");
    0
}

fn lookup(p: &Process, name: &str) -> Option<Ids> {
    let entry = p.users().into_iter().find(|u| u.name == name || !p.busybox() && name.parse() == Ok(u.uid))?;
    let groups = p.groups().into_iter().filter(|g| g.members.contains(&entry.name)).map(|g| g.gid).collect();
    Some(Ids { uid: entry.uid, gid: entry.gid, groups })
}

/// The kernel sorts a process's groups; GNU puts the main one first.
fn all_groups(p: &Process, ids: &Ids, sorted: bool) -> Vec<u32> {
    let mut all: Vec<u32> = std::iter::once(ids.gid).chain(ids.groups.iter().copied().filter(|g| *g != ids.gid)).collect();
    match (p.busybox(), sorted) {
        (true, true) => crate::base::sort(&mut all),
        (false, true) => crate::base::sort(&mut all[1..]),
        _ => {}
    }
    all.dedup();
    all
}

/// groups.
pub fn groups(p: &mut Process) -> i32 {
    let named = p.args.get(1).cloned();
    let ids = match &named {
        None => p.ids.clone(),
        Some(name) => match lookup(p, name) {
            Some(ids) => ids,
            None => {
                let text =
                    if p.busybox() { format!("unknown user {name}") } else { format!("{}: no such user", super::names::quote(p, name)) };
                return p.fail(&text);
            }
        },
    };
    let names: Vec<String> =
        all_groups(p, &ids, named.is_none() && !p.busybox()).iter().map(|g| group(p, *g).unwrap_or_else(|| g.to_string())).collect();
    let prefix = named.filter(|_| !p.busybox()).map_or(String::new(), |n| format!("{n} : "));
    p.out(format!("{prefix}{}\n", names.join(" ")));
    0
}

/// whoami.
pub fn whoami(p: &mut Process) -> i32 {
    let uid = p.ids.uid;
    match user(p, uid) {
        Some(name) => p.out(name + "\n"),
        None if p.busybox() => return p.fail(&format!("unknown uid {uid}")),
        None => return p.fail(&format!("cannot find name for user ID {uid}")),
    }
    0
}

/// hostname.
pub fn hostname(p: &mut Process) -> i32 {
    let (found, names) = options(p, "F", &[]);
    if let Some((_, file)) = found.iter().find(|(c, _)| *c == 'F')
        && let Err(e) = p.input(file)
    {
        let text = format!("can't open '{file}': {}", errno::text(e));
        return p.fail(&text);
    }
    if !names.is_empty() || found.iter().any(|(c, _)| *c == 'F') {
        let text = if p.busybox() { "sethostname: Operation not permitted" } else { "you must be root to change the host name" };
        return p.fail(text);
    }
    if p.busybox() && found.iter().any(|(c, _)| *c == 'f') {
        let text = format!("{}: Host name lookup failure", p.system.hostname);
        return p.fail(&text);
    }
    let text = if found.iter().any(|(c, _)| *c == 'i' || *c == 'I') { "127.0.0.1".to_owned() } else { p.system.hostname.clone() };
    p.out(text + "\n");
    0
}

/// uname.
pub fn uname(p: &mut Process) -> i32 {
    let long = [
        ("all", 'a'),
        ("kernel-name", 's'),
        ("nodename", 'n'),
        ("kernel-release", 'r'),
        ("kernel-version", 'v'),
        ("machine", 'm'),
        ("operating-system", 'o'),
        ("processor", 'p'),
        ("hardware-platform", 'i'),
    ];
    let (found, _) = options(p, "", &long);
    let has = |c| found.iter().any(|(f, _)| *f == c || *f == 'a');
    let host = p.system.hostname.clone();
    let version = "#1 SMP PREEMPT_DYNAMIC";
    let unknown = if found.iter().any(|(f, _)| *f == 'a') { "" } else { "unknown" };
    let fields =
        [('s', "Linux"), ('n', &host), ('r', "6.6.0"), ('v', version), ('m', "x86_64"), ('p', unknown), ('i', unknown), ('o', "GNU/Linux")];
    let shown: Vec<&str> =
        fields.iter().filter(|(c, v)| (has(*c) || found.is_empty() && *c == 's') && !v.is_empty()).map(|(_, v)| *v).collect();
    p.out(shown.join(" ") + "\n");
    0
}

/// arch.
pub fn arch(p: &mut Process) -> i32 {
    p.out("x86_64\n");
    0
}

/// nproc.
pub fn nproc(p: &mut Process) -> i32 {
    let (found, _) = options(p, "i", &[("all", 'a'), ("ignore", 'i')]);
    let less = found.iter().find(|(c, _)| *c == 'i').and_then(|(_, n)| n.parse().ok()).unwrap_or(0u32);
    p.out(format!("{}\n", 4u32.saturating_sub(less).max(1)));
    0
}

/// which.
pub fn which(p: &mut Process) -> i32 {
    let (found, names) = options(p, "", &[]);
    let all = found.iter().any(|(c, _)| *c == 'a');
    if names.is_empty() && p.busybox() {
        return super::options::usage(p);
    }
    let fallback = if p.busybox() { "/sbin:/usr/sbin:/bin:/usr/bin" } else { "" };
    let path = p.var("PATH").unwrap_or(fallback).to_owned();
    let mut status = 0;
    for name in names {
        let folders: Vec<&str> = if all && !name.contains('/') { path.split(':').collect() } else { vec![path.as_str()] };
        let hits: Vec<String> = folders.iter().filter_map(|f| exec::find(p, &name, f).ok()).collect();
        if hits.is_empty() {
            status = 1;
        }
        for hit in hits {
            p.out(hit + "\n");
        }
    }
    status
}

/// env.
pub fn env(p: &mut Process) -> i32 {
    let mut args = p.args[1..].to_vec();
    let mut env = p.env.clone();
    let mut end = "\n";
    while let Some(arg) = args.first().cloned() {
        match arg.as_str() {
            "-i" | "-" | "--ignore-environment" => env.clear(),
            "-0" | "--null" => end = "\0",
            "-u" | "--unset" if args.len() > 1 => {
                let name = args.remove(1);
                env.retain(|(k, _)| *k != name);
            }
            "-C" | "--chdir" if args.len() > 1 && !p.busybox() => {
                let folder = args.remove(1);
                match p.stat(&folder) {
                    Ok((real, _)) => p.cwd = real,
                    Err(e) => {
                        p.fail(&format!("cannot change directory to '{folder}': {}", errno::text(e)));
                        return 125;
                    }
                }
            }
            "-S" | "--split-string" if args.len() > 1 && !p.busybox() => {
                let words = args.remove(1);
                args.splice(1..1, words.split_whitespace().map(str::to_owned));
            }
            "--" => {
                args.remove(0);
                break;
            }
            a if a.starts_with("--unset=") => env.retain(|(k, _)| k != &a[8..]),
            a if a.starts_with("-S") && !p.busybox() => {
                let words: Vec<String> = a[2..].split_whitespace().map(str::to_owned).collect();
                args.splice(1..1, words);
            }
            a if a.starts_with("-u") && a.len() > 2 => env.retain(|(k, _)| k != &a[2..]),
            a if a.starts_with('-') && a.len() > 1 => {
                let text = match a {
                    a if a.starts_with("--") => format!("unrecognized option '{a}'"),
                    "-u" => "option requires an argument -- 'u'".to_owned(),
                    a => format!("invalid option -- '{}'", a[1..].chars().next().unwrap_or('-')),
                };
                let status = super::options::wrong(p, &text);
                return if p.busybox() { status } else { 125 };
            }
            _ => break,
        }
        args.remove(0);
    }
    p.env = env;
    while let Some((name, value)) = args.first().and_then(|a| a.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())) {
        p.set_var(&name, &value);
        args.remove(0);
    }
    let Some(program) = args.first().cloned() else {
        let text: String = p.env.iter().map(|(k, v)| format!("{k}={v}{end}")).collect();
        p.out(text);
        return 0;
    };
    let path = p.var("PATH").unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").to_owned();
    match exec::find(p, &program, &path) {
        Ok(_) => p.run(&args),
        Err(error) => {
            let errno = match error {
                StartError::NotFound | StartError::NoInterpreter => crate::filesystem::Errno::NoEntry,
                StartError::Errno(e) => e,
            };
            let text = errno::text(errno);
            let text = if p.busybox() {
                format!("can't execute '{program}': {text}")
            } else {
                format!("{}: {text}", super::names::quote(p, &program))
            };
            p.fail(&text);
            if errno == crate::filesystem::Errno::NoEntry { 127 } else { 126 }
        }
    }
}

/// printenv.
pub fn printenv(p: &mut Process) -> i32 {
    let (_, names) = options(p, "", &[]);
    if names.is_empty() {
        let text: String = p.env.iter().map(|(k, v)| format!("{k}={v}\n")).collect();
        p.out(text);
    }
    let mut status = 0;
    for name in names {
        match p.var(&name).map(str::to_owned) {
            Some(value) => p.out(value + "\n"),
            None => status = 1,
        }
    }
    status
}
