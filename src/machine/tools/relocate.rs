//! mv.

use super::copy::{BACKUP, Backup, Copier, Manner, Placing, pairs};
use super::names::confirms;
use super::options::either;
use crate::filesystem::Errno;
use crate::machine::{Process, errno};

/// mv.
pub fn mv(p: &mut Process) -> i32 {
    let long = [
        ("force", 'f'),
        ("no-clobber", 'n'),
        ("verbose", 'v'),
        ("target-directory", 't'),
        ("no-target-directory", 'T'),
        ("update", 'u'),
        ("interactive", 'i'),
        ("backup", BACKUP),
        ("context", 'Z'),
        ("strip-trailing-slashes", '\u{2}'),
        ("suffix", 'S'),
    ];
    let options = match either(p, "fint:vT", "bfint:uvS:TZ\u{2}\u{7};", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let has = |c| options.has(c);
    // The last of those that say what happens to what is there counts.
    let last = options.given.iter().rev().map(|(c, _)| *c).find(|c| "fin".contains(*c));
    let target = options.value('t').map(str::to_owned);
    let pairs = match pairs(p, options.operands.clone(), target, Placing { exact: has('T'), parents: false, recursive: None }) {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    let backup = Backup::new(p, &options);
    let mut status = 0;
    for (from, to) in pairs {
        let asks = last == Some('i') && p.stat(&to).is_ok();
        if asks && !confirms(p, &format!("overwrite '{to}'")) {
            continue;
        }
        if last == Some('n') && p.lstat(&to).is_ok() {
            continue;
        }
        if !p.busybox() && p.lstat(&from).is_ok_and(|(path, _)| p.lstat(&to).is_ok_and(|(other, _)| path == other)) {
            status = p.fail(&format!("'{from}' and '{to}' are the same file"));
            continue;
        }
        let kept = if p.lstat(&from).is_ok() { backup.keep(p, &to) } else { None };
        match rename(p, &from, &to) {
            Ok(code) => {
                status = code.max(status);
                if has('v') && code == 0 {
                    let verb = if p.busybox() { "" } else { "renamed " };
                    p.out(format!("{verb}'{from}' -> '{to}'{}\n", kept.map_or(String::new(), |kept| format!(" (backup: '{kept}')"))));
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
    let mut copier = Copier::new(manner);
    copier.copy(p, from, to, 0);
    if copier.status == 0 {
        p.remove_all(from)?;
    }
    Ok(copier.status)
}
