//! The physical lines of a file, as Go's `bufio.Scanner` gives them: not one longer than 65535 bytes.

use crate::base::Span;

/// The longest line, its `\n` not counted.
pub(super) const MAX_LINE: usize = 65535;

/// A line with its line break.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// The bytes, `\n` included.
    pub text: &'a [u8],
    /// Counted from 1.
    pub number: u32,
    /// Where it begins in the file.
    pub start: u32,
}

/// The lines that are still to be read.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    count: u32,
    too_long: bool,
}

impl<'a> Line<'a> {
    /// The line without any `\r` and `\n` at its end.
    pub fn body(&self) -> &'a [u8] {
        let end = self.text.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |last| last + 1);
        &self.text[..end]
    }

    /// Where the body is.
    pub fn span(&self) -> Span {
        Span { start: self.start, end: self.start + offset(self.body().len()) }
    }
}

impl<'a> Lines<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        // Offsets are `u32`; what lies beyond 4 GiB is not read.
        let bytes = &bytes[..bytes.len().min(u32::MAX as usize)];
        Self { bytes, at: 0, count: 0, too_long: false }
    }

    pub fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty() && !self.too_long)?;
        let end = rest.iter().position(|b| *b == b'\n');
        if end.unwrap_or(rest.len()) > MAX_LINE {
            self.too_long = true;
            return None;
        }
        let text = &rest[..end.map_or(rest.len(), |end| end + 1)];
        let start = offset(self.at);
        self.at += text.len();
        self.count += 1;
        Some(Line { text, number: self.count, start })
    }

    /// How many lines were read.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Where the next line begins.
    pub fn position(&self) -> u32 {
        offset(self.at)
    }

    /// Whether the reading ended because of a long line.
    pub fn is_too_long(&self) -> bool {
        self.too_long
    }
}

/// An offset as spans hold it.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
