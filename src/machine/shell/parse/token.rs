//! Tokens: operators, redirections, words; which words are reserved; aliases; the bodies of heredocs.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::Dialect;
use super::super::ast::*;
use super::{MAX_ALIASES, Parsed, Parser, Pending};

/// A token of the grammar.
#[derive(Debug, Clone)]
pub(super) enum Token {
    End,
    Newline,
    Redirect(Redirect),
    Word(Word),
    Op(&'static str),
    Key(&'static str),
}

impl PartialEq for Token {
    /// Words and redirections are equal to nothing.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::End, Self::End) | (Self::Newline, Self::Newline) => true,
            (Self::Op(a), Self::Op(b)) | (Self::Key(a), Self::Key(b)) => a == b,
            _ => false,
        }
    }
}

impl Token {
    /// Whether it ends a list inside of a compound command.
    pub(super) fn ends_list(&self) -> bool {
        matches!(self, Self::Op(")" | ";;" | ";&" | ";;&") | Self::Key("do" | "done" | "elif" | "else" | "esac" | "fi" | "then" | "}"))
    }
}

/// What to look for in the next token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub newlines: bool,
    pub keywords: bool,
    pub aliases: bool,
    /// bash's `a[1]=x` and `a=(…)`.
    pub assigns: bool,
}

/// Operators and words as they stand.
pub(super) const PLAIN: Look = Look { newlines: false, keywords: false, aliases: false, assigns: false };
/// The first word of a command.
pub(super) const COMMAND: Look = Look { newlines: false, keywords: true, aliases: true, assigns: true };
/// The same, after newlines.
pub(super) const NEXT: Look = Look { newlines: true, keywords: true, aliases: true, assigns: true };

pub(super) const KEYWORDS: [&str; 17] =
    ["!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "until", "while", "{", "}"];
const OPERATORS: [&str; 11] = [";;&", ";;", ";&", "&&", "||", "|&", "|", "&", ";", "(", ")"];
const REDIRECTS: [(&str, RedirectKind, u32); 12] = [
    ("&>>", RedirectKind::BothAppend, 1),
    ("&>", RedirectKind::Both, 1),
    ("<<<", RedirectKind::HereString, 0),
    ("<<-", RedirectKind::Here, 0),
    ("<<", RedirectKind::Here, 0),
    ("<&", RedirectKind::Duplicate, 0),
    ("<>", RedirectKind::ReadWrite, 0),
    ("<", RedirectKind::Read, 0),
    (">>", RedirectKind::Append, 1),
    (">&", RedirectKind::Duplicate, 1),
    (">|", RedirectKind::Clobber, 1),
    (">", RedirectKind::Write, 1),
];

/// The reserved word with this text.
pub fn keyword(text: &str, dialect: Dialect) -> Option<&'static str> {
    if dialect == Dialect::Bash && text == "select" {
        return Some("select");
    }
    let found = KEYWORDS.into_iter().find(|k| *k == text)?;
    (found != "function" || dialect != Dialect::Dash).then_some(found)
}

impl Parser {
    /// The next token.
    pub(super) fn token(&mut self, look: Look) -> Parsed<Token> {
        loop {
            let token = match self.pushed.take() {
                Some(token) => token,
                None => self.raw(look.assigns)?,
            };
            let Token::Word(word) = &token else {
                if look.newlines && token == Token::Newline {
                    continue;
                }
                return Ok(token);
            };
            let [Part::Plain(text)] = &word[..] else { return Ok(token) };
            if look.keywords
                && let Some(key) = keyword(text, self.dialect)
            {
                return Ok(Token::Key(key));
            }
            if !((look.aliases || self.after_alias()) && self.alias(&text.clone())) {
                return Ok(token);
            }
        }
    }

    /// Whether the word just read follows an alias that ends with a blank.
    fn after_alias(&self) -> bool {
        let blank = |c: &char| *c == ' ' || *c == '\t';
        self.also.and_then(|rest| self.chars.get(self.chars.len() - rest..self.token_at)).is_some_and(|between| between.iter().all(blank))
    }

    /// Puts an alias in the place of the word just read.
    fn alias(&mut self, name: &str) -> bool {
        let rest = self.chars.len() - self.at;
        self.inside.retain(|(_, end)| rest > *end);
        let Some(value) = self.aliases.get(name).filter(|_| self.expanded < MAX_ALIASES) else { return false };
        if self.inside.iter().any(|(n, _)| n == name) {
            return false;
        }
        self.expanded += 1;
        let value_ends_blank = value.ends_with([' ', '\t']);
        let text: Vec<char> = value.chars().chain([' ']).collect();
        self.chars.splice(self.token_at..self.at, text);
        self.at = self.token_at;
        self.also = value_ends_blank.then_some(rest);
        self.inside.push((name.to_owned(), rest));
        true
    }

    fn raw(&mut self, assigns: bool) -> Parsed<Token> {
        self.blanks();
        self.token_at = self.at;
        self.token_line = self.line;
        let Some(c) = self.peek() else {
            self.heredocs();
            return Ok(Token::End);
        };
        if c == '\n' {
            self.next();
            self.heredocs();
            return Ok(Token::Newline);
        }
        if let Some(redirect) = self.redirect()? {
            return Ok(Token::Redirect(redirect));
        }
        let operator = OPERATORS.into_iter().find(|o| self.starts(o));
        if let Some(text) = operator.map(|o| if self.bash() || !matches!(o, ";;&" | ";&" | "|&") { o } else { &o[..o.len() - 1] }) {
            self.at += text.len();
            return Ok(Token::Op(text));
        }
        if assigns && let Some(assign) = self.bash_assignment()? {
            if self.verbatim {
                return Ok(Token::Word(vec![Part::Plain(self.verbatim(self.token_at))]));
            }
            return Ok(Token::Word(vec![Part::Array(Box::new(assign))]));
        }
        match self.word()? {
            Some(word) => Ok(Token::Word(word)),
            // Invariant: what is no blank, newline, operator or redirection starts a word.
            None => self.error("unexpected character"),
        }
    }

    /// Blanks, continued lines and a comment.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let digits: String = self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).take(9).collect();
        let mut operator_at = self.at + digits.len();
        let variable = if self.bash() { self.descriptor_variable() } else { None };
        if let Some(name) = &variable {
            operator_at += name.chars().count() + 2;
        }
        let both = digits.is_empty() && self.starts("&>") && self.dialect != Dialect::Dash;
        if !both && !matches!(self.chars.get(operator_at), Some('<' | '>')) {
            return Ok(None);
        }
        // `<(` and `>(` start a word.
        if self.dialect != Dialect::Dash && digits.is_empty() && variable.is_none() && (self.starts("<(") || self.starts(">(")) {
            return Ok(None);
        }
        self.at = operator_at;
        let found = REDIRECTS.iter().find(|(text, kind, _)| self.starts(text) && (*kind != RedirectKind::HereString || self.bash()));
        let Some((text, kind, default)) = found.copied() else { return Ok(None) };
        self.at += text.len();
        let fd = digits.parse().unwrap_or(default);
        self.blanks();
        let (start, line) = (self.at, self.line);
        let word = match self.raw(false)? {
            Token::Word(word) => word,
            Token::End if self.bash() => return self.unexpected(&Token::Newline, None),
            other => return self.unexpected(&other, None),
        };
        if kind != RedirectKind::Here {
            let word = match &word[..] {
                [Part::Plain(target)] if self.verbatim && kind == RedirectKind::Duplicate => vec![Part::Plain(format!("{text}{target}"))],
                _ => word,
            };
            return Ok(Some(Redirect { fd, variable, kind, word, body: None }));
        }
        self.line = line;
        let source = self.source(start);
        let shown = if self.verbatim { vec![Part::Plain(format!("{}{source}", &text[2..]))] } else { Word::new() };
        let quoted = source.contains(['\'', '"', '\\']);
        // A delimiter is not expanded: `$x` stands for itself.
        let delimiter = match !self.verbatim && word.iter().all(|p| matches!(p, Part::Plain(_) | Part::Quoted(_))) {
            true => word.iter().map(|p| if let Part::Plain(t) | Part::Quoted(t) = p { t.as_str() } else { "" }).collect(),
            false => source.replace(['\'', '"', '\\'], ""),
        };
        let body = Rc::new(RefCell::new(Word::new()));
        self.pending.push(Pending { delimiter, line, quoted: quoted || self.verbatim, strip_tabs: text == "<<-", body: body.clone() });
        Ok(Some(Redirect { fd, variable, kind, word: shown, body: Some(body) }))
    }

    /// The name in `{name}>`.
    fn descriptor_variable(&self) -> Option<String> {
        if self.peek() != Some('{') {
            return None;
        }
        let rest = &self.chars[self.at + 1..];
        let end = rest.iter().take(80).position(|c| *c == '}')?;
        let name: String = rest[..end].iter().collect();
        let base = name.split('[').next().unwrap_or("");
        (matches!(rest.get(end + 1), Some('<' | '>')) && super::is_name(base)).then_some(name)
    }

    /// Reads the bodies of the heredocs of the line that ended.
    fn heredocs(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let mut body = String::new();
            let mut closed = false;
            let from = self.line;
            while self.peek().is_some() {
                let mut line = String::new();
                while let Some(c) = self.next().filter(|c| *c != '\n') {
                    // A line of an expanded body goes on after a backslash.
                    if c == '\\' && !pending.quoted && self.peek() == Some('\n') {
                        self.next();
                    } else if c == '\\' && !pending.quoted {
                        line.push(c);
                        line.extend(self.next());
                    } else {
                        line.push(c);
                    }
                }
                let text = if pending.strip_tabs { line.trim_start_matches('\t') } else { &line };
                if text == pending.delimiter {
                    closed = true;
                    break;
                }
                body.push_str(text);
                if self.dialect == Dialect::Bash || self.chars[..self.at].ends_with(&['\n']) {
                    body.push('\n');
                }
            }
            self.open_heredoc |= !closed;
            if !closed && self.bash() {
                let text = format!("here-document at line {} delimited by end-of-file (wanted `{}')", pending.line, pending.delimiter);
                self.warnings.push((self.line, text));
            }
            *pending.body.borrow_mut() = match pending.quoted {
                true => vec![Part::Quoted(body)],
                false => self.quoted(&body, from).unwrap_or_else(|_| vec![Part::Quoted(body)]),
            };
        }
    }
}
