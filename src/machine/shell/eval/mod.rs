//! Running a list: pipelines (left to right through pipes in memory), subshells, `set -e`.

mod compound;
mod redirect;
mod simple;
mod trace;

use std::rc::Rc;
use std::time::Duration;

use super::Dialect;
use super::ast::*;
use super::parse::{Parser, SyntaxError};
use super::state::{Flow, Job, Origin, Ran, Shell};
use crate::machine::Process;
use crate::machine::process::MAX_DEPTH;
use crate::machine::system::{MAX_TIME, Open};

pub use simple::DEFAULT_PATH;
pub use trace::{backslashed, dollar_quoted, quote, single_quoted};

/// How much the left side of a pipe may write at first; more if the right side wants it.
const FIRST_LIMIT: usize = 1 << 16;
/// The status of what writes where nobody reads.
const SIGPIPE: i32 = 128 + 13;

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
            if !self.bash() || self.options.has("expand_aliases") {
                parser.aliases = self.aliases.clone();
            }
            parser.extglob = self.bash() && self.options.has("extglob");
            parser.executing = self.line;
            let from = parser.position();
            let command = parser.next_command();
            if echo && self.options.verbose {
                p.err(parser.since(from));
            }
            for (line, text) in std::mem::take(&mut parser.warnings) {
                let start = self.file.as_ref().unwrap_or(&self.name);
                p.err(format!("{start}: line {line}: warning: {text}\n"));
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
        if !error.text.is_empty() {
            p.err(format!("{start}{}\n", error.text));
        }
        if let Some(source) = error.source {
            p.err(format!("{start}`{source}'\n"));
        }
        let status = if error.condition { self.status } else { 2 };
        if self.builtin.is_some() { Ok(2) } else { Err(Flow::Exit(status)) }
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
        child.deadline = None;
        let pid = child.pid;
        let null = child.system.open(Open::Null);
        child.fds.insert(0, null);
        // Its time is its own; only who waits for what never ends is stopped by that.
        let body = |child: &mut Process| shell.finish_subshell(child, |s, c| s.and_or(c, and_or));
        let (status, endless) = child.until(MAX_TIME - Duration::from_secs(1), body);
        let end = if endless { MAX_TIME * 2 } else { p.system.state.clock };
        while self.jobs.last().is_some_and(|j| j.waited && j.end <= start) {
            self.jobs.pop();
        }
        let text = match &and_or.first.commands[..] {
            commands if self.bash() && and_or.rest.is_empty() => {
                let texts: Vec<String> = commands.iter().filter_map(|c| Some(super::print::command(c.source.as_ref()?))).collect();
                texts.join(" | ")
            }
            _ => String::new(),
        };
        self.jobs.push(Job { pid, status, end, killed: None, waited: false, text: text.into() });
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
            let format = match posix {
                true => "real %2R\nuser %2U\nsys %2S".to_owned(),
                false => self.get("TIMEFORMAT").unwrap_or_else(|| "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS".into()),
            };
            if !format.is_empty() {
                p.err(times(&format, spent) + "\n");
            }
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
        if !self.traps.is_empty()
            && let Some(action) = self.traps.get("ERR").cloned()
            && (self.options.errtrace || (self.functions_deep == 0 && !self.subshell))
            && !action.is_empty()
        {
            self.status = status;
            self.run_trap(p, "ERR")?;
        }
        if self.options.errexit { Err(Flow::Exit(status)) } else { Ok(status) }
    }

    fn pipe(&mut self, p: &mut Process, commands: &[Rc<Redirected>]) -> Ran {
        let moment = p.system.moment();
        let mut limit = FIRST_LIMIT;
        let lastpipe = self.bash() && self.options.has("lastpipe");
        let before = lastpipe.then(|| self.clone());
        let outer = (p.system.endless, p.system.clipped);
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
                child.system.endless = output.map(|_| limit.saturating_mul(8)).or(outer.0);
                child.system.clipped = false;
                if let Some(pipe) = output {
                    let id = child.system.open(Open::PipeWrite(pipe));
                    child.fds.insert(1, id);
                }
                if lastpipe && i + 1 == commands.len() {
                    let (fds, pipe) = (child.fds.clone(), input);
                    drop(child);
                    let outer = std::mem::replace(&mut p.fds, fds);
                    let went = self.command(p, command);
                    p.flush();
                    p.fds = outer;
                    starved |= pipe.is_some_and(|pipe| p.system.take_pipe(pipe).starved);
                    match went {
                        Ok(status) => statuses.push(status),
                        Err(_) if starved => statuses.push(1),
                        Err(flow) => return Err(flow),
                    }
                    longest = longest.max(p.system.state.clock);
                    break;
                }
                let mut status = shell.finish_subshell(&mut child, |s, c| s.command(c, command));
                if let Some(pipe) = output.filter(|_| p.system.clipped).and_then(|output| p.system.state.pipes.get_mut(&output)) {
                    // It would have gone on until nobody read any more.
                    (pipe.cut, pipe.endless) = (true, true);
                    status = if status == 0 { SIGPIPE } else { status };
                }
                statuses.push(status);
                longest = longest.max(p.system.state.clock);
                if let Some(pipe) = input {
                    starved |= p.system.take_pipe(pipe).starved;
                }
                input = output;
            }
            p.system.state.clock = longest;
            p.system.endless = outer.0;
            p.system.clipped |= outer.1;
            if starved && p.alive() {
                p.system.rewind(moment.clone());
                if let Some(before) = &before {
                    self.clone_from(before);
                }
                limit = limit.saturating_mul(16);
                continue;
            }
            let last = statuses.last().copied().unwrap_or(0);
            let failed = statuses.iter().rev().copied().find(|s| *s != 0).unwrap_or(0);
            if self.bash() {
                if let Some(source) = commands.last().and_then(|c| c.source.as_ref()).filter(|_| self.trapping.is_empty()) {
                    self.command_text = Some(source.clone());
                }
                self.set_array("PIPESTATUS", statuses.iter().map(i32::to_string).collect());
            }
            return Ok(if self.options.pipefail { failed } else { last });
        }
    }

    /// The shell of a subshell: traps that are not ignored are gone.
    pub fn subshell(&self) -> Self {
        let mut shell = self.clone();
        if !shell.traps.is_empty() {
            shell.outer_traps = std::mem::take(&mut shell.traps);
            shell.traps = shell.outer_traps.iter().filter(|(_, action)| action.is_empty()).map(|(n, a)| (n.clone(), a.clone())).collect();
            // `set -E` and `set -T` hand these down.
            for (name, inherits) in [("ERR", self.options.errtrace), ("DEBUG", self.options.functrace), ("RETURN", self.options.functrace)]
            {
                if let Some(action) = shell.outer_traps.get(name).filter(|_| inherits) {
                    shell.traps.insert(name.into(), action.clone());
                }
            }
        }
        // Only bash still shows them.
        if !self.bash() {
            shell.outer_traps.clear();
        }
        shell.subshell = true;
        shell.subshells += 1;
        shell.sinks.clear();
        shell.lasting.clear();
        shell.pipes.clear();
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
        self.close(child);
        child.flush();
        child.killed.map_or(status, |s| 128 + s)
    }

    /// The exit status of a shell that stopped with `result`.
    pub fn ended(&self, result: Ran) -> i32 {
        match result {
            Ok(status) | Err(Flow::Exit(status) | Flow::Return(status) | Flow::Error(status) | Flow::Refused(status)) => status,
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

    /// Runs what reads from `>(…)` at the end of the shell.
    pub fn close(&mut self, p: &mut Process) {
        self.sinks.append(&mut self.lasting);
        self.drain(p, 0);
    }

    /// Runs what reads from `>(…)`, the first `keep` of them excepted.
    pub fn drain(&mut self, p: &mut Process, keep: usize) {
        while self.sinks.len() > keep {
            let sink = self.sinks.remove(keep);
            p.flush();
            let mut shell = self.subshell();
            let mut child = p.fork();
            child.fds = sink.fds;
            let id = child.system.open(Open::PipeRead(sink.pipe));
            child.fds.insert(0, id);
            shell.finish_subshell(&mut child, |s, c| s.list(c, &sink.list));
        }
    }

    /// `$(…)`: what a list prints, without the newlines at its end.
    pub fn substitute(&mut self, p: &mut Process, list: &List) -> Result<String, Flow> {
        let data = self.substitute_bytes(p, list)?;
        let mut text = String::from_utf8_lossy(&data).into_owned();
        if text.contains('\0') {
            text = text.replace('\0', "");
        }
        text.truncate(text.trim_end_matches('\n').len());
        Ok(text)
    }

    /// All that a list prints.
    pub fn substitute_bytes(&mut self, p: &mut Process, list: &List) -> Result<Vec<u8>, Flow> {
        let mut shell = self.subshell();
        if self.dialect == Dialect::Ash {
            shell.outer_traps = self.traps.clone();
        }
        shell.tested = 0;
        shell.levels += 1;
        if self.dialect != Dialect::Dash && !self.options.has("inherit_errexit") {
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
        let data = std::sync::Arc::unwrap_or_clone(p.system.take_pipe(pipe).data);
        if p.alive() { Ok(data) } else { Err(Flow::Exit(1)) }
    }
}

/// bash's TIMEFORMAT: `%R`, `%U`, `%S`, with the number of decimals, `l` for minutes, and `%P`. Nothing takes processor time here.
fn times(format: &str, spent: Duration) -> String {
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let decimals = chars.next_if(char::is_ascii_digit).map_or(3, |d| (d as usize - '0' as usize).min(3));
        let long = chars.next_if_eq(&'l').is_some();
        let time = match chars.next() {
            Some('R') => spent,
            Some('U' | 'S') => Duration::ZERO,
            Some('P') => {
                text.push_str("0.00");
                continue;
            }
            Some(other) => {
                text.push(other);
                continue;
            }
            None => break,
        };
        let (minutes, seconds) = (time.as_secs() / 60, time.as_secs());
        let fraction = format!("{:03}", time.subsec_millis());
        match long {
            true => text.push_str(&format!("{minutes}m{}", seconds % 60)),
            false => text.push_str(&seconds.to_string()),
        }
        if decimals > 0 {
            text.push('.');
            text.push_str(&fraction[..decimals]);
        }
        if long {
            text.push('s');
        }
    }
    text
}
