//! Where awk reads: records of files, of commands, of the operands.

use std::rc::Rc;

use crate::machine::Process;
use crate::machine::regex::Regex;

/// Bytes read from standard input at a time.
const PIECE: usize = 4096;

/// What ends a record.
#[derive(Debug, Clone)]
pub enum Separator {
    /// A byte.
    Byte(u8),
    /// Blank lines.
    Paragraph,
    /// A match.
    Match(Rc<Regex>),
}

/// Bytes that records are read from.
#[derive(Debug, Default)]
pub struct Source {
    data: Vec<u8>,
    at: usize,
    /// More comes from standard input.
    open: bool,
}

impl Source {
    /// Bytes that are all there.
    pub fn of(data: Vec<u8>) -> Self {
        Self { data, at: 0, open: false }
    }

    /// Standard input, read as far as is needed.
    pub fn stdin() -> Self {
        Self { data: Vec::new(), at: 0, open: true }
    }

    fn more(&mut self, p: &mut Process) -> bool {
        let part = if self.open { p.read_fd(0, PIECE) } else { Vec::new() };
        self.open = !part.is_empty();
        self.data.drain(..self.at);
        self.at = 0;
        self.data.extend_from_slice(&part);
        self.open
    }

    /// The next record.
    pub fn next(&mut self, p: &mut Process, separator: &Separator) -> Option<Vec<u8>> {
        let mut searched = 0;
        loop {
            if matches!(separator, Separator::Paragraph) {
                self.at += self.data[self.at..].iter().take_while(|b| **b == b'\n').count();
            }
            let rest = &self.data[self.at..];
            let found = match separator {
                Separator::Byte(byte) => rest[searched..].iter().position(|b| b == byte).map(|i| (i + searched, i + searched + 1)),
                Separator::Paragraph => {
                    let blank = rest.windows(2).position(|w| w == b"\n\n");
                    blank.map(|i| (i, i + rest[i..].iter().take_while(|b| **b == b'\n').count()))
                }
                Separator::Match(regex) => regex.find(rest, 0).and_then(|c| c[0]).filter(|(a, b)| a < b),
            };
            let whole = !matches!(separator, Separator::Byte(_)) && found.is_none_or(|(_, end)| end == rest.len());
            searched = rest.len();
            if (found.is_none() || whole) && self.open && self.more(p) {
                continue;
            }
            let rest = &self.data[self.at..];
            let (end, next) = match found {
                Some(found) => found,
                None if rest.is_empty() => return None,
                None => {
                    let newline = matches!(separator, Separator::Paragraph) && rest.ends_with(b"\n") && !p.busybox();
                    (rest.len() - usize::from(newline), rest.len())
                }
            };
            let record = rest[..end].to_vec();
            self.at += next;
            return Some(record);
        }
    }
}
