//! The Playground facade in plain Rust, and serialisable mirror types: the only place of JavaScript names and UTF-16.

pub mod advice;
mod analysis;
mod archives;
mod assist;
pub mod compare;
mod container;
pub mod environment;
pub mod forecast;
mod hashing;
mod history;
mod places;
mod playground;
mod project;
mod propose;
mod stages;
mod terminal;
pub mod types;
mod variables;
mod view;
pub mod view_context;
pub mod view_layers;
pub mod view_snapshot;
pub mod why;

pub use playground::Playground;
