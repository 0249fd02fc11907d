//! `FROM … as`: one in capitals, the other not.

use crate::base::Case;
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
    let Fact::AsCasing { from, word } = *fact else { return None };
    let right = if from == from.lower() { "as" } else { "AS" };
    let fix = place.replace_word(format!("Use `{right}`"), from.len(), word, right);
    Some(Finding::new(format!("'{word}' and '{from}' keywords' casing do not match")).fixed(fix))
}
