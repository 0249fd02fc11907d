//! `EXPOSE 127.0.0.1:80:80`.

use crate::base::Rule;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "ExposeInvalidFormat",
    description: "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release",
    url: "https://docs.docker.com/go/dockerfile/rule/expose-invalid-format/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Port { written, host: true, .. } = *fact else { return None };
    let right = written.rsplit(':').next()?;
    let fix = place.replace_word(format!("Use `{right}`"), 6, written, right);
    Some(Finding::new(format!("EXPOSE instruction should not define an IP address or host-port mapping, found '{written}'")).fixed(fix))
}
