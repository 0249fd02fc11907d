//! ENV and LABEL: pairs of names and values.

use super::flags::{self, Flags};
use super::request::Request;

/// `key=value` of ENV or LABEL, unexpanded, quotes kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
    /// Written without `=` (the legacy form).
    pub legacy: bool,
}

/// The pairs of ENV or LABEL.
pub(super) fn pairs(request: &Request, name: &str) -> Result<Vec<KeyValue>, String> {
    Flags::read(request.node, flags::NONE)?;
    request.at_least_one(name)?;
    let (triples, rest) = request.args.as_chunks::<3>();
    if !rest.is_empty() {
        return Err(format!("Bad input to {name}, too many arguments"));
    }
    let pairs = triples.iter().map(|[key, value, delimiter]| {
        if key.is_empty() {
            return Err(format!("{name} names can not be blank"));
        }
        Ok(KeyValue { key: key.clone().into_owned(), value: value.clone().into_owned(), legacy: delimiter.is_empty() })
    });
    pairs.collect()
}
