//! Patterns of `${v#p}`, `${v%p}` and `${v/p/r}`: `*`, `?`, escapes. BuildKit turns them into regular expressions.
//!
//! Go's matching is kept without an engine for regular expressions: leftmost, and of several the one that its order of
//! trying finds first. Each pair of a place in the pattern and a place in the value is tried at most once.

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Char(char),
    /// `?`: any character but a line break.
    One,
    /// `*`: any number of them.
    Many,
}

/// The value less the match at its start.
pub(super) fn trim_prefix(pattern: &str, value: &str, greedy: bool) -> Result<String, String> {
    let chars: Vec<char> = value.chars().collect();
    let parts = parse(pattern)?;
    let end = Matcher::new(&parts, &chars, greedy)?.at(0).unwrap_or(0);
    Ok(chars[end..].iter().collect())
}

/// The value less the match at its end. Found backwards, for only then is the shortest one the first.
pub(super) fn trim_suffix(pattern: &str, value: &str, greedy: bool) -> Result<String, String> {
    let backwards: String = value.chars().rev().collect();
    let rest = trim_prefix(&reverse(pattern), &backwards, greedy)?;
    Ok(rest.chars().rev().collect())
}

/// The value with the first match replaced; the replacement is taken as it is.
pub(super) fn replace_first(pattern: &str, value: &str, replacement: &str) -> Result<String, String> {
    let chars: Vec<char> = value.chars().collect();
    let parts = parse(pattern)?;
    let mut matcher = Matcher::new(&parts, &chars, true)?;
    let Some((start, end)) = matcher.find(0) else { return Ok(value.into()) };
    let (before, after) = (chars[..start].iter(), chars[end..].iter());
    Ok(before.copied().chain(replacement.chars()).chain(after.copied()).collect())
}

/// The value with all matches replaced; the replacement is a template in which `$0` is the match.
pub(super) fn replace_all(pattern: &str, value: &str, template: &str, max_length: usize) -> Result<String, String> {
    let chars: Vec<char> = value.chars().collect();
    let parts = parse(pattern)?;
    let mut matcher = Matcher::new(&parts, &chars, true)?;
    let mut out = String::new();
    let (mut copied, mut from) = (0, 0);
    while from <= chars.len() {
        let Some((start, end)) = matcher.find(from) else { break };
        out.extend(&chars[copied..start]);
        // No empty match right behind another match.
        if end > copied || start == 0 {
            expand_template(template, &chars[start..end], &mut out);
        }
        copied = end;
        from = if end > from { end } else { from + 1 };
        if out.len() > max_length {
            return Err(format!("the result is longer than {max_length} bytes"));
        }
    }
    out.extend(&chars[copied.min(chars.len())..]);
    Ok(out)
}

/// The pattern back to front, escapes kept together.
pub(super) fn reverse(pattern: &str) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let mut units = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let length = if chars[at] == '\\' && at + 1 < chars.len() { 2 } else { 1 };
        units.push(&chars[at..at + length]);
        at += length;
    }
    units.into_iter().rev().flatten().collect()
}

fn parse(pattern: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Many,
            '?' => Part::One,
            '\\' => match chars.peek() {
                // Escaped only because they would end the substitution.
                Some('}' | '/') => continue,
                Some(c @ ('*' | '?' | '\\')) => {
                    let part = Part::Char(*c);
                    chars.next();
                    part
                }
                other => return Err(format!("invalid escape '\\{}'", other.copied().unwrap_or(char::REPLACEMENT_CHARACTER))),
            },
            c => Part::Char(c),
        });
    }
    Ok(parts)
}

/// Go's `regexp.Expand` for an expression without groups: `$0` and `${0}` are the match, other names nothing.
fn expand_template(template: &str, matched: &[char], out: &mut String) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let braced = after.strip_prefix('{');
        let inner = braced.unwrap_or(after);
        let length = inner.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inner.len());
        let (name, tail) = inner.split_at(length);
        let tail = if braced.is_some() { tail.strip_prefix('}') } else { Some(tail) };
        match tail {
            Some(tail) if !name.is_empty() => {
                if name == "0" {
                    out.extend(matched);
                }
                rest = tail;
            }
            _ => {
                out.push('$');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

/// Bits for the pairs that were tried: 4 MiB at most.
const MAX_PAIRS: usize = 1 << 25;

struct Matcher<'a> {
    parts: &'a [Part],
    value: &'a [char],
    greedy: bool,
    /// Pairs from which there is no match, or that are on the way to the present one.
    tried: Vec<u64>,
}

impl<'a> Matcher<'a> {
    fn new(parts: &'a [Part], value: &'a [char], greedy: bool) -> Result<Self, String> {
        let pairs = (parts.len() + 1).saturating_mul(value.len() + 1);
        if pairs > MAX_PAIRS {
            return Err("the pattern and the value are too long".into());
        }
        Ok(Self { parts, value, greedy, tried: vec![0; pairs / 64 + 1] })
    }

    /// The first match at or after `from`.
    fn find(&mut self, from: usize) -> Option<(usize, usize)> {
        (from..=self.value.len()).find_map(|start| Some((start, self.at(start)?)))
    }

    /// The end of the match that begins at `start`.
    fn at(&mut self, start: usize) -> Option<usize> {
        let mut pending = vec![(0, start)];
        let mut visited = Vec::new();
        while let Some((part, place)) = pending.pop() {
            let bit = part * (self.value.len() + 1) + place;
            if self.tried[bit / 64] & (1 << (bit % 64)) != 0 {
                continue;
            }
            self.tried[bit / 64] |= 1 << (bit % 64);
            visited.push(bit);
            let next = self.value.get(place);
            let is_any = next.is_some_and(|c| *c != '\n');
            match self.parts.get(part) {
                None => {
                    // What was on the way to a match can be on the way to the next one.
                    visited.into_iter().for_each(|bit| self.tried[bit / 64] &= !(1 << (bit % 64)));
                    return Some(place);
                }
                Some(Part::Char(c)) if next == Some(c) => pending.push((part + 1, place + 1)),
                Some(Part::One) if is_any => pending.push((part + 1, place + 1)),
                Some(Part::Many) => {
                    let (more, done) = ((part, place + 1), (part + 1, place));
                    // The last one pushed is tried first.
                    let order = if self.greedy { [done, more] } else { [more, done] };
                    pending.extend(order.into_iter().filter(|pair| is_any || *pair == done));
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortest_and_longest() {
        for (pattern, greedy, prefix, suffix) in [
            ("*.", false, "b.c", "a.b.c"),
            ("*.", true, "c", "a.b.c"),
            (".*", false, "a.b.c", "a.b"),
            (".*", true, "a.b.c", "a"),
            ("?", false, ".b.c", "a.b."),
            ("", true, "a.b.c", "a.b.c"),
            ("*", true, "", ""),
            ("*", false, "a.b.c", "a.b.c"),
            ("a\\*", true, "a.b.c", "a.b.c"),
        ] {
            assert_eq!(trim_prefix(pattern, "a.b.c", greedy).as_deref(), Ok(prefix), "#{pattern} {greedy}");
            assert_eq!(trim_suffix(pattern, "a.b.c", greedy).as_deref(), Ok(suffix), "%{pattern} {greedy}");
        }
    }

    #[test]
    fn a_star_stops_at_a_line_break() {
        assert_eq!(trim_prefix("*", "a\nb", true).as_deref(), Ok("\nb"));
        assert_eq!(trim_suffix("?", "a\n", true).as_deref(), Ok("a\n"));
    }

    #[test]
    fn replaces() {
        assert_eq!(replace_first("l", "hello", "[$0]").as_deref(), Ok("he[$0]lo"));
        assert_eq!(replace_first("l*", "hello", "L").as_deref(), Ok("heL"));
        assert_eq!(replace_all("l", "hello", "[$0]", 99).as_deref(), Ok("he[l][l]o"));
        assert_eq!(replace_all("", "ab", "-", 99).as_deref(), Ok("-a-b-"));
        assert_eq!(replace_all("*", "ab", "-", 99).as_deref(), Ok("-"));
        assert_eq!(replace_all("?", "ab", "$$${0}$x$0y${", 99).as_deref(), Ok("$a${$b${"));
        assert_eq!(replace_all("x", "xx", "$", 99).as_deref(), Ok("$$"));
        assert!(replace_all("?", "aaaa", "bbbbbbbb", 9).is_err());
    }

    #[test]
    fn escapes() {
        assert_eq!(replace_first("a\\/b", "a/b", "c").as_deref(), Ok("c"));
        assert_eq!(replace_first("\\x", "", ""), Err("invalid escape '\\x'".into()));
        assert_eq!(replace_first("\\", "", ""), Err("invalid escape '\\\u{fffd}'".into()));
        assert_eq!(reverse("a\\*b\\"), "\\b\\*a");
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(300);
        assert_eq!(trim_prefix(&pattern, &"b".repeat(3000), true).map(|rest| rest.len()), Ok(3000));
    }
}
