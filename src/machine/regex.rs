//! POSIX regular expressions (basic and extended, with GNU's additions): leftmost, longest, on bytes as in the C locale.
//!
//! The program runs by backtracking, but no state is tried twice at a place, so that work is bounded by program times text.

use std::collections::BTreeSet;

use super::tools::cut::class;

/// Most instructions of a program.
const MAX_PROGRAM: usize = 20_000;
/// Most states tried when there are back-references.
const MAX_STATES: usize = 200_000;
/// Deepest nesting of groups.
const MAX_DEPTH: u32 = 60;

/// How a pattern is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Syntax {
    /// Extended instead of basic.
    pub extended: bool,
    /// Letters match both cases.
    pub ignore_case: bool,
    /// `^` and `$` also match at newlines.
    pub multiline: bool,
    /// Extended: what repeats must stand behind something, and `{` begins an interval.
    pub strict: bool,
}

/// Where the whole match (0) and the groups are.
pub type Captures = Vec<Option<(usize, usize)>>;

/// A compiled expression.
#[derive(Debug, Clone)]
pub struct Regex {
    program: Vec<Op>,
    groups: usize,
    back_references: bool,
    multiline: bool,
}

type Set = [u64; 4];

#[derive(Debug, Clone)]
enum Op {
    Set(Box<Set>),
    Split(usize, usize),
    Jump(usize),
    Save(usize),
    Start,
    End,
    Edge(u8),
    Back(usize),
    Match,
}

#[derive(Debug, Clone)]
enum Node {
    Set(Set),
    Start,
    End,
    Edge(u8),
    Back(usize),
    Group(usize, Box<Node>),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat(Box<Node>, u32, Option<u32>),
}

impl Regex {
    /// Compiles `pattern`; an error is the text that programs print.
    pub fn new(pattern: &[u8], syntax: Syntax) -> Result<Self, String> {
        let mut parser = Parser { text: pattern, at: 0, groups: 0, syntax, back: false };
        let node = parser.either(0)?;
        if parser.at < pattern.len() {
            return Err("Unmatched ) or \\)".into());
        }
        let mut program = Vec::new();
        emit(&node, &mut program)?;
        program.push(Op::Match);
        Ok(Self { program, groups: parser.groups, back_references: parser.back, multiline: syntax.multiline })
    }

    /// The first match that begins at `from` or later.
    pub fn find(&self, text: &[u8], from: usize) -> Option<Captures> {
        let mut seen = vec![0u64; if self.back_references { 0 } else { self.program.len() * (text.len() + 1) / 64 + 1 }];
        let mut states = BTreeSet::new();
        (from..=text.len()).find_map(|start| self.run(text, start, &mut seen, &mut states))
    }

    /// How many groups it has.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Whether it matches anywhere.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.find(text, 0).is_some()
    }

    fn run(&self, text: &[u8], start: usize, seen: &mut [u64], states: &mut BTreeSet<(usize, usize, Vec<usize>)>) -> Option<Captures> {
        enum Job {
            Try(usize, usize),
            Restore(usize, usize),
        }
        let mut slots = vec![usize::MAX; 2 * (self.groups + 1)];
        let mut best: Option<(usize, Vec<usize>)> = None;
        let mut jobs = vec![Job::Try(0, start)];
        while let Some(job) = jobs.pop() {
            let (mut pc, mut at) = match job {
                Job::Restore(slot, old) => {
                    slots[slot] = old;
                    continue;
                }
                Job::Try(pc, at) => (pc, at),
            };
            loop {
                if self.back_references {
                    if states.len() > MAX_STATES || !states.insert((pc, at, slots.clone())) {
                        break;
                    }
                } else {
                    let bit = pc * (text.len() + 1) + at;
                    let word = &mut seen[bit / 64];
                    if *word >> (bit % 64) & 1 == 1 {
                        break;
                    }
                    *word |= 1 << (bit % 64);
                }
                match &self.program[pc] {
                    Op::Set(set) if text.get(at).is_some_and(|b| contains(set, *b)) => at += 1,
                    Op::Start if at == 0 || self.multiline && text[at - 1] == b'\n' => {}
                    Op::End if at == text.len() || self.multiline && text[at] == b'\n' => {}
                    Op::Edge(kind) if edge(text, at, *kind) => {}
                    Op::Set(_) | Op::Start | Op::End | Op::Edge(_) => break,
                    Op::Split(first, second) => {
                        jobs.push(Job::Try(*second, at));
                        pc = *first;
                        continue;
                    }
                    Op::Jump(to) => {
                        pc = *to;
                        continue;
                    }
                    Op::Save(slot) => {
                        jobs.push(Job::Restore(*slot, slots[*slot]));
                        slots[*slot] = at;
                    }
                    Op::Back(group) => match text.get(slots[2 * group]..slots[2 * group + 1]) {
                        Some(part) if text[at..].starts_with(part) => at += part.len(),
                        _ => break,
                    },
                    Op::Match => {
                        if best.as_ref().is_none_or(|(end, _)| at > *end) {
                            best = Some((at, slots.clone()));
                        }
                        break;
                    }
                }
                pc += 1;
            }
        }
        let (end, slots) = best?;
        let mut captures: Captures = slots.chunks(2).map(|s| (s[0] <= s[1] && s[1] != usize::MAX).then(|| (s[0], s[1]))).collect();
        captures[0] = Some((start, end));
        Some(captures)
    }
}

fn contains(set: &Set, byte: u8) -> bool {
    set[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
}

fn set_of(test: impl Fn(u8) -> bool) -> Set {
    let mut set = [0; 4];
    (0..=255u8).filter(|b| test(*b)).for_each(|b| set[usize::from(b >> 6)] |= 1 << (b & 63));
    set
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn edge(text: &[u8], at: usize, kind: u8) -> bool {
    let before = at > 0 && is_word(text[at - 1]);
    let after = text.get(at).is_some_and(|b| is_word(*b));
    match kind {
        b'<' => !before && after,
        b'>' => before && !after,
        b'b' => before != after,
        b'B' => before == after,
        b'`' => at == 0,
        _ => at == text.len(),
    }
}

fn emit(node: &Node, out: &mut Vec<Op>) -> Result<(), String> {
    if out.len() > MAX_PROGRAM {
        return Err("Regular expression too big".into());
    }
    match node {
        Node::Set(set) => out.push(Op::Set(Box::new(*set))),
        Node::Start => out.push(Op::Start),
        Node::End => out.push(Op::End),
        Node::Edge(kind) => out.push(Op::Edge(*kind)),
        Node::Back(group) => out.push(Op::Back(*group)),
        Node::Group(n, inner) => {
            out.push(Op::Save(2 * n));
            emit(inner, out)?;
            out.push(Op::Save(2 * n + 1));
        }
        Node::Sequence(nodes) => nodes.iter().try_for_each(|n| emit(n, out))?,
        Node::Either(nodes) => {
            let mut jumps = Vec::new();
            for (i, node) in nodes.iter().enumerate() {
                let split = out.len();
                if i + 1 < nodes.len() {
                    out.push(Op::Match);
                }
                emit(node, out)?;
                if i + 1 < nodes.len() {
                    jumps.push(out.len());
                    out.push(Op::Match);
                    out[split] = Op::Split(split + 1, out.len());
                }
            }
            let end = out.len();
            jumps.into_iter().for_each(|j| out[j] = Op::Jump(end));
        }
        Node::Repeat(inner, min, max) => {
            for _ in 0..*min {
                emit(inner, out)?;
            }
            match max {
                None => {
                    let split = out.len();
                    out.push(Op::Match);
                    emit(inner, out)?;
                    out.push(Op::Jump(split));
                    out[split] = Op::Split(split + 1, out.len());
                }
                Some(max) => {
                    let mut splits = Vec::new();
                    for _ in *min..*max {
                        splits.push(out.len());
                        out.push(Op::Match);
                        emit(inner, out)?;
                    }
                    let end = out.len();
                    splits.into_iter().for_each(|s| out[s] = Op::Split(s + 1, end));
                }
            }
        }
    }
    Ok(())
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    groups: usize,
    syntax: Syntax,
    back: bool,
}

impl Parser<'_> {
    fn sees(&self, special: u8) -> bool {
        let rest = &self.text[self.at..];
        if self.syntax.extended { rest.first() == Some(&special) } else { rest.starts_with(&[b'\\', special]) }
    }

    fn skip_special(&mut self) {
        self.at += if self.syntax.extended { 1 } else { 2 };
    }

    fn either(&mut self, depth: u32) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err("Regular expression too big".into());
        }
        let mut branches = vec![self.sequence(depth)?];
        while self.sees(b'|') {
            self.skip_special();
            branches.push(self.sequence(depth)?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Either(branches) })
    }

    fn sequence(&mut self, depth: u32) -> Result<Node, String> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut first = true;
        while self.at < self.text.len() && !self.sees(b'|') && !(self.sees(b')') && (depth > 0 || !self.syntax.extended)) {
            if let Some((min, max)) = self.repeat(first)? {
                if let Some(last) = nodes.pop() {
                    nodes.push(Node::Repeat(Box::new(last), min, max));
                }
                continue;
            }
            let node = self.atom(first, depth)?;
            first = (self.syntax.strict || !self.syntax.extended) && matches!(node, Node::Start);
            nodes.push(node);
        }
        Ok(Node::Sequence(nodes))
    }

    fn repeat(&mut self, first: bool) -> Result<Option<(u32, Option<u32>)>, String> {
        if first && !self.syntax.extended {
            return Ok(None);
        }
        let strict = self.syntax.strict && self.syntax.extended;
        if first && strict && b"*+?{".contains(&self.text[self.at]) {
            return Err("Invalid preceding regular expression".into());
        }
        let simple = if self.text[self.at] == b'*' {
            self.at += 1;
            return Ok(Some((0, None)));
        } else if self.sees(b'+') {
            Some((1, None))
        } else if self.sees(b'?') {
            Some((0, Some(1)))
        } else {
            None
        };
        if simple.is_some() {
            self.skip_special();
            return Ok(simple);
        }
        if !self.sees(b'{') {
            return Ok(None);
        }
        let before = self.at;
        self.skip_special();
        let length = self.text[self.at..].iter().take_while(|b| b.is_ascii_digit() || **b == b',').count();
        let body = String::from_utf8_lossy(&self.text[self.at..self.at + length]).into_owned();
        self.at += length;
        if !self.sees(b'}') || body.is_empty() {
            if strict {
                return Err("Unmatched \\{".into());
            }
            if self.syntax.extended {
                self.at = before;
                return Ok(None);
            }
            return Err("Invalid preceding regular expression".into());
        }
        self.skip_special();
        let (min, max) = body.split_once(',').unwrap_or((&body, &body));
        let number = |t: &str| t.parse::<u32>().map_err(|_| "Invalid content of \\{\\}".to_owned());
        let min = if min.is_empty() { 0 } else { number(min)? };
        let max = if max.is_empty() { None } else { Some(number(max)?) };
        if min > 1000 || max.is_some_and(|m| m < min || m > 1000) {
            return Err("Invalid content of \\{\\}".into());
        }
        Ok(Some((min, max)))
    }

    fn one(&self, byte: u8) -> Node {
        Node::Set(self.fold(set_of(|b| b == byte)))
    }

    fn fold(&self, set: Set) -> Set {
        if !self.syntax.ignore_case {
            return set;
        }
        set_of(|b| contains(&set, b) || contains(&set, b.to_ascii_lowercase()) || contains(&set, b.to_ascii_uppercase()))
    }

    fn atom(&mut self, first: bool, depth: u32) -> Result<Node, String> {
        if self.sees(b'(') {
            self.skip_special();
            self.groups += 1;
            let number = self.groups;
            let inner = self.either(depth + 1)?;
            if !self.sees(b')') {
                return Err("Unmatched ( or \\(".into());
            }
            self.skip_special();
            return Ok(Node::Group(number, Box::new(inner)));
        }
        let c = self.text[self.at];
        self.at += 1;
        let extended = self.syntax.extended;
        Ok(match c {
            b'.' => Node::Set([u64::MAX; 4]),
            b'^' if extended || first => Node::Start,
            b'$' if extended || self.at == self.text.len() || self.sees(b')') || self.sees(b'|') => Node::End,
            b'[' => Node::Set(self.bracket()?),
            b'\\' => {
                let Some(c) = self.text.get(self.at).copied() else { return Err("Trailing backslash".into()) };
                self.at += 1;
                match c {
                    b'w' => Node::Set(set_of(is_word)),
                    b'W' => Node::Set(set_of(|b| !is_word(b))),
                    b's' => Node::Set(set_of(|b| b.is_ascii_whitespace() || b == 11)),
                    b'S' => Node::Set(set_of(|b| !b.is_ascii_whitespace() && b != 11)),
                    b'<' | b'>' | b'b' | b'B' | b'`' | b'\'' => Node::Edge(c),
                    b'n' => self.one(b'\n'),
                    b't' => self.one(b'\t'),
                    b'1'..=b'9' => {
                        let group = usize::from(c - b'0');
                        if group > self.groups {
                            return Err("Invalid back reference".into());
                        }
                        self.back = true;
                        Node::Back(group)
                    }
                    c => self.one(c),
                }
            }
            c => self.one(c),
        })
    }

    /// After `[`.
    fn bracket(&mut self) -> Result<Set, String> {
        const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
        let negated = self.text.get(self.at) == Some(&b'^');
        self.at += usize::from(negated);
        let mut set = [0; 4];
        let mut add = |test: &dyn Fn(u8) -> bool| {
            set_of(test).iter().zip(set.iter_mut()).for_each(|(new, old)| *old |= new);
        };
        let start = self.at;
        if start == self.text.len() {
            return Err("Invalid regular expression".into());
        }
        loop {
            let c = *self.text.get(self.at).ok_or(UNMATCHED)?;
            if c == b']' && self.at > start {
                self.at += 1;
                break;
            }
            if let (b'[', Some(kind @ (b':' | b'.' | b'='))) = (c, self.text.get(self.at + 1)) {
                let body = &self.text[self.at + 2..];
                let length = body.windows(2).position(|w| w == [*kind, b']']).ok_or(UNMATCHED)?;
                let name = String::from_utf8_lossy(&body[..length]).into_owned();
                self.at += length + 4;
                if *kind == b':' {
                    let class = class(&name).ok_or("Invalid character class name")?;
                    add(&|b| class(&b));
                } else {
                    add(&|b| name.as_bytes().first() == Some(&b));
                }
                continue;
            }
            self.at += 1;
            match (self.text.get(self.at), self.text.get(self.at + 1)) {
                (Some(b'-'), Some(to)) if *to != b']' => {
                    if *to < c {
                        return Err("Invalid range end".into());
                    }
                    add(&|b| (c..=*to).contains(&b));
                    self.at += 2;
                }
                _ => add(&|b| b == c),
            }
        }
        let set = self.fold(set);
        Ok(if negated { set.map(|word| !word) } else { set })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expect: &str) {
        let (extended, body) = pattern.strip_prefix("E:").map_or((false, pattern), |p| (true, p));
        let found = match Regex::new(body.as_bytes(), Syntax { extended, ..Syntax::default() }) {
            Err(e) => e,
            Ok(regex) => match regex.find(text.as_bytes(), 0) {
                None => "none".into(),
                Some(all) => all.iter().map(|c| c.map_or("-", |(a, b)| &text[a..b])).collect::<Vec<_>>().join("|"),
            },
        };
        assert_eq!(found, expect, "{pattern} on {text}");
    }

    #[test]
    fn basic() {
        check("a*b", "xaab", "aab");
        check("*a", "b*a", "*a");
        check("^*a", "*a", "*a");
        check("a\\{2,3\\}", "aaaa", "aaa");
        check("\\(a\\|ab\\)c*", "abcc", "abcc|ab");
        check("\\(.\\)\\1", "abccd", "cc|c");
        check("a+b", "a+b", "a+b");
        check("a\\+", "caab", "aa");
        check("x$y", "x$y", "x$y");
        check("\\<b", "ab b", "b");
        check("a\\.b", "axb a.b", "a.b");
    }

    #[test]
    fn extended() {
        check("E:a|ab|abc", "xabcd", "abc");
        check("E:(a+)(b?)$", "caa", "aa|aa|");
        check("E:^(x|y)z", "yz", "yz|y");
        check("E:[^a-c]+", "abxyc", "xy");
        check("E:[[:digit:]]+\\.[0-9]", "v12.5", "12.5");
        check("E:[]x-]+", "a]-x", "]-x");
        check("E:(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaac", "none");
        check("E:{x", "a{x", "{x");
        check("E:()", "a", "|");
    }

    #[test]
    fn errors() {
        check("E:(a", "", "Unmatched ( or \\(");
        check("[a", "", "Unmatched [, [^, [:, [., or [=");
        check("a\\", "", "Trailing backslash");
        check("\\1", "", "Invalid back reference");
    }
}
