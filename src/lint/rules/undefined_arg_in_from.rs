//! A variable in FROM that is not declared.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "UndefinedArgInFrom",
    description: "FROM command must use declared ARGs",
    url: "https://docs.docker.com/go/dockerfile/rule/undefined-arg-in-from/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::UndeclaredInFrom { name, near, declare_at } = *fact else { return None };
    let message = format!("FROM argument '{name}' is not declared");
    let (message, fix) = match near {
        Some(near) => (format!("{message} (did you mean {near}?)"), place.replace_variable(format!("Use `{near}`"), name, near)),
        None => (message, place.insert_above("Declare it", declare_at, &format!("ARG {name}"))),
    };
    Some(Finding::new(message).at(place.variable(name).next()).fixed(fix))
}
