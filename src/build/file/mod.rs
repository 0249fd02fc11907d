//! COPY, ADD, WORKDIR and heredoc files on trees: BuildKit's `solver/llbsolver/file` and `tonistiigi/fsutil/copy`.

mod copy;
mod mode;
mod owner;
mod unpack;

use crate::filesystem::{ImagePath, Metadata, Node, Tree};
use crate::plan::{FileAction, FileActionKind, FileOp};

pub(super) use copy::matches;
use owner::Owner;

const NANOSECONDS: i64 = 1_000_000_000;

/// Executes the actions one after the other; the error is BuildKit's text. `now`: nanoseconds since 1970 for what is new.
pub fn execute_file_op(op: &FileOp, inputs: &[Tree], now: i64) -> Result<Tree, String> {
    let mut tree = if op.on_scratch { Tree::empty() } else { inputs.first().cloned().unwrap_or_else(Tree::empty) };
    for action in &op.actions {
        tree = act(&tree, action, inputs, now)?;
    }
    Ok(tree)
}

/// Trees on top of each other: what a later one has hides what an earlier one had.
pub fn execute_merge(inputs: &[Tree]) -> Result<Tree, String> {
    let mut layers = inputs.iter();
    let mut tree = layers.next().cloned().unwrap_or_else(Tree::empty);
    for layer in layers {
        for (path, node) in layer.walk() {
            let node = match (tree.get(&path), node) {
                (Some(old @ Node::Directory(_)), Node::Directory(_)) => old.with_metadata(node.metadata().clone()),
                (_, Node::Directory(_)) => Node::directory(node.metadata().clone()),
                (_, node) => node.clone(),
            };
            tree = tree.insert(&path, node).map_err(|errno| errno.text().to_owned())?;
        }
    }
    Ok(tree)
}

fn act(tree: &Tree, action: &FileAction, inputs: &[Tree], now: i64) -> Result<Tree, String> {
    let owner = owner::resolve(&action.owner, tree)?;
    match &action.kind {
        FileActionKind::Copy { source, .. } => {
            let empty = Tree::empty();
            let from = source.and_then(|at| inputs.get(at)).unwrap_or(&empty);
            copy::copy(tree, from, action, owner, now)
        }
        FileActionKind::Mkdir { path, make_parents, timestamp } => {
            let path = ImagePath::new(path);
            let metadata = made(&action.mode, 0o755, owner, time(*timestamp, now));
            if !make_parents && path.parent().is_some_and(|parent| tree.lookup(&parent).is_err()) {
                return Err(format!("mkdir {path}: no such file or directory"));
            }
            tree.make_directories(&path, &metadata).map_err(|errno| format!("mkdir {path}: {}", errno.text()))
        }
        FileActionKind::Mkfile { path, data, timestamp } => {
            let real = tree.resolve(&ImagePath::new(path), true).map_err(|errno| format!("open {path}: {}", errno.text()))?;
            let metadata = made(&action.mode, 0o644, owner, time(*timestamp, now));
            tree.insert(&real, Node::file(metadata, data.clone())).map_err(|errno| format!("open {path}: {}", errno.text()))
        }
        FileActionKind::Rm { path, .. } => {
            let real = tree.resolve(&ImagePath::new(path), false).map_err(|errno| format!("remove {path}: {}", errno.text()))?;
            if tree.get(&real).is_none() { Ok(tree.clone()) } else { tree.remove(&real).map_err(|errno| errno.text().to_owned()) }
        }
    }
}

fn time(timestamp: Option<i64>, now: i64) -> i64 {
    timestamp.map_or(now, |seconds| seconds.saturating_mul(NANOSECONDS))
}

fn made(mode: &str, default: u32, owner: Option<Owner>, mtime: i64) -> Metadata {
    let owner = owner.unwrap_or_default();
    let mode = if mode.is_empty() { default } else { mode::octal(mode).unwrap_or(default) };
    Metadata { mode, uid: owner.uid, gid: owner.gid, mtime, xattrs: None }
}
