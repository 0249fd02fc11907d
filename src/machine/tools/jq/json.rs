//! JSON as jq reads it: one value after the other, and what it says of what is none.

use serde_json::{Map, Value};

/// Deepest nesting.
const MAX_DEPTH: usize = 250;

/// A text of JSON, read value by value.
pub struct Reader<'a> {
    text: &'a [u8],
    /// How far it was read.
    pub at: usize,
}

/// The character after `\u`: a surrogate takes the next one with it.
pub fn character(text: &[u8], at: &mut usize) -> Result<char, &'static str> {
    let unit = |at: usize| u32::from_str_radix(std::str::from_utf8(text.get(at..at + 4)?).ok()?, 16).ok();
    let mut code = unit(*at).ok_or("Invalid escape")?;
    *at += 4;
    if code >> 10 == 0x36 {
        let next = text[*at..].starts_with(b"\\u").then(|| unit(*at + 2)).flatten();
        let low = next.filter(|low| low >> 10 == 0x37).ok_or("Invalid \\uXXXX\\uXXXX surrogate pair escape")?;
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
        *at += 6;
    }
    Ok(char::from_u32(code).unwrap_or('\u{fffd}'))
}

/// The one value of a text.
pub fn one(text: &[u8]) -> Result<Value, String> {
    let mut reader = Reader::new(text);
    reader.next().unwrap_or_else(|| Err("Expected JSON value".into()))
}

impl Iterator for Reader<'_> {
    type Item = Result<Value, String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.space();
        (self.at < self.text.len()).then(|| self.value(0))
    }
}

impl<'a> Reader<'a> {
    /// From the beginning.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text), at: 0 }
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// An error, after the byte at `self.at` was read.
    fn fail<T>(&self, why: &str) -> Result<T, String> {
        let end = (self.at + 1).min(self.text.len());
        let line = 1 + self.text[..end].iter().filter(|b| **b == b'\n').count();
        let start = self.text[..end].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let column = if line > 1 { end - start } else { end };
        if self.at >= self.text.len() && !why.starts_with("Invalid") && !why.ends_with("EOF") {
            return Err(format!("Unfinished JSON term at EOF at line {line}, column {column}"));
        }
        Err(format!("{why} at line {line}, column {column}"))
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return self.fail("Exceeds depth limit for parsing");
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'}' | b']') => self.fail(if depth > 0 { "Expected another array element" } else { "Unmatched ']'" }),
            Some(b',' | b':') => self.fail("Expected value before ','"),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, String> {
        let rest = &self.text[self.at..];
        let len = rest.iter().position(|b| b.is_ascii_whitespace() || b"[]{},:\"".contains(b)).unwrap_or(rest.len());
        let word = String::from_utf8_lossy(&rest[..len]);
        let value = match word.as_ref() {
            "null" | "nan" => Some(Value::Null),
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            text if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => {
                let whole = text.parse::<i64>().ok().filter(|n| n.unsigned_abs() < 1 << 53);
                whole.map(Value::from).or_else(|| crate::base::parse_float(text).map(super::value::number))
            }
            _ => None,
        };
        self.at += len;
        match value {
            Some(value) => Ok(value),
            None if matches!(word.as_bytes().first(), Some(b't' | b'f' | b'n')) => self.fail("Invalid literal"),
            None => self.fail("Invalid numeric literal"),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                Some(b',') => self.at += 1,
                None => return self.fail("Unfinished"),
                _ => return self.apart(),
            }
        }
    }

    /// Two values with nothing between them: found out when the second has been read.
    fn apart<T>(&mut self) -> Result<T, String> {
        self.value(1)?;
        self.space();
        self.fail("Expected separator between values")
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        let mut map = Map::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(map));
        }
        loop {
            self.space();
            let key = match self.peek() {
                Some(b'"') => self.string()?,
                Some(b'}') => return self.fail("Expected another key-value pair"),
                None => return self.fail("Unfinished"),
                _ => {
                    self.value(depth + 1)?;
                    return self.fail("Object keys must be strings");
                }
            };
            self.space();
            match self.peek() {
                Some(b':') => self.at += 1,
                None => return self.fail("Unfinished"),
                Some(b',' | b']' | b'}') => return self.fail("Objects must consist of key:value pairs"),
                _ => return self.apart(),
            }
            self.space();
            if self.peek() == Some(b'}') {
                return self.fail("Objects must consist of key:value pairs");
            }
            let value = self.value(depth + 1)?;
            map.insert(key, value);
            self.space();
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(map));
                }
                Some(b',') => self.at += 1,
                None => return self.fail("Unfinished"),
                _ => return self.apart(),
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let (mut bytes, mut bad) = (Vec::new(), None);
        loop {
            let Some(c) = self.peek() else { return self.fail("Unfinished string at EOF") };
            match c {
                b'"' => {
                    // What is wrong with it is found out at its end.
                    if let Some(why) = bad {
                        return self.fail(why);
                    }
                    self.at += 1;
                    return Ok(String::from_utf8_lossy(&bytes).into_owned());
                }
                b'\\' => {
                    let letter = self.text.get(self.at + 1).copied().unwrap_or(0);
                    self.at += 2;
                    match letter {
                        b'"' | b'/' => bytes.push(letter),
                        b'u' => match character(self.text, &mut self.at) {
                            Ok(c) => bytes.extend(c.to_string().into_bytes()),
                            Err(why) => bad = bad.or(Some(why)),
                        },
                        letter => match crate::machine::tools::options::escaped(letter).filter(|_| !b"av".contains(&letter)) {
                            Some(byte) => bytes.push(byte),
                            None => bad = bad.or(Some("Invalid escape")),
                        },
                    }
                }
                c => {
                    if c < 0x20 {
                        bad = bad.or(Some("Invalid string: control characters from U+0000 through U+001F must be escaped"));
                    }
                    bytes.push(c);
                    self.at += 1;
                }
            }
        }
    }
}
