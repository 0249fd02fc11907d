//! Sequences of builds in tests/cases/build: what ran, what was cached, and the true cause of everything that ran.
//! `UPDATE_EXPECT=1 cargo test --test build_why` writes the answers anew.
//!
//! A build is `=== OPTIONS`, then edits (`--- PATH [MODE]` and the text below it, `--- rm PATH`), then `>>>` and its answers.
#![allow(clippy::disallowed_methods)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bottleship::build::{self, Cache, Outcome, Settings};
use bottleship::plan::{Request, plan};
use bottleship::report::{sentence, why};
use bottleship::world::World;
use common::{request, tree, world_of};

#[derive(Default)]
struct Case {
    files: BTreeMap<String, (String, u32)>,
    cache: Cache,
}

impl Case {
    fn edit(&mut self, edits: &str) {
        let mut at: Option<String> = None;
        for line in edits.split_inclusive('\n') {
            let words: Vec<&str> = line.strip_prefix("--- ").map(|line| line.split_whitespace().collect()).unwrap_or_default();
            match (words.as_slice(), &at) {
                (["rm", path], _) => drop(self.files.remove(*path)),
                ([path, mode @ ..], _) => {
                    let mode = mode.first().map_or(0o644, |mode| u32::from_str_radix(mode, 8).expect("a mode is octal"));
                    self.files.insert((*path).to_owned(), (String::new(), mode));
                    at = Some((*path).to_owned());
                }
                ([], Some(path)) => self.files.get_mut(path).expect("it was just made").0.push_str(line),
                ([], None) => assert!(line.trim().is_empty(), "text before the first file: {line}"),
            }
        }
    }

    fn build(&mut self, options: &str) -> Outcome {
        let words: Vec<&str> = options.split_whitespace().collect();
        let values = |name: &str| -> Vec<&str> { words.iter().filter_map(|word| word.strip_prefix(name)).collect() };
        let arguments: Vec<(&str, &str)> = values("--build-arg=").into_iter().filter_map(|pair| pair.split_once('=')).collect();
        let dockerfile = self.files.get("Dockerfile").expect("a case has a Dockerfile").0.as_str();
        let request = Request {
            no_cache: words.contains(&"--no-cache"),
            target: values("--target=").first().map(|stage| (*stage).to_owned()),
            add_hosts: values("--add-host=").iter().map(|host| (*host).to_owned()).collect(),
            no_cache_filter: values("--no-cache-filter=").iter().map(|stage| (*stage).to_owned()).collect(),
            ..request(dockerfile, &arguments)
        };
        let secrets = values("--secret=").into_iter().filter_map(|pair| pair.split_once('='));
        let files = self.files.iter().filter(|(path, _)| *path != "Dockerfile");
        let world = World {
            secrets: secrets.map(|(id, value)| (id.to_owned(), value.as_bytes().to_vec())).collect(),
            ..world_of(tree(files.map(|(path, (text, mode))| (path.as_str(), text.as_str(), *mode))))
        };
        if words.contains(&"prune") {
            self.cache = self.cache.without(&self.cache.usage().iter().map(|row| row.id.to_string()).collect::<Vec<_>>());
        }
        let (outcome, cache) = build::rehearse(plan(&request, &world), &request, &world, &self.cache, &Settings::default());
        self.cache = cache;
        outcome
    }
}

fn answers(outcome: &Outcome) -> String {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (id, step) in outcome.steps.iter().enumerate() {
        let Some(vertex) = step.vertex.filter(|_| step.result.started.is_some()) else { continue };
        let state = match &step.result {
            result if result.error.is_some() => "failed",
            result if result.cached => "cached",
            _ => "ran",
        };
        let reason = why(outcome, id).map(|why| format!(" <- {}", sentence(outcome, &why))).unwrap_or_default();
        if state == "cached" || !reason.is_empty() {
            lines.push((vertex, format!("{state} {}{reason}\n", step.name)));
        }
    }
    bottleship::base::sort(&mut lines);
    let digest = |line: &str| line.split_once("@sha256:").map(|(name, rest)| format!("{name}{}", rest.get(64..).unwrap_or("")));
    lines.into_iter().map(|(_, line)| digest(&line).unwrap_or(line)).collect()
}

#[test]
fn every_miss_has_its_cause() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/build");
    let mut names: Vec<_> = fs::read_dir(&folder).expect("there are cases").flatten().map(|entry| entry.path()).collect();
    bottleship::base::sort(&mut names);
    assert!(!names.is_empty());
    for name in names {
        let text = fs::read_to_string(&name).expect("a case can be read");
        let (head, builds) = text.split_once("=== ").expect("a case has builds");
        let (mut case, mut found) = (Case::default(), head.to_owned());
        for build in builds.split("\n=== ") {
            let (options, rest) = build.split_once('\n').unwrap_or((build, ""));
            let edits = rest.split(">>>").next().unwrap_or("");
            case.edit(edits);
            let answers = answers(&case.build(options));
            found.push_str(&format!("=== {options}\n{edits}>>>\n{answers}\n"));
        }
        let found = found.trim_end().to_owned() + "\n";
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&name, &found).expect("a case can be written");
            continue;
        }
        assert_eq!(found, text, "{}", name.display());
    }
}
