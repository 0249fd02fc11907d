//! Reading JSON that people write by hand: every error says where it is and what was expected.

use serde_json::{Map, Value};

/// A JSON value and the way to it, for error messages.
#[derive(Debug, Clone)]
pub struct At<'a> {
    /// The value.
    pub value: &'a Value,
    /// `images[0].layers[1]`.
    pub path: String,
}

/// What is wrong with a piece of data: `images[0]: needs "name"`.
pub type DataError = String;

impl<'a> At<'a> {
    /// The whole document; `path` is what errors call it.
    pub fn root(value: &'a Value, path: &str) -> Self {
        Self { value, path: path.into() }
    }

    /// `message` at this place.
    pub fn error(&self, message: &str) -> DataError {
        format!("{}: {message}", self.path)
    }

    /// The object, with no keys other than these.
    pub fn object(&self, keys: &[&str]) -> Result<&'a Map<String, Value>, DataError> {
        let map = self.map()?;
        match map.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => Err(self.error(&format!("unknown key {key:?}; known are: {}", keys.join(", ")))),
            None => Ok(map),
        }
    }

    /// The object, whatever its keys.
    pub fn map(&self) -> Result<&'a Map<String, Value>, DataError> {
        self.value.as_object().ok_or_else(|| self.error("must be an object"))
    }

    /// The entries of an object.
    pub fn entries(&self) -> Result<Vec<(&'a str, At<'a>)>, DataError> {
        Ok(self.map()?.iter().map(|(key, value)| (key.as_str(), self.at(key, value))).collect())
    }

    /// The value of a key, if it is there.
    pub fn get(&self, key: &str) -> Option<At<'a>> {
        self.value.get(key).map(|value| self.at(key, value))
    }

    /// The value of a key that must be there.
    pub fn need(&self, key: &str) -> Result<At<'a>, DataError> {
        self.get(key).ok_or_else(|| self.error(&format!("needs {key:?}")))
    }

    /// The items of a list.
    pub fn items(&self) -> Result<Vec<At<'a>>, DataError> {
        let list = self.value.as_array().ok_or_else(|| self.error("must be a list"))?;
        Ok(list.iter().enumerate().map(|(i, value)| At { value, path: format!("{}[{i}]", self.path) }).collect())
    }

    /// A string.
    pub fn text(&self) -> Result<&'a str, DataError> {
        self.value.as_str().ok_or_else(|| self.error("must be a string"))
    }

    /// A whole number that is not negative.
    pub fn number(&self) -> Result<u64, DataError> {
        self.value.as_u64().ok_or_else(|| self.error("must be a whole number"))
    }

    /// A list of strings; a single string is a list of its words.
    pub fn words(&self) -> Result<Vec<String>, DataError> {
        match self.value {
            Value::String(text) => Ok(text.split_whitespace().map(str::to_owned).collect()),
            _ => self.items()?.iter().map(|item| item.text().map(str::to_owned)).collect(),
        }
    }

    /// An octal mode such as `"755"`.
    pub fn mode(&self) -> Result<u32, DataError> {
        u32::from_str_radix(self.text()?, 8)
            .ok()
            .filter(|mode| *mode <= 0o7777)
            .ok_or_else(|| self.error("must be an octal mode such as \"755\""))
    }

    /// The string of a key, or `or`.
    pub fn text_or(&self, key: &str, or: &'a str) -> Result<&'a str, DataError> {
        self.get(key).map_or(Ok(or), |at| at.text())
    }

    /// The words of a key, or none.
    pub fn words_of(&self, key: &str) -> Result<Vec<String>, DataError> {
        self.get(key).map_or(Ok(Vec::new()), |at| at.words())
    }

    fn at(&self, key: &str, value: &'a Value) -> At<'a> {
        let path = if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) };
        At { value, path }
    }
}

/// Parses JSON text; `name` is what errors call it.
pub fn parse(name: &str, text: &str) -> Result<Value, DataError> {
    serde_json::from_str(text).map_err(|error| format!("{name}: not valid JSON: {error}"))
}
