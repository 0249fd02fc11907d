//! Several sources and a destination without `/`. Ours.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "MultipleSourcesNoSlash",
    description: "With several sources the destination should end with /",
    url: "",
    experimental: false,
    ours: true,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::DestinationNoSlash { keyword, destination } = *fact else { return None };
    let right = format!("{destination}/");
    let fix = place.replace_last_word(format!("Use `{right}`"), destination, &right);
    Some(
        Finding::new(format!("{keyword} has several sources: `{destination}` should end with /, or each one may replace the one before"))
            .fixed(fix),
    )
}
