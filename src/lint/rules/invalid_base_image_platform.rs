//! The base image is for another platform.

use crate::base::Rule;
use crate::base::go;
use crate::lint::{Check, Fact, Finding, Place};

const RULE: Rule = Rule {
    name: "InvalidBaseImagePlatform",
    description: "Base image platform does not match expected target platform",
    url: "",
    experimental: false,
    ours: false,
};

/// The rule.
pub(super) const CHECK: Check = Check { rule: &RULE, look };

fn look(fact: &Fact<'_>, _: &Place<'_>) -> Option<Finding> {
    let Fact::BasePlatform { name, expected, actual } = *fact else { return None };
    if expected.os == actual.os && expected.architecture == actual.architecture {
        return None;
    }
    let (expected, actual) = (expected.normalize().format_all(), actual.normalize().format_all());
    let (expected, actual) = (go::quote(&expected), go::quote(&actual));
    Some(Finding::new(format!("Base image {name} was pulled with platform {actual}, expected {expected} for current build")))
}
