//! cp: files to other places.

use std::collections::BTreeMap;

use super::names::{base, confirms, inside, quote};
use super::options::{Options, either};
use crate::filesystem::{Errno, ImagePath, Metadata, Node};
use crate::machine::files::Last;
use crate::machine::{Process, errno};

/// Deepest nesting that is copied.
const MAX_DEPTH: u32 = 500;

/// How to copy.
#[derive(Debug, Default, Clone)]
#[allow(missing_docs)]
pub struct Manner {
    pub recursive: bool,
    pub follow: bool,
    pub follow_first: bool,
    pub owner: bool,
    pub mode: bool,
    pub time: bool,
    pub links: bool,
    pub force: bool,
    pub unlink_first: bool,
    pub asks: bool,
    pub keep_existing: bool,
    pub update: bool,
    pub verbose: bool,
    pub symbolic: bool,
    pub hard: bool,
    /// How what is in the way is kept.
    pub backup: Backup,
}

/// How GNU's programs keep a file that another takes the place of: by the suffix, or by numbers.
#[derive(Debug, Default, Clone)]
pub struct Backup {
    control: String,
    suffix: String,
}

impl Backup {
    /// As `-b`, `--backup` (the letter 7) and `-S` ask for it.
    pub fn new(p: &Process, options: &Options) -> Self {
        let given = options.value(BACKUP).or(options.value('b')).or(options.value('S').map(|_| ""));
        let variable = |name: &str, fallback: &str| p.var(name).filter(|v| !v.is_empty()).unwrap_or(fallback).to_owned();
        let control = match given.filter(|_| !p.busybox()) {
            None => String::new(),
            Some("") => variable("VERSION_CONTROL", "existing"),
            Some(control) => control.to_owned(),
        };
        let suffix = options.value('S').map_or_else(|| variable("SIMPLE_BACKUP_SUFFIX", "~"), str::to_owned);
        Self { control, suffix }
    }

    /// Moves what is called `to` away; its new name if it was there.
    pub fn keep(&self, p: &mut Process, to: &str) -> Option<String> {
        let (real, node) = p.lstat(to).ok().filter(|_| !matches!(self.control.as_str(), "" | "none" | "off"))?;
        let folder = real.parent().unwrap_or_else(ImagePath::root);
        let name = format!("{}.~", real.name());
        let number = |other: &String| other.strip_prefix(&name)?.strip_suffix('~')?.parse::<u64>().ok();
        let last = p.list(folder.as_str()).unwrap_or_default().iter().filter_map(number).max();
        let simple =
            matches!(self.control.as_str(), "simple" | "never") || last.is_none() && matches!(self.control.as_str(), "existing" | "nil");
        let suffix = if simple { self.suffix.clone() } else { format!(".~{}~", last.unwrap_or(0).saturating_add(1)) };
        let target = folder.child(&format!("{}{suffix}", real.name()));
        (node.as_directory().is_none() && p.system.rename(&p.ids, &real, &target).is_ok()).then(|| format!("{to}{suffix}"))
    }
}

/// The letter of `--backup`.
pub const BACKUP: char = '\u{7}';

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
    ("parents", '\u{1}'),
    ("preserve", '\u{2}'),
    ("no-preserve", '\u{3}'),
    ("link", 'l'),
    ("symbolic-link", 's'),
    ("remove-destination", '\u{4}'),
    ("reflink", '\u{5}'),
    ("attributes-only", '\u{6}'),
    ("backup", BACKUP),
    ("context", '\u{5}'),
    ("copy-contents", '\u{6}'),
    ("one-file-system", 'x'),
    ("sparse", '\u{8}'),
    ("strip-trailing-slashes", '\u{6}'),
    ("suffix", 'S'),
    ("interactive", 'i'),
];

/// cp.
pub fn cp(p: &mut Process) -> i32 {
    let options =
        match either(p, "HLPRTadfilnprst:uv\u{1}\u{4}\u{5};", "HLPRS:TZabdfilnprst:uvx\u{1}\u{2};\u{3}:\u{4}\u{5};\u{6}\u{7};\u{8}:", CP) {
            Ok(options) => options,
            Err(status) => return status,
        };
    let has = |c| options.has(c);
    let archive = has('a');
    let busybox = p.busybox();
    let keeps = |what: &str| options.values('\u{2}').any(|v| v.split(',').any(|w| w == what || w == "all"));
    let plain = has('p') || options.values('\u{2}').any(str::is_empty);
    let recursive = archive || has('r') || has('R');
    let manner = Manner {
        recursive,
        follow: has('L') || !(recursive || has('P') || has('d')),
        follow_first: has('L') || has('H') || !(recursive || has('P') || has('d')),
        owner: archive || plain || keeps("ownership"),
        mode: archive || plain || keeps("mode"),
        time: archive || plain || keeps("timestamps"),
        links: archive || has('d') || keeps("links"),
        force: has('f') || busybox && has('\u{4}'),
        unlink_first: has('\u{4}') && !busybox,
        asks: has('i'),
        keep_existing: has('n'),
        update: has('u'),
        verbose: has('v'),
        symbolic: has('s'),
        hard: has('l'),
        backup: Backup::new(p, &options),
    };
    let target = options.value('t').map(str::to_owned);
    let how = Placing { exact: has('T'), parents: has('\u{1}'), recursive: Some(recursive) };
    let pairs = match pairs(p, options.operands.clone(), target, how) {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    let mut copier = Copier::new(manner);
    for (from, to) in pairs {
        if how.parents
            && let Some((folder, _)) = to.rsplit_once('/')
        {
            let _ = p.mkdir_all(folder);
        }
        copier.copy(p, &from, &to, 0);
    }
    copier.status
}

/// Where what is copied or moved goes.
#[derive(Debug, Clone, Copy)]
pub struct Placing {
    /// The destination is the name itself, never a folder to put into.
    pub exact: bool,
    /// With the folders of the source's name.
    pub parents: bool,
    /// Whether folders are copied; nothing if they are moved.
    pub recursive: Option<bool>,
}

/// Which source goes where; on an error what to exit with.
pub fn pairs(p: &mut Process, mut paths: Vec<String>, target: Option<String>, how: Placing) -> Result<Vec<(String, String)>, i32> {
    let busybox = p.busybox();
    let many = paths.len() > 2;
    let given = target.is_some();
    let Some(last) = target.or_else(|| if paths.len() > 1 { paths.pop() } else { None }) else {
        if busybox {
            return Err(super::options::usage(p));
        }
        return Err(match paths.first() {
            Some(only) => {
                let text = format!("missing destination file operand after {}", quote(p, only));
                super::options::refuse(p, &text)
            }
            _ => super::options::refuse(p, "missing file operand"),
        });
    };
    let folder = p.is_dir(&last);
    if let (true, false, false) = (busybox, given, many) {
        for path in paths.iter().chain([&last]) {
            let why = match p.stat(path) {
                Err(Errno::NotADirectory) => "Path has non-directory component",
                Err(e) if e != Errno::NoEntry => errno::text(e),
                _ => continue,
            };
            return Err(p.fail(&format!("can't stat '{path}': {why}")));
        }
    }
    let mut into = !how.exact && (given || folder);
    if let (true, false, false, [only]) = (busybox, given, many, paths.as_slice()) {
        let source = p.is_dir(only);
        if how.exact && folder && !source {
            return Err(p.fail(&format!("'{last}' is a directory")));
        }
        if how.parents && !folder {
            return Err(p.fail("with --parents, the destination must be a directory"));
        }
        // A folder that cannot take the place of what is there goes into it, and fails there.
        into |= !how.exact && source && how.recursive.is_some_and(|recursive| !recursive || p.exists(&last));
    }
    if !into && many && !busybox {
        let why = if p.exists(&last) { Errno::NotADirectory } else { Errno::NoEntry };
        return Err(p.fail(&format!("target '{last}': {}", errno::text(why))));
    }
    let join = |from: String| {
        let to = match () {
            () if how.parents => inside(&last, from.trim_start_matches('/')),
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

/// Copies files and folders, and remembers what of them had several names.
pub struct Copier {
    /// How.
    pub manner: Manner,
    links: BTreeMap<u64, String>,
    /// What the folder given is copied to: not copied again when it lies in it.
    top: ImagePath,
    /// 1 once something failed.
    pub status: i32,
}

/// Whether two files are one: by their path, or as names of one file.
fn same(a: &(ImagePath, Node), b: &(ImagePath, Node)) -> bool {
    let link = |n: &Node| n.as_file().and_then(|f| f.link);
    a.0 == b.0 || link(&a.1).is_some_and(|l| link(&b.1) == Some(l))
}

impl Copier {
    /// One that has copied nothing yet.
    pub fn new(manner: Manner) -> Self {
        Self { manner, links: BTreeMap::new(), top: ImagePath::root(), status: 0 }
    }

    fn fail(&mut self, p: &mut Process, busybox: &str, gnu: &str, path: &str, e: Errno) {
        let text =
            if p.busybox() { format!("{busybox} '{path}': {}", errno::text(e)) } else { format!("{gnu} '{path}': {}", errno::text(e)) };
        self.status = p.fail(&text);
    }

    /// Copies `from` to the name `to`.
    pub fn copy(&mut self, p: &mut Process, from: &str, to: &str, depth: u32) {
        if depth > MAX_DEPTH {
            return self.fail(p, "can't stat", "cannot stat", from, Errno::NameTooLong);
        }
        if !p.burn(50) {
            self.status = 1;
            return;
        }
        let follow = if depth == 0 { self.manner.follow_first } else { self.manner.follow };
        let source = match if follow { p.stat(from) } else { p.lstat(from) } {
            Ok(found) => found,
            Err(e) => return self.fail(p, "can't stat", "cannot stat", from, e),
        };
        let busybox = p.busybox();
        let found = if busybox { p.lstat(to) } else { p.stat(to) };
        if let (true, Err(e)) = (busybox, &found)
            && *e != Errno::NoEntry
        {
            return self.fail(p, "can't stat", "cannot stat", to, *e);
        }
        let there = found.ok();
        if let Some(old) = &there {
            if same(&source, old) && source.1.as_directory().is_none() {
                let text = format!("'{from}' and '{to}' are the same file");
                self.status = p.fail(&text);
                return;
            }
            let older = source.1.metadata().mtime <= old.1.metadata().mtime;
            if source.1.as_directory().is_none() && (self.manner.keep_existing || self.manner.update && older) {
                return;
            }
        }
        let (real, node) = source;
        match &node {
            Node::Directory(_) if !self.manner.recursive => {
                let why = if busybox { "" } else { "-r not specified; " };
                self.status = p.fail(&format!("{why}omitting directory '{from}'"));
            }
            Node::Directory(d) => self.directory(p, (from, &real), to, &d.metadata, depth),
            _ if !p.lstat(to).is_ok_and(|(_, n)| matches!(n, Node::Symlink(_))) && p.is_dir(to) => {
                let text = if busybox {
                    format!("can't create '{to}': Is a directory")
                } else {
                    format!("cannot overwrite directory '{to}' with non-directory")
                };
                self.status = p.fail(&text);
            }
            node => self.single(p, (from, to), node, follow),
        }
    }

    fn directory(&mut self, p: &mut Process, (from, real): (&str, &ImagePath), to: &str, old: &Metadata, depth: u32) {
        let busybox = p.busybox();
        if let (Err(e), false) = (p.list(from), busybox) {
            return self.fail(p, "can't open", "cannot access", from, e);
        }
        let made = match p.stat(to) {
            Ok((_, Node::Directory(_))) => false,
            Ok(_) => {
                let text = format!("cannot overwrite non-directory '{to}' with directory '{from}'");
                let other = format!("target '{to}' is not a directory");
                self.status = p.fail(if busybox { &other } else { &text });
                return;
            }
            Err(_) => {
                let mode = old.mode & 0o1777 & !p.umask;
                let place = p.cwd.clone();
                if let Err(e) = p.system.mkdir(&p.ids, &place, to, mode | 0o700) {
                    return self.fail(p, "can't create directory", "cannot create directory", to, e);
                }
                if !busybox {
                    self.say(p, from, to, None);
                }
                true
            }
        };
        let own = p.stat(to).map(|(path, _)| path).unwrap_or_else(|_| ImagePath::root());
        if depth == 0 {
            self.top = own.clone();
        }
        let listed = p.list(from);
        let opened = listed.is_ok();
        if !opened {
            self.status = 1;
        }
        for name in listed.unwrap_or_default() {
            if real.child(&name) == self.top {
                let text = if busybox {
                    format!("recursion detected, omitting directory '{}'", inside(from, &name))
                } else {
                    format!("cannot copy a directory, '{from}', into itself, '{to}'")
                };
                self.status = p.fail(&text);
                continue;
            }
            self.copy(p, &inside(from, &name), &inside(to, &name), depth + 1);
        }
        if made && opened {
            // The owner alone changes modes, and that is who made it.
            let _ = p.system.chmod(&p.ids, &own, old.mode & !p.umask);
        }
        if made || self.manner.mode {
            self.preserve(p, &own, to, old);
        }
        if busybox {
            self.say(p, from, to, None);
        }
    }

    /// Removes what is in the way at `to`, if that is allowed: `None` goes on, else that is the end of it.
    fn clear(&mut self, p: &mut Process, to: &str, e: Errno) -> Option<()> {
        if !(self.manner.force || self.manner.asks) {
            self.fail(p, "can't create", "cannot create regular file", to, e);
            return Some(());
        }
        if self.manner.asks && !confirms(p, &format!("overwrite '{to}'")) {
            return Some(());
        }
        let gone = p.lstat(to).and_then(|(path, _)| p.system.unlink(&p.ids, &path));
        match gone {
            Ok(()) => None,
            Err(Errno::NoEntry) if e == Errno::NoEntry => {
                self.status = p.fail(&format!("can't create '{to}': Path does not exist"));
                Some(())
            }
            Err(_) => {
                self.fail(p, "can't create", "cannot create regular file", to, e);
                Some(())
            }
        }
    }

    fn single(&mut self, p: &mut Process, (from, to): (&str, &str), node: &Node, followed: bool) {
        let place = p.cwd.clone();
        let busybox = p.busybox();
        // busybox keeps names of one file together whenever it does not follow links.
        let linked = self.manner.links || busybox && !followed;
        let known = match node {
            Node::File(f) if linked => f.link.and_then(|l| self.links.get(&l).cloned()),
            _ => None,
        };
        let by_name = known.is_some()
            || self.manner.symbolic
            || self.manner.hard
            || matches!(node, Node::Symlink(_))
            || matches!(node, Node::Special(_)) && self.manner.recursive;
        let kept = self.manner.backup.keep(p, to);
        let there = kept.is_none() && p.lstat(to).is_ok();
        if there && busybox && (by_name || self.manner.asks) {
            if self.clear(p, to, Errno::Exists).is_some() {
                return;
            }
        } else if there && self.manner.asks && !confirms(p, &format!("overwrite '{to}'")) {
            return;
        } else if there
            && !busybox
            && (self.manner.unlink_first || by_name && (self.manner.force || known.is_some() || matches!(node, Node::Symlink(_))))
            && let Ok((path, _)) = p.lstat(to)
        {
            // What stays is in the way below, and told of there.
            let _ = p.system.unlink(&p.ids, &path);
        }
        let result = match node {
            _ if self.manner.symbolic => p.system.symlink(&p.ids, &place, from, to),
            _ if self.manner.hard => p.system.link(&p.ids, &place, from, to),
            Node::File(_) if known.is_some() => p.system.link(&p.ids, &place, known.as_deref().unwrap_or(""), to),
            Node::Symlink(link) => p.system.symlink(&p.ids, &place, &link.target, to),
            Node::Special(_) if self.manner.recursive => p.system.resolve(&p.ids, &place, to, Last::Keep).and_then(|real| {
                let old = node.metadata();
                let metadata = Metadata { mode: old.mode & !p.umask, uid: p.ids.uid, gid: p.ids.gid, mtime: p.system.now, xattrs: None };
                p.system.create(&p.ids, &real, node.with_metadata(metadata))
            }),
            node => {
                let content = match p.content(from) {
                    Ok(content) => content,
                    Err(e) => {
                        let text = if busybox {
                            format!("can't open '{from}': {}", errno::text(e))
                        } else {
                            format!("cannot open '{from}' for reading: {}", errno::text(e))
                        };
                        self.status = p.fail(&text);
                        return;
                    }
                };
                // Opened through a link for writing, the file itself is empty before it is read.
                let own = busybox && p.stat(to).is_ok_and(|new| p.stat(from).is_ok_and(|old| same(&old, &new)));
                let content = if own { Vec::new().into() } else { content };
                let special = if busybox { 0o7777 } else { 0o777 };
                let wanted = if node.as_file().is_some() || !busybox { node.metadata().mode & special } else { 0o666 };
                let mode = wanted & !p.umask;
                let mut opened = p.system.open_write(&p.ids, &place, to, mode, true);
                if let (Err(e), true) = (&opened, self.manner.force) {
                    if self.clear(p, to, *e).is_some() {
                        return;
                    }
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
        let plain = node.as_file().is_some() && !self.manner.symbolic && !self.manner.hard && known.is_none();
        if !busybox || plain {
            self.say(p, from, to, kept);
        }
        // busybox gives neither links nor what is read from a device their attributes.
        if let Ok((path, _)) = if matches!(node, Node::Symlink(_)) { p.lstat(to) } else { p.stat(to) }
            && (!busybox || plain || by_name)
        {
            self.preserve(p, &path, to, node.metadata());
        }
    }

    fn say(&self, p: &mut Process, from: &str, to: &str, kept: Option<String>) {
        if self.manner.verbose {
            p.out(format!("'{from}' -> '{to}'{}\n", kept.map_or(String::new(), |kept| format!(" (backup: '{kept}')"))));
        }
    }

    fn preserve(&self, p: &mut Process, path: &ImagePath, name: &str, old: &Metadata) {
        let (busybox, link) = (p.busybox(), matches!(p.system.node(path), Some(Node::Symlink(_))));
        let mut mode = old.mode;
        // Only root may give files away: others keep what they can, without the setuid bits.
        if self.manner.owner
            && let Err(e) = p.system.chown(&p.ids, path, Some(old.uid), Some(old.gid))
        {
            mode &= 0o1777;
            if busybox {
                p.fail(&format!("can't preserve ownership of '{name}': {}", errno::text(e)));
            }
        }
        if self.manner.mode && !link {
            let _ = p.system.chmod(&p.ids, path, mode);
        }
        if self.manner.time && !(busybox && link) {
            let _ = p.system.set_time(&p.ids, path, Some(old.mtime));
        }
    }
}
