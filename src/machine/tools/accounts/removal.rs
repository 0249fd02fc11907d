//! userdel and groupdel; deluser and delgroup of busybox and of Debian.

use super::super::options::usage;
use super::database::*;
use crate::machine::Process;

/// userdel, and deluser.
pub fn userdel(p: &mut Process) -> i32 {
    let long =
        [("remove", 'r'), ("force", 'f'), ("remove-home", 'r'), ("quiet", 'q'), ("system", 's'), ("remove-home", 'r'), ("group", 'g')];
    let options = match begin(p, "rfqsgZ", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(name) = options.operands.first().cloned() else {
        if p.name() == "userdel" {
            p.err("Usage: userdel [options] LOGIN\n\n");
            return 2;
        }
        return usage(p);
    };
    if let Some(group) = options.operands.get(1).cloned() {
        let inside = rows(p, "/etc/group").iter().any(|r| field(r, 0) == group && field(r, 3).split(',').any(|m| m == name));
        if !p.busybox() && !inside && find(&rows(p, "/etc/group"), &group).is_some() {
            p.fail(&format!("The user `{name}' is not a member of group `{group}'."));
            return 6;
        }
        if !p.busybox() && !options.has('q') {
            p.out(format!("Removing user `{name}' from group `{group}' ...\n"));
        }
        return match member(p, &name, &group, false) {
            Ok(true) => {
                p.out(if p.busybox() || options.has('q') { "" } else { "Done.\n" });
                0
            }
            Ok(false) if p.busybox() => p.fail(&format!("unknown group {group}")),
            Ok(false) => p.fail(&format!("The group `{group}' does not exist.")).max(3),
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
                p.fail(&format!("The user `{name}' does not exist."));
                2
            }
        };
    };
    if p.name() == "deluser" && !p.busybox() && !options.has('q') {
        p.err("deluser: `/usr/bin/crontab' not executed. Skipping crontab removal. Package `cron' required.\n");
        if options.has('r') {
            p.out("Looking for files to backup/remove ...\nRemoving files ...\n");
        }
        p.out(format!("Removing user `{name}' ...\n"));
    }
    let mut result = drop_row(p, "/etc/passwd", &name).and_then(|()| drop_row(p, "/etc/shadow", &name));
    result = result.and(drop_row(p, "/etc/subuid", &name)).and(drop_row(p, "/etc/subgid", &name));
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
        if p.name() == "userdel" {
            p.err(format!("userdel: {name} mail spool (/var/mail/{name}) not found\n"));
        }
        if p.exists(&home) {
            // A home that resists stays.
            let _ = p.remove_all(&home);
        } else if p.name() == "userdel" {
            p.err(format!("userdel: {name} home directory ({home}) not found\n"));
        }
    }
    if p.name() == "deluser" && !p.busybox() && !options.has('q') {
        p.out("Done.\n");
    }
    0
}

/// groupdel, and delgroup.
pub fn groupdel(p: &mut Process) -> i32 {
    let options = match begin(p, "fq", &[("force", 'f'), ("system", 'f'), ("only-if-empty", 'f'), ("quiet", 'q')]) {
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
            format!("The group `{name}' does not exist.")
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
    let debian = p.name() == "delgroup" && !p.busybox() && !options.has('q');
    if debian {
        p.out(format!("Removing group `{name}' ...\n"));
    }
    match drop_row(p, "/etc/group", &name).and_then(|()| drop_row(p, "/etc/gshadow", &name)) {
        Ok(()) => {
            p.out(if debian { "Done.\n" } else { "" });
            0
        }
        Err(e) => broken(p, e),
    }
}
