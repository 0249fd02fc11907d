//! Completion and hover for an editor: the engine's proposals with places in UTF-16 units.

use std::collections::BTreeSet;

use super::places::Places;
use super::project::Project;
use super::types::{Completion, Hover};
use crate::base::{Source, set_of};
use crate::dockerfile::{self, CompletionContext, CompletionKind};
use crate::lint::RULES;

/// What people build on most.
const IMAGES: &[&str] = &["alpine", "busybox", "debian", "golang", "nginx", "node", "python", "scratch", "ubuntu"];

/// Proposals at a place. `built`: names of images that were built here.
pub fn complete(project: &Project, built: &[String], source: &Source, unit: u32) -> Vec<Completion> {
    let places = Places::new(&source.bytes);
    let images: Vec<&str> = IMAGES.iter().copied().chain(built.iter().map(String::as_str)).collect();
    let folders = folders(project);
    let paths: Vec<&str> = folders.iter().map(String::as_str).chain(project.files.keys().map(String::as_str)).collect();
    let rules: Vec<&str> = RULES.iter().map(|check| check.rule.name).collect();
    let context = CompletionContext { images: &images, paths: &paths, rules: &rules };
    let found = dockerfile::complete(source, places.byte(unit), context);
    found
        .into_iter()
        .map(|proposal| Completion {
            label: proposal.text.clone(),
            kind: kind(proposal.kind).into(),
            detail: proposal.detail.into(),
            insert: proposal.text,
            from: places.unit(proposal.span.start),
            to: places.unit(proposal.span.end),
        })
        .collect()
}

/// Every folder of the project, with `/` at its end.
fn folders(project: &Project) -> BTreeSet<String> {
    let cuts = |path: &String| path.match_indices('/').map(|(at, _)| path[..=at].to_owned()).collect::<Vec<_>>();
    set_of(project.files.keys().flat_map(cuts))
}

/// What is to be said of the word at a place.
pub fn hover(source: &Source, unit: u32) -> Option<Hover> {
    let places = Places::new(&source.bytes);
    let found = dockerfile::hover(source, places.byte(unit))?;
    let word = source.bytes.get(found.span.start as usize..found.span.end as usize).unwrap_or_default();
    Some(Hover { range: places.span(found.span), title: String::from_utf8_lossy(word).into_owned(), text: found.text.into() })
}

fn kind(kind: CompletionKind) -> &'static str {
    match kind {
        CompletionKind::Instruction => "instruction",
        CompletionKind::Flag => "flag",
        CompletionKind::Value => "value",
        CompletionKind::Stage => "stage",
        CompletionKind::Variable => "variable",
        CompletionKind::Image => "image",
        CompletionKind::Path => "path",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_utf16_units() {
        let source = Source::new("Dockerfile", "# 🚢\nFROM alp");
        let found = complete(&Project::default(), &[], &source, 13);
        assert_eq!(found.iter().map(|found| (found.insert.as_str(), found.from, found.to)).collect::<Vec<_>>(), [("alpine", 10, 13)]);
        assert_eq!(hover(&source, 6).map(|hover| (hover.title, hover.range.from)), Some(("FROM".into(), 5)));
    }
}
