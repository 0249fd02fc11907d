//! The layers of the catalogue: their digests are recorded, under a name made of everything that goes into their tar.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::base::Digest;
use crate::filesystem::{Change, ChangeKind, Content, ImagePath, Node, Tree, diff};
use crate::image::{Blob, Layer, tar};

/// Digests of layers: `FINGERPRINT DIFF_ID BLOCKS` a line; the tar has so many blocks beside those of its contents.
pub const DIGESTS: &str = include_str!("data/digests.txt");

/// The layer that makes `upper` of `lower`; its bytes are read only if its digest is not recorded.
pub fn layer(lower: &Tree, upper: &Arc<Tree>) -> Layer {
    let changes = diff(lower, upper);
    let contents = || changes.iter().filter_map(|change| Some(&node(change)?.as_file()?.content));
    let Some((diff_id, blocks)) = recorded(&fingerprint(upper, &changes)) else { return Layer::made(lower, upper, None) };
    let size = contents().map(Content::len).sum();
    Layer {
        diff_id,
        tar_size: tar::BLOCK as u64 * (blocks + contents().map(|content| content.len().div_ceil(tar::BLOCK as u64)).sum::<u64>()),
        size,
        tree: upper.clone(),
        modelled: contents().any(Content::is_modelled),
        blob: Blob::Made { rewrite: None },
    }
}

fn recorded(fingerprint: &str) -> Option<(Digest, u64)> {
    let line = DIGESTS.lines().find(|line| line.starts_with(fingerprint))?;
    let mut words = line.split(' ').skip(1);
    let digest = format!("sha256:{}", words.next()?).parse().ok()?;
    Some((digest, words.next()?.parse().ok()?))
}

/// Names the tar of these changes: modelled bytes count by seed and size, so nothing large is read.
pub fn fingerprint(upper: &Tree, changes: &[Change]) -> String {
    let mut hash = Sha256::new();
    let mut note = |path: &ImagePath, node: Option<&Node>| {
        hash.update(format!("\n{path}\n"));
        let Some(node) = node else { return };
        let of = node.metadata();
        hash.update(format!("{:o} {} {} {}\n", of.mode, of.uid, of.gid, of.mtime));
        match node {
            Node::File(file) => match &file.content {
                Content::Bytes(bytes) => hash.update(bytes),
                Content::Synthetic { seed, size } => hash.update(format!("{seed} {size}")),
            },
            Node::Symlink(link) => hash.update(format!("-> {}", link.target)),
            Node::Directory(_) | Node::Special(_) => {}
        }
    };
    for change in changes {
        for parent in std::iter::successors(change.path.parent(), ImagePath::parent) {
            note(&parent, upper.get(&parent));
        }
        note(&change.path, node(change));
    }
    Digest::from_bytes(hash.finalize().into()).hex()[..8].to_owned()
}

fn node(change: &Change) -> Option<&Node> {
    match &change.kind {
        ChangeKind::Added(node) | ChangeKind::Modified(node) => Some(node),
        ChangeKind::Deleted => None,
    }
}
