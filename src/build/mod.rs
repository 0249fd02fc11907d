//! Plan -> [`Outcome`]: the executor (what happens), the cache (whether), the scheduler (when), events (the story).

mod event;
mod outcome;

pub use event::{Event, EventKind};
pub use outcome::{Outcome, Step, StepResult};
