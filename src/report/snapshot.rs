//! Two snapshots of a filesystem side by side: a folder's entries with their marks, and the whole list of what differs.
//! Folders are listed one at a time, so that a large tree is never made into a large list.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::filesystem::{ChangeKind, ImagePath, Node, Tree, diff, is_same};

/// What became of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Mark {
    Same,
    Added,
    Changed,
    Removed,
}

/// What differs below a path, and how much is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tally {
    pub added: u32,
    pub changed: u32,
    pub removed: u32,
    /// Bytes of the files, before and after.
    pub before: u64,
    pub after: u64,
    /// Files and links that are there (or were, if the path is gone).
    pub files: u32,
}

/// An entry of a folder.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// Its name in the folder.
    pub name: Arc<str>,
    /// What is there now; what was there, if it is gone.
    pub node: &'a Node,
    /// Against the other snapshot.
    pub mark: Mark,
    /// In what it differs: `kind`, `content`, `target`, `mode`, `owner`, `attributes`, `time`.
    pub differs: Vec<&'static str>,
    /// It and all below it.
    pub tally: Tally,
}

/// A folder's entries (symbolic links on the way are not followed), those that are gone among them, by name. Without
/// `before` nothing is marked.
pub fn list<'a>(before: Option<&'a Tree>, after: &'a Tree, path: &ImagePath) -> Vec<Row<'a>> {
    let directory = |tree: &'a Tree| tree.get(path).and_then(Node::as_directory);
    let (old, new) = (before.and_then(directory), directory(after));
    let names: BTreeSet<&Arc<str>> = crate::base::set_of(old.iter().chain(&new).flat_map(|directory| directory.entries.keys()));
    let row = |name: &Arc<str>| {
        let (was, is) = (old.and_then(|old| old.entries.get(name)), new.and_then(|new| new.entries.get(name)));
        let was = if before.is_some() { was } else { is };
        let mut tally = Tally::default();
        count(was, is, &mut tally);
        let mark = mark(was, is);
        let differs = was.zip(is).filter(|_| mark == Mark::Changed).map(|(was, is)| differs(was, is)).unwrap_or_default();
        Some(Row { name: name.clone(), node: is.or(was)?, mark, differs, tally })
    };
    names.into_iter().filter_map(row).collect()
}

/// One path that differs; of what is gone or new only the top is told, with all that is below it in the tally.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Difference {
    pub path: ImagePath,
    pub mark: Mark,
    pub before: Option<Node>,
    pub after: Option<Node>,
    pub differs: Vec<&'static str>,
    pub tally: Tally,
}

/// Everything that differs, in the order of paths.
pub fn compare(before: &Tree, after: &Tree) -> Vec<Difference> {
    let mut out: Vec<Difference> = Vec::new();
    let mut top: Option<ImagePath> = None;
    for change in diff(before, after) {
        if top.as_ref().is_some_and(|top| change.path.is_below(top)) {
            continue;
        }
        let (was, is) = (before.get(&change.path).cloned(), after.get(&change.path).cloned());
        let mark = match change.kind {
            ChangeKind::Added(_) => Mark::Added,
            ChangeKind::Modified(_) => Mark::Changed,
            ChangeKind::Deleted => Mark::Removed,
        };
        top = (mark == Mark::Added).then(|| change.path.clone());
        let mut tally = Tally::default();
        // A folder that only changed itself tells nothing of its entries: they have rows of their own.
        let is_folder = |node: &Option<Node>| node.as_ref().is_some_and(|node| node.as_directory().is_some());
        if !(is_folder(&was) && is_folder(&is)) {
            count(was.as_ref(), is.as_ref(), &mut tally);
        }
        let differs = was.as_ref().zip(is.as_ref()).map(|(was, is)| differs(was, is)).unwrap_or_default();
        out.push(Difference { path: change.path, mark, before: was, after: is, differs, tally });
    }
    out
}

fn mark(was: Option<&Node>, is: Option<&Node>) -> Mark {
    match (was, is) {
        (None, _) => Mark::Added,
        (_, None) => Mark::Removed,
        (Some(was), Some(is)) if was.is_shared_with(is) || is_same(was, is) => Mark::Same,
        _ => Mark::Changed,
    }
}

fn differs(was: &Node, is: &Node) -> Vec<&'static str> {
    let (old, new) = (was.metadata(), is.metadata());
    let content = match (was, is) {
        (Node::File(a), Node::File(b)) => (a.content != b.content).then_some("content"),
        (Node::Symlink(a), Node::Symlink(b)) => (a.target != b.target).then_some("target"),
        (Node::Special(a), Node::Special(b)) => (a.kind != b.kind).then_some("kind"),
        (Node::Directory(_), Node::Directory(_)) => None,
        _ => Some("kind"),
    };
    let facts = [
        (old.mode != new.mode, "mode"),
        ((old.uid, old.gid) != (new.uid, new.gid), "owner"),
        (old.xattrs != new.xattrs, "attributes"),
        (old.mtime != new.mtime, "time"),
    ];
    content.into_iter().chain(facts.into_iter().filter(|fact| fact.0).map(|fact| fact.1)).collect()
}

/// Adds a path and all below it; shared parts are counted, not compared.
fn count(was: Option<&Node>, is: Option<&Node>, tally: &mut Tally) {
    let shared = was.zip(is).is_some_and(|(was, is)| was.is_shared_with(is));
    match mark(was, is) {
        Mark::Same => {}
        Mark::Added => tally.added += 1,
        Mark::Changed => tally.changed += 1,
        Mark::Removed => tally.removed += 1,
    }
    let size = |node: Option<&Node>| node.and_then(Node::as_file).map_or(0, |file| file.content.len());
    tally.before += size(was);
    tally.after += size(is);
    let entries = |node: Option<&'_ Node>| node.and_then(Node::as_directory).map(|directory| directory.entries.clone()).unwrap_or_default();
    tally.files += u32::from(is.or(was).is_some_and(|node| node.as_directory().is_none()));
    let (old, new) = (entries(was), entries(is));
    for (name, node) in &new {
        count(if shared { Some(node) } else { old.get(name) }, Some(node), tally);
    }
    for (_, node) in old.iter().filter(|(name, _)| !shared && !new.contains_key(*name)) {
        count(Some(node), None, tally);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::Metadata;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().fold(Tree::empty(), |tree, (path, text)| {
            let path = ImagePath::new(path);
            let tree = tree.make_directories(&path.parent().unwrap(), &Metadata::root(0o755, 0)).unwrap();
            tree.insert(&path, Node::file(Metadata::root(0o644, 0), *text)).unwrap()
        })
    }

    #[test]
    fn a_folder_is_listed_with_marks_and_sums() {
        let (before, after) = (tree(&[("/a/x", "1"), ("/b", "1"), ("/c/d/e", "123")]), tree(&[("/a/x", "22"), ("/b", "1"), ("/n", "")]));
        let rows: Vec<_> = list(Some(&before), &after, &ImagePath::root())
            .into_iter()
            .map(|row| {
                (row.name.to_string(), row.mark, (row.tally.added, row.tally.changed, row.tally.removed), row.tally.before, row.tally.after)
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("a".into(), Mark::Same, (0, 1, 0), 1, 2),
                ("b".into(), Mark::Same, (0, 0, 0), 1, 1),
                ("c".into(), Mark::Removed, (0, 0, 3), 3, 0),
                ("n".into(), Mark::Added, (1, 0, 0), 0, 0),
            ]
        );
        assert!(list(None, &after, &ImagePath::root()).iter().all(|row| row.mark == Mark::Same));
    }

    #[test]
    fn differences_tell_the_top_of_what_is_new_or_gone() {
        let (before, after) = (tree(&[("/a/x", "1"), ("/c/d/e", "123")]), tree(&[("/a/x", "22"), ("/n/m/o", "4444")]));
        let rows: Vec<_> = compare(&before, &after)
            .into_iter()
            .map(|row| (row.path.to_string(), row.mark, row.differs.join(" "), row.tally.before, row.tally.after))
            .collect();
        assert_eq!(
            rows,
            [
                ("/a/x".into(), Mark::Changed, "content".into(), 1, 2),
                ("/c".into(), Mark::Removed, String::new(), 3, 0),
                ("/n".into(), Mark::Added, String::new(), 0, 4),
            ]
        );
    }
}
