//! One pattern of moby/patternmatcher, compiled: exact text, a prefix, a suffix, or a little regular expression.

/// A pattern, ready to match.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// As cleaned, without `!`.
    pub text: String,
    /// It began with `!`.
    pub exclusion: bool,
    /// Where it stood in the list.
    pub position: usize,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    Exact,
    /// `x/**`, less the stars.
    Prefix,
    /// `**/x`, less the stars.
    Suffix,
    Expression(Vec<Piece>),
    /// Go's regexp package refuses it.
    Bad,
}

/// A part of the regular expression.
#[derive(Debug, Clone)]
enum Piece {
    /// One character of a set, or any number of them.
    Set { set: Set, many: bool },
    /// `(.*/)?`
    Folders,
    /// `^`: nothing, and only at the start.
    Start,
}

#[derive(Debug, Clone)]
struct Set {
    negated: bool,
    ranges: Vec<(char, char)>,
}

impl Set {
    fn one(c: char) -> Self {
        Self { negated: false, ranges: vec![(c, c)] }
    }

    fn not(c: char) -> Self {
        Self { negated: true, ranges: vec![(c, c)] }
    }

    fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != self.negated
    }
}

impl Pattern {
    /// `text` is clean and has passed `filepath.Match`.
    pub fn compile(text: &str, exclusion: bool, position: usize) -> Self {
        Self { text: text.to_owned(), exclusion, position, matcher: compile(text) }
    }

    /// Whether it matches this very path.
    pub fn matches(&self, path: &str) -> Result<bool, String> {
        Ok(match &self.matcher {
            Matcher::Exact => path == self.text,
            Matcher::Prefix => path.starts_with(&self.text[..self.text.len() - 2]),
            Matcher::Suffix => {
                let suffix = &self.text[2..];
                path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path)
            }
            Matcher::Expression(pieces) => run(pieces, path),
            Matcher::Bad => return Err("syntax error in pattern".into()),
        })
    }

    /// The text without a `/**` or `/*` at its end.
    pub fn without_trailing_glob(&self) -> &str {
        let text = self.text.strip_suffix("/**").unwrap_or(&self.text);
        text.strip_suffix("/*").unwrap_or(text)
    }
}

#[derive(PartialEq)]
enum Kind {
    Exact,
    Prefix,
    Suffix,
    Expression,
}

fn compile(text: &str) -> Matcher {
    // Invariant: the text of the expression holds what Go's would, so that stars inside brackets behave the same.
    let mut expression = String::new();
    let mut kind = Kind::Exact;
    let mut chars = text.chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                _ = chars.next_if_eq(&'/');
                if chars.peek().is_some() {
                    expression.push_str("(.*/)?");
                    kind = Kind::Expression;
                } else if kind == Kind::Exact {
                    kind = Kind::Prefix;
                } else {
                    expression.push_str(".*");
                    kind = Kind::Expression;
                }
                if first {
                    kind = Kind::Suffix;
                }
            }
            '*' => {
                expression.push_str("[^/]*");
                kind = Kind::Expression;
            }
            '?' => {
                expression.push_str("[^/]");
                kind = Kind::Expression;
            }
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => expression.extend(['\\', c]),
            '\\' => {
                expression.push('\\');
                if let Some(next) = chars.next() {
                    expression.push(next);
                    kind = Kind::Expression;
                }
            }
            '[' | ']' => {
                expression.push(c);
                kind = Kind::Expression;
            }
            c => expression.push(c),
        }
        first = false;
    }
    match kind {
        Kind::Exact => Matcher::Exact,
        Kind::Prefix => Matcher::Prefix,
        Kind::Suffix => Matcher::Suffix,
        Kind::Expression => parse(&expression).map_or(Matcher::Bad, Matcher::Expression),
    }
}

/// The part of Go's regexp syntax that `compile` can write.
fn parse(expression: &str) -> Option<Vec<Piece>> {
    let mut out = Vec::new();
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("(.*/)?") {
            out.push(Piece::Folders);
            rest = after;
            continue;
        }
        let mut chars = rest.chars();
        chars.next();
        let set = match c {
            '^' => {
                out.push(Piece::Start);
                rest = chars.as_str();
                continue;
            }
            '.' => Set::not('\n'),
            '[' => class(&mut chars)?,
            '\\' => escape(chars.next()?)?,
            c => Set::one(c),
        };
        let many = chars.as_str().starts_with('*');
        if many {
            chars.next();
        }
        out.push(Piece::Set { set, many });
        rest = chars.as_str();
    }
    Some(out)
}

fn class(chars: &mut std::str::Chars<'_>) -> Option<Set> {
    let negated = chars.as_str().starts_with('^');
    if negated {
        chars.next();
    }
    let mut ranges = Vec::new();
    loop {
        let low = match chars.next()? {
            ']' if !ranges.is_empty() => return Some(Set { negated, ranges }),
            '\\' => match escape(chars.next()?)? {
                Set { negated: false, ranges: mut set } if set.len() == 1 && set[0].0 == set[0].1 => set.pop()?.0,
                Set { negated: false, ranges: set } => {
                    ranges.extend(set);
                    continue;
                }
                _ => return None,
            },
            c => c,
        };
        let mut ahead = chars.clone();
        let high = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(end)) if end != ']' => {
                let end = if end == '\\' { ahead.next()? } else { end };
                *chars = ahead;
                end
            }
            _ => low,
        };
        if high < low {
            return None;
        }
        ranges.push((low, high));
    }
}

fn escape(c: char) -> Option<Set> {
    let ranges: &[(char, char)] = match c.to_ascii_lowercase() {
        'd' => &[('0', '9')],
        'w' => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        's' => &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')],
        _ => {
            return match c {
                'a' => Some(Set::one('\x07')),
                'f' => Some(Set::one('\x0c')),
                'n' => Some(Set::one('\n')),
                'r' => Some(Set::one('\r')),
                't' => Some(Set::one('\t')),
                'v' => Some(Set::one('\x0b')),
                c if c.is_ascii_alphanumeric() || !c.is_ascii() => None,
                c => Some(Set::one(c)),
            };
        }
    };
    Some(Set { negated: c.is_ascii_uppercase(), ranges: ranges.to_vec() })
}

fn run(pieces: &[Piece], path: &str) -> bool {
    let path: Vec<char> = path.chars().collect();
    // The positions of `path` that the pieces so far can reach.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for piece in pieces {
        let mut next = vec![false; path.len() + 1];
        let mut inside = false;
        for at in 0..=path.len() {
            let before = at.checked_sub(1).map(|i| path[i]);
            next[at] = match piece {
                Piece::Start => at == 0 && reached[0],
                Piece::Set { set, many: true } => reached[at] || before.is_some_and(|c| next[at - 1] && set.has(c)),
                Piece::Set { set, many: false } => before.is_some_and(|c| reached[at - 1] && set.has(c)),
                Piece::Folders => {
                    let closes = before == Some('/') && inside;
                    inside = (inside && before != Some('\n')) || reached[at];
                    reached[at] || closes
                }
            };
        }
        reached = next;
    }
    reached[path.len()]
}
