//! Text as a Dockerfile holds it: bytes that are mostly, but not surely, UTF-8, read as Go reads them.
//!
//! Go ranges over a string rune by rune; a byte that starts no valid sequence is one U+FFFD. Everything that looks at
//! characters does it through this file, so that broken bytes behave alike everywhere.

use crate::base::Case;
use std::borrow::Cow;
use std::fmt;

/// Bytes of a Dockerfile. Short ones, which most words are, take no memory of their own.
#[derive(Clone)]
pub struct Text(Repr);

/// As many bytes as fit beside a length into what a long text takes anyway.
const SHORT: usize = 22;

#[derive(Clone)]
enum Repr {
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

impl Text {
    /// The bytes themselves.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Short(length, bytes) => &bytes[..usize::from(*length)],
            Repr::Long(bytes) => bytes,
        }
    }

    /// The text with a U+FFFD for each byte that is not UTF-8.
    pub fn to_str(&self) -> Cow<'_, str> {
        to_str(self.as_bytes())
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self(Repr::Short(0, [0; SHORT]))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(self.as_bytes()))
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        let mut short = [0; SHORT];
        match (short.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(bytes);
                Self(Repr::Short(length, short))
            }
            _ => Self(Repr::Long(bytes.into())),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

/// The bytes as text, each broken byte one U+FFFD as in Go (Rust's own lossy conversion joins some of them).
pub(crate) fn to_str(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(chars(bytes).map(|(c, _)| c).collect()),
    }
}

/// The first character and its width in bytes; a broken byte is U+FFFD of width 1. `bytes` must not be empty.
#[inline]
pub(crate) fn decode(bytes: &[u8]) -> (char, usize) {
    let Some(&first) = bytes.first() else { return (char::REPLACEMENT_CHARACTER, 1) };
    if first < 0x80 {
        return (char::from(first), 1);
    }
    let width = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    let valid = bytes.get(..width).and_then(|b| std::str::from_utf8(b).ok()).and_then(|s| s.chars().next());
    valid.map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, width))
}

/// All characters with their widths.
pub(crate) fn chars(bytes: &[u8]) -> impl Iterator<Item = (char, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let (c, width) = decode(rest);
        at += width;
        Some((c, width))
    })
}

/// Go's `unicode.IsSpace`: Unicode's White_Space, which is Rust's too.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// `bytes.TrimLeftFunc(b, unicode.IsSpace)`.
pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while !bytes.is_empty() {
        let (c, width) = decode(bytes);
        if !is_space(c) {
            break;
        }
        bytes = &bytes[width..];
    }
    bytes
}

/// `bytes.TrimRightFunc(b, unicode.IsSpace)`.
pub(crate) fn trim_end(mut bytes: &[u8]) -> &[u8] {
    'outer: while let Some(&last) = bytes.last() {
        if last < 0x80 {
            if !is_space(char::from(last)) {
                break;
            }
            bytes = &bytes[..bytes.len() - 1];
            continue;
        }
        // The spaces beyond ASCII take two or three bytes.
        for width in 2..=3 {
            let Some(start) = bytes.len().checked_sub(width) else { break };
            let (c, w) = decode(&bytes[start..]);
            if w == width && is_space(c) {
                bytes = &bytes[..start];
                continue 'outer;
            }
        }
        break;
    }
    bytes
}

/// `strings.TrimSpace`.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

/// `strings.ToLower`: character by character, so that no context (a final sigma) matters.
pub(crate) fn to_lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().map(lower).collect()
}

/// `strings.ToUpper`, character by character; those whose upper case is longer stay.
pub(crate) fn to_upper(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    text.chars()
        .map(|c| {
            let upper = c.encode_utf8(&mut [0; 4]).upper();
            let mut chars = upper.chars();
            chars.next().filter(|_| chars.next().is_none()).unwrap_or(c)
        })
        .collect()
}

/// `strings.EqualFold` for one side that is ASCII.
pub(crate) fn equal_fold(text: &str, ascii: &str) -> bool {
    // `ſ` and the sign for kelvin fold to letters of ASCII.
    let folded = || to_lower(text).replace('ſ', "s").replace('\u{212a}', "k");
    text.eq_ignore_ascii_case(ascii) || (!text.is_ascii() && folded() == ascii.to_ascii_lowercase())
}

/// `unicode.ToLower`.
fn lower(c: char) -> char {
    match c {
        'İ' => 'i',
        c => c.encode_utf8(&mut [0; 4]).lower().chars().next().unwrap_or(c),
    }
}

/// Go's `strconv.Quote`: like [`crate::base::go::quote`], and `\xNN` for broken bytes.
pub(crate) fn quote(bytes: &[u8]) -> String {
    use crate::base::go;
    if let Ok(text) = std::str::from_utf8(bytes) {
        return go::quote(text);
    }
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let quoted = go::quote(chunk.valid());
        out.push_str(&quoted[1..quoted.len() - 1]);
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_byte_is_one_replacement_character() {
        assert_eq!(to_str(b"a\xe9b\xf0\x9f\x90c"), "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}c");
        assert_eq!(decode(b"\xed\xa0\x80"), ('\u{fffd}', 1));
    }

    #[test]
    fn trims_spaces_beyond_ascii() {
        assert_eq!(trim("\u{a0}\u{3000} x \u{2003}\u{85}".as_bytes()), b"x");
        assert_eq!(trim(b"\xa0x\x85"), b"\xa0x\x85");
    }

    #[test]
    fn lowers_without_context() {
        assert_eq!(to_lower("ΟΔΟΣ İ"), "οδοσ i");
    }

    #[test]
    fn quotes_broken_bytes() {
        assert_eq!(quote(b"a\xe9\"\t"), r#""a\xe9\"\t""#);
    }
}
