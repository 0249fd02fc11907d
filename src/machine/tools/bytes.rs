//! base64, cmp, gzip, gunzip and zcat.

use super::options::{of, open};
use crate::base::gzip::{Gzip, gunzip};
use crate::machine::{Process, errno};

/// Most bytes that a file is unpacked to.
const MAX_UNPACKED: u64 = 64 << 20;
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

/// `data` compressed, or `None` if it cannot be.
pub fn pack(data: &[u8]) -> Option<Vec<u8>> {
    let mut gzip = Gzip::new(3);
    gzip.write(data);
    Some(gzip.finish())
}

/// What `data` was before it was compressed.
pub fn unpack(data: &[u8]) -> Option<Vec<u8>> {
    gunzip(data, MAX_UNPACKED).ok()
}

/// gzip, gunzip and zcat.
pub fn gzip(p: &mut Process) -> i32 {
    let long = [("decompress", 'd'), ("stdout", 'c'), ("keep", 'k'), ("force", 'f'), ("quiet", 'q'), ("no-name", 'n'), ("best", '9')];
    let options = match of(p, "dckfqvnt123456789", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let name = p.name().to_owned();
    let unpacking = options.has('d') || options.has('t') || name != "gzip";
    let mut status = 0;
    for file in options.files() {
        let data = match p.input(&file) {
            Ok(data) => data,
            Err(e) => {
                status = p.fail(&format!("{file}: {}", errno::text(e)));
                continue;
            }
        };
        p.burn(data.len() as u64 / 16);
        let Some(result) = (if unpacking { unpack(&data) } else { pack(&data) }) else {
            status = p.fail(if p.busybox() { "invalid magic".to_owned() } else { format!("{file}: not in gzip format") }.as_str());
            continue;
        };
        if options.has('t') {
            continue;
        }
        if options.has('c') || file == "-" || name == "zcat" {
            p.out(result);
            continue;
        }
        let to = match (unpacking, file.strip_suffix(".gz"), file.strip_suffix(".tgz")) {
            (false, ..) => format!("{file}.gz"),
            (true, Some(stem), _) => stem.to_owned(),
            (true, _, Some(stem)) => format!("{stem}.tar"),
            _ => {
                status = p.fail(&format!("{file}: unknown suffix - ignored"));
                continue;
            }
        };
        if p.exists(&to) && !options.has('f') {
            status = p.fail(&format!("can't open '{to}': File exists"));
            continue;
        }
        if let Err(e) = p.write(&to, result) {
            status = p.fail(&format!("{to}: {}", errno::text(e)));
        } else if !options.has('k') {
            let _ = p.remove_all(&file);
        }
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (plain, text) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("hi\n", "aGkK"), ("abcd", "YWJjZA==")] {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()), (plain.as_bytes().to_vec(), true));
        }
        assert!(!decode(b"a?").1);
        assert_eq!(unpack(&pack(b"some text").unwrap()).unwrap(), b"some text");
        assert_eq!(unpack(b"no gzip"), None);
    }
}
