//! An empty line inside a continued instruction.

use crate::base::{Fix, Rule, Span, TextEdit};
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "NoEmptyContinuation",
    description: "Empty continuation lines will become errors in a future release",
    url: "https://docs.docker.com/go/dockerfile/rule/no-empty-continuation/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::EmptyContinuation { blank_lines } = *fact else { return None };
    let whole = |line: &Span| {
        let rest = place.source.get(line.start as usize..)?;
        let length = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |end| end + 1);
        let span = Span { start: line.start, end: line.start + u32::try_from(length).ok()? };
        Some(TextEdit { span, text: String::new() })
    };
    let edits: Vec<TextEdit> = blank_lines.iter().filter_map(whole).collect();
    let fix = (!edits.is_empty()).then(|| Fix { title: "Remove the empty lines".into(), edits });
    Some(Finding::new("Empty continuation line").at(blank_lines.first().copied()).fixed(fix))
}
