//! What of an operation is in its cache key: BuildKit's `CacheMap` of `solver/llbsolver/ops/{exec,file,merge,source}.go`.
//! See SEMANTICS D10 for the table.

use std::hash::Hash;

use sha2::{Digest as _, Sha256};

use crate::base::{CanonicalHasher, Digest, go};
use crate::plan::{ExecOp, FileAction, FileActionKind, FileOp, MountKind, Op};

/// An operation as the cache sees it.
#[derive(Debug, Clone)]
pub struct CacheMap {
    /// The operation without its inputs.
    pub digest: Digest,
    /// One an input.
    pub dependencies: Vec<Dependency>,
}

/// How an input counts.
#[derive(Debug, Clone, Default)]
pub struct Dependency {
    /// What of it is read; part of links from keys by definition.
    pub selector: Option<Digest>,
    /// What of it counts by content; empty: it counts by definition only.
    pub content: Vec<Selector>,
    /// The content's digest, once its tree is there.
    pub slow: Option<Digest>,
}

/// Paths that an operation reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Selector {
    pub path: String,
    pub wildcard: bool,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    /// Paths that must be there.
    pub required: Vec<String>,
}

impl Selector {
    /// One path, as it is written.
    pub fn path(path: String) -> Self {
        Self { path, wildcard: false, include: Vec::new(), exclude: Vec::new(), required: Vec::new() }
    }
}

impl CacheMap {
    /// For each input the links that may lead from it.
    pub fn links(&self, inputs: &[Vec<Digest>]) -> Vec<Vec<Digest>> {
        let link = |key: &Digest, index: usize, selector: Option<&Digest>| {
            let selector = selector.map(Digest::to_string).unwrap_or_default();
            Digest::of(format!("{key} {index} {} {selector}", self.digest))
        };
        let none = Vec::new();
        self.dependencies
            .iter()
            .enumerate()
            .map(|(index, dependency)| {
                let by_definition = inputs.get(index).unwrap_or(&none).iter().map(|key| link(key, index, dependency.selector.as_ref()));
                by_definition.chain(dependency.slow.as_ref().map(|key| link(key, index, None))).collect()
            })
            .collect()
    }

    /// The key of a result that nothing leads to yet.
    pub fn new_key(&self, inputs: &[Vec<Digest>]) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(self.digest.as_bytes());
        for link in self.links(inputs).iter().flatten() {
            hasher.update(link.as_bytes());
        }
        Digest::from_bytes(hasher.finalize().into())
    }
}

/// The map of an operation with this many inputs; sources have their own keys.
pub fn cache_map(op: &Op, inputs: usize) -> CacheMap {
    let mut dependencies = vec![Dependency::default(); inputs];
    let digest = match op {
        Op::File(op) => file(op, &mut dependencies),
        Op::Exec(op) => exec(op, &mut dependencies),
        Op::Image(_) | Op::Local(_) | Op::Remote(_) | Op::Merge(_) => digest_of(op),
    };
    for dependency in &mut dependencies {
        crate::base::sort(&mut dependency.content);
        dependency.content.dedup();
        if !dependency.content.is_empty() && dependency.selector.is_none() {
            dependency.selector = Some(digest_of(&dependency.content));
        }
    }
    CacheMap { digest, dependencies }
}

fn file(op: &FileOp, dependencies: &mut [Dependency]) -> Digest {
    let mut actions = op.actions.clone();
    for FileAction { kind, .. } in &mut actions {
        let FileActionKind::Copy { source, from, wildcard, include, exclude, required_paths, .. } = kind else { continue };
        let (include, exclude, required) = (include.clone(), exclude.clone(), required_paths.clone());
        let selector = Selector { path: from.clone(), wildcard: *wildcard, include, exclude, required };
        if let Some(dependency) = source.and_then(|index| dependencies.get_mut(index)) {
            dependency.content.push(selector);
        }
        *from = go::base_name(from).to_owned();
    }
    // What the first action works on is the whole of it, even if it is read too.
    if !op.on_scratch
        && let Some(base) = dependencies.first_mut()
    {
        base.content.clear();
    }
    digest_of(&FileOp { actions, on_scratch: op.on_scratch })
}

fn exec(op: &ExecOp, dependencies: &mut [Dependency]) -> Digest {
    let mut op = op.clone();
    op.proxy_env.clear();
    op.extra_hosts.iter_mut().for_each(|(_, address)| address.clear());
    // Whether an input counts by content: as its last mount has it. The root never does, it would be too much to read.
    let mut by_content = vec![false; dependencies.len()];
    for mount in &mut op.mounts {
        if let Some((index, dependency)) = mount.input.and_then(|index| Some((index, dependencies.get_mut(index)?))) {
            let path = go::join_path("/", &mount.source);
            dependency.content.push(Selector::path(path));
            by_content[index] = mount.kind != MountKind::Root;
        }
        mount.source.clear();
        if let MountKind::Cache { id, sharing } = &mut mount.kind
            && !is_default_cache(id, sharing, &mount.target)
        {
            id.clear();
            sharing.clear();
        }
    }
    for (dependency, by_content) in dependencies.iter_mut().zip(by_content) {
        dependency.selector = Some(digest_of(&dependency.content));
        if !by_content {
            dependency.content.clear();
        } else if let Some(root) = dependency.content.iter().find(|selector| selector.path == "/").cloned() {
            dependency.content = vec![root];
        }
    }
    digest_of(&Op::Exec(Box::new(op)))
}

/// Whether a cache mount has the default id, its target, perhaps behind a namespace, and sharing: only those count.
pub fn is_default_cache(id: &str, sharing: &str, target: &str) -> bool {
    sharing == "shared" && (id == target || id.split_once('/').is_some_and(|(_, id)| id == target))
}

fn digest_of<T: Hash>(value: &T) -> Digest {
    let mut hasher = CanonicalHasher::default();
    value.hash(&mut hasher);
    hasher.digest()
}
