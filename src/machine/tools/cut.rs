//! cut and tr.

use super::options::{escaped, lines, of, open};
use crate::machine::Process;

/// cut.
pub fn cut(p: &mut Process) -> i32 {
    let long = [
        ("bytes", 'b'),
        ("characters", 'c'),
        ("fields", 'f'),
        ("delimiter", 'd'),
        ("only-delimited", 's'),
        ("output-delimiter", 'O'),
        ("complement", 'C'),
    ];
    let letters = if p.busybox() { "b:c:f:d:snO:" } else { "b:c:f:d:snO:C" };
    let options = match of(p, letters, if p.busybox() { &long[..5] } else { &long }) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some((kind, list)) = options.given.iter().find(|(l, _)| "bcf".contains(*l)) else {
        if !p.busybox() {
            p.fail("you must specify a list of bytes, characters, or fields");
        }
        return super::options::usage(p);
    };
    let ranges = match ranges(list, p.busybox()) {
        Ok(ranges) => ranges,
        Err(part) if p.busybox() => return p.fail(&format!("invalid number '{part}'")),
        Err(part) => {
            let kind = if *kind == 'f' { "field" } else { "byte/character" };
            let text = if part == "0" { format!("{kind}s are numbered from 1") } else { format!("invalid {kind} value '{part}'") };
            p.fail(&text);
            return super::options::usage(p);
        }
    };
    let wanted = |n: usize| ranges.iter().any(|(a, b)| (*a..=*b).contains(&n)) != options.has('C');
    let delimiter = options.value('d').and_then(|d| d.bytes().next()).unwrap_or(b'\t');
    let output = options.value('O').map_or(vec![delimiter], |d| d.as_bytes().to_vec());
    let mut status = 0;
    for file in options.files() {
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        for line in lines(&data) {
            if *kind != 'f' {
                let text: Vec<u8> = line.iter().enumerate().filter(|(i, _)| wanted(i + 1)).map(|(_, b)| *b).collect();
                p.out(text);
            } else if !line.contains(&delimiter) {
                if options.has('s') {
                    continue;
                }
                p.out(line);
            } else {
                let fields: Vec<&[u8]> =
                    line.split(|b| *b == delimiter).enumerate().filter(|(i, _)| wanted(i + 1)).map(|(_, f)| f).collect();
                p.out(fields.join(output.as_slice()));
            }
            p.out("\n");
        }
    }
    status
}

/// The ranges of a list; an error is the part that is none. busybox takes 0 for 1, and a range that ends before it begins for its
/// first element.
fn ranges(list: &str, lenient: bool) -> Result<Vec<(usize, usize)>, String> {
    let number = |text: &str| match text.parse::<usize>() {
        Ok(0) if lenient => Ok(1),
        Ok(n) if n > 0 => Ok(n),
        _ => Err(text.to_owned()),
    };
    list.split([',', ' '])
        .map(|part| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let from = if from.is_empty() { 1 } else { number(from)? };
            let to = if to.is_empty() { usize::MAX } else { number(to)? };
            Ok((from, if lenient { to.max(from) } else { to }))
        })
        .collect()
}

/// tr.
pub fn tr(p: &mut Process) -> i32 {
    let long = [("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')];
    let options = match of(p, if p.busybox() { "+dscC" } else { "+dscCt" }, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(first) = options.operands.first() else {
        if !p.busybox() {
            p.fail("missing operand");
        }
        return super::options::usage(p);
    };
    if !p.busybox() && options.operands.len() == 1 && !options.has('d') && !options.has('s') {
        let text = format!("missing operand after {}\nTwo strings must be given when translating.", super::names::quote(p, first));
        return super::options::refuse(p, &text);
    }
    let mut from = set(first);
    if options.has('c') || options.has('C') {
        from = (0..=255).filter(|b| !from.contains(b)).collect();
    }
    let to = options.operands.get(1).map(|s| set(s)).unwrap_or_default();
    if options.has('t') {
        from.truncate(to.len());
    }
    let delete = options.has('d');
    let squeeze = match (options.has('s'), to.is_empty()) {
        (false, _) => Vec::new(),
        (true, true) => from.clone(),
        (true, false) => to.clone(),
    };
    let data = p.stdin();
    let mut text: Vec<u8> = Vec::with_capacity(data.len());
    for byte in data {
        let at = from.iter().rposition(|b| *b == byte);
        let new = match (at, to.last()) {
            (Some(_), _) if delete => continue,
            (Some(i), Some(last)) => *to.get(i).unwrap_or(last),
            _ => byte,
        };
        if text.last() != Some(&new) || !squeeze.contains(&new) {
            text.push(new);
        }
    }
    p.out(text);
    0
}

/// The bytes that a set of `tr` names.
fn set(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(rest) = text.get(at..).and_then(|t| t.strip_prefix("[:"))
            && let Some(end) = rest.find(":]")
            && let Some(class) = class(&rest[..end])
        {
            out.extend((0..=255u8).filter(class));
            at += end + 4;
            continue;
        }
        let (from, length) = one(&bytes[at..]);
        at += length;
        if bytes.get(at) == Some(&b'-') && at + 1 < bytes.len() {
            let (to, length) = one(&bytes[at + 1..]);
            out.extend(from..=to);
            at += 1 + length;
        } else {
            out.push(from);
        }
    }
    out
}

fn one(bytes: &[u8]) -> (u8, usize) {
    if bytes[0] != b'\\' || bytes.len() < 2 {
        return (bytes[0], 1);
    }
    let octal = bytes[1..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
    if octal > 0 {
        let value = bytes[1..=octal].iter().fold(0u32, |v, b| v * 8 + u32::from(b - b'0'));
        return (value as u8, octal + 1);
    }
    (escaped(bytes[1]).unwrap_or(bytes[1]), 2)
}

/// A character class of POSIX, by name.
pub fn class(name: &str) -> Option<fn(&u8) -> bool> {
    Some(match name {
        "alpha" => u8::is_ascii_alphabetic,
        "digit" => u8::is_ascii_digit,
        "alnum" => u8::is_ascii_alphanumeric,
        "upper" => u8::is_ascii_uppercase,
        "lower" => u8::is_ascii_lowercase,
        "space" => |b| matches!(b, b' ' | 9..=13),
        "blank" => |b| matches!(b, b' ' | b'\t'),
        "punct" => u8::is_ascii_punctuation,
        "cntrl" => u8::is_ascii_control,
        "graph" => u8::is_ascii_graphic,
        "print" => |b| matches!(b, b' '..=b'~'),
        "xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        for (text, expect) in [("a-e", "abcde"), ("a\\n-", "a\n-"), ("[:digit:]x", "0123456789x"), ("\\101", "A"), ("", "")] {
            assert_eq!(set(text), expect.as_bytes(), "{text}");
        }
    }

    #[test]
    fn lists() {
        assert_eq!(ranges("1,3-4,6-,-2", false), Ok(vec![(1, 1), (3, 4), (6, usize::MAX), (1, 2)]));
        assert_eq!(ranges("0", false), Err("0".into()));
        assert_eq!(ranges("0,4-2", true), Ok(vec![(1, 1), (4, 4)]));
        assert_eq!(ranges("x", true), Err("x".into()));
    }
}
