//! Completion and hover for an editor: the engine's proposals with places in UTF-16 units.

use super::places::Places;
use super::project::Project;
use super::types::{Completion, Hover};
use crate::base::Source;
use crate::dockerfile::{self, CompletionContext, CompletionKind};

/// What people build on most.
const IMAGES: &[&str] = &["alpine", "busybox", "debian", "golang", "nginx", "node", "python", "scratch", "ubuntu"];

/// Proposals at a place.
pub fn complete(project: &Project, source: &Source, unit: u32) -> Vec<Completion> {
    let places = Places::new(&source.bytes);
    let paths: Vec<&str> = project.files.keys().map(String::as_str).collect();
    let found = dockerfile::complete(source, places.byte(unit), CompletionContext { images: IMAGES, paths: &paths });
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
        let found = complete(&Project::default(), &source, 13);
        assert_eq!(found.iter().map(|found| (found.insert.as_str(), found.from, found.to)).collect::<Vec<_>>(), [("alpine", 10, 13)]);
        assert_eq!(hover(&source, 6).map(|hover| (hover.title, hover.range.from)), Some(("FROM".into(), 5)));
    }
}
