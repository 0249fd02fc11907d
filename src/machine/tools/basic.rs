//! The smallest tools: cat, rm, mkdir, rmdir, touch, true, false, sleep, whoami.

use std::time::Duration;

use crate::machine::{Process, errno};

/// Flags (letters) and operands of `process.args`; `--long` options are given whole.
pub fn split(p: &Process) -> (String, Vec<String>, Vec<String>) {
    let (mut letters, mut long, mut operands) = (String::new(), Vec::new(), Vec::new());
    let mut only_operands = false;
    for arg in p.args.iter().skip(1) {
        match arg {
            a if only_operands || a == "-" || !a.starts_with('-') => operands.push(a.clone()),
            a if a == "--" => only_operands = true,
            a if a.starts_with("--") => long.push(a[2..].to_owned()),
            a => letters += &a[1..],
        }
    }
    (letters, long, operands)
}

/// true and `:`.
pub fn yes(_: &mut Process) -> i32 {
    0
}

/// false.
pub fn no(_: &mut Process) -> i32 {
    1
}

/// cat.
pub fn cat(p: &mut Process) -> i32 {
    let long = [
        ("number", 'n'),
        ("number-nonblank", 'b'),
        ("show-nonprinting", 'v'),
        ("show-tabs", 'T'),
        ("show-ends", 'E'),
        ("show-all", 'A'),
        ("squeeze-blank", 's'),
    ];
    let options = match super::options::of(p, if p.busybox() { "nbvteAu" } else { "nbvteAuTEs" }, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut shown = Shown { options: &options, line: 0, blank: 0, start: true };
    let mut status = 0;
    for file in options.files() {
        match p.input(&file) {
            Ok(bytes) if options.given.iter().all(|(c, _)| *c == 'u') => p.out(bytes),
            Ok(bytes) => shown.add(p, &bytes),
            Err(e) if !p.busybox() => status = p.fail(&format!("{file}: {}", errno::text(e))),
            Err(e @ crate::filesystem::Errno::IsADirectory) => status = p.fail(&format!("read error: {}", errno::text(e))),
            Err(e) => status = p.fail(&format!("can't open '{file}': {}", errno::text(e))),
        }
    }
    status
}

/// How cat's options make lines look, from file to file.
struct Shown<'o> {
    options: &'o super::options::Options,
    line: usize,
    blank: usize,
    start: bool,
}

impl Shown<'_> {
    fn add(&mut self, p: &mut Process, bytes: &[u8]) {
        let has = |c| self.options.has(c);
        let all = has('A');
        let (tabs, ends) = (all || has('t') || has('T'), all || has('e') || has('E'));
        let visible = all || has('v') || has('t') || has('e');
        let mut out = Vec::with_capacity(bytes.len());
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let empty = self.start && line == b"\n";
            self.blank = if empty { self.blank + 1 } else { 0 };
            if has('s') && self.blank > 1 {
                continue;
            }
            if self.start && (has('n') || has('b')) && !(empty && has('b')) {
                self.line += 1;
                out.extend_from_slice(format!("{:>6}\t", self.line).as_bytes());
            }
            for byte in line {
                match *byte {
                    b'\n' if ends => out.extend_from_slice(b"$\n"),
                    b'\n' => out.push(b'\n'),
                    b'\t' if tabs => out.extend_from_slice(b"^I"),
                    byte if !visible || byte == b'\t' => out.push(byte),
                    byte => {
                        let low = byte & 127;
                        out.extend_from_slice(if byte > 127 { b"M-" } else { b"" });
                        match low {
                            0..=31 => out.extend([b'^', low + 64]),
                            127 => out.extend_from_slice(b"^?"),
                            low => out.push(low),
                        }
                    }
                }
            }
            self.start = line.ends_with(b"\n");
            if p.busybox() && !self.start && (has('n') || has('b')) {
                out.push(b'\n');
                self.start = true;
            }
        }
        p.out(out);
    }
}

/// sleep.
pub fn sleep(p: &mut Process) -> i32 {
    let args = p.args.clone();
    if args.len() < 2 {
        if p.busybox() {
            return super::options::usage(p);
        }
        return super::options::refuse(p, "missing operand");
    }
    for arg in args.iter().skip(1) {
        let (digits, unit) = arg.split_at(arg.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
        let scale = match unit {
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => 1.0,
        };
        if crate::base::parse_float(digits).is_none() && !arg.starts_with("inf") {
            if p.busybox() {
                return p.fail(&format!("invalid number '{arg}'"));
            }
            return super::options::refuse(p, &format!("invalid time interval '{arg}'"));
        }
        let seconds = crate::base::parse_float(digits).unwrap_or(if arg == "infinity" || arg == "inf" { 1e9 } else { 0.0 }) * scale;
        p.spend(Duration::try_from_secs_f64(seconds.clamp(0.0, 1e9)).unwrap_or_default());
    }
    0
}

/// mkdir.
pub fn mkdir(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let long = [("mode", 'm'), ("parents", 'p'), ("verbose", 'v')];
    let options = match super::options::of(p, if busybox { "m:pv" } else { "m:pvZ" }, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        if !busybox {
            p.fail("missing operand");
        }
        return super::options::usage(p);
    }
    let mode = match options.value('m') {
        Some(text) => match super::mode::parse(text, 0o777, p.umask, true) {
            Some(mode) => Some(mode),
            None => {
                let text = format!("invalid mode {}", super::names::quote(p, text));
                return p.fail(&text);
            }
        },
        None => None,
    };
    let mut status = 0;
    for path in options.operands.clone() {
        // Each folder on the way that is missing, with the path as it is told.
        let ends = path.char_indices().filter(|(i, c)| *c == '/' && *i > 0).map(|(i, _)| i);
        let mut parts: Vec<&str> = ends.map(|i| &path[..i]).filter(|_| options.has('p')).collect();
        parts.push(&path);
        let count = parts.len();
        for (i, part) in parts.into_iter().enumerate() {
            if options.has('p') && p.is_dir(part) {
                continue;
            }
            let last = i + 1 == count;
            let made = match p.stat(part) {
                Ok(_) if !last => Err(crate::filesystem::Errno::NotADirectory),
                _ => p.mkdir(part),
            };
            let made = made.and_then(|()| match mode.filter(|_| last) {
                Some(mode) => p.stat(part).and_then(|(real, _)| p.system.chmod(&p.ids, &real, mode)),
                None => Ok(()),
            });
            let shown = if last || !busybox { part.to_owned() } else { format!("{part}/") };
            match made {
                Ok(()) if options.has('v') && busybox => p.out(format!("created directory: '{shown}'\n")),
                Ok(()) if options.has('v') => {
                    let text = format!("mkdir: created directory {}\n", super::names::quote(p, &shown));
                    p.out(text);
                }
                Ok(()) => {}
                Err(e) => {
                    let why = errno::text(e);
                    let text = match busybox {
                        true => format!("can't create directory '{shown}': {why}"),
                        false => format!("cannot create directory {}: {why}", super::names::quote(p, &shown)),
                    };
                    status = p.fail(&text);
                    break;
                }
            }
        }
    }
    status
}

/// rm.
pub fn rm(p: &mut Process) -> i32 {
    let long = [
        ("recursive", 'r'),
        ("force", 'f'),
        ("verbose", 'v'),
        ("dir", 'd'),
        ("interactive", 'i'),
        ("one-file-system", 'x'),
        ("no-preserve-root", 'N'),
        ("preserve-root", 'K'),
    ];
    let busybox = p.busybox();
    let options = match super::options::of(p, if busybox { "rRfiv" } else { "rRfivdIxNK" }, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let force = options.has('f');
    if options.operands.is_empty() {
        if force {
            return 0;
        }
        if !busybox {
            p.fail("missing operand");
        }
        return super::options::usage(p);
    }
    let mut status = 0;
    for path in options.operands.clone() {
        if matches!(super::names::base(&path), "." | "..") {
            status = p.fail(&match busybox {
                true => "can't remove '.' or '..'".to_owned(),
                false => format!("refusing to remove '.' or '..' directory: skipping '{path}'"),
            });
            continue;
        }
        if path.trim_matches('/').is_empty() && !path.is_empty() && !busybox && !options.has('N') {
            p.fail("it is dangerous to operate recursively on '/'");
            status = p.fail("use --no-preserve-root to override this failsafe");
            continue;
        }
        let result = p.lstat(&path).map(|(_, node)| node.as_directory().cloned());
        let text = match result {
            Err(crate::filesystem::Errno::NoEntry) if force => continue,
            Ok(Some(folder)) if !(options.has('r') || options.has('R') || options.has('d') && folder.entries.is_empty()) => match busybox {
                true => format!("'{path}' is a directory"),
                false => format!("cannot remove '{path}': Is a directory"),
            },
            Ok(_) if options.has('v') => match verbosely(p, &path, 0) {
                Ok(()) => continue,
                Err(e) => denied(p, &path, e),
            },
            Ok(_) => match p.remove_all(&path) {
                Ok(()) => continue,
                Err(e) => denied(p, &path, e),
            },
            Err(e) => denied(p, &path, e),
        };
        status = p.fail(&text);
    }
    status
}

/// Removes name by name and tells each.
fn verbosely(p: &mut Process, path: &str, depth: u32) -> Result<(), crate::filesystem::Errno> {
    let (real, node) = p.lstat(path)?;
    let folder = node.as_directory().is_some();
    if folder && depth < 300 {
        for name in p.list(path)? {
            verbosely(p, &super::names::inside(path, &name), depth + 1)?;
        }
    }
    p.system.unlink(&p.ids, &real)?;
    let what = match (folder, p.busybox()) {
        (true, true) => "directory: ",
        (true, false) => "directory ",
        _ => "",
    };
    p.out(format!("removed {what}'{path}'\n"));
    Ok(())
}

fn denied(p: &Process, path: &str, e: crate::filesystem::Errno) -> String {
    format!("{} '{path}': {}", if p.busybox() { "can't remove" } else { "cannot remove" }, errno::text(e))
}

/// touch.
pub fn touch(p: &mut Process) -> i32 {
    let long = [("date", 'd'), ("reference", 'r'), ("no-create", 'c'), ("no-dereference", 'h'), ("time", 'T')];
    let busybox = p.busybox();
    let options = match super::options::of(p, if busybox { "cd:r:t:amh" } else { "cd:r:t:amhfT:" }, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        if !busybox {
            p.fail("missing file operand");
        }
        return super::options::usage(p);
    }
    let (now, _) = super::date::now(p);
    let time = if let Some(file) = options.value('r') {
        match p.stat(file) {
            Ok((_, node)) => Some(node.metadata().mtime),
            Err(e) => {
                let why = errno::text(e);
                let text =
                    if busybox { format!("can't stat '{file}': {why}") } else { format!("failed to get attributes of '{file}': {why}") };
                return p.fail(&text);
            }
        }
    } else if let Some(text) = options.value('t').or(options.value('d')) {
        let found = if options.has('t') { super::date::stamp(text, now) } else { super::date::parse_for(text, now, busybox) };
        match found {
            Some(seconds) => Some(seconds.saturating_mul(1_000_000_000)),
            None => {
                let text = match busybox {
                    true => format!("invalid date '{text}'"),
                    false => format!("invalid date format {}", super::names::quote(p, text)),
                };
                return p.fail(&text);
            }
        }
    } else {
        None
    };
    // Only the time of access is asked for: it is not kept.
    let changes = !options.has('a') || options.has('m');
    let mut status = 0;
    for path in options.operands.clone() {
        let found = if options.has('h') { p.lstat(&path) } else { p.stat(&path) };
        let result = match found {
            Ok((real, _)) if changes => p.system.set_time(&p.ids, &real, time),
            Ok(_) => Ok(()),
            Err(crate::filesystem::Errno::NoEntry) if options.has('c') || options.has('h') && busybox => Ok(()),
            Err(crate::filesystem::Errno::NoEntry) => {
                let (cwd, mode) = (p.cwd.clone(), 0o666 & !p.umask);
                p.system.open_write(&p.ids, &cwd, &path, mode, false).and_then(|real| match time {
                    Some(time) => p.system.set_time(&p.ids, &real, Some(time)),
                    None => Ok(()),
                })
            }
            Err(e) => Err(e),
        };
        if let Err(e) = result {
            let why = errno::text(e);
            status = p.fail(&if busybox { format!("{path}: {why}") } else { format!("cannot touch '{path}': {why}") });
        }
    }
    status
}

/// chmod.
pub fn chmod(p: &mut Process) -> i32 {
    let mut args: Vec<String> = p.args[1..].to_vec();
    let (mut recursive, mut told, mut changes, mut quiet) = (false, false, false, false);
    args.retain(|a| {
        let flag = matches!(a.as_str(), "--recursive" | "--verbose" | "--changes" | "--silent" | "--quiet")
            || (a.len() > 1 && a.starts_with('-') && a[1..].chars().all(|c| "Rvfc".contains(c)));
        recursive |= flag && (a.contains('R') || a == "--recursive");
        told |= flag && (a.contains('v') || a.contains('c'));
        changes |= flag && a.contains('c') && !a.contains('v');
        quiet |= flag && (a.contains('f') || a == "--silent" || a == "--quiet");
        !flag
    });
    if let Some(at) = args.iter().position(|a| a.starts_with("--reference=") && !p.busybox()) {
        let file = args.remove(at)["--reference=".len()..].to_owned();
        match p.stat(&file) {
            Ok((_, node)) => args.insert(0, format!("{:o}", node.metadata().mode)),
            Err(e) => return p.fail(&format!("failed to get attributes of '{file}': {}", errno::text(e))),
        }
    }
    let Some(mode) = args.first().cloned().filter(|_| args.len() > 1) else {
        if !p.busybox() {
            let text = args.first().map_or("missing operand".to_owned(), |mode| format!("missing operand after '{mode}'"));
            p.fail(&text);
        }
        return super::options::usage(p);
    };
    let mut status = 0;
    for path in &args[1..] {
        let mut todo = match p.stat(path) {
            Ok((real, _)) => vec![real],
            Err(_) if quiet => {
                status = 1;
                continue;
            }
            Err(e) if p.busybox() => {
                status = p.fail(&format!("{path}: {}", errno::text(e)));
                continue;
            }
            Err(e) => {
                status = p.fail(&format!("cannot access '{path}': {}", errno::text(e)));
                continue;
            }
        };
        let top = todo[0].clone();
        while let Some(real) = todo.pop() {
            let Some(node) = p.system.node(&real) else { continue };
            let directory = node.as_directory().cloned();
            if matches!(node, crate::filesystem::Node::Symlink(_)) || !p.burn(10) {
                continue;
            }
            let Some(new) =
                super::mode::change(&mode, node.metadata().mode, p.umask, directory.is_some(), directory.is_some() && !p.busybox())
            else {
                if p.busybox() {
                    return p.fail(&format!("invalid mode '{mode}'"));
                }
                let text = format!("invalid mode: {}", super::names::quote(p, &mode));
                return super::options::refuse(p, &text);
            };
            let old = node.metadata().mode;
            let shown = format!("{path}{}", &real.as_str()[top.as_str().len().min(real.as_str().len())..]);
            match p.system.chmod(&p.ids, &real, new) {
                Ok(()) if told && (old != new || !changes) => {
                    let text = |mode: u32| super::mode::show('-', mode)[1..].to_owned();
                    let line = match (p.busybox(), old == new) {
                        (true, _) => format!("mode of '{shown}' changed to {new:04o} ({})\n", text(new)),
                        (_, true) => format!("mode of '{shown}' retained as {new:04o} ({})\n", text(new)),
                        _ => format!("mode of '{shown}' changed from {old:04o} ({}) to {new:04o} ({})\n", text(old), text(new)),
                    };
                    p.out(line);
                }
                Ok(()) => {}
                Err(_) if quiet => status = 1,
                Err(e) if p.busybox() => status = p.fail(&format!("{shown}: {}", errno::text(e))),
                Err(e) => status = p.fail(&format!("changing permissions of '{shown}': {}", errno::text(e))),
            }
            if recursive {
                todo.extend(directory.iter().flat_map(|d| d.entries.keys()).map(|n| real.child(n)));
            }
        }
    }
    status
}
