//! `EXPOSE 80/TCP`.

use crate::base::Case;
use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "ExposeProtoCasing",
    description: "Protocol in EXPOSE instruction should be lowercase",
    url: "https://docs.docker.com/go/dockerfile/rule/expose-proto-casing/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Port { written, protocol, .. } = *fact else { return None };
    if protocol == protocol.lower() {
        return None;
    }
    let right = written.replace(protocol, &protocol.lower());
    let fix = place.replace_word(format!("Use `{right}`"), 6, written, &right);
    Some(Finding::new(format!("Defined protocol '{written}' in EXPOSE instruction should be lowercase")).fixed(fix))
}
