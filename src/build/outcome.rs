//! What came of a build: all of it, as one value.

use std::sync::Arc;

use super::cause::Reason;
use super::event::Event;
use crate::base::{Diagnostic, Digest, LineRange, VirtualTime};
use crate::filesystem::Tree;
use crate::image::Image;
use crate::machine::{Fidelity, Tally};
use crate::plan::{Plan, VertexId};

/// A build that is over.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The plan; `None` if planning failed.
    pub plan: Option<Plan>,
    /// Internal steps (load definition, .dockerignore, metadata, export) and the plan's vertices, in the order of first appearance.
    pub steps: Vec<Step>,
    /// Sorted by time; ties keep their order.
    pub events: Vec<Event>,
    /// When it ended.
    pub elapsed: VirtualTime,
    /// One image a platform, or the error.
    pub result: Result<Vec<Image>, Diagnostic>,
    /// Lint warnings.
    pub warnings: Vec<Diagnostic>,
}

/// One step of the build as progress shows it.
#[derive(Debug, Clone)]
pub struct Step {
    /// Digest of the vertex.
    pub digest: Digest,
    /// `[build 1/2] RUN go build …`.
    pub name: String,
    /// The vertex of the plan, if it is one.
    pub vertex: Option<VertexId>,
    /// Lines of the instruction.
    pub lines: Vec<LineRange>,
    /// Steps whose results it needs.
    pub inputs: Vec<usize>,
    /// How it went.
    pub result: StepResult,
}

/// How a step went.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// When it began and ended; `None` if it never began.
    pub started: Option<VirtualTime>,
    /// When it ended.
    pub completed: Option<VirtualTime>,
    /// Answered from the cache.
    pub cached: bool,
    /// BuildKit's text.
    pub error: Option<String>,
    /// The file system afterwards.
    pub tree: Option<Arc<Tree>>,
    /// How real it was.
    pub fidelity: Fidelity,
    /// How its commands were answered, if they ran in this build.
    pub tally: Tally,
    /// Why it ran, if it did.
    pub reason: Option<Reason>,
    /// How long it took when it ran, if the cache spared it.
    pub saved: VirtualTime,
}

impl Outcome {
    /// SOURCE_DATE_EPOCH of the build in seconds since 1970, however it was given.
    pub fn epoch(&self) -> Option<i64> {
        self.plan.as_ref()?.epoch()
    }

    /// Whether the result is a list of platforms.
    pub fn multi_platform(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.multi_platform)
    }

    /// How all commands of the build were answered.
    pub fn tally(&self) -> Tally {
        self.steps.iter().fold(Tally::default(), |all, step| all.and(&step.result.tally))
    }
}
