//! gzip, zstd, bzip2, xz: told by their first bytes, with a limit on what comes out.

use std::io::Read;

/// The bytes, decompressed if they are compressed; at most `limit` come out.
pub fn decompress(bytes: &[u8], limit: u64) -> Result<Vec<u8>, String> {
    match bytes {
        [0x1f, 0x8b, ..] => read(flate2::read::MultiGzDecoder::new(bytes), limit, "gzip"),
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
    decoder.take(limit.saturating_add(1)).read_to_end(&mut out).map_err(|e| format!("broken {kind}: {e}"))?;
    match out.len() as u64 > limit {
        true => Err(format!("more than {limit} bytes come out of the {kind} data")),
        false => Ok(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_bomb_is_refused() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; 1 << 20]).expect("room");
        let bomb = encoder.finish().expect("room");
        assert_eq!(decompress(&bomb, 1000), Err("more than 1000 bytes come out of the gzip data".into()));
        assert_eq!(decompress(&bomb, 1 << 20).map(|bytes| bytes.len()), Ok(1 << 20));
    }
}
