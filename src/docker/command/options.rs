//! The values of single options of `docker build`.

use crate::base::Case;
use crate::base::Reference;
use std::collections::BTreeMap;

use super::{Call, Progress};
use crate::docker::flags::{Parsed, csv_fields};
use crate::image::Platform;

/// Where the context is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextPlace {
    /// A folder.
    Folder(String),
    /// A git or HTTP URL.
    Remote(String),
    /// `-`: a Dockerfile or a tar on standard input.
    Stdin,
}

/// Where a named context is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedPlace {
    /// A folder.
    Folder(String),
    /// A git or HTTP URL.
    Remote(String),
    /// `docker-image://REF`
    Image(String),
    /// `oci-layout://DIR[:TAG]`
    Layout(String),
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// A file.
    File(String),
    /// A variable of the client.
    Variable(String),
    /// Neither was said: the variable of this name if there is one, else the file.
    Either(String),
}

impl ContextPlace {
    /// Reads the argument.
    pub fn parse(text: &str) -> Self {
        match text {
            "-" => Self::Stdin,
            text if is_remote(text) => Self::Remote(text.to_owned()),
            text => Self::Folder(text.to_owned()),
        }
    }
}

/// Whether a context is a URL: HTTP, git in its forms.
pub fn is_remote(text: &str) -> bool {
    ["http://", "https://", "git://", "ssh://", "github.com/", "git@"].iter().any(|prefix| text.starts_with(prefix))
}

/// The Dockerfile of a context if no `-f` is given.
pub fn default_dockerfile() -> &'static str {
    "Dockerfile"
}

pub(super) fn call(value: Option<&str>, check: bool) -> Result<Call, String> {
    let fields = csv_fields(value.unwrap_or(""))?;
    let mut call = Call { method: if check { "check".into() } else { "build".into() }, json: false };
    for field in fields.iter().filter(|field| !field.is_empty()) {
        match field.split_once('=') {
            Some(("format", format)) => call.json = format == "json",
            Some(("method", method)) => call.method = method.to_owned(),
            Some(_) => {}
            None => call.method = field.clone(),
        }
    }
    if call.method == "lint" {
        call.method = "check".into();
    }
    Ok(call)
}

pub(super) fn progress(parsed: &Parsed) -> Result<Progress, String> {
    let quiet = parsed.is("quiet");
    let progress = match parsed.last("progress").unwrap_or("auto") {
        "" | "auto" => Progress::Auto,
        "tty" => Progress::Tty,
        "plain" => Progress::Plain,
        "rawjson" => Progress::RawJson,
        "quiet" => Progress::Quiet,
        "none" => Progress::None,
        other => return Err(format!("invalid progress mode {other}")),
    };
    match (quiet, progress) {
        (true, Progress::Auto | Progress::Quiet) => Ok(Progress::Quiet),
        (true, _) => Err(format!("progress={} and quiet cannot be used together", parsed.last("progress").unwrap_or(""))),
        (false, progress) => Ok(progress),
    }
}

/// `K=V`; `K` alone takes the environment's value or is left out. Behind labels there is no environment: the value is empty.
pub(super) fn key_values(items: &[String], env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    crate::base::map_of(items.iter().filter_map(|item| match item.split_once('=') {
        Some((key, value)) => Some((key.to_owned(), value.to_owned())),
        None => env.get(item).map(|value| (item.clone(), value.clone())),
    }))
}

pub(super) fn platforms(items: &[String]) -> Result<Vec<Platform>, String> {
    items.iter().filter(|item| !item.is_empty()).map(|item| platform(item)).collect()
}

/// buildx `platformutil.Parse`.
fn platform(text: &str) -> Result<Platform, String> {
    match text.trim() {
        "local" => Ok(Platform::builder()),
        text => {
            Platform::parse(text).map(|platform| platform.normalize()).map_err(|error| format!("failed to parse platform {text}: {error}"))
        }
    }
}

/// `64m` -> bytes: go-units `RAMInBytes`.
pub(super) fn shm_size(text: &str) -> Result<u64, String> {
    let invalid = || format!("invalid argument \"{text}\" for \"--shm-size\" flag: invalid size: '{text}'");
    crate::docker::units::ram_size(text).ok_or_else(invalid)
}

pub(super) fn named_contexts(items: &[String]) -> Result<BTreeMap<String, NamedPlace>, String> {
    let mut out = BTreeMap::new();
    for item in items {
        let (name, place) = item.split_once('=').ok_or_else(|| format!("invalid context value: {item}, expected key=value"))?;
        if name.contains("::") {
            return Err(format!("invalid context name {name}: invalid reference format"));
        }
        let reference = Reference::parse(name).map_err(|error| format!("invalid context name {name}: {error}"))?;
        let name = reference.familiar();
        let name = name.strip_suffix(":latest").unwrap_or(&name);
        let place = match (place.strip_prefix("docker-image://"), place.strip_prefix("oci-layout://")) {
            (Some(reference), _) => NamedPlace::Image(reference.to_owned()),
            (_, Some(layout)) => NamedPlace::Layout(layout.to_owned()),
            _ if is_remote(place) => NamedPlace::Remote(place.to_owned()),
            _ => NamedPlace::Folder(place.to_owned()),
        };
        out.insert(name.to_owned(), place);
    }
    Ok(out)
}

/// buildx `ParseSecretSpecs`.
pub(super) fn secrets(items: &[String]) -> Result<BTreeMap<String, SecretPlace>, String> {
    let mut out = BTreeMap::new();
    for item in items {
        let (mut id, mut file, mut variable, mut kind) = (String::new(), None, None, String::new());
        for field in csv_fields(item)? {
            let (key, value) = field.split_once('=').ok_or_else(|| format!("invalid field '{field}' must be a key=value pair"))?;
            match key.lower().as_str() {
                "type" if value != "file" && value != "env" => return Err(format!("unsupported secret type \"{value}\"")),
                "type" => kind = value.to_owned(),
                "id" => id = value.to_owned(),
                "source" | "src" => file = Some(value.to_owned()),
                "env" => variable = Some(value.to_owned()),
                _ => return Err(format!("unexpected key '{key}' in '{field}'")),
            }
        }
        if kind == "env" && variable.is_none() {
            variable = file.take();
        }
        let place = match (file, variable) {
            (_, Some(variable)) => SecretPlace::Variable(variable),
            (Some(file), None) => SecretPlace::File(file),
            (None, None) => SecretPlace::Either(id.clone()),
        };
        out.insert(id, place);
    }
    Ok(out)
}

/// `type=local,dest=DIR`, or a reference alone.
pub(super) fn cache_entry(text: &str) -> Result<BTreeMap<String, String>, String> {
    let fields = csv_fields(text)?;
    if let [only] = fields.as_slice()
        && !only.contains('=')
    {
        return Ok(BTreeMap::from([("type".into(), "registry".into()), ("ref".into(), only.clone())]));
    }
    let pair = |field: &&String| field.split_once('=').map(|(k, v)| (k.lower(), v.to_owned()));
    crate::base::try_map_of(fields.iter().map(|field| pair(&field).ok_or_else(|| format!("invalid value {field}"))))
}

/// A tag in normal form: `app` -> `docker.io/library/app:latest`.
pub(super) fn tag(text: &str) -> Result<String, String> {
    super::super::reference::normalize(text).map_err(|error| format!("invalid tag \"{text}\": {error}"))
}
