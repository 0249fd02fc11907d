//! tar -x and -t.

use super::archive::Member;
use super::{Job, archive, long_line, place};
use crate::filesystem::{Errno, Metadata, Node, Special, SpecialKind};
use crate::machine::shell::glob;
use crate::machine::tools::download;
use crate::machine::tools::pack::Packing;
use crate::machine::{Process, errno};
use std::sync::Arc;

/// The bytes of the archive, unpacked.
fn load(p: &mut Process, job: &mut Job, file: &str) -> Result<Vec<u8>, i32> {
    let data = match p.input(file) {
        Ok(data) => data,
        Err(e) => {
            let why = errno::text(e);
            let text = match (job.gnu, e) {
                (true, Errno::IsADirectory) => format!("{file}: Cannot read: {why}"),
                (true, _) => format!("{file}: Cannot open: {why}"),
                _ => format!("can't open '{file}': {why}"),
            };
            return Err(job.fatal(p, &text));
        }
    };
    p.burn(data.len() as u64 / 4);
    // GNU's tar sees how a file is packed; busybox, as Debian builds it, must be told.
    let packing = if job.packing.is_none() && !p.debian_busybox() { Packing::of(&data) } else { job.packing };
    let Some(packing) = packing else { return Ok(data) };
    job.need_program(p, packing)?;
    match packing.unpack(&data) {
        Some(data) => Ok(data),
        None if job.gnu => {
            let what = match packing {
                Packing::Gzip => "\ngzip: stdin: not in gzip format\n",
                Packing::Bzip2 => "bzip2: (stdin) is not a bzip2 file.\n",
                _ => "xz: (stdin): File format not recognized\n",
            };
            p.err(what);
            Err(job.fatal(p, "Child returned status 1"))
        }
        None => {
            // A beginning that is right and no end is another thing than a wrong beginning; of xz nothing is said.
            let begun = packing == Packing::Gzip && data.len() > 3 && data.starts_with(b"\x1f\x8b\x08");
            if packing != Packing::Xz {
                p.fail(if begun { "unexpected end of file" } else { "invalid magic" });
            }
            p.fail("short read");
            Err(1)
        }
    }
}

/// An archive that was a modelled download unpacks to what its name promises.
fn modelled(p: &mut Process, job: &mut Job, file: &str) -> Result<Option<()>, i32> {
    let url = if file == "-" {
        let head = p.read_fd(0, 4096);
        p.unread_fd(0, head.len());
        download::url_of(&head)
    } else {
        download::origin(p, file)
    };
    let Some(url) = url else { return Ok(None) };
    for folder in job.options.values('C').map(str::to_owned).collect::<Vec<_>>() {
        job.change_directory(p, &folder)?;
    }
    if job.options.has('t') {
        return Ok(Some(()));
    }
    let wanted = job.options.operands.clone();
    for path in download::unpack(p, &url, &wanted, job.strip) {
        if job.verbose {
            p.out(format!("{}\n", path.trim_start_matches("./")));
        }
    }
    Ok(Some(()))
}

/// Lists or unpacks.
pub fn read(p: &mut Process, job: &mut Job, file: &str) -> Result<(), i32> {
    if let Some(()) = modelled(p, job, file)? {
        return Ok(());
    }
    let data = load(p, job, file)?;
    let (members, whole) = archive::read(&data);
    for folder in job.options.values('C').map(str::to_owned).collect::<Vec<_>>() {
        job.change_directory(p, &folder)?;
    }
    if let Some(folder) = job.options.value('\u{17}').map(str::to_owned) {
        let stem = file.rsplit('/').next().unwrap_or("").split(".t").next().unwrap_or("").to_owned();
        let folder = if folder.is_empty() { stem } else { folder };
        let _ = p.mkdir_all(&folder);
        job.change_directory(p, &folder)?;
    }
    let mut wanted: Vec<(String, bool)> = job.options.operands.iter().map(|o| (o.trim_end_matches('/').to_owned(), false)).collect();
    for list in job.options.values('T').map(str::to_owned).collect::<Vec<_>>() {
        let text = String::from_utf8_lossy(&p.input(&list).unwrap_or_default()).into_owned();
        wanted.extend(text.split(['\n', '\0']).filter(|l| !l.is_empty()).map(|l| (l.trim_end_matches('/').to_owned(), false)));
    }
    let mut late: Vec<(String, Member)> = Vec::new();
    let listing = job.options.has('t');
    for member in &members {
        if !p.burn(30) {
            break;
        }
        if !chosen(job, member, &mut wanted) {
            continue;
        }
        let name = match job.gnu {
            true => stripped(p, job, &member.name),
            false => Some(told(p, job, &member.name)),
        };
        // busybox knows a member by the name that it is made as.
        let shown = if job.gnu { &member.name } else { name.as_ref().unwrap_or(&member.name) };
        let line = match listing && job.verbose {
            true => long_line(job, &Member { name: shown.clone(), ..member.clone() }),
            false => format!("{shown}\n"),
        };
        if listing {
            p.out(line);
            continue;
        }
        let Some(name) = name else { continue };
        if job.gnu && climbs(job, &name) {
            job.complain(p, &format!("{name}: Member name contains '..'"));
            continue;
        }
        if job.verbose {
            if job.options.has('O') && job.gnu { p.err(line) } else { p.out(line) }
        }
        if job.options.has('O') {
            p.out(&data[member.start..member.start + member.size]);
        } else if !job.gnu {
            super::unpack::unpack(p, job, member, &name, &data)?;
        } else {
            extract(p, job, member, &name, &data, &mut late);
        }
    }
    for (name, member) in late {
        finish(p, job, &member, &name);
    }
    if !whole {
        if !job.gnu || data.len() < 512 && !data.is_empty() && !members.is_empty() {
            p.fail("short read");
            return Err(1);
        }
        if members.is_empty() && !data.is_empty() {
            p.fail("This does not look like a tar archive");
            job.complain(p, "Skipping to next header");
        } else if !members.is_empty() {
            return Err(job.fatal(p, "Unexpected EOF in archive"));
        }
    }
    for (name, _) in wanted.into_iter().filter(|(_, seen)| !seen) {
        let text = if job.gnu { "Not found in archive" } else { "not found in archive" };
        job.complain(p, &format!("{name}: {text}"));
        if !job.gnu {
            return Err(1);
        }
    }
    Ok(())
}

fn chosen(job: &Job, member: &Member, wanted: &mut [(String, bool)]) -> bool {
    if job.excluded(&member.name) {
        return false;
    }
    if wanted.is_empty() {
        return true;
    }
    let name = member.name.trim_end_matches('/');
    let wildcards = job.options.has('\u{9}');
    let mut found = false;
    for (pattern, seen) in wanted {
        let below = |path: &str| path == pattern || path.strip_prefix(pattern.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let matched = below(name)
            || wildcards && (glob::matches(pattern, name) || name.match_indices('/').any(|(i, _)| glob::matches(pattern, &name[..i])));
        *seen |= matched;
        // busybox takes as much of the name as the pattern has slashes, and says of a pattern all the same that it was not there.
        let slashes = pattern.matches('/').count();
        let cut = member.name.match_indices('/').nth(slashes).map_or(member.name.as_str(), |(at, _)| &member.name[..at]);
        found |= matched || !job.gnu && glob::matches(pattern, cut);
    }
    found
}

/// The name as busybox takes it: what would lead out is cut away, and told once.
fn told(p: &mut Process, job: &mut Job, name: &str) -> String {
    let (head, rest) = super::unpack::harmless(name);
    if !head.is_empty() && !job.options.has('\u{1f}') {
        p.fail(&format!("removing leading '{head}' from member names"));
        job.options.given.push(('\u{1f}', String::new()));
    }
    rest.to_owned()
}

/// The name that is made: without leading slashes, and without what `--strip-components` takes.
fn stripped(p: &mut Process, job: &mut Job, name: &str) -> Option<String> {
    let mut name = job.transformed(name);
    let unsafe_part = prefix(&name);
    if !unsafe_part.is_empty() && !job.options.has('P') {
        if !job.options.values('\u{1f}').any(|told| told == unsafe_part) {
            p.fail(&format!("Removing leading `{unsafe_part}' from member names"));
            job.options.given.push(('\u{1f}', unsafe_part.to_owned()));
        }
        name = name.trim_start_matches('/').to_owned();
    }
    let mut rest = name.as_str();
    for _ in 0..job.strip {
        rest = rest.split_once('/')?.1.trim_start_matches('/');
    }
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// What GNU's tar says it removes of a name: slashes in front, and all up to the last `..`.
fn prefix(name: &str) -> &str {
    let up = name.match_indices("..").filter(|(at, _)| {
        let ends = name[at + 2..].is_empty() || name[at + 2..].starts_with('/');
        ends && (*at == 0 || name[..*at].ends_with('/'))
    });
    let end = up.last().map_or(0, |(at, _)| at + 2);
    &name[..name.len() - name[end..].trim_start_matches('/').len()]
}

/// Whether a name leads upwards, which GNU's tar does not follow.
fn climbs(job: &Job, name: &str) -> bool {
    !job.options.has('P') && name.split('/').any(|part| part == "..")
}

fn extract(p: &mut Process, job: &mut Job, member: &Member, name: &str, data: &[u8], late: &mut Vec<(String, Member)>) {
    let name = name.trim_end_matches('/');
    if let Some((folder, _)) = name.rsplit_once('/').filter(|(f, _)| !p.is_dir(f)) {
        // If it cannot be made, what goes into it says so.
        let _ = p.mkdir_all(folder);
    }
    let result = make(p, job, member, name, data);
    match result {
        // The time and mode of a folder are set when all is in it.
        Ok(()) if member.kind == b'5' => late.insert(0, (name.to_owned(), member.clone())),
        Ok(()) => finish(p, job, member, name),
        Err(Errno::Exists) if job.options.has('\u{13}') => {}
        Err(e) => {
            let why = errno::text(e);
            let text = match member.kind {
                b'1' => format!("{name}: Cannot hard link to '{}': {why}", member.link),
                b'2' => format!("{name}: Cannot create symlink to '{}': {why}", member.link),
                b'5' => format!("{name}: Cannot mkdir: {why}"),
                _ => format!("{name}: Cannot open: {why}"),
            };
            job.complain(p, &text);
        }
    }
}

fn make(p: &mut Process, job: &Job, member: &Member, name: &str, data: &[u8]) -> Result<(), Errno> {
    let cwd = p.cwd.clone();
    if member.kind == b'5' {
        return match p.stat(name) {
            Ok((_, node)) if node.as_directory().is_some() => Ok(()),
            Ok(_) => Err(Errno::Exists),
            Err(_) => p.system.mkdir(&p.ids, &cwd, name, member.mode | 0o700),
        };
    }
    if let Ok((real, _)) = p.lstat(name) {
        if job.options.has('k') || job.options.has('\u{13}') {
            return Err(Errno::Exists);
        }
        p.system.unlink(&p.ids, &real)?;
    }
    match member.kind {
        b'1' => p.system.link(&p.ids, &cwd, &member.link, name),
        b'2' => p.system.symlink(&p.ids, &cwd, &member.link, name),
        b'3' | b'4' | b'6' => {
            let (major, minor) = member.device;
            let kind = match member.kind {
                b'3' => SpecialKind::CharDevice { major, minor },
                b'4' => SpecialKind::BlockDevice { major, minor },
                _ => SpecialKind::Fifo,
            };
            let metadata = Metadata { mode: member.mode, uid: p.ids.uid, gid: p.ids.gid, mtime: p.system.now, xattrs: None };
            let real = place(p, name)?;
            p.system.create(&p.ids, &real, Node::Special(Arc::new(Special { metadata, kind })))
        }
        _ => {
            let real = p.system.open_write(&p.ids, &cwd, name, member.mode & !p.umask, true)?;
            p.system.store(&real, data[member.start..member.start + member.size].to_vec().into())
        }
    }
}

/// Owner, mode and time. What may not be set is left.
fn finish(p: &mut Process, job: &Job, member: &Member, name: &str) {
    let Ok((real, node)) = p.lstat(name) else { return };
    if member.kind == b'1' {
        return;
    }
    let root = p.ids.is_root();
    let keep_owner = root && !job.options.has('o');
    if keep_owner {
        let numeric = job.options.has('\u{4}');
        let by_name = |text: &str| !numeric && !text.is_empty();
        let uid = p.users().into_iter().find(|u| by_name(&member.user) && u.name == member.user).map_or(member.uid, |u| u.uid);
        let gid = p.groups().into_iter().find(|g| by_name(&member.group) && g.name == member.group).map_or(member.gid, |g| g.gid);
        let _ = p.system.chown(&p.ids, &real, Some(uid), Some(gid));
    }
    if !matches!(node, Node::Symlink(_)) && member.kind != b'1' {
        let exact = (root || job.options.has('p')) && !job.options.has('\u{5}');
        let mode = if exact { member.mode } else { member.mode & 0o777 & !p.umask };
        let _ = p.system.chmod(&p.ids, &real, mode);
    }
    if !job.options.has('m') && member.kind != b'1' {
        let _ = p.system.set_time(&p.ids, &real, Some(member.mtime.saturating_mul(1_000_000_000)));
    }
}
