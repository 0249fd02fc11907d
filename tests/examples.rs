//! The projects of `www/examples`, built: sizes, and that nothing in them is left unsimulated.
//!
//! `tests/cases/examples.txt`: `EXAMPLE  OPTIONS OF docker build  SIZE`; the image's size must be within 2 %. It has every example with one
//! stage and with several, and the latter are smaller.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::path::Path;

use bottleship::api::Playground;
use bottleship::api::types::{FidelityView, ProjectFile};
use bottleship::world::parse_size;

const TOLERANCE: f64 = 0.02;

fn project(folder: &Path, prefix: &str, files: &mut Vec<ProjectFile>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            project(&path, &format!("{name}/"), files);
        } else {
            files.push(ProjectFile { path: name, bytes: std::fs::read(&path).unwrap().into(), mode: 0o644, mtime: 0.0 });
        }
    }
}

#[test]
fn sizes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("tests/cases/examples.txt")).unwrap();
    let (mut wrong, mut open): (String, Option<(String, Playground)>) = (String::new(), None);
    let mut one_stage: BTreeMap<String, f64> = BTreeMap::new();
    let mut several: BTreeMap<String, f64> = BTreeMap::new();
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (rest, expected) = line.rsplit_once(' ').unwrap();
        let (example, options) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        if open.as_ref().is_none_or(|(name, _)| name != example) {
            let mut files = Vec::new();
            project(&root.join("www/examples").join(example), "", &mut files);
            let mut playground = Playground::new();
            playground.set_project(files);
            open = Some((example.to_owned(), playground));
        }
        let (_, playground) = open.as_mut().unwrap();
        let command = format!("docker build --tag=example {} .", options.trim());
        let words: Vec<String> = command.split_whitespace().skip(2).map(str::to_owned).collect();
        let build = match playground.build(&words, &command, 0.0) {
            Ok(build) => build,
            Err(reply) => panic!("{line}: {}", reply.stderr),
        };
        let Some(image) = playground.image("example").filter(|_| build.succeeded) else {
            wrong.push_str(&format!("{line}:\n{}\n", playground.plain_progress(build.id)));
            continue;
        };
        let is_one = options.contains("single.Dockerfile") || options.contains("one-stage");
        let sizes = if is_one { &mut one_stage } else { &mut several };
        let largest = sizes.entry(example.to_owned()).or_default();
        *largest = largest.max(image.size);
        let expected = parse_size(expected).unwrap() as f64;
        if (image.size / expected - 1.0).abs() > TOLERANCE {
            wrong.push_str(&format!("{line}: {:.2} MB\n", image.size / 1e6));
        }
        if build.steps.iter().any(|step| matches!(step.fidelity, FidelityView::NotSimulated)) {
            wrong.push_str(&format!("{line}: something is not simulated\n{}\n", playground.plain_progress(build.id)));
        }
    }
    for example in std::fs::read_dir(root.join("www/examples")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = example.file_name().unwrap().to_str().unwrap();
        match (one_stage.get(name), several.get(name)) {
            (Some(one), Some(other)) if other < one => {}
            (Some(one), Some(other)) => wrong.push_str(&format!("{name}: {other} bytes with stages, {one} without\n")),
            _ => wrong.push_str(&format!("{name}: not in the table with one stage and with several\n")),
        }
        if !example.join(".dockerignore").exists() {
            wrong.push_str(&format!("{name}: no .dockerignore\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
