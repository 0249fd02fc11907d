//! What a name means: command, type, hash, alias; bash's builtin.

use super::super::eval::single_quoted;
use super::super::state::{Flow, Ran, Shell};
use super::super::{Dialect, parse};
use super::{Builtin, find, is_special};
use crate::machine::{Process, exec};

enum What {
    Keyword,
    Alias(String),
    Function,
    Builtin,
    /// One of busybox's own, which need no file.
    Applet,
    File(String),
    Nothing,
}

fn what(s: &Shell, p: &Process, name: &str, path: Option<&str>) -> What {
    if parse::is_reserved(name) || s.bash() && matches!(name, "select" | "time" | "[[" | "]]" | "coproc") {
        return What::Keyword;
    }
    if let Some(value) = s.aliases.get(name).filter(|_| !s.bash() || s.options.has("expand_aliases")) {
        return What::Alias(value.clone());
    }
    if s.functions.contains_key(name) {
        return What::Function;
    }
    if find(s.dialect, name).is_some() {
        return What::Builtin;
    }
    if s.dialect == Dialect::Ash && exec::applet(p, name).is_some() {
        return What::Applet;
    }
    // A file that is named needs no permission to be run.
    if !s.bash() && name.contains('/') {
        return if p.exists(name) { What::File(name.to_owned()) } else { What::Nothing };
    }
    let path = path.map(str::to_owned).or_else(|| s.get("PATH")).unwrap_or_default();
    match exec::find(p, name, &path) {
        Ok(path) => What::File(path),
        Err(_) => What::Nothing,
    }
}

/// `command -v` and `-V`, `type`: whether there is something.
fn describe(s: &mut Shell, p: &mut Process, name: &str, verbose: bool, path: Option<&str>) -> bool {
    let text = match what(s, p, name, path) {
        What::Nothing if !verbose => return false,
        What::Nothing if s.bash() => {
            s.complain(p, &format!("{name}: not found"));
            return false;
        }
        What::Nothing => {
            p.out(format!("{name}: not found\n"));
            return false;
        }
        What::Keyword if verbose => format!("{name} is a shell keyword"),
        What::Alias(value) if verbose && s.bash() => format!("{name} is aliased to `{value}'"),
        What::Alias(value) if verbose => format!("{name} is an alias for {value}"),
        What::Alias(value) => format!("alias {name}={}", single_quoted(&value, s.dialect)),
        What::Function if verbose && s.bash() => {
            let text = s.functions.get(name).map(|f| super::variable::text_of(name, f)).unwrap_or_default();
            format!("{name} is a function\n{}", text.trim_end())
        }
        What::File(path) if verbose && s.bash() && s.hashed.get(name).is_some_and(|(known, _)| *known == path) => {
            format!("{name} is hashed ({path})")
        }
        What::Function if verbose && s.dialect == Dialect::Ash => format!("{name} is a function"),
        What::Function if verbose => format!("{name} is a shell function"),
        What::Builtin if verbose && is_special(name) && !s.bash() => format!("{name} is a special shell builtin"),
        What::Builtin if verbose => format!("{name} is a shell builtin"),
        What::Applet if verbose => format!("{name} is {name}"),
        What::File(path) if verbose && s.dialect == Dialect::Dash && !name.contains('/') => {
            let tracked = s.hashed.insert(name.to_owned(), (path.clone(), 0)).is_some();
            format!("{name} is {}{path}", if tracked { "a tracked alias for " } else { "" })
        }
        What::File(path) if verbose => format!("{name} is {path}"),
        What::File(path) => {
            if s.dialect == Dialect::Dash && !name.contains('/') {
                s.hashed.insert(name.to_owned(), (path.clone(), 0));
            }
            path
        }
        What::Keyword | What::Function | What::Builtin | What::Applet => name.to_owned(),
    };
    p.out(text + "\n");
    true
}

/// The status for a name that means nothing.
fn absent(s: &Shell) -> i32 {
    if s.bash() { 1 } else { 127 }
}

/// command.
pub fn command(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut rest = &args[1..];
    let (mut brief, mut verbose, mut path) = (false, false, None);
    super::options(s, p, args, ["pvV"; 3], "[-pVv] command [arg ...]")?;
    while let Some(flags) = rest.first().and_then(|a| a.strip_prefix('-')).filter(|f| !f.is_empty()) {
        rest = &rest[1..];
        if flags == "-" {
            break;
        }
        brief |= flags.contains('v');
        verbose |= flags.contains('V');
        if flags.contains('p') {
            path = Some("/usr/sbin:/usr/bin:/sbin:/bin");
        }
    }
    if brief || verbose {
        // ash and dash look at the first name only.
        let names = if s.bash() { rest } else { &rest[..rest.len().min(1)] };
        let mut found = names.is_empty();
        for name in names {
            found |= describe(s, p, name, verbose, path);
        }
        return Ok(if found { 0 } else { absent(s) });
    }
    let Some(name) = rest.first() else { return Ok(0) };
    match find(s.dialect, name) {
        Some(builtin) => harmless(s, p, builtin, rest),
        None => {
            let outer = s.builtin.take();
            let status = s.external(p, &[], rest);
            s.builtin = outer;
            status
        }
    }
}

/// Runs a built-in whose errors do not end the shell.
fn harmless(s: &mut Shell, p: &mut Process, builtin: Builtin, args: &[String]) -> Ran {
    match s.built_in(p, builtin, args) {
        Err(Flow::Error(status)) => Ok(status),
        other => other,
    }
}

/// bash's builtin.
pub fn builtin(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let Some(name) = args.get(1) else { return Ok(0) };
    match find(s.dialect, name) {
        Some(builtin) => s.built_in(p, builtin, &args[1..]),
        None => {
            s.complain(p, &format!("{name}: not a shell builtin"));
            Ok(1)
        }
    }
}

/// bash's caller: where the running function was called from.
pub fn caller(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let level = args.get(1).and_then(|a| a.parse().ok()).unwrap_or(0usize);
    let (lines, files, names) = (s.stack("BASH_LINENO"), s.stack("BASH_SOURCE"), s.stack("FUNCNAME"));
    let (Some(line), Some(file), Some(name)) = (lines.get(level), files.get(level + 1), names.get(level + 1)) else { return Ok(1) };
    p.out(if args.len() > 1 { format!("{line} {name} {file}\n") } else { format!("{line} {file}\n") });
    Ok(0)
}

/// type.
pub fn type_of(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut rest = &args[1..];
    let mut flags = String::new();
    // To ash any option says: as `command -v` does.
    if s.dialect == Dialect::Ash && rest.first().is_some_and(|a| a.starts_with('-')) {
        rest = &rest[1..];
        flags.push('-');
    }
    while let Some(more) = rest.first().and_then(|a| a.strip_prefix('-')).filter(|f| !f.is_empty() && s.dialect != Dialect::Dash) {
        flags.push_str(more);
        rest = &rest[1..];
    }
    let mut status = 0;
    if s.bash() {
        super::options(s, p, args, ["aftpP"; 3], "[-afptP] name [name ...]")?;
        if flags.contains('a') {
            for name in rest {
                status |= everything(s, p, name, &flags);
            }
            return Ok(status);
        }
    }
    for name in rest {
        let good = match s.bash() && flags.contains(['t', 'p', 'P']) {
            false => describe(s, p, name, flags.is_empty() || s.bash(), None),
            true => {
                let word = match what(s, p, name, None) {
                    What::Nothing => None,
                    What::File(path) if !flags.contains('t') => Some(path),
                    What::File(_) | What::Applet => Some("file".to_owned()),
                    What::Keyword => Some("keyword".into()),
                    What::Alias(_) => Some("alias".into()),
                    What::Function => Some("function".into()),
                    What::Builtin => Some("builtin".into()),
                };
                let shown = word.as_ref().filter(|w| flags.contains('t') || w.contains('/'));
                if let Some(word) = shown {
                    p.out(format!("{word}\n"));
                }
                word.is_some()
            }
        };
        if !good {
            status = absent(s);
        }
    }
    Ok(status)
}

/// bash's `type -a`: all that a name could be.
fn everything(s: &mut Shell, p: &mut Process, name: &str, flags: &str) -> i32 {
    let (kinds, paths) = (flags.contains('t'), flags.contains(['p', 'P']));
    let mut found = false;
    let first = what(s, p, name, None);
    if !matches!(first, What::File(_) | What::Nothing) && !flags.contains('P') {
        found = true;
        let is_function = matches!(first, What::Function);
        if kinds {
            let kind = match first {
                What::Keyword => "keyword",
                What::Alias(_) => "alias",
                What::Function => "function",
                _ => "builtin",
            };
            p.out(format!("{kind}\n"));
        } else if !paths {
            describe(s, p, name, true, None);
        }
        if is_function && find(s.dialect, name).is_some() && !paths {
            p.out(if kinds { "builtin\n".to_owned() } else { format!("{name} is a shell builtin\n") });
        }
    }
    for folder in s.get("PATH").unwrap_or_default().split(':') {
        if let Ok(path) = exec::find(p, &format!("{folder}/{name}"), "") {
            found = true;
            p.out(if kinds {
                "file\n".to_owned()
            } else if paths {
                format!("{path}\n")
            } else {
                format!("{name} is {path}\n")
            });
        }
    }
    if !found && !kinds && !paths {
        s.complain(p, &format!("{name}: not found"));
    }
    !found as i32
}

/// bash's list of the programs that it has found.
fn hashed(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let options = super::options(s, p, args, ["ldtrp:"; 3], "[-lr] [-p pathname] [-dt] [name ...]")?;
    let (has, at) = (|letter| options.has(letter), options.at);
    if has('r') {
        s.hashed.clear();
    }
    if args.len() == 1 {
        match s.hashed.is_empty() {
            true => p.out("hash: hash table empty\n"),
            false => {
                let lines: String = s.hashed.values().map(|(path, count)| format!("{count:4}\t{path}\n")).collect();
                p.out(format!("hits\tcommand\n{lines}"));
            }
        }
    }
    let mut status = 0;
    for name in &args[at..] {
        let known = s.hashed.get(name).map(|(path, _)| path.clone());
        match known {
            Some(path) if has('t') => p.out(format!("{path}\n")),
            Some(_) if has('d') => drop(s.hashed.remove(name)),
            None if has('t') || has('d') => {
                s.complain(p, &format!("{name}: not found"));
                status = 1;
            }
            _ => match what(s, p, name, None) {
                What::File(path) => drop(s.hashed.insert(name.clone(), (path, 0))),
                What::Nothing => {
                    s.complain(p, &format!("{name}: not found"));
                    status = 1;
                }
                _ => {}
            },
        }
    }
    Ok(status)
}

/// hash: ash and dash remember nothing here, but say what is not there.
pub fn hash(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    if s.bash() {
        return hashed(s, p, args);
    }
    let mut status = 0;
    super::options(s, p, args, ["r", "rv", ""], "")?;
    if args.len() == 1 {
        let paths: String = s.hashed.values().map(|(path, _)| format!("{path}\n")).collect();
        p.out(paths);
    }
    if args.get(1).is_some_and(|a| a == "-r") {
        s.hashed.clear();
    }
    for name in args[1..].iter().filter(|a| !a.starts_with('-')) {
        if matches!(what(s, p, name, None), What::Nothing) {
            s.complain(p, &format!("{name}: not found"));
            status = 1;
        }
    }
    Ok(status)
}

/// alias.
pub fn alias(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let show = |s: &Shell, name: &str, value: &str| {
        let start = if s.bash() { "alias " } else { "" };
        format!("{start}{name}={}\n", single_quoted(value, s.dialect))
    };
    if s.bash() {
        super::options(s, p, args, ["p"; 3], "[-p] [name[=value] ... ]")?;
    }
    let rest: Vec<&String> = args[1..].iter().filter(|a| *a != "-p").collect();
    if rest.is_empty() {
        let text: String = s.aliases.iter().map(|(name, value)| show(s, name, value)).collect();
        p.out(text);
    }
    let mut status = 0;
    for item in rest {
        match (item.split_once('='), s.aliases.get(item).cloned()) {
            (Some((name, _)), _)
                if s.bash() && name.contains([' ', '\t', '\n', '/', '$', '`', '\'', '"', '\\', '(', ')', '<', '>', '|', '&', ';']) =>
            {
                s.complain(p, &format!("`{name}': invalid alias name"));
                status = 1;
            }
            (Some((name, value)), _) => {
                s.aliases.insert(name.to_owned(), value.to_owned());
            }
            (None, Some(value)) => p.out(show(s, item, &value)),
            (None, None) => {
                match s.bash() {
                    true => s.complain(p, &format!("{item}: not found")),
                    false => p.err(format!("alias: {item} not found\n")),
                }
                status = 1;
            }
        }
    }
    Ok(status)
}

/// unalias.
pub fn unalias(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut status = 0;
    if !s.bash() {
        super::options(s, p, args, ["a"; 3], "")?;
    } else if args.len() == 1 {
        p.err("unalias: usage: unalias [-a] name [name ...]\n");
        return Ok(2);
    }
    for name in &args[1..] {
        if name == "-a" {
            s.aliases.clear();
        } else if s.aliases.remove(name).is_none() {
            match s.bash() {
                true => s.complain(p, &format!("{name}: not found")),
                false => p.err(format!("unalias: {name} not found\n")),
            }
            status = 1;
        }
    }
    Ok(status)
}
