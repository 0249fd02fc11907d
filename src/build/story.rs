//! The story of a build as BuildKit's client sees it: internal steps and vertices on the virtual clock, with what they say.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Settings;
use super::cache::Cache;
use super::clip::Clip;
use super::clock::{Slot, Task, interrupt, schedule};
use super::evaluate::{Evaluation, Verdict};
use super::event::{Event, EventKind};
use super::exec::START;
use super::execute::image;
use super::outcome::{Outcome, Step, StepResult};
use crate::base::{Code, Diagnostic, Digest, LineRange, Reference, VirtualTime, go};
use crate::filesystem::{Directory, ImagePath, Node, Tree, written};
use crate::image::{Blob, Image, Layer, archive};
use crate::machine::{Fidelity, Stream};
use crate::plan::{ImageSource, Op, Plan, Request, VertexId};
use crate::world::{Context, World};

/// What happened, in order.
#[derive(Debug)]
pub struct Story {
    /// In the order in which they begin; those that never did come last.
    pub steps: Vec<Step>,
    /// By time.
    pub events: Vec<Event>,
    /// When it ended.
    pub elapsed: VirtualTime,
    /// Vertices that completed.
    pub completed: BTreeSet<VertexId>,
    /// The vertex that failed first.
    pub failed: Option<VertexId>,
    /// The failure that ended it.
    pub error: Option<Diagnostic>,
}

/// A step with what it says while it runs.
struct Part {
    name: String,
    vertex: Option<VertexId>,
    lines: Vec<LineRange>,
    task: Task,
    /// What it shows, with the time since it began.
    says: Vec<(Duration, EventKind)>,
    cached: bool,
    error: Option<String>,
}

impl Part {
    fn internal(name: impl Into<String>, inputs: Vec<usize>, elapsed: Duration) -> Self {
        let task = Task { inputs, elapsed, works: false, fails: false };
        Self { name: name.into(), vertex: None, lines: Vec::new(), task, says: Vec::new(), cached: false, error: None }
    }

    /// A status from `from` to `to`, both since the part began.
    fn status(&mut self, id: impl Into<String>, amount: u64, total: u64, from: Duration, to: Duration) {
        let id = id.into();
        self.says.push((from, EventKind::Status { id: id.clone(), current: 0, total, completed: false }));
        self.says.push((to, EventKind::Status { id, current: amount, total, completed: true }));
    }
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The error of a build that its client stops.
pub const CANCELED: &str = "Canceled: context canceled";

/// What is left to do when a process has ended.
const CONTAINER_END: Duration = ms(40);
const DOWNLOAD_RATE: u64 = 40_000_000;
const EXTRACT_RATE: u64 = 150_000_000;
const SEND_RATE: u64 = 100_000_000;

/// A build that planning ended.
pub fn refused(request: &Request, error: Diagnostic, warnings: Vec<Diagnostic>) -> Outcome {
    let mut parts = vec![definition(request, &warnings)];
    if let Some(reference) = unresolved(&error.message) {
        let mut metadata = Part::internal(format!("[internal] load metadata for {reference}"), vec![0], ms(400));
        metadata.task.fails = true;
        metadata.error = Some(format!("{reference}: not found"));
        parts.push(metadata);
    }
    let slots = schedule(&parts.iter().map(|part| part.task.clone()).collect::<Vec<_>>(), 0);
    let (steps, events) = lay_out(&parts, &slots, &[]);
    let elapsed = slots.iter().filter_map(|slot| slot.ended).max().unwrap_or_default();
    Outcome { plan: None, steps, events, elapsed, result: Err(error), warnings }
}

/// The image that an error of planning is about.
fn unresolved(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("failed to resolve source metadata for ")?;
    rest.split_once(": ").map(|(reference, _)| reference)
}

fn definition(request: &Request, warnings: &[Diagnostic]) -> Part {
    let mut part = Part::internal(format!("[internal] load build definition from {}", request.dockerfile.name), Vec::new(), ms(30));
    part.status("transferring dockerfile:", request.dockerfile.bytes.len() as u64, 0, ms(5), ms(20));
    part.says.extend(warnings.iter().map(|warning| (ms(28), EventKind::Warning(warning.clone()))));
    part
}

/// All that a story is told from.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Scene<'a> {
    pub plan: &'a Plan,
    pub world: &'a World,
    pub request: &'a Request,
    pub cache: &'a Cache,
    pub settings: &'a Settings,
    pub evaluated: &'a [Evaluation],
}

/// Tells a build that was planned.
pub fn tell(scene: &Scene, images: Option<&[Image]>, warnings: &[Diagnostic]) -> Story {
    let Scene { plan, world, request, cache, settings, evaluated } = *scene;
    let mut parts = vec![definition(request, warnings)];
    let mut loaded = vec![0];
    for reference in &plan.resolved_images {
        let known = cache.resolved.contains(reference);
        loaded.push(parts.len());
        parts.push(Part::internal(format!("[internal] load metadata for {reference}"), vec![0], if known { ms(60) } else { ms(650) }));
    }
    for vertex in &plan.vertices {
        let Op::Image(source) = &vertex.op else { continue };
        if let Some(name) = &source.context {
            loaded.push(parts.len());
            let name = format!("[context {name}] load metadata for {}", shown(source));
            parts.push(Part::internal(name, vec![0], ms(20)));
        }
    }
    let mut ignore = Part::internal("[internal] load .dockerignore", loaded.clone(), ms(20));
    ignore.status("transferring context:", ignore_bytes(request, world), 0, ms(4), ms(12));
    loaded.push(parts.len());
    parts.push(ignore);

    let first = parts.len();
    for (id, evaluation) in evaluated.iter().enumerate() {
        if let Some(part) = vertex(scene, id, evaluation, &loaded, first) {
            parts.push(part);
        }
    }
    if let (Some(images), Some(title)) = (images, &settings.exporting) {
        let ends = plan.results.iter().map(|target| target.vertex.map_or(first - 1, |vertex| first + vertex)).collect();
        parts.push(export(scene, title, images, ends));
    }
    let mut slots = schedule(&parts.iter().map(|part| part.task.clone()).collect::<Vec<_>>(), settings.workers);
    let stop = settings.stop.filter(|stop| interrupt(&mut slots, *stop));
    let completed = crate::base::set_of((0..evaluated.len()).filter(|id| {
        let (slot, part) = (&slots[first + id], &parts[first + id]);
        slot.ended.is_some() && !slot.canceled && part.error.is_none()
    }));
    let failed = parts.iter().zip(&slots).find(|(part, slot)| part.task.fails && slot.ended.is_some() && !slot.canceled);
    let failure = failed.and_then(|(part, _)| part.vertex);
    let error = failed.map(|(part, _)| {
        let text = part.error.clone().unwrap_or_default();
        let no_key = part.vertex.and_then(|id| evaluated.get(id)).is_some_and(|e| matches!(e.verdict, Verdict::NoKey { .. }));
        let text = if no_key { format!("failed to compute cache key: {text}") } else { text };
        Diagnostic::error(Code::Execute, text, part.lines.clone())
    });
    let canceled = stop.map(|_| Diagnostic::error(Code::Execute, CANCELED, Vec::new()));
    let error = error.or(canceled);
    let (steps, events) = lay_out(&parts, &slots, evaluated);
    Story {
        steps,
        events,
        elapsed: stop.or_else(|| slots.iter().filter_map(|slot| slot.ended).max()).unwrap_or_default(),
        completed,
        failed: failure,
        error,
    }
}

fn ignore_bytes(request: &Request, world: &World) -> u64 {
    let own = request.ignore_file.as_ref().map(|source| source.bytes.len() as u64);
    let in_context = match &world.context {
        Context::Local(tree) => tree.get(&ImagePath::new("/.dockerignore")).map(Node::size),
        Context::Remote(_) => None,
    };
    own.or(in_context).unwrap_or(0) + 2
}

/// The reference of an image as its steps show it.
fn shown(source: &ImageSource) -> String {
    match &source.context {
        Some(_) => Reference::parse(&source.reference).map_or_else(|_| source.reference.clone(), |reference| reference.familiar()),
        None => source.reference.clone(),
    }
}

fn vertex(scene: &Scene, id: VertexId, evaluation: &Evaluation, loaded: &[usize], first: usize) -> Option<Part> {
    let vertex = scene.plan.vertices.get(id)?;
    let mut part = Part::internal(vertex.name.clone(), vertex.inputs.iter().map(|input| first + input).collect(), Duration::ZERO);
    part.vertex = Some(id);
    part.lines = vertex.lines.clone();
    if vertex.inputs.is_empty() {
        part.task.inputs = loaded.to_vec();
    }
    match &evaluation.verdict {
        Verdict::Cached => part.cached = true,
        Verdict::Unreached => {}
        Verdict::NoKey { input, error } => {
            part.task.inputs = vertex.inputs.get(*input).map(|input| first + input).into_iter().collect();
            part.task.elapsed = ms(4);
            part.error = Some(error.clone());
            part.task.fails = true;
        }
        Verdict::Ran | Verdict::Failed(_) => {
            ran(&mut part, scene, id, evaluation);
            if let Verdict::Failed(error) = &evaluation.verdict {
                part.error = Some(error.clone());
                part.task.fails = true;
            }
        }
    }
    Some(part)
}

fn ran(part: &mut Part, scene: &Scene, id: VertexId, evaluation: &Evaluation) {
    let Scene { plan, world, cache, evaluated, .. } = *scene;
    let Some(vertex) = plan.vertices.get(id) else { return };
    match &vertex.op {
        Op::Image(op) => {
            let consumers = plan.vertices.iter().zip(evaluated).filter(|(consumer, _)| consumer.inputs.contains(&id));
            let mut verdicts = consumers.map(|(_, consumer)| &consumer.verdict).peekable();
            if verdicts.peek().is_some() && verdicts.all(|verdict| *verdict == Verdict::Cached) {
                // Nothing reads it: it is not even fetched.
                part.cached = true;
                return;
            }
            part.status(format!("resolve {}", shown(op)), 0, 0, ms(0), ms(10));
            pull(part, image(op, world).ok().as_ref());
        }
        Op::Local(op) => {
            let sent = cache.sent.get(&op.name);
            let amount = evaluation.tree.as_ref().map_or(0, |tree| transferred(sent.map(|tree| &**tree), tree));
            let took = ms(15) + bytes(amount, SEND_RATE);
            part.status("transferring context:", amount, 0, ms(5), took);
            part.task.elapsed = took + ms(10);
        }
        Op::Remote(_) => part.task.elapsed = ms(500) + bytes(evaluation.tree.as_ref().map_or(0, |tree| tree.size()), DOWNLOAD_RATE),
        Op::File(_) | Op::Merge(_) => {
            part.task.works = true;
            part.task.elapsed = evaluation.elapsed;
        }
        Op::Exec(_) => {
            part.task.works = true;
            part.task.elapsed = evaluation.elapsed + CONTAINER_END;
            let mut clips = [Clip::default(), Clip::default()];
            for line in &evaluation.output {
                let data = clips[usize::from(line.stream == Stream::Stderr)].log(START + line.at, &line.data);
                if !data.is_empty() {
                    part.says.push((START + line.at, EventKind::Log { stream: line.stream, data }));
                }
            }
        }
    }
}

/// Layers come side by side over one line, and are unpacked one after the other.
fn pull(part: &mut Part, image: Option<&Image>) {
    let mut unpacked = ms(20);
    let mut fetched = ms(20);
    for layer in image.iter().flat_map(|image| &image.layers) {
        // About what gzip leaves of programs.
        let packed = layer.tar_size * 2 / 5;
        let start = fetched;
        fetched += bytes(packed, DOWNLOAD_RATE);
        part.status(layer.diff_id.to_string(), packed, packed, start, fetched);
        let begin = unpacked.max(fetched);
        unpacked = begin + ms(5) + bytes(layer.tar_size, EXTRACT_RATE);
        part.status(format!("extracting {}", layer.diff_id), 0, 0, begin, unpacked);
    }
    part.task.elapsed = unpacked.max(fetched);
}

/// What a client sends: the files that are new or changed, and a few bytes a file for the list.
fn transferred(before: Option<&Tree>, tree: &Tree) -> u64 {
    list_size(tree.root(), 0) + written(before.unwrap_or(&Tree::empty()), tree) + 2
}

/// The bytes of the list of all files, whose folder's path is so long.
fn list_size(directory: &Directory, path: usize) -> u64 {
    let entry = |(name, node): (&std::sync::Arc<str>, &Node)| {
        let length = path + 1 + name.len();
        length as u64 + 20 + node.as_directory().map_or(0, |below| list_size(below, length))
    };
    directory.entries.iter().map(entry).sum()
}

fn export(scene: &Scene, title: &str, images: &[Image], inputs: Vec<usize>) -> Part {
    let Scene { plan, cache, settings, .. } = *scene;
    let mut part = Part::internal(title, inputs, Duration::ZERO);
    let mut at = Duration::ZERO;
    let mut say = |id: String, amount: u64, took: Duration| {
        part.status(id, amount, 0, at, at + took);
        at += took;
    };
    let layers = || images.iter().flat_map(|image| &image.layers);
    let all: u64 = layers().map(|layer| layer.tar_size).sum();
    if title.contains("client") {
        if title.ends_with("tarball") {
            say("sending tarball".into(), all, ms(10) + bytes(all, SEND_RATE));
        } else if plan.multi_platform {
            for image in images {
                let size = image.layers.iter().map(|layer| layer.tar_size).sum();
                say(format!("copying files {}", image.config.platform().format()), size, ms(10) + bytes(size, SEND_RATE));
            }
        } else {
            say("copying files".into(), all, ms(10) + bytes(all, SEND_RATE));
        }
        part.task.elapsed = at;
        return part;
    }
    let bases: usize = plan.vertices.iter().filter(|vertex| matches!(vertex.op, Op::Image(_))).count();
    let made = layers().filter(|layer| {
        !matches!(layer.blob, Blob::Imported { .. }) && !cache.layers.contains(layer) && (bases == 0 || !is_base(scene, layer))
    });
    let made: u64 = made.map(|layer| layer.tar_size).sum();
    say("exporting layers".into(), 0, ms(if made == 0 { 0 } else { 30 }) + bytes(made, 200_000_000));
    if let Some(epoch) = settings.rewrite {
        let time = go::rfc3339(epoch).replace('T', " ").replace('Z', " +0000 UTC");
        say(format!("rewriting layers with source-date-epoch {epoch} ({time})"), 0, ms(20));
    }
    for image in images {
        if title == "exporting to image" {
            say(format!("writing image {}", image.id()), 0, ms(1));
            settings.names.iter().for_each(|name| say(format!("naming to {name}"), 0, ms(1)));
        } else {
            say(format!("exporting manifest {}", image.digest), 0, ms(2));
            say(format!("exporting config {}", image.id()), 0, ms(2));
        }
    }
    if plan.multi_platform && title != "exporting to image" {
        say(format!("exporting manifest list {}", archive::list_digest(images)), 0, ms(2));
    }
    if settings.sends_tarball {
        say("sending tarball".into(), 0, ms(5) + bytes(all, SEND_RATE));
    }
    part.task.elapsed = at + ms(2);
    part
}

/// Whether a base image brought the layer.
fn is_base(scene: &Scene, layer: &Layer) -> bool {
    let bases = scene.plan.vertices.iter().filter_map(|vertex| match &vertex.op {
        Op::Image(source) => image(source, scene.world).ok(),
        _ => None,
    });
    bases.into_iter().flat_map(|base| base.layers).any(|base| base.diff_id == layer.diff_id)
}

/// How long it takes to move bytes at a rate of so many a second.
fn bytes(count: u64, per_second: u64) -> Duration {
    Duration::from_micros(count.saturating_mul(1_000_000) / per_second.max(1))
}

/// Steps in the order in which they begin, and every event.
fn lay_out(parts: &[Part], slots: &[Slot], evaluated: &[Evaluation]) -> (Vec<Step>, Vec<Event>) {
    let mut order: Vec<usize> = (0..parts.len()).filter(|id| slots[*id].started.is_some() || parts[*id].vertex.is_some()).collect();
    crate::base::sort_by_key(&mut order, |id| (slots[*id].started.is_none(), slots[*id].started, *id));
    let mut place = vec![usize::MAX; parts.len()];
    order.iter().enumerate().for_each(|(step, id)| place[*id] = step);
    let mut steps = Vec::with_capacity(order.len());
    let mut events = Vec::new();
    for (step, id) in order.iter().enumerate() {
        let (part, slot) = (&parts[*id], &slots[*id]);
        let evaluation = part.vertex.and_then(|vertex| evaluated.get(vertex));
        tell_part(part, slot, step, &mut events);
        let over = slot.ended.is_some() && !slot.canceled;
        steps.push(Step {
            digest: Digest::of(format!("{} {:?}", part.name, part.vertex)),
            name: part.name.clone(),
            vertex: part.vertex,
            lines: part.lines.clone(),
            inputs: part.task.inputs.iter().map(|input| place[*input]).filter(|input| *input != usize::MAX).collect(),
            result: StepResult {
                started: slot.started,
                completed: slot.ended,
                cached: part.cached && over,
                error: part.error.clone().filter(|_| over),
                tree: evaluation.and_then(|evaluation| evaluation.tree.clone()).filter(|_| over),
                fidelity: evaluation.map_or(Fidelity::Ran, |evaluation| evaluation.fidelity),
                tally: evaluation.map_or_else(Default::default, |evaluation| evaluation.tally.clone()),
                saved: evaluation.filter(|_| part.cached && over).map_or(VirtualTime::ZERO, |evaluation| evaluation.elapsed),
                reason: evaluation.and_then(|evaluation| evaluation.reason.clone()).filter(|_| slot.started.is_some()),
            },
        });
    }
    crate::base::sort_by_key(&mut events, |event| event.at);
    (steps, events)
}

fn tell_part(part: &Part, slot: &Slot, step: usize, events: &mut Vec<Event>) {
    let (Some(started), Some(ended)) = (slot.started, slot.ended) else { return };
    let mut add = |at, kind| events.push(Event { at, step, kind });
    if part.cached && !slot.canceled {
        return add(ended, EventKind::Cached);
    }
    add(started, EventKind::Started);
    let mut says: Vec<&(Duration, EventKind)> = part.says.iter().collect();
    crate::base::sort_by_key(&mut says, |said| said.0);
    for (after, kind) in says {
        let at = started + *after;
        if at <= ended {
            add(at, kind.clone());
        }
    }
    add(
        ended,
        match &part.error {
            _ if slot.canceled => EventKind::Canceled,
            Some(error) => EventKind::Failed(error.clone()),
            None => EventKind::Completed,
        },
    );
}
