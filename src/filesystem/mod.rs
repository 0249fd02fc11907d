//! The in-memory filesystem: [`Tree`], an immutable, structure-sharing snapshot, and what can be done with it.

mod diff;
mod errno;
mod glob;
mod ignore;
mod memo;
mod node;
mod path;
mod pattern;
mod transfer;
mod tree;

pub use diff::{Change, ChangeKind, diff, is_same, written};
pub use errno::Errno;
pub use glob::{BadPattern, glob_match, has_wildcard};
pub use ignore::{Decision, IgnoreLine, ParentMatch, Patterns, read_ignore_file};
pub use memo::{Found, Memo};
pub use node::{Content, Directory, File, Metadata, Node, Special, SpecialKind, Symlink};
pub use path::ImagePath;
pub use transfer::{Transfer, transfer};
pub use tree::Tree;
