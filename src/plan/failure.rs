//! An error on its way out of the planner, gathering places as BuildKit's `parser.WithLocation` does.

use crate::base::{Code, Diagnostic, LineRange};

/// Why planning ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub message: String,
    pub lines: Vec<LineRange>,
}

pub(crate) type Fallible<T> = Result<T, Failure>;

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), lines: Vec::new() }
    }

    /// With one more place.
    #[must_use]
    pub fn at(mut self, lines: &[LineRange]) -> Self {
        self.lines.extend_from_slice(lines);
        self
    }

    /// With `context: ` in front.
    #[must_use]
    pub fn wrap(mut self, context: impl std::fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { message: diagnostic.message, lines: diagnostic.lines }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self::error(Code::Plan, failure.message, failure.lines)
    }
}
