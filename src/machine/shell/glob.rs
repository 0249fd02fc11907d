//! Shell patterns: `*`, `?`, `[…]`, a backslash quotes; bash's lists of patterns.

/// Quotes all that a pattern would read.
pub fn escape(text: &str) -> String {
    text.chars().flat_map(|c| "*?[]\\-!^()|@+".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Takes the quotes off.
pub fn unescape(pattern: &str) -> String {
    let mut chars = pattern.chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    out
}

/// Whether there is an unquoted wildcard.
pub fn is_glob(pattern: &str) -> bool {
    let mut quoted = false;
    for c in pattern.chars() {
        if !quoted && "*?[".contains(c) {
            return true;
        }
        quoted = c == '\\' && !quoted;
    }
    false
}

/// How patterns are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// bash's `@(a|b)`, `?(…)`, `*(…)`, `+(…)` and `!(…)`.
    pub extended: bool,
    /// Letters are equal in either case.
    pub ignore_case: bool,
}

/// Most lists of an extended pattern inside of each other.
const MAX_NESTING: usize = 40;
/// Most steps of one use of a pattern.
const FUEL: u64 = 1 << 24;

/// Whether a pattern has a list of patterns.
pub fn has_list(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    (1..bytes.len()).any(|i| bytes[i] == b'(' && b"?*+@!".contains(&bytes[i - 1]) && (i < 2 || bytes[i - 2] != b'\\'))
}

/// Whether the whole text matches. `*` matches slashes too.
pub fn matches(pattern: &str, text: &str) -> bool {
    matches_as(pattern, text, Manner::default(), &mut 0)
}

/// The same in a manner. `spent` counts the steps: all of them, if they were too many and nothing matched.
pub fn matches_as(pattern: &str, text: &str, manner: Manner, spent: &mut u64) -> bool {
    let fold = |text: &str| text.chars().map(|c| if manner.ignore_case { c.to_ascii_lowercase() } else { c }).collect::<Vec<char>>();
    let (pattern, text) = (fold(pattern), fold(text));
    reach(&Element::all(&pattern, manner), &text, vec![0], spent).contains(&text.len())
}

/// A part of a pattern.
enum Element<'a> {
    /// `*`
    Any,
    /// What takes one letter.
    One(&'a [char]),
    /// A list: what stands before it, and its patterns.
    List(char, Vec<Vec<Element<'a>>>),
}

impl<'a> Element<'a> {
    /// The parts of a pattern.
    fn all(pattern: &'a [char], manner: Manner) -> Vec<Self> {
        let (mut closing, mut open, mut i) = (vec![0; pattern.len()], Vec::new(), 0);
        while manner.extended && i < pattern.len() {
            match pattern[i] {
                '\\' => i += 1,
                '(' => open.push(i),
                ')' => _ = open.pop().map(|start: usize| closing[start] = i),
                _ => {}
            }
            i += 1;
        }
        Self::choices(pattern, (0, pattern.len()), &closing, 0).into_iter().next().unwrap_or_default()
    }

    /// The patterns between the bars of a list (outside of lists, a bar is a letter). `closing`: where what opens is closed.
    fn choices(pattern: &'a [char], (start, end): (usize, usize), closing: &[usize], depth: usize) -> Vec<Vec<Self>> {
        let (mut found, mut own, mut i) = (Vec::new(), Vec::new(), start);
        let last_bracket = pattern[..end].iter().rposition(|c| *c == ']').unwrap_or(0);
        while i < end {
            let close = closing.get(i + 1).map_or(0, |close| *close);
            if close > 0 && close < end && "?*+@!".contains(pattern[i]) && pattern[i + 1] == '(' && depth < MAX_NESTING {
                own.push(Self::List(pattern[i], Self::choices(pattern, (i + 2, close), closing, depth + 1)));
                i = close + 1;
                continue;
            }
            if pattern[i] == '|' && depth > 0 {
                found.push(std::mem::take(&mut own));
                i += 1;
                continue;
            }
            let length = match pattern[i] {
                '\\' => 2.min(end - i),
                '[' if i < last_bracket => bracket(&pattern[i..end], ' ').map_or(1, |found| found.0),
                _ => 1,
            };
            own.push(if pattern[i] == '*' { Self::Any } else { Self::One(&pattern[i..i + length]) });
            i += length;
        }
        found.push(own);
        found
    }

    /// The parts from behind, for a text that is read from its end.
    fn mirror(parts: &mut [Self]) {
        parts.reverse();
        for part in parts {
            if let Self::List(_, choices) = part {
                choices.iter_mut().for_each(|choice| Self::mirror(choice));
            }
        }
    }

    /// Where it can end, begun at any of the places `from`.
    fn ends(&self, text: &[char], from: Vec<usize>, spent: &mut u64) -> Vec<usize> {
        let (kind, choices) = match self {
            Self::Any => return from.into_iter().min().map_or(Vec::new(), |first| (first..=text.len()).collect()),
            Self::One(part) => {
                let fits = |at: &usize| text.get(*at).is_some_and(|c| one(part, *c).is_some());
                return from.into_iter().filter(fits).map(|at| at + 1).collect();
            }
            Self::List(kind, choices) => (*kind, choices),
        };
        let mut reached = vec![false; text.len() + 1];
        let once = |from: &[usize], reached: &mut Vec<bool>, spent: &mut u64| {
            let mut fresh = Vec::new();
            for choice in choices {
                for end in reach(choice, text, from.to_vec(), spent) {
                    if !std::mem::replace(&mut reached[end], true) {
                        fresh.push(end);
                    }
                }
            }
            fresh
        };
        if kind == '!' {
            for start in from {
                let mut own = vec![false; text.len() + 1];
                once(&[start], &mut own, spent);
                *spent = spent.saturating_add(text.len() as u64);
                (start..=text.len()).filter(|end| !own[*end]).for_each(|end| reached[end] = true);
            }
        } else {
            if matches!(kind, '?' | '*') {
                from.iter().for_each(|at| reached[*at] = true);
            }
            let mut next = once(&from, &mut reached, spent);
            while !next.is_empty() && matches!(kind, '*' | '+') {
                next = once(&next, &mut reached, spent);
            }
        }
        (0..=text.len()).filter(|end| reached[*end]).collect()
    }
}

/// Where the parts can end, begun at any of the places `from`.
fn reach(parts: &[Element<'_>], text: &[char], from: Vec<usize>, spent: &mut u64) -> Vec<usize> {
    let mut at = from;
    for part in parts {
        *spent = spent.saturating_add(match part {
            Element::One(part) => (at.len() * part.len()) as u64,
            _ => (at.len() + text.len()) as u64,
        });
        if *spent > FUEL {
            *spent = u64::MAX;
            return Vec::new();
        }
        if at.is_empty() {
            break;
        }
        at = part.ends(text, at, spent);
    }
    at
}

/// How long the first element of the pattern is, if it matches `c`.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern[0] {
        '?' => Some(1),
        '\\' if pattern.len() > 1 => (pattern[1] == c).then_some(2),
        '[' => match bracket(pattern, c) {
            Some((length, hit)) => hit.then_some(length),
            None => (c == '[').then_some(1),
        },
        other => (other == c).then_some(1),
    }
}

fn bracket(pattern: &[char], c: char) -> Option<(usize, bool)> {
    let mut i = 1;
    let negate = matches!(pattern.get(1), Some('!' | '^'));
    i += negate as usize;
    let start = i;
    let mut hit = false;
    loop {
        let mut low = *pattern.get(i)?;
        if low == ']' && i > start {
            return Some((i + 1, hit != negate));
        }
        if low == '[' && pattern.get(i + 1) == Some(&':') {
            let end = pattern[i..].iter().position(|c| *c == ']')? + i;
            let class: String = pattern[i + 2..end.saturating_sub(1).max(i + 2)].iter().collect();
            hit |= in_class(&class, c);
            i = end + 1;
            continue;
        }
        if low == '\\' {
            i += 1;
            low = *pattern.get(i)?;
        }
        if pattern.get(i + 1) == Some(&'-') && !matches!(pattern.get(i + 2), None | Some(']')) {
            let high = pattern[i + 2];
            hit |= (low..=high).contains(&c);
            i += 3;
        } else {
            hit |= low == c;
            i += 1;
        }
    }
}

/// Whether `c` is in a POSIX class.
pub fn in_class(class: &str, c: char) -> bool {
    match class {
        "alpha" => c.is_ascii_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_ascii_alphanumeric(),
        "upper" => c.is_ascii_uppercase(),
        "lower" => c.is_ascii_lowercase(),
        "space" => c.is_ascii_whitespace() || c == '\u{b}',
        "blank" => c == ' ' || c == '\t',
        "punct" => c.is_ascii_punctuation(),
        "xdigit" => c.is_ascii_hexdigit(),
        "cntrl" => c.is_ascii_control(),
        "print" => c == ' ' || c.is_ascii_graphic(),
        "graph" => c.is_ascii_graphic(),
        _ => false,
    }
}

/// `${v#pattern}` and its three sisters.
pub fn trim(value: &str, pattern: &str, manner: Manner, suffix: bool, longest: bool, spent: &mut u64) -> String {
    let (mut text, pattern): (Vec<char>, Vec<char>) = (value.chars().collect(), pattern.chars().collect());
    let mut parts = Element::all(&pattern, manner);
    if suffix {
        text.reverse();
        Element::mirror(&mut parts);
    }
    let ends = reach(&parts, &text, vec![0], spent).into_iter();
    let cut = if longest { ends.max() } else { ends.min() }.unwrap_or(0);
    if suffix { value.chars().take(text.len() - cut).collect() } else { value.chars().skip(cut).collect() }
}

/// `${v/pattern/with}`, `${v//pattern/with}`; `anchors`: `#` and `%` before the pattern tie it to the start or the end. In
/// `with` a zero byte stands for what matched.
pub fn replace(value: &str, pattern: &str, with: &str, manner: Manner, (all, anchors): (bool, bool), spent: &mut u64) -> String {
    let fold = |c: char| if manner.ignore_case { c.to_ascii_lowercase() } else { c };
    let (at_start, at_end) = (anchors && !all && pattern.starts_with('#'), anchors && !all && pattern.starts_with('%'));
    let pattern: Vec<char> = pattern.chars().skip((at_start || at_end) as usize).map(fold).collect();
    if pattern.is_empty() {
        return match (at_start, at_end) {
            (true, _) => with.replace('\0', "") + value,
            (_, true) => value.to_owned() + &with.replace('\0', ""),
            _ => value.to_owned(),
        };
    }
    let parts = Element::all(&pattern, manner);
    let text: Vec<char> = value.chars().collect();
    let folded: Vec<char> = text.iter().copied().map(fold).collect();
    let mut out = String::new();
    let (mut i, mut done) = (0, false);
    while i < text.len() || i == text.len() && (at_end || i == 0) {
        *spent = spent.saturating_add(1);
        let ends = if done { Vec::new() } else { reach(&parts, &folded, vec![i], spent) };
        done |= at_start;
        if let Some(end) = ends.into_iter().filter(|end| !at_end || *end == text.len()).max() {
            let matched: String = text[i..end].iter().collect();
            out.push_str(&with.replace('\0', &matched));
            done |= !all;
            if end > i {
                i = end;
                continue;
            }
        }
        out.extend(text.get(i));
        i += 1;
    }
    out
}
