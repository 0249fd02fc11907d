//! Stages for people.

use std::collections::BTreeSet;

use super::StageSummary;
use super::evaluation::Evaluation;
use super::op::VertexId;
use super::stages::reachable;
use super::state::StateId;
use crate::base::LineRange;

/// Every stage of the file, in order.
pub(crate) fn stages(eval: &Evaluation<'_>, target: StateId, vertices: &[Option<VertexId>]) -> Vec<StageSummary> {
    let needed = reachable(eval, target);
    let states = eval.states.iter().enumerate();
    let made = states.filter_map(|(id, state)| {
        let (stage, index) = (state.stage?, state.index?);
        let mut needs: Vec<usize> = Vec::new();
        for need in state.base.iter().chain(state.needs.iter().map(|(need, _)| need)) {
            if let Some(index) = eval.states.get(*need).and_then(|state| state.index).filter(|index| !needs.contains(index)) {
                needs.push(index);
            }
        }
        let all = stage.lines.iter().chain(stage.instructions.iter().flat_map(|instruction| &instruction.lines));
        let (start, end) = all.fold((u32::MAX, 0), |(start, end), range| (start.min(range.start), end.max(range.end)));
        let mut seen = BTreeSet::new();
        let own = state.nodes.iter().filter_map(|node| *vertices.get(*node)?).filter(|vertex| seen.insert(*vertex)).collect();
        Some(StageSummary {
            name: if stage.name.is_empty() { format!("stage-{index}") } else { stage.name.clone() },
            index,
            base: state.written_base.clone(),
            needs,
            reachable: needed.contains(&id),
            lines: LineRange { start: start.min(end), end },
            vertices: own,
        })
    });
    made.collect()
}

/// Adds what another platform's evaluation says of the same stages.
pub(crate) fn merge(all: &mut Vec<StageSummary>, more: Vec<StageSummary>) {
    if all.is_empty() {
        *all = more;
        return;
    }
    for (stage, other) in all.iter_mut().zip(more) {
        stage.reachable |= other.reachable;
        let known: BTreeSet<VertexId> = crate::base::set_of(stage.vertices.iter().copied());
        stage.vertices.extend(other.vertices.into_iter().filter(|vertex| !known.contains(vertex)));
    }
}
