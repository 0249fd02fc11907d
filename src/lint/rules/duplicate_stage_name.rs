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

fn look(fact: &Fact<'_>, _: &Place<'_>) -> Option<Finding> {
    let Fact::StageName { name, again: true } = *fact else { return None };
    Some(Finding::new(format!("Duplicate stage name {}, stage names should be unique", go::quote(name))))
}
