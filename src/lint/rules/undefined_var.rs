//! A variable that nothing sets.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "UndefinedVar",
    description: "Variables should be defined before their use",
    url: "https://docs.docker.com/go/dockerfile/rule/undefined-var/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Undefined { name, near } = *fact else { return None };
    let message = format!("Usage of undefined variable '${name}'");
    let (message, fix) = match near {
        Some(near) => (format!("{message} (did you mean ${near}?)"), place.replace_variable(format!("Use `{near}`"), name, near)),
        None => (message, place.insert_above("Declare it", place.span.start, &format!("ARG {name}"))),
    };
    Some(Finding::new(message).at(place.variable(name).next()).fixed(fix))
}
