//! chown and chgrp.

use super::names::quote;
use super::options::either;
use crate::filesystem::{ImagePath, Node};
use crate::machine::files::{Access, permits};
use crate::machine::{Process, errno};

/// Deepest folder that -R enters.
const MAX_DEPTH: u32 = 500;

const LONG: &[(&str, char)] = &[
    ("recursive", 'R'),
    ("no-dereference", 'h'),
    ("dereference", '\u{1}'),
    ("reference", '\u{2}'),
    ("from", '\u{3}'),
    ("no-preserve-root", '\u{4}'),
    ("preserve-root", '\u{4}'),
    ("silent", 'f'),
    ("quiet", 'f'),
    ("verbose", 'v'),
    ("changes", 'c'),
];

/// chown.
pub fn chown(p: &mut Process) -> i32 {
    change(p, false)
}

/// chgrp.
pub fn chgrp(p: &mut Process) -> i32 {
    change(p, true)
}

/// The ids that `user`, `user:group`, `:group` or `user:` name; the error is the text to print.
pub fn parse(p: &Process, spec: &str) -> Result<(Option<u32>, Option<u32>), String> {
    // The old way has a dot; a name may have one too.
    let dotted = || spec.split_once('.').filter(|_| !p.users().iter().any(|u| u.name == spec));
    let (user, group) = spec.split_once(':').or_else(dotted).map_or((spec, None), |(u, g)| (u, Some(g)));
    let mut login_group = None;
    let uid = match user {
        "" => None,
        user => match p.users().into_iter().find(|u| u.name == user) {
            Some(entry) => {
                login_group = Some(entry.gid);
                Some(entry.uid)
            }
            None => Some(number(user).ok_or_else(|| unknown(p, "user", user, spec))?),
        },
    };
    let gid = match group {
        None => None,
        Some("") => login_group,
        Some(group) => Some(group_id(p, group).ok_or_else(|| unknown(p, "group", group, spec))?),
    };
    Ok((uid, gid))
}

/// The id of a group given by name or number.
pub fn group_id(p: &Process, group: &str) -> Option<u32> {
    p.groups().into_iter().find(|g| g.name == group).map(|g| g.gid).or_else(|| number(group))
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

fn unknown(p: &Process, what: &str, name: &str, spec: &str) -> String {
    if p.busybox() && name != spec && !spec.starts_with([':', '.']) {
        format!("unknown user/group {spec}")
    } else if p.busybox() {
        format!("unknown {what} {name}")
    } else {
        format!("invalid {what}: {}", quote(p, spec))
    }
}

fn change(p: &mut Process, only_group: bool) -> i32 {
    let options = match either(p, "cfhvHLPR\u{1}", "cfhvHLPR\u{1}\u{2}:\u{3}:\u{4}", LONG) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let has = |c| options.has(c);
    let mut paths = options.operands.clone();
    let (recursive, keep, quiet) = (has('R'), has('h'), has('f'));
    let reference = options.value('\u{2}');
    let words = paths.first().filter(|_| reference.is_none()).cloned().unwrap_or_default();
    let owner = match reference {
        Some(reference) => p
            .stat(reference)
            .map(|(_, n)| (Some(n.metadata().uid).filter(|_| !only_group), Some(n.metadata().gid)))
            .map_err(|e| format!("{reference}: {}", errno::text(e))),
        None if paths.len() < 2 => {
            if !p.busybox() {
                let text = paths.first().map_or("missing operand".to_owned(), |o| format!("missing operand after '{o}'"));
                p.fail(&text);
            }
            return super::options::usage(p);
        }
        None => {
            let spec = paths.remove(0);
            if only_group {
                group_id(p, &spec).map(|g| (None, Some(g))).ok_or_else(|| unknown(p, "group", &spec, &spec))
            } else if p.busybox() && matches!(spec.as_str(), "" | ":") {
                Err(format!("unknown {} ", if spec.is_empty() { "user" } else { "group" }))
            } else {
                parse(p, &spec)
            }
        }
    };
    let (uid, gid) = match owner {
        Ok(ids) => ids,
        Err(text) => return p.fail(&text),
    };
    let from = match options.value('\u{3}').map(|spec| parse(p, spec)) {
        Some(Err(text)) => return p.fail(&text),
        Some(Ok(ids)) => ids,
        None => (None, None),
    };
    // -R leaves alone what links lead to, unless told to follow them.
    let follows = has('H') || has('L');
    let changer = Changer {
        words,
        // The highest number stands for "as it is".
        ids: (uid.filter(|u| *u != u32::MAX), gid.filter(|g| *g != u32::MAX)),
        from,
        only_group,
        keep: keep || recursive && !follows,
        enters_first: follows,
        enters: has('L'),
        recursive,
        quiet,
        told: has('v'),
        changes: has('c'),
    };
    let mut status = 0;
    for path in paths {
        status |= changer.change(p, &path, 0);
    }
    status
}

/// How owners are changed.
struct Changer {
    /// The owner as it was written.
    words: String,
    ids: (Option<u32>, Option<u32>),
    /// The owner and group of what is changed; of others nothing is.
    from: (Option<u32>, Option<u32>),
    only_group: bool,
    /// Links themselves are changed.
    keep: bool,
    enters_first: bool,
    enters: bool,
    recursive: bool,
    quiet: bool,
    told: bool,
    changes: bool,
}

impl Changer {
    fn change(&self, p: &mut Process, path: &str, depth: u32) -> i32 {
        let busybox = p.busybox();
        let found = if depth > MAX_DEPTH { Err(crate::filesystem::Errno::NameTooLong) } else { p.lstat(path) };
        let (real, node) = match found {
            Ok(found) => found,
            Err(e) if busybox => return p.fail(&format!("{path}: {}", errno::text(e))),
            Err(_) if self.quiet => return 1,
            Err(e) => return p.fail(&format!("cannot access '{path}': {}", errno::text(e))),
        };
        if !p.burn(10) {
            return 1;
        }
        let follows = if depth == 0 { self.enters_first } else { self.enters };
        let behind = p.stat(path).ok().filter(|_| follows && self.recursive).unwrap_or((real.clone(), node.clone()));
        if self.recursive && behind.1.as_directory().is_some_and(|d| !permits(&p.ids, &d.metadata, Access::Read, true)) {
            let why = errno::text(crate::filesystem::Errno::AccessDenied);
            let text = if busybox { format!("{path}: {why}") } else { format!("cannot read directory '{path}': {why}") };
            return p.fail(&text);
        }
        let below: Vec<String> = match behind.1.as_directory() {
            Some(folder) if self.recursive => folder.entries.keys().map(|n| super::names::inside(path, n)).collect(),
            _ => Vec::new(),
        };
        let mut status = 0;
        // busybox changes a folder after what is in it.
        if !busybox {
            status |= self.one(p, path, real.clone(), &node);
        }
        for path in below {
            status |= self.change(p, &path, depth + 1);
        }
        if busybox {
            status |= self.one(p, path, real, &node);
        }
        status
    }

    fn one(&self, p: &mut Process, path: &str, real: ImagePath, node: &Node) -> i32 {
        let busybox = p.busybox();
        let target = if matches!(node, Node::Symlink(_)) && !self.keep { p.stat(path).map(|(real, _)| real) } else { Ok(real) };
        let what = if self.only_group { "group" } else { "ownership" };
        let old = target.as_ref().ok().and_then(|real| p.system.node(real)).unwrap_or(node.clone());
        let (uid, gid) = (old.metadata().uid, old.metadata().gid);
        if self.from.0.is_some_and(|from| from != uid) || self.from.1.is_some_and(|from| from != gid) {
            return 0;
        }
        let result = target.and_then(|real| p.system.chown(&p.ids, &real, self.ids.0, self.ids.1).map(|()| real));
        match result {
            Ok(real) => {
                let Some(new) = p.system.node(&real).map(|n| n.metadata().clone()).filter(|_| self.told || self.changes) else { return 0 };
                let old = node.metadata();
                let same = (old.uid, old.gid) == (new.uid, new.gid);
                let named = |p: &Process, uid: u32, gid: u32| {
                    let user = super::names::user(p, uid).unwrap_or_else(|| uid.to_string());
                    let group = super::names::group(p, gid).unwrap_or_else(|| gid.to_string());
                    match (self.only_group, self.ids.1) {
                        (true, _) => group,
                        (false, None) => user,
                        (false, Some(_)) => format!("{user}:{group}"),
                    }
                };
                let text = match (busybox, same) {
                    (true, _) => format!("changed ownership of '{path}' to {}:{}\n", new.uid, new.gid),
                    (_, true) => format!("{what} of '{path}' retained as {}\n", named(p, new.uid, new.gid)),
                    _ => {
                        let to = match self.words.replacen('.', ":", usize::from(!self.words.contains(':'))) {
                            given if given.is_empty() || given.ends_with(':') => named(p, new.uid, new.gid),
                            given => given,
                        };
                        format!("changed {what} of '{path}' from {} to {to}\n", named(p, old.uid, old.gid))
                    }
                };
                p.out(if same && !self.told { String::new() } else { text });
                0
            }
            Err(e) if busybox => {
                let text = format!("{path}: {}", errno::text(e));
                // A folder that cannot be changed is told of once more by what walks the tree.
                for _ in 0..usize::from(!self.quiet) + usize::from(self.recursive && node.as_directory().is_some()) {
                    p.fail(&text);
                }
                1
            }
            Err(_) if self.quiet => 1,
            Err(e) => p.fail(&format!("changing {what} of '{path}': {}", errno::text(e))),
        }
    }
}
