//! passwd and chpasswd: the second field of shadow; chsh.

use super::super::options::of;
use super::super::{bytes, names};
use super::database::*;
use crate::filesystem::Errno;
use crate::machine::Process;

/// Sets the second field of shadow, or of passwd where there is no shadow.
fn set_password(p: &mut Process, name: &str, change: impl Fn(&str) -> String) -> Result<bool, Errno> {
    let path = if p.exists("/etc/shadow") { "/etc/shadow" } else { "/etc/passwd" };
    let mut all = rows(p, path);
    let day = today(p);
    let Some(row) = all.iter_mut().find(|r| field(r, 0) == name) else { return Ok(false) };
    row.resize(row.len().max(3), String::new());
    row[1] = change(&row[1]);
    if path == "/etc/shadow" {
        row[2] = day;
    }
    save(p, path, &all)?;
    Ok(true)
}

/// A hash that nobody can guess a word from, made of it all the same.
fn hashed(p: &Process, word: &str) -> String {
    use sha2::Digest;
    let sum = sha2::Sha512::digest(word.as_bytes());
    let text = bytes::encode(&sum).replace(['+', '='], ".");
    format!("${}$bottleship${text}", if p.busybox() { '6' } else { 'y' })
}

/// chpasswd.
pub fn chpasswd(p: &mut Process) -> i32 {
    let options = match of(p, "ec:mS:s:R:P:", &[("encrypted", 'e'), ("crypt-method", 'c'), ("md5", 'm')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let data = p.stdin();
    let mut status = 0;
    for (i, line) in String::from_utf8_lossy(&data).into_owned().lines().enumerate() {
        let Some((name, word)) = line.split_once(':') else {
            status = p.fail(&if p.busybox() { "missing new password".to_owned() } else { format!("line {}: missing new password", i + 1) });
            continue;
        };
        let hash = if options.has('e') { word.to_owned() } else { hashed(p, word) };
        match set_password(p, name, |_| hash.clone()) {
            Ok(true) if p.busybox() => p.out(format!("chpasswd: password for '{name}' changed\n")),
            Ok(true) => {}
            Ok(false) if p.busybox() => status = p.fail(&format!("unknown user {name}")),
            Ok(false) => {
                p.err(format!("chpasswd: (user {name}) pam_chauthtok() failed, error:\nAuthentication token manipulation error\nchpasswd: (line {}, user {name}) password not changed\n", i + 1));
                status = 1;
            }
            Err(e) => return broken(p, e),
        }
    }
    status
}

/// passwd.
pub fn passwd(p: &mut Process) -> i32 {
    let options = match of(p, "dluSea:x:n:w:i:q", &[("delete", 'd'), ("lock", 'l'), ("unlock", 'u'), ("stdin", 'a'), ("status", 'S')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let name = options.operands.first().cloned().or_else(|| names::user(p, p.ids.uid)).unwrap_or_default();
    let users = rows(p, "/etc/passwd");
    if find(&users, &name).is_none() {
        return if p.busybox() { p.fail(&format!("unknown user {name}")) } else { p.fail(&format!("user '{name}' does not exist")) };
    }
    let word = if options.has('d') || options.has('l') || options.has('u') {
        String::new()
    } else {
        String::from_utf8_lossy(&p.stdin()).lines().next().unwrap_or("").to_owned()
    };
    let hash = hashed(p, &word);
    let done = set_password(p, &name, |old| match () {
        () if options.has('d') => String::new(),
        () if options.has('l') => format!("!{}", old.trim_start_matches('!')),
        () if options.has('u') => old.trim_start_matches('!').to_owned(),
        () if options.has('e') || word.is_empty() => old.to_owned(),
        () => hash.clone(),
    });
    match done {
        Ok(_) => {
            p.out(if p.busybox() {
                format!("passwd: password for {name} changed by root\n")
            } else if options.has('q') {
                String::new()
            } else {
                "passwd: password expiry information changed.\n".into()
            });
            0
        }
        Err(e) => broken(p, e),
    }
}

/// chsh.
pub fn chsh(p: &mut Process) -> i32 {
    let options = match of(p, "s:", &[("shell", 's')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let name = options.operands.first().cloned().or_else(|| names::user(p, p.ids.uid)).unwrap_or_default();
    let mut users = rows(p, "/etc/passwd");
    let Some(row) = users.iter_mut().find(|r| field(r, 0) == name) else { return p.fail(&format!("user '{name}' does not exist")) };
    if let Some(shell) = options.value('s') {
        row.resize(7, String::new());
        row[6] = shell.to_owned();
    }
    match save(p, "/etc/passwd", &users) {
        Ok(()) => 0,
        Err(e) => broken(p, e),
    }
}
