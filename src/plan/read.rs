//! Text -> instructions, with what the linter wants to know of the text itself.

use super::request::Request;
use crate::base::{Code, Diagnostic, LineRange, Span};
use crate::dockerfile::instruction::{Dockerfile, FactKind, Lowered, lower, lower_all};
use crate::dockerfile::{Ast, Node, parse, parse_directive};
use crate::lint::{Fact, Linter, Options, Place};

/// A Dockerfile, read as far as it could be.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub dockerfile: Dockerfile,
    pub error: Option<Diagnostic>,
}

/// Reads a request's Dockerfile. `Err` if not even the options of the linter can be read.
pub(crate) fn read(request: &Request) -> Result<(Reading, Linter), Box<Diagnostic>> {
    let options = options(request)?;
    let ast = parse(&request.dockerfile);
    Ok(reading(request, &ast, lower(&ast), options))
}

/// Reads what can be read, for an editor: every error, our own rules too.
pub(crate) fn read_all(request: &Request) -> (Ast, Reading, Linter, Vec<Diagnostic>) {
    let ast = parse(&request.dockerfile);
    let (lowered, mut errors) = lower_all(&ast);
    let options = options(request).unwrap_or_else(|error| {
        errors.insert(0, *error);
        Options::default()
    });
    let (reading, lint) = reading(request, &ast, lowered, Options { ours: true, error: false, ..options });
    if errors.is_empty() {
        errors.extend(reading.error.clone());
    }
    (ast, reading, lint, errors)
}

/// The options of the linter. An empty file is found first.
fn options(request: &Request) -> Result<Options, Box<Diagnostic>> {
    let fail = |message: String| Box::new(failure(message));
    let bytes = &request.dockerfile.bytes;
    let given = request.build_args.get("BUILDKIT_DOCKERFILE_CHECK").map(|text| Options::parse(text));
    let given = given.transpose().map_err(|e| fail(format!("failed to parse build-arg:BUILDKIT_DOCKERFILE_CHECK: {e}")))?;
    if bytes.is_empty() {
        return Err(fail("the Dockerfile cannot be empty".into()));
    }
    match given {
        Some(options) => Ok(options),
        None => {
            let directive = parse_directive("check", bytes).map_or(String::new(), |found| found.word);
            Options::parse(&directive).map_err(|e| fail(format!("failed to parse check options: {e}")))
        }
    }
}

fn failure(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::Plan, message, Vec::new())
}

fn reading(request: &Request, ast: &Ast, lowered: Lowered, options: Options) -> (Reading, Linter) {
    let bytes = &request.dockerfile.bytes;
    let mut lint = Linter::new(options);
    if ast.error.is_none() {
        for warning in &ast.warnings {
            let lines = [LineRange::line(warning.line)];
            let node = ast.nodes.iter().find(|node| node.start_line <= warning.line && warning.line <= node.end_line);
            let span = node.map_or(Span::default(), |node| node.span);
            let blank_lines = node.map_or(Vec::new(), |node| blank_lines(node, bytes));
            lint.see(&Fact::EmptyContinuation { blank_lines: &blank_lines }, &Place { lines: &lines, span, source: bytes });
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
    let no_stages = || failure("dockerfile contains no stages to build");
    let error = lowered.error.or_else(|| lowered.dockerfile.stages.is_empty().then(no_stages));
    (Reading { dockerfile: lowered.dockerfile, error }, lint)
}

/// The empty lines between the lines of an instruction, line breaks not included.
fn blank_lines(node: &Node, bytes: &[u8]) -> Vec<Span> {
    let end = node.heredocs.first().map_or(node.span.end, |heredoc| heredoc.span.start);
    let mut start = node.span.start;
    let text = bytes.get(start as usize..end as usize).unwrap_or_default();
    let spans = text.split_inclusive(|b| *b == b'\n').map(|line| {
        let begin = start;
        start += u32::try_from(line.len()).unwrap_or(0);
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        (body.trim_ascii().is_empty(), Span { start: begin, end: begin + u32::try_from(body.len()).unwrap_or(0) })
    });
    spans.filter(|(is_blank, _)| *is_blank).map(|(_, span)| span).collect()
}
