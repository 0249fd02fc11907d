//! What the engine says of a Dockerfile while it is typed.

use super::places::Places;
use super::playground::Playground;
use super::types::{Analysis, Token};
use super::view;
use crate::base::Source;
use crate::dockerfile;

/// Tokens, remarks, stages and steps.
pub fn analyze(_playground: &Playground, source: &Source, _line: &str) -> Analysis {
    let places = Places::new(&source.bytes);
    let ast = dockerfile::parse(source);
    let mut remarks = Vec::new();
    remarks.extend(ast.error.as_ref().map(|error| view::remark(error, &places)));
    let tokens: Vec<Token> = Vec::new();
    Analysis { tokens, remarks, stages: Vec::new(), steps: Vec::new(), targets: Vec::new(), default_target: String::new() }
}
