//! JSON as Go's `encoding/json` reads it, as far as Dockerfiles need it: an array of strings, a member of an object.
//!
//! Unlike stricter parsers it takes broken UTF-8 and lone surrogates in strings (both become U+FFFD).

use super::text::{self, Text};

/// What an argument that may be a JSON array is.
#[derive(Debug, PartialEq)]
pub(crate) enum Array {
    /// An array of strings.
    Strings(Vec<Text>),
    /// A valid array with something else in it.
    NotStrings,
    /// No JSON array.
    No,
}

/// Reads `bytes` as an array of strings.
pub(crate) fn array(bytes: &[u8]) -> Array {
    if bytes.first() != Some(&b'[') {
        return Array::No;
    }
    let mut reader = Reader { bytes, at: 1 };
    match reader.strings() {
        Some((values, all)) if reader.at_end() => {
            if all {
                Array::Strings(values)
            } else {
                Array::NotStrings
            }
        }
        _ => Array::No,
    }
}

/// The string member `key` of a text that is one JSON object; of several the last counts.
pub(crate) fn object_member(bytes: &[u8], key: &str) -> Option<String> {
    let mut reader = Reader { bytes, at: 0 };
    reader.blanks();
    reader.take(b'{')?;
    let mut found = None;
    reader.blanks();
    if reader.take(b'}').is_none() {
        loop {
            reader.blanks();
            let name = reader.string()?;
            reader.blanks();
            reader.take(b':')?;
            reader.blanks();
            let value = if reader.peek() == Some(b'"') { Some(reader.string()?) } else { reader.skip(1).map(|()| None)? };
            if name == key {
                found = value;
            }
            reader.blanks();
            if reader.take(b',').is_none() {
                reader.take(b'}')?;
                break;
            }
        }
    }
    reader.at_end().then_some(found).flatten()
}

/// Go gives up at 10000; an editor's text never comes near, and the stack of a browser is small.
const MAX_DEPTH: usize = 200;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn at_end(&mut self) -> bool {
        self.blanks();
        self.at == self.bytes.len()
    }

    /// The elements after `[`, up to and with `]`; the strings among them and whether that is all.
    fn strings(&mut self) -> Option<(Vec<Text>, bool)> {
        let (mut values, mut all) = (Vec::new(), true);
        self.blanks();
        if self.take(b']').is_some() {
            return Some((values, all));
        }
        loop {
            self.blanks();
            if self.peek() == Some(b'"') {
                values.push(self.string()?.as_str().into());
            } else {
                self.skip(1)?;
                all = false;
            }
            self.blanks();
            if self.take(b',').is_none() {
                self.take(b']')?;
                return Some((values, all));
            }
        }
    }

    /// Any value, checked and dropped.
    fn skip(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'"' => self.string().map(drop),
            open @ (b'[' | b'{') => {
                self.at += 1;
                let close = if open == b'[' { b']' } else { b'}' };
                self.blanks();
                if self.take(close).is_some() {
                    return Some(());
                }
                loop {
                    self.blanks();
                    if open == b'{' {
                        self.string()?;
                        self.blanks();
                        self.take(b':')?;
                        self.blanks();
                    }
                    self.skip(depth + 1)?;
                    self.blanks();
                    if self.take(b',').is_none() {
                        return self.take(close);
                    }
                }
            }
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        // A number that no float holds is an error in Go, so the text is not JSON.
        let text = std::str::from_utf8(&self.bytes[start..self.at]).ok()?;
        crate::base::parse_float(text).filter(|number| number.is_finite()).map(drop)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|b| b >= 0x20 && b != b'"' && b != b'\\') {
                self.at += 1;
            }
            out.push_str(&text::to_str(&self.bytes[start..self.at]));
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(out);
                }
                b'\\' => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                if let Some(c) = char::from_u32(first) {
                    return Some(c);
                }
                self.low_surrogate(first).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        let value = digits.iter().try_fold(0, |value, b| Some(value * 16 + char::from(*b).to_digit(16)?))?;
        self.at += 4;
        Some(value)
    }

    /// The second half of a pair, taken only if it makes one.
    fn low_surrogate(&mut self, high: u32) -> Option<char> {
        let before = self.at;
        let pair = self.word(b"\\u").and_then(|()| self.hex()).and_then(|low| {
            let offset = low.checked_sub(0xdc00).filter(|offset| *offset < 0x400)?;
            let base = high.checked_sub(0xd800).filter(|base| *base < 0x400)?;
            char::from_u32(0x10000 + base * 0x400 + offset)
        });
        if pair.is_none() {
            self.at = before;
        }
        pair
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<&[&str]>) {
        let expect = expect.map_or(Array::No, |words| Array::Strings(words.iter().map(|w| Text::from(*w)).collect()));
        assert_eq!(array(text.as_bytes()), expect, "{text}");
    }

    #[test]
    fn arrays_of_strings() {
        check("[]", Some(&[]));
        check("[ \"a\" ,\"b c\"\t] ", Some(&["a", "b c"]));
        check(r#"["\u00e9\ud83d\ude80\/\n"]"#, Some(&["é🚀/\n"]));
        check(r#"["\ud800x","\ud800\u0041"]"#, Some(&["\u{fffd}x", "\u{fffd}A"]));
    }

    #[test]
    fn what_is_no_json_stays_text() {
        for text in ["", "[", "['a']", "[\"a\",]", "[\"a\"] x", "[\"a\nb\"]", "[\"\\x\"]", "[1e999]", "[01]", "{}"] {
            check(text, None);
        }
    }

    #[test]
    fn other_values_are_told_apart() {
        for text in ["[1]", "[\"a\", null]", "[[\"a\"]]", "[{\"a\": [true, -1.5e3]}]"] {
            assert_eq!(array(text.as_bytes()), Array::NotStrings, "{text}");
        }
    }
}
