//! How fast files are planned. `cargo bench --bench plan`: prints the best of some runs and fails beyond the limit.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use bottleship::base::{Digest, Source};
use bottleship::filesystem::Tree;
use bottleship::image::Config;
use bottleship::plan::{self, Request};
use bottleship::world::{Context, ImageFacts, Images, World};

fn main() {
    let runs: String = (0..20_000).map(|i| format!("RUN make target-{i}\n")).collect();
    measure("20 000 RUN in a stage", &format!("FROM alpine\nARG A=1\nENV B=2\n{runs}"), Duration::from_millis(100));
    let stages: String = (1..200).map(|i| format!("FROM s{} AS s{i}\nRUN make {i}\n", i - 1)).collect();
    measure("200 stages", &format!("FROM alpine AS s0\n{stages}"), Duration::from_millis(5));
}

fn measure(what: &str, text: &str, limit: Duration) {
    let request = Request::of(Source::new("Dockerfile", text));
    let world = World {
        context: Context::Local(Tree::empty()),
        named_contexts: Default::default(),
        images: Images::Any(ImageFacts { digest: Digest::of("base"), config: Config::default() }),
        remotes: Default::default(),
        secrets: Default::default(),
        ssh: Vec::new(),
        project: Default::default(),
    };
    let once = || {
        let start = Instant::now();
        assert!(plan::plan(&request, &world).plan.is_ok(), "{what}: no plan");
        start.elapsed()
    };
    let best = (0..7).map(|_| once()).min().unwrap_or_default();
    println!("{what}: {best:?} (limit {limit:?})");
    assert!(best < limit || cfg!(debug_assertions), "{what}: too slow");
}
