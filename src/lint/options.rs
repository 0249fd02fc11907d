//! Which rules speak: `skip=…;error=…;experimental=…`. BuildKit's `linter.ParseLintOptions`.

use crate::base::{Rule, go};
use crate::dockerfile::parse_directive;

/// The choice of rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// `skip=all`
    pub skip_all: bool,
    /// `skip=A,B`
    pub skip: Vec<String>,
    /// `experimental=all`
    pub experimental_all: bool,
    /// `experimental=A,B`
    pub experimental: Vec<String>,
    /// `error=true`: a warning is an error.
    pub error: bool,
    /// All of our own rules: what an editor shows.
    pub ours: bool,
}

impl Options {
    /// Reads the value of `# check=` or `BUILDKIT_DOCKERFILE_CHECK`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut options = Self::default();
        let text = text.trim();
        if text.is_empty() {
            return Ok(options);
        }
        for part in text.splitn(3, ';') {
            let (key, value) = part.split_once('=').ok_or_else(|| format!("invalid check option {}", go::quote(part)))?;
            let value = value.trim();
            match key.trim() {
                "skip" => (options.skip_all, options.skip) = names(value),
                "experimental" => (options.experimental_all, options.experimental) = names(value),
                "error" => {
                    options.error = go::parse_bool(value).ok_or_else(|| {
                        let (part, value) = (go::quote(part), go::quote(value));
                        format!("failed to parse check option {part}: strconv.ParseBool: parsing {value}: invalid syntax")
                    })?;
                }
                key => return Err(format!("invalid check option {}", go::quote(key))),
            }
        }
        Ok(options)
    }

    /// With what the comments above an instruction add: the first that is a `# check=` counts, if it can be read.
    pub fn merged(&self, comments: &[String]) -> Option<Self> {
        let text = comments.iter().find_map(|comment| parse_directive("check", format!("#{comment}").as_bytes()))?.word;
        let added = Self::parse(&text).ok()?;
        let mut merged = self.clone();
        merged.skip_all |= added.skip_all;
        merged.skip.extend(added.skip);
        merged.experimental_all |= added.experimental_all;
        merged.experimental.extend(added.experimental);
        Some(merged)
    }

    /// Whether this rule speaks.
    pub fn allow(&self, rule: &Rule) -> bool {
        let named = |names: &[String]| names.iter().any(|name| name == rule.name);
        let skipped = self.skip_all || named(&self.skip);
        match (rule.ours, rule.experimental) {
            (true, _) => named(&self.experimental) || self.ours && !skipped,
            (_, true) => self.experimental_all || named(&self.experimental),
            _ => !skipped,
        }
    }
}

fn names(value: &str) -> (bool, Vec<String>) {
    match value {
        "all" => (true, Vec::new()),
        list => (false, list.split(',').map(|name| name.trim().to_owned()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let found = Options::parse(text).map_or_else(|e| e, |o| format!("{} {:?} {}", o.skip_all, o.skip, o.error));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn parses() {
        check("", "false [] false");
        check("skip=all", "true [] false");
        check("skip=A, B;error=true", "false [\"A\", \"B\"] true");
        check("skip", "invalid check option \"skip\"");
        check("x=1", "invalid check option \"x\"");
    }

    #[test]
    fn the_first_comment_counts() {
        let merged = |comments: &[&str]| {
            let comments: Vec<String> = comments.iter().map(|comment| (*comment).to_owned()).collect();
            Options::default().merged(&comments).map(|options| options.skip)
        };
        assert_eq!(merged(&["about", "check = skip=A,B C", "check=skip=D"]), Some(vec!["A".into(), "B".into()]));
        assert_eq!(merged(&["check=nonsense", "check=skip=D"]), None);
        assert_eq!(merged(&["the check=skip=D"]), None);
    }
}
