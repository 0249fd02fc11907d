//! A stage name with capitals.

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
    let Fact::From { written_name, .. } = *fact else { return None };
    let lower = written_name.to_lowercase();
    if lower == written_name {
        return None;
    }
    let fix = place.replace_word(format!("Use `{lower}`"), 4, written_name, &lower);
    Some(Finding::new(format!("Stage name '{written_name}' should be lowercase")).fixed(fix))
}
