//! adduser and addgroup, of busybox and of Debian.

use super::super::names;
use super::super::options::usage;
use super::database::*;
use super::home::make_home;
use crate::machine::{Process, errno};

const ADDUSER: &[(&str, char)] = &[
    ("home", 'h'),
    ("gecos", 'g'),
    ("comment", 'g'),
    ("shell", 's'),
    ("ingroup", 'G'),
    ("gid", '\u{1}'),
    ("system", 'S'),
    ("disabled-password", 'D'),
    ("disabled-login", '\u{5}'),
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
    let options = match begin(p, "h:g:s:G:SDHu:k:q\u{1}:\u{2}\u{3}\u{4}:\u{5}", ADDUSER) {
        Ok(options) => options,
        Err(status) => return status,
    };
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
            p.out(format!("The system user `{name}' already exists. Exiting.\n"));
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
        (false, false) if options.has('\u{5}') && is_recent(p) => ("/usr/sbin/nologin", ",,,".to_owned()),
        (false, false) => ("/bin/bash", ",,,".to_owned()),
    };
    let account = Account {
        name: name.clone(),
        uid,
        gid,
        comment: match options.value('g') {
            Some(gecos) if !gecos.is_empty() || busybox => gecos.to_owned(),
            _ => comment,
        },
        home: home.clone(),
        shell: options.value('s').unwrap_or(shell).into(),
        password: "!".into(),
        system,
        ..Account::default()
    };
    let quiet = options.has('q') || busybox;
    if !quiet {
        if system {
            p.out(format!("Adding system user `{name}' (UID {uid}) ...\n"));
            p.out(if own_group { format!("Adding new group `{name}' (GID {gid}) ...\n") } else { String::new() });
            p.out(format!(
                "Adding new user `{name}' (UID {uid}) with group `{}' ...\n",
                names::group(p, gid).unwrap_or_else(|| name.clone())
            ));
        } else {
            p.out(format!("Adding user `{name}' ...\n"));
            p.out(if own_group { format!("Adding new group `{name}' ({gid}) ...\n") } else { String::new() });
            let group = if own_group { name.clone() } else { names::group(p, gid).unwrap_or_else(|| name.clone()) };
            p.out(format!("Adding new user `{name}' ({uid}) with group `{group} ({gid})' ...\n"));
        }
    }
    let made = if own_group { add_group(p, &name, gid) } else { Ok(()) };
    if let Err(e) = made.and_then(|()| add_user(p, &account)) {
        return broken(p, e);
    }
    if !system && !busybox {
        // Its database was written a moment ago.
        let _ = add_ranges(p, &name);
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
        if let Err(e) = make_home(p, &home, uid, gid, mode, (!system).then_some("/etc/skel")) {
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
    let options = match begin(
        p,
        "g:Sq\u{3}",
        &[("gid", 'g'), ("system", 'S'), ("quiet", 'q'), ("force-badname", '\u{3}'), ("allow-badname", '\u{3}')],
    ) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(name) = options.operands.first().cloned() else { return usage(p) };
    if let Some(group) = options.operands.get(1).cloned() {
        if !p.busybox() && is_recent(p) {
            return p.fail("addgroup with two arguments is an unspecified operation.");
        }
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
