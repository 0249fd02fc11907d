//! Text -> [`Ast`] -> [`instruction::Instruction`]s. Lossless and total: any bytes give an AST and diagnostics.
//!
//! Source of the rules: moby/buildkit `frontend/dockerfile/{parser,instructions,shell}`.

pub mod instruction;
