//! `ENV key value`.

use crate::base::Rule;
use crate::base::{Fix, Span, TextEdit, go};
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "LegacyKeyValueFormat",
    description: "Legacy key/value format with whitespace separator should not be used",
    url: "https://docs.docker.com/go/dockerfile/rule/legacy-key-value-format/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Pair { keyword, legacy: true } = *fact else { return None };
    let message = format!("\"{keyword} key=value\" should be used instead of legacy \"{keyword} key value\" format");
    Some(Finding::new(message).fixed(with_equals(keyword, place)))
}

/// The value in quotes behind an `=`, where neither holds anything that quotes would change.
fn with_equals(keyword: &str, place: &Place<'_>) -> Option<Fix> {
    let rest = place.text().get(keyword.len()..)?.trim();
    let (key, value) = rest.split_once(char::is_whitespace)?;
    if value.contains(['"', '\'', '\\', '\n']) {
        return None;
    }
    let span = Span { start: place.span.start + u32::try_from(keyword.len()).ok()?, end: place.span.end };
    let value = value.trim();
    let value = if value.contains(char::is_whitespace) { go::quote(value) } else { value.to_owned() };
    Some(Fix { title: "Use `=`".into(), edits: vec![TextEdit { span, text: format!(" {key}={value}") }] })
}
