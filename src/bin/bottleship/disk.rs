//! The disk as a [`Client`]: the only place where files, standard input and the environment are read.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use bottleship::docker::client::{Client, layout_place, unpack};
use bottleship::docker::command::BuildCommand;
use bottleship::docker::listed;
use bottleship::filesystem::{Content, Directory, File, Metadata, Node, Special, SpecialKind, Symlink, Tree};
use bottleship::image::Image;
use bottleship::image::import::{Limits, archive, layout};
use bottleship::world::Images;

/// What an image from the disk may cost: more than in a page.
pub const LIMITS: Limits = Limits { bytes: 4 << 30, total: 8 << 30, entries: 2_000_000, ..Limits::DEFAULT };

/// The real files.
pub struct Disk {
    /// The environment.
    pub env: BTreeMap<String, String>,
}

impl Client for Disk {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(path).map_err(|error| format!("open {path}: {}", reason(&error)))
    }

    fn read_folder(&self, path: &str) -> Result<Tree, String> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(format!("{path}: not a directory")),
            Err(error) => return Err(format!("stat {path}: {}", reason(&error))),
        }
        let mut links = BTreeMap::new();
        directory(Path::new(path), &mut links)
            .map(|root| Tree::from_root(Arc::new(root)))
            .map_err(|error| format!("{path}: {}", reason(&error)))
    }

    fn read_layout(&self, place: &str) -> Result<Image, String> {
        let (folder, reference) = layout_place(place);
        if Path::new(folder).is_file() {
            return archive(&self.read_file(folder)?, reference, LIMITS);
        }
        let mut files: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
        for name in ["index.json", "oci-layout"] {
            files.insert(name.into(), self.read_file(&format!("{folder}/{name}"))?.into());
        }
        let blobs = Path::new(folder).join("blobs/sha256");
        for entry in fs::read_dir(&blobs).map_err(|error| format!("open {}: {}", blobs.display(), reason(&error)))?.flatten() {
            if let (Ok(name), Ok(bytes)) = (entry.file_name().into_string(), fs::read(entry.path())) {
                files.insert(format!("blobs/sha256/{name}"), bytes.into());
            }
        }
        layout(&files, reference, LIMITS)
    }

    fn stdin(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // What could be read counts: a closed standard input is an empty one.
        let _ = std::io::stdin().lock().read_to_end(&mut bytes);
        bytes
    }

    fn unpack(&self, archive: &[u8]) -> Result<Tree, String> {
        unpack(archive)
    }

    fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    fn images(&self, command: &BuildCommand) -> Result<Images, String> {
        match command.images.as_deref() {
            Some("any") => Ok(listed::any()),
            Some(file) => listed::listed(&self.read_file(file)?),
            None => Ok(Images::Store(BTreeMap::new(), Default::default())),
        }
    }
}

fn reason(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory",
        std::io::ErrorKind::PermissionDenied => "permission denied",
        std::io::ErrorKind::IsADirectory => "is a directory",
        std::io::ErrorKind::NotADirectory => "not a directory",
        _ => "input/output error",
    }
}

/// Owners become root, as for every file that a client sends. Names that are not UTF-8 are left out.
fn directory(path: &Path, links: &mut BTreeMap<(u64, u64), u64>) -> std::io::Result<Directory> {
    let mut entries = bottleship::base::Map::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if let (Ok(name), Some(node)) = (entry.file_name().into_string(), node(&entry.path(), links)?) {
            entries.insert(Arc::from(name), node);
        }
    }
    Ok(Directory { metadata: metadata(&fs::metadata(path)?), entries })
}

fn node(path: &Path, links: &mut BTreeMap<(u64, u64), u64>) -> std::io::Result<Option<Node>> {
    let found = fs::symlink_metadata(path)?;
    let kind = found.file_type();
    let metadata = metadata(&found);
    Ok(if kind.is_dir() {
        Some(Node::Directory(Arc::new(directory(path, links)?)))
    } else if kind.is_symlink() {
        let target = fs::read_link(path)?.to_string_lossy().into_owned();
        Some(Node::Symlink(Arc::new(Symlink { metadata, target: target.into() })))
    } else if kind.is_file() {
        let next = links.len() as u64 + 1;
        let link = (found.nlink() > 1).then(|| *links.entry((found.dev(), found.ino())).or_insert(next));
        Some(Node::File(Arc::new(File { metadata, content: Content::Bytes(fs::read(path)?.into()), link })))
    } else if kind.is_fifo() {
        Some(Node::Special(Arc::new(Special { metadata, kind: SpecialKind::Fifo })))
    } else {
        None
    })
}

fn metadata(found: &fs::Metadata) -> Metadata {
    Metadata::root(found.mode() & 0o7777, found.mtime() * 1_000_000_000 + found.mtime_nsec())
}
