//! rm and rmdir.

use super::names::{base, confirms, inside, quote};
use super::options::either;
use crate::filesystem::{Errno, Node};
use crate::machine::files::{Access, permits};
use crate::machine::{Process, errno};

/// Deepest folder that `-r` enters.
const MAX_DEPTH: u32 = 300;

const RM: &[(&str, char)] = &[
    ("recursive", 'r'),
    ("force", 'f'),
    ("verbose", 'v'),
    ("dir", 'd'),
    ("interactive", 'i'),
    ("one-file-system", 'x'),
    ("no-preserve-root", 'N'),
    ("preserve-root", 'K'),
];

/// How to remove.
#[derive(Clone, Copy)]
struct Manner {
    recursive: bool,
    force: bool,
    /// Empty folders too.
    empty: bool,
    asks: bool,
    verbose: bool,
}

/// rm.
pub fn rm(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let (letters, long) = if busybox { ("rRfiv", &[][..]) } else { ("rRfivdIxNK", RM) };
    let options = match super::options::of(p, letters, long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        if options.has('f') {
            return 0;
        }
        if !busybox {
            p.fail("missing operand");
        }
        return super::options::usage(p);
    }
    // The last of the two counts.
    let last = options.given.iter().rev().find(|(c, _)| matches!(c, 'f' | 'i')).map(|(c, _)| *c);
    let manner = Manner {
        recursive: options.has('r') || options.has('R'),
        force: last == Some('f'),
        empty: options.has('d'),
        asks: last == Some('i'),
        verbose: options.has('v'),
    };
    let mut status = 0;
    for path in &options.operands {
        if matches!(base(path), "." | "..") {
            status = p.fail(&match busybox {
                true => "can't remove '.' or '..'".to_owned(),
                false => format!("refusing to remove '.' or '..' directory: skipping '{path}'"),
            });
        } else if path.trim_matches('/').is_empty() && !path.is_empty() && !busybox && !options.has('N') {
            p.fail("it is dangerous to operate recursively on '/'");
            status = p.fail("use --no-preserve-root to override this failsafe");
        } else if !remove(p, path, manner, 0) {
            status = 1;
        }
    }
    status
}

/// Removes a name and all below it: whether nothing is left of it that was to go.
fn remove(p: &mut Process, path: &str, manner: Manner, depth: u32) -> bool {
    let busybox = p.busybox();
    let (real, node) = match p.lstat(path) {
        Ok(found) => found,
        Err(Errno::NoEntry) if manner.force => return true,
        Err(Errno::NotADirectory) if manner.force && !busybox => return true,
        Err(e) => return denied(p, path, e),
    };
    if depth > MAX_DEPTH {
        return denied(p, path, Errno::NameTooLong);
    }
    if !p.burn(5) {
        return false;
    }
    let Node::Directory(folder) = &node else {
        let what = if node.as_file().is_some_and(|f| f.content.is_empty()) { "regular empty file" } else { super::stat::kind(&node) };
        let question = if busybox { format!("remove '{path}'") } else { format!("remove {what} '{path}'") };
        if manner.asks && !confirms(p, &question) {
            return true;
        }
        return match p.system.unlink(&p.ids, &real) {
            Ok(()) => {
                tell(p, manner, "", path);
                true
            }
            Err(e) => denied(p, path, e),
        };
    };
    let empty = folder.entries.is_empty();
    if !manner.recursive && !manner.empty {
        let text = if busybox { format!("'{path}' is a directory") } else { format!("cannot remove '{path}': Is a directory") };
        p.fail(&text);
        return false;
    }
    let question = format!("descend into directory '{path}'");
    if manner.asks && (busybox || !empty) && manner.recursive && !confirms(p, &question) {
        return true;
    }
    if !permits(&p.ids, &folder.metadata, Access::Read, true) && (busybox || !empty) {
        // busybox cannot open it and says nothing.
        return !busybox && denied(p, path, Errno::AccessDenied);
    }
    let mut done = true;
    for name in folder.entries.keys().filter(|_| manner.recursive) {
        done &= remove(p, &inside(path, name), manner, depth + 1);
    }
    if manner.asks && !confirms(p, &format!("remove directory '{path}'")) {
        return done;
    }
    // What the user wanted to keep is in the way.
    if let Err(e) = p.system.unlink(&p.ids, &real) {
        let quiet = !done || !busybox && manner.asks && e == Errno::NotEmpty;
        return !quiet && denied(p, path, e);
    }
    tell(p, manner, "directory", path);
    done
}

fn tell(p: &mut Process, manner: Manner, what: &str, path: &str) {
    if manner.verbose {
        let between = match (what, p.busybox()) {
            ("", _) => "",
            (_, true) => ": ",
            (_, false) => " ",
        };
        let space = if what.is_empty() { "" } else { " " };
        p.out(["removed", space, what, if between.is_empty() { " " } else { between }, "'", path, "'\n"].concat());
    }
}

fn denied(p: &mut Process, path: &str, e: Errno) -> bool {
    let verb = match (p.busybox(), e) {
        (true, Errno::NotADirectory) => "can't stat",
        (true, _) => "can't remove",
        _ => "cannot remove",
    };
    p.fail(&format!("{verb} '{path}': {}", errno::text(e)));
    false
}

/// rmdir.
pub fn rmdir(p: &mut Process) -> i32 {
    let options = match either(p, "pv\u{1}", "pv\u{1}", &[("parents", 'p'), ("ignore-fail-on-non-empty", '\u{1}'), ("verbose", 'v')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let paths = &options.operands;
    if paths.is_empty() {
        return if p.busybox() { super::options::usage(p) } else { super::options::refuse(p, "missing operand") };
    }
    let has = |c| options.has(c);
    let mut status = 0;
    for path in paths {
        let mut next = Some(path.trim_end_matches('/').to_owned());
        while let Some(path) = next.take() {
            let result = p.lstat(&path).and_then(|(real, node)| match node {
                _ if path.ends_with("/.") || path == "." => Err(Errno::InvalidArgument),
                Node::Directory(_) => p.system.unlink(&p.ids, &real),
                _ => Err(Errno::NotADirectory),
            });
            if has('v') {
                let text = format!("rmdir: removing directory, {}\n", quote(p, &path));
                p.out(text);
            }
            match result {
                Ok(()) if has('p') => next = path.rsplit_once('/').map(|(head, _)| head.to_owned()).filter(|h| !h.is_empty()),
                Ok(()) => {}
                Err(Errno::NotEmpty) if has('\u{1}') => {}
                Err(e) => {
                    let text = if p.busybox() {
                        format!("'{path}': {}", errno::text(e))
                    } else {
                        format!("failed to remove '{path}': {}", errno::text(e))
                    };
                    status = p.fail(&text);
                }
            }
        }
    }
    status
}
