//! What the engine says of a Dockerfile while it is typed.

use super::places::Places;
use super::playground::Playground;
use super::stages::stages;
use super::types::{Analysis, Token};
use super::view;
use crate::base::{Source, Span};
use crate::docker::command::parse_build;
use crate::dockerfile::{self, TokenKind};

/// Tokens, remarks, stages and steps.
pub fn analyze(_playground: &Playground, source: &Source, line: &str) -> Analysis {
    let places = Places::new(&source.bytes);
    let ast = dockerfile::parse(source);
    let lowered = dockerfile::lower(&ast);
    let remarks = lowered.error.iter().map(|error| view::remark(error, &places)).collect();
    let token =
        |(span, kind): (Span, TokenKind)| Token { from: places.unit(span.start), to: places.unit(span.end), kind: name(kind).to_owned() };
    let tokens = dockerfile::highlight(source).into_iter().map(token).collect();
    let stages = stages(&lowered.dockerfile, &target(line));
    let targets: Vec<String> = stages.iter().map(|stage| stage.name.clone()).collect();
    let default_target = targets.last().cloned().unwrap_or_default();
    Analysis { tokens, remarks, stages, steps: Vec::new(), targets, default_target }
}

/// `--target` of a `docker build …` line; empty if there is none.
fn target(line: &str) -> String {
    let words: Vec<String> = line.split_whitespace().skip_while(|word| *word != "build").skip(1).map(str::to_owned).collect();
    parse_build(&words).ok().and_then(|command| command.target).unwrap_or_default()
}

/// What the editor's theme calls a token.
fn name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Comment => "comment",
        TokenKind::Directive => "directive",
        TokenKind::DirectiveValue => "directive-value",
        TokenKind::Keyword => "keyword",
        TokenKind::Flag => "flag",
        TokenKind::FlagValue => "flag-value",
        TokenKind::Image => "image",
        TokenKind::StageName => "stage",
        TokenKind::Name => "name",
        TokenKind::Variable => "variable",
        TokenKind::String => "string",
        TokenKind::Punctuation => "punctuation",
        TokenKind::Operator => "operator",
        TokenKind::Escape => "escape",
        TokenKind::HeredocMarker => "heredoc-marker",
        TokenKind::HeredocBody => "heredoc",
    }
}
