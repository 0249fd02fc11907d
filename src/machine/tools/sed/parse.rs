//! Scripts of sed as commands.

use crate::machine::regex::{Regex, Syntax};

/// An address.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Place {
    Line(usize),
    Step(usize, usize),
    Last,
    Match(Box<Regex>),
    /// `+N` behind a comma.
    Plus(usize),
    /// `~N` behind a comma.
    Multiple(usize),
}

/// A command with its addresses.
#[derive(Debug, Clone)]
pub struct Command {
    /// The first address.
    pub from: Option<Place>,
    /// The second.
    pub to: Option<Place>,
    /// `!`.
    pub negated: bool,
    /// Its letter.
    pub name: u8,
    /// Its text, its label, its file, or what `s` puts in place.
    pub text: Vec<u8>,
    /// What `s` looks for.
    pub regex: Option<Box<Regex>>,
    /// Of `s`.
    pub flags: Flags,
    /// The command that `{`, `b`, `t`, `T` lead to, or the number of `q`, `Q`, `l`.
    pub number: usize,
}

/// The flags of `s`.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Flags {
    pub all: bool,
    pub print: bool,
    pub evaluate: bool,
    pub which: usize,
    pub file: Option<String>,
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    extended: bool,
    busybox: bool,
    last: Option<(Vec<u8>, bool)>,
}

type Parsed<T> = Result<T, String>;

/// Reads a script. An error is its text and where in the script it is.
pub fn parse(text: &[u8], extended: bool, busybox: bool) -> Result<Vec<Command>, (String, usize)> {
    let mut r = Reader { text, at: 0, extended, busybox, last: None };
    let mut commands: Vec<Command> = Vec::new();
    let mut blocks: Vec<usize> = Vec::new();
    loop {
        r.skip(b" \t\r\n;");
        if r.at >= text.len() {
            break;
        }
        if r.text[r.at] == b'#' {
            r.line();
            continue;
        }
        let command = match r.command() {
            Ok(command) => command,
            Err(text) => return Err((text, r.at)),
        };
        match command.name {
            b'{' => blocks.push(commands.len()),
            b'}' => match blocks.pop() {
                Some(open) => commands[open].number = commands.len(),
                // busybox does not mind.
                None if busybox => continue,
                None => return Err(("unexpected `}'".into(), r.at)),
            },
            _ => {}
        }
        commands.push(command);
    }
    for open in blocks {
        if !busybox {
            return Err(("unmatched `{'".into(), 0));
        }
        commands[open].number = commands.len();
    }
    link(&mut commands, busybox).map_err(|text| (text, usize::MAX))?;
    Ok(commands)
}

/// Finds the labels.
fn link(commands: &mut [Command], busybox: bool) -> Parsed<()> {
    for i in 0..commands.len() {
        if !matches!(commands[i].name, b'b' | b't' | b'T') {
            continue;
        }
        let label = commands[i].text.clone();
        commands[i].number = match commands.iter().position(|c| c.name == b':' && c.text == label) {
            Some(target) => target,
            None if label.is_empty() => commands.len(),
            // To busybox it is wanting when it is jumped to.
            None if busybox => usize::MAX,
            None => return Err(format!("can't find label for jump to `{}'", String::from_utf8_lossy(&label))),
        };
    }
    Ok(())
}

impl Reader<'_> {
    /// busybox's words, or GNU's.
    fn say<T>(&self, busybox: &str, gnu: &str) -> Parsed<T> {
        Err(if self.busybox { busybox } else { gnu }.to_owned())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip(&mut self, set: &[u8]) {
        while self.peek().is_some_and(|b| set.contains(&b)) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        self.skip(b"0123456789");
        std::str::from_utf8(&self.text[start..self.at]).ok()?.parse().ok()
    }

    fn line(&mut self) -> Vec<u8> {
        let start = self.at;
        while self.peek().is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
        self.text[start..self.at].to_vec()
    }

    /// The text up to `end`; an escaped `end` stands for itself, in a pattern too. `None`: it does not come.
    fn until(&mut self, end: u8, is_regex: bool) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut bracket = false;
        // Of `[:alpha:]`, `[.-.]` or `[=a=]` within brackets, the mark; busybox takes the first `]` for the end.
        let mut class = None;
        loop {
            let c = self.peek()?;
            self.at += 1;
            match c {
                c if c == end && !bracket => return Some(out),
                b'\n' if is_regex && !self.busybox && !bracket && end != b'\n' => out.push(c),
                b'\\' if !bracket => {
                    let next = self.peek()?;
                    self.at += 1;
                    if next == b'n' && is_regex {
                        out.push(b'\n');
                        continue;
                    }
                    if next != end || b"&0123456789".contains(&next) && !is_regex {
                        out.push(b'\\');
                    }
                    out.push(next);
                }
                b'[' if is_regex && !bracket => {
                    bracket = true;
                    out.push(c);
                    for special in [b'^', b']'] {
                        if self.eat(special) {
                            out.push(special);
                        }
                    }
                }
                b'\\' if self.peek() == Some(b'n') => {
                    self.at += 1;
                    out.push(b'\n');
                }
                b'[' if bracket && class.is_none() => {
                    class = self.peek().filter(|mark| !self.busybox && b":.=".contains(mark));
                    out.push(c);
                    if let Some(mark) = class {
                        self.at += 1;
                        out.push(mark);
                    }
                }
                b']' if bracket => {
                    match class {
                        None => bracket = false,
                        Some(mark) if out.last() == Some(&mark) => class = None,
                        Some(_) => {}
                    }
                    out.push(c);
                }
                c => out.push(c),
            }
        }
    }

    fn regex(&mut self, text: Vec<u8>, ignore_case: bool, multiline: bool) -> Parsed<Box<Regex>> {
        let (text, ignore_case) = match (text.is_empty(), self.last.clone()) {
            (false, _) => (text, ignore_case),
            (true, Some(last)) => last,
            (true, None) => return self.say("no previous regexp", "no previous regular expression"),
        };
        self.last = Some((text.clone(), ignore_case));
        match Regex::new(&text, Syntax { extended: self.extended, ignore_case, multiline, strict: true }) {
            Ok(regex) => Ok(Box::new(regex)),
            Err(why) if self.busybox => Err(format!("bad regex '{}': {why}", String::from_utf8_lossy(&text))),
            Err(why) => Err(why),
        }
    }

    fn place(&mut self, second: bool) -> Parsed<Option<Place>> {
        let Some(c) = self.peek() else { return Ok(None) };
        Ok(Some(match c {
            b'0'..=b'9' => {
                let line = self.number().unwrap_or(0);
                if !self.busybox && self.eat(b'~') { Place::Step(line, self.number().unwrap_or(0)) } else { Place::Line(line) }
            }
            b'+' if second => {
                self.at += 1;
                Place::Plus(self.number().unwrap_or(0))
            }
            b'~' if second && !self.busybox => {
                self.at += 1;
                Place::Multiple(self.number().unwrap_or(0))
            }
            b'$' => {
                self.at += 1;
                Place::Last
            }
            b'/' | b'\\' => {
                self.at += 1;
                let mut end = b'/';
                if c == b'\\' {
                    let Some(mark) = self.peek() else { return self.say("bad address", "unexpected `,'") };
                    self.at += 1;
                    end = mark;
                }
                let Some(text) = self.until(end, true) else { return self.say("unmatched '/'", "unterminated address regex") };
                let (mut ignore_case, mut multiline) = (false, false);
                while !self.busybox {
                    if self.eat(b'I') {
                        ignore_case = true;
                    } else if self.eat(b'M') {
                        multiline = true;
                    } else {
                        break;
                    }
                }
                Place::Match(self.regex(text, ignore_case, multiline)?)
            }
            _ => return Ok(None),
        }))
    }

    fn command(&mut self) -> Parsed<Command> {
        let from = self.place(false)?;
        self.skip(b" \t");
        let mut to = None;
        if from.is_some() && self.eat(b',') {
            self.skip(b" \t");
            to = self.place(true)?;
            if to.is_none() {
                return self.say("no address after comma", "unexpected `,'");
            }
        }
        if matches!(from, Some(Place::Line(0))) && !matches!(to, Some(Place::Match(_))) && !self.busybox {
            return Err("invalid usage of line address 0".into());
        }
        self.skip(b" \t");
        let mut negated = false;
        while self.eat(b'!') {
            negated = true;
            self.skip(b" \t");
        }
        let Some(name) = self.peek() else { return Err("missing command".into()) };
        self.at += 1;
        let flags = Flags { which: 1, ..Flags::default() };
        let mut command = Command { from, to, negated, name, text: Vec::new(), regex: None, flags, number: 0 };
        match name {
            b's' => self.substitution(&mut command)?,
            b'y' => {
                let end = self.peek().unwrap_or(b'/');
                self.at += 1;
                let (Some(old), Some(new)) = (self.until(end, false), self.until(end, false)) else {
                    return self.say("unterminated 'y' command", "unterminated `y' command");
                };
                let (old, new) = (unescape(&old), unescape(&new));
                if old.len() != new.len() && !self.busybox {
                    return Err("strings for `y' command are different lengths".into());
                }
                command.text = old.iter().zip(&new).flat_map(|(a, b)| [*a, *b]).collect();
            }
            b'a' | b'i' | b'c' => command.text = self.text_argument()?,
            b':' | b'b' | b't' | b'T' => {
                self.skip(b" \t");
                let start = self.at;
                let ends: &[u8] = if name == b':' && !self.busybox { b"\n;" } else { b"\n;} \t" };
                while self.peek().is_some_and(|b| !ends.contains(&b)) {
                    self.at += 1;
                }
                command.text = self.text[start..self.at].trim_ascii().to_vec();
                if name == b':' && command.text.is_empty() && !self.busybox {
                    return Err("\":\" lacks a label".into());
                }
            }
            b'r' | b'R' | b'w' | b'W' => {
                if self.busybox && matches!(name, b'R' | b'W') {
                    return Err(format!("unsupported command {}", name as char));
                }
                self.skip(b" \t");
                command.text = self.line();
                if command.text.is_empty() {
                    return self.say("empty filename", "missing filename in r/R/w/W commands");
                }
            }
            b'q' | b'Q' | b'l' | b'L' if !self.busybox => {
                self.skip(b" \t");
                command.number = self.number().unwrap_or(0);
            }
            b'e' if !self.busybox => {
                self.skip(b" \t");
                command.text = self.line();
            }
            b'q' | b'l' | b'{' | b'}' | b'=' | b'd' | b'D' | b'g' | b'G' | b'h' | b'H' | b'n' | b'N' | b'p' | b'P' | b'x' => {}
            b'F' | b'z' | b'v' if !self.busybox => {}
            c if self.busybox => return Err(format!("unsupported command {}", c as char)),
            c => return Err(format!("unknown command: `{}'", c as char)),
        }
        self.skip(b" \t\r");
        // In busybox the next command may follow at once.
        let ended = self.busybox || matches!(name, b'{' | b'a' | b'i' | b'c') || self.peek().is_none_or(|b| b"\n;}#".contains(&b));
        if ended { Ok(command) } else { Err("extra characters after command".into()) }
    }

    fn substitution(&mut self, command: &mut Command) -> Parsed<()> {
        let unterminated = ("unterminated 's' command", "unterminated `s' command");
        let Some(end) = self.peek() else { return self.say(unterminated.0, unterminated.1) };
        self.at += 1;
        let (Some(pattern), Some(text)) = (self.until(end, true), self.until(end, false)) else {
            return if self.busybox { Err(format!("unmatched '{}'", end as char)) } else { Err(unterminated.1.into()) };
        };
        command.text = text;
        let flags = &mut command.flags;
        let (mut ignore_case, mut multiline) = (false, false);
        while let Some(c) = self.peek() {
            match c {
                b'g' => flags.all = true,
                b'p' => flags.print = true,
                b'i' | b'I' => ignore_case = true,
                b'm' | b'M' if !self.busybox => multiline = true,
                b'e' if !self.busybox => flags.evaluate = true,
                b'0'..=b'9' => {
                    flags.which = self.number().unwrap_or(1);
                    if flags.which == 0 && !self.busybox {
                        return Err("number option to `s' command may not be zero".into());
                    }
                    continue;
                }
                b'w' => {
                    self.at += 1;
                    self.skip(b" \t");
                    flags.file = Some(String::from_utf8_lossy(&self.line()).into_owned());
                    break;
                }
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'}' | b'#' => break,
                _ => return self.say("bad option in substitution expression", "unknown option to `s'"),
            }
            self.at += 1;
        }
        let regex = self.regex(pattern, ignore_case, multiline)?;
        let highest = references(&command.text);
        if highest > regex.groups() && !self.busybox {
            return Err(format!("invalid reference \\{highest} on `s' command's RHS"));
        }
        command.regex = Some(regex);
        Ok(())
    }

    /// The text of `a`, `i` and `c`, with its newline.
    fn text_argument(&mut self) -> Parsed<Vec<u8>> {
        self.skip(b" \t");
        if self.eat(b'\\') {
            let before = self.at;
            self.skip(b" \t");
            if !self.eat(b'\n') {
                // `a\  text` keeps its blanks.
                self.at = before;
            }
        }
        if self.peek().is_none() && !self.busybox {
            return Err("expected \\ after `a', `c' or `i'".into());
        }
        let mut text = Vec::new();
        loop {
            let part = self.line();
            let more = part.len() - part.iter().rposition(|b| *b != b'\\').map_or(0, |i| i + 1);
            let more = more % 2 == 1;
            text.extend_from_slice(if more { &part[..part.len() - 1] } else { &part });
            if !more || !self.eat(b'\n') {
                break;
            }
            text.push(b'\n');
        }
        let mut text = unescape(&text);
        text.push(b'\n');
        Ok(text)
    }
}

/// The highest group that a replacement names.
fn references(text: &[u8]) -> usize {
    let mut highest = 0;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte == b'\\'
            && let Some(digit @ b'1'..=b'9') = bytes.next()
        {
            highest = highest.max(usize::from(digit - b'0'));
        }
    }
    highest
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.iter();
    while let Some(b) = bytes.next() {
        match b {
            b'\\' => match bytes.next() {
                Some(b'n') => out.push(b'\n'),
                Some(b't') if !out.is_empty() => out.push(b'\t'),
                Some(b) => out.push(*b),
                None => out.push(b'\\'),
            },
            b => out.push(*b),
        }
    }
    out
}
