//! Instructions -> stages -> [`Plan`]: BuildKit's `dockerfile2llb`. The plan is the LLB graph: names resolved, words
//! expanded, pruned to the target, equal vertices merged.
//!
//! [`plan()`] reads the Dockerfile and runs the passes of `evaluate` once a platform; then `graph` makes vertices of what
//! the result needs. [`check`] and [`outline()`] stop before that.

mod args;
mod bases;
mod dispatch;
mod env;
mod epoch;
mod evaluate;
mod evaluation;
mod failure;
mod git;
mod graph;
mod inspect;
mod op;
mod outline;
mod paths;
mod read;
mod rename;
mod request;
mod stages;
mod state;
mod summary;
mod title;
mod trace;

pub use inspect::{Inspection, inspect};
pub use op::{
    ExecOp, FileAction, FileActionKind, FileOp, ImageSource, LocalSource, MergeOp, Mount, MountKind, Op, RemoteSource, Setting, Vertex,
    VertexId,
};
pub use outline::{Outline, OutlineArg, OutlineSecret};
pub use request::Request;
pub use trace::{Origin, VariableUse};

use std::collections::BTreeSet;

use crate::base::{Code, Diagnostic, LineRange, VirtualTime, go};
use crate::image::{Config, Platform};
use crate::lint::Linter;
use crate::world::World;

use evaluate::Scope;
use failure::Failure;
use graph::Marshalled;
use read::Reading;

/// What a build will do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Topological order: the inputs of a vertex come before it. [`VertexId`] is the index.
    pub vertices: Vec<Vertex>,
    /// Every stage of the file, those that the target does not need too.
    pub stages: Vec<StageSummary>,
    /// One result a platform.
    pub results: Vec<Target>,
    /// Images whose metadata are resolved: `[internal] load metadata for …`, in order.
    pub resolved_images: Vec<String>,
    /// Whether the result is a list of platforms, be it of one: several are asked for, or BUILDKIT_MULTI_PLATFORM says so.
    pub multi_platform: bool,
}

/// A stage, for people: the graph of stages is drawn from these.
#[derive(Debug, Clone, PartialEq)]
pub struct StageSummary {
    /// `build`, or `stage-1` if it has no name.
    pub name: String,
    /// Index in the file.
    pub index: usize,
    /// The base as written after expansion: image, stage name or `scratch`.
    pub base: String,
    /// Stages it needs (FROM, COPY --from, mounts), by index.
    pub needs: Vec<usize>,
    /// Whether the target needs it.
    pub reachable: bool,
    /// Lines of the whole stage.
    pub lines: LineRange,
    /// Its vertices, in the order of the file.
    pub vertices: Vec<VertexId>,
}

/// The result of a plan for one platform.
#[derive(Debug, Clone)]
pub struct Target {
    /// The platform.
    pub platform: Platform,
    /// The vertex whose file system is the image; `None` for an empty scratch.
    pub vertex: Option<VertexId>,
    /// The config as the frontend makes it; the exporter adds the layers.
    pub config: Config,
    /// SOURCE_DATE_EPOCH, seconds.
    pub epoch: Option<i64>,
}

/// A plan or the error that ended planning; the warnings are there in both cases.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan, or the error.
    pub plan: Result<Plan, Diagnostic>,
    /// Lint warnings met on the way, in BuildKit's order.
    pub warnings: Vec<Diagnostic>,
}

/// What `--call=check` found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What stops the build, if anything does.
    pub error: Option<Diagnostic>,
    /// Lint warnings, in BuildKit's order.
    pub warnings: Vec<Diagnostic>,
}

impl Plan {
    /// SOURCE_DATE_EPOCH in seconds since 1970.
    pub fn epoch(&self) -> Option<i64> {
        self.results.first()?.epoch
    }

    /// The vertex whose file system this one changes; `None`: it begins with an empty one, or brings its own.
    pub fn below(&self, id: VertexId) -> Option<VertexId> {
        let vertex = self.vertices.get(id)?;
        match &vertex.op {
            Op::File(file) if file.on_scratch => None,
            Op::File(_) | Op::Merge(_) => vertex.inputs.first().copied(),
            Op::Exec(exec) => {
                let root = exec.mounts.iter().find(|mount| mount.kind == MountKind::Root)?;
                root.input.and_then(|at| vertex.inputs.get(at)).copied()
            }
            Op::Image(_) | Op::Local(_) | Op::Remote(_) => None,
        }
    }

    /// The vertices whose layers are in the results.
    pub fn in_results(&self) -> BTreeSet<VertexId> {
        let mut found = BTreeSet::new();
        let mut open: Vec<VertexId> = self.results.iter().filter_map(|target| target.vertex).collect();
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.below(id));
                let merged = self.vertices.get(id).filter(|vertex| matches!(vertex.op, Op::Merge(_)));
                open.extend(merged.iter().flat_map(|vertex| &vertex.inputs));
            }
        }
        found
    }
}

/// Only here so that the words of time stay in one place.
pub type Duration = VirtualTime;

/// Plans a build.
pub fn plan(request: &Request, world: &World) -> Planned {
    let multi_platform = match multi_platform(request) {
        Ok(multi) => multi,
        Err(failure) => return Planned { plan: Err(failure.into()), warnings: Vec::new() },
    };
    let (reading, mut lint) = match read::read(request) {
        Ok(read) => read,
        Err(error) => return Planned { plan: Err(*error), warnings: Vec::new() },
    };
    if let Some(error) = reading.error {
        return Planned { plan: Err(error), warnings: lint.into_warnings() };
    }
    let mut scopes: Vec<Scope> =
        request.platforms.iter().map(|platform| Scope { platform: Some(platform.clone()), multi_platform, all_stages: false }).collect();
    if scopes.is_empty() {
        scopes.push(Scope { multi_platform, ..Scope::default() });
    }
    let mut warnings = Vec::new();
    let mut plan = Plan { vertices: Vec::new(), stages: Vec::new(), results: Vec::new(), resolved_images: Vec::new(), multi_platform };
    let mut marshalled = Marshalled::default();
    for scope in scopes {
        let first = plan.results.is_empty();
        let used = std::mem::replace(&mut lint, Linter::silent());
        let mut eval = evaluate::begin(&reading.dockerfile, request, world, scope, used);
        let result = evaluate::run(&mut eval);
        if first {
            warnings = std::mem::take(&mut eval.lint).into_warnings();
        }
        let target = match result {
            Ok(target) => target,
            Err(failure) => return Planned { plan: Err(failure.into()), warnings },
        };
        let graph = std::mem::take(&mut eval.graph);
        let Some(state) = eval.states.get(target) else { continue };
        let root = state.llb.root;
        let vertices = marshalled.marshal(graph, root);
        plan.results.push(Target {
            platform: eval.target_platform.clone(),
            vertex: root.and_then(|root| *vertices.get(root)?),
            config: state.image.clone(),
            epoch: eval.epoch,
        });
        summary::merge(&mut plan.stages, summary::stages(&eval, target, &vertices));
        for image in &eval.resolved_images {
            if !plan.resolved_images.contains(image) {
                plan.resolved_images.push(image.clone());
            }
        }
    }
    if let Some(defect) = marshalled.defect {
        let message = format!("failed to marshal LLB definition: {defect}");
        return Planned { plan: Err(Failure::new(message).into()), warnings };
    }
    plan.vertices = marshalled.vertices;
    Planned { plan: Ok(plan), warnings }
}

/// `--call=check`: without a target all stages, always for the builder's own platform.
pub fn check(request: &Request, world: &World) -> Checked {
    let (reading, lint) = match read::read(request) {
        Ok(read) => read,
        Err(error) => return Checked { error: Some(*error), warnings: Vec::new() },
    };
    let Reading { dockerfile, error: None } = &reading else {
        return Checked { error: reading.error, warnings: lint.into_warnings() };
    };
    let all_stages = request.target.as_deref().unwrap_or("").is_empty();
    let mut eval = evaluate::begin(dockerfile, request, world, Scope { all_stages, ..Scope::default() }, lint);
    let result = evaluate::run(&mut eval);
    Checked { error: result.err().map(Diagnostic::from), warnings: eval.lint.into_warnings() }
}

/// `--call=outline`.
pub fn outline(request: &Request, world: &World) -> Result<Outline, Box<Diagnostic>> {
    let (reading, lint) = read::read(request)?;
    if let Some(error) = reading.error {
        return Err(Box::new(error));
    }
    let mut eval = evaluate::begin(&reading.dockerfile, request, world, Scope::default(), lint);
    let target = evaluate::run(&mut eval).map_err(|failure| Box::new(failure.into()))?;
    Ok(outline::outline(&eval, target))
}

/// The error of a build that wants more than it was allowed: it comes when the plan is loaded.
pub fn refuse_entitlements(plan: &Plan, request: &Request) -> Option<Diagnostic> {
    let wanted = plan.vertices.iter().find_map(|vertex| match &vertex.op {
        Op::Exec(exec) if exec.network == "host" => Some("network.host"),
        Op::Exec(exec) if exec.security == "insecure" => Some("security.insecure"),
        _ => None,
    });
    let refused = wanted.filter(|name| !request.entitlements.iter().any(|allowed| allowed == name))?;
    Some(Diagnostic::error(Code::Plan, format!("failed to load LLB: {refused} is not allowed"), Vec::new()))
}

/// Whether titles carry platforms: several are asked for, or BUILDKIT_MULTI_PLATFORM says so.
fn multi_platform(request: &Request) -> Result<bool, Failure> {
    let several = request.platforms.len() > 1;
    match request.build_args.get("BUILDKIT_MULTI_PLATFORM").map(String::as_str) {
        None | Some("") => Ok(several),
        Some(text) => match go::parse_bool(text) {
            None => Err(format!("invalid boolean value for multi-platform: {text}").into()),
            Some(false) if several => Err("conflicting config: returning multiple target platforms is not allowed".into()),
            Some(multi) => Ok(multi),
        },
    }
}
