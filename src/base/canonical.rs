//! SHA-256 behind the derived `Hash` of values: every field counts, in order, with the same bytes on every machine.

use std::hash::Hasher;

use sha2::{Digest as _, Sha256};

use super::Digest;

/// Numbers have fixed widths, so that digests are the same natively and in wasm. The bytes are gathered and hashed at once:
/// values are made of many small pieces.
#[derive(Debug, Default)]
pub struct CanonicalHasher(Vec<u8>);

impl CanonicalHasher {
    /// The digest of all that was hashed.
    pub fn digest(self) -> Digest {
        Digest::from_bytes(Sha256::digest(&self.0).into())
    }
}

impl Hasher for CanonicalHasher {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn write_usize(&mut self, n: usize) {
        self.0.extend_from_slice(&(n as u64).to_le_bytes());
    }

    fn write_isize(&mut self, n: isize) {
        self.0.extend_from_slice(&(n as i64).to_le_bytes());
    }
}
