//! `--cache-to` and `--cache-from` on the command line: what travels with `mode=min` and `mode=max`, and what several caches give.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const DOCKERFILE: &str = "FROM busybox AS build
COPY a /a
RUN echo work | tee /work; cat /a >> /work
FROM busybox
COPY --from=build /work /work
RUN wc /work
";

/// A fresh folder with a project.
fn project(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("context")).expect("a folder");
    edit(&folder, "Dockerfile", DOCKERFILE);
    edit(&folder, "context/a", "1\n");
    folder
}

fn edit(folder: &Path, path: &str, text: &str) {
    fs::write(folder.join(path), text).expect("a file");
}

/// Builds; gives the steps that ran, by what they are, and the image's id.
fn build(folder: &Path, options: &[&str]) -> (Vec<String>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bottleship"))
        .args(["build", "--progress=plain", "-f", "Dockerfile", "--iidfile", "id", "context"])
        .args(options)
        .current_dir(folder)
        .output()
        .expect("the program runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut ran: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| line.contains(" DONE ")) {
        let number = line.split(' ').next().unwrap_or("");
        let title = text.lines().find_map(|line| line.strip_prefix(number)?.strip_prefix(" [")?.split_once("] ")).map(|(_, title)| title);
        ran.extend(title.filter(|title| title.starts_with("RUN") || title.starts_with("COPY")).map(str::to_owned));
    }
    (ran, fs::read_to_string(folder.join("id")).unwrap_or_default())
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.metadata().map_or(0, |meta| if meta.is_dir() { size(&entry.path()) } else { meta.len() })).sum()
}

#[test]
fn min_holds_what_the_result_needs_and_max_all() {
    let folder = project("cache-modes");
    let (first, image) = build(&folder, &["--cache-to", "type=local,dest=min", "--cache-to", "type=local,dest=max,mode=max"]);
    assert_eq!(first.len(), 4);
    assert!(size(&folder.join("min")) > 0 && size(&folder.join("min")) < size(&folder.join("max")));
    // The keys of the first stage lead to the result; nobody needs its files.
    for place in ["type=local,src=min", "type=local,src=max"] {
        assert_eq!(build(&folder, &["--cache-from", place]), (Vec::new(), image.clone()), "{place}");
    }
    // Its files are needed after all, and were left behind.
    edit(&folder, "Dockerfile", &DOCKERFILE.replace("wc", "cat"));
    assert_eq!(build(&folder, &["--cache-from", "type=local,src=min"]).0, ["RUN cat /work"]);
    edit(&folder, "Dockerfile", &DOCKERFILE.replace("/work /work", "/work /other").replace("wc /work", "true"));
    assert_eq!(build(&folder, &["--cache-from", "type=local,src=max"]).0.len(), 2);
    let (ran, _) = build(&folder, &["--cache-from", "type=local,src=min"]);
    assert_eq!(ran.len(), 4, "{ran:?}");
}

#[test]
fn another_way_to_the_same_content_is_found_with_min_too() {
    let folder = project("cache-content");
    build(&folder, &["--cache-to", "type=local,dest=min,mode=min"]);
    edit(&folder, "Dockerfile", &DOCKERFILE.replace("echo work", "printf 'work\\n'"));
    let (ran, _) = build(&folder, &["--cache-from", "type=local,src=min"]);
    assert_eq!(ran, ["COPY a /a", "RUN printf 'work\\n' | tee /work; cat /a >> /work"]);
}

#[test]
fn several_caches_are_one() {
    let folder = project("cache-several");
    let (_, one) = build(&folder, &["--cache-to", "type=local,dest=one,mode=max"]);
    edit(&folder, "context/a", "2\n");
    let (_, two) = build(&folder, &["--cache-to", "type=local,dest=two,mode=max"]);
    assert_ne!(one, two);
    let both = ["--cache-from", "type=local,src=one", "--cache-from", "type=local,src=two", "--cache-from", "type=local,src=none"];
    assert_eq!(build(&folder, &both), (Vec::new(), two));
    edit(&folder, "context/a", "1\n");
    assert_eq!(build(&folder, &both), (Vec::new(), one));
    edit(&folder, "context/a", "2\n");
    assert_eq!(build(&folder, &both[..2]).0.len(), 4);
}

#[test]
fn a_build_that_fails_leaves_nothing_but_with_max() {
    let folder = project("cache-failed");
    edit(&folder, "Dockerfile", "FROM busybox\nRUN echo good\nRUN false\n");
    build(&folder, &["--cache-to", "type=local,dest=min", "--cache-to", "type=local,dest=max,mode=max"]);
    assert!(!folder.join("min").exists());
    edit(&folder, "Dockerfile", "FROM busybox\nRUN echo good\nRUN true\n");
    assert_eq!(build(&folder, &["--cache-from", "type=local,src=max"]).0, ["RUN true"]);
}
