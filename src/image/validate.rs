//! Whether an image is what it says: every digest made anew from the bytes.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::import::{Limits, apply_layer};
use super::{Blob, Config, Image, Layer, manifest};
use crate::base::Digest;
use crate::filesystem::{ChangeKind, Tree, diff};

/// Bytes of a layer whose tree is compared with its tar; of larger ones the digest is checked alone.
const COMPARED: u64 = 64 << 20;

/// What is wrong with an image; nothing if all is well. Reads every layer to its end.
pub fn validate(image: &Image) -> Vec<String> {
    let mut wrong = Vec::new();
    match serde_json::from_str::<Config>(&image.config_json) {
        Err(error) => wrong.push(format!("config: {error}")),
        Ok(config) if config != image.config => wrong.push("config: the text says something else".into()),
        Ok(_) => {}
    }
    let listed = image.config.rootfs.diff_ids.clone().unwrap_or_default();
    let found: Vec<Digest> = image.layers.iter().map(|layer| layer.diff_id).collect();
    if listed != found {
        wrong.push(format!("config: lists {} layers that are not the {} here", listed.len(), found.len()));
    }
    let lines = image.config.history.iter().filter(|line| !line.empty_layer).count();
    if !image.config.history.is_empty() && lines != image.layers.len() {
        wrong.push(format!("config: history tells of {lines} layers, there are {}", image.layers.len()));
    }
    for (index, (lower, layer)) in image.layers_with_lower().enumerate() {
        wrong.extend(layer_is_true(&lower, layer).err().map(|error| format!("layer {index}: {error}")));
    }
    // An imported image's manifest names layers as they were stored; it was checked when it came.
    let made = image.layers.iter().all(|layer| !matches!(layer.blob, Blob::Imported { .. }));
    if made && Digest::of(manifest::manifest(&image.config_json, &image.layers)) != image.digest {
        wrong.push(format!("manifest: is not {}", image.digest));
    }
    wrong
}

fn layer_is_true(lower: &Tree, layer: &Layer) -> Result<(), String> {
    let (mut hasher, mut size, mut bytes) = (Sha256::new(), 0, Vec::new());
    layer.tar(lower, &mut |piece| {
        hasher.update(piece);
        size += piece.len() as u64;
        if size <= COMPARED {
            bytes.extend_from_slice(piece);
        }
    });
    let digest = Digest::from_bytes(hasher.finalize().into());
    if digest != layer.diff_id {
        return Err(format!("is {digest}, not {}", layer.diff_id));
    }
    if size != layer.tar_size {
        return Err(format!("has {size} bytes, not {}", layer.tar_size));
    }
    if size > COMPARED {
        return Ok(());
    }
    let applied = Arc::new(apply_layer(lower, &bytes, Limits::default())?.tree);
    // Tar keeps whole seconds, and rewriting changes them: times are no difference here.
    let differs = |change: &crate::filesystem::Change| match &change.kind {
        ChangeKind::Modified(node) => layer.tree.get(&change.path).is_none_or(|other| {
            let plain =
                |node: &crate::filesystem::Node| node.with_metadata(crate::filesystem::Metadata { mtime: 0, ..node.metadata().clone() });
            match (node.as_file(), other.as_file()) {
                (Some(a), Some(b)) => {
                    let bytes = |file: &crate::filesystem::File| Sha256::digest(file.content.head(u64::MAX));
                    bytes(a) != bytes(b) || node.metadata().mode != other.metadata().mode
                }
                (None, None) => node.as_directory().is_none() && plain(node) != plain(other),
                _ => true,
            }
        }),
        _ => true,
    };
    match diff(&layer.tree, &applied).into_iter().find(differs) {
        Some(change) => Err(format!("its tar makes something else of {}", change.path)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::{ImagePath, Metadata, Node};
    use crate::image::assemble;

    fn image() -> Image {
        let put = |tree: &Tree, path: &str, text: &str| {
            tree.insert(&ImagePath::new(path), Node::file(Metadata::root(0o644, 5), text)).expect("a place")
        };
        let one = Arc::new(put(&put(&Tree::empty(), "/a", "1"), "/b", "2"));
        let two = Arc::new(put(&one, "/a", "3").remove(&ImagePath::new("/b")).expect("there"));
        let layers = vec![Layer::made(&Tree::empty(), &one, Some(0)), Layer::made(&one, &two, Some(0))];
        assemble(&Config::default(), layers, 0, Some(0))
    }

    #[test]
    fn a_true_image_has_no_faults() {
        assert_eq!(validate(&image()), Vec::<String>::new());
    }

    #[test]
    fn each_lie_is_found() {
        let mut lying = image();
        lying.layers[0].diff_id = Digest::of("other");
        assert_eq!(validate(&lying).len(), 3, "{:?}", validate(&lying));
        let mut lying = image();
        lying.layers[1].tar_size += 1;
        assert!(validate(&lying)[0].starts_with("layer 1: has"));
        let mut lying = image();
        lying.config_json = "{}".into();
        assert!(validate(&lying)[0].starts_with("config: "));
        let mut lying = image();
        lying.layers[1].tree = lying.layers[0].tree.clone();
        assert!(!validate(&lying).is_empty());
    }
}
