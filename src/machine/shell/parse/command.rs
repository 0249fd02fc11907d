//! The grammar: lists, pipelines, compound and simple commands.

use std::rc::Rc;

use super::super::Dialect;
use super::super::ast::*;
use super::token::{COMMAND, Look, NEXT, PLAIN, Token};
use super::{Parsed, Parser, is_name};
use crate::machine::shell::builtins::{is_declaration, is_special};

/// Where a list stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A complete command: it ends with its line.
    Line,
    /// Inside of a compound command.
    Body,
    /// The same, and it may be empty.
    Arm,
}

/// Reserved words after newlines, no aliases.
const PATTERN: Look = Look { newlines: true, keywords: true, aliases: false, assigns: false };

impl Parser {
    pub(super) fn list(&mut self, mode: Mode) -> Parsed<List> {
        let mut list = List::new();
        let mut may_end = mode == Mode::Arm;
        loop {
            let token = self.token(if mode == Mode::Line { COMMAND } else { NEXT })?;
            match token {
                Token::Newline => return Ok(list),
                Token::End => {
                    self.pushed = Some(Token::End);
                    return Ok(list);
                }
                token => {
                    let ends = may_end && token.ends_list();
                    self.pushed = Some(token);
                    if ends {
                        return Ok(list);
                    }
                }
            }
            may_end = mode != Mode::Line;
            let mut and_or = self.and_or()?;
            let token = self.token(PLAIN)?;
            and_or.background = token == Token::Op("&");
            list.push(and_or);
            match token {
                Token::Op("&" | ";") => {}
                Token::Newline | Token::End => self.pushed = Some(token),
                other if mode == Mode::Line => return self.unexpected(&other, None),
                other => {
                    self.pushed = Some(other);
                    return Ok(list);
                }
            }
        }
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline(COMMAND)?;
        let mut rest = Vec::new();
        loop {
            let and = match self.token(PLAIN)? {
                Token::Op("&&") => true,
                Token::Op("||") => false,
                other => {
                    self.pushed = Some(other);
                    return Ok(AndOr { first, rest, background: false });
                }
            };
            rest.push((and, self.pipeline(NEXT)?));
        }
    }

    fn pipeline(&mut self, look: Look) -> Parsed<Pipeline> {
        let mut negate = false;
        let mut timed = None;
        let mut token = self.token(look)?;
        if self.bash() && matches!(&token, Token::Word(word) if matches!(&word[..], [Part::Plain(t)] if t == "time")) {
            self.blanks();
            timed = Some(self.eat("-p"));
            token = self.token(COMMAND)?;
            // `time` alone.
            if matches!(token, Token::Newline | Token::End | Token::Op(";")) {
                self.pushed = Some(token);
                let command = Command::Simple { assigns: Vec::new(), words: Vec::new() };
                let nothing = Redirected { command, redirects: Vec::new(), line: self.token_line, source: None };
                return Ok(Pipeline { negate, timed, commands: vec![Rc::new(nothing)] });
            }
        }
        while token == Token::Key("!") {
            negate = !negate;
            token = self.token(COMMAND)?;
            if !self.bash() {
                break;
            }
        }
        let mut commands = vec![Rc::new(self.command(token)?)];
        loop {
            match self.token(PLAIN)? {
                Token::Op("|") => {}
                Token::Op("|&") => {
                    if let Some(last) = commands.last_mut() {
                        let word = vec![Part::Plain(if self.verbatim { ">&1" } else { "1" }.into())];
                        Rc::make_mut(last).redirects.push(Redirect {
                            fd: 2,
                            variable: None,
                            kind: RedirectKind::Duplicate,
                            word,
                            body: None,
                        });
                    }
                }
                other => {
                    self.pushed = Some(other);
                    return Ok(Pipeline { negate, timed, commands });
                }
            }
            let token = self.token(NEXT)?;
            commands.push(Rc::new(self.command(token)?));
        }
    }

    fn command(&mut self, first: Token) -> Parsed<Redirected> {
        self.nest(|p| {
            // ash and dash look at the line when they have read the first word.
            let line = if p.bash() { p.token_line } else { p.line };
            let start = p.token_at;
            let (command, mut redirects) = match first {
                Token::Key(key) => (p.compound(key)?, Vec::new()),
                Token::Op("(") if p.bash() && p.peek() == Some('(') && p.is_arithmetic() => (p.arithmetic_command()?, Vec::new()),
                Token::Op("(") => {
                    let list = p.list(Mode::Body)?;
                    p.expect(Token::Op(")"), ")")?;
                    (Command::Subshell(list), Vec::new())
                }
                Token::Word(word) if p.bash() && matches!(&word[..], [Part::Plain(t)] if t == "[[") => (p.condition()?, Vec::new()),
                first @ (Token::Word(_) | Token::Redirect(_)) => p.simple(first)?,
                other => return p.unexpected(&other, None),
            };
            if !matches!(command, Command::Simple { .. } | Command::Function { .. }) {
                loop {
                    match p.token(PLAIN)? {
                        Token::Redirect(redirect) => redirects.push(redirect),
                        other => {
                            // After a compound command a word can be reserved, but nothing else.
                            if let Token::Word(word) = &other
                                && let [Part::Plain(text)] = &word[..]
                                && let Some(key) = super::token::keyword(text, p.dialect)
                            {
                                p.pushed = Some(Token::Key(key));
                            } else {
                                p.pushed = Some(other);
                            }
                            break;
                        }
                    }
                }
            }
            let named = matches!(command, Command::Simple { .. } | Command::Subshell(_) | Command::Condition(_) | Command::Arithmetic(..));
            let source = if named { p.parsed(start) } else { None };
            Ok(Redirected { command, redirects, line, source })
        })
    }

    fn expect(&mut self, token: Token, name: &str) -> Parsed<()> {
        let found = self.token(COMMAND)?;
        if found == token { Ok(()) } else { self.unexpected(&found, Some(name)) }
    }

    fn compound(&mut self, key: &'static str) -> Parsed<Command> {
        Ok(match key {
            "{" => {
                let list = self.list(Mode::Body)?;
                self.expect(Token::Key("}"), "}")?;
                Command::Group(list)
            }
            "if" => self.parse_if()?,
            "while" | "until" => {
                let condition = self.list(Mode::Body)?;
                Command::While { until: key == "until", condition, body: self.loop_body()? }
            }
            "for" => self.parse_for(false)?,
            "select" => self.parse_for(true)?,
            "case" => self.parse_case()?,
            "function" => {
                let name = match self.token(PLAIN)? {
                    Token::Word(_) => self.source(self.token_at),
                    other => return self.unexpected(&other, None),
                };
                let mut token = self.token(NEXT)?;
                if token == Token::Op("(") {
                    self.expect(Token::Op(")"), ")")?;
                    token = self.token(NEXT)?;
                }
                self.function(name, token)?
            }
            key => return self.unexpected(&Token::Key(key), None),
        })
    }

    /// The body of a function, whose first token has been read.
    fn function(&mut self, name: String, token: Token) -> Parsed<Command> {
        let start = self.token_at;
        let body = Rc::new(self.command(token)?);
        Ok(Command::Function { name, body, source: self.parsed(start) })
    }

    fn parse_if(&mut self) -> Parsed<Command> {
        let mut branches = Vec::new();
        loop {
            let condition = self.list(Mode::Body)?;
            self.expect(Token::Key("then"), "then")?;
            branches.push((condition, self.list(Mode::Body)?));
            let otherwise = match self.token(COMMAND)? {
                Token::Key("elif") => continue,
                Token::Key("else") => self.list(Mode::Body)?,
                other => {
                    self.pushed = Some(other);
                    List::new()
                }
            };
            self.expect(Token::Key("fi"), "fi")?;
            return Ok(Command::If { branches, otherwise });
        }
    }

    /// `do … done`.
    fn loop_body(&mut self) -> Parsed<List> {
        let token = self.token(NEXT)?;
        if self.bash() && token == Token::Key("{") {
            let body = self.list(Mode::Body)?;
            self.expect(Token::Key("}"), "}")?;
            return Ok(body);
        }
        if token != Token::Key("do") {
            return self.unexpected(&token, Some("do"));
        }
        let body = self.list(Mode::Body)?;
        self.expect(Token::Key("done"), "done")?;
        Ok(body)
    }

    fn parse_for(&mut self, asks: bool) -> Parsed<Command> {
        let start = self.token_at;
        self.blanks();
        if self.bash() && !asks && self.starts("((") {
            return self.parse_count();
        }
        let token = self.token(PLAIN)?;
        let name = self.source(self.token_at);
        if !matches!(token, Token::Word(_)) || !(is_name(&name) || self.bash()) {
            return if self.bash() { self.unexpected(&token, None) } else { self.error("bad for loop variable") };
        }
        let mut words = None;
        let mut source = String::new();
        match self.token(NEXT)? {
            Token::Key("in") => {
                let mut list = Vec::new();
                let mut end = self.at;
                loop {
                    match self.token(PLAIN)? {
                        Token::Word(word) => list.push(word),
                        Token::Newline | Token::Op(";") => break,
                        other => return self.unexpected(&other, None),
                    }
                    end = self.at;
                }
                words = Some(list);
                source = self.chars[start..end].iter().collect();
            }
            Token::Op(";") => {}
            other => self.pushed = Some(other),
        }
        if source.is_empty() {
            source = format!("{} {name} in \"$@\"", if asks { "select" } else { "for" });
        }
        Ok(Command::For { name, words, body: self.loop_body()?, source, asks })
    }

    /// bash's `for ((a; b; c))`.
    fn parse_count(&mut self) -> Parsed<Command> {
        self.at += 2;
        let text = self.arithmetic_text()?;
        let mut parts = text.splitn(3, ';').map(|t| Ok((self.quoted(t, self.line)?, t.trim().to_owned())));
        let mut part = || parts.next().unwrap_or_else(|| Ok((Word::new(), String::new())));
        let parts = [part()?, part()?, part()?];
        match self.token(NEXT)? {
            Token::Op(";") => {}
            other => self.pushed = Some(other),
        }
        Ok(Command::Count { parts, body: self.loop_body()? })
    }

    fn parse_case(&mut self) -> Parsed<Command> {
        let start = self.token_at;
        let word = match self.token(PLAIN)? {
            Token::Word(word) => word,
            other => return self.unexpected(&other, None),
        };
        let source = format!("{} in", self.source(start));
        let token = self.token(NEXT)?;
        if token != Token::Key("in") {
            return self.unexpected(&token, Some("in"));
        }
        let mut arms = Vec::new();
        let mut token = self.token(PATTERN)?;
        while token != Token::Key("esac") {
            if token == Token::Op("(") {
                token = self.token(PLAIN)?;
            }
            let mut patterns = Vec::new();
            loop {
                match token {
                    Token::Word(word) => patterns.push(word),
                    Token::Key(key) => patterns.push(vec![Part::Plain(key.into())]),
                    // What is no pattern, ash and dash find out one token later.
                    other => {
                        let next = if self.dialect == Dialect::Bash || other == Token::End { other } else { self.token(PLAIN)? };
                        return self.unexpected(&next, Some(")"));
                    }
                }
                match self.token(PLAIN)? {
                    Token::Op("|") => token = self.token(PLAIN)?,
                    Token::Op(")") => break,
                    other => return self.unexpected(&other, Some(")")),
                }
            }
            let body = self.list(Mode::Arm)?;
            token = self.token(PATTERN)?;
            let next = match token {
                Token::Op(";&") => Next::FallThrough,
                Token::Op(";;&") => Next::Test,
                _ => Next::End,
            };
            arms.push(Arm { patterns, body, next });
            match token {
                Token::Key("esac") => {}
                Token::Op(";;" | ";&" | ";;&") => token = self.token(PATTERN)?,
                other => return self.unexpected(&other, Some(";;")),
            }
        }
        Ok(Command::Case { word, arms, source })
    }

    fn arithmetic_command(&mut self) -> Parsed<Command> {
        self.at += 1;
        let text = self.arithmetic_text()?;
        Ok(Command::Arithmetic(self.quoted(&text, self.line)?, text))
    }

    /// Whether what starts with `((` ends with `))`.
    fn is_arithmetic(&mut self) -> bool {
        let (at, line) = (self.at, self.line);
        self.at += 1;
        let found = self.arithmetic_text().is_ok();
        (self.at, self.line) = (at, line);
        found
    }

    fn simple(&mut self, first: Token) -> Parsed<(Command, Vec<Redirect>)> {
        let (mut assigns, mut words, mut redirects): (_, Vec<Word>, _) = (Vec::new(), Vec::new(), Vec::new());
        let mut token = first;
        let mut declares = false;
        loop {
            match token {
                Token::Word(word) => {
                    let may_assign = words.is_empty() || declares;
                    match may_assign.then(|| assignment(&word)).flatten() {
                        Some(assign) if words.is_empty() => assigns.push(assign),
                        Some(assign @ Assign { value: Value::Array(..), .. }) => words.push(vec![Part::Array(Box::new(assign))]),
                        _ => {
                            declares |= words.is_empty() && matches!(&word[..], [Part::Plain(t)] if is_declaration(t, self.dialect));
                            words.push(word);
                        }
                    }
                }
                Token::Redirect(redirect) => redirects.push(redirect),
                Token::Op("(") if words.len() == 1 && assigns.is_empty() && redirects.is_empty() => {
                    let name = match &words[0][..] {
                        [Part::Plain(name)] => name.clone(),
                        _ => String::new(),
                    };
                    let close = self.token(PLAIN)?;
                    if close != Token::Op(")") {
                        return self.unexpected(&close, Some(")"));
                    }
                    if !self.bash() && (!is_name(&name) || is_special(&name)) {
                        return self.error("bad function name");
                    }
                    let token = self.token(NEXT)?;
                    return Ok((self.function(name, token)?, redirects));
                }
                // busybox takes `[[ a && b ]]` for the words of a command.
                Token::Op(operator @ ("&&" | "||")) if self.dialect == Dialect::Ash && is_open_condition(&words) => {
                    words.push(vec![Part::Quoted(operator.into())]);
                }
                other => {
                    self.pushed = Some(other);
                    return Ok((Command::Simple { assigns, words }, redirects));
                }
            }
            token =
                self.token(Look { keywords: false, aliases: words.is_empty(), newlines: false, assigns: words.is_empty() || declares })?;
        }
    }
}

/// The assignment that a word is.
fn assignment(word: &Word) -> Option<Assign> {
    let text = match word.first() {
        Some(Part::Array(assign)) => return Some((**assign).clone()),
        Some(Part::Plain(text)) => text,
        _ => return None,
    };
    let (name, text) = text.split_once('=').filter(|(name, _)| is_name(name))?;
    let mut value = word.clone();
    value[0] = Part::Plain(text.to_owned());
    if text.is_empty() {
        value.remove(0);
    }
    Some(Assign { name: name.to_owned(), index: None, append: false, value: Value::Word(value) })
}

fn is_open_condition(words: &[Word]) -> bool {
    let is = |word: &Word, text: &str| matches!(&word[..], [Part::Plain(t)] if t == text);
    words.first().is_some_and(|w| is(w, "[[")) && !words.iter().any(|w| is(w, "]]"))
}
