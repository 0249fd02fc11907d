//! An empty line inside a continued instruction.

use crate::base::Rule;
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

fn look(fact: &Fact<'_>, _: &Place<'_>) -> Option<Finding> {
    let Fact::EmptyContinuation = *fact else { return None };
    Some(Finding::new("Empty continuation line"))
}
