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

/// The value behind an `=`, in quotes where it has blanks outside of any.
fn with_equals(keyword: &str, place: &Place<'_>) -> Option<Fix> {
    let rest = place.text().get(keyword.len()..)?.trim();
    let (key, value) = rest.split_once(char::is_whitespace)?;
    let value = value.trim();
    if value.contains(['\\', '`', '\n']) {
        return None;
    }
    let value = match (value.contains(char::is_whitespace), value.contains(['"', '\''])) {
        (true, false) => go::quote(value),
        // Quotes around the whole value stay; others could not be told from it.
        (true, true) if !is_one_quoted(value) => return None,
        _ => value.to_owned(),
    };
    let span = Span { start: place.span.start + u32::try_from(keyword.len()).ok()?, end: place.span.end };
    Some(Fix { title: "Use `=`".into(), edits: vec![TextEdit { span, text: format!(" {key}={value}") }] })
}

fn is_one_quoted(value: &str) -> bool {
    ['"', '\''].iter().any(|quote| {
        let inside = value.strip_prefix(*quote).and_then(|value| value.strip_suffix(*quote));
        inside.is_some_and(|inside| !inside.contains(*quote))
    })
}
