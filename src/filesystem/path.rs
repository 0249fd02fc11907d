//! A clean absolute path inside an image.

use std::fmt;
use std::sync::Arc;

use crate::base::go::clean_path;

/// Absolute, clean (no `.`, `..`, doubled or trailing slash). The root is `/`. Bytes that are not UTF-8 never occur:
/// names are `str` everywhere in the engine.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ImagePath(Arc<str>);

impl ImagePath {
    /// The root.
    pub fn root() -> Self {
        Self("/".into())
    }

    /// `path` taken from the root, cleaned; `..` stops at the root.
    pub fn new(path: &str) -> Self {
        Self(clean_path(&format!("/{path}")).into())
    }

    /// `rest` seen from here: absolute paths replace, relative ones join.
    pub fn join(&self, rest: &str) -> Self {
        if rest.starts_with('/') { Self::new(rest) } else { Self::new(&format!("{}/{rest}", self.0)) }
    }

    /// The entry `name` of this directory; `name` is one clean component.
    pub fn child(&self, name: &str) -> Self {
        let folder = if self.relative().is_empty() { "" } else { &*self.0 };
        Self([folder, "/", name].concat().into())
    }

    /// With the leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the leading slash: empty for the root.
    pub fn relative(&self) -> &str {
        &self.0[1..]
    }

    /// The names from the root down.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.relative().split('/').filter(|part| !part.is_empty())
    }

    /// The last name; empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// Whether it is somewhere below `top`.
    pub fn is_below(&self, top: &Self) -> bool {
        match top.relative().is_empty() {
            true => !self.relative().is_empty(),
            false => self.0.strip_prefix(&*top.0).is_some_and(|rest| rest.starts_with('/')),
        }
    }

    /// The folder it is in; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        (!self.relative().is_empty()).then(|| match self.folder() {
            "" => Self::root(),
            folder => Self(folder.into()),
        })
    }

    /// What stands before the last slash: the folder it is in, empty if that is the root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// The order of layers: by the list of components, so that `a/x` comes before `a-b`.
impl Ord for ImagePath {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.components().cmp(other.components())
    }
}

impl PartialOrd for ImagePath {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
