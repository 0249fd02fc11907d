//! Docker's command line as values: text -> [`command::BuildCommand`], an outcome -> what docker prints.

pub mod command;
pub mod flags;
pub mod progress;
pub mod reference;
pub mod units;
pub mod words;
