//! eval, `.`, exec.

use super::super::Dialect;
use super::super::state::{Flow, Ran, Shell};
use crate::filesystem::Errno;
use crate::machine::process::MAX_DEPTH;
use crate::machine::{Process, errno};

/// eval.
pub fn eval(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let rest = &args[1..];
    let rest = if rest.first().is_some_and(|a| a == "--") { &rest[1..] } else { rest };
    nested(s, p, |s, p| {
        s.levels += s.bash() as usize;
        let line = if s.dialect == Dialect::Dash { 1 } else { s.line };
        let result = s.run_text(p, &rest.join(" "), line);
        s.levels -= s.bash() as usize;
        result
    })
}

/// Runs something that can run itself again.
pub(super) fn nested(s: &mut Shell, p: &mut Process, run: impl FnOnce(&mut Shell, &mut Process) -> Ran) -> Ran {
    s.functions_deep += 1;
    let result = match s.functions_deep + p.depth > MAX_DEPTH {
        true => {
            p.system.halt("scripts nested too deeply");
            Err(Flow::Exit(1))
        }
        false => run(s, p),
    };
    s.functions_deep -= 1;
    result
}

/// `.` and source.
pub fn source(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let Some(name) = args.get(1) else {
        if s.bash() {
            s.complain(p, "filename argument required");
            p.err(format!("{0}: usage: {0} filename [arguments]\n", args[0]));
        }
        return Ok(if s.dialect == Dialect::Dash { 0 } else { 2 });
    };
    let mut path = Some(name.clone());
    if !name.contains('/') {
        let folders = s.get("PATH").unwrap_or_default();
        path = folders.split(':').map(|f| format!("{f}/{name}")).find(|f| p.exists(f));
        if path.is_none() && s.bash() {
            path = Some(name.clone());
        }
    }
    let Some(path) = path else {
        s.complain(p, &format!("{name}: not found"));
        return Err(Flow::Error(2));
    };
    let bytes = match p.is_dir(&path) {
        true if !s.bash() => Ok(Vec::new()),
        true => Err(Errno::IsADirectory),
        false => p.input(&path),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            let text = match s.dialect {
                Dialect::Bash if error == Errno::IsADirectory => {
                    s.complain(p, &format!("{name}: is a directory"));
                    return Ok(1);
                }
                Dialect::Bash => format!("{name}: {}", errno::text(error)),
                Dialect::Ash => format!("can't open '{name}': {}", errno::text(error)),
                Dialect::Dash if error == Errno::NoEntry => format!("cannot open {name}: No such file"),
                Dialect::Dash => format!("cannot open {name}: {}", errno::text(error)),
            };
            if !s.bash() {
                s.complain(p, &text);
                return Err(Flow::Error(2));
            }
            s.complain_plain(p, &text);
            return Ok(1);
        }
    };
    let outer = (args.len() > 2 && s.dialect != Dialect::Dash).then(|| std::mem::replace(&mut s.positional, args[2..].to_vec()));
    let (line, builtin) = (s.line, if s.bash() { s.builtin.take() } else { s.builtin.replace(path.clone()) });
    let file = if s.bash() { s.file.replace(path) } else { None };
    let loops = s.loops;
    s.levels += s.bash() as usize;
    let result = nested(s, p, |s, p| s.run_lines(p, &String::from_utf8_lossy(&bytes), 1, true));
    s.levels -= s.bash() as usize;
    s.loops = loops;
    (s.line, s.builtin) = (line, builtin);
    if s.bash() {
        s.file = file;
    }
    if let Some(outer) = outer {
        s.positional = outer;
    }
    if s.bash() && s.options.functrace {
        s.run_trap(p, "RETURN")?;
    }
    match result {
        Err(Flow::Return(status)) => Ok(status),
        other => other,
    }
}

/// exec: a program in the place of the shell; without one its redirections stay.
pub fn exec(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut rest = &args[1..];
    let mut zero = None;
    let known: &[&str] = if s.dialect == Dialect::Dash { &["--"] } else { &["-a", "-c", "-l", "--"] };
    while let Some(flag) = rest.first().filter(|a| known.contains(&a.as_str())) {
        let named = flag == "-a";
        rest = &rest[1..];
        if named {
            zero = rest.first().cloned();
            rest = rest.get(1..).unwrap_or(&[]);
        }
    }
    if rest.is_empty() {
        return Ok(0);
    }
    let status = s.external_as(p, zero, rest)?;
    s.traps.clear();
    Err(Flow::Exit(status))
}
