//! How fast files are planned. `cargo bench --bench plan`: prints the best of some runs and fails if one is beyond its limit.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use bottleship::api::Playground;
use bottleship::api::types::ProjectFile;
use bottleship::base::{Digest, Source};
use bottleship::filesystem::Tree;
use bottleship::image::Config;
use bottleship::plan::{self, Request};
use bottleship::world::{ImageFacts, Images, World};

fn main() {
    let runs: String = (0..20_000).map(|i| format!("RUN make target-{i}\n")).collect();
    let runs = measure("20 000 RUN in a stage", &format!("FROM alpine\nARG A=1\nENV B=2\n{runs}"), Duration::from_millis(100));
    let stages: String = (1..200).map(|i| format!("FROM s{} AS s{i}\nRUN make {i}\n", i - 1)).collect();
    let stages = measure("200 stages", &format!("FROM alpine AS s0\n{stages}"), Duration::from_millis(5));
    let variables: String = (0..4000).map(|i| format!("ENV NAME_{i}=value\n")).collect();
    let variables = measure("4000 variables", &format!("FROM alpine\n{variables}RUN true\n"), Duration::from_millis(200));
    assert!(keystroke() && runs && stages && variables || cfg!(debug_assertions), "too slow");
}

/// All that an editor is told of a file of 200 lines. In a browser it takes two to three times as long.
fn keystroke() -> bool {
    let steps: String = (0..96).map(|i| format!("RUN make \"target-$A\" && \\\n    echo {i} > /log\n")).collect();
    let text = format!("FROM golang:1.21-alpine AS build\nARG A=1\n{steps}FROM node:20\nENV B=2\nCOPY --from=build /log /\nCMD node $B\n");
    let mut playground = Playground::new();
    playground.set_project(vec![ProjectFile { path: "Dockerfile".into(), bytes: text.into_bytes().into(), mode: 0o644, mtime: 0.0 }]);
    let once = || {
        let start = Instant::now();
        assert_eq!(playground.analyze("Dockerfile", "docker build .").stages.len(), 2);
        start.elapsed()
    };
    report("a keystroke on 200 lines", (0..100).map(|_| once()), Duration::from_micros(1500))
}

fn measure(what: &str, text: &str, limit: Duration) -> bool {
    let request = Request::of(Source::new("Dockerfile", text));
    let world = World::local(Tree::empty(), Images::Any(ImageFacts { digest: Digest::of("base"), config: Config::default() }));
    let once = || {
        let start = Instant::now();
        assert!(plan::plan(&request, &world).plan.is_ok(), "{what}: no plan");
        start.elapsed()
    };
    report(what, (0..7).map(|_| once()), limit)
}

/// Whether the best is within the limit.
fn report(what: &str, times: impl Iterator<Item = Duration>, limit: Duration) -> bool {
    let best = times.min().unwrap_or_default();
    println!("{what}: {best:?} (limit {limit:?})");
    best < limit
}
