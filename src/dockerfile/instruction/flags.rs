//! `--flag=value` of instructions. BuildKit's `instructions/bflag.go`.

use crate::base::Case;
use crate::base::with_suggestion;

use super::super::ast::Node;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// `true` or `false`, or nothing at all.
    Bool,
    /// A value, once.
    Once,
    /// A value, as often as one likes.
    Often,
}

/// The flags of an instruction in the order of their names.
pub(super) type Known = &'static [(&'static str, Takes)];

/// None at all.
pub(super) const NONE: Known = &[];

const ADD: Known = &[
    ("checksum", Takes::Once),
    ("chmod", Takes::Once),
    ("chown", Takes::Once),
    ("exclude", Takes::Often),
    ("keep-git-dir", Takes::Bool),
    ("link", Takes::Bool),
    ("unpack", Takes::Bool),
];
const COPY: Known = &[
    ("chmod", Takes::Once),
    ("chown", Takes::Once),
    ("exclude", Takes::Often),
    ("from", Takes::Once),
    ("link", Takes::Bool),
    ("parents", Takes::Bool),
];
const FROM: Known = &[("platform", Takes::Once)];
const HEALTHCHECK: Known = &[
    ("interval", Takes::Once),
    ("retries", Takes::Once),
    ("start-interval", Takes::Once),
    ("start-period", Takes::Once),
    ("timeout", Takes::Once),
];
const RUN: Known = &[("device", Takes::Often), ("mount", Takes::Often), ("network", Takes::Once), ("security", Takes::Once)];

/// The flags that the instruction of this name (lower case) knows.
pub(super) fn known(instruction: &str) -> Known {
    match instruction {
        "add" => ADD,
        "copy" => COPY,
        "from" => FROM,
        "healthcheck" => HEALTHCHECK,
        "run" => RUN,
        _ => NONE,
    }
}

/// The names of the flags of an instruction (its name in lower case), sorted.
pub fn flag_names(instruction: &str) -> impl Iterator<Item = &'static str> {
    known(instruction).iter().map(|(name, _)| *name)
}

/// Flags that were read: name and value in the order in which they stand.
#[derive(Debug, Default)]
pub(super) struct Flags(Vec<(&'static str, String)>);

impl Flags {
    /// Reads the flags of a node; the first error ends it.
    pub fn read(node: &Node, known: Known) -> Result<Self, String> {
        let mut read = Self::default();
        for flag in &node.flags {
            let flag = flag.to_str();
            let flag = flag.strip_prefix("--").unwrap_or(&flag);
            let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
            let Some(&(name, takes)) = known.iter().find(|(known, _)| *known == name) else {
                return Err(with_suggestion(format!("unknown flag: --{name}"), name, known.iter().map(|(name, _)| *name)));
            };
            if takes != Takes::Often && read.get(name).is_some() {
                return Err(format!("duplicate flag specified: --{name}"));
            }
            let value = match (takes, value) {
                (Takes::Bool, None) => "true".to_owned(),
                (Takes::Bool, Some(value)) if !value.is_empty() => match value.lower() {
                    lower if lower == "true" || lower == "false" => lower,
                    _ => return Err(format!("expecting boolean value for flag --{name}, not: {value}")),
                },
                (Takes::Once | Takes::Often, Some(value)) => value.to_owned(),
                _ => return Err(format!("missing a value on flag: --{name}")),
            };
            read.0.push((name, value));
        }
        Ok(read)
    }

    /// The value of a flag, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a flag, or nothing.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// Whether a boolean flag is given, and how.
    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value == "true")
    }

    /// All values of a flag.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.clone()).collect()
    }
}
