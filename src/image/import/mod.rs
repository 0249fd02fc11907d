//! Images from elsewhere: an OCI layout or archive, what `docker save` wrote, a plain rootfs tar. Their bytes are kept, so their digests stay.
//!
//! Archives are hostile: every limit of [`Limits`] ends in a clear error, and nothing is half-applied.

mod apply;
mod decompress;
mod layout;

pub use apply::apply_layer;
pub use decompress::decompress;
pub use layout::layout;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use super::{Blob, Config, Image, Layer, RootFs, assemble::config_json, manifest};
use crate::base::Digest;
use crate::filesystem::Tree;

/// What an archive may cost.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Limits {
    /// Bytes after decompression, of one blob.
    pub blob_bytes: u64,
    /// Entries of one tar.
    pub entries: usize,
    /// Names between the root and an entry.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { blob_bytes: 2 << 30, entries: 500_000, depth: 256 }
    }
}

/// An image from an archive of any of the kinds, told by content.
pub fn archive(bytes: &[u8], limits: Limits) -> Result<Image, String> {
    let bytes = decompress(bytes, limits.blob_bytes)?;
    let is_image = |name: &str| name == "index.json" || name == "manifest.json" || name == "oci-layout";
    let mut files = BTreeMap::new();
    let mut found = false;
    for entry in members(&bytes, limits)? {
        let (name, start, end) = entry?;
        found |= is_image(&name);
        files.insert(name, (start, end));
    }
    if !found {
        return rootfs(&bytes, limits);
    }
    let read = |(start, end): (usize, usize)| bytes.get(start..end).map(Arc::from).unwrap_or_else(|| Arc::from([]));
    let files: BTreeMap<String, Arc<[u8]>> = crate::base::map_of(files.into_iter().map(|(name, place)| (name, read(place))));
    layout(&files, None, limits)
}

/// An image of one layer: the tar of a root file system.
pub fn rootfs(tar: &[u8], limits: Limits) -> Result<Image, String> {
    let tar: Arc<[u8]> = decompress(tar, limits.blob_bytes)?.into();
    let layer = imported(&Tree::empty(), tar, None, limits)?;
    let config = Config {
        architecture: "amd64".into(),
        os: "linux".into(),
        rootfs: RootFs { kind: "layers".into(), diff_ids: Some(vec![layer.diff_id]) },
        ..Config::default()
    };
    let config_json: Arc<str> = config_json(&config).into();
    let layers = vec![layer];
    let digest = Digest::of(manifest::manifest(&config_json, &layers));
    Ok(Image { digest, config, config_json, layers })
}

/// The layer whose uncompressed tar is `tar`; its digest must be `expect`.
fn imported(lower: &Tree, tar: Arc<[u8]>, expect: Option<Digest>, limits: Limits) -> Result<Layer, String> {
    let diff_id = Digest::of(&tar);
    if let Some(expect) = expect.filter(|expect| *expect != diff_id) {
        return Err(format!("layer {expect} does not have its digest: its bytes are {diff_id}"));
    }
    let applied = apply_layer(lower, &tar, limits)?;
    Ok(Layer {
        diff_id,
        tar_size: tar.len() as u64,
        size: applied.size,
        tree: Arc::new(applied.tree),
        modelled: false,
        blob: Blob::Imported(tar),
    })
}

type Member = Result<(String, usize, usize), String>;

/// Name and place of each file of a tar.
fn members(bytes: &[u8], limits: Limits) -> Result<Vec<Member>, String> {
    let mut archive = ::tar::Archive::new(bytes);
    let entries = archive.entries().map_err(|e| format!("no archive: {e}"))?;
    let mut out = Vec::new();
    for entry in entries {
        if out.len() > limits.entries {
            return Err(format!("the archive has more than {} entries", limits.entries));
        }
        let mut entry = entry.map_err(|e| format!("broken archive: {e}"))?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./").to_owned();
        let start = usize::try_from(entry.raw_file_position()).map_err(|e| e.to_string())?;
        let mut length = 0;
        let mut buffer = [0; 8192];
        loop {
            match entry.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => length += n,
                Err(e) => return Err(format!("broken archive: {e}")),
            }
        }
        out.push(Ok((name, start, start + length)));
    }
    Ok(out)
}
