//! What a build looks like on a terminal: pure functions from an [`Outcome`](crate::build::Outcome) to text.
//!
//! Source: BuildKit's `util/progress/progressui`.

mod excerpt;
mod plain;
mod rawjson;
#[cfg(test)]
mod samples;
mod trace;
mod tty;

pub use excerpt::{excerpt, failure, refused, warning_line, warnings};
pub use plain::plain;
pub use rawjson::{base64, rawjson};
pub use trace::{LogLine, Progress, StatusLine, appearance, states};
pub use tty::{Screen, frame};
