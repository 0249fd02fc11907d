//! The comment above an ARG or a named FROM does not begin with the name.

use crate::base::{Fix, Rule, Span, TextEdit};
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "InvalidDefinitionDescription",
    description: "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
    url: "https://docs.docker.com/go/dockerfile/rule/invalid-definition-description/",
    experimental: true,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Undescribed { instruction, example } = *fact else { return None };
    let message = format!("Comment for {instruction} should follow the format: `# {example} <description>`");
    Some(Finding::new(message).fixed(apart(place)))
}

/// An empty comment between: then the one above describes nothing.
fn apart(place: &Place<'_>) -> Option<Fix> {
    let before = place.source.get(..place.span.start as usize)?;
    let line = before.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    let start = u32::try_from(line).ok()?;
    let edit = TextEdit { span: Span { start, end: start }, text: "#\n".into() };
    Some(Fix { title: "Part the comment from the instruction".into(), edits: vec![edit] })
}
