//! Answers for people: timeline, critical path, why steps ran, what a build gained. Pure data over an outcome; the words are
//! the reader's.

mod advice;
mod compare;
pub mod content;
mod context;
mod findings;
mod forecast;
mod layers;
pub mod snapshot;
mod timeline;
mod why;

pub use advice::{Advice, FileEdit, Measure, advise};
pub use compare::{Comparison, Side, compare, pairs};
pub use context::{Amount, ContextFile, ContextReport, ContextStep, Fate, IgnoreRule, contexts};
pub use findings::{Finding, findings};
pub use forecast::{Outlook, Prospect, Totals, bytes, prospects, totals};
pub use layers::{LayerReport, Layers, Waste, layers, written_by};
pub use timeline::{Lane, Timeline, timeline};
pub use why::{Why, sentence, why, whys};
