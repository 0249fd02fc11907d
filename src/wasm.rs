//! The boundary to JavaScript: one-line methods over `api::Playground`.
