//! Trees and layers as lists of files.

use super::types::FileView;
use crate::docker::files::{find, size, walk};
use crate::filesystem::{Content, Metadata, Node, Tree};
use crate::image::Image;

/// A folder's entries.
pub fn list(tree: &Tree, path: &str) -> Vec<FileView> {
    match find(tree, path) {
        Some(Node::Directory(directory)) => directory.entries.iter().map(|(name, node)| file(&join(path, name), node, None)).collect(),
        Some(node) => vec![file(path, &node, None)],
        None => Vec::new(),
    }
}

/// What a layer adds, changes and removes.
pub fn layer_files(image: &Image, layer: usize) -> Vec<FileView> {
    let Some(above) = image.layers.get(layer) else { return Vec::new() };
    let empty = Tree::empty();
    let below = layer.checked_sub(1).and_then(|below| image.layers.get(below)).map_or(&empty, |layer| &*layer.tree);
    let mut files = Vec::new();
    walk(above.tree.root(), "", &mut |path, node| match find(below, path) {
        None => files.push(file(path, node, Some("added"))),
        Some(old) if !same(&old, node) => files.push(file(path, node, Some("changed"))),
        Some(_) => {}
    });
    walk(below.root(), "", &mut |path, node| {
        if find(&above.tree, path).is_none() {
            files.push(file(path, node, Some("removed")));
        }
    });
    files
}

/// Folders are the same if they themselves are: their entries are told one by one.
fn same(old: &Node, new: &Node) -> bool {
    match (old, new) {
        (Node::Directory(old), Node::Directory(new)) => std::sync::Arc::ptr_eq(old, new) || old.metadata == new.metadata,
        (old, new) => old == new,
    }
}

fn join(folder: &str, name: &str) -> String {
    let folder = folder.trim_matches('/');
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn file(path: &str, node: &Node, change: Option<&str>) -> FileView {
    let (kind, metadata): (&str, &Metadata) = match node {
        Node::Directory(directory) => ("directory", &directory.metadata),
        Node::File(file) => ("file", &file.metadata),
        Node::Symlink(link) => ("symlink", &link.metadata),
        Node::Special(special) => ("special", &special.metadata),
    };
    FileView {
        path: path.trim_start_matches('/').to_owned(),
        kind: kind.to_owned(),
        mode: metadata.mode,
        uid: metadata.uid,
        gid: metadata.gid,
        size: size(node) as f64,
        target: if let Node::Symlink(link) = node { Some(link.target.to_string()) } else { None },
        change: change.map(str::to_owned),
        modelled: matches!(node, Node::File(file) if matches!(file.content, Content::Synthetic { .. })),
    }
}
