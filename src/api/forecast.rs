//! What a build would do, before it is asked for: for the editor's gutter and the forecast panel.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::playground::Playground;
use super::project::ProjectClient;
use super::types::{ErrorView, mirror};
use super::view;
use super::why::{WhyView, why_view};
use crate::docker::command::parse_build;
use crate::docker::simulate::{Simulation, foretell};
use crate::docker::words::split_line;
use crate::report::{Outlook, Prospect, prospects, sentence, totals};

mirror! {
    /// What a build would do. `durationMs` is without the export. `bytes`: what the steps that run would write, fetch and send; `runs` leaves out what sends files, which every build does. `refused`: why it could not even begin.
    pub struct ForecastView { pub steps: Vec<ForecastStep>, pub duration_ms: f64, pub cached: u32, pub runs: u32, pub bytes: f64, pub saved_ms: f64, pub error: Option<ErrorView>, pub refused: Option<String> }

    /// A step, and lines of the Dockerfile that it stands for (0: none; an instruction may have several steps). `ms` and `bytes`: of a cached step, those that it spares. `why.chain` and `why.root` are indices in this list or beyond it; `reason` is English.
    pub struct ForecastStep { pub name: String, pub stage: Option<u32>, pub first_line: u32, pub last_line: u32, pub outlook: OutlookView, pub ms: f64, pub bytes: f64, pub reason: String, pub why: Option<WhyView>, pub error: Option<String> }

    /// What becomes of a step: `Never`, as another one fails first.
    pub enum OutlookView { Cached, Runs, Fails, Never }
}

/// Foretells a line: `docker build …`, or the words behind it.
pub fn forecast(playground: &mut Playground, line: &str) -> ForecastView {
    let mut view =
        ForecastView { steps: Vec::new(), duration_ms: 0.0, cached: 0, runs: 0, bytes: 0.0, saved_ms: 0.0, error: None, refused: None };
    let refused = |view: ForecastView, why: String| ForecastView { refused: Some(why), ..view };
    let command = match words(playground, line).and_then(|words| parse_build(&words).map_err(|error| error.text())) {
        Ok(command) => command,
        Err(error) => return refused(view, error),
    };
    let client = ProjectClient { project: &playground.project, images: playground.images() };
    let Simulation { request, outcome, cache } = match foretell(&command, &client, &playground.cache) {
        Ok(foretold) => foretold,
        Err(error) => return refused(view, error),
    };
    if command.cache_from.is_empty() {
        playground.cache = cache;
    }
    playground.keep_bases(&outcome);
    let prospects = prospects(&outcome);
    let place = |step: usize| prospects.iter().position(|prospect| prospect.step == step).unwrap_or(prospects.len()) as u32;
    let step = |prospect: &Prospect| {
        let step = &outcome.steps[prospect.step];
        let (first_line, last_line) = view::bounds(&step.lines);
        let why = prospect.why.as_ref().map(|why| {
            let mut view = why_view(&outcome, why);
            view.root = place(why.root);
            view.chain = why.chain.iter().map(|step| place(*step)).collect();
            view
        });
        ForecastStep {
            name: step.name.clone(),
            stage: step.vertex.and_then(|id| outcome.plan.as_ref()?.vertices.get(id)?.stage).map(|stage| stage as u32),
            first_line,
            last_line,
            outlook: match prospect.outlook {
                Outlook::Cached => OutlookView::Cached,
                Outlook::Runs => OutlookView::Runs,
                Outlook::Fails => OutlookView::Fails,
                Outlook::Never => OutlookView::Never,
            },
            ms: view::ms(prospect.time),
            bytes: prospect.bytes as f64,
            reason: prospect.why.as_ref().map(|why| sentence(&outcome, why)).unwrap_or_default(),
            why,
            error: step.result.error.clone(),
        }
    };
    view.steps = prospects.iter().map(step).collect();
    view.duration_ms = view::ms(outcome.elapsed);
    let totals = totals(&prospects);
    (view.cached, view.runs) = (totals.cached, totals.runs);
    (view.bytes, view.saved_ms) = (totals.bytes as f64, view::ms(totals.saved));
    view.error = outcome.result.as_ref().err().map(|error| view::error(error, &request.dockerfile));
    view
}

/// The words behind `docker build`.
pub(super) fn words(playground: &Playground, line: &str) -> Result<Vec<String>, String> {
    let words = split_line(line, &playground.project.env)?.words;
    let command = words.iter().take(4).position(|word| word == "build").map_or(0, |at| at + 1);
    Ok(words.into_iter().skip(command).collect())
}
