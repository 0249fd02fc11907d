//! Two stages of one name.

use crate::base::Rule;
use crate::base::go;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "DuplicateStageName",
    description: "Stage names should be unique",
    url: "https://docs.docker.com/go/dockerfile/rule/duplicate-stage-name/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::StageName { name, again: true, renaming } = *fact else { return None };
    let message = format!("Duplicate stage name {}, stage names should be unique", go::quote(name));
    Some(Finding::new(message).at(place.last_word()).fixed(renaming()))
}
