//! Where the first trees of a build come from: images, the client's folders, URLs.

use std::sync::Arc;

use crate::base::{Digest, Reference};
use crate::filesystem::{Tree, transfer};
use crate::image::Image;
use crate::plan::{ImageSource, LocalSource, RemoteSource};
use crate::world::{Context, Images, NamedContext, World};

/// The image that a source names; `None` where only its config is known.
pub fn image(source: &ImageSource, world: &World) -> Option<Image> {
    if let Some(NamedContext::Layout { image, .. }) = source.context.as_ref().and_then(|name| world.named_contexts.get(name)) {
        return Some(image.clone());
    }
    let Images::Store(images) = &world.images else { return None };
    let (name, digest) = match source.reference.split_once('@') {
        Some((name, digest)) => (name, digest.parse::<Digest>().ok()),
        None => (source.reference.as_str(), None),
    };
    let tagged = Reference::parse(name).map(|reference| reference.tagged().to_string()).unwrap_or_default();
    let by_name = images.get(name).or_else(|| images.get(&tagged)).or_else(|| images.get(&source.reference));
    by_name.or_else(|| images.values().find(|image| Some(image.digest) == digest)).cloned()
}

/// Its keys: by manifest and by layers, so that an image with another config is no other file system.
pub fn image_keys(source: &ImageSource, image: Option<&Image>) -> Vec<Digest> {
    let digest = source.reference.split_once('@').map_or(source.reference.as_str(), |(_, digest)| digest);
    let mut keys = vec![Digest::of(format!("image {digest} {}", source.platform.format_all()))];
    if let Some(image) = image {
        let layers: String = image.layers.iter().map(|layer| layer.diff_id.to_string()).collect();
        keys.push(Digest::of(format!("layers {layers}")));
    }
    keys
}

/// What is sent of a folder of the client.
pub fn local(source: &LocalSource, world: &World) -> Result<Arc<Tree>, String> {
    let tree = match (world.named_contexts.get(&source.name), &world.context) {
        (Some(NamedContext::Local(tree)), _) => tree,
        (_, Context::Local(tree)) if source.name == "context" => tree,
        _ => return Err(format!("no local directory for {}", source.name)),
    };
    transfer(tree, &source.exclude, &source.follow_paths).map(|sent| Arc::new(sent.tree))
}

/// What a URL gives, if the project says so.
pub fn remote(source: &RemoteSource, world: &World) -> Result<Arc<Tree>, String> {
    match world.remotes.get(&source.url) {
        Some(tree) => Ok(Arc::new(tree.clone())),
        None => Err(format!("failed to load {}: no network in the simulator; add its content to the project", source.url)),
    }
}
