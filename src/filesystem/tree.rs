//! [`Tree`]: an immutable snapshot of a filesystem. Cheap to clone; a change makes a new value that shares the rest.
//!
//! Hard links: the names of one inode carry the same number ([`File::link`]); the tree knows the names of each number, so
//! that [`Tree::update`] changes the inode under all of them. Permissions are not checked here: see `machine`.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::{Map, Set};

use super::{Directory, Errno, File, ImagePath, Metadata, Node};

/// Symbolic links that one path may pass, as Linux.
const MAX_LINKS: usize = 40;

/// A whole filesystem.
#[derive(Debug, Clone)]
pub struct Tree {
    root: Node,
    /// Invariant: exactly the paths of the files that have a link number, by that number.
    links: Map<u64, Set<ImagePath>>,
}

impl Default for Tree {
    fn default() -> Self {
        Self::empty()
    }
}

impl Tree {
    /// A root directory (0755, root) and nothing in it.
    pub fn empty() -> Self {
        Self { root: Node::directory(Metadata::root(0o755, 0)), links: Map::new() }
    }

    /// A tree with this directory as its root.
    pub fn from_root(root: Arc<Directory>) -> Self {
        let root = Node::Directory(root);
        let mut links = Map::new();
        note_links(&mut links, &ImagePath::root(), &root);
        Self { root, links }
    }

    /// The root directory.
    pub fn root(&self) -> &Arc<Directory> {
        let Node::Directory(root) = &self.root else { unreachable!("the root is a directory") };
        root
    }

    /// The node at `path`, no symbolic link followed.
    pub fn get(&self, path: &ImagePath) -> Option<&Node> {
        path.components().try_fold(&self.root, |node, name| node.as_directory()?.entries.get(name))
    }

    /// The path that `path` comes to when symbolic links are followed; the last one only if `follow_last`. All but the last name must exist.
    pub fn resolve(&self, path: &ImagePath, follow_last: bool) -> Result<ImagePath, Errno> {
        self.resolve_in(&ImagePath::root(), path, follow_last)
    }

    /// As [`Tree::resolve`] for a process whose root is the directory `root`: `path` begins there, and nothing leads out.
    pub fn resolve_in(&self, root: &ImagePath, path: &ImagePath, follow_last: bool) -> Result<ImagePath, Errno> {
        let mut todo: Vec<String> = path.components().rev().map(str::to_owned).collect();
        let mut here = root.clone();
        let mut passed = 0;
        while let Some(name) = todo.pop() {
            if name == ".." {
                if here != *root {
                    here = here.parent().unwrap_or_else(ImagePath::root);
                }
                continue;
            }
            let next = here.child(&name);
            match self.get(&next) {
                Some(Node::Symlink(link)) if follow_last || !todo.is_empty() => {
                    passed += 1;
                    if passed > MAX_LINKS {
                        return Err(Errno::TooManyLinks);
                    }
                    if link.target.starts_with('/') {
                        here = root.clone();
                    }
                    todo.extend(link.target.split('/').rev().filter(|part| !part.is_empty() && *part != ".").map(str::to_owned));
                }
                Some(Node::Directory(_)) => here = next,
                Some(_) if todo.is_empty() => here = next,
                Some(_) => return Err(Errno::NotADirectory),
                None if todo.is_empty() => here = next,
                None => return Err(Errno::NoEntry),
            }
        }
        Ok(here)
    }

    /// The node that `path` names, symbolic links followed, and where it really is.
    pub fn lookup(&self, path: &ImagePath) -> Result<(ImagePath, &Node), Errno> {
        let real = self.resolve(path, true)?;
        let node = self.get(&real).ok_or(Errno::NoEntry)?;
        Ok((real, node))
    }

    /// With `node` at `path`, in place of what was there. The parent must be a directory; no link is followed.
    pub fn insert(&self, path: &ImagePath, node: Node) -> Result<Self, Errno> {
        let mut tree = self.clone();
        tree.set(path, node, None)?;
        Ok(tree)
    }

    /// As [`Tree::insert`], in place: what nobody else holds is not copied. `now`: the time of the directory that gets the name.
    pub fn set(&mut self, path: &ImagePath, node: Node, now: Option<i64>) -> Result<(), Errno> {
        let mut links = self.links.clone();
        self.forget(&mut links, path);
        note_links(&mut links, path, &node);
        match path.parent() {
            None if node.as_directory().is_none() => return Err(Errno::NotADirectory),
            None => self.root = node,
            Some(parent) => {
                let directory = self.directory_mut(&parent)?;
                directory.entries.insert(path.name().into(), node);
                if let Some(now) = now {
                    directory.metadata.mtime = now;
                }
            }
        }
        self.links = links;
        Ok(())
    }

    /// Gives the directory at `path` other metadata, in place.
    pub fn set_directory_metadata(&mut self, path: &ImagePath, change: impl FnOnce(&mut Metadata)) -> Result<(), Errno> {
        change(&mut self.directory_mut(path)?.metadata);
        Ok(())
    }

    /// Without `path` and what is below it. The root cannot be removed.
    pub fn remove(&self, path: &ImagePath) -> Result<Self, Errno> {
        let mut tree = self.clone();
        tree.unset(path, None)?;
        Ok(tree)
    }

    /// As [`Tree::remove`], in place. `now`: the time of the directory that loses the name.
    pub fn unset(&mut self, path: &ImagePath, now: Option<i64>) -> Result<(), Errno> {
        let parent = path.parent().ok_or(Errno::Busy)?;
        self.get(path).ok_or(Errno::NoEntry)?;
        let mut links = self.links.clone();
        self.forget(&mut links, path);
        let directory = self.directory_mut(&parent)?;
        directory.entries.remove(path.name());
        if let Some(now) = now {
            directory.metadata.mtime = now;
        }
        self.links = links;
        Ok(())
    }

    /// With the inode at `path` changed under all of its names. For a directory, `node` keeps the entries that it brings.
    pub fn update(&self, path: &ImagePath, node: Node) -> Result<Self, Errno> {
        let number = self.get(path).and_then(Node::as_file).and_then(|file| file.link);
        match (number, node) {
            (Some(number), Node::File(file)) => {
                let node = Node::File(Arc::new(File { link: Some(number), ..(*file).clone() }));
                self.names(number).iter().try_fold(self.clone(), |tree, name| tree.insert(name, node.clone()))
            }
            (_, node) => self.insert(path, node),
        }
    }

    /// With `new` as another name of the file at `existing`.
    pub fn link(&self, existing: &ImagePath, new: &ImagePath) -> Result<Self, Errno> {
        if self.get(new).is_some() {
            return Err(Errno::Exists);
        }
        match self.get(existing).ok_or(Errno::NoEntry)? {
            Node::Directory(_) => Err(Errno::NotPermitted),
            Node::File(file) => {
                let number = file.link.unwrap_or_else(|| self.fresh_link());
                let node = Node::File(Arc::new(File { link: Some(number), ..(**file).clone() }));
                self.insert(existing, node.clone())?.insert(new, node)
            }
            other => self.insert(new, other.clone()),
        }
    }

    /// With what is at `from` at `to`, replacing it. What may replace what is the caller's affair.
    pub fn rename(&self, from: &ImagePath, to: &ImagePath) -> Result<Self, Errno> {
        let node = self.get(from).ok_or(Errno::NoEntry)?.clone();
        if from == to {
            return Ok(self.clone());
        }
        if to.as_str().starts_with(&format!("{from}/")) {
            return Err(Errno::InvalidArgument);
        }
        self.remove(from)?.insert(to, node)
    }

    /// With a directory at `path` and at each missing parent, all with this metadata; what exists stays. Symbolic links are followed.
    pub fn make_directories(&self, path: &ImagePath, metadata: &Metadata) -> Result<Self, Errno> {
        let mut tree = self.clone();
        tree.set_directories(path, metadata, None)?;
        Ok(tree)
    }

    /// As [`Tree::make_directories`], in place. `now`: the time of the directories that get a new name.
    pub fn set_directories(&mut self, path: &ImagePath, metadata: &Metadata, now: Option<i64>) -> Result<(), Errno> {
        let mut here = ImagePath::root();
        for name in path.components() {
            let step = here.child(name);
            let next = match (self.resolve(&step, true), self.get(&step)) {
                // A link to what is not there: that is made, as Go's `MkdirAll` below a root does.
                (Err(Errno::NoEntry), Some(Node::Symlink(link))) => {
                    let target = here.join(&link.target);
                    self.set_directories(&target, metadata, now)?;
                    self.resolve(&step, true)?
                }
                (next, _) => next?,
            };
            match self.get(&next) {
                Some(Node::Directory(_)) => {}
                Some(_) => return Err(Errno::NotADirectory),
                None => self.set(&next, Node::directory(metadata.clone()), now)?,
            }
            here = next;
        }
        Ok(())
    }

    /// The same files, all with this time.
    pub fn with_time(&self, mtime: i64) -> Self {
        Self { root: timed(&self.root, mtime), links: self.links.clone() }
    }

    /// A link number that no file of this tree has.
    pub fn fresh_link(&self) -> u64 {
        self.links.last().map_or(1, |(number, _)| number + 1)
    }

    /// The names of an inode.
    pub fn names(&self, link: u64) -> Set<ImagePath> {
        self.links.get(&link).cloned().unwrap_or_default()
    }

    /// Every node below the root, parents before children, siblings in byte order: the order of layers.
    pub fn walk(&self) -> impl Iterator<Item = (ImagePath, &Node)> {
        walk(ImagePath::root(), &self.root).skip(1)
    }

    /// `path` and every node below it in the order of layers; nothing if it is not there.
    pub fn walk_from(&self, path: &ImagePath) -> impl Iterator<Item = (ImagePath, &Node)> {
        self.get(path).into_iter().flat_map(|node| walk(path.clone(), node))
    }

    /// Sum of the sizes of the files in bytes, each inode once.
    pub fn size(&self) -> u64 {
        let mut seen = BTreeSet::new();
        let mut pending = vec![&self.root];
        let mut size = 0;
        while let Some(node) = pending.pop() {
            match node {
                Node::Directory(directory) => pending.extend(directory.entries.values()),
                Node::File(file) if file.link.is_none_or(|link| seen.insert(link)) => size += file.content.len(),
                _ => {}
            }
        }
        size
    }

    /// Whether some file has a link number.
    pub fn has_links(&self) -> bool {
        !self.links.is_empty()
    }

    /// As [`Self::from_root`], of a directory in and below which no file has a link number.
    pub fn from_unlinked(root: Arc<Directory>) -> Self {
        Self { root: Node::Directory(root), links: Map::new() }
    }

    /// As [`Tree::set`], of a directory in and below which no file has a link number, at a place where nothing is.
    pub fn graft(&mut self, path: &ImagePath, directory: Arc<Directory>, now: i64) -> Result<(), Errno> {
        let parent = self.directory_mut(&path.parent().ok_or(Errno::Busy)?)?;
        parent.entries.insert(path.name().into(), Node::Directory(directory));
        parent.metadata.mtime = now;
        Ok(())
    }

    /// The directory at `path`, no link followed; what is shared is copied on the way.
    fn directory_mut(&mut self, path: &ImagePath) -> Result<&mut Directory, Errno> {
        let mut node = &mut self.root;
        for name in path.components() {
            let Node::Directory(directory) = node else { return Err(Errno::NotADirectory) };
            node = Arc::make_mut(directory).entries.get_mut(name).ok_or(Errno::NoEntry)?;
        }
        let Node::Directory(directory) = node else { return Err(Errno::NotADirectory) };
        Ok(Arc::make_mut(directory))
    }

    /// Takes the links of `path` and below out of `links`; an inode left with one name stays numbered, harmlessly.
    fn forget(&self, links: &mut Map<u64, Set<ImagePath>>, path: &ImagePath) {
        if links.is_empty() {
            return;
        }
        for (path, node) in self.walk_from(path) {
            if let Some(number) = node.as_file().and_then(|file| file.link) {
                let mut names = links.get(&number).cloned().unwrap_or_default();
                names.remove(&path);
                if names.is_empty() {
                    links.remove(&number)
                } else {
                    links.insert(number, names)
                };
            }
        }
    }
}

impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Eq for Tree {}

fn timed(node: &Node, mtime: i64) -> Node {
    let metadata = Metadata { mtime, ..node.metadata().clone() };
    let Node::Directory(directory) = node else { return node.with_metadata(metadata) };
    let entries = directory.entries.iter().map(|(name, below)| (name.clone(), timed(below, mtime))).collect();
    Node::Directory(Arc::new(Directory { metadata, entries }))
}

fn note_links(links: &mut Map<u64, Set<ImagePath>>, path: &ImagePath, node: &Node) {
    if !is_linked(node) {
        return;
    }
    if matches!(node, Node::Symlink(_) | Node::Special(_)) || node.as_file().is_some_and(|file| file.link.is_none()) {
        return;
    }
    for (path, node) in walk(path.clone(), node) {
        if let Some(number) = node.as_file().and_then(|file| file.link) {
            let mut names = links.get(&number).cloned().unwrap_or_default();
            names.insert(path);
            links.insert(number, names);
        }
    }
}

/// Whether a file of it has a link number: most have none, and paths need not be made.
fn is_linked(node: &Node) -> bool {
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        match node {
            Node::Directory(directory) => pending.extend(directory.entries.values()),
            Node::File(file) if file.link.is_some() => return true,
            _ => {}
        }
    }
    false
}

/// `node` and all below it, parents first. A stack of iterators: no recursion, whatever the depth.
fn walk(path: ImagePath, node: &Node) -> impl Iterator<Item = (ImagePath, &Node)> {
    let mut pending = vec![(path, node)];
    std::iter::from_fn(move || {
        let (path, node) = pending.pop()?;
        if let Node::Directory(directory) = node {
            let below = pending.len();
            pending.extend(directory.entries.iter().map(|(name, node)| (path.child(name), node)));
            pending[below..].reverse();
        }
        Some((path, node))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Node {
        Node::file(Metadata::root(0o644, 0), text)
    }

    fn tree(paths: &[&str]) -> Tree {
        paths.iter().fold(Tree::empty(), |tree, path| {
            let path = ImagePath::new(path);
            let parent = path.parent().expect("not the root");
            let tree = tree.make_directories(&parent, &Metadata::root(0o755, 0)).expect("a directory");
            tree.insert(&path, file("x")).expect("a place")
        })
    }

    fn paths(tree: &Tree) -> Vec<String> {
        tree.walk().map(|(path, _)| path.to_string()).collect()
    }

    #[test]
    fn walks_in_the_order_of_layers() {
        assert_eq!(paths(&tree(&["/a-b", "/a/x", "/ab", "/a.b"])), ["/a", "/a/x", "/a-b", "/a.b", "/ab"]);
    }

    #[test]
    fn follows_links_and_says_why_not() {
        let link = |target| Node::symlink(Metadata::root(0, 0), target);
        let tree = tree(&["/d/f"]);
        let tree = tree.insert(&ImagePath::new("/l"), link("d/../d")).expect("a place");
        let tree = tree.insert(&ImagePath::new("/loop"), link("loop")).expect("a place");
        assert_eq!(tree.lookup(&ImagePath::new("/l/f")).expect("there").0.as_str(), "/d/f");
        assert_eq!(tree.lookup(&ImagePath::new("/loop")).err(), Some(Errno::TooManyLinks));
        assert_eq!(tree.lookup(&ImagePath::new("/d/f/g")).err(), Some(Errno::NotADirectory));
        assert_eq!(tree.lookup(&ImagePath::new("/no/g")).err(), Some(Errno::NoEntry));
    }

    #[test]
    fn old_values_do_not_change() {
        let old = tree(&["/a/f"]);
        let new = old.remove(&ImagePath::new("/a")).expect("there");
        assert_eq!((paths(&old).len(), paths(&new).len()), (2, 0));
    }

    #[test]
    fn names_of_an_inode_change_together() {
        let (a, b) = (ImagePath::new("/a"), ImagePath::new("/b"));
        let tree = tree(&["/a"]).link(&a, &b).expect("a link");
        let tree = tree.update(&b, file("longer")).expect("there");
        assert_eq!(tree.get(&a).map(Node::size), Some(6));
        assert_eq!(tree.size(), 6);
        let tree = tree.remove(&a).expect("there").update(&b, file("")).expect("there");
        assert_eq!(tree.get(&b).map(Node::size), Some(0));
    }
}
