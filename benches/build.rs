//! How fast builds are simulated: the example cold, again with its cache, and after an edit. `cargo bench --bench build`: the best of some runs.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bottleship::api::Playground;
use bottleship::api::types::ProjectFile;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/www/examples/multi-stage");
const BUILD: &str = "docker build -t bench .";

fn main() {
    let mut files = Vec::new();
    read(Path::new(EXAMPLE), "", &mut files);
    let open = || {
        let mut playground = Playground::default();
        playground.set_project(files.clone());
        playground
    };
    let cold = best(open, build);
    let built = || {
        let mut playground = open();
        build(&mut playground);
        playground
    };
    let cached = best(built, build);
    let edited = best(
        || {
            let mut playground = built();
            playground.write_file("cmd/server/main.go", b"package main\n\nfunc main() {}\n".to_vec(), 1000.0);
            playground
        },
        build,
    );
    println!("cold   {cold:?}");
    println!("cached {cached:?} ({:.2} of cold)", cached.as_secs_f64() / cold.as_secs_f64());
    println!("edited {edited:?} ({:.2} of cold)", edited.as_secs_f64() / cold.as_secs_f64());
    assert!(cached < cold, "a rebuild with the cache is to be faster than the first build");
}

fn build(playground: &mut Playground) {
    let reply = playground.command(BUILD, 2000.0);
    assert_eq!(reply.exit_code, 0, "{}", reply.stderr);
}

/// Prepares and measures some times.
fn best<T>(prepare: impl Fn() -> T, run: impl Fn(&mut T)) -> Duration {
    let once = || {
        let mut state = prepare();
        let start = Instant::now();
        run(&mut state);
        start.elapsed()
    };
    (0..7).map(|_| once()).min().unwrap_or_default()
}

fn read(folder: &Path, below: &str, files: &mut Vec<ProjectFile>) {
    for entry in fs::read_dir(folder).expect("the example").flatten() {
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => read(&entry.path(), &format!("{path}/"), files),
            false => files.push(ProjectFile { path, bytes: fs::read(entry.path()).expect("a file").into(), mode: 0o644, mtime: 0.0 }),
        }
    }
}
