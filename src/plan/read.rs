//! Text -> instructions, with what the linter wants to know of the text itself.

use super::request::Request;
use crate::base::{Code, Diagnostic, LineRange, Span};
use crate::dockerfile::instruction::{Dockerfile, FactKind, lower};
use crate::dockerfile::{parse, parse_directive};
use crate::lint::{Fact, Linter, Options, Place};

/// A Dockerfile, read as far as it could be.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub dockerfile: Dockerfile,
    pub error: Option<Diagnostic>,
}

/// Reads a request's Dockerfile. `Err` if not even the options of the linter can be read.
pub(crate) fn read(request: &Request) -> Result<(Reading, Linter), Box<Diagnostic>> {
    let fail = |message: String| Box::new(Diagnostic::error(Code::Plan, message, Vec::new()));
    let bytes = &request.dockerfile.bytes;
    let given = request.build_args.get("BUILDKIT_DOCKERFILE_CHECK").map(|text| Options::parse(text));
    let given = given.transpose().map_err(|e| fail(format!("failed to parse build-arg:BUILDKIT_DOCKERFILE_CHECK: {e}")))?;
    if bytes.is_empty() {
        return Err(fail("the Dockerfile cannot be empty".into()));
    }
    let options = match given {
        Some(options) => options,
        None => {
            let directive = parse_directive("check", bytes).map_or(String::new(), |found| found.word);
            Options::parse(&directive).map_err(|e| fail(format!("failed to parse check options: {e}")))?
        }
    };
    let mut lint = Linter::new(options);
    let ast = parse(&request.dockerfile);
    let lowered = lower(&ast);
    if ast.error.is_none() {
        for warning in &ast.warnings {
            let lines = [LineRange::line(warning.line)];
            lint.see(&Fact::EmptyContinuation, &Place { lines: &lines, span: Span::default(), source: bytes });
        }
    }
    for fact in &lowered.facts {
        let Some(node) = ast.nodes.get(fact.node) else { continue };
        let comments: Vec<String> = node.comments.iter().map(|comment| comment.to_str().into_owned()).collect();
        lint.enter(&comments);
        let name = node.args.first().map(|word| word.to_str().into_owned()).unwrap_or_default();
        let seen = match &fact.kind {
            FactKind::StageNameCasing { name } => Fact::NameCasing { name },
            FactKind::FromAsCasing { from, word } => Fact::AsCasing { from, word },
            FactKind::MaintainerDeprecated => Fact::Maintainer { name: &name },
            FactKind::InvalidDefinitionDescription { instruction, example } => Fact::Undescribed { instruction, example },
        };
        lint.see(&seen, &Place { lines: &fact.lines, span: node.span, source: bytes });
    }
    lint.enter(&[]);
    let no_stages = || fail("dockerfile contains no stages to build".into());
    let error = lowered.error.or_else(|| lowered.dockerfile.stages.is_empty().then(|| *no_stages()));
    Ok((Reading { dockerfile: lowered.dockerfile, error }, lint))
}
