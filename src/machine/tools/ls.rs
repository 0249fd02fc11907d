//! ls.

use std::cmp::Reverse;

use super::names::{human, inode, inside, letter, options, short_date};
use super::{mode, names};
use crate::filesystem::{ImagePath, Node, SpecialKind};
use crate::machine::files::node_size;
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
    ("full-time", 'e'),
    ("group-directories-first", '\u{1}'),
    ("quote-name", 'Q'),
    ("size", 's'),
    ("no-group", 'G'),
    ("file-type", 'p'),
    ("escape", 'b'),
    ("literal", 'N'),
    ("time-style", '\u{2}'),
    ("hide", 'I'),
    ("ignore", 'I'),
    ("ignore-backups", 'B'),
    ("sort", '\u{3}'),
    ("format", '\u{4}'),
    ("time", '\u{5}'),
    ("width", 'w'),
    ("block-size", '\u{6}'),
    ("si", 'h'),
    ("kibibytes", 'k'),
];

/// ls.
pub fn ls(p: &mut Process) -> i32 {
    let (found, mut paths) = options(p, "IwT\u{2}\u{3}\u{4}\u{5}\u{6}", LONG);
    let mut flags: String = found.iter().map(|(c, _)| *c).collect();
    let word = |letter: char| found.iter().rev().find(|(c, _)| *c == letter).map(|(_, v)| v.as_str());
    let style = word('\u{2}').unwrap_or(if flags.contains('e') { "full-iso" } else { "locale" }).to_owned();
    flags.extend(match word('\u{3}') {
        Some("size") => Some('S'),
        Some("time") => Some('t'),
        Some("version") => Some('v'),
        Some("extension") => Some('X'),
        Some("none") => Some('U'),
        _ => None,
    });
    flags.extend(match word('\u{4}') {
        Some("long" | "verbose") => Some('l'),
        Some("commas") => Some('m'),
        Some("single-column") => Some('1'),
        Some("vertical") => Some('C'),
        Some("across" | "horizontal") => Some('x'),
        _ => None,
    });
    let hidden: Vec<String> = found.iter().filter(|(c, _)| *c == 'I').map(|(_, v)| v.clone()).collect();
    let view = View { flags, style, hidden };
    let flags = view.flags.as_str();
    if paths.is_empty() {
        paths.push(".".into());
    }
    let follow = !flags.contains(['l', 'd', 'F', 'n', 'g', 'o']) || flags.contains('L');
    let (mut files, mut folders, mut status) = (Vec::new(), Vec::new(), 0);
    for path in &paths {
        let found = if follow { p.stat(path).or_else(|_| p.lstat(path)) } else { p.lstat(path) };
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

/// How it is to look.
struct View {
    flags: String,
    style: String,
    /// Patterns of names that are not shown.
    hidden: Vec<String>,
}

fn folder(p: &mut Process, path: &str, view: &View, headers: bool, blank: &mut bool, depth: usize) -> i32 {
    let flags = view.flags.as_str();
    let names = match p.list(path) {
        Ok(names) => names,
        Err(e) => {
            let verb = if p.busybox() { "can't open" } else { "cannot open directory" };
            p.fail(&format!("{verb} '{path}': {}", errno::text(e)));
            return if p.busybox() { 1 } else { 2 };
        }
    };
    if headers {
        p.out(format!("{}{path}:\n", if *blank { "\n" } else { "" }));
    }
    *blank = true;
    let dots = [".", ".."].into_iter().filter(|_| flags.contains('a')).map(str::to_owned);
    let hidden = flags.contains(['a', 'A']);
    let items: Vec<Item> = dots
        .chain(names.into_iter().filter(|n| hidden || !n.starts_with('.')))
        .filter(|n| !(view.hidden.iter().any(|g| glob::matches(g, n)) || flags.contains('B') && n.ends_with('~') && !p.busybox()))
        .filter_map(|name| {
            let full = inside(path, &name);
            let found = if flags.contains('L') { p.stat(&full).or_else(|_| p.lstat(&full)) } else { p.lstat(&full) };
            found.ok().map(|(real, node)| Item { name, real, node })
        })
        .collect();
    let below: Vec<String> = items
        .iter()
        .filter(|i| flags.contains('R') && i.node.as_directory().is_some() && i.name != "." && i.name != "..")
        .map(|i| inside(path, &i.name))
        .collect();
    if flags.contains(['l', 'n', 'g', 'o', 's']) {
        let blocks: u64 = items.iter().map(|i| blocks(&i.node)).sum();
        let blocks = if flags.contains('h') && !p.busybox() && blocks > 0 { human(blocks << 10) } else { blocks.to_string() };
        p.out(format!("total {blocks}\n"));
    }
    show(p, items, view);
    let mut status = 0;
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
    if flags.contains('Q') {
        items.iter_mut().for_each(|i| i.name = format!("\"{}\"", i.name));
    }
    if flags.contains(['C', 'x']) && !flags.contains(['1', 'l', 'n', 'g', 'o']) {
        return columns(p, &items, flags);
    }
    if flags.contains('m') && !flags.contains(['1', 'l', 'n', 'g', 'o']) && !p.busybox() {
        return commas(p, &items, flags);
    }
    let sizes: Vec<String> = items.iter().map(|i| disk(p, i, flags)).collect();
    let wide = sizes.iter().map(String::len).max().unwrap_or(0);
    let rows: Vec<Vec<String>> = items.iter().map(|i| row(p, i, view)).collect();
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    for ((item, row), size) in items.iter().zip(&rows).zip(&sizes) {
        let mut line = String::new();
        if flags.contains('i') {
            line +=
                &if p.busybox() { format!("{:>7} ", inode(&item.real, &item.node)) } else { format!("{} ", inode(&item.real, &item.node)) };
        }
        if flags.contains('s') {
            line += &if p.busybox() { format!("{size:>6} ") } else { format!("{size:>wide$} ") };
        }
        if let [perm, links, user, group, size, date] = row.as_slice() {
            line += &if p.busybox() {
                let width = if flags.contains('h') { 7 } else { 9 };
                format!("{perm:<10} {links:>4} {user:<8.8} {group:<8.8} {size:>width$} {date} ")
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
        line += &item.name;
        line += mark(&item.node, flags);
        if let (Node::Symlink(link), false) = (&item.node, row.is_empty()) {
            line += &format!(" -> {}", link.target);
        }
        line.push('\n');
        p.out(line);
    }
}

/// What an item takes on the disk, as `-s` shows it.
fn disk(p: &Process, item: &Item, flags: &str) -> String {
    let blocks = blocks(&item.node);
    if flags.contains('h') && !p.busybox() && blocks > 0 { human(blocks << 10) } else { blocks.to_string() }
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

/// Names beside each other on a line of 80: down the columns, or with `-x` along the rows.
fn columns(p: &mut Process, items: &[Item], flags: &str) {
    let cells: Vec<String> = items.iter().map(|i| i.name.clone() + mark(&i.node, flags)).collect();
    let width = cells.iter().map(String::len).max().unwrap_or(0) + 2;
    let across = (80 / width).max(1);
    let high = cells.len().div_ceil(across);
    for y in 0..high {
        let mut line = String::new();
        for x in 0..across {
            let at = if flags.contains('x') { y * across + x } else { x * high + y };
            let Some(cell) = cells.get(at) else { continue };
            let fill = line.len().next_multiple_of(width) - line.len();
            line += &" ".repeat(fill);
            line += cell;
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
    match view.style.as_str() {
        "full-iso" | "posix-full-iso" => full_date(p, time),
        "long-iso" | "posix-long-iso" => super::date::format("%Y-%m-%d %H:%M", seconds, nanoseconds),
        "iso" if old => super::date::format("%Y-%m-%d ", seconds, nanoseconds),
        "iso" => super::date::format("%m-%d %H:%M", seconds, nanoseconds),
        style => match style.strip_prefix('+') {
            Some(both) => {
                let (long_ago, recent) = both.split_once('\n').unwrap_or((both, both));
                super::date::format(if old { long_ago } else { recent }, seconds, nanoseconds)
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
        Node::File(f) if flags.contains('F') && f.metadata.mode & 0o111 != 0 => "*",
        _ => "",
    }
}
