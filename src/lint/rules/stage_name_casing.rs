//! A stage name with capitals.

use crate::base::Case;
use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "StageNameCasing",
    description: "Stage names should be lowercase",
    url: "https://docs.docker.com/go/dockerfile/rule/stage-name-casing/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::NameCasing { name } = *fact else { return None };
    let lower = name.lower();
    let fix = place.replace_word(format!("Use `{lower}`"), 4, name, &lower);
    Some(Finding::new(format!("Stage name '{name}' should be lowercase")).fixed(fix))
}
