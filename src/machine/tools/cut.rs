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
    let letters = if p.busybox() { "b:c:f:d:snO:D" } else { "b:c:f:d:snO:C" };
    let options = match of(p, letters, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut kinds = options.given.iter().filter(|(l, _)| "bcf".contains(*l));
    let Some((kind, list)) = kinds.next() else {
        if p.busybox() {
            return p.fail("expected a list of bytes, characters, or fields");
        }
        return super::options::refuse(p, "you must specify a list of bytes, characters, or fields");
    };
    if p.busybox() {
        let only = "makes sense only when operating on fields";
        if kinds.any(|(l, _)| l != kind) {
            return super::options::usage(p);
        } else if *kind != 'f' && options.has('d') {
            return p.fail("a delimiter may be specified only when operating on fields");
        } else if *kind != 'f' && options.has('s') {
            return p.fail(&format!("suppressing non-delimited lines {only}"));
        } else if list.is_empty() {
            return p.fail("missing list of positions");
        }
    }
    let mut ranges = match ranges(list, p.busybox()) {
        Ok(ranges) => ranges,
        Err(part) if p.busybox() => return p.fail(&format!("invalid number '{part}'")),
        Err(part) => {
            let kind = if *kind == 'f' { "field" } else { "byte/character" };
            let text = if part == "0" { format!("{kind}s are numbered from 1") } else { format!("invalid {kind} value '{part}'") };
            p.fail(&text);
            return super::options::usage(p);
        }
    };
    let (busybox, again) = (p.busybox(), options.has('D'));
    if let Some((from, to)) = ranges.iter().find(|(from, to)| busybox && *to < from - 1) {
        return p.fail(&format!("{to}<{}", from - 1));
    }
    ranges.iter_mut().for_each(|(from, to)| *to = if busybox { *from.max(to) } else { *to });
    if !again {
        crate::base::sort_by(&mut ranges, |a, b| a.0.cmp(&b.0));
    }
    let wanted = |n: usize| ranges.iter().any(|(a, b)| (*a..=*b).contains(&n)) != options.has('C');
    let delimiter = options.value('d').and_then(|d| d.bytes().next()).unwrap_or(b'\t');
    let output = options.value('O').map_or(vec![delimiter], |d| d.as_bytes().to_vec());
    let mut status = 0;
    for file in options.files() {
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        // To busybox lines are fields if they are asked for so.
        if busybox && delimiter == b'\n' {
            let all = lines(&data);
            for (from, to) in picked(all.len(), &ranges, again).into_iter().flatten() {
                p.out(all[from..to].join(&b'\n'));
                p.out("\n");
            }
            continue;
        }
        for line in lines(&data) {
            if busybox && *kind != 'f' {
                picked(line.len(), &ranges, again).into_iter().flatten().for_each(|(from, to)| p.out(&line[from..to]));
            } else if busybox && line.contains(&delimiter) {
                let fields: Vec<&[u8]> = line.split(|b| *b == delimiter).collect();
                let parts = picked(fields.len(), &ranges, again).into_iter();
                let parts: Vec<Vec<u8>> = parts.map(|part| part.map_or(Vec::new(), |(from, to)| fields[from..to].join(&*output))).collect();
                p.out(parts.join(&*output));
            } else if *kind != 'f' {
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

/// What busybox shows of `count` elements: it goes through them once, unless it may go back (`again`). A range that begins where no
/// more are is shown as nothing, one that has already passed is not shown.
fn picked(count: usize, ranges: &[(usize, usize)], again: bool) -> Vec<Option<(usize, usize)>> {
    let mut at = 0;
    let mut out = Vec::new();
    for (from, to) in ranges {
        at = if again { 0 } else { at };
        let from = at.max(from - 1);
        if from >= count {
            at = count;
            out.push(None);
        } else if *to > from {
            at = count.min(*to);
            out.push(Some((from, at)));
        }
    }
    out
}

/// The ranges of a list; an error is the part that is none. busybox takes 0 for 1, and a range that ends before it begins for its
/// first element.
fn ranges(list: &str, lenient: bool) -> Result<Vec<(usize, usize)>, String> {
    let number = |text: &str| match text.parse::<usize>() {
        Ok(0) if lenient => Ok(1),
        Ok(n) if n > 0 => Ok(n),
        _ => Err(text.to_owned()),
    };
    let separators: &[char] = if lenient { &[','] } else { &[',', ' '] };
    list.split(separators)
        .filter(|part| !lenient || !part.is_empty())
        .map(|part| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let from = if from.is_empty() { 1 } else { number(from)? };
            let to = if to.is_empty() { usize::MAX } else { number(to)? };
            Ok((from, to))
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
    if let Some(why) = wrong(&options).filter(|_| !p.busybox()) {
        return match why {
            Wrong::Operands(text) => {
                let text = text.replace("{}", &super::names::quote(p, &options.operands[options.operands.len().min(3) - 1]));
                super::options::refuse(p, &text)
            }
            Wrong::Sets(text) => p.fail(&text),
        };
    }
    if p.busybox() && options.operands.get(1).is_some_and(String::is_empty) {
        return p.fail("STRING2 cannot be empty");
    }
    let busybox = p.busybox();
    let mut from = set(first, busybox);
    if options.has('c') || options.has('C') {
        from = (0..=255).filter(|b| !from.contains(b)).collect();
    }
    let to = options.operands.get(1).map(|s| if busybox { set(s, true) } else { repeated(s, from.len()) }).unwrap_or_default();
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

/// What GNU's tr says against its operands.
enum Wrong {
    /// `{}` stands for the last operand that counts.
    Operands(String),
    Sets(String),
}

fn wrong(options: &super::options::Options) -> Option<Wrong> {
    let operands = &options.operands;
    let most = if options.has('d') && !options.has('s') { 1 } else { 2 };
    if operands.len() > most {
        let more = if most == 1 { "\nOnly one string may be given when deleting without squeezing repeats." } else { "" };
        return Some(Wrong::Operands(format!("extra operand {{}}{more}")));
    }
    for text in operands {
        if let Some((_, rest)) = text.split_once("[:")
            && let Some((name, _)) = rest.split_once(":]")
            && class(name).is_none()
        {
            return Some(Wrong::Sets(format!("invalid character class '{name}'")));
        }
        for part in text.as_bytes().windows(3) {
            if part[1] == b'-' && part[0] > part[2] && part[0].is_ascii_alphanumeric() && part[2].is_ascii_alphanumeric() {
                let range = String::from_utf8_lossy(part).into_owned();
                return Some(Wrong::Sets(format!("range-endpoints of '{range}' are in reverse collating sequence order")));
            }
        }
    }
    let empty = operands.get(1).is_some_and(String::is_empty);
    let translates = !options.has('d') && !options.has('t');
    (empty && translates).then(|| Wrong::Sets("when not truncating set1, string2 must be non-empty".into()))
}

/// A second set, in which `[x*3]` is a byte several times and `[x*]` as often as the first set needs it.
fn repeated(text: &str, length: usize) -> Vec<u8> {
    let found = text.find('[').and_then(|at| {
        let (inner, rest) = text[at + 1..].split_once(']')?;
        let (byte, count) = inner.split_once('*').filter(|(b, c)| !b.is_empty() && c.bytes().all(|c| c.is_ascii_digit()))?;
        Some((&text[..at], byte, count, rest))
    });
    let Some((before, byte, count, rest)) = found else { return set(text, false) };
    let (mut out, fill, rest) = (set(before, false), set(byte, false), repeated(rest, 0));
    let count = match count.parse::<usize>() {
        Ok(count) if count > 0 => count.min(256),
        _ => length.saturating_sub(out.len() + rest.len()),
    };
    out.extend(fill.iter().cycle().take(count * fill.len().min(1)));
    out.extend(rest);
    out
}

/// The bytes that a set of `tr` names.
fn set(text: &str, busybox: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(rest) = text.get(at..).and_then(|t| t.strip_prefix("[:"))
            && let Some(end) = rest.find(":]")
            && let Some(class) = class(&rest[..end]).filter(|_| !busybox || !matches!(&rest[..end], "graph" | "print"))
        {
            out.extend((0..=255u8).filter(class));
            at += end + 4;
            continue;
        }
        let (from, length) = one(&bytes[at..], busybox);
        at += length;
        if bytes.get(at) == Some(&b'-') && at + 1 < bytes.len() {
            let (to, length) = one(&bytes[at + 1..], busybox);
            out.extend(from..=to);
            at += 1 + length;
        } else {
            out.push(from);
        }
    }
    out
}

/// The byte at the start, and how long its name is: busybox knows more escapes, and leaves the backslash of what is none.
fn one(bytes: &[u8], busybox: bool) -> (u8, usize) {
    if bytes[0] != b'\\' || bytes.len() < 2 {
        return (bytes[0], 1);
    }
    if busybox && bytes[1] == b'x' {
        let digits = bytes[2..].iter().take(2).map_while(|b| char::from(*b).to_digit(16));
        let (count, value) = digits.fold((0, 0), |(count, value), digit| (count + 1, value * 16 + digit));
        return if count > 0 { (value as u8, count + 2) } else { (b'\\', 1) };
    }
    let most = if bytes[1] > b'3' { 2 } else { 3 };
    let octal = bytes[1..].iter().take(most).take_while(|b| matches!(b, b'0'..=b'7')).count();
    if octal > 0 {
        let value = bytes[1..=octal].iter().fold(0u32, |v, b| v * 8 + u32::from(b - b'0'));
        return (value as u8, octal + 1);
    }
    match escaped(bytes[1]) {
        Some(byte) => (byte, 2),
        None if busybox && bytes[1] == b'e' => (27, 2),
        None if busybox => (b'\\', 1),
        None => (bytes[1], 2),
    }
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
            assert_eq!(set(text, false), expect.as_bytes(), "{text}");
        }
    }

    #[test]
    fn busybox_passes_fields_once() {
        assert_eq!(picked(2, &[(1, 1), (5, 5)], false), [Some((0, 1)), None]);
        assert_eq!(picked(3, &[(1, 2), (1, 1), (2, 9)], false), [Some((0, 2)), Some((2, 3))]);
        assert_eq!(picked(3, &[(3, 3), (1, 1)], true), [Some((2, 3)), Some((0, 1))]);
    }

    #[test]
    fn lists() {
        assert_eq!(ranges("1,3-4,6-,-2", false), Ok(vec![(1, 1), (3, 4), (6, usize::MAX), (1, 2)]));
        assert_eq!(ranges("0", false), Err("0".into()));
        assert_eq!(ranges("0,4-2", true), Ok(vec![(1, 1), (4, 2)]));
        assert_eq!(ranges("x", true), Err("x".into()));
    }
}
