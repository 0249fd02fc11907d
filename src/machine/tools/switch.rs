//! Programs run as somebody else: su, sudo, runuser, gosu, su-exec, setpriv.

use super::jobs::start as jobs_start;
use super::options::{of, parse, usage};
use crate::machine::Process;
use crate::machine::users::{Ids, User, parse_group, parse_passwd, resolve};

/// The entry of a user given by name.
fn entry(p: &Process, name: &str) -> Option<User> {
    p.users().into_iter().find(|u| u.name == name)
}

fn ids_of(p: &Process, user: &User) -> Ids {
    let groups = p.groups().into_iter().filter(|g| g.members.contains(&user.name)).map(|g| g.gid).collect();
    Ids { uid: user.uid, gid: user.gid, groups }
}

/// Runs a command as another user.
fn run_as(p: &mut Process, ids: Ids, command: &[String]) -> i32 {
    let mine = std::mem::replace(&mut p.ids, ids);
    let status = jobs_start(p, command);
    p.ids = mine;
    status
}

/// su and runuser.
pub fn su(p: &mut Process) -> i32 {
    let long = [
        ("command", 'c'),
        ("login", 'l'),
        ("shell", 's'),
        ("preserve-environment", 'm'),
        ("user", 'u'),
        ("group", 'g'),
        ("session-command", 'c'),
        ("pty", 'P'),
    ];
    let args: Vec<String> = p.args[1..].iter().map(|a| if a == "-" { "-l".to_owned() } else { a.clone() }).collect();
    let options = match parse(&args, "c:ls:mpu:g:fPG:w:", &long) {
        Ok(options) => options,
        Err(text) => {
            p.fail(&text);
            return usage(p);
        }
    };
    let mut operands = options.operands.clone();
    if let Some(user) = options.value('u').map(str::to_owned) {
        // `runuser -u USER COMMAND`.
        let Some(user) = entry(p, &user) else { return p.fail(&format!("user {user} does not exist")) };
        let ids = ids_of(p, &user);
        return run_as(p, ids, &operands);
    }
    let name = if operands.is_empty() { "root".to_owned() } else { operands.remove(0) };
    let Some(user) = entry(p, &name) else {
        let text = if p.busybox() {
            format!("unknown user {name}")
        } else {
            format!("user {name} does not exist or the user entry does not contain all the required fields")
        };
        return p.fail(&text);
    };
    if !p.ids.is_root() {
        return if p.busybox() { p.fail("must be suid to work properly") } else { su_refused(p) };
    }
    let login = options.has('l');
    let keep = (options.has('m') || options.has('p')) && !login;
    let shell = options.value('s').map_or_else(|| if user.shell.is_empty() { "/bin/sh".into() } else { user.shell.clone() }, str::to_owned);
    let before = (p.env.clone(), p.cwd.clone());
    if login {
        let path = match (p.busybox(), user.uid) {
            (true, 0) => "/sbin:/usr/sbin:/bin:/usr/bin",
            (true, _) => "/bin:/usr/bin",
            (false, 0) => "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            (false, _) if p.exists("/var/lib/dpkg") => "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
            (false, _) => "/usr/local/bin:/usr/bin:/bin",
        };
        let kept: Vec<(String, String)> = p.env.iter().filter(|(k, _)| k == "TERM").cloned().collect();
        p.env = kept;
        p.set_var("PATH", path);
        p.set_var("SHELL", &shell);
        if let Ok((real, node)) = p.stat(&user.home)
            && node.as_directory().is_some()
        {
            p.cwd = real;
        } else if !p.busybox() {
            p.fail(&format!("warning: cannot change directory to {}: No such file or directory", user.home));
        }
    }
    if !keep {
        p.set_var("HOME", &user.home);
        p.set_var("SHELL", &shell);
        if login || user.uid != 0 || !p.busybox() {
            p.set_var("USER", &user.name);
            p.set_var("LOGNAME", &user.name);
        }
    }
    let mut command = vec![shell];
    if let Some(text) = options.value('c') {
        command.extend(["-c".to_owned(), text.to_owned()]);
    }
    command.extend(operands);
    let ids = ids_of(p, &user);
    let status = match crate::machine::exec::find(p, &command[0], "") {
        // The shell is called by its name alone.
        Ok(file) if !login || p.busybox() => {
            let mut child = p.fork();
            child.ids = ids;
            command[0] = [if login { "-" } else { "" }, super::names::base(&file)].concat();
            child.args = command;
            crate::machine::exec::execute_file(&mut child, &file)
        }
        _ if p.busybox() => run_as(p, ids, &command).min(1),
        _ => run_as(p, ids, &command),
    };
    (p.env, p.cwd) = before;
    status
}

fn su_refused(p: &mut Process) -> i32 {
    p.err("Password: ");
    p.fail("Authentication failure")
}

/// nologin: the shell of those who may not log in.
pub fn nologin(p: &mut Process) -> i32 {
    p.out("This account is currently not available.\n");
    1
}

/// Whether the sudoers let the caller run `path` without a password; where they are not known, they do.
fn needs_no_password(p: &mut Process, path: &str) -> bool {
    if p.ids.is_root() {
        return true;
    }
    let mut files = vec!["/etc/sudoers".to_owned()];
    files.extend(p.list("/etc/sudoers.d").unwrap_or_default().iter().map(|name| format!("/etc/sudoers.d/{name}")));
    let texts: Vec<String> = files.iter().map(|file| p.text(file).replace("\\\n", " ")).collect();
    if !texts[0].contains("ALL") {
        return true;
    }
    let me = super::names::user(p, p.ids.uid).unwrap_or_default();
    let groups: Vec<String> =
        p.groups().iter().filter(|g| g.gid == p.ids.gid || p.ids.groups.contains(&g.gid)).map(|g| g.name.clone()).collect();
    let mut allowed = false;
    for line in texts.iter().flat_map(|t| t.lines()) {
        let mut words = line.split_whitespace();
        let who = words.next().unwrap_or("");
        let rest: String = words.collect::<Vec<_>>().join(" ");
        if who == "Defaults" || who.strip_prefix("Defaults:") == Some(me.as_str()) {
            allowed |= rest.contains("!authenticate");
            continue;
        }
        let matches = who == "ALL" || who == me || who.strip_prefix('%').is_some_and(|group| groups.iter().any(|g| g == group));
        if !matches || !rest.contains('=') {
            continue;
        }
        // The last rule that speaks of the caller and the command counts.
        let commands = rest.rsplit([':', ')']).next().unwrap_or("");
        let commands = if rest.contains(')') || rest.contains("PASSWD") { commands } else { rest.split('=').nth(1).unwrap_or("") };
        if commands.split(',').any(|c| c.trim() == "ALL" || c.split_whitespace().next() == Some(path)) {
            allowed = rest.contains("NOPASSWD");
        }
    }
    allowed
}

/// gosu and su-exec: `USER[:GROUP] COMMAND`.
pub fn gosu(p: &mut Process) -> i32 {
    let name = p.name().to_owned();
    match p.args.get(1).map(String::as_str) {
        Some("--version" | "-v") => {
            p.out("1.17 (go1.18.2 on linux/amd64; gc)\n");
            return 0;
        }
        Some(_) if p.args.len() > 2 => {}
        _ => {
            p.err(format!("Usage: {name} user-spec command [args]\n"));
            return 1;
        }
    }
    let (spec, command) = (p.args[1].clone(), p.args[2..].to_vec());
    let (passwd, groups) = (parse_passwd(&p.text("/etc/passwd")), parse_group(&p.text("/etc/group")));
    match resolve(&spec, &passwd, &groups) {
        Ok((ids, home)) => {
            if !p.ids.is_root() {
                return p.fail("operation not permitted");
            }
            p.set_var("HOME", &home);
            let path = p.var("PATH").unwrap_or("").to_owned();
            if name == "gosu" && !command[0].contains('/') && crate::machine::exec::find(p, &command[0], &path).is_err() {
                p.err(format!("error: exec: \"{}\": executable file not found in $PATH\n", command[0]));
                return 1;
            }
            run_as(p, ids, &command)
        }
        Err(_) if name == "su-exec" => p.fail(&format!("getpwnam({spec}): Success")),
        Err(text) => {
            p.err(format!("error: failed switching to \"{spec}\": {text}\n"));
            1
        }
    }
}

/// sudo.
pub fn sudo(p: &mut Process) -> i32 {
    let long = [
        ("user", 'u'),
        ("group", 'g'),
        ("preserve-env", 'E'),
        ("set-home", 'H'),
        ("login", 'i'),
        ("shell", 's'),
        ("non-interactive", 'n'),
        ("stdin", 'S'),
    ];
    let options = match of(p, "+u:g:E;HisnSkKbAC:h:p:T:D:l", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let name = options.value('u').unwrap_or("root").to_owned();
    let Some(user) = entry(p, name.trim_start_matches('#'))
        .or_else(|| p.users().into_iter().find(|u| name.strip_prefix('#').and_then(|n| n.parse().ok()) == Some(u.uid)))
    else {
        p.err(format!("sudo: unknown user {name}\nsudo: error initializing audit plugin sudoers_audit\n"));
        return 1;
    };
    let mut command = options.operands.clone();
    while let Some((key, value)) = command.first().and_then(|a| a.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())) {
        p.set_var(&key, &value);
        command.remove(0);
    }
    if options.has('i') || options.has('s') {
        let shell = if user.shell.is_empty() { "/bin/sh".to_owned() } else { user.shell.clone() };
        let text = command.join(" ");
        command = if text.is_empty() { vec![shell] } else { vec![shell, "-c".into(), text] };
    }
    if command.is_empty() {
        return if options.has('l') || options.has('k') || options.has('K') { 0 } else { usage(p) };
    }
    let path = p.var("PATH").unwrap_or("").to_owned();
    let program = crate::machine::exec::find(p, &command[0], &path).unwrap_or_else(|_| command[0].clone());
    if !needs_no_password(p, &program) {
        if !options.has('n') {
            p.err(
                "sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an \
                 askpass helper\n",
            );
        }
        p.err("sudo: a password is required\n");
        return 1;
    }
    let me = super::names::user(p, p.ids.uid).unwrap_or_default();
    p.set_var("SUDO_USER", &me);
    for (name, value) in [("SUDO_UID", p.ids.uid.to_string()), ("SUDO_GID", p.ids.gid.to_string())] {
        p.set_var(name, &value);
    }
    let line: Vec<&str> = std::iter::once(program.as_str()).chain(command[1..].iter().map(String::as_str)).collect();
    p.set_var("SUDO_COMMAND", &line.join(" "));
    if options.has('H') || options.has('i') || !options.has('E') {
        p.set_var("HOME", &user.home);
    }
    p.set_var("USER", &user.name);
    p.set_var("LOGNAME", &user.name);
    if !command[0].contains('/') && crate::machine::exec::find(p, &command[0], &path).is_err() {
        p.err(format!("sudo: {}: command not found\n", command[0]));
        return 1;
    }
    let mut ids = ids_of(p, &user);
    if let Some(group) = options.value('g') {
        ids.gid = super::owner::group_id(p, group.trim_start_matches('#')).unwrap_or(ids.gid);
    }
    if options.has('i')
        && let Ok((real, node)) = p.stat(&user.home)
        && node.as_directory().is_some()
    {
        p.cwd = real;
    }
    run_as(p, ids, &command)
}

/// setpriv: the ids that it is told.
pub fn setpriv(p: &mut Process) -> i32 {
    let long = [
        ("reuid", 'u'),
        ("regid", 'g'),
        ("ruid", 'u'),
        ("euid", 'u'),
        ("groups", 'G'),
        ("init-groups", 'i'),
        ("clear-groups", 'c'),
        ("keep-groups", 'k'),
        ("no-new-privs", 'n'),
        ("inh-caps", 'I'),
        ("bounding-set", 'b'),
        ("ambient-caps", 'a'),
        ("reset-env", 'r'),
    ];
    let options = match of(p, "+u:g:G:icknI:b:a:r", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut ids = p.ids.clone();
    if let Some(user) = options.value('u') {
        match entry(p, user) {
            Some(user) => {
                ids.uid = user.uid;
                if options.has('i') {
                    ids.groups = ids_of(p, &user).groups;
                }
            }
            None => match user.parse() {
                Ok(uid) => ids.uid = uid,
                Err(_) => {
                    let text = format!("failed to parse reuid: '{user}'");
                    return p.fail(&text);
                }
            },
        }
    }
    if let Some(group) = options.value('g') {
        match super::owner::group_id(p, group) {
            Some(gid) => ids.gid = gid,
            None => {
                let text = format!("failed to parse regid: '{group}'");
                return p.fail(&text);
            }
        }
    }
    if options.has('c') {
        ids.groups.clear();
    }
    if options.operands.is_empty() {
        return p.fail("No program specified");
    }
    run_as(p, ids, &options.operands.clone())
}
