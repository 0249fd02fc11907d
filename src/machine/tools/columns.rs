//! Tools on lines and columns: expand, unexpand, fold, fmt, shuf, split, csplit, column, join, tsort,
//! dos2unix, factor, yes, envsubst, sum.

use std::collections::BTreeMap;

use super::options::{lines, of, open, usage};
use crate::machine::{Process, errno};

/// Each file's bytes to `work`; 1 if one could not be opened.
fn each(p: &mut Process, files: &[String], mut work: impl FnMut(&mut Process, &[u8])) -> i32 {
    let mut status = 0;
    for file in files {
        match open(p, file) {
            Some(data) => {
                p.burn(data.len() as u64 / 8);
                work(p, &data);
            }
            None => status = 1,
        }
    }
    status
}

/// The tab stops of `-t`: `None` if it is no number.
fn tabs(text: Option<&str>) -> Option<usize> {
    text.map_or(Some(8), |t| t.parse().ok()).filter(|t| *t > 0)
}

/// expand.
pub fn expand(p: &mut Process) -> i32 {
    let options = match of(p, "it:", &[("initial", 'i'), ("tabs", 't')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(stop) = tabs(options.value('t')) else {
        let text = format!("invalid number '{}'", options.value('t').unwrap_or(""));
        return p.fail(&text);
    };
    each(p, &options.files(), |p, data| {
        let mut out = Vec::with_capacity(data.len());
        let (mut column, mut initial) = (0, true);
        for byte in data {
            match byte {
                b'\t' if initial || !options.has('i') => {
                    let fill = stop - column % stop;
                    out.resize(out.len() + fill, b' ');
                    column += fill;
                }
                b'\n' => {
                    out.push(b'\n');
                    (column, initial) = (0, true);
                }
                byte => {
                    initial &= *byte == b' ';
                    out.push(*byte);
                    column += 1;
                }
            }
        }
        p.out(out);
    })
}

/// unexpand.
pub fn unexpand(p: &mut Process) -> i32 {
    let options = match of(p, "aft:", &[("all", 'a'), ("first-only", 'f'), ("tabs", 't')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(stop) = tabs(options.value('t')) else {
        let text = format!("invalid number '{}'", options.value('t').unwrap_or(""));
        return p.fail(&text);
    };
    let all = (options.has('a') || options.has('t')) && !options.has('f');
    each(p, &options.files(), |p, data| {
        let mut out = Vec::with_capacity(data.len());
        let (mut column, mut pending, mut initial) = (0usize, 0usize, true);
        for byte in data {
            match byte {
                b' ' | b'\t' if initial || all => {
                    let next = if *byte == b'\t' { (column / stop + 1) * stop } else { column + 1 };
                    pending += next - column;
                    column = next;
                    if column.is_multiple_of(stop) {
                        out.push(if pending > 1 || *byte == b'\t' || initial { b'\t' } else { b' ' });
                        pending = 0;
                    }
                    continue;
                }
                _ => {}
            }
            out.resize(out.len() + std::mem::take(&mut pending), b' ');
            out.push(*byte);
            column += 1;
            initial = false;
            if *byte == b'\n' {
                (column, initial) = (0, true);
            }
        }
        out.resize(out.len() + pending, b' ');
        p.out(out);
    })
}

/// fold.
pub fn fold(p: &mut Process) -> i32 {
    let options = match of(p, "w:sb", &[("width", 'w'), ("spaces", 's'), ("bytes", 'b')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(width) = options.value('w').map_or(Some(80usize), |w| w.parse().ok()).filter(|w| *w > 0) else {
        let text = format!("invalid number '{}'", options.value('w').unwrap_or(""));
        return p.fail(&text);
    };
    let bytes = options.has('b');
    let advance = move |column: usize, byte: u8| match byte {
        _ if bytes => column + 1,
        b'\x08' => column.saturating_sub(1),
        b'\r' => 0,
        b'\t' => column + 8 - column % 8,
        _ => column + 1,
    };
    each(p, &options.files(), |p, data| {
        let mut out = Vec::with_capacity(data.len());
        let mut line: Vec<u8> = Vec::new();
        let mut column = 0;
        for byte in data {
            if *byte == b'\n' {
                line.push(b'\n');
                out.append(&mut line);
                column = 0;
                continue;
            }
            let mut next = advance(column, *byte);
            if next > width && !line.is_empty() {
                let space = line.iter().rposition(|b| b.is_ascii_whitespace()).filter(|_| options.has('s'));
                let rest = space.map_or(Vec::new(), |i| line.split_off(i + 1));
                out.append(&mut line);
                out.push(b'\n');
                line = rest;
                column = line.iter().fold(0, |c, b| advance(c, *b));
                next = advance(column, *byte);
            }
            line.push(*byte);
            column = next;
        }
        out.append(&mut line);
        p.out(out);
    })
}

/// fmt: paragraphs filled to a width.
pub fn fmt(p: &mut Process) -> i32 {
    let options = match of(p, "w:su", &[("width", 'w')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let width = options.value('w').and_then(|w| w.parse().ok()).unwrap_or(75usize);
    each(p, &options.files(), |p, data| {
        let text = String::from_utf8_lossy(data).into_owned();
        let mut line = String::new();
        for source in text.lines().chain([""]) {
            if source.trim().is_empty() && !line.is_empty() {
                p.out(std::mem::take(&mut line) + "\n");
            }
            for word in source.split_whitespace() {
                if !line.is_empty() && line.len() + 1 + word.len() > width * 93 / 100 {
                    p.out(std::mem::take(&mut line) + "\n");
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line += word;
            }
        }
    })
}

/// shuf.
pub fn shuf(p: &mut Process) -> i32 {
    let long = [("echo", 'e'), ("input-range", 'i'), ("head-count", 'n'), ("output", 'o'), ("zero-terminated", 'z'), ("repeat", 'r')];
    let options = match of(p, "ei:n:o:zr", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let end = if options.has('z') { "\0" } else { "\n" };
    let mut items: Vec<String> = if options.has('e') {
        options.operands.clone()
    } else if let Some(range) = options.value('i') {
        let bounds = range.split_once('-').and_then(|(a, b)| Some((a.parse::<u64>().ok()?, b.parse::<u64>().ok()?)));
        match bounds {
            Some((from, to)) if to.saturating_sub(from) < 1_000_000 => (from..=to).map(|n| n.to_string()).collect(),
            _ => {
                let text = format!("{range}: invalid range");
                return p.fail(&text);
            }
        }
    } else {
        let Some(data) = open(p, &options.files()[0]) else { return 1 };
        String::from_utf8_lossy(&data).split_terminator(end).map(str::to_owned).collect()
    };
    let count = options.value('n').and_then(|n| n.parse().ok()).unwrap_or(items.len()).min(items.len());
    for i in 0..count {
        let pick = i + (p.system.random() % (items.len() - i) as u64) as usize;
        items.swap(i, pick);
    }
    let text: String = items[..count].iter().flat_map(|item| [item.as_str(), end]).collect();
    match options.value('o') {
        Some(file) => match p.write(file, text.into_bytes()) {
            Ok(()) => 0,
            Err(e) => p.fail(&format!("{file}: {}", errno::text(e))),
        },
        None => {
            p.out(text);
            0
        }
    }
}

/// split.
pub fn split(p: &mut Process) -> i32 {
    let long =
        [("lines", 'l'), ("bytes", 'b'), ("suffix-length", 'a'), ("numeric-suffixes", 'd'), ("number", 'n'), ("additional-suffix", 'x')];
    let options = match of(p, "l:b:a:d;n:x:", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
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

/// column -t.
pub fn column(p: &mut Process) -> i32 {
    let options = match of(p, "ts:o:c:n", &[("table", 't'), ("separator", 's'), ("output-separator", 'o')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    let separators = options.value('s').unwrap_or(" \t").to_owned();
    let status = each(p, &options.files(), |_, data| {
        for line in String::from_utf8_lossy(data).lines().filter(|l| !l.trim().is_empty()) {
            let cells = line.split(|c| separators.contains(c));
            rows.push(if options.has('s') {
                cells.map(str::to_owned).collect()
            } else {
                cells.filter(|c| !c.is_empty()).map(str::to_owned).collect()
            });
        }
    });
    let mut widths: Vec<usize> = Vec::new();
    for row in rows.iter().filter(|_| options.has('t')) {
        for (i, cell) in row.iter().enumerate() {
            if widths.len() <= i {
                widths.push(0);
            }
            widths[i] = widths[i].max(cell.chars().count());
        }
    }
    let gap = options.value('o').unwrap_or("  ");
    for row in rows {
        let last = row.len().saturating_sub(1);
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(i, c)| if i < last { format!("{c:0$}", widths.get(i).copied().unwrap_or(0)) } else { c.clone() })
            .collect();
        p.out(cells.join(if options.has('t') { gap } else { " " }) + "\n");
    }
    status
}

/// join: lines of two sorted files with the same first field.
pub fn join(p: &mut Process) -> i32 {
    let options = match of(p, "t:1:2:j:a:v:e:o:i", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let [a, b] = options.operands.clone().try_into().unwrap_or_default();
    let (Some(a), Some(b)) = (open(p, &a), open(p, &b)) else { return 1 };
    let separator = options.value('t').and_then(|t| t.chars().next());
    let read = |data: &[u8]| -> Vec<Vec<String>> {
        let text = String::from_utf8_lossy(data).into_owned();
        text.lines()
            .map(|l| match separator {
                Some(c) => l.split(c).map(str::to_owned).collect(),
                None => l.split_whitespace().map(str::to_owned).collect(),
            })
            .collect()
    };
    let (a, b) = (read(&a), read(&b));
    let field = |letter| options.value(letter).or(options.value('j')).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1).max(1) - 1;
    let (left, right) = (field('1'), field('2'));
    let key = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
    let gap = separator.unwrap_or(' ').to_string();
    let show = |p: &mut Process, key: String, rows: [Option<&Vec<String>>; 2]| {
        let mut cells = vec![key];
        for (row, at) in rows.iter().zip([left, right]) {
            cells.extend(row.iter().flat_map(|r| r.iter().enumerate()).filter(|(i, _)| *i != at).map(|(_, c)| c.clone()));
        }
        p.out(cells.join(&gap) + "\n");
    };
    let only = |n: &str| options.values('a').chain(options.values('v')).any(|v| v == n);
    let paired = !options.has('v');
    let mut used = vec![false; b.len()];
    for row in &a {
        let wanted = key(row, left);
        let mut any = false;
        for (j, other) in b.iter().enumerate() {
            if !p.burn(1) {
                return 1;
            }
            if key(other, right) == wanted {
                (any, used[j]) = (true, true);
                if paired {
                    show(p, wanted.clone(), [Some(row), Some(other)]);
                }
            }
        }
        if !any && only("1") {
            show(p, wanted, [Some(row), None]);
        }
    }
    for (other, _) in b.iter().zip(used).filter(|(_, used)| !used && only("2")) {
        show(p, key(other, right), [None, Some(other)]);
    }
    0
}

/// tsort.
pub fn tsort(p: &mut Process) -> i32 {
    let Some(data) = open(p, &p.args.get(1).cloned().unwrap_or("-".into())) else { return 1 };
    let text = String::from_utf8_lossy(&data).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut after: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut waits: BTreeMap<&str, usize> = BTreeMap::new();
    for pair in words.chunks_exact(2) {
        waits.entry(pair[0]).or_default();
        *waits.entry(pair[1]).or_default() += usize::from(pair[0] != pair[1]);
        if pair[0] != pair[1] {
            after.entry(pair[0]).or_default().push(pair[1]);
        }
    }
    let mut ready: std::collections::VecDeque<&str> = waits.iter().filter(|(_, n)| **n == 0).map(|(w, _)| *w).collect();
    let mut shown = 0;
    while let Some(word) = ready.pop_front() {
        p.out(format!("{word}\n"));
        shown += 1;
        for next in after.remove(word).unwrap_or_default() {
            let left = waits.entry(next).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.push_back(next);
            }
        }
    }
    if shown < waits.len() { p.fail("-: input contains a loop") } else { 0 }
}

/// dos2unix and unix2dos.
pub fn dos2unix(p: &mut Process) -> i32 {
    let options = match of(p, "udqkfn", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let to_dos = match (options.has('u'), options.has('d')) {
        (true, _) => false,
        (_, true) => true,
        _ => p.name() == "unix2dos",
    };
    let convert = |data: &[u8]| -> Vec<u8> {
        let plain = data.iter().filter(|b| **b != b'\r').copied();
        if to_dos { plain.flat_map(|b| if b == b'\n' { vec![b'\r', b'\n'] } else { vec![b] }).collect() } else { plain.collect() }
    };
    if options.operands.is_empty() {
        let data = p.stdin();
        p.out(convert(&data));
        return 0;
    }
    for file in &options.operands {
        let result = p.read(file).and_then(|data| p.write(file, convert(&data)));
        if let Err(e) = result {
            return p.fail(&format!("can't open '{file}': {}", errno::text(e)));
        }
    }
    0
}

/// factor.
pub fn factor(p: &mut Process) -> i32 {
    let mut words: Vec<String> = p.args[1..].to_vec();
    if words.is_empty() {
        let data = p.stdin();
        words = String::from_utf8_lossy(&data).split_whitespace().map(str::to_owned).collect();
    }
    let mut status = 0;
    for word in words {
        let Ok(number) = word.parse::<u64>() else {
            if p.busybox() {
                return usage(p);
            }
            status = p.fail(&format!("'{word}' is not a valid positive integer"));
            continue;
        };
        let mut line = format!("{number}:");
        let (mut rest, mut by) = (number, 2);
        while rest > 1 && by * by <= rest {
            if !p.burn(1) {
                return 1;
            }
            if rest % by == 0 {
                line += &format!(" {by}");
                rest /= by;
            } else {
                by += if by == 2 { 1 } else { 2 };
            }
        }
        if rest > 1 {
            line += &format!(" {rest}");
        }
        p.out(line + "\n");
    }
    status
}

/// yes: as much as anybody reads.
pub fn yes(p: &mut Process) -> i32 {
    let line = if p.args.len() > 1 { p.args[1..].join(" ") } else { "y".into() } + "\n";
    let block = line.repeat(4096 / line.len() + 1);
    while p.alive() && p.burn(50) {
        if !p.write_fd(1, block.as_bytes()) {
            return 1;
        }
    }
    1
}

/// envsubst.
pub fn envsubst(p: &mut Process) -> i32 {
    let options = match of(p, "v", &[("variables", 'v')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let names = |text: &str| -> Vec<String> {
        let mut out = Vec::new();
        references(text, |name, _| {
            out.push(name.to_owned());
            None
        });
        out
    };
    let only = options.operands.first().map(|format| names(format));
    if options.has('v') {
        p.out(only.unwrap_or_default().iter().map(|n| format!("{n}\n")).collect::<String>());
        return 0;
    }
    let data = p.stdin();
    let text = String::from_utf8_lossy(&data).into_owned();
    let out = references(&text, |name, _| {
        let wanted = only.as_ref().is_none_or(|list| list.iter().any(|n| n == name));
        wanted.then(|| p.var(name).unwrap_or("").to_owned())
    });
    p.out(out);
    0
}

/// `text` with `$NAME` and `${NAME}` replaced by what `value` gives, left as they are where it gives nothing.
fn references(text: &str, mut value: impl FnMut(&str, &str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out += &rest[..at];
        let after = &rest[at + 1..];
        let (braced, body) = after.strip_prefix('{').map_or((false, after), |b| (true, b));
        let length = body.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(body.len());
        let name = &body[..length];
        let closed = !braced || body[length..].starts_with('}');
        let whole = 1 + length + if braced { 2 } else { 0 };
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !closed {
            out.push('$');
            rest = after;
            continue;
        }
        let reference = &rest[at..at + whole];
        out += &value(name, reference).unwrap_or_else(|| reference.to_owned());
        rest = &rest[at + whole..];
    }
    out + rest
}

/// sum: the checksum of BSD, with `-s` that of System V.
pub fn sum(p: &mut Process) -> i32 {
    let options = match of(p, "rs", &[("sysv", 's')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let named = options.operands.len() > usize::from(!p.busybox());
    let mut status = 0;
    for file in options.files() {
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        let name = if named { format!(" {file}") } else { String::new() };
        if options.has('s') {
            let total = data.iter().fold(0u32, |s, b| s.wrapping_add((*b).into()));
            let folded = (total & 0xffff) + (total >> 16);
            p.out(format!("{} {}{name}\n", (folded & 0xffff) + (folded >> 16), data.len().div_ceil(512)));
        } else {
            let total = data.iter().fold(0u16, |s, b| s.rotate_right(1).wrapping_add((*b).into()));
            p.out(format!("{total:05} {:5}{name}\n", data.len().div_ceil(1024)));
        }
    }
    status
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
    let digits = options.value('n').and_then(|n| n.parse().ok()).unwrap_or(2usize);
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
