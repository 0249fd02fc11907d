//! What becomes of every file of a build context: the ignore file's line that decides, the steps that take it, its share of
//! what is sent. Told from the plan alone: nothing is built.

use std::collections::BTreeMap;

use crate::build::each_read;
use crate::filesystem::{ImagePath, Memo, Node, Patterns, Tree, read_ignore_file, transfer};
use crate::plan::{LocalSource, Op, Plan, Request};
use crate::world::{Context, NamedContext, World};

/// A folder of the client and its files.
#[derive(Debug, Clone)]
pub struct ContextReport {
    /// `context`, or the name of `--build-context`.
    pub name: String,
    /// The ignore file that counts, if there is one.
    pub ignore_file: Option<String>,
    /// All files (links too) in the order of paths; folders are told by what they hold.
    pub files: Vec<ContextFile>,
    /// The steps that read the folder, in the order of the plan.
    pub steps: Vec<ContextStep>,
    /// What is sent.
    pub sent: Amount,
    /// What the ignore file keeps back.
    pub ignored: Amount,
    /// What no step needs, and so is not sent either.
    pub unneeded: Amount,
}

/// Files and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Amount {
    pub files: u32,
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// One file.
#[derive(Debug, Clone)]
pub struct ContextFile {
    /// Below the folder.
    pub path: ImagePath,
    /// Bytes of its content.
    pub bytes: u64,
    /// What becomes of it.
    pub fate: Fate,
    /// The last line of the ignore file that matches it (or a folder it is in): the one that decides.
    pub rule: Option<IgnoreRule>,
    /// Indexes of [`ContextReport::steps`].
    pub steps: Vec<u32>,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fate {
    Sent,
    Ignored,
    /// It might be sent, but no step of the target takes it.
    Unneeded,
}

/// A line of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreRule {
    /// Its number, from 1.
    pub line: u32,
    /// Cleaned; `!` in front if it lets in again.
    pub pattern: String,
}

/// A step that reads the folder.
#[derive(Debug, Clone)]
pub struct ContextStep {
    /// Its name in the progress.
    pub name: String,
    /// Line of its instruction.
    pub line: u32,
    /// What it takes.
    pub takes: Amount,
}

/// The folders that a plan reads, the build context first.
pub fn contexts(plan: &Plan, request: &Request, world: &World) -> Vec<ContextReport> {
    let mut out: Vec<ContextReport> = Vec::new();
    for (id, vertex) in plan.vertices.iter().enumerate() {
        let Op::Local(source) = &vertex.op else { continue };
        if let Some(tree) = folder(&source.name, world) {
            let report = report(plan, Some(id), source, tree, request);
            let place = if source.name == "context" { 0 } else { out.len() };
            out.insert(place, report);
        }
    }
    if let (Context::Local(tree), true) = (&world.context, out.iter().all(|report| report.name != "context")) {
        let exclude = rules(tree, request, true).1.into_iter().map(|rule| rule.pattern).collect();
        let unread = LocalSource { name: "context".into(), follow_paths: Vec::new(), exclude };
        out.insert(0, report(plan, None, &unread, tree, request));
    }
    out
}

fn folder<'a>(name: &str, world: &'a World) -> Option<&'a Tree> {
    match (world.named_contexts.get(name), &world.context) {
        (Some(NamedContext::Local(tree)), _) => Some(tree),
        (None, Context::Local(tree)) => Some(tree),
        _ => None,
    }
}

/// The ignore file's name and lines.
fn rules(tree: &Tree, request: &Request, is_main: bool) -> (Option<String>, Vec<IgnoreRule>) {
    let own = tree.get(&ImagePath::new("/.dockerignore")).and_then(Node::as_file).map(|file| file.content.head(u64::MAX));
    let (name, bytes) = match (&request.ignore_file, own) {
        (Some(source), _) if is_main => (source.name.to_string(), source.bytes.to_vec()),
        (_, Some(bytes)) => (".dockerignore".to_owned(), bytes.to_vec()),
        _ => return (None, Vec::new()),
    };
    let lines = read_ignore_file(&String::from_utf8_lossy(&bytes));
    (Some(name), lines.into_iter().map(|line| IgnoreRule { line: line.line, pattern: line.pattern }).collect())
}

fn report(plan: &Plan, vertex: Option<usize>, source: &LocalSource, tree: &Tree, request: &Request) -> ContextReport {
    let (ignore_file, rules) = rules(tree, request, source.name == "context");
    let nothing = Tree::empty();
    let sent =
        |follow: &[String]| transfer(tree, &source.exclude, follow, &mut Memo::default()).map_or(nothing.clone(), |transfer| transfer.tree);
    let allowed = sent(&[]);
    let follow: Vec<String> = source.follow_paths.iter().map(|path| crate::base::go::clean_path(path)).collect();
    let sent = if vertex.is_some() { sent(&follow) } else { nothing.clone() };
    let (steps, takers) = vertex.map(|vertex| readers(plan, vertex, &sent)).unwrap_or_default();
    let patterns = Patterns::new(&source.exclude).ok().filter(|patterns| !patterns.is_empty());
    let mut out = ContextReport {
        name: source.name.clone(),
        ignore_file,
        files: Vec::new(),
        steps,
        sent: Amount::default(),
        ignored: Amount::default(),
        unneeded: Amount::default(),
    };
    for (path, node) in tree.walk().filter(|(_, node)| node.as_directory().is_none()) {
        let bytes = node.as_file().map_or(0, |file| file.content.len());
        let decision = patterns.as_ref().and_then(|patterns| patterns.decide(path.relative(), None).ok());
        let rule = decision.and_then(|decision| rules.get(decision.by?).cloned());
        let fate = if sent.get(&path).is_some() {
            Fate::Sent
        } else if allowed.get(&path).is_some() {
            Fate::Unneeded
        } else {
            Fate::Ignored
        };
        match fate {
            Fate::Sent => &mut out.sent,
            Fate::Ignored => &mut out.ignored,
            Fate::Unneeded => &mut out.unneeded,
        }
        .add(bytes);
        let steps = takers.get(&path).cloned().unwrap_or_default();
        for step in &steps {
            out.steps[*step as usize].takes.add(bytes);
        }
        out.files.push(ContextFile { path, bytes, fate, rule, steps });
    }
    out
}

/// The steps that read a vertex's files, and for each file which ones. Steps of several platforms count once.
fn readers(plan: &Plan, source: usize, sent: &Tree) -> (Vec<ContextStep>, BTreeMap<ImagePath, Vec<u32>>) {
    let mut steps: Vec<ContextStep> = Vec::new();
    let mut takers: BTreeMap<ImagePath, Vec<u32>> = BTreeMap::new();
    for vertex in plan.vertices.iter().filter(|vertex| vertex.inputs.contains(&source)) {
        let line = vertex.lines.first().map_or(0, |lines| lines.start);
        if line > 0 && steps.iter().any(|step| step.line == line) {
            continue;
        }
        let index = steps.len() as u32;
        steps.push(ContextStep { name: vertex.name.clone(), line, takes: Amount::default() });
        let mut take = |path: &ImagePath, node: &Node| {
            let steps = takers.entry(path.clone()).or_default();
            if node.as_directory().is_none() && steps.last() != Some(&index) {
                steps.push(index);
            }
        };
        for (input, _) in vertex.inputs.iter().enumerate().filter(|(_, input)| **input == source) {
            each_read(&vertex.op, vertex.inputs.len(), input, sent, &mut take);
        }
    }
    (steps, takers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Source;
    use crate::filesystem::Metadata;
    use crate::plan::plan;
    use crate::world::Images;

    fn check(dockerfile: &str, files: &[(&str, &str)], expect: &str) {
        let tree = files.iter().fold(Tree::empty(), |tree, (path, text)| {
            let path = ImagePath::new(path);
            let tree = tree.make_directories(&path.parent().unwrap(), &Metadata::root(0o755, 0)).unwrap();
            tree.insert(&path, Node::file(Metadata::root(0o644, 0), *text)).unwrap()
        });
        let world = World::local(tree, Images::Store(BTreeMap::new(), Default::default()));
        let request = Request::of(Source::new("Dockerfile", dockerfile.as_bytes()));
        let plan = plan(&request, &world).plan.expect("a plan");
        let reports = contexts(&plan, &request, &world);
        let shown: Vec<String> = reports[0]
            .files
            .iter()
            .map(|file| {
                let rule = file.rule.as_ref().map_or(String::new(), |rule| format!(" {}:{}", rule.line, rule.pattern));
                format!("{} {} {:?}{rule} {:?}", file.path, file.bytes, file.fate, file.steps)
            })
            .collect();
        assert_eq!(shown.join("\n"), expect);
        let amounts = [reports[0].sent, reports[0].ignored, reports[0].unneeded];
        assert_eq!(amounts.iter().map(|amount| amount.files as usize).sum::<usize>(), files.len());
    }

    #[test]
    fn every_file_has_a_fate_a_rule_and_takers() {
        let files =
            [("/.dockerignore", "# none\n*.md\n!README.md\n"), ("/README.md", "12"), ("/notes.md", "1"), ("/src/a", "123"), ("/x", "")];
        check(
            "FROM scratch\nCOPY *.md /\nCOPY src README.md /s/\n",
            &files,
            "/.dockerignore 23 Unneeded []\n/README.md 2 Sent 3:!README.md [0, 1]\n/notes.md 1 Ignored 2:*.md []\n\
             /src/a 3 Sent [1]\n/x 0 Unneeded []",
        );
    }

    #[test]
    fn a_context_that_nobody_reads_is_told_too() {
        check("FROM scratch\nWORKDIR /w\n", &[("/a", "1")], "/a 1 Unneeded []");
    }

    #[test]
    fn mounts_read_too() {
        check(
            "FROM alpine\nRUN --mount=type=bind,source=src,target=/s ls /s\n",
            &[("/a", "1"), ("/src/b", "22")],
            "/a 1 Unneeded []\n/src/b 2 Sent [0]",
        );
    }
}
