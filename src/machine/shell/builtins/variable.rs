//! export, readonly, local, declare; unset, shift.

use std::rc::Rc;

use super::super::Dialect;
use super::super::eval::{quote, single_quoted};
use super::super::parse::is_name;
use super::super::state::{Data, Ran, Shell, Variable};
use super::fails;
use crate::machine::Process;

/// Hides a variable until the function ends.
pub fn make_local(s: &mut Shell, name: &str) {
    let old = s.variables.get(name).cloned();
    let bash = s.bash();
    if let Some(frame) = s.locals.last_mut() {
        if frame.iter().any(|(n, _)| n == name) {
            return;
        }
        frame.push((name.to_owned(), old));
        if bash {
            s.variables.remove(name);
        }
    }
}

/// export, readonly, local, declare, typeset.
pub fn declare(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let command = args[0].as_str();
    let mut flags = String::new();
    let mut off = String::new();
    let mut rest = &args[1..];
    // In ash and dash local has no options.
    let reads_options = s.bash() || command != "local";
    if !s.bash() && reads_options {
        super::options(s, p, args, if s.dialect == Dialect::Ash { "np" } else { "p" })?;
    }
    while let Some(arg) = rest.first().filter(|a| reads_options && a.len() > 1 && (a.starts_with('-') || (a.starts_with('+') && s.bash())))
    {
        rest = &rest[1..];
        if arg == "--" {
            break;
        }
        if let Some(bad) = arg[1..].chars().find(|c| !"aAfFgilnprtuxI".contains(*c)).filter(|_| s.bash()) {
            s.complain(p, &format!("-{bad}: invalid option"));
            p.err(match command {
                "export" => "export: usage: export [-fn] [name[=value] ...] or export -p\n".to_owned(),
                "readonly" => "readonly: usage: readonly [-aAf] [name[=value] ...] or readonly -p\n".to_owned(),
                "local" => "local: usage: local [option] name[=value] ...\n".to_owned(),
                _ => format!("{command}: usage: {command} [-aAfFgiIlnrtux] [name[=value] ...] or {command} -p [-aAfFilnrtux] [name ...]\n"),
            });
            return Ok(2);
        }
        match arg.strip_prefix('-') {
            Some(letters) => flags.push_str(letters),
            None => off.push_str(&arg[1..]),
        }
    }
    let has = |f: char| flags.contains(f);
    if command == "local" && s.locals.is_empty() {
        return fails(s, p, if s.bash() { "can only be used in a function" } else { "not in a function" }, 1);
    }
    if has('f') || has('F') {
        let known = rest.iter().all(|name| s.functions.contains_key(name));
        if has('F') {
            let names: String = s.functions.keys().map(|n| format!("declare -f {n}\n")).collect();
            p.out(if rest.is_empty() {
                names
            } else {
                rest.iter().filter(|n| s.functions.contains_key(*n)).map(|n| format!("{n}\n")).collect()
            });
        }
        return Ok(!known as i32);
    }
    if rest.is_empty() {
        show_all(s, p, command, &flags);
        return Ok(0);
    }
    let is_local = command == "local" || (command == "declare" || command == "typeset") && !s.locals.is_empty() && !has('g');
    let mut status = 0;
    for item in rest {
        let (name, value) = item.split_once('=').map_or((item.as_str(), None), |(n, v)| (n, Some(v)));
        let (name, append) = name.strip_suffix('+').filter(|_| value.is_some() && s.bash()).map_or((name, false), |n| (n, true));
        if command == "local" && name == "-" {
            s.local_options.get_or_insert(s.options);
            continue;
        }
        if !is_name(name) {
            if !s.bash() {
                return fails(s, p, &format!("{}: bad variable name", item.split('=').next().unwrap_or("")), 1);
            }
            s.complain(p, &format!("`{item}': not a valid identifier"));
            status = 1;
            continue;
        }
        if s.bash() && has('p') && !matches!(command, "export" | "readonly") {
            match s.variables.get(name).cloned() {
                Some(variable) => p.out(declaration(name, &variable)),
                None => {
                    s.complain(p, &format!("{name}: not found"));
                    status = 1;
                }
            }
            continue;
        }
        if is_local {
            make_local(s, name);
        }
        let mut variable = s.variables.get(name).cloned().unwrap_or_default();
        if (has('a') || has('A')) && !matches!(variable.data, Data::Array(..)) {
            let old = s.items(name);
            variable.data = Data::Array(has('A'), Rc::new(old));
        }
        variable.integer = (variable.integer || has('i')) && !off.contains('i');
        let readonly = variable.readonly;
        s.variables.insert(name.to_owned(), variable);
        if let Some(value) = value {
            if readonly && s.bash() {
                s.complain_plain(p, &format!("{name}: readonly variable"));
                status = 1;
                continue;
            }
            let value = if append { s.get(name).unwrap_or_default() + value } else { value.to_owned() };
            s.assign_declared(p, name, &value, command)?;
            if has('u') || has('l') {
                let value = if has('u') { value.to_ascii_uppercase() } else { value.to_ascii_lowercase() };
                s.set(name, &value);
            }
        }
        if let Some(variable) = s.variables.get_mut(name) {
            variable.exported =
                (variable.exported || command == "export" || has('x')) && !(command == "export" && has('n')) && !off.contains('x');
            variable.readonly |= command == "readonly" || (command != "export" && has('r'));
        }
    }
    if s.bash() && s.options.xtrace && matches!(command, "export" | "readonly") {
        let to = p.fds.get(&2).copied();
        for item in rest.iter().filter(|i| i.contains('=')) {
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            let line = format!("{name}={}", quote(value, s.dialect));
            s.trace(p, &line, to)?;
        }
    }
    Ok(status)
}

impl Shell {
    /// Assigns for a declaring command: its name is not part of what ash and dash say of a read-only variable.
    fn assign_declared(&mut self, p: &mut Process, name: &str, value: &str, command: &str) -> Result<(), super::Flow> {
        let outer = self.builtin.replace(command.to_owned());
        let result = self.assign(p, name, value);
        self.builtin = outer;
        result
    }

    /// An error that does not name the built-in.
    pub(super) fn complain_plain(&mut self, p: &mut Process, text: &str) {
        let outer = self.builtin.take();
        self.complain(p, text);
        self.builtin = outer;
    }
}

fn show_all(s: &Shell, p: &mut Process, command: &str, flags: &str) {
    let wanted = |v: &Variable| match command {
        "export" => v.exported,
        "readonly" => v.readonly,
        _ => (!flags.contains('x') || v.exported) && (!flags.contains('r') || v.readonly),
    };
    let mut text = String::new();
    for (name, variable) in s.variables.iter().filter(|(_, v)| wanted(v)) {
        if s.bash() {
            text.push_str(&declaration(name, variable));
            continue;
        }
        text.push_str(&format!("{command} {name}"));
        if let Data::Text(value) = &variable.data {
            text.push_str(&format!("={}", single_quoted(value, s.dialect)));
        }
        text.push('\n');
    }
    p.out(text);
}

/// bash's `declare -x NAME="value"`.
fn declaration(name: &str, variable: &Variable) -> String {
    let mut flags = String::new();
    match &variable.data {
        Data::Array(true, _) => flags.push('A'),
        Data::Array(false, _) => flags.push('a'),
        _ => {}
    }
    for (set, letter) in [(variable.integer, 'i'), (variable.readonly, 'r'), (variable.exported, 'x')] {
        flags.extend(set.then_some(letter));
    }
    if flags.is_empty() {
        flags.push('-');
    }
    let value = match &variable.data {
        Data::Unset => String::new(),
        Data::Text(text) => format!("={}", double_quoted(text)),
        Data::Array(associative, items) => {
            let list: Vec<String> = items.iter().map(|(k, v)| format!("[{k}]={}", double_quoted(v))).collect();
            format!("=({}{})", list.join(" "), if *associative && !list.is_empty() { " " } else { "" })
        }
    };
    format!("declare -{flags} {name}{value}\n")
}

/// In double quotes, as bash shows values.
pub(super) fn double_quoted(text: &str) -> String {
    if text.bytes().any(|b| b < b' ' || b == 127) {
        return super::super::eval::dollar_quoted(text);
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        if "\"\\$`".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// unset.
pub fn unset(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut rest = &args[1..];
    let (mut functions, mut variables) = (false, false);
    while let Some(flags) = rest.first().and_then(|a| a.strip_prefix('-')).filter(|f| !f.is_empty()) {
        functions |= flags.contains('f');
        variables |= flags.contains('v');
        rest = &rest[1..];
    }
    let mut status = 0;
    for name in rest {
        if let Some((array, key)) = name.strip_suffix(']').and_then(|n| n.split_once('[')).filter(|_| s.bash()) {
            let key = key.trim_matches(['\'', '"']).to_owned();
            let key = if s.is_associative(array) { key } else { s.arithmetic(p, &key)?.to_string() };
            let items = s.items(array).into_iter().filter(|(k, _)| *k != key).collect();
            s.set_data(array, Data::Array(s.is_associative(array), Rc::new(items)));
            continue;
        }
        if functions || (s.bash() && !variables && !s.variables.contains_key(name) && s.functions.contains_key(name)) {
            s.functions.remove(name);
            continue;
        }
        if !is_name(name) {
            if !s.bash() {
                return fails(s, p, &format!("{name}: bad variable name"), 1);
            }
            continue;
        }
        if s.variables.get(name).is_some_and(|v| v.readonly) {
            if !s.bash() {
                return fails(s, p, &format!("{name}: is read only"), 1);
            }
            s.complain(p, &format!("{name}: cannot unset: readonly variable"));
            status = 1;
            continue;
        }
        s.variables.remove(name);
    }
    Ok(status)
}

/// shift.
pub fn shift(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let count = match args.get(1).map(|n| n.parse::<usize>()) {
        None => 1,
        Some(Ok(n)) => n,
        Some(Err(_)) if s.bash() && args[1].parse::<i64>().is_ok() => {
            return fails(s, p, &format!("{}: shift count out of range", args[1]), 1);
        }
        Some(Err(_)) if s.bash() => return fails(s, p, &format!("{}: numeric argument required", args[1]), 1),
        Some(Err(_)) => return fails(s, p, &format!("Illegal number: {}", args[1]), 1),
    };
    if count > s.positional.len() {
        return if s.dialect == Dialect::Dash { fails(s, p, "can't shift that many", 1) } else { Ok(1) };
    }
    s.positional.drain(..count);
    Ok(0)
}
