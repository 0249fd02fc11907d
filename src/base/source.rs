//! A text as the user gave it, and places in it.

use std::sync::Arc;

/// A named text. The bytes may be any bytes: a Dockerfile need not be UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name that messages use (`Dockerfile`, or what `-f` was given).
    pub name: Arc<str>,
    /// The text.
    pub bytes: Arc<[u8]>,
}

impl Source {
    /// A source with this name and these bytes.
    pub fn new(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self { name: name.into(), bytes: bytes.as_ref().into() }
    }
}

/// Half-open range of byte offsets into a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Inclusive range of lines, counted from 1: BuildKit's `parser.Range`, whose characters are always 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineRange {
    /// First line.
    pub start: u32,
    /// Last line.
    pub end: u32,
}

impl LineRange {
    /// The range of a single line.
    pub fn line(line: u32) -> Self {
        Self { start: line, end: line }
    }
}
