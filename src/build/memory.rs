//! What was executed and looked at before: the same work on the same values gives the same again. Of the last build or
//! forecast only, and nothing that an image could tell.

use std::sync::Arc;

use super::cache::{CacheMount, CacheMounts};
use super::execute::{Execution, execute};
use crate::base::{Digest, Map};
use crate::filesystem::{Memo, Tree};
use crate::plan::{MountKind, Op, Vertex};
use crate::world::World;

/// Executions of the last round and of this one.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// What was worked out of directories.
    pub directories: Memo,
    old: Map<Digest, Run>,
    young: Map<Digest, Run>,
}

/// An execution with everything that it saw.
#[derive(Debug, Clone)]
struct Run {
    inputs: Vec<Arc<Tree>>,
    mounts: Vec<Option<CacheMount>>,
    now: i64,
    execution: Arc<Execution>,
}

impl Memory {
    /// Executes a step, unless that was done before.
    pub fn execute(&mut self, vertex: &Vertex, inputs: &[Arc<Tree>], world: &World, kept: &CacheMounts, now: i64) -> Execution {
        let mounts = mounts(&vertex.op, kept);
        if !is_closed(&vertex.op, world) {
            return execute(&vertex.op, inputs, world, kept, now, &mut self.directories);
        }
        let known = self.young.get(&vertex.digest).or_else(|| self.old.get(&vertex.digest));
        if let Some(run) = known.filter(|run| run.saw(inputs, &mounts, now)).cloned() {
            let execution = Execution::clone(&run.execution);
            self.young.insert(vertex.digest, run);
            return execution;
        }
        let execution = execute(&vertex.op, inputs, world, kept, now, &mut self.directories);
        let run = Run { inputs: inputs.to_vec(), mounts, now, execution: Arc::new(execution.clone()) };
        self.young.insert(vertex.digest, run);
        execution
    }

    /// Ends a round.
    pub fn aged(self) -> Self {
        Self { directories: self.directories.aged(), old: self.young, young: Map::new() }
    }
}

impl Run {
    fn saw(&self, inputs: &[Arc<Tree>], mounts: &[Option<CacheMount>], now: i64) -> bool {
        let same = |(old, new): (&Option<CacheMount>, &Option<CacheMount>)| match (old, new) {
            (Some(old), Some(new)) => Arc::ptr_eq(old.tree.root(), new.tree.root()) && old.source == new.source,
            (None, None) => true,
            _ => false,
        };
        self.now == now
            && self.inputs.len() == inputs.len()
            && self.inputs.iter().zip(inputs).all(|(old, new)| Arc::ptr_eq(old.root(), new.root()))
            && self.mounts.len() == mounts.len()
            && self.mounts.iter().zip(mounts).all(same)
    }
}

/// What the cache mounts of an operation hold.
fn mounts(op: &Op, kept: &CacheMounts) -> Vec<Option<CacheMount>> {
    let Op::Exec(exec) = op else { return Vec::new() };
    let held = exec.mounts.iter().filter_map(|mount| match &mount.kind {
        MountKind::Cache { id, .. } => Some(kept.get(id).cloned()),
        _ => None,
    });
    held.collect()
}

/// Whether a step sees nothing but its inputs and cache mounts: no secrets, no network, no client.
fn is_closed(op: &Op, world: &World) -> bool {
    match op {
        Op::Exec(exec) => {
            let open = |kind: &MountKind| matches!(kind, MountKind::Secret { .. } | MountKind::Ssh { .. });
            world.remotes.is_empty() && exec.secret_env.is_empty() && !exec.mounts.iter().any(|mount| open(&mount.kind))
        }
        Op::File(_) | Op::Merge(_) => true,
        Op::Image(_) | Op::Local(_) | Op::Remote(_) => false,
    }
}
