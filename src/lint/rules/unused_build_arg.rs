//! `--build-arg` for a name that the Dockerfile does not declare. Ours.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "UnusedBuildArg",
    description: "A --build-arg that no ARG declares has no effect",
    url: "",
    experimental: false,
    ours: true,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, _: &Place<'_>) -> Option<Finding> {
    let Fact::StrayBuildArg { name } = *fact else { return None };
    Some(Finding::new(format!("--build-arg `{name}` has no effect: no ARG declares it")))
}
