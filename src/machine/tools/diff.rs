//! diff: the longest common lines after Hunt and McIlroy, shown as hunks.

use std::collections::BTreeMap;

use super::date;
use super::names::inside;
use super::options::{Options, of, usage};
use crate::filesystem::{ImagePath, Node};
use crate::machine::{Process, errno};

/// Deepest folders that are compared.
const MAX_DEPTH: usize = 200;
/// Most pairs of equal lines that are looked at.
const MAX_PAIRS: usize = 4_000_000;

const LONG: &[(&str, char)] = &[
    ("text", 'a'),
    ("ignore-space-change", 'b'),
    ("ignore-blank-lines", 'B'),
    ("minimal", 'd'),
    ("ignore-case", 'i'),
    ("label", 'L'),
    ("new-file", 'N'),
    ("brief", 'q'),
    ("recursive", 'r'),
    ("report-identical-files", 's'),
    ("expand-tabs", 't'),
    ("initial-tab", 'T'),
    ("unified", 'U'),
    ("ignore-all-space", 'w'),
    ("color", 'c'),
    ("strip-trailing-cr", 'Z'),
    ("side-by-side", 'y'),
    ("exclude", 'x'),
];

/// A run of lines that differ: from and to in the old file and the new one, counted from 0, the ends not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    old: (usize, usize),
    new: (usize, usize),
}

/// Lines with their newlines.
fn split(data: &[u8]) -> Vec<&[u8]> {
    data.split_inclusive(|b| *b == b'\n').collect()
}

/// What two files differ in.
fn changes(old: &[Vec<u8>], new: &[Vec<u8>]) -> Vec<Change> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let (middle, other) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|i| (i, i)).collect();
    pairs.extend(common(middle, other).into_iter().map(|(i, j)| (i + head, j + head)));
    pairs.extend((0..tail).rev().map(|i| (old.len() - 1 - i, new.len() - 1 - i)));
    pairs.push((old.len(), new.len()));
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (a, b) in pairs {
        if a > i || b > j {
            found.push(Change { old: (i, a), new: (j, b) });
        }
        (i, j) = (a + 1, b + 1);
    }
    found
}

/// The longest sequence of lines that both have, as pairs of positions.
fn common(old: &[Vec<u8>], new: &[Vec<u8>]) -> Vec<(usize, usize)> {
    let mut places: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (j, line) in new.iter().enumerate() {
        places.entry(line).or_default().push(j + 1);
    }
    // Candidates: the position in both, and the candidate before.
    let mut all: Vec<(usize, usize, usize)> = vec![(0, 0, 0)];
    // The candidate with the least place in `new` that ends a sequence of each length.
    let mut best: Vec<usize> = vec![0];
    let mut looked = 0;
    for (i, line) in old.iter().enumerate() {
        let (mut before, mut length) = (best[0], 0);
        for &y in places.get(line.as_slice()).into_iter().flatten() {
            looked += 1;
            if looked > MAX_PAIRS {
                break;
            }
            if y <= all[before].1 {
                continue;
            }
            let l = best.partition_point(|c| all[*c].1 < y);
            if l != length + 1 {
                before = best[l - 1];
            }
            all.push((i + 1, y, before));
            let this = all.len() - 1;
            if l < best.len() {
                if all[best[l]].1 <= y {
                    all.pop();
                    continue;
                }
                before = std::mem::replace(&mut best[l], this);
                length = l;
            } else {
                best.push(this);
                break;
            }
        }
    }
    let mut pairs = Vec::new();
    let mut at = best.last().copied().unwrap_or(0);
    while at != 0 {
        pairs.push((all[at].0 - 1, all[at].1 - 1));
        at = all[at].2;
    }
    pairs.reverse();
    pairs
}

/// What of a line counts.
fn essence(line: &[u8], options: &Options) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut blank = false;
    for byte in line {
        if byte.is_ascii_whitespace() && (options.has('w') || options.has('b')) {
            blank = true;
            continue;
        }
        if blank && options.has('b') && !options.has('w') {
            out.push(b' ');
        }
        blank = false;
        out.push(if options.has('i') { byte.to_ascii_lowercase() } else { *byte });
    }
    out
}

/// diff.
pub fn diff(p: &mut Process) -> i32 {
    let letters = if p.busybox() { "aBbdEiL:NpqrsS:TtU:uw" } else { "aBbdiL:NqrsS:TtU;uwc;Zyx:pC:eW:" };
    let long = if p.busybox() { &LONG[..LONG.len() - 4] } else { LONG };
    let mut options = match of(p, letters, long) {
        Ok(options) => options,
        Err(status) => return if p.busybox() { status } else { 2 },
    };
    if p.busybox()
        && let Some(Err(status)) = options.value('U').map(|n| super::options::number(p, n, 0..=usize::MAX))
    {
        return status;
    }
    if let Some(position) = p.args.get(1).and_then(|a| a.strip_prefix('-')).filter(|a| a.parse::<usize>().is_ok()) {
        options.given.push(('U', position.to_owned()));
    }
    let [old, new] = options.operands.clone().try_into().unwrap_or_default();
    if new.is_empty() {
        if p.busybox() {
            return usage(p);
        }
        let text = match options.operands.last() {
            None => "missing operand after 'diff'".to_owned(),
            Some(last) => format!("missing operand after '{last}'"),
        };
        p.fail(&text);
        p.err("diff: Try 'diff --help' for more information.\n");
        return 2;
    }
    let (mut a, mut b) = (old, new);
    let same = |p: &Process| p.exists(&a) && p.stat(&a).ok().map(|s| s.0) == p.stat(&b).ok().map(|s| s.0);
    if p.busybox() && (a == "-" && b == "-" || a != "-" && same(p)) {
        return 0;
    }
    for path in [&a, &b] {
        if path != "-"
            && !(options.has('N') && p.busybox() && (p.exists(&a) || p.exists(&b)))
            && let Err(e) = p.stat(path)
        {
            let why = errno::text(e);
            let text = if p.busybox() { format!("can't stat '{path}': {why}") } else { format!("{path}: {why}") };
            p.fail(&text);
            return 2;
        }
    }
    let folder = p.is_dir(&a) != p.is_dir(&b);
    if folder && p.busybox() && (a == "-" || b == "-") {
        return p.fail("can't compare stdin to a directory");
    }
    match (p.is_dir(&a), p.is_dir(&b)) {
        (true, true) => return folders(p, &options, &a, &b, &mut Vec::new()),
        (true, false) => a = inside(&a, b.rsplit('/').next().unwrap_or("")),
        (false, true) => b = inside(&b, a.rsplit('/').next().unwrap_or("")),
        _ => {}
    }
    if folder && p.busybox() {
        for path in [&a, &b] {
            if let Err(e) = p.stat(path) {
                let text = format!("can't stat '{path}': {}", errno::text(e));
                return p.fail(&text);
            }
        }
    }
    files(p, &options, &a, &b)
}

/// Two folders, name by name; `above` are those that they are in.
fn folders(p: &mut Process, options: &Options, a: &str, b: &str, above: &mut Vec<[ImagePath; 2]>) -> i32 {
    let recursive = options.has('r');
    let real = |p: &Process, path: &str| p.stat(path).map_or_else(|_| ImagePath::root(), |(real, _)| real);
    let own = [real(p, a), real(p, b)];
    let loops = |side: usize| above.iter().any(|pair| pair[side] == own[side]);
    if !p.busybox() && (loops(0) || loops(1)) {
        let text = format!("{}: recursive directory loop", if loops(0) { a } else { b });
        p.fail(&text);
        return 2;
    }
    let names = |p: &mut Process, root: &str, other: &str| {
        let mut names = Vec::new();
        if recursive && p.busybox() {
            walk(p, root, other, "", options.has('N'), &mut names)
        } else {
            names = p.list(root).unwrap_or_default()
        }
        names.retain(|name| options.value('S').is_none_or(|first| name.as_str() >= first));
        names
    };
    let (left, right) = (names(p, a, b), names(p, b, a));
    let mut all: BTreeMap<&String, (bool, bool)> = BTreeMap::new();
    left.iter().for_each(|n| all.entry(n).or_default().0 = true);
    right.iter().for_each(|n| all.entry(n).or_default().1 = true);
    let depth = above.len();
    above.push(own);
    let mut status = 0;
    for (name, (in_a, in_b)) in all {
        let (x, y) = (inside(a, name), inside(b, name));
        if options.values('x').any(|x| crate::machine::shell::glob::matches(x, name)) || !p.burn(20) {
            continue;
        }
        let code = if in_a && in_b {
            match (p.is_dir(&x), p.is_dir(&y)) {
                (true, true) if recursive && depth < MAX_DEPTH => folders(p, options, &x, &y, above),
                (true, true) => {
                    p.out(format!("Common subdirectories: {x} and {y}\n"));
                    0
                }
                (false, false) => {
                    if !p.busybox() && (recursive || depth == 0) {
                        title(p, options, &x, &y);
                    }
                    files(p, options, &x, &y)
                }
                (first, _) => {
                    let kind = |folder| if folder { "directory" } else { "regular file" };
                    let text = format!("File {x} is a {} while file {y} is a {}\n", kind(first), kind(!first));
                    p.out(text);
                    1
                }
            }
        } else if options.has('N') && !p.is_dir(if in_a { &x } else { &y }) {
            if !p.busybox() {
                title(p, options, &x, &y);
            }
            files(p, options, &x, &y)
        } else {
            p.out(format!("Only in {}: {name}\n", if in_a { a } else { b }));
            1
        };
        status = code.max(status);
    }
    above.pop();
    status
}

/// GNU shows how each pair of files would be compared.
fn title(p: &mut Process, options: &Options, a: &str, b: &str) {
    let same = p.read(a).ok() == p.read(b).ok();
    if same || options.has('q') {
        return;
    }
    let flags: Vec<String> = p.args[1..].iter().take_while(|arg| arg.starts_with('-') && arg.len() > 1).cloned().collect();
    let flags = flags.join(" ");
    p.out(format!("diff {flags}{}{a} {b}\n", if flags.is_empty() { "" } else { " " }));
}

/// The files below a folder, by their paths in it; without `all` those in folders that the other has too.
fn walk(p: &mut Process, root: &str, other: &str, below: &str, all: bool, out: &mut Vec<String>) {
    if !p.burn(20) {
        return;
    }
    let folder = if below.is_empty() { root.to_owned() } else { inside(root, below) };
    for name in p.list(&folder).unwrap_or_default() {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        match p.stat(&inside(root, &path)) {
            Ok((_, Node::Directory(_))) => {
                if path.matches('/').count() < MAX_DEPTH && (all || p.is_dir(&inside(other, &path))) {
                    walk(p, root, other, &path, all, out);
                }
            }
            _ => out.push(path),
        }
    }
}

fn files(p: &mut Process, options: &Options, a: &str, b: &str) -> i32 {
    let mut data = Vec::new();
    let mut labels = Vec::new();
    for (i, path) in [a, b].into_iter().enumerate() {
        let missing = path != "-" && (p.stat(path).is_err() || p.busybox() && options.has('N') && p.is_dir(path));
        let result = if missing && options.has('N') { Ok(Vec::new()) } else { p.input(path) };
        match result {
            Ok(bytes) => data.push(bytes),
            Err(e) => {
                let why = errno::text(e);
                let text = if p.busybox() { format!("can't open '{path}': {why}") } else { format!("{path}: {why}") };
                p.fail(&text);
                if p.busybox() {
                    return 2;
                }
                continue;
            }
        }
        let shown = if missing && p.busybox() && options.has('r') { "/dev/null" } else { path };
        let time = if missing { 0 } else { p.stat(path).map_or(p.system.now, |(_, n)| n.metadata().mtime) };
        let label = match options.values('L').nth(i) {
            Some(label) => label.to_owned(),
            None if p.busybox() => shown.to_owned(),
            None => format!(
                "{shown}\t{}",
                date::format("%Y-%m-%d %H:%M:%S.%N +0000", time.div_euclid(1_000_000_000), time.rem_euclid(1_000_000_000))
            ),
        };
        labels.push(label);
    }
    if data.len() < 2 {
        return 2;
    }
    p.burn((data[0].len() + data[1].len()) as u64 / 4);
    let (old, new) = (split(&data[0]), split(&data[1]));
    let keys = |lines: &[&[u8]]| lines.iter().map(|l| essence(l, options)).collect::<Vec<_>>();
    let mut found = if data[0] == data[1] { Vec::new() } else { changes(&keys(&old), &keys(&new)) };
    let context = if p.busybox() || options.has('u') || options.has('U') {
        Some(options.value('U').and_then(|n| n.parse().ok()).unwrap_or(3))
    } else {
        None
    };
    if options.has('B') {
        let blank = |lines: &[&[u8]]| lines.iter().all(|l| l.trim_ascii().is_empty());
        let idle = |c: &Change| blank(&old[c.old.0..c.old.1]) && blank(&new[c.new.0..c.new.1]);
        // A hunk is left out if all its changes are of blank lines.
        let mut rest = found.as_slice();
        let mut kept = Vec::new();
        while !rest.is_empty() {
            let (hunk, others) = rest.split_at(context.map_or(1, |context| near(rest, context)));
            if !hunk.iter().all(idle) {
                kept.extend_from_slice(hunk);
            }
            rest = others;
        }
        found = kept;
    }
    if found.is_empty() {
        if options.has('s') {
            p.out(format!("Files {a} and {b} are identical\n"));
        }
        return 0;
    }
    if options.has('q') {
        p.out(format!("Files {a} and {b} differ\n"));
        return 1;
    }
    if (data[0].contains(&0) || data[1].contains(&0)) && !options.has('a') {
        p.out(format!("{}iles {a} and {b} differ\n", if p.busybox() { "F" } else { "Binary f" }));
        return if p.busybox() { 1 } else { 2 };
    }
    let text = match context {
        Some(context) => {
            let look = |lines: &[&[u8]]| lines.iter().map(|l| shown(l, options)).collect::<Vec<_>>();
            let (old, new) = (look(&old), look(&new));
            unified(&old, &new, &found, context, &labels)
        }
        None => normal(&old, &new, &found),
    };
    p.out(text);
    1
}

/// A line as `-t` and `-T` want it.
fn shown(line: &[u8], options: &Options) -> Vec<u8> {
    let mut out = if options.has('T') { vec![b'\t'] } else { Vec::new() };
    let from = out.len();
    for byte in line {
        if *byte == b'\t' && options.has('t') {
            out.resize(from + (out.len() - from) / 8 * 8 + 8, b' ');
        } else {
            out.push(*byte);
        }
    }
    out
}

/// How many of the changes belong to the first hunk.
fn near(changes: &[Change], context: usize) -> usize {
    changes.windows(2).take_while(|w| w[1].old.0 - w[0].old.1 <= 2 * context).count() + 1
}

fn line(out: &mut Vec<u8>, mark: &str, text: &[u8]) {
    out.extend_from_slice(mark.as_bytes());
    out.extend_from_slice(text);
    if !text.ends_with(b"\n") {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

fn unified(old: &[Vec<u8>], new: &[Vec<u8>], found: &[Change], context: usize, labels: &[String]) -> Vec<u8> {
    let mut out = format!("--- {}\n+++ {}\n", labels[0], labels[1]).into_bytes();
    let mut rest = found;
    while let Some(first) = rest.first() {
        let (hunk, others) = rest.split_at(near(rest, context));
        rest = others;
        let last = hunk.last().unwrap_or(first);
        let before = context.min(first.old.0);
        let after = context.min(old.len() - last.old.1);
        let (from, to) = (first.old.0 - before, last.old.1 + after);
        let range = |from: usize, to: usize| match to - from {
            1 => format!("{}", from + 1),
            0 => format!("{from},0"),
            count => format!("{},{count}", from + 1),
        };
        out.extend_from_slice(format!("@@ -{} +{} @@\n", range(from, to), range(first.new.0 - before, last.new.1 + after)).as_bytes());
        let mut at = from;
        for change in hunk {
            old[at..change.old.0].iter().for_each(|l| line(&mut out, " ", l));
            old[change.old.0..change.old.1].iter().for_each(|l| line(&mut out, "-", l));
            new[change.new.0..change.new.1].iter().for_each(|l| line(&mut out, "+", l));
            at = change.old.1;
        }
        old[at..to].iter().for_each(|l| line(&mut out, " ", l));
    }
    out
}

fn normal(old: &[&[u8]], new: &[&[u8]], found: &[Change]) -> Vec<u8> {
    let mut out = Vec::new();
    let range = |(from, to): (usize, usize)| match to - from {
        0 => format!("{from}"),
        1 => format!("{to}"),
        _ => format!("{},{to}", from + 1),
    };
    for change in found {
        let (gone, come) = (change.old.1 > change.old.0, change.new.1 > change.new.0);
        let letter = if gone && come {
            'c'
        } else if gone {
            'd'
        } else {
            'a'
        };
        out.extend_from_slice(format!("{}{letter}{}\n", range(change.old), range(change.new)).as_bytes());
        old[change.old.0..change.old.1].iter().for_each(|l| line(&mut out, "< ", l));
        if gone && come {
            out.extend_from_slice(b"---\n");
        }
        new[change.new.0..change.new.1].iter().for_each(|l| line(&mut out, "> ", l));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, expect: &str) {
        let keys = |t: &str| split(t.as_bytes()).iter().map(|l| l.to_vec()).collect::<Vec<_>>();
        let found = changes(&keys(old), &keys(new));
        let text = normal(&split(old.as_bytes()), &split(new.as_bytes()), &found);
        assert_eq!(String::from_utf8_lossy(&text), expect, "{old} {new}");
    }

    #[test]
    fn finds_changes() {
        check("a\nb\nc\n", "a\nB\nc\n", "2c2\n< b\n---\n> B\n");
        check("a\nc\n", "a\nb\nc\nd\n", "1a2\n> b\n2a4\n> d\n");
        check("a\nb\n", "", "1,2d0\n< a\n< b\n");
        check("x\na\nb\na\n", "a\nb\na\ny", "1d0\n< x\n4a4\n> y\n\\ No newline at end of file\n");
    }
}
