//! A tar writer whose bytes are those of Go's `archive/tar` (format PAX, USTAR preferred), as containerd writes layers.
//!
//! Numbers that USTAR cannot hold, long names and names that are not ASCII get a PAX header with just those fields.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// What everything in a tar is a multiple of.
pub const BLOCK: usize = 512;
/// The greatest number of a 7-digit octal field.
const MAX_OCTAL_7: u64 = 0o7_777_777;
/// The greatest number of an 11-digit octal field.
const MAX_OCTAL_11: u64 = 0o77_777_777_777;

/// The head of a tar entry. Names are relative; a directory's ends in `/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry<'a> {
    /// `bin/sh`.
    pub name: Cow<'a, str>,
    /// What it is.
    pub kind: EntryKind<'a>,
    /// Permission bits with setuid, setgid, sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970.
    pub mtime: i64,
    /// `security.capability`, raw.
    pub capability: Option<&'a [u8]>,
}

/// The kinds of entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum EntryKind<'a> {
    #[default]
    Directory,
    File {
        size: u64,
    },
    Symlink(&'a str),
    HardLink(&'a str),
    Fifo,
    CharDevice {
        major: u32,
        minor: u32,
    },
    BlockDevice {
        major: u32,
        minor: u32,
    },
}

/// Gives the header blocks of an entry to `sink`: PAX records first where they are needed.
pub fn header(entry: &Entry<'_>, sink: &mut dyn FnMut(&[u8])) {
    let (link, size) = match entry.kind {
        EntryKind::Symlink(target) | EntryKind::HardLink(target) => (target, 0),
        EntryKind::File { size } => ("", size),
        _ => ("", 0),
    };
    let records = records(entry, link, size);
    if records.is_empty() {
        let (prefix, name) = split(&entry.name).unwrap_or(("", &entry.name));
        return sink(&block(&Fields { prefix, name, link, size, entry }));
    }
    let body: String = records.iter().map(|(key, value)| record(key, value)).collect();
    sink(&pax_block(&entry.name, body.len() as u64));
    sink(body.as_bytes());
    sink(&END[..padding(body.len() as u64)]);
    sink(&block(&Fields { prefix: "", name: &ascii(&entry.name, 100), link: &ascii(link, 100), size, entry }));
}

/// Zeros that fill a content of `size` bytes up to a whole block.
pub fn padding(size: u64) -> usize {
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}

/// What ends an archive: two blocks of zeros.
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// The PAX records of the fields that USTAR cannot hold.
fn records<'a>(entry: &'a Entry<'_>, link: &'a str, size: u64) -> BTreeMap<&'static str, Value<'a>> {
    let mut records = BTreeMap::new();
    if !entry.name.is_ascii() || entry.name.len() > 100 && split(&entry.name).is_none() {
        records.insert("path", Value::Text(&entry.name));
    }
    if !link.is_ascii() || link.len() > 100 {
        records.insert("linkpath", Value::Text(link));
    }
    for (key, number, limit) in [
        ("uid", u64::from(entry.uid), MAX_OCTAL_7),
        ("gid", u64::from(entry.gid), MAX_OCTAL_7),
        ("size", size, MAX_OCTAL_11),
        ("mtime", entry.mtime.max(0).unsigned_abs(), MAX_OCTAL_11),
    ] {
        if number > limit {
            records.insert(key, Value::Number(number as i64));
        }
    }
    if entry.mtime < 0 {
        records.insert("mtime", Value::Number(entry.mtime));
    }
    if let Some(bytes) = entry.capability {
        records.insert("SCHILY.xattr.security.capability", Value::Bytes(bytes));
    }
    records
}

enum Value<'a> {
    Text(&'a str),
    Number(i64),
    Bytes(&'a [u8]),
}

/// `"LENGTH KEY=VALUE\n"`, where the length counts itself. Bytes become text one to one as Go's strings do not care.
fn record(key: &str, value: &Value<'_>) -> String {
    let value = match value {
        Value::Text(text) => (*text).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bytes(bytes) => bytes.iter().map(|b| char::from(*b)).collect(),
    };
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

/// `splitUSTARPath`: the prefix and the rest of a name of more than 100 bytes, if it can be split at a slash.
fn split(name: &str) -> Option<(&str, &str)> {
    if !name.is_ascii() {
        return None;
    }
    if name.len() <= 100 {
        return Some(("", name));
    }
    let reach = match name.len() {
        length if length > 156 => 156,
        length if name.ends_with('/') => length - 1,
        length => length,
    };
    let at = name[..reach].rfind('/').filter(|at| *at > 0)?;
    let (prefix, rest) = (&name[..at], &name[at + 1..]);
    (prefix.len() <= 155 && (1..=100).contains(&rest.len())).then_some((prefix, rest))
}

/// The text's ASCII bytes, at most `limit`; a name cut behind a slash loses it (`formatString`).
fn ascii(text: &str, limit: usize) -> String {
    let kept: String = text.chars().filter(char::is_ascii).collect();
    match kept.get(..limit) {
        Some(cut) if kept.len() > limit => cut.strip_suffix('/').unwrap_or(cut).to_owned(),
        _ => kept,
    }
}

struct Fields<'a> {
    prefix: &'a str,
    name: &'a str,
    link: &'a str,
    size: u64,
    entry: &'a Entry<'a>,
}

fn block(fields: &Fields<'_>) -> [u8; BLOCK] {
    let entry = fields.entry;
    let (kind, major, minor) = match entry.kind {
        EntryKind::File { .. } => (b'0', 0, 0),
        EntryKind::HardLink(_) => (b'1', 0, 0),
        EntryKind::Symlink(_) => (b'2', 0, 0),
        EntryKind::CharDevice { major, minor } => (b'3', major, minor),
        EntryKind::BlockDevice { major, minor } => (b'4', major, minor),
        EntryKind::Directory => (b'5', 0, 0),
        EntryKind::Fifo => (b'6', 0, 0),
    };
    let mut out = [0; BLOCK];
    text(&mut out, 0..100, fields.name);
    octal(&mut out, 100..108, u64::from(entry.mode), MAX_OCTAL_7);
    octal(&mut out, 108..116, u64::from(entry.uid), MAX_OCTAL_7);
    octal(&mut out, 116..124, u64::from(entry.gid), MAX_OCTAL_7);
    octal(&mut out, 124..136, fields.size, MAX_OCTAL_11);
    octal(&mut out, 136..148, entry.mtime.max(0).unsigned_abs(), MAX_OCTAL_11);
    out[156] = kind;
    text(&mut out, 157..257, fields.link);
    out[257..265].copy_from_slice(b"ustar\x0000");
    octal(&mut out, 329..337, u64::from(major), MAX_OCTAL_7);
    octal(&mut out, 337..345, u64::from(minor), MAX_OCTAL_7);
    text(&mut out, 345..500, fields.prefix);
    checksum(&mut out);
    out
}

/// The `x` header in front of an entry: named by Go's rule, all numbers but the size zero, no device fields.
fn pax_block(name: &str, size: u64) -> [u8; BLOCK] {
    let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
    let joined = if folder.is_empty() { format!("PaxHeaders.0/{base}") } else { format!("{folder}/PaxHeaders.0/{base}") };
    let kept: String = joined.chars().filter(char::is_ascii).collect();
    let name = kept.get(..100).unwrap_or(&kept).trim_end_matches('/');
    let mut out = [0; BLOCK];
    text(&mut out, 0..100, name);
    octal(&mut out, 100..108, 0, MAX_OCTAL_7);
    octal(&mut out, 108..116, 0, MAX_OCTAL_7);
    octal(&mut out, 116..124, 0, MAX_OCTAL_7);
    octal(&mut out, 124..136, size, MAX_OCTAL_11);
    octal(&mut out, 136..148, 0, MAX_OCTAL_11);
    out[156] = b'x';
    out[257..265].copy_from_slice(b"ustar\x0000");
    checksum(&mut out);
    out
}

/// Writes byte by byte, as `octal` does: a field is short, and a slice of the block would be a call in the wasm, which is built for size.
fn text(block: &mut [u8; BLOCK], field: Range<usize>, text: &str) {
    for (at, byte) in field.zip(text.bytes()) {
        block[at] = byte;
    }
}

/// Zero-filled octal digits and a NUL; 0 for what does not fit (it stands in a PAX record then).
fn octal(block: &mut [u8; BLOCK], field: Range<usize>, number: u64, limit: u64) {
    let mut rest = if number > limit { 0 } else { number };
    for at in (field.start..field.end - 1).rev() {
        block[at] = b'0' + (rest & 7) as u8;
        rest >>= 3;
    }
}

fn checksum(block: &mut [u8; BLOCK]) {
    block[148..156].fill(b' ');
    // Eight bytes at a time, in four lanes of 16 bits: 128 bytes come to each, which fit.
    const LANES: u64 = 0x00ff_00ff_00ff_00ff;
    let words = block.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
    let lanes = words.fold(0, |sum, word| sum + (word & LANES) + (word >> 8 & LANES));
    let sum = (0..4).map(|lane| lanes >> (16 * lane) & 0xffff).sum();
    block[154] = 0;
    octal(block, 148..155, sum, MAX_OCTAL_7);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(entry: &Entry<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        header(entry, &mut |piece| bytes.extend_from_slice(piece));
        bytes
    }

    fn names(entry: &Entry<'_>) -> Vec<String> {
        bytes(entry).chunks(BLOCK).map(|block| String::from_utf8_lossy(&block[..100]).trim_end_matches('\0').to_owned()).collect()
    }

    #[test]
    fn a_plain_header_is_one_block() {
        let entry = Entry { name: "a".into(), kind: EntryKind::File { size: 6 }, mode: 0o755, ..Entry::default() };
        let bytes = bytes(&entry);
        assert_eq!(bytes.len(), BLOCK);
        assert_eq!(&bytes[100..108], b"0000755\0");
        assert_eq!(&bytes[124..136], b"00000000006\0");
        assert_eq!(&bytes[148..156], b"007347\0 ");
        assert_eq!(&bytes[329..337], b"0000000\0");
    }

    #[test]
    fn long_names_split_or_get_a_record() {
        let long = |name: String| Entry { name: name.into(), kind: EntryKind::File { size: 0 }, ..Entry::default() };
        assert_eq!(names(&long(format!("{}/{}", "d".repeat(90), "f".repeat(90)))), ["f".repeat(90)]);
        let one = long("f".repeat(120));
        let blocks = names(&one);
        assert_eq!(blocks.len(), 3);
        assert!(blocks[0].starts_with("PaxHeaders.0/fff"));
        assert!(blocks[1].starts_with("130 path=fff"));
        assert_eq!(names(&long("é".into()))[0], "PaxHeaders.0");
    }

    #[test]
    fn a_record_counts_its_own_length() {
        assert_eq!(record("path", &Value::Text("abc")), "12 path=abc\n");
        assert_eq!(record("p", &Value::Text(&"x".repeat(93))).len(), 99);
        assert_eq!(record("p", &Value::Text(&"x".repeat(94))).len(), 101);
    }
}
