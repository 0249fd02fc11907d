//! RUN: the operation as an invocation of the machine. BuildKit's `solver/llbsolver/ops/exec.go`, `executor/oci`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::cache::{CacheMount, CacheMounts};
use super::execute::{Execution, checksum_error};
use crate::base::go;
use crate::filesystem::{ImagePath, Metadata, Node, Tree};
use crate::machine::{self, Completion, Fidelity, Invocation, MountedTree, Network, OutputLine, Status, Stream, Tally};
use crate::plan::{ExecOp, Mount, MountKind};
use crate::world::assumed::{self, Sought};
use crate::world::{Project, World};

/// How long a container takes to start.
pub(super) const START: Duration = Duration::from_millis(120);
/// Placeholders that one RUN may be given.
const MAX_ASSUMED: usize = 40;
/// The agent's socket, where ssh is mounted without a target of its own.
const SOCKET_MODE: u32 = 0o600;

/// Runs the process; the result is its root file system.
pub(super) fn execute(op: &ExecOp, inputs: &[Arc<Tree>], world: &World, kept: &CacheMounts, now: i64) -> Execution {
    let fail = |error: String| Execution {
        result: Err(error),
        output: Vec::new(),
        cost: START,
        fidelity: Fidelity::Ran,
        tally: Tally::default(),
        transferred: 0,
        mounts: Vec::new(),
    };
    let root = op.mounts.iter().find(|mount| mount.kind == MountKind::Root).and_then(|mount| input(mount, inputs));
    let root = root.unwrap_or_else(|| Arc::new(Tree::empty()));
    let mut mounts = BTreeMap::new();
    for mount in op.mounts.iter().filter(|mount| mount.kind != MountKind::Root) {
        match mounted(mount, inputs, world, kept, now) {
            Ok(Some(tree)) => drop(mounts.insert(ImagePath::new(&mount.target), tree)),
            Ok(None) => {}
            Err(error) => return fail(error),
        }
    }
    let mut env = (*op.env).clone();
    // Each in both spellings (`proxyEnvList`).
    env.extend(op.proxy_env.iter().flat_map(|(name, value)| [format!("{name}={value}"), format!("{}={value}", name.to_ascii_lowercase())]));
    for (variable, id, required) in &op.secret_env {
        match world.secrets.get(id) {
            Some(value) => env.push(format!("{variable}={}", String::from_utf8_lossy(value))),
            None if *required => return fail(format!("secret {id}: not found")),
            None => {}
        }
    }
    let mut invocation = Invocation {
        args: op.args.clone(),
        env,
        cwd: op.cwd.clone(),
        user: op.user.clone(),
        hostname: if op.hostname.is_empty() { "buildkitsandbox".into() } else { op.hostname.clone() },
        network: network(&op.network),
        root: (*root).clone(),
        mounts,
        stdin: Vec::new(),
        remotes: world.remotes.clone(),
        project: world.project.clone(),
        assumed: Vec::new(),
        now,
    };
    let (completion, notes) = play(&mut invocation, world.assume);
    let command = op.args.join(" ");
    let result = match completion.status {
        Status::Exited(0) => Ok(Arc::new(completion.root)),
        Status::Exited(code) => Err(format!("process {} did not complete successfully: exit code: {code}", go::quote(&command))),
        Status::NotStarted(why) | Status::Exhausted(why) => {
            Err(format!("process {} did not complete successfully: {why}", go::quote(&command)))
        }
    };
    let fidelity = completion.commands.iter().map(|command| command.fidelity).max().unwrap_or(Fidelity::Ran);
    let tally = Tally::of(&completion.commands);
    let mounts = op.mounts.iter().filter_map(|mount| {
        let MountKind::Cache { id, .. } = &mount.kind else { return None };
        let after = completion.mounts.get(&ImagePath::new(&mount.target))?;
        Some((id.clone(), CacheMount { tree: after.tree.clone(), source: after.source.clone() }))
    });
    let mounts = mounts.collect();
    let output = notes.into_iter().chain(completion.output).collect();
    Execution { result, output, cost: START + completion.elapsed, fidelity, tally, transferred: 0, mounts }
}

/// Runs it. If the project is assumed and a command fails for want of a file of it, a placeholder is put there and all runs again:
/// the last completion, and what was assumed.
fn play(invocation: &mut Invocation, assume: bool) -> (Completion, Vec<OutputLine>) {
    let mut notes = Vec::new();
    loop {
        let completion = machine::run(invocation.clone());
        let failed = !matches!(completion.status, Status::Exited(0));
        let Some((place, sought)) =
            (assume && failed && notes.len() < MAX_ASSUMED).then(|| wanted(&completion, &invocation.project)).flatten()
        else {
            return (completion, notes);
        };
        notes.push(assumed_note(place.as_str()));
        invocation.assumed.push((place, sought));
    }
}

/// The file of the project that the command which failed complained of, and what for: of the paths that it missed the last one whose
/// name stands in its last lines.
fn wanted(completion: &Completion, own: &Project) -> Option<(ImagePath, Sought)> {
    let last = completion.output.len().saturating_sub(4);
    let said: Vec<u8> = completion.output[last..].iter().flat_map(|line| line.data.iter().copied()).collect();
    let said = String::from_utf8_lossy(&said).into_owned();
    let lines: Vec<&str> = said.lines().rev().take(3).collect();
    completion.missed.iter().rev().find_map(|missed| {
        let name = missed.asked.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty())?;
        lines.iter().find(|line| line.contains(name))?;
        assumed::looked_for(&completion.root, &missed.place, missed.sought, own).map(|_| (missed.place.clone(), missed.sought))
    })
}

/// What a log says of a placeholder.
pub(super) fn assumed_note(path: &str) -> OutputLine {
    note(&format!("{path}, a placeholder"))
}

/// What a log says of what was assumed.
pub(super) fn note(what: &str) -> OutputLine {
    let data = format!("bottleship: assumed: {what}\n").into_bytes();
    OutputLine { at: Duration::ZERO, stream: Stream::Stderr, data }
}

fn network(mode: &str) -> Network {
    match mode {
        "none" => Network::None,
        "host" => Network::Host,
        _ => Network::Sandbox,
    }
}

fn input(mount: &Mount, inputs: &[Arc<Tree>]) -> Option<Arc<Tree>> {
    mount.input.and_then(|at| inputs.get(at)).cloned()
}

/// What is mounted; `None`: nothing (an optional secret that is not there).
fn mounted(mount: &Mount, inputs: &[Arc<Tree>], world: &World, kept: &CacheMounts, now: i64) -> Result<Option<MountedTree>, String> {
    let whole = |tree: Tree, readonly| MountedTree { tree, source: ImagePath::root(), readonly };
    Ok(Some(match &mount.kind {
        MountKind::Root => return Ok(None),
        MountKind::Cache { id, .. } if kept.contains_key(id) => {
            let CacheMount { tree, source } = kept.get(id).cloned().unwrap_or_default();
            MountedTree { tree, source, readonly: mount.readonly }
        }
        MountKind::Bind | MountKind::Cache { .. } => {
            let tree = input(mount, inputs).map_or_else(Tree::empty, |tree| (*tree).clone());
            let source = ImagePath::new(&mount.source);
            let (source, _) = tree.lookup(&source).map_err(|_| checksum_error(inputs, source.as_str()))?;
            MountedTree { tree, source, readonly: mount.readonly }
        }
        MountKind::Tmpfs { .. } => {
            let root = Node::directory(Metadata::root(0o1777, now));
            whole(Tree::empty().insert(&ImagePath::root(), root).unwrap_or_else(|_| Tree::empty()), false)
        }
        MountKind::Secret { id, uid, gid, mode, required } => match world.secrets.get(id) {
            None if *required => return Err(format!("secret {id}: not found")),
            None => return Ok(None),
            Some(value) => single(Metadata { mode: *mode, uid: *uid, gid: *gid, mtime: now, xattrs: None }, value.clone()),
        },
        MountKind::Ssh { id, uid, gid, required, .. } => match world.ssh.iter().any(|known| known == id) {
            false if *required => return Err(format!("unset ssh forward key {id}")),
            false => return Ok(None),
            true => single(Metadata { mode: SOCKET_MODE, uid: *uid, gid: *gid, mtime: now, xattrs: None }, Vec::new()),
        },
    }))
}

/// A file mounted alone.
fn single(metadata: Metadata, bytes: Vec<u8>) -> MountedTree {
    let path = ImagePath::new("/file");
    let tree = Tree::empty().insert(&path, Node::file(metadata, bytes)).unwrap_or_else(|_| Tree::empty());
    MountedTree { tree, source: path, readonly: true }
}
