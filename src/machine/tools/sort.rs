//! sort and uniq.

use std::cmp::Ordering;

use super::options::{Options, lines, of, open};
use crate::machine::Process;

struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    flags: String,
}

/// sort.
pub fn sort(p: &mut Process) -> i32 {
    let long = [
        ("numeric-sort", 'n'),
        ("reverse", 'r'),
        ("unique", 'u'),
        ("key", 'k'),
        ("field-separator", 't'),
        ("output", 'o'),
        ("version-sort", 'V'),
        ("ignore-case", 'f'),
        ("stable", 's'),
        ("check", 'c'),
        ("zero-terminated", 'z'),
    ];
    let letters = if p.debian_busybox() { "nrugMcszbdfik:t:o:T:S:mV" } else { "nrufbdghiMVsczCk:t:o:T:S:mR" };
    let options = match of(p, letters, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if p.busybox() && options.value('t').is_some_and(|t| t.len() != 1) {
        p.fail("bad -t parameter");
        return 2;
    }
    if p.busybox()
        && let Some(why) = options.values('k').find_map(refused)
    {
        p.fail(why);
        return 2;
    }
    let separator = options.value('t').and_then(|t| t.bytes().next());
    if !p.busybox() && options.values('k').any(|k| !k.starts_with(|c: char| c.is_ascii_digit() && c != '0')) {
        let bad = options.values('k').find(|k| !k.starts_with(|c: char| c.is_ascii_digit() && c != '0')).unwrap_or("").to_owned();
        let bad = super::names::quote(p, &bad);
        let text = match bad[1..].starts_with('0') {
            true => format!("-: invalid field specification {bad}"),
            false => format!("invalid number at field start: invalid count at start of {bad}"),
        };
        p.fail(&text);
        return 2;
    }
    let keys: Vec<Key> = options.values('k').map(key).collect();
    let end = if options.has('z') { b'\0' } else { b'\n' };
    let mut data = Vec::new();
    for file in options.files() {
        let Some(bytes) = open(p, &file) else { return 2 };
        data.extend_from_slice(&bytes);
        if bytes.last().is_some_and(|b| *b != end) {
            data.push(end);
        }
    }
    let mut all: Vec<&[u8]> = data.split(|b| *b == end).collect();
    all.pop();
    p.burn(all.len() as u64);
    let busybox = p.busybox();
    let compare = |a: &&[u8], b: &&[u8]| by_keys(a, b, &keys, &options, separator, busybox);
    if options.has('c') {
        let wrong = all.windows(2).position(|w| {
            let order = compare(&w[0], &w[1]);
            order == Ordering::Greater || order == Ordering::Equal && options.has('u')
        });
        return match wrong {
            Some(i) if p.busybox() => {
                // busybox counts lines from 0 here.
                p.err(format!("Check line {}\n", i + 1));
                1
            }
            Some(i) => p.fail(&format!("-:{}: disorder: {}", i + 2, String::from_utf8_lossy(all[i + 1]))),
            None => 0,
        };
    }
    crate::base::sort_by(&mut all, |a, b| {
        let order = compare(a, b);
        if order != Ordering::Equal || options.has('s') || options.has('u') && !p.busybox() {
            return order;
        }
        if options.has('r') { b.cmp(a) } else { a.cmp(b) }
    });
    if options.has('u') {
        all.dedup_by(|b, a| compare(a, b) == Ordering::Equal);
    }
    let mut text = Vec::new();
    for line in all {
        text.extend_from_slice(line);
        text.push(end);
    }
    let status = written(p, options.value('o'), text);
    if status == 0 { 0 } else { 2 }
}

/// Prints `text`, or writes it into a file.
fn written(p: &mut Process, file: Option<&str>, text: Vec<u8>) -> i32 {
    let Some(file) = file else {
        p.out(text);
        return 0;
    };
    match p.write(file, text) {
        Ok(()) => 0,
        Err(e) => {
            let why = crate::machine::errno::text(e);
            let text = match p.name() {
                _ if p.busybox() => format!("can't open '{file}': {why}"),
                "sort" => format!("open failed: {file}: {why}"),
                _ => format!("{file}: {why}"),
            };
            p.fail(&text)
        }
    }
}

/// What busybox says of a key that it does not take.
fn refused(key: &str) -> Option<&'static str> {
    let mut rest = key;
    let mut parts = 0;
    while !rest.is_empty() && parts < 2 {
        loop {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            if rest[..end].parse().unwrap_or(0i32) == 0 {
                return Some("bad field specification");
            }
            rest = &rest[end..];
            match rest.strip_prefix('.') {
                Some(column) => rest = column,
                None => break,
            }
        }
        parts += 1;
        let end = rest.find(|c: char| !"nrfbdghiMV".contains(c)).unwrap_or(rest.len());
        rest = &rest[end..];
        match rest.chars().next() {
            Some(',') if parts < 2 => rest = &rest[1..],
            None => {}
            Some(c) if "uczsSTokmt".contains(c) => return Some("unknown sort type"),
            Some(_) => return Some("unknown key option"),
        }
    }
    None
}

fn key(text: &str) -> Key {
    let (from, to) = text.split_once(',').map_or((text, None), |(f, t)| (f, Some(t)));
    let mut flags = String::new();
    let mut place = |text: &str, default: usize| {
        let body = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        flags += &text[body.len()..];
        let (field, column) = body.split_once('.').unwrap_or((body, ""));
        (field.parse().unwrap_or(1usize).max(1), column.parse().unwrap_or(default))
    };
    let (from, to) = (place(from, 1), to.map(|t| place(t, 0)));
    Key { from, to, flags }
}

fn by_keys(a: &[u8], b: &[u8], keys: &[Key], options: &Options, separator: Option<u8>, busybox: bool) -> Ordering {
    let global: String = options.given.iter().map(|(l, _)| *l).filter(|l| "nrfbdghiMV".contains(*l)).collect();
    if keys.is_empty() {
        return one(a, b, &global, busybox);
    }
    for key in keys {
        let flags = if key.flags.is_empty() { &global } else { &key.flags };
        let order = one(cut(a, key, separator), cut(b, key, separator), flags, busybox);
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Where field `field` begins and ends.
fn field(line: &[u8], field: usize, separator: Option<u8>) -> (usize, usize) {
    let mut at = 0;
    for i in 1.. {
        let start = at;
        let mut end = at;
        if separator.is_none() {
            end += line[end..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        }
        end += line[end..].iter().take_while(|b| separator.map_or(!b.is_ascii_whitespace(), |s| **b != s)).count();
        if i == field || end >= line.len() {
            return if i == field { (start, end) } else { (line.len(), line.len()) };
        }
        at = if separator.is_some() { end + 1 } else { end };
    }
    (line.len(), line.len())
}

fn cut<'a>(line: &'a [u8], key: &Key, separator: Option<u8>) -> &'a [u8] {
    let from = field(line, key.from.0, separator).0.saturating_add(key.from.1.saturating_sub(1)).min(line.len());
    let to = match key.to {
        None => line.len(),
        Some((f, 0)) => field(line, f, separator).1,
        Some((f, column)) => field(line, f, separator).0.saturating_add(column).min(line.len()),
    };
    line.get(from..to).unwrap_or(&[])
}

fn one(a: &[u8], b: &[u8], flags: &str, busybox: bool) -> Ordering {
    let fold = |s: &[u8]| {
        let keep = s.iter().filter(|b| !flags.contains('d') || b.is_ascii_alphanumeric() || b.is_ascii_whitespace());
        let text: Vec<u8> = keep.map(|b| if flags.contains('f') { b.to_ascii_uppercase() } else { *b }).collect();
        if flags.contains('b') { text.trim_ascii_start().to_vec() } else { text }
    };
    let order = if flags.contains('M') {
        month(a).cmp(&month(b))
    } else if flags.contains('V') {
        version(a, b)
    } else if flags.contains('g') {
        let ((a, x), (b, y)) = (general(a), general(b));
        a.cmp(&b).then(x.total_cmp(&y))
    } else if busybox && flags.contains('n') {
        // busybox reads all that C takes for a number.
        general(a).1.total_cmp(&general(b).1)
    } else if flags.contains(['n', 'h']) {
        value(a, flags).total_cmp(&value(b, flags))
    } else {
        fold(a).cmp(&fold(b))
    };
    if flags.contains('r') { order.reverse() } else { order }
}

fn value(text: &[u8], flags: &str) -> f64 {
    let text = text.trim_ascii_start();
    let end = text.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.')).count();
    let number: f64 = std::str::from_utf8(&text[..end]).ok().and_then(crate::base::parse_float).unwrap_or(0.0);
    let power = text.get(end).and_then(|c| "KMGTPE".find(c.to_ascii_uppercase() as char)).filter(|_| flags.contains('h'));
    // -0 and 0 are the same number.
    number * power.map_or(1.0, |i| 1024f64.powi(i as i32 + 1)) + 0.0
}

/// Numbers of every writing: what is none comes first, then what C calls no number.
fn general(text: &[u8]) -> (u8, f64) {
    match crate::base::float_prefix(text) {
        None => (0, 0.0),
        Some((value, _)) if value.is_nan() => (1, 0.0),
        Some((value, _)) => (2, value + 0.0),
    }
}

/// The number of a month by its first three letters; 0 for none.
fn month(text: &[u8]) -> usize {
    const MONTHS: [&[u8]; 12] = [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"];
    let text = text.trim_ascii_start();
    let head = text[..text.len().min(3)].to_ascii_uppercase();
    MONTHS.iter().position(|m| *m == head).map_or(0, |i| i + 1)
}

/// Digits are compared as numbers, the rest as text.
pub fn version(a: &[u8], b: &[u8]) -> Ordering {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i].is_ascii_digit() && b[j].is_ascii_digit() {
            let run = |s: &[u8]| {
                let zeros = s.iter().take_while(|c| **c == b'0').count();
                let digits = s[zeros..].iter().take_while(|c| c.is_ascii_digit()).count();
                (zeros, zeros + digits)
            };
            let ((za, ea), (zb, eb)) = (run(&a[i..]), run(&b[j..]));
            let order = (ea - za).cmp(&(eb - zb)).then_with(|| a[i + za..i + ea].cmp(&b[j + zb..j + eb]));
            if order != Ordering::Equal {
                return order;
            }
            (i, j) = (i + ea, j + eb);
        } else if a[i] != b[j] {
            return a[i].cmp(&b[j]);
        } else {
            (i, j) = (i + 1, j + 1);
        }
    }
    (a.len() - i).cmp(&(b.len() - j))
}

/// uniq.
pub fn uniq(p: &mut Process) -> i32 {
    let long = [("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i')];
    let options = match of(p, "cdiuf:s:w:z", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if p.busybox() && options.operands.len() > 2 {
        return super::options::usage(p);
    }
    let mut get = |letter, default: usize| match options.value(letter) {
        Some(text) if p.busybox() => super::options::number(p, text, 0..=usize::MAX),
        Some(text) => Ok(text.parse().unwrap_or(default)),
        None => Ok(default),
    };
    let (fields, skip, width) = match (get('f', 0), get('s', 0), get('w', usize::MAX)) {
        (Ok(fields), Ok(skip), Ok(width)) => (fields, skip, width),
        _ => return 1,
    };
    let Some(data) = open(p, &options.files()[0]) else { return 1 };
    let key = |line: &[u8]| {
        let from = if fields == 0 { 0 } else { field(line, fields, None).1 };
        let rest = &line[from.saturating_add(skip).min(line.len())..];
        let rest = &rest[..width.min(rest.len())];
        if options.has('i') { rest.to_ascii_lowercase() } else { rest.to_vec() }
    };
    let mut groups: Vec<(usize, &[u8])> = Vec::new();
    for line in lines(&data) {
        match groups.last_mut() {
            Some((count, first)) if key(first) == key(line) => *count += 1,
            _ => groups.push((1, line)),
        }
    }
    let mut text = Vec::new();
    for (count, line) in groups {
        if options.has('d') && count < 2 || options.has('u') && count > 1 {
            continue;
        }
        if options.has('c') {
            text.extend_from_slice(format!("{count:7} ").as_bytes());
        }
        text.extend_from_slice(line);
        text.push(if options.has('z') { b'\0' } else { b'\n' });
    }
    written(p, options.operands.get(1).map(String::as_str).filter(|f| *f != "-"), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, flags: &str, expect: Ordering) {
        assert_eq!(one(a.as_bytes(), b.as_bytes(), flags, false), expect, "{a} {b} {flags}");
    }

    #[test]
    fn orders() {
        check("10", "9", "", Ordering::Less);
        check("10", "9", "n", Ordering::Greater);
        check("10", "9", "nr", Ordering::Less);
        check("v1.10", "v1.9", "V", Ordering::Greater);
        check("2K", "1M", "h", Ordering::Less);
        check("abc", "ABC", "f", Ordering::Equal);
    }

    #[test]
    fn keys() {
        assert_eq!(cut(b"a:10:x", &key("2,2n"), Some(b':')), b"10");
        assert_eq!(cut(b"a:10:x", &key("2"), Some(b':')), b"10:x");
        assert_eq!(cut(b"a bc d", &key("2.3,2"), None), b"c");
        assert_eq!(cut(b"a", &key("4"), Some(b':')), b"");
    }
}
