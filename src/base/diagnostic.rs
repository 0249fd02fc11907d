//! What the engine has to say about a text: a value, never a printed line.

use super::{LineRange, Span};

/// How much a [`Diagnostic`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The build cannot go on.
    Error,
    /// BuildKit's lint warnings and ours.
    Warning,
    /// A remark that only an editor shows.
    Hint,
}

/// A lint rule as BuildKit publishes it (`linter/ruleset.go`), or one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// `StageNameCasing`, …
    pub name: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// Where the rule is documented; empty where BuildKit has no page.
    pub url: &'static str,
    /// Off unless asked for (`experimental=`).
    pub experimental: bool,
    /// One of BuildKit's 22, or one of ours (never part of `--call=check` unless asked for).
    pub ours: bool,
}

/// Which kind of remark a [`Diagnostic`] is; pages translate by it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Code {
    /// A parser error: the text carries BuildKit's words.
    Parse,
    /// An error while instructions are read (`dockerfile parse error on line N: …`).
    Instruction,
    /// An error while the build is planned.
    Plan,
    /// An error of a step while it ran.
    Execute,
    /// A lint rule.
    Lint(&'static Rule),
}

/// A remark about a text, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// What kind of remark.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// Exactly Docker's text where Docker has one.
    pub message: String,
    /// The lines as BuildKit reports them; may be empty.
    pub lines: Vec<LineRange>,
    /// The exact place for an editor, when known.
    pub span: Option<Span>,
    /// An edit that mends it, when there is one.
    pub fix: Option<Fix>,
}

/// A titled edit of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the menu shows: "Use `RUN`".
    pub title: String,
    /// Non-overlapping, in order.
    pub edits: Vec<TextEdit>,
}

/// Replaces the bytes of `span` by `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced.
    pub span: Span,
    /// The new text.
    pub text: String,
}

impl Diagnostic {
    /// An error at these lines.
    pub fn error(code: Code, message: impl Into<String>, lines: Vec<LineRange>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), lines, span: None, fix: None }
    }

    /// A lint warning at these lines.
    pub fn lint(rule: &'static Rule, message: impl Into<String>, lines: Vec<LineRange>) -> Self {
        Self { code: Code::Lint(rule), severity: Severity::Warning, message: message.into(), lines, span: None, fix: None }
    }
}
