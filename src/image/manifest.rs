//! Manifest and index: OCI image-spec, written as BuildKit's exporter writes them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::archive::Compression;
use super::{Blob, Config, Layer};
use crate::base::Digest;
use crate::base::go::to_json_indented;

/// The media types of one family: OCI's, or Docker's older ones (`oci-mediatypes=false`).
struct Types {
    manifest: &'static str,
    index: &'static str,
    config: &'static str,
    layer: &'static str,
}

const OCI: Types = Types {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    index: "application/vnd.oci.image.index.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar",
};

const DOCKER: Types = Types {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar",
};

/// Texts with their names, as JSON has them.
pub type Pairs = BTreeMap<String, String>;

/// A reference to a blob.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Descriptor {
    pub media_type: String,
    pub digest: Digest,
    pub size: u64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: Pairs,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<DescriptorPlatform>,
}

/// `platform` of a descriptor.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct DescriptorPlatform {
    pub architecture: String,
    pub os: String,
    #[serde(rename = "os.version", skip_serializing_if = "String::is_empty")]
    pub os_version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub variant: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u32,
    media_type: &'static str,
    config: Descriptor,
    /// `null` if there is none.
    layers: Option<Vec<Descriptor>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: Pairs,
}

/// `schemaVersion`, `mediaType`, `manifests`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Index {
    pub schema_version: u32,
    pub media_type: &'static str,
    pub manifests: Vec<Descriptor>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: Pairs,
}

impl Descriptor {
    fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self { media_type: media_type.into(), digest, size, annotations: BTreeMap::new(), platform: None }
    }

    /// Of a manifest, with the platform of its config.
    pub fn of_manifest(text: &str, config: &Config, docker: bool) -> Self {
        let platform = DescriptorPlatform {
            architecture: config.architecture.clone(),
            os: config.os.clone(),
            os_version: config.os_version.clone(),
            variant: config.variant.clone(),
        };
        Self { platform: Some(platform), ..Self::new(types(docker).manifest, Digest::of(text), text.len() as u64) }
    }

    /// Of an index.
    pub fn of_index(text: &str, docker: bool) -> Self {
        Self::new(types(docker).index, Digest::of(text), text.len() as u64)
    }
}

impl Index {
    /// An index of these.
    pub fn new(manifests: Vec<Descriptor>, docker: bool) -> Self {
        Self { schema_version: 2, media_type: types(docker).index, manifests, annotations: Pairs::new() }
    }
}

/// A layer's blob.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct StoredLayer {
    pub digest: Digest,
    pub size: u64,
    pub packing: Compression,
}

/// How the layers of an image are stored.
pub struct Stored<'a> {
    /// Each of them, oldest first.
    pub layers: &'a [StoredLayer],
    /// Docker's media types rather than OCI's.
    pub docker: bool,
}

/// The manifest of an image whose layers are stored uncompressed.
pub fn manifest(config_json: &str, layers: &[Layer]) -> String {
    let plain = |layer: &Layer| StoredLayer { digest: layer.diff_id, size: layer.tar_size, packing: Compression::Uncompressed };
    let stored: Vec<_> = layers.iter().map(plain).collect();
    stored_manifest(config_json, layers, &Stored { layers: &stored, docker: false }, Pairs::new())
}

/// The manifest of an image whose layers are stored in some way.
pub fn stored_manifest(config_json: &str, layers: &[Layer], stored: &Stored<'_>, annotations: Pairs) -> String {
    let types = types(stored.docker);
    let descriptor = |(layer, blob): (&Layer, &StoredLayer)| {
        let media_type = [types.layer, blob.packing.suffix(stored.docker)].concat();
        // What Docker's types know has no annotations.
        let annotations = if stored.docker { Pairs::new() } else { rewritten(layer) };
        Descriptor { annotations, ..Descriptor::new(&media_type, blob.digest, blob.size) }
    };
    let layers: Vec<_> = layers.iter().zip(stored.layers).map(descriptor).collect();
    let config = Descriptor::new(types.config, Digest::of(config_json), config_json.len() as u64);
    let layers = (!layers.is_empty()).then_some(layers);
    to_json_indented(&Manifest { schema_version: 2, media_type: types.manifest, config, layers, annotations })
}

fn types(docker: bool) -> &'static Types {
    if docker { &DOCKER } else { &OCI }
}

fn rewritten(layer: &Layer) -> BTreeMap<String, String> {
    match layer.blob {
        Blob::Made { rewrite: Some(epoch) } | Blob::Linked { rewrite: Some(epoch), .. } => {
            BTreeMap::from([("buildkit/rewritten-timestamp".into(), epoch.to_string())])
        }
        _ => BTreeMap::new(),
    }
}
