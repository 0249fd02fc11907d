//! When things happen: a discrete-event simulation of ready tasks on workers. Touches no tree; deterministic.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::time::Duration;

use crate::base::{VirtualTime, set_of};

/// Something that takes time.
#[derive(Debug, Clone, Default)]
pub struct Task {
    /// Tasks that must have completed.
    pub inputs: Vec<usize>,
    /// How long it takes.
    pub elapsed: Duration,
    /// Whether it takes one of the workers.
    pub works: bool,
    /// Whether it ends the build.
    pub fails: bool,
}

/// When a task ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot {
    /// `None`: never.
    pub started: Option<VirtualTime>,
    /// When it ended or was stopped.
    pub ended: Option<VirtualTime>,
    /// Stopped because another one failed.
    pub canceled: bool,
}

/// Starts every task as soon as its inputs are there and a worker is free (0: there is always one), earlier tasks of the
/// list first. The first that fails stops all that run.
pub fn schedule(tasks: &[Task], workers: usize) -> Vec<Slot> {
    let mut slots = vec![Slot::default(); tasks.len()];
    let mut waiting: Vec<usize> = tasks.iter().map(|task| set_of(task.inputs.iter().copied()).len()).collect();
    let mut outputs = vec![Vec::new(); tasks.len()];
    for (id, task) in tasks.iter().enumerate() {
        for input in set_of(task.inputs.iter().copied()) {
            if let Some(outputs) = outputs.get_mut(input) {
                outputs.push(id);
            }
        }
    }
    let mut ready: BTreeSet<usize> = crate::base::set_of((0..tasks.len()).filter(|id| waiting[*id] == 0));
    let mut running: BinaryHeap<Reverse<(VirtualTime, usize)>> = BinaryHeap::new();
    let mut free = if workers == 0 { usize::MAX } else { workers };
    let mut now = VirtualTime::ZERO;
    loop {
        for id in ready.clone() {
            let task = &tasks[id];
            if task.works && free == 0 {
                continue;
            }
            ready.remove(&id);
            free -= usize::from(task.works);
            slots[id].started = Some(now);
            running.push(Reverse((now.saturating_add(task.elapsed), id)));
        }
        let Some(Reverse((at, id))) = running.pop() else { return slots };
        now = at;
        slots[id].ended = Some(at);
        if tasks[id].fails {
            for Reverse((_, id)) in running {
                slots[id].ended = Some(at);
                slots[id].canceled = true;
            }
            return slots;
        }
        free = free.saturating_add(usize::from(tasks[id].works));
        for output in &outputs[id] {
            waiting[*output] -= 1;
            if waiting[*output] == 0 {
                ready.insert(*output);
            }
        }
    }
}

/// The same, stopped by the client at a moment: what has not begun by then never does. Whether there was something to stop.
pub fn interrupt(slots: &mut [Slot], at: VirtualTime) -> bool {
    let mut stopped = false;
    for slot in slots {
        if slot.started.is_some_and(|started| started >= at) {
            *slot = Slot::default();
        } else if slot.ended.is_some_and(|ended| ended > at) {
            (slot.ended, slot.canceled) = (Some(at), true);
        } else {
            continue;
        }
        stopped = true;
    }
    stopped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tasks as (inputs, seconds, fails) -> `start-end` each, `!` canceled, `never`.
    fn check(tasks: &[(&[usize], u64, bool)], workers: usize, expect: &str) {
        check_until(tasks, workers, u64::MAX, expect);
    }

    fn check_until(tasks: &[(&[usize], u64, bool)], workers: usize, stop: u64, expect: &str) {
        let tasks: Vec<Task> = tasks
            .iter()
            .map(|(inputs, seconds, fails)| Task {
                inputs: inputs.to_vec(),
                elapsed: Duration::from_secs(*seconds),
                works: true,
                fails: *fails,
            })
            .collect();
        let text = |slot: &Slot| match (slot.started, slot.ended) {
            (Some(start), Some(end)) => format!("{}-{}{}", start.as_secs(), end.as_secs(), if slot.canceled { "!" } else { "" }),
            _ => "never".into(),
        };
        let mut slots = schedule(&tasks, workers);
        let stopped = interrupt(&mut slots, Duration::from_secs(stop));
        assert_eq!(slots.iter().map(text).collect::<Vec<_>>().join(" "), expect);
        assert_eq!(stopped, stop < 100);
    }

    #[test]
    fn a_client_stops_what_runs() {
        check_until(&[(&[], 2, false), (&[], 4, false), (&[0], 1, false), (&[2], 9, false)], 0, 3, "0-2 0-3! 2-3 never");
    }

    #[test]
    fn ready_tasks_run_side_by_side() {
        check(&[(&[], 2, false), (&[], 3, false), (&[0, 1], 1, false)], 0, "0-2 0-3 3-4");
        check(&[(&[], 2, false), (&[], 3, false), (&[0, 1], 1, false)], 1, "0-2 2-5 5-6");
    }

    #[test]
    fn a_failure_stops_the_others() {
        check(&[(&[], 1, true), (&[], 3, false), (&[1], 1, false)], 0, "0-1 0-1! never");
    }
}
