//! head, tail, wc, tac, rev, nl and paste.

use super::options::{lines, of, open, open_until};
use crate::machine::Process;
use crate::machine::shell::escape::unescape;

fn number(text: &str) -> Option<usize> {
    let (digits, scale) = match text.chars().last() {
        Some('k' | 'K') => (&text[..text.len() - 1], 1024),
        Some('m' | 'M') => (&text[..text.len() - 1], 1 << 20),
        Some('b') => (&text[..text.len() - 1], 512),
        _ => (text, 1),
    };
    digits.parse::<usize>().ok().filter(|_| !digits.starts_with('+'))?.checked_mul(scale)
}

/// The old `-5` becomes `-n 5`.
fn modernise(p: &mut Process) {
    let tail = p.name() == "tail";
    let Some(first) = p.args.get_mut(1) else { return };
    let digits = first.strip_prefix('-').or_else(|| first.strip_prefix('+').filter(|_| tail));
    if digits.is_some_and(|d| d.starts_with(|c: char| c.is_ascii_digit())) {
        *first = format!("-n{}", first.trim_start_matches('-'));
    }
}

/// Where the `count`-th line of `bytes` ends.
fn line_end(bytes: &[u8], count: usize) -> usize {
    if count == 0 {
        return 0;
    }
    bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(count - 1).map_or(bytes.len(), |(i, _)| i + 1)
}

fn count_lines(bytes: &[u8]) -> usize {
    lines(bytes).len()
}

/// Whether `data` has all that `head` shows.
fn suffices(data: &[u8], bytes: bool, count: &str) -> bool {
    let has = if bytes { data.len() } else { data.iter().filter(|b| **b == b'\n').count() };
    number(count).is_some_and(|n| has >= n)
}

fn ends(p: &mut Process, part: impl Fn(&[u8], bool, &str) -> Option<(usize, usize)>) -> i32 {
    let from_start = p.name() == "head";
    modernise(p);
    let options = match of(p, "n:c:qvfFs:", &[("lines", 'n'), ("bytes", 'c'), ("quiet", 'q'), ("follow", 'f')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    // busybox's head has one count for both, tail too.
    let last = options.given.iter().rfind(|(l, _)| matches!(l, 'c' | 'n')).filter(|_| p.busybox());
    let (bytes, count) = match options.value('c') {
        Some(count) => (true, last.map_or(count, |(_, c)| c).to_owned()),
        None => (false, options.value('n').unwrap_or("10").to_owned()),
    };
    if p.busybox() && part(&[], bytes, &count).is_none() {
        return p.fail(&format!("invalid number '{count}'"));
    }
    let files = options.files();
    // busybox's tail counts the files that it could open, head all.
    let counted = files.iter().filter(|f| from_start || !p.busybox() || *f == "-" || p.exists(f)).count();
    let titles = counted > 1 && !options.has('q') || options.has('v');
    let (mut status, mut first) = (0, true);
    for file in files {
        let Some(data) = open_until(p, &file, |data| from_start && suffices(data, bytes, &count)) else {
            status = 1;
            first &= !(from_start && p.busybox());
            continue;
        };
        if titles {
            let name = if file == "-" { "standard input" } else { &file };
            p.out(format!("{}==> {name} <==\n", if first { "" } else { "\n" }));
            first = false;
        }
        match part(&data, bytes, &count) {
            Some((from, to)) => p.out(&data[from..to]),
            None => {
                let text = format!("invalid number of {}: {}", if bytes { "bytes" } else { "lines" }, super::names::quote(p, &count));
                return p.fail(&text);
            }
        }
    }
    if p.busybox() && !from_start && counted == 0 && !options.has('F') {
        p.fail("no files");
    }
    status
}

/// head.
pub fn head(p: &mut Process) -> i32 {
    ends(p, |data, bytes, count| {
        let total = if bytes { data.len() } else { count_lines(data) };
        let keep = match count.strip_prefix('-') {
            Some(count) => total.saturating_sub(number(count)?),
            None => number(count)?.min(total),
        };
        Some((0, if bytes { keep } else { line_end(data, keep) }))
    })
}

/// tail.
pub fn tail(p: &mut Process) -> i32 {
    ends(p, |data, bytes, count| {
        let total = if bytes { data.len() } else { count_lines(data) };
        let skip = match count.strip_prefix('+') {
            Some(count) => number(count)?.saturating_sub(1).min(total),
            None => total.saturating_sub(number(count.trim_start_matches('-'))?),
        };
        Some((if bytes { skip } else { line_end(data, skip) }, data.len()))
    })
}

/// wc.
pub fn wc(p: &mut Process) -> i32 {
    let long = [("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm'), ("max-line-length", 'L')];
    let options = match of(p, "lwcmL", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let all = options.given.is_empty();
    let wanted: Vec<char> = "lwmcL".chars().filter(|c| options.has(*c) || all && "lwc".contains(*c)).collect();
    let sizes: Vec<u64> = options.operands.iter().map(|f| p.stat(f).map_or(0, |(_, n)| n.size())).collect();
    let busybox = p.busybox();
    let regular = options.operands.iter().all(|f| p.stat(f).is_ok_and(|(_, n)| n.as_file().is_some()));
    let width = match (wanted.len() == 1 && options.operands.len() <= 1, p.busybox()) {
        (true, _) => 0,
        (_, true) => 9,
        _ if options.operands.is_empty() || !regular => 7,
        _ => sizes.iter().sum::<u64>().to_string().len(),
    };
    let show = |p: &mut Process, counts: &[usize], name: &str| {
        let row: Vec<String> = counts.iter().map(|n| format!("{n:width$}")).collect();
        p.out(format!("{}{}{name}\n", row.join(" "), if name.is_empty() { "" } else { " " }));
    };
    let mut total = vec![0; wanted.len()];
    let mut status = 0;
    for file in options.files() {
        // Of a folder busybox's wc says that it is one, and counts nothing.
        let folder = p.busybox() && file != "-" && p.is_dir(&file);
        let Some(data) = open(p, &file).or_else(|| {
            status = 1;
            folder.then(Vec::new)
        }) else {
            continue;
        };
        p.burn(data.len() as u64 / 4);
        let text = String::from_utf8_lossy(&data);
        let counts: Vec<usize> = wanted
            .iter()
            .map(|c| match c {
                'l' => data.iter().filter(|b| **b == b'\n').count(),
                'w' if busybox => plain_counts(&data).0,
                'w' => text.split_ascii_whitespace().count(),
                'm' if !busybox => text.chars().count(),
                'm' => data.len(),
                'c' => data.len(),
                _ if busybox => plain_counts(&data).1,
                _ => text.lines().map(|l| l.chars().count()).max().unwrap_or(0),
            })
            .collect();
        for ((sum, count), kind) in total.iter_mut().zip(&counts).zip(&wanted) {
            *sum = if *kind == 'L' { (*sum).max(*count) } else { *sum + *count };
        }
        show(p, &counts, if options.operands.is_empty() { "" } else { &file });
    }
    if options.operands.len() > 1 {
        show(p, &total, "total");
    }
    status
}

/// The words of printable characters, and the width of the longest line: other bytes are nothing to busybox.
fn plain_counts(data: &[u8]) -> (usize, usize) {
    let (mut words, mut longest, mut column, mut inside) = (0, 0, 0, false);
    for byte in data.iter().chain(b"\r") {
        match byte {
            b'!'..=b'~' => inside = true,
            b' ' | 9..=13 => words += usize::from(std::mem::take(&mut inside)),
            _ => {}
        }
        column = match byte {
            b' '..=b'~' => column + 1,
            b'\t' => (column | 7) + 1,
            b'\n' | b'\r' | 12 => 0,
            _ => column,
        };
        longest = longest.max(column);
    }
    (words, longest)
}

fn each(p: &mut Process, print: impl Fn(&mut Process, &[u8])) -> i32 {
    let options = match of(p, "", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut status = 0;
    for file in options.files() {
        match open(p, &file) {
            Some(data) => print(p, &data),
            None => status = 1,
        }
    }
    status
}

/// tac.
pub fn tac(p: &mut Process) -> i32 {
    each(p, |p, data| {
        let parts: Vec<&[u8]> = data.split_inclusive(|b| *b == b'\n').collect();
        parts.iter().rev().for_each(|line| p.out(line));
    })
}

/// rev.
pub fn rev(p: &mut Process) -> i32 {
    each(p, |p, data| {
        if p.busybox() {
            // It knows bytes only, and a line ends for it where a byte is 0.
            for line in data.split_inclusive(|b| *b == b'\n') {
                let end = line.iter().position(|b| matches!(b, 0 | b'\n')).unwrap_or(line.len());
                p.out(line[..end].iter().rev().copied().collect::<Vec<u8>>());
                p.out(if line.get(end) == Some(&b'\n') { "\n" } else { "" });
            }
            return;
        }
        for line in String::from_utf8_lossy(data).split_inclusive('\n') {
            let body = line.strip_suffix('\n');
            p.out(body.unwrap_or(line).chars().rev().collect::<String>());
            p.out(if body.is_some() { "\n" } else { "" });
        }
    })
}

/// nl.
pub fn nl(p: &mut Process) -> i32 {
    let long = [
        ("body-numbering", 'b'),
        ("starting-line-number", 'v'),
        ("number-width", 'w'),
        ("number-separator", 's'),
        ("line-increment", 'i'),
        ("number-format", 'n'),
    ];
    let letters = if p.busybox() { "b:v:w:s:i:p" } else { "b:v:w:s:i:n:h:f:l:pd:" };
    let options = match of(p, letters, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(format) = options.value('n').filter(|f| !matches!(*f, "ln" | "rn" | "rz")) {
        let text = format!("invalid line numbering format: '{format}'");
        return super::options::refuse(p, &text);
    }
    let mut get = |letter, default| match options.value(letter) {
        Some(text) if p.busybox() => super::options::number(p, text, 0..=usize::MAX),
        Some(text) => Ok(text.parse().unwrap_or(default)),
        None => Ok(default),
    };
    let (mut at, step, width) = match (get('v', 1usize), get('i', 1), get('w', 6)) {
        (Ok(at), Ok(step), Ok(width)) => (at, step, width.min(99)),
        _ => return 1,
    };
    let separator = options.value('s').unwrap_or("\t").to_owned();
    let body = options.value('b').unwrap_or("t").to_owned();
    let pattern = body.strip_prefix('p').and_then(|text| crate::machine::regex::Regex::new(text.as_bytes(), Default::default()).ok());
    let mut status = 0;
    for file in options.files() {
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        for line in lines(&data) {
            if body == "a" || body == "t" && !line.is_empty() || pattern.as_ref().is_some_and(|r| r.is_match(line)) {
                p.out(match options.value('n') {
                    Some("ln") => format!("{at:<width$}{separator}"),
                    Some("rz") => format!("{at:0>width$}{separator}"),
                    _ => format!("{at:width$}{separator}"),
                });
                at = at.saturating_add(step);
            } else {
                p.out(" ".repeat(width + separator.len()));
            }
            p.out(line);
            p.out("\n");
        }
    }
    status
}

/// paste.
pub fn paste(p: &mut Process) -> i32 {
    let options = match of(p, "d:s", &[("delimiters", 'd'), ("serial", 's')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if p.busybox() && options.value('d') == Some("") {
        return p.fail("-d '' is not supported");
    }
    let between: Vec<char> = options.value('d').map_or("\t".into(), |d| d.replace("\\0", "\0")).chars().collect();
    let between = unescape(&between.into_iter().collect::<String>()).chars().collect::<Vec<_>>();
    let files = options.files();
    let mut columns: Vec<Vec<Vec<u8>>> = Vec::new();
    let inputs = files.iter().filter(|f| *f == "-").count();
    let stdin = if inputs > 0 { p.stdin() } else { Vec::new() };
    for (i, file) in files.iter().enumerate() {
        // Several `-` take the lines of standard input in turn.
        if file == "-" {
            let turn = files[..i].iter().filter(|f| *f == "-").count();
            let (turn, step) = if options.has('s') { (0, 1) } else { (turn, inputs) };
            columns.push(lines(&stdin).iter().skip(turn).step_by(step).map(|l| l.to_vec()).collect());
            continue;
        }
        let Some(data) = open(p, file) else { return 1 };
        columns.push(lines(&data).iter().map(|l| l.to_vec()).collect());
    }
    let mark = |i: usize| between.get(i % between.len().max(1)).filter(|c| **c != '\0').map_or(String::new(), char::to_string);
    if options.has('s') {
        for column in columns.iter().filter(|c| !c.is_empty()) {
            for (i, cell) in column.iter().enumerate() {
                p.out(if i > 0 { mark(i - 1) } else { String::new() });
                p.out(cell);
            }
            p.out("\n");
        }
        return 0;
    }
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    for y in 0..height {
        let mut used = 0;
        for (x, column) in columns.iter().enumerate() {
            // A column that has ended leaves nothing in busybox: neither its mark nor, if it is the last, the newline.
            let cell = match column.get(y) {
                Some(cell) => cell.as_slice(),
                None if p.busybox() => continue,
                None => &[],
            };
            p.out(cell);
            p.out(if x + 1 == columns.len() { "\n".into() } else { mark(used) });
            used += 1;
        }
    }
    0
}
