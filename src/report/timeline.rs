//! When steps ran, and what that says: lanes, the critical path, slack, what parallelism gained and one more worker would.

use std::time::Duration;

use crate::base::VirtualTime;
use crate::build::{Outcome, Step, Task, schedule};

/// A build in time.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// One a stage, in the order of the file; the first is for steps of no stage.
    pub lanes: Vec<Lane>,
    /// The steps that decide how long it took, first to last.
    pub critical_path: Vec<usize>,
    /// By step: how much later it could have ended without any harm.
    pub slack: Vec<Duration>,
    /// All steps one after the other.
    pub serial: Duration,
    /// What it took.
    pub elapsed: Duration,
    /// What it would take if two steps could run at a time, three, … up to when no more helps; the first is for one.
    pub by_workers: Vec<Duration>,
}

/// The steps of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Index in the plan's stages.
    pub stage: Option<usize>,
    /// Its name.
    pub name: String,
    /// In the order in which they began.
    pub steps: Vec<usize>,
}

/// The timeline of a build.
pub fn timeline(outcome: &Outcome) -> Timeline {
    let tasks: Vec<Task> = outcome.steps.iter().map(task).collect();
    let mut by_workers = Vec::new();
    for workers in 1..=16 {
        let elapsed = schedule(&tasks, workers).iter().filter_map(|slot| slot.ended).max().unwrap_or_default();
        if by_workers.last() == Some(&elapsed) {
            break;
        }
        by_workers.push(elapsed);
    }
    Timeline {
        lanes: lanes(outcome),
        critical_path: critical_path(outcome),
        slack: slack(outcome),
        serial: outcome.steps.iter().map(length).sum(),
        elapsed: outcome.elapsed,
        by_workers,
    }
}

impl Timeline {
    /// How long the steps that decide take together.
    pub fn critical(&self, outcome: &Outcome) -> Duration {
        self.critical_path.iter().filter_map(|step| outcome.steps.get(*step)).map(length).sum()
    }
}

fn task(step: &Step) -> Task {
    // A cached step takes no worker; the client's own steps do not either.
    Task { inputs: step.inputs.clone(), elapsed: length(step), works: step.vertex.is_some() && length(step) > Duration::ZERO, fails: false }
}

fn length(step: &Step) -> Duration {
    step.result.completed.unwrap_or_default().saturating_sub(step.result.started.unwrap_or_default())
}

fn lanes(outcome: &Outcome) -> Vec<Lane> {
    let stage_of = |step: &Step| {
        let plan = outcome.plan.as_ref()?;
        plan.vertices.get(step.vertex?)?.stage
    };
    let steps = |stage: Option<usize>| -> Vec<usize> {
        (0..outcome.steps.len())
            .filter(|id| stage_of(&outcome.steps[*id]) == stage && outcome.steps[*id].result.started.is_some())
            .collect()
    };
    let mut lanes = vec![Lane { stage: None, name: String::new(), steps: steps(None) }];
    for stage in outcome.plan.iter().flat_map(|plan| &plan.stages) {
        lanes.push(Lane { stage: Some(stage.index), name: stage.name.clone(), steps: steps(Some(stage.index)) });
    }
    lanes.retain(|lane| !lane.steps.is_empty());
    lanes
}

/// From the last step back over the input that was ready last.
fn critical_path(outcome: &Outcome) -> Vec<usize> {
    let end = |id: usize| outcome.steps.get(id).and_then(|step| step.result.completed);
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..outcome.steps.len()).filter(|id| end(*id).is_some()).max_by_key(|id| (end(*id), *id));
    while let Some(id) = next.filter(|id| !path.contains(id)) {
        path.push(id);
        next = outcome.steps[id].inputs.iter().copied().filter(|input| end(*input).is_some()).max_by_key(|input| (end(*input), *input));
    }
    path.reverse();
    path
}

fn slack(outcome: &Outcome) -> Vec<Duration> {
    let mut latest: Vec<VirtualTime> = vec![outcome.elapsed; outcome.steps.len()];
    // Steps are in the order of their begin: an input never comes after what needs it.
    for id in (0..outcome.steps.len()).rev() {
        let begin = latest[id].saturating_sub(length(&outcome.steps[id]));
        for input in outcome.steps[id].inputs.iter().filter(|input| **input < id) {
            latest[*input] = latest[*input].min(begin);
        }
    }
    let end = |(step, latest): (&Step, VirtualTime)| step.result.completed.map_or(Duration::ZERO, |end| latest.saturating_sub(end));
    outcome.steps.iter().zip(latest).map(end).collect()
}
