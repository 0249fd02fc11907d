//! DEFLATE (RFC 1951) as Go's `compress/flate` writes it at its default level, up to Go 1.26: BuildKit's gzip layers have these very bytes.
//!
//! Lazy matching over chains of hashes of four bytes, blocks of 16384 tokens, each stored, fixed or with codes of its own,
//! whichever is shortest.

use super::sort_by;

const WINDOW: usize = 1 << 15;
const MIN_MATCH: usize = 4;
const MAX_MATCH: usize = 258;
const BLOCK_TOKENS: usize = 1 << 14;
const HASH_BITS: u32 = 17;
/// Level 6: how long a match is so good that no better one is looked for at the next byte, …
const LAZY: usize = 16;
/// … that it is taken at once; and how long a chain is followed.
const NICE: usize = 128;
const CHAIN: usize = 128;
/// Positions are renumbered beyond this.
const MAX_OFFSET: i32 = 1 << 24;

const MATCH: u32 = 1 << 30;
const END: u32 = 256;
const LITERALS: usize = 286;
const OFFSETS: usize = 30;
const LENGTH_BASE: [u32; 29] =
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 255];
const LENGTH_EXTRA: [u8; 29] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const CODE_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Compresses what is written to it.
pub struct Deflate {
    window: Box<[u8; 2 * WINDOW]>,
    /// Unread bytes are `window[index..end]`.
    index: usize,
    end: usize,
    /// Where the tokens' bytes begin; `None`: no longer in the window.
    block: Option<usize>,
    /// `window[index - 1]` is not a token yet.
    pending: bool,
    length: usize,
    offset: usize,
    tokens: Vec<u32>,
    chain_head: i32,
    head: Box<[u32; 1 << HASH_BITS]>,
    previous: Box<[u32; WINDOW]>,
    hash_offset: i32,
    bits: Bits,
}

impl Deflate {
    /// Nothing yet; what comes goes behind `out`.
    pub fn new(out: Vec<u8>) -> Self {
        Self {
            window: Box::new([0; 2 * WINDOW]),
            index: 0,
            end: 0,
            block: Some(0),
            pending: false,
            length: MIN_MATCH - 1,
            offset: 0,
            tokens: Vec::with_capacity(BLOCK_TOKENS + 1),
            chain_head: -1,
            head: Box::new([0; 1 << HASH_BITS]),
            previous: Box::new([0; WINDOW]),
            hash_offset: 1,
            bits: Bits { bits: 0, count: 0, out },
        }
    }

    /// More bytes.
    pub fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.step(false);
            bytes = &bytes[self.fill(bytes)..];
        }
    }

    /// Everything that was written, compressed.
    pub fn finish(mut self) -> Vec<u8> {
        self.step(true);
        self.bits.stored(&[], true);
        self.bits.flush();
        self.bits.out
    }

    /// Takes as many bytes as there is room for.
    fn fill(&mut self, bytes: &[u8]) -> usize {
        if self.index >= 2 * WINDOW - (MIN_MATCH + MAX_MATCH) {
            self.window.copy_within(WINDOW.., 0);
            self.index -= WINDOW;
            self.end -= WINDOW;
            self.block = self.block.and_then(|block| block.checked_sub(WINDOW));
            self.hash_offset += WINDOW as i32;
            if self.hash_offset > MAX_OFFSET {
                let delta = self.hash_offset - 1;
                self.hash_offset -= delta;
                self.chain_head -= delta;
                for position in self.previous.iter_mut().chain(self.head.iter_mut()) {
                    *position = position.saturating_sub(delta as u32);
                }
            }
        }
        let count = bytes.len().min(self.window.len() - self.end);
        self.window[self.end..self.end + count].copy_from_slice(&bytes[..count]);
        self.end += count;
        count
    }

    /// Makes tokens of all bytes that can be compared to their full length; `last`: of all.
    fn step(&mut self, last: bool) {
        let insertable = self.end.saturating_sub(MIN_MATCH - 1);
        loop {
            let ahead = self.end - self.index;
            if ahead < MIN_MATCH + MAX_MATCH && !last {
                return;
            }
            if ahead == 0 {
                if std::mem::take(&mut self.pending) {
                    self.tokens.push(u32::from(self.window[self.index - 1]));
                }
                if !self.tokens.is_empty() {
                    self.flush_block(self.index);
                }
                return;
            }
            if self.index < insertable {
                self.chain_head = self.note(self.index) as i32;
            }
            let (before, before_offset) = (self.length, self.offset);
            (self.length, self.offset) = (MIN_MATCH - 1, 0);
            let first = self.chain_head - self.hash_offset;
            if first >= self.index.saturating_sub(WINDOW) as i32 && ahead > before && before < LAZY {
                self.find(first as usize, ahead);
            }
            if before >= MIN_MATCH && self.length <= before {
                self.tokens.push(MATCH | ((before - 3) as u32) << 22 | (before_offset - 1) as u32);
                let next = self.index + before - 1;
                for index in self.index + 1..next.min(insertable) {
                    self.note(index);
                }
                self.index = next;
                self.pending = false;
                self.length = MIN_MATCH - 1;
                if self.tokens.len() == BLOCK_TOKENS {
                    self.flush_block(self.index);
                }
            } else {
                if self.pending {
                    self.tokens.push(u32::from(self.window[self.index - 1]));
                    if self.tokens.len() == BLOCK_TOKENS {
                        self.flush_block(self.index);
                    }
                }
                self.index += 1;
                self.pending = true;
            }
        }
    }

    /// Puts a position into the chain of its hash; the one that was there.
    fn note(&mut self, index: usize) -> u32 {
        let Some(bytes) = self.window.get(index..).and_then(|rest| rest.first_chunk()) else { return 0 };
        let hash = u32::from_be_bytes(*bytes).wrapping_mul(0x1e35_a7bd) >> (32 - HASH_BITS);
        let head = &mut self.head[hash as usize];
        let before = std::mem::replace(head, (index as i32 + self.hash_offset) as u32);
        self.previous[index % WINDOW] = before;
        before
    }

    /// The best match for the bytes at the index among the chain that begins at `first`.
    fn find(&mut self, first: usize, ahead: usize) {
        let at = self.index;
        let reach = ahead.min(MAX_MATCH);
        let nice = reach.min(NICE);
        let (old, new) = (&*self.window, &self.window[at..at + reach]);
        let oldest = at as i32 - WINDOW as i32;
        let (mut i, mut length, mut offset) = (first, self.length, self.offset);
        for _ in 0..CHAIN {
            if new.get(length) == old.get(i + length) {
                let n = common(new, &old[i..]);
                if n > length && (n > MIN_MATCH || at - i <= 4096) {
                    (length, offset) = (n, at - i);
                    if n >= nice {
                        break;
                    }
                }
            }
            if i as i32 == oldest {
                break;
            }
            let next = self.previous[i % WINDOW] as i32 - self.hash_offset;
            if next < oldest || next < 0 {
                break;
            }
            i = next as usize;
        }
        (self.length, self.offset) = (length, offset);
    }

    fn flush_block(&mut self, index: usize) {
        if index > 0 {
            let bytes = self.block.and_then(|block| self.window.get(block..index));
            self.tokens.push(END);
            self.bits.block(&self.tokens, bytes);
            self.block = Some(index);
        }
        self.tokens.clear();
    }
}

/// How many bytes at the beginning of `new` are those of `old`, which is not shorter.
fn common(new: &[u8], old: &[u8]) -> usize {
    let mut same = 0;
    for (a, b) in new.as_chunks().0.iter().zip(old.as_chunks().0) {
        let differing = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differing != 0 {
            return same + differing.trailing_zeros() as usize / 8;
        }
        same += 8;
    }
    same + new[same..].iter().zip(&old[same..]).take_while(|(a, b)| a == b).count()
}

/// A code for each symbol: its bits, the first one lowest, and their number; 0: the symbol has none.
type Codes = Vec<(u16, u8)>;

/// Bits, the first one lowest.
struct Bits {
    bits: u64,
    count: u32,
    out: Vec<u8>,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.bits |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.bits as u8);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    fn code(&mut self, code: (u16, u8)) {
        self.put(u32::from(code.0), u32::from(code.1));
    }

    fn flush(&mut self) {
        let rest = (8 - self.count) % 8;
        self.put(0, rest);
    }

    fn stored(&mut self, bytes: &[u8], last: bool) {
        self.put(u32::from(last), 3);
        self.flush();
        self.put(bytes.len() as u32, 16);
        self.put(!(bytes.len() as u32) & 0xffff, 16);
        self.out.extend_from_slice(bytes);
    }

    /// Tokens as a block; `bytes`: what they stand for, if it is still known.
    fn block(&mut self, tokens: &[u32], bytes: Option<&[u8]>) {
        let (mut literals, mut offsets) = ([0_u32; LITERALS], [0_u32; OFFSETS]);
        for token in tokens {
            match parts(*token) {
                (symbol, None) => literals[symbol] += 1,
                (symbol, Some(found)) => {
                    literals[symbol] += 1;
                    offsets[found.offset_code] += 1;
                }
            }
        }
        let used = |counts: &[u32]| counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        let literal_count = used(&literals);
        let mut offset_count = used(&offsets);
        if offset_count == 0 {
            (offsets[0], offset_count) = (1, 1);
        }
        let storable = bytes.filter(|bytes| bytes.len() <= 65_535);
        let extra = match storable {
            None => 0,
            Some(_) => {
                let lengths: u32 =
                    (8..literal_count.saturating_sub(257)).map(|code| literals[257 + code] * u32::from(LENGTH_EXTRA[code])).sum();
                lengths + (4..offset_count).map(|code| offsets[code] * offset_extra(code)).sum::<u32>()
            }
        };
        let own = (huffman(&literals, 15), huffman(&offsets, 15));
        let fixed = fixed();
        let fixed_size = 3 + size(&literals, &fixed.0) + size(&offsets, &fixed.1) + extra;
        let header = Header::new(&own.0[..literal_count], &own.1[..offset_count]);
        let own_size = header.size + size(&literals, &own.0) + size(&offsets, &own.1) + extra;
        if let Some(bytes) = storable.filter(|bytes| (bytes.len() as u32 + 5) * 8 < own_size.min(fixed_size)) {
            return self.stored(bytes, false);
        }
        let codes = if own_size < fixed_size {
            self.put(4, 3);
            self.put(literal_count as u32 - 257, 5);
            self.put(offset_count as u32 - 1, 5);
            header.write(self);
            own
        } else {
            self.put(2, 3);
            fixed
        };
        for token in tokens {
            let (symbol, found) = parts(*token);
            self.code(codes.0[symbol]);
            if let Some(found) = found {
                self.put(found.length_rest, u32::from(LENGTH_EXTRA[symbol - 257]));
                self.code(codes.1[found.offset_code]);
                self.put(found.offset_rest, offset_extra(found.offset_code));
            }
        }
    }
}

/// What a match is made of besides its length's symbol.
struct Found {
    length_rest: u32,
    offset_code: usize,
    offset_rest: u32,
}

/// The symbol of a token: a byte, the end, or a length.
fn parts(token: u32) -> (usize, Option<Found>) {
    if token < MATCH {
        return (token as usize, None);
    }
    let (length, offset) = (token >> 22 & 0xff, token & 0x3f_ffff);
    let code = LENGTH_BASE.partition_point(|base| *base <= length) - 1;
    let offset_code = if offset < 4 {
        offset as usize
    } else {
        let bits = 31 - offset.leading_zeros();
        (2 * bits + (offset >> (bits - 1) & 1)) as usize
    };
    let offset_base = if offset_code < 4 { offset_code as u32 } else { (2 | offset_code as u32 & 1) << (offset_code / 2 - 1) };
    (257 + code, Some(Found { length_rest: length - LENGTH_BASE[code], offset_code, offset_rest: offset - offset_base }))
}

fn offset_extra(code: usize) -> u32 {
    (code as u32 / 2).saturating_sub(1)
}

fn size(counts: &[u32], codes: &Codes) -> u32 {
    counts.iter().zip(codes).map(|(count, code)| count * u32::from(code.1)).sum()
}

fn fixed() -> (Codes, Codes) {
    let mut lengths = [8_u8; 288];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    (codes(&lengths), codes(&[5; OFFSETS]))
}

/// The lengths of both alphabets' codes, packed with a third one.
struct Header {
    /// Symbols, each with the bits behind it and their number.
    symbols: Vec<(usize, u32, u32)>,
    codes: Codes,
    /// How many lengths of the third alphabet are written.
    count: usize,
    /// Bits of the header with the block's own first ones.
    size: u32,
}

impl Header {
    fn new(literals: &[(u16, u8)], offsets: &[(u16, u8)]) -> Self {
        let lengths: Vec<u8> = literals.iter().chain(offsets).map(|code| code.1).collect();
        let mut symbols = Vec::new();
        for run in lengths.chunk_by(|a, b| a == b) {
            let (length, mut count) = (usize::from(run[0]), run.len());
            if length == 0 {
                while count >= 11 {
                    let n = count.min(138);
                    symbols.push((18, n as u32 - 11, 7));
                    count -= n;
                }
                if count >= 3 {
                    symbols.push((17, count as u32 - 3, 3));
                    count = 0;
                }
            } else {
                symbols.push((length, 0, 0));
                count -= 1;
                while count >= 3 {
                    let n = count.min(6);
                    symbols.push((16, n as u32 - 3, 2));
                    count -= n;
                }
            }
            symbols.extend((0..count).map(|_| (length, 0, 0)));
        }
        let mut counts = [0_u32; 19];
        symbols.iter().for_each(|symbol| counts[symbol.0] += 1);
        let codes = huffman(&counts, 7);
        let count = CODE_ORDER.iter().rposition(|symbol| counts[*symbol] > 0).map_or(4, |last| (last + 1).max(4));
        let extra: u32 = symbols.iter().map(|symbol| symbol.2).sum();
        let size = 3 + 5 + 5 + 4 + 3 * count as u32 + size(&counts, &codes) + extra;
        Self { symbols, codes, count, size }
    }

    fn write(&self, bits: &mut Bits) {
        bits.put(self.count as u32 - 4, 4);
        for symbol in &CODE_ORDER[..self.count] {
            bits.put(u32::from(self.codes[*symbol].1), 3);
        }
        for (symbol, rest, count) in &self.symbols {
            bits.code(self.codes[*symbol]);
            bits.put(*rest, *count);
        }
    }
}

/// Codes of at most `limit` bits for these counts.
fn huffman(counts: &[u32], limit: usize) -> Codes {
    let mut used: Vec<usize> = (0..counts.len()).filter(|symbol| counts[*symbol] > 0).collect();
    let mut lengths = vec![0_u8; counts.len()];
    if used.len() <= 2 {
        used.iter().for_each(|symbol| lengths[*symbol] = 1);
        return codes(&lengths);
    }
    sort_by(&mut used, |a, b| counts[*a].cmp(&counts[*b]).then(a.cmp(b)));
    let frequencies: Vec<u32> = used.iter().map(|symbol| counts[*symbol]).collect();
    // The most frequent ones get the shortest codes.
    let mut rest = used.as_slice();
    for (length, count) in bit_counts(&frequencies, limit).into_iter().enumerate() {
        let (longer, these) = rest.split_at(rest.len() - count);
        these.iter().for_each(|symbol| lengths[*symbol] = length as u8);
        rest = longer;
    }
    codes(&lengths)
}

/// Canonical codes of these lengths.
fn codes(lengths: &[u8]) -> Codes {
    let mut codes = vec![(0, 0); lengths.len()];
    let mut code = 0_u16;
    for length in 1..=15_u8 {
        code <<= 1;
        for (symbol, _) in lengths.iter().enumerate().filter(|(_, own)| **own == length) {
            codes[symbol] = (code.reverse_bits() >> (16 - length), length);
            code = code.wrapping_add(1);
        }
    }
    codes
}

const NEVER: u32 = u32::MAX;

#[derive(Clone, Copy, Default)]
struct Level {
    last: u32,
    next_leaf: u32,
    next_pair: u32,
    needed: usize,
}

/// How many symbols get codes of each length: package-merge, a chain a level, made only as far as needed.
/// `frequencies`: three at least, in rising order.
fn bit_counts(frequencies: &[u32], limit: usize) -> Vec<usize> {
    let n = frequencies.len();
    let limit = limit.min(n - 1);
    let frequency = |at: usize| frequencies.get(at).copied().unwrap_or(NEVER);
    let start = Level { last: frequency(1), next_leaf: frequency(2), next_pair: frequency(0) + frequency(1), needed: 0 };
    let mut levels = [start; 17];
    levels[1].next_pair = NEVER;
    levels[limit].needed = 2 * n - 4;
    // leaves[i][j]: leaves left of the ancestor in level j of the last node in level i.
    let mut leaves = [[0_usize; 17]; 17];
    (1..=limit).for_each(|level| leaves[level][level] = 2);
    let mut level = limit;
    loop {
        let Level { last, next_leaf, next_pair, .. } = levels[level];
        if next_pair == NEVER && next_leaf == NEVER {
            // Neither leaves nor pairs are left: never back to this level.
            levels[level].needed = 0;
            levels[level + 1].next_pair = NEVER;
            level += 1;
            continue;
        }
        if next_leaf < next_pair {
            leaves[level][level] += 1;
            levels[level].last = next_leaf;
            levels[level].next_leaf = frequency(leaves[level][level]);
        } else {
            levels[level].last = next_pair;
            let (below, own) = leaves.split_at_mut(level);
            own[0][..level].copy_from_slice(&below[level - 1][..level]);
            levels[level - 1].needed = 2;
        }
        levels[level].needed -= 1;
        if levels[level].needed == 0 {
            if level == limit {
                break;
            }
            levels[level + 1].next_pair = last.saturating_add(levels[level].last);
            level += 1;
        } else {
            while levels[level - 1].needed > 0 {
                level -= 1;
            }
        }
    }
    let top = &leaves[limit];
    std::iter::once(0).chain((1..=limit).rev().map(|level| top[level] - top[level - 1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Digest;

    /// Bytes of a fixed generator.
    fn noise(seed: u32, size: usize, letters: u32) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        (0..size).map(|_| (next() % letters) as u8).collect()
    }

    #[track_caller]
    fn check(bytes: &[u8], size: usize, digest: &str) {
        let mut deflate = Deflate::new(Vec::new());
        bytes.chunks(32 << 10).for_each(|piece| deflate.write(piece));
        let out = deflate.finish();
        assert_eq!((out.len(), &Digest::of(&out).hex()[..16]), (size, digest));
    }

    /// Sizes and digests are what Go's writer gave for the same bytes.
    #[test]
    fn the_bytes_are_gos() {
        check(&noise(1, 10, 256), 16, "6d90cc77a41f5745");
        check(&noise(2, 100_000, 256), 100040, "34bd0fcc362535fd");
        check(&noise(3, 300_000, 4), 86973, "b298ce749573be44");
        check(&noise(4, 200_000, 20), 111779, "70e118b377a3bb77");
        check(&noise(5, 70_000, 2), 11105, "e4e1f5ba59b82b38");
        check(&[0; 400_000], 408, "c70bf8fde8a413fe");
        check(&noise(6, 40_000, 200).repeat(6), 231296, "ccddf3786cf24229");
        check(&noise(7, 5_000, 60).repeat(40), 5283, "611b2387ed6ad491");
        check(b"abcabcabcabcd", 12, "e0e788e9c8d4bdc9");
        check(b"aaaa", 10, "bd5ce4f1e9b3e2b9");
    }

    /// Long enough for positions to be renumbered.
    #[test]
    fn long_streams_too() {
        check(&[vec![0; 17_500_000], noise(8, 9_000, 90)].concat(), 25127, "fbc84ee21f9fce84");
    }

    #[test]
    fn an_empty_stream_is_five_bytes() {
        let out = Deflate::new(Vec::new()).finish();
        assert_eq!(out, [1, 0, 0, 0xff, 0xff]);
    }
}
