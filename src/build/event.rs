//! The story of a build: everything that a client sees, with its virtual time. BuildKit's SolveStatus, as events.

use crate::base::{Diagnostic, VirtualTime};
use crate::machine::Stream;

/// Index of a [`super::Step`] in [`super::Outcome::steps`].
pub type StepId = usize;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// When, since the build began.
    pub at: VirtualTime,
    /// To which step.
    pub step: StepId,
    /// What.
    pub kind: EventKind,
}

/// What can happen to a step.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum EventKind {
    Started,
    /// A line of a status: `transferring context`, `exporting layers`, … with bytes so far.
    Status {
        id: String,
        current: u64,
        total: u64,
        completed: bool,
    },
    Log {
        stream: Stream,
        data: Vec<u8>,
    },
    Warning(Diagnostic),
    Cached,
    Completed,
    Failed(String),
    Canceled,
}
