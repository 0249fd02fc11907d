//! grep, egrep and fgrep.

use super::options::{Options, lines, of, open};
use crate::machine::Process;
use crate::machine::regex::{Regex, Syntax};

struct Search {
    patterns: Vec<Regex>,
    options: Options,
    names: bool,
}

/// grep.
pub fn grep(p: &mut Process) -> i32 {
    let long = [
        ("extended-regexp", 'E'),
        ("fixed-strings", 'F'),
        ("ignore-case", 'i'),
        ("invert-match", 'v'),
        ("count", 'c'),
        ("line-number", 'n'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("recursive", 'r'),
        ("files-with-matches", 'l'),
        ("files-without-match", 'L'),
        ("only-matching", 'o'),
        ("word-regexp", 'w'),
        ("line-regexp", 'x'),
        ("no-messages", 's'),
        ("no-filename", 'h'),
        ("with-filename", 'H'),
        ("regexp", 'e'),
        ("file", 'f'),
        ("max-count", 'm'),
        ("after-context", 'A'),
        ("before-context", 'B'),
        ("context", 'C'),
    ];
    let mut options = match of(p, "EFGPivcnqrRlLowxshHaIze:f:m:A:B:C:", &long) {
        Ok(options) => options,
        Err(_) => return 2,
    };
    let mut patterns: Vec<String> = options.values('e').flat_map(|e| e.split('\n')).map(str::to_owned).collect();
    for file in options.values('f').map(str::to_owned).collect::<Vec<_>>() {
        let Some(data) = open(p, &file) else { return 2 };
        patterns.extend(lines(&data).iter().map(|l| String::from_utf8_lossy(l).into_owned()));
    }
    if !options.has('e') && !options.has('f') {
        if options.operands.is_empty() {
            p.err("Usage: grep [OPTION]... PATTERNS [FILE]...\n");
            return 2;
        }
        patterns = options.operands.remove(0).split('\n').map(str::to_owned).collect();
    }
    let patterns = match compile(&patterns, &options, p.name()) {
        Ok(patterns) => patterns,
        Err(text) => {
            p.fail(&text);
            return 2;
        }
    };
    let recursive = options.has('r') || options.has('R');
    let roots = if options.operands.is_empty() && recursive { vec![".".to_owned()] } else { options.files() };
    let names = options.has('H') || !options.has('h') && (roots.len() > 1 || recursive);
    let search = Search { patterns, options, names };
    let mut files = Vec::new();
    for root in roots {
        if recursive && p.is_dir(&root) { walk(p, &root, 0, &mut files) } else { files.push(root) }
    }
    let (mut found, mut failed) = (false, false);
    for file in files {
        if !p.burn(1) {
            break;
        }
        let data = if file != "-" && p.is_dir(&file) { Err(crate::filesystem::Errno::IsADirectory) } else { p.input(&file) };
        match data {
            Ok(data) => found |= search.file(p, &file, &data),
            Err(e) => {
                failed = true;
                if !search.options.has('s') {
                    p.fail(&format!("{file}: {}", crate::machine::errno::text(e)));
                }
            }
        }
        if found && search.options.has('q') {
            return 0;
        }
    }
    if failed { 2 } else { i32::from(!found) }
}

fn compile(patterns: &[String], options: &Options, name: &str) -> Result<Vec<Regex>, String> {
    let syntax =
        Syntax { extended: options.has('E') || options.has('P') || name == "egrep", ignore_case: options.has('i'), multiline: false };
    let fixed = options.has('F') || name == "fgrep";
    let one = |pattern: &String| {
        let mut text = pattern.clone();
        if fixed {
            text = pattern.chars().flat_map(|c| ".[]*^$\\".contains(c).then_some('\\').into_iter().chain([c])).collect();
        }
        let extended = syntax.extended && !fixed;
        if options.has('x') {
            text = if extended { format!("^({text})$") } else { format!("^\\({text}\\)$") };
        }
        Regex::new(text.as_bytes(), Syntax { extended, ..syntax })
    };
    patterns.iter().map(one).collect()
}

fn walk(p: &mut Process, folder: &str, depth: u32, files: &mut Vec<String>) {
    for name in p.list(folder).unwrap_or_default() {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        if depth > 200 || !p.burn(1) {
            return;
        }
        match p.lstat(&path) {
            Ok((_, node)) if node.as_directory().is_some() => walk(p, &path, depth + 1, files),
            Ok((_, crate::filesystem::Node::File(_))) => files.push(path),
            _ => {}
        }
    }
}

impl Search {
    fn find(&self, line: &[u8], from: usize) -> Option<(usize, usize)> {
        let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let one = |regex: &Regex| {
            let mut from = from;
            while from <= line.len() {
                let (start, end) = regex.find(line, from)?[0]?;
                let whole = !word(start.checked_sub(1).and_then(|i| line.get(i))) && !word(line.get(end));
                if whole || !self.options.has('w') {
                    return Some((start, end));
                }
                from = start + 1;
            }
            None
        };
        self.patterns.iter().filter_map(one).min_by_key(|(start, end)| (*start, usize::MAX - end))
    }

    fn file(&self, p: &mut Process, file: &str, data: &[u8]) -> bool {
        let o = &self.options;
        let number = |letter| o.value(letter).or(o.value('C').filter(|_| letter != 'm')).and_then(|v| v.parse::<usize>().ok());
        let (after, before, most) = (number('A').unwrap_or(0), number('B').unwrap_or(0), number('m').unwrap_or(usize::MAX));
        let all = lines(data);
        p.burn(all.len() as u64);
        let hits: Vec<usize> = (0..all.len()).filter(|i| self.find(all[*i], 0).is_some() != o.has('v')).take(most).collect();
        let shown = if file == "-" { "(standard input)" } else { file };
        let found = !hits.is_empty();
        if o.has('q') {
            return found;
        }
        if o.has('l') || o.has('L') {
            if found == o.has('l') {
                p.out(format!("{shown}\n"));
            }
            return found;
        }
        let prefix = |mark: char, i: usize| {
            let name = if self.names { format!("{shown}{mark}") } else { String::new() };
            if o.has('n') { format!("{name}{}{mark}", i + 1) } else { name }
        };
        if o.has('c') {
            let name = if self.names { format!("{shown}:") } else { String::new() };
            p.out(format!("{name}{}\n", hits.len()));
            return found;
        }
        let mut next = 0;
        for hit in &hits {
            if o.has('o') {
                if !o.has('v') {
                    self.parts(p, all[*hit], &prefix(':', *hit));
                }
                continue;
            }
            let from = hit.saturating_sub(before).max(next);
            if after + before > 0 && next > 0 && from > next {
                p.out("--\n");
            }
            let last = hit.saturating_add(after).min(all.len() - 1);
            for (i, line) in all.iter().enumerate().take(last + 1).skip(from) {
                let is_hit = hits.binary_search(&i).is_ok();
                if i > *hit && is_hit {
                    break;
                }
                p.out(prefix(if is_hit { ':' } else { '-' }, i));
                p.out(line);
                p.out("\n");
                next = i + 1;
            }
        }
        found
    }

    fn parts(&self, p: &mut Process, line: &[u8], prefix: &str) {
        let mut at = 0;
        while at < line.len() {
            let Some((start, end)) = self.find(line, at) else { return };
            if end > start {
                p.out(prefix);
                p.out(&line[start..end]);
                p.out("\n");
            }
            at = end.max(start + 1);
        }
    }
}
