//! stat.

use super::mode;
use super::names::{group, inode, letter, long_date, user};
use super::options::either;
use crate::filesystem::{ImagePath, Node, SpecialKind};
use crate::machine::files::node_size;
use crate::machine::{Process, errno};

const DEFAULT: &str = "  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Dh/%dd\tInode: %-10i  Links: %h\n\
Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n";

/// stat.
pub fn stat(p: &mut Process) -> i32 {
    let long = [("format", 'c'), ("printf", '\u{1}'), ("dereference", 'L'), ("terse", 't'), ("file-system", 'f'), ("cached", '\u{2}')];
    let options = match either(p, "c:ftL", "c:ftL\u{1}:\u{2}:", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let has = |c| options.has(c);
    let paths = options.operands.clone();
    if paths.is_empty() {
        if !p.busybox() {
            p.fail("missing operand");
        }
        return super::options::usage(p);
    }
    let mut status = 0;
    for path in paths {
        let result = if has('L') { p.stat(&path) } else { p.lstat(&path) };
        let (real, node) = match result {
            Ok(found) => found,
            Err(e) => {
                let verb = match (p.busybox(), has('f')) {
                    (true, true) => "can't read file system information for",
                    (false, true) => "cannot read file system information for",
                    (true, false) => "can't stat",
                    (false, false) => "cannot statx",
                };
                status = p.fail(&format!("{verb} '{path}': {}", errno::text(e)));
                continue;
            }
        };
        let text = match options.given.iter().find(|(c, _)| matches!(c, 'c' | '\u{1}')) {
            Some(('\u{1}', format)) => fill(p, &unescape(format), &path, &real, &node),
            Some((_, format)) => fill(p, format, &path, &real, &node) + "\n",
            None if has('t') && p.busybox() => fill(p, "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %o\n", &path, &real, &node),
            None if has('t') => fill(p, "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n", &path, &real, &node),
            None => {
                let name = value(p, 'N', &path, &real, &node);
                let name = if p.busybox() { name } else { name.replace('\'', "") };
                ["  File: ", &name, "\n", &fill(p, DEFAULT, &path, &real, &node)].concat()
            }
        };
        p.out(text);
    }
    status
}

fn unescape(format: &str) -> String {
    format.replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0")
}

fn fill(p: &Process, format: &str, path: &str, real: &ImagePath, node: &Node) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        text += &rest[..at];
        let after = &rest[at + 1..];
        let flags = after.len() - after.trim_start_matches(|c: char| "-0 #+.".contains(c) || c.is_ascii_digit()).len();
        let (flags, after) = after.split_at(flags);
        let Some(c) = after.chars().next() else {
            text.push('%');
            rest = "";
            break;
        };
        rest = &after[c.len_utf8()..];
        let sign = if c == 'a' && flags.contains('#') && node.metadata().mode != 0 { "0" } else { "" };
        text += &pad(&(sign.to_owned() + &value(p, c, path, real, node)), flags);
    }
    text + rest
}

fn pad(value: &str, flags: &str) -> String {
    let width = flags.trim_start_matches(['-', '0', ' ', '#', '+']).split('.').next().unwrap_or("");
    let width = width.parse::<usize>().unwrap_or(0).min(1000);
    match flags {
        f if f.starts_with('-') => format!("{value:<width$}"),
        f if f.starts_with('0') => format!("{value:0>width$}"),
        _ => format!("{value:>width$}"),
    }
}

/// What `%F` says.
pub fn kind(node: &Node) -> &'static str {
    match node {
        Node::File(f) if f.content.is_empty() => "regular empty file",
        Node::File(_) => "regular file",
        Node::Directory(_) => "directory",
        Node::Symlink(_) => "symbolic link",
        Node::Special(s) => match s.kind {
            SpecialKind::Fifo => "fifo",
            SpecialKind::CharDevice { .. } => "character special file",
            SpecialKind::BlockDevice { .. } => "block special file",
        },
    }
}

fn value(p: &Process, c: char, path: &str, real: &ImagePath, node: &Node) -> String {
    let m = node.metadata();
    let seconds = || m.mtime.div_euclid(1_000_000_000).to_string();
    let size = node_size(node);
    match c {
        '%' => "%".into(),
        'n' => path.into(),
        'N' => match node {
            Node::Symlink(l) => format!("'{path}' -> '{}'", l.target),
            _ if p.busybox() => path.to_owned(),
            _ => format!("'{path}'"),
        },
        's' => size.to_string(),
        'b' => if matches!(node, Node::Symlink(_)) { 0 } else { size.div_ceil(4096) * 8 }.to_string(),
        'B' => "512".into(),
        'o' => "4096".into(),
        'a' => format!("{:o}", m.mode),
        'A' => mode::show(letter(node), m.mode),
        'f' => format!("{:x}", type_bits(node) | m.mode),
        'F' => kind(node).into(),
        'u' => m.uid.to_string(),
        'g' => m.gid.to_string(),
        'U' => user(p, m.uid).unwrap_or_else(|| "UNKNOWN".into()),
        'G' => group(p, m.gid).unwrap_or_else(|| "UNKNOWN".into()),
        'h' => p.system.link_count(node).to_string(),
        'i' => inode(real, node).to_string(),
        'd' => (p.system.device(real) + 48).to_string(),
        'D' => format!("{:x}", p.system.device(real) + 48),
        't' | 'T' => match node {
            Node::Special(s) => match s.kind {
                SpecialKind::CharDevice { major, minor } | SpecialKind::BlockDevice { major, minor } => {
                    format!("{:x}", if c == 't' { major } else { minor })
                }
                SpecialKind::Fifo => "0".into(),
            },
            _ => "0".into(),
        },
        'x' | 'y' | 'z' => long_date(m.mtime),
        'X' | 'Y' | 'Z' => seconds(),
        'w' | 'W' if p.busybox() => c.to_string(),
        'w' => "-".into(),
        'W' => "0".into(),
        'm' if !p.busybox() => "/".into(),
        c if p.busybox() => c.to_string(),
        _ => "?".into(),
    }
}

fn type_bits(node: &Node) -> u32 {
    match letter(node) {
        'd' => 0o040_000,
        'l' => 0o120_000,
        'p' => 0o010_000,
        'c' => 0o020_000,
        'b' => 0o060_000,
        _ => 0o100_000,
    }
}
