//! `--images any|FILE`: image names that resolve from memory, without registry or catalogue.

use std::collections::BTreeMap;

use serde_json::Value;

use super::reference::normalize;
use crate::base::Digest;
use crate::image::Config;
use crate::world::{ImageFacts, Images};

/// What every name that is not listed resolves to, byte for byte.
const ANY: &str = concat!(
    r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},"#,
    r#""rootfs":{"type":"layers","diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000000"]}}"#
);

/// `--images any`
pub fn any() -> Images {
    Images::Any(any_facts())
}

fn any_facts() -> ImageFacts {
    ImageFacts { digest: Digest::of(ANY), config: serde_json::from_str(ANY).unwrap_or_default() }
}

/// `--images FILE`: `{reference: {"digest": …, "config": …} | null}`.
pub fn listed(text: &[u8]) -> Result<Images, String> {
    let map: BTreeMap<String, Value> = serde_json::from_slice(text).map_err(|error| format!("images file: {error}"))?;
    let mut listed = BTreeMap::new();
    for (name, value) in map {
        let normal = normalize(&name).map_err(|error| format!("images file: `{name}`: {error}"))?;
        listed.insert(normal, facts(&name, value)?);
    }
    Ok(Images::Listed { listed, other: any_facts() })
}

fn facts(name: &str, value: Value) -> Result<Option<ImageFacts>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let wrong = |what: &str| format!("images file: `{name}`: {what}");
    let config = value.get("config").cloned().unwrap_or_default();
    let config: Config = match config {
        Value::String(text) => serde_json::from_str(&text),
        config => serde_json::from_value(config),
    }
    .map_err(|error| wrong(&error.to_string()))?;
    let digest = match value.get("digest").and_then(Value::as_str) {
        Some(digest) => digest.parse().map_err(|error: String| wrong(&error))?,
        None => Digest::of(crate::base::go::to_json(&config)),
    };
    Ok(Some(ImageFacts { digest, config }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_has_the_published_digest() {
        let Images::Any(facts) = any() else { panic!("any") };
        assert_eq!(facts.digest.to_string(), "sha256:3bc615098fbed443a8acdd2b2da572659c0c42f936b15b5cd0cd678b23752ee9");
        assert_eq!(facts.config.config.env.len(), 1);
    }

    #[test]
    fn names_are_normal_and_null_is_no_image() {
        let digest = Digest::of("x");
        let text = format!("{{\"alpine\": {{\"digest\": \"{digest}\", \"config\": {{\"os\": \"linux\"}}}}, \"gone\": null}}");
        let Ok(Images::Listed { listed, .. }) = listed(text.as_bytes()) else { panic!("listed") };
        assert_eq!(listed["docker.io/library/alpine:latest"].as_ref().map(|facts| facts.digest), Some(digest));
        assert_eq!(listed["docker.io/library/gone:latest"], None);
        assert!(super::listed(b"[]").is_err());
    }
}
