//! Smaller images: a slim base, a last stage with only what runs.

use super::text::{FileEdit, lines, text_of};
use super::{Candidate, Scene, result};
use crate::base::Reference;
use crate::dockerfile;
use crate::dockerfile::instruction::{Kind, Stage};
use crate::filesystem::{ImagePath, Tree};

/// Smaller bases; a stage of its own for what runs.
pub fn candidates(scene: &Scene) -> Vec<Candidate> {
    let lowered = dockerfile::lower(&dockerfile::parse(&scene.request.dockerfile));
    let stages = &lowered.dockerfile.stages;
    let mut out: Vec<Candidate> = stages.iter().flat_map(|stage| slim(scene, stage)).collect();
    out.extend(stages.last().filter(|_| scene.request.target.is_none()).and_then(|stage| split(scene, stage)));
    out
}

/// The base's variants that say that they are small.
fn slim(scene: &Scene, stage: &Stage) -> Vec<Candidate> {
    let base = stage.base_name.as_str();
    if base.contains(['$', '@']) || ["slim", "alpine"].iter().any(|word| base.contains(word)) {
        return Vec::new();
    }
    let named = if base.rsplit('/').next().is_some_and(|name| name.contains(':')) { format!("{base}-") } else { format!("{base}:") };
    let candidate = |variant: &str| {
        let smaller = format!("{named}{variant}");
        let known = Reference::parse(&smaller).ok().and_then(|name| scene.world.images.facts(&name.tagged().to_string()));
        known.is_some().then(|| {
            let text = stage.text.replacen(base, &smaller, 1) + "\n";
            Candidate {
                kind: "slim-base",
                values: vec![base.to_owned(), smaller],
                edits: vec![FileEdit::replace(lines(&stage.lines), text)],
                same_files: false,
                edited: None,
            }
        })
    };
    ["slim", "alpine"].into_iter().filter_map(candidate).collect()
}

/// A last stage from scratch with the program of a statically linked language.
fn split(scene: &Scene, stage: &Stage) -> Option<Candidate> {
    let is_go = stage.base_name.rsplit('/').next().is_some_and(|name| name.starts_with("golang"));
    let starts = || stage.instructions.iter().filter(|instruction| matches!(instruction.kind, Kind::Cmd(_) | Kind::Entrypoint(_)));
    let program = starts().find_map(|instruction| match &instruction.kind {
        Kind::Entrypoint(line) | Kind::Cmd(line) if !line.prepend_shell => line.args.first().cloned(),
        _ => None,
    });
    let path = find(&*result(scene.cold)?, &program?).filter(|_| is_go)?;
    let (name, mut edits) = match stage.name.as_str() {
        "" => ("build", vec![FileEdit::replace(lines(&stage.lines), format!("{} AS build\n", stage.text))]),
        name => (name, Vec::new()),
    };
    let mut text = format!("\nFROM scratch\nCOPY --from={name} {path} {path}\n");
    for instruction in &stage.instructions {
        let kept = matches!(
            instruction.kind,
            Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Expose(_) | Kind::Label(_) | Kind::StopSignal(_) | Kind::Healthcheck(_)
        );
        if kept {
            text.push_str(&text_of(&scene.request.dockerfile, instruction));
            edits.push(FileEdit::replace(lines(&instruction.lines), String::new()));
        }
    }
    let end = scene.request.dockerfile.bytes.iter().filter(|byte| **byte == b'\n').count() as u32 + 2;
    edits.push(FileEdit::before(end, text));
    Some(Candidate { kind: "split-stage", values: vec![path.to_string()], edits, same_files: false, edited: None })
}

/// Where a program is: by its path, or in the usual folders.
fn find(tree: &Tree, program: &str) -> Option<ImagePath> {
    let places = ["", "/go/bin/", "/usr/local/bin/", "/usr/bin/", "/bin/"];
    let place = |folder: &&str| (program.starts_with('/') == folder.is_empty()).then(|| ImagePath::new(&format!("{folder}{program}")));
    places.iter().filter_map(place).find(|path| tree.lookup(path).is_ok_and(|(_, node)| node.as_file().is_some()))
}
