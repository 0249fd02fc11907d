//! Plan -> [`Outcome`]: the executor (what happens), the cache (whether), the scheduler (when), events (the story).

mod event;
mod exec;
mod execute;
pub mod file;
mod layers;
mod outcome;
mod run;
mod schedule;

pub use event::{Event, EventKind};
pub use execute::{Execution, execute};
pub use outcome::{Outcome, Step, StepResult};
pub use run::{Settings, run};
