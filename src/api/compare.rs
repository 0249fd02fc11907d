//! Two builds side by side, for the page.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::advice::MeasureView;
use super::playground::{Build, Playground};
use super::project::ProjectClient;
use super::types::mirror;
use crate::build::Outcome;
use crate::docker::command::parse_build;
use crate::docker::simulate;
use crate::plan::Request;
use crate::report::{self, Comparison, Side};
use crate::world::World;

mirror! {
    /// Two ways to build under one edit. `edited`: the file whose edit was tried in both. `error`: why there is nothing to compare.
    pub struct SideBySideView { pub sides: Vec<SideView>, pub edited: String, pub error: Option<String> }

    /// One side: its cold build, and what an edit costs.
    pub struct SideView { pub serial_ms: f64, pub measure: MeasureView, pub cached_after_edit: u32, pub run_after_edit: u32 }

    /// A step of either build, or of both, as indices in each one's `steps`.
    pub struct PairView { pub name: String, pub first: Option<u32>, pub second: Option<u32> }
}

/// Compares what two `docker build …` lines would do.
pub fn compare(playground: &Playground, one: &str, two: &str) -> SideBySideView {
    let command = |line: &str| super::forecast::words(playground, line).and_then(|words| parse_build(&words).map_err(|error| error.text()));
    let client = ProjectClient { project: &playground.project, images: playground.images() };
    view(command(one).and_then(|one| simulate::compare(&one, &command(two)?, &client)))
}

/// Compares two builds that were.
pub fn same_edit(playground: &Playground, one: u32, two: u32) -> SideBySideView {
    let both = playground.find(one).zip(playground.find(two)).ok_or_else(|| "no such build".to_owned());
    fn of(build: &Build) -> (&Request, &World) {
        (&build.simulation.request, &build.world)
    }
    view(both.and_then(|(one, two)| simulate::compare_prepared(&one.command, of(one), of(two))))
}

fn view(compared: Result<Comparison, String>) -> SideBySideView {
    let found = match compared {
        Ok(found) => found,
        Err(error) => return SideBySideView { sides: Vec::new(), edited: String::new(), error: Some(error) },
    };
    let side = |side: &Side| SideView {
        serial_ms: super::view::ms(side.serial),
        measure: super::advice::measure(&side.measure),
        cached_after_edit: side.after_edit.0,
        run_after_edit: side.after_edit.1,
    };
    SideBySideView { sides: found.sides.iter().map(side).collect(), edited: found.edited.clone(), error: None }
}

/// The steps of two builds by title.
pub fn pairs(one: &Outcome, two: &Outcome) -> Vec<PairView> {
    let outcomes = [one, two];
    let name = |pair: &[Option<usize>; 2]| {
        let of = |side: usize| Some(crate::build::bare(&outcomes[side].steps.get(pair[side]?)?.name).to_owned());
        of(0).or_else(|| of(1)).unwrap_or_default()
    };
    let id = |step: Option<usize>| step.map(|step| step as u32);
    report::pairs(one, two).iter().map(|pair| PairView { name: name(pair), first: id(pair[0]), second: id(pair[1]) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_builds_and_one_edit() {
        let mut playground = Playground::new();
        playground.write_file("a.txt", b"1".to_vec(), 1.0);
        let mut build = |text: &str| {
            playground.write_file("Dockerfile", text.into(), 1.0);
            playground.command("docker build .", 0.0).build.expect("a build").id
        };
        let (one, two) = (build("FROM busybox\nCOPY a.txt /\nRUN sleep 5\n"), build("FROM busybox\nRUN sleep 5\nCOPY a.txt /\n"));
        let found = playground.same_edit(one, two);
        assert_eq!((found.edited.as_str(), found.error, found.sides.len()), ("a.txt", None, 2));
        assert_eq!([0, 1].map(|side| found.sides[side].run_after_edit), [2, 1]);
        assert!(found.sides[0].measure.rebuild_ms > 5000.0 && found.sides[1].measure.rebuild_ms < 1000.0);
        assert_eq!(playground.same_edit(one, 9).error.as_deref(), Some("no such build"));
    }
}
