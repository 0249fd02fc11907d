//! COPY: fsutil's `copy.Copy`, from one tree into another. Archives are not unpacked here.

use std::collections::BTreeMap;

use super::disk::{Disk, Made, failed, root_path};
use super::mode::Mode;
use crate::base::go::{base_name, clean_path};
use crate::filesystem::{Errno, File, ImagePath, Metadata, Node, ParentMatch, Patterns, Tree, glob_match, has_wildcard};
use std::sync::Arc;

/// How to copy.
pub(super) struct Rules {
    pub owner: Option<(u32, u32)>,
    pub mode: Mode,
    pub time: Option<i64>,
    pub contents_only: bool,
    pub include: Option<Patterns>,
    pub exclude: Option<Patterns>,
}

/// The places that `from` names: itself, or what its wildcards match; a matched directory is not searched further.
pub(in crate::build) fn resolve_wildcards(source: &Tree, from: &str) -> Result<Vec<String>, String> {
    let clean = clean_path(&format!("/{from}"));
    let parts: Vec<&str> = clean.split('/').filter(|part| !part.is_empty()).collect();
    let Some(first) = parts.iter().position(|part| has_wildcard(part)) else { return Ok(vec![clean]) };
    let base = root_path(source, &parts[..first].join("/"))?;
    source.get(&base).ok_or_else(|| failed("lstat", &base, Errno::NoEntry))?;
    let pattern = parts[first..].join("/");
    let mut out: Vec<String> = Vec::new();
    let skip = if base == ImagePath::root() { 1 } else { base.as_str().len() + 1 };
    let mut inside: Option<String> = None;
    for (path, node) in source.walk_from(&base).skip(1) {
        if inside.as_ref().is_some_and(|top| path.as_str().starts_with(top.as_str())) {
            continue;
        }
        if glob_match(&pattern, path.as_str().get(skip..).unwrap_or("")) == Ok(true) {
            out.push(path.to_string());
            inside = node.as_directory().map(|_| format!("{path}/"));
        }
    }
    Ok(out)
}

/// Copies one place of `source` to `to`.
pub(super) fn copy(disk: &mut Disk, source: &Tree, from: &str, to: &str, rules: &Rules) -> Result<(), String> {
    let made = Made { owner: rules.owner, mode: rules.mode.of_parents(), time: rules.time.unwrap_or(disk.now) };
    let folder = match to.rfind('/') {
        Some(at) if !matches!(&to[at + 1..], "" | ".") => &to[..=at],
        _ => to,
    };
    let folder = root_path(&disk.tree, folder)?;
    disk.make_all(&folder, made)?;
    let mut target = root_path(&disk.tree, &clean_path(to))?;
    let place = root_path(source, from)?;
    let node = source.get(&place).ok_or_else(|| failed("lstat", &place, Errno::NoEntry))?;
    let from_directory = node.as_directory().is_some();
    let existing = disk.tree.get(&target).map(|node| node.as_directory().is_some());
    if !rules.contents_only && from_directory && existing.is_some() || !from_directory && existing == Some(true) {
        target = target.join(base_name(from).trim_start_matches('/'));
    }
    let needed = if rules.contents_only && from_directory && existing.is_none() { Some(target.clone()) } else { target.parent() };
    if let Some(needed) = needed {
        disk.make_all(&needed, made)?;
    }
    let mut copier = Copier { disk, rules, inodes: BTreeMap::new(), parents: Vec::new() };
    copier.node(node, "", &target, None)
}

struct Copier<'a> {
    disk: &'a mut Disk,
    rules: &'a Rules,
    inodes: BTreeMap<u64, ImagePath>,
    /// Directories above, and whether they have been made: with patterns only once something below is let in.
    parents: Vec<(Node, ImagePath, bool)>,
}

impl Copier<'_> {
    fn node(&mut self, node: &Node, path: &str, target: &ImagePath, above: Option<&(ParentMatch, ParentMatch)>) -> Result<(), String> {
        if self.parents.len() > 1000 {
            return Err(failed("open", target, Errno::NameTooLong));
        }
        let mut include = true;
        let mut matches = (ParentMatch::default(), ParentMatch::default());
        if !path.is_empty() {
            if let Some(patterns) = &self.rules.include {
                let answer = patterns.decide(path, above.map(|pair| &pair.0))?;
                (include, matches.0) = (answer.matched, answer.inherited);
            }
            if let Some(patterns) = &self.rules.exclude {
                let answer = patterns.decide(path, above.map(|pair| &pair.1))?;
                include &= !answer.matched;
                matches.1 = answer.inherited;
            }
        }
        if include {
            for at in 0..self.parents.len() {
                let (node, place, made) = self.parents[at].clone();
                if !made && self.directory(&node, &place)? {
                    self.describe(&node, &place)?;
                }
                self.parents[at].2 = true;
            }
        }
        let Some(directory) = node.as_directory() else {
            return if include { self.file(node, target) } else { Ok(()) };
        };
        let top = path.is_empty();
        let created = include && self.directory(node, target)?;
        if include && (created || !top) {
            self.describe(node, target)?;
        }
        self.parents.push((node.clone(), target.clone(), include));
        for (name, child) in &directory.entries {
            let below = if top { name.to_string() } else { format!("{path}/{name}") };
            self.node(child, &below, &target.child(name), if top { None } else { Some(&matches) })?;
        }
        self.parents.pop();
        Ok(())
    }

    /// Makes the directory; whether it is new.
    fn directory(&mut self, node: &Node, target: &ImagePath) -> Result<bool, String> {
        match self.disk.tree.get(target) {
            Some(Node::Directory(_)) => Ok(false),
            Some(_) => Err(format!("cannot copy to non-directory: {target}")),
            None => self.disk.put(target, Node::directory(self.metadata(node))).map(|()| true),
        }
    }

    fn describe(&mut self, node: &Node, target: &ImagePath) -> Result<(), String> {
        let Some(there) = self.disk.tree.get(target) else { return Ok(()) };
        self.disk.put(target, there.with_metadata(self.metadata(node)))
    }

    fn file(&mut self, node: &Node, target: &ImagePath) -> Result<(), String> {
        match self.disk.tree.get(target) {
            Some(Node::Directory(_)) => return Err(format!("cannot replace to directory {target} with file")),
            Some(_) => self.disk.tree = self.disk.tree.remove(target).map_err(|errno| failed("remove", target, errno))?,
            None => {}
        }
        let new = node.with_metadata(self.metadata(node));
        let Node::File(file) = &new else { return self.disk.put(target, new) };
        if let Some(first) = file.link.and_then(|number| self.inodes.get(&number)) {
            self.disk.tree = self.disk.tree.link(first, target).map_err(|errno| failed("link", target, errno))?;
            return Ok(());
        }
        if let Some(number) = file.link {
            self.inodes.insert(number, target.clone());
        }
        // Numbers of links belong to the tree they come from.
        self.disk.put(target, Node::File(Arc::new(File { link: None, ..(**file).clone() })))
    }

    fn metadata(&self, node: &Node) -> Metadata {
        let old = node.metadata();
        let (uid, gid) = self.rules.owner.unwrap_or((old.uid, old.gid));
        let is_link = matches!(node, Node::Symlink(_));
        let mode = if is_link { old.mode } else { self.rules.mode.apply(old.mode, node.as_directory().is_some()) };
        Metadata { mode, uid, gid, mtime: self.rules.time.unwrap_or(old.mtime), xattrs: old.xattrs.clone() }
    }
}
