//! Go's `path/filepath.Match` on Unix: `*`, `?`, `[a-z]`, `[^a-z]` and `\`, none of which crosses a slash.
//!
//! Not here: `**` (see [`super::Patterns`]) and braces, which Docker does not know.

/// The pattern is malformed: Go's `ErrBadPattern`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPattern;

impl std::fmt::Display for BadPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("syntax error in pattern")
    }
}

/// Whether the whole of `name` matches. A malformed pattern is an error even where the name differs before the fault.
pub fn glob_match(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let tokens = tokens(pattern)?;
    let name: Vec<char> = name.chars().collect();
    // The positions of `name` that the tokens so far can reach.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for token in &tokens {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            if *token == Token::Star {
                next[at] = reached[at] || at > 0 && next[at - 1] && name[at - 1] != '/';
            } else if at > 0 {
                next[at] = reached[at - 1] && token.takes(name[at - 1]);
            }
        }
        reached = next;
    }
    Ok(reached[name.len()])
}

/// Whether there is an unescaped `*`, `?` or `[`.
pub fn has_wildcard(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => _ = chars.next(),
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

#[derive(Debug, PartialEq)]
enum Token {
    Star,
    Any,
    Char(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Token {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => c != '/',
            Self::Char(own) => *own == c,
            Self::Class { negated, ranges } => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated,
        }
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, BadPattern> {
    let mut chars = pattern.chars().peekable();
    let mut out = Vec::new();
    while let Some(c) = chars.next() {
        out.push(match c {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => Token::Char(chars.next().ok_or(BadPattern)?),
            '[' => class(&mut chars)?,
            c => Token::Char(c),
        });
    }
    Ok(out)
}

fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Token, BadPattern> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
            return Ok(Token::Class { negated, ranges });
        }
        let low = class_char(chars)?;
        let high = if chars.next_if_eq(&'-').is_some() { class_char(chars)? } else { low };
        ranges.push((low, high));
    }
}

fn class_char(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char, BadPattern> {
    match chars.next() {
        None | Some('-' | ']') => Err(BadPattern),
        Some('\\') => chars.next().ok_or(BadPattern),
        Some(c) => Ok(c),
    }
    // Invariant: a class is closed by `]`, so one that ends here is malformed.
    .and_then(|c| if chars.peek().is_some() { Ok(c) } else { Err(BadPattern) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, name: &str, expect: Result<bool, BadPattern>) {
        assert_eq!(glob_match(pattern, name), expect, "{pattern} against {name}");
    }

    #[test]
    fn stars_and_questions_stay_within_a_component() {
        check("*", "abc", Ok(true));
        check("*", "", Ok(true));
        check("*", "a/b", Ok(false));
        check("a*/b", "abc/b", Ok(true));
        check("a*/b", "a/c/b", Ok(false));
        check("a?b", "a\u{263a}b", Ok(true));
        check("a?b", "a/b", Ok(false));
        check("a*b*c*d*e*/f", "axbxcxdxexxx/f", Ok(true));
        check("a*b?c*x", "abxbbxdbxebxczzy", Ok(false));
    }

    #[test]
    fn classes_and_escapes() {
        check("ab[c]", "abc", Ok(true));
        check("ab[b-d]", "abc", Ok(true));
        check("ab[e-g]", "abc", Ok(false));
        check("ab[^b-d]", "abe", Ok(true));
        check("[^a]", "/", Ok(true));
        check("a\\*b", "a*b", Ok(true));
        check("a\\*b", "ab", Ok(false));
        check("[\\]a]", "]", Ok(true));
    }

    #[test]
    fn malformed_patterns_are_errors() {
        for pattern in ["[", "[]a]", "[^", "[-]", "[x-]", "[-x]", "[a", "[a-", "a\\", "a[", "[\\", "[^bc"] {
            check(pattern, "a", Err(BadPattern));
        }
        check("x[", "a", Err(BadPattern));
    }

    #[test]
    fn wildcards_are_seen_unless_escaped() {
        assert!(has_wildcard("a[b"));
        assert!(!has_wildcard("a\\*b"));
        assert!(!has_wildcard("a\\"));
    }
}
