//! Another name for a stage, there and wherever it is meant: an edit for stages that are called alike.

use crate::base::{self, Fix, Span, TextEdit};
use crate::dockerfile::instruction::{Dockerfile, Instruction, Kind, mount_from};

/// `name` -> `name-2`, or the first number that is free.
pub(crate) fn rename(file: &Dockerfile, index: usize, source: &[u8]) -> Option<Fix> {
    let stage = file.stages.get(index)?;
    let taken = |name: &str| file.stages.iter().any(|other| other.name == name);
    let new = (2..).map(|number| format!("{}-{number}", stage.name)).find(|name| !taken(name))?;
    let mut spans = vec![word(source, stage.span, &stage.name, true)?];
    // FROM means the latest stage above; `--from` the last one of the file, wherever it stands.
    let same = |at: &usize| file.stages.get(*at).is_some_and(|other| other.name == stage.name);
    let next = (index + 1..file.stages.len()).find(same).unwrap_or(file.stages.len());
    for (at, other) in file.stages.iter().enumerate() {
        if index < at && at <= next && other.base_name == stage.name {
            spans.extend(word(source, other.span, &stage.name, false));
        }
        if next == file.stages.len() {
            let means = other.instructions.iter().filter(|one| takes_from(one, &stage.name));
            spans.extend(means.filter_map(|one| after(source, one.span, "from=", &stage.name)));
        }
    }
    base::sort(&mut spans);
    spans.dedup();
    let edits = spans.into_iter().map(|span| TextEdit { span, text: new.clone() }).collect();
    Some(Fix { title: format!("Call it `{new}`"), edits })
}

fn takes_from(instruction: &Instruction, name: &str) -> bool {
    match &instruction.kind {
        Kind::Copy(copy) => copy.from.eq_ignore_ascii_case(name),
        Kind::Run(run) => run.mounts.iter().any(|mount| mount_from(mount).eq_ignore_ascii_case(name)),
        _ => false,
    }
}

/// The last or the first word of this name, in any case, behind the keyword.
fn word(source: &[u8], span: Span, name: &str, last: bool) -> Option<Span> {
    let text = std::str::from_utf8(source.get(span.start as usize..span.end as usize)?).ok()?;
    let mut words = text.split_whitespace().skip(1).filter(|word| word.eq_ignore_ascii_case(name));
    let found = if last { words.last() } else { words.next() }?;
    place(span, found.as_ptr() as usize - text.as_ptr() as usize, name.len())
}

/// The name behind `prefix`, in any case.
fn after(source: &[u8], span: Span, prefix: &str, name: &str) -> Option<Span> {
    let text = std::str::from_utf8(source.get(span.start as usize..span.end as usize)?).ok()?;
    let mut places = text.match_indices(prefix).map(|(at, _)| at + prefix.len());
    let is_name = |at: &usize| {
        let found = text.get(*at..*at + name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
        found && !text[*at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    place(span, places.find(is_name)?, name.len())
}

fn place(span: Span, at: usize, length: usize) -> Option<Span> {
    let start = span.start + u32::try_from(at).ok()?;
    Some(Span { start, end: start + u32::try_from(length).ok()? })
}
