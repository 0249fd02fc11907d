//! Why steps ran: the chain from a step to its first cause.

use crate::build::{Cause, Outcome, bare};

/// Why a step ran.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// The step.
    pub step: usize,
    /// The step that began it all: itself, or one that it stands on.
    pub root: usize,
    /// The steps from the step to the root, both included.
    pub chain: Vec<usize>,
    /// The root's cause.
    pub cause: Cause,
}

/// For a step that ran: its first cause.
pub fn why(outcome: &Outcome, step: usize) -> Option<Why> {
    let mut chain = vec![step];
    loop {
        let at = *chain.last()?;
        match outcome.steps.get(at)?.result.cause.clone()? {
            Cause::Parent { vertex } => {
                let parent = outcome.steps.iter().position(|step| step.vertex == Some(vertex));
                match parent.filter(|parent| !chain.contains(parent) && outcome.steps[*parent].result.cause.is_some()) {
                    Some(parent) => chain.push(parent),
                    None => return Some(Why { step, root: at, chain, cause: Cause::Parent { vertex } }),
                }
            }
            cause => return Some(Why { step, root: at, chain, cause }),
        }
    }
}

/// An answer in English.
pub fn sentence(outcome: &Outcome, why: &Why) -> String {
    let cause = text(outcome, &why.cause);
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
        Cause::Changed { what, from, to } if from.is_empty() => format!("{what} is now `{to}`"),
        Cause::Changed { what, from, to } if to.is_empty() => format!("{what} is no longer `{from}`"),
        Cause::Changed { what, from, to } => format!("{what} was `{from}` and is `{to}`"),
        Cause::File { sign: '+', path } => format!("`{path}` was added"),
        Cause::File { sign: '-', path } => format!("`{path}` was removed"),
        Cause::File { path, .. } => format!("`{path}` changed"),
        Cause::Base { from, to } => format!("the base image was `{from}` and is `{to}`"),
        Cause::Parent { vertex } => {
            let name = outcome.plan.as_ref().and_then(|plan| plan.vertices.get(*vertex)).map_or("", |vertex| bare(&vertex.name));
            format!("it stands on another `{name}`")
        }
        Cause::Gone => "its result was no longer in the cache".into(),
    }
}
