//! Answers for people: timeline, critical path, why steps ran, what a build gained. Pure data over an outcome; the words are
//! the reader's.

mod findings;
mod forecast;
mod timeline;
mod why;

pub use findings::{Finding, findings};
pub use forecast::{Fate, Prospect, bytes, prospects};
pub use timeline::{Lane, Timeline, timeline};
pub use why::{Why, sentence, why};
