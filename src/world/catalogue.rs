//! The catalogue: base images as data, made when they are asked for.
//!
//! Layers hold modelled bytes, so their digests are recorded in `data/digests.txt` and need no hashing at run time; a
//! test streams and verifies them. A layer that is not recorded (a project's own image) is hashed when it is made.

use std::sync::Arc;

use serde_json::Value;

use super::family::Family;
use super::files::{self, Entry, EntryKind};
use super::value::{self, At, DataError};
use crate::base::Digest;
use crate::filesystem::{Content, File, ImagePath, Metadata, Node, Symlink, Tree};
use crate::image::{Config, ContainerConfig, Empty, History, Image, Layer, RootFs};

/// The data files of the catalogue; a family is found by its names.
const DATA: &[(&str, &str)] = &[
    ("linux.json", include_str!("data/images/linux.json")),
    ("debian.json", include_str!("data/images/debian.json")),
    ("languages.json", include_str!("data/images/languages.json")),
    ("services.json", include_str!("data/images/services.json")),
];

/// Digests of layers: `KEY DIFF_ID TAR_SIZE` a line.
const DIGESTS: &str = include_str!("data/digests.txt");

/// How deep FROM may go.
const MAX_DEPTH: usize = 8;

/// The image of the catalogue with this reference (any usual spelling; a digest is not looked at).
pub fn catalogue(reference: &str) -> Option<Image> {
    find(reference, &[])
}

/// Like [`catalogue`], a project's own families first.
pub fn find(reference: &str, own: &[Family]) -> Option<Image> {
    make(reference, own, 0).and_then(Result::ok)
}

/// Whether the data of every tag of `family` that is written down can be read.
pub fn check_family(family: &Family, tag: &str, own: &[Family]) -> Result<(), DataError> {
    let reference = format!("{}:{tag}", family.names.first().map_or("", String::as_str));
    make(&reference, own, 0).unwrap_or_else(|| Err(format!("no image {reference}"))).map(|_| ())
}

/// `docker.io/library/golang:1.21@sha256:…` to (`golang`, `1.21`).
pub fn familiar(reference: &str) -> (&str, &str) {
    let reference = reference.split('@').next().unwrap_or("");
    let (name, tag) = match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    };
    let name = ["docker.io/", "index.docker.io/"].iter().find_map(|host| name.strip_prefix(host)).unwrap_or(name);
    (name.strip_prefix("library/").unwrap_or(name), tag)
}

fn make(reference: &str, own: &[Family], depth: usize) -> Option<Result<Image, DataError>> {
    let (name, tag) = familiar(reference);
    if depth > MAX_DEPTH {
        return Some(Err(format!("{reference}: too many images upon images")));
    }
    let data = match own.iter().find(|family| family.names.iter().any(|other| other == name)) {
        Some(family) => family.image(tag),
        None => catalogue_family(name)?.image(tag),
    }?;
    let at = At::root(&data, reference);
    Some(build(&at, &|parent| make(parent, own, depth + 1).unwrap_or_else(|| Err(format!("{reference}: there is no base image {parent}")))))
}

fn catalogue_family(name: &str) -> Option<Family> {
    // Only the file that mentions the name is parsed.
    let quoted = |text: &str| text.contains(&format!("\"{name}\"")) || text.contains(&format!("\"{name} ")) || text.contains(&format!(" {name}\"")) || text.contains(&format!(" {name} "));
    DATA.iter().filter(|(_, text)| quoted(text)).find_map(|(file, text)| {
        let data = value::parse(file, text).ok()?;
        let families = data.get("families")?.as_array()?;
        let named = |family: &&Value| family["names"].as_str().is_some_and(|names| names.split(' ').any(|other| other == name));
        Family::read(&At::root(families.iter().find(named)?, file)).ok()
    })
}

/// Makes an image of its (filled) data.
fn build(at: &At, parent: &dyn Fn(&str) -> Result<Image, DataError>) -> Result<Image, DataError> {
    let base = match at.get("from") {
        Some(from) => Some(parent(from.text()?)?),
        None => None,
    };
    let created = at.text_or("created", "2025-01-01T00:00:00Z")?;
    let mut layers = base.as_ref().map_or(Vec::new(), |image| image.layers.clone());
    let mut history = base.as_ref().map_or(Vec::new(), |image| image.config.history.clone());
    for layer in at.get("layers").map_or(Ok(Vec::new()), |layers| layers.items())? {
        layer.object(&["by", "files"])?;
        let by = layer.text_or("by", "")?;
        let files = layer.get("files");
        history.push(History {
            created: Some(created.into()),
            created_by: by.into(),
            empty_layer: files.is_none(),
            ..History::default()
        });
        if let Some(files) = files {
            layers.push(make_layer(layers.last(), &files, seconds(created).ok_or_else(|| at.error("\"created\" must be a time such as 2025-01-31T00:00:00Z"))?)?);
        }
    }
    let mut config = Config {
        created: Some(created.into()),
        architecture: "amd64".into(),
        os: "linux".into(),
        rootfs: RootFs { kind: "layers".into(), diff_ids: Some(layers.iter().map(|layer| layer.diff_id).collect()) },
        history,
        config: container(at, base.map(|image| image.config.config).unwrap_or_default())?,
        ..Config::default()
    };
    if layers.is_empty() {
        config.rootfs.diff_ids = None;
    }
    let digest = Digest::of(serde_json::to_vec(&config).unwrap_or_default());
    Ok(Image { digest, config, layers })
}

fn container(at: &At, base: ContainerConfig) -> Result<ContainerConfig, DataError> {
    let mut config = base;
    for variable in at.get("env").map_or(Ok(Vec::new()), |env| env.items())? {
        let text = variable.text()?;
        let name = text.split('=').next().unwrap_or("");
        match config.env.iter_mut().find(|other| other.split('=').next() == Some(name)) {
            Some(other) => *other = text.into(),
            None => config.env.push(text.into()),
        }
    }
    if let Some(entrypoint) = at.get("entrypoint") {
        config.entrypoint = entrypoint.words()?;
        config.cmd = Vec::new();
    }
    if let Some(cmd) = at.get("cmd") {
        config.cmd = cmd.words()?;
    }
    config.working_dir = at.text_or("workdir", &config.working_dir)?.to_owned();
    config.user = at.text_or("user", &config.user)?.to_owned();
    config.stop_signal = at.text_or("stop_signal", &config.stop_signal)?.to_owned();
    config.exposed_ports.extend(at.words_of("expose")?.into_iter().map(|port| (if port.contains('/') { port } else { port + "/tcp" }, Empty {})));
    config.volumes.extend(at.words_of("volumes")?.into_iter().map(|volume| (volume, Empty {})));
    config.on_build.extend(at.get("onbuild").map_or(Ok(Vec::new()), |lines| lines.words())?);
    if let Some(shell) = at.get("shell") {
        config.shell = shell.words()?;
    }
    for (key, value) in at.get("labels").map_or(Ok(Vec::new()), |labels| labels.entries())? {
        config.labels.insert(key.into(), value.text()?.into());
    }
    Ok(config)
}

fn make_layer(below: Option<&Layer>, files: &At, mtime: i64) -> Result<Layer, DataError> {
    let entries = files::read(files)?;
    let lower = below.map_or_else(|| Arc::new(Tree::empty()), |layer| layer.tree.clone());
    let mut tree = (*lower).clone();
    for entry in &entries {
        tree = apply(&tree, entry, mtime).map_err(|error| files.error(&format!("{}: {error}", entry.path)))?;
    }
    let key = layer_key(below, files.value, mtime);
    let modelled = entries.iter().any(|entry| matches!(entry.kind, EntryKind::Bulk(_)));
    Ok(assemble(&lower, tree, &key, modelled))
}
