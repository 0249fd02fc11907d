//! Running a [`List`]: simple commands, pipelines (left to right through pipes in memory), compound commands, redirections.

use std::rc::Rc;
use std::time::Duration;

use std::collections::BTreeMap;

use super::ast::*;
use super::{Dialect, builtins, glob};
use crate::filesystem::Errno;
use crate::machine::exec::{self, StartError};
use crate::machine::process::{MAX_DEPTH, device};
use crate::machine::system::Open;
use crate::machine::{Fidelity, Process, errno, tools};

/// How much the left side of a pipe may write at first; more if the right side wants it.
const FIRST_LIMIT: usize = 1 << 16;

/// Why the flow of commands is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Flow {
    Break(u32),
    Continue(u32),
    Return(i32),
    Exit(i32),
}

/// The status of commands, or where to go.
pub type Ran = Result<i32, Flow>;

/// A shell variable.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Variable {
    pub value: Option<String>,
    pub array: Option<Vec<String>>,
    pub exported: bool,
    pub readonly: bool,
}

/// The state of a shell; a subshell is a clone.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Shell {
    pub dialect: Dialect,
    pub variables: crate::base::Map<String, Variable>,
    pub functions: crate::base::Map<String, Rc<Redirected>>,
    pub positional: Vec<String>,
    pub name: String,
    pub script: bool,
    pub status: i32,
    pub errexit: bool,
    pub nounset: bool,
    pub xtrace: bool,
    pub noglob: bool,
    pub noexec: bool,
    pub allexport: bool,
    pub pipefail: bool,
    pub pid: u32,
    pub last_job: Option<u32>,
    pub jobs: Vec<(u32, i32, Duration)>,
    pub traps: BTreeMap<String, String>,
    pub locals: Vec<Vec<(String, Option<Variable>)>>,
    pub aliases: BTreeMap<String, String>,
    pub line: u32,
    pub getopts: (usize, usize),
    /// Above 0 where `set -e` does not apply.
    pub tested: u32,
    pub functions_deep: u32,
    pub loops: u32,
    pub builtin: Option<String>,
    pub substituted: Option<i32>,
    pub trace_fd: Option<u64>,
}

impl Shell {
    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.status.to_string()),
            "$" => Some(self.pid.to_string()),
            "#" => Some(self.positional.len().to_string()),
            "!" => self.last_job.map(|j| j.to_string()),
            "0" => Some(self.name.clone()),
            "-" => Some([(self.errexit, 'e'), (self.nounset, 'u'), (self.xtrace, 'x')].iter().filter(|o| o.0).map(|o| o.1).collect()),
            "LINENO" => Some(self.line.to_string()),
            name if name.as_bytes().first().is_some_and(u8::is_ascii_digit) => {
                name.parse::<usize>().ok().and_then(|n| self.positional.get(n.wrapping_sub(1))).cloned()
            }
            name => {
                let variable = self.variables.get(name)?;
                variable.value.clone().or_else(|| variable.array.as_ref().and_then(|a| a.first().cloned()))
            }
        }
    }

    /// The items of an array (a plain variable is an array of one).
    pub fn array(&self, name: &str) -> Vec<String> {
        let variable = self.variables.get(name).cloned().unwrap_or_default();
        variable.array.unwrap_or_else(|| variable.value.into_iter().collect())
    }

    /// Sets a variable, read-only or not.
    pub fn set(&mut self, name: &str, value: &str) {
        let mut variable = self.variables.get(name).cloned().unwrap_or_default();
        variable.value = Some(value.to_owned());
        variable.array = None;
        variable.exported |= self.allexport;
        self.variables.insert(name.to_owned(), variable);
    }

    /// Sets a variable as an assignment does.
    pub fn assign(&mut self, p: &mut Process, name: &str, value: &str) -> Result<(), Flow> {
        if self.variables.get(name).is_some_and(|v| v.readonly) {
            let text = if self.dialect == Dialect::Bash { "readonly variable" } else { "is read only" };
            return Err(self.fatal(p, &format!("{name}: {text}")));
        }
        self.set(name, value);
        if name == "OPTIND" {
            self.getopts = (value.parse().unwrap_or(1), 0);
        }
        Ok(())
    }

    /// What errors begin with.
    pub fn prefix(&self) -> String {
        let mut prefix = format!("{}: ", self.name);
        match self.dialect {
            Dialect::Ash => {
                let builtin = self.builtin.as_ref().filter(|b| **b != self.name);
                if let Some(name) = builtin {
                    prefix += &format!("{name}: ");
                }
                if builtin.is_some() || self.script {
                    let line = if self.script { self.line } else { self.line.saturating_sub(1) };
                    prefix += &format!("line {line}: ");
                }
            }
            Dialect::Dash => {
                prefix += &format!("{}: ", self.line);
                prefix += &self.builtin.as_ref().map(|b| format!("{b}: ")).unwrap_or_default();
            }
            Dialect::Bash => {
                prefix += &format!("line {}: ", self.line);
                prefix += &self.builtin.as_ref().map(|b| format!("{b}: ")).unwrap_or_default();
            }
        }
        prefix
    }

    /// Prints an error.
    pub fn complain(&self, p: &mut Process, text: &str) {
        p.err(format!("{}{text}\n", self.prefix()));
    }

    /// An error that ends a shell that is not interactive.
    pub fn fatal(&mut self, p: &mut Process, text: &str) -> Flow {
        self.complain(p, text);
        Flow::Exit(if self.dialect == Dialect::Bash { 1 } else { 2 })
    }

    /// Runs a list.
    pub fn list(&mut self, p: &mut Process, list: &List) -> Ran {
        for and_or in list {
            if !p.burn(1) {
                return Err(Flow::Exit(1));
            }
            self.status = if and_or.background { self.background(p, and_or)? } else { self.and_or(p, and_or)? };
        }
        Ok(self.status)
    }

    fn and_or(&mut self, p: &mut Process, and_or: &AndOr) -> Ran {
        let last = and_or.rest.len();
        let mut status = self.pipeline(p, &and_or.first, last > 0)?;
        self.status = status;
        for (i, (and, pipeline)) in and_or.rest.iter().enumerate() {
            if *and == (status == 0) {
                status = self.pipeline(p, pipeline, i + 1 < last)?;
                self.status = status;
            }
        }
        Ok(status)
    }

    fn background(&mut self, p: &mut Process, and_or: &AndOr) -> Ran {
        let start = p.system.state.clock;
        let mut shell = self.clone();
        let mut child = p.fork();
        let pid = child.pid;
        let null = child.system.open(Open::Null);
        child.fds.insert(0, null);
        let mut foreground = and_or.clone();
        foreground.background = false;
        shell.traps.clear();
        let status = shell.finish_subshell(&mut child, |s, c| s.list(c, &vec![foreground]));
        self.jobs.push((pid, status, p.system.state.clock));
        p.system.state.clock = start;
        self.last_job = Some(pid);
        Ok(0)
    }

    fn pipeline(&mut self, p: &mut Process, pipeline: &Pipeline, tested: bool) -> Ran {
        let tested = tested || pipeline.negate;
        self.tested += tested as u32;
        let result = match &pipeline.commands[..] {
            [one] => self.command(p, one),
            many => self.pipe(p, many),
        };
        self.tested -= tested as u32;
        let status = result?;
        if pipeline.negate {
            return Ok((status == 0) as i32);
        }
        let is_compound = matches!(&pipeline.commands[..], [one] if !matches!(one.command, Command::Simple { .. } | Command::Subshell(_) | Command::Condition(_) | Command::Arithmetic(_)));
        if status != 0 && self.errexit && !tested && self.tested == 0 && !is_compound {
            return Err(Flow::Exit(status));
        }
        Ok(status)
    }

    fn pipe(&mut self, p: &mut Process, commands: &[Rc<Redirected>]) -> Ran {
        let moment = p.system.moment();
        let mut limit = FIRST_LIMIT;
        loop {
            let mut input: Option<u64> = None;
            let mut statuses = Vec::new();
            let mut starved = false;
            let start = p.system.state.clock;
            let mut longest = start;
            for (i, command) in commands.iter().enumerate() {
                let mut shell = self.clone();
                shell.traps.clear();
                let mut child = p.fork();
                child.system.state.clock = start;
                if let Some(pipe) = input {
                    let id = child.system.open(Open::PipeRead(pipe));
                    child.fds.insert(0, id);
                }
                let output = (i + 1 < commands.len()).then(|| child.system.pipe(Vec::new(), Some(limit)));
                if let Some(pipe) = output {
                    let id = child.system.open(Open::PipeWrite(pipe));
                    child.fds.insert(1, id);
                }
                statuses.push(shell.finish_subshell(&mut child, |s, c| s.command(c, command)));
                longest = longest.max(p.system.state.clock);
                if let Some(pipe) = input {
                    starved |= p.system.take_pipe(pipe).starved;
                }
                input = output;
            }
            p.system.state.clock = longest;
            if starved && p.alive() {
                p.system.rewind(moment.clone());
                limit = limit.saturating_mul(16);
                continue;
            }
            let last = statuses.last().copied().unwrap_or(0);
            return Ok(if self.pipefail { statuses.iter().rev().copied().find(|s| *s != 0).unwrap_or(0) } else { last });
        }
    }

    /// Runs the body of a subshell in a forked process, with its EXIT trap: its status.
    pub fn finish_subshell(&mut self, child: &mut Process, body: impl FnOnce(&mut Self, &mut Process) -> Ran) -> i32 {
        if child.depth > MAX_DEPTH {
            child.system.halt("processes nested too deeply");
            return 1;
        }
        let result = body(self, child);
        let status = match result {
            Ok(status) | Err(Flow::Exit(status) | Flow::Return(status)) => status,
            Err(_) => self.status,
        };
        let status = self.run_exit_trap(child, status);
        child.flush();
        child.killed.map_or(status, |s| 128 + s)
    }

    /// Runs the EXIT trap, if there is one.
    pub fn run_exit_trap(&mut self, p: &mut Process, status: i32) -> i32 {
        let Some(text) = self.traps.remove("EXIT").filter(|t| !t.is_empty()) else { return status };
        self.status = status;
        self.tested = 0;
        match self.run_text(p, &text) {
            Err(Flow::Exit(status)) => status,
            _ => status,
        }
    }

    /// `eval`.
    pub fn run_text(&mut self, p: &mut Process, text: &str) -> Ran {
        match super::parse::parse(text, self.dialect) {
            Ok(list) if list.is_empty() => Ok(0),
            Ok(list) => self.list(p, &list),
            Err(error) => {
                self.line = error.line;
                self.complain(p, &error.text);
                Err(Flow::Exit(2))
            }
        }
    }

    /// `$(…)`.
    pub fn substitute(&mut self, p: &mut Process, list: &List) -> Result<String, Flow> {
        let mut shell = self.clone();
        shell.traps.clear();
        if self.dialect == Dialect::Bash {
            shell.errexit = false;
        }
        let mut child = p.fork();
        let pipe = child.system.pipe(Vec::new(), None);
        let id = child.system.open(Open::PipeWrite(pipe));
        child.fds.insert(1, id);
        let status = shell.finish_subshell(&mut child, |s, c| s.list(c, list));
        self.substituted = Some(status);
        self.status = status;
        let data = p.system.take_pipe(pipe).data;
        let text = String::from_utf8_lossy(&data).replace('\0', "");
        Ok(text.trim_end_matches('\n').to_owned())
    }

    /// Runs one command with its redirections.
    pub fn command(&mut self, p: &mut Process, command: &Rc<Redirected>) -> Ran {
        if !p.alive() {
            return Err(Flow::Exit(1));
        }
        self.line = command.line;
        if let Command::Simple { assigns, words } = &command.command {
            return self.simple(p, assigns, words, &command.redirects);
        }
        if let Command::Subshell(list) = &command.command {
            let mut shell = self.clone();
            shell.traps.clear();
            let mut child = p.fork();
            let redirects = &command.redirects;
            return Ok(shell.finish_subshell(&mut child, |s, c| if s.redirect(c, redirects)? { s.list(c, list) } else { Ok(1) }));
        }
        let saved = p.fds.clone();
        let good = self.redirect(p, &command.redirects)?;
        let result = if good { self.compound(p, &command.command) } else { Ok(1) };
        p.flush();
        p.fds = saved;
        result
    }

    fn compound(&mut self, p: &mut Process, command: &Command) -> Ran {
        match command {
            Command::Group(list) => self.list(p, list),
            Command::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.condition(p, condition)? == 0 {
                        return self.list(p, body);
                    }
                }
                self.status = 0;
                self.list(p, otherwise)
            }
            Command::While { until, condition, body } => {
                let mut status = 0;
                while p.burn(1) {
                    if (self.condition(p, condition)? == 0) == *until {
                        break;
                    }
                    match self.round(p, body)? {
                        Some(s) => status = s,
                        None => return Ok(0),
                    }
                }
                Ok(status)
            }
            Command::For { name, words, body } => {
                let items = match words {
                    Some(words) => self.fields(p, words)?,
                    None => self.positional.clone(),
                };
                let mut status = 0;
                for item in items {
                    self.assign(p, name, &item)?;
                    match self.round(p, body)? {
                        Some(s) => status = s,
                        None => return Ok(0),
                    }
                }
                Ok(status)
            }
            Command::Case { word, arms } => {
                let text = self.text(p, word)?;
                for (patterns, body) in arms {
                    for pattern in patterns {
                        if glob::matches(&self.pattern(p, pattern)?, &text) {
                            self.status = 0;
                            return self.list(p, body);
                        }
                    }
                }
                Ok(0)
            }
            Command::Function { name, body } => {
                self.functions.insert(name.clone(), body.clone());
                Ok(0)
            }
            Command::Condition(words) => builtins::condition(self, p, words),
            Command::Arithmetic(word) => {
                let text = self.text(p, word)?;
                Ok((self.arithmetic(p, &text)? == 0) as i32)
            }
            Command::Simple { .. } | Command::Subshell(_) => Ok(0),
        }
    }

    /// One round of a loop: `None` when it is over.
    fn round(&mut self, p: &mut Process, body: &List) -> Result<Option<i32>, Flow> {
        if !p.burn(10) {
            return Err(Flow::Exit(1));
        }
        self.loops += 1;
        let result = self.list(p, body);
        self.loops -= 1;
        match result {
            Ok(status) => Ok(Some(status)),
            Err(Flow::Break(n)) => {
                if n > 1 {
                    Err(Flow::Break(n - 1))
                } else {
                    Ok(None)
                }
            }
            Err(Flow::Continue(n)) if n > 1 => Err(Flow::Continue(n - 1)),
            Err(Flow::Continue(_)) => Ok(Some(0)),
            Err(other) => Err(other),
        }
    }

    fn condition(&mut self, p: &mut Process, list: &List) -> Ran {
        self.tested += 1;
        let result = self.list(p, list);
        self.tested -= 1;
        result
    }

    fn simple(&mut self, p: &mut Process, assigns: &[Assign], words: &[Word], redirects: &[Redirect]) -> Ran {
        self.substituted = None;
        let args = self.fields(p, words)?;
        let mut values = Vec::new();
        for assign in assigns {
            let mut text = self.text(p, &assign.value)?;
            if assign.append {
                text = self.get(&assign.name).unwrap_or_default() + &text;
            }
            if args.is_empty() {
                match &assign.array {
                    Some(items) => {
                        let mut all = if assign.append { self.array(&assign.name) } else { Vec::new() };
                        all.extend(self.fields(p, items)?);
                        self.variables.insert(assign.name.clone(), Variable { array: Some(all), ..Variable::default() });
                    }
                    None => self.assign(p, &assign.name, &text)?,
                }
            }
            values.push((assign.name.clone(), text));
        }
        let saved = p.fds.clone();
        let trace_to = p.fds.get(&2).copied();
        if !self.redirect(p, redirects)? {
            p.fds = saved;
            let special = matches!(
                args.first().map(String::as_str),
                Some(":" | "." | "exec" | "eval" | "set" | "export" | "exit" | "trap" | "unset")
            );
            return if special && self.dialect != Dialect::Bash { Err(Flow::Exit(2)) } else { Ok(1) };
        }
        if self.xtrace && !(args.is_empty() && values.is_empty()) {
            self.trace(p, &values, &args, trace_to);
        }
        let result = match args.is_empty() {
            true => Ok(self.substituted.unwrap_or(0)),
            false => self.call(p, &values, &args),
        };
        p.flush();
        let keeps = args.first().is_some_and(|a| a == "exec") && args.len() == 1;
        if !keeps {
            p.fds = saved;
        }
        result
    }

    fn call(&mut self, p: &mut Process, values: &[(String, String)], args: &[String]) -> Ran {
        let name = args[0].as_str();
        if let Some(body) = self.functions.get(name).cloned() {
            return self.function(p, &body, values, args);
        }
        if let Some(builtin) = builtins::find(self.dialect, name) {
            if !p.system.burn_command() {
                return Err(Flow::Exit(1));
            }
            p.system.report(name, Fidelity::Ran);
            let special = builtins::is_special(name);
            let saved: Vec<_> = values.iter().map(|(k, _)| (k.clone(), self.variables.get(k).cloned())).collect();
            for (k, v) in values {
                self.assign(p, k, v)?;
            }
            let outer = self.builtin.replace(name.to_owned());
            let result = builtin(self, p, args);
            self.builtin = outer;
            if !special {
                self.restore(saved);
            }
            return result;
        }
        self.external(p, values, args)
    }

    fn restore(&mut self, saved: Vec<(String, Option<Variable>)>) {
        for (name, old) in saved.into_iter().rev() {
            match old {
                Some(v) => self.variables.insert(name, v),
                None => self.variables.remove(&name),
            };
        }
    }

    fn function(&mut self, p: &mut Process, body: &Rc<Redirected>, values: &[(String, String)], args: &[String]) -> Ran {
        if self.functions_deep + p.depth > MAX_DEPTH {
            p.system.halt("functions nested too deeply");
            return Err(Flow::Exit(1));
        }
        for (k, v) in values {
            self.assign(p, k, v)?;
        }
        let outer = std::mem::replace(&mut self.positional, args[1..].to_vec());
        self.functions_deep += 1;
        self.locals.push(Vec::new());
        let loops = std::mem::take(&mut self.loops);
        let result = self.command(p, body);
        self.loops = loops;
        let saved = self.locals.pop().unwrap_or_default();
        self.restore(saved);
        self.functions_deep -= 1;
        self.positional = outer;
        match result {
            Err(Flow::Return(status)) => Ok(status),
            other => other,
        }
    }

    /// Runs a program in a child.
    pub fn external(&mut self, p: &mut Process, values: &[(String, String)], args: &[String]) -> Ran {
        let name = args[0].clone();
        let env = self.environment(values);
        let path = values.iter().find(|(k, _)| k == "PATH").map(|(_, v)| v.clone()).or_else(|| self.get("PATH")).unwrap_or_default();
        let mut child = p.fork();
        child.args = args.to_vec();
        child.env = env;
        // busybox runs its own applets where no such file is needed: `FEATURE_SH_STANDALONE` is off, so PATH decides.
        match exec::find(&child, &name, &path) {
            Ok(file) => {
                let status = exec::execute_file(&mut child, &file);
                let signal = child.killed;
                drop(child);
                if status == 137 && signal.is_some() {
                    p.err("Killed\n");
                }
                Ok(status)
            }
            Err(error) => {
                drop(child);
                let (text, status) = match (error, self.dialect) {
                    (StartError::NotFound, Dialect::Bash) => ("command not found", 127),
                    (StartError::NotFound, _) => ("not found", 127),
                    (StartError::Errno(Errno::NoEntry | Errno::NotADirectory), Dialect::Bash) => ("No such file or directory", 127),
                    (StartError::Errno(Errno::NoEntry | Errno::NotADirectory), _) => ("not found", 127),
                    (StartError::Errno(Errno::AccessDenied), Dialect::Bash) if p.is_dir(&name) => ("Is a directory", 126),
                    (StartError::Errno(e), _) => (errno::text(e), 126),
                };
                self.complain(p, &format!("{name}: {text}"));
                Ok(status)
            }
        }
    }

    /// The environment of a child.
    pub fn environment(&self, extra: &[(String, String)]) -> Vec<(String, String)> {
        let mut env: Vec<(String, String)> =
            self.variables.iter().filter(|(_, v)| v.exported).filter_map(|(k, v)| Some((k.clone(), v.value.clone()?))).collect();
        for (name, value) in extra {
            match env.iter_mut().find(|(k, _)| k == name) {
                Some(entry) => entry.1 = value.clone(),
                None => env.push((name.clone(), value.clone())),
            }
        }
        env
    }

    fn trace(&mut self, p: &mut Process, values: &[(String, String)], args: &[String], to: Option<u64>) {
        let quote = |text: &str| trace_quote(text, self.dialect);
        let ps4 = self.get("PS4").unwrap_or_else(|| "+ ".into());
        let all: Vec<String> = values.iter().map(|(k, v)| format!("{k}={}", quote(v))).chain(args.iter().map(|a| quote(a))).collect();
        let line = if self.dialect == Dialect::Bash && !args.is_empty() && !values.is_empty() {
            values.iter().map(|(k, v)| format!("{ps4}{k}={}\n", quote(v))).collect::<String>()
                + &ps4
                + &args.iter().map(|a| quote(a)).collect::<Vec<_>>().join(" ")
                + "\n"
        } else {
            format!("{ps4}{}\n", all.join(" "))
        };
        let present = p.fds.get(&2).copied();
        if let Some(id) = to {
            p.fds.insert(2, id);
        }
        p.err(line);
        if let Some(id) = present {
            p.fds.insert(2, id);
        }
    }

    /// Opens redirections in order; `false` if one failed (and said so).
    pub fn redirect(&mut self, p: &mut Process, redirects: &[Redirect]) -> Result<bool, Flow> {
        for redirect in redirects {
            p.flush();
            let fd = redirect.fd;
            let mut text = self.text(p, &redirect.word)?;
            let open = match redirect.kind {
                RedirectKind::Here | RedirectKind::HereString => {
                    if redirect.kind == RedirectKind::HereString {
                        text.push('\n');
                    }
                    let pipe = p.system.pipe(text.into_bytes(), None);
                    p.system.open(Open::PipeRead(pipe))
                }
                RedirectKind::Duplicate => {
                    if text == "-" {
                        p.fds.remove(&fd);
                        continue;
                    }
                    match text.parse::<u32>() {
                        Ok(other) => match p.fds.get(&other).copied() {
                            Some(id) => id,
                            None => {
                                self.complain(
                                    p,
                                    &if self.dialect == Dialect::Ash {
                                        format!("dup2({other},{fd}): Bad file descriptor")
                                    } else {
                                        format!("{other}: Bad file descriptor")
                                    },
                                );
                                return Ok(false);
                            }
                        },
                        Err(_) => match self.open(p, &text, RedirectKind::Write)? {
                            Some(id) => {
                                p.fds.insert(2, id);
                                id
                            }
                            None => return Ok(false),
                        },
                    }
                }
                kind => match self.open(p, &text, kind)? {
                    Some(id) => {
                        if kind == RedirectKind::Both {
                            p.fds.insert(2, id);
                        }
                        id
                    }
                    None => return Ok(false),
                },
            };
            p.fds.insert(fd, open);
        }
        Ok(true)
    }

    fn open(&mut self, p: &mut Process, path: &str, kind: RedirectKind) -> Result<Option<u64>, Flow> {
        if let Some(open) = device(path) {
            return Ok(Some(p.system.open(open)));
        }
        let standard = match path {
            "/dev/stdin" | "/dev/fd/0" => Some(0),
            "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1" | "/proc/1/fd/1" => Some(1),
            "/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2" | "/proc/1/fd/2" => Some(2),
            other => other.strip_prefix("/dev/fd/").and_then(|n| n.parse().ok()),
        };
        if let Some(id) = standard.and_then(|fd| p.fds.get(&fd).copied()) {
            return Ok(Some(id));
        }
        let read = kind == RedirectKind::Read;
        let result = match read {
            true => p.content(path).and_then(|_| p.stat(path)).map(|(real, _)| real),
            false => {
                let truncate = matches!(kind, RedirectKind::Write | RedirectKind::Both);
                p.system.open_write(&p.ids, &p.cwd, path, 0o666 & !p.umask, truncate)
            }
        };
        match result {
            Ok(path) => {
                let append = kind == RedirectKind::Append;
                Ok(Some(p.system.open(Open::File {
                    path,
                    position: 0,
                    append,
                    read: read || kind == RedirectKind::ReadWrite,
                    write: !read,
                })))
            }
            Err(e) => {
                let text = match self.dialect {
                    Dialect::Bash => format!("{path}: {}", errno::text(e)),
                    Dialect::Dash | Dialect::Ash => {
                        let why = match (e, self.dialect) {
                            (Errno::NoEntry, Dialect::Dash) if !read => "Directory nonexistent",
                            (Errno::NoEntry, Dialect::Ash) if !read => "nonexistent directory",
                            (Errno::NoEntry, Dialect::Dash) => "No such file",
                            (Errno::NoEntry, Dialect::Ash) => "no such file",
                            _ => errno::text(e),
                        };
                        let verb = match (read, self.dialect) {
                            (true, Dialect::Ash) => "can't open",
                            (true, _) => "cannot open",
                            (false, Dialect::Ash) => "can't create",
                            (false, _) => "cannot create",
                        };
                        format!("{verb} {path}: {why}")
                    }
                };
                let builtin = self.builtin.take();
                self.complain(p, &text);
                self.builtin = builtin;
                Ok(None)
            }
        }
    }
}

/// A word as `set -x` shows it.
fn trace_quote(text: &str, dialect: Dialect) -> String {
    let reserved =
        ["!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "until", "while", "{", "}", "[["];
    let needs = match dialect {
        Dialect::Dash => false,
        Dialect::Ash => {
            reserved.contains(&text) || text.bytes().any(|b| b < b'+' || (b';'..=b'?').contains(&b) || b"`[\\".contains(&b) || b > b'z')
        }
        Dialect::Bash => text.is_empty() || text.bytes().any(|b| b" \t\n\"'\\$`&;()<>|*?[]{}!~#^".contains(&b)),
    };
    if needs && (text != "[" || dialect == Dialect::Ash) { format!("'{}'", text.replace('\'', "'\\''")) } else { text.to_owned() }
}

/// Whether a word names a tool at all (for `type`).
pub fn is_tool(name: &str) -> bool {
    tools::find(name).is_some()
}
