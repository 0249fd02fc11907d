//! Running a list: pipelines (left to right through pipes in memory), subshells, `set -e`.

mod compound;
mod redirect;
mod simple;
mod trace;

use std::rc::Rc;

use super::Dialect;
use super::ast::*;
use super::parse::{Parser, SyntaxError};
use super::state::{Flow, Job, Origin, Ran, Shell};
use crate::machine::Process;
use crate::machine::process::MAX_DEPTH;
use crate::machine::system::Open;

pub use trace::{backslashed, dollar_quoted, quote, single_quoted};

/// How much the left side of a pipe may write at first; more if the right side wants it.
const FIRST_LIMIT: usize = 1 << 16;

impl Shell {
    /// Runs the commands of a text: a script, or what `eval`, `.` and `trap` get. `line`: the number of its first line.
    pub fn run_text(&mut self, p: &mut Process, text: &str, line: u32) -> Ran {
        self.run_lines(p, text, line, false)
    }

    /// The same; `echo`: `set -v` shows the lines.
    pub fn run_lines(&mut self, p: &mut Process, text: &str, line: u32, echo: bool) -> Ran {
        let mut parser = Parser::new(text, self.dialect, line);
        let mut status = 0;
        loop {
            if !self.bash() || self.options.expand_aliases {
                parser.aliases = self.aliases.clone();
            }
            parser.executing = self.line;
            let from = parser.position();
            let command = parser.next_command();
            if echo && self.options.verbose {
                p.err(parser.since(from));
            }
            match command {
                Ok(None) => return Ok(status),
                Ok(Some(list)) if list.is_empty() || self.options.noexec => {}
                Ok(Some(list)) => {
                    status = match self.list(p, &list) {
                        // bash gives up the line, not the script.
                        Err(Flow::Error(status)) if self.bash() && self.builtin.is_none() && !self.subshell => {
                            self.status = status;
                            self.tested = 0;
                            status
                        }
                        other => other?,
                    }
                }
                Err(error) => return self.syntax_error(p, error),
            }
            if !p.burn(1) {
                return Err(Flow::Exit(1));
            }
        }
    }

    /// Says what is wrong with a script.
    pub fn syntax_error(&mut self, p: &mut Process, error: SyntaxError) -> Ran {
        self.line = error.line;
        if !self.bash() {
            return Err(self.fatal(p, &error.text));
        }
        let place = match (&self.builtin, self.origin) {
            (Some(name), _) => format!("{name}: "),
            (None, Origin::Text) => "-c: ".into(),
            (None, _) => String::new(),
        };
        let start = format!("{}: {place}line {}: ", self.file.as_ref().unwrap_or(&self.name), error.line);
        p.err(format!("{start}{}\n", error.text));
        if let Some(source) = error.source {
            p.err(format!("{start}`{source}'\n"));
        }
        if self.builtin.is_some() { Ok(2) } else { Err(Flow::Exit(2)) }
    }

    /// Runs a list.
    pub fn list(&mut self, p: &mut Process, list: &List) -> Ran {
        for and_or in list {
            if !p.burn(1) {
                return Err(Flow::Exit(1));
            }
            if self.options.noexec {
                return Ok(0);
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

    /// `… &`: it runs at once, and its time is its own.
    fn background(&mut self, p: &mut Process, and_or: &AndOr) -> Ran {
        let start = p.system.state.clock;
        let mut shell = self.subshell();
        let mut child = p.fork();
        let pid = child.pid;
        let null = child.system.open(Open::Null);
        child.fds.insert(0, null);
        let status = shell.finish_subshell(&mut child, |s, c| s.and_or(c, and_or));
        let now = p.system.state.clock;
        while self.jobs.last().is_some_and(|j| j.waited && j.end <= start) {
            self.jobs.pop();
        }
        self.jobs.push(Job { pid, status, end: now, killed: None, waited: false });
        p.system.state.clock = start;
        self.last_job = Some(pid);
        Ok(0)
    }

    fn pipeline(&mut self, p: &mut Process, pipeline: &Pipeline, tested: bool) -> Ran {
        let tested = tested || pipeline.negate;
        self.tested += tested as u32;
        let start = p.system.state.clock;
        let result = match &pipeline.commands[..] {
            [one] => self.command(p, one),
            many => self.pipe(p, many),
        };
        self.tested -= tested as u32;
        if let Some(posix) = pipeline.timed {
            let spent = p.system.state.clock.saturating_sub(start);
            p.err(match posix {
                true => format!("real {}.{:02}\nuser 0.00\nsys 0.00\n", spent.as_secs(), spent.subsec_millis() / 10),
                false => {
                    let (minutes, seconds) = (spent.as_secs() / 60, spent.as_secs() % 60);
                    format!("\nreal\t{minutes}m{seconds}.{:03}s\nuser\t0m0.000s\nsys\t0m0.000s\n", spent.subsec_millis())
                }
            });
        }
        let status = result?;
        if pipeline.negate {
            return Ok((status == 0) as i32);
        }
        let [one] = &pipeline.commands[..] else { return self.check(p, status, tested) };
        if self.bash() {
            self.set_array("PIPESTATUS", vec![status.to_string()]);
        }
        // The commands inside of these have been looked at already.
        match one.command {
            Command::Group(_) | Command::If { .. } | Command::For { .. } | Command::Count { .. } => Ok(status),
            Command::While { .. } | Command::Case { .. } | Command::Function { .. } => Ok(status),
            _ => self.check(p, status, tested),
        }
    }

    /// What `set -e` and the ERR trap do after a command that failed.
    fn check(&mut self, p: &mut Process, status: i32, tested: bool) -> Ran {
        if status == 0 || tested || self.tested > 0 {
            return Ok(status);
        }
        if self.bash()
            && let Some(action) = self.traps.get("ERR").cloned()
            && (self.options.errtrace || (self.functions_deep == 0 && !self.subshell))
        {
            self.status = status;
            self.tested += 1;
            let result = self.run_text(p, &action, self.line);
            self.tested -= 1;
            result?;
        }
        if self.options.errexit { Err(Flow::Exit(status)) } else { Ok(status) }
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
                let mut shell = self.subshell();
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
            let failed = statuses.iter().rev().copied().find(|s| *s != 0).unwrap_or(0);
            if self.bash() {
                self.set_array("PIPESTATUS", statuses.iter().map(i32::to_string).collect());
            }
            return Ok(if self.options.pipefail { failed } else { last });
        }
    }

    /// The shell of a subshell: traps that are not ignored are gone.
    pub fn subshell(&self) -> Self {
        let mut shell = self.clone();
        shell.traps.retain(|_, action| action.is_empty());
        shell.subshell = true;
        shell.jobs.clear();
        shell
    }

    /// Runs the body of a subshell in a forked process, with its EXIT trap: its status.
    pub fn finish_subshell(&mut self, child: &mut Process, body: impl FnOnce(&mut Self, &mut Process) -> Ran) -> i32 {
        if child.depth > MAX_DEPTH {
            child.system.halt("processes nested too deeply");
            return 1;
        }
        let result = body(self, child);
        let status = self.ended(result);
        let status = self.run_exit_trap(child, status);
        child.flush();
        child.killed.map_or(status, |s| 128 + s)
    }

    /// The exit status of a shell that stopped with `result`.
    pub fn ended(&self, result: Ran) -> i32 {
        match result {
            Ok(status) | Err(Flow::Exit(status) | Flow::Return(status) | Flow::Error(status)) => status,
            Err(Flow::Break(_) | Flow::Continue(_)) => self.status,
        }
    }

    /// Runs the EXIT trap, if there is one.
    pub fn run_exit_trap(&mut self, p: &mut Process, status: i32) -> i32 {
        let Some(text) = self.traps.remove("EXIT").filter(|t| !t.is_empty()) else { return status };
        self.status = status;
        self.tested = 0;
        let line = if self.dialect == Dialect::Ash { self.line } else { 1 };
        match self.run_text(p, &text, line) {
            Err(Flow::Exit(status)) => status,
            _ => status,
        }
    }

    /// `$(…)`: what a list prints, without the newlines at its end.
    pub fn substitute(&mut self, p: &mut Process, list: &List) -> Result<String, Flow> {
        let mut shell = self.subshell();
        shell.tested = 0;
        shell.levels += 1;
        if self.dialect != Dialect::Dash && !self.options.inherit_errexit {
            shell.options.errexit = false;
        }
        let mut child = p.fork();
        let pipe = child.system.pipe(Vec::new(), None);
        let id = child.system.open(Open::PipeWrite(pipe));
        child.fds.insert(1, id);
        let status = shell.finish_subshell(&mut child, |s, c| s.list(c, list));
        self.substituted = Some(status);
        // Only bash lets `$?` behind it on the same line see it.
        if self.bash() {
            self.status = status;
        }
        let data = p.system.take_pipe(pipe).data;
        if !p.alive() {
            return Err(Flow::Exit(1));
        }
        let mut text = String::from_utf8_lossy(&data).into_owned();
        if text.contains('\0') {
            text = text.replace('\0', "");
        }
        text.truncate(text.trim_end_matches('\n').len());
        Ok(text)
    }
}
