//! A keyword in another case than most of the file.

use crate::base::Case;
use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "ConsistentInstructionCasing",
    description: "All commands within the Dockerfile should use the same casing (either upper or lower)",
    url: "https://docs.docker.com/go/dockerfile/rule/consistent-instruction-casing/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Keyword { keyword, mostly_lower } = *fact else { return None };
    let (right, casing) = if mostly_lower { (keyword.lower(), "lowercase") } else { (keyword.upper(), "uppercase") };
    if keyword == right {
        return None;
    }
    let fix = place.replace_word(format!("Use `{right}`"), 0, keyword, &right);
    Some(Finding::new(format!("Command '{keyword}' should match the case of the command majority ({casing})")).fixed(fix))
}
