//! What is in a file, for eyes: text, or a hex dump; and two texts line by line.

use crate::filesystem::Content;

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, if that is what it is.
    pub text: Option<String>,
    /// Otherwise sixteen bytes a line: offset, bytes, characters.
    pub hex: String,
    /// There is more than what is shown.
    pub more: bool,
}

/// Bytes of text that are shown.
const TEXT: u64 = 256 << 10;
/// Bytes of anything else that are shown.
const BINARY: u64 = 4 << 10;

/// The beginning of a file: up to 256 KiB of text, else 4 KiB in hex. Modelled bytes are made for it, no more than these.
pub fn excerpt(content: &Content) -> Excerpt {
    let text = if content.is_modelled() { None } else { text(&content.head(TEXT)) };
    match text {
        Some(text) => Excerpt { text: Some(text), hex: String::new(), more: content.len() > TEXT },
        None => Excerpt { text: None, hex: hex(&content.head(BINARY)), more: content.len() > BINARY },
    }
}

/// The text that the bytes are; a character cut off at the end does not count against it.
fn text(bytes: &[u8]) -> Option<String> {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\t' | '\r' | '\x1b' | '\x0c');
    valid.chars().all(is_text).then(|| valid.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"0123456789abcdef";
    let digit = |nibble: usize| char::from(DIGITS[nibble & 15]);
    let mut out = String::with_capacity(bytes.len() * 5);
    for (line, chunk) in bytes.chunks(16).enumerate() {
        (0..8).rev().for_each(|place| out.push(digit((line * 16) >> (place * 4))));
        out.push(' ');
        for at in 0..16 {
            out.push_str(if at == 8 { "  " } else { " " });
            match chunk.get(at) {
                Some(byte) => out.extend([digit(usize::from(byte >> 4)), digit(usize::from(*byte))]),
                None => out.push_str("  "),
            }
        }
        out.push_str("  |");
        out.extend(chunk.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }));
        out.push_str("|\n");
    }
    out
}

/// A line of two texts laid over each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number in the first text, from 1; `None`: it is only in the second.
    pub before: Option<u32>,
    /// Its number in the second text.
    pub after: Option<u32>,
    /// The line without its end.
    pub text: &'a str,
}

/// Pairs of lines that are compared at most; beyond that, all is told as removed and added.
const WORK: usize = 4_000_000;

/// Two texts as one list of lines: the longest common subsequence stays, the rest is removed or added.
pub fn lines<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (middle_old, middle_new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let kept = common(middle_old, middle_new);
    let mut out = Vec::with_capacity(old.len().max(new.len()));
    let (mut at_old, mut at_new) = (0, 0);
    let same = (0..head).map(|i| (i, i));
    let inner = kept.into_iter().map(|(i, j)| (head + i, head + j));
    let after = (0..tail).map(|i| (old.len() - tail + i, new.len() - tail + i));
    let number = |at: usize| Some(at as u32 + 1);
    for (i, j) in same.chain(inner).chain(after).chain([(old.len(), new.len())]) {
        out.extend((at_old..i).map(|at| Line { before: number(at), after: None, text: old[at] }));
        out.extend((at_new..j).map(|at| Line { before: None, after: number(at), text: new[at] }));
        if i < old.len() {
            out.push(Line { before: number(i), after: number(j), text: old[i] });
        }
        (at_old, at_new) = (i + 1, j + 1);
    }
    out
}

/// The pairs of a longest common subsequence, in order.
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.is_empty() || new.is_empty() || old.len().saturating_mul(new.len()) > WORK {
        return Vec::new();
    }
    let width = new.len() + 1;
    let mut length = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            length[i * width + j] = match old[i] == new[j] {
                true => 1 + length[(i + 1) * width + j + 1],
                false => length[(i + 1) * width + j].max(length[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            out.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[(i + 1) * width + j] >= length[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_text_and_the_rest_in_hex() {
        assert_eq!(excerpt(&Content::from("é\n")).text.as_deref(), Some("é\n"));
        let binary = excerpt(&Content::from(b"\x7fELF\0abcdefghijklmn".to_vec()));
        assert_eq!(
            binary.hex,
            "00000000  7f 45 4c 46 00 61 62 63  64 65 66 67 68 69 6a 6b  |.ELF.abcdefghijk|\n\
             00000010  6c 6d 6e                                          |lmn|\n"
        );
        let modelled = excerpt(&Content::Synthetic { seed: "s".into(), size: 1 << 40 });
        assert_eq!((modelled.text, modelled.hex.lines().count(), modelled.more), (None, 256, true));
    }

    fn check(before: &str, after: &str, expect: &str) {
        let shown: Vec<_> = lines(before, after)
            .iter()
            .map(|line| match (line.before, line.after) {
                (Some(_), Some(_)) => format!(" {}", line.text),
                (Some(_), None) => format!("-{}", line.text),
                _ => format!("+{}", line.text),
            })
            .collect();
        assert_eq!(shown.join("\n"), expect);
    }

    #[test]
    fn lines_are_laid_over_each_other() {
        check("a\nb\nc", "a\nc\nd", " a\n-b\n c\n+d");
        check("", "x", "+x");
        check("x\ny", "", "-x\n-y");
        check("1\n2\n3\n4", "1\nx\n3\ny\n4", " 1\n-2\n+x\n 3\n+y\n 4");
    }
}
