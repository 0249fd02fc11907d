//! Annotations of manifests and indexes, as output attributes name them: `annotation-index.KEY`, `annotation-manifest[linux/arm64].KEY`.
//! BuildKit's `exporter/containerimage/exptypes/annotations.go`.

use std::collections::BTreeMap;

use super::Platform;

/// What an annotation stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Annotated {
    Manifest,
    ManifestDescriptor,
    Index,
    IndexDescriptor,
}

impl Annotated {
    /// By the name that attributes and `--annotation` use.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "manifest" => Self::Manifest,
            "manifest-descriptor" => Self::ManifestDescriptor,
            "index" => Self::Index,
            "index-descriptor" => Self::IndexDescriptor,
            _ => return None,
        })
    }

    /// Whether it is an index, which has no platform, or its descriptor.
    pub fn is_of_index(self) -> bool {
        matches!(self, Self::Index | Self::IndexDescriptor)
    }
}

/// Whether a text can stand in the brackets of a platform.
pub fn is_platform(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_/-".contains(&byte))
}

/// One annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Where.
    pub on: Annotated,
    /// Only for this platform; empty: for all.
    pub platform: String,
    /// Its key and its value.
    pub pair: (String, String),
}

/// The annotation that an attribute is; `None` if it is none, an error if it is one of a kind that does not exist.
pub fn read(key: &str, value: &str) -> Option<Result<Annotation, String>> {
    let (head, name) = key.strip_prefix("annotation")?.split_once('.')?;
    let (kind, platform) = match head.strip_suffix(']') {
        Some(head) => head.split_once('[')?,
        None => (head, ""),
    };
    let is_kind = kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && (kind.is_empty() || kind.starts_with('-'));
    let is_named = !name.is_empty() && !name.contains(char::is_whitespace);
    if !is_platform(platform) || !is_kind || kind == "-" || !is_named || head.ends_with("[]") {
        return None;
    }
    let kind = kind.strip_prefix('-').unwrap_or("manifest");
    let Some(on) = Annotated::named(kind) else { return Some(Err(format!("unrecognized annotation type {kind}"))) };
    let platform = if platform.is_empty() { Ok(String::new()) } else { Platform::parse(platform).map(|platform| platform.format_all()) };
    Some(platform.map(|platform| Annotation { on, platform, pair: (name.to_owned(), value.to_owned()) }))
}

/// Those that stand on something of a platform; one for this very platform wins. An index has no platform.
pub fn select(all: &[Annotation], on: Annotated, platform: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for wanted in ["", platform] {
        let fitting = all.iter().filter(|one| one.on == on && (on.is_of_index() || one.platform == wanted));
        for Annotation { pair: (key, value), .. } in fitting {
            out.insert(key.clone(), value.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, expect: Option<Result<(Annotated, &str, &str), &str>>) {
        let found = read(key, "v");
        let found = found.as_ref().map(|one| match one {
            Ok(one) => Ok((one.on, one.platform.as_str(), one.pair.0.as_str())),
            Err(error) => Err(error.as_str()),
        });
        assert_eq!(found, expect, "{key}");
    }

    #[test]
    fn attributes_name_what_is_annotated() {
        use Annotated::{Index, IndexDescriptor, Manifest, ManifestDescriptor};
        check("annotation.a.b", Some(Ok((Manifest, "", "a.b"))));
        check("annotation-index.k", Some(Ok((Index, "", "k"))));
        check("annotation-index-descriptor.k", Some(Ok((IndexDescriptor, "", "k"))));
        check("annotation-manifest-descriptor[linux/arm64].k", Some(Ok((ManifestDescriptor, "linux/arm64", "k"))));
        check("annotation[linux/arm/v7].k.l", Some(Ok((Manifest, "linux/arm/v7", "k.l"))));
        check("annotation-x.k", Some(Err("unrecognized annotation type x")));
        for other in ["annotations.k", "annotation", "annotation.", "annotation-.k", "annotation[].k", "annotation.a b", "annotation[a.k"] {
            check(other, None);
        }
    }

    #[test]
    fn the_platforms_own_wins() {
        let all: Vec<_> = ["annotation.k", "annotation[linux/arm64].k", "annotation-index[linux/arm64].k"]
            .into_iter()
            .map(|key| read(key, key).expect("one").expect("it is right"))
            .collect();
        let one = |on, platform| select(&all, on, platform).into_values().next();
        assert_eq!(one(Annotated::Manifest, "linux/arm64").as_deref(), Some("annotation[linux/arm64].k"));
        assert_eq!(one(Annotated::Manifest, "linux/amd64").as_deref(), Some("annotation.k"));
        assert_eq!(one(Annotated::Index, "").as_deref(), Some("annotation-index[linux/arm64].k"));
        assert_eq!(one(Annotated::IndexDescriptor, ""), None);
    }
}
