//! A layer's tar onto the tree below it: whiteouts, hard links, nothing outside of the root. containerd's `archive.Apply`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Limits;
use crate::filesystem::{Content, Errno, ImagePath, Metadata, Node, Special, SpecialKind, Tree};
use crate::image::tar_reader::{Member, Reader};

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
    let mut layer = Layering { tree: lower.clone(), size: 0, own: BTreeSet::new(), specials: 0, hidden: 0, limits };
    for (count, member) in Reader::new(tar, limits.bytes).enumerate() {
        if count >= limits.entries {
            return Err(format!("the layer has more than {} entries", limits.entries));
        }
        let member = member.map_err(|error| format!("broken layer: {error}"))?;
        layer.one(&member).map_err(|error| format!("layer entry `{}`: {error}", member.name))?;
    }
    Ok(Applied { tree: layer.tree, size: layer.size })
}

/// Times that an archive's limit of entries may be looked through for opaque directories.
const OPAQUE: usize = 8;
/// Bytes of a link's target, as Linux has it.
const MAX_TARGET: usize = 4095;

struct Layering {
    tree: Tree,
    size: u64,
    /// What this layer has brought: an opaque directory keeps it.
    own: BTreeSet<ImagePath>,
    specials: usize,
    /// Nodes that opaque directories were looked through for.
    hidden: usize,
    limits: Limits,
}

impl Layering {
    fn one(&mut self, member: &Member<'_>) -> Result<(), String> {
        let text = |errno: Errno| errno.text().to_owned();
        let written = self.place(&member.name)?;
        let Some(parent) = written.parent() else { return Ok(()) };
        let folder = self.folder(&parent)?;
        match written.name().strip_prefix(".wh.") {
            Some(".wh..opq") => self.opaque(&folder),
            Some(hidden) if !hidden.is_empty() => {
                let hidden = folder.child(hidden);
                if self.tree.get(&hidden).is_some() { self.tree.unset(&hidden, None).map_err(text) } else { Ok(()) }
            }
            _ => {
                let path = folder.child(written.name());
                self.put(member, &path)?;
                self.own.insert(path);
                Ok(())
            }
        }
    }

    /// Where an entry goes; names that leave the root are refused.
    fn place(&self, name: &str) -> Result<ImagePath, String> {
        if name.contains('\0') || name.split('/').any(|part| part == "..") {
            return Err("leads out of the root".into());
        }
        let path = ImagePath::new(name);
        match path.components().count() > self.limits.depth {
            true => Err(format!("nested more than {} deep", self.limits.depth)),
            false => Ok(path),
        }
    }

    /// The directory above an entry, links followed inside of the root, made if it is not there.
    fn folder(&mut self, path: &ImagePath) -> Result<ImagePath, String> {
        if let Some(Node::Directory(_)) = self.tree.get(path) {
            return Ok(path.clone());
        }
        self.tree.set_directories(path, &Metadata::root(0o755, 0), None).map_err(|errno| errno.text().to_owned())?;
        self.tree.resolve(path, true).map_err(|errno| errno.text().to_owned())
    }

    /// What lower layers have in a directory goes.
    fn opaque(&mut self, folder: &ImagePath) -> Result<(), String> {
        let lower: Vec<ImagePath> = self.tree.walk_from(folder).map(|(path, _)| path).filter(|path| path != folder).collect();
        self.hidden += lower.len();
        if self.hidden > self.limits.entries.saturating_mul(OPAQUE) {
            return Err("too many opaque directories".into());
        }
        let keeps = |path: &ImagePath| self.own.range(path.clone()..).next().is_some_and(|own| own == path || own.is_below(path));
        let gone: Vec<ImagePath> = lower.into_iter().filter(|path| !keeps(path)).collect();
        for path in gone {
            if self.tree.get(&path).is_some() {
                self.tree.unset(&path, None).map_err(|errno| errno.text().to_owned())?;
            }
        }
        Ok(())
    }

    fn put(&mut self, member: &Member<'_>, path: &ImagePath) -> Result<(), String> {
        let text = |errno: Errno| errno.text().to_owned();
        let metadata = metadata(member);
        let (major, minor) = member.device;
        let kind = match member.kind {
            b'3' => Some(SpecialKind::CharDevice { major, minor }),
            b'4' => Some(SpecialKind::BlockDevice { major, minor }),
            b'6' => Some(SpecialKind::Fifo),
            _ => None,
        };
        let node = match (member.kind, kind) {
            (_, Some(kind)) => {
                self.specials += 1;
                if self.specials > self.limits.specials {
                    return Err(format!("more than {} devices", self.limits.specials));
                }
                Node::Special(Arc::new(Special { metadata, kind }))
            }
            (b'5', _) => match self.tree.get(path) {
                Some(old @ Node::Directory(_)) => old.with_metadata(metadata),
                _ => Node::directory(metadata),
            },
            (b'2', _) if member.link.len() > MAX_TARGET => return Err("file name too long".into()),
            (b'2', _) => Node::symlink(metadata, &member.link),
            (b'0', _) => {
                self.size += member.data.len() as u64;
                if self.size > self.limits.bytes {
                    return Err(format!("the layer's files are more than {} bytes", self.limits.bytes));
                }
                Node::file(metadata, Content::Bytes(Arc::from(&*member.data)))
            }
            (b'1', _) => return self.link(member, path),
            (other, _) => return Err(format!("unhandled tar header type {other}")),
        };
        self.tree.set(path, node, None).map_err(text)
    }

    fn link(&mut self, member: &Member<'_>, path: &ImagePath) -> Result<(), String> {
        let fail = |errno: Errno| format!("hard link to `{}`: {}", member.link, errno.text());
        let existing = self.tree.resolve(&self.place(&member.link)?, false).map_err(fail)?;
        if existing == *path {
            return Ok(());
        }
        if self.tree.get(path).is_some() {
            self.tree.unset(path, None).map_err(fail)?;
        }
        self.tree = self.tree.link(&existing, path).map_err(fail)?;
        Ok(())
    }
}

fn metadata(member: &Member<'_>) -> Metadata {
    let xattrs = (!member.xattrs.is_empty()).then(|| Arc::new(member.xattrs.clone()));
    Metadata { mode: member.mode, uid: member.uid, gid: member.gid, mtime: member.mtime, xattrs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::tar::{END, Entry, EntryKind, header};

    fn tar(entries: &[(&str, EntryKind<'_>)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, kind) in entries {
            header(&Entry { name: (*name).into(), kind: kind.clone(), mode: 0o755, ..Entry::default() }, &mut |piece| out.extend(piece));
        }
        out.extend(END);
        out
    }

    fn check(entries: &[(&str, EntryKind<'_>)], expect: Result<&[&str], &str>) {
        let lower =
            apply_layer(&Tree::empty(), &tar(&[("old/", EntryKind::Directory), ("old/f", FILE)]), Limits::default()).expect("a layer").tree;
        let found = apply_layer(&lower, &tar(entries), Limits { entries: 4, specials: 2, ..Limits::default() });
        let paths = found.map(|applied| applied.tree.walk().map(|(path, _)| path.to_string()).collect::<Vec<_>>());
        assert_eq!(paths, expect.map(|paths| paths.iter().map(|path| (*path).to_owned()).collect()).map_err(str::to_owned));
    }

    const FILE: EntryKind<'_> = EntryKind::File { size: 0 };

    #[test]
    fn whiteouts_hide() {
        check(&[("old/.wh.f", FILE)], Ok(&["/old"]));
        check(&[(".wh.old", FILE), ("new", FILE)], Ok(&["/new"]));
        check(&[("old/.wh..wh..opq", FILE), ("old/g", FILE)], Ok(&["/old", "/old/g"]));
        check(&[("old/g", FILE), ("old/.wh..wh..opq", FILE)], Ok(&["/old", "/old/g"]));
    }

    #[test]
    fn opaque_directories_are_looked_through_so_often() {
        let mut entries: Vec<(String, EntryKind<'_>)> = (0..50).map(|n| (format!("old/f{n}"), FILE)).collect();
        entries.extend((0..50).map(|_| ("old/.wh..wh..opq".to_owned(), FILE)));
        let entries: Vec<_> = entries.iter().map(|(name, kind)| (name.as_str(), kind.clone())).collect();
        let found = |entries: usize, bytes: &[u8]| {
            apply_layer(&Tree::empty(), bytes, Limits { entries, ..Limits::default() }).map(|found| found.size)
        };
        assert_eq!(found(1000, &tar(&entries)), Ok(0));
        assert_eq!(found(100, &tar(&entries)), Err("layer entry `old/.wh..wh..opq`: too many opaque directories".into()));
    }

    #[test]
    fn hostile_entries_are_refused() {
        check(&[("../x", FILE)], Err("layer entry `../x`: leads out of the root"));
        check(&[("x", EntryKind::HardLink("nothing"))], Err("layer entry `x`: hard link to `nothing`: no such file or directory"));
        check(&[("x", FILE), ("x", FILE), ("x", FILE), ("x", FILE), ("x", FILE)], Err("the layer has more than 4 entries"));
        check(&[("l", EntryKind::Symlink("../../old")), ("l/x", FILE)], Ok(&["/l", "/old", "/old/f", "/old/x"]));
        check(&[("old/f/x", FILE)], Err("layer entry `old/f/x`: not a directory"));
        check(
            &[("a", EntryKind::Symlink("b")), ("b", EntryKind::Symlink("a")), ("a/x", FILE)],
            Err("layer entry `a/x`: too many levels of symbolic links"),
        );
        check(&[("l", EntryKind::Symlink(&"d/".repeat(2048)))], Err("layer entry `l`: file name too long"));
        check(&[("a", EntryKind::Fifo), ("b", EntryKind::Fifo), ("c", EntryKind::Fifo)], Err("layer entry `c`: more than 2 devices"));
        check(&[(&"d/".repeat(300), EntryKind::Directory)], Err(&format!("layer entry `{}`: nested more than 256 deep", "d/".repeat(300))));
    }
}
