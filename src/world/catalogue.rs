//! The catalogue: base images as data, made when they are asked for.
//!
//! Layers hold modelled bytes, so their digests are recorded in `data/digests.txt` and need no hashing at run time; a
//! test streams and verifies them. A layer that is not recorded (a project's own image) is hashed when it is made.

use std::sync::Arc;

use super::assumed;
use super::family::{Family, names};
use super::files::{self, Entry, EntryKind};
use super::layer;
use super::value::{self, At, DataError};
use crate::filesystem::{Content, ImagePath, Metadata, Node, Tree};
use crate::image::{Config, ContainerConfig, History, Image, Layer, assemble};

/// The data files of the catalogue; a family is found by its names.
const DATA: &[(&str, &str)] = &[
    ("linux.json", include_str!("data/images/linux.json")),
    ("debian.json", include_str!("data/images/debian.json")),
    ("languages.json", include_str!("data/images/languages.json")),
    ("rpm.json", include_str!("data/images/rpm.json")),
    ("distributions.json", include_str!("data/images/distributions.json")),
    ("runtimes.json", include_str!("data/images/runtimes.json")),
    ("services.json", include_str!("data/images/services.json")),
    ("tools.json", include_str!("data/images/tools.json")),
];

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

/// `docker.io/library/golang:1.21@sha256:…` to (`golang`, `1.21`).
pub fn familiar(reference: &str) -> (&str, &str) {
    let reference = reference.split('@').next().unwrap_or("");
    let (name, tag) = match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    };
    let name = ["docker.io/", "index.docker.io/"].iter().find_map(|host| name.strip_prefix(host)).unwrap_or(name);
    // Mirrors keep the path of official images: `mirror.example/docker/library/node`.
    let official = name.rsplit_once("/library/").map(|(_, name)| name).or_else(|| name.strip_prefix("library/"));
    (official.unwrap_or(name), tag)
}

/// The image of the catalogue that is most like one that nobody knows, and its name: the same family with another tag, else what a
/// word of its name or tag says, else Debian.
pub fn stand_in(reference: &str) -> Option<(String, Image)> {
    let (name, tag) = familiar(reference);
    let last = name.rsplit('/').next().unwrap_or(name);
    let words = last.split(['-', '_', '.']).chain(tag.split(['-', '_']));
    let likely = |word: &str| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        [format!("{word}:{tag}"), format!("{word}:latest")]
    };
    let names = std::iter::once(format!("{name}:latest")).chain(words.flat_map(likely)).chain(["debian:latest".to_owned()]);
    names.filter(|name| !name.starts_with(':')).find_map(|name| Some((name.clone(), stranger(&catalogue(&name)?, reference))))
}

/// An image in place of another: a small layer says so.
fn stranger(image: &Image, reference: &str) -> Image {
    let lower = image.tree();
    let mut layers = image.layers.clone();
    layers.push(Layer::made(&lower, &Arc::new(assumed::stranger(&lower, reference)), None));
    let mut config = image.config.clone();
    config.history.push(History { created: config.created.clone(), created_by: "bottleship: assumed".into(), ..History::default() });
    assemble(&config, layers, 0, None)
}

fn make(reference: &str, own: &[Family], depth: usize) -> Option<Result<Image, DataError>> {
    let (name, tag) = familiar(reference);
    if depth > MAX_DEPTH {
        return Some(Err(format!("{reference}: too many images upon images")));
    }
    let data = match own.iter().find(|family| family.names.iter().any(|other| other == name)) {
        Some(family) => family.image(name, tag),
        None => catalogue_family(name)?.image(name, tag),
    }?;
    let at = At::root(&data, reference);
    Some(build(&at, &|parent| make(parent, own, depth + 1).unwrap_or_else(|| Err(format!("{reference}: there is no base image {parent}")))))
}

fn catalogue_family(name: &str) -> Option<Family> {
    // Only the file that mentions the name is parsed.
    let quoted = |text: &str| {
        text.contains(&format!("\"{name}\""))
            || text.contains(&format!("\"{name} "))
            || text.contains(&format!(" {name}\""))
            || text.contains(&format!(" {name} "))
    };
    DATA.iter().filter(|(_, text)| quoted(text)).find_map(|(file, text)| {
        let data = value::parse(file, text).ok()?;
        let families = At::root(&data, file).get("families")?.items().ok()?;
        let named = |family: &&At| names(family).is_ok_and(|names| names.iter().any(|other| other == name));
        Family::read(families.iter().find(named)?).ok()
    })
}

/// Makes an image of its (filled) data.
fn build(at: &At, parent: &dyn Fn(&str) -> Result<Image, DataError>) -> Result<Image, DataError> {
    let base = match at.text_or("from", "scratch")? {
        "scratch" => None,
        from => Some(parent(from)?),
    };
    let created = at.text_or("created", "2025-01-01T00:00:00Z")?;
    let mut layers = base.as_ref().map_or(Vec::new(), |base| base.layers.clone());
    let mut history = base.as_ref().map_or(Vec::new(), |base| base.config.history.clone());
    let mtime = nanoseconds(created).ok_or_else(|| at.error("\"created\" must be a time such as 2025-01-31T00:00:00Z"))?;
    for layer in at.get("layers").map_or(Ok(Vec::new()), |layers| layers.items())? {
        layer.object(&["by", "files"])?;
        let by = layer.text_or("by", "")?;
        let files = layer.get("files");
        history.push(History { created: Some(created.into()), created_by: by.into(), empty_layer: files.is_none(), ..History::default() });
        if let Some(files) = files {
            let lower = layers.last().map_or_else(|| Arc::new(Tree::empty()), |layer| layer.tree.clone());
            layers.push(layer::layer(&lower, &Arc::new(put_all(&lower, &files, mtime)?)));
        }
    }
    let config = Config {
        created: Some(created.into()),
        architecture: "amd64".into(),
        os: "linux".into(),
        history,
        config: container(at, base.map(|base| base.config.config).unwrap_or_default())?,
        ..Config::default()
    };
    Ok(assemble(&config, layers, mtime / 1_000_000_000, None))
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
    config
        .exposed_ports
        .extend(at.words_of("expose")?.into_iter().map(|port| (if port.contains('/') { port } else { port + "/tcp" }, Default::default())));
    config.volumes.extend(at.words_of("volumes")?.into_iter().map(|volume| (volume, Default::default())));
    config.on_build.extend(at.get("onbuild").map_or(Ok(Vec::new()), |lines| lines.words())?);
    if let Some(shell) = at.get("shell") {
        config.shell = shell.words()?;
    }
    for (key, value) in at.get("labels").map_or(Ok(Vec::new()), |labels| labels.entries())? {
        config.labels.insert(key.into(), value.text()?.into());
    }
    Ok(config)
}

/// The tree with the files of a layer.
fn put_all(lower: &Tree, files: &At, mtime: i64) -> Result<Tree, DataError> {
    files::read(files)?
        .iter()
        .try_fold(lower.clone(), |tree, entry| apply(&tree, entry, mtime).map_err(|error| files.error(&format!("{}: {error}", entry.path))))
}

fn apply(tree: &Tree, entry: &Entry, mtime: i64) -> Result<Tree, String> {
    let fail = |errno: crate::filesystem::Errno| errno.text().to_owned();
    let folder = Metadata::root(0o755, mtime);
    let written = ImagePath::new(&entry.path);
    let path = match entry.kind {
        EntryKind::Directory => written,
        // A folder such as /bin may be a symbolic link to another that is made first.
        _ => {
            let parent = written.parent().ok_or("the root is no file")?;
            let made = tree.make_directories(&parent, &folder).map_err(fail)?;
            return put(&made, &made.resolve(&parent, true).map_err(fail)?.join(written.name()), entry, mtime).map_err(fail);
        }
    };
    let tree = tree.make_directories(&path, &folder).map_err(fail)?;
    let real = tree.resolve(&path, true).map_err(fail)?;
    let Some(node) = tree.get(&real) else { return Ok(tree) };
    let old = node.metadata();
    let (uid, gid) = entry.owner;
    let metadata = Metadata { mode: entry.mode.unwrap_or(old.mode), uid, gid, ..old.clone() };
    tree.update(&real, node.with_metadata(metadata)).map_err(fail)
}

fn put(tree: &Tree, path: &ImagePath, entry: &Entry, mtime: i64) -> Result<Tree, crate::filesystem::Errno> {
    let (uid, gid) = entry.owner;
    let metadata = |usual| Metadata { mode: entry.mode.unwrap_or(usual), uid, gid, mtime, xattrs: None };
    let content = match &entry.kind {
        EntryKind::Removed => return tree.remove(path),
        EntryKind::Link(target) => return tree.insert(path, Node::symlink(metadata(0o777), target)),
        EntryKind::Text(text) => Content::Bytes(text.as_bytes().into()),
        EntryKind::Append(text) => {
            let old = tree.get(path).and_then(Node::as_file);
            let mut bytes = old.map_or(Vec::new(), |file| file.content.head(1 << 20).to_vec());
            bytes.extend_from_slice(text.as_bytes());
            let metadata = old.map_or_else(|| metadata(0o644), |file| Metadata { mtime, ..file.metadata.clone() });
            return tree.insert(path, Node::file(metadata, Content::Bytes(bytes.into())));
        }
        EntryKind::Bulk(size) => Content::Synthetic { seed: path.as_str().into(), size: *size },
        EntryKind::Directory => return Ok(tree.clone()),
    };
    tree.insert(path, Node::file(metadata(0o644), content))
}

/// `2025-01-31T00:00:00Z` in nanoseconds since 1970.
fn nanoseconds(time: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| time.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    // Days from the civil calendar, years beginning in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (m * 153 + 2) / 5 + day - 719_469;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second).map(|seconds| seconds * 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;
    use crate::filesystem::{Change, ChangeKind, diff};

    /// Smaller layers are hashed when they are made.
    const RECORDED_FROM: u64 = 1_000_000;

    const STREAMED_IN_DEBUG: u64 = 12_000_000;

    /// One tag for each variant of the catalogue whose layers are to be recorded.
    const PROBES: &str = include_str!("data/probes.txt");

    fn probes() -> impl Iterator<Item = &'static str> {
        PROBES.split_whitespace()
    }

    /// What is to hold for the data of every family.
    #[track_caller]
    fn each_family(check: &mut dyn FnMut(&At)) {
        for (file, text) in DATA {
            let data = value::parse(file, text).unwrap();
            At::root(&data, file).need("families").unwrap().items().unwrap().iter().for_each(&mut *check);
        }
    }

    #[test]
    fn every_family_can_be_read_and_has_a_probe() {
        each_family(&mut |data| {
            let family = Family::read(data).unwrap();
            assert!(probes().any(|probe| family.names.iter().any(|name| name == familiar(probe).0)), "no probe for {:?}", family.names);
        });
    }

    /// What is never read is not written down: every variable is in a template, or chooses a row of a table.
    #[test]
    fn every_variable_is_used() {
        let mut wrong = Vec::new();
        each_family(&mut |data| {
            let mut text = data.value.clone();
            let mut variables = BTreeSet::new();
            let mut set =
                |vars: Option<&Value>| variables.extend(vars.and_then(Value::as_object).into_iter().flat_map(|vars| vars.keys().cloned()));
            set(text.get("vars"));
            let tables = text.get("table").and_then(Value::as_object).into_iter().flatten();
            let chosen: Vec<_> = tables.clone().map(|(variable, _)| variable.clone()).collect();
            tables.flat_map(|(_, rows)| rows.as_object().unwrap().values()).for_each(|row| set(Some(row)));
            for image in text["images"].as_array_mut().unwrap() {
                set(image.get("vars"));
                image.as_object_mut().unwrap().remove("tags");
            }
            let text = text.to_string();
            variables.retain(|name| !["v", "name"].contains(&name.as_str()) && !chosen.contains(name));
            variables.retain(|name| !text.contains(&format!("{{{name}}}")) && !text.contains(&format!("{{{name}.")));
            if !variables.is_empty() {
                wrong.push(format!("{}: {:?}: {variables:?} are not used", data.path, names(data).unwrap()[0]));
            }
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// A tag that fits a pattern: with the last release and what the variables are without a tag.
    fn tag_of(pattern: &str, family: &Value, image: &Value) -> String {
        let usual = |slot: &str| image["vars"][slot].as_str().or(family["vars"][slot].as_str()).filter(|text| !text.contains('{'));
        crate::base::fill_slots(pattern, &mut |slot| {
            let value = match slot.split_once('=') {
                Some((_, choices)) => choices.split('|').next()?,
                None if slot == "v" && family["releases"].is_string() => family["releases"].as_str()?.rsplit(' ').next()?,
                None => usual(slot.trim_end_matches('*')).unwrap_or("1"),
            };
            Some(value.to_owned())
        })
    }

    type Shapes = BTreeMap<String, Option<(Tree, ContainerConfig)>>;

    /// The tree and the configuration of an image whose layers nobody hashes; `None`: there is none.
    fn shape(reference: &str, known: &mut Shapes) -> Option<(Tree, ContainerConfig)> {
        if let Some(shape) = known.get(reference) {
            return shape.clone();
        }
        let (name, tag) = familiar(reference);
        let data = catalogue_family(name)?.image(name, tag)?;
        let at = At::root(&data, reference);
        let (mut tree, config) = match at.text_or("from", "scratch").unwrap() {
            "scratch" => (Tree::empty(), ContainerConfig::default()),
            from => {
                let shape = shape(from, known);
                known.insert(from.into(), shape.clone());
                shape?
            }
        };
        for layer in at.get("layers").map_or(Vec::new(), |layers| layers.items().unwrap()) {
            if let Some(files) = layer.get("files") {
                tree = put_all(&tree, &files, 0).unwrap();
            }
        }
        Some((tree, container(&at, config).unwrap()))
    }

    /// The file that a word of a command is.
    fn program<'a>(tree: &'a Tree, config: &ContainerConfig, word: &str) -> Option<&'a Node> {
        let path = config.env.iter().find_map(|variable| variable.strip_prefix("PATH="));
        let folders: Vec<&str> = match word {
            _ if word.starts_with('/') => vec![""],
            _ if word.contains('/') => vec![&config.working_dir],
            _ => path.unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").split(':').collect(),
        };
        folders.into_iter().find_map(|folder| {
            let path = tree.resolve(&ImagePath::new(&format!("{folder}/{word}")), true).ok()?;
            tree.get(&path).filter(|node| node.as_file().is_some())
        })
    }

    /// Tells what an image starts and has not, and templates that are left unfilled.
    fn is_whole(reference: &str, known: &mut Shapes, wrong: &mut Vec<String>) -> bool {
        let Some((tree, config)) = shape(reference, known) else { return false };
        let first = config.entrypoint.first().or(config.cmd.first());
        let started = first.and_then(|word| program(&tree, &config, word));
        if first.is_some() && started.is_none_or(|file| file.metadata().mode & 0o111 == 0) {
            wrong.push(format!("{reference}: there is no {first:?}"));
        }
        let script = started.and_then(Node::as_file).map_or(Vec::new(), |file| file.content.head(1 << 12).to_vec());
        if String::from_utf8_lossy(&script).contains("exec \"$@\"") {
            let missing = config.cmd.first().filter(|word| program(&tree, &config, word).is_none());
            wrong.extend(missing.map(|word| format!("{reference}: its entrypoint has no {word}")));
        }
        let words = config.env.iter().chain(&config.entrypoint).chain(&config.cmd).chain([&config.user, &config.working_dir]);
        wrong.extend(words.filter(|word| word.contains('{')).map(|word| format!("{reference}: {word}")));
        true
    }

    /// Every probe, and of every variant and name a tag that can be guessed.
    #[test]
    fn every_image_is_whole() {
        let (mut known, mut wrong) = (Shapes::new(), Vec::new());
        probes().for_each(|probe| assert!(is_whole(probe, &mut known, &mut wrong), "there is no {probe}"));
        each_family(&mut |data| {
            for name in names(data).unwrap() {
                for image in data.value["images"].as_array().unwrap() {
                    let mut tags = image["tags"].as_str().unwrap().split(' ').map(|pattern| tag_of(pattern, data.value, image));
                    tags.find(|tag| is_whole(&format!("{name}:{tag}"), &mut known, &mut wrong));
                }
            }
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// The blocks of a tar that hold what a change brings.
    fn content_blocks(change: &Change) -> u64 {
        match &change.kind {
            ChangeKind::Added(node) | ChangeKind::Modified(node) => node.as_file().map_or(0, |file| file.content.len().div_ceil(512)),
            ChangeKind::Deleted => 0,
        }
    }

    /// Streams the recorded layers; in a debug build, where that takes minutes, only the smaller ones.
    /// `UPDATE_EXPECT=1` writes the digests down, faster in a release build.
    #[test]
    fn recorded_digests_are_true() {
        let update = std::env::var_os("UPDATE_EXPECT").is_some();
        let mut lines = BTreeMap::new();
        for probe in probes() {
            let image = make(probe, &[], 0).unwrap().unwrap();
            for (lower, layer) in image.layers_with_lower().filter(|(_, layer)| layer.modelled && layer.size >= RECORDED_FROM) {
                let key = layer::fingerprint(&layer.tree, &diff(&lower, &layer.tree));
                if lines.contains_key(&key) {
                    continue;
                }
                let stream = !cfg!(debug_assertions) || layer.size < STREAMED_IN_DEBUG;
                let true_layer = if stream { Layer::made(&lower, &layer.tree, None) } else { layer.clone() };
                assert_eq!((true_layer.size, true_layer.modelled), (layer.size, layer.modelled));
                let contents = diff(&lower, &layer.tree).iter().map(content_blocks).sum::<u64>();
                lines.insert(key.clone(), format!("{key} {} {}\n", true_layer.diff_id.hex(), true_layer.tar_size / 512 - contents));
            }
        }
        let text: String = lines.into_values().collect();
        if update {
            #[allow(clippy::disallowed_methods)]
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/world/data/digests.txt"), &text).unwrap();
        }
        assert!(text == layer::DIGESTS || update, "run with UPDATE_EXPECT=1, best in a release build");
    }
}
