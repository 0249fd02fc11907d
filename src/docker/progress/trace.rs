//! The state of a build's steps at a moment: a fold over its events. BuildKit's `progressui.trace`.

use crate::base::VirtualTime;
use crate::build::{Event, EventKind, Outcome};

type StepId = usize;

/// A step as far as it has come.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// When it began; `None`: not yet.
    pub started: Option<VirtualTime>,
    /// When it ended.
    pub completed: Option<VirtualTime>,
    /// Answered from the cache.
    pub cached: bool,
    /// BuildKit's text.
    pub error: Option<String>,
    /// Stopped because another step failed.
    pub canceled: bool,
    /// In order of appearance.
    pub statuses: Vec<StatusLine>,
    /// What it wrote so far.
    pub log: Vec<LogLine>,
    /// The last line of the log has no newline yet.
    pub partial: bool,
    /// `RuleName: …`
    pub warnings: Vec<String>,
}

/// A status of a step: `transferring context:`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct StatusLine {
    pub id: String,
    pub current: u64,
    pub total: u64,
    pub started: VirtualTime,
    pub updated: VirtualTime,
    pub completed: bool,
}

/// A line of output, with the time since its step began.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct LogLine {
    pub after: VirtualTime,
    pub text: String,
}

impl Progress {
    /// `0.129 text`: three digits after the point below ten seconds, two below a hundred, then one.
    pub fn log_line(line: &LogLine) -> String {
        let seconds = line.after.as_secs_f64();
        let digits = match seconds {
            s if s < 10.0 => 3,
            s if s < 100.0 => 2,
            _ => 1,
        };
        format!("{seconds:.digits$} {}", line.text)
    }

    /// ` 719B`, ` 1MB / 3MB`, or nothing.
    pub fn amount(status: &StatusLine) -> String {
        use crate::docker::units::progress_size;
        match (status.total, status.current) {
            (0, 0) => String::new(),
            (0, current) => progress_size(current),
            (total, current) => format!("{} / {}", progress_size(current), progress_size(total)),
        }
    }

    /// Seconds that it has been running at `now`.
    pub fn seconds(&self, now: VirtualTime) -> f64 {
        let start = self.started.unwrap_or(now);
        self.completed.unwrap_or(now).saturating_sub(start).as_secs_f64()
    }
}

/// The states of all steps after every event up to and with `until`.
pub fn states(outcome: &Outcome, until: VirtualTime) -> Vec<Progress> {
    let mut states = vec![Progress::default(); outcome.steps.len()];
    for event in outcome.events.iter().take_while(|event| event.at <= until) {
        if let Some(state) = states.get_mut(event.step) {
            apply(state, event);
        }
    }
    states
}

/// One event.
pub fn apply(state: &mut Progress, event: &Event) {
    match &event.kind {
        EventKind::Started => state.started = state.started.or(Some(event.at)),
        EventKind::Status { id, current, total, completed } => status(state, event.at, id, *current, *total, *completed),
        EventKind::Log { data, .. } => log(state, event.at, data),
        EventKind::Warning(warning) => state.warnings.push(super::excerpt::warning_line(warning)),
        EventKind::Cached => {
            state.cached = true;
            end(state, event.at);
        }
        EventKind::Completed => end(state, event.at),
        EventKind::Failed(error) => {
            state.error = Some(error.clone());
            end(state, event.at);
        }
        EventKind::Canceled => {
            state.canceled = true;
            end(state, event.at);
        }
    }
}

fn end(state: &mut Progress, at: VirtualTime) {
    state.started = state.started.or(Some(at));
    state.completed = state.completed.or(Some(at));
}

fn status(state: &mut Progress, at: VirtualTime, id: &str, current: u64, total: u64, completed: bool) {
    let started = match state.statuses.iter_mut().find(|status| status.id == id) {
        Some(known) => {
            *known = StatusLine { current, total, completed, updated: at, ..known.clone() };
            return;
        }
        None => at,
    };
    state.statuses.push(StatusLine { id: id.to_owned(), current, total, started, updated: at, completed });
}

fn log(state: &mut Progress, at: VirtualTime, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if text.is_empty() {
        return;
    }
    let complete = text.ends_with('\n');
    let after = at.saturating_sub(state.started.unwrap_or(at));
    for (i, piece) in text.strip_suffix('\n').unwrap_or(&text).split('\n').enumerate() {
        match state.log.last_mut() {
            Some(last) if i == 0 && state.partial => last.text.push_str(piece),
            _ => state.log.push(LogLine { after, text: piece.to_owned() }),
        }
    }
    state.partial = !complete;
}

/// The steps that have begun, in the order in which they did.
pub fn appearance(outcome: &Outcome, until: VirtualTime) -> Vec<StepId> {
    let mut seen = Vec::new();
    for event in outcome.events.iter().take_while(|event| event.at <= until) {
        if event.step < outcome.steps.len() && !seen.contains(&event.step) {
            seen.push(event.step);
        }
    }
    seen
}
