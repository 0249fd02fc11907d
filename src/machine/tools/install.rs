//! install.

use super::copy::{BACKUP, Backup, Copier, Manner, Placing, pairs};
use super::names::quote;
use super::options::either;
use super::owner;
use crate::filesystem::Errno;
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
    ("compare", 'C'),
    ("suffix", 'S'),
    ("backup", BACKUP),
    ("context", '\u{2}'),
    ("strip-program", '\u{3}'),
    ("preserve-context", '\u{2}'),
];

/// install.
pub fn install(p: &mut Process) -> i32 {
    let options = match either(p, "cvb:Ddpsg:m:o:t:", "bcCsDdg:m:o:pt:TvS:Z\u{2};\u{3}:\u{7};", INSTALL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let value = |c| options.value(c).map(str::to_owned);
    let has = |c| options.has(c);
    let paths = options.operands.clone();
    let Some(mode) = value('m').map_or(Some(0o755), |m| super::mode::parse(&m, 0, 0, has('d'))) else {
        return p.fail(&format!("invalid mode '{}'", value('m').unwrap_or_default()));
    };
    let spec = format!("{}{}", value('o').unwrap_or_default(), value('g').map_or(String::new(), |g| format!(":{g}")));
    let (uid, gid) = match owner::parse(p, &spec) {
        Ok(ids) => ids,
        // GNU's says it without a colon.
        Err(text) => return p.fail(&if p.busybox() { text } else { text.replacen(": ':", ": '", 1).replacen(": ", " ", 1) }),
    };
    let mut finished = Vec::new();
    let mut status = 0;
    if has('d') {
        for path in paths {
            match folders(p, &path, has('v')) {
                Ok(()) => finished.push(path),
                Err(e) => status = p.fail(&format!("cannot create directory '{path}': {}", errno::text(e))),
            }
        }
    } else {
        if has('D') {
            let folder = value('t').or_else(|| paths.last().and_then(|l| l.rsplit_once('/')).map(|(f, _)| f.to_owned()));
            if let Some(Err(e)) = folder.as_deref().map(|f| folders(p, f, has('v'))) {
                return p.fail(&format!("cannot create directory '{}': {}", folder.unwrap_or_default(), errno::text(e)));
            }
        }
        let pairs = match pairs(p, paths, value('t'), Placing { exact: has('T'), parents: false, recursive: None }) {
            Ok(pairs) => pairs,
            Err(status) => return status,
        };
        let manner = Manner {
            follow: true,
            follow_first: true,
            unlink_first: true,
            time: has('p'),
            verbose: has('v'),
            backup: Backup::new(p, &options),
            ..Manner::default()
        };
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

/// Makes a folder and those above it, and tells of each that is new.
fn folders(p: &mut Process, path: &str, told: bool) -> Result<(), Errno> {
    let parts = path.match_indices('/').map(|(at, _)| &path[..at]).filter(|part| !part.is_empty() && !part.ends_with('/'));
    let new: Vec<&str> = parts.chain([path]).filter(|part| told && !part.ends_with('/') && !p.exists(part)).collect();
    p.mkdir_all(path)?;
    for part in new {
        p.out(format!("install: creating directory '{part}'\n"));
    }
    Ok(())
}
