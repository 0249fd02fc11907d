//! `FROM … as`: one in capitals, the other not.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "FromAsCasing",
    description: "The 'as' keyword should match the case of the 'from' keyword",
    url: "https://docs.docker.com/go/dockerfile/rule/from-as-casing/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::From { keyword, as_keyword, .. } = *fact else { return None };
    // A keyword of mixed case is the affair of ConsistentInstructionCasing.
    let consistent = |text: &str| text == text.to_lowercase() || text == text.to_uppercase();
    if as_keyword.is_empty() || !consistent(keyword) {
        return None;
    }
    let right = if keyword == keyword.to_lowercase() { "as" } else { "AS" };
    if as_keyword == right {
        return None;
    }
    let fix = place.replace_word(format!("Use `{right}`"), keyword.len(), as_keyword, right);
    Some(Finding::new(format!("'{as_keyword}' and '{keyword}' keywords' casing do not match")).fixed(fix))
}
