//! Instructions -> stages -> [`Plan`]: BuildKit's `dockerfile2llb`. The plan is the LLB graph: names resolved, words
//! expanded, pruned to the target, equal vertices merged.

mod op;
mod request;

pub use op::{
    ExecOp, FileAction, FileActionKind, FileOp, ImageSource, LocalSource, MergeOp, Mount, MountKind, Op, RemoteSource, Vertex, VertexId,
};
pub use request::Request;

use crate::base::{Diagnostic, LineRange, VirtualTime};
use crate::image::{Config, Platform};

/// What a build will do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Topological order: the inputs of a vertex come before it. [`VertexId`] is the index.
    pub vertices: Vec<Vertex>,
    /// Every stage of the file, those that the target does not need too.
    pub stages: Vec<StageSummary>,
    /// One result a platform.
    pub results: Vec<Target>,
    /// Images whose metadata are resolved: `[internal] load metadata for …`, in order.
    pub resolved_images: Vec<String>,
}

/// A stage, for people: the graph of stages is drawn from these.
#[derive(Debug, Clone, PartialEq)]
pub struct StageSummary {
    /// `build`, or `stage-1` if it has no name.
    pub name: String,
    /// Index in the file.
    pub index: usize,
    /// The base as written after expansion: image, stage name or `scratch`.
    pub base: String,
    /// Stages it needs (FROM, COPY --from, mounts), by index.
    pub needs: Vec<usize>,
    /// Whether the target needs it.
    pub reachable: bool,
    /// Lines of the whole stage.
    pub lines: LineRange,
    /// Its vertices, in the order of the file.
    pub vertices: Vec<VertexId>,
}

/// The result of a plan for one platform.
#[derive(Debug, Clone)]
pub struct Target {
    /// The platform.
    pub platform: Platform,
    /// The vertex whose file system is the image; `None` for an empty scratch.
    pub vertex: Option<VertexId>,
    /// The config as the frontend makes it; the exporter adds the layers.
    pub config: Config,
    /// SOURCE_DATE_EPOCH, seconds.
    pub epoch: Option<i64>,
}

/// A plan or the error that ended planning; the warnings are there in both cases.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan, or the error.
    pub plan: Result<Plan, Diagnostic>,
    /// Lint warnings met on the way, in BuildKit's order.
    pub warnings: Vec<Diagnostic>,
}

/// Only here so that the words of time stay in one place.
pub type Duration = VirtualTime;
mod env;
mod failure;
mod git;
mod graph;
mod mount;
mod paths;
