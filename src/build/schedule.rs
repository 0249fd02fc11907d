//! When things happen: a discrete-event simulation over the vertices of a plan. Every ready vertex runs; a failure cancels what runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::execute::{Execution, execute};
use crate::base::VirtualTime;
use crate::filesystem::Tree;
use crate::plan::{Plan, VertexId};
use crate::world::World;

/// What came of one vertex.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    /// When it began; `None` if it never did.
    pub started: Option<VirtualTime>,
    /// When it ended or was canceled.
    pub completed: Option<VirtualTime>,
    /// It ran when another one failed.
    pub canceled: bool,
    /// What it gave.
    pub execution: Option<Execution>,
}

impl Run {
    /// Its file system, if it came to one.
    pub fn tree(&self) -> Option<Arc<Tree>> {
        if self.canceled {
            return None;
        }
        self.execution.as_ref().and_then(|execution| execution.result.clone().ok())
    }
}

/// Runs all vertices from `begin` on, at most `workers` at a time. Gives a run for each, and when the last one ended.
pub(super) fn schedule(plan: &Plan, world: &World, now: i64, begin: VirtualTime, workers: usize) -> (Vec<Run>, VirtualTime) {
    let mut runs = vec![Run::default(); plan.vertices.len()];
    let mut waiting: BTreeSet<VertexId> = (0..plan.vertices.len()).collect();
    // Ordered by the end, then by the vertex.
    let mut running: BTreeSet<(VirtualTime, VertexId)> = BTreeSet::new();
    let mut time = begin;
    loop {
        for id in waiting.clone() {
            if running.len() >= workers.max(1) {
                break;
            }
            let Some(inputs) = inputs(plan, &runs, id, time) else { continue };
            waiting.remove(&id);
            let Some(vertex) = plan.vertices.get(id) else { continue };
            let execution = execute(&vertex.op, &inputs, world, now);
            running.insert((time + execution.cost, id));
            runs[id] = Run { started: Some(time), execution: Some(execution), ..Run::default() };
        }
        let Some((end, id)) = running.pop_first() else { return (runs, time) };
        time = end;
        runs[id].completed = Some(end);
        if runs[id].execution.as_ref().is_some_and(|execution| execution.result.is_err()) {
            for (_, other) in running {
                runs[other].completed = Some(time);
                runs[other].canceled = true;
            }
            return (runs, time);
        }
    }
}

/// The trees that a vertex needs, if all are there by now.
fn inputs(plan: &Plan, runs: &[Run], id: VertexId, time: VirtualTime) -> Option<Vec<Arc<Tree>>> {
    let done = |input: &VertexId| runs.get(*input).filter(|run| run.completed.is_some_and(|end| end <= time))?.tree();
    plan.vertices.get(id)?.inputs.iter().map(done).collect()
}
