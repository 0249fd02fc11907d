//! The copy itself: wildcards, destinations, directories into directories, links, owners and modes. `fsutil/copy/copy.go`.
//!
//! Times as on a real file system: a directory that gets a name gets the present time, a copied one its source's in the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::owner::Owner;
use super::{mode, root_path, unpack};
use crate::filesystem::{ImagePath, Metadata, Node, ParentMatch, Patterns, Tree, glob_match, has_wildcard};
use crate::plan::{FileAction, FileActionKind};

/// Copies what `action` names from `from` to `tree`.
pub(super) fn copy(tree: &mut Tree, from: &Tree, action: &FileAction, owner: Option<Owner>, now: i64) -> Result<(), String> {
    let FileActionKind::Copy {
        from: source,
        to,
        contents_only,
        unpack: may_unpack,
        wildcard,
        allow_empty_wildcard,
        create_dest_path,
        follow_symlinks,
        include,
        exclude,
        ..
    } = &action.kind
    else {
        return Ok(());
    };
    if !create_dest_path && ImagePath::new(to).parent().is_some_and(|parent| tree.lookup(&parent).is_err()) {
        return Err(format!("failed to stat {to}: no such file or directory"));
    }
    let sources = if *wildcard && has_wildcard(source) { walk_matches(from, source)? } else { vec![ImagePath::new(source)] };
    if sources.is_empty() && !allow_empty_wildcard {
        return Err(format!("{source} not found"));
    }
    let mut copier = Copier {
        tree,
        from,
        owner,
        mode: &action.mode,
        now,
        include: Patterns::new(include)?,
        exclude: Patterns::new(exclude)?,
        links: BTreeMap::new(),
        pending: Vec::new(),
    };
    for path in &sources {
        let real = if *follow_symlinks { root_path(from, path)? } else { path.clone() };
        let node = from.get(&real).ok_or_else(|| format!("lstat {path}: no such file or directory"))?;
        let bytes = if *may_unpack { unpack::bytes(node) } else { None };
        match bytes.as_deref().and_then(unpack::archive) {
            Some(archive) => {
                copier.make(&ImagePath::new(to), false)?;
                unpack::unpack(copier.tree, &archive, &root_path(copier.tree, &ImagePath::new(to))?, owner, now)?;
            }
            None => copier.one(path, &real, node, to, *contents_only)?,
        }
    }
    Ok(())
}

/// Where the wildcards of a pattern begin: what is before, links followed, and the rest component by component.
fn split<'a>(from: &Tree, pattern: &'a ImagePath) -> Result<(ImagePath, Vec<&'a str>), String> {
    let parts: Vec<&str> = pattern.components().collect();
    let fixed = parts.iter().take_while(|part| !has_wildcard(part)).count();
    let start = parts[..fixed].iter().fold(ImagePath::root(), |path, part| path.child(part));
    Ok((root_path(from, &start)?, parts[fixed..].to_vec()))
}

/// The paths that a pattern matches, as the checksum of a source sees them: `cache/contenthash`.
pub(in crate::build) fn matches(from: &Tree, pattern: &str) -> Result<Vec<ImagePath>, String> {
    let pattern = ImagePath::new(pattern);
    match split(from, &pattern) {
        Ok((start, parts)) => below(from, start, &parts),
        Err(_) => Ok(Vec::new()),
    }
}

/// The paths that a pattern matches, as the copy finds them: the folder where the wildcards begin must be there.
fn walk_matches(from: &Tree, pattern: &str) -> Result<Vec<ImagePath>, String> {
    let pattern = ImagePath::new(pattern);
    let (start, parts) = split(from, &pattern)?;
    if from.get(&start).is_none() {
        return Err(format!("lstat {start}: no such file or directory"));
    }
    below(from, start, &parts)
}

/// Go's `filepath.Match`, component by component; links to directories are matched, not entered.
fn below(from: &Tree, start: ImagePath, parts: &[&str]) -> Result<Vec<ImagePath>, String> {
    let mut found = vec![start];
    for part in parts {
        let mut next = Vec::new();
        for folder in found {
            let Some(Node::Directory(directory)) = from.get(&folder) else { continue };
            for name in directory.entries.keys() {
                if glob_match(part, name).map_err(|_| "syntax error in pattern".to_owned())? {
                    next.push(folder.child(name));
                }
            }
        }
        found = next;
    }
    Ok(found)
}

struct Copier<'a> {
    tree: &'a mut Tree,
    from: &'a Tree,
    owner: Option<Owner>,
    mode: &'a str,
    now: i64,
    include: Patterns,
    exclude: Patterns,
    /// Link numbers of the source to link numbers here.
    links: BTreeMap<u64, u64>,
    /// The source directories that are being copied: those that patterns passed over are made when something below is taken.
    pending: Vec<Pending>,
}

struct Pending {
    source: Node,
    target: ImagePath,
    made: bool,
}

/// What include and exclude patterns said of a directory.
#[derive(Default)]
struct Above {
    include: Option<ParentMatch>,
    exclude: Option<ParentMatch>,
}

impl Copier<'_> {
    fn one(&mut self, written: &ImagePath, real: &ImagePath, node: &Node, to: &str, contents_only: bool) -> Result<(), String> {
        let dest = ImagePath::new(to);
        let up = |path: &ImagePath| path.parent().unwrap_or_else(ImagePath::root);
        self.make(&if to.ends_with('/') || to.ends_with("/.") { dest.clone() } else { up(&dest) }, true)?;
        let mut target = root_path(self.tree, &dest)?;
        let existing = self.tree.get(&target).map(|node| node.as_directory().is_some());
        let is_directory = node.as_directory().is_some();
        if existing.is_some() && is_directory && !contents_only || existing == Some(true) && !is_directory {
            target = target.child(written.name());
        }
        self.make(&if is_directory && contents_only && existing.is_none() { target.clone() } else { up(&target) }, true)?;
        self.links.clear();
        self.node(real, node, "", &target, &Above::default())
    }

    /// A directory of the destination and its parents, where they are not there. `moded`: `--chmod` counts for them.
    fn make(&mut self, path: &ImagePath, moded: bool) -> Result<(), String> {
        let owner = self.owner.unwrap_or_default();
        let mode = mode::octal(self.mode).filter(|_| moded).map_or(0o755, |mode| mode & 0o777);
        let metadata = Metadata { mode, uid: owner.uid, gid: owner.gid, mtime: self.now, xattrs: None };
        super::make_directories(self.tree, path, &metadata, self.now)
    }

    /// Copies a node and what is below it. `relative`: its path below the source, which patterns are held against.
    fn node(&mut self, real: &ImagePath, node: &Node, relative: &str, target: &ImagePath, above: &Above) -> Result<(), String> {
        let is_top = relative.is_empty();
        let mut here = Above::default();
        let mut wanted = true;
        if !is_top && !self.include.is_empty() {
            let decision = self.include.decide(relative, above.include.as_ref())?;
            (wanted, here.include) = (decision.matched, Some(decision.inherited));
        }
        if !is_top && !self.exclude.is_empty() {
            let decision = self.exclude.decide(relative, above.exclude.as_ref())?;
            wanted &= !decision.matched;
            here.exclude = Some(decision.inherited);
        }
        if wanted {
            self.make_pending(!is_top)?;
        }
        let Node::Directory(directory) = node else {
            return if wanted { self.leaf(node, target) } else { Ok(()) };
        };
        let existed = self.tree.get(target).is_some();
        // All below stays as it is: the folder comes as one.
        let whole = self.include.is_empty() && self.exclude.is_empty() && self.mode.is_empty() && self.owner.is_none();
        if whole && !is_top && !existed && !self.from.has_links() {
            let grafted = self.tree.graft(target, directory.clone(), self.now);
            return grafted.map_err(|errno| format!("mkdir {target}: {}", errno.text()));
        }
        let created = wanted && self.directory(node, target, !is_top)?;
        self.pending.push(Pending { source: node.clone(), target: target.clone(), made: wanted });
        for (child, below) in &directory.entries {
            let path = if is_top { child.to_string() } else { format!("{relative}/{child}") };
            self.node(&real.child(child), below, &path, &target.child(child), &here)?;
        }
        self.pending.pop();
        if if is_top { created } else { wanted } {
            self.settle(node, target)
        } else if is_top && existed {
            let mtime = node.metadata().mtime;
            self.settled(target, |metadata| metadata.mtime = mtime)
        } else {
            Ok(())
        }
    }

    /// The directory alone; whether it is new. `overwrite`: one that is there gets the mode.
    fn directory(&mut self, node: &Node, target: &ImagePath, overwrite: bool) -> Result<bool, String> {
        match self.tree.get(target) {
            Some(Node::Directory(_)) if overwrite => {
                let mode = node.metadata().mode;
                self.settled(target, |metadata| metadata.mode = mode)?;
                Ok(false)
            }
            Some(Node::Directory(_)) => Ok(false),
            Some(_) => Err(format!("cannot copy to non-directory: {target}")),
            None => {
                let metadata = Metadata { mtime: self.now, ..self.metadata(node) };
                self.put(target, Node::directory(metadata)).map(|()| true)
            }
        }
    }

    /// The directories above that patterns passed over, with the metadata that they have in the source.
    fn make_pending(&mut self, overwrite: bool) -> Result<(), String> {
        for at in 0..self.pending.len() {
            let Some(Pending { source, target, made: false }) = self.pending.get(at) else { continue };
            let (source, target) = (source.clone(), target.clone());
            if self.directory(&source, &target, overwrite)? {
                self.settle(&source, &target)?;
            }
            self.pending[at].made = true;
        }
        Ok(())
    }

    fn leaf(&mut self, node: &Node, target: &ImagePath) -> Result<(), String> {
        if self.tree.get(target).is_some_and(|old| old.as_directory().is_some()) {
            return Err(format!("cannot replace to directory {target} with file"));
        }
        let mut node = node.with_metadata(self.metadata(node));
        if let Node::File(file) = &mut node
            && let Some(number) = file.link
        {
            let link = (self.from.names(number).len() > 1).then(|| {
                let fresh = self.tree.fresh_link();
                *self.links.entry(number).or_insert(fresh)
            });
            Arc::make_mut(file).link = link;
        }
        self.put(target, node)
    }

    fn put(&mut self, target: &ImagePath, node: Node) -> Result<(), String> {
        self.tree.set(target, node, Some(self.now)).map_err(|errno| format!("open {target}: {}", errno.text()))
    }

    /// Gives a directory the metadata of its source.
    fn settle(&mut self, node: &Node, target: &ImagePath) -> Result<(), String> {
        let metadata = self.metadata(node);
        self.settled(target, |old| *old = metadata)
    }

    fn settled(&mut self, target: &ImagePath, change: impl FnOnce(&mut Metadata)) -> Result<(), String> {
        self.tree.set_directory_metadata(target, change).map_err(|errno| format!("chmod {target}: {}", errno.text()))
    }

    fn metadata(&self, node: &Node) -> Metadata {
        let old = node.metadata();
        let is_directory = node.as_directory().is_some();
        let mode = match (mode::octal(self.mode), node) {
            (_, Node::Symlink(_)) => 0o777,
            _ if self.mode.is_empty() => old.mode,
            (Some(mode), _) => mode,
            (None, _) => mode::symbolic(self.mode, old.mode, is_directory),
        };
        let owner = self.owner.unwrap_or(Owner { uid: old.uid, gid: old.gid });
        Metadata { mode, uid: owner.uid, gid: owner.gid, mtime: old.mtime, xattrs: old.xattrs.clone() }
    }
}
