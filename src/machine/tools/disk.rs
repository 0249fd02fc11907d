//! dd, du, df, truncate, fallocate, sync, shred, mkfifo, mknod, link, unlink, mount, umount.

use std::sync::Arc;

use super::names::{human, inside};
use super::options::{of, usage};
use crate::filesystem::{Content, Errno, Metadata, Node, Special, SpecialKind};
use crate::machine::files::{Last, node_size};
use crate::machine::{Process, errno};

/// Most bytes that `dd` and `truncate` make real.
const MAX_BYTES: usize = 64 << 20;
/// Deepest folder that `du` enters.
const MAX_DEPTH: usize = 300;

/// A size as `dd` and `truncate` take it: `10`, `4k`, `1M`, `1MB`, `2G`.
fn size(text: &str) -> Option<usize> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let scale: u64 = match unit {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "k" | "K" | "KiB" => 1 << 10,
        "kB" | "kD" | "KB" => 1000,
        "M" | "MiB" | "m" => 1 << 20,
        "MB" | "MD" => 1_000_000,
        "G" | "GiB" | "g" => 1 << 30,
        "GB" => 1_000_000_000,
        "T" => 1 << 40,
        _ => return None,
    };
    let bytes = digits.parse::<u64>().ok()?.checked_mul(scale)?;
    // Where addresses have 32 bits, more than they reach is more than any limit.
    Some(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// dd.
pub fn dd(p: &mut Process) -> i32 {
    let mut found: Vec<(String, String)> = Vec::new();
    for arg in &p.args[1..] {
        match arg.split_once('=') {
            Some((name, value))
                if "if of bs ibs obs count skip seek conv status iflag oflag cbs".split(' ').any(|n| n == name)
                    && !(name == "cbs" && p.busybox()) =>
            {
                found.push((name.into(), value.into()));
            }
            _ if p.busybox() => return usage(p),
            _ => {
                p.fail(&format!("unrecognized operand '{arg}'"));
                return usage(p);
            }
        }
    }
    let known: [(&str, &[&str]); 4] = [
        ("conv", &["notrunc", "sync", "noerror", "fsync", "swab"]),
        ("iflag", &["skip_bytes", "fullblock"]),
        ("oflag", &["seek_bytes", "append"]),
        ("status", &["noxfer", "none"]),
    ];
    for (name, list) in known.iter().filter(|_| p.debian_busybox()) {
        let unknown = found.iter().filter(|(n, _)| n == name).flat_map(|(_, v)| v.split(',')).find(|w| !list.contains(w));
        if let Some(word) = unknown {
            return p.fail(&format!("invalid argument '{word}' to '{name}'"));
        }
    }
    let value = |name: &str| found.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let mut bad = None;
    let mut number = |name: &str, default: usize| match value(name) {
        None => default,
        Some(text) => text.split('x').try_fold(1usize, |n, part| n.checked_mul(size(part)?)).unwrap_or_else(|| {
            bad = Some(text.to_owned());
            default
        }),
    };
    let block = number("bs", 0);
    let from = if block > 0 { block } else { number("ibs", 512) };
    let to = if block > 0 { block } else { number("obs", 512) };
    let (skip, seek, limit) = (number("skip", 0), number("seek", 0), number("count", usize::MAX));
    if let Some(text) = bad {
        return p.fail(&format!("invalid number '{text}'"));
    }
    if from == 0 || to == 0 || value("bs").is_some() && block == 0 {
        let range = format!("number 0 is not in 1..{} range", i64::MAX);
        return p.fail(if p.busybox() { &range } else { "invalid number: '0'" });
    }
    let has = |list: &str, word: &str| value(list).is_some_and(|v| v.split(',').any(|w| w == word));
    let in_bytes = has("iflag", "count_bytes");
    let wanted = if in_bytes { limit } else { from.saturating_mul(limit) };
    let skipped = if has("iflag", "skip_bytes") { skip } else { skip.saturating_mul(from) };
    let enough = wanted.saturating_add(skipped);
    let input = value("if").unwrap_or("-").to_owned();
    let data = match read(p, &input, enough) {
        Ok(data) => data,
        Err(e) => {
            let why = errno::text(e);
            let text = if p.busybox() { format!("can't open '{input}': {why}") } else { format!("failed to open '{input}': {why}") };
            return p.fail(&text);
        }
    };
    let data = &data[skipped.min(data.len())..];
    let data = &data[..wanted.min(data.len())];
    let mut out = data.to_vec();
    if has("conv", "ucase") {
        out.make_ascii_uppercase();
    }
    if has("conv", "lcase") {
        out.make_ascii_lowercase();
    }
    if has("conv", "swab") {
        out.chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1));
    }
    if has("conv", "sync") {
        out.resize(out.len().next_multiple_of(from).min(MAX_BYTES), 0);
    }
    match value("of").map(str::to_owned) {
        None => p.out(&out),
        Some(path) => {
            if let Err(e) = write(p, &path, &out, seek.saturating_mul(to), has("conv", "notrunc")) {
                let why = errno::text(e);
                let text = if p.busybox() { format!("can't open '{path}': {why}") } else { format!("failed to open '{path}': {why}") };
                return p.fail(&text);
            }
        }
    }
    let status = value("status").unwrap_or("");
    if status != "none" {
        p.flush();
        let records = |n: usize, block: usize| format!("{}+{}", n / block, usize::from(!n.is_multiple_of(block)));
        let mut text = format!("{} records in\n{} records out\n", records(data.len(), from), records(out.len(), to));
        if status != "noxfer" && !p.busybox() {
            text += &copied(out.len());
        }
        p.err(text);
    }
    0
}

/// The last line of `dd`: its time is nobody's, so it is a thousandth of a second.
fn copied(bytes: usize) -> String {
    let scaled = |base: f64, units: [&str; 4]| {
        let (mut value, mut unit) = (bytes as f64, 0);
        while value >= base && unit < 3 {
            value /= base;
            unit += 1;
        }
        if unit == 0 || value >= 10.0 { format!("{value:.0} {}", units[unit]) } else { format!("{value:.1} {}", units[unit]) }
    };
    let size = match bytes {
        1 => "1 byte".to_owned(),
        n if n < 1000 => format!("{n} bytes"),
        n if n < 1024 => format!("{n} bytes ({})", scaled(1000.0, ["B", "kB", "MB", "GB"])),
        n => format!("{n} bytes ({}, {})", scaled(1000.0, ["B", "kB", "MB", "GB"]), scaled(1024.0, ["B", "KiB", "MiB", "GiB"])),
    };
    let speed = super::format::float(bytes as f64 / 1e3, 'g', Some(2));
    format!("{size} copied, 0.001 s, {speed} MB/s\n")
}

fn read(p: &mut Process, path: &str, enough: usize) -> Result<Vec<u8>, Errno> {
    let enough = enough.min(MAX_BYTES);
    if path != "-" && crate::machine::process::device(path).is_none() {
        if p.is_dir(path) {
            return Err(Errno::IsADirectory);
        }
        return p.input(path);
    }
    Ok(super::options::open_until(p, path, |data| data.len() >= enough).unwrap_or_default())
}

fn write(p: &mut Process, path: &str, data: &[u8], seek: usize, keep: bool) -> Result<(), Errno> {
    if crate::machine::process::device(path).is_some() || path == "/dev/stdout" {
        return Ok(());
    }
    let (cwd, mode) = (p.cwd.clone(), 0o666 & !p.umask);
    let real = p.system.open_write(&p.ids, &cwd, path, mode, false)?;
    let Some(Node::File(file)) = p.system.node(&real) else { return Ok(()) };
    if data.is_empty() && seek > MAX_BYTES {
        return p.system.store(&real, sparse(seek as u64));
    }
    let mut bytes = file.content.head(MAX_BYTES as u64).to_vec();
    let seek = seek.min(MAX_BYTES);
    if !keep {
        bytes.truncate(seek);
    }
    if bytes.len() < seek + data.len() && !(keep && bytes.len() > seek + data.len()) {
        bytes.resize(seek + data.len(), 0);
    }
    bytes[seek..seek + data.len()].copy_from_slice(data);
    p.system.store(&real, bytes.into())
}

/// A hole too large to hold.
fn sparse(size: u64) -> Content {
    Content::Synthetic { seed: "sparse".into(), size }
}

/// truncate and fallocate.
pub fn truncate(p: &mut Process) -> i32 {
    let allocate = p.name() == "fallocate";
    let options = match of(
        p,
        if allocate {
            "l:o:n"
        } else if p.busybox() {
            "cs:"
        } else {
            "cs:r:o"
        },
        &[("size", 's'), ("no-create", 'c'), ("length", 'l'), ("reference", 'r')],
    ) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let reference = options.value('r').and_then(|path| p.stat(path).ok()).map(|(_, n)| node_size(&n).to_string());
    let Some(text) = options.value('s').or(options.value('l')).map(str::to_owned).or(reference) else {
        if !p.busybox() {
            p.fail("you must specify either '--size' or '--reference'");
        }
        return usage(p);
    };
    let (sign, digits) = match text.chars().next() {
        Some(c @ ('+' | '-' | '<' | '>' | '/' | '%')) if !p.busybox() => (c, &text[1..]),
        _ => ('=', text.as_str()),
    };
    let Some(wanted) = size(digits) else {
        let text = if p.busybox() { format!("invalid number '{text}'") } else { format!("Invalid number: '{text}'") };
        return p.fail(&text);
    };
    let mut status = 0;
    for path in &options.operands {
        if !p.exists(path) && options.has('c') {
            continue;
        }
        let (cwd, mode) = (p.cwd.clone(), 0o666 & !p.umask);
        let result = p.system.open_write(&p.ids, &cwd, path, mode, false).and_then(|real| {
            let Some(Node::File(file)) = p.system.node(&real) else { return Ok(()) };
            let old = file.content.len() as usize;
            let length = match sign {
                '+' => old.saturating_add(wanted),
                '-' => old.saturating_sub(wanted),
                '<' => old.min(wanted),
                '>' => old.max(wanted),
                '/' => old / wanted.max(1) * wanted,
                '%' => old.next_multiple_of(wanted.max(1)),
                _ if allocate => old.max(wanted),
                _ => wanted,
            };
            let content = match length > MAX_BYTES {
                true => sparse(length as u64),
                false => {
                    let mut bytes = file.content.head(length as u64).to_vec();
                    bytes.resize(length, 0);
                    bytes.into()
                }
            };
            p.system.store(&real, content)
        });
        if let Err(e) = result {
            let why = errno::text(e);
            let text = if p.busybox() { format!("{path}: open: {why}") } else { format!("cannot open '{path}' for writing: {why}") };
            status = p.fail(&text);
        }
    }
    status
}

/// sync: nothing is kept back.
pub fn sync(p: &mut Process) -> i32 {
    let options = match of(p, "df", &[("data", 'd'), ("file-system", 'f')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut status = 0;
    for path in &options.operands {
        if let Err(e) = p.stat(path) {
            let why = errno::text(e);
            status = p.fail(&if p.busybox() { format!("can't open '{path}': {why}") } else { format!("error opening '{path}': {why}") });
        }
    }
    status
}

/// shred.
pub fn shred(p: &mut Process) -> i32 {
    let options = match of(p, "fuzvxn:s:", &[("remove", 'u'), ("zero", 'z'), ("iterations", 'n')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut status = 0;
    for path in &options.operands {
        let result = match options.has('u') {
            true => p.remove_all(path),
            false => p.read(path).and_then(|data| {
                let bytes: Vec<u8> = data.iter().map(|_| if options.has('z') { 0 } else { p.system.random() as u8 }).collect();
                p.write(path, bytes)
            }),
        };
        if let Err(e) = result {
            let why = errno::text(e);
            status = p.fail(&if p.busybox() {
                format!("can't open '{path}': {why}")
            } else {
                format!("{path}: failed to open for writing: {why}")
            });
        }
    }
    status
}

/// mkfifo and mknod.
pub fn mknod(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let options = match of(p, "m:Z:", if busybox { &[] } else { &[("mode", 'm')] }) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let fifo = p.name() == "mkfifo";
    let operands = options.operands.clone();
    let nodes: Vec<(String, SpecialKind)> = if fifo {
        operands.into_iter().map(|path| (path, SpecialKind::Fifo)).collect()
    } else {
        let number = |i: usize| operands.get(i).and_then(|n| n.parse().ok());
        let kind = match (operands.get(1).map(String::as_str), number(2), number(3)) {
            (Some("p"), ..) => SpecialKind::Fifo,
            (Some("c" | "u" | "b"), ..) if p.busybox() && operands.len() == 4 && (number(2).is_none() || number(3).is_none()) => {
                let text = if number(3).is_none() { &operands[3] } else { &operands[2] };
                return p.fail(&format!("invalid number '{text}'"));
            }
            (Some("c" | "u"), Some(major), Some(minor)) => SpecialKind::CharDevice { major, minor },
            (Some("b"), Some(major), Some(minor)) => SpecialKind::BlockDevice { major, minor },
            _ => return usage(p),
        };
        vec![(operands[0].clone(), kind)]
    };
    if nodes.is_empty() {
        return usage(p);
    }
    let asked = options.value('m').map(|m| super::mode::parse(m, 0o666, p.umask, false));
    if let (Some(None), false) = (asked, busybox) {
        return p.fail("invalid mode");
    }
    let mode = asked.flatten().unwrap_or(0o666 & !p.umask);
    let mut status = 0;
    for (path, kind) in nodes {
        let metadata = Metadata { mode, uid: p.ids.uid, gid: p.ids.gid, mtime: p.system.now, xattrs: None };
        let may = if asked == Some(None) {
            Err(Errno::InvalidArgument)
        } else if kind == SpecialKind::Fifo || p.ids.is_root() {
            Ok(())
        } else {
            Err(Errno::NotPermitted)
        };
        let made = p
            .system
            .resolve(&p.ids, &p.cwd, &path, Last::Keep)
            .and_then(|real| may.map(|()| real))
            .and_then(|real| p.system.create(&p.ids, &real, Node::Special(Arc::new(Special { metadata, kind }))));
        if let Err(e) = made {
            let why = errno::text(e);
            let text = if p.busybox() || !fifo { format!("{path}: {why}") } else { format!("cannot create fifo '{path}': {why}") };
            status = p.fail(&text);
        }
    }
    status
}

/// unlink.
pub fn unlink(p: &mut Process) -> i32 {
    let [path] = &p.args[1..] else { return usage(p) };
    let path = path.clone();
    let result = p.lstat(&path).and_then(|(real, node)| match node {
        Node::Directory(_) => Err(Errno::IsADirectory),
        _ => p.system.unlink(&p.ids, &real),
    });
    match result {
        Ok(()) => 0,
        Err(e) => {
            let why = errno::text(e);
            let text = if p.busybox() { format!("can't remove file '{path}': {why}") } else { format!("cannot unlink '{path}': {why}") };
            p.fail(&text)
        }
    }
}

/// link.
pub fn link(p: &mut Process) -> i32 {
    let [old, new] = &p.args[1..] else { return usage(p) };
    let (old, new, cwd) = (old.clone(), new.clone(), p.cwd.clone());
    match p.system.link(&p.ids, &cwd, &old, &new) {
        Ok(()) => 0,
        Err(e) => {
            let why = errno::text(e);
            let text = if p.busybox() {
                format!("can't create hardlink '{new}' to '{old}': {why}")
            } else {
                format!("cannot create link '{new}' to '{old}': {why}")
            };
            p.fail(&text)
        }
    }
}

/// mount and umount: a container may not.
pub fn mount(p: &mut Process) -> i32 {
    let long = [("bind", '\u{1}'), ("rbind", '\u{1}'), ("move", '\u{1}')];
    let options = match of(p, "ao:rwt:fivlO:nd\u{1}", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let target = options.operands.last().cloned();
    match (p.name(), target) {
        ("mount", None) => {
            let text = p.text("/proc/mounts");
            for line in text.lines() {
                let words: Vec<&str> = line.split(' ').collect();
                if let [device, place, kind, flags, ..] = words[..] {
                    p.out(format!("{device} on {place} type {kind} ({flags})\n"));
                }
            }
            0
        }
        ("mount", Some(_)) if p.busybox() && options.operands.len() == 1 && !options.value('o').is_some_and(|o| o.contains("remount")) => {
            match p.read("/etc/fstab") {
                Ok(_) => p.fail("permission denied (are you root?)"),
                Err(e) => p.fail(&format!("can't read '/etc/fstab': {}", errno::text(e))),
            }
        }
        // The sandbox refuses before anybody looks at the target.
        ("mount", Some(_)) if p.busybox() => p.fail("permission denied (are you root?)"),
        ("mount", Some(target)) => {
            p.fail(&format!("{target}: permission denied."));
            32
        }
        (_, Some(target)) if p.busybox() => p.fail(&format!("can't unmount {target}: {}", errno::text(Errno::NotPermitted))),
        (_, Some(target)) => {
            p.fail(&format!("{target}: must be superuser to unmount."));
            32
        }
        _ => usage(p),
    }
}

/// df: a disk of 100 GB, half of it free.
pub fn df(p: &mut Process) -> i32 {
    let long = [("human-readable", 'h'), ("si", 'H'), ("print-type", 'T'), ("inodes", 'i'), ("portability", 'P'), ("output", 'o')];
    let options = match of(p, "PkmhTaiB:HlT:t:x:o;", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let (total, used) = (100_000_000u64, 50_000_000u64);
    let show = |kib: u64| match () {
        () if options.has('h') || options.has('H') => human(kib << 10),
        () if options.has('m') => (kib >> 10).to_string(),
        () => kib.to_string(),
    };
    let title = match () {
        () if options.has('h') || options.has('H') => "Size",
        () if options.has('m') => "1M-blocks",
        () if p.busybox() || options.has('k') || !options.has('P') => "1K-blocks",
        () => "1024-blocks",
    };
    let kind = if options.has('T') { " Type      " } else { "" };
    let kinds = if options.has('T') { " overlay   " } else { "" };
    if p.busybox() {
        let title = if title == "Size" { "     Size" } else { title };
        p.out(format!("{:<20}{kind} {title:>9} {:>9} {:>9} Use% Mounted on\n", "Filesystem", "Used", "Available"));
    } else {
        let free = if title == "Size" { "Avail" } else { "Available" };
        p.out(format!(
            "Filesystem    {kind} {title:>9} {:>8} {free:>9} {} Mounted on\n",
            "Used",
            if options.has('P') { "Capacity" } else { "Use%" }
        ));
    }
    let mut status = 0;
    let paths = if options.operands.is_empty() { vec!["/".to_owned()] } else { options.operands.clone() };
    for path in paths {
        if let Err(e) = p.stat(&path) {
            let why = errno::text(e);
            status = p.fail(&if p.busybox() {
                format!("can't open '{path}': {why}")
            } else {
                format!("{path}: failed to open for writing: {why}")
            });
            continue;
        }
        let row = [show(total), show(used), show(total - used)];
        let text = if p.busybox() {
            format!("{:<20}{kinds} {:>9} {:>9} {:>9}  50% /\n", "overlay", row[0], row[1], row[2])
        } else {
            format!("overlay       {kinds} {:>9} {:>8} {:>9}  50% /\n", row[0], row[1], row[2])
        };
        p.out(text);
    }
    status
}

/// du: files take whole blocks of 4 KiB.
pub fn du(p: &mut Process) -> i32 {
    let long = [
        ("all", 'a'),
        ("summarize", 's'),
        ("human-readable", 'h'),
        ("total", 'c'),
        ("max-depth", 'd'),
        ("bytes", 'b'),
        ("apparent-size", 'A'),
        ("dereference", 'L'),
        ("one-file-system", 'x'),
        ("separate-dirs", 'S'),
        ("exclude", 'X'),
    ];
    let options = match of(p, "aHLkmhslcxbSd:AB:X:0", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let most = if options.has('s') { Some(0) } else { options.value('d').and_then(|d| d.parse().ok()) };
    let paths = if options.operands.is_empty() { vec![".".to_owned()] } else { options.operands.clone() };
    let mut account = Account { options: &options, most: most.unwrap_or(MAX_DEPTH), seen: Default::default(), status: 0 };
    let mut total = 0;
    for path in paths {
        total += account.add(p, &path, 0);
    }
    if options.has('c') {
        account.show(p, total, "total");
    }
    account.status
}

struct Account<'o> {
    options: &'o super::options::Options,
    most: usize,
    seen: std::collections::BTreeSet<u64>,
    status: i32,
}

impl Account<'_> {
    fn show(&self, p: &mut Process, bytes: u64, name: &str) {
        let text = match () {
            () if self.options.has('b') => bytes.to_string(),
            () if self.options.has('h') && p.busybox() => tenths(bytes),
            () if self.options.has('h') => human(bytes),
            () if self.options.has('m') => bytes.div_ceil(1 << 20).to_string(),
            () => bytes.div_ceil(1 << 10).to_string(),
        };
        p.out(format!("{text}\t{name}\n"));
    }

    fn add(&mut self, p: &mut Process, path: &str, depth: usize) -> u64 {
        let follow = self.options.has('L') || depth == 0 && self.options.has('H');
        let found = if follow { p.stat(path) } else { p.lstat(path) };
        let node = match found {
            Ok((_, node)) => node,
            Err(e) => {
                let why = errno::text(e);
                let text = if p.busybox() { format!("{path}: {why}") } else { format!("cannot access '{path}': {why}") };
                self.status = p.fail(&text);
                return 0;
            }
        };
        if let Some(link) = node.as_file().and_then(|f| f.link)
            && !self.options.has('l')
            && !self.seen.insert(link)
        {
            return 0;
        }
        let apparent = self.options.has('b') || self.options.has('A');
        let mut bytes = match &node {
            node if apparent => node_size(node),
            Node::File(file) => file.content.len().next_multiple_of(4096),
            Node::Directory(_) => 4096,
            _ => 0,
        };
        if let Node::Directory(folder) = &node {
            for name in folder.entries.keys() {
                if depth < MAX_DEPTH && p.burn(10) {
                    bytes += self.add(p, &inside(path, name), depth + 1);
                }
            }
        }
        if depth <= self.most && (depth == 0 || node.as_directory().is_some() || self.options.has('a')) {
            self.show(p, bytes, path);
        }
        bytes
    }
}

/// busybox's `-h`: always with a tenth.
fn tenths(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1024.0 && unit < 5 {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { bytes.to_string() } else { format!("{value:.1}{}", ["", "K", "M", "G", "T", "P"][unit]) }
}
