//! ls.

use std::cmp::Reverse;

use super::names::{human, inode, inside, letter, options, short_date};
use super::{mode, names};
use crate::filesystem::{ImagePath, Node, SpecialKind};
use crate::machine::files::node_size;
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
];

/// ls.
pub fn ls(p: &mut Process) -> i32 {
    let (found, mut paths) = options(p, "IwT", LONG);
    let flags: String = found.iter().map(|(c, _)| *c).collect();
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
    show(p, files, &flags);
    for path in folders {
        status = folder(p, &path, &flags, headers, &mut blank, 0).max(status);
    }
    status
}

fn folder(p: &mut Process, path: &str, flags: &str, headers: bool, blank: &mut bool, depth: usize) -> i32 {
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
        p.out(format!("total {blocks}\n"));
    }
    show(p, items, flags);
    let mut status = 0;
    for path in below {
        if depth < MAX_DEPTH && p.burn(20) {
            status = folder(p, &path, flags, true, blank, depth + 1).max(status);
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

fn show(p: &mut Process, mut items: Vec<Item>, flags: &str) {
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
    let rows: Vec<Vec<String>> = items.iter().map(|i| row(p, i, flags)).collect();
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
                format!("{perm:<10} {links:>4} {user:<8.8} {group:<8.8} {size:>width$} {date} ")
            } else {
                let mut text = format!("{perm} {links:>0$} ", widths[1]);
                if !flags.contains('g') {
                    text += &format!("{user:<0$} ", widths[2]);
                }
                if !flags.contains('o') {
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

fn row(p: &Process, item: &Item, flags: &str) -> Vec<String> {
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
        if flags.contains('e') { full_date(p, m.mtime) } else { short_date(m.mtime, p.system.now) },
    ]
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
