//! tar -x as busybox does it, entry by entry.

use std::sync::Arc;

use super::archive::Member;
use super::{Job, place};
use crate::filesystem::{Errno, Metadata, Node, Special, SpecialKind};
use crate::machine::{Process, errno};

/// The name without what would lead out of the place it is unpacked in, and the part that was cut away.
pub fn harmless(name: &str) -> (&str, &str) {
    let mut at = 0;
    loop {
        let rest = &name[at..];
        at += match rest.find("/../") {
            _ if rest.starts_with('/') => 1,
            _ if rest.starts_with("../") => 3,
            Some(found) => found + 4,
            None => return name.split_at(at),
        };
    }
}

/// The name without its first `count` components, if any is left.
fn shorter(name: &str, count: usize) -> Option<&str> {
    (0..count).try_fold(name, |rest, _| rest.split_once('/').map(|(_, rest)| rest).filter(|rest| !rest.is_empty()))
}

/// Makes what `member` is; an error ends the work.
pub fn unpack(p: &mut Process, job: &Job, member: &Member, name: &str, data: &[u8]) -> Result<(), i32> {
    let Some(name) = shorter(name, job.strip) else { return Ok(()) };
    let name = name.trim_end_matches('/');
    // The target of a hard link is a name in the archive too.
    let link = (member.kind == b'1').then(|| harmless(&member.link).1);
    let link = match link.map(|link| shorter(link, job.strip)) {
        Some(None) => return Ok(()),
        Some(link) => link,
        None => None,
    };
    if let Some((folder, _)) = name.rsplit_once('/') {
        leading(p, folder);
    }
    let has = |c| job.options.has(c);
    if member.kind != b'5' && !has('k') && !has('\u{6}') {
        if link == Some(name) {
            return Ok(());
        }
        let gone = p.lstat(name).and_then(|(real, node)| match node {
            Node::Directory(_) => Err(Errno::IsADirectory),
            _ => p.system.unlink(&p.ids, &real),
        });
        match gone {
            Ok(()) | Err(Errno::NoEntry) => {}
            Err(e) => return Err(p.fail(&format!("can't remove old file {name}: {}", errno::text(e)))),
        }
    }
    let cwd = p.cwd.clone();
    if let Some(link) = link {
        if let Err(e) = p.system.link(&p.ids, &cwd, link, name) {
            p.fail(&format!("can't create hardlink '{name}' to '{link}': {}", errno::text(e)));
        }
        return Ok(());
    }
    let made = match member.kind {
        b'2' => {
            if let Err(e) = p.system.symlink(&p.ids, &cwd, &member.link, name) {
                p.fail(&format!("can't create symlink '{name}' to '{}': {}", member.link, errno::text(e)));
            }
            return Ok(());
        }
        b'5' => p.system.mkdir(&p.ids, &cwd, name, member.mode & 0o1777 & !p.umask),
        b'3' | b'4' | b'6' => node(p, member, name),
        _ => match file(p, job, member, name, data) {
            Ok(()) => Ok(()),
            Err(e) => return Err(p.fail(&format!("can't open '{name}': {}", errno::text(e)))),
        },
    };
    match made {
        // What is there already is taken, whatever it is.
        Ok(()) => {}
        Err(Errno::Exists) if member.kind == b'5' => {}
        Err(e) => {
            let what = if member.kind == b'5' { "make dir" } else { "create node" };
            p.fail(&format!("can't {what} {name}: {}", errno::text(e)));
        }
    }
    keep(p, job, member, name);
    Ok(())
}

/// The folders on the way. The one that cannot be made is told, and what goes into it fails by itself.
fn leading(p: &mut Process, folder: &str) {
    let ends = folder.match_indices('/').map(|(i, _)| i).chain([folder.len()]);
    for part in ends.map(|end| &folder[..end]).filter(|part| !part.is_empty()) {
        let made = match p.stat(part) {
            Ok((_, node)) if node.as_directory().is_some() => Ok(()),
            Ok(_) => Err(Errno::Exists),
            Err(_) => p.mkdir(part),
        };
        if let Err(e) = made {
            p.fail(&format!("can't create directory '{part}': {}", errno::text(e)));
            return;
        }
    }
}

fn node(p: &mut Process, member: &Member, name: &str) -> Result<(), Errno> {
    let (major, minor) = member.device;
    let kind = match member.kind {
        b'3' => SpecialKind::CharDevice { major, minor },
        b'4' => SpecialKind::BlockDevice { major, minor },
        _ => SpecialKind::Fifo,
    };
    if kind != SpecialKind::Fifo && !p.ids.is_root() {
        return Err(Errno::NotPermitted);
    }
    let metadata = Metadata { mode: member.mode & !p.umask, uid: p.ids.uid, gid: p.ids.gid, mtime: p.system.now, xattrs: None };
    let real = place(p, name)?;
    p.system.create(&p.ids, &real, Node::Special(Arc::new(Special { metadata, kind })))
}

fn file(p: &mut Process, job: &Job, member: &Member, name: &str, data: &[u8]) -> Result<(), Errno> {
    if !job.options.has('\u{6}') && p.lstat(name).is_ok() {
        return Err(Errno::Exists);
    }
    let cwd = p.cwd.clone();
    let real = p.system.open_write(&p.ids, &cwd, name, member.mode & !p.umask, true)?;
    p.system.store(&real, data[member.start..member.start + member.size].to_vec().into())
}

/// Owner, mode and time. What may not be set is left; only root's files get their modes whatever the umask is.
fn keep(p: &mut Process, job: &Job, member: &Member, name: &str) {
    let Ok((real, _)) = p.stat(name) else { return };
    let has = |c| job.options.has(c);
    if !has('o') {
        let named = |text: &str| !has('\u{4}') && !text.is_empty();
        let uid = p.users().into_iter().find(|u| named(&member.user) && u.name == member.user).map_or(member.uid, |u| u.uid);
        let gid = p.groups().into_iter().find(|g| named(&member.group) && g.name == member.group).map_or(member.gid, |g| g.gid);
        let _ = p.system.chown(&p.ids, &real, Some(uid), Some(gid));
    }
    if p.ids.is_root() && !has('\u{5}') {
        let _ = p.system.chmod(&p.ids, &real, member.mode);
    }
    if !has('m') {
        let _ = p.system.set_time(&p.ids, &real, Some(member.mtime.saturating_mul(1_000_000_000)));
    }
}
