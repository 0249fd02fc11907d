//! chown and chgrp.

use super::names::{options, quote};
use crate::filesystem::{ImagePath, Node};
use crate::machine::{Process, errno};

const LONG: &[(&str, char)] = &[("recursive", 'R'), ("no-dereference", 'h'), ("reference", 'z'), ("silent", 'f'), ("quiet", 'f')];

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
            None => Some(user.parse().map_err(|_| unknown(p, "user", user, spec))?),
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
    p.groups().into_iter().find(|g| g.name == group).map(|g| g.gid).or_else(|| group.parse().ok())
}

fn unknown(p: &Process, what: &str, name: &str, spec: &str) -> String {
    if p.busybox() && name != spec {
        format!("unknown user/group {spec}")
    } else if p.busybox() {
        format!("unknown {what} {name}")
    } else {
        format!("invalid {what}: {}", quote(p, spec))
    }
}

fn change(p: &mut Process, only_group: bool) -> i32 {
    let (found, mut paths) = options(p, "z", LONG);
    let has = |c| found.iter().any(|(f, _)| *f == c);
    let (recursive, keep, quiet) = (has('R'), has('h'), has('f'));
    // What is changed is told in the words it was given in.
    let words = paths.first().filter(|_| !has('z')).cloned().unwrap_or_default();
    let owner = match found.iter().find(|(c, _)| *c == 'z') {
        Some((_, reference)) => p
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
            } else {
                parse(p, &spec)
            }
        }
    };
    let (uid, gid) = match owner {
        Ok(ids) => ids,
        Err(text) => return p.fail(&text),
    };
    let group_kept = gid.is_none();
    // -R leaves alone what links lead to.
    let keep = keep || recursive;
    let (told, changes) = (has('v'), has('c'));
    let mut status = 0;
    for path in paths {
        let result = if keep { p.lstat(&path) } else { p.stat(&path) };
        let (real, _) = match result {
            Ok(found) => found,
            Err(e) => {
                let text =
                    if p.busybox() { format!("{path}: {}", errno::text(e)) } else { format!("cannot access '{path}': {}", errno::text(e)) };
                status = if quiet { 1 } else { p.fail(&text) };
                continue;
            }
        };
        let mut todo: Vec<(ImagePath, String)> = vec![(real, path)];
        while let Some((real, shown)) = todo.pop() {
            let Some(node) = p.system.node(&real) else { continue };
            if !p.burn(10) {
                return 1;
            }
            if let (true, Node::Directory(d)) = (recursive, &node) {
                let below = todo.len();
                todo.extend(d.entries.keys().map(|n| (real.child(n), super::names::inside(&shown, n))));
                todo[below..].reverse();
            }
            let target = if matches!(node, Node::Symlink(_)) && !keep { p.stat(&shown).map(|(real, _)| real) } else { Ok(real) };
            let result = target.and_then(|real| p.system.chown(&p.ids, &real, uid, gid).map(|()| real));
            if let (Ok(real), true) = (&result, told || changes)
                && let Some(new) = p.system.node(real).map(|n| n.metadata().clone())
            {
                let old = node.metadata();
                let same = (old.uid, old.gid) == (new.uid, new.gid);
                let named = |p: &Process, uid: u32, gid: u32| {
                    let user = super::names::user(p, uid).unwrap_or_else(|| uid.to_string());
                    let group = super::names::group(p, gid).unwrap_or_else(|| gid.to_string());
                    if only_group {
                        group
                    } else if group_kept {
                        user
                    } else {
                        format!("{user}:{group}")
                    }
                };
                let what = if only_group { "group" } else { "ownership" };
                let text = match (p.busybox(), same) {
                    (true, _) => format!("changed ownership of '{shown}' to {}:{}\n", new.uid, new.gid),
                    (_, true) => format!("{what} of '{shown}' retained as {}\n", named(p, new.uid, new.gid)),
                    _ => {
                        let to = match words.replacen('.', ":", usize::from(!words.contains(':'))) {
                            given if given.is_empty() || given.ends_with(':') => named(p, new.uid, new.gid),
                            given => given,
                        };
                        format!("changed {what} of '{shown}' from {} to {to}\n", named(p, old.uid, old.gid))
                    }
                };
                p.out(if same && !told { String::new() } else { text });
            }
            if let Err(e) = result {
                let what = if only_group { "group" } else { "ownership" };
                let text = if p.busybox() {
                    format!("{shown}: {}", errno::text(e))
                } else {
                    format!("changing {what} of '{shown}': {}", errno::text(e))
                };
                status = if quiet { 1 } else { p.fail(&text) };
            }
        }
    }
    status
}
