//! touch.

use super::date;
use crate::filesystem::Errno;
use crate::machine::{Process, errno};

/// touch.
pub fn touch(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let long = [("date", 'd'), ("reference", 'r'), ("no-create", 'c'), ("no-dereference", 'h'), ("time", 'T')];
    let (letters, long) = if busybox { ("cd:r:t:amh", &long[..4]) } else { ("cd:r:t:amhfT:", &long[..]) };
    let options = match super::options::of(p, letters, long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        if !busybox {
            p.fail("missing file operand");
        }
        return super::options::usage(p);
    }
    let (now, _) = date::now(p);
    let zone = date::zone(p);
    let mut time = None;
    if let Some(file) = options.value('r') {
        match p.stat(file) {
            Ok((_, node)) => time = Some(node.metadata().mtime),
            Err(e) => {
                let why = errno::text(e);
                let text =
                    if busybox { format!("can't stat '{file}': {why}") } else { format!("failed to get attributes of '{file}': {why}") };
                return p.fail(&text);
            }
        }
    }
    // A date counts more than a reference to busybox; to GNU it stands beside it.
    if let Some(text) = options.value('t').or(options.value('d')).filter(|_| busybox || time.is_none()) {
        let found = match options.has('t') {
            true if !busybox => date::stamp(text, now, &zone),
            _ => date::parse_for(text, now, busybox, &zone),
        };
        let Some(seconds) = found else {
            let text =
                if busybox { format!("invalid date '{text}'") } else { format!("invalid date format {}", super::names::quote(p, text)) };
            return p.fail(&text);
        };
        time = Some(seconds.saturating_mul(1_000_000_000));
    }
    // Only the time of access is asked for: it is not kept.
    let changes = !options.has('a') || options.has('m');
    let mut status = 0;
    for path in options.operands.clone() {
        let found = if options.has('h') { p.lstat(&path) } else { p.stat(&path) };
        let result = match found {
            Ok((real, _)) if changes => p.system.set_time(&p.ids, &real, time),
            Ok(_) => Ok(()),
            Err(Errno::NoEntry) if options.has('c') || options.has('h') && busybox => Ok(()),
            Err(Errno::NoEntry) => {
                let (cwd, mode) = (p.cwd.clone(), 0o666 & !p.umask);
                p.system.open_write(&p.ids, &cwd, &path, mode, false).and_then(|real| match time {
                    Some(time) => p.system.set_time(&p.ids, &real, Some(time)),
                    None => Ok(()),
                })
            }
            Err(e) => Err(e),
        };
        if let Err(e) = result {
            let why = errno::text(e);
            status = p.fail(&if busybox { format!("{path}: {why}") } else { format!("cannot touch '{path}': {why}") });
        }
    }
    status
}
