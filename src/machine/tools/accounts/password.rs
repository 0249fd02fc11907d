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
    if options.has('S') && !p.busybox() {
        let shadow = rows(p, "/etc/shadow");
        let row = find(&shadow, &name).cloned().unwrap_or_default();
        let state = match field(&row, 1) {
            "" => "NP",
            hash if hash.starts_with(['!', '*']) => "L",
            _ => "P",
        };
        let when = field(&row, 2)
            .parse::<i64>()
            .map_or_else(|_| "never".into(), |day| super::super::date::format("%Y-%m-%d", day.saturating_mul(86_400), 0));
        let limits: Vec<&str> = (3..7).map(|i| Some(field(&row, i)).filter(|f| !f.is_empty()).unwrap_or("-1")).collect();
        p.out(format!("{name} {state} {when} {}\n", limits.join(" ")));
        return 0;
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
                "passwd: password changed.\n".into()
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
        if !p.exists(shell) {
            let text = format!("Warning: {shell} does not exist");
            p.fail(&text);
        }
    }
    match save(p, "/etc/passwd", &users) {
        Ok(()) => 0,
        Err(e) => broken(p, e),
    }
}

/// chage: how a password ages, columns of shadow.
pub fn chage(p: &mut Process) -> i32 {
    let long = [
        ("lastday", 'd'),
        ("expiredate", 'E'),
        ("inactive", 'I'),
        ("list", 'l'),
        ("mindays", 'm'),
        ("maxdays", 'M'),
        ("warndays", 'W'),
        ("iso8601", 'i'),
    ];
    let options = match of(p, "d:E:I:lm:M:W:i", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(name) = options.operands.first().cloned() else {
        p.err("Usage: chage [options] LOGIN\n\n");
        return 2;
    };
    let mut shadow = rows(p, "/etc/shadow");
    let Some(row) = shadow.iter_mut().find(|r| field(r, 0) == name) else {
        return p.fail(&format!("user '{name}' does not exist in /etc/passwd"));
    };
    row.resize(9, String::new());
    if options.has('l') {
        let text = aging(row);
        p.out(text);
        return 0;
    }
    for (letter, column) in [('d', 2), ('m', 3), ('M', 4), ('W', 5), ('I', 6), ('E', 7)] {
        if let Some(value) = options.value(letter) {
            row[column] = super::shadow::day(value);
        }
    }
    match save(p, "/etc/shadow", &shadow) {
        Ok(()) => 0,
        Err(e) => broken(p, e),
    }
}

/// The table of `chage -l`.
fn aging(row: &Row) -> String {
    let number = |i: usize| field(row, i).parse::<i64>().ok();
    let date = |day: i64| super::super::date::format("%b %d, %Y", day.saturating_mul(86_400), 0);
    let forced = number(2) == Some(0);
    let expires = match (number(2), number(4)) {
        (Some(last), Some(most)) if most < 10_000 => Some(last.saturating_add(most)),
        _ => None,
    };
    let shown = |day: Option<i64>| if forced { "password must be changed".to_owned() } else { day.map_or_else(|| "never".into(), date) };
    let lines = [
        ("Last password change\t\t\t\t\t", shown(number(2))),
        ("Password expires\t\t\t\t\t", shown(expires)),
        ("Password inactive\t\t\t\t\t", shown(expires.and_then(|day| Some(day + number(6)?)))),
        ("Account expires\t\t\t\t\t\t", number(7).map_or_else(|| "never".into(), date)),
        ("Minimum number of days between password change\t\t", number(3).unwrap_or(-1).to_string()),
        ("Maximum number of days between password change\t\t", number(4).unwrap_or(-1).to_string()),
        ("Number of days of warning before password expires\t", number(5).unwrap_or(-1).to_string()),
    ];
    lines.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

/// gpasswd: members of a group.
pub fn gpasswd(p: &mut Process) -> i32 {
    let options = match of(p, "a:d:M:A:rR", &[("add", 'a'), ("delete", 'd'), ("members", 'M'), ("administrators", 'A')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(group) = options.operands.first().cloned() else {
        p.err("Usage: gpasswd [option] GROUP\n\n");
        return 2;
    };
    let groups = rows(p, "/etc/group");
    let Some(row) = find(&groups, &group).cloned() else {
        p.fail(&format!("group '{group}' does not exist in /etc/group"));
        return 3;
    };
    let mut named: Vec<String> = options.values('a').chain(options.values('d')).map(str::to_owned).collect();
    named.extend(options.values('M').chain(options.values('A')).flat_map(|m| m.split(',')).filter(|m| !m.is_empty()).map(str::to_owned));
    let users = rows(p, "/etc/passwd");
    if let Some(user) = named.iter().find(|n| find(&users, n).is_none()) {
        p.fail(&format!("user '{user}' does not exist"));
        return 3;
    }
    let done = match (options.value('a'), options.value('d'), options.value('M')) {
        (Some(user), ..) => {
            p.out(format!("Adding user {user} to group {group}\n"));
            member(p, user, &group, true).map(|_| ())
        }
        (_, Some(user), _) => {
            p.out(format!("Removing user {user} from group {group}\n"));
            if !field(&row, 3).split(',').any(|m| m == user) {
                p.fail(&format!("user '{user}' is not a member of '{group}'"));
                return 3;
            }
            member(p, user, &group, false).map(|_| ())
        }
        (_, _, Some(_)) => {
            let old: Vec<String> = field(&row, 3).split(',').filter(|m| !m.is_empty()).map(str::to_owned).collect();
            let gone = old.iter().try_for_each(|m| member(p, m, &group, false).map(|_| ()));
            gone.and_then(|()| named.iter().try_for_each(|m| member(p, m, &group, true).map(|_| ())))
        }
        _ => Ok(()),
    };
    match done {
        Ok(()) => 0,
        Err(e) => broken(p, e),
    }
}
