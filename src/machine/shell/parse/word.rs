//! Words: plain text, quotes, escapes; bash's assignments to arrays.

use super::super::Dialect;
use super::super::ast::*;
use super::token::{PLAIN, Token};
use super::{Parsed, Parser, is_name};
use crate::machine::shell::escape;

/// What ends a word.
pub(super) fn is_end(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '|' | '&' | ';' | '(' | ')' | '<' | '>')
}

impl Parser {
    /// The word here, if one starts here.
    pub(super) fn word(&mut self) -> Parsed<Option<Word>> {
        let mut parts = Word::new();
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                '<' | '>' if self.dialect != Dialect::Dash && self.peek_at(1) == Some('(') => {
                    let from = self.at;
                    self.at += 2;
                    let list = self.command_in_parentheses()?;
                    if self.verbatim {
                        let shown = format!("{c}({})", super::super::print::list(&list));
                        self.replace(from, shown);
                    }
                    parts.push(Part::Process(list, c == '>'));
                }
                '?' | '*' | '+' | '@' | '!' if self.extglob && self.peek_at(1) == Some('(') => self.pattern_list(&mut parts)?,
                c if is_end(c) => break,
                c => self.piece(c, &mut parts)?,
            }
        }
        if self.verbatim && self.at > start {
            return Ok(Some(vec![Part::Plain(self.verbatim(start))]));
        }
        Ok((self.at > start).then_some(parts))
    }

    fn unclosed_array<T>(&self, line: u32) -> Parsed<T> {
        let text = "unexpected EOF while looking for matching `)'".into();
        Err(super::SyntaxError { line, text, source: None, unfinished: true, condition: false })
    }

    /// bash's `@(…)` and its sisters: parentheses and bars are characters of the word.
    fn pattern_list(&mut self, parts: &mut Word) -> Parsed<()> {
        let mut open = 0;
        while let Some(c) = self.peek() {
            match c {
                '(' | ')' | '|' | ' ' | '\t' | '<' | '>' | '&' | ';' | '\n' => {
                    self.next();
                    push_plain(parts, c);
                    open += (c == '(') as i32 - (c == ')') as i32;
                    if c == ')' && open == 0 {
                        return Ok(());
                    }
                }
                c => self.piece(c, parts)?,
            }
        }
        self.unterminated(')', self.line)
    }

    /// One piece of unquoted text, which starts with `c`.
    pub(super) fn piece(&mut self, c: char, parts: &mut Word) -> Parsed<()> {
        match c {
            '\\' => {
                self.next();
                match self.next() {
                    Some('\n') => {}
                    Some(c) => parts.push(Part::Quoted(c.to_string())),
                    None => parts.push(Part::Quoted("\\".into())),
                }
            }
            '\'' => {
                self.next();
                let text = self.until_quote()?;
                parts.push(Part::Quoted(text));
            }
            '"' => self.string(parts)?,
            '$' if self.peek_at(1) == Some('\'') && self.dialect != Dialect::Dash => {
                let from = self.at;
                self.at += 2;
                let text = self.dollar_quote()?;
                if self.verbatim {
                    self.replace(from, crate::machine::shell::eval::single_quoted(&text, Dialect::Bash));
                }
                parts.push(Part::Quoted(text));
            }
            '$' if self.peek_at(1) == Some('"') && self.bash() => {
                self.at += 1;
                self.string(parts)?;
            }
            '$' | '`' => self.dollar(parts, false)?,
            c => {
                self.next();
                push_plain(parts, c);
            }
        }
        Ok(())
    }

    /// A string in double quotes. It is a field even if it is empty, unless it is `"$@"`.
    fn string(&mut self, parts: &mut Word) -> Parsed<()> {
        let from = self.line;
        self.next();
        let mut inner = Word::new();
        self.double_quoted(&mut inner, false).map_err(|mut e| {
            if self.bash() && e.text.ends_with("`\"'") {
                e.line = from;
            }
            e
        })?;
        let only_all = matches!(&inner[..], [Part::Parameter(p, _)] if p.name == "@" || p.index.as_deref().is_some_and(|w| is_all(w, "@")));
        if !only_all {
            parts.push(Part::Quoted(String::new()));
        }
        parts.append(&mut inner);
        Ok(())
    }

    pub(super) fn until_quote(&mut self) -> Parsed<String> {
        let mut text = String::new();
        let from = self.line;
        loop {
            match self.next() {
                Some('\'') => return Ok(text),
                Some(c) => text.push(c),
                None => return self.unterminated('\'', from),
            }
        }
    }

    /// After `$'`.
    fn dollar_quote(&mut self) -> Parsed<String> {
        let mut text = String::new();
        let from = self.line;
        loop {
            match self.next() {
                Some('\'') => return Ok(escape::unescape(&text).replace('\0', "")),
                Some('\\') => match self.next().unwrap_or('\\') {
                    // Not for ash.
                    c @ ('e' | 'E' | 'c') if !self.bash() => text.extend(['\\', '\\', c]),
                    c => text.extend(['\\', c]),
                },
                Some(c) => text.push(c),
                None => return self.unterminated('\'', from),
            }
        }
    }

    /// Up to the closing quote, or (heredocs) to the end.
    pub(super) fn double_quoted(&mut self, parts: &mut Word, heredoc: bool) -> Parsed<()> {
        let mut text = String::new();
        let from = self.line;
        loop {
            match self.peek() {
                None if heredoc => break,
                None => return self.unterminated('"', from),
                Some('"') if !heredoc => {
                    self.next();
                    break;
                }
                Some('\\') => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(c) if "$`\\".contains(c) || (c == '"' && !heredoc) => text.push(c),
                        Some(c) => text.extend(['\\', c]),
                        None => text.push('\\'),
                    }
                }
                Some('$' | '`') => {
                    if !text.is_empty() {
                        parts.push(Part::Quoted(std::mem::take(&mut text)));
                    }
                    self.dollar(parts, true)?;
                }
                Some(c) => {
                    self.next();
                    text.push(c);
                }
            }
        }
        if !text.is_empty() {
            parts.push(Part::Quoted(text));
        }
        Ok(())
    }

    /// bash's `name[index]=word`, `name+=word` and `name=(words)`, if one is here.
    pub(super) fn bash_assignment(&mut self) -> Parsed<Option<Assign>> {
        let start = self.at;
        let name: String = self.chars[start..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        if !self.bash() || !is_name(&name) {
            return Ok(None);
        }
        self.at += name.len();
        let index = match self.eat("[") {
            true => self.operand("]", false).ok().filter(|_| self.eat("]")),
            false => None,
        };
        let has_index = index.is_some();
        let append = self.eat("+=");
        let assigns = append || self.eat("=");
        if !assigns || !(append || has_index || self.peek() == Some('(')) || (self.chars[start + name.len()] == '[') != has_index {
            self.at = start;
            return Ok(None);
        }
        if !self.eat("(") {
            let value = Value::Word(self.word()?.unwrap_or_default());
            return Ok(Some(Assign { name, index, append, value }));
        }
        let text = self.at - 1;
        let mut items = Vec::new();
        let (token_at, token_line) = (self.token_at, self.token_line);
        loop {
            while self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
                self.next();
            }
            let key = match self.eat("[") {
                true => {
                    let key = self.operand("]", false)?;
                    if !self.eat("]=") {
                        return self.error("syntax error in array");
                    }
                    Some(key)
                }
                false => None,
            };
            if key.is_some() && self.peek().is_none_or(is_end) {
                items.push((key, vec![Part::Quoted(String::new())]));
                continue;
            }
            match self.token(PLAIN)? {
                Token::Word(word) => items.push((key, word)),
                Token::Newline => {}
                Token::End => return self.unclosed_array(token_line),
                Token::Op(")") => break,
                other => return self.unexpected(&other, None),
            }
        }
        (self.token_at, self.token_line) = (token_at, token_line);
        Ok(Some(Assign { name, index, append, value: Value::Array(items, self.source(text)) }))
    }
}

/// Whether an index is `@` or `*`.
pub(super) fn is_all(index: &[Part], sign: &str) -> bool {
    matches!(index, [Part::Plain(t)] if t == sign)
}

pub(super) fn push_plain(parts: &mut Word, c: char) {
    match parts.last_mut() {
        Some(Part::Plain(last)) => last.push(c),
        _ => parts.push(Part::Plain(c.to_string())),
    }
}
