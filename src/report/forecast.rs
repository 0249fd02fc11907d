//! A build, foretold or over, step by step: what the cache spares, what runs, how long, how many bytes.

use std::time::Duration;

use super::why::{Why, whys};
use crate::base::sort_by_key;
use crate::build::{EventKind, Outcome, Step};
use crate::filesystem::{Tree, written};
use crate::plan::Op;

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// The cache answers it.
    Cached,
    /// It runs to its end.
    Runs,
    /// It runs and fails, or cannot begin as what it reads is missing.
    Fails,
    /// Another step fails first.
    Never,
}

/// Sums over prospects; what the client sends counts in bytes only.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// Steps that the cache answers.
    pub cached: u32,
    /// Steps that run or fail.
    pub runs: u32,
    /// What those that run write, fetch and send.
    pub bytes: u64,
    /// How long those that are cached took.
    pub saved: Duration,
}

/// Sums up.
pub fn totals(prospects: &[Prospect]) -> Totals {
    let mut totals = Totals::default();
    for prospect in prospects {
        match prospect.outlook {
            Outlook::Cached => {
                totals.cached += 1;
                totals.saved += prospect.time;
            }
            Outlook::Runs | Outlook::Fails => {
                totals.runs += u32::from(!prospect.sends || prospect.outlook == Outlook::Fails);
                totals.bytes += prospect.bytes;
            }
            Outlook::Never => {}
        }
    }
    totals
}

/// A step of a vertex, foretold.
#[derive(Debug, Clone, PartialEq)]
pub struct Prospect {
    /// Index in the outcome's steps.
    pub step: usize,
    /// It sends files of the client: that is done anew in every build.
    pub sends: bool,
    /// What becomes of it.
    pub outlook: Outlook,
    /// How long it takes; if it is cached, how long it took.
    pub time: Duration,
    /// Bytes that it writes, fetches or sends; of a cached one those that its result has.
    pub bytes: u64,
    /// Why it runs.
    pub why: Option<Why>,
}

/// The prospects of all steps that are no `[internal]` ones of the client, in the order of the plan.
pub fn prospects(outcome: &Outcome) -> Vec<Prospect> {
    let mut steps: Vec<usize> = (0..outcome.steps.len()).filter(|id| outcome.steps[*id].vertex.is_some()).collect();
    sort_by_key(&mut steps, |id| outcome.steps[*id].vertex);
    let mut whys = whys(outcome);
    steps.into_iter().map(|step| prospect(outcome, step, whys[step].take())).collect()
}

fn prospect(outcome: &Outcome, id: usize, why: Option<Why>) -> Prospect {
    let step = &outcome.steps[id];
    let result = &step.result;
    let (outlook, time) = match (result.started, result.completed) {
        _ if result.error.is_some() => (Outlook::Fails, length(step)),
        _ if result.cached => (Outlook::Cached, result.saved),
        (Some(_), Some(_)) if result.tree.is_some() => (Outlook::Runs, length(step)),
        _ => (Outlook::Never, Duration::ZERO),
    };
    let op = outcome.plan.as_ref().and_then(|plan| Some(&plan.vertices.get(step.vertex?)?.op));
    let sends = matches!(op, Some(Op::Local(_)));
    Prospect { step: id, sends, outlook, time, bytes: bytes(outcome, id), why }
}

fn length(step: &Step) -> Duration {
    step.result.completed.unwrap_or_default().saturating_sub(step.result.started.unwrap_or_default())
}

/// Bytes that a step writes to its file system, or that come from the client or a registry.
pub fn bytes(outcome: &Outcome, id: usize) -> u64 {
    let find = || {
        let (step, plan) = (outcome.steps.get(id)?, outcome.plan.as_ref()?);
        let vertex = step.vertex?;
        let tree = |vertex: usize| outcome.steps.iter().find(|step| step.vertex == Some(vertex))?.result.tree.clone();
        match &plan.vertices.get(vertex)?.op {
            Op::Image(_) | Op::Local(_) | Op::Remote(_) => Some(moved(outcome, id)),
            Op::Merge(_) => {
                let linked = plan.vertices[vertex].inputs.iter().skip(1).filter_map(|input| tree(*input));
                Some(linked.map(|tree| written(&Tree::empty(), &tree)).sum())
            }
            Op::File(_) | Op::Exec(_) => {
                let after = step.result.tree.as_ref()?;
                let before = plan.below(vertex).and_then(tree);
                Some(before.map_or_else(|| written(&Tree::empty(), after), |before| written(&before, after)))
            }
        }
    };
    find().unwrap_or(0)
}

/// The amounts of a step's statuses at their end.
fn moved(outcome: &Outcome, id: usize) -> u64 {
    let amount = |kind: &EventKind| if let EventKind::Status { current, completed: true, .. } = kind { *current } else { 0 };
    outcome.events.iter().filter(|event| event.step == id).map(|event| amount(&event.kind)).sum()
}
