//! Plan -> [`Outcome`]: the executor (what happens), the cache (whether), the scheduler (when), events (the story).
//!
//! [`evaluate`] decides for every vertex whether the cache answers it, and runs it if not; it knows no time. [`schedule`]
//! lays what happened out on a virtual clock; it touches no tree. So neither the number of workers nor the cache can
//! change an image.

mod cache;
mod cause;
mod evaluate;
mod event;
mod execute;
mod export;
mod file;
mod outcome;
mod schedule;
mod settings;
mod source;
mod story;

pub use cache::{Cache, CacheUsage, Record};
pub use cause::Cause;
pub use event::{Event, EventKind};
pub use file::{execute_file_op, execute_merge};
pub use outcome::{Outcome, Step, StepResult};
pub use settings::{Export, Settings};

use crate::base::{Code, Diagnostic};
use crate::plan::{self, Planned, Request};
use crate::world::World;

/// Plans and builds. The cache that comes back holds what completed, whether the build succeeded or not.
pub fn build(world: &World, request: &Request, cache: &Cache, settings: &Settings) -> (Outcome, Cache) {
    run(plan::plan(request, world), world, request, cache, settings)
}

/// Builds what was planned.
pub fn run(planned: Planned, world: &World, request: &Request, cache: &Cache, settings: &Settings) -> (Outcome, Cache) {
    let warnings = planned.warnings;
    let refused = planned.plan.and_then(|plan| match plan::refuse_entitlements(&plan, request) {
        Some(error) => Err(error),
        None => Ok(plan),
    });
    let plan = match refused {
        Ok(plan) => plan,
        Err(error) => return (story::refused(request, error, warnings), cache.clone()),
    };
    let evaluated = evaluate::evaluate(&plan, world, cache, settings);
    let images = export::images(&plan, world, &evaluated, settings);
    let story = story::tell(&plan, world, request, cache, settings, &evaluated, images.as_deref(), &warnings);
    let mut after = cache.next_generation();
    for (vertex, evaluation) in evaluated.iter().enumerate().filter(|(vertex, _)| story.completed.contains(vertex)) {
        after.commit(vertex, evaluation);
    }
    after.remember(&plan, world, &evaluated, &story.completed, images.as_deref().unwrap_or(&[]));
    let result = match (story.error, images) {
        (None, Some(images)) => Ok(images),
        (Some(error), _) => Err(error),
        (None, None) => Err(Diagnostic::error(Code::Execute, "the build did not complete", Vec::new())),
    };
    let outcome = Outcome { plan: Some(plan), steps: story.steps, events: story.events, elapsed: story.elapsed, result, warnings };
    (outcome, after)
}
