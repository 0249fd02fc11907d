//! gzip, zstd, bzip2, xz: told by their first bytes, with a limit on what comes out.

use std::borrow::Cow;
use std::io::Read;

use crate::base::gzip::gunzip_into;
use crate::image::archive::Compression;

/// KiB that an xz stream may ask for its dictionary: `xz -9` wants half of it.
const DICTIONARY: u32 = 128 << 10;

/// What came out of compressed data, up to an error.
#[derive(Debug, PartialEq, Eq)]
pub struct Decompressed<'a> {
    /// The bytes before the error.
    pub bytes: Cow<'a, [u8]>,
    /// Why there are no more, if that is not the end.
    pub error: Option<String>,
}

/// Whether the bytes begin as compressed data that [`decompress`] knows.
pub fn is_compressed(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1f, 0x8b, 8, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'B', b'Z', b'h', ..] | [0xfd, b'7', b'z', b'X', b'Z', 0, ..])
}

/// How a layer's blob is packed, if a manifest can name that.
pub(super) fn packing(bytes: &[u8]) -> Option<Compression> {
    match bytes {
        [0x1f, 0x8b, 8, ..] => Some(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Compression::Zstd),
        other => (!is_compressed(other)).then_some(Compression::Uncompressed),
    }
}

/// The bytes, decompressed if they are compressed, else as they are; at most `limit` come out.
pub fn decompress(bytes: &[u8], limit: u64) -> Result<Cow<'_, [u8]>, String> {
    let out = decompress_some(bytes, limit);
    out.error.map_or(Ok(out.bytes), Err)
}

/// As [`decompress`], with what came out before an error.
pub fn decompress_some(bytes: &[u8], limit: u64) -> Decompressed<'_> {
    match bytes {
        [0x1f, 0x8b, 8, ..] => {
            let mut out = Vec::new();
            let error = gunzip_into(bytes, limit, &mut out).err().map(str::to_owned);
            bounded(out, error, limit, "gzip")
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => match ruzstd::decoding::StreamingDecoder::new(bytes) {
            Ok(decoder) => read(decoder, limit, "zstd"),
            Err(e) => Decompressed { bytes: Cow::default(), error: Some(format!("broken zstd data: {e}")) },
        },
        [b'B', b'Z', b'h', ..] => read(bzip2::read::MultiBzDecoder::new(bytes), limit, "bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => read(lzma_rust2::XzReader::new_mem_limit(bytes, true, DICTIONARY), limit, "xz"),
        plain if plain.len() as u64 > limit => Decompressed { bytes: Cow::default(), error: Some(format!("more than {limit} bytes")) },
        plain => Decompressed { bytes: Cow::Borrowed(plain), error: None },
    }
}

fn read(decoder: impl Read, limit: u64, kind: &str) -> Decompressed<'static> {
    let mut bytes = Vec::new();
    let error = match decoder.take(limit.saturating_add(1)).read_to_end(&mut bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Some("unexpected EOF".into()),
        Err(error) => Some(format!("broken {kind} data: {error}")),
        Ok(_) => None,
    };
    bounded(bytes, error, limit, kind)
}

fn bounded(mut bytes: Vec<u8>, error: Option<String>, limit: u64, kind: &str) -> Decompressed<'static> {
    let over = bytes.len() as u64 > limit;
    bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Decompressed {
        bytes: Cow::Owned(bytes),
        error: if over { Some(format!("more than {limit} bytes come out of the {kind} data")) } else { error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::gzip::Gzip;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = Gzip::new(3);
        gzip.write(bytes);
        gzip.finish()
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = gzip(&vec![0; 1 << 20]);
        assert_eq!(decompress(&bomb, 1000), Err("more than 1000 bytes come out of the gzip data".into()));
        assert_eq!(decompress(&bomb, 1 << 20).map(|bytes| bytes.len()), Ok(1 << 20));
        assert_eq!(decompress(b"plain", 4), Err("more than 4 bytes".into()));
    }

    #[test]
    fn what_came_before_an_error_is_kept() {
        let cut = gzip(&(0..=255).cycle().take(4096).collect::<Vec<_>>());
        let out = decompress_some(&cut[..cut.len() - 8], 1 << 20);
        assert_eq!((out.bytes.len(), out.error.as_deref()), (4096, Some("unexpected EOF")));
    }
}
