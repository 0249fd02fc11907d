//! [`Tree`]: an immutable snapshot of a filesystem. Cheap to clone; a change makes a new value that shares the rest.

use std::sync::Arc;

use imbl::OrdMap;

use super::{Directory, Metadata};

/// A whole filesystem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    root: Arc<Directory>,
}

/// Why a filesystem operation failed: the errors of POSIX that can happen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Errno {
    NoEntry,
    NotADirectory,
    IsADirectory,
    Exists,
    NotEmpty,
    AccessDenied,
    NotPermitted,
    TooManyLinks,
    ReadOnly,
    InvalidArgument,
    NameTooLong,
    NoSpace,
    CrossDevice,
    Busy,
}

impl Tree {
    /// A root directory (0755, root) and nothing in it.
    pub fn empty() -> Self {
        Self { root: Arc::new(Directory { metadata: Metadata::root(0o755, 0), entries: OrdMap::new() }) }
    }

    /// A tree with this root directory.
    pub fn from_root(root: Arc<Directory>) -> Self {
        Self { root }
    }

    /// The root directory.
    pub fn root(&self) -> &Arc<Directory> {
        &self.root
    }
}
