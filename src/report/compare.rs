//! Two ways to build, side by side: schedule, steps, sizes, and what the same edit costs in each.

use std::time::Duration;

use super::advice::{Measure, measured};
use super::forecast::{Outlook, prospects};
use super::timeline::timeline;
use crate::build::{Outcome, Settings, bare};
use crate::plan::Request;
use crate::world::World;

/// One side.
#[derive(Debug, Clone)]
pub struct Side {
    /// The first build, nothing cached.
    pub outcome: Outcome,
    /// All steps one after the other.
    pub serial: Duration,
    /// The steps that decide how long it takes.
    pub critical_path: Vec<usize>,
    /// Cold, after the edit, bytes.
    pub measure: Measure,
    /// After the edit: how many steps are cached, and run.
    pub after_edit: (u32, u32),
}

/// Both sides, and the steps that they have in common.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The sides.
    pub sides: [Side; 2],
    /// Steps by title: those of either side, the common ones together.
    pub pairs: Vec<[Option<usize>; 2]>,
    /// The file whose edit was tried; empty: none.
    pub edited: String,
}

/// Builds both, cold and after an edit of a source file of the first. The error is that of the side that fails.
pub fn compare(one: (&Request, &World), two: (&Request, &World), settings: &Settings) -> Result<Comparison, String> {
    let edited = super::advice::typical_edit(one.0, one.1, settings);
    let side = |(request, world): (&Request, &World)| {
        let (outcome, warm, measure) = measured(request, world, settings, edited.as_ref())?;
        let timeline = timeline(&outcome);
        let count = |outlook| prospects(&warm).iter().filter(|prospect| prospect.outlook == outlook && !prospect.sends).count() as u32;
        let after_edit = (count(Outlook::Cached), count(Outlook::Runs));
        Ok::<_, String>(Side { serial: timeline.serial, critical_path: timeline.critical_path, measure, after_edit, outcome })
    };
    let sides = [side(one)?, side(two)?];
    let pairs = pairs(&sides[0].outcome, &sides[1].outcome);
    Ok(Comparison { sides, pairs, edited: edited.map_or(String::new(), |path| path.relative().to_owned()) })
}

/// The steps of two builds by title, as [`Comparison::pairs`].
pub fn pairs(one: &Outcome, two: &Outcome) -> Vec<[Option<usize>; 2]> {
    let steps = |outcome: &Outcome| -> Vec<usize> { prospects(outcome).iter().map(|prospect| prospect.step).collect() };
    let mut rest = steps(two);
    let mut pairs: Vec<[Option<usize>; 2]> = Vec::new();
    for step in steps(one) {
        let same = |other: &usize| bare(&two.steps[*other].name) == bare(&one.steps[step].name);
        let other = rest.iter().position(same).map(|at| rest.remove(at));
        pairs.push([Some(step), other]);
    }
    pairs.extend(rest.into_iter().map(|step| [None, Some(step)]));
    pairs
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::base::Source;
    use crate::filesystem::{ImagePath, Metadata, Node, Tree};
    use crate::world::Images;

    #[test]
    fn the_same_edit_costs_each_side_its_own() {
        let file = Node::file(Metadata::root(0o644, 0), b"1".to_vec());
        let world =
            World::local(Tree::empty().insert(&ImagePath::new("a.txt"), file).unwrap(), Images::Store(BTreeMap::new(), Default::default()));
        let request = |text: &str| Request::of(Source::new("Dockerfile", text));
        let (one, two) = ("FROM busybox\nCOPY a.txt /\nRUN sleep 5\n", "FROM busybox\nRUN sleep 5\nRUN true\nCOPY a.txt /\n");
        let (one, two) = (request(one), request(two));
        let found = compare((&one, &world), (&two, &world), &Settings::default()).unwrap();
        assert_eq!(found.edited, "a.txt");
        assert_eq!(found.sides.clone().map(|side| side.after_edit), [(1, 2), (3, 1)]);
        assert!(found.sides[0].measure.rebuild > Duration::from_secs(5) && found.sides[1].measure.rebuild < Duration::from_secs(1));
        assert_eq!(found.pairs.iter().filter(|pair| pair.iter().all(Option::is_some)).count(), 4);
        let failing = compare((&one, &world), (&request("FROM busybox\nRUN false\n"), &world), &Settings::default());
        assert!(failing.unwrap_err().contains("exit code: 1"));
    }
}
