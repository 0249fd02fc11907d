//! The built-in commands of the shell.

use super::ast::Word;
use super::eval::{Flow, Ran, Shell, Variable};
use super::parse::is_name;
use super::{Dialect, glob};
use crate::filesystem::ImagePath;
use crate::machine::{Process, errno, exec, regex, tools};

/// A built-in command.
pub type Builtin = fn(&mut Shell, &mut Process, &[String]) -> Ran;

/// The built-in of this name.
pub fn find(dialect: Dialect, name: &str) -> Option<Builtin> {
    Some(match name {
        ":" | "true" => |_, _, _| Ok(0),
        "false" => |_, _, _| Ok(1),
        "cd" | "chdir" => cd,
        "pwd" => |s, p, _| {
            let text = s.get("PWD").unwrap_or_else(|| p.cwd.to_string());
            p.out(text + "\n");
            Ok(0)
        },
        "exit" => |s, _, a| Err(Flow::Exit(number(s, a)? & 255)),
        "return" => |s, _, a| Err(Flow::Return(number(s, a)? & 255)),
        "break" | "continue" => |s, _, a| {
            let n = a.get(1).and_then(|n| n.parse::<u32>().ok()).unwrap_or(1).max(1).min(s.loops);
            if s.loops == 0 {
                return Ok(0);
            }
            Err(if a[0] == "break" { Flow::Break(n) } else { Flow::Continue(n) })
        },
        "set" => set,
        "shift" => |s, p, a| {
            let n = a.get(1).and_then(|n| n.parse().ok()).unwrap_or(1usize);
            if n > s.positional.len() {
                s.complain(p, if s.dialect == Dialect::Dash { "can't shift that many" } else { "shift count out of range" });
                return if s.dialect == Dialect::Bash { Ok(1) } else { Err(Flow::Exit(2)) };
            }
            s.positional.drain(..n);
            Ok(0)
        },
        "unset" => |s, _, a| {
            for name in a[1..].iter().filter(|n| !n.starts_with('-')) {
                if a.get(1).is_some_and(|f| f == "-f") || (!s.variables.contains_key(name) && s.functions.contains_key(name)) {
                    s.functions.remove(name);
                } else {
                    s.variables.remove(name);
                }
            }
            Ok(0)
        },
        "export" | "readonly" => declare,
        "declare" | "typeset" if dialect == Dialect::Bash => declare,
        "local" => declare,
        "eval" => |s, p, a| s.run_text(p, &a[1..].join(" ")),
        "exec" => |s, p, a| {
            if a.len() < 2 {
                return Ok(0);
            }
            let status = s.external(p, &[], &a[1..])?;
            s.traps.clear();
            Err(Flow::Exit(status))
        },
        "." => source,
        "source" if dialect != Dialect::Dash => source,
        "command" => command,
        "type" => |s, p, a| {
            let mut status = 0;
            for name in &a[1..] {
                let text = match what(s, p, name) {
                    What::Function => format!("{name} is a function\n"),
                    What::Builtin if is_special(name) && s.dialect != Dialect::Bash => format!("{name} is a special shell builtin\n"),
                    What::Builtin => format!("{name} is a shell builtin\n"),
                    What::File(path) => format!("{name} is {path}\n"),
                    What::Nothing => {
                        status = if s.dialect == Dialect::Bash { 1 } else { 127 };
                        format!("{name}: not found\n")
                    }
                };
                p.out(text);
            }
            Ok(status)
        },
        "umask" => |_, p, a| {
            match a.get(1) {
                None => {
                    let text = format!("{:04o}\n", p.umask);
                    p.out(text);
                }
                Some(mode) => match u32::from_str_radix(mode, 8) {
                    Ok(mask) => p.umask = mask & 0o777,
                    Err(_) => p.umask = !tools::mode::parse(mode, !p.umask & 0o777, 0, true).unwrap_or(!p.umask & 0o777) & 0o777,
                },
            }
            Ok(0)
        },
        "read" => read,
        "wait" => |s, p, a| {
            let jobs = std::mem::take(&mut s.jobs);
            let mut status = 0;
            for (pid, code, end) in jobs {
                if a.len() > 1 && !a[1..].contains(&pid.to_string()) {
                    s.jobs.push((pid, code, end));
                    continue;
                }
                p.system.state.clock = p.system.state.clock.max(end);
                status = if a.len() > 1 { code } else { 0 };
            }
            Ok(status)
        },
        "trap" => |s, _, a| {
            let (action, signals) = match a.get(1).map(String::as_str) {
                None => return Ok(0),
                Some("--") => (a.get(2).cloned().unwrap_or_default(), a.get(3..).unwrap_or(&[])),
                Some(_) => (a[1].clone(), &a[2..]),
            };
            for signal in signals {
                let name = match signal.trim_start_matches("SIG") {
                    "0" => "EXIT",
                    name => tools::signals::name(name),
                };
                if action == "-" {
                    s.traps.remove(name)
                } else {
                    s.traps.insert(name.to_owned(), action.clone())
                };
            }
            Ok(0)
        },
        "kill" => kill,
        "getopts" => getopts,
        "let" if dialect != Dialect::Dash => |s, p, a| {
            let mut value = 0;
            for text in &a[1..] {
                value = s.arithmetic(p, text)?;
            }
            Ok((value == 0) as i32)
        },
        "times" | "hash" | "ulimit" | "alias" | "unalias" | "jobs" | "fg" | "bg" => |_, _, _| Ok(0),
        "shopt" | "enable" | "disown" if dialect == Dialect::Bash => |_, _, _| Ok(0),
        "echo" => |s, p, a| {
            p.args = a.to_vec();
            Ok(tools::echo::echo(p, s.dialect))
        },
        "printf" | "test" | "[" => tool,
        "[[" if dialect == Dialect::Ash => tool,
        _ => return None,
    })
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
            | "readonly"
            | "return"
            | "set"
            | "shift"
            | "times"
            | "trap"
            | "unset"
    )
}

fn tool(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    p.args = args.to_vec();
    p.flavour = if s.dialect == Dialect::Ash { crate::machine::process::Flavour::Busybox } else { crate::machine::process::Flavour::Gnu };
    Ok(tools::find(&args[0]).map_or(127, |tool| tool(p)))
}

fn number(s: &mut Shell, a: &[String]) -> Result<i32, Flow> {
    Ok(a.get(1).map_or(s.status, |n| n.parse().unwrap_or(2)))
}

fn cd(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let target = args[1..].iter().find(|a| !matches!(a.as_str(), "-P" | "-L" | "--")).cloned();
    let dash = target.as_deref() == Some("-");
    let target = match target {
        None => s.get("HOME").unwrap_or_else(|| "/".into()),
        Some(_) if dash => s.get("OLDPWD").unwrap_or_else(|| "/".into()),
        Some(t) if t.is_empty() => ".".into(),
        Some(t) => t,
    };
    let logical = ImagePath::new(&s.get("PWD").unwrap_or_else(|| p.cwd.to_string())).join(&target);
    let result = p.stat(logical.as_str()).and_then(|(real, node)| match node.as_directory() {
        Some(d) if crate::machine::files::permits(&p.ids, &d.metadata, crate::machine::files::Access::Execute, true) => Ok(real),
        Some(_) => Err(crate::filesystem::Errno::AccessDenied),
        None => Err(crate::filesystem::Errno::NotADirectory),
    });
    match result {
        Ok(real) => {
            let old = s.get("PWD").unwrap_or_else(|| p.cwd.to_string());
            p.cwd = real;
            s.set("OLDPWD", &old);
            s.set("PWD", logical.as_str());
            if dash {
                p.out(format!("{logical}\n"));
            }
            Ok(0)
        }
        Err(e) => {
            let text = match s.dialect {
                Dialect::Bash => format!("{target}: {}", errno::text(e)),
                Dialect::Ash => format!("can't cd to {target}: {}", errno::text(e)),
                Dialect::Dash => format!("can't cd to {target}"),
            };
            s.complain(p, &text);
            Ok(if s.dialect == Dialect::Bash { 1 } else { 2 })
        }
    }
}

fn set(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut i = 1;
    while let Some(arg) = args.get(i) {
        i += 1;
        if arg == "--" {
            s.positional = args[i..].to_vec();
            return Ok(0);
        }
        let on = arg.starts_with('-');
        if !(on || arg.starts_with('+')) || arg.len() == 1 {
            s.positional = args[i - 1..].to_vec();
            return Ok(0);
        }
        for c in arg[1..].chars() {
            match c {
                'o' => {
                    let name = args.get(i).cloned().unwrap_or_default();
                    i += 1;
                    match option(&name) {
                        Some(letter) => flag(s, letter, on),
                        None if name == "pipefail" && s.dialect != Dialect::Dash => s.pipefail = on,
                        None if name.is_empty() => {}
                        None => {
                            s.complain(
                                p,
                                &if s.dialect == Dialect::Dash {
                                    format!("Illegal option -o {name}")
                                } else {
                                    format!("illegal option -o {name}")
                                },
                            );
                            return Err(Flow::Exit(2));
                        }
                    }
                }
                c => flag(s, c, on),
            }
        }
    }
    Ok(0)
}

fn option(name: &str) -> Option<char> {
    Some(match name {
        "errexit" => 'e',
        "nounset" => 'u',
        "xtrace" => 'x',
        "noglob" => 'f',
        "allexport" => 'a',
        "verbose" => 'v',
        "noclobber" => 'C',
        "posix" | "vi" | "emacs" | "monitor" | "notify" | "errtrace" => 'b',
        _ => return None,
    })
}

/// Sets an option by its letter.
pub fn flag(s: &mut Shell, letter: char, on: bool) {
    match letter {
        'e' => s.errexit = on,
        'u' => s.nounset = on,
        'x' => s.xtrace = on,
        'f' => s.noglob = on,
        'a' => s.allexport = on,
        'n' => s.noexec = on,
        _ => {}
    }
}

fn declare(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let local = args[0] == "local" || (args[0] != "export" && args[0] != "readonly" && !s.locals.is_empty());
    let names: Vec<&String> = args[1..].iter().filter(|a| !a.starts_with('-')).collect();
    let has = |f: char| args[1..].iter().any(|a| a.starts_with('-') && a.contains(f));
    if has('f') {
        return Ok(0);
    }
    if names.is_empty() && has('p') || args.len() == 1 {
        let list: String = s
            .variables
            .iter()
            .filter(|(_, v)| v.exported)
            .map(|(k, v)| format!("export {k}='{}'\n", v.value.clone().unwrap_or_default()))
            .collect();
        p.out(list);
        return Ok(0);
    }
    for item in names {
        let (name, value) = item.split_once('=').map_or((item.as_str(), None), |(n, v)| (n, Some(v)));
        if !is_name(name) {
            let text =
                if s.dialect == Dialect::Bash { format!("`{item}': not a valid identifier") } else { format!("{item}: bad variable name") };
            s.complain(p, &text);
            return if s.dialect == Dialect::Bash { Ok(1) } else { Err(Flow::Exit(2)) };
        }
        if local {
            let old = s.variables.get(name).cloned();
            if let Some(frame) = s.locals.last_mut() {
                frame.push((name.to_owned(), old.clone()));
            }
            if value.is_none() && s.dialect == Dialect::Bash {
                s.variables.insert(name.to_owned(), Variable::default());
            }
        }
        if let Some(value) = value {
            s.assign(p, name, value)?;
        }
        let mut variable = s.variables.get(name).cloned().unwrap_or_default();
        variable.exported = (variable.exported || args[0] == "export" || has('x')) && !has('n');
        variable.readonly |= args[0] == "readonly" || (args[0] != "export" && has('r'));
        s.variables.insert(name.to_owned(), variable);
    }
    Ok(0)
}

fn source(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let Some(name) = args.get(1) else { return Ok(2) };
    let mut path = name.clone();
    if !name.contains('/') {
        let folders = s.get("PATH").unwrap_or_default();
        let found = folders.split(':').map(|f| format!("{f}/{name}")).find(|f| p.exists(f));
        path = found.unwrap_or_else(|| if s.dialect == Dialect::Dash { path.clone() } else { format!("./{path}") });
    }
    match p.read(&path) {
        Ok(bytes) => {
            let outer = (args.len() > 2).then(|| std::mem::replace(&mut s.positional, args[2..].to_vec()));
            s.functions_deep += 1;
            if s.functions_deep + p.depth > crate::machine::process::MAX_DEPTH {
                p.system.halt("scripts nested too deeply");
                return Err(Flow::Exit(1));
            }
            let result = s.run_text(p, &String::from_utf8_lossy(&bytes));
            s.functions_deep -= 1;
            if let Some(outer) = outer {
                s.positional = outer;
            }
            match result {
                Err(Flow::Return(status)) => Ok(status),
                other => other,
            }
        }
        Err(e) => {
            let text = match s.dialect {
                Dialect::Bash => format!("{name}: {}", errno::text(e)),
                Dialect::Ash => format!("can't open '{name}': {}", errno::text(e)),
                Dialect::Dash => {
                    format!("cannot open {name}: {}", if e == crate::filesystem::Errno::NoEntry { "No such file" } else { errno::text(e) })
                }
            };
            s.complain(p, &text);
            if s.dialect == Dialect::Bash { Ok(1) } else { Err(Flow::Exit(2)) }
        }
    }
}

enum What {
    Function,
    Builtin,
    File(String),
    Nothing,
}

fn what(s: &Shell, p: &Process, name: &str) -> What {
    if s.functions.contains_key(name) {
        return What::Function;
    }
    if find(s.dialect, name).is_some() {
        return What::Builtin;
    }
    match exec::find(p, name, &s.get("PATH").unwrap_or_default()) {
        Ok(path) => What::File(path),
        Err(_) => What::Nothing,
    }
}

fn command(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let flags: Vec<&String> = args[1..].iter().take_while(|a| a.starts_with('-')).collect();
    let rest = &args[1 + flags.len()..];
    if flags.iter().any(|f| f.contains(['v', 'V'])) {
        let mut status = if s.dialect == Dialect::Bash { 1 } else { 127 };
        for name in rest {
            match what(s, p, name) {
                What::Function | What::Builtin => p.out(format!("{name}\n")),
                What::File(path) => {
                    // busybox ash names its own applets as such.
                    let applet = s.dialect == Dialect::Ash && p.stat(&path).is_ok_and(|(real, _)| real.name() == "busybox");
                    p.out(if applet { format!("{name}\n") } else { format!("{path}\n") });
                }
                What::Nothing => continue,
            }
            status = 0;
        }
        return Ok(status);
    }
    let Some(name) = rest.first() else { return Ok(0) };
    match find(s.dialect, name) {
        Some(builtin) => builtin(s, p, rest),
        None => s.external(p, &[], rest),
    }
}

fn read(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut raw = false;
    let mut names = Vec::new();
    let mut delimiter = b'\n';
    let mut array = None;
    let mut i = 1;
    while let Some(arg) = args.get(i) {
        i += 1;
        match arg.as_str() {
            "-r" => raw = true,
            "-d" | "-p" | "-n" | "-t" | "-u" => {
                if arg == "-d" {
                    delimiter = args.get(i).and_then(|d| d.bytes().next()).unwrap_or(0);
                }
                i += 1;
            }
            "-a" => {
                array = args.get(i).cloned();
                i += 1;
            }
            a if a.starts_with('-') => raw |= a.contains('r'),
            _ => names.push(arg.clone()),
        }
    }
    let mut line: Vec<(u8, bool)> = Vec::new();
    let mut ended = false;
    'reading: while p.burn(1) {
        let chunk = p.read_fd(0, 4096);
        if chunk.is_empty() {
            break;
        }
        let mut n = 0;
        while n < chunk.len() {
            let byte = chunk[n];
            n += 1;
            if byte == b'\\' && !raw && n < chunk.len() {
                if chunk[n] != b'\n' {
                    line.push((chunk[n], true));
                }
                n += 1;
            } else if byte == delimiter {
                p.unread_fd(0, chunk.len() - n);
                ended = true;
                break 'reading;
            } else {
                line.push((byte, false));
            }
        }
    }
    let ifs = s.get("IFS").unwrap_or_else(|| " \t\n".into()).into_bytes();
    let is_space = |c: &(u8, bool)| !c.1 && ifs.contains(&c.0) && c.0.is_ascii_whitespace();
    let is_separator = |c: &(u8, bool)| !c.1 && ifs.contains(&c.0);
    let mut rest: &[(u8, bool)] = &line;
    let text = |part: &[(u8, bool)]| String::from_utf8_lossy(&part.iter().map(|c| c.0).collect::<Vec<_>>()).into_owned();
    if names.is_empty() && array.is_none() {
        names.push("REPLY".into());
    }
    let mut items = Vec::new();
    let count = if array.is_some() { usize::MAX } else { names.len() };
    while items.len() < count {
        while rest.first().is_some_and(&is_space) {
            rest = &rest[1..];
        }
        if rest.is_empty() && array.is_some() {
            break;
        }
        if items.len() + 1 == count {
            let mut end = rest.len();
            while end > 0 && is_space(&rest[end - 1]) {
                end -= 1;
            }
            items.push(text(&rest[..end]));
            break;
        }
        let end = rest.iter().position(is_separator).unwrap_or(rest.len());
        items.push(text(&rest[..end]));
        rest = &rest[end..];
        while rest.first().is_some_and(&is_space) {
            rest = &rest[1..];
        }
        if rest.first().is_some_and(is_separator) {
            rest = &rest[1..];
        }
    }
    match array {
        Some(name) => {
            s.variables.insert(name, Variable { array: Some(items), ..Variable::default() });
        }
        None => {
            for (name, value) in names.iter().zip(items) {
                s.assign(p, name, &value)?;
            }
        }
    }
    Ok(!ended as i32)
}

fn kill(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut signal = 15;
    let mut pids = Vec::new();
    let mut i = 1;
    while let Some(arg) = args.get(i) {
        i += 1;
        match arg.as_str() {
            "-s" => {
                signal = args.get(i).map_or(15, |n| tools::signals::number(n));
                i += 1;
            }
            "-l" => return Ok(0),
            a if a.starts_with('-') && a.len() > 1 && pids.is_empty() => signal = tools::signals::number(&a[1..]),
            a => pids.push(a.trim_start_matches('%').to_owned()),
        }
    }
    for pid in pids {
        let number: u32 = pid.parse().unwrap_or(0);
        if number == s.pid {
            let name = tools::signals::name(&signal.to_string());
            match s.traps.get(name).cloned() {
                _ if signal == 0 => {}
                Some(action) if signal != 9 => {
                    if !action.is_empty() {
                        s.run_text(p, &action)?;
                    }
                }
                // The first process of a container is not killed by signals from inside.
                _ if s.pid == 1 => {}
                _ => {
                    p.flush();
                    p.killed = Some(signal);
                    return Err(Flow::Exit(128 + signal));
                }
            }
        } else if !s.jobs.iter().any(|j| j.0 == number) {
            let text = if s.dialect == Dialect::Bash {
                format!("({pid}) - No such process")
            } else {
                format!("can't kill pid {pid}: No such process")
            };
            s.complain(p, &text);
            return Ok(1);
        }
    }
    Ok(0)
}

fn getopts(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let (Some(spec), Some(name)) = (args.get(1), args.get(2)) else { return Ok(2) };
    let list = if args.len() > 3 { args[3..].to_vec() } else { s.positional.clone() };
    let (mut index, mut offset) = (s.getopts.0.max(1), s.getopts.1);
    let silent = spec.starts_with(':');
    let done = |s: &mut Shell, index: usize| {
        s.set("OPTIND", &index.to_string());
        s.getopts = (index, 0);
        s.set(name, "?");
        Ok(1)
    };
    let Some(arg) = list.get(index - 1).filter(|a| a.starts_with('-') && a.len() > 1) else { return done(s, index) };
    if arg == "--" {
        return done(s, index + 1);
    }
    let letters: Vec<char> = arg.chars().collect();
    offset = offset.max(1);
    let letter = letters.get(offset).copied().unwrap_or('?');
    offset += 1;
    let place = spec.find(letter).filter(|_| letter != ':');
    let takes = place.is_some_and(|i| spec[i + letter.len_utf8()..].starts_with(':'));
    let mut value = String::new();
    let mut found = letter.to_string();
    if place.is_none() {
        found = "?".into();
        if silent { value = letter.to_string() } else { s.complain(p, &format!("illegal option -{letter}")) }
    } else if takes {
        if offset < letters.len() {
            value = letters[offset..].iter().collect();
        } else if let Some(next) = list.get(index) {
            value = next.clone();
            index += 1;
        } else {
            found = if silent { ":" } else { "?" }.into();
            if silent { value = letter.to_string() } else { s.complain(p, &format!("option requires an argument -- {letter}")) }
        }
        offset = letters.len();
    }
    if offset >= letters.len() {
        index += 1;
        offset = 0;
    }
    s.set("OPTIND", &index.to_string());
    s.getopts = (index, offset);
    s.set("OPTARG", &value);
    s.assign(p, name, &found)?;
    Ok(0)
}

/// bash's `[[ … ]]`.
pub fn condition(s: &mut Shell, p: &mut Process, words: &[Word]) -> Ran {
    let mut at = 0;
    let value = or(s, p, words, &mut at, 0)?;
    Ok(!value as i32)
}

fn plain(word: Option<&Word>) -> &str {
    match word.map(|w| &w[..]) {
        Some([super::ast::Part::Plain(t)]) => t,
        _ => "",
    }
}

fn or(s: &mut Shell, p: &mut Process, w: &[Word], at: &mut usize, depth: u32) -> Result<bool, Flow> {
    let mut value = and(s, p, w, at, depth)?;
    while plain(w.get(*at)) == "||" {
        *at += 1;
        value |= and(s, p, w, at, depth)?;
    }
    Ok(value)
}

fn and(s: &mut Shell, p: &mut Process, w: &[Word], at: &mut usize, depth: u32) -> Result<bool, Flow> {
    let mut value = primary(s, p, w, at, depth)?;
    while plain(w.get(*at)) == "&&" {
        *at += 1;
        value &= primary(s, p, w, at, depth)?;
    }
    Ok(value)
}

fn primary(s: &mut Shell, p: &mut Process, w: &[Word], at: &mut usize, depth: u32) -> Result<bool, Flow> {
    if depth > 40 || *at >= w.len() {
        return Ok(false);
    }
    match plain(w.get(*at)) {
        "!" => {
            *at += 1;
            return Ok(!primary(s, p, w, at, depth + 1)?);
        }
        "(" => {
            *at += 1;
            let value = or(s, p, w, at, depth + 1)?;
            *at += 1;
            return Ok(value);
        }
        flag if flag.len() == 2 && flag.starts_with('-') && w.len() > *at + 1 => {
            let operand = s.text(p, &w[*at + 1])?;
            *at += 2;
            return Ok(tools::test::unary(p, flag, &operand));
        }
        _ => {}
    }
    let left = s.text(p, &w[*at])?;
    let operator = plain(w.get(*at + 1)).to_owned();
    if !matches!(operator.as_str(), "=" | "==" | "!=" | "=~" | "<" | ">") && !operator.starts_with('-') {
        *at += 1;
        return Ok(!left.is_empty());
    }
    let Some(right) = w.get(*at + 2).cloned() else { return Ok(false) };
    *at += 3;
    Ok(match operator.as_str() {
        "=" | "==" => glob::matches(&s.pattern(p, &right)?, &left),
        "!=" => !glob::matches(&s.pattern(p, &right)?, &left),
        "=~" => {
            let syntax = regex::Syntax { extended: true, ..regex::Syntax::default() };
            regex::Regex::new(s.text(p, &right)?.as_bytes(), syntax).is_ok_and(|r| r.is_match(left.as_bytes()))
        }
        _ => {
            let right = s.text(p, &right)?;
            tools::test::binary(p, &left, &operator, &right).unwrap_or(false)
        }
    })
}
