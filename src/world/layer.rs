//! The tar of a catalogue layer: what the upper tree has and the lower one has not, as BuildKit writes layers.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::base::Digest;
use crate::filesystem::{Content, ImagePath, Node, Tree};

/// The nodes that are new or changed in `upper`; directories that only lead to them are not among them.
pub fn added<'a>(lower: &'a Tree, upper: &'a Tree) -> impl Iterator<Item = (ImagePath, &'a Node)> {
    upper.walk().filter(|(path, node)| lower.get(path).is_none_or(|old| !same(old, node)))
}

fn same(old: &Node, new: &Node) -> bool {
    match (old, new) {
        (Node::Directory(a), Node::Directory(b)) => a.metadata == b.metadata,
        _ => old == new,
    }
}

/// What goes into the layer's tar, in order: the added nodes, each after the directories that lead to it.
fn members<'a>(lower: &'a Tree, upper: &'a Tree) -> Vec<(ImagePath, &'a Node)> {
    let mut members: Vec<(ImagePath, &Node)> = Vec::new();
    let mut written: BTreeSet<ImagePath> = BTreeSet::new();
    for (path, node) in added(lower, upper) {
        let above: Vec<ImagePath> = std::iter::successors(path.parent(), ImagePath::parent).collect();
        for parent in above.into_iter().rev().filter(|parent| !parent.relative().is_empty()) {
            if let (true, Some(node)) = (!written.contains(&parent), upper.get(&parent)) {
                written.insert(parent.clone());
                members.push((parent, node));
            }
        }
        if node.as_directory().is_some() {
            written.insert(path.clone());
        }
        members.push((path, node));
    }
    members
}

/// Digest and length of the layer's tar.
pub fn digest(lower: &Tree, upper: &Tree) -> (Digest, u64) {
    let mut tar = Tar::default();
    for (path, node) in members(lower, upper) {
        tar.header(&path, node);
        if let Some(file) = node.as_file() {
            file.content.read(|bytes| tar.write(bytes));
            tar.write(&[0; 512][..(512 - file.content.len() % 512) as usize % 512]);
        }
    }
    tar.write(&[0; 1024]);
    (Digest::from_bytes(tar.hash.finalize().into()), tar.length)
}

/// A short name of the layer's tar: modelled bytes count by seed and size, so nothing large is read.
pub fn fingerprint(lower: &Tree, upper: &Tree) -> String {
    let mut tar = Tar::default();
    for (path, node) in members(lower, upper) {
        tar.header(&path, node);
        match node.as_file().map(|file| &file.content) {
            Some(Content::Bytes(bytes)) => tar.write(bytes),
            Some(Content::Synthetic { seed, .. }) => tar.write(seed.as_bytes()),
            None => {}
        }
    }
    Digest::from_bytes(tar.hash.finalize().into()).hex()[..12].to_owned()
}

#[derive(Default)]
struct Tar {
    hash: Sha256,
    length: u64,
}

impl Tar {
    fn write(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
    }

    fn header(&mut self, path: &ImagePath, node: &Node) {
        let (kind, name, link, mode, size) = match node {
            Node::Directory(_) => (b'5', format!("{}/", path.relative()), "", node.metadata().mode, 0),
            Node::File(file) => (b'0', path.relative().to_owned(), "", file.metadata.mode, file.content.len()),
            Node::Symlink(link) => (b'2', path.relative().to_owned(), &*link.target, 0o777, 0),
            Node::Special(_) => return,
        };
        let metadata = node.metadata();
        let mut header = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &name.as_bytes()[..name.len().min(100)]);
        put(100, format!("{mode:07o}\0{:07o}\0{:07o}\0", metadata.uid, metadata.gid).as_bytes());
        put(124, format!("{size:011o}\0{:011o}\0        ", metadata.mtime / 1_000_000_000).as_bytes());
        put(156, &[kind]);
        put(157, &link.as_bytes()[..link.len().min(100)]);
        put(257, b"ustar\x0000");
        put(329, b"0000000\x000000000\x00");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.write(&header);
    }
}
