//! Names of images: `github.com/distribution/reference`.

use std::fmt;

/// A normalised image name: `docker.io/library/alpine:3.20@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Registry and repository: `docker.io/library/alpine`.
    pub name: String,
    /// Without its colon; empty if there is none.
    pub tag: String,
    /// `sha256:…`; empty if there is none.
    pub digest: String,
}

const INVALID: &str = "invalid reference format";

impl Reference {
    /// `reference.ParseNormalizedNamed`: the error is its text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(format!("invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"));
        }
        let (domain, remainder) = split_domain(text);
        let remote = remainder.split(':').next().unwrap_or_default();
        if remote.chars().any(char::is_uppercase) {
            return Err(format!("{INVALID}: repository name ({remote}) must be lowercase"));
        }
        Self::parse_exact(&format!("{domain}/{remainder}"))
    }

    /// `reference.Parse` of a text that is already in full form.
    fn parse_exact(text: &str) -> Result<Self, String> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) if is_digest(digest) => (rest, digest),
            Some(_) => return Err(INVALID.into()),
            None => (text, ""),
        };
        let slash = rest.rfind('/').unwrap_or(0);
        let (name, tag) = match rest.get(slash..).and_then(|last| last.find(':')) {
            Some(colon) => {
                let (name, tag) = rest.split_at(slash + colon);
                (name, tag.strip_prefix(':').unwrap_or_default())
            }
            None => (rest, ""),
        };
        let has_tag = name.len() < rest.len();
        let (domain, path) = name.split_once('/').ok_or(INVALID)?;
        if !is_domain(domain) || !path.split('/').all(is_component) || has_tag && !is_tag(tag) {
            return Err(INVALID.into());
        }
        if path.len() > 255 {
            return Err(format!("repository name must not be more than 255 characters: {path}"));
        }
        Ok(Self { name: name.into(), tag: tag.into(), digest: digest.into() })
    }

    /// `reference.TagNameOnly`: `:latest` if there is neither tag nor digest.
    pub fn tagged(mut self) -> Self {
        if self.tag.is_empty() && self.digest.is_empty() {
            self.tag = "latest".into();
        }
        self
    }

    /// The same name with this digest.
    pub fn with_digest(mut self, digest: impl fmt::Display) -> Self {
        self.digest = digest.to_string();
        self
    }

    /// `reference.FamiliarString`: `alpine:3.20`, without the default registry and `library/`.
    pub fn familiar(&self) -> String {
        let name = match self.name.strip_prefix("docker.io/") {
            Some(path) => match path.strip_prefix("library/") {
                Some(short) if !short.contains('/') => short,
                _ => path,
            },
            None => &self.name,
        };
        self.write(name)
    }

    fn write(&self, name: &str) -> String {
        let mut text = name.to_owned();
        for (mark, part) in [(':', &self.tag), ('@', &self.digest)] {
            if !part.is_empty() {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.write(&self.name))
    }
}

/// The registry and the rest; a first part without `.`, `:` or capitals that is not `localhost` is no registry.
fn split_domain(text: &str) -> (String, String) {
    let (domain, rest) = match text.split_once('/') {
        Some((first, rest)) if first == "localhost" || first.contains(['.', ':']) || first.chars().any(char::is_uppercase) => (first, rest),
        _ => ("docker.io", text),
    };
    let domain = if domain == "index.docker.io" { "docker.io" } else { domain };
    match domain == "docker.io" && !rest.contains('/') {
        true => (domain.into(), format!("library/{rest}")),
        false => (domain.into(), rest.into()),
    }
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') => ("a", port),
            _ => return false,
        },
        None => match text.find(':') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        },
    };
    let port_is_right = match port.strip_prefix(':') {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()),
        None => port.is_empty(),
    };
    let label = |label: &str| {
        let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
        edge(label.bytes().next()) && edge(label.bytes().last()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    port_is_right && host.split('.').all(label)
}

/// Lower-case letters and digits, joined by `.`, `_`, `__` or any number of `-`.
fn is_component(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase();
    let mut rest = text.trim_start_matches(alphanumeric);
    if rest.len() == text.len() {
        return false;
    }
    while !rest.is_empty() {
        let after = match rest.as_bytes() {
            [b'_', b'_', ..] => rest.get(2..),
            [b'_' | b'.', ..] => rest.get(1..),
            [b'-', ..] => Some(rest.trim_start_matches('-')),
            _ => None,
        };
        let Some(after) = after else { return false };
        rest = after.trim_start_matches(alphanumeric);
        if rest.len() == after.len() {
            return false;
        }
    }
    true
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128 && text.bytes().next().is_some_and(word) && text.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let component = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let long = if algorithm == "sha256" { hex.len() == 64 } else { hex.len() >= 32 };
    algorithm.split(['-', '_', '+', '.']).all(component) && long && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let found = Reference::parse(text).map_or_else(|e| e, |r| format!("{} {}", r.clone().tagged(), r.familiar()));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn normalises() {
        check("alpine", "docker.io/library/alpine:latest alpine");
        check("a/b:1", "docker.io/a/b:1 a/b:1");
        check("localhost/x", "localhost/x:latest localhost/x");
        check("host:5000/x/y:v1", "host:5000/x/y:v1 host:5000/x/y:v1");
        check("index.docker.io/x", "docker.io/library/x:latest x");
    }

    #[test]
    fn refuses() {
        check("Alpine", "invalid reference format: repository name (library/Alpine) must be lowercase");
        check("alpine:a:b", "invalid reference format");
        check("", "invalid reference format");
        check("a--b__c.d", "docker.io/library/a--b__c.d:latest a--b__c.d");
        check("a___b", "invalid reference format");
        check("a:", "invalid reference format");
        check("a@sha256:12", "invalid reference format");
        check("$x", "invalid reference format");
    }
}
