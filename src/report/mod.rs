//! Answers for people: timeline, critical path, why steps ran, what a build gained. Pure data over an outcome; the words are
//! the reader's.

mod findings;
mod timeline;
mod why;

pub use findings::{Finding, findings};
pub use timeline::{Lane, Timeline, timeline};
pub use why::{Why, sentence, why};
