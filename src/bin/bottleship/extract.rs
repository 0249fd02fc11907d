//! Writes what a build leaves to disk.

use std::collections::BTreeMap;
use std::fs::{self, FileTimes, OpenOptions, Permissions};
use std::io::{BufWriter, Error, ErrorKind, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bottleship::docker::products::{Product, ProductContent};
use bottleship::filesystem::{Directory, File, Metadata, Node};

/// Writes one product.
pub fn write(product: &Product) -> Result<(), String> {
    let Product { dest, content } = product;
    let result = match content {
        ProductContent::Folder(tree) => {
            let root = Path::new(dest);
            fs::create_dir_all(root).and_then(|()| entries(tree.root(), root, &mut BTreeMap::new()))
        }
        _ if dest.is_empty() || dest == "-" => stream(content, std::io::stdout().lock()),
        _ => fs::File::create(dest).and_then(|file| stream(content, BufWriter::new(file))),
    };
    result.map_err(|error| format!("{dest}: {error}"))
}

fn stream(content: &ProductContent, mut out: impl Write) -> std::io::Result<()> {
    let mut result = Ok(());
    content.write(&mut |bytes| {
        if result.is_ok() {
            result = out.write_all(bytes);
        }
    });
    result.and_then(|()| out.flush())
}

fn entries(directory: &Directory, path: &Path, links: &mut BTreeMap<u64, PathBuf>) -> std::io::Result<()> {
    for (name, node) in &directory.entries {
        // An imported image may hold any name: none may lead out of the folder.
        if name.contains('/') || &**name == ".." || &**name == "." {
            return Err(Error::new(ErrorKind::InvalidInput, format!("invalid name {name:?}")));
        }
        entry(node, &path.join(&**name), links)?;
    }
    Ok(())
}

/// What was at the path goes, so that no old link is written through; a directory stays if it stays one.
fn entry(node: &Node, path: &Path, links: &mut BTreeMap<u64, PathBuf>) -> std::io::Result<()> {
    let old = fs::symlink_metadata(path).ok().map(|old| old.is_dir());
    match (old, node) {
        (Some(true), Node::Directory(_)) | (None, _) => {}
        (Some(true), _) => fs::remove_dir_all(path)?,
        (Some(false), _) => fs::remove_file(path)?,
    }
    match node {
        Node::Directory(directory) => {
            if old != Some(true) {
                fs::create_dir(path)?;
            }
            entries(directory, path, links)?;
            finish(&directory.metadata, path)
        }
        Node::File(file) => regular(file, path, links),
        Node::Symlink(link) => symlink(&*link.target, path),
        // The standard library can make neither devices nor fifos.
        Node::Special(_) => Ok(()),
    }
}

fn regular(file: &File, path: &Path, links: &mut BTreeMap<u64, PathBuf>) -> std::io::Result<()> {
    if let Some(first) = file.link.and_then(|link| links.get(&link)) {
        return fs::hard_link(first, path);
    }
    let mut out = BufWriter::new(OpenOptions::new().write(true).create_new(true).open(path)?);
    let mut result = Ok(());
    file.content.read(|bytes| {
        if result.is_ok() {
            result = out.write_all(bytes);
        }
    });
    result?;
    out.flush()?;
    links.extend(file.link.map(|link| (link, path.to_owned())));
    finish(&file.metadata, path)
}

/// Time first: what is read-only can no longer be opened.
fn finish(metadata: &Metadata, path: &Path) -> std::io::Result<()> {
    let nanoseconds = Duration::from_nanos(metadata.mtime.unsigned_abs());
    let time = if metadata.mtime < 0 { SystemTime::UNIX_EPOCH - nanoseconds } else { SystemTime::UNIX_EPOCH + nanoseconds };
    fs::File::open(path)?.set_times(FileTimes::new().set_modified(time))?;
    fs::set_permissions(path, Permissions::from_mode(metadata.mode & 0o7777))
}
