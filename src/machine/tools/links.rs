//! ln and tee.

use super::basic::split;
use crate::machine::{Process, errno};

/// ln.
pub fn ln(p: &mut Process) -> i32 {
    let (letters, long, mut paths) = split(p);
    let force = letters.contains('f') || long.iter().any(|l| l == "force");
    let symbolic = letters.contains('s') || long.iter().any(|l| l == "symbolic");
    let Some(last) = (if paths.len() > 1 { paths.pop() } else { Some(".".into()) }) else { return 1 };
    let follow = !letters.contains(['n', 'T']) || p.lstat(&last).is_ok_and(|(_, n)| n.as_directory().is_some());
    let into = !letters.contains('T') && follow && p.is_dir(&last);
    let mut status = 0;
    for target in paths {
        let name = if into { format!("{}/{}", last.trim_end_matches('/'), target.rsplit('/').next().unwrap_or("")) } else { last.clone() };
        if force
            && let Ok((real, node)) = p.lstat(&name)
            && node.as_directory().is_none()
        {
            let _ = p.system.unlink(&p.ids, &real);
        }
        let done = if symbolic { p.system.symlink(&p.ids, &p.cwd, &target, &name) } else { p.system.link(&p.ids, &p.cwd, &target, &name) };
        if let Err(e) = done {
            status = p.fail(&format!("{name}: {}", errno::text(e)));
        }
    }
    status
}

/// tee.
pub fn tee(p: &mut Process) -> i32 {
    let (letters, _, paths) = split(p);
    let data = p.stdin();
    let mut status = 0;
    for path in paths {
        let mut bytes = if letters.contains('a') { p.read(&path).unwrap_or_default() } else { Vec::new() };
        bytes.extend_from_slice(&data);
        if let Err(e) = p.write(&path, bytes) {
            status = p.fail(&format!("{path}: {}", errno::text(e)));
        }
    }
    p.out(data);
    status
}
