//! `-o`, `--output`: where a result goes. buildx `util/buildflags/export.go`.

use std::collections::BTreeMap;

use crate::base::Case;
use crate::docker::flags::{boolean, csv_fields};

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
}
