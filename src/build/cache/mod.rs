//! The build cache as a value: which keys lead to which results, and what those are. BuildKit's `solver/cachemanager.go`.
//!
//! A vertex has a key; keys of inputs, taken with the digest of the operation, lead by *links* to it. An input has its own
//! keys (by definition) and, for what COPY and bind mounts read, one by content.

mod content;
mod key;
mod travel;

pub use content::{Taken, content_digest, each_read};
pub use key::{CacheMap, cache_map};

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::evaluate::{Evaluation, Verdict};
use super::layers::Layers;
use super::memory::Memory;
use crate::base::{Digest, Map, Set};
use crate::filesystem::{ImagePath, Tree};
use crate::machine::Fidelity;
use crate::plan::{Op, Plan, VertexId};

/// A builder's cache. Cheap to clone; a build makes a new one.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    /// Counts builds: what a client sends is new in each.
    pub(super) generation: u64,
    /// Of a link (input key, index, operation, selector) to the keys it leads to.
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

/// A row of `docker builder du`.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheUsage {
    /// The key.
    pub id: Digest,
    /// The step's name, or `mount / …`.
    pub description: String,
    /// Bytes of its files that are not in what it stands on.
    pub size: u64,
    /// The build that made it.
    pub generation: u64,
}

impl Cache {
    /// How many results it keeps.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it keeps none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What it holds, oldest first.
    pub fn usage(&self) -> Vec<CacheUsage> {
        let mut rows: Vec<CacheUsage> = self
            .records
            .iter()
            .map(|(id, record)| {
                let below = record.inputs.first().and_then(|read| read.keys.iter().find_map(|key| self.records.get(key)));
                let size = record.tree.size().saturating_sub(below.map_or(0, |below| below.tree.size()));
                CacheUsage { id: *id, description: record.name.clone(), size, generation: record.generation }
            })
            .collect();
        crate::base::sort_by_key(&mut rows, |row| (row.generation, row.id));
        rows
    }

    /// Without any result and cache mount.
    pub fn pruned(&self) -> Self {
        Self { generation: self.generation, ..Self::default() }
    }

    /// The keys that all inputs lead to; links that are new are learnt.
    pub(super) fn query(&mut self, map: &CacheMap, inputs: &[Vec<Digest>]) -> Vec<Digest> {
        if map.dependencies.is_empty() {
            return vec![map.digest];
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
        for link in map.links(inputs).into_iter().flatten() {
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

    /// At most this many results: the oldest go first.
    fn bound(&mut self) {
        const LIMIT: usize = 2000;
        while self.records.len() > LIMIT {
            let oldest = self.records.iter().min_by_key(|(id, record)| (record.generation, **id)).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            self.records.remove(&oldest);
        }
    }
}
