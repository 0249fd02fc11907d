//! `-o`, `--output`: where a result goes. buildx `util/buildflags/export.go`.

use std::collections::BTreeMap;

use crate::base::Case;
use crate::base::go::quote;
use crate::docker::flags::{boolean, csv_fields};
use crate::image::Platform;
use crate::image::annotations::{Annotated, is_platform};

/// One `-o`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The exporter.
    pub kind: OutputKind,
    /// `dest=`; `None` or `-`: standard output, or the image store.
    pub dest: Option<String>,
    /// `rewrite-timestamp=true`.
    pub rewrite_timestamp: bool,
    /// `compression=`; empty: the exporter's own (gzip).
    pub compression: String,
    /// `name=`.
    pub name: Option<String>,
    /// The other attributes.
    pub attributes: BTreeMap<String, String>,
}

/// The exporters of BuildKit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OutputKind {
    Oci,
    Docker,
    Tar,
    Local,
    Image,
    CacheOnly,
}

impl Output {
    /// `--load`.
    pub fn docker() -> Self {
        Self {
            kind: OutputKind::Docker,
            dest: None,
            rewrite_timestamp: false,
            compression: String::new(),
            name: None,
            attributes: BTreeMap::new(),
        }
    }
}

impl Output {
    /// `source-date-epoch=`: SOURCE_DATE_EPOCH of this exporter alone, before the build's own. The error is BuildKit's.
    pub fn epoch(&self) -> Result<Option<i64>, String> {
        let Some(value) = self.attributes.get("source-date-epoch").filter(|value| !value.is_empty()) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| {
            let why = format!("strconv.ParseInt: parsing {}: invalid syntax", quote(value));
            format!("failed to solve: invalid source-date-epoch: {why}: {why}")
        })
    }
}

/// Reads one value of `-o`.
pub fn parse(text: &str) -> Result<Output, String> {
    let fields = csv_fields(text)?;
    let mut output = Output::docker();
    if let [only] = fields.as_slice()
        && !only.contains('=')
    {
        let (kind, dest) = if only == "-" { (OutputKind::Tar, "-") } else { (OutputKind::Local, only.as_str()) };
        return Ok(Output { kind, dest: Some(dest.to_owned()), ..output });
    }
    let mut kind = None;
    for field in &fields {
        let (key, value) = field.split_once('=').ok_or_else(|| format!("invalid value {field}"))?;
        match key.trim().lower().as_str() {
            "type" => kind = Some(value.to_owned()),
            "dest" => output.dest = Some(value.to_owned()),
            "rewrite-timestamp" => output.rewrite_timestamp = boolean(value).unwrap_or(false),
            "compression" => output.compression = value.to_owned(),
            "name" => output.name = Some(value.to_owned()),
            key => drop(output.attributes.insert(key.to_owned(), value.to_owned())),
        }
    }
    output.kind = match kind.as_deref() {
        Some("oci") => OutputKind::Oci,
        Some("docker") => OutputKind::Docker,
        Some("tar") => OutputKind::Tar,
        Some("local") => OutputKind::Local,
        Some("image" | "registry") => OutputKind::Image,
        Some("cacheonly") => OutputKind::CacheOnly,
        None => return Err("type is required for output".into()),
        Some(other) => return Err(format!("exporter \"{other}\" could not be found")),
    };
    if matches!(output.kind, OutputKind::Local) && output.dest.is_none() {
        return Err("dest is required for local exporter".into());
    }
    Ok(output)
}

/// `--annotation`, each as the attribute that it stands for. buildx `ParseAnnotations`.
pub(super) fn annotations(values: &[String]) -> Result<Vec<(String, String)>, String> {
    let mut out = Vec::new();
    for value in values.iter().filter(|value| !value.is_empty()) {
        let quoted = || quote(value);
        let (key, text) = value.split_once('=').ok_or_else(|| format!("invalid annotation {}, expected key=value", quoted()))?;
        let Some((kinds, key)) = key.split_once(':') else {
            out.push((format!("annotation.{key}"), text.to_owned()));
            continue;
        };
        for kind in kinds.split(',') {
            let (name, platform) = kind.strip_suffix(']').and_then(|kind| kind.split_once('[')).unwrap_or((kind, ""));
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            if !is_name || !is_platform(platform) || kind.ends_with("[]") {
                return Err(format!("invalid annotation type {}, expected type and optional platform in square brackets", quote(kind)));
            }
            let on = Annotated::named(name).ok_or_else(|| format!("unknown annotation type {}", quote(name)))?;
            let platform = match platform {
                "" => String::new(),
                text => Platform::parse(text).map_err(|error| format!("invalid platform {}: {error}", quote(text)))?.format_all(),
            };
            let platform = if platform.is_empty() || on.is_of_index() { String::new() } else { format!("[{platform}]") };
            out.push((format!("annotation-{name}{platform}.{key}"), text.to_owned()));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms() {
        let short = |text: &str| parse(text).map(|o| (o.kind, o.dest));
        assert_eq!(short("out"), Ok((OutputKind::Local, Some("out".into()))));
        assert_eq!(short("-"), Ok((OutputKind::Tar, Some("-".into()))));
        assert_eq!(short("type=oci,dest=a.tar"), Ok((OutputKind::Oci, Some("a.tar".into()))));
        assert_eq!(short("dest=a"), Err("type is required for output".into()));
        assert_eq!(short("type=local"), Err("dest is required for local exporter".into()));
        assert_eq!(parse("type=oci,rewrite-timestamp=true").map(|o| o.rewrite_timestamp), Ok(true));
    }

    #[test]
    fn an_exporter_may_have_an_epoch_of_its_own() {
        let epoch = |value: &str| parse(&format!("type=oci,source-date-epoch={value}")).expect(value).epoch();
        assert_eq!(epoch("12"), Ok(Some(12)));
        assert_eq!(epoch(""), Ok(None));
        let why = "strconv.ParseInt: parsing \"1x\": invalid syntax";
        assert_eq!(epoch("1x"), Err(format!("failed to solve: invalid source-date-epoch: {why}: {why}")));
    }

    #[test]
    fn annotations_stand_for_attributes() {
        let check = |value: &str, expect: Result<&str, &str>| {
            let pair = |(key, text): (String, String)| format!("{key}={text}");
            let found = annotations(&[value.to_owned()]).map(|all| all.into_iter().map(pair).collect::<Vec<_>>().join(" "));
            assert_eq!(found.as_deref().map_err(String::as_str), expect, "{value}");
        };
        check("A.b=c=d", Ok("annotation.A.b=c=d"));
        check("index,manifest[linux/arm64/v8]:k=v", Ok("annotation-index.k=v annotation-manifest[linux/arm64/v8].k=v"));
        check("index[linux/arm64]:k=v", Ok("annotation-index.k=v"));
        check("k", Err("invalid annotation \"k\", expected key=value"));
        check("layer:k=v", Err("unknown annotation type \"layer\""));
        check("Index:k=v", Err("invalid annotation type \"Index\", expected type and optional platform in square brackets"));
    }
}
