//! The shell form of CMD or ENTRYPOINT, unless SHELL was set on purpose.

use crate::base::Rule;
use crate::base::{Fix, Span, TextEdit, go};
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "JSONArgsRecommended",
    description: "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
    url: "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::ShellForm { keyword, shell: false } = *fact else { return None };
    let message = format!("JSON arguments recommended for {keyword} to prevent unintended behavior related to OS signals");
    Some(Finding::new(message).fixed(exec_form(keyword, place)))
}

/// `CMD a b` as `CMD ["a", "b"]`; what only a shell understands is given to one, as it would be anyway.
fn exec_form(keyword: &str, place: &Place<'_>) -> Option<Fix> {
    let rest = place.text().get(keyword.len()..)?.trim();
    if rest.is_empty() || rest.contains(['\n', '`']) {
        return None;
    }
    let plain = |c: char| c.is_alphanumeric() || " \t-_./:=,@+%".contains(c);
    let words: Vec<String> = match rest.chars().all(plain) {
        true => rest.split_whitespace().map(go::quote).collect(),
        false => ["/bin/sh", "-c", rest].map(go::quote).to_vec(),
    };
    let edit = TextEdit {
        span: Span { start: place.span.start + u32::try_from(keyword.len()).ok()?, end: place.span.end },
        text: format!(" [{}]", words.join(", ")),
    };
    Some(Fix { title: "Use the exec form".into(), edits: vec![edit] })
}
