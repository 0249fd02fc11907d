//! Simple commands: assignments, functions, built-ins, programs.

use super::super::Dialect;
use super::super::ast::*;
use super::super::builtins;
use super::super::state::{Data, Flow, Ran, Shell, Variable, put};
use crate::filesystem::Errno;
use crate::machine::exec::{self, StartError};
use crate::machine::{Fidelity, Process, errno};

/// Where programs are looked for if there is no PATH.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Shell {
    pub(super) fn simple(&mut self, p: &mut Process, assigns: &[Assign], words: &[Word], redirects: &[Redirect]) -> Ran {
        self.substituted = None;
        let sinks = self.sinks.len();
        let before = p.fds.clone();
        let args = self.arguments(p, words)?;
        let traced = before.get(&2).copied();
        let mut values = Vec::new();
        // bash shows the command before it opens files.
        if self.bash() && !args.is_empty() {
            values = self.prepare(p, assigns, &args, traced)?;
        }
        if !self.redirect(p, redirects)? {
            p.fds = before;
            let status = self.redirect_status();
            let special = args.first().is_some_and(|a| builtins::is_special(a) && !self.functions.contains_key(a));
            return if special && !self.bash() { Err(Flow::Error(status)) } else { Ok(status) };
        }
        if !self.bash() && !args.is_empty() {
            values = self.prepare(p, assigns, &args, traced)?;
        }
        let result = match args.first() {
            None => self.assign_all(p, assigns, traced),
            Some(_) => self.call(p, &values, &args),
        };
        p.flush();
        // Descriptors that `exec` opened stay.
        if args.len() == 1 && args[0] == "exec" {
            self.lasting.extend(self.sinks.drain(sinks..));
        } else if !redirects.is_empty() {
            self.put_back(p, redirects, before);
        }
        if self.bash()
            && let Some(last) = args.last()
        {
            self.last_argument.clone_from(last);
        }
        result
    }

    /// The fields of the words; those that look like assignments after `export` and its like are not split.
    fn arguments(&mut self, p: &mut Process, words: &[Word]) -> Result<Vec<String>, Flow> {
        let declares = matches!(words.first().map(|w| &w[..]), Some([Part::Plain(t)]) if builtins::is_declaration(t, self.dialect));
        if !declares {
            return self.fields(p, words);
        }
        let mut args = Vec::new();
        for word in words {
            match word.first() {
                Some(Part::Array(assign)) => {
                    // The array is there before the command that declares it has its attributes.
                    let has = |letter| args.iter().any(|a: &String| a.starts_with('-') && a.contains(letter));
                    let associative = has('A');
                    if args[0] == "local" || (args[0] != "export" && args[0] != "readonly" && !self.locals.is_empty() && !has('g')) {
                        builtins::variable::make_local(self, &assign.name);
                    }
                    if associative {
                        self.set_data(&assign.name, Data::Array(true, Default::default()));
                    }
                    self.assign_one(p, assign)?;
                    if self.options.xtrace {
                        let quote = |text: &str| super::single_quoted(text, Dialect::Bash);
                        let items = self.items(&assign.name).into_iter();
                        let shown = items.map(|(k, v)| if associative { format!("[{}]={}", quote(&k), quote(&v)) } else { quote(&v) });
                        let line = format!("{}=({})", assign.name, shown.collect::<Vec<_>>().join(" "));
                        self.trace_line(p, &line)?;
                    }
                    args.push(assign.name.clone());
                }
                Some(Part::Plain(t)) if declares && t.split_once('=').is_some_and(|(n, _)| super::super::parse::is_name(n)) => {
                    args.push(self.assigned_text(p, word)?);
                }
                _ => args.extend(self.fields(p, std::slice::from_ref(word))?),
            }
        }
        Ok(args)
    }

    /// Assignments that are the whole command.
    fn assign_all(&mut self, p: &mut Process, assigns: &[Assign], traced: Option<u64>) -> Ran {
        let mut shown = Vec::new();
        for assign in assigns {
            let text = self.assign_one_traced(p, assign, traced)?;
            shown.push(text);
        }
        if !self.bash() && !shown.is_empty() {
            self.trace(p, &shown.join(" "), traced)?;
        }
        Ok(self.substituted.unwrap_or(0))
    }

    fn assign_one(&mut self, p: &mut Process, assign: &Assign) -> Result<(), Flow> {
        self.assign_one_traced(p, assign, None).map(|_| ())
    }

    /// Assigns; gives the text that `set -x` shows, which bash shows first.
    fn assign_one_traced(&mut self, p: &mut Process, assign: &Assign, traced: Option<u64>) -> Result<String, Flow> {
        let name = &assign.name;
        let key = match &assign.index {
            Some(index) => Some(self.key_to_set(p, name, index)?),
            None => None,
        };
        match &assign.value {
            Value::Word(word) => {
                let mut value = self.assigned_text(p, word)?;
                if !p.system.burn_command() || !p.system.burn_bytes(value.len() as u64) {
                    return Err(Flow::Exit(1));
                }
                let quoted = if value.is_empty() { String::new() } else { super::quote(&value, self.dialect) };
                let mut shown = name.clone();
                if let Some(key) = &key {
                    shown += &format!("[{key}]");
                }
                shown += &format!("{}={quoted}", if assign.append { "+" } else { "" });
                if self.bash() && traced.is_some() {
                    self.trace(p, &shown, traced)?;
                }
                if assign.append {
                    let old = match &key {
                        Some(key) => self.item(name, key),
                        None => self.get(name),
                    };
                    value = match self.variables.get(name).is_some_and(|v| v.integer) {
                        true => format!("{}+({value})", old.unwrap_or_default()),
                        false => old.unwrap_or_default() + &value,
                    };
                }
                match key {
                    Some(key) => {
                        self.writable(p, name)?;
                        self.set_item(name, &key, &value);
                    }
                    None => self.assign(p, name, &value)?,
                }
                Ok(shown)
            }
            Value::Array(items, source) => {
                let shown = format!("{name}{}={source}", if assign.append { "+" } else { "" });
                if traced.is_some() {
                    self.trace(p, &shown, traced)?;
                }
                self.writable(p, name)?;
                let associative = self.is_associative(name);
                // Words without keys are keys and values by turns.
                if associative && items.first().is_some_and(|(key, _)| key.is_none()) {
                    let mut texts = Vec::new();
                    for (_, word) in items {
                        texts.push(self.assigned_text(p, word)?);
                    }
                    let mut list = if assign.append { self.take_items(name) } else { Vec::new() };
                    for pair in texts.chunks(2) {
                        put(true, &mut list, &pair[0], pair.get(1).map_or("", String::as_str));
                    }
                    self.set_data(name, Data::Array(true, std::rc::Rc::new(list)));
                    return Ok(shown);
                }
                let mut next = if assign.append { self.last_key(name).saturating_add(1) } else { 0 };
                let mut more = Vec::new();
                for (key, word) in items {
                    let (key, values) = match key {
                        Some(key) => (Some(self.key_to_set(p, name, key)?), vec![self.assigned_text(p, word)?]),
                        None => (None, self.fields(p, std::slice::from_ref(word))?),
                    };
                    for value in values {
                        let key = key.clone().unwrap_or_else(|| next.to_string());
                        next = key.parse::<i64>().unwrap_or(0).saturating_add(1);
                        more.push((key, value));
                    }
                }
                let mut list = if assign.append { self.take_items(name) } else { Vec::new() };
                for (key, value) in more {
                    put(associative, &mut list, &key, &value);
                }
                self.set_data(name, Data::Array(associative, std::rc::Rc::new(list)));
                Ok(shown)
            }
        }
    }

    /// The assignments before a command, shown with it.
    fn prepare(&mut self, p: &mut Process, assigns: &[Assign], args: &[String], to: Option<u64>) -> Result<Vec<(String, String)>, Flow> {
        let mut values: Vec<(String, String)> = Vec::new();
        let mut saved = Vec::new();
        for assign in assigns {
            let Value::Word(word) = &assign.value else { continue };
            // It sees those before it.
            if let Some((name, value)) = values.last() {
                saved.push((name.clone(), self.variables.get(name).cloned()));
                self.set(name, value);
            }
            let text = self.assigned_text(p, word);
            if text.is_err() {
                self.restore(std::mem::take(&mut saved));
            }
            let mut value = text?;
            if assign.append {
                value = self.get(&assign.name).unwrap_or_default() + &value;
            }
            if self.bash() && self.variables.get(self.target(&assign.name)).is_some_and(|v| v.readonly) {
                self.complain(p, &format!("{}: readonly variable", assign.name));
                continue;
            }
            values.push((assign.name.clone(), value));
        }
        self.restore(saved);
        self.trace_command(p, &values, args, to)?;
        Ok(values)
    }

    fn call(&mut self, p: &mut Process, values: &[(String, String)], args: &[String]) -> Ran {
        let name = args[0].as_str();
        let function = self.functions.get(name).filter(|_| self.bash() || !builtins::is_special(name)).cloned();
        if let Some(function) = function {
            let saved = self.set_for(p, values)?;
            let result = self.function(p, &function, args);
            self.restore(saved);
            return result;
        }
        let Some(builtin) = builtins::find(self.dialect, name) else {
            if !self.bash() {
                for (name, _) in values {
                    self.writable(p, name)?;
                }
            }
            return self.external(p, values, args);
        };
        if !p.system.burn_command() {
            return Err(Flow::Exit(1));
        }
        p.system.report(name, Fidelity::Ran);
        let saved = self.set_for(p, values)?;
        let mut result = self.built_in(p, builtin, args);
        // Errors of a special built-in end ash and dash, those of another one are its status.
        if let Err(Flow::Error(status)) = result
            && !self.bash()
            && !builtins::is_special(name)
        {
            result = Ok(status);
        }
        // POSIX: assignments before a special built-in stay; bash does so only in its POSIX mode.
        if self.bash() || !builtins::is_special(name) {
            self.restore(saved);
        }
        result
    }

    /// Runs a built-in under its own name.
    pub fn built_in(&mut self, p: &mut Process, builtin: builtins::Builtin, args: &[String]) -> Ran {
        let outer = self.builtin.replace(args[0].clone());
        let result = builtin(self, p, args);
        self.builtin = outer;
        match result {
            Err(Flow::Refused(status)) => Ok(status),
            other => other,
        }
    }

    /// Sets and exports variables for one command: what was there before.
    fn set_for(&mut self, p: &mut Process, values: &[(String, String)]) -> Result<Vec<(String, Option<Variable>)>, Flow> {
        let saved = values.iter().map(|(k, _)| (k.clone(), self.variables.get(k).cloned())).collect();
        for (name, value) in values {
            self.assign(p, name, value)?;
            if let Some(variable) = self.variables.get_mut(name) {
                variable.exported = true;
            }
        }
        Ok(saved)
    }

    pub(super) fn restore(&mut self, saved: Vec<(String, Option<Variable>)>) {
        for (name, old) in saved.into_iter().rev() {
            match old {
                Some(variable) => self.variables.insert(name, variable),
                None => self.variables.remove(&name),
            };
        }
    }

    /// `exec`: another name for a program may be given.
    pub fn external_as(&mut self, p: &mut Process, zero: Option<String>, args: &[String]) -> Ran {
        self.start(p, &[], zero, args)
    }

    /// Runs a program in a child.
    pub fn external(&mut self, p: &mut Process, values: &[(String, String)], args: &[String]) -> Ran {
        self.start(p, values, None, args)
    }

    fn start(&mut self, p: &mut Process, values: &[(String, String)], zero: Option<String>, args: &[String]) -> Ran {
        let name = args[0].clone();
        let env = self.environment(values);
        let path = values.iter().find(|(k, _)| k == "PATH").map(|(_, v)| v.clone()).or_else(|| self.get("PATH"));
        let path = path.unwrap_or_else(|| if self.dialect == Dialect::Ash { DEFAULT_PATH } else { "" }.into());
        let pid = self.pid;
        let mut child = p.fork();
        child.args = args.to_vec();
        if let Some(zero) = zero {
            child.args[0] = zero;
        }
        child.env = env;
        // busybox runs its own before it looks at PATH.
        let applet = if self.dialect == Dialect::Ash { exec::applet(&child, &name) } else { None };
        let file = applet.map_or_else(|| exec::find(&child, &name, &path), Ok).and_then(|file| {
            match exec::interpreter_is_missing(&child, &file) {
                true => Err(StartError::NoInterpreter),
                false => Ok(file),
            }
        });
        let error = match file {
            Ok(file) => {
                if self.dialect != Dialect::Ash && !name.contains('/') && !self.subshell {
                    self.hashed.entry(name.clone()).or_insert_with(|| (file.clone(), 0)).1 += 1;
                }
                let status = exec::execute_file(&mut child, &file);
                let signal = child.killed;
                drop(child);
                self.say_killed(p, signal, pid, args);
                return Ok(status);
            }
            Err(error) => error,
        };
        drop(child);
        let bash = self.bash();
        let (text, status) = match error {
            _ if name.is_empty() && !bash => ("Permission denied", 127),
            StartError::NotFound if bash && self.builtin.as_deref() == Some("exec") => ("not found", 127),
            StartError::NotFound if bash && (name.contains('/') || path.is_empty()) => ("No such file or directory", 127),
            StartError::NotFound if bash => ("command not found", 127),
            StartError::NoInterpreter if bash => ("cannot execute: required file not found", 127),
            StartError::NotFound | StartError::NoInterpreter => ("not found", 127),
            StartError::Errno(Errno::NoEntry) if bash => ("No such file or directory", 127),
            StartError::Errno(Errno::NoEntry | Errno::NotADirectory) if !bash => ("not found", 127),
            StartError::Errno(Errno::AccessDenied) if bash && p.is_dir(&name) => ("Is a directory", 126),
            StartError::Errno(e) => (errno::text(e), 126),
        };
        let plain = bash && (self.builtin.as_deref() != Some("exec") || name.contains('/'));
        if plain {
            self.complain_plain(p, &format!("{name}: {text}"));
        } else {
            self.complain(p, &format!("{name}: {text}"));
        }
        Ok(status)
    }

    /// A shell says how its child died of a signal, except for the quiet ones.
    fn say_killed(&self, p: &mut Process, signal: Option<i32>, pid: u32, args: &[String]) {
        let Some(signal) = signal.filter(|s| *s != 13 && *s != 2) else { return };
        let text = crate::machine::tools::signals::description(signal);
        if self.bash() {
            let command = self.get("BASH_COMMAND").filter(|c| !c.is_empty()).unwrap_or_else(|| args.join(" "));
            let line = format!("{}: line {}: {:5} {text:23} {command}\n", self.name, self.line, pid + 1);
            p.err(line);
        } else {
            p.err(format!("{text}\n"));
        }
    }

    /// The environment of a child.
    pub fn environment(&self, extra: &[(String, String)]) -> Vec<(String, String)> {
        let value = |v: &Variable| if let Data::Text(text) = &v.data { Some(text.clone()) } else { None };
        let exported = self.variables.iter().filter(|(_, v)| v.exported);
        let mut env: Vec<(String, String)> = exported.filter_map(|(k, v)| Some((k.clone(), value(v)?))).collect();
        for (name, function) in self.functions.iter().filter(|(_, f)| f.exported) {
            let text = super::super::print::function("", function.source.as_deref().unwrap_or(""));
            env.push((format!("BASH_FUNC_{name}%%"), text.trim().replacen(" \n", " ", 1)));
        }
        for (name, value) in extra {
            match env.iter_mut().find(|(k, _)| k == name) {
                Some(entry) => entry.1 = value.clone(),
                None => env.push((name.clone(), value.clone())),
            }
        }
        env
    }
}
