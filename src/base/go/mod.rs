//! Go's ways that show in Docker's output: `path.Clean`, `%q`, `encoding/json`'s escapes, edit distance of suggestions.
//!
//! One place, so that every phase writes them alike.

mod json;
mod number;
mod time;

pub use json::{to_json, to_json_indented};
pub use number::{parse_bool, parse_octal, parse_uint};
pub use time::{duration, rfc3339};

/// Go's `path.Clean`: the shortest equivalent of a slash-separated path; `.` for the empty path.
pub fn clean_path(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".into(),
        (false, false) => parts.join("/"),
    }
}

/// Go's `path.Join` of two: cleaned, empty parts left out.
pub fn join_path(base: &str, rest: &str) -> String {
    match (base, rest) {
        ("", "") => String::new(),
        ("", rest) => clean_path(rest),
        (base, "") => clean_path(base),
        (base, rest) => clean_path(&format!("{base}/{rest}")),
    }
}

/// Go's `path.Base`: the last element; `.` for the empty path.
pub fn base_name(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

/// Go's `%q` of a list of strings: `["a" "b"]`.
pub fn quote_list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| quote(item)).collect::<Vec<_>>().join(" "))
}

/// Go's `strconv.Quote` (`%q`).
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\u{b}' => out.push_str("\\v"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if is_unprintable(c) && (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if is_unprintable(c) => out.push_str(&format!("\\U{:08x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Close to Go's `!strconv.IsPrint` for what text holds in practice: controls, spaces other than U+0020, format and private characters.
fn is_unprintable(c: char) -> bool {
    matches!(c as u32, 0x80..=0xa0 | 0xad | 0x1680 | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f | 0x3000 | 0xe000..=0xf8ff | 0xfeff | 0xfff0..=0xfffb | 0xf0000..)
}
