//! What a path can be: directory, file, symbolic link, device, fifo.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Map;

/// Owner, permissions and time of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Permission bits with setuid, setgid and sticky: `0o7777` at most. No file type bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Modification time: nanoseconds since 1970.
    pub mtime: i64,
    /// Extended attributes; most nodes have none.
    pub xattrs: Option<Arc<BTreeMap<String, Vec<u8>>>>,
}

impl Metadata {
    /// Root's, with this mode, at this time.
    pub fn root(mode: u32, mtime: i64) -> Self {
        Self { mode, uid: 0, gid: 0, mtime, xattrs: None }
    }
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A directory.
    Directory(Arc<Directory>),
    /// A regular file.
    File(Arc<File>),
    /// A symbolic link.
    Symlink(Arc<Symlink>),
    /// A device or fifo.
    Special(Arc<Special>),
}

/// A directory; entries in byte order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Owner, mode, time.
    pub metadata: Metadata,
    /// The entries.
    pub entries: Map<Arc<str>, Node>,
}

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Owner, mode, time.
    pub metadata: Metadata,
    /// The bytes.
    pub content: Content,
    /// Files of one tree with the same number are one inode with several names; `None` if it has one name.
    pub link: Option<u64>,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symlink {
    /// Owner, mode (0777), time.
    pub metadata: Metadata,
    /// As written.
    pub target: Arc<str>,
}

/// A device or fifo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    /// Owner, mode, time.
    pub metadata: Metadata,
    /// Which.
    pub kind: SpecialKind,
}

/// The kinds of special files that an image can hold (sockets are left out of layers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SpecialKind {
    Fifo,
    CharDevice { major: u32, minor: u32 },
    BlockDevice { major: u32, minor: u32 },
}

/// The bytes of a file: real ones, or modelled ones that are made on the fly and take no memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Real bytes.
    Bytes(Arc<[u8]>),
    /// `size` bytes of a fixed generator: block `n` is SHA-256 of `"<seed>:<n>"`.
    Synthetic {
        /// Names the stream.
        seed: Arc<str>,
        /// Length in bytes.
        size: u64,
    },
}

impl Node {
    /// Owner, mode and time.
    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Directory(node) => &node.metadata,
            Self::File(node) => &node.metadata,
            Self::Symlink(node) => &node.metadata,
            Self::Special(node) => &node.metadata,
        }
    }

    /// The same node with other metadata.
    pub fn with_metadata(&self, metadata: Metadata) -> Self {
        let mut node = self.clone();
        match &mut node {
            Self::Directory(node) => Arc::make_mut(node).metadata = metadata,
            Self::File(node) => Arc::make_mut(node).metadata = metadata,
            Self::Symlink(node) => Arc::make_mut(node).metadata = metadata,
            Self::Special(node) => Arc::make_mut(node).metadata = metadata,
        }
        node
    }

    /// A directory with nothing in it.
    pub fn directory(metadata: Metadata) -> Self {
        Self::Directory(Arc::new(Directory { metadata, entries: Map::new() }))
    }

    /// A file with one name.
    pub fn file(metadata: Metadata, content: impl Into<Content>) -> Self {
        Self::File(Arc::new(File { metadata, content: content.into(), link: None }))
    }

    /// A symbolic link; its mode is 0777.
    pub fn symlink(metadata: Metadata, target: &str) -> Self {
        Self::Symlink(Arc::new(Symlink { metadata: Metadata { mode: 0o777, ..metadata }, target: target.into() }))
    }

    /// The directory that this is, if it is one.
    pub fn as_directory(&self) -> Option<&Arc<Directory>> {
        if let Self::Directory(node) = self { Some(node) } else { None }
    }

    /// The file that this is, if it is one.
    pub fn as_file(&self) -> Option<&Arc<File>> {
        if let Self::File(node) = self { Some(node) } else { None }
    }

    /// Bytes of a file or of a link's target; 0 for all else.
    pub fn size(&self) -> u64 {
        match self {
            Self::File(file) => file.content.len(),
            Self::Symlink(link) => link.target.len() as u64,
            Self::Directory(_) | Self::Special(_) => 0,
        }
    }

    /// Whether both are one and the same value in memory: then nothing below differs.
    pub fn is_shared_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(a), Self::Directory(b)) => Arc::ptr_eq(a, b),
            (Self::File(a), Self::File(b)) => Arc::ptr_eq(a, b),
            (Self::Symlink(a), Self::Symlink(b)) => Arc::ptr_eq(a, b),
            (Self::Special(a), Self::Special(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Content {
    /// Length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Synthetic { size, .. } => *size,
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the bytes are modelled rather than real.
    pub fn is_modelled(&self) -> bool {
        matches!(self, Self::Synthetic { .. })
    }

    /// Gives the bytes to `sink`, piece by piece: a modelled gigabyte takes no memory.
    pub fn read(&self, mut sink: impl FnMut(&[u8])) {
        match self {
            Self::Bytes(bytes) => sink(bytes),
            Self::Synthetic { seed, size } => synthetic(seed, *size, &mut sink),
        }
    }

    /// The first `limit` bytes, in memory.
    pub fn head(&self, limit: u64) -> Arc<[u8]> {
        match self {
            Self::Bytes(bytes) if bytes.len() as u64 <= limit => bytes.clone(),
            Self::Bytes(bytes) => bytes[..limit as usize].into(),
            Self::Synthetic { seed, size } => {
                let mut out = Vec::new();
                Self::Synthetic { seed: seed.clone(), size: (*size).min(limit) }.read(|bytes| out.extend_from_slice(bytes));
                out.into()
            }
        }
    }
}

/// Modelled bytes: SplitMix64 from the FNV-1a hash of the seed, little-endian. They do not compress, as most of what they stand
/// for, and cost little beside the hashing of a layer.
fn synthetic(seed: &str, size: u64, sink: &mut dyn FnMut(&[u8])) {
    let mut state = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let mut block = [0; 8192];
    let mut left = size;
    while left > 0 {
        for word in block.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
        }
        let take = left.min(block.len() as u64);
        sink(&block[..take as usize]);
        left -= take;
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().into())
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}
