//! The project's files as a [`Client`]: what the disk is for the command line.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::Map;

use super::types::ProjectFile;
use crate::base::go::{clean_path, join_path};
use crate::base::{map_of, same_bytes};
use crate::docker::client::{Client, layout_place};
use crate::docker::command::BuildCommand;
use crate::filesystem::{Content, Directory, File, ImagePath, Metadata, Node, Symlink, Tree};
use crate::image::Image;
use crate::image::import::{self, Limits};
use crate::world::Images;

/// Files by path (relative to the project, clean), and where the terminal stands.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// By path.
    pub files: BTreeMap<String, ProjectFile>,
    /// The terminal's folder, relative to the project; empty: the project itself.
    pub cwd: String,
    /// The terminal's environment.
    pub env: BTreeMap<String, String>,
    /// The whole as it was last seen: what is still the same stays the same value.
    pub seen: RefCell<Option<Seen>>,
}

/// The project's tree.
#[derive(Debug, Clone)]
pub struct Seen {
    tree: Tree,
    /// Files that were written since; `None`: anything may have changed.
    written: Option<BTreeSet<String>>,
}

/// Bits of `mode` that say that a file is a symbolic link, as in `stat`.
const LINK: u32 = 0o120_000;

impl Project {
    /// The path inside the project that a user of the terminal means; `None`: outside of it.
    pub fn resolve(&self, path: &str) -> Option<String> {
        let full = if path.starts_with('/') { clean_path(path) } else { join_path(&format!("/{}", self.cwd), path) };
        let inside = full.strip_prefix("/project").filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(&full);
        let inside = inside.trim_matches('/');
        (!inside.starts_with("..")).then(|| inside.to_owned())
    }

    /// Whether there is a folder of this (resolved) path.
    pub fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    fn below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a ProjectFile)> {
        self.files.iter().filter_map(move |(name, file)| {
            let rest = if path.is_empty() { Some(name.as_str()) } else { name.strip_prefix(path)?.strip_prefix('/') };
            rest.map(|rest| (rest, file))
        })
    }

    /// Writes a file.
    pub fn write(&mut self, path: String, file: ProjectFile) {
        if let Some(written) = self.seen.get_mut().as_mut().and_then(|seen| seen.written.as_mut()) {
            written.insert(path.clone());
        }
        self.files.insert(path, file);
    }

    /// Takes all files out, to be changed and put back: anything may come of it.
    pub fn take(&mut self) -> BTreeMap<String, ProjectFile> {
        if let Some(seen) = self.seen.get_mut() {
            seen.written = None;
        }
        std::mem::take(&mut self.files)
    }

    /// The folder as a tree: files of root, folders 0755.
    pub fn tree(&self, path: &str) -> Tree {
        let mut seen = self.seen.borrow_mut();
        let whole = seen.take().and_then(|seen| self.updated(seen)).unwrap_or_else(|| self.whole());
        *seen = Some(Seen { tree: whole.clone(), written: Some(BTreeSet::new()) });
        match whole.get(&ImagePath::new(path)) {
            Some(Node::Directory(folder)) => Tree::from_unlinked(folder.clone()),
            _ => Tree::empty(),
        }
    }

    fn whole(&self) -> Tree {
        let mut root = Folder::default();
        self.files.iter().for_each(|(name, file)| root.insert(name, file));
        Tree::from_unlinked(root.freeze())
    }

    /// The tree as it was, with the files that are new or changed; `None`: something is gone or older, which changes times of folders.
    fn updated(&self, seen: Seen) -> Option<Tree> {
        let Seen { tree: seen, written } = seen;
        let mut kept = 0;
        let mut tree = seen.clone();
        let all = written.is_none();
        let files: Vec<(&String, &ProjectFile)> = match written {
            None => self.files.iter().collect(),
            Some(written) => written.iter().filter_map(|path| self.files.get_key_value(path)).collect(),
        };
        for (name, file) in files {
            let path = ImagePath::new(name);
            let old = seen.get(&path);
            kept += usize::from(old.is_some());
            if old.is_some_and(|old| is_same(old, file)) {
                continue;
            }
            let time = mtime(file);
            let folders: Vec<ImagePath> = std::iter::successors(path.parent(), ImagePath::parent).collect();
            for folder in folders.into_iter().rev() {
                tree = match tree.get(&folder) {
                    Some(old @ Node::Directory(_)) => {
                        let metadata = Metadata { mtime: old.metadata().mtime.max(time), ..old.metadata().clone() };
                        tree.insert(&folder, old.with_metadata(metadata)).ok()?
                    }
                    Some(_) => return None,
                    None => tree.insert(&folder, Node::directory(Metadata::root(0o755, time))).ok()?,
                };
            }
            if old.is_some_and(|old| old.as_directory().is_some() || old.metadata().mtime > time) {
                return None;
            }
            tree = tree.insert(&path, node(file)).ok()?;
        }
        (!all || kept == leaves(seen.root())).then_some(tree)
    }
}

/// How many files and links there are.
fn leaves(directory: &Directory) -> usize {
    directory.entries.values().map(|node| node.as_directory().map_or(1, |below| leaves(below))).sum()
}

/// Whether a node is what the file gives.
fn is_same(old: &Node, file: &ProjectFile) -> bool {
    let bytes = match old {
        Node::File(old) => match &old.content {
            Content::Bytes(bytes) => bytes,
            Content::Synthetic { .. } => return false,
        },
        old => return *old == node(file),
    };
    let metadata = old.metadata();
    (metadata.mode, metadata.mtime) == (mode(file), mtime(file))
        && file.mode & 0o170_000 != LINK
        && (Arc::ptr_eq(bytes, &file.bytes) || same_bytes(bytes, &file.bytes))
}

fn mode(file: &ProjectFile) -> u32 {
    if file.mode & 0o7777 == 0 { 0o644 } else { file.mode & 0o7777 }
}

fn mtime(file: &ProjectFile) -> i64 {
    (file.mtime as i64).saturating_mul(1_000_000)
}

#[derive(Default)]
struct Folder {
    folders: BTreeMap<String, Folder>,
    files: BTreeMap<String, Node>,
    mtime: i64,
}

impl Folder {
    fn insert(&mut self, path: &str, file: &ProjectFile) {
        let node = node(file);
        let mut folder = self;
        let mut rest = path;
        while let Some((first, more)) = rest.split_once('/') {
            folder.mtime = folder.mtime.max(file.mtime as i64);
            folder = folder.folders.entry(first.to_owned()).or_default();
            rest = more;
        }
        folder.mtime = folder.mtime.max(file.mtime as i64);
        folder.files.insert(rest.to_owned(), node);
    }

    fn freeze(self) -> Arc<Directory> {
        let mut entries: Map<Arc<str>, Node> = Map::new();
        for (name, node) in self.files {
            entries.insert(Arc::from(name), node);
        }
        for (name, folder) in self.folders {
            entries.insert(Arc::from(name), Node::Directory(folder.freeze()));
        }
        Arc::new(Directory { metadata: Metadata::root(0o755, self.mtime.saturating_mul(1_000_000)), entries })
    }
}

fn node(file: &ProjectFile) -> Node {
    if file.mode & 0o170_000 == LINK {
        let target = String::from_utf8_lossy(&file.bytes);
        return Node::Symlink(Arc::new(Symlink { metadata: Metadata::root(0o777, mtime(file)), target: Arc::from(&*target) }));
    }
    let metadata = Metadata::root(mode(file), mtime(file));
    Node::File(Arc::new(File { metadata, content: Content::Bytes(file.bytes.clone()), link: None }))
}

/// The project and what it can name: images built before, the catalogue.
pub struct ProjectClient<'a> {
    /// The files.
    pub project: &'a Project,
    /// How image names resolve.
    pub images: Images,
}

impl Client for ProjectClient<'_> {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.project.resolve(path).and_then(|path| self.project.files.get(&path));
        found.map(|file| file.bytes.to_vec()).ok_or_else(|| format!("open {path}: no such file or directory"))
    }

    fn read_folder(&self, path: &str) -> Result<Tree, String> {
        let inside = self.project.resolve(path).filter(|inside| self.project.is_folder(inside));
        inside.map(|inside| self.project.tree(&inside)).ok_or_else(|| format!("stat {path}: no such file or directory"))
    }

    fn read_layout(&self, place: &str) -> Result<Image, String> {
        let (path, reference) = layout_place(place);
        let missing = || format!("could not find oci-layout {place} in the project");
        let inside = self.project.resolve(path).ok_or_else(missing)?;
        if let Some(archive) = self.project.files.get(&inside) {
            return import::archive(&archive.bytes, reference, Limits::default());
        }
        let files = map_of(self.project.below(&inside).map(|(name, file)| (name.to_owned(), file.bytes.clone())));
        if files.is_empty() { Err(missing()) } else { import::layout(&files, reference, Limits::default()) }
    }

    fn stdin(&self) -> Vec<u8> {
        Vec::new()
    }

    fn unpack(&self, archive: &[u8]) -> Result<Tree, String> {
        crate::docker::client::unpack(archive)
    }

    fn env(&self) -> &BTreeMap<String, String> {
        &self.project.env
    }

    fn images(&self, _command: &BuildCommand) -> Result<Images, String> {
        Ok(self.images.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        let file = |path: &str, mode| ProjectFile { path: path.into(), bytes: b"x"[..].into(), mode, mtime: 1000.0 };
        let files = [file("Dockerfile", 0o644), file("cmd/run.sh", 0o755), file("cmd/link", LINK)];
        Project { files: files.into_iter().map(|file| (file.path.clone(), file)).collect(), ..Project::default() }
    }

    #[test]
    fn paths_are_seen_from_the_terminal() {
        let mut project = project();
        project.cwd = "cmd".into();
        assert_eq!(project.resolve("run.sh").as_deref(), Some("cmd/run.sh"));
        assert_eq!(project.resolve("../Dockerfile").as_deref(), Some("Dockerfile"));
        assert_eq!(project.resolve("/project/cmd").as_deref(), Some("cmd"));
        assert_eq!(project.resolve(".").as_deref(), Some("cmd"));
    }

    #[test]
    fn what_stays_the_same_is_the_same_value() {
        let mut project = project();
        let before = project.tree("");
        let file = |text: &str, mtime| ProjectFile { path: String::new(), bytes: text.as_bytes().into(), mode: 0o644, mtime };
        for (path, text, mtime) in
            [("new/deep/a", "1", 2000.0), ("Dockerfile", "y", 3000.0), ("new/deep/a", "2", 500.0), ("Dockerfile", "z", 3000.0)]
        {
            project.write(path.into(), file(text, mtime));
            assert_eq!(project.tree(""), project.whole(), "{path} {text}");
        }
        let cmd = ImagePath::new("cmd");
        let fresh = project.tree("");
        assert_eq!(fresh.get(&cmd), before.get(&cmd));
        project.files = project.take().into_iter().filter(|(path, _)| path != "new/deep/a").collect();
        assert_eq!(project.tree(""), project.whole());
        project.files = project.take();
        assert_eq!(project.tree("").get(&cmd), fresh.get(&cmd));
    }

    #[test]
    fn files_become_a_tree() {
        let tree = project().tree("cmd");
        assert_eq!(crate::docker::files::read(&tree, "run.sh").as_deref(), Some(&b"x"[..]));
        assert!(matches!(crate::docker::files::find(&tree, "link"), Some(Node::Symlink(_))));
        assert_eq!(tree.root().metadata.mtime, 1_000_000_000);
    }
}
