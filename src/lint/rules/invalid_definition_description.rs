//! The comment above an ARG or a named FROM does not begin with the name.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "InvalidDefinitionDescription",
    description: "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
    url: "https://docs.docker.com/go/dockerfile/rule/invalid-definition-description/",
    experimental: true,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, _: &Place<'_>) -> Option<Finding> {
    let Fact::Undescribed { instruction, example } = *fact else { return None };
    Some(Finding::new(format!("Comment for {instruction} should follow the format: `# {example} <description>`")))
}
