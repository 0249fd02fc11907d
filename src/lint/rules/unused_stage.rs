//! A stage that nothing needs. Ours.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "UnusedStage",
    description: "Stages that the target does not need are not built",
    url: "",
    experimental: false,
    ours: true,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, _: &Place<'_>) -> Option<Finding> {
    let Fact::UnusedStage { name } = *fact else { return None };
    Some(Finding::new(format!("Stage `{name}` is not built: neither the target nor a stage that it needs uses it")))
}
