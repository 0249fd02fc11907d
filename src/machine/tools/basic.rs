//! The smallest tools: cat, mkdir, true, false, sleep.

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
        let gap = if visible && p.busybox() { "  " } else { "\t" };
        let mut out = Vec::with_capacity(bytes.len());
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let empty = self.start && line == b"\n";
            self.blank = if empty { self.blank + 1 } else { 0 };
            if has('s') && self.blank > 1 {
                continue;
            }
            if self.start && (has('n') || has('b')) && !(empty && has('b')) {
                self.line += 1;
                out.extend_from_slice(format!("{:>6}{gap}", self.line).as_bytes());
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
        let valid = matches!(unit, "" | "s" | "m" | "h" | "d") && !digits.is_empty() && !digits.starts_with('-');
        if (crate::base::parse_float(digits).is_none() || !valid) && !arg.starts_with("inf") {
            if p.busybox() {
                // Of what has a point it names the part behind it.
                let part = arg.split_once('.').map_or(arg.as_str(), |(_, part)| part);
                return p.fail(&format!("invalid number '{part}'"));
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
    let (mut status, cwd) = (0, p.cwd.clone());
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
                Err(e) if options.has('p') && p.lstat(part).is_ok() => Err(e),
                // What the folder on the way was made with lets its owner in.
                _ if !last => p.system.mkdir(&p.ids, &cwd, part, 0o777 & !(p.umask & !0o300)),
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
