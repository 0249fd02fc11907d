//! zstd (RFC 8878), written without compressing: a frame of raw blocks. What is compressed is read by `ruzstd`.

const BLOCK: usize = 1 << 17;

/// Frames what is written to it.
pub struct Zstd {
    out: Vec<u8>,
    pending: Vec<u8>,
}

impl Default for Zstd {
    /// Nothing yet: a frame of unknown size with a window of one block.
    fn default() -> Self {
        Self { out: vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3], pending: Vec::new() }
    }
}

impl Zstd {
    /// More bytes.
    pub fn write(&mut self, mut bytes: &[u8]) {
        while self.pending.len() + bytes.len() > BLOCK {
            let (now, later) = bytes.split_at(BLOCK - self.pending.len());
            self.pending.extend_from_slice(now);
            self.block(false);
            bytes = later;
        }
        self.pending.extend_from_slice(bytes);
    }

    /// The frame.
    pub fn finish(mut self) -> Vec<u8> {
        self.block(true);
        self.out
    }

    fn block(&mut self, last: bool) {
        let head = (self.pending.len() as u32) << 3 | u32::from(last);
        self.out.extend(&head.to_le_bytes()[..3]);
        self.out.append(&mut self.pending);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn comes_back_whatever_the_pieces() {
        for (size, piece) in [(0, 1), (1, 1), (BLOCK, 1000), (BLOCK + 1, BLOCK), (300_000, 77), (2 * BLOCK, 2 * BLOCK)] {
            let data: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            let mut zstd = Zstd::default();
            data.chunks(piece).for_each(|piece| zstd.write(piece));
            let mut back = Vec::new();
            ruzstd::decoding::StreamingDecoder::new(&zstd.finish()[..]).expect("a frame").read_to_end(&mut back).expect("its blocks");
            assert!(back == data, "{size} bytes in pieces of {piece}");
        }
    }
}
