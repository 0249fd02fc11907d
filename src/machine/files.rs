//! File operations as Linux answers them: paths with symbolic links, permissions, mounts, hard links.
//!
//! All functions take the process's identity and an absolute or relative path; what they change is the machine's tree.

use std::sync::Arc;

use super::system::{Mount, System};
use super::users::Ids;
use crate::filesystem::{Content, Errno, File, ImagePath, Metadata, Node, Symlink};
use crate::world::assumed::Sought;

/// Symbolic links that one path may pass.
const MAX_LINKS: usize = 40;
/// Longest name of a directory entry.
const MAX_NAME: usize = 255;

/// Whether the last component is followed when it is a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Last {
    Follow,
    Keep,
}

/// The three permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Access {
    Read = 4,
    Write = 2,
    Execute = 1,
}

/// Owner, mode and time of a node.
pub fn metadata(node: &Node) -> &Metadata {
    node.metadata()
}

/// The node with another metadata.
pub fn with_metadata(node: &Node, metadata: Metadata) -> Node {
    node.with_metadata(metadata)
}

/// Length of a file's content.
pub fn content_size(content: &Content) -> u64 {
    match content {
        Content::Bytes(bytes) => bytes.len() as u64,
        Content::Synthetic { size, .. } => *size,
    }
}

/// What `stat` gives as a size.
pub fn node_size(node: &Node) -> u64 {
    match node {
        Node::File(f) => content_size(&f.content),
        Node::Symlink(l) => l.target.len() as u64,
        Node::Directory(_) => 4096,
        Node::Special(_) => 0,
    }
}

/// Whether `ids` may do `access` to a node with this metadata.
pub fn permits(ids: &Ids, metadata: &Metadata, access: Access, is_directory: bool) -> bool {
    if ids.is_root() {
        return access != Access::Execute || is_directory || metadata.mode & 0o111 != 0;
    }
    let shift = match () {
        () if metadata.uid == ids.uid => 6,
        () if ids.in_group(metadata.gid) => 3,
        () => 0,
    };
    metadata.mode >> shift & access as u32 != 0
}

impl System {
    /// The mount that `path` (real, absolute) lies in: its target.
    fn mount_of(&self, path: &ImagePath) -> Option<(&ImagePath, &Mount)> {
        self.state.mounts.iter().filter(|(target, _)| is_within(path, target)).max_by_key(|(target, _)| target.as_str().len())
    }

    /// Whether `path` is where something is mounted.
    pub fn is_mount_point(&self, path: &ImagePath) -> bool {
        self.state.mounts.contains_key(path)
    }

    /// A number that tells file systems apart: 0 the root's, else the mount's.
    pub fn device(&self, path: &ImagePath) -> usize {
        self.mount_of(path).and_then(|(target, _)| self.state.mounts.keys().position(|t| t == target)).map_or(0, |i| i + 1)
    }

    /// The node at a real path (no component but the last may be a symbolic link).
    pub fn node(&self, path: &ImagePath) -> Option<Node> {
        match self.mount_of(path) {
            Some((target, mount)) => mount.tree.get(&inside(mount, target, path)).cloned(),
            None => self.state.root.get(path).cloned(),
        }
    }

    /// Puts a node at a real path or removes it. The parent must be a directory.
    fn put(&mut self, path: &ImagePath, node: Option<Node>) -> Result<(), Errno> {
        if !self.burn(1) {
            return Err(Errno::NoSpace);
        }
        let place = self.mount_of(path).map(|(target, mount)| (target.clone(), inside(mount, target, path)));
        let (tree, inner) = match &place {
            Some((target, inner)) => match self.state.mounts.get_mut(target) {
                Some(mount) if mount.readonly => return Err(Errno::ReadOnly),
                Some(mount) => (&mut mount.tree, inner),
                None => return Err(Errno::NoEntry),
            },
            None => (&mut self.state.root, path),
        };
        *tree = match node {
            Some(node) => tree.insert(inner, node)?,
            None => tree.remove(inner)?,
        };
        Ok(())
    }

    /// Fails if the file system of `path` cannot be written.
    fn writable(&self, path: &ImagePath) -> Result<(), Errno> {
        match self.mount_of(path) {
            Some((_, mount)) if mount.readonly => Err(Errno::ReadOnly),
            _ => Ok(()),
        }
    }

    /// The real path of `path` seen from `cwd`. The last component need not exist.
    pub fn resolve(&self, ids: &Ids, cwd: &ImagePath, path: &str, last: Last) -> Result<ImagePath, Errno> {
        if path.is_empty() {
            return Err(Errno::NoEntry);
        }
        if path.len() > 4096 {
            return Err(Errno::NameTooLong);
        }
        let mut here = if path.starts_with('/') { ImagePath::root() } else { cwd.clone() };
        let mut todo: Vec<String> = path.split('/').rev().filter(|p| !p.is_empty() && *p != ".").map(str::to_owned).collect();
        let must_be_directory = path.ends_with('/') || path.ends_with("/.");
        let mut links = 0;
        while let Some(name) = todo.pop() {
            match self.node(&here) {
                Some(Node::Directory(d)) if permits(ids, &d.metadata, Access::Execute, true) => {}
                Some(Node::Directory(_)) => return Err(Errno::AccessDenied),
                Some(_) => return Err(Errno::NotADirectory),
                None => return Err(Errno::NoEntry),
            }
            if name == ".." {
                here = here.parent().unwrap_or(here);
                continue;
            }
            if name.len() > MAX_NAME {
                return Err(Errno::NameTooLong);
            }
            let next = here.join(&name);
            let is_last = todo.is_empty();
            match self.node(&next) {
                Some(Node::Symlink(link)) if !is_last || last == Last::Follow || must_be_directory => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Errno::TooManyLinks);
                    }
                    if link.target.starts_with('/') {
                        here = ImagePath::root();
                    }
                    todo.extend(link.target.split('/').rev().filter(|p| !p.is_empty() && *p != ".").map(str::to_owned));
                }
                Some(Node::Directory(_)) => here = next,
                Some(_) if is_last && !must_be_directory => here = next,
                Some(_) => return Err(Errno::NotADirectory),
                None if is_last => {
                    self.miss(path, next.clone());
                    here = next;
                }
                None => {
                    let rest = todo.iter().rev().fold(next, |place, name| place.join(name));
                    self.miss(path, rest);
                    return Err(Errno::NoEntry);
                }
            }
        }
        Ok(here)
    }

    /// `stat` and `lstat`: the real path and the node.
    pub fn stat(&self, ids: &Ids, cwd: &ImagePath, path: &str, last: Last) -> Result<(ImagePath, Node), Errno> {
        let real = self.resolve(ids, cwd, path, last)?;
        let node = self.node(&real).ok_or(Errno::NoEntry)?;
        Ok((real, node))
    }

    /// Tells what a path was wanted for, if it was not there.
    pub fn sought_in_vain(&self, error: Errno, sought: Sought) {
        if error == Errno::NoEntry {
            self.sought(sought);
        }
    }

    /// Fails unless `ids` may add or remove names in the directory of `path`.
    fn may_change_parent(&self, ids: &Ids, path: &ImagePath) -> Result<(), Errno> {
        let parent = path.parent().ok_or(Errno::Busy)?;
        match self.node(&parent) {
            Some(Node::Directory(d)) => {
                self.writable(&parent)?;
                if permits(ids, &d.metadata, Access::Write, true) { Ok(()) } else { Err(Errno::AccessDenied) }
            }
            Some(_) => Err(Errno::NotADirectory),
            None => Err(Errno::NoEntry),
        }
    }

    /// Sets the time of the directory that `path` is in.
    fn touch_parent(&mut self, path: &ImagePath) {
        let now = self.now;
        if let Some((parent, node)) = path.parent().and_then(|p| self.node(&p).map(|n| (p, n))) {
            let metadata = Metadata { mtime: now, ..metadata(&node).clone() };
            // The root of a file system is not in its own tree's parent; a time that cannot be kept matters to nobody.
            let _ = self.put(&parent, Some(with_metadata(&node, metadata)));
        }
    }

    /// Adds a new name. Nothing may be there.
    pub fn create(&mut self, ids: &Ids, path: &ImagePath, node: Node) -> Result<(), Errno> {
        if self.node(path).is_some() {
            return Err(Errno::Exists);
        }
        self.may_change_parent(ids, path)?;
        let node = self.inherit_group(path, node);
        self.put(path, Some(node))?;
        self.touch_parent(path);
        Ok(())
    }

    /// In a directory with the setgid bit new files get its group, new directories the bit too.
    fn inherit_group(&self, path: &ImagePath, node: Node) -> Node {
        match path.parent().and_then(|p| self.node(&p)) {
            Some(Node::Directory(d)) if d.metadata.mode & 0o2000 != 0 => {
                let mut metadata = metadata(&node).clone();
                metadata.gid = d.metadata.gid;
                if matches!(node, Node::Directory(_)) {
                    metadata.mode |= 0o2000;
                }
                with_metadata(&node, metadata)
            }
            _ => node,
        }
    }

    /// Replaces what is at `path` without asking for permissions, on all its names if it is a hard link of this RUN.
    pub fn replace(&mut self, path: &ImagePath, node: Node) -> Result<(), Errno> {
        self.writable(path)?;
        let mut node = node;
        if let Node::File(file) = &mut node
            && let Some(link) = file.link
        {
            if link < self.first_own_link {
                Arc::make_mut(file).link = None;
            } else {
                for other in self.names_of(link) {
                    self.put(&other, Some(node.clone()))?;
                }
                return Ok(());
            }
        }
        self.put(path, Some(node))
    }

    /// All names of a hard link in the root file system.
    pub fn names_of(&self, link: u64) -> Vec<ImagePath> {
        self.state.root.names(link).iter().cloned().collect()
    }

    /// How many names a node has, as `stat` counts.
    pub fn link_count(&self, node: &Node) -> usize {
        match node {
            Node::Directory(d) => 2 + d.entries.values().filter(|n| matches!(n, Node::Directory(_))).count(),
            Node::File(f) => f.link.map_or(1, |link| self.names_of(link).len().max(1)),
            _ => 1,
        }
    }

    /// Opens for writing: the real path, after creating or checking.
    pub fn open_write(&mut self, ids: &Ids, cwd: &ImagePath, path: &str, mode: u32, truncate: bool) -> Result<ImagePath, Errno> {
        let real = self.resolve(ids, cwd, path, Last::Follow)?;
        match self.node(&real) {
            None if path.ends_with('/') => return Err(Errno::IsADirectory),
            None => {
                let mode = written(ids, mode);
                let metadata = Metadata { mode, uid: ids.uid, gid: ids.gid, mtime: self.now, xattrs: None };
                self.create(ids, &real, file(metadata, Vec::new()))?;
            }
            Some(Node::Directory(_)) => return Err(Errno::IsADirectory),
            Some(Node::File(f)) => {
                self.writable(&real)?;
                if !permits(ids, &f.metadata, Access::Write, false) {
                    return Err(Errno::AccessDenied);
                }
                let mode = written(ids, f.metadata.mode);
                if mode != f.metadata.mode {
                    self.replace(&real, Node::File(f.clone()).with_metadata(Metadata { mode, ..f.metadata.clone() }))?;
                }
                if truncate {
                    self.store(&real, Content::Bytes(Arc::from([])))?;
                }
            }
            Some(other) if !permits(ids, metadata(&other), Access::Write, false) => return Err(Errno::AccessDenied),
            Some(_) => {}
        }
        Ok(real)
    }

    /// Gives the file at a real path new content and the present time. Nothing happens if it is gone.
    pub fn store(&mut self, path: &ImagePath, content: Content) -> Result<(), Errno> {
        if let Some(Node::File(f)) = self.node(path) {
            if let Content::Bytes(bytes) = &content
                && !self.burn_bytes(bytes.len() as u64 / 4)
            {
                return Err(Errno::NoSpace);
            }
            let metadata = Metadata { mtime: self.now, ..f.metadata.clone() };
            self.replace(path, Node::File(Arc::new(File { metadata, content, link: f.link })))?;
        }
        Ok(())
    }

    /// Reads a file's content.
    pub fn content(&self, ids: &Ids, cwd: &ImagePath, path: &str) -> Result<Content, Errno> {
        match self.stat(ids, cwd, path, Last::Follow).inspect_err(|error| self.sought_in_vain(*error, Sought::File))?.1 {
            Node::Directory(_) => Err(Errno::IsADirectory),
            Node::File(f) if permits(ids, &f.metadata, Access::Read, false) => Ok(f.content.clone()),
            Node::File(_) => Err(Errno::AccessDenied),
            _ => Ok(Content::Bytes(Arc::from([]))),
        }
    }

    /// The names in a directory, in byte order.
    pub fn list(&self, ids: &Ids, cwd: &ImagePath, path: &str) -> Result<Vec<String>, Errno> {
        match self.stat(ids, cwd, path, Last::Follow).inspect_err(|error| self.sought_in_vain(*error, Sought::Folder))?.1 {
            Node::Directory(d) if permits(ids, &d.metadata, Access::Read, true) => Ok(d.entries.keys().map(|k| k.to_string()).collect()),
            Node::Directory(_) => Err(Errno::AccessDenied),
            _ => Err(Errno::NotADirectory),
        }
    }

    /// `mkdir`.
    pub fn mkdir(&mut self, ids: &Ids, cwd: &ImagePath, path: &str, mode: u32) -> Result<(), Errno> {
        let path = trim_slashes(path);
        let real = self.resolve(ids, cwd, path, Last::Keep)?;
        let metadata = Metadata { mode, uid: ids.uid, gid: ids.gid, mtime: self.now, xattrs: None };
        self.create(ids, &real, directory(metadata))
    }

    /// `symlink`.
    pub fn symlink(&mut self, ids: &Ids, cwd: &ImagePath, target: &str, path: &str) -> Result<(), Errno> {
        if target.is_empty() {
            return Err(Errno::NoEntry);
        }
        let real = self.resolve(ids, cwd, path, Last::Keep)?;
        let metadata = Metadata { mode: 0o777, uid: ids.uid, gid: ids.gid, mtime: self.now, xattrs: None };
        self.create(ids, &real, Node::Symlink(Arc::new(Symlink { metadata, target: target.into() })))
    }

    /// `link`: another name for a file. Both names must lie in one file system.
    pub fn link(&mut self, ids: &Ids, cwd: &ImagePath, old: &str, new: &str) -> Result<(), Errno> {
        let (source, node) = self.stat(ids, cwd, old, Last::Keep)?;
        let target = self.resolve(ids, cwd, new, Last::Keep)?;
        if self.node(&target).is_some() {
            return Err(Errno::Exists);
        }
        if self.device(&source) != self.device(&target) {
            return Err(Errno::CrossDevice);
        }
        // As `fs.protected_hardlinks` asks: of another's file only what one may read and write, and no setuid program.
        let m = node.metadata();
        let own = ids.is_root() || m.uid == ids.uid;
        let plain = node.as_file().is_some() && m.mode & 0o4000 == 0 && m.mode & 0o2010 != 0o2010;
        let safe = plain && [Access::Read, Access::Write].into_iter().all(|a| permits(ids, m, a, false));
        if !(own || safe) {
            return Err(Errno::NotPermitted);
        }
        let node = match node {
            Node::Directory(_) => return Err(Errno::NotPermitted),
            Node::File(f) => {
                self.may_change_parent(ids, &target)?;
                let number = match f.link {
                    Some(n) if n >= self.first_own_link => n,
                    _ => {
                        self.state.next_link += 1;
                        self.state.next_link - 1
                    }
                };
                let shared = Node::File(Arc::new(File { link: Some(number), ..(*f).clone() }));
                if f.link != Some(number) {
                    self.put(&source, Some(shared.clone()))?;
                }
                shared
            }
            other => other,
        };
        self.may_change_parent(ids, &target)?;
        self.put(&target, Some(node))?;
        self.touch_parent(&target);
        Ok(())
    }

    /// Whether the sticky bit of the directory keeps `ids` from removing `path`.
    fn sticky_denies(&self, ids: &Ids, path: &ImagePath, node: &Node) -> bool {
        match path.parent().and_then(|p| self.node(&p)) {
            Some(Node::Directory(d)) => {
                d.metadata.mode & 0o1000 != 0 && !ids.is_root() && d.metadata.uid != ids.uid && metadata(node).uid != ids.uid
            }
            _ => false,
        }
    }

    /// `unlink` and `rmdir` in one: removes a name; a directory must be empty.
    pub fn unlink(&mut self, ids: &Ids, path: &ImagePath) -> Result<(), Errno> {
        let node = self.node(path).ok_or(Errno::NoEntry)?;
        self.may_change_parent(ids, path)?;
        if self.is_mount_point(path) {
            return Err(Errno::Busy);
        }
        if self.sticky_denies(ids, path, &node) {
            return Err(Errno::NotPermitted);
        }
        if matches!(&node, Node::Directory(d) if !d.entries.is_empty()) {
            return Err(Errno::NotEmpty);
        }
        self.put(path, None)?;
        self.touch_parent(path);
        Ok(())
    }

    /// `rename` of real paths.
    pub fn rename(&mut self, ids: &Ids, from: &ImagePath, to: &ImagePath) -> Result<(), Errno> {
        let node = self.node(from).ok_or(Errno::NoEntry)?;
        if from == to {
            return Ok(());
        }
        if is_within(to, from) {
            return Err(Errno::InvalidArgument);
        }
        if self.is_mount_point(from) || self.is_mount_point(to) {
            return Err(Errno::Busy);
        }
        if self.device(from) != self.device(to) {
            return Err(Errno::CrossDevice);
        }
        self.may_change_parent(ids, from)?;
        self.may_change_parent(ids, to)?;
        if self.sticky_denies(ids, from, &node) {
            return Err(Errno::NotPermitted);
        }
        match (&node, self.node(to)) {
            (Node::Directory(_), Some(Node::Directory(d))) if !d.entries.is_empty() => return Err(Errno::NotEmpty),
            (Node::Directory(_), Some(Node::Directory(_))) | (_, None) => {}
            (Node::Directory(_), Some(_)) => return Err(Errno::NotADirectory),
            (_, Some(Node::Directory(_))) => return Err(Errno::IsADirectory),
            (Node::File(a), Some(Node::File(b))) if a.link.is_some() && a.link == b.link => return Ok(()),
            (_, Some(old)) if self.sticky_denies(ids, to, &old) => return Err(Errno::NotPermitted),
            _ => {}
        }
        self.put(from, None)?;
        self.put(to, Some(node))?;
        self.touch_parent(from);
        self.touch_parent(to);
        Ok(())
    }

    /// `chmod` of a real path.
    pub fn chmod(&mut self, ids: &Ids, path: &ImagePath, mode: u32) -> Result<(), Errno> {
        let node = self.node(path).ok_or(Errno::NoEntry)?;
        let old = metadata(&node).clone();
        self.writable(path)?;
        if !ids.is_root() && old.uid != ids.uid {
            return Err(Errno::NotPermitted);
        }
        if old.mode == mode & 0o7777 {
            return Ok(());
        }
        self.replace(path, with_metadata(&node, Metadata { mode: mode & 0o7777, ..old }))
    }

    /// `chown` of a real path; `None` keeps.
    pub fn chown(&mut self, ids: &Ids, path: &ImagePath, uid: Option<u32>, gid: Option<u32>) -> Result<(), Errno> {
        let node = self.node(path).ok_or(Errno::NoEntry)?;
        let old = metadata(&node).clone();
        self.writable(path)?;
        let may = ids.is_root() || (old.uid == ids.uid && uid.is_none_or(|u| u == old.uid) && gid.is_none_or(|g| ids.in_group(g)));
        if !may {
            return Err(Errno::NotPermitted);
        }
        // As the kernel does: a change of owner takes away setuid, of executables setgid too.
        let lost = if matches!(node, Node::File(_)) { if old.mode & 0o010 != 0 { 0o6000 } else { 0o4000 } } else { 0 };
        let new = Metadata { uid: uid.unwrap_or(old.uid), gid: gid.unwrap_or(old.gid), mode: old.mode & !lost, ..old.clone() };
        if new == old { Ok(()) } else { self.replace(path, with_metadata(&node, new)) }
    }

    /// `utimensat` of a real path; `None`: now.
    pub fn set_time(&mut self, ids: &Ids, path: &ImagePath, time: Option<i64>) -> Result<(), Errno> {
        let node = self.node(path).ok_or(Errno::NoEntry)?;
        let old = metadata(&node).clone();
        self.writable(path)?;
        let owner = ids.is_root() || old.uid == ids.uid;
        if !owner && time.is_some() {
            return Err(Errno::NotPermitted);
        }
        if !owner && !permits(ids, &old, Access::Write, false) {
            return Err(Errno::AccessDenied);
        }
        let mtime = time.unwrap_or(self.now);
        self.replace(path, with_metadata(&node, Metadata { mtime, ..old }))
    }
}

/// The mode of a file that `ids` write to: as the kernel does, only root leaves setuid.
fn written(ids: &Ids, mode: u32) -> u32 {
    match mode {
        _ if ids.is_root() => mode,
        _ if mode & 0o010 != 0 => mode & !0o6000,
        _ => mode & !0o4000,
    }
}

/// A regular file with one name.
pub fn file(metadata: Metadata, bytes: Vec<u8>) -> Node {
    Node::File(Arc::new(File { metadata, content: Content::Bytes(bytes.into()), link: None }))
}

/// An empty directory.
pub fn directory(metadata: Metadata) -> Node {
    Node::Directory(Arc::new(crate::filesystem::Directory { metadata, entries: Default::default() }))
}

/// Without the slashes at the end; the root stays.
pub fn trim_slashes(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && !path.is_empty() { "/" } else { trimmed }
}

fn is_within(path: &ImagePath, target: &ImagePath) -> bool {
    target.relative().is_empty() || path.as_str().strip_prefix(target.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `path` as the mounted tree knows it.
fn inside(mount: &Mount, target: &ImagePath, path: &ImagePath) -> ImagePath {
    let rest = &path.relative()[target.relative().len()..];
    ImagePath::new(&format!("{}/{rest}", mount.source))
}
