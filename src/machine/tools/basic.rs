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
    for arg in args.iter().skip(1) {
        let (digits, unit) = arg.split_at(arg.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
        let scale = match unit {
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => 1.0,
        };
        let seconds = digits.parse::<f64>().unwrap_or(if arg == "infinity" || arg == "inf" { 1e9 } else { 0.0 }) * scale;
        p.spend(Duration::try_from_secs_f64(seconds.clamp(0.0, 1e9)).unwrap_or_default());
    }
    0
}

/// mkdir.
pub fn mkdir(p: &mut Process) -> i32 {
    let mut mode = None;
    let mut paths = Vec::new();
    let (mut parents, mut args) = (false, p.args[1..].iter().cloned());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-m" | "--mode" => mode = args.next(),
            "--parents" => parents = true,
            a if a.starts_with("--mode=") => mode = Some(a[7..].to_owned()),
            a if a.starts_with('-') && a.len() > 1 => {
                parents |= a.contains('p');
                if a.ends_with('m') {
                    mode = args.next();
                }
            }
            _ => paths.push(arg),
        }
    }
    let mut status = 0;
    for path in paths {
        let result = if parents && p.is_dir(&path) {
            Ok(())
        } else if parents {
            p.mkdir_all(&path)
        } else {
            p.mkdir(&path)
        };
        let result = result.and_then(|()| match mode.as_deref().and_then(|m| super::mode::parse(m, 0o777, p.umask, true)) {
            Some(mode) => p.stat(&path).and_then(|(real, _)| p.system.chmod(&p.ids, &real, mode)),
            None => Ok(()),
        });
        if let Err(e) = result {
            let verb = if p.busybox() { "can't create directory '" } else { "cannot create directory \u{2018}" };
            let close = if p.busybox() { "'" } else { "\u{2019}" };
            status = p.fail(&format!("{verb}{path}{close}: {}", errno::text(e)));
        }
    }
    status
}

/// rm.
pub fn rm(p: &mut Process) -> i32 {
    let (letters, long, paths) = split(p);
    let recursive = letters.contains(['r', 'R']) || long.iter().any(|l| l == "recursive");
    let force = letters.contains('f') || long.iter().any(|l| l == "force");
    let mut status = 0;
    for path in paths {
        let result = p.lstat(&path).map(|(_, node)| node.as_directory().is_some());
        let text = match result {
            Err(crate::filesystem::Errno::NoEntry) if force => continue,
            Ok(true) if !recursive => {
                if p.busybox() {
                    format!("'{path}' is a directory")
                } else {
                    format!("cannot remove '{path}': Is a directory")
                }
            }
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

fn denied(p: &Process, path: &str, e: crate::filesystem::Errno) -> String {
    format!("{} '{path}': {}", if p.busybox() { "can't remove" } else { "cannot remove" }, errno::text(e))
}

/// touch.
pub fn touch(p: &mut Process) -> i32 {
    let (letters, _, paths) = split(p);
    let mut status = 0;
    for path in paths {
        let result = match p.stat(&path) {
            Ok((real, _)) => p.system.set_time(&p.ids, &real, None),
            Err(crate::filesystem::Errno::NoEntry) if letters.contains('c') => Ok(()),
            Err(crate::filesystem::Errno::NoEntry) => p.system.open_write(&p.ids, &p.cwd, &path, 0o666 & !p.umask, false).map(|_| ()),
            Err(e) => Err(e),
        };
        if let Err(e) = result {
            status = p.fail(&if p.busybox() {
                format!("{path}: {}", errno::text(e))
            } else {
                format!("cannot touch '{path}': {}", errno::text(e))
            });
        }
    }
    status
}

/// chmod.
pub fn chmod(p: &mut Process) -> i32 {
    let mut args: Vec<String> = p.args[1..].to_vec();
    let mut recursive = false;
    args.retain(|a| {
        let flag = a == "--recursive" || (a.starts_with('-') && a[1..].chars().all(|c| "Rvfc".contains(c)));
        recursive |= flag && (a.contains('R') || a == "--recursive");
        !flag
    });
    let Some(mode) = args.first().cloned() else { return p.fail("missing operand") };
    let mut status = 0;
    for path in &args[1..] {
        let mut todo = match p.stat(path) {
            Ok((real, _)) => vec![real],
            Err(e) => {
                status = p.fail(&format!("{path}: {}", errno::text(e)));
                continue;
            }
        };
        while let Some(real) = todo.pop() {
            let Some(node) = p.system.node(&real) else { continue };
            let directory = node.as_directory().cloned();
            if matches!(node, crate::filesystem::Node::Symlink(_)) || !p.burn(10) {
                continue;
            }
            let Some(new) =
                super::mode::change(&mode, node.metadata().mode, p.umask, directory.is_some(), directory.is_some() && !p.busybox())
            else {
                return p.fail(&if p.busybox() {
                    format!("invalid mode '{mode}'")
                } else {
                    format!("invalid mode: \u{2018}{mode}\u{2019}")
                });
            };
            if let Err(e) = p.system.chmod(&p.ids, &real, new) {
                status = p.fail(&format!("{path}: {}", errno::text(e)));
            }
            if recursive {
                todo.extend(directory.iter().flat_map(|d| d.entries.keys()).map(|n| real.child(n)));
            }
        }
    }
    status
}
