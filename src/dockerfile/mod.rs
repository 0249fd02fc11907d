//! Text -> [`Ast`] -> [`instruction::Instruction`]s. Lossless and total: any bytes give an AST and diagnostics.
//!
//! Source of the rules: moby/buildkit `frontend/dockerfile/{parser,instructions,shell}`.

mod ast;
mod complete;
mod directive;
pub mod expand;
mod highlight;
mod hover;
pub mod instruction;
mod json;
mod parser;
mod text;

pub use ast::{Ast, Directive, Heredoc, Node, Trivia, TriviaKind, Warning};
pub use complete::{Completion, CompletionContext, CompletionKind, complete};
pub use directive::{Found, detect_syntax, parse_directive};
pub use highlight::{TokenKind, highlight, highlight_parsed};
pub use hover::{Hover, hover};
pub use instruction::{Fact, FactKind, Lowered, lower, lower_all, lower_trigger};
pub use parser::parse;
pub(crate) use parser::parse_mark;
pub use text::Text;
