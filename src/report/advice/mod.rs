//! Advice that was tried: every change is made to a copy, which is built twice, cold and after a typical edit. What gains
//! nothing is not told; what is only meant to be faster must give the same files.

mod base;
mod context;
mod order;
mod text;

use std::time::Duration;

use super::forecast::bytes;
use crate::base::{Digest, Source};
use crate::build::{Cache, Outcome, Settings, each_read, rehearse};
use crate::filesystem::{ImagePath, Memo, Metadata, Node, Tree};
use crate::plan::{Op, Request, plan};
use crate::world::{Context, World};

pub use text::FileEdit;

/// A change that pays.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// `manifest-first`, `move-run`, `narrow-copy`, `ignore`, `cache-mount`, `slim-base`, `join-runs`, `split-stage`.
    pub kind: &'static str,
    /// What the sentence names.
    pub values: Vec<String>,
    /// The changes of files.
    pub edits: Vec<FileEdit>,
    /// The file whose edit was tried; empty: none, as the build reads none.
    pub edited: String,
    /// As it is.
    pub before: Measure,
    /// With the change.
    pub after: Measure,
}

/// What a build costs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measure {
    /// The first build.
    pub cold: Duration,
    /// The build after an edit.
    pub rebuild: Duration,
    /// Bytes of the files in the image's layers.
    pub image: u64,
    /// Bytes that the first build sends.
    pub sent: u64,
}

/// A change to be tried.
struct Candidate {
    kind: &'static str,
    values: Vec<String>,
    edits: Vec<FileEdit>,
    /// Whether the image must hold the same files.
    same_files: bool,
    /// The file whose edit shows the gain; `None`: a source file.
    edited: Option<ImagePath>,
}

/// What a build gives that changes are held against.
struct Tried {
    measure: Measure,
    files: Option<Digest>,
}

/// Gains below these are noise.
const SECONDS: Duration = Duration::from_millis(200);
const BYTES: u64 = 100_000;

/// All advice for a build that succeeds, the greatest gain first.
pub fn advise(request: &Request, world: &World, settings: &Settings) -> Vec<Advice> {
    let Context::Local(context) = &world.context else { return Vec::new() };
    let (cold, cache) = rehearse(plan(request, world), request, world, &Cache::default(), settings);
    if cold.result.is_err() {
        return Vec::new();
    }
    let source = source_file(context, request, world, &cache, settings);
    let scene = Scene { request, world, context, cold: &cold, settings };
    let mut candidates = order::candidates(&scene);
    candidates.extend(context::candidates(&scene));
    candidates.extend(base::candidates(&scene));
    let mut advice: Vec<Advice> = Vec::new();
    for candidate in candidates {
        let edited = candidate.edited.clone().or_else(|| source.clone());
        let Some(before) = attempt(&scene, &[], edited.as_ref()) else { continue };
        let Some(after) = attempt(&scene, &candidate.edits, edited.as_ref()) else { continue };
        let gains = pays(&before.measure, &after.measure) && (!candidate.same_files || before.files == after.files);
        if gains && !advice.iter().any(|known| known.edits == candidate.edits) {
            advice.push(Advice {
                kind: candidate.kind,
                values: candidate.values,
                edits: candidate.edits,
                edited: edited.map_or(String::new(), |path| path.relative().to_owned()),
                before: before.measure,
                after: after.measure,
            });
        }
    }
    crate::base::sort_by(&mut advice, |a, b| weight(b).total_cmp(&weight(a)));
    // Of two ways to the same the better one.
    let mut best: Vec<Advice> = Vec::new();
    for advice in advice {
        if !best.iter().any(|known| (known.kind, &known.values) == (advice.kind, &advice.values)) {
            best.push(advice);
        }
    }
    best
}

/// A second of a rebuild is worth as much as ten megabytes.
fn weight(advice: &Advice) -> f64 {
    let Advice { before, after, .. } = advice;
    before.rebuild.as_secs_f64() - after.rebuild.as_secs_f64() + (before.image as f64 - after.image as f64) / 1e7
}

fn pays(before: &Measure, after: &Measure) -> bool {
    let faster = before.rebuild.saturating_sub(after.rebuild) >= SECONDS;
    let smaller = before.image.saturating_sub(after.image) >= BYTES;
    let no_slower = after.rebuild <= before.rebuild + SECONDS;
    let no_larger = after.image <= before.image + BYTES;
    faster && no_larger || smaller && no_slower
}

/// What is tried on.
struct Scene<'a> {
    request: &'a Request,
    world: &'a World,
    context: &'a Tree,
    cold: &'a Outcome,
    settings: &'a Settings,
}

/// Builds with the edits, cold and after a change of a file.
fn attempt(scene: &Scene, edits: &[FileEdit], edited: Option<&ImagePath>) -> Option<Tried> {
    let (request, context) = text::apply(scene.request, scene.context, edits)?;
    let world = World { context: Context::Local(context), ..scene.world.clone() };
    let (cold, _, measure) = measured(&request, &world, scene.settings, edited).ok()?;
    Some(Tried { measure, files: result(&cold).map(|tree| files_digest(&tree)) })
}

/// Rehearses a build cold, and again after a line more in a file: both outcomes, and what they cost. The error is the build's.
pub(super) fn measured(
    request: &Request,
    world: &World,
    settings: &Settings,
    edited: Option<&ImagePath>,
) -> Result<(Outcome, Outcome, Measure), String> {
    let (cold, cache) = rehearse(plan(request, world), request, world, &Cache::default(), settings);
    let context = match (&world.context, edited) {
        (Context::Local(context), Some(path)) => touched(context, path).map_or(world.context.clone(), Context::Local),
        _ => world.context.clone(),
    };
    let later = World { context, ..world.clone() };
    let (warm, _) = rehearse(plan(request, &later), request, &later, &cache, settings);
    for outcome in [&cold, &warm] {
        if let Err(error) = &outcome.result {
            return Err(error.message.clone());
        }
    }
    let measure = Measure { cold: cold.elapsed, rebuild: warm.elapsed, image: image_size(&cold), sent: sent(&cold) };
    Ok((cold, warm, measure))
}

/// The file whose edit is tried, if the build reads one and succeeds.
pub(super) fn typical_edit(request: &Request, world: &World, settings: &Settings) -> Option<ImagePath> {
    let Context::Local(context) = &world.context else { return None };
    let (cold, cache) = rehearse(plan(request, world), request, world, &Cache::default(), settings);
    cold.result.ok()?;
    source_file(context, request, world, &cache, settings)
}

/// The context with a line more at the end of a file.
fn touched(context: &Tree, path: &ImagePath) -> Option<Tree> {
    let node = context.get(path)?;
    let mut bytes = node.as_file()?.content.head(1 << 24).to_vec();
    bytes.push(b'\n');
    context.insert(path, Node::file(node.metadata().clone(), bytes)).ok()
}

/// The file system of the first result.
fn result(outcome: &Outcome) -> Option<std::sync::Arc<Tree>> {
    let vertex = outcome.plan.as_ref()?.results.first()?.vertex?;
    outcome.steps.iter().find(|step| step.vertex == Some(vertex))?.result.tree.clone()
}

/// Of all files; times do not count.
fn files_digest(tree: &Tree) -> Digest {
    crate::build::tree_digest(tree, &mut Memo::default())
}

fn image_size(outcome: &Outcome) -> u64 {
    let Some(plan) = &outcome.plan else { return 0 };
    let mut next = plan.results.first().and_then(|target| target.vertex);
    let mut size = 0;
    while let Some(id) = next {
        let step = outcome.steps.iter().position(|step| step.vertex == Some(id));
        size += match plan.vertices.get(id).map(|vertex| &vertex.op) {
            Some(Op::Image(_)) => step.and_then(|step| outcome.steps[step].result.tree.as_ref()).map_or(0, |tree| tree.size()),
            _ => step.map_or(0, |step| bytes(outcome, step)),
        };
        next = plan.below(id);
    }
    size
}

fn sent(outcome: &Outcome) -> u64 {
    let local = |step: &crate::build::Step| {
        outcome.plan.as_ref().is_some_and(|plan| step.vertex.is_some_and(|id| matches!(plan.vertices[id].op, Op::Local(_))))
    };
    (0..outcome.steps.len()).filter(|id| local(&outcome.steps[*id])).map(|id| bytes(outcome, id)).sum()
}

/// Endings of files that people edit, the likeliest first.
const SOURCES: &[&str] = &["go", "rs", "ts", "tsx", "js", "jsx", "py", "java", "c", "cpp", "rb", "php", "cs", "css", "html", "sh", "txt"];

/// A file that is edited often: read by a step, and told by its ending.
fn source_file(context: &Tree, request: &Request, world: &World, cache: &Cache, settings: &Settings) -> Option<ImagePath> {
    let planned = plan(request, world).plan.ok()?;
    let mut read: Vec<ImagePath> = Vec::new();
    for vertex in &planned.vertices {
        for (input, id) in vertex.inputs.iter().enumerate() {
            if matches!(&planned.vertices[*id].op, Op::Local(local) if local.name == "context") {
                each_read(&vertex.op, vertex.inputs.len(), input, context, &mut |path, node| {
                    if node.as_file().is_some() && !read.contains(path) && read.len() < 2000 {
                        read.push(path.clone());
                    }
                });
            }
        }
    }
    let rank = |path: &ImagePath| {
        let ending = path.name().rsplit_once('.').map_or("", |(_, ending)| ending);
        let rank = SOURCES.iter().position(|source| *source == ending).unwrap_or(SOURCES.len());
        let manifest = order::is_manifest(path.name());
        (manifest, rank, path.components().count(), path.clone())
    };
    crate::base::sort_by_key(&mut read, rank);
    // An ignored file changes nothing.
    read.into_iter().take(5).find(|path| {
        let later = touched(context, path).map(|context| World { context: Context::Local(context), ..world.clone() });
        later.is_some_and(|later| {
            let (warm, _) = rehearse(plan(request, &later), request, &later, cache, settings);
            warm.steps.iter().any(|step| step.result.reason.is_some())
        })
    })
}

/// The Dockerfile as text.
fn dockerfile(source: &Source) -> String {
    String::from_utf8_lossy(&source.bytes).into_owned()
}

/// A node for a file that a change makes.
fn new_file(text: String) -> Node {
    Node::file(Metadata::root(0o644, 0), text.into_bytes())
}

#[cfg(test)]
mod tests;
