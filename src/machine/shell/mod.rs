//! The shell: read, expand, run.

use super::Process;

/// Whose manners the shell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Dialect {
    Ash,
    Dash,
    Bash,
}

/// Runs the shell with `process.args`.
pub fn run(process: &mut Process, dialect: Dialect) -> i32 {
    let _ = dialect;
    process.err("bottleship: the shell is not there yet\n");
    0
}

/// Runs a script file.
pub fn run_script(process: &mut Process, dialect: Dialect, file: &str) -> i32 {
    let _ = file;
    run(process, dialect)
}

/// The dialect of the image's `/bin/sh`.
pub fn dialect_of(process: &Process) -> Dialect {
    match process.stat("/bin/sh") {
        Ok((path, _)) if path.name() == "busybox" => Dialect::Ash,
        Ok((path, _)) if path.name() == "bash" => Dialect::Bash,
        _ => Dialect::Dash,
    }
}
