//! Completion and hover for a Dockerfile: from its own stages and variables, the project's files, and a table of instructions.

use std::collections::BTreeSet;

use super::places::Places;
use super::project::Project;
use super::types::{Completion, Hover};
use crate::base::{Source, Span};
use crate::dockerfile::{self, Ast, Node, TokenKind, highlight};

/// (name, what it does, its flags)
const INSTRUCTIONS: &[(&str, &str, &[&str])] = &[
    (
        "ADD",
        "Copies files, URLs or git repositories into the image; archives on disk are unpacked.",
        &["--checksum=", "--chmod=", "--chown=", "--exclude=", "--keep-git-dir", "--link", "--unpack"],
    ),
    ("ARG", "Declares a variable that `--build-arg` can set. It is gone once the build is over.", &[]),
    ("CMD", "What a container runs if nothing else is asked for; arguments of ENTRYPOINT if there is one.", &[]),
    (
        "COPY",
        "Copies files of the build context, or with `--from` of another stage or image.",
        &["--chmod=", "--chown=", "--exclude=", "--from=", "--link", "--parents"],
    ),
    ("ENTRYPOINT", "The program that a container always runs.", &[]),
    ("ENV", "Sets a variable for the steps below and for containers.", &[]),
    ("EXPOSE", "Says which ports the program listens on; it opens none.", &[]),
    ("FROM", "Begins a stage on an image, on another stage, or on nothing (`scratch`).", &["--platform="]),
    (
        "HEALTHCHECK",
        "How to ask whether the container is well.",
        &["--interval=", "--retries=", "--start-interval=", "--start-period=", "--timeout="],
    ),
    ("LABEL", "Writes metadata into the image.", &[]),
    ("MAINTAINER", "Deprecated: use a label.", &[]),
    ("ONBUILD", "An instruction that runs when another build uses this image as its base.", &[]),
    (
        "RUN",
        "Runs a command; what it changes becomes a layer.",
        &[
            "--device=",
            "--mount=type=bind,",
            "--mount=type=cache,target=",
            "--mount=type=secret,id=",
            "--mount=type=ssh",
            "--mount=type=tmpfs,target=",
            "--network=",
            "--security=",
        ],
    ),
    ("SHELL", "The shell of shell forms.", &[]),
    ("STOPSIGNAL", "The signal that ends a container.", &[]),
    ("USER", "Who runs the steps below and the container.", &[]),
    ("VOLUME", "Folders whose content is kept outside of the container.", &[]),
    ("WORKDIR", "The folder of the steps below; it is made if it is not there.", &[]),
];

/// Proposals at a byte.
pub fn complete(project: &Project, source: &Source, unit: u32) -> Vec<Completion> {
    let places = Places::new(&source.bytes);
    let cursor = (places.byte(unit) as usize).min(source.bytes.len());
    let before = String::from_utf8_lossy(&source.bytes[..cursor]).into_owned();
    let ast = dockerfile::parse(source);
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '"' || c == '[' || c == ',').next().unwrap_or("").to_owned();
    let line = logical_line(&before);
    let keyword = line.split_whitespace().next().unwrap_or("").to_uppercase();
    let first = line.trim_start() == word;
    let mut found = Vec::new();
    let mut propose = |typed: &str, label: &str, kind: &str, detail: &str| {
        let matches = label.to_lowercase().starts_with(&typed.to_lowercase()) && label != typed;
        if matches {
            let from = unit.saturating_sub(typed.encode_utf16().count() as u32);
            found.push(Completion { label: label.into(), kind: kind.into(), detail: detail.into(), insert: label.into(), from, to: unit });
        }
    };
    if first {
        INSTRUCTIONS.iter().for_each(|(name, what, _)| propose(&word, name, "instruction", what));
    } else if let Some((_, typed)) = word.rsplit_once("${").or_else(|| word.rsplit_once('$')) {
        variables(&ast, cursor).iter().for_each(|name| propose(typed, name, "variable", ""));
    } else if let Some(typed) = word.strip_prefix("--from=") {
        stage_names(&ast, cursor).iter().for_each(|name| propose(typed, name, "stage", ""));
    } else if word.starts_with('-') {
        let flags = INSTRUCTIONS.iter().find(|instruction| instruction.0 == keyword).map_or(&[][..], |instruction| instruction.2);
        flags.iter().for_each(|flag| propose(&word, flag, "flag", ""));
    } else if keyword == "FROM" {
        stage_names(&ast, cursor).iter().for_each(|name| propose(&word, name, "stage", ""));
        IMAGES.iter().for_each(|name| propose(&word, name, "image", ""));
    } else if matches!(keyword.as_str(), "COPY" | "ADD") && !line.contains("--from") {
        paths(project, &word).iter().for_each(|path| propose(&word, path, "file", ""));
    }
    found
}

/// What people build on most.
const IMAGES: &[&str] = &["alpine", "busybox", "debian", "golang", "nginx", "node", "python", "scratch", "ubuntu"];

/// What stands before the cursor on its line, continued lines above included.
fn logical_line(before: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in before.rsplit('\n') {
        if !lines.is_empty() && !line.trim_end().ends_with('\\') {
            break;
        }
        lines.push(line);
    }
    lines.reverse();
    lines.join(" ")
}

/// Entries of the folder that is being typed; folders end in a slash.
fn paths(project: &Project, typed: &str) -> BTreeSet<String> {
    let folder = typed.rsplit_once('/').map_or("", |(folder, _)| folder);
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let inside = prefix.trim_start_matches("./").trim_start_matches('/').to_owned();
    let entry = |rest: &str| match rest.split_once('/') {
        Some((folder, _)) => format!("{prefix}{folder}/"),
        None => format!("{prefix}{rest}"),
    };
    project.files.keys().filter_map(|path| path.strip_prefix(&inside)).map(entry).collect()
}

fn above(ast: &Ast, cursor: usize) -> impl Iterator<Item = &Node> {
    ast.nodes.iter().filter(move |node| (node.span.start as usize) < cursor)
}

fn words(node: &Node) -> Vec<String> {
    node.original.to_str().split_whitespace().map(str::to_owned).collect()
}

fn stage_names(ast: &Ast, cursor: usize) -> BTreeSet<String> {
    let name = |node: &Node| {
        let words = words(node);
        let at = words.iter().position(|word| word.eq_ignore_ascii_case("as"))?;
        words.get(at + 1).cloned()
    };
    above(ast, cursor).filter(|node| node.name() == "from").filter_map(name).collect()
}

fn variables(ast: &Ast, cursor: usize) -> BTreeSet<String> {
    let declares = |node: &&Node| matches!(node.name().as_str(), "arg" | "env");
    above(ast, cursor)
        .filter(declares)
        .flat_map(words)
        .skip(1)
        .filter_map(|word| Some(word.split('=').next()?.to_owned()))
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        .filter(|name| !matches!(name.to_uppercase().as_str(), "ARG" | "ENV"))
        .collect()
}

/// What is to be said of the token at a byte.
pub fn hover(source: &Source, unit: u32) -> Option<Hover> {
    let places = Places::new(&source.bytes);
    let byte = places.byte(unit);
    let (span, kind) = highlight(source).into_iter().find(|(span, _)| (span.start..span.end).contains(&byte))?;
    let text = text_of(source, span);
    let upper = text.to_uppercase();
    let (title, text) = match kind {
        TokenKind::Keyword => {
            INSTRUCTIONS.iter().find(|instruction| instruction.0 == upper).map(|found| (found.0.to_owned(), found.1.to_owned()))?
        }
        TokenKind::Variable => {
            let name: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let ast = dockerfile::parse(source);
            let line = above(&ast, byte as usize)
                .filter(|node| matches!(node.name().as_str(), "arg" | "env"))
                .filter(|node| words(node).iter().any(|word| word.split('=').next() == Some(&name)))
                .last()?;
            (format!("${name}"), format!("line {}: {}", line.start_line, line.original.to_str().trim()))
        }
        _ => return None,
    };
    Some(Hover { range: places.span(span), title, text })
}

fn text_of(source: &Source, span: Span) -> String {
    let bytes = source.bytes.get(span.start as usize..span.end as usize).unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::ProjectFile;

    /// `|` marks the cursor.
    fn check(text: &str, expect: &[&str]) {
        let (before, after) = text.split_once('|').expect("a cursor");
        let source = Source::new("Dockerfile", format!("{before}{after}"));
        let file = |path: &str| (path.to_owned(), ProjectFile { path: path.into(), bytes: Vec::new(), mode: 0o644, mtime: 0.0 });
        let project = Project { files: [file("cmd/a.go"), file("go.mod"), file("go.sum")].into(), ..Project::default() };
        let found = complete(&project, &source, before.encode_utf16().count() as u32);
        assert_eq!(found.iter().map(|found| found.insert.as_str()).collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn what_fits_the_place_is_proposed() {
        check("fr|", &["FROM"]);
        check("FROM alp|", &["alpine"]);
        check("FROM golang AS build\nFROM scratch\nCOPY --from=|", &["build"]);
        check("FROM a\nCOPY go|", &["go.mod", "go.sum"]);
        check("FROM a\nCOPY cmd/|", &["cmd/a.go"]);
        check("FROM a\nCOPY --ch|", &["--chmod=", "--chown="]);
        check("ARG GO=1\nFROM a\nENV B=$G|", &["GO"]);
        check("FROM a\nRUN x \\\n  --|", &[]);
    }

    #[test]
    fn words_are_explained() {
        let source = Source::new("Dockerfile", "ARG V=1\nFROM a:$V\n");
        assert_eq!(hover(&source, 1).map(|hover| hover.title), Some("ARG".into()));
        assert_eq!(hover(&source, 16).map(|hover| hover.text), Some("line 1: ARG V=1".into()));
        assert_eq!(hover(&source, 4), None);
    }
}
