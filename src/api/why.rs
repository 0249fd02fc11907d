//! Why a step ran, for the page: it words the causes in the reader's language by `kind`.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::types::mirror;
use crate::build::Cause;
use crate::report::Why;

mirror! {
    /// Why a step ran. `chain`: steps from it to the `root`, both included. `causes` hold for the root, the first one first. `nearest`: the record that it almost matched.
    pub struct WhyView { pub root: u32, pub chain: Vec<u32>, pub causes: Vec<CauseView>, pub nearest: Option<String>, pub builds_ago: u32 }

    /// A cause. `kind`: `new`, `no-cache`, `failed`, `gone`, `changed` (`what`: `variable V`, `command`, `mode`, …), `file` (`sign` `~` `+` `-`, `path`, `what` differs: `content`, `mode`, `owner`, `link`, `kind`; `more` files beside), `base`, `parent` (`to`: the step below; `from`: what stood there before).
    pub struct CauseView { pub kind: String, pub sign: String, pub path: String, pub what: String, pub from: Option<String>, pub to: Option<String>, pub more: u32 }
}

/// The mirror of a reason.
pub fn why_view(outcome: &crate::build::Outcome, why: &Why) -> WhyView {
    let name = |vertex: usize| outcome.plan.as_ref().and_then(|plan| plan.vertices.get(vertex)).map(|vertex| vertex.name.clone());
    let cause = |cause: &Cause| {
        let mut view =
            CauseView { kind: String::new(), sign: String::new(), path: String::new(), what: String::new(), from: None, to: None, more: 0 };
        view.kind = match cause {
            Cause::New => "new",
            Cause::NoCache => "no-cache",
            Cause::Failed => "failed",
            Cause::Gone => "gone",
            Cause::Changed { what, from, to } => {
                (view.what, view.from, view.to) = (what.clone(), from.clone(), to.clone());
                "changed"
            }
            Cause::File { change, more } => {
                (view.sign, view.path, view.what) = (change.sign.to_string(), change.path.clone(), change.what.to_owned());
                (view.from, view.to, view.more) = (Some(change.from.clone()), Some(change.to.clone()), *more as u32);
                "file"
            }
            Cause::Base { from, to } => {
                (view.from, view.to) = (Some(from.clone()), Some(to.clone()));
                "base"
            }
            Cause::Parent { vertex, before } => {
                (view.from, view.to) = (before.clone(), name(*vertex));
                "parent"
            }
        }
        .to_owned();
        view
    };
    WhyView {
        root: why.root as u32,
        chain: why.chain.iter().map(|step| *step as u32).collect(),
        causes: why.causes.iter().map(cause).collect(),
        nearest: why.nearest.as_ref().map(|nearest| nearest.name.clone()),
        builds_ago: why.nearest.as_ref().map_or(0, |nearest| nearest.builds_ago as u32),
    }
}
