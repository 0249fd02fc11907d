//! Bytes and lines of a text -> UTF-16 units, which is what editors in a browser count.

use super::types::Range;
use crate::base::{LineRange, Span};

/// The beginnings of lines and the way from bytes to UTF-16 units.
pub struct Places<'a> {
    text: &'a [u8],
    /// For each line: its first byte and its first UTF-16 unit.
    lines: Vec<(usize, u32)>,
    ascii: bool,
}

impl<'a> Places<'a> {
    /// Reads a text once.
    pub fn new(text: &'a [u8]) -> Self {
        let ascii = text.is_ascii();
        let mut lines = vec![(0, 0)];
        let mut units = 0;
        let mut start = 0;
        for (index, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            let line = &text[start..=index];
            units += if ascii { line.len() as u32 } else { utf16(line) };
            start = index + 1;
            lines.push((start, units));
        }
        Self { text, lines, ascii }
    }

    /// UTF-16 units before a byte.
    pub fn unit(&self, byte: u32) -> u32 {
        let byte = (byte as usize).min(self.text.len());
        let (start, units) = self.lines[self.line_index(byte)];
        // In ASCII, which most texts are, each byte is a unit.
        if self.ascii { byte as u32 } else { units + utf16(&self.text[start..byte]) }
    }

    /// The byte at a UTF-16 unit.
    pub fn byte(&self, unit: u32) -> u32 {
        let index = self.lines.partition_point(|(_, units)| *units <= unit).saturating_sub(1);
        let (start, mut units) = self.lines[index];
        let end = self.lines.get(index + 1).map_or(self.text.len(), |line| line.0);
        let text = String::from_utf8_lossy(&self.text[start..end]);
        let mut byte = start;
        for c in text.chars() {
            if units >= unit {
                break;
            }
            units += c.len_utf16() as u32;
            byte += c.len_utf8();
        }
        byte.min(self.text.len()) as u32
    }

    /// The line (from 1) of a byte.
    pub fn line(&self, byte: u32) -> u32 {
        self.line_index((byte as usize).min(self.text.len())) as u32 + 1
    }

    /// A span of bytes.
    pub fn span(&self, span: Span) -> Range {
        let last = span.end.max(span.start);
        Range {
            from: self.unit(span.start),
            to: self.unit(last),
            first_line: self.line(span.start),
            last_line: self.line(last.saturating_sub(u32::from(last > span.start))),
        }
    }

    /// Whole lines, without the blanks around their text.
    pub fn lines(&self, ranges: &[LineRange]) -> Range {
        let first = ranges.iter().map(|range| range.start).min().unwrap_or(1).max(1);
        let last = ranges.iter().map(|range| range.end).max().unwrap_or(1).max(first);
        let index = |line: u32| (line as usize - 1).min(self.lines.len() - 1);
        let start = self.lines[index(first)].0;
        let end = self.lines.get(index(last) + 1).map_or(self.text.len(), |line| line.0 - 1);
        let body = &self.text[start..end.max(start)];
        let lead = body.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let tail = body.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        let (from, to) = if lead == body.len() { (start, start) } else { (start + lead, start + body.len() - tail) };
        Range { from: self.unit(from as u32), to: self.unit(to as u32), first_line: first, last_line: last }
    }

    fn line_index(&self, byte: usize) -> usize {
        self.lines.partition_point(|(start, _)| *start <= byte).saturating_sub(1)
    }
}

/// Length in UTF-16 units; a byte that is no UTF-8 counts as one replacement character, as browsers decode it.
fn utf16(bytes: &[u8]) -> u32 {
    String::from_utf8_lossy(bytes).encode_utf16().count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_utf16_units() {
        let text = "FROM ä\n  # 🚢 x\nRUN y";
        let places = Places::new(text.as_bytes());
        let ship = text.find('🚢').expect("a ship") as u32;
        assert_eq!((places.unit(ship), places.unit(ship + 4), places.line(ship)), (11, 13, 2));
        assert_eq!(places.byte(13), ship + 4);
        assert_eq!(places.lines(&[LineRange::line(2)]), Range { from: 9, to: 15, first_line: 2, last_line: 2 });
        assert_eq!(places.span(Span { start: 0, end: 4 }), Range { from: 0, to: 4, first_line: 1, last_line: 1 });
        assert_eq!(places.lines(&[LineRange { start: 9, end: 99 }]).last_line, 99);
    }
}
