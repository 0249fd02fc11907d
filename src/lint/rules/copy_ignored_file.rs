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

fn look(fact: &Fact<'_>, _: &Place<'_>) -> Option<Finding> {
    let Fact::IgnoredSource { instruction, path } = *fact else { return None };
    let path = go::quote(path);
    Some(Finding::new(format!("Attempting to {instruction} file {path} that is excluded by .dockerignore")))
}
