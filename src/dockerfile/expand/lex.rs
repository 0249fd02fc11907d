//! The lexer: quotes, escapes, substitutions, words. BuildKit's `shell/lex.go`.

use std::collections::BTreeSet;

use crate::base::go;

use super::super::text::is_space;
use super::pattern;

/// `${…}` inside `${…}` beyond this is an error: a stack must hold it. BuildKit knows no limit.
const MAX_NESTING: usize = 128;

/// The longest text that an expansion may grow to. BuildKit knows no limit but memory.
const MAX_LENGTH: usize = 16 << 20;

/// How words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lex {
    /// `\` or a backtick.
    pub escape: char,
    /// Keep quotes in the result.
    pub raw_quotes: bool,
    /// Keep escape tokens in the result.
    pub raw_escapes: bool,
    /// Quotes are characters like any other (bodies of heredocs).
    pub skip_process_quotes: bool,
    /// Leave variables that are not set as they are written (titles of steps).
    pub skip_unset_env: bool,
}

/// What becomes of a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expansion {
    /// The text, quotes removed.
    pub text: String,
    /// Names that were set.
    pub matched: BTreeSet<String>,
    /// Names that were not.
    pub unmatched: BTreeSet<String>,
}

/// Why a word cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandError {
    /// BuildKit's text: `failed to process "…": …`.
    pub message: String,
    /// Names met before the error that were set.
    pub matched: BTreeSet<String>,
    /// Names met before the error that were not.
    pub unmatched: BTreeSet<String>,
}

/// An environment in which nothing is set.
pub fn no_variables() -> &'static [(String, String)] {
    &[]
}

impl Lex {
    /// A lexer with this escape token that expands all and keeps nothing raw.
    pub fn new(escape: char) -> Self {
        Self { escape, raw_quotes: false, raw_escapes: false, skip_process_quotes: false, skip_unset_env: false }
    }

    /// Expands a word: BuildKit's `ProcessWordWithMatches`. Of equal names in `env` the last counts.
    pub fn process(&self, word: &str, env: &[(String, String)]) -> Result<Expansion, ExpandError> {
        if self.is_plain(word) {
            return Ok(Expansion { text: word.to_owned(), ..Expansion::default() });
        }
        self.run(word, env, false).map(|(expansion, _)| expansion)
    }

    fn run(&self, word: &str, env: &[(String, String)], split: bool) -> Result<(Expansion, Vec<String>), ExpandError> {
        // Go's scanner drops a byte-order mark in front.
        let rest = word.strip_prefix('\u{feff}').unwrap_or(word);
        let mut run = Run {
            lex: *self,
            rest,
            env,
            raw_escapes: self.raw_escapes,
            depth: 0,
            split,
            buffer: String::new(),
            matched: BTreeSet::new(),
            unmatched: BTreeSet::new(),
        };
        match run.until(None, self.raw_escapes) {
            Ok((text, words)) => Ok((Expansion { text, matched: run.matched, unmatched: run.unmatched }, words)),
            Err(message) => Err(ExpandError {
                message: format!("failed to process {}: {message}", go::quote(word)),
                matched: run.matched,
                unmatched: run.unmatched,
            }),
        }
    }

    /// Whether there is nothing in the word that could make it another.
    fn is_plain(&self, word: &str) -> bool {
        let escape = self.escape as u8;
        let quotes = !self.skip_process_quotes;
        let special = |b: u8| b == b'$' || b == escape || b == b'<' || quotes && matches!(b, b'\'' | b'"');
        !word.starts_with('\u{feff}') && !word.bytes().any(special)
    }

    /// Only the text: BuildKit's `ProcessWord`.
    pub fn process_word(&self, word: &str, env: &[(String, String)]) -> Result<String, ExpandError> {
        if self.is_plain(word) {
            return Ok(word.to_owned());
        }
        self.process(word, env).map(|expansion| expansion.text)
    }

    /// The text split at blanks that are neither quoted nor escaped: BuildKit's `ProcessWords`.
    pub fn process_words(&self, word: &str, env: &[(String, String)]) -> Result<Vec<String>, ExpandError> {
        if self.is_plain(word) {
            return Ok(word.split_whitespace().map(str::to_owned).collect());
        }
        self.run(word, env, true).map(|(_, words)| words)
    }
}

struct Run<'a> {
    lex: Lex,
    rest: &'a str,
    env: &'a [(String, String)],
    raw_escapes: bool,
    depth: usize,
    /// Whether words are wanted.
    split: bool,
    /// The word that is being split off. One for all levels, as in BuildKit: a `${…}` with a modifier empties it, so
    /// that `EXPOSE 80${P:-/udp}` loses its port there and here.
    buffer: String,
    matched: BTreeSet<String>,
    unmatched: BTreeSet<String>,
}

/// The words of one level.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    in_word: bool,
}

type Level = (String, Vec<String>);

impl<'a> Run<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next();
        self.rest = chars.as_str();
        c
    }

    /// Reads up to `stop`, which is taken too, or up to the end.
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<Level, String> {
        if self.depth > MAX_NESTING {
            return Err(format!("substitutions nested deeper than {MAX_NESTING}"));
        }
        self.depth += 1;
        let before = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let level = self.level(stop);
        self.raw_escapes = before;
        self.depth -= 1;
        level
    }

    fn level(&mut self, stop: Option<char>) -> Result<Level, String> {
        self.buffer.clear();
        let mut text = String::new();
        let mut words = Words::default();
        loop {
            let plain = self.plain(stop);
            text.push_str(plain);
            self.add(&mut words, plain);
            let Some(c) = self.peek() else { break };
            if Some(c) == stop {
                self.next();
                return Ok((text, self.finish(words)));
            }
            match c {
                '$' => {
                    let value = self.dollar()?;
                    if text.len() + value.len() > MAX_LENGTH {
                        return Err(format!("the expansion is longer than {MAX_LENGTH} bytes"));
                    }
                    text.push_str(&value);
                    self.add(&mut words, &value);
                }
                '<' => self.add_raw(&mut words, &mut text, Self::possible_heredoc)?,
                '\'' if !self.lex.skip_process_quotes => self.add_raw(&mut words, &mut text, Self::single_quote)?,
                '"' if !self.lex.skip_process_quotes => self.add_raw(&mut words, &mut text, Self::double_quote)?,
                _ => self.escaped(&mut words, &mut text),
            }
        }
        match stop {
            Some(stop) => Err(format!("unexpected end of statement while looking for matching {stop}")),
            None => Ok((text, self.finish(words))),
        }
    }

    /// Takes what stands before the next byte that means something.
    fn plain(&mut self, stop: Option<char>) -> &'a str {
        let (stop, escape, quotes) = (stop.map(|c| c as u8), self.lex.escape as u8, !self.lex.skip_process_quotes);
        let special = |b: &u8| *b == b'$' || *b == escape || *b == b'<' || quotes && matches!(*b, b'\'' | b'"') || Some(*b) == stop;
        self.up_to(special)
    }

    fn up_to(&mut self, special: impl Fn(&u8) -> bool) -> &'a str {
        let end = self.rest.bytes().position(|b| special(&b)).unwrap_or(self.rest.len());
        let (plain, rest) = self.rest.split_at(end);
        self.rest = rest;
        plain
    }

    /// An escape token and what it escapes.
    fn escaped(&mut self, words: &mut Words, text: &mut String) {
        let kept = self.next().filter(|_| self.raw_escapes);
        // An escape token at the end escapes nothing and goes.
        for c in kept.into_iter().chain(self.next()) {
            text.push(c);
            self.buffer.push(c);
            words.in_word = true;
        }
    }

    fn add(&mut self, words: &mut Words, text: &str) {
        for c in text.chars().filter(|_| self.split) {
            if !is_space(c) {
                self.buffer.push(c);
                words.in_word = true;
            } else if words.in_word && !self.buffer.is_empty() {
                words.done.push(std::mem::take(&mut self.buffer));
                words.in_word = false;
            }
        }
    }

    fn add_raw(&mut self, words: &mut Words, text: &mut String, read: fn(&mut Self) -> Result<String, String>) -> Result<(), String> {
        let part = read(self)?;
        text.push_str(&part);
        self.buffer.push_str(&part);
        words.in_word = true;
        Ok(())
    }

    fn finish(&mut self, mut words: Words) -> Vec<String> {
        if !self.buffer.is_empty() {
            words.done.push(std::mem::take(&mut self.buffer));
        }
        words.done
    }

    /// `<<` keeps the blanks behind it in its word, so that `<< EOF` is one.
    fn possible_heredoc(&mut self) -> Result<String, String> {
        self.next();
        if self.peek() != Some('<') {
            return Ok("<".into());
        }
        self.next();
        let mut mark = String::from("<<");
        while let Some(c @ (' ' | '\t' | '\n' | '\r')) = self.peek() {
            self.next();
            mark.push(c);
        }
        Ok(mark)
    }

    /// All up to the next `'` as it is.
    fn single_quote(&mut self) -> Result<String, String> {
        self.next();
        let Some((inside, rest)) = self.rest.split_once('\'') else {
            self.rest = "";
            return Err("unexpected end of statement while looking for matching single-quote".into());
        };
        self.rest = rest;
        Ok(if self.lex.raw_quotes { format!("'{inside}'") } else { inside.into() })
    }

    /// All up to the next `"`; variables are expanded, and `"`, `$` and the escape token can be escaped.
    fn double_quote(&mut self) -> Result<String, String> {
        self.next();
        let quote = if self.lex.raw_quotes { "\"" } else { "" };
        let mut text = String::from(quote);
        let escape = self.lex.escape as u8;
        loop {
            text.push_str(self.up_to(|b| matches!(*b, b'"' | b'$') || *b == escape));
            let Some(c) = self.peek() else {
                return Err("unexpected end of statement while looking for matching double-quote".into());
            };
            if c == '$' {
                let value = self.dollar()?;
                if text.len() + value.len() > MAX_LENGTH {
                    return Err(format!("the expansion is longer than {MAX_LENGTH} bytes"));
                }
                text.push_str(&value);
                continue;
            }
            self.next();
            if c == '"' {
                text.push_str(quote);
                return Ok(text);
            }
            if self.raw_escapes {
                text.push(c);
            }
            match self.peek() {
                None => {}
                Some(next) if matches!(next, '"' | '$') || next == self.lex.escape => {
                    self.next();
                    text.push(next);
                }
                Some(_) => text.push(c),
            }
        }
    }

    fn dollar(&mut self) -> Result<String, String> {
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".into());
            }
            return Ok(match self.get(name) {
                Some(value) => value.into(),
                None if self.lex.skip_unset_env => format!("${name}"),
                None => String::new(),
            });
        }
        self.next();
        match self.peek() {
            None => return Err("syntax error: missing '}'".into()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".into()),
            Some(_) => {}
        }
        let name = self.name();
        match self.next() {
            Some('}') => Ok(match self.get(name) {
                Some(value) => value.into(),
                None if self.lex.skip_unset_env => format!("${{{name}}}"),
                None => String::new(),
            }),
            Some('/') => self.replace(name),
            Some(':') => match self.next() {
                Some(c @ ('#' | '%')) => Err(unsupported(&format!(":{c}"))),
                modifier => self.modify(name, modifier, true),
            },
            Some(modifier @ ('+' | '-' | '?' | '#' | '%')) => self.modify(name, Some(modifier), false),
            other => Err(unsupported(&or_replacement(other).to_string())),
        }
    }

    /// `${name-word}` and its kin; with `null_is_unset` a colon stood before the modifier.
    fn modify(&mut self, name: &str, modifier: Option<char>, null_is_unset: bool) -> Result<String, String> {
        let (word, _) = self.part('}', matches!(modifier, Some('#' | '%')), "syntax error: missing '}'")?;
        let value = self.get(name);
        let written = || format!("{}{}", if null_is_unset { ":" } else { "" }, or_replacement(modifier));
        let Some(value) = value else {
            if self.lex.skip_unset_env {
                return Ok(format!("${{{name}{}{word}}}", written()));
            }
            return match modifier {
                Some('-') => Ok(word),
                Some('+') => Ok(String::new()),
                Some('?') => Err(refusal(name, &word, "is not allowed to be unset")),
                Some('#' | '%') => trim(modifier, &word, ""),
                _ => Err(unsupported(&written())),
            };
        };
        let is_null = null_is_unset && value.is_empty();
        match modifier {
            Some('-') => Ok(if is_null { word } else { value.into() }),
            Some('+') => Ok(if is_null { String::new() } else { word }),
            Some('?') if is_null => Err(refusal(name, &word, "is not allowed to be empty")),
            Some('?') => Ok(value.into()),
            Some('#' | '%') => trim(modifier, &word, value),
            _ => Err(unsupported(&written())),
        }
    }

    /// `${name/pattern/replacement}` and `${name//pattern/replacement}`.
    fn replace(&mut self, name: &str) -> Result<String, String> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let (pattern, _) = self.part('/', true, "syntax error: missing '/' in ${}")?;
        let (replacement, _) = self.part('}', true, "syntax error: missing '}'")?;
        let value = self.get(name);
        if value.is_none() && self.lex.skip_unset_env {
            return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
        }
        let value = value.unwrap_or_default();
        let replaced = if all {
            pattern::replace_all(&pattern, value, &replacement, MAX_LENGTH)
        } else {
            pattern::replace_first(&pattern, value, &replacement)
        };
        replaced.map_err(|error| invalid_pattern(&pattern, &error))
    }

    fn part(&mut self, stop: char, raw_escapes: bool, missing: &str) -> Result<Level, String> {
        self.until(Some(stop), raw_escapes).map_err(|error| if self.rest.is_empty() { missing.into() } else { error })
    }

    /// Letters, digits and `_`; or only digits; or one of the special parameters.
    fn name(&mut self) -> &'a str {
        let rest = self.rest;
        let length = match self.peek() {
            Some(c) if is_digit(c) => rest.find(|c| !is_digit(c)).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest.find(|c: char| !(is_letter(c) || is_digit(c) || c == '_')).unwrap_or(rest.len()),
        };
        let (name, rest) = rest.split_at(length);
        self.rest = rest;
        name
    }

    fn get(&mut self, name: &str) -> Option<&'a str> {
        let found = self.env.iter().rev().find(|(known, _)| known == name);
        let names = if found.is_some() { &mut self.matched } else { &mut self.unmatched };
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
        found.map(|(_, value)| value.as_str())
    }
}

/// `#`, `##`, `%`, `%%`: the doubled sign stands at the start of the word.
fn trim(modifier: Option<char>, word: &str, value: &str) -> Result<String, String> {
    let sign = modifier.unwrap_or('#');
    let (pattern, greedy) = word.strip_prefix(sign).map_or((word, false), |rest| (rest, true));
    if sign == '%' {
        pattern::trim_suffix(pattern, value, greedy).map_err(|error| invalid_pattern(&pattern::reverse(pattern), &error))
    } else {
        pattern::trim_prefix(pattern, value, greedy).map_err(|error| invalid_pattern(pattern, &error))
    }
}

fn invalid_pattern(pattern: &str, error: &str) -> String {
    format!("invalid pattern ({pattern}) in substitution: {error}")
}

fn unsupported(modifier: &str) -> String {
    format!("unsupported modifier ({modifier}) in substitution")
}

fn refusal(name: &str, word: &str, otherwise: &str) -> String {
    format!("{name}: {}", if word.is_empty() { otherwise } else { word })
}

/// Go prints the end of the text, which is no character, as U+FFFD.
fn or_replacement(c: Option<char>) -> char {
    c.unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Go's `unicode.IsLetter`.
fn is_letter(c: char) -> bool {
    c.is_alphabetic()
}

/// Go's `unicode.IsDigit`: decimal digits of any script.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric() && !c.is_alphabetic() && decimal(c))
}

/// Whether a number beyond ASCII is a decimal digit (Nd) rather than a fraction, a superscript or a circled number.
fn decimal(c: char) -> bool {
    const ZEROS: &[u32] = &[
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090,
        0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50,
        0xabf0, 0xff10,
    ];
    ZEROS.iter().any(|zero| (*zero..zero + 10).contains(&(c as u32)))
}
