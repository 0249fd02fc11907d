//! ADD of an archive: told by its content, never by its name. BuildKit's `file/unpack.go`.

use std::sync::Arc;

use super::owner::Owner;
use crate::filesystem::{ImagePath, Metadata, Node, Tree};
use crate::image::import::{Limits, apply_layer, decompress};

/// The uncompressed tar in a file, if it is an archive.
pub(super) fn archive(node: &Node) -> Option<Vec<u8>> {
    let limits = Limits::default();
    let bytes = node.as_file()?.content.head(limits.blob_bytes);
    let tar = decompress(&bytes, limits.blob_bytes).ok()?;
    let is_tar = ::tar::Archive::new(&tar[..]).entries().is_ok_and(|mut entries| entries.next().is_some_and(|first| first.is_ok()));
    is_tar.then_some(tar)
}

/// Unpacks into `dest`, which is made if it is not there; `--chown` is for all that the archive holds.
pub(super) fn unpack(tree: &Tree, tar: &[u8], dest: &ImagePath, owner: Option<Owner>, now: i64) -> Result<Tree, String> {
    let text = |errno: crate::filesystem::Errno| errno.text().to_owned();
    let root = owner.unwrap_or_default();
    let metadata = Metadata { mode: 0o755, uid: root.uid, gid: root.gid, mtime: now, xattrs: None };
    let tree = tree.make_directories(dest, &metadata).map_err(text)?;
    let (real, node) = tree.lookup(dest).map_err(text)?;
    let Node::Directory(below) = node else { return Err("not a directory".into()) };
    let applied = apply_layer(&Tree::from_root(Arc::clone(below)), tar, Limits::default())?.tree;
    let applied = match owner {
        None => applied,
        Some(owner) => owned(&applied, tar, owner)?,
    };
    tree.insert(&real, Node::Directory(applied.root().clone())).map_err(text)
}

/// All entries of the archive get the owner.
fn owned(tree: &Tree, tar: &[u8], owner: Owner) -> Result<Tree, String> {
    let alone = apply_layer(&Tree::empty(), tar, Limits::default())?.tree;
    alone.walk().try_fold(tree.clone(), |tree, (path, _)| {
        let Some(node) = tree.get(&path) else { return Ok(tree) };
        let metadata = Metadata { uid: owner.uid, gid: owner.gid, ..node.metadata().clone() };
        let node = node.with_metadata(metadata);
        tree.update(&path, node).map_err(|errno| errno.text().to_owned())
    })
}
