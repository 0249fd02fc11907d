//! What Tab proposes in the project's terminal: commands, flags and their values, images, stages, builds, files.

use super::playground::Playground;
use super::stages::stages;
use super::types::Proposals;
use crate::base::{Source, sort};
use crate::docker::commands::verbs::{self, Command, Operand};
use crate::docker::flags::{Flag, Takes};
use crate::docker::reference::familiar;
use crate::dockerfile;
use crate::filesystem::Node;

/// The terminal's own commands.
const PROGRAMS: &[&str] = &["cat", "cd", "clear", "docker", "echo", "export", "help", "ls", "pwd"];

/// Proposals for the last word of a line.
pub(super) fn propose(playground: &Playground, line: &str) -> Proposals {
    let start = line.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let (head, word) = line.split_at(start);
    let before: Vec<String> = head.split_whitespace().map(str::to_owned).collect();
    let mut words = candidates(playground, &before, word);
    words.retain(|candidate| candidate.starts_with(word) && candidate != word);
    sort(&mut words);
    words.dedup();
    Proposals { from: head.encode_utf16().count() as u32, words }
}

fn candidates(playground: &Playground, before: &[String], word: &str) -> Vec<String> {
    match before.split_first() {
        None => owned(PROGRAMS),
        Some((first, rest)) if first == "docker" => match verbs::find(rest) {
            None => owned(&verbs::next(rest)),
            Some((command, taken)) => of_command(playground, command, &rest[taken..], word),
        },
        Some(_) => files(playground, word),
    }
}

fn of_command(playground: &Playground, command: &Command, before: &[String], word: &str) -> Vec<String> {
    if let Some((flag, _)) = word.split_once('=') {
        return values(playground, command, before, flag).into_iter().map(|value| [flag, "=", &value].concat()).collect();
    }
    if word.starts_with('-') {
        let flags = command.flags.iter().filter(|flag| !flag.help.is_empty());
        return flags.map(|flag| ["--", flag.name, if flag.takes == Takes::Bool { "" } else { "=" }].concat()).collect();
    }
    if let Some(flag) = before.last().filter(|flag| awaits_value(command, flag)) {
        let known = values(playground, command, &before[..before.len() - 1], flag);
        return if known.is_empty() { files(playground, word) } else { known };
    }
    match command.operand {
        Operand::Nothing => Vec::new(),
        Operand::Files => files(playground, word),
        Operand::Images => playground.store.images.iter().flat_map(|stored| &stored.tags).map(|tag| short(tag)).collect(),
        Operand::Builds => playground.builds.iter().map(|build| build.id.to_string()).collect(),
    }
}

/// Whether the word behind it is its value.
fn awaits_value(command: &Command, word: &str) -> bool {
    let named = |flag: &&Flag| match word.strip_prefix("--") {
        Some(name) => flag.name == name,
        None => flag.short != '\0' && word.strip_prefix('-').is_some_and(|letters| letters.ends_with(flag.short)),
    };
    command.flags.iter().find(named).is_some_and(|flag| flag.takes != Takes::Bool)
}

/// What a flag is told.
fn values(playground: &Playground, command: &Command, before: &[String], flag: &str) -> Vec<String> {
    match flag {
        "--target" => targets(playground, command, before),
        "--progress" => owned(&["auto", "plain", "quiet", "rawjson", "tty"]),
        "--call" => owned(&["build", "check", "outline", "targets"]),
        "--output" => owned(&["type=docker,dest=", "type=local,dest=", "type=oci,dest=", "type=tar,dest="]),
        "--network" => owned(&["default", "host", "none"]),
        "--platform" => owned(&["linux/amd64", "linux/arm64"]),
        "--file" | "-f" | "--iidfile" | "--metadata-file" | "--input" => playground.project.files.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The stages of the Dockerfile that the words name.
fn targets(playground: &Playground, command: &Command, before: &[String]) -> Vec<String> {
    let parsed = command.read(before).unwrap_or_default();
    let path = parsed.last("file").unwrap_or("Dockerfile");
    let bytes = playground.project.resolve(path).and_then(|path| playground.read_file(&path)).unwrap_or_default();
    let (lowered, _) = dockerfile::lower_all(&dockerfile::parse(&Source::new(path, bytes)));
    stages(&lowered.dockerfile, "").into_iter().map(|stage| stage.name).collect()
}

/// Files and folders as words from the working directory.
fn files(playground: &Playground, word: &str) -> Vec<String> {
    let folder = word.rfind('/').map_or("", |at| &word[..=at]);
    let Some(inside) = playground.project.resolve(if folder.is_empty() { "." } else { folder }) else { return Vec::new() };
    let tree = playground.project.tree(&inside);
    let entries = tree.root().entries.iter();
    entries.map(|(name, node)| [folder, name, if matches!(node, Node::Directory(_)) { "/" } else { "" }].concat()).collect()
}

/// A name as people write it: `app` of `docker.io/library/app:latest`.
fn short(tag: &str) -> String {
    let (name, tag) = familiar(tag);
    if tag == "latest" { name } else { [&name, ":", &tag].concat() }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::types::ProjectFile;
    use super::*;

    fn check(line: &str, from: u32, expect: &[&str]) {
        let mut playground = Playground::new();
        let file = |path: &str, text: &str| ProjectFile { path: path.into(), bytes: text.as_bytes().into(), mode: 0o644, mtime: 0.0 };
        playground.set_project(vec![
            file("Dockerfile", "FROM scratch AS base\nFROM base AS client\n"),
            file("cmd/main.go", ""),
            file("other/Dockerfile", "FROM scratch AS far\n"),
        ]);
        playground.command("docker build -t app:1 -t app --target=base .", 0.0);
        let found = playground.terminal_words(line);
        assert_eq!((found.from, found.words), (from, expect.iter().map(|word| (*word).to_owned()).collect()), "{line}");
    }

    #[test]
    fn words_are_proposed() {
        check("do", 0, &["docker"]);
        check("docker bui", 7, &["build", "builder", "buildx"]);
        check("docker buildx history ", 22, &["inspect", "logs", "ls", "rm"]);
        check("docker build --met", 13, &["--metadata-file="]);
        check("docker build --no-c", 13, &["--no-cache", "--no-cache-filter="]);
        check("docker build --target=c", 13, &["--target=client"]);
        check("docker build -f other/Dockerfile --target ", 42, &["far"]);
        check("docker rmi app", 11, &["app:1"]);
        check("docker history a", 15, &["app", "app:1"]);
        check("docker buildx history logs ", 27, &["1"]);
        check("docker load --input=D", 12, &["--input=Dockerfile"]);
        check("cat cmd/", 4, &["cmd/main.go"]);
        check("docker system df ", 17, &[]);
    }
}
