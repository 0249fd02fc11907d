//! The Playground facade in plain Rust, and serialisable mirror types: the only place of JavaScript names and UTF-16.

pub mod types;
