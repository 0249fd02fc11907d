//! Another order: what seldom changes first. Caches that stay.

use super::text::{FileEdit, lines, text_of};
use super::{Candidate, Scene};
use crate::base::Source;
use crate::dockerfile;
use crate::dockerfile::instruction::{Instruction, Kind};
use crate::filesystem::{ImagePath, Node};

/// A tool that fetches what a manifest lists.
struct Manager {
    /// How its command begins.
    command: &'static str,
    /// Files that say what is fetched.
    manifests: &'static [&'static str],
    /// The command that only fetches; empty: `command` itself.
    fetch: &'static str,
    /// Folders that it keeps things in.
    caches: &'static [&'static str],
}

const fn manager(
    command: &'static str,
    manifests: &'static [&'static str],
    fetch: &'static str,
    caches: &'static [&'static str],
) -> Manager {
    Manager { command, manifests, fetch, caches }
}

const GO: &[&str] = &["/go/pkg/mod", "/root/.cache/go-build"];
const NPM: &[&str] = &["package.json", "package-lock.json"];
const MANAGERS: &[Manager] = &[
    manager("go mod download", &["go.mod", "go.sum"], "", GO),
    manager("go build", &["go.mod", "go.sum"], "go mod download", GO),
    manager("go install", &["go.mod", "go.sum"], "go mod download", GO),
    manager("npm ci", NPM, "", &["/root/.npm"]),
    manager("npm install", NPM, "", &["/root/.npm"]),
    manager("yarn install", &["package.json", "yarn.lock"], "", &["/usr/local/share/.cache"]),
    manager("pnpm install", &["package.json", "pnpm-lock.yaml"], "", &["/root/.local/share/pnpm/store"]),
    manager("pip install", &["requirements.txt"], "", &["/root/.cache/pip"]),
    manager("pip3 install", &["requirements.txt"], "", &["/root/.cache/pip"]),
    manager("poetry install", &["pyproject.toml", "poetry.lock"], "", &["/root/.cache/pypoetry"]),
    manager("bundle install", &["Gemfile", "Gemfile.lock"], "", &["/usr/local/bundle/cache"]),
    manager("composer install", &["composer.json", "composer.lock"], "", &["/tmp/cache"]),
    manager("cargo build", &["Cargo.toml", "Cargo.lock"], "cargo fetch", &["/usr/local/cargo/registry"]),
    manager("apt-get install", &[], "", &["/var/cache/apt"]),
    manager("apk add", &[], "", &["/var/cache/apk"]),
];

/// Whether a file lists what a project needs.
pub fn is_manifest(name: &str) -> bool {
    MANAGERS.iter().any(|manager| manager.manifests.contains(&name))
}

/// Steps moved, split, and with cache mounts.
pub fn candidates(scene: &Scene) -> Vec<Candidate> {
    let source = &scene.request.dockerfile;
    let lowered = dockerfile::lower(&dockerfile::parse(source));
    let mut out = Vec::new();
    for stage in &lowered.dockerfile.stages {
        let mut mounts: Vec<Candidate> = Vec::new();
        for (at, instruction) in stage.instructions.iter().enumerate() {
            if let Kind::Run(run) = &instruction.kind
                && run.command.heredocs.is_empty()
            {
                let before = &stage.instructions[..at];
                out.extend(moved(source, before, instruction));
                out.extend(manifest_first(scene, before, instruction));
                match cache_mount(source, instruction) {
                    // What one step leaves in a cache the next one finds.
                    Some(more) if mounts.last().is_some_and(|known| known.values[0] == more.values[0]) => {
                        mounts.iter_mut().for_each(|known| known.edits.extend(more.edits.clone()));
                    }
                    more => mounts.extend(more),
                }
                out.extend(joined(source, before, instruction));
            }
        }
        out.extend(mounts);
    }
    out
}

fn is_context_copy(instruction: &Instruction) -> bool {
    match &instruction.kind {
        Kind::Copy(copy) => copy.from.is_empty() && copy.sources.contents.is_empty(),
        Kind::Add(add) => add.sources.contents.is_empty(),
        _ => false,
    }
}

/// The shell's text of a RUN.
fn command(instruction: &Instruction) -> Option<&str> {
    match &instruction.kind {
        Kind::Run(run) if run.command.prepend_shell => run.command.args.first().map(|text| text.trim()),
        _ => None,
    }
}

/// A RUN before the copies above it.
fn moved(source: &Source, before: &[Instruction], run: &Instruction) -> Option<Candidate> {
    let block = before.iter().rev().take_while(|other| is_context_copy(other) || matches!(other.kind, Kind::Run(_))).count();
    let first = before[before.len() - block..].iter().find(|other| is_context_copy(other))?;
    let place = lines(&first.lines).0;
    let edits = vec![FileEdit::before(place, text_of(source, run)), FileEdit::replace(lines(&run.lines), String::new())];
    Some(Candidate { kind: "move-run", values: vec![run.text.clone(), first.text.clone()], edits, same_files: true, edited: None })
}

/// Manifest and fetching before the sources.
fn manifest_first(scene: &Scene, before: &[Instruction], run: &Instruction) -> Option<Candidate> {
    let text = command(run)?;
    let (head, rest) = text.split_once("&&").map_or((text, None), |(head, rest)| (head.trim(), Some(rest.trim())));
    let manager = MANAGERS.iter().find(|manager| head.starts_with(manager.command) && !manager.manifests.is_empty())?;
    let copy = before.iter().rev().find(|other| is_context_copy(other))?;
    let Kind::Copy(what) = &copy.kind else { return None };
    let [folder] = what.sources.paths.as_slice() else { return None };
    let folder = ImagePath::new(folder);
    let there = |name: &&str| scene.context.get(&folder.child(name)).is_some_and(|node| matches!(node, Node::File(_)));
    let mut manifests: Vec<String> = manager.manifests.iter().filter(|name| there(name)).map(|name| (*name).to_owned()).collect();
    let named = head.split_whitespace().skip_while(|word| *word != "-r").nth(1);
    if let Some(named) =
        named.filter(|named| !manifests.iter().any(|known| known == named) && scene.context.get(&folder.child(named)).is_some())
    {
        manifests = vec![named.to_owned()];
    }
    if manifests.is_empty() || scene.context.get(&folder).is_none_or(|node| node.as_directory().is_none()) {
        return None;
    }
    let paths: Vec<String> = manifests.iter().map(|name| folder.child(name).relative().to_owned()).collect();
    let dest = what.sources.dest.trim_end_matches('/');
    let dest = if dest.is_empty() { "/".to_owned() } else { format!("{dest}/") };
    let own = manager.fetch.is_empty();
    let fetch = if own { head } else { manager.fetch };
    let mut edits = vec![FileEdit::before(lines(&copy.lines).0, format!("COPY {} {dest}\nRUN {fetch}\n", paths.join(" ")))];
    if own {
        edits.push(FileEdit::replace(lines(&run.lines), rest.map_or(String::new(), |rest| format!("RUN {rest}\n"))));
    }
    Some(Candidate { kind: "manifest-first", values: vec![paths.join(" "), fetch.to_owned()], edits, same_files: true, edited: None })
}

/// Folders of downloads and objects that stay from build to build.
fn cache_mount(source: &Source, run: &Instruction) -> Option<Candidate> {
    let text = command(run)?;
    let manager = MANAGERS.iter().find(|manager| text.contains(manager.command))?;
    let whole = text_of(source, run);
    let flags: String =
        manager.caches.iter().filter(|cache| !whole.contains(*cache)).map(|cache| format!("--mount=type=cache,target={cache} ")).collect();
    let words = whole.get(run.keyword.len()..).filter(|_| !flags.is_empty())?.trim_start();
    let edits = vec![FileEdit::replace(lines(&run.lines), format!("{} {flags}{words}", run.keyword))];
    Some(Candidate {
        kind: "cache-mount",
        values: vec![manager.caches.join(" "), run.text.clone()],
        edits,
        same_files: false,
        edited: None,
    })
}

/// A RUN that only deletes, in one with the RUN before it.
fn joined(source: &Source, before: &[Instruction], run: &Instruction) -> Option<Candidate> {
    let deletes = |text: &str| {
        text.split("&&")
            .all(|part| ["rm ", "apt-get clean", "npm cache clean", "go clean"].iter().any(|word| part.trim().starts_with(word)))
    };
    let text = command(run).filter(|text| deletes(text))?;
    let above = before.last()?;
    command(above)?;
    let joined = format!("{} \\\n    && {text}\n", text_of(source, above).trim_end());
    let edits = vec![FileEdit::replace(lines(&above.lines), joined), FileEdit::replace(lines(&run.lines), String::new())];
    Some(Candidate { kind: "join-runs", values: vec![run.text.clone()], edits, same_files: true, edited: None })
}
