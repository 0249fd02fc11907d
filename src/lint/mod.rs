//! The lint rules of BuildKit, one a file, over Ast, instructions and plan. [`RULES`] is the only list.
