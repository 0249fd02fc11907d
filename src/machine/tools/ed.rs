//! ed: the line editor, for scripts.

mod address;
mod change;

use super::options::{lines, of};
use crate::base::Map;
use crate::machine::regex::Regex;
use crate::machine::{Process, errno};

/// Most lines of a buffer.
const MAX_LINES: u64 = 1 << 20;

struct Editor {
    lines: Vec<Vec<u8>>,
    at: usize,
    file: String,
    marks: Map<u8, Vec<u8>>,
    last: Option<(Vec<u8>, Regex)>,
    replacement: (Vec<u8>, bool, bool, usize),
    undo: (Vec<Vec<u8>>, usize),
    changed: bool,
    warned: bool,
    silent: bool,
    why: String,
    told: bool,
    cut: Vec<Vec<u8>>,
    script: Vec<Vec<u8>>,
    next: usize,
}

enum Stop {
    Error(&'static str),
    Quit,
}

type Done = Result<(), Stop>;

fn error<T>(why: &'static str) -> Result<T, Stop> {
    Err(Stop::Error(why))
}

/// ed.
pub fn ed(p: &mut Process) -> i32 {
    let options = match of(
        p,
        if p.debian_busybox() { "" } else { "sp:EGlrv" },
        &[("quiet", 's'), ("silent", 's'), ("prompt", 'p'), ("extended-regexp", 'E')],
    ) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut e = Editor {
        lines: Vec::new(),
        at: 0,
        file: String::new(),
        marks: Map::default(),
        last: None,
        replacement: (Vec::new(), false, false, 1),
        undo: (Vec::new(), 0),
        changed: false,
        warned: false,
        silent: options.has('s'),
        why: String::new(),
        told: false,
        cut: Vec::new(),
        script: Vec::new(),
        next: 0,
    };
    if let Some(file) = options.operands.first().cloned() {
        e.file = file;
        if e.open(p).is_err() {
            e.file = options.operands[0].clone();
        }
        e.undo = (e.lines.clone(), e.at);
    }
    let data = p.stdin();
    e.script = lines(&data).iter().map(|l| l.to_vec()).collect();
    let prompt = options.value('p').map(str::to_owned);
    let mut status = 0;
    loop {
        if let Some(prompt) = &prompt {
            p.out(prompt);
        }
        let Some(line) = e.script.get(e.next).cloned() else {
            if !e.changed || e.warned {
                break;
            }
            // The end of the script is a `q`.
            e.warned = true;
            e.complain(p, "Warning: buffer modified");
            status = 1;
            continue;
        };
        e.next += 1;
        if !p.burn(5) {
            return 1;
        }
        match e.command(p, &line, 0) {
            Ok(()) => {}
            Err(Stop::Quit) => break,
            Err(Stop::Error(why)) => {
                e.complain(p, why);
                status = 1;
            }
        }
    }
    status
}

impl Editor {
    fn complain(&mut self, p: &mut Process, why: &str) {
        self.why = why.to_owned();
        p.out("?\n");
        if self.told {
            p.out(format!("{why}\n"));
        }
    }

    /// The next line of a text that is being entered.
    fn entered(&mut self) -> Option<Vec<u8>> {
        let line = self.script.get(self.next).cloned()?;
        self.next += 1;
        (line != b".").then_some(line)
    }

    fn text(&mut self) -> Vec<Vec<u8>> {
        let mut text = Vec::new();
        while let Some(line) = self.entered() {
            text.push(line);
        }
        text
    }

    fn open(&mut self, p: &mut Process) -> Done {
        let file = self.file.clone();
        match p.input(&file) {
            Ok(data) => {
                self.lines = lines(&data).iter().map(|l| l.to_vec()).collect();
                self.at = self.lines.len();
                self.say(p, data.len() + usize::from(!data.is_empty() && !data.ends_with(b"\n")));
                Ok(())
            }
            Err(e) => {
                let text = if p.busybox() { format!("ed: {file}: {}\n", errno::text(e)) } else { format!("{file}: {}\n", errno::text(e)) };
                p.err(text);
                self.why = "Cannot open input file".into();
                error("Cannot open input file")
            }
        }
    }

    fn say(&self, p: &mut Process, bytes: usize) {
        if !self.silent {
            p.out(format!("{bytes}\n"));
        }
    }

    fn command(&mut self, p: &mut Process, line: &[u8], depth: usize) -> Done {
        let mut rest = line;
        let mut given: Vec<usize> = Vec::new();
        loop {
            let found = self.address(&mut rest)?;
            match rest.first() {
                Some(sign @ (b',' | b';' | b'%')) => {
                    let sign = *sign;
                    rest = &rest[1..];
                    let first = found.unwrap_or(if sign == b';' { self.at } else { 1.min(self.lines.len()) });
                    if sign == b';' {
                        self.at = first;
                    }
                    let second = self.address(&mut rest)?;
                    let all = found.is_none() && second.is_none();
                    given = vec![first, second.unwrap_or(if all { self.lines.len() } else { first })];
                    if !matches!(rest.first(), Some(b',' | b';')) {
                        break;
                    }
                }
                _ => {
                    given.extend(found);
                    break;
                }
            }
        }
        let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        rest = &rest[blanks..];
        let (name, rest) = rest.split_first().map_or((b'\n', rest), |(n, r)| (*n, r));
        if name != b'q' && name != b'e' {
            self.warned = false;
        }
        let count = self.lines.len();
        let (default_from, default_to) = match name {
            b'g' | b'v' | b'w' | b'W' | b'G' | b'V' => (1.min(count), count),
            b'j' => (self.at, (self.at + 1).min(count)),
            b'=' | b'r' => (count, count),
            b'\n' => ((self.at + 1), self.at + 1),
            _ => (self.at, self.at),
        };
        let (from, to) = match given[..] {
            [] => (default_from, default_to),
            [one] if name == b'j' => (one, one),
            [one] => (one, one),
            [.., a, b] => (a, b),
        };
        let empty_ok = matches!(
            name,
            b'a' | b'i'
                | b'r'
                | b'='
                | b'w'
                | b'q'
                | b'Q'
                | b'e'
                | b'E'
                | b'f'
                | b'h'
                | b'H'
                | b'u'
                | b'x'
                | b'!'
                | b'g'
                | b'v'
                | b'P'
                | b'#'
                | b'W'
        ) || name == b'c' && count == 0;
        if from > to || to > count || from == 0 && !empty_ok {
            return error("Invalid address");
        }
        if matches!(name, b'q' | b'Q' | b'u' | b'h' | b'H' | b'f' | b'e' | b'E' | b'P') && !given.is_empty() {
            return error("Unexpected address");
        }
        let words = String::from_utf8_lossy(rest.strip_prefix(b" ").unwrap_or(rest)).trim().to_owned();
        let changes = matches!(name, b'a' | b'i' | b'c' | b'd' | b'j' | b'm' | b't' | b's' | b'r' | b'x');
        // A change has the lines copied, of a `g` for every line; others may search them.
        let (many, bytes) = (self.lines.len() as u64, self.lines.iter().map(Vec::len).sum::<usize>() as u64);
        if many > MAX_LINES {
            p.system.halt("the buffer of ed has grown too large");
        }
        if !p.burn(if changes || depth > 0 { 10 * many + bytes / 4 } else { 2 * many + bytes / 16 }) {
            return Err(Stop::Quit);
        }
        if depth == 0 && (changes || matches!(name, b'g' | b'v')) {
            self.undo = (self.lines.clone(), self.at);
        }
        match name {
            b'#' => {}
            b'\n' | b'p' | b'n' | b'l' => {
                self.show(p, from, to, if name == b'\n' { b'p' } else { name });
            }
            b'a' | b'i' | b'c' => {
                let text = self.text();
                let (at, end) = match name {
                    b'a' => (to, to),
                    b'i' => (to.saturating_sub(1), to.saturating_sub(1)),
                    _ => (from.saturating_sub(1), to),
                };
                let many = text.len();
                self.lines.splice(at..end, text);
                self.at = if many > 0 {
                    at + many
                } else if name == b'c' {
                    (at + 1).min(self.lines.len())
                } else {
                    to
                };
                self.changed = true;
                self.suffix(p, rest)?;
            }
            b'd' => {
                self.cut = self.lines.splice(from - 1..to, Vec::new()).collect();
                self.at = from.min(self.lines.len());
                self.changed = true;
                self.suffix(p, rest)?;
            }
            b'y' => self.cut = self.lines[from - 1..to].to_vec(),
            b'x' => {
                let text = self.cut.clone();
                self.at = to + text.len();
                self.lines.splice(to..to, text);
                self.changed = true;
            }
            b'j' => {
                if from < to {
                    let joined = self.lines[from - 1..to].concat();
                    self.lines.splice(from - 1..to, [joined]);
                    self.changed = true;
                    self.at = from;
                }
                self.suffix(p, rest)?;
            }
            b'm' | b't' => {
                let mut after = rest;
                let target = self.address(&mut after)?.unwrap_or(self.at);
                let block = self.lines[from - 1..to].to_vec();
                let many = block.len();
                if name == b'm' {
                    if target >= from && target < to {
                        return error("Invalid destination");
                    }
                    self.lines.splice(from - 1..to, Vec::new());
                    let at = if target >= to { target - many } else { target };
                    self.lines.splice(at..at, block);
                    self.at = at + many;
                } else {
                    self.lines.splice(target..target, block);
                    self.at = target + many;
                }
                self.changed = true;
                self.suffix(p, after)?;
            }
            b'k' => {
                let Some(letter) = rest.first().filter(|b| b.is_ascii_lowercase()) else { return error("Invalid mark character") };
                self.marks.insert(*letter, self.lines[to - 1].clone());
            }
            b'=' => p.out(format!("{to}\n")),
            b's' => self.substitute(p, rest, from, to)?,
            b'g' | b'v' | b'G' | b'V' => self.global(p, rest, from, to, name == b'v', depth)?,
            b'u' => {
                let now = (std::mem::take(&mut self.lines), self.at);
                (self.lines, self.at) = std::mem::replace(&mut self.undo, now);
            }
            b'f' => {
                if !words.is_empty() {
                    self.file = words;
                }
                if self.file.is_empty() {
                    return error("No current filename");
                }
                let line = format!("{}\n", self.file);
                p.out(line);
            }
            b'e' | b'E' => {
                if name == b'e' && self.changed && !self.warned {
                    self.warned = true;
                    return error("Warning: buffer modified");
                }
                if !words.is_empty() {
                    self.file = words;
                }
                self.open(p)?;
                self.changed = false;
            }
            b'r' => {
                let file = if words.is_empty() { self.file.clone() } else { words };
                let data = match file.strip_prefix('!') {
                    Some(command) => self.output(p, command),
                    None => match p.input(&file) {
                        Ok(data) => data,
                        Err(e) => {
                            p.err(format!("{file}: {}\n", errno::text(e)));
                            return error("Cannot open input file");
                        }
                    },
                };
                let text: Vec<Vec<u8>> = lines(&data).iter().map(|l| l.to_vec()).collect();
                self.at = to + text.len();
                self.lines.splice(to..to, text);
                self.changed = true;
                self.say(p, data.len());
            }
            b'w' | b'W' => self.write(p, words, from, to, name == b'W')?,
            b'q' | b'Q' => {
                if name == b'q' && self.changed && !self.warned {
                    self.warned = true;
                    return error("Warning: buffer modified");
                }
                return Err(Stop::Quit);
            }
            b'h' => {
                let line = format!("{}\n", self.why);
                if !self.why.is_empty() {
                    p.out(line);
                }
            }
            b'H' => {
                self.told = !self.told;
                if self.told && !self.why.is_empty() {
                    let line = format!("{}\n", self.why);
                    p.out(line);
                }
            }
            b'P' => {}
            b'!' => {
                let data = self.output(p, &words);
                p.out(data);
                if !self.silent {
                    p.out("!\n");
                }
            }
            b'z' => {
                let many = words.parse().unwrap_or(22usize);
                let from = if given.is_empty() { self.at + 1 } else { to };
                if from > count {
                    return error("Invalid address");
                }
                self.show(p, from, (from + many - 1).min(count), b'p');
            }
            _ => return error("Unknown command"),
        }
        Ok(())
    }

    fn output(&mut self, p: &mut Process, command: &str) -> Vec<u8> {
        p.flush();
        let mut child = p.fork();
        let pipe = child.system.pipe(Vec::new(), None);
        let id = child.system.open(crate::machine::system::Open::PipeWrite(pipe));
        child.fds.insert(1, id);
        child.run(&["sh".into(), "-c".into(), command.to_owned()]);
        child.system.take_pipe(pipe).data.to_vec()
    }

    fn show(&mut self, p: &mut Process, from: usize, to: usize, how: u8) {
        for n in from..=to {
            let line = self.lines[n - 1].clone();
            match how {
                b'n' => p.out(format!("{n}\t")),
                b'l' => {
                    let mut text = Vec::new();
                    for b in line {
                        match b {
                            b'\\' => text.extend(b"\\\\"),
                            b'\t' => text.extend(b"\\t"),
                            b'$' => text.extend(b"\\$"),
                            0x20..=0x7e => text.push(b),
                            b => text.extend(format!("\\{b:03o}").bytes()),
                        }
                    }
                    text.extend(b"$\n");
                    p.out(text);
                    continue;
                }
                _ => {}
            }
            p.out(line);
            p.out("\n");
        }
        self.at = to;
    }

    /// `p`, `n` and `l` behind a command.
    fn suffix(&mut self, p: &mut Process, rest: &[u8]) -> Done {
        for letter in rest.iter().filter(|b| !b.is_ascii_whitespace()) {
            if !matches!(letter, b'p' | b'n' | b'l') {
                return error("Invalid command suffix");
            }
            if self.at > 0 {
                self.show(p, self.at, self.at, *letter);
            }
        }
        Ok(())
    }

    fn write(&mut self, p: &mut Process, words: String, from: usize, to: usize, append: bool) -> Done {
        let (quit, words) = match words.strip_prefix('q') {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => (true, rest.trim().to_owned()),
            _ => (false, words),
        };
        let file = if words.is_empty() { self.file.clone() } else { words };
        if file.is_empty() {
            return error("No current filename");
        }
        if self.file.is_empty() {
            self.file = file.clone();
        }
        let mut data = if append { p.input(&file).unwrap_or_default() } else { Vec::new() };
        let old = data.len();
        for line in self.lines.get(from.saturating_sub(1)..to).unwrap_or_default() {
            data.extend_from_slice(line);
            data.push(b'\n');
        }
        let bytes = data.len() - old;
        if let Err(e) = p.write(&file, data) {
            p.err(format!("{file}: {}\n", errno::text(e)));
            return error("Cannot open output file");
        }
        self.say(p, bytes);
        if to - from.min(to) + 1 >= self.lines.len() {
            self.changed = false;
        }
        if quit { Err(Stop::Quit) } else { Ok(()) }
    }
}
