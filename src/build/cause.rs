//! Why a step ran: what differs from the nearest result that the cache has. Never a secret's value: see [`super::facts`].

use super::cache::{Cache, CacheMap, Read, Record, Taken};
use super::evaluate::{Evaluation, Verdict};
use super::facts::{Fact, VARIABLE};
use crate::base::Digest;
use crate::filesystem::{ChangeKind, Content, Node, Tree, diff};
use crate::plan::{Op, Plan, Vertex, VertexId};

/// Why a step ran: everything that holds, its own causes before those of what it stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// Never empty.
    pub causes: Vec<Cause>,
    /// The record that it almost matched.
    pub nearest: Option<Nearest>,
}

/// A record of the cache that was compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// The step that made it.
    pub name: String,
    /// How many builds ago.
    pub builds_ago: u64,
}

/// One cause.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Cause {
    /// Nothing like it ran before.
    New,
    /// `--no-cache`, `--no-cache-filter`.
    NoCache,
    /// It ran before and failed: that leaves no result.
    Failed,
    /// Its result was removed from the cache.
    Gone,
    /// A part of the operation: what, from what, to what; `None`: it had, or has, no such part.
    Changed { what: String, from: Option<String>, to: Option<String> },
    /// A file that it reads. `more` stand behind the last one of many.
    File { change: FileChange, more: usize },
    /// Another base image.
    Base { from: String, to: String },
    /// What it stands on ran again, or is another step than `before`.
    Parent { vertex: VertexId, before: Option<String> },
}

/// A file that is not what it was.
#[derive(Debug, Clone, PartialEq)]
pub struct FileChange {
    /// `~` changed, `+` added, `-` removed.
    pub sign: char,
    /// Below the root of what is read.
    pub path: String,
    /// What differs: `content`, `mode`, `owner`, `link`, `kind`, `attributes`.
    pub what: &'static str,
    /// Before: a digest, a mode, a target; empty if there was none.
    pub from: String,
    /// Now.
    pub to: String,
}

/// Files that are listed at most.
const LISTED: usize = 12;

/// What is compared with the cache.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub plan: &'a Plan,
    pub vertex: &'a Vertex,
    pub cache: &'a Cache,
    pub facts: &'a [Fact],
    pub read: &'a [Read],
    pub map: &'a CacheMap,
    pub done: &'a [Evaluation],
    /// There is a key for it.
    pub known: bool,
    /// It failed before.
    pub failed: bool,
    /// There was a result that was not to be used, as what it stands on had to run.
    pub forced: bool,
}

/// Compares a vertex that has to run with the nearest record.
pub fn explain(case: &Case) -> Reason {
    let near = nearest(case);
    let mut causes = Vec::new();
    if case.vertex.ignore_cache {
        causes.push(Cause::NoCache);
    } else if case.failed {
        causes.push(Cause::Failed);
    } else if case.known && !case.forced {
        causes.push(Cause::Gone);
    } else if let Some((_, nearest)) = near {
        causes.extend(changed(&nearest.facts, case.facts));
        causes.extend(files(case, nearest));
        causes.extend(base(case, nearest));
    } else if !case.known {
        causes.push(Cause::New);
    }
    if causes.is_empty() {
        causes.extend(parents(case));
    } else if !matches!(causes.first(), Some(Cause::NoCache | Cause::Failed | Cause::Gone | Cause::New)) {
        causes.extend(reran(case));
    }
    if let Some((_, nearest)) = near.filter(|_| causes.is_empty()) {
        causes.extend(moved(case, nearest));
    }
    if causes.is_empty() {
        causes.push(Cause::New);
    }
    let nearest = near.map(|(_, record)| Nearest {
        name: record.name.clone(),
        builds_ago: case.cache.generation.saturating_sub(record.used.max(record.generation)),
    });
    Reason { causes, nearest }
}

/// The record of an earlier build that has most in common, if that is enough: the same parts, else the same title, else as many
/// of its parts as there are.
fn nearest<'a>(case: &Case<'a>) -> Option<(&'a Digest, &'a Record)> {
    let title = bare(&case.vertex.name);
    let here = label(&case.vertex.name);
    let kind = case.facts.first().map(|fact| &fact.0);
    let same_parts = |record: &Record| *record.facts == case.facts;
    let same_title = |record: &Record| bare(&record.name) == title;
    let shared = |record: &Record| record.facts.iter().filter(|fact| case.facts.contains(fact)).count();
    let parents = |record: &Record| {
        record.inputs.iter().zip(case.read).filter(|(old, new)| old.keys.iter().any(|key| new.keys.contains(key))).count()
    };
    let stands_here = |record: &Record| label(&record.name) == here || parents(record) > 0;
    let is_earlier = |record: &Record| record.generation < case.cache.generation && record.facts.first().map(|fact| &fact.0) == kind;
    let best = |is_near: &dyn Fn(&Record) -> bool| {
        let candidates = case.cache.records.iter().filter(|(_, record)| is_earlier(record) && is_near(record));
        candidates.max_by_key(|(_, record)| (shared(record) + 4 * parents(record), record.used.max(record.generation)))
    };
    // Counting what is shared takes a while: it is the last that is asked.
    best(&|record| same_parts(record) && (same_title(record) || stands_here(record)))
        .or_else(|| best(&same_title))
        .or_else(|| best(&|record| stands_here(record) && shared(record) * 2 >= case.facts.len()))
}

/// `[stage 1/2`: the place of a step.
fn label(name: &str) -> &str {
    name.split_once(']').map_or("", |(label, _)| label)
}

/// The name without `[stage 1/2] `.
pub fn bare(name: &str) -> &str {
    name.split_once("] ").filter(|_| name.starts_with('[')).map_or(name, |(_, title)| title)
}

fn is_source(plan: &Plan, id: VertexId) -> bool {
    plan.vertices.get(id).is_none_or(|input| matches!(input.op, Op::Local(_) | Op::Image(_) | Op::Remote(_)))
}

/// Inputs that ran, by definition first: what counts by content ran for nothing if its content is the same.
fn reran(case: &Case) -> Option<Cause> {
    let ran = |id: &VertexId| !is_source(case.plan, *id) && case.done.get(*id).is_some_and(|input| input.verdict == Verdict::Ran);
    let by_content = |index: usize| case.map.dependencies.get(index).is_some_and(|dependency| dependency.slow.is_some());
    let inputs = || case.vertex.inputs.iter().copied().enumerate();
    let found = inputs().find(|(index, id)| ran(id) && !by_content(*index));
    found.map(|(_, vertex)| Cause::Parent { vertex, before: None })
}

fn parents(case: &Case) -> Option<Cause> {
    reran(case).or_else(|| {
        let ran = |id: &&VertexId| !is_source(case.plan, **id) && case.done.get(**id).is_some_and(|input| input.verdict == Verdict::Ran);
        case.vertex.inputs.iter().find(ran).map(|id| Cause::Parent { vertex: *id, before: None })
    })
}

/// Every part that differs; of a command only the text, not its number of words too.
fn changed(old: &[Fact], new: &[Fact]) -> Vec<Cause> {
    let value = |facts: &[Fact], what: &str| facts.iter().find(|fact| fact.0 == what).map(|fact| fact.1.clone());
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in new.iter().chain(old) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut causes: Vec<Cause> = Vec::new();
    for what in names {
        let (from, to) = (value(old, what), value(new, what));
        let told = what == "arguments" && !causes.is_empty();
        let is_default = |side: &Option<String>| side.as_ref().is_none_or(|text| text.is_empty() || text == "no");
        // A part that is not there is one that says nothing; of variables the empty one is one.
        let nothing = !what.starts_with(VARIABLE) && is_default(&from) && is_default(&to);
        if from != to && !told && !nothing {
            causes.push(Cause::Changed { what: what.clone(), from, to });
        }
    }
    causes
}

/// What differs in the files that count by content.
fn files(case: &Case, nearest: &Record) -> Vec<Cause> {
    let mut changes = Vec::new();
    for (index, dependency) in case.map.dependencies.iter().enumerate() {
        let tree = |reads: &[Read]| reads.get(index).and_then(|read| read.tree.clone());
        let (Some(new), Some(old)) = (tree(case.read), tree(&nearest.inputs)) else { continue };
        for selector in &dependency.content {
            if let (Ok(before), Ok(after)) = (Taken::new(&old, selector), Taken::new(&new, selector)) {
                for change in file_changes(&old, &new, &before, &after) {
                    if !changes.contains(&change) {
                        changes.push(change);
                    }
                }
            }
        }
    }
    let more = changes.len().saturating_sub(LISTED);
    changes.truncate(LISTED);
    let last = changes.len();
    changes.into_iter().enumerate().map(|(at, change)| Cause::File { change, more: if at + 1 == last { more } else { 0 } }).collect()
}

fn file_changes(old: &Tree, new: &Tree, before: &Taken, after: &Taken) -> Vec<FileChange> {
    let mut changes = Vec::new();
    for change in diff(old, new) {
        if !before.has(&change.path) && !after.has(&change.path) {
            continue;
        }
        let (was, is) = (old.get(&change.path), new.get(&change.path));
        let sign = match change.kind {
            ChangeKind::Added(_) => '+',
            ChangeKind::Deleted => '-',
            ChangeKind::Modified(_) => '~',
        };
        let Some((what, from, to)) = difference(was, is) else { continue };
        changes.push(FileChange { sign, path: change.path.relative().to_owned(), what, from, to });
    }
    changes
}

/// The first thing that differs between two nodes and counts; a time alone does not.
fn difference(old: Option<&Node>, new: Option<&Node>) -> Option<(&'static str, String, String)> {
    let text = |node: Option<&Node>| node.map(content).unwrap_or_default();
    let (Some(before), Some(after)) = (old, new) else { return Some(("content", text(old), text(new))) };
    let (was, is) = (before.metadata(), after.metadata());
    let sides = |what, from, to| (from != to).then_some((what, from, to));
    let kind = |node: &Node| {
        match node {
            Node::Directory(_) => "directory",
            Node::File(_) => "file",
            Node::Symlink(_) => "link",
            Node::Special(_) => "device",
        }
        .to_owned()
    };
    let owner = |metadata: &crate::filesystem::Metadata| format!("{}:{}", metadata.uid, metadata.gid);
    sides("kind", kind(before), kind(after))
        .or_else(|| sides(if matches!(after, Node::Symlink(_)) { "link" } else { "content" }, content(before), content(after)))
        .or_else(|| sides("mode", format!("{:04o}", was.mode), format!("{:04o}", is.mode)))
        .or_else(|| sides("owner", owner(was), owner(is)))
        .or_else(|| (was.xattrs != is.xattrs).then(|| ("attributes", String::new(), String::new())))
}

/// The digest of a file, the target of a link.
fn content(node: &Node) -> String {
    match node {
        Node::File(file) => match &file.content {
            Content::Bytes(bytes) => Digest::of(bytes).to_string(),
            Content::Synthetic { seed, size } => format!("{seed} ({size} bytes)"),
        },
        Node::Symlink(link) => link.target.to_string(),
        Node::Special(special) => format!("{:?}", special.kind),
        Node::Directory(_) => String::new(),
    }
}

/// Another base image at the same place.
fn base(case: &Case, nearest: &Record) -> Option<Cause> {
    let image = |facts: &[Fact]| facts.iter().find(|fact| fact.0 == "image").map(|fact| fact.1.clone());
    case.vertex.inputs.iter().enumerate().find_map(|(index, id)| {
        let Op::Image(source) = &case.plan.vertices.get(*id)?.op else { return None };
        let (old, new) = (nearest.inputs.get(index)?, case.read.get(index)?);
        if old.keys.iter().any(|key| new.keys.contains(key)) {
            return None;
        }
        let from = old.keys.iter().find_map(|key| image(&case.cache.records.get(key)?.facts)).unwrap_or_default();
        Some(Cause::Base { from, to: source.reference.clone() })
    })
}

/// An input that is another step than that of the nearest record.
fn moved(case: &Case, nearest: &Record) -> Option<Cause> {
    case.vertex.inputs.iter().enumerate().find_map(|(index, vertex)| {
        let old = &nearest.inputs.get(index)?.keys;
        let same = old.iter().any(|key| case.read.get(index).is_some_and(|read| read.keys.contains(key)));
        let before = old.iter().find_map(|key| Some(case.cache.records.get(key)?.name.clone()));
        (!same && case.map.dependencies.get(index)?.slow.is_none()).then_some(Cause::Parent { vertex: *vertex, before })
    })
}
