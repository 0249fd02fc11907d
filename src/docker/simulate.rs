//! From a build command to its outcome: the client's files read, planned, run; and what it prints. Used by the native binary and by the page.

use std::collections::BTreeMap;

use super::assume;
use super::call::answer;
use super::client::{Client, prepare};
use super::command::{BuildCommand, OutputKind, Progress};
use super::commands::Reply;
use super::products;
use super::progress::{failure, plain, rawjson, warnings};
use super::share::share;
use crate::base::{Diagnostic, Reference, Source, VirtualTime};
use crate::build::{self, Cache, Outcome, Settings, Unhashed};
use crate::image::Image;
use crate::plan::{self, Plan, Planned, Request};
use crate::report::{self, Advice, Comparison};
use crate::world::World;

/// Vertices that run at a time: BuildKit's default has no limit; a page has room for this many.
const WORKERS: usize = 64;
/// The time that what a build makes gets, unless SOURCE_DATE_EPOCH says another: 2026-01-01, in nanoseconds. The engine has no clock.
pub const NOW: i64 = 1_767_225_600_000_000_000;

/// A build that is over, with what it was made from.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Simulation {
    pub request: Request,
    pub outcome: Outcome,
    /// The builder's cache afterwards.
    pub cache: Cache,
}

/// All that decides what a build does.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Beginning {
    pub request: Request,
    pub world: World,
    pub cache: Cache,
}

/// Builds; an image that nobody asked for is not made, for that means to read all its bytes. The error is the client's: the build
/// never began; its text stands behind `ERROR: failed to build: `.
pub fn simulate(command: &BuildCommand, client: &dyn Client, cache: &Cache) -> Result<Simulation, String> {
    let beginning = begin(command, client, cache)?;
    if has_taker(command) {
        return Ok(finish(command, &beginning, None));
    }
    let Beginning { request, world, cache } = beginning;
    let (planned, settings) = ready(command, &request, &world);
    let (outcome, cache) = build::rehearse(planned, &request, &world, &cache, &settings);
    Ok(Simulation { request, outcome, cache })
}

/// Whether a build is asked for anything that tells of its image: the image itself, its digest, a cache of its layers.
fn has_taker(command: &BuildCommand) -> bool {
    let files = command.iidfile.is_some() || command.metadata_file.is_some();
    files || !command.outputs.is_empty() || !command.cache_to.is_empty() || command.progress == Progress::Quiet
}

/// Asks the client for all that the build needs of it.
pub fn begin(command: &BuildCommand, client: &dyn Client, cache: &Cache) -> Result<Beginning, String> {
    let (request, world) = prepare(command, client)?;
    if let Some(error) = products::refuse(command, request.platforms.len()) {
        return Err(error);
    }
    let cache = with_imports(command, client, cache);
    let world = if command.assume_context { assume::assume(&request, world) } else { world };
    Ok(Beginning { request, world, cache })
}

/// Builds to the end, or until the client stops it.
pub fn finish(command: &BuildCommand, beginning: &Beginning, stop: Option<VirtualTime>) -> Simulation {
    let Beginning { request, world, cache } = beginning;
    let (planned, settings) = ready(command, request, world);
    let (outcome, cache) = build::run(planned, request, world, cache, &Settings { stop, ..settings });
    Simulation { request: request.clone(), outcome, cache }
}

/// The builder's cache with all that `--cache-from` brings.
fn with_imports(command: &BuildCommand, client: &dyn Client, cache: &Cache) -> Cache {
    command.cache_from.iter().filter_map(|place| local_cache(place, client)).fold(cache.clone(), |all, one| all.union(&one))
}

/// `--cache-from type=local,src=DIR`: a cache that is not there is an empty one, as in BuildKit.
fn local_cache(place: &BTreeMap<String, String>, client: &dyn Client) -> Option<Cache> {
    let folder = place.get("src").filter(|_| place.get("type").is_some_and(|kind| kind == "local"))?;
    Cache::from_files(&|path| client.read_file(&format!("{folder}/{path}")).ok())
}

/// Plans, and builds nothing.
pub fn planned(command: &BuildCommand, client: &dyn Client) -> Result<(Request, Planned), String> {
    let (request, world) = prepare(command, client)?;
    let planned = plan::plan(&request, &world);
    Ok((request, planned))
}

/// Answers `--call`, and builds nothing.
pub fn called(command: &BuildCommand, client: &dyn Client) -> Result<Reply, String> {
    let (request, world) = prepare(command, client)?;
    Ok(answer(&command.call, &request, &world))
}

/// What the last step is called, by where the result goes.
fn exporting(command: &BuildCommand) -> Option<String> {
    command.outputs.first().map(|output| {
        match (output.kind, &output.dest) {
            (OutputKind::Oci, _) => "exporting to oci image format",
            (OutputKind::Docker, Some(_)) => "exporting to docker image format",
            (OutputKind::Local, _) => "exporting to client directory",
            (OutputKind::Tar, _) => "exporting to client tarball",
            _ => "exporting to image",
        }
        .to_owned()
    })
}

/// The plan, unless it wants more than the build was allowed.
fn allowed(request: &Request, world: &World) -> Planned {
    let mut planned = plan::plan(request, world);
    if let Some(refused) = planned.plan.as_ref().ok().and_then(|plan| plan::refuse_entitlements(plan, request)) {
        planned.plan = Err(refused);
    }
    planned
}

/// What is to be built, and how.
fn ready(command: &BuildCommand, request: &Request, world: &World) -> (Planned, Settings) {
    let planned = allowed(request, world);
    let settings = settings(command, planned.plan.as_ref().ok().and_then(Plan::epoch));
    (planned, settings)
}

/// `epoch`: SOURCE_DATE_EPOCH in seconds.
fn settings(command: &BuildCommand, epoch: Option<i64>) -> Settings {
    let output = command.outputs.first();
    let own = output.and_then(|output| output.epoch().ok().flatten());
    Settings {
        workers: WORKERS,
        exporting: exporting(command),
        names: command.tags.iter().filter_map(|tag| Reference::parse(tag).ok()).map(|name| name.tagged().to_string()).collect(),
        epoch: own,
        rewrite: own.or(epoch).filter(|_| output.is_some_and(|output| output.rewrite_timestamp)),
        sends_tarball: output.is_some_and(|output| output.dest.is_some() && output.kind != OutputKind::Local),
        stop: None,
        now: NOW,
    }
}

/// Foretells the build that [`simulate`] would make, without its export; the cache that comes back holds what `cache` and the imports did. The error is the client's.
pub fn foretell(command: &BuildCommand, client: &dyn Client, cache: &Cache) -> Result<Simulation, String> {
    let (request, world) = prepare(command, client)?;
    let cache = with_imports(command, client, cache);
    let (planned, settings) = ready(command, &request, &world);
    let (outcome, cache) = build::forecast(planned, &request, &world, &cache, &settings);
    Ok(Simulation { request, outcome, cache })
}

/// The layers from `least` to `most` bytes that [`simulate`] would have to hash; see [`build::unhashed`]. Nothing if it would not begin.
pub fn unhashed(command: &BuildCommand, client: &dyn Client, cache: &Cache, least: u64, most: u64) -> (Vec<Unhashed>, Cache) {
    let Ok(Beginning { request, world, cache }) = begin(command, client, cache) else { return (Vec::new(), cache.clone()) };
    let (planned, settings) = ready(command, &request, &world);
    build::unhashed(&planned, &world, &cache, &settings, least, most)
}

/// Changes of the build that pay. The error is the client's.
pub fn advise(command: &BuildCommand, client: &dyn Client) -> Result<Vec<Advice>, String> {
    let (request, world) = prepare(command, client)?;
    Ok(report::advise(&request, &world, &settings(command, None)))
}

/// Two builds side by side. The error is the client's, or that of a build that fails.
pub fn compare(one: &BuildCommand, two: &BuildCommand, client: &dyn Client) -> Result<Comparison, String> {
    let (one_request, one_world) = prepare(one, client)?;
    let (two_request, two_world) = prepare(two, client)?;
    compare_prepared(one, (&one_request, &one_world), (&two_request, &two_world))
}

/// The same of two builds that were; `command` says how they run.
pub fn compare_prepared(command: &BuildCommand, one: (&Request, &World), two: (&Request, &World)) -> Result<Comparison, String> {
    report::compare(one, two, &settings(command, None))
}

/// A build that ended before its first step.
pub fn failed(error: Diagnostic) -> Outcome {
    Outcome { plan: None, steps: Vec::new(), events: Vec::new(), elapsed: VirtualTime::ZERO, result: Err(error), warnings: Vec::new() }
}

/// The text of a request's Dockerfile.
pub fn source(request: &Request) -> &Source {
    &request.dockerfile
}

/// What stands below the progress: warnings, what share of the commands was real, then the excerpt and the error.
pub fn ending(simulation: &Simulation) -> String {
    let Simulation { request, outcome, .. } = simulation;
    format!("{}{}{}", warnings(&outcome.warnings), share(&outcome.tally()), failure(outcome, source(request)))
}

/// `--progress=plain`, to the end.
pub fn plain_text(simulation: &Simulation, builder: &str) -> String {
    plain(&simulation.outcome, builder) + &ending(simulation)
}

/// Where a build's live view goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// Nobody watches: the plain text stands in for it.
    None,
    /// The caller plays its frames, then [`ending`]; here it prints nothing.
    Playing,
}

/// What a build prints, and its exit status.
pub fn reply(command: &BuildCommand, simulation: &Simulation, terminal: Terminal) -> Reply {
    let Simulation { request, outcome, .. } = simulation;
    let error = failure(outcome, source(request));
    let id = outcome.result.as_ref().ok().and_then(|images| images.first()).map(Image::id);
    let (stdout, stderr) = match command.progress {
        Progress::Quiet => (id.map_or(String::new(), |id| format!("{id}\n")), error),
        Progress::RawJson => (String::new(), rawjson(outcome, 0) + &error),
        live if live.is_live() && terminal == Terminal::Playing => (String::new(), String::new()),
        Progress::Plain | Progress::Auto | Progress::Tty => {
            (String::new(), plain_text(simulation, "\"default\" instance using docker driver"))
        }
        Progress::None => (String::new(), error),
    };
    Reply { stdout, stderr, exit_code: i32::from(outcome.result.is_err()) }
}
