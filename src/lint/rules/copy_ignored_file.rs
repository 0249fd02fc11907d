//! A source that `.dockerignore` excludes.

use crate::base::Rule;
use crate::base::go;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "CopyIgnoredFile",
    description: "Attempting to Copy file that is excluded by .dockerignore",
    url: "https://docs.docker.com/go/dockerfile/rule/copy-ignored-file/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::IgnoredSource { instruction, path } = *fact else { return None };
    let quoted = go::quote(path);
    let message = format!("Attempting to {instruction} file {quoted} that is excluded by .dockerignore");
    Some(Finding::new(message).at(place.word(instruction.len(), path)))
}
