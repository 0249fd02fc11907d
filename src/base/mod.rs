//! Words that every phase shares. No phase logic lives here.

mod canonical;
mod case;
pub mod deflate;
mod diagnostic;
mod digest;
mod fingerprint;
mod float;
pub mod go;
pub mod gzip;
mod map;
mod reference;
mod slots;
mod sort;
mod source;
mod suggest;
pub mod zstd;

pub use canonical::CanonicalHasher;
pub use case::Case;
pub use diagnostic::{Code, Diagnostic, Fix, Rule, Severity, TextEdit};
pub use digest::Digest;
pub use fingerprint::{fingerprint, same_bytes};
pub use float::{float_prefix, parse_float};
pub use map::{Map, Set};
pub use reference::Reference;
pub use slots::fill_slots;
pub use sort::{map_of, set_of, sort, sort_by, sort_by_key, try_map_of};
pub use source::{LineRange, Source, Span};
pub use suggest::{suggest, with_suggestion};

/// A moment of a build: the virtual time since the build began. Nothing in the engine reads a real clock.
pub type VirtualTime = std::time::Duration;
