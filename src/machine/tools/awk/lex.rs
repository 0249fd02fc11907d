//! The words of an awk program.

use super::super::options::escaped;
use super::{Fault, fault};

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Number(f64),
    Text(Vec<u8>),
    Regex(Vec<u8>),
    /// A name; `true`: an opening bracket follows at once, as a call of a function has it.
    Name(String, bool),
    /// A word of the language, or an operator.
    Mark(&'static str),
    Newline,
    End,
}

/// The reserved words.
const WORDS: [&str; 21] = [
    "BEGIN", "END", "break", "continue", "delete", "do", "else", "exit", "for", "func", "function", "getline", "if", "in", "next",
    "nextfile", "print", "printf", "return", "while", "length",
];

/// The operators, longer ones first.
const OPERATORS: [&str; 41] = [
    "**=", "+=", "-=", "*=", "/=", "%=", "^=", "**", "==", "<=", ">=", "!=", "!~", "++", "--", "&&", "||", ">>", "{", "}", "(", ")", "[",
    "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
];

/// Reads `text`: each word with its line. `busybox` says whose manners backslashes follow.
pub fn lex(text: &[u8], busybox: bool) -> Result<Vec<(Token, u32)>, Fault> {
    let mut out: Vec<(Token, u32)> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(c) = text.get(at).copied() {
        let start = at;
        let rest = &text[at..];
        match c {
            b' ' | b'\t' | b'\r' => at += 1,
            b'\\' if rest.starts_with(b"\\\n") || rest.starts_with(b"\\\r\n") => {
                at += rest.iter().position(|b| *b == b'\n').unwrap_or(0) + 1;
                line += 1;
            }
            b'#' => at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            b'\n' => {
                at += 1;
                out.push((Token::Newline, line));
                line += 1;
            }
            b'"' => {
                at += 1;
                let body = quoted(text, &mut at, busybox).ok_or_else(|| fault(line, "Unexpected end of string"))?;
                out.push((Token::Text(body), line));
            }
            b'/' if regex_may_follow(out.last().map(|(t, _)| t)) => {
                at += 1;
                let body = slashed(text, &mut at, busybox).ok_or_else(|| fault(line, "Unexpected end of string"))?;
                out.push((Token::Regex(body), line));
            }
            b'0'..=b'9' | b'.' if c != b'.' || rest.get(1).is_some_and(u8::is_ascii_digit) => {
                let octal = rest.iter().take_while(|b| (b'0'..=b'7').contains(b)).count();
                let (mut value, mut length) = number(rest);
                if busybox && c == b'0' && octal == length && length > 1 {
                    value = rest[..octal].iter().fold(0.0, |v, b| v * 8.0 + f64::from(b - b'0'));
                } else if length == 1 && matches!(rest.get(1), Some(b'e' | b'E')) {
                    length = 2;
                }
                at += length;
                out.push((Token::Number(value), line));
            }
            c if c.is_ascii_alphabetic() || c == b'_' => {
                at += rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                let word = String::from_utf8_lossy(&text[start..at]).into_owned();
                let token = match WORDS.iter().find(|w| **w == word) {
                    Some(&"func") => Token::Mark("function"),
                    Some(mark) => Token::Mark(mark),
                    None => Token::Name(word, text.get(at) == Some(&b'(')),
                };
                out.push((token, line));
            }
            _ => {
                let mark = OPERATORS.iter().find(|o| rest.starts_with(o.as_bytes())).ok_or_else(|| fault(line, "Unexpected token"))?;
                at += mark.len();
                let mark = match *mark {
                    "**" => "^",
                    "**=" => "^=",
                    mark => mark,
                };
                out.push((Token::Mark(mark), line));
            }
        }
    }
    out.push((Token::End, line));
    Ok(out)
}

fn regex_may_follow(last: Option<&Token>) -> bool {
    match last {
        Some(Token::Number(_) | Token::Text(_) | Token::Regex(_) | Token::Name(..)) => false,
        Some(Token::Mark(mark)) => !matches!(*mark, ")" | "]" | "++" | "--" | "$" | "length"),
        _ => true,
    }
}

/// After `"`.
fn quoted(text: &[u8], at: &mut usize, busybox: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        match *text.get(*at)? {
            b'"' => {
                *at += 1;
                return Some(out);
            }
            b'\n' => return None,
            b'\\' if text.get(*at + 1) == Some(&b'\n') && !busybox => *at += 2,
            b'\\' => {
                let (byte, length) = escape(&text[*at..]);
                match byte {
                    Some(byte) => out.push(byte),
                    None if busybox && text.get(*at + 1) == Some(&b'e') => out.push(27),
                    None if busybox || matches!(text.get(*at + 1)?, b'"' | b'/') => out.push(*text.get(*at + 1)?),
                    None => out.extend([b'\\', *text.get(*at + 1)?]),
                }
                *at += length;
            }
            byte => {
                out.push(byte);
                *at += 1;
            }
        }
    }
}

/// After `/`: escapes of C are replaced, all others stay for the regular expression.
fn slashed(text: &[u8], at: &mut usize, busybox: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut bracket = false;
    loop {
        match *text.get(*at)? {
            b'/' if busybox || !bracket => {
                *at += 1;
                return Some(out);
            }
            b'\n' => return None,
            b'\\' => {
                let next = *text.get(*at + 1)?;
                let (byte, length) = escape(&text[*at..]);
                match byte {
                    Some(byte) if next != b'\\' && (busybox || next != b'b') => out.push(byte),
                    _ if next == b'/' && !busybox => out.push(b'/'),
                    _ if bracket && !busybox => out.push(next),
                    _ => out.extend([b'\\', next]),
                }
                *at += if next == b'\\' { 2 } else { length };
            }
            byte => {
                if byte == b'[' && !bracket {
                    bracket = true;
                    for b in [b'^', b']'] {
                        if text.get(*at + 1) == Some(&b) {
                            out.push(text[*at]);
                            *at += 1;
                        }
                    }
                } else if byte == b']' {
                    bracket = false;
                }
                out.push(text[*at]);
                *at += 1;
            }
        }
    }
}

/// The byte that an escape of C stands for, and its length; `None`: it is none.
fn escape(text: &[u8]) -> (Option<u8>, usize) {
    let next = text.get(1).copied().unwrap_or(0);
    match next {
        b'x' if text.get(2).is_some_and(u8::is_ascii_hexdigit) => {
            let digits = text[2..].iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
            let value = text[2..2 + digits].iter().fold(0, |v, b| v * 16 + char::from(*b).to_digit(16).unwrap_or(0));
            (Some(value as u8), digits + 2)
        }
        b'0'..=b'7' => {
            let digits = text[1..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let value = text[1..=digits].iter().fold(0u32, |v, b| v * 8 + u32::from(b - b'0'));
            (Some(value as u8), digits + 1)
        }
        letter => (escaped(letter), 2),
    }
}

/// The escapes of a value given with `-v` or as an operand.
pub fn unescape(text: &str, busybox: bool) -> Vec<u8> {
    let mut quote = text.replace('"', "\\\"").into_bytes();
    if text.ends_with('\\') && !text.ends_with("\\\\") {
        quote.push(b'\\');
    }
    quote.push(b'"');
    quoted(&quote, &mut 0, busybox).unwrap_or_else(|| text.as_bytes().to_vec())
}

/// The number that `text` begins with, and its length.
pub fn number(text: &[u8]) -> (f64, usize) {
    if let [b'0', b'x' | b'X', hex @ ..] = text {
        let length = hex.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let digit = |b: &u8| f64::from(char::from(*b).to_digit(16).unwrap_or(0));
        if length > 0 {
            return (hex[..length].iter().fold(0.0, |v, b| v * 16.0 + digit(b)), length + 2);
        }
    }
    let digits = |from: usize| text.get(from..).unwrap_or(&[]).iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if text.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return (0.0, 0);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        end += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    (std::str::from_utf8(&text[..end]).ok().and_then(|t| t.trim_end_matches('.').parse().ok()).unwrap_or(0.0), end)
}
