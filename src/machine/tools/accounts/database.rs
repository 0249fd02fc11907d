//! The databases of users and groups, lines of fields between colons: read, written, asked, changed.

use super::super::options::{Options, of};
use crate::filesystem::Errno;
use crate::machine::{Process, errno};

/// A line of a database, split at colons.
pub(super) type Row = Vec<String>;

pub(super) fn rows(p: &Process, path: &str) -> Vec<Row> {
    p.text(path).lines().filter(|l| !l.is_empty()).map(|l| l.split(':').map(str::to_owned).collect()).collect()
}

/// Writes a database back; its mode stays, a new shadow file is hidden.
pub(super) fn save(p: &mut Process, path: &str, rows: &[Row]) -> Result<(), Errno> {
    let fresh = !p.exists(path);
    let text: String = rows.iter().map(|r| r.join(":") + "\n").collect();
    let old = p.text(path);
    if text == old && !fresh {
        return Ok(());
    }
    // What was there before is kept under another name.
    if let Ok((_, node)) = p.stat(path)
        && !p.busybox()
    {
        let (backup, mode) = (format!("{path}-"), node.metadata().mode);
        p.write(&backup, old.into_bytes())?;
        let (real, _) = p.stat(&backup)?;
        let owner = node.metadata();
        p.system.chown(&p.ids, &real, Some(owner.uid), Some(owner.gid))?;
        p.system.chmod(&p.ids, &real, mode)?;
    }
    p.write(path, text.into_bytes())?;
    if fresh
        && path.ends_with("shadow")
        && let Ok((real, _)) = p.stat(path)
    {
        p.system.chmod(&p.ids, &real, 0o640)?;
    }
    Ok(())
}

pub(super) fn field(row: &Row, i: usize) -> &str {
    row.get(i).map_or("", String::as_str)
}

pub(super) fn id_of(row: &Row) -> Option<u32> {
    field(row, 2).parse().ok()
}

pub(super) fn find<'r>(rows: &'r [Row], name: &str) -> Option<&'r Row> {
    rows.iter().find(|r| field(r, 0) == name)
}

/// The next free id of a range: after the highest in use, or for system ids below the lowest.
pub(super) fn free_id(taken: &[u32], system: bool, shadow: bool) -> u32 {
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
pub(super) fn today(p: &Process) -> String {
    p.system.now.div_euclid(86_400_000_000_000).to_string()
}

/// Debian allows nearly any name.
pub(super) fn allowed(p: &Process, name: &str) -> bool {
    let debian = p.exists("/var/lib/dpkg") && !name.is_empty() && name.len() <= 32;
    valid(name) || debian && !name.starts_with(['-', '+', '~']) && !name.contains([':', ',', '/', ' ', '\t', '\n'])
}

/// Whether it is Debian 12 or what was made of it: its adduser is stricter.
pub(super) fn is_recent(p: &Process) -> bool {
    let release = p.text("/etc/os-release");
    ["bookworm", "trixie", "forky", "noble", "oracular", "plucky", "questing"].iter().any(|name| release.contains(name))
}

/// The subordinate ids of a user: 65536 of them, where there is room.
pub(super) fn add_ranges(p: &mut Process, name: &str) -> Result<(), Errno> {
    for path in ["/etc/subuid", "/etc/subgid"] {
        if !p.exists(path) {
            continue;
        }
        let mut ranges = rows(p, path);
        let start = |row: &Row| field(row, 1).parse::<u64>().unwrap_or(0);
        crate::base::sort_by_key(&mut ranges, start);
        let mut free = 100_000;
        for range in &ranges {
            if start(range) >= free + 65_536 {
                break;
            }
            free = free.max(start(range) + id_of(range).map_or(0, u64::from));
        }
        ranges.push(vec![name.to_owned(), free.to_string(), "65536".into()]);
        save(p, path, &ranges)?;
    }
    Ok(())
}

pub(super) fn valid(name: &str) -> bool {
    let body = name.strip_suffix('$').unwrap_or(name);
    !body.is_empty()
        && body.len() <= 32
        && body.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && body.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.'))
}

/// The gid of a group given by name or number.
pub(super) fn group_of(p: &Process, group: &str) -> Option<u32> {
    let groups = rows(p, "/etc/group");
    find(&groups, group).and_then(id_of).or_else(|| group.parse().ok().filter(|gid| groups.iter().any(|r| id_of(r) == Some(*gid))))
}

/// What is to be made.
#[derive(Default)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) comment: String,
    pub(super) home: String,
    pub(super) shell: String,
    /// The second field of shadow.
    pub(super) password: String,
    /// A system account: its password does not age.
    pub(super) system: bool,
    /// Days after which it is locked, and the day when it expires.
    pub(super) inactive: String,
    pub(super) expires: String,
}

pub(super) fn add_user(p: &mut Process, account: &Account) -> Result<(), Errno> {
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
        let ages = !account.system || p.busybox();
        let limits = if ages { ["0", "99999", "7"] } else { [""; 3] };
        let mut row = vec![account.name.clone(), account.password.clone(), today(p)];
        row.extend(limits.map(str::to_owned));
        row.extend([account.inactive.clone(), account.expires.clone(), String::new()]);
        shadow.push(row);
        save(p, "/etc/shadow", &shadow)?;
    }
    Ok(())
}

pub(super) fn add_group(p: &mut Process, name: &str, gid: u32) -> Result<(), Errno> {
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
pub(super) fn member(p: &mut Process, user: &str, group: &str, inside: bool) -> Result<bool, Errno> {
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

/// Takes a name out of a database.
pub(super) fn drop_row(p: &mut Process, path: &str, name: &str) -> Result<(), Errno> {
    if !p.exists(path) {
        return Ok(());
    }
    let mut all = rows(p, path);
    all.retain(|r| field(r, 0) != name);
    save(p, path, &all)
}

pub(super) fn broken(p: &mut Process, e: Errno) -> i32 {
    let text = format!("cannot open /etc/passwd: {}", errno::text(e));
    p.fail(&text)
}

/// The options of a command that only root may use.
pub(super) fn begin(p: &mut Process, letters: &str, long: &[(&str, char)]) -> Result<Options, i32> {
    let options = of(p, letters, long)?;
    denied(p).map_or(Ok(options), Err)
}

/// Only root may.
pub(super) fn denied(p: &mut Process) -> Option<i32> {
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
