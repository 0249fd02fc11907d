//! Shell patterns: `*`, `?`, `[…]`, a backslash quotes.

/// Quotes all that a pattern would read.
pub fn escape(text: &str) -> String {
    text.chars().flat_map(|c| "*?[]\\-!^".contains(c).then_some('\\').into_iter().chain([c])).collect()
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

/// Whether the whole text matches. `*` matches slashes too.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    full(&pattern, &text)
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
pub fn trim(value: &str, pattern: &str, suffix: bool, longest: bool) -> String {
    let (text, pattern): (Vec<char>, Vec<char>) = (value.chars().collect(), pattern.chars().collect());
    let mut cuts: Vec<usize> = (0..=text.len()).collect();
    if longest != suffix {
        cuts.reverse();
    }
    for cut in cuts {
        let (part, rest) = if suffix { (&text[cut..], &text[..cut]) } else { (&text[..cut], &text[cut..]) };
        if full(&pattern, part) {
            return rest.iter().collect();
        }
    }
    value.to_owned()
}

/// `${v/pattern/with}`, `${v//pattern/with}`; `anchors`: `#` and `%` before the pattern tie it to the start or the end. In
/// `with` a zero byte stands for what matched.
pub fn replace(value: &str, pattern: &str, with: &str, all: bool, anchors: bool) -> String {
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
            (shortest..=text.len()).rev().find(|e| (!at_end || *e == text.len()) && full(&pattern, &text[i..*e]))
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
