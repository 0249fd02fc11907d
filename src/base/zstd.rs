//! zstd (RFC 8878): one frame, made and read by `ruzstd`. Its bytes are not those of the encoder that BuildKit uses.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// The frame of these bytes.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn comes_back_and_is_smaller() {
        for size in [0, 1, 1 << 17, (1 << 17) + 1, 300_000] {
            let data: Vec<u8> = (0..size).map(|n: u32| (n % 251) as u8).collect();
            let packed = compress(&data);
            let mut back = Vec::new();
            ruzstd::decoding::StreamingDecoder::new(&packed[..]).expect("a frame").read_to_end(&mut back).expect("its blocks");
            assert!(back == data && packed.len() < 100 + data.len() / 4, "{size} bytes become {}", packed.len());
        }
    }
}
