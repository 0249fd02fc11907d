//! Parser directives: `# escape=`, `# syntax=`, `# check=`. BuildKit's `parser/directives.go`.

use crate::base::LineRange;

use super::json;
use super::text::{self, Text};

/// A directive as [`parse_directive`] and [`detect_syntax`] find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The first word of the value: of `syntax` the frontend's reference.
    pub word: String,
    /// The whole value.
    pub value: String,
    /// Where it stands.
    pub lines: Vec<LineRange>,
}

/// The directive `key` at the top of a file, a `#!` line before it allowed.
///
/// This is not how the parser itself reads them: indented lines count there, but not here.
pub fn parse_directive(key: &str, bytes: &[u8]) -> Option<Found> {
    let (bytes, line) = without_shebang(bytes);
    find(key, bytes, line, b"#")
}

/// The frontend that a file asks for: `# syntax=`, else `// syntax=`, else `{"syntax": "…"}`.
pub fn detect_syntax(bytes: &[u8]) -> Option<Found> {
    let (bytes, line) = without_shebang(bytes);
    find("syntax", bytes, line, b"#").or_else(|| find("syntax", bytes, line, b"//")).or_else(|| {
        let value = json::object_member(bytes, "syntax")?;
        Some(Found { word: value.clone(), value, lines: vec![LineRange::line(line)] })
    })
}

/// Reads the lines at the top of a file as far as they are directives.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    done: bool,
    seen: Vec<&'static str>,
}

impl Reader {
    /// Whether later lines cannot be directives any more.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The name and value if `line` is a directive; an error if it is one for the second time.
    pub fn read(&mut self, line: &[u8], mark: &[u8]) -> Result<Option<(&'static str, Text)>, String> {
        if self.done {
            return Ok(None);
        }
        let known = line.strip_prefix(mark).and_then(|rest| split(text::trim_start(rest))).and_then(known);
        let Some((name, value)) = known else {
            self.done = true;
            return Ok(None);
        };
        if self.seen.contains(&name) {
            return Err(format!("only one {name} parser directive can be used"));
        }
        self.seen.push(name);
        Ok(Some((name, value.into())))
    }
}

/// `^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$`
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = |b: &u8| matches!(b, b'\t' | b'\n' | 0x0c | b'\r' | b' ');
    let name = line.iter().position(|b| !b.is_ascii_alphanumeric())?;
    line.first().filter(|b| b.is_ascii_alphabetic())?;
    let equals = name + line[name..].iter().position(|b| !blank(b))?;
    let rest = line[equals..].strip_prefix(b"=")?;
    let Some(start) = rest.iter().position(|b| !blank(b)) else {
        // `.+?` takes the last blank if there is nothing else, for it needs one character.
        return rest.len().checked_sub(1).map(|last| (&line[..name], &rest[last..]));
    };
    let end = rest.iter().rposition(|b| !blank(b)).map_or(rest.len(), |last| last + 1);
    Some((&line[..name], &rest[start..end])).filter(|(_, value)| !value.contains(&b'\n'))
}

fn known<'a>((name, value): (&[u8], &'a [u8])) -> Option<(&'static str, &'a [u8])> {
    let name = ["syntax", "escape", "check"].into_iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes()))?;
    Some((name, value))
}

fn find(key: &str, bytes: &[u8], mut line: u32, mark: &[u8]) -> Option<Found> {
    let mut reader = Reader::default();
    for text in bytes.split(|b| *b == b'\n') {
        line += 1;
        let (name, value) = reader.read(text.strip_suffix(b"\r").unwrap_or(text), mark).ok()??;
        if name == key {
            let value = value.to_str().into_owned();
            let word = value.split(' ').next().unwrap_or_default().to_owned();
            return Some(Found { word, value, lines: vec![LineRange::line(line)] });
        }
    }
    None
}

/// The bytes without a byte-order mark and a `#!` line, and how many lines that took.
fn without_shebang(bytes: &[u8]) -> (&[u8], u32) {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if !bytes.starts_with(b"#!") {
        return (bytes, 0);
    }
    (bytes.iter().position(|b| *b == b'\n').map_or(&[], |end| &bytes[end + 1..]), 1)
}

/// U+FEFF in UTF-8.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<(&str, &str, u32)>) {
        let found = detect_syntax(text.as_bytes());
        let found = found.as_ref().map(|f| (f.word.as_str(), f.value.as_str(), f.lines[0].start));
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn syntax_is_found_in_three_forms() {
        check("# syntax=a/b:1 --flag\nFROM x", Some(("a/b:1", "a/b:1 --flag", 1)));
        check("#!/usr/bin/x\n# Syntax = img\r\n", Some(("img", "img", 2)));
        check("\u{feff}# escape=`\n#syntax=img", Some(("img", "img", 2)));
        check("// syntax=img\n", Some(("img", "img", 1)));
        check("{\"a\": [1, {}], \"syntax\": \"img\", \"syntax\": \"last\"}", Some(("last", "last", 0)));
    }

    #[test]
    fn the_first_other_line_ends_the_zone() {
        check("\n# syntax=img", None);
        check(" # syntax=img", None);
        check("# a comment\n# syntax=img", None);
        check("# check=skip=all\n# check=x\n# syntax=img", None);
        check("# syntax=", None);
        check("# syntax= ", Some(("", " ", 1)));
    }

    #[test]
    fn a_blank_ends_the_first_word() {
        let found = parse_directive("check", b"# check=skip=A, B").map(|f| (f.word, f.value));
        assert_eq!(found, Some(("skip=A,".into(), "skip=A, B".into())));
    }
}
