//! Families of base images: from a name and a tag to one image's data, with every template filled.
//!
//! The format is documented in docs/RECIPES.md; the catalogue (`data/images/*.json`) and a project's own
//! `bottleship.json` share it.

use serde_json::{Map, Value};

use super::tag::{self, Captures};
use super::value::{At, DataError};

const FAMILY_KEYS: &[&str] = &["names", "releases", "since", "alias", "vars", "table", "common", "images", "comment"];
const IMAGE_KEYS: &[&str] = &[
    "tags",
    "vars",
    "from",
    "created",
    "author",
    "env",
    "entrypoint",
    "cmd",
    "workdir",
    "user",
    "expose",
    "volumes",
    "labels",
    "stop_signal",
    "shell",
    "onbuild",
    "layers",
    "more",
    "comment",
];

/// A family of images that share names: all tags of `golang`.
#[derive(Debug, Clone)]
pub struct Family {
    /// Familiar names: `golang`, `mcr.microsoft.com/dotnet/sdk`.
    pub names: Vec<String>,
    releases: Vec<String>,
    since: String,
    alias: Captures,
    vars: Captures,
    table: Vec<(String, String, Captures)>,
    common: Map<String, Value>,
    variants: Vec<Variant>,
}

#[derive(Debug, Clone)]
struct Variant {
    tags: Vec<String>,
    vars: Captures,
    keys: Map<String, Value>,
}

impl Family {
    /// Reads and checks the data of a family.
    pub fn read(at: &At) -> Result<Self, DataError> {
        at.object(FAMILY_KEYS)?;
        let common = match at.get("common") {
            Some(common) => common.object(IMAGE_KEYS)?.clone(),
            None => Map::new(),
        };
        let variants = at.need("images")?.items()?.iter().map(read_variant).collect::<Result<Vec<_>, _>>()?;
        let mut table = Vec::new();
        for (variable, rows) in at.get("table").map_or(Ok(Vec::new()), |table| table.entries())? {
            for (value, row) in rows.entries()? {
                table.push((variable.to_owned(), value.to_owned(), captures(&row)?));
            }
        }
        Ok(Self {
            names: names(at)?,
            releases: at.words_of("releases")?,
            since: at.text_or("since", "")?.to_owned(),
            alias: captures_of(at, "alias")?,
            vars: captures_of(at, "vars")?,
            table,
            common,
            variants,
        })
    }

    /// The data of the image with this name and tag; `None`: there is no such tag.
    pub fn image(&self, name: &str, tag: &str) -> Option<Value> {
        let tag = self.unalias(tag);
        let of = |variant: &Variant, pattern: &String| {
            let mut captured = tag::matches(pattern, &tag)?;
            captured.insert("name".into(), name.into());
            self.expand(variant, captured)
        };
        self.variants.iter().find_map(|variant| variant.tags.iter().find_map(|pattern| of(variant, pattern)))
    }

    fn unalias(&self, tag: &str) -> String {
        if let Some(other) = self.alias.get(tag) {
            return other.clone();
        }
        let (head, rest) = tag.split_once('-').map_or((tag, None), |(head, rest)| (head, Some(rest)));
        match (self.alias.get(head), rest) {
            (Some(other), Some(rest)) => format!("{other}-{rest}"),
            (Some(other), None) => other.clone(),
            (None, _) => tag.to_owned(),
        }
    }

    fn expand(&self, variant: &Variant, captured: Captures) -> Option<Value> {
        if captured.get("v").is_some_and(|version| !tag::plausible(version, &self.since, &self.releases)) {
            return None;
        }
        let mut values = self.vars.clone();
        values.extend(variant.vars.clone());
        if let Some(last) = self.releases.last() {
            values.entry("v".into()).or_insert_with(|| last.clone());
        }
        values.extend(captured.clone());
        for (variable, words, row) in &self.table {
            // What the tag says stands.
            if values.get(variable).is_some_and(|value| tag::is_of(value, words)) {
                values.extend(row.clone());
                values.extend(captured.clone());
            }
        }
        let values: Captures =
            crate::base::map_of(values.iter().map(|(name, text)| (name.clone(), tag::fill(text, &values, &self.releases))));
        let mut keys = self.common.clone();
        keys.extend(variant.keys.clone());
        if let (Some(Value::Array(more)), Some(Value::Array(layers))) = (keys.remove("more"), keys.get_mut("layers")) {
            layers.extend(more);
        }
        Some(fill(&Value::Object(keys), &values, &self.releases))
    }
}

/// The names of a family: those of `names` and those that a row of its table is for.
pub fn names(at: &At) -> Result<Vec<String>, DataError> {
    let mut names = at.words_of("names")?;
    if let Some(rows) = at.get("table").and_then(|table| table.get("name")) {
        names.extend(rows.map()?.keys().flat_map(|words| words.split(' ')).map(str::to_owned));
    }
    if names.is_empty() { Err(at.error("needs \"names\"")) } else { Ok(names) }
}

fn read_variant(at: &At) -> Result<Variant, DataError> {
    let mut keys = at.object(IMAGE_KEYS)?.clone();
    let tags = at.need("tags")?.words()?;
    let vars = captures_of(at, "vars")?;
    keys.remove("tags");
    keys.remove("vars");
    Ok(Variant { tags, vars, keys })
}

fn captures_of(at: &At, key: &str) -> Result<Captures, DataError> {
    at.get(key).map_or(Ok(Captures::new()), |at| captures(&at))
}

fn captures(at: &At) -> Result<Captures, DataError> {
    crate::base::try_map_of(at.entries()?.into_iter().map(|(key, value)| Ok((key.to_owned(), value.text()?.to_owned()))))
}

/// Fills the templates of every string, keys too.
fn fill(value: &Value, values: &Captures, releases: &[String]) -> Value {
    match value {
        Value::String(text) => Value::String(tag::fill(text, values, releases)),
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, values, releases)).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (tag::fill(key, values, releases), fill(value, values, releases))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::value;
    use super::*;

    const DATA: &str = r#"{
        "names": "tool", "releases": "1.1.9 1.2.3", "since": "1.0", "alias": {"lts": "1.1"},
        "table": {"os": {"a": {"number": "7"}}, "v": {"1.0 1.1": {"os": "a"}}}, "vars": {"os": "b"},
        "common": {"env": ["V={v.full}"]},
        "images": [{"tags": "{v}-{os=a|b} {os=a|b}", "from": "base:{os}{number}"}, {"tags": "{v} latest", "from": "base"}, {"tags": "{v}{rest*}", "from": "{name}{os}"}]
    }"#;

    #[track_caller]
    fn check(tag: &str, expect: &str) {
        let data = value::parse("test", DATA).unwrap();
        let family = Family::read(&At::root(&data, "")).unwrap();
        let image = family
            .image("tool", tag)
            .map_or("none".into(), |image| format!("{} {}", image["from"].as_str().unwrap(), image["env"][0].as_str().unwrap()));
        assert_eq!(image, expect);
    }

    #[test]
    fn tags_choose_variants() {
        check("1.2", "base V=1.2.3");
        check("latest", "base V=1.2.3");
        check("lts", "base V=1.1.9");
        check("lts-a", "base:a7 V=1.1.9");
        check("b", "base:b{number} V=1.2.3");
        check("1.3", "none");
        check("0.9", "none");
        check("1.2-c", "toolb V=1.2.3");
        check("1.1-c", "toola V=1.1.9");
    }

    #[test]
    fn wrong_data_is_explained() {
        let data = value::parse("x.json", r#"{"names": "a", "images": [{"tags": "b", "form": "c"}]}"#).unwrap();
        let error = Family::read(&At::root(&data, "x.json")).unwrap_err();
        assert!(error.starts_with("x.json.images[0]: unknown key \"form\"; known are: tags, "), "{error}");
    }
}
