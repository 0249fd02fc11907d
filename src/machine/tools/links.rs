//! ln and tee.

use crate::machine::{Process, errno};

const LN: &[(&str, char)] = &[
    ("symbolic", 's'),
    ("force", 'f'),
    ("no-dereference", 'n'),
    ("no-target-directory", 'T'),
    ("target-directory", 't'),
    ("verbose", 'v'),
    ("relative", 'r'),
    ("backup", 'b'),
    ("interactive", 'i'),
    ("logical", 'L'),
    ("physical", 'P'),
];

/// ln.
pub fn ln(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let options = match super::options::of(p, if busybox { "sfnbS:vT" } else { "sfnbS:vTt:riLP" }, if busybox { &[] } else { LN }) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut paths = options.operands.clone();
    if paths.is_empty() {
        if !busybox {
            p.fail("missing file operand");
        }
        return super::options::usage(p);
    }
    let last = match options.value('t') {
        Some(folder) => folder.to_owned(),
        None if paths.len() > 1 => paths.pop().unwrap_or_default(),
        None => ".".into(),
    };
    let keeps = (options.has('n') || options.has('T')) && p.lstat(&last).is_ok_and(|(_, n)| n.as_directory().is_none());
    let into = !options.has('T') && !keeps && p.is_dir(&last);
    if !into && paths.len() > 1 && !busybox {
        return p.fail(&format!("target '{last}' is not a directory"));
    }
    if busybox && options.has('T') && p.lstat(&last).is_ok_and(|(_, n)| n.as_directory().is_some()) {
        return p.fail(&format!("'{last}' is a directory"));
    }
    let (cwd, mut status) = (p.cwd.clone(), 0);
    for target in paths {
        let name = match into {
            true if last == "." => super::names::base(&target).to_owned(),
            true => super::names::inside(&last, super::names::base(&target)),
            false => last.clone(),
        };
        let symbolic = options.has('s');
        if !symbolic && let Err(e) = p.lstat(&target) {
            let why = errno::text(e);
            status = p.fail(&if busybox { format!("{target}: {why}") } else { format!("failed to access '{target}': {why}") });
            continue;
        }
        if let Ok((real, node)) = p.lstat(&name)
            && node.as_directory().is_none()
        {
            if options.has('b') {
                let backup = format!("{name}{}", options.value('S').unwrap_or("~"));
                let moved = p.system.resolve(&p.ids, &cwd, &backup, crate::machine::files::Last::Keep);
                // A backup that cannot be made leaves the name taken.
                let _ = moved.and_then(|to| p.system.rename(&p.ids, &real, &to));
            } else if options.has('f') {
                // What cannot be removed is in the way below.
                let _ = p.system.unlink(&p.ids, &real);
            }
        }
        let pointed = if options.has('r') && symbolic { super::paths::relative_to(p, &target, &name) } else { target.clone() };
        let done = if symbolic { p.system.symlink(&p.ids, &cwd, &pointed, &name) } else { p.system.link(&p.ids, &cwd, &target, &name) };
        match done {
            Ok(()) if options.has('v') && busybox => p.out(format!("'{name}' -> '{target}'\n")),
            Ok(()) if options.has('v') => p.out(format!("'{name}' {} '{pointed}'\n", if symbolic { "->" } else { "=>" })),
            Ok(()) => {}
            Err(e) => {
                let why = errno::text(e);
                let text = match (busybox, symbolic) {
                    (true, _) => format!("{name}: {why}"),
                    (_, true) => format!("failed to create symbolic link '{name}': {why}"),
                    (_, false) if p.is_dir(&target) => format!("{target}: hard link not allowed for directory"),
                    _ => format!("failed to create hard link '{name}': {why}"),
                };
                status = p.fail(&text);
            }
        }
    }
    status
}

/// tee.
pub fn tee(p: &mut Process) -> i32 {
    let options = match super::options::of(p, if p.busybox() { "ai" } else { "aip" }, &[("append", 'a'), ("ignore-interrupts", 'i')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let data = p.stdin();
    let mut status = 0;
    for path in options.operands.clone() {
        if path == "-" && p.busybox() {
            p.out(data.clone());
            continue;
        }
        let mut bytes = if options.has('a') { p.read(&path).unwrap_or_default() } else { Vec::new() };
        bytes.extend_from_slice(&data);
        if let Err(e) = p.write(&path, bytes) {
            status = p.fail(&format!("{path}: {}", errno::text(e)));
        }
    }
    p.out(data);
    status
}
