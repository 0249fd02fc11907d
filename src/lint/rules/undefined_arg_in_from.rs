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
    let Fact::UndeclaredInFrom { name, near } = *fact else { return None };
    let message = format!("FROM argument '{name}' is not declared");
    Some(match near {
        Some(near) => {
            Finding::new(format!("{message} (did you mean {near}?)")).fixed(place.replace_word(format!("Use `{near}`"), 4, name, near))
        }
        None => Finding::new(message),
    })
}
