//! Docker's command line as values: text -> [`command::BuildCommand`], an outcome -> what docker prints.

mod assume;
pub mod call;
pub mod client;
pub mod command;
pub mod commands;
pub mod explain;
pub mod files;
pub mod flags;
pub mod listed;
pub mod planned;
pub mod products;
pub mod progress;
pub mod reference;
mod share;
pub mod simulate;
pub mod store;
pub mod table;
pub mod template;
pub mod units;
pub mod words;
