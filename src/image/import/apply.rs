//! A layer's tar onto the tree below it: whiteouts, hard links, nothing outside of the root. containerd's `archive.Apply`.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use super::Limits;
use crate::filesystem::{Errno, ImagePath, Metadata, Node, Special, SpecialKind, Tree};

/// A tree with a layer applied.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The tree.
    pub tree: Tree,
    /// Sum of the sizes of the layer's files in bytes.
    pub size: u64,
}

/// Applies an uncompressed layer.
pub fn apply_layer(lower: &Tree, tar: &[u8], limits: Limits) -> Result<Applied, String> {
    let mut applied = Applied { tree: lower.clone(), size: 0 };
    let mut archive = ::tar::Archive::new(tar);
    let entries = archive.entries().map_err(|e| format!("no layer: {e}"))?;
    for (count, entry) in entries.enumerate() {
        if count >= limits.entries {
            return Err(format!("the layer has more than {} entries", limits.entries));
        }
        let mut entry = entry.map_err(|e| format!("broken layer: {e}"))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = place(&name, limits)?;
        one(&mut applied, &mut entry, &path, limits).map_err(|e| format!("layer entry `{name}`: {e}"))?;
    }
    Ok(applied)
}

/// Where an entry goes; names that leave the root are refused.
fn place(name: &str, limits: Limits) -> Result<ImagePath, String> {
    if name.contains('\0') || name.split('/').any(|part| part == "..") {
        return Err(format!("layer entry `{name}` leads out of the root"));
    }
    let path = ImagePath::new(name);
    match path.components().count() > limits.depth {
        true => Err(format!("layer entry `{name}` is nested more than {} deep", limits.depth)),
        false => Ok(path),
    }
}

fn one<R: Read>(applied: &mut Applied, entry: &mut ::tar::Entry<'_, R>, path: &ImagePath, limits: Limits) -> Result<(), String> {
    let text = |errno: Errno| errno.text().to_owned();
    if path.parent().is_none() {
        return Ok(());
    }
    let folder = path.parent().unwrap_or_else(ImagePath::root);
    let tree = with_parents(&applied.tree, &folder).map_err(text)?;
    applied.tree = match path.name() {
        ".wh..wh..opq" => {
            let empty = tree.get(&folder).map(|node| Node::directory(node.metadata().clone())).ok_or("no such directory")?;
            tree.insert(&folder, empty).map_err(text)?
        }
        name => match name.strip_prefix(".wh.") {
            Some(hidden) if !hidden.is_empty() => {
                let hidden = folder.child(hidden);
                if tree.get(&hidden).is_some() { tree.remove(&hidden).map_err(text)? } else { tree }
            }
            _ => put(&tree, entry, path, &mut applied.size, limits)?,
        },
    };
    Ok(())
}

/// The directories above an entry; a link or file in the way is replaced, never followed.
fn with_parents(tree: &Tree, folder: &ImagePath) -> Result<Tree, Errno> {
    let mut tree = tree.clone();
    let mut here = ImagePath::root();
    for name in folder.components() {
        here = here.child(name);
        if !matches!(tree.get(&here), Some(Node::Directory(_))) {
            tree = tree.insert(&here, Node::directory(Metadata::root(0o755, 0)))?;
        }
    }
    Ok(tree)
}

fn put<R: Read>(tree: &Tree, entry: &mut ::tar::Entry<'_, R>, path: &ImagePath, size: &mut u64, limits: Limits) -> Result<Tree, String> {
    let text = |errno: Errno| errno.text().to_owned();
    let metadata = metadata(entry)?;
    let kind = entry.header().entry_type();
    let link = entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned()).unwrap_or_default();
    let node = match kind {
        ::tar::EntryType::Directory => match tree.get(path) {
            Some(old @ Node::Directory(_)) => old.with_metadata(metadata),
            _ => Node::directory(metadata),
        },
        ::tar::EntryType::Symlink => Node::symlink(metadata, &link),
        ::tar::EntryType::Link => {
            let existing = place(&link, limits)?;
            if existing == *path {
                return Ok(tree.clone());
            }
            let cleared = if tree.get(path).is_some() { tree.remove(path).map_err(text)? } else { tree.clone() };
            return cleared.link(&existing, path).map_err(|e| format!("hard link to `{link}`: {}", e.text()));
        }
        ::tar::EntryType::Fifo => special(metadata, SpecialKind::Fifo),
        ::tar::EntryType::Char | ::tar::EntryType::Block => {
            let number = |device: std::io::Result<Option<u32>>| device.ok().flatten().unwrap_or(0);
            let (major, minor) = (number(entry.header().device_major()), number(entry.header().device_minor()));
            let is_char = kind == ::tar::EntryType::Char;
            special(metadata, if is_char { SpecialKind::CharDevice { major, minor } } else { SpecialKind::BlockDevice { major, minor } })
        }
        ::tar::EntryType::Regular | ::tar::EntryType::Continuous | ::tar::EntryType::GNUSparse => {
            let mut bytes = Vec::new();
            entry.take(limits.blob_bytes).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
            *size += bytes.len() as u64;
            Node::file(metadata, bytes)
        }
        _ => return Ok(tree.clone()),
    };
    tree.insert(path, node).map_err(text)
}

fn special(metadata: Metadata, kind: SpecialKind) -> Node {
    Node::Special(Arc::new(Special { metadata, kind }))
}

fn metadata<R: Read>(entry: &mut ::tar::Entry<'_, R>) -> Result<Metadata, String> {
    let header = entry.header();
    let number = |value: std::io::Result<u64>| u32::try_from(value.map_err(|e| e.to_string())?).map_err(|e| e.to_string());
    let (mode, uid, gid) = (header.mode().map_err(|e| e.to_string())? & 0o7777, number(header.uid())?, number(header.gid())?);
    let seconds = i64::try_from(header.mtime().unwrap_or(0)).unwrap_or(0);
    let mut metadata = Metadata { mode, uid, gid, mtime: seconds.saturating_mul(1_000_000_000), xattrs: None };
    let mut attributes = BTreeMap::new();
    if let Ok(Some(records)) = entry.pax_extensions() {
        for record in records.flatten() {
            let value = String::from_utf8_lossy(record.value_bytes());
            match record.key().unwrap_or_default() {
                "uid" => metadata.uid = value.parse().map_err(|_| "bad uid")?,
                "gid" => metadata.gid = value.parse().map_err(|_| "bad gid")?,
                key => {
                    if let Some(name) = key.strip_prefix("SCHILY.xattr.") {
                        attributes.insert(name.to_owned(), record.value_bytes().to_vec());
                    }
                }
            }
        }
    }
    metadata.xattrs = (!attributes.is_empty()).then(|| Arc::new(attributes));
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::tar::{END, Entry, EntryKind, header};

    fn tar(entries: &[(&str, EntryKind)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, kind) in entries {
            out.extend(header(&Entry { name: (*name).into(), kind: kind.clone(), mode: 0o755, ..Entry::default() }));
        }
        out.extend(END);
        out
    }

    fn check(entries: &[(&str, EntryKind)], expect: Result<&[&str], &str>) {
        let lower =
            apply_layer(&Tree::empty(), &tar(&[("old/", EntryKind::Directory), ("old/f", FILE)]), Limits::default()).expect("a layer").tree;
        let found = apply_layer(&lower, &tar(entries), Limits { entries: 4, ..Limits::default() });
        let paths = found.map(|applied| applied.tree.walk().map(|(path, _)| path.to_string()).collect::<Vec<_>>());
        assert_eq!(paths, expect.map(|paths| paths.iter().map(|path| (*path).to_owned()).collect()).map_err(str::to_owned));
    }

    const FILE: EntryKind = EntryKind::File { size: 0 };

    #[test]
    fn whiteouts_hide() {
        check(&[("old/.wh.f", FILE)], Ok(&["/old"]));
        check(&[(".wh.old", FILE), ("new", FILE)], Ok(&["/new"]));
        check(&[("old/.wh..wh..opq", FILE), ("old/g", FILE)], Ok(&["/old", "/old/g"]));
    }

    #[test]
    fn hostile_entries_are_refused() {
        check(&[("../x", FILE)], Err("layer entry `../x` leads out of the root"));
        check(&[("x", EntryKind::HardLink("nothing".into()))], Err("layer entry `x`: hard link to `nothing`: no such file or directory"));
        check(&[("x", FILE), ("x", FILE), ("x", FILE), ("x", FILE), ("x", FILE)], Err("the layer has more than 4 entries"));
        check(&[("old", EntryKind::Symlink("/".into())), ("old/x", FILE)], Ok(&["/old", "/old/x"]));
    }
}
