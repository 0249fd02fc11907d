//! Redirections.

use super::super::Dialect;
use super::super::ast::*;
use super::super::state::{Flow, Shell, item_of};
use crate::filesystem::{Errno, Node};
use crate::machine::process::device;
use crate::machine::system::Open;
use crate::machine::{Process, errno};

/// The open descriptors of a process.
type Descriptors = crate::base::Map<u32, u64>;

impl Shell {
    /// The status of a command whose redirection failed.
    pub(super) fn redirect_status(&self) -> i32 {
        if self.dialect == Dialect::Dash { 2 } else { 1 }
    }

    /// Opens redirections in order; `false` if one failed (and said so).
    pub fn redirect(&mut self, p: &mut Process, redirects: &[Redirect]) -> Result<bool, Flow> {
        for redirect in redirects {
            p.flush();
            let fd = match &redirect.variable {
                Some(name) if redirect.kind == RedirectKind::Duplicate && matches!(&redirect.word[..], [Part::Plain(t)] if t == "-") => {
                    let value = self.value_of(name);
                    let Some(fd) = value.as_ref().and_then(|v| v.parse().ok()) else {
                        self.complain(p, &format!("{}: Bad file descriptor", value.unwrap_or_default()));
                        return Ok(false);
                    };
                    fd
                }
                Some(name) => {
                    let fd = (10..).find(|fd| !p.fds.contains_key(fd)).unwrap_or(10);
                    self.set_place(p, name, &fd.to_string())?;
                    fd
                }
                None => redirect.fd,
            };
            if let Some(body) = &redirect.body {
                let text = match self.text(p, &body.borrow().clone()) {
                    // To ash, what is wrong in a heredoc is a redirection that failed.
                    Err(Flow::Error(_)) if self.dialect == Dialect::Ash => return Ok(false),
                    text => text?,
                };
                let id = here(p, text);
                p.fds.insert(fd, id);
                continue;
            }
            let text = match self.bash() {
                true => match &self.fields(p, std::slice::from_ref(&redirect.word))?[..] {
                    [one] => one.clone(),
                    _ if redirect.kind == RedirectKind::HereString => self.text(p, &redirect.word)?,
                    _ => {
                        let shown = match &redirect.word[..] {
                            [Part::Parameter(parameter, false)] if matches!(parameter.op, ParameterOp::Get) => {
                                format!("${}: ", parameter.name)
                            }
                            _ => String::new(),
                        };
                        self.complain(p, &format!("{shown}ambiguous redirect"));
                        return Ok(false);
                    }
                },
                false => self.text(p, &redirect.word)?,
            };
            let both = matches!(redirect.kind, RedirectKind::Both | RedirectKind::BothAppend);
            let id = match redirect.kind {
                RedirectKind::HereString => here(p, text + "\n"),
                RedirectKind::Duplicate => match self.duplicate(p, fd, &text)? {
                    Some(Some(id)) => id,
                    Some(None) => continue,
                    None => return Ok(false),
                },
                kind => match self.open(p, &text, kind) {
                    Some(id) => id,
                    None => return Ok(false),
                },
            };
            if both {
                p.fds.insert(2, id);
            }
            p.fds.insert(fd, id);
        }
        Ok(true)
    }

    /// `n>&m`, `n>&-`, bash's `>&file`: what `fd` becomes, `Some(None)` if it is done, `None` if it failed.
    fn duplicate(&mut self, p: &mut Process, fd: u32, text: &str) -> Result<Option<Option<u64>>, Flow> {
        if text == "-" {
            p.fds.remove(&fd);
            return Ok(Some(None));
        }
        let (number, moves) = text.strip_suffix('-').filter(|_| self.bash()).map_or((text, false), |n| (n, true));
        match number.parse::<u32>() {
            Ok(other) => match p.fds.get(&other).copied() {
                Some(id) => {
                    if moves {
                        p.fds.remove(&other);
                    }
                    Ok(Some(Some(id)))
                }
                None => {
                    self.complain(p, &format!("{other}: Bad file descriptor"));
                    Ok(None)
                }
            },
            Err(_) if self.dialect != Dialect::Dash && (self.bash() || fd == 1) => match self.open(p, text, RedirectKind::Write) {
                Some(id) => {
                    p.fds.insert(2, id);
                    Ok(Some(Some(id)))
                }
                None => Ok(None),
            },
            Err(_) => {
                let text = if self.dialect == Dialect::Ash { "redir error" } else { "Syntax error: Bad fd number" };
                Err(self.fatal(p, text))
            }
        }
    }

    /// Puts descriptors back as they were before a command; those of `{name}>` stay.
    pub(super) fn put_back(&mut self, p: &mut Process, redirects: &[Redirect], mut before: Descriptors) {
        p.flush();
        for name in redirects.iter().filter_map(|r| r.variable.as_ref()) {
            if let Some(fd) = self.value_of(name).and_then(|v| v.parse().ok()) {
                match p.fds.get(&fd) {
                    Some(id) => before.insert(fd, *id),
                    None => before.remove(&fd),
                };
            }
        }
        p.fds = before;
    }

    /// The value of a variable or of an item, `name[key]`.
    pub fn value_of(&self, place: &str) -> Option<String> {
        item_of(place).map_or_else(|| self.get(place), |(name, key)| self.item(name, key))
    }

    /// Assigns to a variable or to an item, `name[key]`.
    pub fn set_place(&mut self, p: &mut Process, place: &str, value: &str) -> Result<(), Flow> {
        let Some((name, key)) = item_of(place) else { return self.assign(p, place, value) };
        self.writable(p, name)?;
        let key = if self.is_associative(name) { key.to_owned() } else { self.arithmetic(p, key)?.to_string() };
        self.set_item(name, &key, value);
        Ok(())
    }

    fn open(&mut self, p: &mut Process, path: &str, kind: RedirectKind) -> Option<u64> {
        if let Some(open) = device(path) {
            return Some(p.system.open(open));
        }
        let descriptor = match path {
            "/dev/stdin" => Some(0),
            "/dev/stdout" => Some(1),
            "/dev/stderr" => Some(2),
            path => ["/dev/fd/", "/proc/self/fd/", "/proc/1/fd/"].iter().find_map(|d| path.strip_prefix(d)?.parse().ok()),
        };
        if let Some(id) = descriptor.and_then(|fd| p.fds.get(&fd).copied()) {
            return Some(id);
        }
        let read = kind == RedirectKind::Read;
        let truncate = matches!(kind, RedirectKind::Write | RedirectKind::Clobber | RedirectKind::Both);
        let keeps = self.options.noclobber && truncate && kind != RedirectKind::Clobber;
        let result = match read {
            // A directory can be opened, though nothing can be read from it.
            true if p.is_dir(path) => p.stat(path).map(|(real, _)| real),
            true => p.content(path).and_then(|_| p.stat(path)).map(|(real, _)| real),
            false if keeps && matches!(p.stat(path), Ok((_, Node::File(_)))) => Err(Errno::Exists),
            false => p.system.open_write(&p.ids, &p.cwd, path, 0o666 & !p.umask, truncate),
        };
        let error = match result {
            Ok(path) => {
                let append = matches!(kind, RedirectKind::Append | RedirectKind::BothAppend);
                let read = read || kind == RedirectKind::ReadWrite;
                return Some(p.system.open(Open::File { path, position: 0, append, read, write: kind != RedirectKind::Read }));
            }
            Err(error) => error,
        };
        let why = match (error, self.dialect) {
            (Errno::Exists, Dialect::Bash) => "cannot overwrite existing file",
            (_, Dialect::Bash) => errno::text(error),
            (Errno::NoEntry | Errno::NotADirectory, Dialect::Dash) if !read => "Directory nonexistent",
            (Errno::NoEntry | Errno::NotADirectory, Dialect::Ash) if !read => "nonexistent directory",
            (Errno::NoEntry | Errno::NotADirectory, Dialect::Dash) => "No such file",
            (Errno::NoEntry | Errno::NotADirectory, Dialect::Ash) => "no such file",
            _ => errno::text(error),
        };
        let verb = match (read, self.dialect) {
            (_, Dialect::Bash) => "",
            (true, Dialect::Ash) => "can't open ",
            (true, _) => "cannot open ",
            (false, Dialect::Ash) => "can't create ",
            (false, _) => "cannot create ",
        };
        self.complain(p, &format!("{verb}{path}: {why}"));
        None
    }
}

/// The text of a heredoc, to be read.
fn here(p: &mut Process, text: String) -> u64 {
    let pipe = p.system.pipe(text.into_bytes(), None);
    p.system.open(Open::PipeRead(pipe))
}
