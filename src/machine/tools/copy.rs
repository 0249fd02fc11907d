//! cp, mv and install: files to other places.

use std::collections::BTreeMap;

use super::names::{base, inside, options, quote};
use super::owner;
use crate::filesystem::{Errno, ImagePath, Metadata, Node};
use crate::machine::{Process, errno};

/// Deepest nesting that is copied.
const MAX_DEPTH: u32 = 500;

/// How to copy.
#[derive(Debug, Default, Clone)]
struct Manner {
    recursive: bool,
    follow: bool,
    follow_first: bool,
    owner: bool,
    mode: bool,
    time: bool,
    links: bool,
    force: bool,
    unlink_first: bool,
    keep_existing: bool,
    update: bool,
    verbose: bool,
    symbolic: bool,
    hard: bool,
}

const CP: &[(&str, char)] = &[
    ("archive", 'a'),
    ("recursive", 'r'),
    ("dereference", 'L'),
    ("no-dereference", 'P'),
    ("force", 'f'),
    ("no-clobber", 'n'),
    ("update", 'u'),
    ("verbose", 'v'),
    ("target-directory", 't'),
    ("no-target-directory", 'T'),
    ("parents", 'Z'),
    ("preserve", 'y'),
    ("no-preserve", 'Y'),
    ("link", 'l'),
    ("symbolic-link", 's'),
    ("remove-destination", 'x'),
];

/// cp.
pub fn cp(p: &mut Process) -> i32 {
    let (found, paths) = options(p, "tS", CP);
    let has = |c| found.iter().any(|(f, _)| *f == c);
    let archive = has('a');
    let keeps = |what: &str| found.iter().any(|(f, v)| *f == 'y' && v.split(',').any(|w| w == what || w == "all"));
    let plain = has('p') || found.iter().any(|(f, v)| *f == 'y' && v.is_empty());
    let recursive = archive || has('r') || has('R');
    let manner = Manner {
        recursive,
        follow: has('L') || !(recursive || has('P') || has('d')),
        follow_first: has('L') || has('H') || !(recursive || has('P') || has('d')),
        owner: archive || plain || keeps("ownership"),
        mode: archive || plain || keeps("mode"),
        time: archive || plain || keeps("timestamps"),
        links: archive || has('d') || keeps("links"),
        force: has('f'),
        unlink_first: has('x'),
        keep_existing: has('n'),
        update: has('u'),
        verbose: has('v'),
        symbolic: has('s'),
        hard: has('l'),
    };
    let target = found.iter().find(|(c, _)| *c == 't').map(|(_, v)| v.clone());
    let pairs = match pairs(p, paths, target, has('T'), has('Z')) {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    let mut copier = Copier { manner, links: BTreeMap::new(), top: ImagePath::root(), status: 0 };
    for (from, to) in pairs {
        if has('Z')
            && let Some((folder, _)) = to.rsplit_once('/')
        {
            let _ = p.mkdir_all(folder);
        }
        copier.copy(p, &from, &to, 0);
    }
    copier.status
}

/// Which source goes where; on an error what to exit with.
fn pairs(
    p: &mut Process,
    mut paths: Vec<String>,
    target: Option<String>,
    exact: bool,
    parents: bool,
) -> Result<Vec<(String, String)>, i32> {
    let many = paths.len() > 2;
    let given = target.is_some();
    let Some(last) = target.or_else(|| if paths.len() > 1 { paths.pop() } else { None }) else {
        if p.busybox() {
            return Err(super::options::usage(p));
        }
        return Err(match paths.first() {
            Some(only) if !p.busybox() => {
                let text = format!("missing destination file operand after {}", quote(p, only));
                super::options::refuse(p, &text)
            }
            _ => super::options::refuse(p, "missing file operand"),
        });
    };
    let into = !exact && (given || p.is_dir(&last));
    if !into && many && !p.busybox() {
        let why = if p.exists(&last) { Errno::NotADirectory } else { Errno::NoEntry };
        return Err(p.fail(&format!("target '{last}': {}", errno::text(why))));
    }
    let join = |from: String| {
        let to = match () {
            () if parents => inside(&last, from.trim_start_matches('/')),
            () if into || many => match base(&from) {
                "/" | ".." | "." | "" => inside(&last, "."),
                name => inside(&last, name),
            },
            () => last.clone(),
        };
        (from, to)
    };
    Ok(paths.into_iter().map(join).collect())
}

struct Copier {
    manner: Manner,
    links: BTreeMap<u64, String>,
    /// What the folder given is copied to: not copied again when it lies in it.
    top: ImagePath,
    status: i32,
}

impl Copier {
    fn fail(&mut self, p: &mut Process, busybox: &str, gnu: &str, path: &str, e: Errno) {
        let text =
            if p.busybox() { format!("{busybox} '{path}': {}", errno::text(e)) } else { format!("{gnu} '{path}': {}", errno::text(e)) };
        self.status = p.fail(&text);
    }

    fn copy(&mut self, p: &mut Process, from: &str, to: &str, depth: u32) {
        if depth > MAX_DEPTH || !p.burn(50) {
            self.status = 1;
            return;
        }
        let follow = if depth == 0 { self.manner.follow_first } else { self.manner.follow };
        let (real, node) = match if follow { p.stat(from) } else { p.lstat(from) } {
            Ok(found) => found,
            Err(e) => return self.fail(p, "can't stat", "cannot stat", from, e),
        };
        let there = p.stat(to).ok();
        if let Some((other, old)) = &there {
            if *other == real && !matches!(node, Node::Directory(_)) {
                let text = format!("'{from}' and '{to}' are the same file");
                self.status = p.fail(&text);
                return;
            }
            let older = node.metadata().mtime <= old.metadata().mtime;
            if node.as_directory().is_none() && (self.manner.keep_existing || self.manner.update && older) {
                return;
            }
        }
        match &node {
            Node::Directory(_) if !self.manner.recursive => {
                let why = if p.busybox() { "" } else { "-r not specified; " };
                self.status = p.fail(&format!("{why}omitting directory '{from}'"));
            }
            Node::Directory(d) => self.directory(p, (from, &real), to, &d.metadata, depth),
            _ if there.as_ref().is_some_and(|(_, n)| n.as_directory().is_some()) => {
                let text = if p.busybox() {
                    format!("can't create '{to}': Is a directory")
                } else {
                    format!("cannot overwrite directory '{to}' with non-directory")
                };
                self.status = p.fail(&text);
            }
            node => self.single(p, from, to, node),
        }
    }

    fn directory(&mut self, p: &mut Process, (from, real): (&str, &ImagePath), to: &str, old: &Metadata, depth: u32) {
        if let Err(e) = p.list(from) {
            return self.fail(p, "can't open", "cannot access", from, e);
        }
        let made = match p.stat(to) {
            Ok((_, Node::Directory(_))) => false,
            Ok(_) => {
                let text = format!("cannot overwrite non-directory '{to}' with directory '{from}'");
                let busybox = format!("target '{to}' is not a directory");
                self.status = p.fail(if p.busybox() { &busybox } else { &text });
                return;
            }
            Err(_) => {
                let mode = old.mode & !p.umask;
                let place = p.cwd.clone();
                if let Err(e) = p.system.mkdir(&p.ids, &place, to, mode | 0o700) {
                    return self.fail(p, "can't create directory", "cannot create directory", to, e);
                }
                self.say(p, from, to);
                true
            }
        };
        let own = p.stat(to).map(|(path, _)| path).unwrap_or_else(|_| ImagePath::root());
        if depth == 0 {
            self.top = own.clone();
        }
        for name in p.list(from).unwrap_or_default() {
            if real.child(&name) == self.top {
                let text = if p.busybox() {
                    format!("recursion detected, omitting directory '{to}'")
                } else {
                    format!("cannot copy a directory, '{from}', into itself, '{to}'")
                };
                self.status = p.fail(&text);
                continue;
            }
            self.copy(p, &inside(from, &name), &inside(to, &name), depth + 1);
        }
        if made {
            let _ = p.system.chmod(&p.ids, &own, old.mode & !p.umask);
        }
        if made || self.manner.mode {
            self.preserve(p, &own, old);
        }
    }

    fn single(&mut self, p: &mut Process, from: &str, to: &str, node: &Node) {
        let place = p.cwd.clone();
        let known = match node {
            Node::File(f) if self.manner.links => f.link.and_then(|l| self.links.get(&l).cloned()),
            _ => None,
        };
        let replace =
            self.manner.unlink_first || known.is_some() || !matches!(node, Node::File(_)) || self.manner.symbolic || self.manner.hard;
        if (replace && (self.manner.unlink_first || self.manner.force || known.is_some() || matches!(node, Node::Symlink(_))))
            && let Ok((path, _)) = p.lstat(to)
        {
            let _ = p.system.unlink(&p.ids, &path);
        }
        let result = match node {
            _ if self.manner.symbolic => p.system.symlink(&p.ids, &place, from, to),
            _ if self.manner.hard => p.system.link(&p.ids, &place, from, to),
            Node::File(_) if known.is_some() => p.system.link(&p.ids, &place, known.as_deref().unwrap_or(""), to),
            Node::Symlink(link) => p.system.symlink(&p.ids, &place, &link.target, to),
            node => {
                let content = match p.content(from) {
                    Ok(content) => content,
                    Err(e) => {
                        let text = if p.busybox() {
                            format!("can't open '{from}': {}", errno::text(e))
                        } else {
                            format!("cannot open '{from}' for reading: {}", errno::text(e))
                        };
                        self.status = p.fail(&text);
                        return;
                    }
                };
                let special = if p.busybox() { 0o7777 } else { 0o777 };
                let mode = node.metadata().mode & special & !p.umask;
                let mut opened = p.system.open_write(&p.ids, &place, to, mode, true);
                if opened.is_err()
                    && self.manner.force
                    && let Ok((path, _)) = p.lstat(to)
                {
                    let _ = p.system.unlink(&p.ids, &path);
                    opened = p.system.open_write(&p.ids, &place, to, mode, true);
                }
                opened.and_then(|real| p.system.store(&real, content))
            }
        };
        if let Err(e) = result {
            return self.fail(p, "can't create", "cannot create regular file", to, e);
        }
        if let Node::File(f) = node
            && let Some(link) = f.link
        {
            self.links.insert(link, to.to_owned());
        }
        self.say(p, from, to);
        if let Ok((path, _)) = if matches!(node, Node::Symlink(_)) { p.lstat(to) } else { p.stat(to) } {
            self.preserve(p, &path, node.metadata());
        }
    }

    fn say(&self, p: &mut Process, from: &str, to: &str) {
        if self.manner.verbose {
            p.out(format!("'{from}' -> '{to}'\n"));
        }
    }

    fn preserve(&self, p: &mut Process, path: &ImagePath, old: &Metadata) {
        let mut mode = old.mode;
        // Only root may give files away: others keep what they can, without the setuid bits.
        if self.manner.owner && p.system.chown(&p.ids, path, Some(old.uid), Some(old.gid)).is_err() {
            mode &= 0o1777;
        }
        if self.manner.mode && !matches!(p.system.node(path), Some(Node::Symlink(_))) {
            let _ = p.system.chmod(&p.ids, path, mode);
        }
        if self.manner.time {
            let _ = p.system.set_time(&p.ids, path, Some(old.mtime));
        }
    }
}

/// mv.
pub fn mv(p: &mut Process) -> i32 {
    let long =
        [("force", 'f'), ("no-clobber", 'n'), ("verbose", 'v'), ("target-directory", 't'), ("no-target-directory", 'T'), ("update", 'u')];
    let (found, paths) = options(p, "tS", &long);
    let has = |c| found.iter().any(|(f, _)| *f == c);
    let target = found.iter().find(|(c, _)| *c == 't').map(|(_, v)| v.clone());
    let pairs = match pairs(p, paths, target, has('T'), false) {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    let mut status = 0;
    for (from, to) in pairs {
        if has('n') && p.lstat(&to).is_ok() {
            continue;
        }
        if !p.busybox() && p.lstat(&from).is_ok_and(|(path, _)| p.lstat(&to).is_ok_and(|(other, _)| path == other)) {
            status = p.fail(&format!("'{from}' and '{to}' are the same file"));
            continue;
        }
        match rename(p, &from, &to) {
            Ok(code) => {
                status = code.max(status);
                if has('v') && code == 0 {
                    let verb = if p.busybox() { "" } else { "renamed " };
                    p.out(format!("{verb}'{from}' -> '{to}'\n"));
                }
            }
            Err(e) => {
                let missing = p.lstat(&from).is_err();
                let text = match () {
                    () if p.busybox() => format!("can't rename '{from}': {}", errno::text(e)),
                    () if missing => format!("cannot stat '{from}': {}", errno::text(e)),
                    () if e == Errno::InvalidArgument => format!("cannot move '{from}' to a subdirectory of itself, '{to}'"),
                    () => format!("cannot move '{from}' to '{to}': {}", errno::text(e)),
                };
                status = p.fail(&text);
            }
        }
    }
    status
}

fn rename(p: &mut Process, from: &str, to: &str) -> Result<i32, Errno> {
    let (source, node) = p.lstat(from.trim_end_matches('/')).or_else(|_| p.lstat(from))?;
    if node.as_directory().is_none() && (from.ends_with('/') || to.ends_with('/')) {
        return Err(Errno::NotADirectory);
    }
    let place = p.cwd.clone();
    let target = p.system.resolve(&p.ids, &place, to.trim_end_matches('/'), crate::machine::files::Last::Keep)?;
    match p.system.rename(&p.ids, &source, &target) {
        Err(Errno::CrossDevice) => {}
        result => return result.map(|()| 0),
    }
    if node.as_directory().is_none() && p.lstat(to).is_ok() {
        p.system.unlink(&p.ids, &target)?;
    }
    let manner = Manner { recursive: true, owner: true, mode: true, time: true, links: true, ..Manner::default() };
    let mut copier = Copier { manner, links: BTreeMap::new(), top: ImagePath::root(), status: 0 };
    copier.copy(p, from, to, 0);
    if copier.status == 0 {
        p.remove_all(from)?;
    }
    Ok(copier.status)
}

const INSTALL: &[(&str, char)] = &[
    ("directory", 'd'),
    ("mode", 'm'),
    ("owner", 'o'),
    ("group", 'g'),
    ("target-directory", 't'),
    ("no-target-directory", 'T'),
    ("verbose", 'v'),
    ("preserve-timestamps", 'p'),
    ("strip", 's'),
];

/// install.
pub fn install(p: &mut Process) -> i32 {
    let (found, paths) = options(p, "mogtS", INSTALL);
    let value = |c| found.iter().find(|(f, _)| *f == c).map(|(_, v)| v.clone());
    let has = |c| found.iter().any(|(f, _)| *f == c);
    let Some(mode) = value('m').map_or(Some(0o755), |m| super::mode::parse(&m, 0, 0, has('d'))) else {
        return p.fail(&format!("invalid mode '{}'", value('m').unwrap_or_default()));
    };
    let spec = format!("{}{}", value('o').unwrap_or_default(), value('g').map_or(String::new(), |g| format!(":{g}")));
    let (uid, gid) = match owner::parse(p, &spec) {
        Ok(ids) => ids,
        Err(text) => return p.fail(&text),
    };
    let mut finished = Vec::new();
    let mut status = 0;
    if has('d') {
        for path in paths {
            match p.mkdir_all(&path) {
                Ok(()) => finished.push(path),
                Err(e) => status = p.fail(&format!("cannot create directory '{path}': {}", errno::text(e))),
            }
        }
    } else {
        if has('D') {
            let folder = value('t').or_else(|| paths.last().and_then(|l| l.rsplit_once('/')).map(|(f, _)| f.to_owned()));
            if let Some(Err(e)) = folder.as_deref().map(|f| p.mkdir_all(f)) {
                return p.fail(&format!("cannot create directory '{}': {}", folder.unwrap_or_default(), errno::text(e)));
            }
        }
        let pairs = match pairs(p, paths, value('t'), has('T'), false) {
            Ok(pairs) => pairs,
            Err(status) => return status,
        };
        let manner =
            Manner { follow: true, follow_first: true, unlink_first: true, time: has('p'), verbose: has('v'), ..Manner::default() };
        let mut copier = Copier { manner, links: BTreeMap::new(), top: ImagePath::root(), status: 0 };
        for (from, to) in pairs {
            copier.status = 0;
            // The old file is replaced, not written: only if there is a new one.
            copier.manner.unlink_first = p.stat(&from).is_ok();
            copier.copy(p, &from, &to, 0);
            status |= copier.status;
            if copier.status == 0 {
                finished.push(to);
            }
        }
    }
    for path in finished {
        let result = p.stat(&path).and_then(|(real, _)| {
            if uid.is_some() || gid.is_some() {
                p.system.chown(&p.ids, &real, uid, gid)?;
            }
            p.system.chmod(&p.ids, &real, mode)
        });
        if let Err(e) = result {
            let text = format!("cannot change permissions of {}: {}", quote(p, &path), errno::text(e));
            status = p.fail(&text);
        }
    }
    status
}
