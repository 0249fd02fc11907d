//! `FROM --platform=$TARGETPLATFORM`, which is the default.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "RedundantTargetPlatform",
    description: "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    url: "https://docs.docker.com/go/dockerfile/rule/redundant-target-platform/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::TargetPlatform { written } = *fact else { return None };
    Some(
        Finding::new(format!("Setting platform to predefined {written} in FROM is redundant as this is the default behavior"))
            .fixed(place.without_flag(&format!("--platform={written}"))),
    )
}
