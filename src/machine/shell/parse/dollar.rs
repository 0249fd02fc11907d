//! What `$` and a backquote start: parameters, commands, arithmetic.

use std::rc::Rc;

use super::super::Dialect;
use super::super::ast::*;
use super::command::Mode;
use super::token::{NEXT, Token};
use super::word::push_plain;
use super::{Parsed, Parser};

impl Parser {
    pub(super) fn dollar(&mut self, parts: &mut Word, quoted: bool) -> Parsed<()> {
        self.nest(|p| p.dollar_inner(parts, quoted))
    }

    fn dollar_inner(&mut self, parts: &mut Word, quoted: bool) -> Parsed<()> {
        if self.peek() == Some('`') {
            parts.push(Part::Command(self.backquoted(quoted)?, quoted));
            return Ok(());
        }
        if self.starts("$((") {
            let (start, line) = (self.at, self.line);
            self.at += 3;
            match self.arithmetic_text() {
                Ok(text) => {
                    let text = if self.bash() { text.replace('"', "") } else { text };
                    parts.push(Part::Arithmetic(self.quoted(&text, self.line)?, quoted));
                    return Ok(());
                }
                Err(error) if !self.bash() => return Err(error),
                Err(_) => (self.at, self.line) = (start, line),
            }
        }
        let from = self.at;
        if self.eat("$(") {
            let list = self.command_in_parentheses()?;
            if self.verbatim {
                let shown = format!("$({})", super::super::print::list(&list));
                self.replace(from, shown);
            }
            parts.push(Part::Command(list, quoted));
            return Ok(());
        }
        if self.bash() && self.eat("$[") {
            let start = self.at;
            while self.next().is_some_and(|c| c != ']') {}
            let text: String = self.chars[start..self.at.saturating_sub(1).max(start)].iter().collect();
            parts.push(Part::Arithmetic(self.quoted(&text, self.line)?, quoted));
            return Ok(());
        }
        if self.eat("${") {
            let parameter = self.braced(quoted)?;
            parts.push(Part::Parameter(Box::new(parameter), quoted));
            return Ok(());
        }
        self.next();
        let name = self.parameter_name(false);
        match name.is_empty() {
            true if quoted => parts.push(Part::Quoted("$".into())),
            true => push_plain(parts, '$'),
            false => parts.push(Part::Parameter(Box::new(Parameter { name, index: None, op: ParameterOp::Get, braced: false }), quoted)),
        }
        Ok(())
    }

    fn backquoted(&mut self, quoted: bool) -> Parsed<Rc<List>> {
        let from = self.line;
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                Some('`') => break,
                Some('\\') => match self.next() {
                    Some('\n') => {}
                    Some(c) if "`$\\".contains(c) || (quoted && c == '"') => text.push(c),
                    Some(c) => text.extend(['\\', c]),
                    None => text.push('\\'),
                },
                Some(c) => text.push(c),
                None => return self.unterminated('`', from),
            }
        }
        let mut inner = self.inner(&text);
        inner.line = match self.dialect {
            Dialect::Ash => self.executing,
            Dialect::Dash => 1,
            Dialect::Bash => from,
        };
        let list = inner.list(Mode::Body)?;
        let rest = inner.token(NEXT)?;
        if rest == Token::End { Ok(Rc::new(list)) } else { inner.unexpected(&rest, None) }
    }

    /// After `$(`: the list and its `)`.
    pub(super) fn command_in_parentheses(&mut self) -> Parsed<Rc<List>> {
        let pending = std::mem::take(&mut self.pending);
        let pushed = self.pushed.take();
        let (token_at, token_line) = (self.token_at, self.token_line);
        let list = self.list(Mode::Arm)?;
        let close = self.token(NEXT)?;
        if close == Token::End && self.bash() {
            return self.unterminated(')', self.line);
        }
        if close != Token::Op(")") {
            return self.unexpected(&close, Some(")"));
        }
        // Heredocs that were opened inside have had their bodies; those of the line outside come later.
        self.pending.splice(..0, pending);
        self.pushed = pushed;
        (self.token_at, self.token_line) = (token_at, token_line);
        Ok(Rc::new(list))
    }

    /// After `((`: the text up to `))`.
    pub(super) fn arithmetic_text(&mut self) -> Parsed<String> {
        let mut text = String::new();
        let mut open = 0;
        let from = self.line;
        loop {
            match self.next() {
                None => return self.unterminated(')', from),
                Some('(') => {
                    open += 1;
                    text.push('(');
                }
                Some(')') if open == 0 => return if self.eat(")") { Ok(text) } else { self.unterminated(')', from) },
                Some(')') => {
                    open -= 1;
                    text.push(')');
                }
                Some(c) => text.push(c),
            }
        }
    }

    fn parameter_name(&mut self, braced: bool) -> String {
        let rest = &self.chars[self.at..];
        let name: String = match self.peek() {
            Some(c) if c.is_ascii_alphabetic() || c == '_' => rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect(),
            Some(c) if c.is_ascii_digit() => rest.iter().take_while(|c| c.is_ascii_digit()).take(if braced { 9 } else { 1 }).collect(),
            Some(c) if "@*#?$!-".contains(c) => c.to_string(),
            _ => String::new(),
        };
        self.at += name.len();
        name
    }

    /// After `${`.
    fn braced(&mut self, quoted: bool) -> Parsed<Parameter> {
        let start = self.at;
        if self.peek() == Some('#') && !matches!(self.peek_at(1), Some('}') | None) {
            self.at += 1;
            let name = self.parameter_name(true);
            let index = self.index()?;
            if !name.is_empty() && self.eat("}") {
                return Ok(Parameter { name, index, op: ParameterOp::Length, braced: true });
            }
            self.at = start;
        }
        if self.bash() && self.peek() == Some('!') && self.peek_at(1).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            self.at += 1;
            let name = self.parameter_name(true);
            if self.eat("*}") || self.eat("@}") {
                return Ok(Parameter { name, index: None, op: ParameterOp::Names, braced: true });
            }
            let index = self.index()?;
            if self.eat("}") {
                let all = index.as_deref().is_some_and(|i| super::word::is_all(i, "@") || super::word::is_all(i, "*"));
                let op = if all { ParameterOp::Keys } else { ParameterOp::Indirect };
                return Ok(Parameter { name, index, op, braced: true });
            }
            let parameter = self.operator(name, index, start, quoted)?;
            let bad = matches!(parameter.op, ParameterOp::Bad);
            return Ok(if bad { parameter } else { Parameter { op: ParameterOp::Through(Box::new(parameter.op)), ..parameter } });
        }
        let name = self.parameter_name(true);
        if name.is_empty() {
            return self.bad(start, quoted);
        }
        let index = self.index()?;
        self.operator(name, index, start, quoted)
    }

    /// What follows the name of a parameter.
    fn operator(&mut self, name: String, index: Option<Word>, start: usize, quoted: bool) -> Parsed<Parameter> {
        let colon = self.peek() == Some(':') && matches!(self.peek_at(1), Some('-' | '=' | '?' | '+'));
        if colon {
            self.at += 1;
        }
        let more = self.dialect != Dialect::Dash;
        let op = match self.next() {
            Some('}') => return Ok(Parameter { name, index, op: ParameterOp::Get, braced: true }),
            Some('-') => ParameterOp::Default(colon, self.operand("}", quoted)?),
            Some('=') => ParameterOp::Assign(colon, self.operand("}", quoted)?),
            Some('?') => ParameterOp::Error(colon, self.operand("}", quoted)?),
            Some('+') => ParameterOp::Alternative(colon, self.operand("}", quoted)?),
            Some(c @ ('#' | '%')) => {
                let longest = self.eat(&c.to_string());
                ParameterOp::Trim { suffix: c == '%', longest, pattern: self.operand("}", false)? }
            }
            Some('/') if more => {
                let all = self.eat("/");
                // A slash that comes first is part of the pattern.
                let first = if self.eat("/") { "/" } else { "" };
                let mut pattern = self.operand("/}", false)?;
                if !first.is_empty() {
                    pattern.insert(0, Part::Quoted(first.into()));
                }
                let with = if self.eat("/") { self.operand("}", false)? } else { Word::new() };
                ParameterOp::Replace { all, pattern, with }
            }
            Some(':') if !self.bash() && self.peek() == Some('}') => return self.error("missing '}'"),
            Some(':') if more => {
                let offset = self.operand(":}", true)?;
                let length = if self.eat(":") { Some(self.operand("}", true)?) } else { None };
                if self.bash() && offset.is_empty() && length.is_none() {
                    return self.bad(start, quoted);
                }
                ParameterOp::Slice(offset, length)
            }
            Some(c @ ('^' | ',' | '~')) if self.bash() => {
                let all = self.eat(&c.to_string());
                ParameterOp::Case { change: c, all, pattern: self.operand("}", false)? }
            }
            Some('@') if self.bash() => match self.next() {
                Some(c @ ('Q' | 'U' | 'L' | 'u' | 'E' | 'P' | 'A' | 'a' | 'K' | 'k')) => ParameterOp::Transform(c),
                _ => return self.bad(start, quoted),
            },
            None => return self.unterminated('}', self.line),
            _ => return self.bad(start, quoted),
        };
        if self.eat("}") { Ok(Parameter { name, index, op, braced: true }) } else { self.bad(start, quoted) }
    }

    /// What no shell knows: an error when it is expanded.
    fn bad(&mut self, start: usize, quoted: bool) -> Parsed<Parameter> {
        self.at = start;
        self.operand("}", quoted)?;
        let name = format!("${{{}}}", self.source(start));
        self.eat("}");
        Ok(Parameter { name, index: None, op: ParameterOp::Bad, braced: true })
    }

    fn index(&mut self) -> Parsed<Option<Word>> {
        if !self.bash() || !self.eat("[") {
            return Ok(None);
        }
        let word = self.operand("]", false)?;
        self.eat("]");
        Ok(Some(word))
    }

    /// The word of an expansion, up to one of `ends`, which stays.
    pub(super) fn operand(&mut self, ends: &str, quoted: bool) -> Parsed<Word> {
        let mut parts = Word::new();
        let from = self.line;
        let mut brackets = 0;
        while let Some(c) = self.peek() {
            if ends.contains(c) && !(c == ':' && brackets > 0) {
                return Ok(parts);
            }
            match c {
                '\\' if quoted => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(c) if "$`\\\"}".contains(c) => parts.push(Part::Quoted(c.to_string())),
                        Some(c) => parts.push(Part::Quoted(format!("\\{c}"))),
                        None => {}
                    }
                }
                '"' => {
                    self.next();
                    parts.push(Part::Quoted(String::new()));
                    self.double_quoted(&mut parts, false)?;
                }
                '$' | '`' if quoted => self.dollar(&mut parts, true)?,
                c if quoted => {
                    brackets += (c == '(' || c == '[') as i32 - (c == ')' || c == ']') as i32;
                    self.next();
                    match parts.last_mut() {
                        Some(Part::Quoted(text)) => text.push(c),
                        _ => parts.push(Part::Quoted(c.to_string())),
                    }
                }
                c => self.piece(c, &mut parts)?,
            }
        }
        self.unterminated('}', from)
    }
}
