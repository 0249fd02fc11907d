//! What the JSON answers have in common.

use serde_json::{Map, Value, json};

use crate::base::{LineRange, Source};
use crate::docker::progress::base64;

/// `pb.Location`: zero fields are left out, as protobuf's JSON does.
pub(super) fn location(lines: &[LineRange]) -> Option<Value> {
    let position = |line: u32| if line == 0 { json!({}) } else { json!({ "line": line }) };
    let ranges: Vec<Value> = lines.iter().map(|range| json!({ "start": position(range.start), "end": position(range.end) })).collect();
    (!ranges.is_empty()).then(|| json!({ "ranges": ranges }))
}

/// An object without its empty members: Go's `omitempty`.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    Value::Object(
        members.into_iter().filter(|(_, value)| !is_empty(value)).map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>(),
    )
}

/// The Dockerfile's bytes.
pub(super) fn data(source: &Source) -> Value {
    Value::String(base64(&source.bytes))
}
