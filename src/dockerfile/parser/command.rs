//! A logical line -> keyword, flags and the rest. BuildKit's `parser/split_command.go`.

use super::super::ast::Node;
use super::super::text::{self, Text};
use super::arguments;

/// ONBUILD in ONBUILD is an error later on; the nesting is kept as far as a stack surely holds.
const MAX_NESTING: usize = 32;

/// The node of a logical line, its place not yet known.
pub(super) fn node(line: &[u8], escape: u8) -> Result<Node, String> {
    nested(line, escape, 0)
}

fn nested(line: &[u8], escape: u8, depth: usize) -> Result<Node, String> {
    let trimmed = text::trim(line);
    let end = trimmed.iter().position(is_blank).unwrap_or(trimmed.len());
    let rest = &trimmed[end..];
    let rest = &rest[rest.iter().position(|b| !is_blank(b)).unwrap_or(rest.len())..];
    let (flags, rest) = flags(rest, escape);
    let rest = text::trim(rest);
    let mut node = Node { keyword: trimmed[..end].into(), flags, original: line.into(), ..Node::default() };
    if node.keyword.as_bytes().eq_ignore_ascii_case(b"onbuild") {
        if !rest.is_empty() && depth < MAX_NESTING {
            node.trigger = Some(Box::new(nested(rest, escape, depth + 1)?));
        }
    } else {
        (node.args, node.json) = arguments::parse(&node.keyword, rest, escape)?;
    }
    Ok(node)
}

/// `[\t\v\f\r ]`: what parts words; no line break, and nothing beyond ASCII.
pub(super) fn is_blank(byte: &u8) -> bool {
    matches!(byte, b'\t' | 0x0b | 0x0c | b'\r' | b' ')
}

/// The words in front that begin with `--`, and what follows them.
///
/// BuildKit reads single bytes here, each as the character of that number: beyond ASCII a flag is read as Latin-1.
fn flags(line: &[u8], escape: u8) -> (Vec<Text>, &[u8]) {
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        while line.get(at).is_some_and(is_latin_space) {
            at += 1;
        }
        if !line[at..].starts_with(b"--") {
            return (flags, &line[at..]);
        }
        let (word, quoted, next) = flag(line, at, escape);
        at = next;
        if word == "--" {
            return (flags, &line[at..]);
        }
        if quoted || !word.is_empty() {
            flags.push(word.as_str().into());
        }
    }
}

/// The word at `at` without its quotes and escapes, whether it had quotes, and where it ends.
fn flag(line: &[u8], mut at: usize, escape: u8) -> (String, bool, usize) {
    let mut word = String::new();
    let (mut quote, mut quoted) = (None, false);
    while let Some(&byte) = line.get(at) {
        match quote {
            None if is_latin_space(&byte) => break,
            None if matches!(byte, b'\'' | b'"') => (quote, quoted) = (Some(byte), true),
            Some(open) if byte == open => quote = None,
            // An escape token at the very end is dropped.
            _ if byte == escape => {
                at += 1;
                word.extend(line.get(at).copied().map(char::from));
            }
            _ => word.push(char::from(byte)),
        }
        at += 1;
    }
    (word, quoted, at.min(line.len()))
}

fn is_latin_space(byte: &u8) -> bool {
    text::is_space(char::from(*byte))
}
