//! What follows the keyword, by the rules of each instruction. BuildKit's `parser/line_parsers.go`.

use std::borrow::Cow;

use super::super::json::{self, Array};
use super::super::text::{self, Text};
use super::command::is_blank;

/// The arguments, and whether they were a JSON array. ONBUILD is not read here.
pub(super) fn parse(keyword: &Text, rest: &[u8], escape: u8) -> Result<(Vec<Text>, bool), String> {
    let mut name = [0; 11];
    let Some(name) = name.get_mut(..keyword.as_bytes().len()) else { return Ok(unknown()) };
    name.copy_from_slice(keyword.as_bytes());
    name.make_ascii_lowercase();
    match &*name {
        b"add" | b"copy" | b"volume" => json_or(rest, blank_separated),
        b"cmd" | b"entrypoint" | b"run" | b"shell" => json_or(rest, whole),
        b"expose" | b"from" => Ok((blank_separated(rest), false)),
        b"maintainer" | b"stopsignal" | b"user" | b"workdir" => Ok((whole(rest), false)),
        b"arg" => Ok((words(rest, escape), false)),
        b"env" => Ok((pairs(rest, "ENV", escape)?, false)),
        b"label" => Ok((pairs(rest, "LABEL", escape)?, false)),
        b"healthcheck" => health(rest),
        _ => Ok(unknown()),
    }
}

/// An unknown instruction keeps nothing; BuildKit gives it one empty word.
fn unknown() -> (Vec<Text>, bool) {
    (vec![Text::default()], false)
}

fn whole(rest: &[u8]) -> Vec<Text> {
    if rest.is_empty() { Vec::new() } else { vec![rest.into()] }
}

fn blank_separated(rest: &[u8]) -> Vec<Text> {
    if rest.is_empty() {
        return Vec::new();
    }
    // `Split` of the regular expression `[\t\v\f\r ]+`: a run of blanks is one separator.
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(length) = rest[start..].iter().position(is_blank) {
        parts.push(rest[start..start + length].into());
        start += length;
        start += rest[start..].iter().position(|b| !is_blank(b)).unwrap_or(rest.len() - start);
    }
    parts.push(rest[start..].into());
    parts
}

fn json_or(rest: &[u8], otherwise: fn(&[u8]) -> Vec<Text>) -> Result<(Vec<Text>, bool), String> {
    match json::array(rest) {
        Array::Strings(words) => Ok((words, true)),
        Array::No => Ok((otherwise(rest), false)),
        Array::NotStrings => Err("when using JSON array syntax, arrays must be comprised of strings only".into()),
    }
}

/// HEALTHCHECK: a word, then a command. The word ends at a byte that is a space as a character of its own.
fn health(rest: &[u8]) -> Result<(Vec<Text>, bool), String> {
    let is_space = |b: &u8| text::is_space(char::from(*b));
    let end = rest.iter().position(is_space).unwrap_or(rest.len());
    if end == 0 {
        return Ok((Vec::new(), false));
    }
    let next = rest[end..].iter().position(|b| !is_space(b)).map_or(rest.len(), |blanks| end + blanks);
    let (mut command, json) = json_or(text::trim_start(&rest[next..]), whole)?;
    // Only the JSON form may be indented by other spaces; as text the command stays as it is.
    if !json {
        command = whole(&rest[next..]);
    }
    command.insert(0, rest[..end].into());
    Ok((command, json))
}

/// ENV and LABEL: `name=value …`, or `name rest of the line`; three words a pair.
fn pairs(rest: &[u8], instruction: &str, escape: u8) -> Result<Vec<Text>, String> {
    let words = words(rest, escape);
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    if !first.as_bytes().contains(&b'=') {
        let Some(end) = rest.iter().position(is_blank) else {
            return Err(format!("{instruction} must have two arguments"));
        };
        let value = &rest[end..];
        let value = &value[value.iter().position(|b| !is_blank(b)).unwrap_or(value.len())..];
        return Ok(vec![rest[..end].into(), value.into(), Text::default()]);
    }
    let mut pairs = Vec::with_capacity(words.len() * 3);
    for word in words {
        let bytes = word.as_bytes();
        let Some(equals) = bytes.iter().position(|b| *b == b'=') else {
            return Err(format!("Syntax error - can't find = in {}. Must be of the form: name=value", text::quote(bytes)));
        };
        pairs.extend([bytes[..equals].into(), bytes[equals + 1..].into(), Text::from("=")]);
    }
    Ok(pairs)
}

/// Words parted by spaces; quotes group, and stay together with the escapes.
fn words(rest: &[u8], escape: u8) -> Vec<Text> {
    let mut words = Vec::new();
    let (mut quote, mut start, mut at) = (None, 0, 0);
    while at < rest.len() {
        let (c, width) = text::decode(&rest[at..]);
        if c == char::from(escape) && quote != Some('\'') {
            at += width;
            if at == rest.len() {
                // An escape token at the very end is dropped.
                words.extend(word(&rest[start..at - width]));
                return words;
            }
            at += text::decode(&rest[at..]).1;
            continue;
        }
        match quote {
            None if text::is_space(c) => {
                words.extend(word(&rest[start..at]));
                start = at + width;
            }
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        at += width;
    }
    words.extend(word(&rest[start..]));
    words
}

/// A word, broken bytes as U+FFFD; nothing if there is none.
fn word(bytes: &[u8]) -> Option<Text> {
    match text::to_str(bytes) {
        _ if bytes.is_empty() => None,
        Cow::Borrowed(_) => Some(bytes.into()),
        Cow::Owned(text) => Some(text.as_str().into()),
    }
}
