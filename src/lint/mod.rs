//! The lint rules of BuildKit, one a file, over facts that reading and planning come upon. [`RULES`] is the only list.
//!
//! The planner tells a [`Linter`] what it sees; a rule looks at one [`Fact`] and says what is wrong with it. Which rules
//! speak is decided by [`Options`]: `# check=…`, `BUILDKIT_DOCKERFILE_CHECK`, and comments above instructions.

mod fact;
mod linter;
mod mend;
mod options;
mod rules;

pub use fact::{Fact, Finding, Place};
pub use linter::Linter;
pub use mend::mend;
pub use options::Options;
pub use rules::RULES;

/// A rule and how it looks at facts.
#[derive(Clone, Copy)]
pub struct Check {
    /// What the rule is called and says of itself.
    pub rule: &'static crate::base::Rule,
    /// What is wrong with a fact, by this rule.
    pub look: fn(&Fact<'_>, &Place<'_>) -> Option<Finding>,
}
