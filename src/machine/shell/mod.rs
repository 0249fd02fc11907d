//! The shell: read ([`parse`]), expand ([`expand`]), run ([`eval`]); one shell in three dialects.

pub mod arith;
pub mod ast;
pub mod builtins;
pub mod escape;
pub mod eval;
pub mod expand;
pub mod glob;
pub mod parse;
pub mod print;
pub mod session;
pub mod state;

use std::time::Duration;

use crate::base::Map;
use std::collections::BTreeMap;

use super::{Fidelity, Process, recipe};
use state::{Data, Options, Origin, Variable};
pub use state::{Flow, Shell};

/// The bash that is played, and what it was built for.
const VERSION: &str = "5.2.15(1)-release";
const MACHINE: &str = "x86_64-pc-linux-gnu";

/// Whose manners the shell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Dialect {
    Ash,
    Dash,
    Bash,
}

/// The dialect of a program called `name` whose file is called `file`, if it is a shell.
pub fn dialect_named(name: &str, file: &str) -> Option<Dialect> {
    match (name.trim_start_matches('-'), file) {
        ("ash", _) | ("sh", "busybox") => Some(Dialect::Ash),
        ("bash", _) | ("sh", "bash") => Some(Dialect::Bash),
        ("sh" | "dash", _) => Some(Dialect::Dash),
        _ => None,
    }
}

/// Runs the shell with `process.args`.
pub fn run(process: &mut Process, dialect: Dialect) -> i32 {
    let name = process.name().to_owned();
    process.system.report(&name, Fidelity::Ran);
    let mut shell = new_shell(process, dialect);
    if let Some(name) = process.var("LC_ALL").map(str::to_owned).filter(|name| dialect == Dialect::Bash && !has_locale(process, name)) {
        process.err(format!("{}: warning: setlocale: LC_ALL: cannot change locale ({name})\n", shell.name));
    }
    let args = process.args.clone();
    let mut i = 1;
    let (mut command, mut from_stdin) = (false, false);
    while let Some(arg) = args.get(i).filter(|a| a.len() > 1 && a.starts_with(['-', '+'])) {
        i += 1;
        if arg == "--" {
            break;
        }
        if arg.starts_with("--") {
            match arg.as_str() {
                "--version" if dialect == Dialect::Bash => {
                    process.out(format!("GNU bash, version {VERSION} ({MACHINE})\n"));
                    return 0;
                }
                "--rcfile" | "--init-file" => i += 1,
                _ if dialect == Dialect::Dash => return bad_option(&shell, process, "--"),
                _ => {}
            }
            continue;
        }
        let on = arg.starts_with('-');
        for letter in arg[1..].chars() {
            match letter {
                'c' => command = true,
                's' => from_stdin = true,
                'l' => {}
                'O' if dialect == Dialect::Bash => {
                    let name = args.get(i).cloned().unwrap_or_default();
                    i += 1;
                    if !builtins::shopt::switch(&mut shell, &name, on) {
                        process.err(format!("{}: line 0: {name}: invalid shell option name\n", shell.name));
                        return 2;
                    }
                }
                'o' | 'O' => {
                    let name = args.get(i).cloned().unwrap_or_default();
                    i += 1;
                    if letter == 'o'
                        && let Err(status) = option(&mut shell, process, &name, on)
                    {
                        return status;
                    }
                }
                letter => {
                    if !builtins::flag(&mut shell, letter, on) {
                        return bad_option(&shell, process, &format!("{}{letter}", if on { '-' } else { '+' }));
                    }
                }
            }
        }
    }
    let mut rest = args.get(i..).unwrap_or(&[]).iter().cloned();
    if command {
        let Some(text) = rest.next() else {
            let zero = &shell.name;
            process.err(match dialect {
                Dialect::Ash => format!("{zero}: -c requires an argument\n"),
                Dialect::Dash => format!("{zero}: 0: -c requires an argument\n"),
                Dialect::Bash => format!("{zero}: -c: option requires an argument\n"),
            });
            return 2;
        };
        if let Some(name) = rest.next() {
            shell.name = name;
            shell.named = true;
        }
        shell.positional = rest.collect();
        return run_shell(process, shell, &text);
    }
    if !from_stdin && let Some(file) = rest.next() {
        shell.positional = rest.collect();
        return script(process, shell, &file);
    }
    shell.positional = rest.collect();
    shell.origin = Origin::Input;
    let text = process.stdin();
    if let Some(status) = recipe::installer(process, &text, &shell.positional) {
        return status;
    }
    run_shell(process, shell, &String::from_utf8_lossy(&text))
}

/// Whether the C library has a locale; of other systems than Debian it is not known.
pub fn has_locale(process: &Process, name: &str) -> bool {
    !process.exists("/var/lib/dpkg") || super::tools::locale::is_available(process, name)
}

fn option(shell: &mut Shell, process: &mut Process, name: &str, on: bool) -> Result<(), i32> {
    if builtins::named_flag(shell, name, on) {
        return Ok(());
    }
    let sign = if on { '-' } else { '+' };
    Err(match shell.dialect {
        Dialect::Bash => {
            process.err(format!("{0}: line 0: {0}: {name}: invalid option name\n", shell.name));
            2
        }
        // ash reads commands then, from its input.
        Dialect::Ash => {
            bad_option(shell, process, &format!("{sign}o {name}"));
            0
        }
        Dialect::Dash => bad_option(shell, process, &format!("{sign}o {name}")),
    })
}

fn bad_option(shell: &Shell, process: &mut Process, option: &str) -> i32 {
    let zero = &shell.name;
    process.err(match shell.dialect {
        Dialect::Ash => format!("{zero}: illegal option {option}\n"),
        Dialect::Dash => format!("{zero}: 0: Illegal option {option}\n"),
        Dialect::Bash => format!("{zero}: {option}: invalid option\n"),
    });
    2
}

/// Runs a script file with `process.args` (the shell, the file, its arguments).
pub fn run_script(process: &mut Process, dialect: Dialect, file: &str) -> i32 {
    let mut shell = new_shell(process, dialect);
    shell.positional = process.args.get(2..).unwrap_or(&[]).to_vec();
    script(process, shell, file)
}

fn script(process: &mut Process, mut shell: Shell, file: &str) -> i32 {
    let zero = std::mem::replace(&mut shell.name, file.to_owned());
    shell.origin = Origin::Script;
    let bytes = match process.is_dir(file) {
        // They open it, and nothing can be read from it.
        true if shell.dialect != Dialect::Bash => Ok(Vec::new()),
        true => Err(crate::filesystem::Errno::IsADirectory),
        false => process.input(file),
    };
    match bytes {
        Ok(bytes) => match recipe::installer(process, &bytes, &shell.positional) {
            Some(status) => status,
            None => run_shell(process, shell, &String::from_utf8_lossy(&bytes)),
        },
        Err(e) => {
            let text = super::errno::text(e);
            process.err(match shell.dialect {
                Dialect::Ash => format!("{zero}: can't open '{file}': {text}\n"),
                Dialect::Dash if e == crate::filesystem::Errno::NoEntry => format!("{zero}: 0: cannot open {file}: No such file\n"),
                Dialect::Dash => format!("{zero}: 0: cannot open {file}: {text}\n"),
                Dialect::Bash if e == crate::filesystem::Errno::NoEntry => format!("{zero}: {file}: {text}\n"),
                Dialect::Bash => format!("{file}: {file}: {text}\n"),
            });
            match (shell.dialect, e) {
                (Dialect::Bash, crate::filesystem::Errno::NoEntry) => 127,
                (Dialect::Bash, _) => 126,
                _ => 2,
            }
        }
    }
}

fn run_shell(process: &mut Process, mut shell: Shell, text: &str) -> i32 {
    let echo = shell.bash() || shell.origin != Origin::Text;
    // ash counts the lines of a text from 0.
    let first = !(shell.dialect == Dialect::Ash && shell.origin == Origin::Text) as u32;
    let result = shell.run_lines(process, text, first, echo);
    let status = shell.ended(result);
    let status = shell.run_exit_trap(process, status);
    shell.close(process);
    for job in shell.jobs {
        if shell.pid == 1 && job.end < Duration::from_secs(3600) {
            process.system.state.clock = process.system.state.clock.max(job.end);
        }
    }
    process.flush();
    status
}

/// A shell that has done nothing yet.
pub fn new_shell(process: &Process, dialect: Dialect) -> Shell {
    let mut variables: Map<String, Variable> = process
        .env
        .iter()
        .filter(|(k, _)| parse::is_name(k))
        .map(|(k, v)| (k.clone(), Variable { data: Data::Text(v.clone()), exported: true, ..Variable::default() }))
        .collect();
    let plain = |value: &str| Variable { data: Data::Text(value.to_owned()), ..Variable::default() };
    variables.insert("IFS".into(), plain(" \t\n"));
    variables.insert("OPTIND".into(), plain("1"));
    let prompt = if process.ids.is_root() { "# " } else { "$ " };
    let prompts = [("PS1", if dialect == Dialect::Ash { "\\w \\$ " } else { prompt }), ("PS2", "> "), ("PS4", "+ ")];
    for (name, value) in &prompts[(dialect == Dialect::Bash) as usize..] {
        if !variables.contains_key(*name) {
            variables.insert((*name).into(), plain(value));
        }
    }
    if dialect != Dialect::Dash {
        let level = process.var("SHLVL").and_then(|l| l.parse::<u32>().ok()).unwrap_or(0) + 1;
        variables.insert("SHLVL".into(), Variable { exported: true, ..plain(&level.to_string()) });
        variables.insert("HOSTNAME".into(), Variable { exported: process.var("HOSTNAME").is_some(), ..plain(&process.system.hostname) });
    }
    if dialect != Dialect::Bash && !variables.contains_key("PATH") {
        variables.insert("PATH".into(), plain(if dialect == Dialect::Ash { "/sbin:/usr/sbin:/bin:/usr/bin" } else { eval::DEFAULT_PATH }));
    }
    if dialect == Dialect::Ash {
        variables.insert("FUNCNAME".into(), plain(""));
        variables.insert("LINENO".into(), plain(""));
    }
    variables.insert("PPID".into(), plain(&process.ppid.to_string()));
    variables.insert("PWD".into(), Variable { exported: true, ..plain(process.cwd.as_str()) });
    if dialect == Dialect::Bash {
        for (name, value) in [
            ("BASH", if process.args.first().is_some_and(|a| a.starts_with('/')) { &process.args[0] } else { "/usr/bin/bash" }),
            ("BASH_VERSION", VERSION),
            ("HOSTTYPE", "x86_64"),
            ("MACHTYPE", MACHINE),
            ("OSTYPE", "linux-gnu"),
            ("OPTERR", "1"),
        ] {
            variables.insert(name.into(), plain(value));
        }
        if !variables.contains_key("PATH") {
            variables.insert("PATH".into(), plain(eval::DEFAULT_PATH));
        }
        let array = |values: &mut dyn Iterator<Item = String>| {
            let items = values.enumerate().map(|(i, value)| (i.to_string(), value)).collect();
            Variable { data: Data::Array(false, std::rc::Rc::new(items)), ..Variable::default() }
        };
        let version = VERSION.split(['.', '(', ')', '-']).filter(|part| !part.is_empty()).chain([MACHINE]);
        variables.insert("BASH_VERSINFO".into(), array(&mut version.map(str::to_owned)));
        let groups = std::iter::once(&process.ids.gid).chain(process.ids.groups.iter().filter(|g| **g != process.ids.gid));
        variables.insert("GROUPS".into(), array(&mut groups.map(u32::to_string)));
        if !variables.contains_key("OLDPWD") {
            variables.insert("OLDPWD".into(), Variable { exported: true, ..Variable::default() });
        }
        variables.insert("UID".into(), plain(&process.ids.uid.to_string()));
        variables.insert("EUID".into(), plain(&process.ids.uid.to_string()));
    }
    Shell {
        dialect,
        options: Options { shopts: builtins::shopt::initial(), ..Options::default() },
        variables,
        functions: if dialect == Dialect::Bash { print::imported(&process.env) } else { Map::new() },
        positional: Vec::new(),
        name: process.args.first().cloned().unwrap_or_default(),
        applet: process.name().trim_start_matches('-').to_owned(),
        origin: Origin::Text,
        status: 0,
        pid: process.pid,
        named: false,
        subshell: false,
        last_job: None,
        jobs: Vec::new(),
        traps: BTreeMap::new(),
        locals: Vec::new(),
        local_options: None,
        callers: Vec::new(),
        aliases: BTreeMap::new(),
        // ash counts a text that is read before the first command from here.
        line: (dialect != Dialect::Ash) as u32,
        getopts: (1, 0),
        tested: 0,
        functions_deep: 0,
        loops: 0,
        builtin: None,
        file: None,
        substituted: None,
        levels: 0,
        folders: Vec::new(),
        sinks: Vec::new(),
        lasting: Vec::new(),
        pipes: Vec::new(),
        trapping: Vec::new(),
        outer_traps: BTreeMap::new(),
        command_text: None,
        last_argument: String::new(),
        hashed: BTreeMap::new(),
        subshells: 0,
        seconds: 0,
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
