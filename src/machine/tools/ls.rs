//! ls.

use std::cmp::Reverse;

use super::names::{human, inode, inside, letter, short_date};
use super::options::{self, either};
use super::{mode, names};
use crate::filesystem::{Errno, ImagePath, Node, SpecialKind};
use crate::machine::files::{Last, node_size};
use crate::machine::shell::glob;
use crate::machine::{Process, errno};

/// Deepest folder that `-R` enters.
const MAX_DEPTH: usize = 200;

struct Item {
    name: String,
    real: ImagePath,
    node: Node,
}

const LONG: &[(&str, char)] = &[
    ("all", 'a'),
    ("almost-all", 'A'),
    ("directory", 'd'),
    ("recursive", 'R'),
    ("reverse", 'r'),
    ("human-readable", 'h'),
    ("inode", 'i'),
    ("numeric-uid-gid", 'n'),
    ("classify", 'F'),
    ("dereference", 'L'),
    ("full-time", '\u{7}'),
    ("group-directories-first", '\u{1}'),
    ("quote-name", 'Q'),
    ("size", 's'),
    ("color", '\u{2}'),
    ("no-group", 'G'),
    ("time-style", '\u{4}'),
    ("sort", '\u{5}'),
    ("format", '\u{6}'),
    ("hide", 'I'),
    ("ignore", 'I'),
    ("ignore-backups", 'B'),
    ("author", '\u{8}'),
    ("block-size", '\u{9}'),
    ("context", 'Z'),
    ("dereference-command-line", 'H'),
    ("escape", 'b'),
    ("file-type", '\u{8}'),
    ("hide-control-chars", 'q'),
    ("hyperlink", '\u{8}'),
    ("indicator-style", '\u{9}'),
    ("kibibytes", 'k'),
    ("literal", 'N'),
    ("quoting-style", '\u{9}'),
    ("show-control-chars", '\u{8}'),
    ("si", '\u{8}'),
    ("tabsize", 'T'),
    ("time", '\u{9}'),
    ("width", 'w'),
    ("zero", '\u{8}'),
];

/// How it is to look.
struct View {
    flags: String,
    /// Columns of the screen.
    wide: usize,
    /// GNU's style of times.
    style: String,
    /// GNU's patterns of names that are not shown.
    hidden: Vec<String>,
}

/// ls.
pub fn ls(p: &mut Process) -> i32 {
    let options = match either(
        p,
        "1ACFHLQRST:Xacdghiklnprstuvw:x\u{1}\u{2};\u{7}",
        "1ABCDFGHI:LNQRST:UXZabcdfghiklmnopqrstuvw:x\u{1}\u{2};\u{4}:\u{5}:\u{6}:\u{7}\u{8}\u{9}:",
        LONG,
    ) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut paths = options.operands.clone();
    let mut flags: String = options.given.iter().map(|(c, _)| if *c == '\u{7}' { 'e' } else { *c }).collect();
    let value = |c: char| options.value(c);
    let busybox = p.busybox();
    if !busybox {
        flags.extend(match value('\u{5}') {
            Some("size") => Some('S'),
            Some("time") => Some('t'),
            Some("version") => Some('v'),
            Some("extension") => Some('X'),
            Some("none") => Some('U'),
            _ => None,
        });
        flags.extend(match value('\u{6}') {
            Some("long" | "verbose") => Some('l'),
            Some("commas") => Some('m'),
            Some("single-column") => Some('1'),
            Some("vertical") => Some('C'),
            Some("across" | "horizontal") => Some('x'),
            _ => None,
        });
    }
    let last = |of: &str| flags.chars().rev().find(|c| of.contains(*c));
    // Of what excludes each other the last counts; `--full-time` is a long form.
    let (form, key) = (last("lnoge1Cx"), last("tSXv"));
    if busybox {
        flags.retain(|c| !"1Cx".contains(c) || Some(c) == form);
        flags.retain(|c| !"tSXv".contains(c) || Some(c) == key);
    }
    if flags.contains('e') {
        flags.push('l');
    }
    let colored = busybox && value('\u{2}').is_some_and(|v| matches!(v, "" | "always" | "yes" | "force"));
    if colored {
        flags.push('\u{3}');
    }
    for (letter, what) in [('w', "line width"), ('T', "tab size")] {
        let Some(text) = value(letter) else { continue };
        if busybox {
            if let Err(status) = options::number(p, text, 0..=i32::MAX as usize) {
                return status;
            }
        } else if text.is_empty() || text.bytes().any(|b| !b.is_ascii_digit()) {
            let text = format!("invalid {what}: {}", names::quote(p, text));
            p.fail(&text);
            return 2;
        }
    }
    let wide = match value('w') {
        // What does not fit stands for no limit, as 0 does.
        Some(wide) => wide.parse().ok().filter(|wide| *wide > 0 || busybox).unwrap_or(usize::MAX),
        None if busybox => p.var("COLUMNS").and_then(|c| c.parse().ok()).filter(|c| *c > 1).unwrap_or(80) - 1,
        None => 80,
    };
    let style = value('\u{4}').unwrap_or(if flags.contains('e') { "full-iso" } else { "" }).to_owned();
    let hidden = options.values('I').map(str::to_owned).collect();
    let view = View { flags, wide, style, hidden };
    let flags = view.flags.as_str();
    if paths.is_empty() {
        paths.push(".".into());
    }
    let follow = !flags.contains(if busybox { &['l', 'n', 'g', 'F', 'i', 's'][..] } else { &['l', 'd', 'F', 'n', 'g', 'o'][..] })
        && !colored
        || flags.contains(['L', 'H']);
    let (mut files, mut folders, mut status) = (Vec::new(), Vec::new(), 0);
    for path in &paths {
        let lost = || if busybox { Err(Errno::NoEntry) } else { p.lstat(path) };
        let found = if follow { p.stat(path).or_else(|e| if e == Errno::NoEntry { lost() } else { Err(e) }) } else { p.lstat(path) };
        match found {
            Ok((_, Node::Directory(_))) if !flags.contains('d') => folders.push(path.clone()),
            Ok((real, node)) => files.push(Item { name: path.clone(), real, node }),
            Err(e) => {
                let text =
                    if p.busybox() { format!("{path}: {}", errno::text(e)) } else { format!("cannot access '{path}': {}", errno::text(e)) };
                p.fail(&text);
                status = if p.busybox() { 1 } else { 2 };
            }
        }
    }
    // What is missing is told in the order given, what is there is shown in order.
    if !flags.contains('U') {
        crate::base::sort_by(&mut files, |a, b| a.name.cmp(&b.name));
        crate::base::sort(&mut folders);
    }
    let headers = paths.len() > 1 || flags.contains('R');
    let mut blank = !files.is_empty();
    show(p, files, &view);
    for path in folders {
        status = folder(p, &path, &view, headers, &mut blank, 0).max(status);
    }
    status
}

fn folder(p: &mut Process, path: &str, view: &View, headers: bool, blank: &mut bool, depth: usize) -> i32 {
    let flags = view.flags.as_str();
    let busybox = p.busybox();
    let listed = p.list(path);
    // busybox goes on with a folder that it cannot open as if nothing were in it.
    if headers && (listed.is_ok() || busybox) {
        p.out(format!("{}{path}:\n", if *blank { "\n" } else { "" }));
        *blank = true;
    }
    let mut status = 0;
    let names = match listed {
        Ok(names) => names,
        Err(e) => {
            let verb = if busybox { "can't open" } else { "cannot open directory" };
            p.fail(&format!("{verb} '{path}': {}", errno::text(e)));
            status = if busybox { 1 } else { 2 };
            if !busybox {
                return status;
            }
            Vec::new()
        }
    };
    *blank = true;
    let opened = status == 0;
    let dots = [".", ".."].into_iter().filter(|_| flags.contains('a') && opened).map(str::to_owned);
    let hidden = flags.contains(['a', 'A']);
    let mut items: Vec<Item> = Vec::new();
    let gnu_hides = |n: &str| view.hidden.iter().any(|g| glob::matches(g, n)) || flags.contains('B') && n.ends_with('~') && !busybox;
    for name in dots.chain(names.into_iter().filter(|n| (hidden || !n.starts_with('.')) && !gnu_hides(n))) {
        let full = inside(path, &name);
        let found = match flags.contains('L') {
            true => p.stat(&full).or_else(|e| if busybox { Err(e) } else { p.lstat(&full) }),
            false => p.lstat(&full),
        };
        match found {
            Ok((real, node)) => items.push(Item { name, real, node }),
            Err(e) if busybox => status = p.fail(&format!("{full}: {}", errno::text(e))),
            Err(_) => {}
        }
    }
    let below: Vec<String> = items
        .iter()
        .filter(|i| flags.contains('R') && i.node.as_directory().is_some() && i.name != "." && i.name != "..")
        .map(|i| inside(path, &i.name))
        .collect();
    if flags.contains(['l', 'n', 'g', 'o', 's']) {
        let blocks: u64 = items.iter().map(|i| blocks(&i.node)).sum();
        p.out(match busybox && flags.contains('h') {
            true => format!("total {:<7}\n", names::busybox_human(blocks << 10, false)),
            false => format!("total {blocks}\n"),
        });
    }
    show(p, items, view);
    for path in below {
        if depth < MAX_DEPTH && p.burn(20) {
            status = folder(p, &path, view, true, blank, depth + 1).max(status);
        }
    }
    status
}

/// KiB on the disk.
fn blocks(node: &Node) -> u64 {
    match node {
        Node::Symlink(_) => 0,
        node => node_size(node).div_ceil(4096) * 4,
    }
}

fn show(p: &mut Process, mut items: Vec<Item>, view: &View) {
    let flags = view.flags.as_str();
    if flags.contains('t') {
        crate::base::sort_by_key(&mut items, |i| Reverse(i.node.metadata().mtime));
    } else if flags.contains('S') {
        crate::base::sort_by_key(&mut items, |i| Reverse(node_size(&i.node)));
    }
    if flags.contains('v') {
        crate::base::sort_by(&mut items, |a, b| super::sort::version(a.name.as_bytes(), b.name.as_bytes()));
    } else if flags.contains('X') {
        crate::base::sort_by_key(&mut items, |i| (i.name.rfind('.').map(|at| i.name[at..].to_owned()), i.name.clone()));
    }
    if flags.contains('\u{1}') {
        crate::base::sort_by_key(&mut items, |i| i.node.as_directory().is_none());
    }
    if flags.contains('r') {
        items.reverse();
    }
    let busybox = p.busybox();
    if busybox {
        items.iter_mut().for_each(|i| i.name = printable(p, &i.name));
    }
    if flags.contains('Q') {
        let escaped = |name: &str| if busybox { name.replace('\\', "\\\\").replace('"', "\\\"") } else { name.to_owned() };
        items.iter_mut().for_each(|i| i.name = format!("\"{}\"", escaped(&i.name)));
    }
    if flags.contains(['C', 'x']) && !flags.contains(['1', 'l', 'n', 'g', 'o']) {
        return columns(p, &items, flags, view.wide);
    }
    if flags.contains('m') && !flags.contains(['1', 'l', 'n', 'g', 'o']) && !busybox {
        return commas(p, &items, flags);
    }
    let rows: Vec<Vec<String>> = items.iter().map(|i| row(p, i, view)).collect();
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    for (item, row) in items.iter().zip(&rows) {
        let mut line = String::new();
        if flags.contains('i') {
            line +=
                &if p.busybox() { format!("{:>7} ", inode(&item.real, &item.node)) } else { format!("{} ", inode(&item.real, &item.node)) };
        }
        if flags.contains('s') {
            line += &if p.busybox() { format!("{:>6} ", blocks(&item.node)) } else { format!("{} ", blocks(&item.node)) };
        }
        if let [perm, links, user, group, size, date] = row.as_slice() {
            line += &if p.busybox() {
                let width = if flags.contains('h') { 7 } else { 9 };
                let mut text = format!("{perm:<10} {links:>4} ");
                if !flags.contains('g') {
                    text += &format!("{user:<8.8} ");
                }
                text + &format!("{group:<8.8} {size:>width$} {date} ")
            } else {
                let mut text = format!("{perm} {links:>0$} ", widths[1]);
                if !flags.contains('g') {
                    text += &format!("{user:<0$} ", widths[2]);
                }
                if !flags.contains(['o', 'G']) {
                    text += &format!("{group:<0$} ", widths[3]);
                }
                text + &format!("{size:>0$} {date} ", widths[4])
            };
        }
        line += &paint(&item.name, Some(&item.node), flags);
        let link = if let Node::Symlink(link) = &item.node { Some(link).filter(|_| !row.is_empty()) } else { None };
        if let Some(link) = link {
            let behind = p.system.resolve(&p.ids, &item.real.parent().unwrap_or_else(ImagePath::root), &link.target, Last::Follow);
            let behind = behind.ok().and_then(|real| p.system.node(&real));
            line += " -> ";
            line += &paint(&link.target, behind.as_ref(), flags);
            line += behind.filter(|_| busybox).map_or("", |n| mark(&n, flags));
        }
        line += mark(&item.node, flags);
        line.push('\n');
        p.out(line);
    }
}

/// The name as busybox shows it: what the C locale cannot print is a question mark.
fn printable(p: &Process, name: &str) -> String {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|v| p.var(v).filter(|t| !t.is_empty())).unwrap_or("");
    let wide = locale.to_ascii_lowercase().contains("utf") && !p.debian_busybox();
    let shown = |c: char| match c {
        c if c.is_control() => "?".to_owned(),
        c if c.is_ascii() || wide => c.to_string(),
        c => "?".repeat(c.len_utf8()),
    };
    name.chars().map(shown).collect()
}

/// The name in the colour of its kind, if colours are asked for; red if it leads nowhere.
fn paint(name: &str, node: Option<&Node>, flags: &str) -> String {
    if !flags.contains('\u{3}') {
        return name.to_owned();
    }
    let color = match node {
        None => "1;31",
        Some(Node::Directory(_)) => "1;34",
        Some(Node::Symlink(_)) => "1;36",
        Some(Node::File(f)) if f.metadata.mode & 0o111 != 0 => "1;32",
        Some(Node::File(_)) => "0;0",
        Some(Node::Special(s)) if s.kind == SpecialKind::Fifo => "0;35",
        Some(Node::Special(_)) => "1;35",
    };
    format!("\x1b[{color}m{name}\x1b[m")
}

/// Names after each other on lines of 80.
fn commas(p: &mut Process, items: &[Item], flags: &str) {
    let mut line = String::new();
    for (i, item) in items.iter().enumerate() {
        let cell = item.name.clone() + mark(&item.node, flags) + if i + 1 < items.len() { "," } else { "" };
        if !line.is_empty() && line.len() + cell.len() + 1 > 80 {
            p.out(std::mem::take(&mut line) + "\n");
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += &cell;
    }
    if !items.is_empty() {
        p.out(line + "\n");
    }
}

/// Names beside each other on a line: down the columns, or with `-x` along the rows.
fn columns(p: &mut Process, items: &[Item], flags: &str, wide: usize) {
    let busybox = p.busybox();
    let size = |i: &Item| if flags.contains('s') { format!("{:>6} ", blocks(&i.node)) } else { String::new() };
    let cells: Vec<String> = items.iter().map(|i| size(i) + &paint(&i.name, Some(&i.node), flags) + mark(&i.node, flags)).collect();
    // busybox gives marks no room of their own, and sizes too little.
    let widths = items.iter().zip(&cells).map(|(i, c)| if busybox { i.name.len() + 5 * usize::from(flags.contains('s')) } else { c.len() });
    let width = widths.max().unwrap_or(0) + 2;
    let across = (wide / width).clamp(1, cells.len().max(1));
    let high = cells.len().div_ceil(across);
    for y in 0..high {
        let (mut line, mut shown) = (String::new(), 0);
        for x in 0..across {
            let at = if flags.contains('x') { y * across + x } else { x * high + y };
            let Some(cell) = cells.get(at) else { continue };
            let fill = (x * width).saturating_sub(shown);
            line += &" ".repeat(fill);
            line += cell;
            // What colours a name takes no room.
            shown += fill + cell.len() - paint("", items.get(at).map(|i| &i.node), flags).len();
        }
        p.out(line + "\n");
    }
}

fn row(p: &Process, item: &Item, view: &View) -> Vec<String> {
    let flags = view.flags.as_str();
    if !flags.contains(['l', 'n', 'g', 'o']) {
        return Vec::new();
    }
    let m = item.node.metadata();
    let numeric = flags.contains('n');
    let size = node_size(&item.node);
    vec![
        mode::show(letter(&item.node), m.mode),
        p.system.link_count(&item.node).to_string(),
        names::user(p, m.uid).filter(|_| !numeric).unwrap_or_else(|| m.uid.to_string()),
        names::group(p, m.gid).filter(|_| !numeric).unwrap_or_else(|| m.gid.to_string()),
        match &item.node {
            Node::Special(special) => match special.kind {
                SpecialKind::CharDevice { major, minor } | SpecialKind::BlockDevice { major, minor } => format!("{major}, {minor:>3}"),
                SpecialKind::Fifo => "0".into(),
            },
            _ if flags.contains('h') && p.busybox() => names::busybox_human(size, true),
            _ if flags.contains('h') => human(size),
            _ => size.to_string(),
        },
        date(p, m.mtime, view),
    ]
}

/// A time in the style that is asked for.
fn date(p: &Process, time: i64, view: &View) -> String {
    let (seconds, nanoseconds) = (time.div_euclid(1_000_000_000), time.rem_euclid(1_000_000_000));
    let old = !(-900..15_778_476).contains(&(p.system.now - time).div_euclid(1_000_000_000));
    let format = |form: &str| super::date::format(form, seconds, nanoseconds);
    match view.style.as_str() {
        "full-iso" | "posix-full-iso" => full_date(p, time),
        "long-iso" | "posix-long-iso" => format("%Y-%m-%d %H:%M"),
        "iso" => format(if old { "%Y-%m-%d " } else { "%m-%d %H:%M" }),
        style => match style.strip_prefix('+') {
            Some(both) => {
                let (long_ago, recent) = both.split_once('\n').unwrap_or((both, both));
                format(if old { long_ago } else { recent })
            }
            None => short_date(time, p.system.now),
        },
    }
}

/// What `--full-time` shows: GNU tells the nanoseconds, busybox does not.
fn full_date(p: &Process, time: i64) -> String {
    let text = names::long_date(time);
    if p.busybox() { [text.get(..19).unwrap_or(""), text.get(29..).unwrap_or("")].concat() } else { text }
}

fn mark(node: &Node, flags: &str) -> &'static str {
    match node {
        Node::Directory(_) if flags.contains(['F', 'p']) => "/",
        Node::Symlink(_) if flags.contains('F') && !flags.contains('l') => "@",
        Node::Special(s) if flags.contains('F') && s.kind == SpecialKind::Fifo => "|",
        Node::File(f) if flags.contains('F') && f.metadata.mode & 0o111 != 0 => "*",
        _ => "",
    }
}
