//! Manifest and index: OCI image-spec, written as BuildKit's exporter writes them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Blob, Config, Layer};
use crate::base::Digest;
use crate::base::go::to_json_indented;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A reference to a blob.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Descriptor {
    pub media_type: String,
    pub digest: Digest,
    pub size: u64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
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
}

/// `schemaVersion`, `mediaType`, `manifests`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Index {
    pub schema_version: u32,
    pub media_type: &'static str,
    pub manifests: Vec<Descriptor>,
}

impl Descriptor {
    fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self { media_type: media_type.into(), digest, size, annotations: BTreeMap::new(), platform: None }
    }

    /// Of a manifest, with the platform of its config.
    pub fn of_manifest(text: &str, config: &Config) -> Self {
        let platform = DescriptorPlatform {
            architecture: config.architecture.clone(),
            os: config.os.clone(),
            os_version: config.os_version.clone(),
            variant: config.variant.clone(),
        };
        Self { platform: Some(platform), ..Self::new(MANIFEST, Digest::of(text), text.len() as u64) }
    }

    /// Of an index.
    pub fn of_index(text: &str) -> Self {
        Self::new(INDEX, Digest::of(text), text.len() as u64)
    }
}

impl Index {
    /// An index of these.
    pub fn new(manifests: Vec<Descriptor>) -> Self {
        Self { schema_version: 2, media_type: INDEX, manifests }
    }
}

/// The manifest of an image whose layers are stored uncompressed.
pub fn manifest(config_json: &str, layers: &[Layer]) -> String {
    let stored =
        layers.iter().map(|layer| Descriptor { annotations: rewritten(layer), ..Descriptor::new(LAYER, layer.diff_id, layer.tar_size) });
    with_layers(config_json, stored.collect())
}

/// The manifest of an image whose layers are stored as gzip; digest and size of each.
pub fn gzip_manifest(config_json: &str, layers: &[Layer], stored: &[(Digest, u64)]) -> String {
    let media_type = format!("{LAYER}+gzip");
    let descriptors = layers
        .iter()
        .zip(stored)
        .map(|(layer, (digest, size))| Descriptor { annotations: rewritten(layer), ..Descriptor::new(&media_type, *digest, *size) });
    with_layers(config_json, descriptors.collect())
}

fn with_layers(config_json: &str, layers: Vec<Descriptor>) -> String {
    let config = Descriptor::new(CONFIG, Digest::of(config_json), config_json.len() as u64);
    let layers = (!layers.is_empty()).then_some(layers);
    to_json_indented(&Manifest { schema_version: 2, media_type: MANIFEST, config, layers })
}

fn rewritten(layer: &Layer) -> BTreeMap<String, String> {
    match layer.blob {
        Blob::Made { rewrite: Some(epoch) } | Blob::Linked { rewrite: Some(epoch), .. } => {
            BTreeMap::from([("buildkit/rewritten-timestamp".into(), epoch.to_string())])
        }
        _ => BTreeMap::new(),
    }
}
