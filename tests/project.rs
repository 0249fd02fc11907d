//! A project's own data, and a Dockerfile without its project.

use bottleship::api::Playground;
use bottleship::api::types::ProjectFile;

fn build(files: &[(&str, &str)], command: &str) -> (bool, String) {
    let mut playground = Playground::new();
    let file = |(path, text): &(&str, &str)| ProjectFile { path: (*path).into(), bytes: text.as_bytes().into(), mode: 0o644, mtime: 0.0 };
    playground.set_project(files.iter().map(file).collect());
    let words: Vec<String> = command.split_whitespace().skip(2).map(str::to_owned).collect();
    match playground.build(&words, command, 0.0) {
        Ok(build) => (build.succeeded, playground.plain_progress(build.id)),
        Err(reply) => (false, reply.stderr),
    }
}

const OWN: &str = r#"{
    "images": [{ "names": "acme/base", "releases": "1.0 2.4", "images": [{ "tags": "{v} latest", "from": "alpine:3.20",
        "env": ["ACME={v.full}"], "layers": [{ "by": "COPY", "files": { "/usr/bin/acme": { "size": "2MB", "mode": "755" } } }] }] }],
    "packages": { "alpine": { "acme-agent": { "size": "1MB", "version": "7.1-r0", "depends": "curl", "programs": "agent" } } },
    "recipes": [{ "programs": "acme", "match": "build", "need": [{ "file": "acme.json", "say": "acme: no {missing}", "exit": 4 }],
        "write": { "{cwd}/out/app": { "size": "1MB", "mode": "755" } }, "print": "built {folder} with {$ACME}\n", "take": 2,
        "example": { "run": "acme build" } }]
}"#;

#[test]
fn images_packages_and_recipes_of_a_project() {
    let dockerfile = "FROM acme/base\nWORKDIR /shop\nRUN apk add --no-cache acme-agent && which agent curl\nCOPY acme.json .\nRUN acme build && ls -l out\n";
    let (ok, log) = build(&[("Dockerfile", dockerfile), ("bottleship.json", OWN), ("acme.json", "{}")], "docker build .");
    assert!(ok, "{log}");
    for part in ["Installing acme-agent (7.1-r0)", "/usr/bin/agent", "/usr/bin/curl", "built shop with 2.4", "1000000"] {
        assert!(log.contains(part), "{part}: {log}");
    }
    let (ok, log) = build(&[("Dockerfile", "FROM acme/base:1.0\nRUN acme build\n"), ("bottleship.json", OWN)], "docker build .");
    assert!(!ok && log.contains("acme: no acme.json") && log.contains("exit code: 4"), "{log}");
    let (ok, log) = build(&[("Dockerfile", "FROM acme/base:3\n"), ("bottleship.json", OWN)], "docker build .");
    assert!(!ok && log.contains("docker.io/acme/base:3: not found"), "{log}");
}

#[test]
fn mistakes_have_a_place() {
    let (ok, log) =
        build(&[("Dockerfile", "FROM scratch\n"), ("bottleship.json", r#"{"recipes": [{"programs": "x"}]}"#)], "docker build .");
    assert!(!ok && log.contains("bottleship.json.recipes[0]: needs \"example\""), "{log}");
}

#[test]
fn a_dockerfile_without_its_project() {
    let dockerfile =
        "FROM node:20-alpine\nWORKDIR /app\nCOPY package*.json ./\nCOPY scripts/setup.sh lib /app/\nRUN npm ci && ./setup.sh\n";
    let (ok, log) = build(&[("Dockerfile", dockerfile)], "docker build .");
    assert!(!ok && log.contains("not found"), "{log}");
    let (ok, log) = build(&[("Dockerfile", dockerfile)], "docker build --assume-context .");
    assert!(ok && log.contains(", 0 not simulated\n"), "{log}");
}
