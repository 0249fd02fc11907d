//! ARG or ENV whose name says that it is a secret.

use crate::base::Case;
use crate::base::Rule;
use crate::base::go;
use crate::lint::{Check, Fact, Finding, Place};

const SECRET: &[&str] = &["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];
const PUBLIC: &[&str] = &["public", "file", "version"];

const RULE: Rule = Rule {
    name: "SecretsUsedInArgOrEnv",
    description: "Sensitive data should not be used in the ARG or ENV commands",
    url: "https://docs.docker.com/go/dockerfile/rule/secrets-used-in-arg-or-env/",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, place: &Place<'_>) -> Option<Finding> {
    let Fact::Sets { instruction, name } = *fact else { return None };
    let words: Vec<String> = name.split('_').map(str::lower).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let secret = has(SECRET) && !has(PUBLIC);
    secret.then(|| {
        let quoted = go::quote(name);
        let message = format!("Do not use ARG or ENV instructions for sensitive data ({instruction} {quoted})");
        Finding::new(message).at(place.word(instruction.len(), name))
    })
}
