//! Plan -> [`Outcome`]: the executor (what happens), the cache (whether), the scheduler (when), events (the story).
//!
//! `evaluate` decides for every vertex whether the cache answers it, and executes it if not; it knows no time. `clock` lays
//! what happened out on a virtual clock; it touches no tree. So neither the number of workers nor the cache can change an image.

mod cache;
mod cause;
mod clip;
mod clock;
mod evaluate;
mod event;
mod exec;
mod execute;
mod facts;
pub mod file;
mod layers;
mod memory;
mod outcome;
mod story;

pub use cache::{Cache, CacheUsage, Record, each_read, tree_digest};
pub use cause::{Cause, FileChange, Nearest, Reason, bare};
pub use clock::{Slot, Task, schedule};
pub use event::{Event, EventKind};
pub use execute::{Execution, execute};
pub use facts::is_subject;
pub use layers::Unhashed;
pub use outcome::{Outcome, Step, StepResult};
pub use story::CANCELED;

use std::sync::Arc;

use crate::base::{Code, Diagnostic, VirtualTime};
use crate::filesystem::Tree;
use crate::image::{Image, assemble};
use crate::plan::{Plan, Planned, Request};
use crate::world::World;

use evaluate::Evaluation;
use layers::{Chains, Layers};

/// What a build is told besides the request: none of it changes the files of the image.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Vertices that may run at a time; 0: as many as are ready.
    pub workers: usize,
    /// What the last step is called (`exporting to image`); `None`: nothing is exported.
    pub exporting: Option<String>,
    /// Names that the image gets in the store, as they are shown.
    pub names: Vec<String>,
    /// SOURCE_DATE_EPOCH, if the exporter rewrites times with it.
    pub rewrite: Option<i64>,
    /// SOURCE_DATE_EPOCH of the exporter, before that of the frontend.
    pub epoch: Option<i64>,
    /// The result goes to the client as a tar.
    pub sends_tarball: bool,
    /// When the client stops it (Ctrl-C): what completed by then is kept.
    pub stop: Option<VirtualTime>,
    /// The time that new files and history lines get: nanoseconds since 1970.
    pub now: i64,
}

/// Builds what was planned. The cache that comes back holds what completed, whether the build succeeded or not.
pub fn run(planned: Planned, request: &Request, world: &World, cache: &Cache, settings: &Settings) -> (Outcome, Cache) {
    go(planned, request, world, cache, settings, true)
}

/// As [`run`], but no image is made: the last step, the export, is not in it, and the result has no images.
pub fn rehearse(planned: Planned, request: &Request, world: &World, cache: &Cache, settings: &Settings) -> (Outcome, Cache) {
    go(planned, request, world, cache, settings, false)
}

/// Foretells a build: a rehearsal of which nothing is kept. The cache that comes back holds the same results, and knows what
/// was looked at, so that the next forecast is faster.
pub fn forecast(planned: Planned, request: &Request, world: &World, cache: &Cache, settings: &Settings) -> (Outcome, Cache) {
    let (outcome, after) = rehearse(planned, request, world, cache, settings);
    (outcome, cache.remembering(&after))
}

fn go(planned: Planned, request: &Request, world: &World, cache: &Cache, settings: &Settings, exports: bool) -> (Outcome, Cache) {
    let warnings = planned.warnings;
    let plan = match planned.plan {
        Ok(plan) => plan,
        Err(error) => return (story::refused(request, error, warnings), cache.clone()),
    };
    let (evaluated, memory) = evaluate::evaluate(&plan, world, cache, settings.now);
    let mut layers = cache.layers.clone();
    let images = exports.then(|| images(&plan, &evaluated, world, settings, &mut layers));
    let scene = story::Scene { plan: &plan, world, request, cache, settings, evaluated: &evaluated };
    let story = story::tell(&scene, images.as_ref().and_then(Option::as_deref), &warnings);
    let mut after = cache.next_generation();
    for (_, evaluation) in evaluated.iter().enumerate().filter(|(vertex, _)| story.completed.contains(vertex)) {
        after.commit(evaluation);
    }
    if let Some(attempt) = story.failed.and_then(|vertex| evaluated.get(vertex)?.attempt) {
        after.failed.insert(attempt);
    }
    after.memory = memory;
    after.remember(&plan, &evaluated, &story.completed, layers);
    let result = match (story.error, images) {
        (None, None) => Ok(Vec::new()),
        (None, Some(Some(images))) => Ok(images),
        (Some(error), _) => Err(error),
        (None, Some(None)) => Err(Diagnostic::error(Code::Execute, "the build did not complete", Vec::new())),
    };
    let outcome = Outcome { plan: Some(plan), steps: story.steps, events: story.events, elapsed: story.elapsed, result, warnings };
    (outcome, after)
}

/// The trees of the vertices that have a result.
fn trees(evaluated: &[Evaluation]) -> Vec<Option<Arc<Tree>>> {
    evaluated.iter().map(|evaluation| evaluation.tree.clone().filter(|_| evaluation.succeeded())).collect()
}

/// The layers from `least` to `most` bytes that this build will have to hash, for somebody who hashes faster than the engine: see
/// [`Cache::hashed`]. The cache that comes back remembers what was executed, so that the build does not do it again.
pub fn unhashed(planned: &Planned, world: &World, cache: &Cache, settings: &Settings, least: u64, most: u64) -> (Vec<Unhashed>, Cache) {
    let Ok(plan) = &planned.plan else { return (Vec::new(), cache.clone()) };
    let (evaluated, memory) = evaluate::evaluate(plan, world, cache, settings.now);
    let trees = trees(&evaluated);
    let chains = Chains { plan, trees: &trees, world, rewrite: settings.rewrite };
    let mut found: Vec<Unhashed> = Vec::new();
    for vertex in plan.results.iter().filter_map(|target| target.vertex) {
        // Platforms share layers.
        for layer in chains.unhashed(vertex, &cache.layers, least, most) {
            if !found.iter().any(|known| known.is(&layer)) {
                found.push(layer);
            }
        }
    }
    (found, Cache { memory, ..cache.clone() })
}

/// One image a platform; `None` if some result was not reached.
fn images(plan: &Plan, evaluated: &[Evaluation], world: &World, settings: &Settings, known: &mut Layers) -> Option<Vec<Image>> {
    let trees = trees(evaluated);
    let chains = Chains { plan, trees: &trees, world, rewrite: settings.rewrite };
    let created = settings.now.div_euclid(1_000_000_000);
    let mut image = |target: &crate::plan::Target| {
        let layers = match target.vertex {
            Some(vertex) if trees.get(vertex).is_none_or(Option::is_none) => return None,
            Some(vertex) => chains.layers(vertex, known),
            None => Vec::new(),
        };
        Some(assemble(&target.config, layers, created, settings.epoch.or(target.epoch)))
    };
    plan.results.iter().map(&mut image).collect()
}
