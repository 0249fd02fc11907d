//! From a build command to its outcome: the client's files read, planned, run; and what it prints. Used by the native binary and by the page.

use super::call::answer;
use super::client::{Client, prepare};
use super::command::{BuildCommand, Progress};
use super::commands::Reply;
use super::progress::{failure, plain, rawjson, warnings};
use crate::base::{Code, Diagnostic, Source, VirtualTime};
use crate::build::Outcome;
use crate::image::Image;
use crate::plan::{self, Planned, Request};
use crate::world::World;

/// A build that is over, with what it was made from.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Simulation {
    pub request: Request,
    pub outcome: Outcome,
}

/// Builds. The error is the client's: the build never began; its text stands behind `ERROR: failed to build: `.
pub fn simulate(command: &BuildCommand, client: &dyn Client) -> Result<Simulation, String> {
    let (request, world) = prepare(command, client)?;
    let outcome = run(&request, &world);
    Ok(Simulation { request, outcome })
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

fn run(request: &Request, world: &World) -> Outcome {
    let Planned { plan, warnings } = plan::plan(request, world);
    let error = match plan {
        Err(error) => error,
        Ok(plan) => plan::refuse_entitlements(&plan, request)
            .unwrap_or_else(|| Diagnostic::error(Code::Plan, "the executor is missing", Vec::new())),
    };
    Outcome { warnings, ..failed(error) }
}

/// A build that ended before its first step.
pub fn failed(error: Diagnostic) -> Outcome {
    Outcome { plan: None, steps: Vec::new(), events: Vec::new(), elapsed: VirtualTime::ZERO, result: Err(error), warnings: Vec::new() }
}

/// The text of a request's Dockerfile.
pub fn source(request: &Request) -> &Source {
    &request.dockerfile
}

/// What stands below the progress: warnings, then the excerpt and the error.
pub fn ending(simulation: &Simulation) -> String {
    let Simulation { request, outcome } = simulation;
    format!("{}{}", warnings(&outcome.warnings), failure(outcome, source(request)))
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
    let Simulation { request, outcome } = simulation;
    let error = failure(outcome, source(request));
    let id = outcome.result.as_ref().ok().and_then(|images| images.first()).map(Image::id);
    let (stdout, stderr) = match command.progress {
        Progress::Quiet => (id.map_or(String::new(), |id| format!("{id}\n")), error),
        Progress::RawJson => (String::new(), rawjson(outcome, 0) + &error),
        Progress::Auto | Progress::Tty if terminal == Terminal::Playing => (String::new(), String::new()),
        Progress::Plain | Progress::Auto | Progress::Tty => {
            (String::new(), plain_text(simulation, "\"default\" instance using docker driver"))
        }
        Progress::None => (String::new(), error),
    };
    Reply { stdout, stderr, exit_code: i32::from(outcome.result.is_err()) }
}
