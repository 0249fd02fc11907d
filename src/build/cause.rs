//! Why a step ran: what differs from the nearest result that the cache has. Never a secret's value: secrets are no facts.

use std::sync::Arc;

use super::cache::{Cache, CacheMap, matches};
use super::evaluate::{Evaluation, Verdict};
use crate::base::Digest;
use crate::filesystem::{ChangeKind, ImagePath, Tree, diff};
use crate::plan::{ExecOp, FileAction, FileActionKind, MountKind, Op, Plan, Vertex, VertexId};

/// The first reason that holds.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Cause {
    /// Nothing like it ran before.
    New,
    /// `--no-cache`, `--no-cache-filter`.
    NoCache,
    /// A part of the operation: what, from what, to what.
    Changed { what: String, from: String, to: String },
    /// A file that it reads: `~` changed, `+` added, `-` removed.
    File { sign: char, path: String },
    /// What it stands on ran again, or is another step.
    Parent { vertex: VertexId },
    /// Another base image.
    Base { from: String, to: String },
    /// Its result was no longer there.
    Gone,
}

type Read = [(Vec<Digest>, Option<Arc<Tree>>)];

/// Compares a vertex that has to run with the nearest record.
pub fn explain(
    plan: &Plan,
    vertex: &Vertex,
    cache: &Cache,
    facts: &[(String, String)],
    read: &Read,
    map: &CacheMap,
    done: &[Evaluation],
) -> Cause {
    let shared = |other: &[(String, String)]| other.iter().filter(|fact| facts.contains(fact)).count();
    let title = bare(&vertex.name);
    let score = |record: &super::Record| {
        let parents = record.inputs.iter().zip(read).filter(|(old, new)| old.0.iter().any(|key| new.0.contains(key))).count();
        (usize::from(bare(&record.name) == title) * 1000 + shared(&record.facts) + 4 * parents, record.generation)
    };
    let same_kind = |record: &&super::Record| record.facts.first().map(|fact| &fact.0) == facts.first().map(|fact| &fact.0);
    let nearest = cache.records.values().filter(same_kind).filter(|record| record.generation < cache.generation).max_by_key(|r| score(r));
    let Some(nearest) = nearest.filter(|record| bare(&record.name) == title || shared(&record.facts) * 2 >= facts.len()) else {
        return parent(plan, vertex, done).unwrap_or(Cause::New);
    };
    if let Some(cause) = changed(&nearest.facts, facts) {
        return cause;
    }
    for (index, dependency) in map.dependencies.iter().enumerate() {
        let (Some(new), Some(old)) =
            (read.get(index).and_then(|read| read.1.as_ref()), nearest.inputs.get(index).and_then(|r| r.1.as_ref()))
        else {
            continue;
        };
        if let Some(cause) = dependency.content.iter().find_map(|selector| file(old, new, selector)) {
            return cause;
        }
    }
    if let Some(cause) = parent(plan, vertex, done) {
        return cause;
    }
    let moved = |(index, input): (usize, &VertexId)| {
        let same = nearest.inputs.get(index)?.0.iter().any(|key| read.get(index).is_some_and(|read| read.0.contains(key)));
        (!same && map.dependencies.get(index)?.slow.is_none()).then_some(Cause::Parent { vertex: *input })
    };
    vertex.inputs.iter().enumerate().find_map(moved).unwrap_or(Cause::Gone)
}

/// The name without `[stage 1/2] `.
pub fn bare(name: &str) -> &str {
    name.split_once("] ").filter(|_| name.starts_with('[')).map_or(name, |(_, title)| title)
}

fn parent(plan: &Plan, vertex: &Vertex, done: &[Evaluation]) -> Option<Cause> {
    let ran = |id: &&VertexId| {
        let source = plan.vertices.get(**id).is_none_or(|input| matches!(input.op, Op::Local(_) | Op::Image(_) | Op::Remote(_)));
        !source && done.get(**id).is_some_and(|input| input.verdict == Verdict::Ran)
    };
    vertex.inputs.iter().find(ran).map(|id| Cause::Parent { vertex: *id })
}

fn changed(old: &[(String, String)], new: &[(String, String)]) -> Option<Cause> {
    let value = |facts: &[(String, String)], what: &str| facts.iter().find(|fact| fact.0 == what).map(|fact| fact.1.clone());
    let differs = |what: &String| {
        let (from, to) = (value(old, what), value(new, what));
        (from != to).then(|| Cause::Changed { what: what.clone(), from: from.unwrap_or_default(), to: to.unwrap_or_default() })
    };
    new.iter().chain(old).find_map(|(what, _)| differs(what))
}

fn file(old: &Tree, new: &Tree, selector: &super::cache::Selector) -> Option<Cause> {
    let tops: Vec<ImagePath> = [old, new].iter().flat_map(|tree| matches(tree, selector).unwrap_or_default()).collect();
    let below =
        |path: &ImagePath| tops.iter().any(|top| path == top || *top == ImagePath::root() || path.as_str().starts_with(&format!("{top}/")));
    let change = diff(old, new).into_iter().find(|change| {
        // A time alone is no reason.
        let same = |node: &crate::filesystem::Node| node.with_metadata(crate::filesystem::Metadata { mtime: 0, ..node.metadata().clone() });
        below(&change.path) && {
            let (before, after) = (old.get(&change.path), new.get(&change.path));
            match (before, after) {
                (Some(before), Some(after)) if before.as_directory().is_some() && after.as_directory().is_some() => {
                    before.metadata().mode != after.metadata().mode || before.metadata().uid != after.metadata().uid
                }
                (before, after) => before.map(same) != after.map(same),
            }
        }
    })?;
    let sign = match change.kind {
        ChangeKind::Added(_) => '+',
        ChangeKind::Deleted => '-',
        _ => '~',
    };
    Some(Cause::File { sign, path: change.path.relative().to_owned() })
}

/// What an operation is made of: names and values in order. The first names the kind.
pub fn facts(op: &Op) -> Vec<(String, String)> {
    match op {
        Op::Exec(op) => exec(op),
        Op::File(op) => op.actions.iter().enumerate().flat_map(|(index, action)| file_action(index, action)).collect(),
        Op::Merge(_) => vec![("merge".into(), String::new())],
        Op::Image(_) | Op::Local(_) | Op::Remote(_) => Vec::new(),
    }
}

fn exec(op: &ExecOp) -> Vec<(String, String)> {
    let mut facts = vec![("command".to_owned(), op.args.join(" "))];
    for variable in op.env.iter() {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        facts.push((format!("variable {name}"), value.to_owned()));
    }
    facts.push(("working directory".into(), op.cwd.clone()));
    facts.push(("user".into(), op.user.clone()));
    facts.push(("network".into(), op.network.clone()));
    for mount in op.mounts.iter().filter(|mount| mount.kind != MountKind::Root) {
        let kind = match &mount.kind {
            MountKind::Root => "root".to_owned(),
            MountKind::Bind => format!("bind {}", mount.source),
            MountKind::Cache { .. } => "cache".to_owned(),
            MountKind::Tmpfs { .. } => "tmpfs".to_owned(),
            MountKind::Secret { id, .. } => format!("secret {id}"),
            MountKind::Ssh { id, .. } => format!("ssh {id}"),
        };
        facts.push((format!("mount {}", mount.target), kind));
    }
    facts
}

fn file_action(index: usize, action: &FileAction) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add =
        |what: &str, value: String| facts.push((if index == 0 { what.to_owned() } else { format!("{what} ({})", index + 1) }, value));
    match &action.kind {
        FileActionKind::Copy { from, to, include, exclude, .. } => {
            add("copy", from.clone());
            add("destination", to.clone());
            add("filter", format!("{} {}", include.join(" "), exclude.join(" ")));
        }
        FileActionKind::Mkdir { path, .. } => add("directory", path.clone()),
        FileActionKind::Mkfile { path, data, .. } => {
            add("file", path.clone());
            add("content", Digest::of(data).to_string());
        }
        FileActionKind::Rm { path, .. } => add("remove", path.clone()),
    }
    add("owner", action.owner.clone());
    add("mode", action.mode.clone());
    facts
}
