//! FROM whose base is no reference unless `--build-arg` helps.

use crate::base::{Fix, Rule};
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "InvalidDefaultArgInFrom",
    description: "Default value for global ARG results in an empty or invalid base image name",
    url: "https://docs.docker.com/go/dockerfile/rule/invalid-default-arg-in-from/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::InvalidDefaultBase { base } = *fact else { return None };
    let message = format!("Default value for ARG {base} results in empty or invalid base image name");
    Some(Finding::new(message).at(place.word(4, base)).fixed(with_default(base, place)))
}

/// `image:$TAG` -> `image:${TAG:-latest}`
fn with_default(base: &str, place: &Place<'_>) -> Option<Fix> {
    let (image, variable) = base.rsplit_once(":$")?;
    let name = variable.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(variable);
    let plain = !image.contains('$') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let right = format!("{image}:${{{name}:-latest}}");
    plain.then(|| place.replace_word(format!("Use `{right}`"), 4, base, &right)).flatten()
}
