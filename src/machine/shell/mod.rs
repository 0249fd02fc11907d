//! The shell: read ([`parse`]), expand ([`expand`]), run ([`eval`]); one shell in three dialects.

pub mod arith;
pub mod ast;
pub mod builtins;
pub mod escape;
pub mod eval;
pub mod expand;
pub mod glob;
pub mod parse;

use std::time::Duration;

use crate::base::Map;
use std::collections::BTreeMap;

use super::{Fidelity, Process};
use eval::{Flow, Shell, Variable};

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
    let name = process.name().to_owned();
    process.system.report(&name, Fidelity::Ran);
    let mut shell = new_shell(process, dialect);
    let args = process.args.clone();
    let mut i = 1;
    let (mut command, mut from_stdin) = (false, false);
    while let Some(arg) = args.get(i).filter(|a| a.len() > 1 && a.starts_with(['-', '+'])) {
        i += 1;
        if arg == "--" {
            break;
        }
        if arg.starts_with("--") {
            continue;
        }
        for c in arg[1..].chars() {
            match c {
                'c' => command = true,
                's' => from_stdin = true,
                'o' | 'O' => {
                    let name = args.get(i).cloned().unwrap_or_default();
                    i += 1;
                    let set = if c == 'o' { builtins::find(dialect, "set") } else { None };
                    if let Some(set) = set
                        && let Err(Flow::Exit(status)) = set(&mut shell, process, &["set".into(), "-o".into(), name])
                    {
                        return status;
                    }
                }
                c => builtins::flag(&mut shell, c, arg.starts_with('-')),
            }
        }
    }
    let mut rest = args.get(i..).unwrap_or(&[]).iter().cloned();
    if command {
        let Some(text) = rest.next() else { return 2 };
        if let Some(name) = rest.next() {
            shell.name = name;
        }
        shell.positional = rest.collect();
        return run_shell(process, shell, &text);
    }
    if !from_stdin && let Some(file) = rest.next() {
        shell.positional = rest.collect();
        return script(process, shell, &file);
    }
    shell.positional = rest.collect();
    let text = process.stdin();
    run_shell(process, shell, &String::from_utf8_lossy(&text))
}

/// Runs a script file with `process.args` (the shell, the file, its arguments).
pub fn run_script(process: &mut Process, dialect: Dialect, file: &str) -> i32 {
    let mut shell = new_shell(process, dialect);
    shell.positional = process.args.get(2..).unwrap_or(&[]).to_vec();
    script(process, shell, file)
}

fn script(process: &mut Process, mut shell: Shell, file: &str) -> i32 {
    let zero = shell.name;
    shell.name = file.to_owned();
    shell.script = true;
    match process.read(file) {
        Ok(bytes) => run_shell(process, shell, &String::from_utf8_lossy(&bytes)),
        Err(e) => {
            let text = super::errno::text(e);
            process.err(match shell.dialect {
                Dialect::Ash => format!("{zero}: can't open '{file}': {text}\n"),
                Dialect::Dash => format!("{zero}: 0: cannot open {file}: No such file\n"),
                Dialect::Bash => format!("{zero}: {file}: {text}\n"),
            });
            if shell.dialect == Dialect::Dash { 2 } else { 127 }
        }
    }
}

fn run_shell(process: &mut Process, mut shell: Shell, text: &str) -> i32 {
    let result = shell.run_text(process, text);
    let status = match result {
        Ok(status) | Err(Flow::Exit(status) | Flow::Return(status)) => status,
        Err(_) => shell.status,
    };
    let status = shell.run_exit_trap(process, status);
    for (_, _, end) in shell.jobs {
        if shell.pid == 1 && end < Duration::from_secs(3600) {
            process.system.state.clock = process.system.state.clock.max(end);
        }
    }
    process.flush();
    status
}

fn new_shell(process: &Process, dialect: Dialect) -> Shell {
    let mut variables: Map<String, Variable> = process
        .env
        .iter()
        .filter(|(k, _)| parse::is_name(k))
        .map(|(k, v)| (k.clone(), Variable { value: Some(v.clone()), exported: true, ..Variable::default() }))
        .collect();
    let plain = |value: &str| Variable { value: Some(value.to_owned()), ..Variable::default() };
    variables.insert("IFS".into(), plain(" \t\n"));
    variables.insert("OPTIND".into(), plain("1"));
    variables.insert("PS4".into(), plain("+ "));
    variables.insert("PPID".into(), plain(&process.ppid.to_string()));
    let exported = variables.get("PWD").is_some_and(|v| v.exported) || dialect != Dialect::Dash;
    variables.insert("PWD".into(), Variable { exported, ..plain(process.cwd.as_str()) });
    if dialect == Dialect::Bash {
        variables.insert("BASH_VERSION".into(), plain("5.2.15(1)-release"));
        variables.insert("UID".into(), plain(&process.ids.uid.to_string()));
        variables.insert("EUID".into(), plain(&process.ids.uid.to_string()));
    }
    Shell {
        dialect,
        variables,
        functions: Map::new(),
        positional: Vec::new(),
        name: process.args.first().cloned().unwrap_or_default(),
        script: false,
        status: 0,
        errexit: false,
        nounset: false,
        xtrace: false,
        noglob: false,
        noexec: false,
        allexport: false,
        pipefail: false,
        pid: process.pid,
        last_job: None,
        jobs: Vec::new(),
        traps: BTreeMap::new(),
        locals: Vec::new(),
        aliases: BTreeMap::new(),
        line: 1,
        getopts: (1, 0),
        tested: 0,
        functions_deep: 0,
        loops: 0,
        builtin: None,
        substituted: None,
        trace_fd: None,
    }
}

/// The dialect of the image's `/bin/sh`.
pub fn dialect_of(process: &Process) -> Dialect {
    match process.stat("/bin/sh") {
        Ok((path, _)) if path.name() == "busybox" => Dialect::Ash,
        Ok((path, _)) if path.name() == "bash" => Dialect::Bash,
        _ => Dialect::Dash,
    }
}

#[cfg(test)]
pub(crate) mod tests;
