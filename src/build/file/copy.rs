//! The copy itself: wildcards, destinations, directories into directories, links, owners and modes. `fsutil/copy/copy.go`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::owner::Owner;
use super::{mode, time, unpack};
use crate::filesystem::{Errno, File, ImagePath, Metadata, Node, ParentMatch, Patterns, Tree, glob_match, has_wildcard};
use crate::plan::{FileAction, FileActionKind};

/// Copies what `action` names from `from` to `tree`.
pub(super) fn copy(tree: &Tree, from: &Tree, action: &FileAction, owner: Option<Owner>, now: i64) -> Result<Tree, String> {
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
        required_paths,
        timestamp,
        ..
    } = &action.kind
    else {
        return Ok(tree.clone());
    };
    for path in required_paths {
        if from.lookup(&ImagePath::new(path)).is_err() {
            return Err(format!("lstat {path}: no such file or directory"));
        }
    }
    if !create_dest_path && ImagePath::new(to).parent().is_some_and(|parent| tree.lookup(&parent).is_err()) {
        return Err(format!("failed to stat {to}: no such file or directory"));
    }
    let sources = if *wildcard && has_wildcard(source) { matches(from, source)? } else { vec![ImagePath::new(source)] };
    if sources.is_empty() && !allow_empty_wildcard {
        return Err(format!("{source} not found"));
    }
    let patterns = |list: &[String]| Patterns::new(list);
    let mut copier = Copier {
        tree: tree.clone(),
        from,
        owner,
        mode: &action.mode,
        mtime: timestamp.map(|_| time(*timestamp, now)),
        now,
        include: patterns(include)?,
        exclude: patterns(exclude)?,
        links: BTreeMap::new(),
    };
    for path in &sources {
        let real = from.resolve(path, *follow_symlinks).map_err(|errno| format!("lstat {path}: {}", errno.text()))?;
        let node = from.get(&real).ok_or_else(|| format!("lstat {path}: no such file or directory"))?;
        match unpack::archive(node).filter(|_| *may_unpack) {
            Some(tar) => copier.tree = unpack::unpack(&copier.tree, &tar, &ImagePath::new(to), owner, now)?,
            None => copier.one(path, &real, node, to, *contents_only)?,
        }
    }
    Ok(copier.tree)
}

/// The paths that a pattern matches; what is below a match is not looked at. Go's `filepath.Match`, component by component.
pub(in crate::build) fn matches(from: &Tree, pattern: &str) -> Result<Vec<ImagePath>, String> {
    let pattern = ImagePath::new(pattern);
    let parts: Vec<&str> = pattern.components().collect();
    let fixed = parts.iter().take_while(|part| !has_wildcard(part)).count();
    let start = parts[..fixed].iter().fold(ImagePath::root(), |path, part| path.child(part));
    let mut found = match from.resolve(&start, true) {
        Ok(real) => vec![real],
        Err(_) => return Ok(Vec::new()),
    };
    for part in &parts[fixed..] {
        let mut next = Vec::new();
        for folder in found {
            let Ok((real, Node::Directory(directory))) = from.lookup(&folder) else { continue };
            for name in directory.entries.keys() {
                if glob_match(part, name).map_err(|_| "syntax error in pattern".to_owned())? {
                    next.push(real.child(name));
                }
            }
        }
        found = next;
    }
    Ok(found)
}

struct Copier<'a> {
    tree: Tree,
    from: &'a Tree,
    owner: Option<Owner>,
    mode: &'a str,
    /// Time of the directories that are made on the way, if one is set.
    mtime: Option<i64>,
    now: i64,
    include: Patterns,
    exclude: Patterns,
    /// Link numbers of the source to link numbers here.
    links: BTreeMap<u64, u64>,
}

impl Copier<'_> {
    fn one(&mut self, written: &ImagePath, real: &ImagePath, node: &Node, to: &str, contents_only: bool) -> Result<(), String> {
        let dest = ImagePath::new(to);
        let parent = if to.ends_with('/') { dest.clone() } else { dest.parent().unwrap_or_else(ImagePath::root) };
        self.make(&parent)?;
        let text = |errno: Errno| format!("failed to lstat destination path: {}", errno.text());
        let mut target = self.tree.resolve(&dest, true).map_err(text)?;
        let existing = self.tree.get(&target).map(|node| node.as_directory().is_some());
        let is_directory = node.as_directory().is_some();
        if existing.is_some() && is_directory && !contents_only || existing == Some(true) && !is_directory {
            target = target.child(written.name());
        }
        if is_directory && contents_only && existing.is_none() {
            self.make(&target)?;
        }
        if is_directory && self.tree.get(&target).is_some_and(|node| node.as_directory().is_none()) {
            return Err(format!("cannot copy to non-directory: {target}"));
        }
        self.links.clear();
        self.node(real, node, "", &target, None, None)
    }

    /// A directory of the destination and its parents, where they are not there.
    fn make(&mut self, path: &ImagePath) -> Result<(), String> {
        let owner = self.owner.unwrap_or_default();
        let mode = mode::octal(self.mode).map_or(0o755, |mode| mode & 0o777);
        let metadata = Metadata { mode, uid: owner.uid, gid: owner.gid, mtime: self.mtime.unwrap_or(self.now), xattrs: None };
        self.tree = self.tree.make_directories(path, &metadata).map_err(|errno| format!("mkdir {path}: {}", errno.text()))?;
        Ok(())
    }

    /// Copies a node and what is below it. `relative`: its path below the source, which patterns are held against.
    fn node(
        &mut self,
        real: &ImagePath,
        node: &Node,
        relative: &str,
        target: &ImagePath,
        included: Option<&ParentMatch>,
        excluded: Option<&ParentMatch>,
    ) -> Result<(), String> {
        let (takes, include) = match self.include.is_empty() {
            true => (true, None),
            false if relative.is_empty() => (node.as_directory().is_none(), None),
            false => self.include.decide(relative, included).map(|decision| (decision.matched, Some(decision.inherited)))?,
        };
        let (leaves, exclude) = match self.exclude.is_empty() || relative.is_empty() {
            true => (false, None),
            false => self.exclude.decide(relative, excluded).map(|decision| (decision.matched, Some(decision.inherited)))?,
        };
        let wanted = takes && !leaves;
        let Node::Directory(directory) = node else {
            return if wanted { self.leaf(real, node, relative, target) } else { Ok(()) };
        };
        // All below stays as it is: the folder comes as one.
        let whole = self.include.is_empty() && self.exclude.is_empty() && self.mode.is_empty() && self.owner.is_none();
        if whole && !relative.is_empty() && !self.from.has_links() && self.tree.get(target).is_none() {
            let grafted = self.tree.graft(target, directory.clone());
            self.tree = grafted.map_err(|errno| format!("mkdir {target}: {}", errno.text()))?;
            return Ok(());
        }
        if wanted {
            self.directory(real, node, relative, target)?;
        }
        for (child, below) in &directory.entries {
            let path = if relative.is_empty() { child.to_string() } else { format!("{relative}/{child}") };
            self.node(&real.child(child), below, &path, &target.child(child), include.as_ref(), exclude.as_ref())?;
        }
        Ok(())
    }

    /// A directory: its metadata go to one that is new, and to all but the first that are there.
    fn directory(&mut self, real: &ImagePath, node: &Node, relative: &str, target: &ImagePath) -> Result<(), String> {
        let metadata = self.metadata(node);
        let node = match self.tree.get(target) {
            Some(Node::Directory(_)) if relative.is_empty() => return Ok(()),
            Some(old @ Node::Directory(_)) => old.with_metadata(metadata),
            Some(_) => return Err(format!("cannot copy to non-directory: {target}")),
            None => Node::directory(metadata),
        };
        self.parents(real, relative, target)?;
        self.put(target, node)
    }

    fn leaf(&mut self, real: &ImagePath, node: &Node, relative: &str, target: &ImagePath) -> Result<(), String> {
        if self.tree.get(target).is_some_and(|old| old.as_directory().is_some()) {
            return Err(format!("cannot replace to directory {target} with file"));
        }
        self.parents(real, relative, target)?;
        let mut node = node.with_metadata(self.metadata(node));
        if let Node::File(file) = &node {
            let link = file.link.filter(|number| self.from.names(*number).len() > 1).map(|number| {
                let fresh = self.tree.fresh_link();
                *self.links.entry(number).or_insert(fresh)
            });
            node = Node::File(Arc::new(File { link, ..(**file).clone() }));
        }
        self.put(target, node)
    }

    /// The directories above `target` that patterns passed over, with the metadata that they have in the source.
    fn parents(&mut self, real: &ImagePath, relative: &str, target: &ImagePath) -> Result<(), String> {
        let depth = relative.split('/').count();
        let above = |path: &ImagePath| std::iter::successors(path.parent(), ImagePath::parent).take(depth.saturating_sub(1));
        let missing: Vec<_> = above(target).zip(above(real)).take_while(|(path, _)| self.tree.get(path).is_none()).collect();
        for (path, source) in missing.into_iter().rev() {
            let Some(node) = self.from.get(&source) else { continue };
            let metadata = self.metadata(node);
            self.put(&path, Node::directory(metadata))?;
        }
        match target.parent().filter(|parent| self.tree.get(parent).is_none()) {
            Some(parent) => self.make(&parent),
            None => Ok(()),
        }
    }

    fn put(&mut self, target: &ImagePath, node: Node) -> Result<(), String> {
        self.tree = self.tree.insert(target, node).map_err(|errno| format!("open {target}: {}", errno.text()))?;
        Ok(())
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
