//! uuencode, uudecode and base32.

use super::bytes;
use super::options::{of, open, usage};
use crate::machine::{Process, errno};

/// uuencode.
pub fn uuencode(p: &mut Process) -> i32 {
    let options = match of(p, "m", &[("base64", 'm')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let (file, name) = match options.operands.as_slice() {
        [name] => ("-".to_owned(), name.clone()),
        [file, name] => (file.clone(), name.clone()),
        _ => return usage(p),
    };
    let Some(data) = open(p, &file) else { return 1 };
    let mode = if file == "-" { 0o666 & !p.umask } else { p.stat(&file).map_or(0o644, |(_, n)| n.metadata().mode & 0o777) };
    if options.has('m') {
        p.out(format!("begin-base64 {mode:o} {name}\n"));
        let text = bytes::encode(&data);
        text.as_bytes().chunks(60).for_each(|line| {
            p.out(line);
            p.out("\n");
        });
        p.out("====\n");
        return 0;
    }
    let digit = |n: u32| if n & 63 == 0 { '`' } else { char::from(b' ' + (n & 63) as u8) };
    let mut out = format!("begin {mode:o} {name}\n");
    for line in data.chunks(45) {
        out.push(digit(line.len() as u32));
        for part in line.chunks(3) {
            let word = part.iter().enumerate().fold(0u32, |w, (i, b)| w | u32::from(*b) << (16 - 8 * i));
            (0..4).for_each(|i| out.push(digit(word >> (18 - 6 * i))));
        }
        out.push('\n');
    }
    p.out(out + "`\nend\n");
    0
}

/// uudecode.
pub fn uudecode(p: &mut Process) -> i32 {
    let options = match of(p, "o:", &[("output-file", 'o')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(data) = open(p, &options.files()[0]) else { return 1 };
    let text = String::from_utf8_lossy(&data).into_owned();
    let mut lines = text.lines();
    let Some((base64, head)) = lines
        .by_ref()
        .find_map(|l| l.strip_prefix("begin-base64 ").map(|h| (true, h)).or_else(|| l.strip_prefix("begin ").map(|h| (false, h))))
    else {
        return p.fail("no 'begin' line");
    };
    let (mode, name) = head.split_once(' ').unwrap_or(("644", head));
    let mut out = Vec::new();
    let mut whole = false;
    for line in lines {
        if matches!(line, "====" | "end") {
            whole = true;
            break;
        }
        if base64 {
            out.extend(bytes::decode(line.as_bytes(), true).0);
            continue;
        }
        let digits: Vec<u32> = line.bytes().map(|b| u32::from(b.wrapping_sub(b' ')) & 63).collect();
        let Some((count, digits)) = digits.split_first() else { continue };
        let bytes = digits.chunks(4).flat_map(|d| {
            let word = d.iter().enumerate().fold(0, |w, (i, d)| w | d << (18 - 6 * i));
            [(word >> 16) as u8, (word >> 8) as u8, word as u8]
        });
        out.extend(bytes.take(*count as usize));
    }
    let name = options.value('o').unwrap_or(name).to_owned();
    if name == "-" || name == "/dev/stdout" {
        p.out(out);
        return if whole { 0 } else { p.fail("short file") };
    }
    if let Err(e) = p.write(&name, out) {
        return p.fail(&format!("can't open '{name}': {}", errno::text(e)));
    }
    if let (Ok((real, _)), Ok(mode)) = (p.stat(&name), u32::from_str_radix(mode, 8)) {
        // The file has just been written by the same user.
        let _ = p.system.chmod(&p.ids, &real, mode);
    }
    if whole { 0 } else { p.fail("short file") }
}

/// base32.
pub fn base32(p: &mut Process) -> i32 {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let options = match of(p, "dw:i", &[("decode", 'd'), ("wrap", 'w')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(data) = open(p, &options.files()[0]) else { return 1 };
    if options.has('d') {
        let mut out = Vec::new();
        let (mut word, mut bits) = (0u32, 0);
        for byte in data.iter().filter(|b| !b.is_ascii_whitespace() && **b != b'=') {
            let Some(digit) = ALPHABET.iter().position(|d| d == byte) else { return p.fail("invalid input") };
            word = word << 5 | digit as u32;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                out.push((word >> bits) as u8);
            }
        }
        p.out(out);
        return 0;
    }
    let mut text = String::new();
    for part in data.chunks(5) {
        let word = part.iter().enumerate().fold(0u64, |w, (i, b)| w | u64::from(*b) << (32 - 8 * i));
        let digits = (part.len() * 8).div_ceil(5);
        (0..8).for_each(|i| text.push(if i < digits { ALPHABET[(word >> (35 - 5 * i) & 31) as usize] as char } else { '=' }));
    }
    let width = options.value('w').and_then(|w| w.parse().ok()).unwrap_or(76usize);
    for line in text.as_bytes().chunks(if width == 0 { usize::MAX } else { width }) {
        p.out(line);
        p.out(if width == 0 { "" } else { "\n" });
    }
    0
}
