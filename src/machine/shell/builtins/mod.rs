//! The built-in commands of the shell.

pub mod condition;
pub mod shopt;
pub mod variable;

mod directory;
mod getopts;
mod lookup;
mod options;
mod output;
mod read;
mod run;
mod signal;
mod test;

use super::Dialect;
use super::state::{Flow, Ran, Shell};
use crate::machine::Process;

pub(super) use options::{flag, named as named_flag};

/// A built-in command: `args[0]` is its name.
pub type Builtin = fn(&mut Shell, &mut Process, &[String]) -> Ran;

/// Built-ins of all three shells.
const COMMON: &[(&str, Builtin)] = &[
    (".", run::source),
    (":", |_, _, _| Ok(0)),
    ("[", test::test),
    ("alias", lookup::alias),
    ("bg", signal::foreground),
    ("break", leave_loop),
    ("cd", directory::cd),
    ("command", lookup::command),
    ("continue", leave_loop),
    ("echo", output::echo),
    ("eval", run::eval),
    ("exec", run::exec),
    ("exit", exit),
    ("export", variable::declare),
    ("false", |_, _, _| Ok(1)),
    ("fg", signal::foreground),
    ("getopts", getopts::getopts),
    ("hash", lookup::hash),
    ("jobs", signal::jobs),
    ("kill", signal::kill),
    ("local", variable::declare),
    ("printf", output::printf),
    ("pwd", directory::pwd),
    ("read", read::read),
    ("readonly", variable::declare),
    ("return", leave_function),
    ("set", options::set),
    ("shift", variable::shift),
    ("test", test::test),
    ("times", output::times),
    ("trap", signal::trap),
    ("true", |_, _, _| Ok(0)),
    ("type", lookup::type_of),
    ("ulimit", output::ulimit),
    ("umask", output::umask),
    ("unalias", lookup::unalias),
    ("unset", variable::unset),
    ("wait", signal::wait),
];

/// Those that some have: a name, whose it is (ash, dash, bash), the command.
const MORE: &[(&str, [bool; 3], Builtin)] = &[
    ("[[", [true, false, false], test::test),
    ("builtin", [false, false, true], lookup::builtin),
    ("caller", [false, false, true], lookup::caller),
    ("chdir", [true, true, false], directory::cd),
    ("declare", [false, false, true], variable::declare),
    ("dirs", [false, false, true], directory::dirs),
    ("disown", [false, false, true], signal::disown),
    ("enable", [false, false, true], |_, _, _| Ok(0)),
    ("help", [false, false, true], help),
    ("let", [true, false, true], output::let_),
    ("mapfile", [false, false, true], read::mapfile),
    ("popd", [false, false, true], directory::popd),
    ("pushd", [false, false, true], directory::pushd),
    ("readarray", [false, false, true], read::mapfile),
    ("shopt", [false, false, true], shopt::shopt),
    ("source", [true, false, true], run::source),
    ("typeset", [false, false, true], variable::declare),
];

/// The built-in of this name.
pub fn find(dialect: Dialect, name: &str) -> Option<Builtin> {
    if let Ok(i) = COMMON.binary_search_by_key(&name, |c| c.0) {
        return Some(COMMON[i].1);
    }
    MORE.iter().find(|(n, whose, _)| *n == name && whose[dialect as usize]).map(|c| c.2)
}

/// The names of all of them, for completion.
pub fn names(dialect: Dialect) -> impl Iterator<Item = &'static str> {
    COMMON.iter().map(|c| c.0).chain(MORE.iter().filter(move |c| c.1[dialect as usize]).map(|c| c.0))
}

/// Whether POSIX calls it special: assignments before it stay, its errors end the shell.
pub fn is_special(name: &str) -> bool {
    matches!(
        name,
        ":" | "."
            | "break"
            | "continue"
            | "eval"
            | "exec"
            | "exit"
            | "export"
            | "local"
            | "readonly"
            | "return"
            | "set"
            | "shift"
            | "source"
            | "times"
            | "trap"
            | "unset"
    )
}

/// Whether its arguments can be assignments.
pub fn is_declaration(name: &str, dialect: Dialect) -> bool {
    matches!(name, "export" | "readonly" | "local" | "alias") || (dialect == Dialect::Bash && matches!(name, "declare" | "typeset"))
}

/// An error that ends ash and dash, and makes bash's command fail.
fn fails(s: &mut Shell, p: &mut Process, text: &str, bash: i32) -> Ran {
    s.complain(p, text);
    if s.bash() { Ok(bash) } else { Err(Flow::Error(2)) }
}

/// A letter of an option, as it was written.
struct Letter {
    letter: char,
    /// Whether the command knows it.
    known: bool,
    /// What it takes: the rest of the word or the next one; `None`: nothing, or nothing was left.
    value: Option<String>,
}

/// bash's help: its texts are not kept.
fn help(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut status = 0;
    for name in args[1..].iter().filter(|a| !a.starts_with('-') && find(s.dialect, a).is_none()) {
        s.complain(p, &format!("no help topics match `{name}'.  Try `help help' or `man -k {name}' or `info {name}'."));
        status = 1;
    }
    Ok(status)
}

/// What bash says of an option that a built-in does not have.
fn usage(s: &mut Shell, p: &mut Process, wrong: &str, synopsis: &str) -> Flow {
    s.complain(p, wrong);
    let name = s.builtin.clone().unwrap_or_default();
    p.err(format!("{name}: usage: {name} {synopsis}\n"));
    Flow::Refused(2)
}

/// The letters of a command's options, and how many words they are with its name. `spec`: the letters it knows, with a colon those
/// that take a value.
fn letters(args: &[String], spec: &str) -> (Vec<Letter>, usize) {
    let mut found = Vec::new();
    let mut at = 1;
    while let Some(flags) = args.get(at).and_then(|a| a.strip_prefix('-')).filter(|f| !f.is_empty()) {
        at += 1;
        if flags == "-" {
            break;
        }
        for (i, letter) in flags.char_indices() {
            let place = spec.find(letter).filter(|_| letter != ':');
            if !takes_value(spec, letter) {
                found.push(Letter { letter, known: place.is_some(), value: None });
                continue;
            }
            let rest = &flags[i + letter.len_utf8()..];
            let next = args.get(at).filter(|_| rest.is_empty()).cloned();
            at += next.is_some() as usize;
            found.push(Letter { letter, known: true, value: next.or_else(|| (!rest.is_empty()).then(|| rest.to_owned())) });
            break;
        }
    }
    (found, at)
}

fn takes_value(spec: &str, letter: char) -> bool {
    letter != ':' && spec.split_once(letter).is_some_and(|(_, rest)| rest.starts_with(':'))
}

/// The options of a built-in: their letters with values, and how many words they are with its name. `specs`: the letters that ash,
/// dash and bash know; `synopsis`: what bash says if there are others.
fn options(s: &mut Shell, p: &mut Process, args: &[String], specs: [&str; 3], synopsis: &str) -> Result<Options, Flow> {
    let spec = specs[s.dialect as usize];
    let (letters, at) = letters(args, spec);
    let mut found = Vec::new();
    for Letter { letter, known, value } in letters {
        let lacks = value.is_none() && takes_value(spec, letter);
        if known && !lacks {
            found.push((letter, value.unwrap_or_default()));
            continue;
        }
        let wrong = match (s.dialect, known) {
            (Dialect::Ash, false) => format!("illegal option -{letter}"),
            (Dialect::Dash, false) => format!("Illegal option -{letter}"),
            (Dialect::Bash, false) => format!("-{letter}: invalid option"),
            (Dialect::Ash, true) => format!("no arg for -{letter} option"),
            (Dialect::Dash, true) => format!("No arg for -{letter} option"),
            (Dialect::Bash, true) => format!("-{letter}: option requires an argument"),
        };
        if s.bash() {
            return Err(usage(s, p, &wrong, synopsis));
        }
        s.complain(p, &wrong);
        return Err(Flow::Error(2));
    }
    Ok(Options { letters: found, at })
}

/// The options of a built-in.
struct Options {
    letters: Vec<(char, String)>,
    /// How many words they are, with its name.
    at: usize,
}

impl Options {
    fn has(&self, letter: char) -> bool {
        self.letters.iter().any(|(own, _)| *own == letter)
    }
}

/// The value of SHELLOPTS.
pub fn option_names(s: &Shell) -> String {
    options::names(s.dialect).filter(|n| options::is_on(s, n)).collect::<Vec<_>>().join(":")
}

/// The status that `exit` and `return` name.
fn status(s: &mut Shell, p: &mut Process, args: &[String]) -> Result<i32, Flow> {
    let Some(text) = args.get(1).filter(|a| *a != "--").or(args.get(2)) else { return Ok(s.status) };
    let number = if s.bash() { text.parse::<i64>().ok() } else { text.parse().ok().filter(|n| *n >= 0 && *n <= i32::MAX as i64) };
    match number {
        Some(number) => Ok((number & 255) as i32),
        None if s.bash() => {
            s.complain(p, &format!("{text}: numeric argument required"));
            Err(if args[0] == "exit" { Flow::Exit(2) } else { Flow::Return(2) })
        }
        None => {
            s.complain(p, &format!("Illegal number: {text}"));
            Err(Flow::Error(2))
        }
    }
}

fn exit(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let status = status(s, p, args)?;
    if s.bash() && args.len() > 2 && args[1] != "--" {
        s.complain(p, "too many arguments");
        return Err(Flow::Error(1));
    }
    Err(Flow::Exit(status))
}

fn leave_function(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    if s.bash() && s.functions_deep == 0 && s.file.is_none() {
        s.complain(p, "can only `return' from a function or sourced script");
        return Ok(2);
    }
    let mut status = status(s, p, args)?;
    // dash does not cut it.
    if s.dialect == Dialect::Dash
        && let Some(number) = args.get(1).and_then(|a| a.parse().ok())
    {
        status = number;
    }
    Err(Flow::Return(status))
}

fn leave_loop(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let count = match args.get(1).map(|a| a.parse::<u32>()) {
        None => 1,
        Some(Ok(n)) if n > 0 => n,
        Some(Err(_)) if s.bash() && args[1].parse::<i64>().is_err() && s.loops > 0 => {
            s.complain(p, &format!("{}: numeric argument required", args[1]));
            return Err(Flow::Exit(128));
        }
        Some(_) if s.bash() => {
            s.complain(p, &format!("{}: loop count out of range", args[1]));
            return Ok(1);
        }
        Some(_) => return fails(s, p, &format!("Illegal number: {}", args[1]), 1),
    };
    if s.loops == 0 {
        if s.bash() {
            s.complain(p, "only meaningful in a `for', `while', or `until' loop");
        }
        return Ok(0);
    }
    let count = count.min(s.loops);
    Err(if args[0] == "break" { Flow::Break(count) } else { Flow::Continue(count) })
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_in_order() {
        assert!(super::COMMON.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
