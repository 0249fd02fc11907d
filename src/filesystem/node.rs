//! What a path can be: directory, file, symbolic link, device, fifo.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;

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
    pub entries: OrdMap<Arc<str>, Node>,
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
