//! CMD, ENTRYPOINT or HEALTHCHECK twice in a stage; the earlier one is reported, because it has no effect.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "MultipleInstructionsDisallowed",
    description: "Multiple instructions of the same type should not be used in the same stage",
    url: "https://docs.docker.com/go/dockerfile/rule/multiple-instructions-disallowed/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Again { keyword, earlier } = *fact else { return None };
    let message = format!("Multiple {keyword} instructions should not be used in the same stage because only the last one will be used");
    let fix = place.remove_lines("Remove the one without effect", earlier);
    Some(Finding { message, lines: Some(earlier.to_vec()), span: None, fix })
}
