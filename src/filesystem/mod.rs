//! The in-memory filesystem: [`Tree`], an immutable, structure-sharing snapshot, and what can be done with it.

mod errno;
mod node;
mod path;
mod tree;

pub use errno::Errno;
pub use node::{Content, Directory, File, Metadata, Node, Special, SpecialKind, Symlink};
pub use path::ImagePath;
pub use tree::Tree;
