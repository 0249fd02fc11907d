//! gzip (RFC 1952): our own deflate, miniz_oxide's inflate. The checksum is made with a table of sixteen numbers: the usual ones are a thirtieth of the download.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::deflate::Deflate;

const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
const HEADER: usize = 10;
const TRAILER: usize = 8;
/// Compresses what is written to it. The header has no name and no time, as Go's.
pub struct Gzip {
    deflate: Deflate,
    crc: u32,
    len: u32,
}

impl Gzip {
    /// Nothing yet; `system` is the header's operating system: 3 for Unix, 255 for unknown.
    pub fn new(system: u8) -> Self {
        let [a, b, method] = MAGIC;
        Self { deflate: Deflate::new(vec![a, b, method, 0, 0, 0, 0, 0, 0, system]), crc: !0, len: 0 }
    }

    /// More bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        self.crc = crc(self.crc, bytes);
        self.len = self.len.wrapping_add(bytes.len() as u32);
        self.deflate.write(bytes);
    }

    /// The compressed bytes.
    pub fn finish(self) -> Vec<u8> {
        let mut out = self.deflate.finish();
        out.extend((!self.crc).to_le_bytes());
        out.extend(self.len.to_le_bytes());
        out
    }
}

/// The bytes of all members, one after another; at most about `limit` come out: more than `limit` says that there are more.
pub fn gunzip(bytes: &[u8], limit: u64) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    gunzip_into(bytes, limit, &mut out).map(|()| out)
}

/// As [`gunzip`], with what comes before an error.
pub fn gunzip_into(mut bytes: &[u8], limit: u64, out: &mut Vec<u8>) -> Result<(), &'static str> {
    loop {
        bytes = member(bytes, out, limit)?;
        if bytes.is_empty() || out.len() as u64 > limit {
            return Ok(());
        }
    }
}

/// Bytes that are free when more are asked for.
const SPARE: usize = 1 << 15;

/// How long the last member says that it is, if that is likely: then it comes out in one piece of memory.
fn told(bytes: &[u8]) -> usize {
    let len = bytes.last_chunk::<4>().map_or(0, |len| u32::from_le_bytes(*len) as usize);
    if len / 16 <= bytes.len() { len } else { 0 }
}

/// Appends one member; what comes after it.
fn member<'a>(bytes: &'a [u8], out: &mut Vec<u8>, limit: u64) -> Result<&'a [u8], &'static str> {
    let mut bytes = header(bytes)?;
    let mut inflate = Box::<DecompressorOxide>::default();
    let start = out.len();
    let mut end = start;
    out.reserve_exact(told(bytes).min(limit as usize) + SPARE + 1);
    loop {
        if out.len() - end < SPARE {
            let (more, left) = ((out.len() - start).max(2 * SPARE), out.capacity() - out.len());
            out.resize(out.len() + if left >= SPARE { more.min(left) } else { more }, 0);
        }
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, read, written) = decompress(&mut inflate, bytes, &mut out[start..], end - start, flags);
        bytes = bytes.get(read..).unwrap_or_default();
        end += written;
        match status {
            TINFLStatus::Done => break,
            TINFLStatus::HasMoreOutput if end as u64 <= limit => {}
            TINFLStatus::HasMoreOutput => {
                out.truncate(end);
                return Ok(&[]);
            }
            failed => {
                out.truncate(end);
                let cut = matches!(failed, TINFLStatus::FailedCannotMakeProgress);
                return Err(if cut { "unexpected EOF" } else { "flate: corrupt input" });
            }
        }
    }
    out.truncate(end);
    let (trailer, rest) = bytes.split_first_chunk::<TRAILER>().ok_or("unexpected EOF")?;
    let [a, b, c, d, len @ ..] = *trailer;
    let is_true = u32::from_le_bytes([a, b, c, d]) == !crc(!0, &out[start..]) && u32::from_le_bytes(len) == (end - start) as u32;
    if is_true { Ok(rest) } else { Err("gzip: invalid checksum") }
}

/// What comes after a header.
fn header(bytes: &[u8]) -> Result<&[u8], &'static str> {
    const CHECKSUM: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    if !bytes.starts_with(&MAGIC) {
        return Err("gzip: invalid header");
    }
    let flags = bytes.get(3).copied().unwrap_or(0);
    let mut rest = bytes.get(HEADER..).ok_or("unexpected EOF")?;
    if flags & EXTRA != 0 {
        let (len, after) = rest.split_first_chunk::<2>().ok_or("unexpected EOF")?;
        rest = after.get(usize::from(u16::from_le_bytes(*len))..).ok_or("unexpected EOF")?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0).ok_or("unexpected EOF")?;
            rest = &rest[end + 1..];
        }
    }
    if flags & CHECKSUM != 0 { rest.get(2..).ok_or("unexpected EOF") } else { Ok(rest) }
}

/// CRC-32 (ISO-HDLC) with more bytes, four bits at a time; starts as `!0` and is inverted at the end.
pub fn crc(mut crc: u32, bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut i = 0;
        while i < 16 {
            let mut value = i as u32;
            let mut bit = 0;
            while bit < 4 {
                value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
                bit += 1;
            }
            table[i] = value;
            i += 1;
        }
        table
    };
    for byte in bytes {
        crc ^= u32::from(*byte);
        crc = TABLE[(crc & 15) as usize] ^ (crc >> 4);
        crc = TABLE[(crc & 15) as usize] ^ (crc >> 4);
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = Gzip::new(3);
        bytes.chunks(1000).for_each(|chunk| gzip.write(chunk));
        gzip.finish()
    }

    #[test]
    fn knows_the_checksum_of_the_catalogue() {
        assert_eq!(!crc(!0, b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn reads_every_part_of_a_header_and_all_members() {
        let plain = pack(b"x");
        let mut full = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9];
        full.extend(b"name\0comment\0\x01\x02");
        full.extend(&plain[HEADER..]);
        full.extend(&plain);
        assert_eq!(gunzip(&full, 10), Ok(b"xx".to_vec()));
        full[HEADER] = 200;
        assert!(gunzip(&full, 10).is_err());
    }

    #[test]
    fn memory_is_what_the_length_says() {
        let bytes: Vec<u8> = (0..1_000_000_u64).map(|n| ((n * n).wrapping_mul(0x9e37_79b1_85eb_ca87) >> 56) as u8).collect();
        let out = gunzip(&pack(&bytes), 2_000_000).expect("it is sound");
        assert!(out == bytes && out.capacity() < 1_100_000, "{}", out.capacity());
        let mut lie = pack(b"short");
        lie.splice(lie.len() - 4.., u32::MAX.to_le_bytes());
        assert_eq!(gunzip(&lie, 100), Err("gzip: invalid checksum"));
    }

    #[test]
    fn says_what_is_broken() {
        let plain = pack(b"some text");
        for len in 0..plain.len() {
            assert!(gunzip(&plain[..len], 100).is_err());
        }
        let mut wrong = plain.clone();
        *wrong.last_mut().expect("a trailer") ^= 1;
        assert_eq!(gunzip(&wrong, 100), Err("gzip: invalid checksum"));
    }

    proptest! {
        #[test]
        fn comes_back(bytes in prop::collection::vec(0_u8..4, 0..20_000)) {
            prop_assert_eq!(gunzip(&pack(&bytes), u64::MAX), Ok(bytes));
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut all = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
            all.extend(bytes);
            let _ = gunzip(&all, 1000);
        }
    }
}
