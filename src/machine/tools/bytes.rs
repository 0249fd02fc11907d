//! base64 and cmp.

use super::options::{of, open};
use crate::machine::Process;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// base64.
pub fn base64(p: &mut Process) -> i32 {
    let options = match of(p, "dDw:i", &[("decode", 'd'), ("wrap", 'w')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(data) = open(p, &options.files()[0]) else { return 1 };
    if options.has('d') || options.has('D') {
        let (bytes, valid) = decode(&data);
        p.out(bytes);
        return if valid { 0 } else { p.fail(if p.busybox() { "truncated base64 input" } else { "invalid input" }) };
    }
    let text = encode(&data);
    match options.value('w').and_then(|w| w.parse().ok()).unwrap_or(76usize) {
        0 => p.out(text),
        width => text.as_bytes().chunks(width).for_each(|line| {
            p.out(line);
            p.out("\n");
        }),
    }
    0
}

fn encode(data: &[u8]) -> String {
    let mut text = String::with_capacity(data.len() / 3 * 4 + 4);
    for part in data.chunks(3) {
        let word = part.iter().enumerate().fold(0u32, |w, (i, b)| w | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= part.len() { digit as char } else { '=' });
        }
    }
    text
}

fn decode(text: &[u8]) -> (Vec<u8>, bool) {
    let (mut out, mut word, mut bits) = (Vec::new(), 0u32, 0);
    for b in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        if *b == b'=' {
            return (out, true);
        }
        let Some(digit) = ALPHABET.iter().position(|d| d == b) else { return (out, false) };
        word = word << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
        }
    }
    (out, bits == 0)
}

/// cmp.
pub fn cmp(p: &mut Process) -> i32 {
    let options = match of(p, "slbn:", &[("silent", 's'), ("quiet", 's')]) {
        Ok(options) => options,
        Err(_) => return 2,
    };
    let first = options.operands.first().cloned().unwrap_or("-".into());
    let second = options.operands.get(1).cloned().unwrap_or("-".into());
    let (Some(a), Some(b)) = (open(p, &first), open(p, &second)) else { return 2 };
    let silent = options.has('s');
    match a.iter().zip(&b).position(|(a, b)| a != b) {
        Some(i) => {
            if !silent {
                let line = 1 + a[..i].iter().filter(|b| **b == b'\n').count();
                let unit = if p.busybox() { "char" } else { "byte" };
                p.out(format!("{first} {second} differ: {unit} {}, line {line}\n", i + 1));
            }
            1
        }
        None if a.len() != b.len() => {
            if !silent {
                let short = if a.len() < b.len() { &first } else { &second };
                p.fail(&format!("EOF on {short}"));
            }
            1
        }
        None => 0,
    }
}
