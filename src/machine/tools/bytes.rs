//! base64 and cmp.

use super::options::{of, open};
use crate::machine::Process;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// base64.
pub fn base64(p: &mut Process) -> i32 {
    let options = match of(p, if p.busybox() { "dw:i" } else { "dDw:i" }, &[("decode", 'd'), ("wrap", 'w')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if p.busybox() && options.operands.len() > 1 {
        return super::options::usage(p);
    }
    if p.busybox()
        && let Some(Err(status)) = options.value('w').map(|w| super::options::number(p, w, 0..=usize::MAX))
    {
        return status;
    }
    let Some(data) = open(p, &options.files()[0]) else { return 1 };
    if options.has('d') || options.has('D') {
        let (mut bytes, whole) = decode(&data, p.busybox());
        if p.busybox() && !whole {
            // What does not make three bytes is not shown.
            bytes.truncate(bytes.len() / 3 * 3);
        }
        p.out(bytes);
        return if whole { 0 } else { p.fail(if p.busybox() { "truncated input" } else { "invalid input" }) };
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

/// Base 64 with its padding, on one line.
pub fn encode(data: &[u8]) -> String {
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

/// The bytes that a text stands for, and whether it is whole; `lenient`: what is no digit is passed over.
pub fn decode(text: &[u8], lenient: bool) -> (Vec<u8>, bool) {
    let (mut out, mut word, mut bits) = (Vec::new(), 0u32, 0);
    let counts = |b: &u8| !b.is_ascii_whitespace() && (!lenient || *b == b'=' || ALPHABET.contains(b));
    for b in text.iter().filter(|b| counts(b)) {
        if *b == b'=' && lenient {
            bits = 0;
            continue;
        } else if *b == b'=' {
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
    let options =
        match of(p, if p.busybox() { "sln:" } else { "slbn:i:" }, &[("silent", 's'), ("quiet", 's'), ("verbose", 'l'), ("bytes", 'n')]) {
            Ok(options) => options,
            Err(_) => return if p.busybox() { 1 } else { 2 },
        };
    let Some(first) = options.operands.first().cloned() else { return super::options::usage(p) };
    let second = options.operands.get(1).cloned().unwrap_or("-".into());
    let silent = options.has('s');
    if p.busybox() {
        if silent && options.has('l') || options.operands.len() > 4 {
            return super::options::usage(p);
        }
        let numbers = options.value('n').into_iter().chain(options.operands.iter().skip(2).map(String::as_str));
        if let Some(bad) = numbers.into_iter().find(|n| super::od::count(n).is_none()) {
            return p.fail(&format!("invalid number '{bad}'"));
        }
        if silent && [&first, &second].iter().any(|f| *f != "-" && !p.exists(f)) {
            return 2;
        }
    }
    let Some(mut a) = open(p, &first) else { return 2 };
    let Some(mut b) = open(p, &second) else { return 2 };
    for (i, data) in [&mut a, &mut b].into_iter().enumerate() {
        let skip = options.operands.get(2 + i).and_then(|n| super::od::count(n)).unwrap_or(0).min(data.len());
        data.drain(..skip);
        if let Some(most) = options.value('n').and_then(super::od::count) {
            data.truncate(most);
        }
    }
    let mut status = 0;
    for (i, (x, y)) in a.iter().zip(&b).enumerate().filter(|(_, (x, y))| x != y) {
        status = 1;
        if options.has('l') && !silent {
            p.out(format!("{:>w$} {x:>3o} {y:>3o}\n", i + 1, w = if p.busybox() { 1 } else { a.len().max(b.len()).to_string().len() }));
            continue;
        }
        if !silent {
            let line = 1 + a[..i].iter().filter(|b| **b == b'\n').count();
            let unit = if p.busybox() { "char" } else { "byte" };
            p.out(format!("{first} {second} differ: {unit} {}, line {line}\n", i + 1));
        }
        return 1;
    }
    if a.len() != b.len() {
        let (name, length) = if a.len() < b.len() { (&first, a.len()) } else { (&second, b.len()) };
        if !silent {
            let after = if p.busybox() {
                String::new()
            } else {
                format!(" after byte {length}, in line {}", a[..length].iter().filter(|b| **b == b'\n').count())
            };
            p.fail(&format!("EOF on {name}{after}"));
        }
        return 1;
    }
    status
}
