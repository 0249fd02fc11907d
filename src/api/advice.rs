//! Advice that was tried, for the page: each is an edit that a click makes.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::playground::Playground;
use super::project::ProjectClient;
use super::types::{Change, mirror};
use super::view;
use crate::docker::command::parse_build;
use crate::docker::simulate;
use crate::report::{Advice, FileEdit, Measure};

mirror! {
    /// A change that was tried on a copy and pays. `kind`: `manifest-first`, `move-run`, `narrow-copy`, `ignore`, `cache-mount`, `slim-base`, `join-runs`, `split-stage`; the page words it with `values`. `edited`: the file whose edit was tried.
    pub struct AdviceView { pub kind: String, pub values: Vec<String>, pub edits: Vec<FileChanges>, pub edited: String, pub before: MeasureView, pub after: MeasureView }

    /// The changes of one file, in UTF-16 units of its text as it is; a file that is not there begins empty.
    pub struct FileChanges { pub path: String, pub changes: Vec<Change> }

    /// What a build costs: cold, after the edit, bytes of its image, bytes sent.
    pub struct MeasureView { pub cold_ms: f64, pub rebuild_ms: f64, pub image: f64, pub sent: f64 }
}

/// Tries changes of the build that a line asks for.
pub fn advise(playground: &Playground, line: &str) -> Vec<AdviceView> {
    let command = super::forecast::words(playground, line).ok().and_then(|words| parse_build(&words).ok());
    let Some(command) = command else { return Vec::new() };
    let client = ProjectClient { project: &playground.project, images: playground.images() };
    let dockerfile = command.file.clone().unwrap_or_else(|| "Dockerfile".into());
    let text = |path: &str| {
        let path = playground.project.resolve(path).unwrap_or_default();
        playground.project.files.get(&path).map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).unwrap_or_default()
    };
    let advice = simulate::advise(&command, &client).unwrap_or_default();
    let view = |advice: Advice| {
        let mut edits: Vec<FileChanges> = Vec::new();
        for edit in &advice.edits {
            let path = edit.path.clone().unwrap_or_else(|| dockerfile.clone());
            let change = change(&text(&path), edit);
            match edits.iter_mut().find(|known| known.path == path) {
                Some(known) => known.changes.push(change),
                None => edits.push(FileChanges { path, changes: vec![change] }),
            }
        }
        AdviceView {
            kind: advice.kind.to_owned(),
            values: advice.values,
            edits,
            edited: advice.edited,
            before: measure(&advice.before),
            after: measure(&advice.after),
        }
    };
    advice.into_iter().map(view).collect()
}

pub(super) fn measure(measure: &Measure) -> MeasureView {
    MeasureView {
        cold_ms: view::ms(measure.cold),
        rebuild_ms: view::ms(measure.rebuild),
        image: measure.image as f64,
        sent: measure.sent as f64,
    }
}

/// Lines to places in UTF-16 units.
fn change(text: &str, edit: &FileEdit) -> Change {
    let place =
        |line: u32| -> usize { text.split_inclusive('\n').take((line.max(1) - 1) as usize).map(|line| line.encode_utf16().count()).sum() };
    let (from, to) = (place(edit.first), place(edit.last + 1).max(place(edit.first)));
    let open = from == text.encode_utf16().count() && !text.is_empty() && !text.ends_with('\n');
    let insert = if open { ["\n", &edit.text].concat() } else { edit.text.clone() };
    Change { from: from as u32, to: to as u32, insert }
}
