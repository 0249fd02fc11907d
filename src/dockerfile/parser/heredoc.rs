//! Marks of heredocs (`<<EOF`) in ADD, COPY and RUN, and the lines that end them. BuildKit's `parser/parser.go`.

use super::super::ast::{Heredoc, Node};
use super::super::expand::{Lex, no_variables};
use super::super::text::{self, Text};

/// Whether the instruction, or the one behind ONBUILD, can have heredocs and there may be one.
pub(super) fn may_open(node: &Node) -> bool {
    let inner = node.trigger.as_deref().unwrap_or(node);
    let keyword = inner.keyword.as_bytes();
    [b"add".as_slice(), b"copy", b"run"].iter().any(|name| keyword.eq_ignore_ascii_case(name))
        && !inner.json
        && node.original.as_bytes().windows(2).any(|pair| pair == b"<<")
}

/// The heredocs that a logical line opens, without their content.
pub(super) fn marks(line: &[u8]) -> Result<Vec<Heredoc>, String> {
    let lex = Lex { raw_quotes: true, raw_escapes: true, skip_unset_env: true, ..Lex::new('\\') };
    // A line that the lexer cannot split (an unclosed quote) opens none.
    let words = lex.process_words(&text::to_str(line), no_variables()).unwrap_or_default();
    words.iter().filter_map(|word| parse(word).transpose()).collect()
}

/// The heredoc that a word of COPY or ADD opens; errors count as none.
pub(crate) fn parse_mark(word: &str) -> Option<Heredoc> {
    parse(word).ok().flatten()
}

/// Whether a line ends the body.
pub(super) fn ends(heredoc: &Heredoc, mut line: &[u8]) -> bool {
    if heredoc.chomp {
        line = &line[line.iter().position(|b| *b != b'\t').unwrap_or(line.len())..];
    }
    line == heredoc.name.as_bytes()
}

/// `^(\d*)<<(-?)\s*([^<]*)$`
fn parse(word: &str) -> Result<Option<Heredoc>, String> {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let Some(rest) = word[digits..].strip_prefix("<<") else { return Ok(None) };
    let chomp = rest.starts_with('-');
    let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    // Lexed with and without quotes: fewer quotes in one of them means that a part of the word was quoted.
    let lex = Lex { skip_unset_env: true, ..Lex::new('\\') };
    let words = lex.process_words(rest, no_variables()).map_err(|error| error.message)?;
    let [name] = words.as_slice() else { return Ok(None) };
    let raw = Lex { raw_quotes: true, ..lex }.process_words(rest, no_variables()).map_err(|error| error.message)?;
    let [raw] = raw.as_slice() else {
        return Err(format!("internal lexing of heredoc produced inconsistent results: {rest}"));
    };
    let quotes = |text: &str| text.bytes().filter(|b| matches!(b, b'\'' | b'"')).count();
    let fd = if digits == 0 { 0 } else { word[..digits].parse().unwrap_or(u64::MAX) };
    Ok(Some(Heredoc { name: Text::from(name.as_str()), fd, expand: quotes(name) == quotes(raw), chomp, ..Heredoc::default() }))
}
