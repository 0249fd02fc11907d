//! `s` and `g`: what matches is changed, lines that match are worked on.

use super::{Done, Editor, error};
use crate::machine::Process;
use crate::machine::regex::Regex;

impl Editor {
    /// `s`.
    pub(super) fn substitute(&mut self, p: &mut Process, rest: &[u8], from: usize, to: usize) -> Done {
        let mut print = Vec::new();
        let regex = match rest.split_first() {
            Some((end, after)) if !end.is_ascii_alphanumeric() && *end != b' ' => {
                let len = delimited(after, *end);
                let regex = self.regex(&after[..len])?;
                let after = after.get(len + 1..).unwrap_or(b"");
                let len = delimited(after, *end);
                let mut with = after[..len].to_vec();
                let mut flags = after.get(len + 1..).map(<[u8]>::to_vec);
                // A replacement goes on where the line ends with a backslash.
                while flags.is_none() && with.ends_with(b"\\") {
                    let Some(more) = self.script.get(self.next).cloned() else { break };
                    self.next += 1;
                    with.pop();
                    with.push(b'\n');
                    let len = delimited(&more, *end);
                    with.extend_from_slice(&more[..len]);
                    flags = more.get(len + 1..).map(<[u8]>::to_vec);
                }
                if with == b"%" {
                    with = self.replacement.0.clone();
                }
                let (mut all, mut which) = (false, 0);
                // Without its end the command prints.
                for b in flags.unwrap_or_else(|| b"p".to_vec()) {
                    match b {
                        b'g' => all = true,
                        b'p' | b'n' | b'l' => print.push(b),
                        b'0'..=b'9' => which = usize::saturating_add(usize::saturating_mul(which, 10), usize::from(b - b'0')),
                        b'i' | b'I' | b' ' => {}
                        _ => return error("Invalid command suffix"),
                    }
                }
                self.replacement = (with, all, false, which.max(1));
                regex
            }
            _ => {
                print.extend(rest.iter().filter(|b| matches!(b, b'p' | b'n' | b'l')));
                self.regex(b"")?
            }
        };
        let (with, all, _, which) = self.replacement.clone();
        let (mut hit, mut at) = (0, from);
        let mut last = to;
        while at <= last {
            let line = self.lines[at - 1].clone();
            let new = replaced(p, &line, &regex, &with, all, which);
            at += 1;
            if let Some(new) = new {
                let parts: Vec<Vec<u8>> = new.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
                let more = parts.len() - 1;
                self.lines.splice(at - 2..at - 1, parts);
                at += more;
                last += more;
                hit = at - 1;
            }
        }
        if hit == 0 {
            return error("No match");
        }
        self.at = hit;
        self.changed = true;
        self.suffix(p, &print)
    }

    pub(super) fn global(&mut self, p: &mut Process, rest: &[u8], from: usize, to: usize, negated: bool, depth: usize) -> Done {
        if depth > 0 {
            return error("Cannot nest global commands");
        }
        let Some((end, after)) = rest.split_first() else { return error("Invalid pattern delimiter") };
        let len = delimited(after, *end);
        let regex = self.regex(&after[..len])?;
        let mut commands = vec![after.get(len + 1..).unwrap_or(b"").to_vec()];
        // More commands follow a backslash at the end of the line.
        while commands.last().is_some_and(|c| c.ends_with(b"\\")) {
            if let Some(last) = commands.last_mut() {
                last.pop();
            }
            let Some(more) = self.script.get(self.next).cloned() else { break };
            self.next += 1;
            commands.push(more);
        }
        if commands.len() == 1 && commands[0].is_empty() {
            commands[0] = b"p".to_vec();
        }
        let mut places: Vec<usize> = (from.max(1)..=to).filter(|n| regex.is_match(&self.lines[n - 1]) != negated).collect();
        let back = (std::mem::take(&mut self.script), self.next);
        for i in 0..places.len() {
            if !p.burn(5) {
                break;
            }
            let n = places[i];
            if n == 0 {
                continue;
            }
            self.at = n;
            (self.script, self.next) = (commands.clone(), 0);
            while let Some(line) = self.script.get(self.next).cloned() {
                self.next += 1;
                let before = self.lines.clone();
                if let Err(stop) = self.command(p, &line, depth + 1) {
                    (self.script, self.next) = back;
                    return Err(stop);
                }
                shift(&mut places[i + 1..], &before, &self.lines);
            }
        }
        (self.script, self.next) = back;
        if places.is_empty() { error("No match") } else { Ok(()) }
    }
}

/// Where lines that are still to be visited are after a change: what is the same at both ends has not moved but by the difference.
fn shift(places: &mut [usize], before: &[Vec<u8>], after: &[Vec<u8>]) {
    let front = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let back = before[front..].iter().rev().zip(after[front..].iter().rev()).take_while(|(a, b)| a == b).count();
    for place in places {
        if *place > before.len() - back {
            *place = *place + after.len() - before.len();
        } else if *place > front && before.len() > after.len() {
            *place = 0;
        }
    }
}

/// How far it is to a delimiter that no backslash stands before and that is in no set.
pub(super) fn delimited(text: &[u8], end: u8) -> usize {
    let mut i = 0;
    while i < text.len() && text[i] != end {
        i += 1 + usize::from(text[i] == b'\\');
    }
    i.min(text.len())
}

fn replaced(p: &mut Process, line: &[u8], regex: &Regex, with: &[u8], all: bool, which: usize) -> Option<Vec<u8>> {
    let (mut out, mut at, mut n, mut done) = (Vec::new(), 0, 0, false);
    while let Some(found) = regex.find(line, at) {
        let Some((from, to)) = found[0] else { break };
        n += 1;
        // With what it brings at most.
        if !p.burn(10 + 2 * with.len() as u64 + with.iter().filter(|b| b"&\\".contains(b)).count() as u64 * (to - from) as u64) {
            return None;
        }
        out.extend_from_slice(&line[at..from]);
        if n == which || all && n > which {
            done = true;
            let mut bytes = with.iter();
            while let Some(b) = bytes.next() {
                let group = match b {
                    b'&' => Some(0),
                    b'\\' => match bytes.next() {
                        Some(d) if d.is_ascii_digit() => Some(usize::from(d - b'0')),
                        Some(other) => {
                            out.push(*other);
                            None
                        }
                        None => None,
                    },
                    other => {
                        out.push(*other);
                        None
                    }
                };
                if let Some((a, b)) = group.and_then(|g| found.get(g).copied().flatten()) {
                    out.extend_from_slice(&line[a..b]);
                }
            }
        } else {
            out.extend_from_slice(&line[from..to]);
        }
        at = to;
        if to == from {
            out.extend(line.get(at));
            at += 1;
        }
        if at > line.len() || !all && n >= which {
            break;
        }
    }
    out.extend_from_slice(line.get(at..).unwrap_or_default());
    done.then_some(out)
}
