//! Images from elsewhere: an OCI layout or archive, what `docker save` wrote, a plain rootfs tar. Their bytes are kept, so their digests stay.
//!
//! Archives are hostile: every limit of [`Limits`] ends in a clear error, and nothing is half-applied.

mod apply;
mod decompress;
mod layout;

pub use apply::apply_layer;
pub use decompress::{Decompressed, decompress, decompress_some, is_compressed};
pub use layout::layout;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tar_reader::Reader;
use super::{Blob, Config, Image, Layer, RootFs, assemble::config_json, manifest};
use crate::base::Digest;
use crate::filesystem::Tree;

/// What an archive may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes after decompression: of the archive, of one layer, of a layer's files.
    pub bytes: u64,
    /// Bytes after decompression of all layers together.
    pub total: u64,
    /// Entries of one tar.
    pub entries: usize,
    /// Names between the root and an entry.
    pub depth: usize,
    /// Devices and fifos of one layer.
    pub specials: usize,
    /// Layers of an image.
    pub layers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 512 << 20, total: 512 << 20, entries: 500_000, depth: 256, specials: 4096, layers: 512 }
    }
}

/// An image from an archive of any of the kinds, told by content. `reference`: a tag or a digest; else the only or the first one.
pub fn archive(bytes: &[u8], reference: Option<&str>, limits: Limits) -> Result<Image, String> {
    let bytes = decompress(bytes, limits.bytes)?;
    let is_image = |name: &str| name == "index.json" || name == "manifest.json" || name == "oci-layout";
    let mut places: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (count, member) in Reader::new(&bytes, limits.bytes).enumerate() {
        let member = member.map_err(|error| format!("broken archive: {error}"))?;
        if count >= limits.entries {
            return Err(format!("the archive has more than {} entries", limits.entries));
        }
        let place = |at: usize| (at, at + member.data.len());
        let name = member.name.trim_start_matches("./").to_owned();
        match (member.kind, member.at) {
            (b'0', Some(at)) => drop(places.insert(name, place(at))),
            // Older `docker save` shares layers by links.
            (b'1' | b'2', _) => {
                let target = crate::base::go::join_path(name.rsplit_once('/').map_or("", |(folder, _)| folder), &member.link);
                if let Some(place) = places.get(&member.link).or_else(|| places.get(&target)).copied() {
                    places.insert(name, place);
                }
            }
            _ => {}
        }
    }
    if !places.keys().any(|name| is_image(name)) {
        return if places.is_empty() && bytes.iter().any(|byte| *byte != 0) { Err("no archive".into()) } else { rootfs(&bytes, limits) };
    }
    let read = |(start, end): (usize, usize)| Arc::from(bytes.get(start..end).unwrap_or_default());
    let files: BTreeMap<String, Arc<[u8]>> = crate::base::map_of(places.into_iter().map(|(name, place)| (name, read(place))));
    layout(&files, reference, limits)
}

/// An image of one layer: the tar of a root file system.
pub fn rootfs(tar: &[u8], limits: Limits) -> Result<Image, String> {
    let tar: Arc<[u8]> = decompress(tar, limits.bytes)?.into();
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
