//! cpio: archives of names that are read from standard input, in the portable formats newc, crc and odc and the old binary one.

mod format;

use super::names::{inode, short_date};
use super::options::{Options, of};
use super::{mode, names};
use crate::filesystem::{Errno, ImagePath, Metadata, Node, Special, SpecialKind};
use crate::machine::shell::glob;
use crate::machine::{Process, errno};
use format::{Format, Member, next, pad, put};
use std::sync::Arc;

const LONG: &[(&str, char)] = &[
    ("create", 'o'),
    ("extract", 'i'),
    ("list", 't'),
    ("pass-through", 'p'),
    ("make-directories", 'd'),
    ("preserve-modification-time", 'm'),
    ("unconditional", 'u'),
    ("verbose", 'v'),
    ("format", 'H'),
    ("null", '0'),
    ("dereference", 'L'),
    ("link", 'l'),
    ("file", 'F'),
    ("owner", 'R'),
    ("directory", 'D'),
    ("nonmatching", 'f'),
    ("quiet", 'q'),
    ("to-stdout", 'x'),
    ("no-absolute-filenames", 'N'),
    ("numeric-uid-gid", 'n'),
    ("no-preserve-owner", 'w'),
    ("reproducible", 'y'),
    ("renumber-inodes", 'y'),
    ("ignore-devno", 'y'),
    ("pattern-file", 'E'),
    ("reset-access-time", 'a'),
];

/// cpio.
pub fn cpio(p: &mut Process) -> i32 {
    let letters = if p.debian_busybox() { "tiovdmuF:H:L0R:qxyN" } else { "tiopvdmuF:I:O:H:L0R:D:flqxNnwyE:aBbcSsrVC:k" };
    let options = match of(p, letters, LONG) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let format = match options.value('H') {
        Some("newc") => Some(Format::Newc),
        Some("crc") if !p.busybox() => Some(Format::Crc),
        Some("odc") if !p.busybox() => Some(Format::Odc),
        Some("bin") if !p.busybox() => Some(Format::Binary),
        None if !p.busybox() => Some(if options.has('c') { Format::Odc } else { Format::Binary }),
        Some(name) if !p.busybox() => {
            p.fail(&format!("invalid archive format '{name}'; valid formats are:\ncrc newc odc bin ustar tar (all-caps also recognized)"));
            return 2;
        }
        _ => None,
    };
    if let Some(folder) = options.value('D').map(str::to_owned) {
        match p.stat(&folder) {
            Ok((real, _)) => p.cwd = real,
            Err(e) => {
                p.fail(&format!("{folder}: Cannot change directory: {}", errno::text(e)));
                return 2;
            }
        }
    }
    match () {
        () if options.has('p') => pass(p, &options),
        () if options.has('o') => match format {
            Some(format) => create(p, &options, format),
            None => super::options::usage(p),
        },
        () if options.has('i') || options.has('t') => extract(p, &options),
        () if p.busybox() => super::options::usage(p),
        () => {
            p.fail("You must specify one of -oipt options.");
            p.err("Try 'cpio --help' or 'cpio --usage' for more information.\n");
            2
        }
    }
}

fn blocks(p: &mut Process, options: &Options, bytes: usize) {
    let n = bytes.div_ceil(512);
    if !options.has('q') {
        let s = if n == 1 && !p.busybox() { "" } else { "s" };
        p.err(format!("{n} block{s}\n"));
    }
}

/// The names on standard input.
fn wanted(p: &mut Process, options: &Options) -> Vec<String> {
    let end = if options.has('0') { 0 } else { b'\n' };
    let data = p.stdin();
    data.split(|b| *b == end).filter(|l| !l.is_empty()).map(|l| String::from_utf8_lossy(l).into_owned()).collect()
}

/// The file of this name, or the message that it is not there.
fn found(p: &mut Process, options: &Options, name: &str) -> Option<Member> {
    let member = member(p, options, name);
    if let Err(error) = member {
        let why = errno::text(error);
        let text = if p.busybox() { format!("{name}: {why}") } else { format!("{name}: Cannot stat: {why}") };
        p.fail(&text);
    }
    member.ok()
}

fn member(p: &mut Process, options: &Options, name: &str) -> Result<Member, Errno> {
    let (real, node) = if options.has('L') { p.stat(name) } else { p.lstat(name) }?;
    let m = node.metadata();
    let kind = match &node {
        Node::Directory(_) => 0o040_000,
        Node::File(_) => 0o100_000,
        Node::Symlink(_) => 0o120_000,
        Node::Special(s) => match s.kind {
            SpecialKind::CharDevice { .. } => 0o020_000,
            SpecialKind::BlockDevice { .. } => 0o060_000,
            SpecialKind::Fifo => 0o010_000,
        },
    };
    let device = match &node {
        Node::Special(s) => match s.kind {
            SpecialKind::CharDevice { major, minor } | SpecialKind::BlockDevice { major, minor } => (major, minor),
            SpecialKind::Fifo => (0, 0),
        },
        _ => (0, 0),
    };
    let data = match &node {
        Node::File(_) => p.read(name)?,
        Node::Symlink(link) => link.target.as_bytes().to_vec(),
        _ => Vec::new(),
    };
    Ok(Member {
        name: name.strip_prefix("./").filter(|n| !n.is_empty()).unwrap_or(name).to_owned(),
        inode: inode(&real, &node),
        mode: kind | m.mode,
        uid: m.uid,
        gid: m.gid,
        links: p.system.link_count(&node) as u32,
        mtime: m.mtime.div_euclid(1_000_000_000),
        device,
        data,
    })
}

fn create(p: &mut Process, options: &Options, format: Format) -> i32 {
    let mut out = Vec::new();
    // In newc the data of a file with several names comes with the last of them.
    let mut waiting: Vec<Member> = Vec::new();
    let late = matches!(format, Format::Newc | Format::Crc) && !p.busybox();
    for name in wanted(p, options) {
        if !p.burn(20) {
            break;
        }
        let Some(mut found) = found(p, options, &name) else {
            if p.busybox() {
                return 1;
            }
            continue;
        };
        if options.has('v') {
            p.err(format!("{name}\n"));
        }
        if let Some(owner) = options.value('R') {
            let (user, group) = super::owner::parse(p, owner).unwrap_or((None, None));
            (found.uid, found.gid) = (user.unwrap_or(found.uid), group.unwrap_or(found.gid));
        }
        if late && found.links > 1 && found.mode & 0o170_000 == 0o100_000 {
            let (inode, links) = (found.inode, found.links as usize);
            waiting.push(found);
            if waiting.iter().filter(|m| m.inode == inode).count() == links {
                flush(&mut out, &mut waiting, inode, format);
            }
            continue;
        }
        put(&mut out, &found, format);
    }
    while let Some(inode) = waiting.first().map(|m| m.inode) {
        flush(&mut out, &mut waiting, inode, format);
    }
    put(&mut out, &Member { name: "TRAILER!!!".into(), links: 1, ..Member::default() }, format);
    if !p.busybox() {
        pad(&mut out, 512);
    }
    let size = out.len();
    match options.value('F').or(options.value('O')).map(str::to_owned) {
        None => p.out(out),
        Some(file) => {
            if let Err(e) = p.write(&file, out) {
                return p.fail(&format!("{file}: {}", errno::text(e)));
            }
        }
    }
    p.flush();
    if !p.busybox() {
        blocks(p, options, size);
    }
    0
}

fn flush(out: &mut Vec<u8>, waiting: &mut Vec<Member>, inode: u64, format: Format) {
    let (mut group, rest): (Vec<Member>, Vec<Member>) = std::mem::take(waiting).into_iter().partition(|m| m.inode == inode);
    *waiting = rest;
    let last = group.len().saturating_sub(1);
    for (i, member) in group.iter_mut().enumerate() {
        if i < last {
            member.data.clear();
        }
        put(out, member, format);
    }
}

fn extract(p: &mut Process, options: &Options) -> i32 {
    let file = options.value('F').or(options.value('I')).unwrap_or("-").to_owned();
    let data = match p.input(&file) {
        Ok(data) => data,
        Err(e) => {
            p.fail(&format!("{file}: {}", errno::text(e)));
            return if p.busybox() { 1 } else { 2 };
        }
    };
    p.burn(data.len() as u64 / 16);
    let mut patterns = options.operands.clone();
    if let Some(list) = options.value('E').map(str::to_owned) {
        patterns.extend(String::from_utf8_lossy(&p.input(&list).unwrap_or_default()).lines().map(str::to_owned));
    }
    let (mut at, mut status, mut ended) = (0, 0, false);
    let mut linked: Vec<(u64, String)> = Vec::new();
    while let Some((member, end)) = next(&data, at) {
        at = end;
        if member.name == "TRAILER!!!" {
            ended = true;
            break;
        }
        let matched = patterns.is_empty() || patterns.iter().any(|g| glob::matches(g, &member.name)) != options.has('f');
        if !p.burn(20) || !matched {
            continue;
        }
        if options.has('t') {
            let line = if options.has('v') { long_line(p, options, &member) } else { member.name.clone() + "\n" };
            p.out(line);
            continue;
        }
        if options.has('x') {
            p.out(&member.data);
            continue;
        }
        let mut member = member;
        if options.has('N') {
            member.name = member.name.trim_start_matches('/').to_owned();
        }
        match make(p, options, &member, &mut linked) {
            // busybox names what it left as it was, too.
            Ok(_) if options.has('v') && p.busybox() => p.out(format!("{}\n", member.name)),
            Ok(true) if options.has('v') => p.err(format!("{}\n", member.name)),
            Ok(_) => {}
            Err(e) => {
                let why = errno::text(e);
                let text = match p.busybox() {
                    true => format!("can't open '{}': {why}", member.name),
                    false => format!("{}: Cannot open: {why}", member.name),
                };
                p.fail(&text);
                status = if p.busybox() { 1 } else { 2 };
                if p.busybox() {
                    return status;
                }
            }
        }
    }
    p.flush();
    if !ended {
        let text = if p.busybox() { "short read" } else { "premature end of archive" };
        p.fail(text);
        return if p.busybox() { 1 } else { 2 };
    }
    blocks(p, options, at);
    status
}

/// Makes what a member is; `false` if what is there is as new.
fn make(p: &mut Process, options: &Options, m: &Member, linked: &mut Vec<(u64, String)>) -> Result<bool, Errno> {
    let name = m.name.trim_end_matches('/');
    let kind = m.mode & 0o170_000;
    let cwd = p.cwd.clone();
    if let Some((folder, _)) = name.rsplit_once('/').filter(|(f, _)| !f.is_empty() && !p.is_dir(f)) {
        if !options.has('d') {
            return Err(Errno::NoEntry);
        }
        p.mkdir_all(folder)?;
    }
    if let Ok((real, old)) = p.lstat(name) {
        if kind == 0o040_000 && old.as_directory().is_some() {
            finish(p, options, m, name);
            return Ok(true);
        }
        if !options.has('u') && old.metadata().mtime.div_euclid(1_000_000_000) >= m.mtime {
            let what = if p.busybox() { "file" } else { "version" };
            p.fail(&format!("{name} not created: newer or same age {what} exists"));
            return Ok(false);
        }
        p.system.unlink(&p.ids, &real)?;
    }
    match kind {
        0o040_000 => p.system.mkdir(&p.ids, &cwd, name, m.mode & 0o7777)?,
        0o120_000 => p.system.symlink(&p.ids, &cwd, &String::from_utf8_lossy(&m.data), name)?,
        0o020_000 | 0o060_000 | 0o010_000 => {
            let (major, minor) = m.device;
            let kind = match kind {
                0o020_000 => SpecialKind::CharDevice { major, minor },
                0o060_000 => SpecialKind::BlockDevice { major, minor },
                _ => SpecialKind::Fifo,
            };
            let metadata = Metadata { mode: m.mode & 0o7777, uid: p.ids.uid, gid: p.ids.gid, mtime: p.system.now, xattrs: None };
            let real = ImagePath::new(&names::inside(cwd.as_str(), name));
            p.system.create(&p.ids, &real, Node::Special(Arc::new(Special { metadata, kind })))?;
        }
        _ => {
            let first = linked.iter().find(|(inode, _)| *inode == m.inode && m.links > 1).map(|(_, n)| n.clone());
            match first {
                Some(first) => {
                    p.system.link(&p.ids, &cwd, &first, name)?;
                    if m.data.is_empty() {
                        return Ok(true);
                    }
                    p.write(name, m.data.clone())?;
                }
                None => {
                    p.write(name, m.data.clone())?;
                    linked.push((m.inode, name.to_owned()));
                }
            }
        }
    }
    finish(p, options, m, name);
    Ok(true)
}

fn finish(p: &mut Process, options: &Options, m: &Member, name: &str) {
    let Ok((real, node)) = p.lstat(name) else { return };
    // What may not be set is left.
    if p.ids.is_root() && !options.has('w') {
        let _ = p.system.chown(&p.ids, &real, Some(m.uid), Some(m.gid));
    }
    if !matches!(node, Node::Symlink(_)) {
        let _ = p.system.chmod(&p.ids, &real, m.mode & 0o7777);
    }
    if options.has('m') {
        let _ = p.system.set_time(&p.ids, &real, Some(m.mtime * 1_000_000_000));
    }
}

fn long_line(p: &Process, options: &Options, m: &Member) -> String {
    let kind = match m.mode & 0o170_000 {
        0o040_000 => 'd',
        0o120_000 => 'l',
        0o020_000 => 'c',
        0o060_000 => 'b',
        0o010_000 => 'p',
        _ => '-',
    };
    let perm = mode::show(kind, m.mode & 0o7777);
    let target = if kind == 'l' { format!(" -> {}", String::from_utf8_lossy(&m.data)) } else { String::new() };
    if p.busybox() {
        let size = if kind == 'l' { 0 } else { m.data.len() };
        let time = super::date::format("%Y-%m-%d %H:%M:%S", m.mtime, 0);
        return format!("{perm} {}/{} {size:>9} {time} {}{target}\n", m.uid, m.gid, m.name);
    }
    let plain = options.has('n');
    let user = names::user(p, m.uid).filter(|_| !plain).unwrap_or_else(|| m.uid.to_string());
    let group = names::group(p, m.gid).filter(|_| !plain).unwrap_or_else(|| m.gid.to_string());
    let date = short_date(m.mtime * 1_000_000_000, p.system.now);
    format!("{perm} {:>3} {user:<8} {group:<8} {:>8} {date} {}{target}\n", m.links, m.data.len(), m.name)
}

/// `-p`: the files are copied below a folder.
fn pass(p: &mut Process, options: &Options) -> i32 {
    let Some(folder) = options.operands.first().cloned() else {
        p.fail("You must specify one of -oipt options.");
        return 2;
    };
    let (mut status, mut bytes) = (0, 0);
    if options.has('d') && !p.is_dir(&folder) {
        let _ = p.mkdir_all(&folder);
    }
    let mut linked = Vec::new();
    for name in wanted(p, options) {
        if !p.burn(20) {
            break;
        }
        let Some(mut found) = found(p, options, &name) else { continue };
        let target = names::inside(&folder, &found.name);
        let is_file = found.mode & 0o170_000 == 0o100_000;
        let done = match options.has('l') && is_file && !p.exists(&target) {
            true => {
                let cwd = p.cwd.clone();
                p.system.link(&p.ids, &cwd, &name, &target).map(|()| true)
            }
            false => {
                found.name = target.clone();
                make(p, options, &found, &mut linked)
            }
        };
        match done {
            Ok(made) => {
                if made && options.has('v') {
                    p.err(format!("{target}\n"));
                }
                bytes += if made && is_file { found.data.len() } else { 0 };
            }
            Err(e) => {
                p.fail(&format!("{target}: Cannot open: {}", errno::text(e)));
                status = 2;
            }
        }
    }
    blocks(p, options, bytes);
    status
}
