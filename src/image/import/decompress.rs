//! gzip, zstd, bzip2, xz: told by their first bytes, with a limit on what comes out.

use std::io::Read;

use crate::base::gzip::gunzip;

/// The bytes, decompressed if they are compressed; at most `limit` come out.
pub fn decompress(bytes: &[u8], limit: u64) -> Result<Vec<u8>, String> {
    match bytes {
        [0x1f, 0x8b, ..] => bounded(gunzip(bytes, limit), limit, "gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|e| format!("broken zstd: {e}"))?;
            read(decoder, limit, "zstd")
        }
        [b'B', b'Z', b'h', ..] => read(bzip2::read::MultiBzDecoder::new(bytes), limit, "bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => read(lzma_rust2::XzReader::new(bytes, true), limit, "xz"),
        plain => Ok(plain.to_vec()),
    }
}

fn read(decoder: impl Read, limit: u64, kind: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    bounded(decoder.take(limit.saturating_add(1)).read_to_end(&mut out).map(|_| out), limit, kind)
}

fn bounded<E: std::fmt::Display>(out: Result<Vec<u8>, E>, limit: u64, kind: &str) -> Result<Vec<u8>, String> {
    let out = out.map_err(|e| format!("broken {kind}: {e}"))?;
    match out.len() as u64 > limit {
        true => Err(format!("more than {limit} bytes come out of the {kind} data")),
        false => Ok(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::gzip::Gzip;

    #[test]
    fn a_bomb_is_refused() {
        let mut gzip = Gzip::new(3);
        gzip.write(&vec![0; 1 << 20]);
        let bomb = gzip.finish();
        assert_eq!(decompress(&bomb, 1000), Err("more than 1000 bytes come out of the gzip data".into()));
        assert_eq!(decompress(&bomb, 1 << 20).map(|bytes| bytes.len()), Ok(1 << 20));
    }
}
