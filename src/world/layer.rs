//! The tar of a catalogue layer: what the upper tree has and the lower one has not, as BuildKit writes layers.

use sha2::{Digest as _, Sha256};

use crate::base::Digest;
use crate::filesystem::{ImagePath, Node, Tree};

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

/// Digest and length of the layer's tar.
pub fn digest(lower: &Tree, upper: &Tree) -> (Digest, u64) {
    let mut tar = Tar::default();
    let mut parents: Vec<ImagePath> = Vec::new();
    for (path, node) in added(lower, upper) {
        let missing: Vec<ImagePath> =
            std::iter::successors(path.parent(), ImagePath::parent).filter(|parent| !parent.relative().is_empty()).collect();
        for parent in missing.iter().rev() {
            if let (false, Some(node)) = (parents.contains(parent), upper.get(parent)) {
                tar.entry(parent, node);
                parents.push(parent.clone());
            }
        }
        if node.as_directory().is_some() {
            parents.push(path.clone());
        }
        tar.entry(&path, node);
    }
    tar.write(&[0; 1024]);
    (Digest::from_bytes(tar.hash.finalize().into()), tar.length)
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

    fn entry(&mut self, path: &ImagePath, node: &Node) {
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
        if let Some(file) = node.as_file() {
            file.content.read(|bytes| {
                self.hash.update(bytes);
                self.length += bytes.len() as u64;
            });
            self.write(&[0; 512][..(512 - size % 512) as usize % 512]);
        }
    }
}
