//! export, readonly, local, declare; unset, shift.

use std::rc::Rc;

use super::super::Dialect;
use super::super::eval::{quote, single_quoted};
use super::super::parse::is_name;
use super::super::state::{Data, Function, Ran, Shell, Variable, item_of};
use super::fails;
use crate::machine::Process;

/// Hides a variable until the function ends.
pub fn make_local(s: &mut Shell, name: &str) {
    let old = s.variables.get(name).cloned();
    // dash keeps the value.
    let hides = s.dialect != Dialect::Dash;
    if let Some(frame) = s.locals.last_mut() {
        if frame.iter().any(|(n, _)| n == name) {
            return;
        }
        frame.push((name.to_owned(), old));
        if hides {
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
        super::options(s, p, args, ["np", "p", ""], "")?;
    }
    let known = match command {
        "export" => "fnp",
        "readonly" => "aAfp",
        _ => "aAfFgilnprtuxI",
    };
    while let Some(arg) = rest.first().filter(|a| reads_options && a.len() > 1 && (a.starts_with('-') || (a.starts_with('+') && s.bash())))
    {
        rest = &rest[1..];
        if arg == "--" {
            break;
        }
        if let Some(bad) = arg[1..].chars().find(|c| !known.contains(*c)).filter(|_| s.bash()) {
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
    if has('f') && matches!(command, "export" | "readonly") {
        let mut status = 0;
        for name in rest {
            match s.functions.get_mut(name) {
                Some(function) if command == "export" => Rc::make_mut(function).exported = !has('n'),
                Some(_) => {}
                None => {
                    s.complain(p, &format!("{name}: not a function"));
                    status = 1;
                }
            }
        }
        return Ok(status);
    }
    if has('f') || has('F') {
        let known = rest.iter().all(|name| s.functions.contains_key(name));
        if has('x') && !has('p') && !rest.is_empty() {
            for name in rest {
                if let Some(function) = s.functions.get_mut(name) {
                    Rc::make_mut(function).exported = true;
                }
            }
            return Ok(!known as i32);
        }
        if !has('F') {
            let shown = s.functions.iter().filter(|(name, _)| rest.is_empty() || rest.contains(name));
            let text: String = match rest.is_empty() {
                true => shown.map(|(name, function)| definition(name, function)).collect(),
                // In the order of the names.
                false => rest.iter().filter_map(|name| Some(text_of(name, s.functions.get(name)?))).collect(),
            };
            p.out(text);
        }
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
        if command != "local" {
            show_all(s, p, command, &flags);
        }
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
        // An item of an array.
        if let Some((array, key)) = name.strip_suffix(']').and_then(|n| n.split_once('[')).filter(|(n, _)| s.bash() && is_name(n))
            && let Some(value) = value
            && command != "export"
        {
            if is_local {
                make_local(s, array);
            }
            if has('A') && !s.is_associative(array) {
                s.set_data(array, Data::Array(true, Rc::default()));
            }
            let place = format!("{array}[{key}]");
            let value = if append { s.value_of(&place).unwrap_or_default() + value } else { value.to_owned() };
            s.set_place(p, &place, &value)?;
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
        if is_local && value.is_some() && s.dialect != Dialect::Dash && s.variables.get(name).is_some_and(|v| v.readonly) {
            status = fails(s, p, &format!("{name}: {}", if s.bash() { "readonly variable" } else { "is read only" }), 1)?;
            continue;
        }
        if is_local {
            make_local(s, name);
        }
        if has('n') && command != "export" {
            if value == Some(name) && s.locals.is_empty() {
                s.complain(p, &format!("{name}: nameref variable self references not allowed"));
                status = 1;
                continue;
            }
            let data = value.map_or(Data::Unset, |v| Data::Text(v.to_owned()));
            s.variables.insert(name.to_owned(), Variable { data, reference: true, ..Variable::default() });
            continue;
        }
        if off.contains('r') && s.variables.get(name).is_some_and(|v| v.readonly) {
            s.complain(p, &format!("{name}: readonly variable"));
            status = 1;
            continue;
        }
        let mut variable = s.variables.get(name).cloned().unwrap_or_default();
        if (has('a') || has('A')) && !matches!(variable.data, Data::Array(..)) {
            let old = s.items(name);
            variable.data = Data::Array(has('A'), Rc::new(old));
        }
        variable.integer = (variable.integer || has('i')) && !off.contains('i');
        let readonly = variable.readonly;
        for letter in ['u', 'l'].into_iter().filter(|l| command != "export" && (has(*l) || off.contains(*l))) {
            variable.case = has(letter).then_some(letter);
        }
        s.variables.insert(name.to_owned(), variable);
        if let Some(value) = value {
            if readonly && s.bash() {
                s.complain_plain(p, &format!("{name}: readonly variable"));
                status = 1;
                continue;
            }
            let value = if append { s.get(name).unwrap_or_default() + value } else { value.to_owned() };
            s.assign_declared(p, name, &value, command)?;
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
    pub fn complain_plain(&mut self, p: &mut Process, text: &str) {
        let outer = self.builtin.take();
        self.complain(p, text);
        self.builtin = outer;
    }
}

fn show_all(s: &Shell, p: &mut Process, command: &str, flags: &str) {
    let wanted = |v: &Variable| match command {
        "export" => v.exported,
        "readonly" => v.readonly,
        _ => {
            let array = |associative| matches!(&v.data, Data::Array(a, _) if *a == associative);
            (!flags.contains('x') || v.exported)
                && (!flags.contains('r') || v.readonly)
                && (!flags.contains('i') || v.integer)
                && (!flags.contains('a') || array(false))
                && (!flags.contains('A') || array(true))
        }
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

/// The text of a function.
pub(super) fn text_of(name: &str, function: &Function) -> String {
    super::super::print::function(name, function.source.as_deref().unwrap_or(""))
}

/// A function as `declare -f` lists it.
fn definition(name: &str, function: &Function) -> String {
    let text = text_of(name, function);
    if function.exported { format!("{text}declare -fx {name}\n") } else { text }
}

/// The letters of a variable's attributes.
pub fn attributes(variable: &Variable) -> String {
    let mut flags = String::new();
    match &variable.data {
        Data::Array(true, _) => flags.push('A'),
        Data::Array(false, _) => flags.push('a'),
        _ => {}
    }
    let set = [(variable.integer, 'i'), (variable.reference, 'n'), (variable.readonly, 'r'), (variable.exported, 'x')];
    flags.extend(set.iter().filter(|s| s.0).map(|s| s.1));
    flags.extend(variable.case);
    flags
}

/// bash's `declare -x NAME="value"`.
pub fn declaration(name: &str, variable: &Variable) -> String {
    let mut flags = attributes(variable);
    if flags.is_empty() {
        flags.push('-');
    }
    let value = match &variable.data {
        Data::Unset => String::new(),
        Data::Text(text) => format!("={}", double_quoted(text)),
        Data::Array(associative, items) => {
            let key = |k: &str| if *associative && k.contains([' ', '"', '\'', '$', ']']) { double_quoted(k) } else { k.to_owned() };
            let list: Vec<String> = items.iter().map(|(k, v)| format!("[{}]={}", key(k), double_quoted(v))).collect();
            format!("=({}{})", list.join(" "), if *associative && !list.is_empty() { " " } else { "" })
        }
    };
    format!("declare -{flags} {name}{value}\n")
}

/// In double quotes, as bash shows values.
pub fn double_quoted(text: &str) -> String {
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
    let options = super::options(s, p, args, ["fv", "fv", "fnv"], "[-f] [-v] [-n] [name ...]")?;
    let (functions, variables, references) = (options.has('f'), options.has('v'), options.has('n'));
    let rest = &args[options.at..];
    let mut status = 0;
    for name in rest {
        let target = if references { name.clone() } else { s.target(name).to_owned() };
        let name = &target;
        if let Some((array, key)) = item_of(name).filter(|_| s.bash()) {
            let key = key.trim_matches(['\'', '"']).to_owned();
            let key = if s.is_associative(array) { key } else { s.arithmetic(p, &key)?.to_string() };
            let associative = s.is_associative(array);
            let mut items = s.take_items(array);
            items.retain(|(k, _)| *k != key);
            s.set_data(array, Data::Array(associative, Rc::new(items)));
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
            if variables {
                s.complain(p, &format!("`{name}': not a valid identifier"));
                status = 1;
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
    if s.bash() && args.len() > 2 {
        s.complain(p, "too many arguments");
        return Err(super::Flow::Error(1));
    }
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
