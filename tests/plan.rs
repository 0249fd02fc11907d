//! Cases of planning: tests/cases/plan/NAME/Dockerfile and the graph and configs it comes to, in `expected`.
//! `UPDATE_EXPECT=1 cargo test --test plan` writes them anew.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use std::fs;
use std::path::Path;

use bottleship::base::{Digest, Source};
use bottleship::docker::planned::{configs, graph};
use bottleship::image::Platform;
use bottleship::plan::{self, Request};
use common::world;

fn platforms(case: &Path) -> Vec<Platform> {
    let options = fs::read_to_string(case.join("case.json")).unwrap_or_else(|_| "{}".into());
    let options: serde_json::Value = serde_json::from_str(&options).expect("case.json is JSON");
    let names = options["platforms"].as_array().cloned().unwrap_or_default();
    names.iter().filter_map(|name| Platform::parse(name.as_str()?).ok()).collect()
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/plan");
    let mut names: Vec<_> = fs::read_dir(&folder).expect("there are cases").flatten().map(|entry| entry.path()).collect();
    names.sort();
    assert!(!names.is_empty());
    for case in names {
        let text = fs::read(case.join("Dockerfile")).expect("a case has a Dockerfile");
        let request = Request { platforms: platforms(&case), ..Request::of(Source::new("Dockerfile", text)) };
        let found = match plan::plan(&request, &world()).plan {
            Ok(plan) => graph(&plan) + &configs(&plan),
            Err(error) => format!("error: {}\n", error.message),
        };
        let found = found.replace(&Digest::of("base").to_string(), "sha256:BASE").replace(&Digest::of("layer").to_string(), "sha256:LAYER");
        let expected = case.join("expected");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &found).expect("expected can be written");
        }
        assert_eq!(found, fs::read_to_string(&expected).unwrap_or_default(), "{}", case.display());
    }
}
