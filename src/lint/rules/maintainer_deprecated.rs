//! MAINTAINER.

use crate::base::Rule;
use crate::base::{Fix, TextEdit, go};
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "MaintainerDeprecated",
    description: "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
    url: "https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Maintainer { name } = *fact else { return None };
    let label = format!("LABEL org.opencontainers.image.authors={}", go::quote(name));
    let fix = Fix { title: "Use a label".into(), edits: vec![TextEdit { span: place.span, text: label }] };
    Some(Finding::new("Maintainer instruction is deprecated in favor of using label").fixed(Some(fix)))
}
