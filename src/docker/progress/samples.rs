//! Small builds made by hand, for the tests of the printers.

use std::time::Duration;

use crate::base::{Code, Diagnostic, Digest};
use crate::build::{Event, EventKind, Outcome, Step, StepResult};
use crate::machine::{Fidelity, Stream};

/// Steps of these names; events as (milliseconds, step, `start` | `log TEXT` | `status ID CURRENT` | `done` | `cached` | `fail TEXT` | `cancel`).
pub fn outcome(names: &[&str], events: &[(u64, usize, &str)]) -> Outcome {
    let result = StepResult {
        started: None,
        completed: None,
        cached: false,
        error: None,
        tree: None,
        fidelity: Fidelity::Ran,
        tally: Default::default(),
        reason: None,
        saved: Duration::ZERO,
    };
    let step = |name: &&str| Step {
        digest: Digest::of(name),
        name: (*name).to_owned(),
        vertex: None,
        lines: Vec::new(),
        inputs: Vec::new(),
        result: result.clone(),
    };
    let event = |&(at, step, text): &(u64, usize, &str)| Event { at: Duration::from_millis(at), step, kind: kind(text) };
    Outcome {
        plan: None,
        steps: names.iter().map(step).collect(),
        events: events.iter().map(event).collect(),
        elapsed: Duration::from_millis(events.last().map_or(0, |event| event.0)),
        result: Err(Diagnostic::error(Code::Execute, "sample", Vec::new())),
        warnings: Vec::new(),
    }
}

fn kind(text: &str) -> EventKind {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        "start" => EventKind::Started,
        "log" => EventKind::Log { stream: Stream::Stdout, data: rest.as_bytes().to_vec() },
        "status" => EventKind::Status { id: rest.to_owned(), current: 719, total: 0, completed: true },
        "cached" => EventKind::Cached,
        "fail" => EventKind::Failed(rest.to_owned()),
        "cancel" => EventKind::Canceled,
        _ => EventKind::Completed,
    }
}
