//! What of a client's folder comes to the builder: fsutil's filter (`.dockerignore`, `FollowPaths`) and the bytes sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Directory, Found, ImagePath, Memo, Metadata, Node, ParentMatch, Patterns, Tree, glob_match, has_wildcard};
use crate::base::Digest;
use crate::base::go::join_path;

/// A folder as the builder gets it.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// What came through; every owner is root.
    pub tree: Tree,
    /// Bytes of the files' content.
    pub bytes: u64,
}

/// `context` without what `exclude` matches and, unless `follow_paths` is empty, with only what those paths need, the
/// targets of symbolic links included. The error is fsutil's text. `memo`: what was looked at before.
pub fn transfer(context: &Tree, exclude: &[String], follow_paths: &[String], memo: &mut Memo) -> Result<Transfer, String> {
    let patterns = |list: &[String]| Patterns::new(list).map_err(|error| error.to_string());
    let include = if follow_paths.is_empty() { Vec::new() } else { follow_links(context, follow_paths) };
    let mut filter = Filter {
        include: (!include.is_empty()).then(|| patterns(&include)).transpose()?,
        exclude: (!exclude.is_empty()).then(|| patterns(exclude)).transpose()?,
        question: ["transfer", &include.join("\n"), &exclude.join("\n")].join("\0"),
        memo,
    };
    let root = context.root();
    let below = filter.folder(root, &ImagePath::root(), None)?;
    let metadata = Metadata { uid: 0, gid: 0, ..root.metadata.clone() };
    let root = match below {
        // One value as long as nothing below changes, so that what was worked out of it is found again.
        Some(directory) if directory.metadata == metadata => directory,
        below => Arc::new(Directory { metadata, entries: below.map(|directory| directory.entries.clone()).unwrap_or_default() }),
    };
    let tree = if context.has_links() { Tree::from_root(root) } else { Tree::from_unlinked(root) };
    Ok(Transfer { bytes: tree.size(), tree })
}

struct Filter<'a> {
    include: Option<Patterns>,
    exclude: Option<Patterns>,
    /// Both lists as one text.
    question: String,
    memo: &'a mut Memo,
}

/// For each list: whether it matched, and what is inherited below.
struct Verdict {
    include: (bool, ParentMatch),
    exclude: (bool, ParentMatch),
}

impl Verdict {
    fn kept(&self) -> bool {
        self.include.0 && !self.exclude.0
    }
}

impl Filter<'_> {
    /// What is kept of a directory; `None`: nothing below it. One of which all is kept stays the same value.
    fn folder(&mut self, directory: &Arc<Directory>, at: &ImagePath, above: Option<&Verdict>) -> Result<Option<Arc<Directory>>, String> {
        let question = Digest::of([self.question.as_str(), at.as_str()].join("\0"));
        if let Some(Found::Directory(found)) = self.memo.get(directory, question) {
            return Ok(found);
        }
        let mut entries = directory.entries.clone();
        for (name, node) in &directory.entries {
            let path = at.child(name);
            let verdict = self.verdict(&path, above)?;
            let sent = match node {
                Node::Directory(_) if self.can_skip(&path, &verdict) => None,
                Node::Directory(below) => match self.folder(below, &path, Some(&verdict))? {
                    None if verdict.kept() && below.entries.is_empty() => Some(as_sent(node)),
                    None if verdict.kept() => Some(as_sent(&Node::directory(below.metadata.clone()))),
                    below => below.map(|below| as_sent(&Node::Directory(below))),
                },
                node => verdict.kept().then(|| as_sent(node)),
            };
            match sent {
                None => drop(entries.remove(name)),
                Some(sent) if sent.is_shared_with(node) => {}
                Some(sent) => drop(entries.insert(name.clone(), sent)),
            }
        }
        let kept = match entries.is_empty() {
            true => None,
            false if entries.ptr_eq(&directory.entries) => Some(directory.clone()),
            false => Some(Arc::new(Directory { metadata: directory.metadata.clone(), entries })),
        };
        self.memo.put(directory, question, Found::Directory(kept.clone()));
        Ok(kept)
    }

    fn verdict(&self, path: &ImagePath, above: Option<&Verdict>) -> Result<Verdict, String> {
        let ask = |patterns: &Option<Patterns>, inherited: Option<&ParentMatch>, without| match patterns {
            None => Ok((without, ParentMatch::default())),
            Some(patterns) => patterns.decide(path.relative(), inherited).map(|answer| (answer.matched, answer.inherited)),
        };
        Ok(Verdict {
            include: ask(&self.include, above.map(|above| &above.include.1), true)?,
            exclude: ask(&self.exclude, above.map(|above| &above.exclude.1), false)?,
        })
    }

    /// Whether nothing below a directory can get in: fsutil's shortcuts, which decide what an exception can reach.
    fn can_skip(&self, path: &ImagePath, verdict: &Verdict) -> bool {
        let hopeless = |patterns: &Option<Patterns>, exclusion| {
            let Some(patterns) = patterns else { return false };
            let mut list = patterns.list().iter().filter(|pattern| pattern.exclusion == exclusion);
            let plain = |text: &str| !text.contains(['*', '[', ']', '?', '^', '\\']);
            list.clone().all(|pattern| plain(pattern.without_trailing_glob()))
                && !list.any(|pattern| format!("{}/", pattern.without_trailing_glob()).starts_with(&format!("{}/", path.relative())))
        };
        !verdict.include.0 && hopeless(&self.include, false) || verdict.exclude.0 && hopeless(&self.exclude, true)
    }
}

/// The node as the builder gets it: root's.
fn as_sent(node: &Node) -> Node {
    match node.metadata() {
        Metadata { uid: 0, gid: 0, .. } => node.clone(),
        metadata => node.with_metadata(Metadata { uid: 0, gid: 0, ..metadata.clone() }),
    }
}

/// `paths` and what the symbolic links on them lead to, as patterns; none if the root is among them: all is sent.
fn follow_links(tree: &Tree, paths: &[String]) -> Vec<String> {
    let mut found = BTreeSet::new();
    paths.iter().for_each(|path| follow(tree, path, &mut found, 0));
    let mut out: Vec<String> = Vec::new();
    for path in found {
        if path == "." {
            return Vec::new();
        }
        if !out.last().is_some_and(|last| path.starts_with(&format!("{last}/"))) {
            out.push(path);
        }
    }
    out
}

fn follow(tree: &Tree, path: &str, found: &mut BTreeSet<String>, depth: usize) {
    let mut here = ".".to_owned();
    let mut rest = path;
    loop {
        let (name, after) = rest.split_once('/').unwrap_or((rest, ""));
        here = join_path(&here, if name.is_empty() { "." } else { name });
        let targets = targets(tree, &here);
        rest = after;
        if rest.is_empty() || !targets.is_empty() {
            // Invariant: each place is followed once, so loops of links end.
            if !found.insert(here.clone()) || depth > 255 {
                return;
            }
            return targets.iter().for_each(|target| follow(tree, &join_path(target, rest), found, depth + 1));
        }
    }
}

/// Where the links at `path` lead; its last name may hold wildcards.
fn targets(tree: &Tree, path: &str) -> Vec<String> {
    let place = ImagePath::new(path);
    let Some(parent) = place.parent() else { return Vec::new() };
    if !has_wildcard(place.name()) {
        return tree.get(&place).and_then(|node| target(&parent, node)).into_iter().collect();
    }
    let Some(directory) = tree.get(&parent).and_then(Node::as_directory) else { return Vec::new() };
    let matching = directory.entries.iter().filter(|(name, _)| glob_match(place.name(), name) == Ok(true));
    matching.filter_map(|(_, node)| target(&parent, node)).collect()
}

fn target(parent: &ImagePath, node: &Node) -> Option<String> {
    let Node::Symlink(link) = node else { return None };
    Some(parent.join(&link.target).relative().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], exclude: &[&str], follow: &[&str], expect: &[&str]) {
        let tree = files.iter().fold(Tree::empty(), |tree, spec| {
            let (path, target) = spec.split_once("->").map_or((*spec, None), |(path, target)| (path, Some(target)));
            let path = ImagePath::new(path);
            let metadata = Metadata { uid: 7, ..Metadata::root(0o644, 0) };
            let tree = tree.make_directories(&path.parent().unwrap(), &Metadata::root(0o755, 0)).unwrap();
            let node = target.map_or_else(|| Node::file(metadata.clone(), "xy"), |to| Node::symlink(metadata.clone(), to));
            tree.insert(&path, node).unwrap()
        });
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let got = transfer(&tree, &owned(exclude), &owned(follow), &mut Memo::default()).unwrap();
        let paths: Vec<_> = got.tree.walk().map(|(path, _)| path.relative().to_owned()).collect();
        assert_eq!(paths, expect);
        assert!(got.tree.walk().all(|(_, node)| node.metadata().uid == 0));
    }

    #[test]
    fn excluded_directories_come_along_with_what_is_let_in_below() {
        let files = ["docs/public/index.html", "docs/x", "docs/api/a.md", "src/a"];
        check(&files, &["docs", "!docs/public/index.html"], &[], &["docs", "docs/public", "docs/public/index.html", "src", "src/a"]);
        check(&files, &["**", "!**/*.md"], &[], &["docs", "docs/api", "docs/api/a.md"]);
    }

    #[test]
    fn only_what_is_needed_is_sent() {
        let files = ["a/b", "a/c", "d", "l->a/b", "e/f"];
        check(&files, &[], &["a/b"], &["a", "a/b"]);
        check(&files, &[], &["l"], &["a", "a/b", "l"]);
        check(&files, &["a"], &["/"], &["d", "e", "e/f", "l"]);
        check(&files, &[], &["[de]"], &["d", "e", "e/f"]);
        check(&files, &[], &["none"], &[]);
    }

    #[test]
    fn loops_of_links_end() {
        check(&["x->y", "y->x"], &[], &["x/z"], &["x", "y"]);
    }
}
