//! Compound commands: groups, subshells, conditions, loops, functions.

use std::rc::Rc;

use super::super::ast::*;
use super::super::state::{Flow, Function, Origin, Ran, Shell};
use super::super::{Dialect, builtins};
use crate::machine::Process;
use crate::machine::process::MAX_DEPTH;

/// Most commands inside of each other, through functions, subshells and programs: what the stack holds.
const MAX_DEEP: u32 = 250;

/// Whether a loop goes on; `None`: it was broken.
type NextRound<'a> = dyn FnMut(&mut Shell, &mut Process) -> Result<Option<bool>, Flow> + 'a;

impl Shell {
    /// Runs one command with its redirections.
    pub fn command(&mut self, p: &mut Process, command: &Rc<Redirected>) -> Ran {
        if p.system.deep >= MAX_DEEP {
            p.system.halt("commands nested too deeply");
        }
        if !p.alive() {
            return Err(Flow::Exit(1));
        }
        p.system.deep += 1;
        let (sinks, pipes) = (self.sinks.len(), self.pipes.len());
        let result = self.command_inner(p, command);
        self.drain(p, sinks);
        for fd in self.pipes.split_off(pipes.min(self.pipes.len())) {
            p.fds.remove(&fd);
        }
        p.system.deep = p.system.deep.saturating_sub(1);
        result
    }

    fn command_inner(&mut self, p: &mut Process, command: &Rc<Redirected>) -> Ran {
        self.line = command.line;
        if let Some(source) = command.source.as_ref().filter(|_| self.trapping.is_empty()) {
            self.command_text = Some(source.clone());
            if self.debugs() && !matches!(command.command, Command::Subshell(_)) {
                self.debug(p)?;
            }
        }
        if let Command::Simple { assigns, words } = &command.command {
            return self.simple(p, assigns, words, &command.redirects);
        }
        if let Command::Subshell(list) = &command.command {
            let mut shell = self.subshell();
            let mut child = p.fork();
            let redirects = &command.redirects;
            let status = shell.finish_subshell(&mut child, |s, c| match s.redirect(c, redirects)? {
                true => s.list(c, list),
                false if s.bash() => Ok(1),
                false => Ok(2),
            });
            return Ok(status);
        }
        if command.redirects.is_empty() {
            return self.compound(p, &command.command);
        }
        let saved = p.fds.clone();
        let good = self.redirect(p, &command.redirects)?;
        let result = match good {
            true => self.compound(p, &command.command),
            false if self.dialect == Dialect::Dash && self.options.errexit && self.tested == 0 => Err(Flow::Exit(2)),
            false => Ok(self.redirect_status()),
        };
        self.put_back(p, &command.redirects, saved);
        result
    }

    /// Whether a DEBUG trap is set and holds here.
    fn debugs(&self) -> bool {
        !self.traps.is_empty() && self.bash() && (self.functions_deep == 0 || self.options.functrace) && self.traps.contains_key("DEBUG")
    }

    /// Runs the DEBUG trap.
    fn debug(&mut self, p: &mut Process) -> Result<(), Flow> {
        self.run_trap(p, "DEBUG")
    }

    /// Runs a trap of bash that is no signal; it cannot set off itself.
    pub fn run_trap(&mut self, p: &mut Process, name: &'static str) -> Result<(), Flow> {
        let Some(action) = self.traps.get(name).filter(|_| !self.trapping.contains(&name)).cloned() else { return Ok(()) };
        let (line, status, text) = (self.line, self.status, self.command_text.clone());
        let builtin = self.builtin.take();
        self.trapping.push(name);
        self.tested += 1;
        let result = self.run_text(p, &action, line);
        self.tested -= 1;
        self.trapping.pop();
        (self.line, self.status, self.command_text, self.builtin) = (line, status, text, builtin);
        result.map(|_| ())
    }

    /// The head of a compound command, for `set -x` and DEBUG.
    fn head(&mut self, p: &mut Process, source: &str) -> Result<(), Flow> {
        self.trace_line(p, source)?;
        if self.debugs() {
            self.command_text = Some(source.into());
            self.debug(p)?;
        }
        Ok(())
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
                // In the branch `else`, `$?` is still that of the condition.
                if otherwise.is_empty() { Ok(0) } else { self.list(p, otherwise) }
            }
            Command::While { until, condition, body } => self.run_while(p, *until, condition, body),
            Command::For { name, words, body, source, asks: true } => self.run_select(p, name, words.as_deref(), body, source),
            Command::For { name, words, body, source, .. } => self.run_for(p, name, words.as_deref(), body, source),
            Command::Count { parts, body } => self.run_count(p, parts, body),
            Command::Case { word, arms, source } => self.run_case(p, word, arms, source),
            Command::Function { name, body, source } => {
                let origin = match (&self.file, self.origin) {
                    (Some(file), _) => Some(file.clone()),
                    (None, Origin::Text) => Some("environment".into()),
                    _ => None,
                };
                let exported = self.functions.get(name).is_some_and(|f| f.exported);
                self.functions.insert(name.clone(), Rc::new(Function { body: body.clone(), origin, source: source.clone(), exported }));
                Ok(0)
            }
            Command::Condition(words) => builtins::condition::condition(self, p, words),
            Command::Arithmetic(word, source) => {
                self.trace_line(p, &format!("(( {source} ))"))?;
                let text = self.text(p, word)?;
                match self.arithmetic_command(p, &text, "((") {
                    Some(value) => Ok((value == 0) as i32),
                    None => Ok(1),
                }
            }
            Command::Simple { .. } | Command::Subshell(_) => Ok(0),
        }
    }

    fn condition(&mut self, p: &mut Process, list: &List) -> Ran {
        self.tested += 1;
        let result = self.list(p, list);
        self.tested -= 1;
        result
    }

    fn run_while(&mut self, p: &mut Process, until: bool, condition: &List, body: &List) -> Ran {
        self.rounds(p, body, &mut |shell, p| {
            let went = shell.condition(p, condition);
            Ok(shell.round(went)?.map(|went| (went == 0) != until))
        })
    }

    fn run_for(&mut self, p: &mut Process, name: &str, words: Option<&[Word]>, body: &List, source: &str) -> Ran {
        if !super::super::parse::is_name(name) {
            self.complain(p, &format!("`{name}': not a valid identifier"));
            return Ok(1);
        }
        let items = match words {
            Some(words) => self.fields(p, words)?,
            None => self.positional.clone(),
        };
        let mut items = items.into_iter();
        self.rounds(p, body, &mut |shell, p| {
            let Some(item) = items.next() else { return Ok(Some(false)) };
            shell.head(p, source)?;
            shell.assign(p, name, &item)?;
            Ok(Some(true))
        })
    }

    /// bash's `select`: a menu, a line that is read, a round.
    fn run_select(&mut self, p: &mut Process, name: &str, words: Option<&[Word]>, body: &List, source: &str) -> Ran {
        let items = match words {
            Some(words) => self.fields(p, words)?,
            None => self.positional.clone(),
        };
        let mut shows = true;
        if items.is_empty() {
            return Ok(0);
        }
        let mut failed = false;
        let status = self.rounds(p, body, &mut |shell, p| {
            if shows {
                shell.trace_line(p, source)?;
            }
            loop {
                if std::mem::take(&mut shows) {
                    p.err(menu(&items));
                }
                let prompt = shell.get("PS3").unwrap_or_else(|| "#? ".into());
                p.err(prompt);
                let read = builtins::find(Dialect::Bash, "read");
                let line = read.map_or(Ok(1), |read| read(shell, p, &["read".to_owned(), "-r".into()]))?;
                if line != 0 || !p.burn(10) {
                    failed = true;
                    p.out("\n");
                    return Ok(Some(false));
                }
                let reply = shell.get("REPLY").unwrap_or_default();
                if reply.is_empty() {
                    shows = true;
                    continue;
                }
                let chosen = reply.trim().parse::<usize>().ok().and_then(|n| items.get(n.checked_sub(1)?));
                shell.assign(p, name, chosen.map_or("", String::as_str))?;
                return Ok(Some(true));
            }
        })?;
        Ok(if failed { 1 } else { status })
    }

    fn run_count(&mut self, p: &mut Process, parts: &[(Word, String); 3], body: &List) -> Ran {
        self.count_part(p, &parts[0])?;
        let mut first = true;
        self.rounds(p, body, &mut |shell, p| {
            if !std::mem::replace(&mut first, false) {
                shell.count_part(p, &parts[2])?;
            }
            Ok(Some(shell.count_part(p, &parts[1])? != Some(0)))
        })
    }

    /// Rounds of a loop for as long as `next` says so; `None` of it: the loop was broken.
    fn rounds(&mut self, p: &mut Process, body: &List, next: &mut NextRound) -> Ran {
        let mut status = 0;
        self.loops += 1;
        let result = loop {
            if !p.burn(10) {
                break Err(Flow::Exit(1));
            }
            match next(self, p) {
                Ok(Some(true)) => {}
                Ok(Some(false)) => break Ok(status),
                Ok(None) => break Ok(0),
                Err(flow) => break Err(flow),
            }
            let went = self.list(p, body);
            match self.round(went) {
                Ok(Some(went)) => status = went,
                Ok(None) => break Ok(0),
                Err(flow) => break Err(flow),
            }
        };
        self.loops -= 1;
        result
    }

    /// One of the three expressions of `for ((…))`; `None`: it is empty.
    fn count_part(&mut self, p: &mut Process, (word, source): &(Word, String)) -> Result<Option<i64>, Flow> {
        if source.is_empty() {
            return Ok(None);
        }
        self.trace_line(p, &format!("(( {source} ))"))?;
        let text = self.text(p, word)?;
        self.arithmetic(p, &text).map(Some)
    }

    fn run_case(&mut self, p: &mut Process, word: &Word, arms: &[Arm], source: &str) -> Ran {
        self.head(p, source)?;
        self.substituted = None;
        let text = self.text(p, word)?;
        let mut status = None;
        let mut falls = false;
        for arm in arms {
            let mut hit = falls;
            for pattern in &arm.patterns {
                if hit {
                    break;
                }
                let pattern = self.pattern(p, pattern)?;
                hit = self.matches(p, &pattern, &text, self.manner());
            }
            if !hit {
                continue;
            }
            if status.is_none() && arm.body.is_empty() {
                self.status = 0;
            }
            status = Some(if arm.body.is_empty() { 0 } else { self.list(p, &arm.body)? });
            falls = arm.next == Next::FallThrough;
            if arm.next == Next::End {
                break;
            }
        }
        Ok(status.unwrap_or(0))
    }

    /// How a round of a loop went: its status, `None` when the loop is over.
    fn round(&mut self, result: Ran) -> Result<Option<i32>, Flow> {
        match result {
            Ok(status) => Ok(Some(status)),
            Err(Flow::Break(n)) if n > 1 => Err(Flow::Break(n - 1)),
            Err(Flow::Break(_)) => Ok(None),
            Err(Flow::Continue(n)) if n > 1 => Err(Flow::Continue(n - 1)),
            Err(Flow::Continue(_)) => Ok(Some(0)),
            Err(other) => Err(other),
        }
    }

    /// Calls a function. `args[0]` is its name.
    pub(super) fn function(&mut self, p: &mut Process, function: &Function, args: &[String]) -> Ran {
        if self.functions_deep + p.depth > MAX_DEPTH {
            p.system.halt("functions nested too deeply");
            return Err(Flow::Exit(1));
        }
        let positional = std::mem::replace(&mut self.positional, args[1..].to_vec());
        let file = std::mem::replace(&mut self.file, function.origin.clone());
        let loops = std::mem::take(&mut self.loops);
        let getopts = std::mem::replace(&mut self.getopts, (1, 0));
        let options = self.local_options.take();
        self.callers.push((args[0].clone(), self.line));
        self.functions_deep += 1;
        self.locals.push(Vec::new());
        let trapped = self.traps.get("RETURN").cloned();
        let result = self.command(p, &function.body);
        // What the function set itself, or (`set -T`) inherited.
        if self.bash()
            && matches!(result, Ok(_) | Err(Flow::Return(_)))
            && (self.options.functrace || self.traps.get("RETURN") != trapped.as_ref())
        {
            self.run_trap(p, "RETURN")?;
        }
        let saved = self.locals.pop().unwrap_or_default();
        self.restore(saved);
        if let Some(options) = std::mem::replace(&mut self.local_options, options) {
            self.options = options;
        }
        self.callers.pop();
        self.functions_deep -= 1;
        self.positional = positional;
        self.file = file;
        self.loops = loops;
        if !self.bash() {
            self.getopts = getopts;
        }
        match result {
            Err(Flow::Return(status)) => Ok(status),
            other => other,
        }
    }
}

/// The menu of `select`: columns filled downwards, 80 wide.
fn menu(items: &[String]) -> String {
    let digits = items.len().to_string().len();
    let widest = items.iter().map(|i| i.chars().count()).max().unwrap_or(0) + digits + 4;
    let columns = (80 / widest).max(1);
    let mut rows = items.len().div_ceil(columns);
    if rows == 1 {
        rows = items.len();
    }
    let mut text = String::new();
    for row in 0..rows {
        let mut start = 0;
        let mut at = row;
        loop {
            let digits = if start == 0 { rows.to_string().len() } else { digits };
            text.push_str(&format!("{:digits$}) {}", at + 1, items[at]));
            let mut column = start + items[at].chars().count() + digits + 2;
            at += rows;
            if at >= items.len() {
                break;
            }
            start += widest;
            while column < start {
                let tab = column / 8 < start / 8;
                text.push(if tab { '\t' } else { ' ' });
                column += if tab { 8 - column % 8 } else { 1 };
            }
        }
        text.push('\n');
    }
    text
}
