//! Text to commands: the grammar of dash and busybox ash, with what bash adds.
//!
//! A script is read one complete command at a time, so that what stands before a syntax error runs, and an `alias` or a
//! heredoc is known to the lines below it. Structure and error texts follow ash's `parser.c`.

mod command;
mod condition;
mod dollar;
mod token;
mod word;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Dialect;
use super::ast::*;
pub use condition::{is_binary, is_unary};
use token::Token;

/// Deepest nesting of commands and expansions.
const MAX_NESTING: u32 = 60;
/// Most aliases that one command may contain.
const MAX_ALIASES: usize = 200;

/// A syntax error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line it is on, from 1.
    pub line: u32,
    /// What is wrong, without the shell's prefix.
    pub text: String,
    /// The line itself, which bash shows too.
    pub source: Option<String>,
    /// Whether more text could make it right.
    pub unfinished: bool,
    /// It is inside of `[[`: the status stays what it was.
    pub condition: bool,
}

type Parsed<T> = Result<T, SyntaxError>;

/// A heredoc whose body starts at the next line.
struct Pending {
    delimiter: String,
    line: u32,
    quoted: bool,
    strip_tabs: bool,
    body: Rc<RefCell<Word>>,
}

/// A script being read.
pub struct Parser {
    chars: Vec<char>,
    at: usize,
    line: u32,
    dialect: Dialect,
    pending: Vec<Pending>,
    /// A token that was looked at and not taken.
    pushed: Option<Token>,
    /// Where the last token started, and on which line.
    token_at: usize,
    token_line: u32,
    depth: u32,
    /// What words stand for at the start of a command.
    pub aliases: BTreeMap<String, String>,
    /// A heredoc was not over when the text was.
    open_heredoc: bool,
    /// Aliases being read: their name and how much text is left after them.
    inside: Vec<(String, usize)>,
    /// How much text is left after an alias that ends with a blank: the next word may be one too.
    also: Option<usize>,
    expanded: usize,
    /// The line of the command that runs now: where ash counts the lines of a backquoted text from.
    pub executing: u32,
    /// bash's `@(a|b)` and its like are words.
    pub extglob: bool,
    /// Words are kept as they are written, to be printed again: see [`super::print`].
    pub verbatim: bool,
    /// Parts of the text that are printed in another way: from, to, how.
    replaced: Vec<(usize, usize, String)>,
    /// What bash warns of: a line and what is wrong there.
    pub warnings: Vec<(u32, String)>,
}

impl Parser {
    /// Starts reading `text`, whose first line has the number `line`.
    pub fn new(text: &str, dialect: Dialect, line: u32) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            line,
            dialect,
            pending: Vec::new(),
            pushed: None,
            token_at: 0,
            token_line: line,
            depth: 0,
            aliases: BTreeMap::new(),
            open_heredoc: false,
            inside: Vec::new(),
            also: None,
            expanded: 0,
            executing: 0,
            extglob: false,
            verbatim: false,
            replaced: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The next complete command (a list up to the end of its line); `None` at the end.
    pub fn next_command(&mut self) -> Parsed<Option<List>> {
        self.expanded = 0;
        match self.token(token::COMMAND)? {
            Token::End => Ok(None),
            Token::Newline => Ok(Some(List::new())),
            token => {
                self.pushed = Some(token);
                self.list(command::Mode::Line).map(Some)
            }
        }
    }

    /// How much has been read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// What has been read since `position`.
    pub fn since(&self, position: usize) -> String {
        self.source(position)
    }

    /// Whether a text that was read to its end wants more lines.
    pub fn wants_more(&self) -> bool {
        self.open_heredoc || self.chars.ends_with(&['\\', '\n'])
    }

    fn inner(&self, text: &str) -> Self {
        Self {
            depth: self.depth,
            aliases: self.aliases.clone(),
            executing: self.executing,
            extglob: self.extglob,
            ..Self::new(text, self.dialect, self.line)
        }
    }

    /// The parts of a text as inside double quotes, as deep as this parser is.
    fn quoted(&self, text: &str, line: u32) -> Parsed<Word> {
        let mut parts = Word::new();
        let mut inner = self.inner(text);
        inner.line = line;
        inner.double_quoted(&mut parts, true)?;
        Ok(parts)
    }

    fn bash(&self) -> bool {
        self.dialect == Dialect::Bash
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_at(&self, n: usize) -> Option<char> {
        self.chars.get(self.at + n).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek_at(i) == Some(c))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.starts(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    /// The text from `start` to here as it is printed again.
    fn verbatim(&self, start: usize) -> String {
        let (mut text, mut at) = (String::new(), start);
        for (from, to, shown) in self.replaced.iter().filter(|r| r.0 >= start && r.1 <= self.at) {
            text.extend(&self.chars[at..*from]);
            text.push_str(shown);
            at = *to;
        }
        text.extend(&self.chars[at..self.at]);
        text
    }

    /// From `start` to here `shown` is printed.
    fn replace(&mut self, start: usize, shown: String) {
        self.replaced.retain(|(from, ..)| *from < start);
        self.replaced.push((start, self.at, shown));
    }

    /// The text of what has just been parsed from `start` on; a token that was looked at is not part of it.
    fn parsed(&self, start: usize) -> Option<Rc<str>> {
        if !self.bash() || self.verbatim {
            return None;
        }
        let end = if self.pushed.is_some() { self.token_at.max(start) } else { self.at };
        Some(self.chars[start.min(end)..end].iter().collect::<String>().trim_end().into())
    }

    /// The text from `start` to here.
    fn source(&self, start: usize) -> String {
        self.chars[start.min(self.at)..self.at].iter().collect()
    }

    fn nest<T>(&mut self, f: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        let result = if self.depth > MAX_NESTING { self.error("nested too deeply") } else { f(self) };
        self.depth -= 1;
        result
    }

    /// A syntax error in the words of ash; dash writes it with a capital.
    fn error<T>(&self, text: &str) -> Parsed<T> {
        let text = match self.dialect {
            Dialect::Bash => text.to_owned(),
            Dialect::Ash => format!("syntax error: {text}"),
            Dialect::Dash => format!("Syntax error: {}", capital(text)),
        };
        Err(SyntaxError { line: self.line, text, source: None, unfinished: false, condition: false })
    }

    /// The end of the text where `quote` should be.
    fn unterminated<T>(&self, quote: char, from: u32) -> Parsed<T> {
        self.unclosed(quote, from).map_err(|error| SyntaxError { unfinished: true, ..error })
    }

    fn unclosed<T>(&self, quote: char, from: u32) -> Parsed<T> {
        if self.bash() {
            let line = if quote == ')' { self.end_line() } else { from };
            let text = format!("unexpected EOF while looking for matching `{quote}'");
            return Err(SyntaxError { line, text, source: None, unfinished: true, condition: false });
        }
        match quote {
            '`' => self.error("EOF in backquote substitution"),
            '}' => self.error("missing '}'"),
            ')' => self.error("missing '))'"),
            _ => self.error("unterminated quoted string"),
        }
    }

    /// The line that bash names when the text is over too early.
    fn end_line(&self) -> u32 {
        self.line + (self.chars.last() != Some(&'\n')) as u32
    }

    /// `token`, just read, is not what the grammar wants.
    fn unexpected<T>(&self, token: &Token, expecting: Option<&str>) -> Parsed<T> {
        let name = match token {
            Token::End => "end of file".to_owned(),
            Token::Newline => "newline".to_owned(),
            Token::Word(_) => "word".to_owned(),
            Token::Redirect(_) => "redirection".to_owned(),
            Token::Op(text) | Token::Key(text) => format!("\"{text}\""),
        };
        let expecting = expecting.map(|e| format!(" (expecting \"{e}\")")).unwrap_or_default();
        let (line, text, source) = match self.dialect {
            Dialect::Ash => (self.line, format!("syntax error: unexpected {name}{expecting}"), None),
            Dialect::Dash => (self.line, format!("Syntax error: {name} unexpected{expecting}"), None),
            Dialect::Bash if *token == Token::End => (self.end_line(), "syntax error: unexpected end of file".into(), None),
            Dialect::Bash => {
                let near = if *token == Token::Newline { "newline".to_owned() } else { self.source(self.token_at).trim().to_owned() };
                let near = if near.is_empty() { "newline".to_owned() } else { near };
                let text = format!("syntax error near unexpected token `{near}'");
                (self.token_line, text, Some(self.line_of(self.token_at)))
            }
        };
        Err(SyntaxError { line, text, source, unfinished: *token == Token::End, condition: false })
    }

    fn line_of(&self, at: usize) -> String {
        let at = at.min(self.chars.len());
        let start = self.chars[..at].iter().rposition(|c| *c == '\n').map_or(0, |i| i + 1);
        self.chars[start..].iter().take_while(|c| **c != '\n').collect()
    }
}

/// The parts of a text as inside double quotes (heredocs, prompts).
pub fn parse_quoted(text: &str, dialect: Dialect) -> Result<Word, SyntaxError> {
    let mut parser = Parser::new(text, dialect, 1);
    let mut parts = Vec::new();
    parser.double_quoted(&mut parts, true)?;
    Ok(parts)
}

/// Whether a word is reserved.
pub fn is_reserved(text: &str) -> bool {
    token::KEYWORDS.contains(&text)
}

/// Whether `text` can name a variable.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
}
