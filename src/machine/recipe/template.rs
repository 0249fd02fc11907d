//! Templates of recipes: `{name}`, `{name|or this}`, `{@path}` from the working folder,
//! `{?--release:release:debug}`, `{=2.5*sources+150kB}`.

use serde_json::Value;

use crate::base::fill_slots;
use crate::base::go::{clean_path, join_path};
use crate::world::parse_size;

/// What the names of a template stand for.
pub trait Names {
    /// The text behind a name.
    fn text(&self, name: &str) -> Option<String>;
    /// Whether one of these flags (`-r,--release`) is given.
    fn given(&self, flags: &str) -> bool;
    /// The number behind a name.
    fn number(&self, name: &str) -> Option<f64>;
}

/// Fills a template; a name that stands for nothing stays as written.
pub fn fill(template: &str, names: &dyn Names) -> String {
    fill_slots(template, &mut |text| slot(text, names))
}

fn slot(slot: &str, names: &dyn Names) -> Option<String> {
    if let Some(expression) = slot.strip_prefix('=') {
        return Some(((evaluate(expression, names)?) as u64).to_string());
    }
    if let Some((flags, choice)) = slot.strip_prefix('?').and_then(|rest| rest.split_once(':')) {
        let (yes, no) = choice.split_once(':')?;
        return Some(if names.given(flags) { yes } else { no }.to_owned());
    }
    if let Some(path) = slot_path(slot, names) {
        return Some(path);
    }
    match slot.split_once('|') {
        Some((name, or)) => Some(names.text(name).filter(|value| !value.is_empty()).unwrap_or_else(|| fill(or, names))),
        None => names.text(slot),
    }
}

/// `{@name}`: a path as seen from the working folder.
fn slot_path(text: &str, names: &dyn Names) -> Option<String> {
    let path = slot(text.strip_prefix('@')?, names)?;
    Some(absolute(&names.text("cwd")?, &path))
}

/// A path as seen from a folder.
pub fn absolute(folder: &str, path: &str) -> String {
    if path.starts_with('/') { clean_path(path) } else { join_path(folder, path) }
}

/// Sums of products of names, numbers and sizes.
pub fn evaluate(expression: &str, names: &dyn Names) -> Option<f64> {
    let factor = |text: &str| {
        let text = text.trim();
        names.number(text).or_else(|| crate::base::parse_float(text)).or_else(|| parse_size(text).map(|size| size as f64))
    };
    let term = |text: &str| text.split('*').try_fold(1.0, |product, text| Some(product * factor(text)?));
    expression.split('+').try_fold(0.0, |sum, text| Some(sum + term(text)?))
}

/// Fills every string of a JSON value, keys too.
pub fn fill_value(value: &Value, names: &dyn Names) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text, names)),
        Value::Array(items) => Value::Array(items.iter().map(|item| fill_value(item, names)).collect()),
        Value::Object(map) => Value::Object(map.iter().map(|(key, value)| (fill(key, names), fill_value(value, names))).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Some1;

    impl Names for Some1 {
        fn text(&self, name: &str) -> Option<String> {
            (name == "a").then(|| "A".into())
        }

        fn given(&self, flags: &str) -> bool {
            flags == "-a"
        }

        fn number(&self, name: &str) -> Option<f64> {
            (name == "n").then_some(4.0)
        }
    }

    #[test]
    fn names_and_sums() {
        assert_eq!(fill("{a}/{b|c{a}}/{b} {=2.5*n+1kB} {?-a:y:z} {", &Some1), "A/cA/{b} 1010 y {");
        assert_eq!(evaluate("n*2+x", &Some1), None);
    }
}
