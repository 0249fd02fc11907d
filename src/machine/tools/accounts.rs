//! Users and groups made, changed and taken away: useradd, groupadd, usermod, groupmod, userdel, groupdel, gpasswd of shadow; adduser,
//! addgroup, deluser, delgroup of busybox and of Debian; passwd, chpasswd, chage, chsh.

use super::names::inside;
use super::options::{Options, of, parse, usage};
use crate::filesystem::{Content, Errno, ImagePath, Node};
use crate::machine::{Process, errno};

/// A line of a database, split at colons.
type Row = Vec<String>;

fn rows(p: &Process, path: &str) -> Vec<Row> {
    p.text(path).lines().filter(|l| !l.is_empty()).map(|l| l.split(':').map(str::to_owned).collect()).collect()
}

/// Writes a database back; its mode stays, a new shadow file is hidden.
fn save(p: &mut Process, path: &str, rows: &[Row]) -> Result<(), Errno> {
    let fresh = !p.exists(path);
    let text: String = rows.iter().map(|r| r.join(":") + "\n").collect();
    p.write(path, text.into_bytes())?;
    if fresh
        && path.ends_with("shadow")
        && let Ok((real, _)) = p.stat(path)
    {
        p.system.chmod(&p.ids, &real, 0o640)?;
    }
    Ok(())
}

fn field(row: &Row, i: usize) -> &str {
    row.get(i).map_or("", String::as_str)
}

fn id_of(row: &Row) -> Option<u32> {
    field(row, 2).parse().ok()
}

fn find<'r>(rows: &'r [Row], name: &str) -> Option<&'r Row> {
    rows.iter().find(|r| field(r, 0) == name)
}

/// The next free id of a range: after the highest in use, or for system ids below the lowest.
fn free_id(taken: &[u32], system: bool, shadow: bool) -> u32 {
    let (from, to) = if system { (100, 999) } else { (1000, 60_000) };
    if system && shadow {
        return (from..=to).rev().find(|id| !taken.contains(id)).unwrap_or(to);
    }
    if shadow {
        let highest = taken.iter().copied().filter(|id| (from..to).contains(id)).max();
        return highest.map_or(from, |id| id + 1);
    }
    (from..=to).find(|id| !taken.contains(id)).unwrap_or(to)
}

/// Days since 1970.
fn today(p: &Process) -> String {
    p.system.now.div_euclid(86_400_000_000_000).to_string()
}

fn valid(name: &str) -> bool {
    let body = name.strip_suffix('$').unwrap_or(name);
    !body.is_empty()
        && body.len() <= 32
        && body.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && body.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.'))
}

/// What is to be made.
#[derive(Default)]
struct Account {
    name: String,
    uid: u32,
    gid: u32,
    comment: String,
    home: String,
    shell: String,
    /// The second field of shadow.
    password: String,
}

fn add_user(p: &mut Process, account: &Account) -> Result<(), Errno> {
    let mut users = rows(p, "/etc/passwd");
    users.push(vec![
        account.name.clone(),
        "x".into(),
        account.uid.to_string(),
        account.gid.to_string(),
        account.comment.clone(),
        account.home.clone(),
        account.shell.clone(),
    ]);
    save(p, "/etc/passwd", &users)?;
    if p.exists("/etc/shadow") {
        let mut shadow = rows(p, "/etc/shadow");
        let (day, limits) = (today(p), ["0", "99999", "7", "", "", ""]);
        let mut row = vec![account.name.clone(), account.password.clone(), day];
        row.extend(limits.map(str::to_owned));
        shadow.push(row);
        save(p, "/etc/shadow", &shadow)?;
    }
    Ok(())
}

fn add_group(p: &mut Process, name: &str, gid: u32) -> Result<(), Errno> {
    let mut groups = rows(p, "/etc/group");
    groups.push(vec![name.to_owned(), "x".into(), gid.to_string(), String::new()]);
    save(p, "/etc/group", &groups)?;
    if p.exists("/etc/gshadow") {
        let mut shadow = rows(p, "/etc/gshadow");
        shadow.push(vec![name.to_owned(), "!".into(), String::new(), String::new()]);
        save(p, "/etc/gshadow", &shadow)?;
    }
    Ok(())
}

/// Puts a user into a group, or takes it out; whether the group is there.
fn member(p: &mut Process, user: &str, group: &str, inside: bool) -> Result<bool, Errno> {
    let mut found = false;
    for (path, column) in [("/etc/group", 3), ("/etc/gshadow", 3)] {
        if !p.exists(path) {
            continue;
        }
        let mut groups = rows(p, path);
        for row in groups.iter_mut().filter(|r| field(r, 0) == group || path == "/etc/group" && field(r, 2) == group) {
            found |= path == "/etc/group";
            row.resize(4, String::new());
            let mut members: Vec<String> = row[column].split(',').filter(|m| !m.is_empty() && *m != user).map(str::to_owned).collect();
            if inside {
                members.push(user.to_owned());
            }
            row[column] = members.join(",");
        }
        save(p, path, &groups)?;
    }
    Ok(found)
}

/// Makes a home from the skeleton.
fn make_home(p: &mut Process, home: &str, uid: u32, gid: u32, mode: u32, skeleton: bool) -> Result<(), Errno> {
    p.mkdir_all(home)?;
    let (real, _) = p.stat(home)?;
    if skeleton {
        copy(p, "/etc/skel", &real, uid, gid, 0);
    }
    p.system.chown(&p.ids, &real, Some(uid), Some(gid))?;
    p.system.chmod(&p.ids, &real, mode)
}

fn copy(p: &mut Process, from: &str, to: &ImagePath, uid: u32, gid: u32, depth: u32) {
    for name in p.list(from).unwrap_or_default() {
        let (source, target) = (inside(from, &name), to.child(&name));
        let Ok((_, node)) = p.lstat(&source) else { continue };
        let mode = node.metadata().mode;
        let cwd = ImagePath::root();
        let made = match &node {
            Node::Directory(_) if depth < 20 => p.system.mkdir(&p.ids, &cwd, target.as_str(), mode),
            Node::File(file) => p.write(target.as_str(), Content::clone(&file.content)),
            Node::Symlink(link) => p.system.symlink(&p.ids, &cwd, &link.target, target.as_str()),
            _ => continue,
        };
        if made.is_ok() {
            // Root, who makes homes, may do both.
            let _ = p.system.chown(&p.ids, &target, Some(uid), Some(gid));
            let _ = if matches!(node, Node::Symlink(_)) { Ok(()) } else { p.system.chmod(&p.ids, &target, mode) };
        }
        if node.as_directory().is_some() {
            copy(p, &source, &target, uid, gid, depth + 1);
        }
    }
}

/// Only root may.
fn denied(p: &mut Process) -> Option<i32> {
    if p.ids.is_root() {
        return None;
    }
    let name = p.name().to_owned();
    Some(match name.as_str() {
        "adduser" | "addgroup" if !p.busybox() => {
            p.err(format!("{name}: Only root may add a user or group to the system.\n"));
            1
        }
        _ if p.busybox() => p.fail("must be root"),
        _ => {
            let file = if name.starts_with("group") { "/etc/group" } else { "/etc/passwd" };
            p.err(format!("{name}: Permission denied.\n{name}: cannot lock {file}; try again later.\n"));
            1
        }
    })
}

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

fn read(p: &mut Process, letters: &str, long: &[(&str, char)]) -> Result<Options, i32> {
    let args = p.args[1..].to_vec();
    parse(&args, letters, long).map_err(|text| {
        let name = p.name().to_owned();
        p.fail(&text);
        p.err(format!("Usage: {name} [options] {}\n\n", if name.starts_with("group") { "GROUP" } else { "LOGIN" }));
        2
    })
}

/// The gid of a group given by name or number.
fn group_of(p: &Process, group: &str) -> Option<u32> {
    let groups = rows(p, "/etc/group");
    find(&groups, group).and_then(id_of).or_else(|| group.parse().ok().filter(|gid| groups.iter().any(|r| id_of(r) == Some(*gid))))
}

fn broken(p: &mut Process, e: Errno) -> i32 {
    let text = format!("cannot open /etc/passwd: {}", errno::text(e));
    p.fail(&text)
}

/// useradd.
pub fn useradd(p: &mut Process) -> i32 {
    let options = match read(p, "u:g:G:d:s:c:mMrp:oUNlk:b:K:e:f:DB", USERADD) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(status) = denied(p) {
        return status;
    }
    let Some(name) = options.operands.first().cloned() else {
        p.err("Usage: useradd [options] LOGIN\n\n");
        return 2;
    };
    if !valid(&name) && !options.has('B') {
        p.err(format!("useradd: invalid user name '{name}': use --badname to ignore\n"));
        return 3;
    }
    let (users, groups) = (rows(p, "/etc/passwd"), rows(p, "/etc/group"));
    if find(&users, &name).is_some() {
        p.fail(&format!("user '{name}' already exists"));
        return 9;
    }
    let system = options.has('r');
    let named_group = options.value('g').map(|g| (g.to_owned(), group_of(p, g)));
    if let Some((group, None)) = &named_group {
        p.fail(&format!("group '{group}' does not exist"));
        return 6;
    }
    for group in options.values('G').flat_map(|g| g.split(',')).map(str::to_owned).collect::<Vec<_>>() {
        if group_of(p, &group).is_none() {
            p.fail(&format!("group '{group}' does not exist"));
            return 6;
        }
    }
    let own_group = named_group.is_none() && !options.has('N');
    if own_group && find(&groups, &name).is_some() {
        p.fail(&format!("group {name} exists - if you want to add this user to that group, use -g."));
        return 9;
    }
    let uids: Vec<u32> = users.iter().filter_map(id_of).collect();
    let gids: Vec<u32> = groups.iter().filter_map(id_of).collect();
    let uid = match options.value('u').map(|u| (u.to_owned(), u.parse::<u32>())) {
        None if own_group => free_id(&[uids.clone(), gids.clone()].concat(), system, true),
        None => free_id(&uids, system, true),
        Some((_, Ok(uid))) if uids.contains(&uid) && !options.has('o') => {
            p.fail(&format!("UID {uid} is not unique"));
            return 4;
        }
        Some((_, Ok(uid))) => uid,
        Some((text, Err(_))) => {
            p.fail(&format!("invalid user ID '{text}'"));
            return 3;
        }
    };
    let gid = match named_group {
        Some((_, Some(gid))) => gid,
        _ if own_group => {
            if gids.contains(&uid) {
                free_id(&gids, system, true)
            } else {
                uid
            }
        }
        _ => 100,
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
    };
    let made = add_user(p, &account).and_then(|()| if own_group { add_group(p, &name, gid) } else { Ok(()) });
    if let Err(e) = made {
        return broken(p, e);
    }
    for group in options.values('G').flat_map(|g| g.split(',')).map(str::to_owned).collect::<Vec<_>>() {
        if let Err(e) = member(p, &name, &group, true) {
            return broken(p, e);
        }
    }
    // Debian makes homes only with -m; the distributions of Red Hat do without.
    let usual = p.text("/etc/login.defs").lines().any(|l| l.split_whitespace().eq(["CREATE_HOME", "yes"]));
    if (options.has('m') || usual && !system) && !options.has('M') {
        if p.exists(&home) {
            p.err(format!(
                "useradd: warning: the home directory {home} already exists.\nuseradd: Not copying any file from skel directory into it.\n"
            ));
        } else if let Err(e) = make_home(p, &home, uid, gid, if usual { 0o700 } else { 0o755 }, true) {
            p.fail(&format!("cannot create directory {home}: {}", errno::text(e)));
            return 12;
        }
    }
    0
}

/// groupadd.
pub fn groupadd(p: &mut Process) -> i32 {
    let options = match read(p, "g:rfoK:p:U:", &[("gid", 'g'), ("system", 'r'), ("force", 'f'), ("non-unique", 'o'), ("users", 'U')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(status) = denied(p) {
        return status;
    }
    let Some(name) = options.operands.first().cloned() else {
        p.err("Usage: groupadd [options] GROUP\n\n");
        return 2;
    };
    if !valid(&name) {
        p.fail(&format!("'{name}' is not a valid group name"));
        return 3;
    }
    let groups = rows(p, "/etc/group");
    if find(&groups, &name).is_some() {
        if options.has('f') {
            return 0;
        }
        p.fail(&format!("group '{name}' already exists"));
        return 9;
    }
    let gids: Vec<u32> = groups.iter().filter_map(id_of).collect();
    let free = free_id(&gids, options.has('r'), true);
    let gid = match options.value('g').map(|g| (g.to_owned(), g.parse::<u32>())) {
        None => free,
        Some((_, Ok(gid))) if gids.contains(&gid) && !options.has('o') => {
            if !options.has('f') {
                p.fail(&format!("GID '{gid}' already exists"));
                return 4;
            }
            free
        }
        Some((_, Ok(gid))) => gid,
        Some((text, Err(_))) => {
            p.fail(&format!("invalid group ID '{text}'"));
            return 3;
        }
    };
    match add_group(p, &name, gid) {
        Ok(()) => 0,
        Err(e) => broken(p, e),
    }
}

/// usermod.
pub fn usermod(p: &mut Process) -> i32 {
    let options = match read(p, "u:g:G:d:s:c:mal:LUp:oe:f:", USERADD) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(status) = denied(p) {
        return status;
    }
    let Some(name) = options.operands.first().cloned() else {
        p.err("Usage: usermod [options] LOGIN\n\n");
        return 2;
    };
    let mut users = rows(p, "/etc/passwd");
    let Some(at) = users.iter().position(|r| field(r, 0) == name) else {
        p.fail(&format!("user '{name}' does not exist"));
        return 6;
    };
    users[at].resize(7, String::new());
    let old_home = users[at][5].clone();
    let old_uid = id_of(&users[at]).unwrap_or(0);
    if let Some(uid) = options.value('u') {
        let number = uid.parse().ok();
        if users.iter().any(|r| id_of(r) == number && field(r, 0) != name) && !options.has('o') {
            p.fail(&format!("UID '{uid}' already exists"));
            return 4;
        }
        users[at][2] = uid.to_owned();
    }
    if let Some(group) = options.value('g').map(str::to_owned) {
        match group_of(p, &group) {
            Some(gid) => users[at][3] = gid.to_string(),
            None => {
                p.fail(&format!("group '{group}' does not exist"));
                return 6;
            }
        }
    }
    for (letter, column) in [('c', 4), ('d', 5), ('s', 6)] {
        if let Some(value) = options.value(letter) {
            users[at][column] = value.to_owned();
        }
    }
    let new_home = users[at][5].clone();
    let new_uid = id_of(&users[at]).unwrap_or(0);
    let wanted: Vec<String> = options.values('G').flat_map(|g| g.split(',')).filter(|g| !g.is_empty()).map(str::to_owned).collect();
    for group in &wanted {
        if group_of(p, group).is_none() {
            p.fail(&format!("group '{group}' does not exist"));
            return 6;
        }
    }
    let new_name = options.value('l').map(str::to_owned);
    if let Some(new_name) = &new_name {
        if find(&users, new_name).is_some() {
            p.fail(&format!("user '{new_name}' already exists"));
            return 9;
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
                (_, _, true) => row[1] = row[1].trim_start_matches('!').to_owned(),
                _ => {}
            }
            if let Some(new_name) = &new_name {
                row[0].clone_from(new_name);
            }
        }
        result = result.and(save(p, "/etc/shadow", &shadow));
    }
    if let Some(new_name) = &new_name {
        let mut groups = rows(p, "/etc/group");
        for row in &mut groups {
            if let Some(members) = row.get_mut(3) {
                *members = members.split(',').map(|m| if m == name { new_name.as_str() } else { m }).collect::<Vec<_>>().join(",");
            }
        }
        result = result.and(save(p, "/etc/group", &groups));
    }
    if let Err(e) = result {
        return broken(p, e);
    }
    if options.has('m') && old_home != new_home && p.exists(&old_home) {
        p.run(&["mv".into(), old_home, new_home.clone()]);
    }
    if new_uid != old_uid && p.exists(&new_home) {
        own(p, &new_home, old_uid, new_uid, 0);
    }
    0
}

/// Gives what a user owned below a folder to its new id.
fn own(p: &mut Process, path: &str, from: u32, to: u32, depth: u32) {
    let Ok((real, node)) = p.lstat(path) else { return };
    if node.metadata().uid == from {
        // Root may.
        let _ = p.system.chown(&p.ids, &real, Some(to), None);
    }
    if node.as_directory().is_some() && depth < 200 && p.burn(10) {
        for name in p.list(path).unwrap_or_default() {
            own(p, &inside(path, &name), from, to, depth + 1);
        }
    }
}

/// groupmod.
pub fn groupmod(p: &mut Process) -> i32 {
    let options = match read(p, "g:n:op:", &[("gid", 'g'), ("new-name", 'n'), ("non-unique", 'o')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(name) = options.operands.first().cloned() else {
        p.err("Usage: groupmod [options] GROUP\n\n");
        return 2;
    };
    let mut groups = rows(p, "/etc/group");
    let Some(at) = groups.iter().position(|r| field(r, 0) == name) else {
        p.fail(&format!("group '{name}' does not exist"));
        return 6;
    };
    let old = field(&groups[at], 2).to_owned();
    if let Some(gid) = options.value('g') {
        if groups.iter().any(|r| field(r, 2) == gid && field(r, 0) != name) && !options.has('o') {
            p.fail(&format!("GID '{gid}' already exists"));
            return 4;
        }
        groups[at][2] = gid.to_owned();
    }
    if let Some(new) = options.value('n') {
        groups[at][0] = new.to_owned();
    }
    let new = groups[at][2].clone();
    let mut users = rows(p, "/etc/passwd");
    users.iter_mut().filter(|r| field(r, 3) == old).for_each(|r| r[3].clone_from(&new));
    match save(p, "/etc/group", &groups).and_then(|()| save(p, "/etc/passwd", &users)) {
        Ok(()) => 0,
        Err(e) => broken(p, e),
    }
}

/// Takes a name out of a database.
fn drop_row(p: &mut Process, path: &str, name: &str) -> Result<(), Errno> {
    if !p.exists(path) {
        return Ok(());
    }
    let mut all = rows(p, path);
    all.retain(|r| field(r, 0) != name);
    save(p, path, &all)
}

/// userdel, and deluser.
pub fn userdel(p: &mut Process) -> i32 {
    let long =
        [("remove", 'r'), ("force", 'f'), ("remove-home", 'r'), ("quiet", 'q'), ("system", 's'), ("remove-home", 'r'), ("group", 'g')];
    let options = match of(p, "rfqsgZ", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(status) = denied(p) {
        return status;
    }
    let Some(name) = options.operands.first().cloned() else { return usage(p) };
    if let Some(group) = options.operands.get(1).cloned() {
        if !p.busybox() && !options.has('q') {
            p.out(format!("Removing user `{name}' from group `{group}' ...\n"));
        }
        return match member(p, &name, &group, false) {
            Ok(true) => {
                p.out(if p.busybox() || options.has('q') { "" } else { "Done.\n" });
                0
            }
            Ok(false) if p.busybox() => p.fail(&format!("unknown group {group}")),
            Ok(false) => p.fail(&format!("The group '{group}' does not exist.")).max(3),
            Err(e) => broken(p, e),
        };
    }
    let users = rows(p, "/etc/passwd");
    let Some(row) = find(&users, &name).cloned() else {
        return match (p.busybox(), p.name()) {
            (true, _) => p.fail(&format!("unknown user {name}")),
            (_, "userdel") => {
                p.fail(&format!("user '{name}' does not exist"));
                6
            }
            _ => {
                p.fail(&format!("The user '{name}' does not exist."));
                2
            }
        };
    };
    if p.name() == "deluser" && !p.busybox() && !options.has('q') {
        p.err("deluser: `/usr/bin/crontab' not executed. Skipping crontab removal. Package `cron' required.\n");
        p.out(format!("Removing user `{name}' ...\n"));
    }
    let mut result = drop_row(p, "/etc/passwd", &name).and_then(|()| drop_row(p, "/etc/shadow", &name));
    for group in rows(p, "/etc/group") {
        if field(&group, 3).split(',').any(|m| m == name) {
            result = result.and(member(p, &name, field(&group, 0), false).map(|_| ()));
        }
        // The user's own group goes with it when nobody else is in it.
        let others = users.iter().any(|u| field(u, 3) == field(&group, 2) && field(u, 0) != name);
        if field(&group, 0) == name && field(&group, 2) == field(&row, 3) && !others && !p.busybox() {
            result = result.and(drop_row(p, "/etc/group", &name)).and(drop_row(p, "/etc/gshadow", &name));
        }
    }
    if let Err(e) = result {
        return broken(p, e);
    }
    let home = field(&row, 5).to_owned();
    if options.has('r') {
        if p.exists(&home) {
            // A home that resists stays.
            let _ = p.remove_all(&home);
        } else if p.name() == "userdel" {
            p.err(format!("userdel: {name} mail spool (/var/mail/{name}) not found\nuserdel: {name} home directory ({home}) not found\n"));
        }
    }
    if p.name() == "deluser" && !p.busybox() && !options.has('q') {
        p.out("Done.\n");
    }
    0
}

/// groupdel, and delgroup.
pub fn groupdel(p: &mut Process) -> i32 {
    let options = match of(p, "f", &[("force", 'f'), ("system", 'f'), ("only-if-empty", 'f'), ("quiet", 'f')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    match options.operands.as_slice() {
        [user, group] => {
            let (user, group) = (user.clone(), group.clone());
            return match member(p, &user, &group, false) {
                Ok(true) => 0,
                _ => p.fail(&format!("unknown group {group}")),
            };
        }
        [_] => {}
        _ => return usage(p),
    }
    let name = options.operands[0].clone();
    let groups = rows(p, "/etc/group");
    let Some(row) = find(&groups, &name) else {
        if p.busybox() {
            return p.fail(&format!("unknown group {name}"));
        }
        p.fail(&if p.name() == "delgroup" {
            format!("The group '{name}' does not exist.")
        } else {
            format!("group '{name}' does not exist")
        });
        return if p.name() == "delgroup" { 3 } else { 6 };
    };
    if let Some(user) = rows(p, "/etc/passwd").iter().find(|u| field(u, 3) == field(row, 2)) {
        if p.busybox() {
            return p.fail(&format!("'{}' still has '{name}' as their primary group!", field(user, 0)));
        }
        p.fail(&format!("cannot remove the primary group of user '{}'", field(user, 0)));
        return 8;
    }
    match drop_row(p, "/etc/group", &name).and_then(|()| drop_row(p, "/etc/gshadow", &name)) {
        Ok(()) => 0,
        Err(e) => broken(p, e),
    }
}

const ADDUSER: &[(&str, char)] = &[
    ("home", 'h'),
    ("gecos", 'g'),
    ("comment", 'g'),
    ("shell", 's'),
    ("ingroup", 'G'),
    ("gid", '\u{1}'),
    ("system", 'S'),
    ("disabled-password", 'D'),
    ("disabled-login", 'D'),
    ("empty-password", 'D'),
    ("no-create-home", 'H'),
    ("uid", 'u'),
    ("skel", 'k'),
    ("group", '\u{2}'),
    ("quiet", 'q'),
    ("force-badname", '\u{3}'),
    ("allow-badname", '\u{3}'),
    ("allow-bad-names", '\u{3}'),
    ("add_extra_groups", '\u{3}'),
    ("debug", '\u{3}'),
    ("firstuid", '\u{4}'),
    ("lastuid", '\u{4}'),
    ("force", '\u{3}'),
];

/// adduser of busybox (Alpine) and of Debian.
pub fn adduser(p: &mut Process) -> i32 {
    let options = match of(p, "h:g:s:G:SDHu:k:q\u{1}:\u{2}\u{3}\u{4}:", ADDUSER) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(status) = denied(p) {
        return status;
    }
    let Some(name) = options.operands.first().cloned() else {
        return if p.busybox() { usage(p) } else { p.fail("Only one or two names allowed.") };
    };
    let busybox = p.busybox();
    if let Some(group) = options.operands.get(1).cloned() {
        return join(p, &name, &group);
    }
    let (users, groups) = (rows(p, "/etc/passwd"), rows(p, "/etc/group"));
    let system = options.has('S');
    if find(&users, &name).is_some() {
        if busybox {
            return p.fail(&format!("user '{name}' in use"));
        }
        if system {
            p.err(format!("The system user `{name}' already exists. Exiting.\n"));
            return 0;
        }
        p.err(format!("adduser: The user `{name}' already exists.\n"));
        return 1;
    }
    if !valid(&name) && !busybox && !options.has('\u{3}') {
        p.err("adduser: Please enter a username matching the regular expression\n            configured via the NAME_REGEX configuration variable.\n");
        return 1;
    }
    let uids: Vec<u32> = users.iter().filter_map(id_of).collect();
    let gids: Vec<u32> = groups.iter().filter_map(id_of).collect();
    let uid = match options.value('u').map(|u| (u.to_owned(), u.parse::<u32>())) {
        None => {
            let both = [uids.clone(), gids.clone()].concat();
            free_id(
                if options.has('G') || options.has('\u{1}') || system && !busybox && !options.has('\u{2}') { &uids } else { &both },
                system,
                false,
            )
        }
        Some((_, Ok(uid))) if uids.contains(&uid) => {
            return if busybox { p.fail(&format!("uid '{uid}' in use")) } else { p.fail(&format!("The UID {uid} is already in use.")) };
        }
        Some((_, Ok(uid))) => uid,
        Some((text, Err(_))) => return p.fail(&format!("invalid number '{text}'")),
    };
    let named = options.value('G').or(options.value('\u{1}')).map(|g| (g.to_owned(), group_of(p, g)));
    let (gid, own_group) = match named {
        Some((_, Some(gid))) => (gid, false),
        Some((group, None)) => {
            return if busybox {
                p.fail(&format!("unknown group {group}"))
            } else {
                p.fail(&format!("The group '{group}' does not exist."))
            };
        }
        None if system && !options.has('\u{2}') && !busybox => (65534, false),
        None if busybox && system => (group_of(p, "nogroup").unwrap_or(65533), false),
        // A group of the user's name that is there already is its own.
        None => match find(&groups, &name).and_then(id_of) {
            Some(gid) => (gid, false),
            None => (if gids.contains(&uid) { free_id(&gids, system, false) } else { uid }, true),
        },
    };
    let home = match options.value('h') {
        Some(home) => home.to_owned(),
        None if system && !busybox => "/nonexistent".to_owned(),
        None => format!("/home/{name}"),
    };
    let (shell, comment) = match (busybox, system) {
        (true, true) => ("/sbin/nologin", "Linux User,,,".to_owned()),
        (true, false) => ("/bin/sh", "Linux User,,,".to_owned()),
        (false, true) => ("/usr/sbin/nologin", String::new()),
        (false, false) => ("/bin/bash", ",,,".to_owned()),
    };
    let account = Account {
        name: name.clone(),
        uid,
        gid,
        comment: options.value('g').map_or(comment, str::to_owned),
        home: home.clone(),
        shell: options.value('s').unwrap_or(shell).into(),
        password: "!".into(),
    };
    let quiet = options.has('q') || busybox;
    if !quiet {
        if system {
            p.out(format!("Adding system user `{name}' (UID {uid}) ...\n"));
            p.out(if own_group { format!("Adding new group `{name}' (GID {gid}) ...\n") } else { String::new() });
            p.out(format!(
                "Adding new user `{name}' (UID {uid}) with group `{}' ...\n",
                super::names::group(p, gid).unwrap_or_else(|| name.clone())
            ));
        } else {
            p.out(format!("Adding user `{name}' ...\n"));
            p.out(if own_group { format!("Adding new group `{name}' ({gid}) ...\n") } else { String::new() });
            p.out(format!("Adding new user `{name}' ({uid}) with group `{name} ({gid})' ...\n"));
        }
    }
    let made = if own_group { add_group(p, &name, gid) } else { Ok(()) };
    if let Err(e) = made.and_then(|()| add_user(p, &account)) {
        return broken(p, e);
    }
    if options.has('H') || home == "/dev/null" || home == "/nonexistent" && !busybox {
        if !quiet {
            p.out(format!("Not creating {}`{home}'.\n", if home == "/nonexistent" { "" } else { "home directory " }));
        }
    } else if p.exists(&home) {
        if !quiet {
            p.out(format!("The home directory `{home}' already exists.  Not touching this directory.\n"));
        }
    } else {
        if !quiet {
            p.out(format!("Creating home directory `{home}' ...\n"));
            p.out(if system { "" } else { "Copying files from `/etc/skel' ...\n" });
        }
        let mode = if busybox {
            0o2755
        } else if system {
            0o755
        } else {
            0o700
        };
        if let Err(e) = make_home(p, &home, uid, gid, mode, !system) {
            return p.fail(&format!("can't create directory '{home}': {}", errno::text(e)));
        }
    }
    if !system && !busybox && !options.has('q') {
        p.out(format!("Adding new user `{name}' to supplemental / extra groups `users' ...\n"));
        if group_of(p, "users").is_some() {
            p.out(format!("Adding user `{name}' to group `users' ...\n"));
            // Its database was written a moment ago.
            let _ = member(p, &name, "users", true);
        }
    }
    0
}

/// `adduser USER GROUP`.
fn join(p: &mut Process, user: &str, group: &str) -> i32 {
    let users = rows(p, "/etc/passwd");
    if find(&users, user).is_none() {
        return if p.busybox() { p.fail(&format!("unknown user {user}")) } else { p.fail(&format!("The user '{user}' does not exist.")) };
    }
    if group_of(p, group).is_none() {
        return if p.busybox() {
            p.fail(&format!("unknown group {group}"))
        } else {
            p.fail(&format!("The group '{group}' does not exist."))
        };
    }
    if !p.busybox() {
        p.out(format!("Adding user `{user}' to group `{group}' ...\n"));
    }
    match member(p, user, group, true) {
        Ok(_) => {
            p.out(if p.busybox() { "" } else { "Done.\n" });
            0
        }
        Err(e) => broken(p, e),
    }
}

/// addgroup of busybox and of Debian.
pub fn addgroup(p: &mut Process) -> i32 {
    let options = match of(
        p,
        "g:Sq\u{3}",
        &[("gid", 'g'), ("system", 'S'), ("quiet", 'q'), ("force-badname", '\u{3}'), ("allow-badname", '\u{3}')],
    ) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if let Some(status) = denied(p) {
        return status;
    }
    let Some(name) = options.operands.first().cloned() else { return usage(p) };
    if let Some(group) = options.operands.get(1).cloned() {
        return join(p, &name, &group);
    }
    let groups = rows(p, "/etc/group");
    let system = options.has('S');
    if find(&groups, &name).is_some() {
        if p.busybox() {
            return p.fail(&format!("group '{name}' in use"));
        }
        if system {
            p.err(format!("addgroup: The group `{name}' already exists as a system group. Exiting.\n"));
            return 0;
        }
        p.err(format!("addgroup: The group `{name}' already exists.\n"));
        return 1;
    }
    let gids: Vec<u32> = groups.iter().filter_map(id_of).collect();
    let gid = match options.value('g').map(|g| (g.to_owned(), g.parse::<u32>())) {
        None => free_id(&gids, system, false),
        Some((_, Ok(gid))) if gids.contains(&gid) => {
            return if p.busybox() {
                p.fail(&format!("gid '{gid}' in use"))
            } else {
                p.fail(&format!("The GID `{gid}' is already in use."))
            };
        }
        Some((_, Ok(gid))) => gid,
        Some((text, Err(_))) => return p.fail(&format!("invalid number '{text}'")),
    };
    if !p.busybox() && !options.has('q') {
        p.out(format!("Adding group `{name}' (GID {gid}) ...\n"));
    }
    match add_group(p, &name, gid) {
        Ok(()) => {
            p.out(if p.busybox() || options.has('q') { "" } else { "Done.\n" });
            0
        }
        Err(e) => broken(p, e),
    }
}

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
    let text = super::bytes::encode(&sum).replace(['+', '='], ".");
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
    let name = options.operands.first().cloned().or_else(|| super::names::user(p, p.ids.uid)).unwrap_or_default();
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
    let name = options.operands.first().cloned().or_else(|| super::names::user(p, p.ids.uid)).unwrap_or_default();
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

/// getent: lines of the databases.
pub fn getent(p: &mut Process) -> i32 {
    let words: Vec<String> = p.args[1..].iter().filter(|a| !a.starts_with('-')).cloned().collect();
    let Some(database) = words.first() else { return usage(p) };
    if database == "hosts" || database == "ahosts" {
        let text = p.text("/etc/hosts");
        let found: Vec<&str> = text.lines().filter(|l| words[1..].iter().all(|w| l.split_whitespace().any(|x| x == w))).collect();
        found.iter().for_each(|line| p.out(format!("{line}\n")));
        return if found.is_empty() { 2 } else { 0 };
    }
    let path = match database.as_str() {
        "passwd" | "group" | "shadow" | "gshadow" | "services" | "protocols" => format!("/etc/{database}"),
        other => {
            p.err(format!("Unknown database: {other}\n"));
            return 1;
        }
    };
    let all = rows(p, &path);
    let mut status = 0;
    for row in all.iter().filter(|_| words.len() == 1) {
        p.out(row.join(":") + "\n");
    }
    for key in &words[1..] {
        match all.iter().find(|r| field(r, 0) == key || field(r, 2) == key) {
            Some(row) => p.out(row.join(":") + "\n"),
            None => status = 2,
        }
    }
    status
}
