//! ADD of an archive: told by its content, never by its name. BuildKit's `file/unpack.go` with moby's `go-archive`, which
//! unpacks as a process whose root is the destination: links in its way are followed, none leads out, and whiteouts are plain files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::owner::Owner;
use crate::base::go::clean_path;
use crate::filesystem::{Content, Errno, File, ImagePath, Metadata, Node, Special, SpecialKind, Tree};
use crate::image::import::{Decompressed, Limits, decompress_some};
use crate::image::tar_reader::{Member, Reader};

/// Bytes of a link's target, as Linux has it.
const MAX_TARGET: usize = 4095;
/// Names of files that may change with other names of theirs, in one archive.
const MAX_RENAMED: usize = 4_000_000;

/// The bytes of a file that may be an archive.
pub(super) fn bytes(node: &Node) -> Option<Arc<[u8]>> {
    let content = &node.as_file()?.content;
    if content.is_modelled() || content.is_empty() { None } else { Some(content.head(u64::MAX)) }
}

/// The uncompressed tar in a file's bytes, if they are an archive: its first header can be read.
pub(super) fn archive(bytes: &[u8]) -> Option<Decompressed<'_>> {
    let limits = Limits::default();
    let archive = decompress_some(bytes, limits.bytes);
    let is_archive = matches!(Reader::new(&archive.bytes, limits.bytes).next(), Some(Ok(_)));
    is_archive.then_some(archive)
}

/// Unpacks into the directory `dest`; `--chown` is for all that the archive holds.
pub(super) fn unpack(tree: &mut Tree, archive: &Decompressed<'_>, dest: &ImagePath, owner: Option<Owner>, now: i64) -> Result<(), String> {
    let limits = Limits::default();
    let mut unpacker = Unpacker { tree, dest, owner, now, renamed: 0 };
    let mut times = Vec::new();
    for (count, member) in Reader::new(&archive.bytes, limits.bytes).enumerate() {
        let member = member.map_err(|error| archive.error.clone().unwrap_or(error))?;
        if count >= limits.entries {
            return Err(format!("the archive has more than {} entries", limits.entries));
        }
        times.extend(unpacker.one(&member)?);
    }
    // The time of a directory is set when all is in it.
    for (path, mtime) in times {
        let set = unpacker.tree.set_directory_metadata(&path, |metadata| metadata.mtime = mtime);
        set.or(if unpacker.tree.get(&path).is_some() { Ok(()) } else { Err(Errno::NoEntry) }).map_err(|errno| errno.text().to_owned())?;
    }
    archive.error.clone().map_or(Ok(()), Err)
}

struct Unpacker<'a> {
    tree: &'a mut Tree,
    dest: &'a ImagePath,
    owner: Option<Owner>,
    now: i64,
    /// Names of files that were touched since another of their names came.
    renamed: usize,
}

impl Unpacker<'_> {
    /// One entry; a directory with the time that it gets in the end.
    fn one(&mut self, member: &Member<'_>) -> Result<Option<(ImagePath, i64)>, String> {
        let name = ImagePath::new(&clean_path(&member.name));
        let is_directory = member.kind == b'5';
        if name.relative().is_empty() {
            return Ok(None);
        }
        let parent = name.parent().unwrap_or_else(ImagePath::root);
        self.implied(&parent)?;
        let fail = |verb: &str, errno: Errno| format!("{verb} {name}: {}", errno.text());
        let verb = match member.kind {
            b'5' => "mkdir",
            b'1' => "link",
            b'2' => "symlink",
            b'3' | b'4' | b'6' => "mknod",
            _ => "open",
        };
        let path = self.tree.resolve_in(self.dest, &name, false).map_err(|errno| fail(verb, errno))?;
        match self.tree.get(&path).map(|old| old.as_directory().is_some()) {
            Some(true) if is_directory => {}
            Some(_) => self.tree.unset(&path, Some(self.now)).map_err(|errno| fail("unlinkat", errno))?,
            None => {}
        }
        let metadata = self.metadata(member);
        let special = |kind| Node::Special(Arc::new(Special { metadata: metadata.clone(), kind }));
        let (major, minor) = member.device;
        let node = match member.kind {
            b'5' => match self.tree.get(&path) {
                Some(old @ Node::Directory(_)) => old.with_metadata(metadata),
                _ => Node::directory(metadata),
            },
            b'0' => Node::file(metadata, Content::Bytes(Arc::from(&*member.data))),
            b'2' if member.link.len() > MAX_TARGET => return Err(format!("symlink {name}: file name too long")),
            b'2' => Node::symlink(metadata, &member.link),
            b'3' => special(SpecialKind::CharDevice { major, minor }),
            b'4' => special(SpecialKind::BlockDevice { major, minor }),
            b'6' => special(SpecialKind::Fifo),
            b'1' => return self.link(member, &name, &path, metadata).map(|()| None),
            other => return Err(format!("unhandled tar header type {other}")),
        };
        let touched = (!is_directory || self.tree.get(&path).is_none()).then_some(self.now);
        self.tree.set(&path, node, touched).map_err(|errno| fail(verb, errno))?;
        Ok(is_directory.then_some((path, member.mtime)))
    }

    /// The directories above an entry that the archive does not list: root's, 0755.
    fn implied(&mut self, parent: &ImagePath) -> Result<(), String> {
        let missing = |tree: &Tree, path: &ImagePath| match tree.resolve_in(self.dest, path, false) {
            Ok(real) => tree.get(&real).is_none(),
            Err(errno) => errno == Errno::NoEntry,
        };
        if !missing(self.tree, parent) {
            return Ok(());
        }
        let mut here = ImagePath::root();
        for part in parent.components() {
            here = here.child(part);
            let fail = |errno: Errno| format!("mkdir {here}: {}", errno.text());
            let real = self.tree.resolve_in(self.dest, &here, true).map_err(|_| fail(Errno::Exists))?;
            match self.tree.get(&real) {
                Some(Node::Directory(_)) => {}
                Some(_) => return Err(fail(Errno::NotADirectory)),
                None => self.tree.set(&real, Node::directory(Metadata::root(0o755, self.now)), Some(self.now)).map_err(fail)?,
            }
        }
        Ok(())
    }

    /// A hard link; owner, mode and time are the inode's, and so all its names'.
    fn link(&mut self, member: &Member<'_>, name: &ImagePath, path: &ImagePath, metadata: Metadata) -> Result<(), String> {
        let target = ImagePath::new(&member.link);
        let fail = |errno: Errno| format!("link {target} {name}: {}", errno.text());
        let existing = self.tree.resolve_in(self.dest, &target, false).map_err(fail)?;
        let node = match self.tree.get(&existing).ok_or(Errno::NoEntry).map_err(fail)?.clone() {
            Node::Directory(_) => return Err(fail(Errno::NotPermitted)),
            Node::File(file) => {
                let link = file.link.unwrap_or_else(|| self.tree.fresh_link());
                Node::File(Arc::new(File { metadata, link: Some(link), ..(*file).clone() }))
            }
            // Links and devices with several names are copies here.
            Node::Symlink(link) => {
                let own = Metadata { uid: metadata.uid, gid: metadata.gid, ..link.metadata.clone() };
                Node::Symlink(link).with_metadata(own)
            }
            special => special.with_metadata(metadata),
        };
        self.tree.set(path, node.clone(), Some(self.now)).map_err(fail)?;
        if self.tree.get(&existing) == Some(&node) {
            return Ok(());
        }
        let names = match &node {
            Node::File(file) => file.link.map(|link| self.tree.names(link)).unwrap_or_default(),
            _ => Default::default(),
        };
        self.renamed += names.len();
        if self.renamed > MAX_RENAMED {
            return Err(format!("link {target} {name}: too many names of one file change"));
        }
        for name in names.iter().chain([&existing]) {
            self.tree.set(name, node.clone(), None).map_err(fail)?;
        }
        Ok(())
    }

    fn metadata(&self, member: &Member<'_>) -> Metadata {
        let owner = self.owner.unwrap_or(Owner { uid: member.uid, gid: member.gid });
        let xattrs: BTreeMap<_, _> = member.xattrs.clone();
        let xattrs = (!xattrs.is_empty()).then(|| Arc::new(xattrs));
        Metadata { mode: member.mode, uid: owner.uid, gid: owner.gid, mtime: member.mtime, xattrs }
    }
}
