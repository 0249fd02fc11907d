//! What changed between two trees: the entries that a layer has (BuildKit's `util/overlay`, containerd's `continuity/fs`).

use crate::base::{Map, same_bytes};
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Content, ImagePath, Metadata, Node, Tree};

const NANOSECONDS: i64 = 1_000_000_000;

/// One changed path.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Where.
    pub path: ImagePath,
    /// How.
    pub kind: ChangeKind,
}

/// How a path changed.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeKind {
    /// It is new; so is everything below it.
    Added(Node),
    /// It was there and differs.
    Modified(Node),
    /// It is gone, with everything below it.
    Deleted,
}

/// The changes from `lower` to `upper` in the order of layers; the root itself is never listed. Shared subtrees cost nothing.
pub fn diff(lower: &Tree, upper: &Tree) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&ImagePath::root(), &lower.root().entries, &upper.root().entries, &mut changes);
    changes
}

/// Bytes of the files that `upper` adds to `lower` or has in place of others; an inode counts once. Shared subtrees cost nothing.
pub fn written(lower: &Tree, upper: &Tree) -> u64 {
    let mut links = BTreeSet::new();
    let mut pending = vec![(Some(lower.root()), upper.root())];
    let mut bytes = 0;
    while let Some((old, new)) = pending.pop() {
        if old.is_some_and(|old| old.entries.ptr_eq(&new.entries)) {
            continue;
        }
        for (name, node) in &new.entries {
            let before = old.and_then(|old| old.entries.get(name));
            match node {
                _ if before.is_some_and(|before| before.is_shared_with(node)) => {}
                Node::Directory(directory) => pending.push((before.and_then(Node::as_directory), directory)),
                Node::File(file) => {
                    let counts = !before.is_some_and(|before| is_same(before, node)) && file.link.is_none_or(|link| links.insert(link));
                    bytes += if counts { file.content.len() } else { 0 };
                }
                _ => {}
            }
        }
    }
    bytes
}

fn compare(at: &ImagePath, lower: &Map<Arc<str>, Node>, upper: &Map<Arc<str>, Node>, changes: &mut Vec<Change>) {
    if lower.ptr_eq(upper) {
        return;
    }
    let mut old = lower.iter().peekable();
    let mut new = upper.iter().peekable();
    loop {
        match (old.peek(), new.peek()) {
            (None, None) => return,
            (Some((name, _)), next) if next.is_none_or(|(other, _)| name < other) => {
                changes.push(Change { path: at.child(name), kind: ChangeKind::Deleted });
                old.next();
            }
            (Some((name, before)), Some((other, after))) if name == other => {
                if !before.is_shared_with(after) {
                    changed(&at.child(name), before, after, changes);
                }
                old.next();
                new.next();
            }
            (_, Some((name, node))) => {
                added(&at.child(name), node, changes);
                new.next();
            }
            (Some(_), None) => old.next().map_or((), |_| ()),
        }
    }
}

fn changed(path: &ImagePath, before: &Node, after: &Node, changes: &mut Vec<Change>) {
    if !is_same(before, after) {
        changes.push(Change { path: path.clone(), kind: ChangeKind::Modified(after.clone()) });
    }
    match (before, after) {
        (Node::Directory(before), Node::Directory(after)) => compare(path, &before.entries, &after.entries, changes),
        (_, Node::Directory(after)) => compare(path, &Map::new(), &after.entries, changes),
        _ => {}
    }
}

fn added(path: &ImagePath, node: &Node, changes: &mut Vec<Change>) {
    changes.push(Change { path: path.clone(), kind: ChangeKind::Added(node.clone()) });
    if let Node::Directory(directory) = node {
        compare(path, &Map::new(), &directory.entries, changes);
    }
}

/// Whether a layer has no entry for a path that was one and is the other now: `sameDirent`. Directories by mode and owner; the rest by mode, owner, size, time and, where times are whole seconds, content.
pub fn is_same(before: &Node, after: &Node) -> bool {
    let (old, new) = (before.metadata(), after.metadata());
    if (old.mode, old.uid, old.gid, &old.xattrs) != (new.mode, new.uid, new.gid, &new.xattrs) {
        return false;
    }
    match (before, after) {
        (Node::Directory(_), Node::Directory(_)) => true,
        (Node::File(a), Node::File(b)) => {
            a.content.len() == b.content.len() && same_time(old, new, || same_content(&a.content, &b.content))
        }
        (Node::Symlink(a), Node::Symlink(b)) => same_time(old, new, || a.target == b.target),
        (Node::Special(a), Node::Special(b)) => a.kind == b.kind && same_time(old, new, || true),
        _ => false,
    }
}

fn same_time(old: &Metadata, new: &Metadata, same_content: impl FnOnce() -> bool) -> bool {
    let (old_nanos, new_nanos) = (old.mtime.rem_euclid(NANOSECONDS), new.mtime.rem_euclid(NANOSECONDS));
    old.mtime.div_euclid(NANOSECONDS) == new.mtime.div_euclid(NANOSECONDS)
        && if old_nanos == 0 && new_nanos == 0 { same_content() } else { old_nanos == new_nanos }
}

fn same_content(a: &Content, b: &Content) -> bool {
    match (a, b) {
        (Content::Bytes(a), Content::Bytes(b)) => Arc::ptr_eq(a, b) || same_bytes(a, b),
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str, i64)]) -> Tree {
        files.iter().fold(Tree::empty(), |tree, (path, text, mtime)| {
            let path = ImagePath::new(path);
            let parent = path.parent().expect("not the root");
            let tree = tree.make_directories(&parent, &Metadata::root(0o755, 0)).expect("a directory");
            tree.insert(&path, Node::file(Metadata::root(0o644, *mtime), *text)).expect("a place")
        })
    }

    fn check(lower: &[(&str, &str, i64)], upper: &[(&str, &str, i64)], expect: &[&str]) {
        let lines: Vec<_> = diff(&tree(lower), &tree(upper))
            .into_iter()
            .map(|change| {
                let mark = match change.kind {
                    ChangeKind::Added(_) => '+',
                    ChangeKind::Modified(_) => '~',
                    ChangeKind::Deleted => '-',
                };
                format!("{mark}{}", change.path)
            })
            .collect();
        assert_eq!(lines, expect);
    }

    #[test]
    fn lists_what_changed_in_the_order_of_layers() {
        check(
            &[("/a", "1", 0), ("/b/x", "1", 0)],
            &[("/a", "2", 0), ("/b-c", "1", 0), ("/d/e", "", 0)],
            &["~/a", "-/b", "+/b-c", "+/d", "+/d/e"],
        );
        check(&[("/d/x", "1", 0)], &[("/d", "1", 0)], &["~/d"]);
        check(&[("/d", "1", 0)], &[("/d/x", "1", 0)], &["~/d", "+/d/x"]);
    }

    #[test]
    fn time_decides_before_content() {
        check(&[("/a", "1", 0)], &[("/a", "1", 0)], &[]);
        check(&[("/a", "1", 0)], &[("/a", "1", NANOSECONDS)], &["~/a"]);
        check(&[("/a", "1", 5)], &[("/a", "2", 5)], &[]);
        check(&[("/a", "1", 5)], &[("/a", "1", 6)], &["~/a"]);
    }
}
