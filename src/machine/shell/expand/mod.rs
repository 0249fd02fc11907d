//! Expansion of words: pieces, fields, paths.

mod brace;
mod parameter;
mod paths;

use super::ast::*;
use std::rc::Rc;

use super::state::{Flow, Shell, Sink};
use super::{Dialect, arith, glob, parse};
use crate::machine::Process;
use crate::machine::system::Open;

type Expanded<T> = Result<T, Flow>;

/// A piece of an expanded word.
enum Piece {
    Text(String, Kind),
    /// The end of a field: `"$@"`.
    Break,
}

/// What may still happen to a piece.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing; and its field stays even if it is empty.
    Quoted,
    /// It may be a pattern.
    Literal,
    /// It is split at IFS, then it may be a pattern.
    Split,
}

/// How a word is expanded.
#[derive(Clone, Copy)]
struct Context {
    /// Whether fields are wanted.
    fields: bool,
    /// Inside of double quotes.
    quoted: bool,
    /// The word of an expansion that is itself split.
    operand: bool,
    /// `~` after each colon, too.
    assigned: bool,
}

const TEXT: Context = Context { fields: false, quoted: false, operand: false, assigned: false };
const FIELDS: Context = Context { fields: true, ..TEXT };

/// A field in the making.
#[derive(Default)]
struct Field {
    text: String,
    /// The text as a pattern: quoted characters escaped.
    pattern: String,
    /// Whether it stays when empty.
    keep: bool,
}

impl Field {
    fn push(&mut self, text: &str, quoted: bool) {
        self.text.push_str(text);
        self.keep |= quoted;
        match quoted {
            true => self.pattern.push_str(&glob::escape(text)),
            false => self.pattern.push_str(text),
        }
    }
}

impl Shell {
    /// The fields of words, with paths for patterns.
    pub fn fields(&mut self, p: &mut Process, words: &[Word]) -> Expanded<Vec<String>> {
        let mut all = Vec::new();
        for word in words {
            match self.bash() && brace::has_braces(word) {
                true => {
                    for word in brace::expand(word) {
                        self.fields_of(p, &word, &mut all)?;
                    }
                }
                false => self.fields_of(p, word, &mut all)?,
            }
            if !p.burn(10) {
                return Err(Flow::Exit(1));
            }
        }
        Ok(all)
    }

    fn fields_of(&mut self, p: &mut Process, word: &Word, all: &mut Vec<String>) -> Expanded<()> {
        // Most words are plain.
        if let [Part::Plain(text)] = &word[..]
            && !text.contains(['~', '*', '?', '[', '('])
        {
            all.push(text.clone());
            return Ok(());
        }
        let mut pieces = Vec::new();
        self.pieces(p, word, FIELDS, &mut pieces)?;
        for field in self.split(pieces) {
            let extended = self.bash() && self.options.has("extglob");
            if !self.options.noglob && (glob::is_glob(&field.pattern) || extended && glob::has_list(&field.pattern)) {
                let found = self.paths(p, &field.pattern, extended);
                if !found.is_empty() || self.options.has("nullglob") {
                    all.extend(found);
                    continue;
                }
                if self.options.has("failglob") {
                    self.complain_plain(p, &format!("no match: {}", field.text));
                    return Err(Flow::Error(1));
                }
            }
            all.push(field.text);
        }
        Ok(())
    }

    /// The paths that a pattern stands for.
    fn paths(&self, p: &mut Process, pattern: &str, extended: bool) -> Vec<String> {
        let ignored = self.get("GLOBIGNORE").filter(|g| self.bash() && !g.is_empty());
        let manner = glob::Manner { extended, ignore_case: self.options.has("nocaseglob") };
        let search = paths::Search {
            manner,
            dots: self.options.has("dotglob") || ignored.is_some(),
            deep: self.options.has("globstar"),
            bash: self.bash(),
        };
        let mut found = paths::matching(p, pattern, search);
        if let Some(ignored) = ignored {
            found.retain(|path| !ignored.split(':').any(|pattern| self.matches(p, pattern, path, manner)));
        }
        found
    }

    /// Whether a text matches a pattern.
    pub fn matches(&self, p: &mut Process, pattern: &str, text: &str, manner: glob::Manner) -> bool {
        let mut spent = 0;
        let matches = glob::matches_as(pattern, text, manner, &mut spent);
        p.burn(spent) && matches
    }

    /// How patterns are compared with texts.
    pub fn manner(&self) -> glob::Manner {
        let bash = self.bash();
        glob::Manner { extended: bash && self.options.has("extglob"), ignore_case: bash && self.options.has("nocasematch") }
    }

    /// A word as one text: no splitting, no paths.
    pub fn text(&mut self, p: &mut Process, word: &[Part]) -> Expanded<String> {
        Ok(self.joined(p, word, TEXT)?.text)
    }

    /// The same for the value of an assignment.
    pub fn assigned_text(&mut self, p: &mut Process, word: &[Part]) -> Expanded<String> {
        Ok(self.joined(p, word, Context { assigned: true, ..TEXT })?.text)
    }

    /// A word as a pattern: quoted characters are escaped.
    pub fn pattern(&mut self, p: &mut Process, word: &[Part]) -> Expanded<String> {
        let pattern = self.joined(p, word, TEXT)?.pattern;
        // dash knows no `^` in brackets.
        Ok(if is_dash(self) { pattern.replace("[^", "[\\^") } else { pattern })
    }

    fn joined(&mut self, p: &mut Process, word: &[Part], context: Context) -> Expanded<Field> {
        let mut pieces = Vec::new();
        self.pieces(p, word, context, &mut pieces)?;
        let mut field = Field::default();
        for piece in pieces {
            match piece {
                Piece::Text(text, kind) => field.push(&text, kind == Kind::Quoted),
                Piece::Break => field.push(" ", true),
            }
        }
        Ok(field)
    }

    /// A text expanded as in double quotes (PS4).
    pub fn quoted_text(&mut self, p: &mut Process, text: &str) -> Expanded<String> {
        match parse::parse_quoted(text, self.dialect) {
            Ok(word) => self.text(p, &word),
            Err(_) => Ok(text.to_owned()),
        }
    }

    fn pieces(&mut self, p: &mut Process, word: &[Part], context: Context, out: &mut Vec<Piece>) -> Expanded<()> {
        let kind = |quoted: bool| match () {
            () if quoted || context.quoted => Kind::Quoted,
            () if context.fields => Kind::Split,
            () => Kind::Literal,
        };
        for (i, part) in word.iter().enumerate() {
            match part {
                Part::Plain(text) if context.quoted => out.push(Piece::Text(text.clone(), Kind::Quoted)),
                Part::Plain(text) => {
                    let plain = if context.operand { kind(false) } else { Kind::Literal };
                    self.tildes(p, text, i == 0, i + 1 == word.len(), context.assigned, plain, out);
                }
                Part::Quoted(text) => out.push(Piece::Text(text.clone(), Kind::Quoted)),
                Part::Command(list, quoted) => {
                    let text = self.substitute(p, list)?;
                    out.push(Piece::Text(text, kind(*quoted)));
                }
                Part::Arithmetic(word, quoted) => {
                    let text = self.text(p, word)?;
                    let value = self.arithmetic(p, &text)?;
                    out.push(Piece::Text(value.to_string(), kind(*quoted)));
                }
                Part::Parameter(parameter, quoted) => {
                    let context = Context { quoted: context.quoted || *quoted, ..context };
                    self.parameter(p, parameter, context, out)?;
                }
                Part::Process(list, writes) => {
                    let text = self.process_substitution(p, list, *writes)?;
                    out.push(Piece::Text(text, Kind::Quoted));
                }
                Part::Array(assign) => out.push(Piece::Text(assign.name.clone(), Kind::Quoted)),
            }
        }
        Ok(())
    }

    /// Unquoted text with the homes that `~` stands for: at its start, in assignments after `=` and each `:`.
    #[allow(clippy::too_many_arguments)]
    fn tildes(&self, p: &Process, text: &str, first: bool, last: bool, assigned: bool, kind: Kind, out: &mut Vec<Piece>) {
        if !text.contains('~') {
            out.push(Piece::Text(text.to_owned(), kind));
            return;
        }
        let is_assignment = first && text.split_once('=').is_some_and(|(name, _)| parse::is_name(name));
        let after_equals = is_assignment && (assigned || self.bash());
        let mut start = true;
        let mut rest = text;
        while !rest.is_empty() {
            if start
                && let Some(name) = rest.strip_prefix('~')
                && let end = name.find(|c| c == '/' || (c == ':' && (assigned || self.bash()))).unwrap_or(name.len())
                && (end < name.len() || last)
                && (first || rest.len() < text.len())
                && let Some(home) = self.home(p, &name[..end])
            {
                out.push(Piece::Text(home, Kind::Quoted));
                rest = &name[end..];
                start = false;
                continue;
            }
            let end = rest.find(|c| (c == ':' && assigned) || (c == '=' && after_equals)).map_or(rest.len(), |i| i + 1);
            out.push(Piece::Text(rest[..end].to_owned(), kind));
            rest = &rest[end..];
            start = true;
        }
    }

    fn home(&self, p: &Process, user: &str) -> Option<String> {
        let users = || p.users().into_iter();
        match user {
            "" => self.get("HOME").or_else(|| self.bash().then(|| users().find(|u| u.uid == p.ids.uid).map(|u| u.home)).flatten()),
            "+" if self.bash() => self.get("PWD"),
            "-" if self.bash() => self.get("OLDPWD"),
            name => users().find(|u| u.name == name).map(|u| u.home),
        }
    }

    /// Splits pieces at IFS into fields.
    fn split(&self, pieces: Vec<Piece>) -> Vec<Field> {
        let ifs = self.get("IFS").unwrap_or_else(|| " \t\n".into());
        let mut done = Vec::new();
        let mut field = Field::default();
        // `started`: the field has something; `after_space`: white space has just ended a field, and one separator may follow.
        let (mut started, mut after_space) = (false, false);
        for piece in pieces {
            match piece {
                Piece::Break => {
                    done.push(std::mem::take(&mut field));
                    (started, after_space) = (false, false);
                }
                Piece::Text(text, kind @ (Kind::Quoted | Kind::Literal)) => {
                    field.push(&text, kind == Kind::Quoted);
                    started |= kind == Kind::Quoted || !text.is_empty();
                    after_space &= text.is_empty() && kind == Kind::Literal;
                }
                Piece::Text(text, Kind::Split) => {
                    let mut rest = text.as_str();
                    while !rest.is_empty() {
                        let end = rest.find(|c| ifs.contains(c)).unwrap_or(rest.len());
                        if end > 0 {
                            field.push(&rest[..end], false);
                            (started, after_space) = (true, false);
                        }
                        let Some(c) = rest[end..].chars().next() else { break };
                        rest = &rest[end + c.len_utf8()..];
                        if matches!(c, ' ' | '\t' | '\n') {
                            if started {
                                done.push(std::mem::take(&mut field));
                                (started, after_space) = (false, true);
                            }
                        } else if after_space {
                            after_space = false;
                        } else {
                            field.keep = true;
                            done.push(std::mem::take(&mut field));
                            started = false;
                        }
                    }
                }
            }
        }
        if started {
            done.push(field);
        }
        done.retain(|f| f.keep || !f.text.is_empty());
        done
    }

    /// The value of an arithmetic expression; what is wrong with it ends the command.
    pub fn arithmetic(&mut self, p: &mut Process, text: &str) -> Expanded<i64> {
        match arith::evaluate(text, self, p) {
            Ok(value) => Ok(value),
            Err(arith::Wrong::Unbound(name)) => Err(self.fatal_unset(p, &format!("{name}: unbound variable"))),
            Err(why) => {
                let text = why.say(text, self.dialect);
                Err(self.fatal(p, &text))
            }
        }
    }

    /// The same for `((` and `let`, which fail: `None`.
    pub fn arithmetic_command(&mut self, p: &mut Process, text: &str, label: &str) -> Option<i64> {
        match arith::evaluate(text, self, p) {
            Ok(value) => Some(value),
            Err(why) => {
                let text = why.say(text, self.dialect);
                self.complain(p, &if label.is_empty() { text } else { format!("{label}: {text}") });
                None
            }
        }
    }

    /// `<(…)`: the path of a descriptor with what the list prints; `>(…)`: of one that the list reads once the command is over.
    fn process_substitution(&mut self, p: &mut Process, list: &Rc<List>, writes: bool) -> Expanded<String> {
        let id = if writes {
            let pipe = p.system.pipe(Vec::new(), None);
            self.sinks.push(Sink { pipe, list: list.clone(), fds: p.fds.clone() });
            p.system.open(Open::PipeWrite(pipe))
        } else {
            let status = self.status;
            let text = self.substitute_bytes(p, list)?;
            self.status = status;
            let pipe = p.system.pipe(text, None);
            p.system.open(Open::PipeRead(pipe))
        };
        let free = |fd: &u32| !p.fds.contains_key(fd);
        let fd = if self.bash() { (10..=63).rev().find(free) } else { (64..128).find(free) }.unwrap_or(63);
        p.fds.insert(fd, id);
        self.pipes.push(fd);
        Ok(format!("/dev/fd/{fd}"))
    }

    /// The key of an array's item that is read.
    pub fn key(&mut self, p: &mut Process, name: &str, index: &[Part]) -> Expanded<String> {
        match self.try_key(p, name, index)? {
            Ok(key) => Ok(key),
            Err(_) => {
                self.complain(p, &format!("{name}: bad array subscript"));
                Ok(String::new())
            }
        }
    }

    /// The key of an array's item that is assigned to.
    pub fn key_to_set(&mut self, p: &mut Process, name: &str, index: &[Part]) -> Expanded<String> {
        match self.try_key(p, name, index)? {
            Ok(key) => Ok(key),
            Err(text) => Err(self.fatal(p, &format!("{name}[{text}]: bad array subscript"))),
        }
    }

    /// A key; what is none as it was written.
    fn try_key(&mut self, p: &mut Process, name: &str, index: &[Part]) -> Expanded<Result<String, String>> {
        let text = self.text(p, index)?;
        if self.is_associative(name) {
            return Ok(if text.is_empty() { Err(text) } else { Ok(text) });
        }
        let number = self.arithmetic(p, &text)?;
        if number >= 0 {
            return Ok(Ok(number.to_string()));
        }
        let key = self.last_key(name).saturating_add(1).saturating_add(number);
        Ok(if key >= 0 { Ok(key.to_string()) } else { Err(text) })
    }
}

/// The separator of `"$*"`.
fn separator(shell: &Shell) -> String {
    shell.get("IFS").map_or_else(|| " ".into(), |ifs| ifs.chars().take(1).collect())
}

/// Whether a dialect's error texts have a capital.
fn is_dash(shell: &Shell) -> bool {
    shell.dialect == Dialect::Dash
}
