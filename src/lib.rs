//! bottleship: Docker builds, simulated faithfully.
//!
//! A build is a pure function: `build(World, Request, Cache) -> Outcome`. The engine has no clock, no I/O, no
//! randomness, no globals and no threads. The modules below, read in this order, are the pipeline:
//!
//! ```text
//! text -> Ast -> Instructions -> Plan (a graph of vertices) -> Executions -> Outcome (events) -> Image -> Report
//! ```

pub mod base;

pub mod dockerfile;
pub mod filesystem;
pub mod image;
pub mod world;

pub mod lint;
pub mod plan;

pub mod build;
pub mod machine;

pub mod api;
pub mod docker;
pub mod report;

#[cfg(target_arch = "wasm32")]
mod wasm;
