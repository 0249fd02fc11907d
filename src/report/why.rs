//! Why steps ran: the chain from a step to its first cause, and an answer in English.

use crate::build::{Cause, FileChange, Nearest, Outcome, Reason, bare};

/// Why a step ran.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// The step.
    pub step: usize,
    /// The step that began it all: itself, or one that it stands on.
    pub root: usize,
    /// The steps from the step to the root, both included.
    pub chain: Vec<usize>,
    /// What holds for the root, the first cause first.
    pub causes: Vec<Cause>,
    /// The record that the root almost matched.
    pub nearest: Option<Nearest>,
}

/// For a step that ran: its first cause.
pub fn why(outcome: &Outcome, step: usize) -> Option<Why> {
    let mut chain = vec![step];
    loop {
        let at = *chain.last()?;
        let reason = reason(outcome, at)?;
        match parent(outcome, reason).filter(|parent| !chain.contains(parent)) {
            Some(parent) => chain.push(parent),
            None => return Some(Why { step, root: at, chain, causes: reason.causes.clone(), nearest: reason.nearest.clone() }),
        }
    }
}

fn reason(outcome: &Outcome, step: usize) -> Option<&Reason> {
    outcome.steps.get(step)?.result.reason.as_ref()
}

/// The step below that ran, if a step has no cause of its own, or only those that the one below has too.
fn parent(outcome: &Outcome, why: &Reason) -> Option<usize> {
    let below = why.causes.iter().find_map(|cause| if let Cause::Parent { vertex, .. } = cause { Some(*vertex) } else { None })?;
    let parent = outcome.steps.iter().position(|step| step.vertex == Some(below))?;
    let mut known = reason(outcome, parent)?.causes.clone();
    if why.causes.len() > 1 {
        known.extend(self::why(outcome, parent)?.causes);
    }
    let shared = |cause: &Cause| match cause {
        Cause::Parent { .. } => true,
        // The whole stage runs in the changed environment.
        Cause::Changed { what, .. } => is_shared(what) && known.contains(cause),
        _ => false,
    };
    why.causes.iter().all(shared).then_some(parent)
}

/// Whether steps have a part in common with those after them.
fn is_shared(what: &str) -> bool {
    what.starts_with("variable ") || matches!(what, "working directory" | "user" | "platform")
}

/// An answer in English.
pub fn sentence(outcome: &Outcome, why: &Why) -> String {
    let texts: Vec<String> = why.causes.iter().map(|cause| text(outcome, cause)).filter(|text| !text.is_empty()).collect();
    let cause = texts.join("; ");
    if why.root == why.step {
        return cause;
    }
    let root = outcome.steps.get(why.root).map_or("", |step| bare(&step.name));
    format!("`{root}` ran again before it: {cause}")
}

fn text(outcome: &Outcome, cause: &Cause) -> String {
    match cause {
        Cause::New => "nothing like it ran before".into(),
        Cause::NoCache => "the cache was switched off for it".into(),
        Cause::Failed => "it failed the last time, which leaves nothing to use again".into(),
        Cause::Gone => "its result was no longer in the cache".into(),
        Cause::Changed { what, from, to } => match (from.as_deref(), to.as_deref()) {
            (None | Some(""), Some(to)) => format!("{what} is now `{to}`"),
            (Some(from), None | Some("")) => format!("{what} is no longer `{from}`"),
            (from, to) => format!("{what} was `{}` and is `{}`", from.unwrap_or(""), to.unwrap_or("")),
        },
        Cause::File { change, more: 0 } => file(change),
        Cause::File { change, more } => format!("{}, and {more} more files", file(change)),
        Cause::Base { from, to } => format!("the base image was `{}` and is `{to}`", if from.is_empty() { "another one" } else { from }),
        Cause::Parent { vertex, before } => {
            let name = outcome.plan.as_ref().and_then(|plan| plan.vertices.get(*vertex)).map_or("", |vertex| bare(&vertex.name));
            match before.as_deref().map(bare) {
                Some(before) if before != name => format!("it stands on `{name}` and no longer on `{before}`"),
                _ => format!("it stands on another `{name}`"),
            }
        }
    }
}

fn file(change: &FileChange) -> String {
    let FileChange { sign, path, what, from, to } = change;
    match (sign, *what) {
        ('+', _) => format!("`{path}` was added"),
        ('-', _) => format!("`{path}` was removed"),
        (_, "content") => format!("`{path}` changed"),
        (_, what) => format!("{what} of `{path}` was `{from}` and is `{to}`"),
    }
}
