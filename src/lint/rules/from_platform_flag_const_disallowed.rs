//! `FROM --platform=` with a constant, unless the stage is named after it.

use crate::base::Rule;
use crate::base::go;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "FromPlatformFlagConstDisallowed",
    description: "FROM --platform flag should not use a constant value",
    url: "https://docs.docker.com/go/dockerfile/rule/from-platform-flag-const-disallowed/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::ConstantPlatform { value, stage, platform } = *fact else { return None };
    if stage.contains(&platform.os) || stage.contains(&platform.architecture) {
        return None;
    }
    let message = format!("FROM --platform flag should not use constant value {}", go::quote(value));
    Some(Finding::new(message).fixed(place.without_flag(&format!("--platform={value}"))))
}
