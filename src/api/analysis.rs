//! What the engine says of a Dockerfile while it is typed.

use super::places::Places;
use super::playground::Playground;
use super::types::{Analysis, Token};
use super::view;
use crate::base::{Source, Span};
use crate::dockerfile::{self, TokenKind};

/// Tokens, remarks, stages and steps.
pub fn analyze(_playground: &Playground, source: &Source, _line: &str) -> Analysis {
    let places = Places::new(&source.bytes);
    let ast = dockerfile::parse(source);
    let mut remarks = Vec::new();
    remarks.extend(ast.error.as_ref().map(|error| view::remark(error, &places)));
    let token =
        |(span, kind): (Span, TokenKind)| Token { from: places.unit(span.start), to: places.unit(span.end), kind: name(kind).to_owned() };
    let tokens = dockerfile::highlight(source).into_iter().map(token).collect();
    Analysis { tokens, remarks, stages: Vec::new(), steps: Vec::new(), targets: Vec::new(), default_target: String::new() }
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
