//! `--progress=plain`: one vertex at a time, switching with `#N ...`. BuildKit's `progressui.textMux`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::trace::{Progress, apply};
use crate::base::VirtualTime;
use crate::build::Outcome;

type StepId = usize;

/// The display is brought up to date at most this often.
const REFRESH: Duration = Duration::from_millis(100);
/// A vertex keeps the screen at least so long while it has something to say.
const ANTI_FLICKER: f64 = 5.0;
/// A hidden vertex waits at most so long.
const MAX_DELAY: f64 = 10.0;
/// How many lines of a failed step's log are repeated.
const KEPT_LOG: usize = 10;

/// The whole text, from `#0` to the logs of failed steps.
pub fn plain(outcome: &Outcome, builder: &str) -> String {
    let mut mux = Mux::new(outcome, builder);
    let mut printed_at = None;
    for event in &outcome.events {
        if printed_at.is_some_and(|at| event.at >= at + REFRESH) {
            mux.print(event.at);
            printed_at = Some(event.at);
        }
        printed_at = printed_at.or(Some(event.at));
        mux.update(event);
    }
    // Each print shows one open vertex: go on until nothing new is left to say.
    for _ in 0..=outcome.steps.len() {
        mux.print(outcome.elapsed);
    }
    mux.error_logs();
    mux.out
}

struct Mux<'a> {
    outcome: &'a Outcome,
    out: String,
    states: Vec<Progress>,
    shown: Vec<Shown>,
    updates: BTreeSet<StepId>,
    current: Option<StepId>,
    next_number: usize,
    any_title: bool,
    /// By the id of a status, whatever its step: when it was printed last, and how far it was.
    printed: BTreeMap<String, (VirtualTime, u64)>,
}

/// What of a step is on the screen already.
#[derive(Clone, Default)]
struct Shown {
    number: usize,
    /// Complete lines printed; of the line after them `offset` bytes.
    lines: usize,
    offset: usize,
    open_line: bool,
    warnings: usize,
    /// By index in `statuses`: as it was when it was looked at last.
    statuses: Vec<Option<(VirtualTime, u64, bool)>>,
    /// Updates since it was last finished with, and since when.
    count: usize,
    since: VirtualTime,
}

impl<'a> Mux<'a> {
    fn new(outcome: &'a Outcome, builder: &str) -> Self {
        let out = if builder.is_empty() { String::new() } else { format!("#0 building with {builder}\n\n") };
        let count = outcome.steps.len();
        Self {
            outcome,
            out,
            states: vec![Progress::default(); count],
            shown: vec![Shown::default(); count],
            updates: BTreeSet::new(),
            current: None,
            next_number: 0,
            any_title: false,
            printed: BTreeMap::new(),
        }
    }

    fn update(&mut self, event: &crate::build::Event) {
        let (Some(state), Some(shown)) = (self.states.get_mut(event.step), self.shown.get_mut(event.step)) else { return };
        apply(state, event);
        if shown.count == 0 {
            shown.since = event.at;
        }
        shown.count += 1;
        self.updates.insert(event.step);
    }

    fn line(&mut self, step: StepId, text: &str) {
        let number = self.shown[step].number;
        self.out.push_str(&format!("#{number} {text}\n"));
    }

    fn print(&mut self, now: VirtualTime) {
        let is_done = |step: &StepId| self.states[*step].completed.is_some();
        let (completed, rest): (Vec<StepId>, Vec<StepId>) = self.by_appearance().into_iter().partition(is_done);
        let current_ended = self.current.is_some_and(|current| completed.contains(&current));
        if let Some(current) = self.current.filter(|_| current_ended) {
            self.show(current);
        }
        for step in completed {
            if self.updates.contains(&step) {
                self.show(step);
            }
        }
        if rest.is_empty() {
            let is_open = |step: StepId| self.states[step].started.is_some() && self.states[step].completed.is_none();
            if self.current.is_some_and(is_open) {
                return;
            }
            if let Some(open) = (0..self.states.len()).find(|step| is_open(*step)) {
                self.show(open);
            }
            return;
        }
        if let Some(current) = self.current.filter(|current| rest.contains(current)) {
            self.show(current);
        }
        self.switch(rest, current_ended, now);
    }

    /// Shows another vertex if its turn has come.
    fn switch(&mut self, mut rest: Vec<StepId>, current_ended: bool, now: VirtualTime) {
        rest.extend(self.current.filter(|current| !rest.contains(current)));
        let waited = |step: StepId| now.saturating_sub(self.shown[step].since).as_secs_f64().max(0.001);
        let speed = |step: StepId| self.shown[step].count as f64 / waited(step);
        let overdue = |step: StepId| Some(step) != self.current && waited(step) > MAX_DELAY;
        let busiest = rest.iter().copied().fold(None, |best: Option<StepId>, step| match best {
            Some(best) if !overdue(step) && speed(best) >= speed(step) => Some(best),
            _ => Some(step),
        });
        let Some(current) = self.current.filter(|_| !current_ended) else {
            return busiest.into_iter().for_each(|step| self.show(step));
        };
        if let Some(late) = rest.iter().copied().find(|step| overdue(*step)) {
            return self.show(late);
        }
        let share = speed(current) / rest.iter().map(|step| speed(*step)).sum::<f64>();
        if ANTI_FLICKER / (1.0 - share) < waited(current) {
            busiest.into_iter().for_each(|step| self.show(step));
        }
    }

    fn by_appearance(&self) -> Vec<StepId> {
        let mut steps: Vec<StepId> = self.updates.iter().copied().filter(|step| self.states[*step].started.is_some()).collect();
        crate::base::sort_by_key(&mut steps, |step| {
            (self.states[*step].completed.is_none(), self.states[*step].completed, self.states[*step].started, *step)
        });
        steps
    }

    /// BuildKit's `printVtx`.
    fn show(&mut self, step: StepId) {
        self.updates.remove(&step);
        if self.shown[step].number == 0 {
            self.next_number += 1;
            self.shown[step].number = self.next_number;
        }
        if self.current != Some(step) {
            self.title(step);
        }
        let open_status = self.statuses(step);
        for index in self.shown[step].warnings..self.states[step].warnings.len() {
            let text = format!("WARN: {}", self.states[step].warnings[index]);
            self.line(step, &text);
        }
        self.shown[step].warnings = self.states[step].warnings.len();
        self.log(step);
        self.current = Some(step);
        if self.states[step].completed.is_some() && !open_status {
            self.current = None;
            self.end(step);
        }
    }

    fn title(&mut self, step: StepId) {
        if let Some(old) = self.current {
            if std::mem::take(&mut self.shown[old].open_line) {
                self.out.push('\n');
            }
            // When it comes back, its open line is printed from the beginning.
            (self.shown[old].offset, self.shown[old].count) = (0, 0);
            self.line(old, "...");
        }
        if std::mem::replace(&mut self.any_title, true) {
            self.out.push('\n');
        }
        let name = self.outcome.steps[step].name.clone();
        self.line(step, &name);
    }

    /// Prints what is new; whether one of those is still open.
    fn statuses(&mut self, step: StepId) -> bool {
        let mut open = false;
        let statuses = self.states[step].statuses.clone();
        self.shown[step].statuses.resize(statuses.len(), None);
        for (index, status) in statuses.iter().enumerate() {
            let seen = Some((status.updated, status.current, status.completed));
            if std::mem::replace(&mut self.shown[step].statuses[index], seen) == seen {
                continue;
            }
            if let Some((at, current)) = self.printed.get(&status.id).filter(|_| !status.completed) {
                let grown = if status.total > 0 { (status.current as f64 - *current as f64) / status.total as f64 } else { 0.0 };
                if grown < 0.05 && status.updated.saturating_sub(*at).as_secs_f64() < ANTI_FLICKER {
                    continue;
                }
            }
            self.printed.insert(status.id.clone(), (status.updated, status.current));
            open |= !status.completed;
            let amount = Progress::amount(status);
            let seconds = status.updated.saturating_sub(status.started).as_secs_f64();
            let time = if seconds > 0.01 { format!(" {seconds:.1}s") } else { String::new() };
            let done = if status.completed { " done" } else { "" };
            let blank = if amount.is_empty() { "" } else { " " };
            let text = format!("{}{blank}{amount}{time}{done}", status.id);
            self.line(step, &text);
        }
        open
    }

    fn log(&mut self, step: StepId) {
        let (state, shown) = (&self.states[step], &mut self.shown[step]);
        let number = shown.number;
        for (index, line) in state.log.iter().enumerate().skip(shown.lines) {
            let text = format!("#{number} {}", Progress::log_line(line));
            let unseen = if index == shown.lines { text.get(shown.offset..).unwrap_or("") } else { &text };
            self.out.push_str(unseen);
            let is_open = state.partial && index + 1 == state.log.len();
            if !is_open {
                self.out.push('\n');
            }
            shown.open_line = is_open;
            shown.offset = if is_open { text.len() } else { 0 };
            if !is_open {
                shown.lines = index + 1;
            } else {
                shown.lines = index;
                break;
            }
        }
    }

    fn end(&mut self, step: StepId) {
        if std::mem::take(&mut self.shown[step].open_line) {
            self.out.push('\n');
            self.shown[step].lines += 1;
            self.shown[step].offset = 0;
        }
        self.shown[step].count = 0;
        let state = &self.states[step];
        let text = match &state.error {
            _ if state.canceled => "CANCELED".to_owned(),
            Some(error) => format!("ERROR: {error}"),
            None if state.cached => "CACHED".to_owned(),
            None => format!("DONE {:.1}s", state.seconds(VirtualTime::MAX)),
        };
        self.line(step, &text);
    }

    fn error_logs(&mut self) {
        for step in super::trace::appearance(self.outcome, VirtualTime::MAX) {
            let state = &self.states[step];
            if state.error.is_none() || state.canceled {
                continue;
            }
            self.out.push_str(&format!("------\n > {}:\n", self.outcome.steps[step].name));
            for line in state.log.iter().skip(state.log.len().saturating_sub(KEPT_LOG)) {
                self.out.push_str(&Progress::log_line(line));
                self.out.push('\n');
            }
            self.out.push_str("------\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::outcome;
    use super::*;

    fn check(events: &[(u64, usize, &str)], expect: &str) {
        assert_eq!(plain(&outcome(&["[a 1/1] RUN one", "[b 1/1] RUN two"], events), ""), expect);
    }

    #[test]
    fn one_after_the_other() {
        check(
            &[(0, 0, "start"), (129, 0, "log hello\n"), (1200, 0, "done"), (1300, 1, "cached")],
            "#1 [a 1/1] RUN one\n#1 0.129 hello\n#1 DONE 1.2s\n\n#2 [b 1/1] RUN two\n#2 CACHED\n",
        );
    }

    #[test]
    fn side_by_side_the_screen_switches() {
        check(
            &[(0, 0, "start"), (0, 1, "start"), (500, 0, "log x\n"), (1000, 1, "log y\n"), (2000, 1, "done"), (3000, 0, "done")],
            "#1 [a 1/1] RUN one\n#1 0.500 x\n#1 ...\n\n#2 [b 1/1] RUN two\n#2 1.000 y\n#2 DONE 2.0s\n\n#1 [a 1/1] RUN one\n#1 DONE 3.0s\n",
        );
    }

    #[test]
    fn a_failure_repeats_its_log() {
        check(
            &[(0, 0, "start"), (0, 1, "start"), (100, 0, "log no newline"), (200, 0, "fail exit code: 1"), (200, 1, "cancel")],
            "#1 [a 1/1] RUN one\n#1 0.100 no newline\n#1 ERROR: exit code: 1\n\n#2 [b 1/1] RUN two\n#2 CANCELED\n------\n > [a 1/1] RUN one:\n0.100 no newline\n------\n",
        );
    }
}
