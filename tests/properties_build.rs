//! Building holds for any project and any sequence of edits: the same input gives the same bytes, neither the cache nor the
//! number of workers can change an image, steps start after their inputs, and a forecast is what then happens.

mod common;

use std::collections::BTreeMap;

use bottleship::build::{self, Cache, Outcome, Settings};
use bottleship::plan::{Request, plan};
use bottleship::world::World;
use common::{request, tree, world_of};
use proptest::prelude::*;

/// Lines of a stage; some fail in some projects.
const LINES: &[&str] = &[
    "COPY a /a",
    "COPY a b /both/",
    "COPY . /all/",
    "COPY *.txt /texts/",
    "COPY d /d/",
    "COPY --chmod=600 b /b",
    "COPY --exclude=*.txt . /some/",
    "COPY --link a /linked/a",
    "COPY --link --from=one /v /linked/v",
    "COPY <<E /here\nhello\nE",
    "ADD d/x /x",
    "RUN cat /all/a > /sum; true",
    "RUN echo $V > /v",
    "RUN echo $W$V >> /v; echo told",
    "RUN mkdir -p /d && echo new > /d/new",
    "RUN rm -rf /all",
    "RUN test ! -e /all/d/x",
    "RUN --mount=type=bind,target=/m ls /m > /list",
    "RUN --mount=type=bind,source=d,target=/m cat /m/x > /x2",
    "RUN --mount=type=secret,id=s true",
    "ENV V=1",
    "ENV V=2",
    "ARG V=3",
    "ARG W",
    "WORKDIR /w",
    "WORKDIR deeper",
    "USER 7:7",
    "SHELL [\"/bin/sh\", \"-e\", \"-c\"]",
    "LABEL l=1",
    "CMD x",
];
const PATHS: &[&str] = &["a", "b", "c.txt", "e.txt", "d/x", "d/y.txt", ".dockerignore"];
const TEXTS: &[&str] = &["", "1\n", "2\n", "d/y.txt\n", "*.txt\n!c.txt\n"];

#[derive(Debug, Clone)]
enum Edit {
    Write(usize, usize, bool),
    Remove(usize),
    Line(usize, usize, usize),
    Drop(usize, usize),
    Base(usize),
}

#[derive(Debug, Clone)]
struct How {
    workers: usize,
    no_cache: bool,
    filter: bool,
    argument: Option<u8>,
}

#[derive(Debug, Clone, Default)]
struct Project {
    files: BTreeMap<usize, (usize, bool)>,
    stages: [Vec<usize>; 2],
    base: usize,
}

impl Project {
    fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Write(path, text, executable) => drop(self.files.insert(*path, (*text, *executable))),
            Edit::Remove(path) => drop(self.files.remove(path)),
            Edit::Line(stage, at, line) => {
                let lines = &mut self.stages[*stage];
                let at = at % (lines.len() + 1);
                lines.insert(at, *line);
                lines.truncate(7);
            }
            Edit::Drop(stage, at) => {
                let lines = &mut self.stages[*stage];
                if !lines.is_empty() {
                    lines.remove(at % lines.len());
                }
            }
            Edit::Base(base) => self.base = *base,
        }
    }

    fn dockerfile(&self) -> String {
        let body = |lines: &[usize]| lines.iter().map(|line| format!("{}\n", LINES[*line])).collect::<String>();
        let base = ["one", "busybox", "scratch"][self.base];
        format!(
            "FROM busybox AS one\n{}RUN touch /v\nFROM {base} AS two\n{}COPY --from=one /v /from-one\n",
            body(&self.stages[0]),
            body(&self.stages[1])
        )
    }

    fn world(&self) -> World {
        let file =
            |(path, (text, executable)): (&usize, &(usize, bool))| (PATHS[*path], TEXTS[*text], if *executable { 0o755 } else { 0o644 });
        world_of(tree(self.files.iter().map(file)))
    }

    fn request(&self, how: &How) -> Request {
        let text = how.argument.map(|value| value.to_string());
        let args: Vec<(&str, &str)> = text.iter().map(|value| ("W", value.as_str())).collect();
        Request {
            no_cache: how.no_cache,
            no_cache_filter: if how.filter { vec!["two".into()] } else { Vec::new() },
            ..request(&self.dockerfile(), &args)
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (0..PATHS.len(), 0..TEXTS.len(), any::<bool>()).prop_map(|(path, text, mode)| Edit::Write(path, text, mode)),
        1 => (0..PATHS.len()).prop_map(Edit::Remove),
        4 => (0..2_usize, 0..8_usize, 0..LINES.len()).prop_map(|(stage, at, line)| Edit::Line(stage, at, line)),
        2 => (0..2_usize, 0..8_usize).prop_map(|(stage, at)| Edit::Drop(stage, at)),
        1 => (0..3_usize).prop_map(Edit::Base),
    ]
}

fn how() -> impl Strategy<Value = How> {
    let argument = prop_oneof![3 => Just(None), 1 => (0..2_u8).prop_map(Some)];
    (0..4_usize, prop::bool::weighted(0.1), prop::bool::weighted(0.1), argument).prop_map(|(workers, no_cache, filter, argument)| How {
        workers,
        no_cache,
        filter,
        argument,
    })
}

fn settings(workers: usize) -> Settings {
    // Times are cut: what the cache kept may be older than what would be made anew, as in BuildKit.
    Settings { workers, exporting: Some("exporting to image".into()), rewrite: Some(0), ..Settings::default() }
}

/// What a build comes to: the digest of its image, or its error.
fn result(outcome: &Outcome) -> Result<Vec<String>, String> {
    match &outcome.result {
        Ok(images) => Ok(images.iter().map(|image| image.digest.to_string()).collect()),
        Err(error) => Err(error.message.clone()),
    }
}

/// What became of each step: its name, whether it was cached, its error, when it began and ended. The export is left out.
fn fates(outcome: &Outcome) -> Vec<String> {
    let steps = outcome.steps.iter().filter(|step| !step.name.starts_with("exporting"));
    steps
        .map(|step| {
            let result = &step.result;
            let digest = result.tree.as_ref().map(|tree| tree.size());
            format!(
                "{} {} {:?} {:?} {:?} {:?} {:?}",
                step.name, result.cached, result.error, result.started, result.completed, digest, result.reason
            )
        })
        .collect()
}

fn check(project: &Project, how: &How, cache: &Cache) -> Result<Cache, TestCaseError> {
    let (request, world) = (project.request(how), project.world());
    let run = |cache: &Cache, workers| build::run(plan(&request, &world), &request, &world, cache, &settings(workers));
    let text = format!("{}{:?} {how:?}", project.dockerfile(), project.files);

    let (foretold, knowing) = build::forecast(plan(&request, &world), &request, &world, cache, &settings(how.workers));
    let (outcome, after) = run(cache, how.workers);
    prop_assert_eq!(fates(&foretold), fates(&outcome), "a forecast is what happens: {}", text);
    let (again, _) = run(&knowing, how.workers);
    prop_assert_eq!(fates(&again), fates(&outcome), "a forecast changes nothing: {}", text);
    prop_assert_eq!(result(&again), result(&outcome), "{}", text);

    let (clean, _) = run(&Cache::default(), 0);
    if outcome.result.is_ok() || clean.result.is_ok() {
        prop_assert_eq!(result(&outcome), result(&clean), "the cache changes an image: {}", text);
    }
    for step in &outcome.steps {
        for input in &step.inputs {
            let input = &outcome.steps[*input].result;
            prop_assert!(step.result.started.is_none_or(|start| input.completed.is_some_and(|end| end <= start)), "{}", text);
        }
        let ran = step.vertex.is_some() && step.result.tree.is_some() && !step.result.cached;
        let plan = outcome.plan.as_ref();
        let source = plan.is_none_or(|plan| step.vertex.is_none_or(|vertex| plan.vertices[vertex].inputs.is_empty()));
        let on_scratch = source && !step.name.contains("COPY") && !step.name.contains("ADD") && !step.name.contains("WORKDIR");
        prop_assert!(!ran || on_scratch || step.result.reason.is_some(), "{} ran for no reason: {}", step.name, text);
    }
    Ok(after)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_edits_and_builds(rounds in prop::collection::vec((prop::collection::vec(edit(), 0..4), how()), 2..6)) {
        let mut project = Project::default();
        for (path, text) in [(0, 1), (1, 2), (2, 1), (4, 1), (5, 2)] {
            project.edit(&Edit::Write(path, text, false));
        }
        for (at, line) in [(0, 2), (1, 11), (2, 12)] {
            project.edit(&Edit::Line(0, at, line));
        }
        let mut cache = Cache::default();
        for (edits, how) in rounds {
            edits.iter().for_each(|edit| project.edit(edit));
            cache = check(&project, &how, &cache)?;
        }
    }
}
