//! grep, egrep and fgrep.

use super::options::{Options, lines, of, open};
use crate::machine::Process;
use crate::machine::regex::{Regex, Syntax};
use crate::machine::shell::glob;

const USAGE: &str = "Usage: grep [OPTION]... PATTERNS [FILE]...\n";

struct Search {
    /// With each the group that is shown: 0 is all of the match.
    patterns: Vec<(Regex, usize)>,
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
        ("text", 'a'),
        ("byte-offset", 'b'),
        ("null-data", 'z'),
        ("perl-regexp", 'P'),
        ("basic-regexp", 'G'),
        ("include", '\u{1}'),
        ("exclude", '\u{2}'),
        ("exclude-dir", '\u{3}'),
        ("color", '\u{4}'),
        ("colour", '\u{4}'),
        ("line-buffered", '\u{5}'),
        ("binary-files", '\u{6}'),
        ("null", 'Z'),
        ("dereference-recursive", 'R'),
        ("label", '\u{7}'),
        ("no-ignore-case", '\u{5}'),
    ];
    let letters = if p.busybox() {
        "EFGivcnqrRlLowxshHaIze:f:m:A:B:C:\u{4};"
    } else {
        "EFGPiyvcnqrRlLowxshHaIzbUZTVe:f:m:A:B:C:d:D:\u{1}:\u{2}:\u{3}:\u{4};\u{5}\u{6}:\u{7}:"
    };
    let long = if p.busybox() { &[("color", '\u{4}')] } else { &long[..] };
    // GNU's `-5` is `-C 5`.
    if !p.busybox()
        && let Some(first) = p.args.get_mut(1)
        && first.strip_prefix('-').is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
    {
        *first = format!("-C{}", &first[1..]);
    }
    let mut options = match of(p, letters, long) {
        Ok(options) => options,
        Err(_) => return 2,
    };
    if let Some(bad) = "ABC".chars().filter_map(|c| options.value(c)).find(|v| v.parse::<u64>().is_err()).filter(|_| !p.busybox()) {
        let text = format!("{bad}: invalid context length argument");
        p.fail(&text);
        return 2;
    }
    for count in "ABCm".chars().filter_map(|c| options.value(c)).filter(|_| p.busybox()).map(str::to_owned).collect::<Vec<_>>() {
        if super::options::number(p, &count, 0..=usize::MAX).is_err() {
            return 2;
        }
    }
    let mut patterns: Vec<String> = options.values('e').flat_map(|e| e.split('\n')).map(str::to_owned).collect();
    for file in options.values('f').map(str::to_owned).collect::<Vec<_>>() {
        let Some(data) = open(p, &file) else { return 2 };
        patterns.extend(lines(&data).iter().map(|l| String::from_utf8_lossy(l).into_owned()));
    }
    if !options.has('e') && !options.has('f') {
        if options.operands.is_empty() {
            if !p.busybox() {
                p.err(USAGE);
            }
            return super::options::usage(p);
        }
        patterns = options.operands.remove(0).split('\n').map(str::to_owned).collect();
    }
    let (patterns, bad) = match compile(&patterns, &options, p.name(), p.busybox()) {
        Ok(patterns) => (patterns, None),
        Err(text) => (Vec::new(), Some(text)),
    };
    // busybox compiles when there is a line to look at.
    if let Some(text) = bad.as_ref().filter(|_| !p.busybox()) {
        p.fail(text);
        return 2;
    }
    let recursive = options.has('r') || options.has('R');
    let unnamed = options.operands.is_empty();
    let roots = if options.operands.is_empty() && recursive { vec![".".to_owned()] } else { options.files() };
    let names = options.has('H') || !options.has('h') && (roots.len() > 1 || recursive && p.is_dir(&roots[0]));
    let search = Search { patterns, options, names };
    let mut files = Vec::new();
    for root in roots {
        if recursive && p.is_dir(&root) { walk(p, &root, 0, &search.options, &mut files) } else { files.push(root) }
    }
    // Without a folder GNU's searches the one it is in, and does not name it.
    if recursive && unnamed && !p.busybox() {
        files.iter_mut().for_each(|f| *f = f.trim_start_matches("./").to_owned());
    }
    let (mut found, mut failed) = (false, false);
    // How many lines of the file were gone through when the last one was printed.
    let mut last = None;
    let named = |file: &str, letter: char| search.options.values(letter).any(|g| glob::matches(g, file.rsplit('/').next().unwrap_or("")));
    let wanted = |file: &String| {
        let folders = file.rsplit_once('/').map_or("", |(f, _)| f);
        (!search.options.has('\u{1}') || named(file, '\u{1}'))
            && !named(file, '\u{2}')
            && !folders.split('/').any(|f| search.options.values('\u{3}').any(|g| glob::matches(g, f)))
    };
    for file in files {
        if !p.burn(1) || recursive && !wanted(&file) {
            continue;
        }
        let data = if file != "-" && p.is_dir(&file) { Err(crate::filesystem::Errno::IsADirectory) } else { p.input(&file) };
        match data {
            Ok(data) if bad.is_some() && !data.is_empty() => {
                p.fail(&bad.unwrap_or_default());
                return 2;
            }
            Ok(data) => found |= search.file(p, &file, &data, &mut last),
            Err(crate::filesystem::Errno::IsADirectory) if p.busybox() => {}
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

fn compile(patterns: &[String], options: &Options, name: &str, busybox: bool) -> Result<Vec<(Regex, usize)>, String> {
    let syntax = Syntax {
        extended: options.has('E') || options.has('P') || name == "egrep",
        ignore_case: options.has('i') || options.has('y'),
        ..Syntax::default()
    };
    let fixed = options.has('F') || name == "fgrep";
    let one = |pattern: &String| {
        let mut text = pattern.clone();
        if fixed {
            text = pattern.chars().flat_map(|c| ".[]*^$\\".contains(c).then_some('\\').into_iter().chain([c])).collect();
        }
        let extended = syntax.extended && !fixed;
        let mut shown = 0;
        if options.has('P') && !fixed {
            let perl = super::perl::translate(&text).ok_or_else(|| format!("bottleship: -P '{pattern}' is not simulated"))?;
            (text, shown) = (perl.pattern, perl.shown);
        }
        if options.has('x') {
            text = if extended { format!("^({text})$") } else { format!("^\\({text}\\)$") };
        }
        Regex::new(text.as_bytes(), Syntax { extended, ..syntax })
            .map(|regex| (regex, shown + usize::from(shown > 0 && options.has('x'))))
            .map_err(|why| match why.as_str() {
                _ if busybox => format!("bad regex '{pattern}'"),
                "Invalid regular expression" => "Unmatched [, [^, [:, [., or [=".to_owned(),
                _ => why,
            })
    };
    patterns.iter().map(one).collect()
}

fn walk(p: &mut Process, folder: &str, depth: u32, options: &Options, files: &mut Vec<String>) {
    for name in p.list(folder).unwrap_or_default() {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        if depth > 200 || !p.burn(1) {
            return;
        }
        match p.lstat(&path) {
            Ok((_, node)) if node.as_directory().is_some() => walk(p, &path, depth + 1, options, files),
            Ok((_, crate::filesystem::Node::File(_))) => files.push(path),
            // busybox reads what a link points to; into folders only -R goes by links.
            Ok((_, crate::filesystem::Node::Symlink(_))) if p.busybox() || options.has('R') => match p.stat(&path) {
                Ok((_, node)) if node.as_directory().is_none() => files.push(path),
                Ok(_) if options.has('R') => walk(p, &path, depth + 1, options, files),
                Ok(_) => {}
                Err(_) if options.has('s') => {}
                Err(e) => drop(p.fail(&format!("{path}: {}", crate::machine::errno::text(e)))),
            },
            _ => {}
        }
    }
}

impl Search {
    fn find(&self, line: &[u8], from: usize) -> Option<(usize, usize)> {
        let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let one = |(regex, shown): &(Regex, usize)| {
            let mut from = from;
            while from <= line.len() {
                let (start, end) = (*regex.find(line, from)?.get(*shown)?)?;
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

    fn file(&self, p: &mut Process, file: &str, data: &[u8], last: &mut Option<usize>) -> bool {
        let o = &self.options;
        let number = |letter| o.value(letter).or(o.value('C').filter(|_| letter != 'm')).and_then(|v| v.parse::<usize>().ok());
        let (after, before, most) = (number('A').unwrap_or(0), number('B').unwrap_or(0), number('m').unwrap_or(usize::MAX));
        let end = if o.has('z') { b'\0' } else { b'\n' };
        let mut all: Vec<&[u8]> = data.split(|b| *b == end).collect();
        if all.last().is_some_and(|l| l.is_empty()) {
            all.pop();
        }
        p.burn(all.len() as u64);
        let is_hit = |i: &usize| self.find(all[*i], 0).is_some() != o.has('v');
        // To busybox no line at all is one that is not shown.
        let mut hits: Vec<usize> = (0..all.len()).filter(is_hit).take(most.max(usize::from(p.busybox()))).collect();
        let label = o.value('\u{7}').unwrap_or("(standard input)");
        let shown = if file == "-" { label } else { file };
        let zero = if o.has('Z') { '\0' } else { '\n' };
        let found = !hits.is_empty();
        if o.has('q') {
            return found;
        }
        if o.has('l') || o.has('L') {
            if found == o.has('l') {
                p.out(format!("{shown}{zero}"));
            }
            return found;
        }
        let offset = |line: &[u8]| line.as_ptr() as usize - data.as_ptr() as usize;
        let prefix = |mark: char, i: usize, part: &[u8]| {
            let mut text = if self.names { format!("{shown}{mark}") } else { String::new() };
            if o.has('n') {
                text += &format!("{}{mark}", i + 1);
            }
            if o.has('b') {
                text += &format!("{}{mark}", offset(part));
            }
            text
        };
        if o.has('c') {
            let name = if self.names { format!("{shown}:") } else { String::new() };
            p.out(format!("{name}{}\n", hits.len()));
            return found;
        }
        if found && !p.busybox() && !o.has('a') && !o.has('z') && data.contains(&0) {
            if !o.has('I') {
                p.out(format!("grep: {shown}: binary file matches\n"));
            }
            return found && !o.has('I');
        }
        hits.truncate(most);
        let mut next = 0;
        for hit in &hits {
            if o.has('o') {
                if !o.has('v') {
                    self.parts(p, all[*hit], &|part| prefix(':', *hit, part));
                }
                continue;
            }
            let from = hit.saturating_sub(before).max(next);
            if after + before > 0 && last.is_some_and(|last| last != from || next == 0 && !p.busybox()) {
                p.out("--\n");
            }
            let end_of_context = hit.saturating_add(after).min(all.len() - 1);
            for (i, line) in all.iter().enumerate().take(end_of_context + 1).skip(from) {
                let is_hit = if i > *hit && p.busybox() { is_hit(&i) } else { hits.binary_search(&i).is_ok() };
                if i > *hit && is_hit {
                    break;
                }
                p.out(prefix(if is_hit { ':' } else { '-' }, i, line));
                if is_hit && !o.has('v') && o.value('\u{4}') == Some("always") {
                    p.out(self.coloured(line));
                } else {
                    p.out(line);
                }
                p.out([end]);
                next = i + 1;
                *last = Some(next);
            }
        }
        found
    }

    /// A line with what matches in bold red.
    fn coloured(&self, line: &[u8]) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), 0);
        while let Some((start, end)) = self.find(line, at).filter(|(start, end)| end > start) {
            out.extend_from_slice(&line[at..start]);
            out.extend(b"\x1b[01;31m\x1b[K");
            out.extend_from_slice(&line[start..end]);
            out.extend(b"\x1b[m\x1b[K");
            at = end;
        }
        out.extend_from_slice(&line[at..]);
        out
    }

    fn parts(&self, p: &mut Process, line: &[u8], prefix: &dyn Fn(&[u8]) -> String) {
        let mut at = 0;
        while at < line.len() {
            let Some((start, end)) = self.find(line, at) else { return };
            if end > start {
                p.out(prefix(&line[start..end]));
                p.out(&line[start..end]);
                p.out("\n");
            }
            at = end.max(start + 1);
        }
    }
}
