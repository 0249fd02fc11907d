//! install.

use super::copy::{Copier, Into, Manner, pairs};
use super::names::{options, quote};
use super::owner;
use crate::machine::{Process, errno};

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
        let pairs = match pairs(p, paths, value('t'), Into { exact: has('T'), parents: false, recursive: None }) {
            Ok(pairs) => pairs,
            Err(status) => return status,
        };
        let manner =
            Manner { follow: true, follow_first: true, unlink_first: true, time: has('p'), verbose: has('v'), ..Manner::default() };
        let mut copier = Copier::new(manner);
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
