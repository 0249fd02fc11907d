//! The digest of what an operation reads: names, modes, owners, sizes, link targets and bytes, never times. BuildKit's
//! `cache/contenthash`.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::key::{Selector, cache_map};
use crate::base::{Digest, go};
use crate::build::file;
use crate::filesystem::{Content, Directory, Found, ImagePath, Memo, Node, Patterns, SpecialKind, Tree, has_wildcard};
use crate::plan::Op;

/// Why there is no digest: BuildKit's text behind `failed to calculate checksum of ref …: `.
pub type ContentError = String;

/// The digest of everything that the selectors pick.
pub fn content_digest(tree: &Tree, selectors: &[Selector], memo: &mut Memo) -> Result<Digest, ContentError> {
    let mut hasher = Sha256::new();
    for selector in selectors {
        hasher.update(selected(tree, selector, memo)?.as_bytes());
        hasher.update([0]);
    }
    Ok(Digest::from_bytes(hasher.finalize().into()))
}

/// The digest of all files of a tree, times apart.
pub fn tree_digest(tree: &Tree, memo: &mut Memo) -> Digest {
    let all = Selector::path("/".into());
    content_digest(tree, &[all], memo).unwrap_or_else(Digest::of)
}

/// What a selector takes of a tree.
pub struct Taken {
    /// The real places, links followed, with their names as written.
    tops: Vec<(ImagePath, ImagePath)>,
    named: bool,
    include: Option<Patterns>,
    exclude: Option<Patterns>,
}

impl Taken {
    /// Finds the places; the error is BuildKit's.
    pub fn new(tree: &Tree, selector: &Selector) -> Result<Self, ContentError> {
        let patterns = |list: &[String]| (!list.is_empty()).then(|| Patterns::new(list)).transpose();
        let named = selector.wildcard && has_wildcard(&selector.path);
        let places = if named { file::matches(tree, &selector.path)? } else { vec![ImagePath::new(&selector.path)] };
        let real = |place: ImagePath| match tree.resolve(&place, true) {
            Ok(real) if tree.get(&real).is_some() => Ok((real, place)),
            _ => Err(format!("{}: not found", go::quote(place.as_str()))),
        };
        for path in &selector.required {
            real(ImagePath::new(path))?;
        }
        let tops = places.into_iter().map(real).collect::<Result<_, _>>()?;
        Ok(Self { tops, named, include: patterns(&selector.include)?, exclude: patterns(&selector.exclude)? })
    }

    /// Whether a path is among what is taken.
    pub fn has(&self, path: &ImagePath) -> bool {
        self.tops.iter().any(|(top, _)| below(path, top).is_some_and(|relative| self.takes(relative).unwrap_or(true)))
    }

    /// Every node.
    fn each(&self, tree: &Tree, visit: &mut dyn FnMut(&ImagePath, &Node)) -> Result<(), ContentError> {
        for (real, _) in &self.tops {
            for (path, node) in tree.walk_from(real) {
                if self.takes(below(&path, real).unwrap_or(""))? {
                    visit(&path, node);
                }
            }
        }
        Ok(())
    }

    fn takes(&self, relative: &str) -> Result<bool, ContentError> {
        let ask = |patterns: &Option<Patterns>, without: bool| match patterns {
            Some(patterns) if !relative.is_empty() => patterns.matches(relative),
            _ => Ok(without),
        };
        Ok(ask(&self.include, true)? && !ask(&self.exclude, false)?)
    }
}

/// The rest of a path below another; empty: they are one.
fn below<'a>(path: &'a ImagePath, top: &ImagePath) -> Option<&'a str> {
    let (path, top) = (path.relative(), top.relative());
    match path.strip_prefix(top)? {
        rest if top.is_empty() || rest.is_empty() => Some(rest),
        rest => rest.strip_prefix('/'),
    }
}

fn selected(tree: &Tree, selector: &Selector, memo: &mut Memo) -> Result<Digest, ContentError> {
    let mut hasher = Sha256::new();
    let taken = Taken::new(tree, selector)?;
    let filter = [selector.include.join("\n"), selector.exclude.join("\n")].join("\0");
    let by_name = taken.named || filter != "\0";
    let mut walk = Walk { tree, taken: &taken, filter: &filter, follow: by_name, memo };
    for (real, place) in &taken.tops {
        if taken.named {
            hasher.update(place.name());
            hasher.update([0]);
        }
        let Some(node) = tree.get(real) else { continue };
        // Nobody tells BuildKit what the root is like.
        if !real.relative().is_empty() {
            header(&mut hasher, node, walk.memo);
        }
        if let Node::Directory(directory) = node {
            hasher.update(walk.folder(directory, real, "")?.as_bytes());
        }
    }
    Ok(Digest::from_bytes(hasher.finalize().into()))
}

/// On the way through what is taken.
struct Walk<'a> {
    tree: &'a Tree,
    taken: &'a Taken,
    filter: &'a str,
    /// What links lead to counts, not where they lead: so it is where patterns pick.
    follow: bool,
    memo: &'a mut Memo,
}

impl Walk<'_> {
    /// The digest of what is taken below a directory.
    fn folder(&mut self, directory: &Arc<Directory>, real: &ImagePath, at: &str) -> Result<Digest, ContentError> {
        let all = self.filter == "\0";
        let question = if all { Digest::of("content") } else { Digest::of(["content", self.filter, at].join("\0")) };
        // What a link leads to is not seen in the directory.
        if !self.follow
            && let Some(Found::Digest(digest)) = self.memo.get(directory, question)
        {
            return Ok(digest);
        }
        let mut hasher = Sha256::new();
        let mut any = false;
        for (name, node) in &directory.entries {
            let path = if all { String::new() } else { [at, name].join(if at.is_empty() { "" } else { "/" }) };
            let takes = all || self.taken.takes(&path)?;
            let below = match node {
                Node::Directory(directory) => Some(self.folder(directory, &real.child(name), &path)?),
                _ => None,
            };
            // A directory that is not taken comes along with what is taken below it.
            if !takes && below.is_none_or(|below| below == Digest::of("")) {
                continue;
            }
            any = true;
            hasher.update(name.as_bytes());
            hasher.update([0]);
            match node {
                Node::Symlink(_) if self.follow => hasher.update(self.target(&real.child(name))?.as_bytes()),
                node => header(&mut hasher, node, self.memo),
            }
            if let Some(below) = below {
                hasher.update(below.as_bytes());
            }
        }
        let digest = if any { Digest::from_bytes(hasher.finalize().into()) } else { Digest::of("") };
        if !self.follow {
            self.memo.put(directory, question, Found::Digest(digest));
        }
        Ok(digest)
    }

    /// The digest of what a link leads to.
    fn target(&mut self, link: &ImagePath) -> Result<Digest, ContentError> {
        let missing = || format!("{}: not found", go::quote(link.as_str()));
        let (real, node) = self.tree.lookup(link).map_err(|_| missing())?;
        let mut hasher = Sha256::new();
        header(&mut hasher, node, self.memo);
        if let Node::Directory(directory) = node {
            let all = Taken { tops: Vec::new(), named: false, include: None, exclude: None };
            let mut below = Walk { tree: self.tree, taken: &all, filter: "\0", follow: false, memo: &mut *self.memo };
            hasher.update(below.folder(directory, &real, "")?.as_bytes());
        }
        Ok(Digest::from_bytes(hasher.finalize().into()))
    }
}

/// Every node of one input that an operation reads by content: what COPY and ADD take, what bind mounts show.
pub fn each_read(op: &Op, inputs: usize, input: usize, tree: &Tree, visit: &mut dyn FnMut(&ImagePath, &Node)) {
    let Some(dependency) = cache_map(op, inputs).dependencies.into_iter().nth(input) else { return };
    for selector in &dependency.content {
        // A source that is not there is the build's error, not ours.
        let Ok(taken) = Taken::new(tree, selector) else { continue };
        let _ = taken.each(tree, visit);
    }
}

fn header(hasher: &mut Sha256, node: &Node, memo: &mut Memo) {
    let metadata = node.metadata();
    for number in [metadata.mode, metadata.uid, metadata.gid] {
        hasher.update(number.to_le_bytes());
    }
    for (name, value) in metadata.xattrs.iter().flat_map(|xattrs| xattrs.iter()) {
        hasher.update(name);
        hasher.update([0]);
        hasher.update(value);
    }
    match node {
        Node::Directory(_) => hasher.update(b"d"),
        Node::Symlink(link) => {
            hasher.update(b"l");
            hasher.update(link.target.as_bytes());
        }
        Node::Special(special) => {
            let (kind, major, minor) = match special.kind {
                SpecialKind::Fifo => (b'p', 0, 0),
                SpecialKind::CharDevice { major, minor } => (b'c', major, minor),
                SpecialKind::BlockDevice { major, minor } => (b'b', major, minor),
            };
            hasher.update([kind]);
            hasher.update(major.to_le_bytes());
            hasher.update(minor.to_le_bytes());
        }
        Node::File(file) => {
            hasher.update(b"f");
            hasher.update(file.content.len().to_le_bytes());
            match &file.content {
                Content::Bytes(bytes) => hasher.update(memo.fingerprint(bytes)),
                // What a modelled file is made of names its bytes: they need not be made.
                Content::Synthetic { seed, size } => {
                    hasher.update(seed.as_bytes());
                    hasher.update(size.to_le_bytes());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::Metadata;

    fn tree(files: &[(&str, &str, i64)]) -> Tree {
        files.iter().fold(Tree::empty(), |tree, (path, text, mtime)| {
            let path = ImagePath::new(path);
            let tree = tree.make_directories(&path.parent().unwrap(), &Metadata::root(0o755, *mtime)).unwrap();
            tree.insert(&path, Node::file(Metadata::root(0o644, *mtime), text.as_bytes().to_vec())).unwrap()
        })
    }

    fn digest(files: &[(&str, &str, i64)], path: &str) -> Result<Digest, String> {
        let selector = Selector { wildcard: true, exclude: vec!["*.md".into()], ..Selector::path(path.into()) };
        content_digest(&tree(files), &[selector], &mut Memo::default())
    }

    #[test]
    fn content_and_names_count_times_do_not() {
        let one = digest(&[("/d/a", "x", 1), ("/e", "", 1)], "/d");
        assert_eq!(one, digest(&[("/d/a", "x", 2), ("/e", "other", 1), ("/d/r.md", "", 0)], "/d"));
        assert_ne!(one, digest(&[("/d/a", "y", 1)], "/d"));
        assert_ne!(one, digest(&[("/d/b", "x", 1)], "/d"));
        assert_eq!(digest(&[], "/d"), Err("\"/d\": not found".into()));
    }

    #[test]
    fn wildcards_count_what_matches() {
        let one = digest(&[("/a.txt", "x", 1)], "/*.txt");
        assert_eq!(one, digest(&[("/a.txt", "x", 1), ("/b", "", 1)], "/*.txt"));
        assert_ne!(one, digest(&[("/a.txt", "x", 1), ("/b.txt", "", 1)], "/*.txt"));
    }
}
