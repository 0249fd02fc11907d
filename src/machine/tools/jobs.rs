//! Programs that run programs: timeout, nohup, nice, setsid, time, chroot; kill, pidof, ps and other looks at processes.

use std::time::Duration;

use super::options::{of, parse, usage};
use super::signals;
use crate::filesystem::{Errno, ImagePath, Node, Tree};
use crate::machine::exec::{self, StartError};
use crate::machine::{Process, errno};

/// Runs a program that is named by a word; says why if it cannot. 126 and 127 are the statuses then.
pub fn start(p: &mut Process, args: &[String]) -> i32 {
    let path = p.var("PATH").unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").to_owned();
    let Some(program) = args.first() else { return 0 };
    match exec::find(p, program, &path) {
        Ok(_) => p.run(args),
        Err(error) => {
            let e = match error {
                StartError::NotFound | StartError::NoInterpreter => Errno::NoEntry,
                StartError::Errno(e) => e,
            };
            let why = errno::text(e);
            let text = match p.name() {
                _ if p.busybox() => format!("can't execute '{program}': {why}"),
                "timeout" | "nohup" | "nice" | "chroot" => {
                    let verb = if p.name() == "chroot" || p.name() == "timeout" { "failed to run command " } else { "" };
                    if verb.is_empty() { format!("'{program}': {why}") } else { format!("{verb}'{program}': {why}") }
                }
                _ => format!("{program}: {why}"),
            };
            p.fail(&text);
            if e == Errno::NoEntry { 127 } else { 126 }
        }
    }
}

/// Longer than anything runs.
const FOREVER: Duration = Duration::from_secs(1 << 32);

fn duration(text: &str) -> Option<Duration> {
    let (digits, scale) = match text.chars().last()? {
        's' => (&text[..text.len() - 1], 1.0),
        'm' => (&text[..text.len() - 1], 60.0),
        'h' => (&text[..text.len() - 1], 3600.0),
        'd' => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    Duration::try_from_secs_f64(crate::base::parse_float(digits)? * scale).ok()
}

/// timeout.
pub fn timeout(p: &mut Process) -> i32 {
    let long = [("signal", 's'), ("kill-after", 'k'), ("preserve-status", 'p'), ("foreground", 'f'), ("verbose", 'v')];
    let options = match of(p, "+s:k:pfv", &long) {
        Ok(options) => options,
        Err(status) => return if p.busybox() { status } else { 125 },
    };
    let (Some(limit), true) = (options.operands.first(), options.operands.len() > 1) else {
        let status = usage(p);
        return if p.busybox() { status } else { 125 };
    };
    let Some(limit) = duration(limit) else {
        let text = if p.busybox() { format!("invalid number '{limit}'") } else { format!("invalid time interval '{limit}'") };
        p.fail(&text);
        return if p.busybox() { 1 } else { 125 };
    };
    let known = |s: &str| signals::find(s.trim_start_matches("SIG")).is_some();
    if let Some(unknown) = options.value('s').filter(|s| p.busybox() && !known(s)) {
        return p.fail(&format!("unknown signal '{unknown}'"));
    }
    let begin = p.system.state.clock;
    if limit.is_zero() {
        return start(p, &options.operands[1..]);
    }
    let (status, stopped) = p.until(begin.saturating_add(limit).min(FOREVER), |p| start(p, &options.operands[1..]));
    if !stopped {
        return status;
    }
    let signal = options.value('s').map_or(15, signals::number);
    if p.busybox() {
        p.killed = Some(signal);
        return 128 + signal;
    }
    if options.has('p') || signal == 9 { 128 + signal } else { 124 }
}

/// nohup, setsid, ionice, stdbuf, chrt, taskset and linux32: the program as it is.
pub fn plainly(p: &mut Process) -> i32 {
    let letters = match p.name() {
        "setsid" if p.busybox() => "+c",
        "setsid" => "+cwf",
        "ionice" => "+c:n:tp:",
        "stdbuf" => "+i:o:e:",
        "taskset" => "+apc",
        _ => "+",
    };
    let options = match of(p, letters, &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let skip = usize::from(p.name() == "taskset");
    match options.operands.get(skip..) {
        Some(command) if !command.is_empty() => start(p, command),
        _ => usage(p),
    }
}

/// nice.
pub fn nice(p: &mut Process) -> i32 {
    let args = p.args[1..].to_vec();
    let options = match parse(&args, "+n:", &[("adjustment", 'n')]) {
        Ok(options) => options,
        // `-5` of old.
        Err(_) => return start(p, &args[1..]),
    };
    if options.operands.is_empty() {
        p.out("0\n");
        return 0;
    }
    start(p, &options.operands)
}

/// time.
pub fn time(p: &mut Process) -> i32 {
    let options = match of(p, "+vpaf:o:", &[("portability", 'p'), ("verbose", 'v'), ("format", 'f')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let begin = p.system.state.clock;
    let status = start(p, &options.operands);
    let spent = (p.system.state.clock - begin).as_secs_f64();
    let (minutes, seconds) = ((spent / 60.0) as u64, spent % 60.0);
    let text = match (options.has('p'), p.busybox()) {
        (true, _) => format!("real {spent:.2}\nuser 0.00\nsys 0.00\n"),
        (_, true) => format!("real\t{minutes}m {seconds:.2}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n"),
        _ => format!(
            "0.00user 0.00system {minutes}:{seconds:05.2}elapsed 0%CPU (0avgtext+0avgdata 2048maxresident)k\n0inputs+0outputs (0major+100minor)pagefaults 0swaps\n"
        ),
    };
    p.err(text);
    status
}

/// chroot: the folder is the root for a while.
pub fn chroot(p: &mut Process) -> i32 {
    let options = match of(p, "+u:g:", &[("userspec", 'u'), ("groups", 'g'), ("skip-chdir", 'k')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(folder) = options.operands.first().cloned() else { return usage(p) };
    let (place, node) = match p.stat(&folder) {
        Ok(found) => found,
        Err(e) => {
            let why = errno::text(e);
            let text = if p.busybox() {
                format!("can't change root directory to '{folder}': {why}")
            } else {
                format!("cannot change root directory to '{folder}': {why}")
            };
            p.fail(&text);
            return if p.busybox() { 1 } else { 125 };
        }
    };
    if !p.ids.is_root() {
        p.fail(&format!("{} change root directory to '{folder}': Operation not permitted", if p.busybox() { "can't" } else { "cannot" }));
        return if p.busybox() { 1 } else { 125 };
    }
    let mut command = options.operands[1..].to_vec();
    if command.is_empty() {
        let shell = p.var("SHELL").unwrap_or("/bin/sh").to_owned();
        command = vec![shell, "-i".into()];
    }
    if place.relative().is_empty() {
        return start(p, &command);
    }
    let Node::Directory(directory) = node else { return usage(p) };
    let outer = std::mem::replace(&mut p.system.state.root, Tree::from_root(directory));
    let mounts = std::mem::take(&mut p.system.state.mounts);
    for (target, mount) in &mounts {
        if target.is_below(&place) || *target == place {
            let inner = ImagePath::new(&format!("/{}", &target.relative()[place.relative().len()..]));
            p.system.state.mounts.insert(inner, mount.clone());
        }
    }
    let cwd = std::mem::replace(&mut p.cwd, ImagePath::root());
    let status = start(p, &command);
    p.cwd = cwd;
    let inner = std::mem::replace(&mut p.system.state.root, outer);
    p.system.state.mounts = mounts;
    if let Ok(root) = p.system.state.root.insert(&place, Node::Directory(inner.root().clone())) {
        p.system.state.root = root;
    }
    status
}

/// kill.
pub fn kill(p: &mut Process) -> i32 {
    let args = p.args[1..].to_vec();
    if args.first().is_some_and(|a| a == "-l" || a == "-L") {
        match args.get(1) {
            Some(signal) => p.out(match signals::find(signal.trim_start_matches("SIG")) {
                Some((name, _)) if signal.parse::<i32>().is_ok() => format!("{name}\n"),
                Some((_, number)) => format!("{number}\n"),
                None => format!("{signal}\n"),
            }),
            None => {
                let names: Vec<&str> = signals::all().map(|(name, _)| name).collect();
                p.out(names.join(" ") + "\n");
            }
        }
        return 0;
    }
    let mut pids = args.as_slice();
    if let [signal, rest @ ..] = pids
        && let Some(name) = signal.strip_prefix('-').filter(|n| !n.is_empty())
    {
        let spelled = matches!(name, "s" | "n");
        let name = if spelled { rest.first().map_or(name, String::as_str) } else { name };
        if p.busybox() && name != "0" && signals::find(name.trim_start_matches("SIG")).is_none() {
            return p.fail(&format!("bad signal name '{name}'"));
        }
        pids = rest.get(usize::from(spelled)..).unwrap_or(&[]);
    }
    if p.busybox() && pids.is_empty() {
        return p.fail("you need to specify whom to kill");
    }
    let mut status = 0;
    for pid in pids.iter().filter(|a| !a.starts_with('-')) {
        match pid.parse::<u32>() {
            Ok(pid) if pid == p.pid || pid == p.ppid || pid == 1 => {}
            Ok(pid) if p.busybox() => status = p.fail(&format!("can't kill pid {pid}: No such process")),
            Ok(pid) => status = p.fail(&format!("({pid}) - No such process")),
            Err(_) if p.busybox() => status = p.fail(&format!("invalid number '{pid}'")),
            Err(_) => status = p.fail(&format!("failed to parse argument: '{pid}'")),
        }
    }
    status
}

/// pidof, pgrep, pkill, killall: nothing else runs.
pub fn nobody(p: &mut Process) -> i32 {
    match p.name() {
        "killall" => {
            for name in p.args[1..].to_vec().iter().filter(|a| !a.starts_with('-')) {
                p.fail(&format!("{name}: no process {}", if p.busybox() { "killed" } else { "found" }));
            }
            1
        }
        "renice" if p.busybox() && p.args.len() < 3 => usage(p),
        "renice" => match p.args[1..].iter().find(|a| p.busybox() && !a.starts_with('-') && a.parse::<i32>().is_err()).cloned() {
            Some(text) => p.fail(&format!("invalid number '{text}'")),
            None => p.fail("setpriority: No such process"),
        },
        _ => 1,
    }
}

/// ps: what is known to run.
pub fn ps(p: &mut Process) -> i32 {
    let user = super::names::user(p, p.ids.uid).unwrap_or_else(|| p.ids.uid.to_string());
    let (pid, parent) = (p.pid, p.ppid.max(1));
    let command = p.args.join(" ");
    let text = if p.busybox() {
        format!("PID   USER     COMMAND\n{parent:>5} {user:<8} sh\n{pid:>5} {user:<8} {command}\n")
    } else if p.args.get(1).is_some_and(|a| a.contains('u')) {
        format!(
            "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n{user:<8} {parent:>7}  0.0  0.0   2576   896 ?        Ss   00:00   0:00 sh\n{user:<8} {pid:>7}  0.0  0.0   8064  3968 ?        R    00:00   0:00 {command}\n"
        )
    } else if p.args.len() > 1 {
        format!(
            "UID          PID    PPID  C STIME TTY          TIME CMD\n{user:<8} {parent:>7}       0  0 00:00 ?        00:00:00 sh\n{user:<8} {pid:>7} {parent:>7}  0 00:00 ?        00:00:00 {command}\n"
        )
    } else {
        format!("    PID TTY          TIME CMD\n{parent:>7} ?        00:00:00 sh\n{pid:>7} ?        00:00:00 ps\n")
    };
    p.out(text);
    0
}

/// usleep.
pub fn usleep(p: &mut Process) -> i32 {
    match p.args.get(1).map(|n| n.parse::<u64>()) {
        Some(Ok(n)) => {
            p.spend(Duration::from_micros(n));
            0
        }
        Some(Err(_)) => {
            let text = format!("invalid number '{}'", p.args[1]);
            p.fail(&text)
        }
        None => usage(p),
    }
}

/// run-parts: the programs of a folder, one after the other.
pub fn run_parts(p: &mut Process) -> i32 {
    let long = [("arg", 'a'), ("umask", 'u'), ("test", 't'), ("list", 'l'), ("exit-on-error", 'e'), ("reverse", 'r'), ("verbose", 'v')];
    // busybox has fewer of them, and no letters for most.
    const BUSYBOX: [(&str, char); 5] = [("arg", 'a'), ("umask", 'u'), ("test", '\u{1}'), ("exit-on-error", '\u{2}'), ("reverse", '\u{3}')];
    let long: Vec<(&str, char)> = match p.busybox() {
        true => BUSYBOX.to_vec(),
        false => long.into_iter().chain([("report", 'R'), ("regex", 'x')]).collect(),
    };
    let options = match of(p, if p.busybox() { "a:u:\u{1}\u{2}\u{3}" } else { "a:u:tlervR" }, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(folder) = options.operands.first().cloned() else { return usage(p) };
    let names = match p.list(&folder) {
        Ok(names) => names,
        Err(e) => {
            let why = errno::text(e);
            if p.busybox() {
                // A file is a folder without anything in it.
                if e != Errno::NotADirectory {
                    p.fail(&format!("{folder}: {why}"));
                }
                return 0;
            }
            return p.fail(&format!("failed to open directory {folder}: {why}"));
        }
    };
    let plain = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.' && p.busybox());
    let mut wanted: Vec<String> = names.iter().filter(|n| plain(n)).map(|n| super::names::inside(&folder, n)).collect();
    if let Some(mask) = options.value('u').and_then(|m| u32::from_str_radix(m, 8).ok()) {
        p.umask = mask;
    }
    if options.has('r') || options.has('\u{3}') {
        wanted.reverse();
    }
    let mut status = 0;
    for path in wanted {
        let Ok((_, Node::File(file))) = p.stat(&path) else { continue };
        if file.metadata.mode & 0o111 == 0 && !options.has('l') {
            continue;
        }
        if options.has('t') || options.has('l') || options.has('\u{1}') {
            p.out(format!("{path}\n"));
            continue;
        }
        if options.has('v') {
            p.err(format!("run-parts: executing {path}\n"));
        }
        let mut args = vec![path.clone()];
        args.extend(options.values('a').map(str::to_owned));
        let code = p.run(&args);
        if code != 0 {
            let text = if p.busybox() { format!("{path}: exit status {code}") } else { format!("{path} exited with return code {code}") };
            status = p.fail(&text);
            if options.has('e') || options.has('\u{2}') {
                return status;
            }
        }
    }
    status
}
