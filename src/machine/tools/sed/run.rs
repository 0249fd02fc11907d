//! A script of sed on lines.

use std::collections::BTreeMap;

use super::super::options::escaped;
use super::parse::{Command, Place};
use crate::machine::Process;

/// Most commands run for one input.
const MAX_STEPS: usize = 2_000_000;
/// Most bytes of the pattern space.
const MAX_SPACE: usize = 16 << 20;

/// The exit code of a script that went wrong: a file that it was to change stays as it is.
pub const DIED: i32 = 256;

/// How sed runs.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct Manner {
    pub quiet: bool,
    pub busybox: bool,
    /// What ends a line.
    pub end: u8,
    /// Where `l` breaks lines; 0: nowhere.
    pub width: usize,
}

/// A file: its name and its bytes.
#[derive(Debug)]
pub struct Input {
    /// As it was given.
    pub name: String,
    /// What it holds.
    pub data: Vec<u8>,
}

#[derive(Debug)]
enum Later<'a> {
    Text(&'a [u8]),
    File(String),
    LineOf(String),
}

/// A run over some inputs.
pub struct Run<'a, 'p, 's> {
    p: &'p mut Process<'s>,
    script: &'a [Command],
    manner: Manner,
    /// Lines, whether each has its end, and the file it is of.
    lines: Vec<(&'a [u8], bool, &'a str)>,
    next: usize,
    active: Vec<Option<usize>>,
    begun: Vec<bool>,
    space: Vec<u8>,
    whole: bool,
    hold: Vec<u8>,
    after: Vec<Later<'a>>,
    /// What was printed.
    pub out: Vec<u8>,
    /// The last line printed had no end.
    open: bool,
    /// The status of `q`.
    pub code: Option<i32>,
    steps: usize,
    /// What `w` wrote, by file.
    pub files: BTreeMap<String, Vec<u8>>,
    readers: BTreeMap<String, (Vec<u8>, usize)>,
}

impl<'a, 'p, 's> Run<'a, 'p, 's> {
    /// A run that has read nothing yet.
    pub fn new(p: &'p mut Process<'s>, script: &'a [Command], inputs: &'a [Input], manner: Manner) -> Self {
        let mut lines = Vec::new();
        for input in inputs {
            for line in input.data.split_inclusive(|b| *b == manner.end) {
                let body = line.strip_suffix(&[manner.end]);
                lines.push((body.unwrap_or(line), body.is_some(), input.name.as_str()));
            }
        }
        let mut files = BTreeMap::new();
        for command in script {
            if matches!(command.name, b'w' | b'W') {
                files.insert(String::from_utf8_lossy(&command.text).into_owned(), Vec::new());
            }
            files.extend(command.flags.file.clone().map(|f| (f, Vec::new())));
        }
        Self {
            p,
            script,
            manner,
            lines,
            next: 0,
            active: vec![None; script.len()],
            begun: vec![false; script.len()],
            space: Vec::new(),
            whole: true,
            hold: Vec::new(),
            after: Vec::new(),
            out: Vec::new(),
            open: false,
            code: None,
            steps: 0,
            files,
            readers: BTreeMap::new(),
        }
    }

    /// All cycles.
    pub fn all(&mut self) {
        let mut restart = false;
        while self.code.is_none() && self.steps < MAX_STEPS && (restart || self.read()) {
            restart = self.cycle();
        }
        self.p.burn(self.steps as u64 / 8);
        if self.steps >= MAX_STEPS {
            self.p.system.halt("too many steps in sed");
        }
    }

    fn read(&mut self) -> bool {
        let Some((line, whole, _)) = self.lines.get(self.next) else { return false };
        self.space = line.to_vec();
        self.whole = *whole;
        self.next += 1;
        true
    }

    fn is_last(&self) -> bool {
        self.next >= self.lines.len()
    }

    /// A line to standard output; `whole`: with its end.
    fn put(&mut self, line: &[u8], whole: bool) {
        if self.open {
            self.out.push(self.manner.end);
        }
        self.out.extend_from_slice(line);
        self.open = !whole;
        if whole {
            self.out.push(self.manner.end);
        }
    }

    fn print(&mut self) {
        let (space, whole) = (std::mem::take(&mut self.space), self.whole);
        self.put(&space, whole);
        self.space = space;
    }

    /// The end of a cycle.
    fn finish(&mut self) {
        if !self.manner.quiet {
            self.print();
        }
        self.append();
    }

    fn append(&mut self) {
        for later in std::mem::take(&mut self.after) {
            match later {
                Later::Text(text) => {
                    let body = text.strip_suffix(b"\n").unwrap_or(text);
                    self.put(body, true);
                }
                Later::File(name) => {
                    let data = if name == "/dev/stdin" { self.p.stdin() } else { self.p.read(&name).unwrap_or_default() };
                    if !data.is_empty() {
                        let body = data.strip_suffix(b"\n");
                        self.put(body.unwrap_or(&data), body.is_some());
                    }
                }
                Later::LineOf(name) => {
                    let p = &mut *self.p;
                    let (data, at) = self.readers.entry(name).or_insert_with_key(|name| (p.read(name).unwrap_or_default(), 0));
                    let line = data[*at..].split_inclusive(|b| *b == b'\n').next().map(<[u8]>::to_vec);
                    if let Some(line) = line {
                        *at += line.len();
                        self.put(line.strip_suffix(b"\n").unwrap_or(&line), true);
                    }
                }
            }
        }
    }

    fn write(&mut self, file: &str, line: &[u8]) {
        match file {
            "/dev/stdout" => self.put(line, true),
            file => {
                let data = self.files.entry(file.to_owned()).or_default();
                data.extend_from_slice(line);
                data.push(b'\n');
            }
        }
    }

    fn at(&self, place: &Place) -> bool {
        match place {
            Place::Line(n) => self.next == *n,
            Place::Step(first, 0) => self.next == *first,
            Place::Step(first, step) => self.next >= *first && (self.next - first).is_multiple_of(*step),
            Place::Last => self.is_last(),
            Place::Match(regex) => regex.is_match(&self.space),
            Place::Plus(_) | Place::Multiple(_) => false,
        }
    }

    fn selected(&mut self, i: usize) -> bool {
        let script = self.script;
        let command = &script[i];
        let (Some(from), Some(to)) = (&command.from, &command.to) else {
            return command.from.as_ref().is_none_or(|f| self.at(f));
        };
        if let Some(start) = self.active[i] {
            let past = matches!(to, Place::Line(n) if self.next > *n);
            let done = match to {
                Place::Line(n) => self.next >= *n,
                Place::Plus(n) => self.next >= start + n,
                Place::Multiple(n) => *n == 0 || self.next.is_multiple_of(*n),
                to => self.at(to),
            };
            if done {
                self.active[i] = None;
            }
            // A range whose end was passed unseen is over.
            return !past || self.at(from);
        }
        let zero = matches!(from, Place::Line(0)) && !self.begun[i] && !self.manner.busybox;
        if !(zero || self.at(from)) {
            return false;
        }
        self.begun[i] = true;
        let single = match to {
            Place::Line(n) => *n <= self.next,
            Place::Plus(n) => *n == 0,
            Place::Multiple(n) => *n == 0 || self.next.is_multiple_of(*n),
            Place::Match(_) if zero => self.at(to),
            Place::Last => self.is_last(),
            _ => false,
        };
        if !single {
            self.active[i] = Some(self.next);
        }
        true
    }

    /// One cycle; `true`: the next begins without a new line.
    fn cycle(&mut self) -> bool {
        let script = self.script;
        let mut pc = 0;
        let mut replaced = false;
        while let Some(command) = script.get(pc) {
            self.steps += 1 + self.space.len() / 256;
            if self.steps > MAX_STEPS || self.space.len() > MAX_SPACE {
                self.steps = MAX_STEPS;
                return false;
            }
            pc += 1;
            if self.selected(pc - 1) == command.negated {
                if command.name == b'{' {
                    pc = command.number;
                }
                continue;
            }
            match command.name {
                b's' => {
                    replaced |= self.substitute(command);
                }
                b'y' => {
                    for byte in &mut self.space {
                        *byte = command.text.chunks_exact(2).find(|pair| pair[0] == *byte).map_or(*byte, |pair| pair[1]);
                    }
                }
                b'p' => self.print(),
                b'P' => {
                    let line = self.first_line();
                    self.put(&line, true);
                }
                b'd' => {
                    self.append();
                    return false;
                }
                b'D' => match self.space.iter().position(|b| *b == b'\n') {
                    Some(end) => {
                        self.space.drain(..=end);
                        self.append();
                        return true;
                    }
                    None => {
                        self.append();
                        return false;
                    }
                },
                b'a' => self.after.push(Later::Text(&command.text)),
                b'i' => {
                    let text = command.text.strip_suffix(b"\n").unwrap_or(&command.text);
                    self.put(text, true);
                }
                b'c' => {
                    let ends = command.to.is_none() || command.negated || self.active[pc - 1].is_none();
                    if ends {
                        let text = command.text.strip_suffix(b"\n").unwrap_or(&command.text);
                        self.put(text, true);
                    }
                    self.append();
                    return false;
                }
                b'r' => self.after.push(Later::File(String::from_utf8_lossy(&command.text).into_owned())),
                b'R' => self.after.push(Later::LineOf(String::from_utf8_lossy(&command.text).into_owned())),
                b'w' | b'W' => {
                    let line = if command.name == b'w' { self.space.clone() } else { self.first_line() };
                    self.write(&String::from_utf8_lossy(&command.text), &line);
                }
                b'=' => {
                    let number = self.next.to_string();
                    if self.open {
                        self.out.push(self.manner.end);
                        self.open = false;
                    }
                    self.out.extend_from_slice(number.as_bytes());
                    self.out.push(b'\n');
                }
                b'F' => {
                    let name = self.lines.get(self.next.saturating_sub(1)).map_or("-", |(_, _, name)| name);
                    self.put(name.as_bytes(), true);
                }
                b'l' if !self.manner.busybox => self.show(command.number),
                b'z' => self.space.clear(),
                b'h' => self.hold.clone_from(&self.space),
                b'H' => {
                    self.hold.push(b'\n');
                    self.hold.extend_from_slice(&self.space);
                }
                b'g' => self.space.clone_from(&self.hold),
                b'G' => {
                    self.space.push(b'\n');
                    self.space.extend_from_slice(&self.hold);
                }
                b'x' => std::mem::swap(&mut self.space, &mut self.hold),
                b'n' => {
                    if self.is_last() {
                        // Without a next line it prints and ends here.
                        self.finish();
                        self.code = Some(0);
                        return false;
                    }
                    self.finish();
                    self.read();
                }
                b'N' => {
                    if self.is_last() {
                        self.finish();
                        self.code = Some(0);
                        return false;
                    }
                    self.append();
                    let mut old = std::mem::take(&mut self.space);
                    self.read();
                    old.push(b'\n');
                    old.append(&mut self.space);
                    self.space = old;
                }
                b'q' => {
                    self.finish();
                    self.code = Some(command.number as i32 & 255);
                    return false;
                }
                b'Q' => {
                    self.code = Some(command.number as i32 & 255);
                    return false;
                }
                b'b' | b't' | b'T' if command.name == b'b' || std::mem::take(&mut replaced) == (command.name == b't') => {
                    if command.number == usize::MAX {
                        self.p.out(std::mem::take(&mut self.out));
                        let label = String::from_utf8_lossy(&command.text).into_owned();
                        self.p.fail(&format!("can't find label for jump to '{label}'"));
                        self.code = Some(DIED);
                        return false;
                    }
                    pc = command.number;
                }
                b'e' => {
                    let text = String::from_utf8_lossy(if command.text.is_empty() { &self.space } else { &command.text }).into_owned();
                    let (data, _) = crate::machine::tools::awk::capture(self.p, &text);
                    let body = data.strip_suffix(b"\n").unwrap_or(&data).to_vec();
                    if command.text.is_empty() { self.space = body } else { self.put(&body, true) }
                }
                _ => {}
            }
        }
        self.finish();
        false
    }

    fn first_line(&self) -> Vec<u8> {
        self.space.split(|b| *b == b'\n').next().unwrap_or(&[]).to_vec()
    }

    /// `l`: what cannot be seen as escapes, long lines broken.
    fn show(&mut self, width: usize) {
        let width = if width == 0 { self.manner.width } else { width };
        let mut line: Vec<u8> = Vec::new();
        let mut out = Vec::new();
        for byte in self.space.clone() {
            let part = match byte {
                b'\\' => b"\\\\".to_vec(),
                b'\n' => b"\\n".to_vec(),
                b'\t' => b"\\t".to_vec(),
                7 => b"\\a".to_vec(),
                8 => b"\\b".to_vec(),
                11 => b"\\v".to_vec(),
                12 => b"\\f".to_vec(),
                13 => b"\\r".to_vec(),
                32..=126 => vec![byte],
                byte => format!("\\{byte:03o}").into_bytes(),
            };
            if width > 1 && line.len() + part.len() > width - 1 {
                line.extend_from_slice(b"\\\n");
                out.append(&mut line);
            }
            line.extend(part);
        }
        out.append(&mut line);
        out.push(b'$');
        self.put(&out, true);
    }

    fn substitute(&mut self, command: &Command) -> bool {
        let Some(regex) = &command.regex else { return false };
        let flags = &command.flags;
        // To busybox `g` is all of them whatever the number says.
        let first = if flags.all && self.manner.busybox { 1 } else { flags.which };
        let (mut out, mut at, mut count, mut last_end) = (Vec::new(), 0, 0, None);
        let mut done = false;
        while at <= self.space.len() && (flags.all || !done) {
            let Some(found) = regex.find(&self.space, at) else { break };
            let Some((start, end)) = found[0] else { break };
            self.steps += 1 + (end - at) / 16;
            out.extend_from_slice(&self.space[at..start]);
            // An empty match right after a match is none.
            if !(start == end && last_end == Some(start)) {
                count += 1;
                if count == first || count > first && flags.all {
                    replace(&command.text, &self.space, &found, &mut out, self.manner.busybox);
                    done = true;
                } else {
                    out.extend_from_slice(&self.space[start..end]);
                }
            }
            at = end;
            last_end = Some(end);
            if start == end {
                out.extend(self.space.get(at));
                at += 1;
            }
            if out.len() > MAX_SPACE {
                self.steps = MAX_STEPS;
                break;
            }
        }
        if !done {
            return false;
        }
        out.extend_from_slice(self.space.get(at..).unwrap_or(&[]));
        self.space = out;
        if flags.evaluate {
            let text = String::from_utf8_lossy(&self.space).into_owned();
            let (data, _) = crate::machine::tools::awk::capture(self.p, &text);
            self.space = data.strip_suffix(b"\n").unwrap_or(&data).to_vec();
        }
        if flags.print {
            self.print();
        }
        if let Some(file) = &flags.file {
            let line = self.space.clone();
            self.write(file, &line);
        }
        true
    }
}

fn replace(text: &[u8], space: &[u8], found: &[Option<(usize, usize)>], out: &mut Vec<u8>, busybox: bool) {
    // `\U`, `\L` hold until `\E`; `\u`, `\l` for one letter.
    let (mut case, mut once) = (b'E', b'E');
    let mut put = |part: &[u8], case: u8, once: &mut u8| {
        for b in part {
            let letter = match (std::mem::replace(once, b'E'), case) {
                (b'u', _) | (b'E', b'U') => b.to_ascii_uppercase(),
                (b'l', _) | (b'E', b'L') => b.to_ascii_lowercase(),
                _ => *b,
            };
            out.push(letter);
        }
    };
    let group = |n: usize| found.get(n).copied().flatten().map_or(&[][..], |(a, b)| &space[a..b]);
    let mut bytes = text.iter();
    while let Some(b) = bytes.next() {
        match b {
            b'&' => put(group(0), case, &mut once),
            b'\\' => match bytes.next() {
                Some(n @ b'0'..=b'9') => put(group(usize::from(n - b'0')), case, &mut once),
                Some(c @ (b'U' | b'L' | b'E')) if !busybox => case = *c,
                Some(c @ (b'u' | b'l')) if !busybox => once = *c,
                Some(b'x') if !busybox && bytes.as_slice().first().is_some_and(u8::is_ascii_hexdigit) => {
                    let digits = bytes.as_slice().iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                    let value = bytes.by_ref().take(digits).fold(0, |v, b| v * 16 + char::from(*b).to_digit(16).unwrap_or(0));
                    put(&[value as u8], case, &mut once);
                }
                Some(c) => {
                    // `\b` is no letter of sed's.
                    let byte = escaped(*c).filter(|_| *c != b'b').unwrap_or(*c);
                    put(&[byte], case, &mut once);
                }
                None => put(b"\\", case, &mut once),
            },
            b => put(&[*b], case, &mut once),
        }
    }
}
