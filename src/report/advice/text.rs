//! Changes of files as text, and the copy that has them.

use super::{dockerfile, new_file};
use crate::base::{LineRange, Source};
use crate::dockerfile::instruction::Instruction;
use crate::filesystem::{ImagePath, Tree};
use crate::plan::Request;

/// Lines `first..=last` (from 1) of a file become `text`, which ends with a newline or is empty; if `last` is before `first`,
/// it is put before line `first`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct FileEdit {
    /// `None`: the Dockerfile; else a path in the context, whose file may be new.
    pub path: Option<String>,
    pub first: u32,
    pub last: u32,
    pub text: String,
}

impl FileEdit {
    /// Of the Dockerfile: these lines become `text`.
    pub fn replace((first, last): (u32, u32), text: String) -> Self {
        Self { path: None, first, last, text }
    }

    /// Of the Dockerfile: `text` before this line.
    pub fn before(line: u32, text: String) -> Self {
        Self { path: None, first: line, last: line - 1, text }
    }
}

/// First and last line of an instruction.
pub fn lines(ranges: &[LineRange]) -> (u32, u32) {
    (ranges.iter().map(|range| range.start).min().unwrap_or(1), ranges.iter().map(|range| range.end).max().unwrap_or(1))
}

/// The text of an instruction, with its last newline.
pub fn text_of(source: &Source, instruction: &Instruction) -> String {
    let (first, last) = lines(&instruction.lines);
    let text = dockerfile(source);
    let mut out: String = text.split('\n').skip(first as usize - 1).take((last + 1 - first) as usize).collect::<Vec<_>>().join("\n");
    out.push('\n');
    out
}

/// A text with edits, the last ones first, so that line numbers stay.
pub fn edited(text: &str, edits: &[&FileEdit]) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if let Some(last) = lines.last_mut().filter(|line| !line.ends_with('\n')) {
        last.push('\n');
    }
    let mut edits: Vec<&&FileEdit> = edits.iter().collect();
    crate::base::sort_by_key(&mut edits, |edit| std::cmp::Reverse((edit.first, edit.last)));
    for edit in edits {
        let from = (edit.first.max(1) as usize - 1).min(lines.len());
        let to = (edit.last as usize).clamp(from, lines.len());
        lines.splice(from..to, [edit.text.clone()]);
    }
    lines.concat()
}

/// The request and the context with the edits.
pub fn apply(request: &Request, context: &Tree, edits: &[FileEdit]) -> Option<(Request, Tree)> {
    let of = |path: &Option<String>| edits.iter().filter(|edit| edit.path == *path).collect::<Vec<_>>();
    let text = edited(&dockerfile(&request.dockerfile), &of(&None));
    let mut context = context.clone();
    for path in edits.iter().filter_map(|edit| edit.path.clone()) {
        let place = ImagePath::new(&path);
        let old = context.get(&place).and_then(|node| node.as_file()).map(|file| file.content.head(1 << 20)).unwrap_or_default();
        let text = edited(&String::from_utf8_lossy(&old), &of(&Some(path)));
        context = context.insert(&place, new_file(text)).ok()?;
    }
    Some((Request { dockerfile: Source::new(&request.dockerfile.name, text), ..request.clone() }, context))
}
