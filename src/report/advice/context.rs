//! Less of the context: lines for the ignore file, narrower copies.

use super::text::{FileEdit, lines};
use super::{Candidate, Scene, attempt};
use crate::dockerfile;
use crate::dockerfile::instruction::{Instruction, Kind};
use crate::filesystem::{ImagePath, Node, Tree};

/// What images seldom need.
const NEEDLESS: &[&str] =
    &[".git", "node_modules", "Dockerfile", ".dockerignore", ".env", "__pycache__", ".venv", "coverage", ".idea", ".vscode", "docs"];
/// Entries of the context that are tried one by one at most.
const TRIED: usize = 12;

/// Lines for the ignore file; copies of the parts that a stage needs.
pub fn candidates(scene: &Scene) -> Vec<Candidate> {
    let lowered = dockerfile::lower(&dockerfile::parse(&scene.request.dockerfile));
    let mut out = Vec::new();
    let whole =
        |instruction: &&Instruction| matches!(&instruction.kind, Kind::Copy(copy) if copy.from.is_empty() && copy.sources.paths == ["."]);
    let copies: Vec<&Instruction> = lowered.dockerfile.stages.iter().flat_map(|stage| &stage.instructions).filter(whole).collect();
    if !copies.is_empty() {
        out.extend(ignore(scene));
    }
    for copy in copies {
        out.extend(narrow(scene, copy));
    }
    out
}

fn entries(context: &Tree) -> Vec<String> {
    context.root().entries.keys().map(|name| name.to_string()).collect()
}

fn ignore(scene: &Scene) -> Option<Candidate> {
    if scene.request.ignore_file.is_some() {
        return None;
    }
    let old = scene.context.get(&ImagePath::new(".dockerignore")).and_then(Node::as_file).map(|file| file.content.head(1 << 20));
    let old = String::from_utf8_lossy(&old.unwrap_or_default()).into_owned();
    let has = |line: &str| old.lines().any(|known| known.trim().trim_start_matches("./").trim_matches('/') == line);
    let mut added: Vec<String> =
        NEEDLESS.iter().filter(|name| scene.context.get(&ImagePath::new(name)).is_some()).map(|name| (*name).to_owned()).collect();
    let remarks = entries(scene.context).into_iter().find(|name| name.ends_with(".md"));
    if remarks.is_some() {
        added.push("*.md".into());
    }
    added.retain(|line| !has(line));
    let edited = remarks.or_else(|| {
        added.iter().find(|name| scene.context.get(&ImagePath::new(name)).is_some_and(|node| node.as_file().is_some())).cloned()
    });
    let edited = ImagePath::new(&edited?);
    let end = old.lines().count() as u32;
    let text: String = added.iter().map(|line| format!("{line}\n")).collect();
    let edit = FileEdit { path: Some(".dockerignore".into()), first: end + 1, last: end, text };
    (!added.is_empty()).then(|| Candidate {
        kind: "ignore",
        values: vec![added.join(" ")],
        edits: vec![edit],
        same_files: false,
        edited: Some(edited),
    })
}

/// `COPY . DEST` as a copy of only those entries without which the image is another one.
fn narrow(scene: &Scene, copy: &Instruction) -> Option<Candidate> {
    let Kind::Copy(what) = &copy.kind else { return None };
    let all = entries(scene.context);
    if all.len() < 2 || all.len() > TRIED || copy.text.contains("--") {
        return None;
    }
    let file = first_file(scene.context, &ImagePath::root())?;
    let whole = attempt(scene, &[], Some(&file))?.files;
    let dest = what.sources.dest.trim_end_matches('/');
    let dest = if dest.is_empty() { "/".to_owned() } else { format!("{dest}/") };
    let edit = |kept: &[String]| {
        let is_folder = |name: &&String| scene.context.get(&ImagePath::new(name)).is_some_and(|node| node.as_directory().is_some());
        let files: Vec<&str> = kept.iter().filter(|name| !is_folder(name)).map(String::as_str).collect();
        let mut text = if files.is_empty() { String::new() } else { format!("{} {} {dest}\n", copy.keyword, files.join(" ")) };
        for folder in kept.iter().filter(is_folder) {
            text.push_str(&format!("{} {folder} {dest}{folder}/\n", copy.keyword));
        }
        vec![FileEdit::replace(lines(&copy.lines), text)]
    };
    let mut kept = all.clone();
    for name in &all {
        let without: Vec<String> = kept.iter().filter(|other| *other != name).cloned().collect();
        if !without.is_empty() && attempt(scene, &edit(&without), Some(&file)).is_some_and(|tried| tried.files == whole) {
            kept = without;
        }
    }
    let dropped: Vec<String> = all.iter().filter(|name| !kept.contains(name)).cloned().collect();
    let edited = dropped.iter().find_map(|name| first_file(scene.context, &ImagePath::new(name)))?;
    Some(Candidate {
        kind: "narrow-copy",
        values: vec![kept.join(" "), dropped.join(" ")],
        edits: edit(&kept),
        same_files: true,
        edited: Some(edited),
    })
}

fn first_file(context: &Tree, path: &ImagePath) -> Option<ImagePath> {
    context.walk_from(path).find(|(_, node)| node.as_file().is_some()).map(|(path, _)| path)
}
