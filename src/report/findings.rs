//! What is worth saying of a build, as data: the page words it in the reader's language by `kind`.

use std::time::Duration;

use super::timeline::Timeline;
use super::why::{sentence, whys};
use crate::base::{Digest, set_of};
use crate::build::{Cause, Outcome, bare, is_subject};
use crate::machine::Fidelity;
use crate::plan::{Plan, StageSummary, VertexId};

/// A sentence as data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Finding {
    /// `left-behind`, `skipped-stage`, `parallel`, `cached`, `no-cache`, `ran-again`, `not-simulated`, `smaller`, `larger`, `faster`, `slower`.
    pub kind: &'static str,
    /// What the sentence names: of `smaller`, the stages in which stays what the image had; of `left-behind` and `skipped-stage`, all stages.
    pub values: Vec<String>,
    /// The step that it is about.
    pub step: Option<usize>,
    /// How many bytes.
    pub bytes: Option<u64>,
    /// How long.
    pub time: Option<Duration>,
}

/// The findings of a build; `before`: the build that it is compared with.
pub fn findings(outcome: &Outcome, timeline: &Timeline, before: Option<&Outcome>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(before.map(|before| compared(outcome, before)).unwrap_or_default());
    let left = left_behind(outcome, before, &mut findings);
    findings.extend(left);
    findings.extend(skipped(outcome));
    let gained = timeline.serial.saturating_sub(timeline.elapsed);
    if gained > Duration::from_millis(100) {
        findings.push(Finding { kind: "parallel", time: Some(gained), ..Finding::default() });
    }
    findings.extend(cached(outcome));
    findings.extend(no_cache(outcome));
    findings.extend(ran_again(outcome));
    findings.extend(not_simulated(outcome));
    findings
}

fn size(outcome: &Outcome) -> Option<u64> {
    let images = outcome.result.as_ref().ok()?;
    images.first().map(|image| image.layers.iter().map(|layer| layer.size).sum())
}

fn compared(outcome: &Outcome, before: &Outcome) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let (Some(now), Some(then)) = (size(outcome), size(before))
        && now != then
    {
        let kind = if now < then { "smaller" } else { "larger" };
        findings.push(Finding { kind, bytes: Some(now.abs_diff(then)), ..Finding::default() });
    }
    if outcome.result.is_ok() && before.result.is_ok() {
        let kind = if outcome.elapsed < before.elapsed { "faster" } else { "slower" };
        let time = outcome.elapsed.abs_diff(before.elapsed);
        findings.extend((time > Duration::from_millis(100)).then(|| Finding { kind, time: Some(time), ..Finding::default() }));
    }
    findings
}

/// Stages that the image only takes files from: what stays in them. If it was in the image before, it explains why that is smaller now.
fn left_behind(outcome: &Outcome, before: Option<&Outcome>, findings: &mut [Finding]) -> Option<Finding> {
    let (plan, image) = (outcome.plan.as_ref()?, size(outcome)?);
    let chain = chain(plan);
    let aside = |stage: &&StageSummary| stage.reachable && !stage.vertices.iter().any(|vertex| chain.contains(vertex));
    let stages: Vec<&StageSummary> = plan.stages.iter().filter(aside).collect();
    let vertices = set_of(stages.iter().filter_map(|stage| stage.vertices.last()).flat_map(|last| below(plan, *last)));
    let bytes = vertices.iter().map(|vertex| growth(outcome, plan, *vertex)).sum::<u64>().saturating_sub(image);
    let names: Vec<String> = stages.iter().map(|stage| stage.name.clone()).collect();
    let shipped = before.and_then(|before| before.plan.as_ref()).map(shipped).unwrap_or_default();
    match findings.iter_mut().find(|finding| finding.kind == "smaller") {
        Some(smaller) if vertices.iter().any(|vertex| shipped.contains(&plan.vertices[*vertex].digest)) => {
            smaller.values = names;
            None
        }
        _ => (bytes > 0).then(|| Finding { kind: "left-behind", values: names, bytes: Some(bytes), ..Finding::default() }),
    }
}

/// A vertex and those whose file systems it changes, down to the base image.
fn below(plan: &Plan, vertex: VertexId) -> Vec<VertexId> {
    std::iter::successors(Some(vertex), |id| plan.below(*id)).collect()
}

/// What the first image is made of.
fn chain(plan: &Plan) -> Vec<VertexId> {
    plan.results.first().and_then(|target| target.vertex).map(|vertex| below(plan, vertex)).unwrap_or_default()
}

/// The operations that the first image is made of.
fn shipped(plan: &Plan) -> Vec<Digest> {
    chain(plan).into_iter().map(|vertex| plan.vertices[vertex].digest).collect()
}

/// By how many bytes a vertex makes the file system larger.
fn growth(outcome: &Outcome, plan: &Plan, vertex: VertexId) -> u64 {
    let size = |vertex: VertexId| {
        let step = outcome.steps.iter().find(|step| step.vertex == Some(vertex));
        step.and_then(|step| step.result.tree.as_ref()).map_or(0, |tree| tree.size())
    };
    size(vertex).saturating_sub(plan.below(vertex).map_or(0, size))
}

fn skipped(outcome: &Outcome) -> Option<Finding> {
    let stages = outcome.plan.iter().flat_map(|plan| &plan.stages).filter(|stage| !stage.reachable);
    let names: Vec<String> = stages.map(|stage| stage.name.clone()).collect();
    (!names.is_empty()).then(|| Finding { kind: "skipped-stage", values: names, ..Finding::default() })
}

/// How many steps the cache answered, and how long they took when they ran.
fn cached(outcome: &Outcome) -> Option<Finding> {
    let steps = || outcome.steps.iter().filter(|step| step.result.cached && step.vertex.is_some());
    let time = steps().map(|step| step.result.saved).sum();
    (steps().count() > 0).then(|| Finding {
        kind: "cached",
        values: vec![steps().count().to_string()],
        time: Some(time),
        ..Finding::default()
    })
}

/// How many steps ran because the cache was not to be asked.
fn no_cache(outcome: &Outcome) -> Option<Finding> {
    let count = whys(outcome).iter().flatten().filter(|why| matches!(why.causes.first(), Some(Cause::NoCache))).count();
    (count > 0).then(|| Finding { kind: "no-cache", values: vec![count.to_string()], ..Finding::default() })
}

/// Steps whose own change made them run: those that only follow are not told.
fn ran_again(outcome: &Outcome) -> Vec<Finding> {
    let whys = whys(outcome);
    let finding = |id: usize| {
        let why = whys.get(id)?.as_ref()?;
        let followers = whys.iter().flatten().filter(|other| other.step != id && other.root == id).count();
        let step = outcome.steps.get(id)?;
        let length = step.result.completed?.saturating_sub(step.result.started?);
        let told = why.root == id
            && match why.causes.first() {
                None | Some(Cause::New | Cause::NoCache | Cause::Parent { .. }) => false,
                // That another instruction stands there now is no news to who wrote it.
                Some(Cause::Changed { what, .. }) => !is_subject(what),
                Some(_) => true,
            };
        told.then(|| Finding {
            kind: "ran-again",
            values: vec![bare(&step.name).to_owned(), sentence(outcome, why), followers.to_string()],
            step: Some(id),
            time: Some(length),
            ..Finding::default()
        })
    };
    (0..outcome.steps.len()).filter_map(finding).collect()
}

fn not_simulated(outcome: &Outcome) -> Vec<Finding> {
    let steps = outcome.steps.iter().enumerate().filter(|(_, step)| step.result.fidelity == Fidelity::NotSimulated && !step.result.cached);
    steps
        .map(|(id, step)| Finding {
            kind: "not-simulated",
            values: vec![bare(&step.name).to_owned()],
            step: Some(id),
            ..Finding::default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::timeline;
    use super::*;
    use crate::base::Source;
    use crate::build::{Cache, Settings, run};
    use crate::filesystem::{ImagePath, Metadata, Node, Tree};
    use crate::plan::{Request, plan};
    use crate::world::{Images, World};

    fn request(dockerfile: &str) -> Request {
        Request::of(Source::new("Dockerfile", dockerfile))
    }

    fn world(files: &[(&str, &str)]) -> World {
        let add = |tree: Tree, (path, text): &(&str, &str)| {
            tree.insert(&ImagePath::new(path), Node::file(Metadata::root(0o644, 0), text.as_bytes().to_vec())).unwrap()
        };
        World::local(files.iter().fold(Tree::empty(), add), Images::Store(BTreeMap::new(), Default::default()))
    }

    /// Two builds after each other: the findings of the second that are about steps and stages.
    fn check(first: (&str, &[(&str, &str)]), second: (&str, &[(&str, &str)]), expect: &[&str]) {
        let build = |(dockerfile, files): (&str, &[(&str, &str)]), cache: &Cache| {
            let (request, world) = (request(dockerfile), world(files));
            run(plan(&request, &world), &request, &world, cache, &Settings::default())
        };
        let (before, cache) = build(first, &Cache::default());
        let (outcome, _) = build(second, &cache);
        let found = findings(&outcome, &timeline(&outcome), Some(&before));
        let told: Vec<String> = found
            .iter()
            .filter(|finding| !["parallel", "faster", "slower", "cached"].contains(&finding.kind))
            .map(|finding| format!("{} {}", finding.kind, finding.values.join(" | ")).trim().to_owned())
            .collect();
        assert_eq!(told, expect);
    }

    #[test]
    fn the_first_cause_is_named() {
        let file = "FROM scratch\nCOPY a /a\nCOPY b /b\n";
        check((file, &[("a", "1"), ("b", "1")]), (file, &[("a", "2"), ("b", "1")]), &["ran-again COPY a /a | `a` changed | 1"]);
        check((file, &[("a", "1"), ("b", "1")]), (file, &[("a", "1"), ("b", "1")]), &[]);
        let other = "FROM scratch\nCOPY a /a\nCOPY --chmod=600 b /b\n";
        let cause = "ran-again COPY --chmod=600 b /b | mode is now `0600` | 0";
        check((file, &[("a", "1"), ("b", "1")]), (other, &[("a", "1"), ("b", "1")]), &[cause]);
    }

    #[test]
    fn a_long_chain_has_one_beginning() {
        let file =
            |value: &str| format!("FROM busybox\nARG V={value}\n{}", (0..150).map(|i| format!("RUN echo {i}\n")).collect::<String>());
        let cause = "ran-again RUN echo 0 | variable V was `1` and is `2` | 149";
        check((&file("1"), &[]), (&file("2"), &[]), &[cause]);
    }

    #[test]
    fn stages_stay_behind_or_are_skipped() {
        let one = "FROM scratch AS build\nCOPY a /a\nCOPY b /b\n";
        let two = "FROM scratch AS build\nCOPY a /a\nCOPY b /b\nFROM scratch AS no\nCOPY a /\nFROM scratch\nCOPY --from=build /a /a\n";
        let files: &[(&str, &str)] = &[("a", "1"), ("b", "12345")];
        check((two, files), (two, files), &["left-behind build", "skipped-stage no"]);
        check((one, files), (two, files), &["smaller build", "skipped-stage no"]);
    }
}
