//! A tree that an operation changes step by step, with the errors that Go's `os` package would give.

use crate::filesystem::{Errno, ImagePath, Metadata, Node, Tree};

/// The tree so far, and the time of what is made.
pub(super) struct Disk {
    pub tree: Tree,
    pub now: i64,
}

/// Who owns what is made, and its mode.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub owner: Option<(u32, u32)>,
    pub mode: u32,
    pub time: i64,
}

impl Made {
    pub fn metadata(self) -> Metadata {
        let (uid, gid) = self.owner.unwrap_or((0, 0));
        Metadata { uid, gid, ..Metadata::root(self.mode, self.time) }
    }
}

/// An error of a system call: Go's `PathError`.
pub(super) fn failed(call: &str, path: &ImagePath, errno: Errno) -> String {
    format!("{call} {path}: {}", errno.text())
}

/// continuity's `fs.RootPath`: every symbolic link followed inside the tree; names that do not exist stay as they are.
pub(super) fn root_path(tree: &Tree, path: &str) -> Result<ImagePath, String> {
    let mut todo: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut here = ImagePath::root();
    let mut passed = 0;
    while let Some(name) = todo.pop() {
        match name.as_str() {
            "" | "." => continue,
            ".." => {
                here = here.parent().unwrap_or_else(ImagePath::root);
                continue;
            }
            _ => {}
        }
        let next = here.child(&name);
        match tree.get(&next) {
            Some(Node::Symlink(link)) => {
                passed += 1;
                if passed > 255 {
                    return Err("too many links".into());
                }
                if link.target.starts_with('/') {
                    here = ImagePath::root();
                }
                todo.extend(link.target.split('/').rev().map(str::to_owned));
            }
            None if tree.get(&here).is_some_and(|node| node.as_directory().is_none()) => {
                return Err(failed("lstat", &next, Errno::NotADirectory));
            }
            _ => here = next,
        }
    }
    Ok(here)
}

impl Disk {
    pub fn put(&mut self, path: &ImagePath, node: Node) -> Result<(), String> {
        self.tree = self.tree.insert(path, node).map_err(|errno| failed("open", path, errno))?;
        Ok(())
    }

    /// fsutil's `MkdirAll` of a path without symbolic links.
    pub fn make_all(&mut self, path: &ImagePath, made: Made) -> Result<(), String> {
        let mut here = ImagePath::root();
        for name in path.components() {
            here = here.child(name);
            match self.tree.get(&here) {
                Some(Node::Directory(_)) => {}
                Some(_) => return Err(failed("mkdir", &here, Errno::NotADirectory)),
                None => self.put(&here, Node::directory(made.metadata()))?,
            }
        }
        Ok(())
    }
}
