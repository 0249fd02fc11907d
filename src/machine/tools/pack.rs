//! Compression as the tools know it: gzip both ways, bzip2, xz, lzma and zstd.

use std::io::Read;

use crate::base::gzip::{Gzip, gunzip};
use crate::base::zstd;

/// Most bytes that a file is unpacked to.
const MAX_UNPACKED: u64 = 64 << 20;
/// KiB that xz and lzma may ask for their dictionary.
const MAX_DICTIONARY: u32 = 128 << 10;

/// A format of compressed files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Zstd,
}

impl Packing {
    /// What the first bytes say.
    pub fn of(data: &[u8]) -> Option<Self> {
        Some(match data {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [b'B', b'Z', b'h', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [0x5d, 0, 0, ..] => Self::Lzma,
            _ => return None,
        })
    }

    /// The program that GNU's tar calls.
    pub fn program(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz | Self::Lzma => "xz",
            Self::Zstd => "zstd",
        }
    }

    /// By the end of a file's name.
    pub fn by_name(name: &str) -> Option<Self> {
        let end = name.rsplit('.').next()?;
        Some(match end {
            "gz" | "tgz" | "taz" | "z" | "Z" => Self::Gzip,
            "bz2" | "tbz" | "tbz2" | "tz2" => Self::Bzip2,
            "xz" | "txz" => Self::Xz,
            "lzma" | "tlz" => Self::Lzma,
            "zst" | "tzst" => Self::Zstd,
            _ => return None,
        })
    }

    /// `data` unpacked; `None` if it is not of this format or broken.
    pub fn unpack(self, data: &[u8]) -> Option<Vec<u8>> {
        if Self::of(data) != Some(self) {
            return None;
        }
        match self {
            Self::Gzip => gunzip(data, MAX_UNPACKED).ok(),
            Self::Bzip2 => all(bzip2::read::MultiBzDecoder::new(data)),
            Self::Xz => all(lzma_rust2::XzReader::new_mem_limit(data, true, MAX_DICTIONARY)),
            Self::Lzma => all(lzma_rust2::LzmaReader::new_mem_limit(data, MAX_DICTIONARY, None).ok()?),
            Self::Zstd => all(ruzstd::decoding::StreamingDecoder::new(data).ok()?),
        }
    }

    /// `data` packed. Only gzip and bzip2 make it much smaller: the others hold its bytes as they are, in their format. `level`: of bzip2, 1 to 9.
    pub fn pack(self, data: &[u8], level: u32) -> Option<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut gzip = Gzip::new(3);
                gzip.write(data);
                Some(gzip.finish())
            }
            Self::Xz => Some(stored_xz(data)),
            Self::Zstd => Some(zstd::compress(data)),
            Self::Bzip2 => all(bzip2::read::BzEncoder::new(data, bzip2::Compression::new(level.clamp(1, 9)))),
            Self::Lzma => Some(literal_lzma(data)),
        }
    }
}

fn all(reader: impl Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    reader.take(MAX_UNPACKED).read_to_end(&mut out).ok()?;
    Some(out)
}

/// An lzma file of literals alone, each coded by what it is likely to be.
fn literal_lzma(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x5d, 0, 0, 0x80, 0];
    out.extend((data.len() as u64).to_le_bytes());
    // The first byte of the coder is always 0: the cache begins with it.
    let (mut low, mut range, mut held, mut cache) = (0u64, u32::MAX, 0u64, 0u8);
    let shift = |low: &mut u64, cache: &mut u8, held: &mut u64, out: &mut Vec<u8>| {
        if *low < 0xff00_0000 || *low > 0xffff_ffff {
            let carry = (*low >> 32) as u8;
            out.push(cache.wrapping_add(carry));
            (0..*held).for_each(|_| out.push(0xffu8.wrapping_add(carry)));
            *held = 0;
            *cache = (*low >> 24) as u8;
        } else {
            *held += 1;
        }
        *low = (*low & 0x00ff_ffff) << 8;
    };
    let mut is_match = [1024u16; 4];
    let mut literals = vec![1024u16; 0x300 << 3];
    let mut before = 0u8;
    for (i, byte) in data.iter().enumerate() {
        let mut bit = |probability: &mut u16, bit: bool| {
            let bound = (range >> 11) * u32::from(*probability);
            if bit {
                low += u64::from(bound);
                range -= bound;
                *probability -= *probability >> 5;
            } else {
                range = bound;
                *probability += (2048 - *probability) >> 5;
            }
            while range < 1 << 24 {
                range <<= 8;
                shift(&mut low, &mut cache, &mut held, &mut out);
            }
        };
        bit(&mut is_match[i & 3], false);
        let table = &mut literals[0x300 * usize::from(before >> 5)..][..0x300];
        let mut node = 1;
        for place in (0..8).rev() {
            let one = byte >> place & 1 == 1;
            bit(&mut table[node], one);
            node = node << 1 | usize::from(one);
        }
        before = *byte;
    }
    (0..5).for_each(|_| shift(&mut low, &mut cache, &mut held, &mut out));
    out
}

/// An xz file of one block whose LZMA2 chunks hold the bytes as they are.
fn stored_xz(data: &[u8]) -> Vec<u8> {
    let crc = |bytes: &[u8]| super::digest::crc(bytes).to_le_bytes();
    let vli = |mut n: u64| {
        let mut out = Vec::new();
        while n > 127 {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
        out
    };
    // The check is CRC-32.
    let flags = [0, 1];
    let mut out = vec![0xfd, b'7', b'z', b'X', b'Z', 0];
    out.extend(flags);
    out.extend(crc(&flags));
    let mut index = vec![0, u8::from(!data.is_empty())];
    if !data.is_empty() {
        let start = out.len();
        let head = [2, 0, 0x21, 1, 0x16, 0, 0, 0];
        out.extend(head);
        out.extend(crc(&head));
        for (i, chunk) in data.chunks(1 << 16).enumerate() {
            out.push(if i == 0 { 1 } else { 2 });
            out.extend(((chunk.len() - 1) as u16).to_be_bytes());
            out.extend_from_slice(chunk);
        }
        out.push(0);
        let unpadded = (out.len() - start + 4) as u64;
        out.resize(start + (out.len() - start).next_multiple_of(4), 0);
        out.extend(crc(data));
        index.extend(vli(unpadded));
        index.extend(vli(data.len() as u64));
    }
    index.resize(index.len().next_multiple_of(4), 0);
    let size = ((index.len() + 4) / 4 - 1) as u32;
    out.extend_from_slice(&index);
    out.extend(crc(&index));
    let mut tail = size.to_le_bytes().to_vec();
    tail.extend(flags);
    out.extend(crc(&tail));
    out.extend(tail);
    out.extend(b"YZ");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back() {
        for data in [Vec::new(), b"hello".to_vec(), vec![7; 200_000]] {
            for packing in [Packing::Gzip, Packing::Bzip2, Packing::Xz, Packing::Lzma, Packing::Zstd] {
                let packed = packing.pack(&data, 9).unwrap();
                assert_eq!(packing.unpack(&packed).as_deref(), Some(data.as_slice()), "{packing:?} of {}", data.len());
            }
        }
    }
}
