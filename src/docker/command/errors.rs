//! What docker prints when it does not understand its command line.

/// The usage line of `docker build`.
pub const USAGE: &str = "Usage:  docker buildx build [OPTIONS] PATH | URL | -\n\nRun 'docker buildx build --help' for more information\n";

/// Why a command line was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageError {
    text: String,
    /// Exit status of docker: 125 for a bad flag, 1 for all else.
    pub exit_code: i32,
}

impl UsageError {
    /// A flag that does not exist, or one without its value.
    pub fn flag(message: String) -> Self {
        Self { text: format!("{message}\n\n{USAGE}"), exit_code: 125 }
    }

    /// Not exactly one context.
    pub fn arguments() -> Self {
        Self { text: format!("ERROR: docker: 'docker buildx build' requires 1 argument\n\n{USAGE}"), exit_code: 1 }
    }

    /// A value that makes no sense.
    pub fn value(message: String) -> Self {
        Self { text: format!("ERROR: failed to build: {message}\n"), exit_code: 1 }
    }

    /// All that goes to stderr.
    pub fn text(&self) -> String {
        self.text.clone()
    }
}
