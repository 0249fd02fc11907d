//! Shell patterns: `*`, `?`, `[…]`, a backslash quotes; bash's lists of patterns.

use std::cell::Cell;

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
/// Most steps of a match with lists.
const FUEL: u32 = 1 << 20;

/// Whether a pattern has a list of patterns.
pub fn has_list(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    (1..bytes.len()).any(|i| bytes[i] == b'(' && b"?*+@!".contains(&bytes[i - 1]) && (i < 2 || bytes[i - 2] != b'\\'))
}

/// Whether the whole text matches. `*` matches slashes too.
pub fn matches(pattern: &str, text: &str) -> bool {
    matches_as(pattern, text, Manner::default())
}

/// The same in a manner.
pub fn matches_as(pattern: &str, text: &str, manner: Manner) -> bool {
    match manner.ignore_case {
        true => whole(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase(), manner),
        false => whole(pattern, text, manner),
    }
}

fn whole(pattern: &str, text: &str, manner: Manner) -> bool {
    let chars: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    fits(&chars, &text, manner.extended && has_list(pattern))
}

/// Whether the whole text matches a pattern that may have lists. `fuel`: how many steps are left; without them nothing matches.
fn extended(mut pattern: &[char], mut text: &[char], depth: usize, fuel: &Cell<u32>) -> bool {
    loop {
        let Some(first) = pattern.first() else { return text.is_empty() };
        if fuel.get() == 0 {
            return false;
        }
        fuel.set(fuel.get() - 1);
        if pattern.get(1) == Some(&'(')
            && "?*+@!".contains(*first)
            && depth < MAX_NESTING
            && let Some((choices, length)) = choices(&pattern[1..])
        {
            let rest = &pattern[1 + length..];
            let some = |part: &[char]| choices.iter().any(|choice| extended(choice, part, depth + 1, fuel));
            let more = |end: usize| extended(rest, &text[end..], depth + 1, fuel);
            return match first {
                '!' => (0..=text.len()).any(|end| !some(&text[..end]) && more(end)),
                '@' => (0..=text.len()).any(|end| some(&text[..end]) && more(end)),
                '?' => more(0) || (0..=text.len()).any(|end| some(&text[..end]) && more(end)),
                repeated => {
                    // Where rounds of the list can end.
                    let mut ends = vec![false; text.len() + 1];
                    ends[0] = *repeated == '*' || some(&[]);
                    for start in 0..=text.len() {
                        if start == 0 || ends[start] {
                            for end in start + 1..=text.len() {
                                ends[end] = ends[end] || some(&text[start..end]);
                            }
                        }
                    }
                    ends.iter().enumerate().any(|(end, reached)| *reached && more(end))
                }
            };
        }
        if *first == '*' {
            return (0..=text.len()).any(|skipped| extended(&pattern[1..], &text[skipped..], depth + 1, fuel));
        }
        match text.first().and_then(|c| one(pattern, *c)) {
            Some(length) => (pattern, text) = (&pattern[length..], &text[1..]),
            None => return false,
        }
    }
}

/// Whether the whole text matches, with lists if there are any.
fn fits(pattern: &[char], text: &[char], lists: bool) -> bool {
    if lists { extended(pattern, text, 0, &Cell::new(FUEL)) } else { full(pattern, text) }
}

/// The patterns of a list, which starts with its parenthesis, and how long it is.
fn choices(list: &[char]) -> Option<(Vec<&[char]>, usize)> {
    let (mut found, mut start, mut open, mut i) = (Vec::new(), 1, 0, 0);
    while i < list.len() {
        match list[i] {
            '\\' => i += 1,
            '(' => open += 1,
            '|' if open == 1 => {
                found.push(&list[start..i]);
                start = i + 1;
            }
            ')' if open == 1 => {
                found.push(&list[start..i]);
                return Some((found, i + 1));
            }
            ')' => open -= 1,
            _ => {}
        }
        i += 1;
    }
    None
}

fn full(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
            continue;
        }
        if t == text.len() && p == pattern.len() {
            return true;
        }
        if t < text.len()
            && p < pattern.len()
            && let Some(length) = one(&pattern[p..], text[t])
        {
            p += length;
            t += 1;
            continue;
        }
        match star {
            Some((sp, st)) if st < text.len() => {
                star = Some((sp, st + 1));
                p = sp + 1;
                t = st + 1;
            }
            _ => return false,
        }
    }
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
pub fn trim(value: &str, pattern: &str, manner: Manner, suffix: bool, longest: bool) -> String {
    let lists = manner.extended && has_list(pattern);
    let (text, pattern): (Vec<char>, Vec<char>) = (value.chars().collect(), pattern.chars().collect());
    let mut cuts: Vec<usize> = (0..=text.len()).collect();
    if longest != suffix {
        cuts.reverse();
    }
    for cut in cuts {
        let (part, rest) = if suffix { (&text[cut..], &text[..cut]) } else { (&text[..cut], &text[cut..]) };
        if fits(&pattern, part, lists) {
            return rest.iter().collect();
        }
    }
    value.to_owned()
}

/// `${v/pattern/with}`, `${v//pattern/with}`; `anchors`: `#` and `%` before the pattern tie it to the start or the end. In
/// `with` a zero byte stands for what matched.
pub fn replace(value: &str, pattern: &str, with: &str, manner: Manner, all: bool, anchors: bool) -> String {
    let lower;
    let pattern = if manner.ignore_case {
        lower = pattern.to_ascii_lowercase();
        &lower
    } else {
        pattern
    };
    let lists = manner.extended && has_list(pattern);
    let fits = |pattern: &[char], part: &[char]| {
        let folded: Vec<char>;
        let part = if manner.ignore_case {
            folded = part.iter().map(char::to_ascii_lowercase).collect();
            &folded
        } else {
            part
        };
        self::fits(pattern, part, lists)
    };
    let text: Vec<char> = value.chars().collect();
    let (at_start, at_end) = (anchors && !all && pattern.starts_with('#'), anchors && !all && pattern.starts_with('%'));
    let pattern: Vec<char> = pattern.chars().skip((at_start || at_end) as usize).collect();
    let mut out = String::new();
    let mut i = 0;
    let mut done = pattern.is_empty() && !at_start && !at_end;
    if pattern.is_empty() && at_end {
        return value.to_owned() + with;
    }
    while i <= text.len() {
        let shortest = if at_start && pattern.is_empty() { i } else { i + 1 };
        let end = if done || (at_start && i > 0) {
            None
        } else {
            (shortest..=text.len()).rev().find(|e| (!at_end || *e == text.len()) && fits(&pattern, &text[i..*e]))
        };
        match end {
            Some(end) => {
                let matched: String = text[i..end].iter().collect();
                out.push_str(&with.replace('\0', &matched));
                done = !all;
                if end == i {
                    out.extend(text.get(i));
                }
                i = end.max(i + (end == i) as usize);
            }
            None => {
                out.extend(text.get(i));
                i += 1;
            }
        }
    }
    out
}
