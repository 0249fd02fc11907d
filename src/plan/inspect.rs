//! What an editor shows of a Dockerfile while it is typed: every error, the remarks of all rules, every variable.
//!
//! All stages are looked at, whether the target needs them or not; an instruction that fails does not hide those below it.

use std::collections::BTreeMap;

use super::evaluate::{self, Scope};
use super::read;
use super::request::Request;
use super::trace::{self, VariableUse};
use crate::base::{Code, Diagnostic, Severity};
use crate::dockerfile::Ast;
use crate::dockerfile::instruction::Dockerfile;
use crate::lint;
use crate::world::World;

/// What there is to say.
pub struct Inspection {
    /// The file as it was parsed.
    pub ast: Ast,
    /// The instructions that could be read.
    pub dockerfile: Dockerfile,
    /// Errors first, then what the rules say, ours as hints.
    pub remarks: Vec<Diagnostic>,
    /// The variables, in the order of the file.
    pub variables: Vec<VariableUse>,
}

/// Looks at a Dockerfile.
pub fn inspect(request: &Request, world: &World) -> Inspection {
    let (ast, reading, lint, mut errors) = read::read_all(request);
    let scope = Scope { all_stages: true, ..Scope::default() };
    // A target that is not there ends a build at once: that is said, and all the rest is looked at without it.
    let whole = Request { target: None, ..request.clone() };
    let names = |target: &String| reading.dockerfile.stages.iter().any(|stage| stage.name.eq_ignore_ascii_case(target));
    let is_lost =
        !reading.dockerfile.stages.is_empty() && request.target.as_ref().is_some_and(|target| !target.is_empty() && !names(target));
    if is_lost {
        let mut eval = evaluate::begin(&reading.dockerfile, request, world, scope.clone(), lint::Linter::silent());
        errors.extend(evaluate::run(&mut eval).err().map(Diagnostic::from));
    }
    let request = if is_lost { &whole } else { request };
    let mut eval = evaluate::begin(&reading.dockerfile, request, world, scope, lint);
    eval.environments = Some(BTreeMap::new());
    if !reading.dockerfile.stages.is_empty() {
        let result = evaluate::run(&mut eval);
        // What is missing because it could not be read may be the cause of an error below.
        if errors.is_empty() || is_lost {
            errors.extend(std::mem::take(&mut eval.errors).into_iter().chain(result.err()).map(Diagnostic::from));
        }
    }
    let variables = trace::variables(&eval, &ast);
    for error in &mut errors {
        lint::mend(error, &request.dockerfile.bytes);
    }
    let mut remarks = errors;
    for mut warning in eval.lint.into_warnings() {
        if matches!(warning.code, Code::Lint(rule) if rule.ours) {
            warning.severity = Severity::Hint;
        }
        if !remarks.contains(&warning) {
            remarks.push(warning);
        }
    }
    Inspection { ast, dockerfile: reading.dockerfile, remarks, variables }
}
