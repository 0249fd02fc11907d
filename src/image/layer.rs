//! A layer: the tar of what changed between two trees, exactly as BuildKit writes it, and its digest.
//!
//! Entries in the order of layers, all parents of a changed path before it, `.wh.NAME` for what is gone, 1024 zero bytes at
//! the end (and nothing else if nothing changed). Source: BuildKit `util/overlay`, containerd `archive.ChangeWriter`.

use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::archive::Compression;
use super::tar::{self, Entry, EntryKind};
use crate::base::Digest;
use crate::filesystem::{Change, ChangeKind, Content, ImagePath, Node, SpecialKind, Tree, diff};

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
    /// Where its tar comes from.
    pub blob: Blob,
}

/// Where the tar of a layer comes from.
#[derive(Debug, Clone)]
pub enum Blob {
    /// Written from the trees; times after `rewrite` (seconds) become it (`rewrite-timestamp`).
    Made {
        /// SOURCE_DATE_EPOCH, if times are rewritten.
        rewrite: Option<i64>,
    },
    /// Written from a tree of its own, whatever lies below: `COPY --link`.
    Linked {
        /// What the tar holds.
        tree: Arc<Tree>,
        /// As in [`Blob::Made`].
        rewrite: Option<i64>,
    },
    /// The bytes that were imported.
    Imported {
        /// The tar.
        tar: Arc<[u8]>,
        /// The blob that it came in, which stays as it is wherever the layer goes; `None`: in no form that a manifest can name.
        packed: Option<(Compression, Arc<[u8]>)>,
    },
}

impl Layer {
    /// The layer that makes `upper` out of `lower`.
    pub fn made(lower: &Tree, upper: &Arc<Tree>, rewrite: Option<i64>) -> Self {
        let mut hasher = Sha256::new();
        let mut tar_size = 0;
        let changes = diff(lower, upper);
        write(upper, &changes, rewrite, &mut |bytes| {
            hasher.update(bytes);
            tar_size += bytes.len() as u64;
        });
        Self::of(upper, &changes, rewrite, Digest::from_bytes(hasher.finalize().into()), tar_size)
    }

    /// Puts the tar of such a layer in place of what `tar` holds, before there is one.
    pub fn unhashed_tar(lower: &Tree, upper: &Tree, rewrite: Option<i64>, tar: &mut Vec<u8>) {
        let changes = diff(lower, upper);
        // Room for it all at once, but for long names and for parents that did not change.
        let contents: u64 = files(&changes).map(|(_, file)| file.len() + tar::padding(file.len()) as u64).sum();
        tar.clear();
        tar.reserve(contents as usize + tar::BLOCK * changes.len() + (1 << 16));
        write(upper, &changes, rewrite, &mut |bytes| tar.extend_from_slice(bytes));
    }

    /// The layer that makes `upper` out of `lower`, whose tar somebody has hashed.
    pub fn hashed(lower: &Tree, upper: &Arc<Tree>, rewrite: Option<i64>, diff_id: Digest, tar_size: u64) -> Self {
        Self::of(upper, &diff(lower, upper), rewrite, diff_id, tar_size)
    }

    fn of(upper: &Arc<Tree>, changes: &[Change], rewrite: Option<i64>, diff_id: Digest, tar_size: u64) -> Self {
        let mut size = 0;
        let mut modelled = false;
        for (_, file) in files(changes) {
            size += file.len();
            modelled |= file.is_modelled();
        }
        Self { diff_id, tar_size, size, tree: upper.clone(), modelled, blob: Blob::Made { rewrite } }
    }

    /// This layer, made on nothing, put on what lies below; `merged` is both together.
    pub fn linked_into(self, merged: &Arc<Tree>) -> Self {
        match self.blob {
            Blob::Made { rewrite } => Self { blob: Blob::Linked { tree: self.tree, rewrite }, tree: merged.clone(), ..self },
            _ => self,
        }
    }

    /// Gives the uncompressed tar to `sink`, piece by piece; `lower` is the tree below this layer.
    pub fn tar(&self, lower: &Tree, sink: &mut dyn FnMut(&[u8])) {
        match &self.blob {
            Blob::Made { rewrite } => write(&self.tree, &diff(lower, &self.tree), *rewrite, sink),
            Blob::Linked { tree, rewrite } => flat_tar(tree, *rewrite, sink),
            Blob::Imported { tar, .. } => sink(tar),
        }
    }
}

/// The whole tree as one tar: `-o type=tar`.
pub fn flat_tar(tree: &Tree, rewrite: Option<i64>, sink: &mut dyn FnMut(&[u8])) {
    write(tree, &diff(&Tree::empty(), tree), rewrite, sink);
}

/// The contents that a layer brings, each inode once.
fn files(changes: &[Change]) -> impl Iterator<Item = (&ImagePath, &Content)> {
    let mut seen = BTreeMap::new();
    changes.iter().filter_map(move |change| {
        let (ChangeKind::Added(node) | ChangeKind::Modified(node)) = &change.kind else { return None };
        let file = node.as_file()?;
        if let Some(number) = file.link {
            if seen.contains_key(&number) {
                return None;
            }
            seen.insert(number, ());
        }
        Some((&change.path, &file.content))
    })
}

fn write(upper: &Tree, changes: &[Change], rewrite: Option<i64>, sink: &mut dyn FnMut(&[u8])) {
    let mut writer = Writer { upper, rewrite, sink, open: vec![], links: BTreeMap::new() };
    for change in changes {
        writer.parents(&change.path);
        match &change.kind {
            ChangeKind::Added(node) | ChangeKind::Modified(node) => writer.node(&change.path, node),
            ChangeKind::Deleted => writer.whiteout(&change.path),
        }
    }
    sink(&tar::END);
}

struct Writer<'a> {
    upper: &'a Tree,
    rewrite: Option<i64>,
    sink: &'a mut dyn FnMut(&[u8]),
    /// The directories written last, from the root down: parents of what follows need not be written again.
    open: Vec<ImagePath>,
    /// First name of each inode that was written.
    links: BTreeMap<u64, String>,
}

impl Writer<'_> {
    /// Writes the directories above `path` that this layer does not have yet.
    fn parents(&mut self, path: &ImagePath) {
        if self.open.last().is_some_and(|open| open.as_str() == path.folder()) {
            return;
        }
        self.open.retain(|open| path.is_below(open));
        let mut missing = Vec::new();
        let mut parent = path.parent();
        while let Some(folder) = parent.filter(|folder| folder.parent().is_some() && self.open.last() != Some(folder)) {
            parent = folder.parent();
            missing.push(folder);
        }
        for folder in missing.into_iter().rev() {
            if let Some(node) = self.upper.get(&folder) {
                self.node(&folder, node);
            }
        }
    }

    fn node(&mut self, path: &ImagePath, node: &Node) {
        let metadata = node.metadata();
        let mut entry = Entry {
            name: path.relative().into(),
            kind: EntryKind::Directory,
            mode: metadata.mode & 0o7777,
            uid: metadata.uid,
            gid: metadata.gid,
            mtime: self.time(metadata.mtime),
            capability: metadata.xattrs.as_ref().and_then(|all| all.get("security.capability")).map(Vec::as_slice),
        };
        match node {
            Node::Directory(_) => {
                entry.name += "/";
                self.open.push(path.clone());
            }
            Node::File(file) => match file.link.map(|number| self.links.entry(number)) {
                Some(btree_map::Entry::Occupied(first)) => {
                    return tar::header(&Entry { kind: EntryKind::HardLink(first.get()), ..entry }, self.sink);
                }
                number => {
                    if let Some(btree_map::Entry::Vacant(first)) = number {
                        first.insert(entry.name.to_string());
                    }
                    entry.kind = EntryKind::File { size: file.content.len() };
                    tar::header(&entry, self.sink);
                    file.content.read(&mut self.sink);
                    return (self.sink)(&tar::END[..tar::padding(file.content.len())]);
                }
            },
            Node::Symlink(link) => {
                entry.kind = EntryKind::Symlink(&link.target);
                entry.mode = 0o777;
            }
            Node::Special(special) => {
                entry.kind = match special.kind {
                    SpecialKind::Fifo => EntryKind::Fifo,
                    SpecialKind::CharDevice { major, minor } => EntryKind::CharDevice { major, minor },
                    SpecialKind::BlockDevice { major, minor } => EntryKind::BlockDevice { major, minor },
                };
            }
        }
        tar::header(&entry, self.sink);
    }

    fn whiteout(&mut self, path: &ImagePath) {
        let folder = path.parent().unwrap_or_else(ImagePath::root);
        let whiteout = folder.child(&format!(".wh.{}", path.name()));
        tar::header(&Entry { name: whiteout.relative().into(), kind: EntryKind::File { size: 0 }, ..Entry::default() }, self.sink);
    }

    fn time(&self, nanoseconds: i64) -> i64 {
        let seconds = nanoseconds.div_euclid(1_000_000_000);
        self.rewrite.map_or(seconds, |epoch| seconds.min(epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::Metadata;

    #[test]
    fn nothing_changed_is_a_kilobyte_of_zeros() {
        let tree = Arc::new(Tree::empty());
        let layer = Layer::made(&tree, &tree, None);
        assert_eq!(layer.diff_id.to_string(), "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
        assert_eq!((layer.tar_size, layer.size), (1024, 0));
    }

    #[test]
    fn parents_come_once_and_whiteouts_sort_under_their_names() {
        let put = |tree: Tree, path: &str, text: &str| {
            let path = ImagePath::new(path);
            let parent = path.parent().expect("not the root");
            let tree = tree.make_directories(&parent, &Metadata::root(0o755, 0)).expect("a directory");
            tree.insert(&path, Node::file(Metadata::root(0o644, 0), text)).expect("a place")
        };
        let lower = ["/opt/keep", "/opt/z", "/e/f/g"].into_iter().fold(Tree::empty(), |tree, path| put(tree, path, "1"));
        let upper = ["/opt/kept", "/opt/z", "/e/f/h", "/e/i"].into_iter().fold(lower.clone(), |tree, path| put(tree, path, "2"));
        let upper = Arc::new(upper.remove(&ImagePath::new("/opt/keep")).expect("there"));
        let mut bytes = Vec::new();
        Layer::made(&lower, &upper, None).tar(&lower, &mut |piece| bytes.extend_from_slice(piece));
        let names: Vec<_> = ::tar::Archive::new(&bytes[..])
            .entries()
            .expect("a tar")
            .map(|entry| String::from_utf8_lossy(&entry.expect("an entry").path_bytes()).into_owned())
            .collect();
        assert_eq!(names, ["e/", "e/f/", "e/f/h", "e/i", "opt/", "opt/.wh.keep", "opt/kept", "opt/z"]);
    }
}
