//! A cache as files, and back: `--cache-to type=local`, IndexedDB. A format of our own: `cache.json` with links, records and
//! directories by digest, and `blobs/sha256/HEX` for what files hold. What is shared in memory is written once.
//!
//! Reading trusts nothing: what does not fit is left out, so that a broken cache is a colder one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Cache, CacheMount, Read, Record};
use crate::base::{Digest, Map};
use crate::filesystem::{Content, Directory, File, ImagePath, Metadata, Node, Special, SpecialKind, Symlink, Tree};
use crate::machine::Fidelity;

/// The file that tells what the others are.
const INDEX: &str = "cache.json";
/// Folders below each other that are written at most.
const DEPTH: usize = 500;

impl Cache {
    /// Everything that it knows as files: path to bytes.
    pub fn to_files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut writer = Writer::default();
        let keys = |keys: &[Digest]| keys.iter().map(Digest::to_string).collect::<Vec<_>>();
        let records: Vec<Value> = self
            .records
            .iter()
            .map(|(key, record)| {
                let inputs: Vec<Value> =
                    record.inputs.iter().map(|read| json!([keys(&read.keys), read.tree.as_ref().map(|tree| writer.tree(tree))])).collect();
                json!({
                    "key": key, "name": record.name, "tree": writer.tree(&record.tree), "fidelity": record.fidelity as u8,
                    "micros": record.elapsed.as_micros() as u64, "generation": record.generation, "used": record.used, "facts": *record.facts, "inputs": inputs,
                })
            })
            .collect();
        let links: Vec<Value> = self.links.iter().map(|(link, to)| json!([link, to.iter().collect::<Vec<_>>()])).collect();
        let mounts: Vec<Value> =
            self.mounts.iter().map(|(id, mount)| json!([id, writer.tree(&mount.tree), mount.source.as_str()])).collect();
        let sent: Vec<Value> = self.sent.iter().map(|(name, tree)| json!([name, writer.tree(tree)])).collect();
        let resolved: Vec<&String> = self.resolved.iter().collect();
        let index = json!({
            "version": 1, "generation": self.generation, "links": links, "records": records, "mounts": mounts, "sent": sent,
            "resolved": resolved, "failed": self.failed.iter().collect::<Vec<_>>(), "directories": writer.directories,
        });
        let mut files = writer.blobs;
        files.insert(INDEX.into(), index.to_string().into_bytes());
        files
    }

    /// Reads what [`Self::to_files`] wrote; `read` gives the bytes of a path. `None`: there is no cache.
    pub fn from_files(read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Option<Self> {
        let index: Value = serde_json::from_slice(&read(INDEX)?).ok().filter(|index: &Value| index["version"] == 1)?;
        let mut reader = Reader { directories: &index["directories"], read, known: BTreeMap::new(), trees: BTreeMap::new() };
        let mut cache = Self { generation: index["generation"].as_u64()?, ..Self::default() };
        for link in list(&index["links"]) {
            if let Some(from) = digest(&link[0]) {
                cache.links.insert(from, list(&link[1]).iter().filter_map(digest).collect());
            }
        }
        for value in list(&index["records"]) {
            if let Some((key, record)) = reader.record(value) {
                cache.records.insert(key, record);
            }
        }
        for mount in list(&index["mounts"]) {
            if let (Some(id), Some(tree), Some(source)) = (mount[0].as_str(), reader.tree(&mount[1]), mount[2].as_str()) {
                cache.mounts.insert(id.into(), CacheMount { tree: Tree::clone(&tree), source: ImagePath::new(source) });
            }
        }
        for sent in list(&index["sent"]) {
            if let (Some(name), Some(tree)) = (sent[0].as_str(), reader.tree(&sent[1])) {
                cache.sent.insert(name.into(), tree);
            }
        }
        cache.resolved = list(&index["resolved"]).iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect();
        cache.failed = list(&index["failed"]).iter().filter_map(digest).collect();
        Some(cache)
    }

    /// Everything as one file: each path and each content behind its length. Of at most about `limit` bytes: the older half of
    /// the results goes until it fits.
    pub fn to_archive(&self, limit: usize) -> Vec<u8> {
        let mut cache = self.clone();
        loop {
            let files = cache.to_files();
            let size: usize = files.iter().map(|(path, bytes)| path.len() + bytes.len() + 8).sum();
            if size <= limit || cache.records.is_empty() {
                let mut out = Vec::with_capacity(size);
                for part in files.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes]) {
                    out.extend_from_slice(&(part.len() as u32).to_le_bytes());
                    out.extend_from_slice(part);
                }
                return if size <= limit { out } else { Vec::new() };
            }
            cache.keep_newest(cache.records.len() / 2);
        }
    }

    /// Reads what [`Self::to_archive`] wrote.
    pub fn from_archive(bytes: &[u8]) -> Option<Self> {
        let mut files = BTreeMap::new();
        let mut rest = bytes;
        let mut part = || -> Option<&[u8]> {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let (part, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = after;
            Some(part)
        };
        while let Some(path) = part() {
            files.insert(std::str::from_utf8(path).ok()?, part()?);
        }
        Self::from_files(&|path| files.get(path).map(|bytes| bytes.to_vec()))
    }

    /// With what another cache knows beside; this one's results win.
    pub fn union(&self, other: &Self) -> Self {
        let mut links = self.links.clone();
        for (link, keys) in &other.links {
            let known = links.get(link).cloned().unwrap_or_default();
            links.insert(*link, known.union(keys));
        }
        Self {
            generation: self.generation.max(other.generation),
            links,
            records: self.records.clone().union(&other.records),
            mounts: self.mounts.clone().union(&other.mounts),
            sent: self.sent.clone().union(&other.sent),
            resolved: self.resolved.clone().union(&other.resolved),
            failed: self.failed.clone().union(&other.failed),
            layers: self.layers.clone(),
            memory: self.memory.clone(),
        }
    }
}

#[derive(Default)]
struct Writer {
    directories: BTreeMap<String, Value>,
    blobs: BTreeMap<String, Vec<u8>>,
    /// By address: what is shared is looked at once.
    known: BTreeMap<usize, String>,
}

impl Writer {
    fn tree(&mut self, tree: &Tree) -> String {
        self.directory(tree.root(), 0)
    }

    fn directory(&mut self, directory: &Arc<Directory>, depth: usize) -> String {
        let address = Arc::as_ptr(directory) as usize;
        if let Some(known) = self.known.get(&address) {
            return known.clone();
        }
        let entries: Vec<Value> = directory
            .entries
            .iter()
            .filter(|_| depth < DEPTH)
            .map(|(name, node)| {
                let mut entry = self.node(node, depth);
                entry.insert(0, json!(&**name));
                Value::Array(entry)
            })
            .collect();
        let value = json!([metadata(&directory.metadata), entries]);
        let name = Digest::of(value.to_string()).hex();
        self.directories.insert(name.clone(), value);
        self.known.insert(address, name.clone());
        name
    }

    fn node(&mut self, node: &Node, depth: usize) -> Vec<Value> {
        match node {
            Node::Directory(directory) => vec![json!("d"), json!(self.directory(directory, depth + 1))],
            Node::Symlink(link) => vec![json!("l"), metadata(&link.metadata), json!(&*link.target)],
            Node::Special(special) => {
                let (kind, major, minor) = match special.kind {
                    SpecialKind::Fifo => ("p", 0, 0),
                    SpecialKind::CharDevice { major, minor } => ("c", major, minor),
                    SpecialKind::BlockDevice { major, minor } => ("b", major, minor),
                };
                vec![json!(kind), metadata(&special.metadata), json!(major), json!(minor)]
            }
            Node::File(file) => match &file.content {
                Content::Synthetic { seed, size } => {
                    vec![json!("s"), metadata(&file.metadata), json!(file.link), json!(&**seed), json!(size)]
                }
                Content::Bytes(bytes) => {
                    let address = Arc::as_ptr(bytes) as *const u8 as usize;
                    // Invariant: contents stay where they are while the cache that is written lives. Empty ones have no address of their own.
                    let name = match self.known.get(&address).filter(|_| !bytes.is_empty()) {
                        Some(known) => known.clone(),
                        None => Digest::of(bytes).hex(),
                    };
                    if !bytes.is_empty() {
                        self.known.insert(address, name.clone());
                    }
                    self.blobs.entry(blob(&name)).or_insert_with(|| bytes.to_vec());
                    vec![json!("f"), metadata(&file.metadata), json!(file.link), json!(name)]
                }
            },
        }
    }
}

fn blob(name: &str) -> String {
    format!("blobs/sha256/{name}")
}

fn metadata(metadata: &Metadata) -> Value {
    match &metadata.xattrs {
        None => json!([metadata.mode, metadata.uid, metadata.gid, metadata.mtime]),
        Some(xattrs) => json!([metadata.mode, metadata.uid, metadata.gid, metadata.mtime, **xattrs]),
    }
}

struct Reader<'a> {
    directories: &'a Value,
    read: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    known: BTreeMap<String, Arc<Directory>>,
    trees: BTreeMap<String, Arc<Tree>>,
}

impl Reader<'_> {
    fn record(&mut self, value: &Value) -> Option<(Digest, Record)> {
        let mut inputs = Vec::new();
        for input in list(&value["inputs"]) {
            inputs.push(Read { keys: list(&input[0]).iter().filter_map(digest).collect(), tree: self.tree(&input[1]) });
        }
        let fact = |fact: &Value| Some((fact[0].as_str()?.to_owned(), fact[1].as_str()?.to_owned()));
        let record = Record {
            name: value["name"].as_str()?.to_owned(),
            tree: self.tree(&value["tree"])?,
            fidelity: match value["fidelity"].as_u64()? {
                0 => Fidelity::Ran,
                1 => Fidelity::Modelled,
                _ => Fidelity::NotSimulated,
            },
            elapsed: Duration::from_micros(value["micros"].as_u64()?),
            generation: value["generation"].as_u64()?,
            used: value["used"].as_u64().unwrap_or(0),
            facts: Arc::new(list(&value["facts"]).iter().filter_map(fact).collect()),
            inputs: Arc::new(inputs),
        };
        Some((digest(&value["key"])?, record))
    }

    /// Equal trees come back as one value.
    fn tree(&mut self, name: &Value) -> Option<Arc<Tree>> {
        let name = name.as_str()?;
        if let Some(tree) = self.trees.get(name) {
            return Some(tree.clone());
        }
        let tree = Arc::new(Tree::from_root(self.directory(name, 0)?));
        self.trees.insert(name.to_owned(), tree.clone());
        Some(tree)
    }

    fn directory(&mut self, name: &str, depth: usize) -> Option<Arc<Directory>> {
        if let Some(known) = self.known.get(name) {
            return Some(known.clone());
        }
        let value = self.directories.get(name).filter(|_| depth <= DEPTH)?;
        let mut entries = Map::new();
        for entry in list(&value[1]) {
            entries.insert(Arc::from(entry[0].as_str()?), self.node(entry, depth)?);
        }
        let directory = Arc::new(Directory { metadata: read_metadata(&value[0])?, entries });
        self.known.insert(name.to_owned(), directory.clone());
        Some(directory)
    }

    fn node(&mut self, entry: &Value, depth: usize) -> Option<Node> {
        let kind = entry[1].as_str()?;
        if kind == "d" {
            return self.directory(entry[2].as_str()?, depth + 1).map(Node::Directory);
        }
        let metadata = read_metadata(&entry[2])?;
        let link = entry[3].as_u64();
        let number = |at: usize| entry[at].as_u64().and_then(|n| u32::try_from(n).ok());
        let special = |kind| Node::Special(Arc::new(Special { metadata: metadata.clone(), kind }));
        Some(match kind {
            "l" => Node::Symlink(Arc::new(Symlink { metadata, target: entry[3].as_str()?.into() })),
            "p" => special(SpecialKind::Fifo),
            "c" => special(SpecialKind::CharDevice { major: number(3)?, minor: number(4)? }),
            "b" => special(SpecialKind::BlockDevice { major: number(3)?, minor: number(4)? }),
            "s" => {
                let content = Content::Synthetic { seed: entry[4].as_str()?.into(), size: entry[5].as_u64()? };
                Node::File(Arc::new(File { metadata, content, link }))
            }
            _ => {
                let bytes = (self.read)(&blob(entry[4].as_str()?))?;
                Node::File(Arc::new(File { metadata, content: Content::Bytes(bytes.into()), link }))
            }
        })
    }
}

fn read_metadata(value: &Value) -> Option<Metadata> {
    let number = |at: usize| value[at].as_u64().and_then(|n| u32::try_from(n).ok());
    let xattrs = value.get(4).and_then(|xattrs| serde_json::from_value::<BTreeMap<String, Vec<u8>>>(xattrs.clone()).ok());
    Some(Metadata { mode: number(0)?, uid: number(1)?, gid: number(2)?, mtime: value[3].as_i64()?, xattrs: xattrs.map(Arc::new) })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn digest(value: &Value) -> Option<Digest> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Source;
    use crate::build::{Settings, run};
    use crate::plan::{Request, plan};
    use crate::world::{Images, World};

    fn world(text: &str) -> World {
        let tree = ["a", "d"].iter().fold(Tree::empty(), |tree, name| {
            tree.insert(&ImagePath::new(name), Node::file(Metadata::root(0o644, 0), text.as_bytes().to_vec())).unwrap()
        });
        World::local(tree, Images::Store(BTreeMap::new(), Default::default()))
    }

    /// How many steps a second build runs with a cache that has travelled.
    fn check(travel: impl Fn(&Cache) -> Cache, text: &str, expect: usize) {
        let request =
            Request::of(Source::new("Dockerfile", "FROM scratch AS one\nCOPY a /a\nFROM scratch\nCOPY --from=one /a /b\nCOPY d /d\n"));
        let build = |world: &World, cache: &Cache| run(plan(&request, world), &request, world, cache, &Settings::default());
        let (first, cache) = build(&world("1"), &Cache::default());
        let (second, _) = build(&world(text), &travel(&cache));
        let image = |outcome: &crate::build::Outcome| outcome.result.as_ref().unwrap()[0].digest;
        assert_eq!(image(&first) == image(&second), text == "1");
        assert_eq!(second.steps.iter().filter(|step| step.result.reason.is_some()).count(), expect);
    }

    #[test]
    fn what_has_travelled_is_as_good() {
        let archive = |limit: usize| move |cache: &Cache| Cache::from_archive(&cache.to_archive(limit)).unwrap_or_default();
        check(archive(usize::MAX), "1", 0);
        check(archive(usize::MAX), "2", 3);
        check(archive(100), "1", 3);
        check(|cache| Cache::default().union(cache), "1", 0);
    }

    #[test]
    fn a_broken_archive_is_a_colder_cache() {
        let whole = Cache::default().to_archive(usize::MAX);
        for end in 0..whole.len() {
            let _ = Cache::from_archive(&whole[..end]);
        }
        assert!(Cache::from_archive(b"\xff\xff\xff\xffx").is_none());
    }
}
