//! Images from elsewhere: an OCI layout or archive, what `docker save` wrote, a plain rootfs tar. Their bytes are kept, so their digests stay.
//!
//! Archives are hostile: every limit of [`Limits`] ends in a clear error, and nothing is half-applied.

mod apply;
mod decompress;
mod layout;

pub use apply::apply_layer;
pub use decompress::{Decompressed, decompress, decompress_some, is_compressed};
pub use layout::{Files, layout};

use std::collections::BTreeMap;
use std::sync::Arc;

use super::archive::Compression;
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

impl Limits {
    /// What a browser's tab can bear.
    pub const DEFAULT: Self = Self { bytes: 512 << 20, total: 512 << 20, entries: 500_000, depth: 256, specials: 4096, layers: 512 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// An image of an archive, and the names that the archive gives it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Named {
    pub image: Image,
    pub names: Vec<String>,
}

/// An image from an archive of any of the kinds, told by content. `reference`: a tag or a digest; else the only or the first one.
pub fn archive(bytes: &[u8], reference: Option<&str>, limits: Limits) -> Result<Image, String> {
    let bytes = decompress(bytes, limits.bytes)?;
    match files(&bytes, limits)? {
        Some(files) => layout(&files, reference, limits),
        None => rootfs(&bytes, limits),
    }
}

/// All images of an archive that `docker save` or a builder wrote.
pub fn images(bytes: &[u8], limits: Limits) -> Result<Vec<Named>, String> {
    let bytes = decompress(bytes, limits.bytes)?;
    let files = files(&bytes, limits)?.ok_or("open manifest.json: no such file or directory")?;
    layout::named(&files, limits)
}

/// The files of an archive that holds images; `None`: it is some other tar.
fn files(bytes: &[u8], limits: Limits) -> Result<Option<Files>, String> {
    let mut places: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut count = 0;
    for member in Reader::new(bytes, limits.bytes) {
        let member = member.map_err(|error| format!("broken archive: {error}"))?;
        count += 1;
        if count > limits.entries {
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
    if count == 0 && bytes.iter().any(|byte| *byte != 0) {
        return Err("no archive".into());
    }
    if !["index.json", "manifest.json", "oci-layout"].iter().any(|name| places.contains_key(*name)) {
        return Ok(None);
    }
    let read = |(start, end): (usize, usize)| Arc::from(bytes.get(start..end).unwrap_or_default());
    Ok(Some(crate::base::map_of(places.into_iter().map(|(name, place)| (name, read(place))))))
}

/// An image of one layer: the tar of a root file system.
pub fn rootfs(tar: &[u8], limits: Limits) -> Result<Image, String> {
    let tar: Arc<[u8]> = Arc::from(&*decompress(tar, limits.bytes)?);
    let layer = imported(&Tree::empty(), tar, None, None, limits)?;
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

/// The layer whose uncompressed tar is `tar`, stored as `packed`; its digest must be `expect`.
fn imported(
    lower: &Tree,
    tar: Arc<[u8]>,
    packed: Option<(Compression, Arc<[u8]>)>,
    expect: Option<Digest>,
    limits: Limits,
) -> Result<Layer, String> {
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
        blob: Blob::Imported { tar, packed },
    })
}
