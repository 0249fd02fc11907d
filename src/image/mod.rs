//! Tree + changes -> layer tar -> digest -> config, manifest, [`Image`]; import, export, validate.

mod config;
mod platform;

pub use config::{Config, ContainerConfig, Healthcheck, History, Platform, RootFs};

use std::sync::Arc;

use crate::base::Digest;
use crate::filesystem::Tree;

/// An image: config, layers, and the trees they make.
#[derive(Debug, Clone)]
pub struct Image {
    /// Digest of the manifest.
    pub digest: Digest,
    /// The config; its digest is the image ID.
    pub config: Config,
    /// Oldest first.
    pub layers: Vec<Layer>,
}

/// One layer of an image.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// Length of the tar in bytes.
    pub tar_size: u64,
    /// Sum of the sizes of its files in bytes: what `docker history` shows.
    pub size: u64,
    /// The filesystem up to and with this layer.
    pub tree: Arc<Tree>,
    /// Whether bytes of it are modelled rather than real.
    pub modelled: bool,
}
