//! A shell that somebody types into: line by line, with prompts, completion and a machine that stays.

use std::time::Duration;

use super::parse::Parser;
use super::state::{Flow, Origin, Shell};
use super::{Dialect, builtins, dialect_named, new_shell};
use crate::filesystem::Node;
use crate::machine::process::Kept;
use crate::machine::system::System;
use crate::machine::{Invocation, OutputLine, Process, exec, kernel};

/// A running interactive shell.
pub struct Session {
    system: System,
    process: Kept,
    shell: Shell,
    /// Lines that are no complete command yet.
    pending: String,
    lines: u32,
}

/// What a line did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Response {
    pub output: Vec<OutputLine>,
    /// What to print before the next line.
    pub prompt: String,
    /// The exit status, once the shell is over.
    pub exited: Option<i32>,
    /// Virtual time since the shell began.
    pub elapsed: Duration,
}

/// Proposals for the word before the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposals {
    /// Where the word begins, in bytes of the line.
    pub start: usize,
    /// What it could be; folders end with a slash.
    pub words: Vec<String>,
}

impl Session {
    /// Starts the shell that `invocation` names. `None`: its program is no shell, or gets something to do.
    pub fn open(invocation: &Invocation) -> Option<Self> {
        if invocation.args.iter().skip(1).any(|arg| !matches!(arg.as_str(), "-i" | "-l" | "--login")) {
            return None;
        }
        let kernel::Booted { mut system, identity, .. } = kernel::boot(invocation);
        let (ids, home) = identity.ok()?;
        let env = kernel::environment(invocation, &home);
        let cwd = kernel::working_directory(&mut system, &invocation.cwd);
        let mut process = Process::first(&mut system, ids, cwd, env, Vec::new());
        process.args = invocation.args.clone();
        let file = kernel::find(&process).ok()?;
        let real = process.stat(&file).ok()?.0;
        let dialect = dialect_named(process.name(), real.name())?;
        if real.name() == "busybox" && process.name() == "busybox" {
            return None;
        }
        let mut shell = new_shell(&process, dialect);
        shell.origin = Origin::Terminal;
        if dialect == Dialect::Bash && shell.get("PS1").is_none() {
            // Debian and Ubuntu set it for all users.
            let fancy = process.exists("/etc/bash.bashrc") || process.exists("/etc/debian_version");
            shell.set("PS1", if fancy { "\\u@\\h:\\w\\$ " } else { "\\s-\\v\\$ " });
        }
        let process = process.keep();
        Some(Self { system, process, shell, pending: String::new(), lines: 0 })
    }

    /// What to print before the first line.
    pub fn prompt(&mut self) -> String {
        let name = if self.pending.is_empty() { "PS1" } else { "PS2" };
        let text = self.shell.get(name).unwrap_or_default();
        let mut process = Process::resume(&mut self.system, self.process.clone());
        let text = if self.shell.dialect == Dialect::Dash { text } else { decoded(&self.shell, &process, &text) };
        let status = self.shell.status;
        let prompt = self.shell.quoted_text(&mut process, &text).unwrap_or_default();
        self.shell.status = status;
        prompt
    }

    /// Runs a line, or keeps it until the command is complete.
    pub fn line(&mut self, text: &str) -> Response {
        self.pending.push_str(text);
        self.pending.push('\n');
        let exited = if self.is_complete() { self.run() } else { None };
        self.respond(exited)
    }

    /// Ctrl-C: forgets what was typed.
    pub fn interrupt(&mut self) -> Response {
        self.pending.clear();
        self.shell.status = 130;
        self.respond(None)
    }

    /// Ctrl-D on an empty line.
    pub fn end(&mut self) -> Response {
        self.pending = "exit\n".into();
        let exited = self.run();
        self.respond(exited)
    }

    fn respond(&mut self, exited: Option<i32>) -> Response {
        let prompt = if exited.is_some() { String::new() } else { self.prompt() };
        Response { output: std::mem::take(&mut self.system.output), prompt, exited, elapsed: self.system.state.clock }
    }

    fn is_complete(&self) -> bool {
        let mut parser = Parser::new(&self.pending, self.shell.dialect, 1);
        parser.aliases = self.shell.aliases.clone();
        loop {
            match parser.next_command() {
                Ok(Some(_)) => {}
                Ok(None) => return !parser.wants_more(),
                Err(error) => return !error.unfinished,
            }
        }
    }

    fn run(&mut self) -> Option<i32> {
        let text = std::mem::take(&mut self.pending);
        let line = self.lines + 1;
        self.lines += text.lines().count() as u32;
        self.system.refuel();
        let shell = &mut self.shell;
        let mut process = Process::resume(&mut self.system, self.process.clone());
        let result = shell.run_text(&mut process, &text, line);
        let status = match result {
            Err(Flow::Exit(status)) if process.system.halted.is_none() && process.killed.is_none() => {
                let status = shell.run_exit_trap(&mut process, status);
                process.flush();
                self.process = process.keep();
                return Some(status);
            }
            Ok(_) => shell.status,
            other => shell.ended(other),
        };
        shell.status = status;
        (shell.loops, shell.functions_deep, shell.tested) = (0, 0, 0);
        shell.locals.clear();
        process.flush();
        let killed = process.killed.take();
        self.process = process.keep();
        if let Some(why) = self.system.halted.take() {
            self.system.log(crate::machine::Stream::Stderr, format!("bottleship: stopped: {why}\n").as_bytes());
            self.shell.status = 137;
        }
        killed.map(|signal| 128 + signal)
    }

    /// What the word before byte `at` of a line could be.
    pub fn complete(&mut self, line: &str, at: usize) -> Proposals {
        let head = line.get(..at).unwrap_or(line);
        let start = head.rfind([' ', '\t', ';', '|', '&', '(', '<', '>', '=', '`']).map_or(0, |i| i + 1);
        let word = &head[start..];
        let before = head[..start].trim_end();
        let is_command = before.is_empty() || before.ends_with([';', '|', '&', '(', '`']);
        let process = Process::resume(&mut self.system, self.process.clone());
        let mut words = match is_command && !word.contains('/') {
            true => commands(&self.shell, &process, word),
            false => paths(&self.shell, &process, word),
        };
        crate::base::sort(&mut words);
        words.dedup();
        Proposals { start, words }
    }
}

/// Names of commands that start with `word`.
fn commands(shell: &Shell, p: &Process, word: &str) -> Vec<String> {
    let mut words: Vec<String> = builtins::names(shell.dialect).map(str::to_owned).collect();
    words.extend(shell.functions.keys().cloned());
    words.extend(shell.aliases.keys().cloned());
    let path = shell.get("PATH").unwrap_or_default();
    for folder in path.split(':') {
        let names = p.list(folder).unwrap_or_default();
        words.extend(names.into_iter().filter(|name| name.starts_with(word) && exec::find(p, &format!("{folder}/{name}"), "").is_ok()));
    }
    words.retain(|name| name.starts_with(word));
    words
}

/// Paths that start with `word`.
fn paths(shell: &Shell, p: &Process, word: &str) -> Vec<String> {
    let (folder, name) = word.rfind('/').map_or(("", word), |i| word.split_at(i + 1));
    let real = match folder.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", shell.get("HOME").unwrap_or_default()),
        None if folder.is_empty() => ".".to_owned(),
        None => folder.to_owned(),
    };
    let names = p.list(&real).unwrap_or_default();
    let shown = names.into_iter().filter(|n| n.starts_with(name) && (name.starts_with('.') || !n.starts_with('.')));
    shown
        .map(|n| {
            let is_folder = matches!(p.stat(&format!("{real}/{n}")), Ok((_, Node::Directory(_))));
            format!("{folder}{n}{}", if is_folder { "/" } else { "" })
        })
        .collect()
}

/// A prompt without its backslash escapes.
pub(super) fn decoded(shell: &Shell, p: &Process, text: &str) -> String {
    let user = p.users().into_iter().find(|u| u.uid == p.ids.uid).map_or_else(|| "I have no name!".into(), |u| u.name);
    let home = shell.get("HOME").filter(|h| h.len() > 1);
    let here = match home.and_then(|home| p.cwd.as_str().strip_prefix(home.as_str()).map(str::to_owned)) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
        _ => p.cwd.to_string(),
    };
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('u') => out.push_str(&user),
            Some('h') => out.push_str(p.system.hostname.split('.').next().unwrap_or("")),
            Some('H') => out.push_str(&p.system.hostname),
            Some('w') => out.push_str(&here),
            Some('W') => out.push_str(here.rsplit('/').find(|part| !part.is_empty()).unwrap_or("/")),
            Some('$') => out.push(if p.ids.is_root() { '#' } else { '$' }),
            Some('s') => out.push_str(&shell.applet),
            Some('v') => out.push_str("5.2"),
            Some('n') => out.push('\n'),
            Some('e') => out.push('\u{1b}'),
            Some('[' | ']') => {}
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
