//! Two builds side by side, for the page.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::advice::MeasureView;
use super::playground::Playground;
use super::project::ProjectClient;
use super::types::{StepView, mirror};
use super::view;
use crate::build::Outcome;
use crate::docker::command::parse_build;
use crate::docker::simulate;
use crate::report::{self, Side};

mirror! {
    /// Two builds side by side. `pairs`: steps by title, as indices in each side's `steps`; what only one has is alone. `edited`: the file whose edit was tried in both. `error`: why there is nothing to compare.
    pub struct SideBySideView { pub sides: Vec<SideView>, pub pairs: Vec<PairView>, pub edited: String, pub error: Option<String> }

    /// One side: its cold build, and what an edit costs.
    pub struct SideView { pub steps: Vec<StepView>, pub serial_ms: f64, pub critical_path: Vec<u32>, pub measure: MeasureView, pub cached_after_edit: u32, pub run_after_edit: u32 }

    /// A step of either side, or of both.
    pub struct PairView { pub name: String, pub first: Option<u32>, pub second: Option<u32> }
}

/// Compares what two `docker build …` lines would do.
pub fn compare(playground: &Playground, one: &str, two: &str) -> SideBySideView {
    let command = |line: &str| super::forecast::words(playground, line).and_then(|words| parse_build(&words).map_err(|error| error.text()));
    let client = ProjectClient { project: &playground.project, images: playground.images() };
    let compared = command(one).and_then(|one| simulate::compare(&one, &command(two)?, &client));
    let found = match compared {
        Ok(found) => found,
        Err(error) => return SideBySideView { sides: Vec::new(), pairs: Vec::new(), edited: String::new(), error: Some(error) },
    };
    let side = |side: &Side| SideView {
        steps: view::steps(&side.outcome),
        serial_ms: view::ms(side.serial),
        critical_path: side.critical_path.iter().map(|step| *step as u32).collect(),
        measure: super::advice::measure(&side.measure),
        cached_after_edit: side.after_edit.0,
        run_after_edit: side.after_edit.1,
    };
    SideBySideView {
        sides: found.sides.iter().map(side).collect(),
        pairs: named(&found.pairs, [&found.sides[0].outcome, &found.sides[1].outcome]),
        edited: found.edited.clone(),
        error: None,
    }
}

/// The steps of two builds by title.
pub fn pairs(one: &Outcome, two: &Outcome) -> Vec<PairView> {
    named(&report::pairs(one, two), [one, two])
}

fn named(pairs: &[[Option<usize>; 2]], outcomes: [&Outcome; 2]) -> Vec<PairView> {
    let name = |pair: &[Option<usize>; 2]| {
        let of = |side: usize| Some(crate::build::bare(&outcomes[side].steps.get(pair[side]?)?.name).to_owned());
        of(0).or_else(|| of(1)).unwrap_or_default()
    };
    let id = |step: Option<usize>| step.map(|step| step as u32);
    pairs.iter().map(|pair| PairView { name: name(pair), first: id(pair[0]), second: id(pair[1]) }).collect()
}
