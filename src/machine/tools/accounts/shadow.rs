//! useradd, usermod, groupadd and groupmod, as the shadow suite has them.

use super::super::options::{Options, parse};
use super::database::*;
use super::home::{make_home, own};
use crate::machine::{Process, errno};

const USERADD: &[(&str, char)] = &[
    ("uid", 'u'),
    ("gid", 'g'),
    ("groups", 'G'),
    ("home-dir", 'd'),
    ("home", 'd'),
    ("shell", 's'),
    ("comment", 'c'),
    ("create-home", 'm'),
    ("no-create-home", 'M'),
    ("system", 'r'),
    ("password", 'p'),
    ("non-unique", 'o'),
    ("user-group", 'U'),
    ("no-user-group", 'N'),
    ("no-log-init", 'l'),
    ("skel", 'k'),
    ("base-dir", 'b'),
    ("key", 'K'),
    ("append", 'a'),
    ("login", 'l'),
    ("move-home", 'm'),
    ("lock", 'L'),
    ("unlock", 'U'),
    ("expiredate", 'e'),
    ("inactive", 'f'),
    ("defaults", 'D'),
    ("badname", 'B'),
];

/// The options and the name that is spoken of; only root gets so far.
fn begin(p: &mut Process, letters: &str, long: &[(&str, char)]) -> Result<(Options, String), i32> {
    let args = p.args[1..].to_vec();
    let usage = format!("Usage: {} [options] {}\n\n", p.name(), if p.name().starts_with("group") { "GROUP" } else { "LOGIN" });
    let options = match parse(&args, letters, long) {
        Ok(options) => options,
        Err(text) => {
            p.fail(&text);
            p.err(usage);
            return Err(2);
        }
    };
    if let Some(status) = denied(p) {
        return Err(status);
    }
    match options.operands.first().cloned() {
        Some(name) => Ok((options, name)),
        None => {
            p.err(usage);
            Err(2)
        }
    }
}

/// Says why not; the status that goes with it.
fn refuse(p: &mut Process, status: i32, why: &str) -> i32 {
    p.fail(why);
    status
}

/// The gid of a group that has to be there.
fn known_group(p: &mut Process, group: &str) -> Result<u32, i32> {
    group_of(p, group).ok_or_else(|| refuse(p, 6, &format!("group '{group}' does not exist")))
}

/// The groups of `-G`, all of which are there.
fn supplementary(p: &mut Process, options: &Options) -> Result<Vec<String>, i32> {
    let groups: Vec<String> = options.values('G').flat_map(|g| g.split(',')).filter(|g| !g.is_empty()).map(str::to_owned).collect();
    for group in &groups {
        known_group(p, group)?;
    }
    Ok(groups)
}

/// A number that an option gives, and its text.
fn number(options: &Options, letter: char) -> Option<(String, Option<u32>)> {
    options.value(letter).map(|text| (text.to_owned(), text.parse().ok()))
}

/// What `/etc/default/useradd` can set, and what holds if it does not.
const DEFAULTS: [(&str, &str); 8] = [
    ("GROUP", "100"),
    ("HOME", "/home"),
    ("INACTIVE", "-1"),
    ("EXPIRE", ""),
    ("SHELL", "/bin/sh"),
    ("SKEL", "/etc/skel"),
    ("CREATE_MAIL_SPOOL", "no"),
    ("LOG_INIT", "yes"),
];

/// useradd.
pub fn useradd(p: &mut Process) -> i32 {
    useradd_of(p).err().unwrap_or(0)
}

fn useradd_of(p: &mut Process) -> Result<(), i32> {
    if p.args.len() == 2 && matches!(p.args[1].as_str(), "-D" | "--defaults") {
        let file = p.text("/etc/default/useradd");
        for (key, default) in DEFAULTS {
            let said = file.lines().rev().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            p.out(format!("{key}={}\n", said.unwrap_or(default)));
        }
        return Ok(());
    }
    let (options, name) = begin(p, "u:g:G:d:s:c:mMrp:oUNlk:b:K:e:f:DB", USERADD)?;
    if !allowed(p, &name) && !options.has('B') {
        p.err(format!("useradd: invalid user name '{name}': use --badname to ignore\n"));
        return Err(3);
    }
    let (users, groups) = (rows(p, "/etc/passwd"), rows(p, "/etc/group"));
    if find(&users, &name).is_some() {
        return Err(refuse(p, 9, &format!("user '{name}' already exists")));
    }
    let system = options.has('r');
    let named_group = options.value('g').map(|group| known_group(p, group)).transpose()?;
    let supplementary = supplementary(p, &options)?;
    let own_group = named_group.is_none() && !options.has('N');
    if own_group && find(&groups, &name).is_some() {
        return Err(refuse(p, 9, &format!("group {name} exists - if you want to add this user to that group, use -g.")));
    }
    let uids: Vec<u32> = users.iter().filter_map(id_of).collect();
    let gids: Vec<u32> = groups.iter().filter_map(id_of).collect();
    let uid = match number(&options, 'u') {
        None if own_group => free_id(&[uids.clone(), gids.clone()].concat(), system, true),
        None => free_id(&uids, system, true),
        Some((_, Some(uid))) if uids.contains(&uid) && !options.has('o') => {
            return Err(refuse(p, 4, &format!("UID {uid} is not unique")));
        }
        Some((_, Some(uid))) => uid,
        Some((text, None)) => {
            return Err(refuse(p, 3, &format!("invalid user ID '{text}'")));
        }
    };
    let gid = match named_group {
        Some(gid) => gid,
        None if own_group => {
            if gids.contains(&uid) {
                free_id(&gids, system, true)
            } else {
                uid
            }
        }
        None => 100,
    };
    let home = options.value('d').map_or_else(|| format!("{}/{name}", options.value('b').unwrap_or("/home")), str::to_owned);
    let account = Account {
        name: name.clone(),
        uid,
        gid,
        comment: options.value('c').unwrap_or("").into(),
        home: home.clone(),
        shell: options.value('s').unwrap_or("/bin/sh").into(),
        password: options.value('p').unwrap_or("!").into(),
        system,
        inactive: options.value('f').filter(|f| *f != "-1").unwrap_or("").into(),
        expires: options.value('e').map(day).unwrap_or_default(),
    };
    if let Some(shell) = options.value('s').filter(|s| !s.is_empty() && !p.exists(s)).map(str::to_owned)
        && p.exists("/var/lib/dpkg")
    {
        p.fail(&format!("Warning: missing or non-executable shell '{shell}'"));
    }
    let made = add_user(p, &account).and_then(|()| if own_group { add_group(p, &name, gid) } else { Ok(()) });
    made.map_err(|e| broken(p, e))?;
    for group in &supplementary {
        member(p, &name, group, true).map_err(|e| broken(p, e))?;
    }
    if !system {
        add_ranges(p, &name).map_err(|e| broken(p, e))?;
    }
    // Debian makes homes only with -m; the distributions of Red Hat do without.
    let usual = p.text("/etc/login.defs").lines().any(|l| l.split_whitespace().eq(["CREATE_HOME", "yes"]));
    if (options.has('m') || usual && !system) && !options.has('M') {
        if p.exists(&home) {
            p.err(format!(
                "useradd: warning: the home directory {home} already exists.\nuseradd: Not copying any file from skel directory into it.\n"
            ));
        } else if let Err(e) = make_home(p, &home, uid, gid, if usual { 0o700 } else { 0o755 }, options.value('k').or(Some("/etc/skel"))) {
            return Err(refuse(p, 12, &format!("cannot create directory {home}: {}", errno::text(e))));
        }
    }
    Ok(())
}

/// usermod.
pub fn usermod(p: &mut Process) -> i32 {
    usermod_of(p).err().unwrap_or(0)
}

fn usermod_of(p: &mut Process) -> Result<(), i32> {
    let (options, name) = begin(p, "u:g:G:d:s:c:mal:LUp:oe:f:r", USERADD)?;
    if options.has('a') && !options.has('G') {
        p.err("usermod: -a flag is only allowed with the -G flag\nUsage: usermod [options] LOGIN\n\n");
        return Err(2);
    }
    let mut users = rows(p, "/etc/passwd");
    let Some(at) = users.iter().position(|r| field(r, 0) == name) else {
        return Err(refuse(p, 6, &format!("user '{name}' does not exist")));
    };
    if options.given.is_empty() {
        p.err("usermod: no options\nUsage: usermod [options] LOGIN\n\n");
        return Err(2);
    }
    users[at].resize(7, String::new());
    let old_home = users[at][5].clone();
    let old_uid = id_of(&users[at]).unwrap_or(0);
    match number(&options, 'u') {
        Some((text, None)) => return Err(refuse(p, 3, &format!("invalid user ID '{text}'"))),
        Some((text, uid)) if users.iter().any(|r| id_of(r) == uid && field(r, 0) != name) && !options.has('o') => {
            return Err(refuse(p, 4, &format!("UID '{text}' already exists")));
        }
        Some((text, _)) => users[at][2] = text,
        None => {}
    }
    if let Some(group) = options.value('g') {
        users[at][3] = known_group(p, group)?.to_string();
    }
    for (letter, column) in [('c', 4), ('d', 5), ('s', 6)] {
        if let Some(value) = options.value(letter) {
            users[at][column] = value.to_owned();
        }
    }
    let new_home = users[at][5].clone();
    let new_uid = id_of(&users[at]).unwrap_or(0);
    let wanted = supplementary(p, &options)?;
    let new_name = options.value('l').map(str::to_owned);
    if let Some(new_name) = &new_name {
        if find(&users, new_name).is_some() {
            return Err(refuse(p, 9, &format!("user '{new_name}' already exists")));
        }
        users[at][0].clone_from(new_name);
    }
    let mut result = save(p, "/etc/passwd", &users);
    if options.has('G') {
        if !options.has('a') {
            for row in rows(p, "/etc/group") {
                if field(&row, 3).split(',').any(|m| m == name) && !wanted.iter().any(|w| w == field(&row, 0)) {
                    result = result.and(member(p, &name, field(&row, 0), false).map(|_| ()));
                }
            }
        }
        for group in &wanted {
            result = result.and(member(p, &name, group, true).map(|_| ()));
        }
    }
    if p.exists("/etc/shadow") {
        let mut shadow = rows(p, "/etc/shadow");
        for row in shadow.iter_mut().filter(|r| field(r, 0) == name) {
            row.resize(9, String::new());
            match (options.value('p'), options.has('L'), options.has('U')) {
                (Some(password), ..) => row[1] = password.to_owned(),
                (_, true, _) if !row[1].starts_with('!') => row[1].insert(0, '!'),
                (_, _, true) if row[1].len() > 1 => row[1] = row[1].trim_start_matches('!').to_owned(),
                (_, _, true) => {
                    p.err(
                        "usermod: unlocking the user's password would result in a passwordless account.\n\
                         You should set a password with usermod -p to unlock this user's password.\n",
                    );
                }
                _ => {}
            }
            for (letter, column) in [('e', 7), ('f', 6)] {
                if let Some(value) = options.value(letter) {
                    row[column] = if letter == 'e' { day(value) } else { value.trim_start_matches("-1").to_owned() };
                }
            }
            if let Some(new_name) = &new_name {
                row[0].clone_from(new_name);
            }
        }
        result = result.and(save(p, "/etc/shadow", &shadow));
    }
    if let Some(new_name) = &new_name {
        for path in ["/etc/group", "/etc/gshadow"].into_iter().filter(|path| p.exists(path)).collect::<Vec<_>>() {
            let mut groups = rows(p, path);
            for row in &mut groups {
                if let Some(members) = row.get_mut(3) {
                    *members = members.split(',').map(|m| if m == name { new_name.as_str() } else { m }).collect::<Vec<_>>().join(",");
                }
            }
            result = result.and(save(p, path, &groups));
        }
    }
    result.map_err(|e| broken(p, e))?;
    if options.has('m') && old_home != new_home && p.exists(&old_home) {
        p.run(&["mv".into(), old_home, new_home.clone()]);
    }
    if new_uid != old_uid && p.exists(&new_home) {
        own(p, &new_home, old_uid, new_uid, 0);
    }
    Ok(())
}

/// groupadd.
pub fn groupadd(p: &mut Process) -> i32 {
    groupadd_of(p).err().unwrap_or(0)
}

fn groupadd_of(p: &mut Process) -> Result<(), i32> {
    let (options, name) = begin(p, "g:rfoK:p:U:", &[("gid", 'g'), ("system", 'r'), ("force", 'f'), ("non-unique", 'o'), ("users", 'U')])?;
    if !allowed(p, &name) {
        return Err(refuse(p, 3, &format!("'{name}' is not a valid group name")));
    }
    let groups = rows(p, "/etc/group");
    if find(&groups, &name).is_some() {
        if options.has('f') {
            return Ok(());
        }
        return Err(refuse(p, 9, &format!("group '{name}' already exists")));
    }
    let gids: Vec<u32> = groups.iter().filter_map(id_of).collect();
    let free = free_id(&gids, options.has('r'), true);
    let gid = match number(&options, 'g') {
        None => free,
        Some((_, Some(gid))) if gids.contains(&gid) && !options.has('o') => {
            if !options.has('f') {
                return Err(refuse(p, 4, &format!("GID '{gid}' already exists")));
            }
            free
        }
        Some((_, Some(gid))) => gid,
        Some((text, None)) => {
            return Err(refuse(p, 3, &format!("invalid group ID '{text}'")));
        }
    };
    let members: Vec<String> = options.values('U').flat_map(|u| u.split(',')).map(str::to_owned).collect();
    add_group(p, &name, gid).map_err(|e| broken(p, e))?;
    for user in members {
        member(p, &user, &name, true).map_err(|e| broken(p, e))?;
    }
    Ok(())
}

/// A day as shadow counts it: a date, or a number already.
pub(super) fn day(text: &str) -> String {
    let parts: Vec<i64> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    match parts[..] {
        [year, month, day] if text.len() > 6 => super::super::date::days(year, month, day).to_string(),
        _ => text.trim_start_matches("-1").to_owned(),
    }
}

/// groupmod.
pub fn groupmod(p: &mut Process) -> i32 {
    groupmod_of(p).err().unwrap_or(0)
}

fn groupmod_of(p: &mut Process) -> Result<(), i32> {
    let (options, name) = begin(p, "g:n:op:", &[("gid", 'g'), ("new-name", 'n'), ("non-unique", 'o')])?;
    let mut groups = rows(p, "/etc/group");
    let Some(at) = groups.iter().position(|r| field(r, 0) == name) else {
        return Err(refuse(p, 6, &format!("group '{name}' does not exist")));
    };
    let old = field(&groups[at], 2).to_owned();
    match number(&options, 'g') {
        Some((text, None)) => return Err(refuse(p, 3, &format!("invalid group ID '{text}'"))),
        Some((text, gid)) if groups.iter().any(|r| id_of(r) == gid && field(r, 0) != name) && !options.has('o') => {
            return Err(refuse(p, 4, &format!("GID '{text}' already exists")));
        }
        Some((text, _)) => groups[at][2] = text,
        None => {}
    }
    if let Some(new) = options.value('n') {
        if find(&groups, new).is_some() {
            return Err(refuse(p, 9, &format!("group '{new}' already exists")));
        }
        groups[at][0] = new.to_owned();
        if p.exists("/etc/gshadow") {
            let mut shadow = rows(p, "/etc/gshadow");
            shadow.iter_mut().filter(|r| field(r, 0) == name).for_each(|r| r[0] = new.to_owned());
            save(p, "/etc/gshadow", &shadow).map_err(|e| broken(p, e))?;
        }
    }
    let new = groups[at][2].clone();
    let mut users = rows(p, "/etc/passwd");
    users.iter_mut().filter(|r| field(r, 3) == old).for_each(|r| r[3].clone_from(&new));
    save(p, "/etc/group", &groups).and_then(|()| save(p, "/etc/passwd", &users)).map_err(|e| broken(p, e))
}
