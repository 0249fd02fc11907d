//! The build cache as a value: which keys lead to which results, and what those are. BuildKit's `solver/cachemanager.go`.
//!
//! A vertex has a key; keys of inputs, taken with the digest of the operation, lead by *links* to it. An input has its own
//! keys (by definition) and, for what COPY and bind mounts read, one by content.

mod content;
mod key;
mod travel;

pub use content::{Taken, content_digest, each_read, tree_digest};
pub use key::{CacheMap, cache_map, is_default_cache};

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::evaluate::{Evaluation, Verdict};
use super::layers::{Layers, Unhashed};
use super::memory::Memory;
use super::outcome::Outcome;
use crate::base::{Digest, Map, Set, sort, sort_by_key};
use crate::filesystem::{ImagePath, Tree, written};
use crate::machine::Fidelity;
use crate::plan::{Op, Plan, VertexId};

/// A builder's cache. Cheap to clone; a build makes a new one.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    /// Counts builds: what a client sends is new in each.
    pub(super) generation: u64,
    /// Of a link (input key, index, operation, selector; of what has no input the operation alone) to the keys it leads to.
    pub(super) links: Map<Digest, Set<Digest>>,
    /// By key: the result.
    pub(super) records: Map<Digest, Record>,
    /// `--mount=type=cache`, by id.
    pub(super) mounts: CacheMounts,
    /// What clients sent last, by name of the context: only differences are sent again.
    pub(super) sent: Map<String, Arc<Tree>>,
    /// Images whose metadata were asked for.
    pub(super) resolved: Set<String>,
    /// What failed, as the key that it would have had.
    pub(super) failed: Set<Digest>,
    /// Layers that were made.
    pub(super) layers: Layers,
    /// What was executed and looked at.
    pub(super) memory: Memory,
}

/// What cache mounts hold, by id.
pub type CacheMounts = Map<String, CacheMount>;

/// What a cache mount holds.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheMount {
    /// The files.
    pub tree: Tree,
    /// The folder of `tree` that is mounted.
    pub source: ImagePath,
}

impl Default for CacheMount {
    fn default() -> Self {
        Self { tree: Tree::empty(), source: ImagePath::root() }
    }
}

/// A result that is kept.
#[derive(Debug, Clone)]
pub struct Record {
    /// The progress name of the step when it ran.
    pub name: String,
    /// The file system afterwards.
    pub tree: Arc<Tree>,
    /// How real it was.
    pub fidelity: Fidelity,
    /// How long it took.
    pub elapsed: Duration,
    /// The build that made it.
    pub generation: u64,
    /// The build that needed it last, if another one did.
    pub used: u64,
    /// What the operation was made of, for explanations.
    pub facts: Arc<Vec<(String, String)>>,
    /// By input: its keys, and what was read of it if that counted by content.
    pub inputs: Arc<Vec<Read>>,
}

/// An input of a result.
#[derive(Debug, Clone)]
pub struct Read {
    /// Its keys.
    pub keys: Vec<Digest>,
    /// What was read of it, if it counts by content.
    pub tree: Option<Arc<Tree>>,
}

/// A row of `docker buildx du`.
#[derive(Debug, Clone)]
pub struct CacheUsage {
    /// The key.
    pub id: Digest,
    /// The step's name, or the cache mount's.
    pub description: String,
    /// `regular`, `exec.cachemount`, `source.local`.
    pub kind: &'static str,
    /// Bytes of its files that are not in what it stands on.
    pub size: u64,
    /// The build that made it.
    pub generation: u64,
    /// The build that needed it last.
    pub used: u64,
    /// The result that it stands on.
    pub parent: Option<Digest>,
    /// The file system of a result: that of an image's layer if it is one value with it.
    pub tree: Option<Arc<Tree>>,
}

impl Cache {
    /// How many builds it has seen.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// How many results it holds.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it holds no result.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What it holds, oldest first.
    pub fn usage(&self) -> Vec<CacheUsage> {
        let nothing = Tree::empty();
        let result = |(id, record): (&Digest, &Record)| {
            let parent = record.inputs.first().filter(|read| read.tree.is_none());
            let parent = parent.and_then(|read| read.keys.iter().find(|key| self.records.contains_key(*key)));
            let below = parent.and_then(|key| self.records.get(key));
            CacheUsage {
                id: *id,
                description: record.name.clone(),
                kind: "regular",
                size: written(below.map_or(&nothing, |below| &below.tree), &record.tree),
                generation: record.generation,
                used: record.used.max(record.generation),
                parent: parent.copied(),
                tree: Some(record.tree.clone()),
            }
        };
        let other = |id: Digest, description: String, kind, tree: &Tree| CacheUsage {
            id,
            description,
            kind,
            size: tree.size(),
            generation: self.generation,
            used: self.generation,
            parent: None,
            tree: None,
        };
        let mut rows: Vec<CacheUsage> = self.records.iter().map(result).collect();
        rows.extend(self.mounts.iter().map(|(id, mount)| {
            other(mount_key(id), ["cached mount ", mount.source.as_str(), " from exec, id ", id].concat(), "exec.cachemount", &mount.tree)
        }));
        rows.extend(self.sent.iter().map(|(name, tree)| other(sent_key(name), ["local source for ", name].concat(), "source.local", tree)));
        sort_by_key(&mut rows, |row| (row.generation, row.id));
        rows
    }

    /// The same, which knows what another one looked at and executed: that makes it faster, and no different.
    pub fn remembering(&self, other: &Self) -> Self {
        Self { memory: other.memory.clone(), ..self.clone() }
    }

    /// The same, which knows the digest and length of the tar of a layer that is to be made.
    pub fn hashed(mut self, layer: &Unhashed, diff_id: Digest, tar_size: u64) -> Self {
        self.layers.learn(layer, diff_id, tar_size);
        self
    }

    /// Without any result and cache mount.
    pub fn pruned(&self) -> Self {
        Self { generation: self.generation, ..Self::default() }
    }

    /// The keys that all inputs lead to; links that are new are learnt.
    pub(super) fn query(&mut self, map: &CacheMap, inputs: &[Vec<Digest>]) -> Vec<Digest> {
        if map.dependencies.is_empty() {
            return self.links.get(&map.digest).map_or_else(Vec::new, |keys| keys.iter().copied().collect());
        }
        let mut common: Option<BTreeSet<Digest>> = None;
        for links in map.links(inputs) {
            let found = crate::base::set_of(links.iter().filter_map(|link| self.links.get(link)).flat_map(Set::iter).copied());
            common = Some(match common {
                None => found,
                Some(mut before) => {
                    before.retain(|key| found.contains(key));
                    before
                }
            });
        }
        let keys: Vec<Digest> = common.unwrap_or_default().into_iter().collect();
        keys.iter().for_each(|key| self.link(map, inputs, *key));
        keys
    }

    /// Makes every input lead to `key`.
    pub(super) fn link(&mut self, map: &CacheMap, inputs: &[Vec<Digest>], key: Digest) {
        let alone = map.dependencies.is_empty().then_some(map.digest);
        for link in map.links(inputs).into_iter().flatten().chain(alone) {
            let mut keys = self.links.get(&link).cloned().unwrap_or_default();
            keys.insert(key);
            self.links.insert(link, keys);
        }
    }

    pub(super) fn next_generation(&self) -> Self {
        Self { generation: self.generation + 1, ..self.clone() }
    }

    /// Keeps what a vertex gave.
    pub(super) fn commit(&mut self, evaluation: &Evaluation) {
        let Some(key) = evaluation.keys.first() else { return };
        for key in &evaluation.keys {
            self.link(&evaluation.map, &evaluation.input_keys, *key);
        }
        if let (Verdict::Ran, Some(record)) = (&evaluation.verdict, &evaluation.record) {
            self.records.insert(*key, record.clone());
        } else if let Some(record) = self.records.get(key).filter(|record| record.used != self.generation) {
            let record = Record { used: self.generation, ..record.clone() };
            self.records.insert(*key, record);
        }
        for (id, mount) in &evaluation.mounts {
            self.mounts.insert(id.clone(), mount.clone());
        }
    }

    /// Keeps what makes the next build faster without changing it: what was sent, layers.
    pub(super) fn remember(
        &mut self,
        plan: &Plan,
        evaluated: &[Evaluation],
        completed: &std::collections::BTreeSet<VertexId>,
        layers: Layers,
    ) {
        for (vertex, evaluation) in plan.vertices.iter().zip(evaluated).enumerate().filter(|(id, _)| completed.contains(id)).map(|(_, v)| v)
        {
            if let (Op::Local(local), Some(tree)) = (&vertex.op, &evaluation.tree) {
                self.sent.insert(local.name.clone(), tree.clone());
            }
        }
        for reference in &plan.resolved_images {
            self.resolved.insert(reference.clone());
        }
        self.layers = layers;
        self.bound();
    }

    /// Results are bounded.
    fn bound(&mut self) {
        const LIMIT: usize = 2000;
        self.keep_newest(LIMIT);
    }

    /// At most this many results: the oldest go first.
    pub(super) fn keep_newest(&mut self, count: usize) {
        let mut ages: Vec<(u64, Digest)> = self.records.iter().map(|(id, record)| (record.used.max(record.generation), *id)).collect();
        let surplus = ages.len().saturating_sub(count);
        if surplus > 0 {
            sort(&mut ages);
            ages.iter().take(surplus).for_each(|(_, id)| drop(self.records.remove(id)));
        }
    }

    /// `mode=min`: how to find the results whose layers are in those of a build, and those results.
    pub fn least(&self, outcome: &Outcome) -> Self {
        let wanted = outcome.plan.as_ref().map(Plan::in_results).unwrap_or_default();
        let steps = outcome.steps.iter().filter(|step| step.vertex.is_some_and(|vertex| wanted.contains(&vertex)));
        let trees: BTreeSet<_> = crate::base::set_of(steps.filter_map(|step| step.result.tree.as_ref()).map(Arc::as_ptr));
        let mut cache = Self { links: self.links.clone(), ..self.pruned() };
        for (key, record) in self.records.iter().filter(|(_, record)| trees.contains(&Arc::as_ptr(&record.tree))) {
            let keys_alone = |read: &Read| Read { keys: read.keys.clone(), tree: None };
            let inputs = Arc::new(record.inputs.iter().map(keys_alone).collect());
            cache.records.insert(*key, Record { inputs, ..record.clone() });
        }
        cache
    }

    /// Without the results with these keys and the cache mounts with these ids; links stay, so that it can be told what is missing.
    pub fn without(&self, keys: &[String]) -> Self {
        let mut cache = self.clone();
        let gone: Vec<Digest> = self.records.keys().filter(|key| keys.contains(&key.to_string())).copied().collect();
        gone.iter().for_each(|key| drop(cache.records.remove(key)));
        let gone: Vec<String> = self.mounts.keys().filter(|id| keys.contains(&mount_key(id).to_string())).cloned().collect();
        gone.iter().for_each(|id| drop(cache.mounts.remove(id)));
        let gone: Vec<String> = self.sent.keys().filter(|name| keys.contains(&sent_key(name).to_string())).cloned().collect();
        gone.iter().for_each(|name| drop(cache.sent.remove(name)));
        cache.layers = Layers::default();
        cache.memory = Memory::default();
        cache
    }
}

/// The key that a cache mount has in listings.
fn mount_key(id: &str) -> Digest {
    Digest::of(["mount ", id].concat())
}

/// The key that the files of a client have in listings.
fn sent_key(name: &str) -> Digest {
    Digest::of(["sent ", name].concat())
}
