//! A plan, run to its end: the steps that progress shows, their events, the images.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::event::{Event, EventKind};
use super::execute::{CHECKSUM, handling, image};
use super::layers::layers;
use super::outcome::{Outcome, Step, StepResult};
use super::schedule::{Run, schedule};
use crate::base::go::rfc3339;
use crate::base::{Code, Diagnostic, Digest, Reference, VirtualTime};
use crate::filesystem::Tree;
use crate::image::{Image, assemble};
use crate::machine::Fidelity;
use crate::plan::{ImageSource, Op, Plan, Planned, Request};
use crate::world::World;

/// What a build is told besides the request: none of it changes the files of the image.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Vertices that may run at a time.
    pub workers: usize,
    /// What the last step is called (`exporting to image`); `None`: nothing is exported.
    pub exporting: Option<String>,
    /// SOURCE_DATE_EPOCH, if the exporter rewrites times with it.
    pub rewrite: Option<i64>,
    /// The result goes to the client as a tar.
    pub sends_tarball: bool,
    /// The time that new files and history lines get: nanoseconds since 1970.
    pub now: i64,
}

/// How long a registry takes to answer.
const RESOLVE: Duration = Duration::from_millis(400);

/// Runs a plan.
pub fn run(planned: Planned, request: &Request, world: &World, settings: &Settings) -> Outcome {
    let mut story = Story::default();
    let size = request.dockerfile.bytes.len() as u64;
    let definition =
        story.internal(&format!("[internal] load build definition from {}", request.dockerfile.name), VirtualTime::ZERO, handling(size));
    story.transfer(definition, "transferring dockerfile:", size);
    let mut time = story.end(definition);
    for warning in &planned.warnings {
        story.events.push(Event { at: time, step: definition, kind: EventKind::Warning(warning.clone()) });
    }
    let plan = match planned.plan {
        Ok(plan) => plan,
        Err(error) => return story.over(None, planned.warnings, time, Err(error)),
    };
    for reference in &plan.resolved_images {
        let step = story.internal(&format!("[internal] load metadata for {reference}"), time, RESOLVE);
        time = time.max(story.end(step));
    }
    for vertex in &plan.vertices {
        if let Op::Image(ImageSource { context: Some(name), reference, .. }) = &vertex.op {
            let reference = Reference::parse(reference).map_or_else(|_| reference.clone(), |reference| reference.familiar());
            let step = story.internal(&format!("[context {name}] load metadata for {reference}"), time, handling(0));
            time = time.max(story.end(step));
        }
    }
    let ignore = story.internal("[internal] load .dockerignore", time, handling(0));
    story.transfer(ignore, "transferring context:", request.ignore_file.as_ref().map_or(2, |file| file.bytes.len() as u64));
    time = story.end(ignore);
    let (runs, mut time) = schedule(&plan, world, settings.now, time, settings.workers);
    story.vertices(&plan, &runs, world);
    if let Some(error) = failure(&plan, &runs) {
        return story.over(Some(plan), planned.warnings, time, Err(error));
    }
    let trees: Vec<_> = runs.iter().map(Run::tree).collect();
    let images = images(&plan, &trees, world, settings);
    if let Some(title) = &settings.exporting {
        time = story.export(title, settings, &images, time);
    }
    story.over(Some(plan), planned.warnings, time, Ok(images))
}

fn images(plan: &Plan, trees: &[Option<Arc<Tree>>], world: &World, settings: &Settings) -> Vec<Image> {
    let created = settings.now.div_euclid(1_000_000_000);
    let one = |target: &crate::plan::Target| {
        let layers = target.vertex.map(|vertex| layers(plan, trees, vertex, world, settings.rewrite)).unwrap_or_default();
        assemble(&target.config, layers, created, target.epoch)
    };
    plan.results.iter().map(one).collect()
}

/// The error of the vertex that failed, with its lines.
fn failure(plan: &Plan, runs: &[Run]) -> Option<Diagnostic> {
    let failed = runs.iter().zip(&plan.vertices).filter(|(run, _)| !run.canceled && run.completed.is_some());
    failed.into_iter().find_map(|(run, vertex)| {
        let error = run.execution.as_ref()?.result.as_ref().err()?;
        let key = if error.starts_with(CHECKSUM) { "failed to compute cache key: " } else { "" };
        Some(Diagnostic::error(Code::Execute, format!("{key}{error}"), vertex.lines.clone()))
    })
}

/// Steps and events as they come.
#[derive(Default)]
struct Story {
    steps: Vec<Step>,
    events: Vec<Event>,
}

impl Story {
    /// A step of BuildKit's own, which always succeeds.
    fn internal(&mut self, name: &str, start: VirtualTime, cost: Duration) -> usize {
        let id = self.steps.len();
        let result = StepResult {
            started: Some(start),
            completed: Some(start + cost),
            cached: false,
            error: None,
            tree: None,
            fidelity: Fidelity::Ran,
        };
        self.steps.push(Step {
            digest: Digest::of(name),
            name: name.to_owned(),
            vertex: None,
            lines: Vec::new(),
            inputs: Vec::new(),
            result,
        });
        self.events.push(Event { at: start, step: id, kind: EventKind::Started });
        self.events.push(Event { at: start + cost, step: id, kind: EventKind::Completed });
        id
    }

    fn end(&self, step: usize) -> VirtualTime {
        self.steps.get(step).and_then(|step| step.result.completed).unwrap_or_default()
    }

    /// A status line that is complete just before its step is.
    fn transfer(&mut self, step: usize, id: &str, bytes: u64) {
        let at = self.end(step).saturating_sub(Duration::from_millis(1));
        self.status(step, at, id, bytes);
    }

    fn status(&mut self, step: usize, at: VirtualTime, id: &str, bytes: u64) {
        self.events.push(Event { at, step, kind: EventKind::Status { id: id.to_owned(), current: bytes, total: bytes, completed: true } });
    }

    /// What pulling an image shows.
    fn image(&mut self, step: usize, at: VirtualTime, source: &ImageSource, world: &World) {
        let Ok(image) = image(source, world) else { return };
        let reference = Reference::parse(&source.reference);
        let name = match source.context {
            Some(_) => reference.map_or_else(|_| source.reference.clone(), |reference| reference.familiar()),
            None => source.reference.clone(),
        };
        self.status(step, at, &format!("resolve {name}"), 0);
        for layer in &image.layers {
            self.status(step, at, &layer.diff_id.to_string(), layer.tar_size);
            self.status(step, at, &format!("extracting {}", layer.diff_id), 0);
        }
    }

    fn vertices(&mut self, plan: &Plan, runs: &[Run], world: &World) {
        let first = self.steps.len();
        for (id, (vertex, run)) in plan.vertices.iter().zip(runs).enumerate() {
            let step = first + id;
            let execution = run.execution.as_ref();
            let error = execution.filter(|_| !run.canceled).and_then(|execution| execution.result.as_ref().err().cloned());
            let result = StepResult {
                started: run.started,
                completed: run.completed,
                cached: false,
                error: error.clone(),
                tree: run.tree(),
                fidelity: execution.map_or(Fidelity::Ran, |execution| execution.fidelity),
            };
            let inputs = vertex.inputs.iter().map(|input| first + input).collect();
            let (digest, name, lines) = (vertex.digest, vertex.name.clone(), vertex.lines.clone());
            self.steps.push(Step { digest, name, vertex: Some(id), lines, inputs, result });
            let (Some(start), Some(end), Some(execution)) = (run.started, run.completed, execution) else { continue };
            self.events.push(Event { at: start, step, kind: EventKind::Started });
            if matches!(vertex.op, Op::Local(_)) {
                self.status(step, end.saturating_sub(Duration::from_millis(1)).max(start), "transferring context:", execution.transferred);
            }
            if let Op::Image(source) = &vertex.op {
                self.image(step, end.saturating_sub(Duration::from_millis(1)).max(start), source, world);
            }
            for line in execution.output.iter().filter(|line| start + line.at <= end) {
                self.events.push(Event {
                    at: start + line.at,
                    step,
                    kind: EventKind::Log { stream: line.stream, data: line.data.clone() },
                });
            }
            let kind = match error {
                _ if run.canceled => EventKind::Canceled,
                Some(error) => EventKind::Failed(error),
                None => EventKind::Completed,
            };
            self.events.push(Event { at: end, step, kind });
        }
    }

    /// The last step: layers, manifest, config. Gives its end.
    fn export(&mut self, title: &str, settings: &Settings, images: &[Image], start: VirtualTime) -> VirtualTime {
        let bytes = images.iter().flat_map(|image| &image.layers).map(|layer| layer.tar_size).sum();
        let step = self.internal(title, start, handling(bytes));
        let end = self.end(step);
        let at = end.saturating_sub(Duration::from_millis(1)).max(start);
        self.status(step, at, "exporting layers", 0);
        if let Some(epoch) = settings.rewrite {
            let date = rfc3339(epoch).replace('T', " ").replace('Z', " +0000 UTC");
            self.status(step, at, &format!("rewriting layers with source-date-epoch {epoch} ({date})"), 0);
        }
        for image in images {
            self.status(step, at, &format!("exporting manifest {}", image.digest), 0);
            self.status(step, at, &format!("exporting config {}", image.id()), 0);
        }
        if settings.sends_tarball {
            self.status(step, at, "sending tarball", 0);
        }
        end
    }

    /// Sorts the events; those of one moment keep the order of their steps.
    fn over(
        mut self,
        plan: Option<Plan>,
        warnings: Vec<Diagnostic>,
        elapsed: VirtualTime,
        result: Result<Vec<Image>, Diagnostic>,
    ) -> Outcome {
        let mut order: BTreeMap<(VirtualTime, usize), Event> = BTreeMap::new();
        for (at, event) in self.events.drain(..).enumerate() {
            order.insert((event.at, at), event);
        }
        Outcome { plan, steps: self.steps, events: order.into_values().collect(), elapsed, result, warnings }
    }
}
