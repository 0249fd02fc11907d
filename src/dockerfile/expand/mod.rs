//! Variables and quotes in words: `$v`, `${v:-w}`, `${v##p}`, `${v//p/r}`. BuildKit's `shell/lex.go`.

mod lex;
mod pattern;

pub use lex::{ExpandError, Expansion, Lex, no_variables};
