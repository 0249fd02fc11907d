//! One vertex run on its inputs' trees. Knows no time of day and nothing of other vertices.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::cache::{Cache, CacheMount};
use super::file::{execute_file_op, execute_merge};
use crate::base::go;
use crate::filesystem::{Content, ImagePath, Metadata, Node, Tree};
use crate::machine::{self, Completion, Fidelity, Invocation, MountedTree, Network, OutputLine, Status};
use crate::plan::{ExecOp, MountKind, Op};
use crate::world::World;

/// What a vertex did.
#[derive(Debug, Clone)]
pub struct Execution {
    /// The file system afterwards; BuildKit's text if it failed.
    pub tree: Result<Arc<Tree>, String>,
    /// What it wrote.
    pub output: Vec<OutputLine>,
    /// How long the work took, without what surrounds it.
    pub elapsed: Duration,
    /// How real it was.
    pub fidelity: Fidelity,
    /// What its cache mounts hold afterwards.
    pub mounts: Vec<(String, CacheMount)>,
}

impl Execution {
    fn plain(tree: Result<Tree, String>, elapsed: Duration) -> Self {
        Self { tree: tree.map(Arc::new), output: Vec::new(), elapsed, fidelity: Fidelity::Ran, mounts: Vec::new() }
    }
}

/// Runs an operation that is no source. `now` is the time of files that it writes; `fresh`: cache mounts begin empty.
pub fn execute(op: &Op, inputs: &[Arc<Tree>], world: &World, cache: &Cache, now: i64, fresh: bool) -> Execution {
    let trees = || inputs.iter().map(|tree| Tree::clone(tree)).collect::<Vec<_>>();
    match op {
        Op::File(op) => {
            let tree = execute_file_op(op, &trees(), now);
            let before = if op.on_scratch { 0 } else { inputs.first().map_or(0, |tree| tree.size()) };
            let written = tree.as_ref().map_or(0, |tree| tree.size().saturating_sub(before));
            Execution::plain(tree, Duration::from_millis(15) + bytes(written, COPY_RATE))
        }
        Op::Merge(_) => Execution::plain(execute_merge(&trees()), Duration::from_millis(8)),
        Op::Exec(op) => exec(op, inputs, world, cache, now, fresh),
        Op::Image(_) | Op::Local(_) | Op::Remote(_) => Execution::plain(Err("a source is not run".into()), Duration::ZERO),
    }
}

const COPY_RATE: u64 = 400_000_000;

/// How long it takes to move bytes at a rate of so many a second.
pub fn bytes(count: u64, per_second: u64) -> Duration {
    Duration::from_micros(count.saturating_mul(1_000_000) / per_second.max(1))
}

fn exec(op: &ExecOp, inputs: &[Arc<Tree>], world: &World, cache: &Cache, now: i64, fresh: bool) -> Execution {
    let (root, mounts, env) = match prepare(op, inputs, world, cache, fresh) {
        Ok(prepared) => prepared,
        Err(error) => return Execution::plain(Err(error), Duration::ZERO),
    };
    let invocation = Invocation {
        args: op.args.clone(),
        env,
        cwd: op.cwd.clone(),
        user: op.user.clone(),
        hostname: if op.hostname.is_empty() { "buildkitsandbox".into() } else { op.hostname.clone() },
        network: match op.network.as_str() {
            "none" => Network::None,
            "host" => Network::Host,
            _ => Network::Sandbox,
        },
        root,
        mounts,
        stdin: Vec::new(),
        remotes: world.remotes.clone(),
        now,
    };
    let completion = machine::run(invocation);
    let fidelity = completion.commands.iter().map(|command| command.fidelity).max().unwrap_or(Fidelity::Ran);
    let reason = match &completion.status {
        Status::Exited(0) => None,
        Status::Exited(code) => Some(format!("exit code: {code}")),
        Status::NotStarted(text) | Status::Exhausted(text) => Some(text.clone()),
    };
    let caches = op.mounts.iter().filter_map(|mount| match &mount.kind {
        MountKind::Cache { id, .. } => Some((id.clone(), after(&completion, &mount.target)?)),
        _ => None,
    });
    let mounts = caches.collect();
    let tree = match reason {
        None => Ok(Arc::new(completion.root)),
        Some(reason) => Err(format!("process {} did not complete successfully: {reason}", go::quote(&op.args.join(" ")))),
    };
    Execution { tree, output: completion.output, elapsed: completion.elapsed, fidelity, mounts }
}

fn after(completion: &Completion, target: &str) -> Option<CacheMount> {
    let mounted = completion.mounts.get(&ImagePath::new(target))?;
    Some(CacheMount { tree: mounted.tree.clone(), source: mounted.source.clone() })
}

type Prepared = (Tree, BTreeMap<ImagePath, MountedTree>, Vec<String>);

fn prepare(op: &ExecOp, inputs: &[Arc<Tree>], world: &World, cache: &Cache, fresh: bool) -> Result<Prepared, String> {
    let input = |index: Option<usize>| index.and_then(|index| inputs.get(index)).map_or_else(Tree::empty, |tree| Tree::clone(tree));
    let mut root = Tree::empty();
    let mut mounts = BTreeMap::new();
    for mount in &op.mounts {
        let given = MountedTree { tree: input(mount.input), source: ImagePath::new(&mount.source), readonly: mount.readonly };
        let mounted = match &mount.kind {
            MountKind::Root => {
                root = given.tree;
                continue;
            }
            MountKind::Bind => {
                let missing = |_| format!("failed to calculate checksum of ref: {}: not found", go::quote(given.source.as_str()));
                let source = given.tree.resolve(&given.source, true).map_err(missing)?;
                MountedTree { source, ..given }
            }
            MountKind::Cache { id, .. } => match cache.mounts.get(id).filter(|_| !fresh) {
                Some(kept) => MountedTree { tree: kept.tree.clone(), source: kept.source.clone(), ..given },
                None => given,
            },
            MountKind::Tmpfs { .. } => MountedTree { source: ImagePath::root(), ..given },
            MountKind::Secret { id, uid, gid, mode, required } => match world.secrets.get(id) {
                Some(value) => secret(value, *uid, *gid, *mode),
                None if *required => return Err(format!("secret {id}: not found")),
                None => continue,
            },
            MountKind::Ssh { id, uid, gid, mode, required } => match world.ssh.iter().any(|known| names(known, id)) {
                true => secret(&[], *uid, *gid, *mode),
                false if *required => return Err(format!("unset ssh forward key {id}")),
                false => continue,
            },
        };
        mounts.insert(ImagePath::new(&mount.target), mounted);
    }
    let mut env = op.env.to_vec();
    env.extend(op.proxy_env.iter().map(|(name, value)| format!("{name}={value}")));
    for (name, id, required) in &op.secret_env {
        match world.secrets.get(id) {
            Some(value) => env.push(format!("{name}={}", String::from_utf8_lossy(value))),
            None if *required => return Err(format!("secret {id}: not found")),
            None => {}
        }
    }
    Ok((root, mounts, env))
}

/// `--ssh default`, `--ssh id=socket`.
fn names(given: &str, id: &str) -> bool {
    given.split('=').next() == Some(id)
}

/// A mount of a single file.
fn secret(value: &[u8], uid: u32, gid: u32, mode: u32) -> MountedTree {
    let metadata = Metadata { uid, gid, ..Metadata::root(mode & 0o7777, 0) };
    let source = ImagePath::new("/secret");
    let file = Node::file(metadata, Content::Bytes(value.into()));
    let tree = Tree::empty();
    MountedTree { tree: tree.insert(&source, file).unwrap_or(tree), source, readonly: true }
}
