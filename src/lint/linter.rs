//! Gathers what the rules say. BuildKit's `linter.Linter`.

use super::{Fact, Options, Place, RULES};
use crate::base::{Diagnostic, LineRange};

/// The warnings so far, and the options that hold now.
#[derive(Debug, Clone, Default)]
pub struct Linter {
    options: Options,
    /// In force for one instruction.
    local: Option<Options>,
    warnings: Vec<Diagnostic>,
    silent: bool,
}

impl Linter {
    /// A linter that asks the rules allowed by `options`.
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// A linter that says nothing: later platforms of a build repeat the first one's warnings.
    pub fn silent() -> Self {
        Self { silent: true, ..Self::default() }
    }

    /// Takes the `# check=` comments above an instruction into account until the next call.
    pub fn enter(&mut self, comments: &[String]) {
        self.local = if comments.is_empty() { None } else { self.options.merged(comments) };
    }

    /// Asks every rule about a fact.
    pub fn see(&mut self, fact: &Fact<'_>, place: &Place<'_>) {
        if self.silent {
            return;
        }
        let options = self.local.as_ref().unwrap_or(&self.options);
        for check in RULES {
            if let Some(finding) = (check.look)(fact, place)
                && options.allow(check.rule)
            {
                let lines: Vec<LineRange> = finding.lines.unwrap_or_else(|| place.lines.to_vec());
                let mut warning = Diagnostic::lint(check.rule, finding.message, lines);
                let edited = finding.fix.as_ref().and_then(|fix| match fix.edits.as_slice() {
                    [edit] if edit.span.start < edit.span.end && edit.span.start >= place.span.start => Some(edit.span),
                    _ => None,
                });
                let whole = Some(place.span).filter(|span| span.start < span.end && warning.lines == place.lines);
                warning.span = finding.span.or(edited).or(whole);
                warning.fix = finding.fix;
                self.warnings.push(warning);
            }
        }
    }

    /// The error that `error=true` makes of warnings.
    pub fn error(&self) -> Option<String> {
        if !self.options.error || self.warnings.is_empty() {
            return None;
        }
        let mut names: Vec<&str> = Vec::new();
        for warning in &self.warnings {
            if let crate::base::Code::Lint(rule) = warning.code
                && !names.contains(&rule.name)
            {
                names.push(rule.name);
            }
        }
        crate::base::sort(&mut names);
        Some(format!("lint violation found for rules: {}", names.join(", ")))
    }

    /// The warnings, in the order in which they were met.
    pub fn into_warnings(self) -> Vec<Diagnostic> {
        self.warnings
    }
}
