//! Plan -> [`Outcome`]: the executor (what happens), the cache (whether), the scheduler (when), events (the story).

mod event;
mod file;
mod outcome;

pub use event::{Event, EventKind};
pub use file::{execute_file_op, execute_merge};
pub use outcome::{Outcome, Step, StepResult};
