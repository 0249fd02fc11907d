//! What tools on files share: quotes, owners' names, dates, inode numbers.

use crate::base::go::rfc3339;
use crate::filesystem::{ImagePath, Node, SpecialKind};
use crate::machine::Process;

/// A name in quotes as GNU's `quote` writes them: straight ones unless the locale is UTF-8.
pub fn quote(p: &Process, name: &str) -> String {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|v| p.var(v).filter(|t| !t.is_empty())).unwrap_or("").to_ascii_lowercase();
    if locale.contains("utf-8") || locale.contains("utf8") { format!("\u{2018}{name}\u{2019}") } else { format!("'{name}'") }
}

/// The name of a user, or nothing.
pub fn user(p: &Process, uid: u32) -> Option<String> {
    p.users().into_iter().find(|u| u.uid == uid).map(|u| u.name)
}

/// The name of a group, or nothing.
pub fn group(p: &Process, gid: u32) -> Option<String> {
    p.groups().into_iter().find(|g| g.gid == gid).map(|g| g.name)
}

/// A number that stays with a file.
pub fn inode(path: &ImagePath, node: &Node) -> u64 {
    match node {
        Node::File(f) if f.link.is_some() => 2_000_000 + f.link.unwrap_or(0) % 1_000_000,
        _ => 1_000 + path.as_str().bytes().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b))) % 1_000_000,
    }
}

/// The letter of `ls -l`.
pub fn letter(node: &Node) -> char {
    match node {
        Node::File(_) => '-',
        Node::Directory(_) => 'd',
        Node::Symlink(_) => 'l',
        Node::Special(s) => match s.kind {
            SpecialKind::Fifo => 'p',
            SpecialKind::CharDevice { .. } => 'c',
            SpecialKind::BlockDevice { .. } => 'b',
        },
    }
}

/// `Jan  2 15:04`, or `Jan  2  2006` when it is half a year from `now` or more; both in nanoseconds since 1970.
pub fn short_date(time: i64, now: i64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (seconds, age) = (time.div_euclid(1_000_000_000), (now - time).div_euclid(1_000_000_000));
    let text = rfc3339(seconds);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or("");
    let month = part(5, 7).parse::<usize>().ok().and_then(|m| MONTHS.get(m.wrapping_sub(1))).unwrap_or(&"Jan");
    let day = part(8, 10).parse::<u32>().unwrap_or(1);
    if (-900..15_778_476).contains(&age) {
        format!("{month} {day:>2} {}", part(11, 16))
    } else {
        format!("{month} {day:>2}  {}", part(0, 4))
    }
}

/// `2006-01-02 15:04:05.000000000 +0000`.
pub fn long_date(time: i64) -> String {
    let text = rfc3339(time.div_euclid(1_000_000_000));
    format!("{} {}.{:09} +0000", text.get(..10).unwrap_or(""), text.get(11..19).unwrap_or(""), time.rem_euclid(1_000_000_000))
}

/// Whether the user says yes to `question`, asked on standard error: what is typed up to the end of a line begins with `y`.
pub fn confirms(p: &mut Process, question: &str) -> bool {
    p.err(format!("{}: {question}? ", p.name()));
    let mut first = 0;
    loop {
        match p.read_fd(0, 1).first() {
            None | Some(b'\n') => return first == b'y',
            Some(c) if first == 0 && !matches!(c, b' ' | b'\t') => first = c | 32,
            Some(_) => {}
        }
    }
}

/// `4.0K`, as busybox writes sizes with `-h`: rounded, with a tenth if `tenths`.
pub fn busybox_human(size: u64, tenths: bool) -> String {
    let (mut value, mut frac, mut unit) = (size, 0, 0);
    while value >= 1024 && unit < 5 {
        unit += 1;
        frac = ((value % 1024) * 10 + 512) / 1024;
        value /= 1024;
    }
    if frac >= 10 {
        value += 1;
        frac = 0;
    }
    let letter = ["", "K", "M", "G", "T", "P"][unit];
    match tenths && unit > 0 {
        true => format!("{value}.{frac}{letter}"),
        false => format!("{}{letter}", value + u64::from(frac >= 5)),
    }
}

/// `4.0K`, as GNU's `-h` writes sizes.
pub fn human(size: u64) -> String {
    let mut value = size as f64;
    let mut units = ["", "K", "M", "G", "T"].iter();
    let mut unit = units.next().unwrap_or(&"");
    while value >= 1024.0 {
        let Some(next) = units.next() else { break };
        value /= 1024.0;
        unit = next;
    }
    match unit {
        &"" => size.to_string(),
        unit if value < 10.0 => format!("{:.1}{unit}", (value * 10.0).ceil() / 10.0),
        unit => format!("{:.0}{unit}", value.ceil()),
    }
}

/// The last component of a path, without slashes at its end; `/` for the root.
pub fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { if path.is_empty() { "" } else { "/" } } else { trimmed.rsplit('/').next().unwrap_or("") }
}

/// `name` in the folder `folder`.
pub fn inside(folder: &str, name: &str) -> String {
    if folder.ends_with('/') { format!("{folder}{name}") } else { format!("{folder}/{name}") }
}
