//! chmod.

use super::mode;
use super::names::inside;
use super::options::either;
use crate::filesystem::{Errno, ImagePath, Metadata, Node};
use crate::machine::files::{Access, permits};
use crate::machine::{Process, errno};

/// Deepest folder that `-R` enters.
const MAX_DEPTH: u32 = 500;

const LONG: &[(&str, char)] = &[
    ("recursive", 'R'),
    ("verbose", 'v'),
    ("changes", 'c'),
    ("silent", 'f'),
    ("quiet", 'f'),
    ("reference", '\u{1}'),
    ("preserve-root", '\u{2}'),
    ("no-preserve-root", '\u{2}'),
];

/// What chmod was asked for.
#[derive(Default)]
struct Manner {
    mode: String,
    recursive: bool,
    told: bool,
    changes: bool,
    quiet: bool,
}

/// chmod.
pub fn chmod(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    // A mode may look like options; busybox takes it for one in front alone.
    let options = |a: &String| a.starts_with('-') && *a != "--";
    let looks = |a: &String| {
        a.starts_with('-') && a[1..].starts_with(|c| if busybox { !"-Rvfc".contains(c) } else { "rwxXstugoa,+=01234567".contains(c) })
    };
    let before = p.args.iter().skip(1).take_while(|a| if busybox { options(a) } else { *a != "--" });
    let dashed = before.clone().position(looks).map(|at| p.args.remove(at + 1));
    let options = match either(p, "Rvfc", "Rvfc\u{1}:\u{2}", LONG) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut args = options.operands.clone();
    if let Some(file) = options.value('\u{1}') {
        match p.stat(file) {
            Ok((_, node)) => args.insert(0, format!("{:o}", node.metadata().mode)),
            Err(e) => return p.fail(&format!("failed to get attributes of '{file}': {}", errno::text(e))),
        }
    }
    if let Some(mode) = dashed {
        args.insert(0, mode);
    }
    if args.len() < 2 {
        if !busybox {
            let text = args.first().map_or("missing operand".to_owned(), |mode| format!("missing operand after '{mode}'"));
            p.fail(&text);
        }
        return super::options::usage(p);
    }
    let last = options.given.iter().rev().map(|(c, _)| *c).find(|c| matches!(c, 'c' | 'v'));
    let mut manner = Manner {
        mode: String::new(),
        recursive: options.has('R'),
        told: last.is_some(),
        changes: last == Some('c'),
        quiet: options.has('f'),
    };
    manner.mode = args.remove(0);
    let valid = busybox && manner.mode.is_empty() || mode::change(&manner.mode, 0, p.umask, false, false).is_some();
    if !valid && !busybox {
        let text = format!("invalid mode: {}", super::names::quote(p, &manner.mode));
        return super::options::refuse(p, &text);
    }
    let mut status = 0;
    for path in &args {
        match p.stat(path) {
            // busybox reads the mode once it has a file for it.
            Ok(_) if !valid => return p.fail(&format!("invalid mode '{}'", manner.mode)),
            Ok((real, node)) => {
                // busybox does not enter what a link on the command line leads to.
                let enters = manner.recursive && !(busybox && p.lstat(path).is_ok_and(|(_, n)| matches!(n, Node::Symlink(_))));
                status |= change(p, &manner, enters, path, (&real, &node), 0);
            }
            Err(_) if manner.quiet && (!busybox || p.lstat(path).is_ok()) => status = 1,
            Err(e) if busybox => status = p.fail(&format!("{path}: {}", errno::text(e))),
            Err(e) => status = p.fail(&format!("cannot access '{path}': {}", errno::text(e))),
        }
    }
    status
}

/// Changes what is at `path`, and with `-R` what is below it: a folder first, to see into it.
fn change(p: &mut Process, manner: &Manner, enters: bool, path: &str, (real, node): (&ImagePath, &Node), depth: u32) -> i32 {
    if depth > MAX_DEPTH {
        return p.fail(&format!("{path}: {}", errno::text(Errno::NameTooLong)));
    }
    if matches!(node, Node::Symlink(_)) || !p.burn(10) {
        return 0;
    }
    let (busybox, old, folder) = (p.busybox(), node.metadata().mode, node.as_directory());
    let new = mode::change(&manner.mode, old, p.umask, folder.is_some(), folder.is_some() && !busybox).unwrap_or(old);
    let mut status = 0;
    match p.system.chmod(&p.ids, real, new) {
        Ok(()) if manner.told && (old != new || !manner.changes) => {
            let text = |bits: u32| mode::show('-', bits)[1..].to_owned();
            p.out(match (busybox, old == new) {
                (true, _) => format!("mode of '{path}' changed to {new:04o} ({})\n", text(new)),
                (_, true) => format!("mode of '{path}' retained as {new:04o} ({})\n", text(new)),
                _ => format!("mode of '{path}' changed from {old:04o} ({}) to {new:04o} ({})\n", text(old), text(new)),
            });
        }
        Ok(()) => {}
        Err(e) if busybox => {
            // A folder that cannot be changed is told of once more by what walks the tree.
            let text = format!("{path}: {}", errno::text(e));
            for _ in 0..usize::from(!manner.quiet) + usize::from(enters && folder.is_some()) {
                p.fail(&text);
            }
            return 1;
        }
        Err(_) if manner.quiet => status = 1,
        Err(e) => status = p.fail(&format!("changing permissions of '{path}': {}", errno::text(e))),
    }
    let mode = p.system.node(real).map_or(old, |n| n.metadata().mode);
    if enters
        && let Some(d) = folder
        && !permits(&p.ids, &Metadata { mode, ..d.metadata.clone() }, Access::Read, true)
    {
        let why = errno::text(Errno::AccessDenied);
        let text = if busybox { format!("{path}: {why}") } else { format!("cannot read directory '{path}': {why}") };
        return p.fail(&text);
    }
    for (name, below) in folder.iter().filter(|_| enters).flat_map(|d| d.entries.iter()) {
        status |= change(p, manner, enters, &inside(path, name), (&real.child(name), below), depth + 1);
    }
    status
}
