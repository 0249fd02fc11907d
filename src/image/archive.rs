//! Images as archives: OCI layout in a tar, and what `docker load` takes. containerd's `images/archive` exporter.

use std::collections::BTreeMap;

use serde::Serialize;

use super::manifest::{self, Descriptor, Index};
use super::tar::{self, Entry, EntryKind};
use super::{Image, Layer};
use crate::base::Reference;
use crate::base::go::{to_json, to_json_indented};
use crate::base::gzip::Gzip;
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
}

/// What an export gave, for `--metadata-file`.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Of the manifest, or of the index of several platforms.
    pub descriptor: Descriptor,
    /// Digest of the config (of the first platform).
    pub config: Digest,
}

enum Stored<'a> {
    Text(String),
    Bytes(Vec<u8>),
    Tar(std::sync::Arc<Tree>, &'a Layer),
}

/// Writes the archive of `images` (one a platform) to `sink`. `names`: normalised references.
pub fn write(images: &[Image], names: &[Reference], format: Format, compression: Compression, sink: &mut dyn FnMut(&[u8])) -> Exported {
    let mut blobs: BTreeMap<String, Stored<'_>> = BTreeMap::new();
    let mut manifests = Vec::new();
    let mut loadable = Vec::new();
    for image in images {
        let layers: Vec<(Digest, u64)> =
            image.layers_with_lower().map(|(lower, layer)| store(layer, lower, compression, &mut blobs)).collect();
        let text = match compression {
            Compression::Uncompressed => manifest::manifest(&image.config_json, &image.layers),
            Compression::Gzip => manifest::gzip_manifest(&image.config_json, &image.layers, &layers),
        };
        manifests.push(Descriptor::of_manifest(&text, &image.config));
        loadable.push(Loadable::new(image, names, &layers));
        blobs.insert(image.id().hex(), Stored::Text(image.config_json.to_string()));
        blobs.insert(Digest::of(&text).hex(), Stored::Text(text));
    }
    let config = images.first().map_or_else(|| Digest::of(""), Image::id);
    let created = images.first().and_then(|image| image.config.created.clone()).unwrap_or_else(|| go::rfc3339(0));
    let mut descriptor = match manifests.as_slice() {
        [one] => one.clone(),
        several => {
            let text = to_json_indented(&Index::new(several.to_vec()));
            let descriptor = Descriptor::of_index(&text);
            blobs.insert(descriptor.digest.hex(), Stored::Text(text));
            descriptor
        }
    };
    descriptor.annotations.insert("org.opencontainers.image.created".into(), created);
    let index = to_json(&Index::new(named(&descriptor, names)));
    members(&blobs, sink);
    file("index.json", 0o644, index.as_bytes(), sink);
    if format == Format::Docker {
        file("manifest.json", 0o644, to_json(&loadable).as_bytes(), sink);
    }
    file("oci-layout", 0o444, br#"{"imageLayoutVersion":"1.0.0"}"#, sink);
    sink(&tar::END);
    Exported { descriptor, config }
}

/// The text of `--metadata-file`.
pub fn metadata(exported: &Exported, names: &[Reference]) -> String {
    #[derive(Serialize)]
    struct Metadata<'a> {
        #[serde(rename = "containerimage.config.digest")]
        config: Digest,
        #[serde(rename = "containerimage.descriptor")]
        descriptor: &'a Descriptor,
        #[serde(rename = "containerimage.digest")]
        digest: Digest,
        #[serde(rename = "image.name", skip_serializing_if = "String::is_empty")]
        name: String,
    }
    let name = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    to_json_indented(&Metadata { config: exported.config, descriptor: &exported.descriptor, digest: exported.descriptor.digest, name })
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
    fn new(image: &Image, names: &[Reference], layers: &[(Digest, u64)]) -> Self {
        let tags: Vec<_> = names.iter().map(Reference::familiar).collect();
        let layers: Vec<_> = layers.iter().map(|(digest, _)| format!("blobs/sha256/{}", digest.hex())).collect();
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

/// Notes a layer's blob; its digest and size as stored.
fn store<'a>(
    layer: &'a Layer,
    lower: std::sync::Arc<Tree>,
    compression: Compression,
    blobs: &mut BTreeMap<String, Stored<'a>>,
) -> (Digest, u64) {
    if compression == Compression::Uncompressed {
        blobs.insert(layer.diff_id.hex(), Stored::Tar(lower, layer));
        return (layer.diff_id, layer.tar_size);
    }
    // Go's header: no name, no time, OS unknown.
    let mut gzip = Gzip::new(255);
    layer.tar(&lower, &mut |bytes| gzip.write(bytes));
    let bytes = gzip.finish();
    let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
    blobs.insert(digest.hex(), Stored::Bytes(bytes));
    (digest, size)
}

fn members(blobs: &BTreeMap<String, Stored<'_>>, sink: &mut dyn FnMut(&[u8])) {
    for name in ["blobs/", "blobs/sha256/"] {
        sink(&tar::header(&Entry { name: name.into(), mode: 0o755, ..Entry::default() }));
    }
    for (hex, stored) in blobs {
        let name = format!("blobs/sha256/{hex}");
        match stored {
            Stored::Text(text) => file(&name, 0o444, text.as_bytes(), sink),
            Stored::Bytes(bytes) => file(&name, 0o444, bytes, sink),
            Stored::Tar(lower, layer) => {
                sink(&head(&name, 0o444, layer.tar_size));
                layer.tar(lower, sink);
                sink(&tar::END[..tar::padding(layer.tar_size)]);
            }
        }
    }
}

fn file(name: &str, mode: u32, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
    sink(&head(name, mode, bytes.len() as u64));
    sink(bytes);
    sink(&tar::END[..tar::padding(bytes.len() as u64)]);
}

fn head(name: &str, mode: u32, size: u64) -> Vec<u8> {
    tar::header(&Entry { name: name.into(), kind: EntryKind::File { size }, mode, ..Entry::default() })
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
        let exported = write(&[image], &[name], Format::Docker, Compression::Uncompressed, &mut |piece| bytes.extend_from_slice(piece));
        let names: Vec<_> = ::tar::Archive::new(&bytes[..])
            .entries()
            .expect("a tar")
            .map(|entry| String::from_utf8_lossy(&entry.expect("an entry").path_bytes()).into_owned())
            .collect();
        assert_eq!(names.len(), 7);
        assert_eq!(names[4..], ["index.json", "manifest.json", "oci-layout"]);
        assert!(String::from_utf8_lossy(&bytes).contains(r#""RepoTags":["app:latest"],"Layers":null}]"#));
        assert_eq!(exported.descriptor.platform.map(|p| p.architecture), Some("amd64".into()));
    }
}
