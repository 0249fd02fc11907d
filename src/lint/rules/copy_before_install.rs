//! `COPY . .` above the installation of dependencies. Ours.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "CopyBeforeInstall",
    description: "Copying all sources before installing dependencies makes every edit repeat the installation",
    url: "",
    experimental: false,
    ours: true,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, _: &Place<'_>) -> Option<Finding> {
    let Fact::CopyBeforeInstall { command } = *fact else { return None };
    Some(Finding::new(format!("Every change of a file here makes `{command}` run again: copy only what it needs first, the rest after it")))
}
