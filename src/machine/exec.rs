//! Starting a program: the path, the permissions, the `#!` line; then who answers: the shell, a tool, a recipe, or nobody.

use std::time::Duration;

use super::files::{Access, permits};
use super::process::{Flavour, MAX_DEPTH, Process};
use super::shell;
use super::{Fidelity, recipe, tools};
use crate::filesystem::{Content, Errno, Node};
use crate::world::assumed::Sought;

/// Why a program could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum StartError {
    NotFound,
    /// The file is there, but not the program that its first line names.
    NoInterpreter,
    Errno(Errno),
}

/// The file that a command word names: PATH is searched unless it has a slash.
pub fn find(process: &Process, name: &str, path: &str) -> Result<String, StartError> {
    if name.contains('/') {
        let found = check(process, name).inspect_err(|error| process.system.sought_in_vain(*error, Sought::Program));
        return found.map(|()| name.to_owned()).map_err(StartError::Errno);
    }
    let (mut error, mut missed) = (StartError::NotFound, 0);
    for folder in path.split(':').filter(|_| !name.is_empty()) {
        let full = if folder.is_empty() { name.to_owned() } else { format!("{}/{name}", folder.trim_end_matches('/')) };
        match check(process, &full) {
            Ok(()) => {
                process.system.forget_missed(missed);
                return Ok(full);
            }
            Err(Errno::NoEntry) => missed += 1,
            Err(Errno::AccessDenied) => error = StartError::Errno(Errno::AccessDenied),
            Err(_) => {}
        }
    }
    process.system.sought(missed, Sought::Program);
    Err(error)
}

/// The file of one of busybox's own commands, which its shell runs whatever PATH says (Debian's build; Alpine's looks at PATH).
pub fn applet(process: &Process, name: &str) -> Option<String> {
    if name.contains('/') || name.is_empty() || process.exists("/etc/alpine-release") {
        return None;
    }
    ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"]
        .into_iter()
        .map(|folder| format!("{folder}{name}"))
        .find(|path| process.stat(path).is_ok_and(|(real, _)| real.name() == "busybox"))
}

/// The program and its one argument that the first line of a script names. A carriage return belongs to the name: such a program is
/// hardly ever there.
fn interpreter(head: &[u8]) -> Option<(String, String)> {
    const BLANKS: [char; 2] = [' ', '\t'];
    let line = head.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let line = line.trim_matches(BLANKS);
    let (program, argument) = line.split_once(BLANKS).map_or((line, ""), |(p, a)| (p, a.trim_matches(BLANKS)));
    Some((program.to_owned(), argument.to_owned()))
}

/// Whether a file is a script for a program that is not there.
pub fn interpreter_is_missing(process: &Process, file: &str) -> bool {
    let known = recipe::known_as(process, file.rsplit('/').next().unwrap_or("")).is_some();
    match process.stat(file) {
        Ok((_, Node::File(node))) if !known => {
            interpreter(&node.content.head(4096)).is_some_and(|(program, _)| process.stat(&program).is_err())
        }
        _ => false,
    }
}

/// Why the kernel itself cannot run a file: a script for a program that is not there, a text that no line says how to run.
pub fn unrunnable(process: &mut Process, file: &str) -> Option<&'static str> {
    if interpreter_is_missing(process, file) {
        return Some("no such file or directory");
    }
    let Ok((real, Node::File(node))) = process.stat(file) else { return None };
    let by_file = file.rsplit('/').next().unwrap_or("");
    let names = [process.name(), real.name(), by_file];
    let known = names.iter().any(|name| {
        shell::dialect_named(name, real.name()).is_some() || tools::find(name).is_some() || recipe::known_as(process, name).is_some()
    });
    (!known && real.name() != "busybox" && is_text(&node.content) && interpreter(&node.content.head(4096)).is_none())
        .then_some("exec format error")
}

/// Whether a file is no program, but text that a shell can read.
fn is_text(content: &Content) -> bool {
    let head = content.head(256);
    !content.is_modelled() && !head.is_empty() && !head.contains(&0) && !head.starts_with(b"\x7fELF")
}

fn check(process: &Process, path: &str) -> Result<(), Errno> {
    match process.stat(path)?.1 {
        Node::File(f) if permits(&process.ids, &f.metadata, Access::Execute, false) => Ok(()),
        _ => Err(Errno::AccessDenied),
    }
}

/// Runs `process.args` in this process: finds the program, answers its exit status. Errors are printed as `env` would.
pub fn execute(process: &mut Process) -> i32 {
    let name = process.args.first().cloned().unwrap_or_default();
    let path = process.var("PATH").unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").to_owned();
    match find(process, &name, &path) {
        Ok(file) => execute_file(process, &file),
        Err(StartError::NotFound | StartError::NoInterpreter) => {
            process.err(format!("{name}: not found\n"));
            127
        }
        Err(StartError::Errno(errno)) => {
            process.err(format!("{name}: {}\n", super::errno::text(errno)));
            if errno == Errno::NoEntry { 127 } else { 126 }
        }
    }
}

/// Runs the program in `file` with `process.args`.
pub fn execute_file(process: &mut Process, file: &str) -> i32 {
    if process.depth > MAX_DEPTH {
        process.system.halt("processes nested too deeply");
        return 1;
    }
    if !process.system.burn_command() {
        return 1;
    }
    process.spend(Duration::from_millis(1));
    let status = start(process, file, 0);
    process.flush();
    process.killed.map_or(status, |signal| 128 + signal)
}

fn start(process: &mut Process, file: &str, interpreters: u32) -> i32 {
    let Ok((real, Node::File(node))) = process.stat(file) else { return 127 };
    if node.metadata.mode & 0o4000 != 0 {
        process.ids.uid = node.metadata.uid;
    }
    let head = node.content.head(4096);
    if let Some((program, argument)) = interpreter(&head).filter(|_| interpreters < 4) {
        // A script for an interpreter that is no shell cannot run; if it is a program that recipes know, they answer for it.
        if let Some(status) = (!is_shell(&program, &argument)).then(|| modelled(process, &[real.name()], file)).flatten() {
            return status;
        }
        if process.stat(&program).is_err() {
            process.err(format!(
                "{file}: not found
"
            ));
            return 127;
        }
        let mut args = vec![program.clone()];
        args.extend((!argument.is_empty()).then_some(argument));
        args.push(file.to_owned());
        args.extend(process.args.drain(..).skip(1));
        process.args = args;
        return start(process, &program, interpreters + 1);
    }
    let is_busybox = real.name() == "busybox";
    process.flavour = if is_busybox { Flavour::Busybox } else { Flavour::Gnu };
    let mut name = process.name().trim_start_matches('-').to_owned();
    if is_busybox && name == "busybox" {
        process.args.remove(0);
        name = process.name().to_owned();
    }
    let by_file = file.rsplit('/').next().unwrap_or("").to_owned();
    dispatch(process, &name, &[real.name().to_owned(), by_file], file)
}

fn is_shell(interpreter: &str, option: &str) -> bool {
    let name = |path: &str| path.rsplit('/').next().unwrap_or("").to_owned();
    let program = if name(interpreter) == "env" { option.trim_start_matches("-S").trim_start() } else { interpreter };
    matches!(name(program.split(' ').next().unwrap_or("")).as_str(), "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" | "busybox")
}

/// Asks the recipes under the name the program was called by, then under its others.
pub fn modelled(process: &mut Process, others: &[&str], file: &str) -> Option<i32> {
    let called = process.name().to_owned();
    let name = std::iter::once(called.as_str()).chain(others.iter().copied()).find_map(|name| recipe::known_as(process, name))?;
    let status = recipe::run(process, name, file)?;
    process.system.report(&called, Fidelity::Modelled);
    Some(status)
}

fn dispatch(process: &mut Process, name: &str, others: &[String], file: &str) -> i32 {
    let dialect = shell::dialect_named(name, &others[0]);
    if let Some(dialect) = dialect {
        return shell::run(process, dialect);
    }
    if let Some(status) = recipe::meet(process, name) {
        process.system.report(name, Fidelity::Modelled);
        return status;
    }
    // A modelled program is known by the path it had first, whatever it is called now.
    let seed = match process.content(file) {
        Ok(Content::Synthetic { seed, .. }) => seed,
        _ => "".into(),
    };
    // `./aws/install` of an archive is not the `install` of the system.
    let is_own = seed.rsplit_once('/').is_some_and(|(folder, _)| !folder.ends_with("bin"));
    for name in std::iter::once(name).filter(|_| !is_own).chain(others.iter().filter(|_| !is_own).map(String::as_str)) {
        if let Some(tool) = tools::find(name) {
            process.system.report(name, Fidelity::Ran);
            return tool(process);
        }
    }
    if let Some(status) = recipe::interpreted(process, name) {
        return status;
    }
    let first = seed.rsplit('/').next().unwrap_or("");
    let in_folder = seed.rmatch_indices('/').nth(1).map_or("", |(at, _)| &seed[at + 1..]);
    if let Some(status) = modelled(process, &[others[0].as_str(), &others[1], first, in_folder], file) {
        return status;
    }
    // A text file that is executable and no program: the shell that tried to start it runs it itself.
    if others[0] != "busybox" && process.content(file).is_ok_and(|content| is_text(&content)) {
        process.args.insert(0, "/bin/sh".into());
        process.args[1] = file.to_owned();
        let dialect = shell::dialect_of(process);
        return shell::run_script(process, dialect, file);
    }
    // A link of another name to busybox's binary; which commands Alpine's has is not known here.
    if others[0] == "busybox" && process.busybox() && applet(process, name).is_none() && !process.exists("/etc/alpine-release") {
        process.err(format!("{name}: applet not found\n"));
        return 127;
    }
    process.system.report(name, Fidelity::NotSimulated);
    process.err(format!("bottleship: {name} is not simulated\n"));
    0
}
