//! id, whoami, groups; hostname, uname, nproc, arch; which, env, printenv.

use super::names::{group, quote, user};
use super::options::{self, either};
use crate::machine::exec::{self, StartError};
use crate::machine::users::Ids;
use crate::machine::{Process, errno};

/// id.
pub fn id(p: &mut Process) -> i32 {
    let long = [("user", 'u'), ("group", 'g'), ("groups", 'G'), ("name", 'n'), ("real", 'r'), ("zero", 'z'), ("context", 'Z')];
    let options = match either(p, "gnruG", "agnruzGZ", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let has = |c| options.has(c);
    let names = options.operands.clone();
    let asked = ['u', 'g', 'G'].iter().filter(|c| has(**c)).count();
    if p.busybox() && (names.len() > 1 || asked > 1 || asked == 0 && (has('n') || has('r'))) {
        return options::usage(p);
    }
    let wrong = match () {
        () if asked > 1 => "cannot print \"only\" of more than one choice",
        () if asked == 0 && (has('n') || has('r')) => "cannot print only names or real IDs in default format",
        () if asked == 0 && has('z') => "option --zero not permitted in default format",
        () if has('Z') => "--context (-Z) works only on an SELinux-enabled kernel",
        () => "",
    };
    if !wrong.is_empty() {
        return p.fail(wrong);
    }
    let end = if has('z') { "\0" } else { "\n" };
    let users: Vec<Option<&String>> = if names.is_empty() { vec![None] } else { names.iter().map(Some).collect() };
    let mut status = 0;
    for name in users {
        match ids_of(p, name) {
            Some(ids) => {
                let text = identity(p, &ids, &options, name.is_none()) + end;
                p.out(text);
            }
            None => status = 1,
        }
    }
    status
}

/// Those of the user of this name, or of this process; the complaint that nobody is called so.
fn ids_of(p: &mut Process, name: Option<&String>) -> Option<Ids> {
    let Some(name) = name else { return Some(p.ids.clone()) };
    let found = lookup(p, name);
    if found.is_none() {
        let text = if p.busybox() { format!("unknown user {name}") } else { format!("{}: no such user", quote(p, name)) };
        p.fail(&text);
    }
    found
}

/// What `id` says of someone, `own`: of who asks.
fn identity(p: &Process, ids: &Ids, options: &options::Options, own: bool) -> String {
    let has = |c| options.has(c);
    let between = if has('z') { "\0" } else { " " };
    let all = all_groups(p, ids, own);
    let user_name = |uid: u32| user(p, uid);
    let one = |id: u32, name: Option<String>| if has('n') { name.unwrap_or_else(|| id.to_string()) } else { id.to_string() };
    let full = |id: u32, name: Option<String>| name.map_or_else(|| id.to_string(), |n| format!("{id}({n})"));
    match () {
        () if has('u') => one(ids.uid, user_name(ids.uid)),
        () if has('g') => one(ids.gid, group(p, ids.gid)),
        () if has('G') && p.busybox() => all_groups(p, ids, false).iter().map(|g| one(*g, group(p, *g))).collect::<Vec<_>>().join(" "),
        () if has('G') => all.iter().map(|g| one(*g, group(p, *g))).collect::<Vec<_>>().join(between),
        () => {
            let groups: Vec<String> = all.iter().map(|g| full(*g, group(p, *g))).collect();
            format!("uid={} gid={} groups={}", full(ids.uid, user_name(ids.uid)), full(ids.gid, group(p, ids.gid)), groups.join(","))
        }
    }
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
    let options = match either(p, "", "", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if p.busybox() && options.operands.len() > 1 {
        return options::usage(p);
    }
    let users: Vec<Option<&String>> = if options.operands.is_empty() { vec![None] } else { options.operands.iter().map(Some).collect() };
    let mut status = 0;
    for name in users {
        let Some(ids) = ids_of(p, name) else {
            status = 1;
            continue;
        };
        let all = all_groups(p, &ids, name.is_none() && !p.busybox());
        let names: Vec<String> = all.iter().map(|g| group(p, *g).unwrap_or_else(|| g.to_string())).collect();
        let prefix = name.filter(|_| !p.busybox()).map_or(String::new(), |n| format!("{n} : "));
        p.out(format!("{prefix}{}\n", names.join(" ")));
    }
    status
}

/// The status of one of those that take no operands, if it has some, or options.
fn alone(p: &mut Process) -> Option<i32> {
    let options = match if p.busybox() { options::plain(p) } else { options::of(p, "", &[]) } {
        Ok(options) => options,
        Err(status) => return Some(status),
    };
    extra(p, &options)
}

/// The complaint of an operand that is too many.
fn extra(p: &mut Process, options: &options::Options) -> Option<i32> {
    let operand = options.operands.first()?;
    let text = format!("extra operand {}", quote(p, operand));
    Some(if p.busybox() { options::usage(p) } else { options::refuse(p, &text) })
}

/// whoami.
pub fn whoami(p: &mut Process) -> i32 {
    if let Some(status) = alone(p) {
        return status;
    }
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
    let long = [
        ("alias", 'a'),
        ("all-fqdns", 'A'),
        ("boot", 'b'),
        ("domain", 'd'),
        ("fqdn", 'f'),
        ("long", 'f'),
        ("file", 'F'),
        ("ip-address", 'i'),
        ("all-ip-addresses", 'I'),
        ("short", 's'),
        ("yp", 'y'),
        ("nis", 'y'),
    ];
    let options = match either(p, "dfisvF:", "abdfhisyAF:IV", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let has = |c| options.has(c);
    if let Some(file) = options.value('F')
        && let Err(e) = p.input(file)
    {
        let text = format!("can't open '{file}': {}", errno::text(e));
        return p.fail(&text);
    }
    if !options.operands.is_empty() || has('F') {
        let text = if p.busybox() { "sethostname: Operation not permitted" } else { "you must be root to change the host name" };
        return p.fail(text);
    }
    if p.busybox() && has('f') {
        let text = format!("{}: Host name lookup failure", p.system.hostname);
        return p.fail(&text);
    }
    let text = if has('i') || has('I') { "127.0.0.1".to_owned() } else { p.system.hostname.clone() };
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
    let options = match either(p, "aimnoprsv", "aimnoprsv", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(status) = extra(p, &options) {
        return status;
    }
    let has = |c| options.has(c) || options.has('a');
    let host = p.system.hostname.clone();
    let version = "#1 SMP PREEMPT_DYNAMIC";
    let unknown = if options.has('a') { "" } else { "unknown" };
    let fields =
        [('s', "Linux"), ('n', &host), ('r', "6.6.0"), ('v', version), ('m', "x86_64"), ('p', unknown), ('i', unknown), ('o', "GNU/Linux")];
    let shown: Vec<&str> =
        fields.iter().filter(|(c, v)| (has(*c) || options.given.is_empty() && *c == 's') && !v.is_empty()).map(|(_, v)| *v).collect();
    p.out(shown.join(" ") + "\n");
    0
}

/// arch.
pub fn arch(p: &mut Process) -> i32 {
    if !p.busybox()
        && let Some(status) = alone(p)
    {
        return status;
    }
    p.out("x86_64\n");
    0
}

/// nproc.
pub fn nproc(p: &mut Process) -> i32 {
    let options = match either(p, "\u{1}\u{2}:", "\u{1}\u{2}:", &[("all", '\u{1}'), ("ignore", '\u{2}')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(status) = extra(p, &options).filter(|_| !p.busybox()) {
        return status;
    }
    let less = match options.value('\u{2}').map(|n| (n, n.parse::<u32>())) {
        None => 0,
        Some((_, Ok(less))) => less,
        Some((text, _)) => {
            let text = if p.busybox() { format!("invalid number '{text}'") } else { format!("invalid number: {}", quote(p, text)) };
            return p.fail(&text);
        }
    };
    p.out(format!("{}\n", 4u32.saturating_sub(less).max(1)));
    0
}

/// What Debian's `which` says, a script in which the shell reads the options.
fn illegal(p: &mut Process, text: &str) -> i32 {
    let letter = text.strip_prefix("invalid option -- ").map_or("-", |letter| letter.trim_matches('\''));
    p.err(["Illegal option -", letter, "\n"].concat());
    p.out("Usage: /usr/bin/which [-a] args\n");
    2
}

/// which.
pub fn which(p: &mut Process) -> i32 {
    let read =
        if p.busybox() { options::of(p, "a", &[]) } else { options::parse(&p.args[1..], "+a", &[]).map_err(|text| illegal(p, &text)) };
    let options = match read {
        Ok(options) => options,
        Err(status) => return status,
    };
    let (all, names) = (options.has('a'), options.operands);
    if names.is_empty() {
        return if p.busybox() { options::usage(p) } else { 1 };
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
                let status = options::wrong(p, &text);
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
            let text = if p.busybox() { format!("can't execute '{program}': {text}") } else { format!("{}: {text}", quote(p, &program)) };
            p.fail(&text);
            if errno == crate::filesystem::Errno::NoEntry { 127 } else { 126 }
        }
    }
}

/// printenv.
pub fn printenv(p: &mut Process) -> i32 {
    let options = match if p.busybox() { options::plain(p) } else { options::of(p, "+iu:0", &[("null", '0')]) } {
        Ok(options) => options,
        Err(status) => return status,
    };
    let (end, names) = (if options.has('0') { "\0" } else { "\n" }, options.operands);
    if names.is_empty() {
        let text: String = p.env.iter().map(|(k, v)| format!("{k}={v}{end}")).collect();
        p.out(text);
    }
    let mut status = 0;
    for name in names {
        match p.var(&name).map(str::to_owned) {
            Some(value) => p.out(value + end),
            None => status = 1,
        }
    }
    status
}
