//! sed: scripts are read into commands, then run on every line.

use super::options::of;
use crate::machine::regex::{Regex, Syntax};
use crate::machine::{Process, errno};

/// Most commands run for one file.
const MAX_STEPS: usize = 2_000_000;

#[derive(Debug, Clone)]
enum Place {
    Line(usize),
    Step(usize, usize),
    Last,
    Match(Option<Regex>),
    Plus(usize),
}

#[derive(Debug, Clone)]
struct Command {
    from: Option<Place>,
    to: Option<Place>,
    negated: bool,
    name: char,
    text: Vec<u8>,
    regex: Option<Regex>,
    flags: String,
    /// The index of the `}` of a block.
    end: usize,
}

/// sed.
pub fn sed(p: &mut Process) -> i32 {
    let long = [("expression", 'e'), ("file", 'f'), ("quiet", 'n'), ("silent", 'n'), ("regexp-extended", 'E'), ("in-place", 'i')];
    let mut options = match of(p, "nErsuze:f:i;", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut parts: Vec<String> = options.values('e').map(str::to_owned).collect();
    for file in options.values('f').map(str::to_owned).collect::<Vec<_>>() {
        match p.input(&file) {
            Ok(data) => parts.push(String::from_utf8_lossy(&data).trim_end_matches('\n').to_owned()),
            Err(e) => return p.fail(&format!("{file}: {}", errno::text(e))),
        }
    }
    if parts.is_empty() {
        if options.operands.is_empty() {
            p.err("Usage: sed [-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\n");
            return 1;
        }
        parts.push(options.operands.remove(0));
    }
    let extended = options.has('E') || options.has('r');
    let script = match parse(parts.join("\n").as_bytes(), extended) {
        Ok(script) => script,
        Err(text) => return p.fail(&text),
    };
    let (in_place, quiet) = (options.value('i').map(str::to_owned), options.has('n'));
    let mut status = 0;
    let mut all: Vec<Vec<u8>> = Vec::new();
    for file in options.files() {
        let data = if in_place.is_some() { p.read(&file) } else { p.input(&file) };
        let data = match data {
            Ok(data) => data,
            Err(e) => {
                status = p.fail(&format!("{file}: {}", errno::text(e)));
                continue;
            }
        };
        let Some(suffix) = &in_place else {
            all.push(data);
            continue;
        };
        let mut run = Run::new(p, &script, std::slice::from_ref(&data), quiet);
        run.all();
        let (out, code, steps) = (run.out, run.code, run.steps);
        p.burn(steps as u64 / 16);
        if !suffix.is_empty()
            && let Err(e) = p.write(&format!("{file}{suffix}"), data)
        {
            return p.fail(&format!("{file}{suffix}: {}", errno::text(e)));
        }
        if let Err(e) = p.write(&file, out) {
            status = p.fail(&format!("{file}: {}", errno::text(e)));
        }
        if let Some(code) = code.filter(|c| *c != 0) {
            return code;
        }
    }
    if in_place.is_some() {
        return status;
    }
    let mut run = Run::new(p, &script, &all, quiet);
    run.all();
    let (out, code, steps) = (run.out, run.code, run.steps);
    p.burn(steps as u64 / 16);
    p.out(out);
    code.unwrap_or(status)
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    extended: bool,
    last: Option<(Vec<u8>, bool)>,
}

fn parse(text: &[u8], extended: bool) -> Result<Vec<Command>, String> {
    let mut r = Reader { text, at: 0, extended, last: None };
    let mut commands: Vec<Command> = Vec::new();
    let mut blocks = Vec::new();
    loop {
        r.skip(b" \t\n;");
        if r.at >= text.len() {
            break;
        }
        if r.text[r.at] == b'#' {
            r.line();
            continue;
        }
        let mut command = r.command()?;
        match command.name {
            '{' => blocks.push(commands.len()),
            '}' => {
                let open: usize = blocks.pop().ok_or("unexpected }")?;
                let end = commands.len();
                commands[open].end = end;
                command.end = end;
            }
            _ => {}
        }
        commands.push(command);
    }
    if blocks.is_empty() { Ok(commands) } else { Err("unmatched '{'".into()) }
}

impl Reader<'_> {
    fn skip(&mut self, set: &[u8]) {
        while self.text.get(self.at).is_some_and(|b| set.contains(b)) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
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
        while self.text.get(self.at).is_some_and(|b| *b != b'\n') {
            self.at += 1;
        }
        self.text[start..self.at].to_vec()
    }

    /// The text up to `end`; an escaped `end` stands for itself.
    fn until(&mut self, end: u8, is_regex: bool) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let mut bracket = false;
        loop {
            let c = *self.text.get(self.at).ok_or("unmatched '".to_owned() + &(end as char).to_string() + "'")?;
            self.at += 1;
            match c {
                c if c == end && !bracket => return Ok(out),
                b'\\' if !bracket => {
                    let next = *self.text.get(self.at).ok_or("unterminated command")?;
                    self.at += 1;
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
                c => {
                    bracket &= c != b']' || self.text[..self.at - 1].ends_with(b":");
                    out.push(c);
                }
            }
        }
    }

    fn regex(&mut self, text: Vec<u8>, ignore_case: bool, multiline: bool) -> Result<Option<Regex>, String> {
        let (text, ignore_case) = if text.is_empty() { self.last.clone().ok_or("no previous regexp")? } else { (text, ignore_case) };
        self.last = Some((text.clone(), ignore_case));
        Regex::new(&text, Syntax { extended: self.extended, ignore_case, multiline }).map(Some)
    }

    fn place(&mut self) -> Result<Option<Place>, String> {
        let Some(c) = self.text.get(self.at).copied() else { return Ok(None) };
        Ok(Some(match c {
            b'0'..=b'9' => {
                let line = self.number().unwrap_or(0);
                if self.eat(b'~') { Place::Step(line, self.number().unwrap_or(0)) } else { Place::Line(line) }
            }
            b'$' => {
                self.at += 1;
                Place::Last
            }
            b'/' | b'\\' => {
                self.at += 1;
                let end = if c == b'/' { b'/' } else { *self.text.get(self.at).ok_or("bad address")? };
                self.at += usize::from(c == b'\\');
                let text = self.until(end, true)?;
                let ignore_case = self.eat(b'I');
                Place::Match(self.regex(text, ignore_case, false)?)
            }
            _ => return Ok(None),
        }))
    }

    fn command(&mut self) -> Result<Command, String> {
        let from = self.place()?;
        self.skip(b" \t");
        let mut to = None;
        if from.is_some() && self.eat(b',') {
            self.skip(b" \t");
            to = if self.eat(b'+') { self.number().map(Place::Plus) } else { self.place()? };
            if to.is_none() {
                return Err("unexpected ','".into());
            }
        }
        self.skip(b" \t");
        let mut negated = false;
        while self.eat(b'!') {
            negated = true;
            self.skip(b" \t");
        }
        let name = *self.text.get(self.at).ok_or("missing command")? as char;
        self.at += 1;
        let mut command = Command { from, to, negated, name, text: Vec::new(), regex: None, flags: String::new(), end: 0 };
        match name {
            's' => {
                let end = *self.text.get(self.at).ok_or("unterminated 's' command")?;
                self.at += 1;
                let pattern = self.until(end, true)?;
                command.text = self.until(end, false)?;
                let start = self.at;
                self.skip(b"gpiIeMm0123456789");
                command.flags = String::from_utf8_lossy(&self.text[start..self.at]).into_owned();
                command.regex = self.regex(pattern, command.flags.contains(['i', 'I']), command.flags.contains(['m', 'M']))?;
            }
            'y' => {
                let end = *self.text.get(self.at).ok_or("unterminated 'y' command")?;
                self.at += 1;
                let (old, new) = (unescape(&self.until(end, false)?), unescape(&self.until(end, false)?));
                if old.len() != new.len() {
                    return Err("strings for 'y' command are different lengths".into());
                }
                command.text = old.iter().zip(&new).flat_map(|(a, b)| [*a, *b]).collect();
            }
            'a' | 'i' | 'c' => {
                self.skip(b" \t");
                if self.eat(b'\\') {
                    self.skip(b" \t");
                    self.eat(b'\n');
                }
                loop {
                    let part = self.line();
                    let more = part.last() == Some(&b'\\');
                    command.text.extend_from_slice(part.strip_suffix(b"\\").unwrap_or(&part));
                    if !more || !self.eat(b'\n') {
                        break;
                    }
                    command.text.push(b'\n');
                }
                command.text = unescape(&command.text);
                command.text.push(b'\n');
            }
            ':' | 'b' | 't' | 'T' => {
                self.skip(b" \t");
                let start = self.at;
                while self.text.get(self.at).is_some_and(|b| !b" \t\n;}".contains(b)) {
                    self.at += 1;
                }
                command.text = self.text[start..self.at].to_vec();
            }
            'q' | 'Q' | 'l' | 'L' => {
                self.skip(b" \t");
                command.end = self.number().unwrap_or(0);
            }
            '{' | '}' | '=' | 'd' | 'D' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x' => {}
            c => return Err(format!("unsupported command {c}")),
        }
        self.skip(b" \t");
        let ended = name == '{' || self.text.get(self.at).is_none_or(|b| b"\n;}#".contains(b));
        if ended {
            Ok(command)
        } else if name == 's' {
            Err("unknown option to 's' command".into())
        } else {
            Err("extra characters after command".into())
        }
    }
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.iter();
    while let Some(b) = bytes.next() {
        match b {
            b'\\' => match bytes.next() {
                Some(b'n') => out.push(b'\n'),
                Some(b't') => out.push(b'\t'),
                Some(b) => out.push(*b),
                None => out.push(b'\\'),
            },
            b => out.push(*b),
        }
    }
    out
}

struct Run<'a> {
    script: &'a [Command],
    lines: Vec<&'a [u8]>,
    next: usize,
    quiet: bool,
    active: Vec<Option<usize>>,
    ended: Vec<bool>,
    space: Vec<u8>,
    hold: Vec<u8>,
    after: Vec<u8>,
    out: Vec<u8>,
    code: Option<i32>,
    steps: usize,
    final_newline: bool,
}

impl<'a> Run<'a> {
    fn new(p: &Process, script: &'a [Command], inputs: &'a [Vec<u8>], quiet: bool) -> Self {
        let lines = inputs.iter().flat_map(|data| super::options::lines(data)).collect();
        let final_newline = inputs.iter().rev().find(|d| !d.is_empty()).is_none_or(|d| d.ends_with(b"\n"));
        let steps = if p.alive() { 0 } else { MAX_STEPS };
        Self {
            script,
            lines,
            next: 0,
            quiet,
            active: vec![None; script.len()],
            ended: vec![false; script.len()],
            space: Vec::new(),
            hold: Vec::new(),
            after: Vec::new(),
            out: Vec::new(),
            code: None,
            steps,
            final_newline,
        }
    }

    fn all(&mut self) {
        let mut restart = false;
        while self.code.is_none() && self.steps < MAX_STEPS && (restart || self.next < self.lines.len()) {
            if !restart {
                self.space = self.lines[self.next].to_vec();
                self.next += 1;
            }
            restart = self.cycle();
        }
        if !self.final_newline && self.next == self.lines.len() && self.out.last() == Some(&b'\n') {
            self.out.pop();
        }
    }

    fn print(&mut self) {
        self.out.extend_from_slice(&self.space);
        self.out.push(b'\n');
    }

    fn finish(&mut self) {
        if !self.quiet {
            self.print();
        }
        self.out.append(&mut self.after);
    }

    fn at(&self, place: &Place) -> bool {
        match place {
            Place::Line(n) => self.next == *n,
            Place::Step(first, 0) => self.next == *first,
            Place::Step(first, step) => self.next >= *first && (self.next - first).is_multiple_of(*step),
            Place::Last => self.next == self.lines.len(),
            Place::Match(regex) => regex.as_ref().is_some_and(|r| r.is_match(&self.space)),
            Place::Plus(_) => false,
        }
    }

    fn selected(&mut self, i: usize) -> bool {
        let script = self.script;
        let command = &script[i];
        let (Some(from), Some(to)) = (&command.from, &command.to) else {
            return command.from.as_ref().is_none_or(|f| self.at(f));
        };
        if let Some(start) = self.active[i] {
            let done = match to {
                Place::Line(n) => self.next >= *n,
                Place::Plus(n) => self.next >= start + n,
                to => self.at(to),
            };
            if done {
                self.active[i] = None;
            }
            return !matches!(to, Place::Line(n) if self.next > *n && start < self.next) || self.at(from);
        }
        if self.at(from) || matches!(from, Place::Line(0)) && self.next == 1 && !self.ended[i] {
            self.ended[i] = true;
            let single = match to {
                Place::Line(n) => *n <= self.next,
                Place::Plus(n) => *n == 0,
                Place::Match(_) if matches!(from, Place::Line(0)) => self.at(to),
                Place::Last => self.at(to),
                _ => false,
            };
            self.active[i] = (!single).then_some(self.next);
            return true;
        }
        false
    }

    fn jump(&self, label: &[u8]) -> usize {
        let found = self.script.iter().position(|c| c.name == ':' && c.text == label);
        if label.is_empty() { self.script.len() } else { found.unwrap_or(self.script.len()) }
    }

    /// Runs the script on the pattern space; whether the next cycle keeps it.
    fn cycle(&mut self) -> bool {
        let script = self.script;
        let mut substituted = false;
        let mut pc = 0;
        while let Some(command) = script.get(pc) {
            self.steps += 1 + self.space.len() / 64;
            if self.steps > MAX_STEPS {
                self.code = Some(1);
                return false;
            }
            if self.selected(pc) == command.negated && command.name != '}' && command.name != ':' {
                pc = if command.name == '{' { command.end + 1 } else { pc + 1 };
                continue;
            }
            pc += 1;
            match command.name {
                's' => substituted |= self.substitute(command),
                'y' => self.space.iter_mut().for_each(|b| {
                    if let Some(pair) = command.text.chunks(2).find(|pair| pair[0] == *b) {
                        *b = pair[1];
                    }
                }),
                'a' => self.after.extend_from_slice(&command.text),
                'i' => self.out.extend_from_slice(&command.text),
                'c' => {
                    if command.to.is_none() || self.active[pc - 1].is_none() || command.negated {
                        self.out.extend_from_slice(&command.text);
                    }
                    self.out.append(&mut self.after);
                    return false;
                }
                'd' => {
                    self.out.append(&mut self.after);
                    return false;
                }
                'D' => {
                    self.out.append(&mut self.after);
                    let Some(end) = self.space.iter().position(|b| *b == b'\n') else { return false };
                    self.space.drain(..=end);
                    return true;
                }
                'p' => self.print(),
                'P' => {
                    let end = self.space.iter().position(|b| *b == b'\n').unwrap_or(self.space.len());
                    self.out.extend_from_slice(&self.space[..end]);
                    self.out.push(b'\n');
                }
                '=' => self.out.extend_from_slice(format!("{}\n", self.next).as_bytes()),
                'g' => self.space.clone_from(&self.hold),
                'G' => {
                    self.space.push(b'\n');
                    self.space.extend_from_slice(&self.hold);
                }
                'h' => self.hold.clone_from(&self.space),
                'H' => {
                    self.hold.push(b'\n');
                    self.hold.extend_from_slice(&self.space);
                }
                'x' => std::mem::swap(&mut self.space, &mut self.hold),
                'n' | 'N' => {
                    if self.next >= self.lines.len() {
                        break;
                    }
                    let line = self.lines[self.next];
                    self.next += 1;
                    if command.name == 'n' {
                        self.finish();
                        self.space = line.to_vec();
                    } else {
                        self.out.append(&mut self.after);
                        self.space.push(b'\n');
                        self.space.extend_from_slice(line);
                    }
                }
                'q' => {
                    self.code = Some(command.end as i32);
                    break;
                }
                'Q' => {
                    self.code = Some(command.end as i32);
                    return false;
                }
                'b' => pc = self.jump(&command.text),
                't' | 'T' => {
                    if substituted == (command.name == 't') {
                        pc = self.jump(&command.text);
                    }
                    substituted = false;
                }
                _ => {}
            }
        }
        self.finish();
        false
    }

    fn substitute(&mut self, command: &Command) -> bool {
        let Some(regex) = &command.regex else { return false };
        let digits: String = command.flags.chars().filter(char::is_ascii_digit).collect();
        let (first, all) = (digits.parse().unwrap_or(1usize), command.flags.contains('g'));
        let (mut out, mut at, mut count, mut last_end) = (Vec::new(), 0, 0, None);
        let mut done = false;
        while at <= self.space.len() && (all || !done) {
            let Some(found) = regex.find(&self.space, at) else { break };
            let Some((start, end)) = found[0] else { break };
            self.steps += 1 + (end - at) / 16;
            out.extend_from_slice(&self.space[at..start]);
            // An empty match right after a match is none.
            if !(start == end && last_end == Some(start)) {
                count += 1;
                if count >= first && (all || count == first) {
                    replace(&command.text, &self.space, &found, &mut out);
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
            if out.len() > 16 << 20 {
                self.steps = MAX_STEPS;
                break;
            }
        }
        out.extend_from_slice(self.space.get(at..).unwrap_or(&[]));
        if done {
            self.space = out;
            if command.flags.contains('p') {
                self.print();
            }
        }
        done
    }
}

fn replace(text: &[u8], space: &[u8], found: &[Option<(usize, usize)>], out: &mut Vec<u8>) {
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
                Some(d @ b'0'..=b'9') => put(group(usize::from(d - b'0')), case, &mut once),
                Some(b'n') => put(b"\n", case, &mut once),
                Some(b't') => put(b"\t", case, &mut once),
                Some(c @ (b'U' | b'L' | b'E')) => case = *c,
                Some(c @ (b'u' | b'l')) => once = *c,
                Some(b) => put(&[*b], case, &mut once),
                None => {}
            },
            b => put(&[*b], case, &mut once),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(flags: &str, script: &str, input: &str, expect: &str) {
        let result = parse(script.as_bytes(), flags.contains('E')).map(|commands| {
            let data = [input.as_bytes().to_vec()];
            let mut run = Run {
                script: &commands,
                lines: super::super::options::lines(&data[0]),
                next: 0,
                quiet: flags.contains('n'),
                active: vec![None; commands.len()],
                ended: vec![false; commands.len()],
                space: Vec::new(),
                hold: Vec::new(),
                after: Vec::new(),
                out: Vec::new(),
                code: None,
                steps: 0,
                final_newline: input.ends_with('\n'),
            };
            run.all();
            String::from_utf8_lossy(&run.out).into_owned()
        });
        assert_eq!(result.unwrap_or_else(|e| e), expect, "{script}");
    }

    #[test]
    fn scripts() {
        check("", "s/o/0/", "foo\nbar\n", "f0o\nbar\n");
        check("", "s/x*/-/g", "abc\n", "-a-b-c-\n");
        check("", "s/b/[&]/2", "abbb", "ab[b]b");
        check("n", "2,3p", "1\n2\n3\n4\n", "2\n3\n");
        check("n", "/2/,/3/{s/^/> /p}", "1\n2\n3\n4\n", "> 2\n> 3\n");
        check("", "$!d", "1\n2\n", "2\n");
        check("", "1!G;h;$!d", "a\nb\nc\n", "c\nb\na\n");
        check("", "1i top\n$a\\\nend", "x\ny\n", "top\nx\ny\nend\n");
        check("", "2c new", "1\n2\n3\n", "1\nnew\n3\n");
        check("E", "s/(a|b)+/<\\1>/", "xabay\n", "x<a>y\n");
        check("", ":a;N;$!ba;s/\\n/,/g", "1\n2\n3\n", "1,2,3\n");
        check("", "s#/bin#\\/opt#;y/abc/xyz/", "/bin/abc\n", "/opt/xyz\n");
        check("", "s/[/]/_/g", "a/b/c\n", "a_b_c\n");
        check("", "s/\\(.*\\)/\\U\\1/;q", "ab\ncd\n", "AB\n");
        check("", "2q", "1\n2\n3\n", "1\n2\n");
        check("", "/b/!s/$/!/", "a\nb\n", "a!\nb\n");
        check("n", "$=", "1\n2\n", "2\n");
    }

    #[test]
    fn errors() {
        check("", "s/a/b", "", "unmatched '/'");
        check("", "{p", "", "unmatched '{'");
        check("", "s/a/b/k", "", "unknown option to 's' command");
    }
}
