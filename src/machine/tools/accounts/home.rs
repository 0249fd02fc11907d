//! Homes: made of the skeleton, given to another id.

use super::super::names::inside;
use crate::filesystem::{Content, Errno, ImagePath, Node};
use crate::machine::Process;

/// Makes a home from the skeleton.
pub(super) fn make_home(p: &mut Process, home: &str, uid: u32, gid: u32, mode: u32, skeleton: Option<&str>) -> Result<(), Errno> {
    p.mkdir_all(home)?;
    let (real, _) = p.stat(home)?;
    if let Some(skeleton) = skeleton {
        copy(p, skeleton, &real, uid, gid, 0);
    }
    p.system.chown(&p.ids, &real, Some(uid), Some(gid))?;
    p.system.chmod(&p.ids, &real, mode)
}

pub(super) fn copy(p: &mut Process, from: &str, to: &ImagePath, uid: u32, gid: u32, depth: u32) {
    for name in p.list(from).unwrap_or_default() {
        let (source, target) = (inside(from, &name), to.child(&name));
        let Ok((_, node)) = p.lstat(&source) else { continue };
        let mode = node.metadata().mode;
        let cwd = ImagePath::root();
        let made = match &node {
            Node::Directory(_) if depth < 20 => p.system.mkdir(&p.ids, &cwd, target.as_str(), mode),
            Node::File(file) => p.write(target.as_str(), Content::clone(&file.content)),
            Node::Symlink(link) => p.system.symlink(&p.ids, &cwd, &link.target, target.as_str()),
            _ => continue,
        };
        if made.is_ok() {
            // Root, who makes homes, may do both.
            let _ = p.system.chown(&p.ids, &target, Some(uid), Some(gid));
            let _ = if matches!(node, Node::Symlink(_)) { Ok(()) } else { p.system.chmod(&p.ids, &target, mode) };
        }
        if node.as_directory().is_some() {
            copy(p, &source, &target, uid, gid, depth + 1);
        }
    }
}

/// Gives what a user owned below a folder to its new id.
pub(super) fn own(p: &mut Process, path: &str, from: u32, to: u32, depth: u32) {
    let Ok((real, node)) = p.lstat(path) else { return };
    if node.metadata().uid == from {
        // Root may.
        let _ = p.system.chown(&p.ids, &real, Some(to), None);
    }
    if node.as_directory().is_some() && depth < 200 && p.burn(10) {
        for name in p.list(path).unwrap_or_default() {
            own(p, &inside(path, &name), from, to, depth + 1);
        }
    }
}
