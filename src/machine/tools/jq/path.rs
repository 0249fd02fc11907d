//! Parts of a value: how jq finds, changes and removes them.

use serde_json::{Map, Value};

use super::eval::Item;
use super::value::{compare, float, keys, kind, shown};

/// Longest path that something is put at.
const MAX_PATH: usize = 500;

/// Where a slice begins and ends.
fn bounds(key: &Map<String, Value>, len: usize) -> (usize, usize) {
    let at = |name: &str, default: usize, up: bool| match key.get(name) {
        Some(Value::Number(n)) => {
            let n = n.as_f64().unwrap_or(0.0);
            let n = if up { n.ceil() } else { n.floor() };
            let n = if n < 0.0 { n + len as f64 } else { n };
            n.clamp(0.0, len as f64) as usize
        }
        _ => default,
    };
    let from = at("start", 0, false);
    (from, at("end", len, true).max(from))
}

/// A part of a value.
pub fn part(value: &Value, key: &Value) -> Result<Value, String> {
    Ok(match (value, key) {
        (Value::Object(map), Value::String(name)) => map.get(name).cloned().unwrap_or_default(),
        (Value::Array(items), Value::Number(_)) => {
            let n = float(key).floor();
            let n = if n < 0.0 { n + items.len() as f64 } else { n };
            if n < 0.0 { Value::Null } else { items.get(n as usize).cloned().unwrap_or_default() }
        }
        (Value::Array(items), Value::Object(range)) => {
            let (from, to) = bounds(range, items.len());
            items[from..to].to_vec().into()
        }
        (Value::String(text), Value::Object(range)) => {
            let chars: Vec<char> = text.chars().collect();
            let (from, to) = bounds(range, chars.len());
            chars[from..to].iter().collect::<String>().into()
        }
        (Value::Null, Value::String(_) | Value::Number(_) | Value::Object(_)) => Value::Null,
        (value, Value::String(name)) => return Err(format!("Cannot index {} with string \"{name}\"", kind(value))),
        (value, key) => return Err(format!("Cannot index {} with {}", kind(value), kind(key))),
    })
}

/// A part of an item, with the way to it.
pub fn step_into(target: &Item, key: &Value) -> Result<Item, String> {
    let value = part(&target.value, key)?;
    let path = target.path.as_ref().map(|p| p.iter().chain([key]).cloned().collect());
    Ok(Item { value, path })
}

/// What is at a path.
pub fn get(value: &Value, path: &[Value]) -> Result<Value, String> {
    path.iter().try_fold(value.clone(), |v, key| part(&v, key))
}

/// A value with the part at a path changed.
pub fn set(value: &Value, path: &[Value], change: &mut dyn FnMut(&Value) -> Result<Value, String>) -> Result<Value, String> {
    let Some((key, rest)) = path.split_first() else { return change(value) };
    if rest.len() > MAX_PATH {
        return Err("Path too deep".into());
    }
    let new = set(&part(value, key)?, rest, change)?;
    Ok(match (value, key) {
        (Value::Object(_) | Value::Null, Value::String(name)) => {
            let mut map = value.as_object().cloned().unwrap_or_default();
            map.insert(name.clone(), new);
            Value::Object(map)
        }
        (_, Value::Object(range)) => {
            let items = value.as_array().cloned().unwrap_or_default();
            let (from, to) = bounds(range, items.len());
            let Value::Array(new) = new else { return Err("A slice of an array can only be assigned another array".into()) };
            [&items[..from], &new, &items[to..]].concat().into()
        }
        _ => {
            let mut items = value.as_array().cloned().unwrap_or_default();
            let n = float(key);
            let n = if n < 0.0 { n + items.len() as f64 } else { n };
            if !(0.0..=1e6).contains(&n) {
                return Err("Out of bounds negative array index".into());
            }
            let n = n as usize;
            items.resize(items.len().max(n + 1), Value::Null);
            items[n] = new;
            items.into()
        }
    })
}

/// A value without what is at some paths.
pub fn delete(mut value: Value, mut paths: Vec<Vec<Value>>) -> Result<Value, String> {
    crate::base::sort_by(&mut paths, |a, b| compare(&b.clone().into(), &a.clone().into()));
    for path in paths {
        let Some((last, front)) = path.split_last() else { return Ok(Value::Null) };
        if get(&value, front)?.is_null() {
            continue;
        }
        value = set(&value, front, &mut |old| {
            let mut new = old.clone();
            match (&mut new, last) {
                (Value::Object(map), Value::String(name)) => {
                    map.shift_remove(name);
                }
                (Value::Array(items), Value::Object(range)) => {
                    let (from, to) = bounds(range, items.len());
                    items.drain(from..to);
                }
                (Value::Array(items), Value::Number(_)) => {
                    let n = float(last);
                    let n = if n < 0.0 { n + items.len() as f64 } else { n };
                    if n >= 0.0 && (n as usize) < items.len() {
                        items.remove(n as usize);
                    }
                }
                (value, key) => return Err(format!("Cannot delete field at {} index of {}", kind(key), kind(value))),
            }
            Ok(new)
        })?;
    }
    Ok(value)
}

/// The keys of a value in order.
pub fn key_list(value: &Value, sorted: bool) -> Result<Value, String> {
    Ok(match value {
        Value::Object(map) if sorted => keys(map).into_iter().map(|k| Value::from(k.as_str())).collect::<Vec<_>>().into(),
        Value::Object(map) => map.keys().map(|k| Value::from(k.as_str())).collect::<Vec<_>>().into(),
        Value::Array(items) => (0..items.len()).map(Value::from).collect::<Vec<_>>().into(),
        other => return Err(format!("{} ({}) has no keys", kind(other), shown(other))),
    })
}
