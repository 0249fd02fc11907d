//! patch: unified diffs applied.

use super::options::of;
use crate::machine::{Process, errno};

struct Hunk {
    old: (usize, usize),
    new: (usize, usize),
    /// Mark and text of each line, with its newline if it has one.
    lines: Vec<(u8, Vec<u8>)>,
    /// It ends before it has all its lines.
    broken: bool,
}

struct FilePatch {
    old: String,
    new: String,
    hunks: Vec<Hunk>,
}

/// Reads a patch; lines that belong to none are skipped.
fn parse(data: &[u8], busybox: bool) -> Vec<FilePatch> {
    let lines: Vec<&[u8]> = data.split_inclusive(|b| *b == b'\n').collect();
    let text = |line: &[u8]| String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned();
    let name = |line: &str| line[4..].split('\t').next().unwrap_or("").trim_end().to_owned();
    let mut files: Vec<FilePatch> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = text(lines[at]);
        let next = lines.get(at + 1).map(|l| text(l)).unwrap_or_default();
        if line.starts_with("--- ") && next.starts_with("+++ ") {
            files.push(FilePatch { old: name(&line), new: name(&next), hunks: Vec::new() });
            at += 2;
            continue;
        }
        at += 1;
        let (Some(file), Some(hunk)) = (files.last_mut(), hunk(&line)) else { continue };
        let mut hunk = hunk;
        let (mut old, mut new) = (hunk.old.1, hunk.new.1);
        while at < lines.len() && (old > 0 || new > 0 || lines[at].starts_with(b"\\")) {
            let (mark, body) = match lines[at] {
                [b'\n'] | [b'\r', b'\n'] => (b' ', lines[at]),
                [mark @ (b' ' | b'-' | b'+' | b'\\'), body @ ..] => (*mark, body),
                _ => break,
            };
            at += 1;
            // busybox does not know the mark of a line without newline.
            if mark == b'\\' && busybox {
                hunk.broken = old > 0 || new > 0;
                break;
            }
            if mark == b'\\' {
                if let Some((_, last)) = hunk.lines.last_mut() {
                    last.pop();
                }
                continue;
            }
            old = old.saturating_sub(usize::from(mark != b'+'));
            new = new.saturating_sub(usize::from(mark != b'-'));
            hunk.lines.push((mark, body.to_vec()));
        }
        if !busybox
            && lines.get(at).is_some_and(|l| l.starts_with(b"\\"))
            && let Some((_, last)) = hunk.lines.last_mut()
        {
            last.pop();
            at += 1;
        }
        file.hunks.push(hunk);
    }
    files
}

/// `@@ -1,2 +3,4 @@`.
fn hunk(line: &str) -> Option<Hunk> {
    let (old, new) = line.strip_prefix("@@ -")?.split_once(" @@")?.0.split_once(" +")?;
    let range = |text: &str| {
        let (from, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((from.parse().ok()?, count.parse().ok()?))
    };
    Some(Hunk { old: range(old)?, new: range(new)?, lines: Vec::new(), broken: false })
}

fn stripped(name: &str, count: Option<usize>) -> String {
    let Some(count) = count else { return name.rsplit('/').next().unwrap_or("").to_owned() };
    let mut rest = name;
    for _ in 0..count {
        match rest.split_once('/') {
            Some((_, tail)) => rest = tail.trim_start_matches('/'),
            None => break,
        }
    }
    rest.to_owned()
}

/// patch.
pub fn patch(p: &mut Process) -> i32 {
    let long = [
        ("strip", 'p'),
        ("input", 'i'),
        ("reverse", 'R'),
        ("forward", 'N'),
        ("dry-run", 'n'),
        ("directory", 'd'),
        ("silent", 's'),
        ("quiet", 's'),
        ("remove-empty-files", 'E'),
        ("force", 'f'),
        ("batch", 't'),
        ("backup", 'b'),
        ("output", 'o'),
        ("unified", 'u'),
        ("verbose", 'v'),
        ("fuzz", 'F'),
        ("reject-file", 'r'),
    ];
    let known: &[(&str, char)] = if p.busybox() { &long[..5] } else { &long };
    let options = match of(p, if p.busybox() { "p:i:RNEnuf" } else { "p:i:RNEnd:sftbo:uvF:r:lT" }, known) {
        Ok(options) => options,
        Err(status) => return if p.busybox() { status } else { 2 },
    };
    let input = options.value('i').map(str::to_owned).or_else(|| options.operands.get(1).cloned()).unwrap_or("-".into());
    let data = match p.input(&input) {
        Ok(data) => data,
        Err(e) => {
            let why = errno::text(e);
            if p.busybox() {
                return p.fail(&format!("can't open '{input}': {why}"));
            }
            p.err(format!("patch: **** Can't open patch file {input} : {why}\n"));
            return 2;
        }
    };
    if let Some(folder) = options.value('d').map(str::to_owned) {
        match p.stat(&folder) {
            Ok((real, _)) => p.cwd = real,
            Err(e) => return p.fail(&format!("**** Can't change to directory {folder} : {}", errno::text(e))).max(2),
        }
    }
    if p.busybox()
        && let Some(Err(status)) = options.value('p').map(|n| super::options::number(p, n, 0..=usize::MAX))
    {
        return status;
    }
    let count = options.value('p').and_then(|n| n.parse().ok());
    let files = parse(&data, p.busybox());
    if files.is_empty() && !p.busybox() && !data.is_empty() {
        p.err("patch: **** Only garbage was found in the patch input.\n");
        return 2;
    }
    let mut status = 0;
    for mut file in files {
        let back = options.has('R');
        let mut chosen = options.operands.first().cloned().unwrap_or_else(|| target(p, &file, count));
        // busybox takes the old name where nothing is left, and does not turn the names round.
        let empties = file.new == "/dev/null" || file.hunks.iter().all(|h| if back { h.old.1 } else { h.new.1 } == 0);
        if p.busybox() && options.operands.is_empty() {
            chosen = stripped(if empties { &file.old } else { &file.new }, count.or(Some(0)));
        }
        if back {
            reverse(&mut file);
        }
        if p.busybox() && options.has('E') && empties && !file.hunks.is_empty() {
            p.out(format!("removing {chosen}\n"));
            if let Err(e) = p.remove_all(&chosen) {
                status = p.fail(&format!("can't remove file '{chosen}': {}", errno::text(e)));
            }
            continue;
        }
        let code = apply(p, &file, &chosen, options.has('n'), options.has('s'));
        status = code.max(status);
        if code > 1 || code == 1 && p.busybox() && !p.exists(&chosen) {
            return if p.busybox() { 1 } else { code };
        }
    }
    status
}

fn reverse(file: &mut FilePatch) {
    std::mem::swap(&mut file.old, &mut file.new);
    for hunk in &mut file.hunks {
        std::mem::swap(&mut hunk.old, &mut hunk.new);
        for (mark, _) in &mut hunk.lines {
            *mark = match *mark {
                b'+' => b'-',
                b'-' => b'+',
                mark => mark,
            };
        }
    }
}

/// The file that is meant.
fn target(p: &Process, file: &FilePatch, count: Option<usize>) -> String {
    let count = if p.busybox() { count.or(Some(0)) } else { count };
    let (old, new) = (stripped(&file.old, count), stripped(&file.new, count));
    match () {
        () if file.new == "/dev/null" => old,
        () if file.old == "/dev/null" || p.busybox() => new,
        () if p.exists(&old) => old,
        () => new,
    }
}

fn apply(p: &mut Process, file: &FilePatch, path: &str, dry: bool, silent: bool) -> i32 {
    let creates = file.old == "/dev/null" && !p.busybox() || file.hunks.first().is_some_and(|h| h.old == (0, 0));
    let fresh = creates && (p.busybox() || !p.exists(path));
    if !p.busybox() && !fresh && !p.exists(path) {
        p.out(format!(
            "can't find file to patch at input line 3\nPerhaps you used the wrong -p or --strip option?\nThe text leading up to this was:\n\
             --------------------------\n|--- {}\n|+++ {}\n--------------------------\nFile to patch: \nSkip this patch? [y] \nSkipping patch.\n{} out of {} hunk{} ignored\n",
            file.old,
            file.new,
            file.hunks.len(),
            file.hunks.len(),
            if file.hunks.len() == 1 { "" } else { "s" }
        ));
        return 1;
    }
    if !silent {
        let verb = match (fresh && p.busybox(), dry) {
            (true, _) => "creating",
            (_, true) if !p.busybox() => "checking file",
            _ => "patching file",
        };
        p.out(format!("{verb} {path}\n"));
    }
    if fresh && p.exists(path) {
        return p.fail(&format!("can't open '{path}': {}", errno::text(crate::filesystem::Errno::Exists))) + 1;
    }
    let data = match p.read(path) {
        Ok(data) => data,
        Err(_) if fresh => Vec::new(),
        Err(e) => {
            let why = errno::text(e);
            return p.fail(&format!("can't open '{path}': {why}"));
        }
    };
    let old: Vec<Vec<u8>> = data.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let mut out: Vec<Vec<u8>> = Vec::new();
    let (mut at, mut shift, mut failed) = (0usize, 0isize, Vec::new());
    for (number, hunk) in file.hunks.iter().enumerate() {
        let wanted: Vec<&Vec<u8>> = hunk.lines.iter().filter(|(m, _)| *m != b'+').map(|(_, l)| l).collect();
        let expected = hunk.old.0.saturating_sub(usize::from(hunk.old.1 > 0)).saturating_add_signed(shift);
        p.burn((old.len() * wanted.len().max(1)) as u64 / 8);
        let found = find(&old, &wanted, at, expected);
        let Some((place, fuzz)) = found.filter(|(_, fuzz)| (*fuzz == 0 || !p.busybox()) && !hunk.broken) else {
            failed.push(number);
            continue;
        };
        let offset = place as isize - expected as isize;
        if !p.busybox() && !silent && (offset != 0 || fuzz > 0) {
            let fuzzy = if fuzz > 0 { format!(" with fuzz {fuzz}") } else { String::new() };
            let away = match offset {
                0 => String::new(),
                1 | -1 => format!(" (offset {offset} line)"),
                _ => format!(" (offset {offset} lines)"),
            };
            p.out(format!("Hunk #{} succeeded at {}{fuzzy}{away}.\n", number + 1, place + 1));
        }
        shift += offset;
        out.extend_from_slice(&old[at..place]);
        let mut line = place;
        for (mark, text) in &hunk.lines {
            match mark {
                b'+' => out.push(text.clone()),
                b'-' => line += 1,
                _ => {
                    out.extend(old.get(line).cloned());
                    line += 1;
                }
            }
        }
        at = line;
    }
    out.extend_from_slice(&old[at.min(old.len())..]);
    if !failed.is_empty() && p.busybox() {
        let first = failed[0];
        let hunk = &file.hunks[first];
        let mut text = format!("Hunk {} FAILED {}/{}.\n", first + 1, hunk.old.0, hunk.new.0).into_bytes();
        hunk.lines.iter().for_each(|(mark, line)| {
            text.push(*mark);
            text.extend_from_slice(line);
        });
        p.err(text);
        return 1;
    }
    let body = out.concat();
    let removes = file.new == "/dev/null" && body.is_empty();
    if !dry && failed.len() < file.hunks.len() {
        let result = match path.rsplit_once('/') {
            Some((folder, _)) if fresh => p.mkdir_all(folder),
            _ => Ok(()),
        };
        let result = result.and_then(|()| if removes && !p.busybox() { p.remove_all(path) } else { p.write(path, body) });
        if let Err(e) = result {
            return p.fail(&format!("can't open '{path}': {}", errno::text(e)));
        }
    }
    if failed.is_empty() {
        return 0;
    }
    let total = file.hunks.len();
    for number in &failed {
        p.out(format!("Hunk #{} FAILED at {}.\n", number + 1, file.hunks[*number].old.0));
    }
    let s = if total == 1 { "" } else { "s" };
    p.out(format!("{} out of {total} hunk{s} FAILED -- saving rejects to file {path}.rej\n", failed.len()));
    let mut rejects = format!("--- {}\n+++ {}\n", file.old, file.new).into_bytes();
    for hunk in failed.iter().map(|n| &file.hunks[*n]) {
        rejects.extend(format!("@@ -{},{} +{},{} @@\n", hunk.old.0, hunk.old.1, hunk.new.0, hunk.new.1).into_bytes());
        hunk.lines.iter().for_each(|(mark, line)| {
            rejects.push(*mark);
            rejects.extend_from_slice(line);
        });
    }
    // A reject file that cannot be written changes nothing.
    let _ = p.write(&format!("{path}.rej"), rejects);
    1
}

/// The place nearest to `expected` where the lines stand, and how many lines of context were left out at both ends.
fn find(old: &[Vec<u8>], wanted: &[&Vec<u8>], from: usize, expected: usize) -> Option<(usize, usize)> {
    for fuzz in 0..=2usize.min(wanted.len().saturating_sub(1) / 2) {
        let part = &wanted[fuzz..wanted.len() - fuzz];
        let fits = |start: usize| {
            start >= from
                && old.get(start + fuzz..start + fuzz + part.len()).is_some_and(|lines| lines.iter().zip(part).all(|(a, b)| a == *b))
        };
        let reach = old.len() + 1;
        let near = (0..=reach).flat_map(|d| [expected.checked_add(d), expected.checked_sub(d)]).flatten();
        if let Some(place) = near.into_iter().find(|s| fits(*s)) {
            return Some((place, fuzz));
        }
    }
    None
}
