//! Filesystems to look at: any step of a build, any layer of an image, the project itself; alone, or two side by side.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::playground::Playground;
use super::types::mirror;
use crate::filesystem::{ImagePath, Node, SpecialKind, Tree};
use crate::image::Image;
use crate::report::content::{self, excerpt};
use crate::report::snapshot::{self, Difference, Mark, Row, Tally};
use crate::report::written_by;

mirror! {
    /// Which filesystem is meant: `{ build, step }` after that step; `{ image, layer }` up to and with that layer (from 0);
    /// `{ image }` all of it; `{ image, layer: -1 }` the empty one below its first layer; `{}` the project's files.
    pub struct Snapshot { pub build: Option<u32>, pub step: Option<u32>, pub image: Option<String>, pub layer: Option<i32> }

    /// What became of a path.
    pub enum MarkView { Same, Added, Changed, Removed }

    /// An entry of a folder. `size`: bytes of it and all below it (before: `sizeBefore`). `files`: files and links below it.
    /// `differs`: `kind`, `content`, `target`, `mode`, `owner`, `attributes`, `time`. `added`, `changed`, `removed`: paths of it and below it.
    /// `layer`: the layer that wrote it last, for snapshots of images. `kind`: `directory`, `file`, `symlink`, `fifo`, `device`.
    pub struct EntryView {
        pub name: String, pub path: String, pub kind: String, pub mode: u32, pub uid: u32, pub gid: u32, pub size: f64, pub size_before: f64, pub files: u32, pub mtime_ms: f64,
        pub target: Option<String>, pub modelled: bool, pub mark: MarkView, pub differs: Vec<String>, pub added: u32, pub changed: u32, pub removed: u32, pub layer: Option<u32>,
    }

    /// A path that differs; of what is new or gone only the top, with the sums of all below it.
    pub struct DifferenceView { pub path: String, pub kind: String, pub mark: MarkView, pub differs: Vec<String>, pub size: f64, pub size_before: f64, pub files: u32 }

    /// Two snapshots: the first differences in the order of paths, and the sums of all of them.
    pub struct ComparisonView { pub differences: Vec<DifferenceView>, pub more: u32, pub added: u32, pub changed: u32, pub removed: u32, pub size: f64, pub size_before: f64 }

    /// A file to look at: its text, or (`text` absent) a hex dump; `more`: it is longer than what is here.
    pub struct ContentView { pub path: String, pub size: f64, pub mode: u32, pub uid: u32, pub gid: u32, pub mtime_ms: f64, pub modelled: bool, pub text: Option<String>, pub hex: String, pub more: bool }

    /// A line of two texts: its numbers (from 1) in each; absent where it is not there.
    pub struct LineView { pub before: Option<u32>, pub after: Option<u32>, pub text: String }
}

/// Differences that are told one by one.
const TOLD: usize = 2000;

impl Playground {
    /// A folder of a snapshot, held against another one if there is one: entries that are gone are among them.
    pub fn entries(&self, at: &Snapshot, against: Option<&Snapshot>, path: &str) -> Vec<EntryView> {
        let path = ImagePath::new(path);
        let Some(tree) = self.snapshot(at) else { return Vec::new() };
        let before = against.and_then(|against| self.snapshot(against));
        let image = at.image.as_deref().and_then(|name| self.store.find(name)).map(|stored| &stored.image);
        let rows = snapshot::list(before.as_ref(), &tree, &path);
        rows.iter().map(|row| entry(row, &path.child(&row.name), at, image)).collect()
    }

    /// Everything that differs from `before` to `after`.
    pub fn comparison(&self, before: &Snapshot, after: &Snapshot) -> Option<ComparisonView> {
        let differences = snapshot::compare(&self.snapshot(before)?, &self.snapshot(after)?);
        let sum = |pick: fn(&Tally) -> u64| differences.iter().map(|difference| pick(&difference.tally)).sum::<u64>() as f64;
        let count = |mark| differences.iter().filter(|difference| difference.mark == mark).count() as u32;
        Some(ComparisonView {
            more: differences.len().saturating_sub(TOLD) as u32,
            added: count(Mark::Added),
            changed: count(Mark::Changed),
            removed: count(Mark::Removed),
            size: sum(|tally| tally.after),
            size_before: sum(|tally| tally.before),
            differences: differences.iter().take(TOLD).map(difference).collect(),
        })
    }

    /// A file of a snapshot; links are not followed, a link shows where it leads.
    pub fn content(&self, at: &Snapshot, path: &str) -> Option<ContentView> {
        let tree = self.snapshot(at)?;
        let path = ImagePath::new(path);
        let node = tree.get(&path)?;
        let metadata = node.metadata();
        let (modelled, shown) = match node {
            Node::File(file) => (file.content.is_modelled(), excerpt(&file.content)),
            Node::Symlink(link) => (false, excerpt(&(&*link.target).into())),
            Node::Directory(_) | Node::Special(_) => return None,
        };
        Some(ContentView {
            path: path.relative().to_owned(),
            size: node.size() as f64,
            mode: metadata.mode,
            uid: metadata.uid,
            gid: metadata.gid,
            mtime_ms: milliseconds(metadata.mtime),
            modelled,
            text: shown.text,
            hex: shown.hex,
            more: shown.more,
        })
    }

    /// A text file of two snapshots, laid over each other; nothing if one of them is no text. What is not there has no lines.
    pub fn line_comparison(&self, before: &Snapshot, after: &Snapshot, path: &str) -> Vec<LineView> {
        let text = |at: &Snapshot| match self.content(at, path) {
            Some(content) => content.text,
            None => Some(String::new()),
        };
        let (Some(before), Some(after)) = (text(before), text(after)) else { return Vec::new() };
        let view = |line: content::Line<'_>| LineView { before: line.before, after: line.after, text: line.text.to_owned() };
        content::lines(&before, &after).into_iter().map(view).collect()
    }

    fn snapshot(&self, at: &Snapshot) -> Option<Tree> {
        if let Some(build) = at.build {
            let outcome = &self.find(build)?.simulation.outcome;
            let step = outcome.steps.get(at.step? as usize)?;
            return step.result.tree.as_deref().cloned();
        }
        let Some(name) = &at.image else { return Some(self.project.tree("")) };
        let image = &self.store.find(name)?.image;
        match at.layer {
            None => Some((*image.tree()).clone()),
            Some(layer) if layer < 0 => Some(Tree::empty()),
            Some(layer) => image.layers.get(layer.unsigned_abs() as usize).map(|layer| (*layer.tree).clone()),
        }
    }
}

fn entry(row: &Row<'_>, path: &ImagePath, at: &Snapshot, image: Option<&Image>) -> EntryView {
    let metadata = row.node.metadata();
    let upto = at.layer.map_or(usize::MAX, |layer| (layer + 1).max(0).unsigned_abs() as usize);
    EntryView {
        name: row.name.to_string(),
        path: path.relative().to_owned(),
        kind: kind(row.node).to_owned(),
        mode: metadata.mode,
        uid: metadata.uid,
        gid: metadata.gid,
        size: row.tally.after as f64,
        size_before: row.tally.before as f64,
        files: row.tally.files,
        mtime_ms: milliseconds(metadata.mtime),
        target: if let Node::Symlink(link) = row.node { Some(link.target.to_string()) } else { None },
        modelled: row.node.as_file().is_some_and(|file| file.content.is_modelled()),
        mark: mark(row.mark),
        differs: row.differs.iter().map(|what| (*what).to_owned()).collect(),
        added: row.tally.added,
        changed: row.tally.changed,
        removed: row.tally.removed,
        layer: image.and_then(|image| written_by(image.layers.get(..upto).unwrap_or(&image.layers), path)).map(|layer| layer as u32),
    }
}

fn difference(difference: &Difference) -> DifferenceView {
    DifferenceView {
        path: difference.path.relative().to_owned(),
        kind: difference.after.as_ref().or(difference.before.as_ref()).map_or("", kind).to_owned(),
        mark: mark(difference.mark),
        differs: difference.differs.iter().map(|what| (*what).to_owned()).collect(),
        size: difference.tally.after as f64,
        size_before: difference.tally.before as f64,
        files: difference.tally.files,
    }
}

fn mark(mark: Mark) -> MarkView {
    match mark {
        Mark::Same => MarkView::Same,
        Mark::Added => MarkView::Added,
        Mark::Changed => MarkView::Changed,
        Mark::Removed => MarkView::Removed,
    }
}

fn kind(node: &Node) -> &'static str {
    match node {
        Node::Directory(_) => "directory",
        Node::File(_) => "file",
        Node::Symlink(_) => "symlink",
        Node::Special(special) if special.kind == SpecialKind::Fifo => "fifo",
        Node::Special(_) => "device",
    }
}

fn milliseconds(nanoseconds: i64) -> f64 {
    nanoseconds.div_euclid(1_000_000) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::ProjectFile;

    fn built() -> Playground {
        let mut playground = Playground::new();
        let file = |path: &str, text: &str| ProjectFile { path: path.into(), bytes: text.as_bytes().into(), mode: 0o644, mtime: 0.0 };
        playground.set_project(vec![
            file("Dockerfile", "FROM scratch\nCOPY a /d/a\nCOPY b /d/a\nCOPY . /all/\n"),
            file("a", "one\ntwo\n"),
            file("b", "one\n2\n"),
            file("c.md", "note"),
            file(".dockerignore", "*.md\n"),
        ]);
        assert_eq!(playground.command("docker build -t app .", 0.0).exit_code, 0);
        playground
    }

    fn image(layer: Option<i32>) -> Snapshot {
        Snapshot { build: None, step: None, image: Some("app".into()), layer }
    }

    #[test]
    fn layers_steps_and_the_project_can_be_looked_at() {
        let playground = built();
        let layers = playground.layers("app").expect("an image");
        let made: Vec<_> = layers.layers.iter().map(|layer| (layer.instruction.as_str(), layer.wasted, layer.build.is_some())).collect();
        assert_eq!(
            made,
            [("COPY a /d/a # buildkit", 8.0, true), ("COPY b /d/a # buildkit", 0.0, true), ("COPY . /all/ # buildkit", 0.0, true)]
        );
        assert_eq!((layers.waste[0].path.as_str(), layers.waste[0].size), ("d/a", 14.0));
        let step = Snapshot { build: layers.layers[0].build, step: layers.layers[0].step, image: None, layer: None };
        let names = |entries: Vec<EntryView>| entries.into_iter().map(|entry| (entry.path, entry.mark)).collect::<Vec<_>>();
        assert_eq!(names(playground.entries(&step, None, "d")), [("d/a".into(), MarkView::Same)]);
        let root = playground.entries(&image(Some(1)), Some(&image(Some(0))), "/");
        assert_eq!(root.len(), 1);
        assert_eq!((root[0].changed, root[0].layer, root[0].size, root[0].size_before), (1, Some(0), 6.0, 8.0));
        let project = Snapshot { build: None, step: None, image: None, layer: None };
        assert_eq!(playground.content(&project, "a").and_then(|content| content.text).as_deref(), Some("one\ntwo\n"));
        let lines = playground.line_comparison(&image(Some(0)), &image(None), "d/a");
        assert_eq!(lines.iter().filter(|line| line.before.is_some() && line.after.is_some()).count(), 1);
        let comparison = playground.comparison(&image(Some(-1)), &image(None)).expect("both");
        assert_eq!((comparison.added, comparison.differences.len(), comparison.differences[0].path.as_str()), (2, 2, "all"));
    }

    #[test]
    fn contexts_are_told_of_a_line() {
        let playground = built();
        let told = playground.contexts("docker build -t app .");
        let context = &told.contexts[0];
        assert_eq!((context.name.as_str(), context.ignore_file.as_deref(), context.steps.len()), ("context", Some(".dockerignore"), 3));
        let note = context.files.iter().find(|file| file.path == "c.md").expect("the note");
        assert_eq!((note.rule_line, note.rule.as_deref(), note.steps.len()), (Some(1), Some("*.md"), 0));
        assert!(playground.contexts("docker build --nope .").error.is_some());
    }
}
