//! COPY, ADD, WORKDIR and heredoc files on trees: BuildKit's `solver/llbsolver/file` and `tonistiigi/fsutil/copy`.

mod copy;
mod mode;
mod owner;
mod unpack;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::filesystem::{File, ImagePath, Metadata, Node, Tree};
use crate::plan::{FileAction, FileActionKind, FileOp};

pub(super) use copy::matches;
use owner::Owner;

const NANOSECONDS: i64 = 1_000_000_000;

/// Executes the actions one after the other; the error is BuildKit's text. `now`: nanoseconds since 1970 for what is new.
pub fn execute_file_op(op: &FileOp, inputs: &[Tree], now: i64) -> Result<Tree, String> {
    let mut tree = if op.on_scratch { Tree::empty() } else { inputs.first().cloned().unwrap_or_else(Tree::empty) };
    for action in &op.actions {
        let owner = owner::resolve(&action.owner, &tree, op.on_scratch)?;
        act(&mut tree, action, inputs, owner, now)?;
    }
    Ok(tree)
}

/// Trees on top of each other: what a later one has hides what an earlier one had.
pub fn execute_merge(inputs: &[Tree]) -> Result<Tree, String> {
    let mut layers = inputs.iter();
    let mut tree = layers.next().cloned().unwrap_or_else(Tree::empty);
    for layer in layers {
        // An inode of a layer is none of those below, whatever its number.
        let mut links = BTreeMap::new();
        for (path, node) in layer.walk() {
            let node = match (tree.get(&path), node) {
                (Some(old @ Node::Directory(_)), Node::Directory(_)) => old.with_metadata(node.metadata().clone()),
                (_, Node::Directory(_)) => Node::directory(node.metadata().clone()),
                (_, Node::File(file)) if file.link.is_some() => {
                    let fresh = tree.fresh_link();
                    let link = file.link.map(|number| *links.entry(number).or_insert(fresh));
                    Node::File(Arc::new(File { link, ..(**file).clone() }))
                }
                (_, node) => node.clone(),
            };
            tree.set(&path, node, None).map_err(|errno| errno.text().to_owned())?;
        }
    }
    Ok(tree)
}

fn act(tree: &mut Tree, action: &FileAction, inputs: &[Tree], owner: Option<Owner>, now: i64) -> Result<(), String> {
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
            make_directories(tree, &path, &metadata, now)
        }
        FileActionKind::Mkfile { path, data, timestamp } => {
            let real = root_path(tree, &ImagePath::new(path))?;
            let metadata = made(&action.mode, 0o644, owner, time(*timestamp, now));
            let node = Node::file(metadata, data.clone());
            tree.set(&real, node, Some(now)).map_err(|errno| format!("open {path}: {}", errno.text()))
        }
        FileActionKind::Rm { path, .. } => {
            let real = tree.resolve(&ImagePath::new(path), false).map_err(|errno| format!("remove {path}: {}", errno.text()))?;
            if tree.get(&real).is_none() { Ok(()) } else { tree.unset(&real, Some(now)).map_err(|errno| errno.text().to_owned()) }
        }
    }
}

/// Links that a path may pass on the way to where it really is.
const MAX_LINKS: usize = 255;

/// Where a path really is: every link followed, nothing led out of the root, what is not there taken as it is written.
/// containerd's `continuity/fs.RootPath`; the error has its text.
fn root_path(tree: &Tree, path: &ImagePath) -> Result<ImagePath, String> {
    let mut todo: Vec<String> = path.components().rev().map(str::to_owned).collect();
    let mut here = ImagePath::root();
    let mut passed = 0;
    while let Some(name) = todo.pop() {
        if name == ".." {
            here = here.parent().unwrap_or_else(ImagePath::root);
            continue;
        }
        if tree.get(&here).is_some_and(|node| node.as_directory().is_none()) {
            return Err(format!("lstat {}: not a directory", here.child(&name)));
        }
        let next = here.child(&name);
        let Some(Node::Symlink(link)) = tree.get(&next) else {
            here = next;
            continue;
        };
        passed += 1;
        if passed > MAX_LINKS {
            return Err("too many links".into());
        }
        if link.target.starts_with('/') {
            here = ImagePath::root();
        }
        todo.extend(link.target.split('/').rev().filter(|part| !part.is_empty() && *part != ".").map(str::to_owned));
    }
    Ok(here)
}

/// A directory at `path`, links followed, and each missing parent: fsutil's `MkdirAll` behind [`root_path`].
fn make_directories(tree: &mut Tree, path: &ImagePath, metadata: &Metadata, now: i64) -> Result<(), String> {
    let mut here = ImagePath::root();
    for name in root_path(tree, path)?.components() {
        here = here.child(name);
        match tree.get(&here) {
            Some(Node::Directory(_)) => {}
            Some(_) => return Err(format!("mkdir {here}: not a directory")),
            None => {
                let node = Node::directory(metadata.clone());
                tree.set(&here, node, Some(now)).map_err(|errno| format!("mkdir {here}: {}", errno.text()))?;
            }
        }
    }
    Ok(())
}

fn time(timestamp: Option<i64>, now: i64) -> i64 {
    timestamp.map_or(now, |seconds| seconds.saturating_mul(NANOSECONDS))
}

fn made(mode: &str, default: u32, owner: Option<Owner>, mtime: i64) -> Metadata {
    let owner = owner.unwrap_or_default();
    let mode = if mode.is_empty() { default } else { mode::octal(mode).unwrap_or(default) };
    Metadata { mode, uid: owner.uid, gid: owner.gid, mtime, xattrs: None }
}
