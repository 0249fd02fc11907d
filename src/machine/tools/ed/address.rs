//! Addresses: numbers, marks and what is searched for.

use super::change::delimited;
use super::{Editor, Stop, error};
use crate::machine::regex::{Regex, Syntax};

impl Editor {
    /// An expression; an empty one is the last.
    pub(super) fn regex(&mut self, pattern: &[u8]) -> Result<Regex, Stop> {
        if pattern.is_empty() {
            return self.last.as_ref().map(|(_, r)| r.clone()).ok_or(Stop::Error("No previous pattern"));
        }
        let Ok(regex) = Regex::new(pattern, Syntax::default()) else { return error("Invalid pattern") };
        self.last = Some((pattern.to_vec(), regex.clone()));
        Ok(regex)
    }

    /// The line that matches next, `step` by `step`, round the end.
    fn search(&mut self, pattern: &[u8], back: bool) -> Result<usize, Stop> {
        let regex = self.regex(pattern)?;
        let n = self.lines.len();
        let mut at = self.at;
        for _ in 0..=n {
            at = if back {
                at.checked_sub(1).unwrap_or(n)
            } else if at >= n {
                0
            } else {
                at + 1
            };
            if at > 0 && regex.is_match(&self.lines[at - 1]) {
                return Ok(at);
            }
        }
        error("No match")
    }

    /// One address at the beginning of `text`.
    pub(super) fn address(&mut self, text: &mut &[u8]) -> Result<Option<usize>, Stop> {
        let blanks = |t: &[u8]| t.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let number = |t: &[u8]| t.iter().take_while(|b| b.is_ascii_digit()).count();
        let parse = |t: &[u8]| std::str::from_utf8(t).map_or(1, |t| if t.is_empty() { 1 } else { t.parse().unwrap_or(i64::MAX) });
        *text = &text[blanks(text)..];
        let mut at: Option<i64> = match text.first() {
            Some(b'.') => Some(self.at as i64),
            Some(b'$') => Some(self.lines.len() as i64),
            Some(b'\'') => {
                let name = text.get(1).copied().unwrap_or(0);
                let marked = self.marks.get(&name).cloned();
                let found = marked.and_then(|m| self.lines.iter().position(|l| *l == m));
                *text = &text[1..];
                Some(found.ok_or(Stop::Error("Invalid address"))? as i64 + 1)
            }
            Some(end @ (b'/' | b'?')) => {
                let (end, rest) = (*end, &text[1..]);
                let len = delimited(rest, end);
                let pattern = rest[..len].to_vec();
                *text = &rest[len.min(rest.len().saturating_sub(1))..];
                if rest.is_empty() {
                    *text = rest;
                }
                Some(self.search(&pattern, end == b'?')? as i64)
            }
            Some(b) if b.is_ascii_digit() => {
                let len = number(text);
                let n = parse(&text[..len]);
                *text = &text[len - 1..];
                Some(n)
            }
            _ => None,
        };
        if at.is_some() && !text.is_empty() {
            *text = &text[1..];
        }
        loop {
            *text = &text[blanks(text)..];
            match text.first() {
                Some(sign @ (b'+' | b'-' | b'^')) => {
                    let len = number(&text[1..]);
                    let n = if len == 0 { 1 } else { parse(&text[1..=len]) };
                    let base = at.unwrap_or(self.at as i64);
                    at = Some(if *sign == b'+' { base.saturating_add(n) } else { base.saturating_sub(n) });
                    *text = &text[1 + len..];
                }
                Some(b) if b.is_ascii_digit() && at.is_some() => {
                    let len = number(text);
                    at = at.map(|a| a.saturating_add(parse(&text[..len])));
                    *text = &text[len..];
                }
                _ => break,
            }
        }
        match at {
            Some(n) if n < 0 || n > self.lines.len() as i64 => error("Invalid address"),
            at => Ok(at.map(|n| n as usize)),
        }
    }
}
