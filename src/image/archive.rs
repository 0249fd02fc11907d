//! Images as archives: OCI layout in a tar, and what `docker load` takes. containerd's `images/archive` exporter.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::annotations::{self, Annotated, Annotation};
use super::manifest::{self, Descriptor, Index, StoredLayer};
use super::tar::{self, Entry, EntryKind};
use super::{Blob, Image, Layer};
use crate::base::Reference;
use crate::base::go::{to_json, to_json_indented};
use crate::base::gzip::Gzip;
use crate::base::zstd;
use crate::base::{Digest, go};
use crate::filesystem::Tree;

/// Which archive is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Format {
    Oci,
    /// With `manifest.json`, so that `docker load` takes it.
    Docker,
}

/// How layers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Compression {
    Uncompressed,
    Gzip,
    Zstd,
}

impl Compression {
    /// What a layer's media type has behind it.
    pub fn suffix(self, docker_types: bool) -> &'static str {
        match (self, docker_types) {
            (Self::Uncompressed, _) => "",
            (Self::Gzip, false) => "+gzip",
            (Self::Gzip, true) => ".gzip",
            (Self::Zstd, false) => "+zstd",
            (Self::Zstd, true) => ".zstd",
        }
    }
}

/// How an archive is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Which archive.
    pub format: Format,
    /// Of every layer that was made; one that was imported stays as it came.
    pub compression: Compression,
    /// Of every layer, whatever it came as: `force-compression=true`.
    pub force: bool,
    /// Docker's media types rather than OCI's: `oci-mediatypes=false`.
    pub docker_types: bool,
    /// With an index though there is one image alone.
    pub index: bool,
    /// Of manifests and indexes.
    pub annotations: Vec<Annotation>,
    /// When the archive was made, in seconds since 1970; without it the time of the first image.
    pub created: Option<i64>,
    /// Layers that are compressed already: see [`pack`].
    pub packed: Packed,
}

/// Compressed layers, by the digest of what is in them.
pub type Packed = BTreeMap<Digest, std::sync::Arc<[u8]>>;

impl Options {
    /// Without anything special.
    pub fn new(format: Format, compression: Compression) -> Self {
        Self {
            format,
            compression,
            force: false,
            docker_types: false,
            index: false,
            annotations: Vec::new(),
            created: None,
            packed: Packed::new(),
        }
    }
}

/// What an exporter answers: the text of `--metadata-file`. One that gives files alone has nothing to say.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Exported {
    /// Digest of the config; `None`: there is one for each platform.
    #[serde(rename = "containerimage.config.digest", skip_serializing_if = "Option::is_none")]
    pub config: Option<Digest>,
    /// Of the manifest, or of the index of several platforms; `None`: the image went to a store that has neither.
    #[serde(rename = "containerimage.descriptor", skip_serializing_if = "Option::is_none")]
    pub descriptor: Option<Descriptor>,
    /// What the image is found by: digest of the manifest or index, in the store its ID.
    #[serde(rename = "containerimage.digest", skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Names, with commas between them.
    #[serde(rename = "image.name", skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl Exported {
    /// Images went to the store, which knows one by its config, `many` by their list, and packs nothing.
    pub fn to_store(images: &[Image], many: bool, names: &[Reference]) -> Self {
        let config = images.first().filter(|_| !many).map(Image::id);
        Self { config, descriptor: None, digest: config.or_else(|| Some(list_digest(images))), name: listed(names) }
    }

    /// What several exporters answer: the later one of two that say the same thing is heard.
    pub fn and(self, later: Self) -> Self {
        Self {
            config: later.config.or(self.config),
            descriptor: later.descriptor.or(self.descriptor),
            digest: later.digest.or(self.digest),
            name: if later.name.is_empty() { self.name } else { later.name },
        }
    }
}

fn listed(names: &[Reference]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

enum Stored<'a> {
    Text(String),
    Bytes(Cow<'a, [u8]>),
    Tar(std::sync::Arc<Tree>, &'a Layer),
}

/// Writes the archive of `images` (one a platform) to `sink`. `names`: normalised references.
pub fn write(images: &[Image], names: &[Reference], options: &Options, sink: &mut dyn FnMut(&[u8])) -> Exported {
    let docker = options.docker_types;
    let annotations = |on, platform: &str| annotations::select(&options.annotations, on, platform);
    let mut blobs: BTreeMap<String, Stored<'_>> = BTreeMap::new();
    let mut manifests = Vec::new();
    let mut loadable = Vec::new();
    for image in images {
        let layers: Vec<StoredLayer> = image.layers_with_lower().map(|(lower, layer)| store(layer, lower, options, &mut blobs)).collect();
        // An image alone has the annotations that are for every platform.
        let platform = if options.index || images.len() > 1 { image.config.platform().format_all() } else { String::new() };
        let stored = manifest::Stored { layers: &layers, docker };
        let text = manifest::stored_manifest(&image.config_json, &image.layers, &stored, annotations(Annotated::Manifest, &platform));
        let annotations = annotations(Annotated::ManifestDescriptor, &platform);
        manifests.push(Descriptor { annotations, ..Descriptor::of_manifest(&text, &image.config, docker) });
        loadable.push(Loadable::new(image, names, &layers));
        blobs.insert(image.id().hex(), Stored::Text(image.config_json.to_string()));
        blobs.insert(Digest::of(&text).hex(), Stored::Text(text));
    }
    let config = if options.index || images.len() != 1 { None } else { images.first().map(Image::id) };
    let mut descriptor = match manifests.as_slice() {
        [one] if !options.index => one.clone(),
        several => {
            let index = Index { annotations: annotations(Annotated::Index, ""), ..Index::new(several.to_vec(), docker) };
            let text = to_json_indented(&index);
            let descriptor = Descriptor::of_index(&text, docker);
            blobs.insert(descriptor.digest.hex(), Stored::Text(text));
            Descriptor { annotations: annotations(Annotated::IndexDescriptor, ""), ..descriptor }
        }
    };
    let created = options.created.map(go::rfc3339).or_else(|| images.first()?.config.created.clone());
    descriptor.annotations.entry("org.opencontainers.image.created".into()).or_insert(created.unwrap_or_else(|| go::rfc3339(0)));
    let index = to_json(&Index::new(named(&descriptor, names), false));
    members(&blobs, sink);
    file("index.json", 0o644, index.as_bytes(), sink);
    if options.format == Format::Docker {
        file("manifest.json", 0o644, to_json(&loadable).as_bytes(), sink);
    }
    file("oci-layout", 0o444, br#"{"imageLayoutVersion":"1.0.0"}"#, sink);
    sink(&tar::END);
    Exported { config, digest: Some(descriptor.digest), descriptor: Some(descriptor), name: listed(names) }
}

/// The digest of the list of several platforms, layers uncompressed.
pub fn list_digest(images: &[Image]) -> Digest {
    let descriptor = |image: &Image| Descriptor::of_manifest(&manifest::manifest(&image.config_json, &image.layers), &image.config, false);
    Digest::of(to_json_indented(&Index::new(images.iter().map(descriptor).collect(), false)))
}

/// One element of `manifest.json`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Loadable {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
}

impl Loadable {
    fn new(image: &Image, names: &[Reference], layers: &[StoredLayer]) -> Self {
        let tags: Vec<_> = names.iter().map(Reference::familiar).collect();
        let layers: Vec<_> = layers.iter().map(|layer| format!("blobs/sha256/{}", layer.digest.hex())).collect();
        Self {
            config: format!("blobs/sha256/{}", image.id().hex()),
            repo_tags: (!tags.is_empty()).then_some(tags),
            layers: (!layers.is_empty()).then_some(layers),
        }
    }
}

/// The descriptor once a name, or once if there is none.
fn named(descriptor: &Descriptor, names: &[Reference]) -> Vec<Descriptor> {
    if names.is_empty() {
        return vec![descriptor.clone()];
    }
    let one = |name: &Reference| {
        let mut descriptor = descriptor.clone();
        descriptor.annotations.insert("io.containerd.image.name".into(), name.to_string());
        if !name.tag.is_empty() {
            descriptor.annotations.insert("org.opencontainers.image.ref.name".into(), name.tag.clone());
        }
        descriptor
    };
    names.iter().map(one).collect()
}

/// Compresses the layers as the options say, for those who write one archive more than once.
pub fn pack(images: &[Image], options: &Options) -> Packed {
    let mut packed = Packed::new();
    for (lower, layer) in images.iter().flat_map(Image::layers_with_lower) {
        if kept(layer, options).is_none() && !packed.contains_key(&layer.diff_id) && options.compression != Compression::Uncompressed {
            packed.insert(layer.diff_id, compressed(layer, &lower, options.compression).into());
        }
    }
    packed
}

/// The blob in which a layer was imported, if it stays.
fn kept<'a>(layer: &'a Layer, options: &Options) -> Option<(Compression, &'a [u8])> {
    match &layer.blob {
        Blob::Imported { packed: Some((packing, bytes)), .. } if !options.force || *packing == options.compression => {
            Some((*packing, bytes))
        }
        _ => None,
    }
}

fn compressed(layer: &Layer, lower: &Tree, compression: Compression) -> Vec<u8> {
    if compression == Compression::Gzip {
        // Go's header: no name, no time, OS unknown.
        let mut gzip = Gzip::new(255);
        layer.tar(lower, &mut |bytes| gzip.write(bytes));
        return gzip.finish();
    }
    let mut tar = Vec::with_capacity(layer.tar_size as usize);
    layer.tar(lower, &mut |bytes| tar.extend_from_slice(bytes));
    if compression == Compression::Zstd { zstd::compress(&tar) } else { tar }
}

/// Notes a layer's blob.
fn store<'a>(layer: &'a Layer, lower: std::sync::Arc<Tree>, options: &'a Options, blobs: &mut BTreeMap<String, Stored<'a>>) -> StoredLayer {
    let (packing, bytes) = match (kept(layer, options), options.packed.get(&layer.diff_id)) {
        (Some((packing, bytes)), _) => (packing, Cow::Borrowed(bytes)),
        (None, Some(packed)) => (options.compression, Cow::Borrowed(&**packed)),
        (None, None) if options.compression == Compression::Uncompressed => {
            blobs.insert(layer.diff_id.hex(), Stored::Tar(lower, layer));
            return StoredLayer { digest: layer.diff_id, size: layer.tar_size, packing: Compression::Uncompressed };
        }
        (None, None) => (options.compression, compressed(layer, &lower, options.compression).into()),
    };
    let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
    blobs.insert(digest.hex(), Stored::Bytes(bytes));
    StoredLayer { digest, size, packing }
}

fn members(blobs: &BTreeMap<String, Stored<'_>>, sink: &mut dyn FnMut(&[u8])) {
    for name in ["blobs/", "blobs/sha256/"] {
        tar::header(&Entry { name: name.into(), mode: 0o755, ..Entry::default() }, sink);
    }
    for (hex, stored) in blobs {
        let name = format!("blobs/sha256/{hex}");
        match stored {
            Stored::Text(text) => file(&name, 0o444, text.as_bytes(), sink),
            Stored::Bytes(bytes) => file(&name, 0o444, bytes, sink),
            Stored::Tar(lower, layer) => {
                head(&name, 0o444, layer.tar_size, sink);
                layer.tar(lower, sink);
                sink(&tar::END[..tar::padding(layer.tar_size)]);
            }
        }
    }
}

fn file(name: &str, mode: u32, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
    head(name, mode, bytes.len() as u64, sink);
    sink(bytes);
    sink(&tar::END[..tar::padding(bytes.len() as u64)]);
}

fn head(name: &str, mode: u32, size: u64, sink: &mut dyn FnMut(&[u8])) {
    tar::header(&Entry { name: name.into(), kind: EntryKind::File { size }, mode, ..Entry::default() }, sink);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Config, assemble};

    #[test]
    fn members_are_sorted_and_named_as_containerd_does() {
        let image = assemble(&Config { architecture: "amd64".into(), os: "linux".into(), ..Config::default() }, Vec::new(), 0, Some(0));
        let name = Reference::parse("app").expect("a name").tagged();
        let mut bytes = Vec::new();
        let exported =
            write(&[image], &[name], &Options::new(Format::Docker, Compression::Uncompressed), &mut |piece| bytes.extend_from_slice(piece));
        let names: Vec<_> = ::tar::Archive::new(&bytes[..])
            .entries()
            .expect("a tar")
            .map(|entry| String::from_utf8_lossy(&entry.expect("an entry").path_bytes()).into_owned())
            .collect();
        assert_eq!(names.len(), 7);
        assert_eq!(names[4..], ["index.json", "manifest.json", "oci-layout"]);
        assert!(String::from_utf8_lossy(&bytes).contains(r#""RepoTags":["app:latest"],"Layers":null}]"#));
        assert_eq!(exported.descriptor.and_then(|one| one.platform).map(|p| p.architecture), Some("amd64".into()));
    }
}
