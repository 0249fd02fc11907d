//! md5sum, sha1sum, sha2 and sha3 sums, crc32, cksum: RFC 1321, RFC 3174, FIPS 180-4, FIPS 202.

use sha2::Digest;

use super::options::{of, open};
use crate::machine::{Process, errno};

/// Bytes as digits of 16.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// The digest that the program `name` prints.
fn digest(name: &str, data: &[u8]) -> String {
    hex(&raw(name, data))
}

/// The bytes of a digest, by the name of its program.
pub fn raw(name: &str, data: &[u8]) -> Vec<u8> {
    match name {
        "md5sum" => md5(data),
        "sha224sum" => sha2::Sha224::digest(data).to_vec(),
        "sha384sum" => sha2::Sha384::digest(data).to_vec(),
        "b2sum" => blake2(data, 64),
        name if name.starts_with("b2sum-") => blake2(data, name[6..].parse::<usize>().map_or(64, |bits| (bits / 8).clamp(1, 64))),
        name if name.starts_with("sha3-") => {
            let bits = name[5..].parse::<usize>().ok().filter(|b| matches!(b, 224 | 256 | 384 | 512)).unwrap_or(224);
            sha3(data, bits / 8)
        }
        "sha1sum" => sha1(data),
        "sha512sum" => sha2::Sha512::digest(data).to_vec(),
        _ => sha2::Sha256::digest(data).to_vec(),
    }
}

/// The sums of files, or with `-c` whether they are as a list says.
pub fn sum(p: &mut Process) -> i32 {
    let long = [
        ("check", 'c'),
        ("status", 's'),
        ("quiet", 'q'),
        ("binary", 'b'),
        ("text", 't'),
        ("warn", 'w'),
        ("strict", 'w'),
        ("tag", 'T'),
        ("zero", 'z'),
        ("ignore-missing", 'i'),
        ("length", 'l'),
    ];
    let letters = match (p.busybox(), p.name()) {
        (true, "sha3sum") => "cswbta:",
        (true, _) => "cswbt",
        _ => "csqbtwzTil:",
    };
    let options = match of(p, letters, &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    // What says how to check is nothing without a check.
    if p.busybox() && !options.has('c') && (options.has('s') || options.has('w')) {
        return super::options::usage(p);
    }
    if let Some(bits) = options.value('a') {
        match bits.parse::<u32>() {
            Ok(224 | 256 | 384 | 512) => {}
            Ok(_) => return p.fail(&format!("bad -a{bits}")),
            Err(_) => return p.fail(&format!("invalid number '{bits}'")),
        }
    }
    let name = match p.name() {
        "sha3sum" => format!("sha3-{}", options.value('a').unwrap_or("224")),
        "b2sum" => options.value('l').map_or("b2sum".to_owned(), |bits| format!("b2sum-{bits}")),
        name => name.to_owned(),
    };
    let mut status = 0;
    for file in options.files() {
        if options.has('c') && p.busybox() && file != "-" && !p.exists(&file) {
            return p.fail(&format!("{file}: {}", errno::text(crate::filesystem::Errno::NoEntry)));
        }
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        if options.has('c') {
            status |= check(p, &name, &String::from_utf8_lossy(&data), &file, |c| options.has(c));
            continue;
        }
        p.burn(data.len() as u64 / 64);
        let digest = digest(&name, &data);
        let end = if options.has('z') { '\0' } else { '\n' };
        let mark = if options.has('b') && !p.busybox() { '*' } else { ' ' };
        p.out(match options.has('T') {
            true => format!("{} ({file}) = {digest}{end}", tag(&name)),
            false => format!("{digest} {mark}{file}{end}"),
        });
    }
    status
}

/// What BSD's manner calls the digest of the program `name`.
fn tag(name: &str) -> String {
    match name {
        "b2sum" => "BLAKE2b".into(),
        name => name.trim_end_matches("sum").to_ascii_uppercase(),
    }
}

/// A line of a list as digest and name; coreutils knows BSD's manner too, and how long a digest is.
fn listed<'a>(p: &Process, name: &str, line: &'a str) -> Option<(&'a str, &'a str)> {
    if p.busybox() {
        // The first blank parts them, and another one or a star must follow; blanks before are of no account here.
        let start = line.len() - line.trim_start_matches(' ').len();
        let at = start + line[start..].find(' ').filter(|_| start == 0 || line.trim() != "")?;
        let rest = line[at + 1..].strip_prefix([' ', '*'])?;
        return Some((&line[..at], rest));
    }
    let plain = line.split_once("  ").or_else(|| line.split_once(" *"));
    let tagged = || line.strip_prefix(&tag(name))?.strip_prefix(" (")?.rsplit_once(") = ").map(|(path, digest)| (digest, path));
    let length = digest(name, b"").len();
    plain.or_else(tagged).filter(|(digest, _)| digest.len() == length && digest.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn check(p: &mut Process, name: &str, list: &str, file: &str, has: impl Fn(char) -> bool) -> i32 {
    let (silent, quiet) = (has('s'), has('q'));
    let mut verified = 0;
    let file = if file == "-" && !p.busybox() { "'standard input'" } else { file };
    let (mut total, mut failed, mut unread) = (0, 0, 0);
    for line in list.split_terminator('\n') {
        let line = if p.busybox() { line } else { line.strip_suffix('\r').unwrap_or(line) };
        let Some((expect, path)) = listed(p, name, line) else {
            // busybox takes a line that makes no sense for one that does not match.
            if p.busybox() {
                total += 1;
                failed += 1;
                if has('w') {
                    p.fail("invalid format");
                }
            }
            continue;
        };
        total += 1;
        if has('i') && !p.exists(path) {
            continue;
        }
        verified += 1;
        let state = match p.input(path) {
            Ok(data) if digest(name, &data).eq_ignore_ascii_case(expect) => "OK",
            // Nobody has the bytes of a modelled download: its sum is taken for right.
            Ok(_) if super::download::origin(p, path).is_some() => {
                super::download::mark_modelled(p);
                "OK"
            }
            Ok(_) => {
                failed += 1;
                "FAILED"
            }
            Err(e) => {
                p.fail(&if p.busybox() {
                    format!("can't open '{path}': {}", errno::text(e))
                } else {
                    format!("{path}: {}", errno::text(e))
                });
                unread += 1;
                if p.busybox() { "FAILED" } else { "FAILED open or read" }
            }
        };
        if !silent && (!quiet || state != "OK") {
            p.out(format!("{path}: {state}\n"));
        }
    }
    let bad = failed + unread;
    if total == 0 && !silent {
        p.fail(&if p.busybox() {
            format!("{file}: no checksum lines found")
        } else {
            format!("{file}: no properly formatted checksum lines found")
        });
        return 1;
    }
    if bad > 0 && !silent {
        if !p.busybox() && unread > 0 {
            let s = if unread == 1 { "" } else { "s" };
            p.fail(&format!("WARNING: {unread} listed file{s} could not be read"));
        }
        if p.busybox() {
            p.fail(&format!("WARNING: {bad} of {total} computed checksums did NOT match"));
        } else if failed > 0 {
            let (s, verb) = if failed == 1 { ("", "did") } else { ("s", "did") };
            p.fail(&format!("WARNING: {failed} computed checksum{s} {verb} NOT match"));
        }
    }
    if verified == 0 && !silent && !p.busybox() {
        p.fail(&format!("{file}: no file was verified"));
    }
    i32::from(bad > 0 || verified == 0)
}

/// BLAKE2b without a key: RFC 7693.
fn blake2(data: &[u8], length: usize) -> Vec<u8> {
    const START: [u64; 8] = [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ];
    const ORDER: [&[u8; 16]; 10] = [
        b"0123456789abcdef",
        b"ea489fd61c02b753",
        b"b8c052fdae367194",
        b"7931dcbe265a40f8",
        b"905724afe1bc683d",
        b"2c6a0b834d75fe19",
        b"c51fed4a0763928b",
        b"db7ec13950f4862a",
        b"6fe9b308c2d714a5",
        b"a2847615fb9e3cd0",
    ];
    let mut state = START;
    state[0] ^= 0x0101_0000 ^ length as u64;
    let blocks = data.len().div_ceil(128).max(1);
    for i in 0..blocks {
        let part = &data[128 * i..(128 * i + 128).min(data.len())];
        let mut block = part.to_vec();
        block.resize(128, 0);
        let words: Vec<u64> = block.chunks_exact(8).map(|w| u64::from_le_bytes([w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]])).collect();
        let mut v = [state, START].concat();
        v[12] ^= (128 * i + part.len()) as u64;
        if i + 1 == blocks {
            v[14] = !v[14];
        }
        for round in 0..12 {
            let order: Vec<usize> = ORDER[round % 10].iter().map(|d| (*d as char).to_digit(16).unwrap_or(0) as usize).collect();
            for half in 0..8 {
                // Four columns, then four diagonals.
                let turn = |row: usize| 4 * row + (half + if half < 4 { 0 } else { row }) % 4;
                let [a, b, c, d] = [turn(0), turn(1), turn(2), turn(3)];
                for (word, first, second) in [(order[2 * half], 32, 24), (order[2 * half + 1], 16, 63)] {
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(words[word]);
                    v[d] = (v[d] ^ v[a]).rotate_right(first);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right(second);
                }
            }
        }
        for (i, word) in state.iter_mut().enumerate() {
            *word ^= v[i] ^ v[i + 8];
        }
    }
    state.iter().flat_map(|w| w.to_le_bytes()).take(length).collect()
}

fn sha3(data: &[u8], length: usize) -> Vec<u8> {
    let rate = 200 - 2 * length;
    let mut bytes = data.to_vec();
    bytes.push(6);
    bytes.resize(bytes.len().next_multiple_of(rate), 0);
    if let Some(last) = bytes.last_mut() {
        *last |= 0x80;
    }
    let mut state = [0u64; 25];
    for block in bytes.chunks_exact(rate) {
        for (lane, word) in state.iter_mut().zip(block.chunks_exact(8)) {
            *lane ^= u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]);
        }
        keccak(&mut state);
    }
    state.iter().flat_map(|lane| lane.to_le_bytes()).take(length).collect()
}

fn keccak(state: &mut [u64; 25]) {
    let mut register = 1u8;
    for _ in 0..24 {
        let parity: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |p, y| p ^ state[x + 5 * y]));
        for (i, lane) in state.iter_mut().enumerate() {
            *lane ^= parity[(i + 4) % 5] ^ parity[(i + 1) % 5].rotate_left(1);
        }
        let (mut x, mut y, mut moved) = (1, 0, state[1]);
        for t in 1..=24u32 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            moved = std::mem::replace(&mut state[x + 5 * y], moved.rotate_left(t * (t + 1) / 2 % 64));
        }
        for row in state.chunks_exact_mut(5) {
            let old = [row[0], row[1], row[2], row[3], row[4]];
            for (x, lane) in row.iter_mut().enumerate() {
                *lane ^= !old[(x + 1) % 5] & old[(x + 2) % 5];
            }
        }
        for bit in 0..7 {
            state[0] ^= u64::from(register & 1) << ((1 << bit) - 1);
            register = register << 1 ^ if register & 0x80 == 0 { 0 } else { 0x71 };
        }
    }
}

/// The checksum of Ethernet, gzip and zip.
pub fn crc(data: &[u8]) -> u32 {
    !crate::base::gzip::crc(!0, data)
}

/// crc32 (busybox).
pub fn crc32(p: &mut Process) -> i32 {
    let files = p.args.get(1..).unwrap_or(&[]).to_vec();
    let mut status = 0;
    for file in if files.is_empty() { vec!["-".to_owned()] } else { files.clone() } {
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        let name = if files.is_empty() { String::new() } else { format!(" {file}") };
        p.out(format!("{:08x}{name}\n", crc(&data)));
    }
    status
}

/// cksum: POSIX's checksum.
pub fn cksum(p: &mut Process) -> i32 {
    let options = match of(p, if p.busybox() { "" } else { "a:u" }, &[("algorithm", 'a'), ("untagged", 'u')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let method = options.value('a').filter(|a| *a != "crc").map(|a| if a == "blake2b" { "b2sum".to_owned() } else { format!("{a}sum") });
    let mut status = 0;
    for file in options.files() {
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        p.burn(data.len() as u64);
        if let Some(method) = &method {
            let sum = digest(method, &data);
            p.out(if options.has('u') { format!("{sum}  {file}\n") } else { format!("{} ({file}) = {sum}\n", tag(method)) });
            continue;
        }
        let length = data.len().to_le_bytes();
        let digits = length.iter().rposition(|b| *b != 0).map_or(0, |i| i + 1);
        let sum = data.iter().chain(&length[..digits]).fold(0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 })
        });
        let name = if options.operands.is_empty() { String::new() } else { format!(" {file}") };
        p.out(format!("{} {}{name}\n", !sum, data.len()));
    }
    status
}

/// The message with its padding, in blocks.
fn padded(data: &[u8], length: [u8; 8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    bytes.push(0x80);
    let whole = (data.len() + 9).next_multiple_of(64);
    bytes.resize(whole - 8, 0);
    bytes.extend(length);
    bytes
}

/// RFC 1321.
pub fn md5(data: &[u8]) -> Vec<u8> {
    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let table: Vec<u32> = (1..=64).map(|i| (f64::from(i).sin().abs() * 4_294_967_296.0) as u32).collect();
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(data, (data.len() as u64 * 8).to_le_bytes()).chunks_exact(64) {
        let words: Vec<u32> = block.chunks_exact(4).map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for i in 0..64 {
            let (mix, word) = match i / 16 {
                0 => (b & c | !b & d, i),
                1 => (d & b | !d & c, (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), 7 * i % 16),
            };
            let sum = a.wrapping_add(mix).wrapping_add(table[i]).wrapping_add(words[word]);
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(SHIFTS[i / 16][i % 4])));
        }
        for (old, new) in state.iter_mut().zip([a, b, c, d]) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().flat_map(|w| w.to_le_bytes()).collect()
}

fn sha1(data: &[u8]) -> Vec<u8> {
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded(data, (data.len() as u64 * 8).to_be_bytes()).chunks_exact(64) {
        let mut words: Vec<u32> = block.chunks_exact(4).map(|w| u32::from_be_bytes([w[0], w[1], w[2], w[3]])).collect();
        for i in 16..80 {
            words.push((words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16]).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (i, word) in words.iter().enumerate() {
            let (mix, constant) = match i / 20 {
                0 => (b & c | !b & d, 0x5a82_7999u32),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6),
            };
            let sum = a.rotate_left(5).wrapping_add(mix).wrapping_add(e).wrapping_add(constant).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, sum);
        }
        for (old, new) in state.iter_mut().zip([a, b, c, d, e]) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().flat_map(|w| w.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sums() {
        for (name, text, expect) in [
            ("md5sum", "", "d41d8cd98f00b204e9800998ecf8427e"),
            ("md5sum", "abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1sum", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha1sum", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
            ("sha256sum", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            assert_eq!(digest(name, text.as_bytes()), expect, "{name} {text}");
        }
    }
}
