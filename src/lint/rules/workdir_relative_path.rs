//! The first WORKDIR is relative.

use crate::base::Rule;
use crate::base::go;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "WorkdirRelativePath",
    description: "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes",
    url: "https://docs.docker.com/go/dockerfile/rule/workdir-relative-path/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::FirstWorkdirRelative { path } = *fact else { return None };
    let message = format!("Relative workdir {} can have unexpected results if the base image changes", go::quote(path));
    let right = go::join_path("/", path);
    Some(Finding::new(message).fixed(place.replace_word(format!("Use `{right}`"), 7, path, &right)))
}
