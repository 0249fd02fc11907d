//! A stage called `scratch` or `context`.

use crate::base::Rule;
use crate::base::go;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "ReservedStageName",
    description: "Reserved words should not be used as stage names",
    url: "https://docs.docker.com/go/dockerfile/rule/reserved-stage-name/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::StageName { name: name @ ("scratch" | "context"), renaming, .. } = *fact else { return None };
    let message = format!("Stage name should not use the same name as reserved stage {}", go::quote(name));
    Some(Finding::new(message).at(place.last_word()).fixed(renaming()))
}
