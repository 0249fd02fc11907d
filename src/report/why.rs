//! Why steps ran: the chain from a step to its first cause, and an answer in English.

use std::collections::BTreeMap;

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
    told(outcome, &followed(outcome), step)
}

/// [`why`] of every step.
pub fn whys(outcome: &Outcome) -> Vec<Option<Why>> {
    let below = followed(outcome);
    (0..outcome.steps.len()).map(|step| told(outcome, &below, step)).collect()
}

fn told(outcome: &Outcome, below: &[Option<usize>], step: usize) -> Option<Why> {
    let chain: Vec<usize> = std::iter::successors(Some(step), |at| below.get(*at).copied().flatten()).collect();
    let root = *chain.last()?;
    let reason = reason(outcome, root)?;
    Some(Why { step, root, chain, causes: reason.causes.clone(), nearest: reason.nearest.clone() })
}

fn reason(outcome: &Outcome, step: usize) -> Option<&Reason> {
    outcome.steps.get(step)?.result.reason.as_ref()
}

/// For each step the one below that ran, if it has no cause of its own, or only those that began it all.
fn followed(outcome: &Outcome) -> Vec<Option<usize>> {
    let steps: BTreeMap<usize, usize> = outcome.steps.iter().enumerate().filter_map(|(id, step)| Some((step.vertex?, id))).collect();
    let mut below = vec![None; outcome.steps.len()];
    let mut roots: Vec<usize> = (0..outcome.steps.len()).collect();
    // Vertices come after their inputs: what a step stands on is known.
    for step in steps.values() {
        let parent = reason(outcome, *step).and_then(|why| {
            let vertex = why.causes.iter().find_map(|cause| if let Cause::Parent { vertex, .. } = cause { Some(vertex) } else { None })?;
            let parent = *steps.get(vertex)?;
            let (near, root) = (reason(outcome, parent)?, reason(outcome, roots[parent])?);
            let shared = |cause: &Cause| match cause {
                Cause::Parent { .. } => true,
                // The whole stage runs in the changed environment.
                Cause::Changed { what, .. } => is_shared(what) && (near.causes.contains(cause) || root.causes.contains(cause)),
                _ => false,
            };
            why.causes.iter().all(shared).then_some(parent)
        });
        if let Some(parent) = parent {
            below[*step] = Some(parent);
            roots[*step] = roots[parent];
        }
    }
    below
}

/// Whether steps have a part in common with those after them.
fn is_shared(what: &str) -> bool {
    let of_the_build = matches!(what, "platform" | "host" | "limits" | "cgroup parent" | "shared memory" | "network");
    of_the_build || what.starts_with("variable ") || matches!(what, "working directory" | "user")
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
