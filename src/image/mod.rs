//! Tree + changes -> layer tar -> digest -> config, manifest, [`Image`]; import, export, validate.

pub mod annotations;
pub mod archive;
mod assemble;
mod config;
pub mod import;
mod layer;
mod manifest;
mod platform;
pub mod tar;
pub mod tar_reader;
mod validate;

pub use assemble::assemble;
pub use config::{Config, ContainerConfig, Healthcheck, History, Platform, RootFs};
pub use layer::{Blob, Layer, flat_tar};
pub use manifest::Descriptor;
pub use validate::validate;

use std::sync::Arc;

use crate::base::Digest;
use crate::filesystem::Tree;

/// An image: config, layers, and the trees they make.
#[derive(Debug, Clone)]
pub struct Image {
    /// Digest of the manifest, its layers uncompressed.
    pub digest: Digest,
    /// The config, read.
    pub config: Config,
    /// The config blob, byte for byte; its digest is the image ID.
    pub config_json: Arc<str>,
    /// Oldest first.
    pub layers: Vec<Layer>,
}

impl Image {
    /// The image ID: the digest of the config.
    pub fn id(&self) -> Digest {
        Digest::of(self.config_json.as_bytes())
    }

    /// The filesystem of a container of the image.
    pub fn tree(&self) -> Arc<Tree> {
        self.layers.last().map_or_else(|| Arc::new(Tree::empty()), |layer| layer.tree.clone())
    }

    /// Each layer with the tree below it.
    pub fn layers_with_lower(&self) -> impl Iterator<Item = (Arc<Tree>, &Layer)> {
        let below = std::iter::once(Arc::new(Tree::empty())).chain(self.layers.iter().map(|layer| layer.tree.clone()));
        below.zip(&self.layers)
    }
}
