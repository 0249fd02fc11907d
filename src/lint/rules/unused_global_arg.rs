//! A global ARG that no FROM uses and no stage declares. Ours.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "UnusedGlobalArg",
    description: "Global ARGs are seen by FROM only; a stage must declare them again",
    url: "",
    experimental: false,
    ours: true,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::UnusedGlobal { name } = *fact else { return None };
    let message = format!("ARG `{name}` has no effect: no FROM uses it and no stage declares it");
    let alone = place.text().split_whitespace().count() == 2;
    let fix = if alone { place.remove_lines("Remove it", place.lines) } else { None };
    Some(Finding::new(message).at(place.word(3, name)).fixed(fix))
}
