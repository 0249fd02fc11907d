//! sed: [`parse`] reads scripts, [`run`] runs them; here are its options and the files edited in place.

mod parse;
mod run;

use self::parse::Command;
use self::run::{Input, Manner, Run};
use super::options::{of, usage};
use crate::filesystem::Errno;
use crate::machine::{Process, errno};

const LONG: &[(&str, char)] = &[
    ("expression", 'e'),
    ("file", 'f'),
    ("quiet", 'n'),
    ("silent", 'n'),
    ("regexp-extended", 'E'),
    ("in-place", 'i'),
    ("separate", 's'),
    ("null-data", 'z'),
    ("line-length", 'l'),
    ("unbuffered", 'u'),
    ("follow-symlinks", 'L'),
    ("posix", 'p'),
    ("sandbox", 'S'),
    ("debug", 'D'),
    ("version", 'V'),
];

/// sed.
pub fn sed(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let mut options = match of(p, if busybox { "nErue:f:i;V" } else { "nErsuze:f:i;l:LpSDV" }, LONG) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.has('V') {
        p.out(if busybox { "This is not GNU sed version 4.0\n" } else { "sed (GNU sed) 4.9\n" });
        return 0;
    }
    // The script, and where each `-e` begins in it.
    let mut script = Vec::new();
    let mut parts = Vec::new();
    for (letter, value) in options.given.clone() {
        let text = match letter {
            'e' => value.clone().into_bytes(),
            'f' => match p.input(&value) {
                Ok(mut data) => {
                    if data.last() == Some(&b'\n') {
                        data.pop();
                    }
                    data
                }
                Err(e) => {
                    let why = errno::text(e);
                    let text = if busybox { format!("{value}: {why}") } else { format!("couldn't open file {value}: {why}") };
                    return p.fail(&text);
                }
            },
            _ => continue,
        };
        if !parts.is_empty() {
            script.push(b'\n');
        }
        parts.push((script.len(), letter, value));
        script.extend(text);
    }
    if parts.is_empty() {
        if options.operands.is_empty() {
            return no_script(p);
        }
        parts.push((0, 'e', String::new()));
        script = options.operands.remove(0).into_bytes();
    }
    let extended = options.has('E') || options.has('r');
    let quiet = options.has('n') || script.starts_with(b"#n\n") || script == b"#n";
    let commands = match parse::parse(&script, extended, busybox) {
        Ok(commands) => commands,
        Err((text, at)) => return wrong(p, &text, at, &parts, &script),
    };
    let end = if options.has('z') { 0 } else { b'\n' };
    let width = if busybox { 0 } else { options.value('l').and_then(|l| l.parse().ok()).unwrap_or(70) };
    let manner = Manner { quiet, busybox, end, width };
    if let Some(suffix) = options.value('i').map(str::to_owned) {
        return in_place(p, &options.operands, &suffix, &commands, manner);
    }
    let (mut inputs, mut status) = (Vec::new(), 0);
    for file in options.files() {
        match load(p, &file, false) {
            Ok(input) => inputs.push(input),
            Err(code) => status = code,
        }
    }
    let groups: Vec<&[Input]> = if options.has('s') { inputs.chunks(1).collect() } else { vec![&inputs] };
    let mut files = std::collections::BTreeMap::new();
    for group in groups {
        let mut run = Run::new(p, &commands, group, manner);
        run.all();
        let (out, code) = (run.out, run.code);
        for (name, data) in run.files {
            files.entry(name).or_insert_with(Vec::new).extend(data);
        }
        p.out(out);
        if code.is_some() {
            status = code.map(|c| if c == run::DIED { 1 } else { c }).filter(|c| *c != 0).unwrap_or(status);
            break;
        }
    }
    written(p, files).unwrap_or(status)
}

/// Writes what `w` collected; the status if a file cannot be written.
fn written(p: &mut Process, files: std::collections::BTreeMap<String, Vec<u8>>) -> Option<i32> {
    for (name, data) in files.into_iter().filter(|(name, _)| name != "/dev/stdout") {
        if name == "/dev/stderr" {
            p.err(data);
        } else if let Err(e) = p.write(&name, data) {
            let why = errno::text(e);
            let text = if p.busybox() { format!("can't open '{name}': {why}") } else { format!("couldn't open file {name}: {why}") };
            return Some(if p.busybox() { p.fail(&text) } else { p.fail(&text).max(4) });
        }
    }
    None
}

fn no_script(p: &mut Process) -> i32 {
    if p.busybox() {
        return usage(p);
    }
    p.err("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n\n");
    1
}

/// What is wrong with a script, told as GNU tells where.
fn wrong(p: &mut Process, text: &str, at: usize, parts: &[(usize, char, String)], script: &[u8]) -> i32 {
    if p.busybox() || at == usize::MAX {
        return p.fail(text);
    }
    let i = parts.iter().rposition(|(start, ..)| *start <= at).unwrap_or(0);
    let (start, letter, file) = &parts[i];
    let place = if *letter == 'f' {
        format!("file {file} line {}", 1 + script[*start..at.min(script.len())].iter().filter(|b| **b == b'\n').count())
    } else {
        format!("-e expression #{}, char {}", i + 1, at.min(script.len()) - start)
    };
    p.fail(&format!("{place}: {text}"))
}

fn load(p: &mut Process, file: &str, in_place: bool) -> Result<Input, i32> {
    let found = if in_place { p.read(file) } else { p.input(file) };
    match found {
        Ok(data) => Ok(Input { name: file.to_owned(), data }),
        Err(e) => {
            let why = errno::text(e);
            let status = if p.busybox() { 1 } else { 2 };
            let text = match e {
                _ if p.busybox() => format!("{file}: {why}"),
                Errno::IsADirectory if in_place => {
                    p.fail(&format!("couldn't edit {file}: not a regular file"));
                    return Err(4);
                }
                Errno::IsADirectory => format!("read error on {file}: {why}"),
                _ => format!("can't read {file}: {why}"),
            };
            p.fail(&text);
            Err(status)
        }
    }
}

/// Each file on its own; a new file takes the place of the old one.
fn in_place(p: &mut Process, files: &[String], suffix: &str, commands: &[Command], manner: Manner) -> i32 {
    if files.is_empty() && !p.busybox() {
        return p.fail("no input files");
    }
    let mut status = 0;
    for file in files {
        let input = match load(p, file, true) {
            Ok(input) => input,
            Err(code) => {
                status = code;
                continue;
            }
        };
        let inputs = [input];
        let mut run = Run::new(p, commands, &inputs, manner);
        run.all();
        let (out, code, written_files) = (run.out, run.code, run.files);
        if code == Some(run::DIED) {
            return 1;
        }
        let [Input { data, .. }] = inputs;
        if let Some(code) = written(p, written_files) {
            return code;
        }
        if let Err(e) = replace(p, file, suffix, data, out) {
            let why = errno::text(e);
            let text = if p.busybox() {
                format!("can't create temp file '{file}XXXXXX': {why}")
            } else {
                let folder = file.rsplit_once('/').map_or(".", |(f, _)| f);
                format!("couldn't open temporary file {folder}/sedXXXXXX: {why}")
            };
            status = if p.busybox() { p.fail(&text) } else { p.fail(&text).max(4) };
        }
        if let Some(code) = code.filter(|c| *c != 0) {
            return code;
        }
    }
    status
}

fn replace(p: &mut Process, file: &str, suffix: &str, old: Vec<u8>, new: Vec<u8>) -> Result<(), Errno> {
    let (_, node) = p.stat(file)?;
    let metadata = node.metadata().clone();
    let (name, _) = p.lstat(file)?;
    if !suffix.is_empty() {
        let name = file.rsplit('/').next().unwrap_or(file);
        let backup = match (suffix.contains('*'), file.rsplit_once('/')) {
            (true, Some((folder, _))) if !suffix.contains('/') => format!("{folder}/{}", suffix.replace('*', name)),
            (true, _) => suffix.replace('*', name),
            (false, _) => format!("{file}{suffix}"),
        };
        p.write(&backup, old)?;
        if let Ok((real, _)) = p.stat(&backup) {
            let _ = p.system.chmod(&p.ids, &real, metadata.mode);
            let _ = p.system.chown(&p.ids, &real, Some(metadata.uid), Some(metadata.gid));
        }
    }
    p.system.unlink(&p.ids, &name)?;
    p.write(file, new)?;
    let (real, _) = p.stat(file)?;
    // Only root may give the file back to its owner.
    let _ = p.system.chown(&p.ids, &real, Some(metadata.uid), Some(metadata.gid));
    p.system.chmod(&p.ids, &real, metadata.mode)
}
