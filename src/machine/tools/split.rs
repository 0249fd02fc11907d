//! Files cut in pieces: split, csplit.

use super::options::{lines, of, open, usage};
use crate::machine::{Process, errno};

/// split.
pub fn split(p: &mut Process) -> i32 {
    let long =
        [("lines", 'l'), ("bytes", 'b'), ("suffix-length", 'a'), ("numeric-suffixes", 'd'), ("number", 'n'), ("additional-suffix", 'x')];
    let options = match of(p, "l:b:a:d;n:x:", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(lines) = options.value('l').filter(|_| p.busybox()).map(str::to_owned)
        && let Err(status) = super::options::number(p, &lines, 1..=usize::MAX)
    {
        return status;
    }
    let Some(data) = open(p, &options.files()[0]) else { return 1 };
    let prefix = options.operands.get(1).cloned().unwrap_or("x".into());
    let digits = options.value('a').and_then(|a| a.parse().ok()).unwrap_or(2usize).clamp(1, 9);
    let parts: Vec<&[u8]> = match (options.value('b'), options.value('n')) {
        (Some(size), _) => data.chunks(super::od::count(size).unwrap_or(0).max(1)).collect(),
        (_, Some(count)) => data.chunks(data.len().div_ceil(count.parse().unwrap_or(1).max(1)).max(1)).collect(),
        _ => {
            let count = options.value('l').and_then(|l| l.parse().ok()).unwrap_or(1000usize).max(1);
            let all: Vec<&[u8]> = data.split_inclusive(|b| *b == b'\n').collect();
            let mut at = 0;
            all.chunks(count)
                .map(|group| {
                    let length = group.iter().map(|l| l.len()).sum::<usize>();
                    at += length;
                    &data[at - length..at]
                })
                .collect()
        }
    };
    let base = if options.has('d') { 10 } else { 26 };
    for (i, part) in parts.iter().enumerate() {
        let mut suffix = String::new();
        let mut rest = i;
        for _ in 0..digits {
            suffix.insert(0, if base == 10 { char::from(b'0' + (rest % 10) as u8) } else { char::from(b'a' + (rest % 26) as u8) });
            rest /= base;
        }
        if rest > 0 {
            return p.fail("output file suffixes exhausted");
        }
        let name = format!("{prefix}{suffix}{}", options.value('x').unwrap_or(""));
        if let Err(e) = p.write(&name, part.to_vec()) {
            return p.fail(&format!("{name}: {}", errno::text(e)));
        }
    }
    0
}

/// csplit: a file cut where lines match.
pub fn csplit(p: &mut Process) -> i32 {
    let options = match of(p, "f:n:szk", &[("prefix", 'f'), ("digits", 'n'), ("quiet", 's'), ("silent", 's'), ("elide-empty-files", 'z')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some((file, patterns)) = options.operands.split_first() else { return usage(p) };
    let Some(data) = open(p, file) else { return 1 };
    let all = lines(&data);
    let prefix = options.value('f').unwrap_or("xx");
    let digits = options.value('n').and_then(|n| n.parse().ok()).unwrap_or(2usize).min(255);
    let mut cuts = Vec::new();
    let mut from = 0;
    let mut patterns = patterns.iter().peekable();
    while let Some(pattern) = patterns.next() {
        let repeats = match patterns.peek().and_then(|n| n.strip_prefix('{')).and_then(|n| n.strip_suffix('}')) {
            Some("*") => usize::MAX,
            Some(n) => n.parse::<usize>().unwrap_or(0),
            None => 0,
        };
        if repeats > 0 {
            patterns.next();
        }
        for _ in 0..=repeats.min(all.len()) {
            let found = match pattern.parse::<usize>() {
                Ok(line) => Some(line.saturating_sub(1)),
                Err(_) => {
                    let body = pattern.trim_matches('/');
                    let Ok(regex) = crate::machine::regex::Regex::new(body.as_bytes(), Default::default()) else { return 1 };
                    let start = if cuts.is_empty() { 0 } else { from + 1 };
                    (start..all.len()).find(|i| regex.is_match(all[*i]))
                }
            };
            match found {
                Some(at) if at < all.len() => {
                    cuts.push(at);
                    from = at;
                }
                _ if repeats == usize::MAX => break,
                _ => return p.fail(&format!("'{pattern}': match not found")),
            }
        }
    }
    cuts.push(all.len());
    let mut start = 0;
    let mut number = 0;
    for cut in cuts {
        let part: Vec<u8> = all[start.min(cut)..cut].iter().flat_map(|l| [*l, b"\n"].concat()).collect();
        start = cut;
        if part.is_empty() && options.has('z') {
            continue;
        }
        if !options.has('s') {
            p.out(format!("{}\n", part.len()));
        }
        if let Err(e) = p.write(&format!("{prefix}{number:0digits$}"), part) {
            return p.fail(&format!("{prefix}{number:0digits$}: {}", errno::text(e)));
        }
        number += 1;
    }
    0
}
