//! How fast a build is foretold: 100 steps, 10,000 files, one edit at a time. `cargo bench --bench forecast`: prints the best
//! of some runs and fails beyond the limit.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use bottleship::api::Playground;
use bottleship::api::types::ProjectFile;

const FOLDERS: usize = 100;
const FILES: usize = 100;
const STEPS: usize = 96;

fn main() {
    let mut playground = Playground::new();
    let file = |path: String, text: String| ProjectFile { path, bytes: text.into_bytes().into(), mode: 0o644, mtime: 0.0 };
    let mut files: Vec<ProjectFile> = (0..FOLDERS * FILES)
        .map(|i| file(format!("src/dir-{}/file-{}.txt", i / FILES, i % FILES), format!("file {i}\n").repeat(50)))
        .collect();
    files.push(file("Dockerfile".into(), dockerfile(0)));
    files.push(file(".dockerignore".into(), "Dockerfile\n".into()));
    playground.set_project(files);
    let line = "docker build -t app .";
    measure("cold forecast", 1, Duration::from_secs(10), |_| drop(playground.forecast(line)));
    measure("build", 1, Duration::from_secs(10), |_| assert!(playground.command(line, 0.0).build.is_some_and(|build| build.succeeded)));
    measure("nothing changed", 5, Duration::from_millis(50), |_| assert_eq!(playground.forecast(line).runs, 0));
    measure("an edit of the last step", 5, Duration::from_millis(50), |round| {
        playground.write_file("Dockerfile", dockerfile(round + 1).into_bytes(), 1.0);
        assert_eq!(playground.forecast(line).runs, 1);
    });
    measure("an edit of a file", 5, Duration::from_millis(50), |round| {
        playground.write_file("src/dir-7/file-7.txt", format!("edit {round}").into_bytes(), 1.0);
        assert!(playground.forecast(line).runs > 49);
    });
    measure("build after it", 1, Duration::from_secs(10), |_| drop(playground.command(line, 0.0)));
}

fn dockerfile(edit: usize) -> String {
    let mut text = String::from("FROM debian AS base\nWORKDIR /app\nCOPY src/dir-1 /first/\n");
    for i in 0..STEPS / 2 {
        text.push_str(&format!("RUN echo {i} > /step-{i}\n"));
    }
    text.push_str("COPY . .\n");
    for i in 0..STEPS / 2 {
        text.push_str(&format!("RUN echo {i} > /later-{i}\n"));
    }
    text.push_str(&format!("RUN echo last {edit}\n"));
    text
}

fn measure(what: &str, rounds: usize, limit: Duration, mut run: impl FnMut(usize)) {
    let took = |round| {
        let start = Instant::now();
        run(round);
        start.elapsed()
    };
    let best = (0..rounds).map(took).min().unwrap_or_default();
    println!("{what:26} {:8.2} ms", best.as_secs_f64() * 1000.0);
    assert!(best < limit, "{what} took {best:?}, more than {limit:?}");
}
