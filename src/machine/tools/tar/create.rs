//! tar -c.

use std::collections::BTreeMap;

use super::archive::{self, BLOCK, Member};
use super::{Job, Packing, long_line};
use crate::filesystem::{Errno, Node, SpecialKind};
use crate::machine::tools::names;
use crate::machine::{Process, errno};

/// Deepest nesting that is packed.
const MAX_DEPTH: usize = 500;
/// Most bytes of an archive.
const MAX_BYTES: usize = 256 << 20;

struct Writer {
    out: Vec<u8>,
    /// The first names of files with several.
    links: BTreeMap<u64, String>,
    archive: Option<crate::filesystem::ImagePath>,
    /// Verbose lines go to standard error, since the archive goes to standard output.
    to_stderr: bool,
    told: bool,
}

/// Makes an archive.
pub fn create(p: &mut Process, job: &mut Job, file: &str) -> Result<(), i32> {
    let cwd = p.cwd.clone();
    let to_stdout = file == "-";
    let mut names: Vec<(Option<String>, String)> = operands(p, job);
    for list in job.options.values('T').map(str::to_owned).collect::<Vec<_>>() {
        match p.input(&list) {
            Ok(data) => {
                let text = String::from_utf8_lossy(&data).into_owned();
                names.extend(text.split(['\n', '\0']).filter(|l| !l.is_empty()).map(|l| (None, l.to_owned())));
            }
            Err(e) => return Err(job.fatal(p, &format!("{list}: Cannot open: {}", errno::text(e)))),
        }
    }
    if names.is_empty() && !job.options.has('T') {
        if !job.gnu {
            p.fail("empty archive");
            return Err(1);
        }
        p.fail("Cowardly refusing to create an empty archive");
        p.err("Try 'tar --help' or 'tar --usage' for more information.\n");
        return Err(2);
    }
    if let Some(packing) = job.packing {
        job.need_program(p, packing)?;
    }
    let mut writer = Writer { out: Vec::new(), links: BTreeMap::new(), archive: None, to_stderr: to_stdout, told: false };
    if !to_stdout {
        if (job.options.has('r') || job.options.has('u'))
            && let Ok(old) = p.read(file)
        {
            let end = archive::read(&old).0.iter().map(|m| (m.start + m.size).next_multiple_of(BLOCK)).max().unwrap_or(0);
            writer.out = old[..end.min(old.len())].to_vec();
        } else if let Err(e) = p.write(file, Vec::new()) {
            let why = errno::text(e);
            let text = if job.gnu { format!("{file}: Cannot open: {why}") } else { format!("can't open '{file}': {why}") };
            return Err(job.fatal(p, &text));
        }
        writer.archive = p.stat(file).ok().map(|(real, _)| real);
    }
    if !job.gnu
        && let Some(folder) = job.options.value('C').map(str::to_owned)
    {
        job.change_directory(p, &folder)?;
    }
    for (folder, name) in names {
        if let Some(folder) = folder {
            job.change_directory(p, &folder)?;
        }
        if !name.is_empty() {
            let trimmed = if name.len() > 1 { name.trim_end_matches('/') } else { &name };
            writer.add(p, job, trimmed, 0);
        }
    }
    let mut out = writer.out;
    out.resize(out.len() + 2 * BLOCK, 0);
    // GNU writes whole records, busybox ends after its two empty blocks.
    if job.gnu {
        out.resize(out.len().next_multiple_of(20 * BLOCK), 0);
    }
    p.burn(out.len() as u64 / 8);
    if let Some(packing) = job.packing {
        // busybox unpacks more than it packs.
        if !job.gnu && !matches!(packing, Packing::Gzip | Packing::Bzip2) {
            p.fail("write error: Broken pipe");
            return Err(1);
        }
        match packing.pack(&out, 9) {
            Some(packed) => out = packed,
            None => return Err(job.fatal(p, &format!("bottleship: {} is not simulated", packing.program()))),
        }
    }
    p.cwd = cwd;
    if to_stdout {
        p.out(out);
    } else if let Err(e) = p.write(file, out) {
        return Err(job.fatal(p, &format!("{file}: {}", errno::text(e))));
    }
    if job.failed && !job.gnu {
        p.fail("error exit delayed from previous errors");
    }
    Ok(())
}

/// What is packed, each with the folder to go to first.
fn operands(p: &Process, job: &Job) -> Vec<(Option<String>, String)> {
    if !job.gnu {
        return job.options.operands.iter().map(|o| (None, o.clone())).collect();
    }
    // In GNU's tar `-C` holds for what stands behind it.
    let mut out = Vec::new();
    let mut left = job.options.operands.iter().peekable();
    let mut args = p.args.iter().skip(1);
    while let Some(arg) = args.next() {
        let folder = match arg.as_str() {
            "-C" | "--directory" => args.next().cloned(),
            a if a.starts_with("--directory=") => Some(a[12..].to_owned()),
            a if a.starts_with("-C") => Some(a[2..].to_owned()),
            a if a.starts_with('-') && !a.starts_with("--") && a.ends_with('C') => args.next().cloned(),
            _ => None,
        };
        if folder.is_some() {
            out.push((folder, String::new()));
        } else if left.peek() == Some(&arg) {
            out.extend(left.next().map(|o| (None, o.clone())));
        }
    }
    if !out.iter().any(|(f, _)| f.is_some()) && job.options.has('C') {
        out.insert(0, (job.options.value('C').map(str::to_owned), String::new()));
    }
    out.extend(left.map(|o| (None, o.clone())));
    out
}

impl Writer {
    fn add(&mut self, p: &mut Process, job: &mut Job, path: &str, depth: usize) {
        if depth > MAX_DEPTH || self.out.len() > MAX_BYTES || !p.burn(30) || job.excluded(path) {
            return;
        }
        let follow = job.options.has('h');
        let (real, node) = match if follow { p.stat(path) } else { p.lstat(path) } {
            Ok(found) => found,
            Err(e) => {
                let why = errno::text(e);
                let text = if job.gnu { format!("{path}: Cannot stat: {why}") } else { format!("{path}: {why}") };
                return job.complain(p, &text);
            }
        };
        if Some(&real) == self.archive.as_ref() {
            let text = if job.gnu { "file is the archive; not dumped" } else { "file is the archive; skipping" };
            p.fail(&format!("{path}: {text}"));
            return;
        }
        let name = self.member_name(p, job, path);
        let folder = node.as_directory().cloned();
        if !name.is_empty() {
            self.member(p, job, path, name, &node);
        }
        if let Some(folder) = folder.filter(|_| !job.options.has('\u{3}')) {
            for entry in folder.entries.keys() {
                self.add(p, job, &names::inside(path, entry), depth + 1);
            }
        }
    }

    /// Without what would lead out of the place it is unpacked in.
    fn member_name(&mut self, p: &mut Process, job: &Job, path: &str) -> String {
        if job.options.has('P') {
            return path.to_owned();
        }
        let mut end = if path.starts_with('/') { path.len() - path.trim_start_matches('/').len() } else { 0 };
        if let Some(at) = path.rfind("../") {
            end = end.max(at + 3);
        }
        if end > 0 && !self.told {
            self.told = true;
            let head = &path[..end];
            let text = if job.gnu {
                format!("Removing leading `{head}' from member names")
            } else {
                format!("removing leading '{head}' from member names")
            };
            p.fail(&text);
        }
        path[end..].to_owned()
    }

    fn member(&mut self, p: &mut Process, job: &mut Job, path: &str, name: String, node: &Node) {
        let m = node.metadata();
        let mut member = Member {
            name: job.transformed(&name),
            kind: b'0',
            mode: m.mode,
            uid: m.uid,
            gid: m.gid,
            mtime: m.mtime.div_euclid(1_000_000_000),
            ..Member::default()
        };
        let mut content = None;
        match node {
            Node::Directory(_) => {
                member.kind = b'5';
                member.name.push('/');
            }
            Node::Symlink(link) => {
                member.kind = b'2';
                member.link = link.target.to_string();
                member.mode = 0o777;
            }
            Node::Special(special) => match special.kind {
                SpecialKind::Fifo => member.kind = b'6',
                SpecialKind::CharDevice { major, minor } => (member.kind, member.device) = (b'3', (major, minor)),
                SpecialKind::BlockDevice { major, minor } => (member.kind, member.device) = (b'4', (major, minor)),
            },
            Node::File(file) => match file.link.and_then(|l| self.links.get(&l)) {
                Some(first) => {
                    member.kind = b'1';
                    member.link.clone_from(first);
                }
                None => match p.read(path) {
                    Ok(data) => {
                        file.link.map(|l| self.links.insert(l, name));
                        member.size = data.len();
                        content = Some(data);
                    }
                    Err(e) => return self.unreadable(p, job, path, e),
                },
            },
        }
        owner(p, job, &mut member);
        if job.verbose {
            let twice = job.options.given.iter().filter(|(c, _)| *c == 'v').count() > 1;
            let line = if twice { long_line(job, &member) } else { format!("{}\n", member.name) };
            if self.to_stderr { p.err(line) } else { p.out(line) }
        }
        self.out.extend(archive::header(&member));
        if let Some(data) = content {
            self.out.extend_from_slice(&data);
            self.out.resize(self.out.len().next_multiple_of(BLOCK), 0);
        }
    }

    fn unreadable(&self, p: &mut Process, job: &mut Job, path: &str, e: Errno) {
        let why = errno::text(e);
        let text = if job.gnu { format!("{path}: Cannot open: {why}") } else { format!("can't open '{path}': {why}") };
        job.complain(p, &text);
    }
}

/// The owner's names, and what `--owner`, `--group`, `--mode`, `--mtime` put in their place.
fn owner(p: &Process, job: &Job, member: &mut Member) {
    if let Some(owner) = job.options.value('\u{d}') {
        let (name, id) = owner.split_once(':').unwrap_or((owner, owner));
        member.uid = id.parse().ok().or_else(|| p.users().into_iter().find(|u| u.name == name).map(|u| u.uid)).unwrap_or(member.uid);
    }
    if let Some(group) = job.options.value('\u{e}') {
        let (name, id) = group.split_once(':').unwrap_or((group, group));
        member.gid = id.parse().ok().or_else(|| p.groups().into_iter().find(|g| g.name == name).map(|g| g.gid)).unwrap_or(member.gid);
    }
    if let Some(mode) = job.options.value('\u{f}') {
        member.mode = crate::machine::tools::mode::change(mode, member.mode, p.umask, member.kind == b'5', false).unwrap_or(member.mode);
    }
    if let Some(time) = job.options.value('\u{10}') {
        member.mtime = crate::machine::tools::date::parse(time, 0).unwrap_or(member.mtime);
    }
    if !job.options.has('\u{4}') {
        member.user = names::user(p, member.uid).unwrap_or_default();
        member.group = names::group(p, member.gid).unwrap_or_default();
    }
}
