//! unzip and zip.

use super::date::Civil;
use super::download;
use super::names::inside;
use super::options::{of, usage};
use crate::base::gzip::{Gzip, gunzip};
use crate::machine::shell::glob;
use crate::machine::{Process, errno};

/// Most bytes that one member unpacks to.
const MAX_MEMBER: u64 = 64 << 20;

struct Member {
    name: String,
    mode: u32,
    packed: bool,
    size: usize,
    time: Civil,
    crc: u32,
    /// Where its packed bytes are.
    data: (usize, usize),
}

fn number(data: &[u8], at: usize, bytes: usize) -> Option<usize> {
    Some(data.get(at..at + bytes)?.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b)))
}

/// The members that the central directory lists.
fn read(data: &[u8]) -> Option<Vec<Member>> {
    let end = data.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let count = number(data, end + 10, 2)?;
    let mut at = number(data, end + 16, 4)?;
    let mut members = Vec::new();
    for _ in 0..count {
        if data.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let field = |from, bytes| number(data, at + from, bytes);
        let (name, extra, comment) = (field(28, 2)?, field(30, 2)?, field(32, 2)?);
        let local = field(42, 4)?;
        let start = local + 30 + number(data, local + 26, 2)? + number(data, local + 28, 2)?;
        let packed_size = field(20, 4)?;
        let (time, date) = (field(12, 2)? as i64, field(14, 2)? as i64);
        members.push(Member {
            name: String::from_utf8_lossy(data.get(at + 46..at + 46 + name)?).into_owned(),
            mode: (field(38, 4)? >> 16) as u32,
            packed: field(10, 2)? == 8,
            size: field(24, 4)?,
            time: Civil {
                year: 1980 + (date >> 9),
                month: date >> 5 & 15,
                day: date & 31,
                hour: time >> 11,
                minute: time >> 5 & 63,
                second: (time & 31) * 2,
            },
            crc: field(16, 4)? as u32,
            data: (start, start.checked_add(packed_size)?),
        });
        at += 46 + name + extra + comment;
    }
    Some(members)
}

fn body(data: &[u8], member: &Member) -> Option<Vec<u8>> {
    let bytes = data.get(member.data.0..member.data.1)?;
    if !member.packed {
        return Some(bytes.to_vec());
    }
    // The same stream with the head and the tail of gzip.
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    gzip.extend_from_slice(bytes);
    gzip.extend(member.crc.to_le_bytes());
    gzip.extend((member.size as u32).to_le_bytes());
    gunzip(&gzip, MAX_MEMBER).ok()
}

/// unzip.
pub fn unzip(p: &mut Process) -> i32 {
    // The options may stand behind the archive.
    let options = match of(p, "lqonpjvtd:x:CLaKUX", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(archive) = options.operands.first().cloned() else { return usage(p) };
    let archive = if p.exists(&archive) || !p.exists(&format!("{archive}.zip")) { archive } else { format!("{archive}.zip") };
    let wanted: Vec<String> = options.operands[1..].to_vec();
    let chosen = |name: &str| {
        (wanted.is_empty() || wanted.iter().any(|w| glob::matches(w, name))) && !options.values('x').any(|w| glob::matches(w, name))
    };
    let busybox = p.busybox();
    let origin = download::origin(p, &archive);
    if let Some(folder) = options.value('d').map(str::to_owned) {
        let data = p.read(&archive);
        if origin.is_some() || data.is_ok() {
            // The archive is read before the folder is gone to.
            return extract(p, &options, &archive, data.unwrap_or_default(), origin, Some(&folder), &chosen);
        }
    }
    match p.read(&archive) {
        Ok(data) if origin.is_some() || !options.has('l') && !options.has('v') && !options.has('t') => {
            extract(p, &options, &archive, data, origin, None, &chosen)
        }
        Ok(data) => list(p, &archive, &data, options.has('v'), &chosen),
        Err(_) if busybox => p.fail(&format!("can't open {archive}[.zip]")),
        Err(_) => {
            p.err(format!("unzip:  cannot find or open {archive}, {archive}.zip or {archive}.ZIP.\n"));
            9
        }
    }
}

fn not_a_zip(p: &mut Process, archive: &str) -> i32 {
    if p.busybox() {
        if !p.args[1..].iter().any(|a| a.starts_with('-') && a.contains('q')) {
            p.out(format!("Archive:  {archive}\n"));
        }
        return p.fail("short read");
    }
    p.out(format!("Archive:  {archive}\n"));
    p.err(format!(
        "  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk of a multi-part archive.  In the\n  \
         latter case the central directory and zipfile comment will be found on\n  the last disk(s) of this archive.\nunzip:  cannot find zipfile directory in one of {archive} or\n        \
         {archive}.zip, and cannot find {archive}.ZIP, period.\n"
    ));
    9
}

fn extract(
    p: &mut Process,
    options: &super::options::Options,
    archive: &str,
    data: Vec<u8>,
    origin: Option<String>,
    folder: Option<&str>,
    chosen: &dyn Fn(&str) -> bool,
) -> i32 {
    let members = if origin.is_none() { read(&data) } else { Some(Vec::new()) };
    let Some(members) = members else { return not_a_zip(p, archive) };
    let quiet = options.has('q') || options.has('p');
    if !quiet {
        p.out(format!("Archive:  {archive}\n"));
    }
    if let Some(folder) = folder {
        let gone = p.mkdir_all(folder).and_then(|()| p.stat(folder));
        match gone {
            Ok((real, _)) => p.cwd = real,
            Err(e) => return p.fail(&format!("can't change directory to '{folder}': {}", errno::text(e))),
        }
    }
    if let Some(url) = origin {
        for path in download::unpack(p, &url, &options.operands[1..], 0) {
            if !quiet {
                p.out(format!("  inflating: {}\n", path.trim_start_matches("./")));
            }
        }
        return 0;
    }
    let mut found = false;
    for member in &members {
        if !chosen(&member.name) || !p.burn(50 + member.size as u64 / 16) {
            continue;
        }
        found = true;
        let name = if options.has('j') {
            member.name.rsplit('/').next().unwrap_or("").to_owned()
        } else {
            member.name.trim_start_matches('/').to_owned()
        };
        if name.is_empty() || name.split('/').any(|part| part == "..") {
            continue;
        }
        if options.has('p') {
            p.out(body(&data, member).unwrap_or_default());
            continue;
        }
        if let Some(folder) = name.strip_suffix('/') {
            if !p.exists(folder) && !quiet {
                p.out(format!("   creating: {name}\n"));
            }
            // What goes into a folder that cannot be made says so.
            let _ = p.mkdir_all(folder);
            continue;
        }
        if p.exists(&name) && !options.has('o') {
            if !options.has('n') {
                p.err(format!("replace {name}? [y]es, [n]o, [A]ll, [N]one, [r]ename: "));
                if !p.busybox() {
                    p.err(" NULL\n(EOF or read error, treating as \"[N]one\" ...)\n");
                    return 1;
                }
                return p.fail("can't read standard input");
            }
            continue;
        }
        if let Some((folder, _)) = name.rsplit_once('/') {
            let _ = p.mkdir_all(folder);
        }
        let Some(bytes) = body(&data, member).filter(|b| super::digest::crc(b) == member.crc) else {
            return p.fail(&format!("crc error in {name}"));
        };
        if !quiet {
            let verb = if member.packed || p.busybox() { "  inflating" } else { " extracting" };
            p.out(if p.busybox() { format!("{verb}: {name}\n") } else { format!("{verb}: {name:<22}  \n") });
        }
        let done = if member.mode & 0o170_000 == 0o120_000 {
            let (cwd, target) = (p.cwd.clone(), String::from_utf8_lossy(&bytes).into_owned());
            p.system.symlink(&p.ids, &cwd, &target, &name)
        } else {
            p.write(&name, bytes).and_then(|()| p.stat(&name)).and_then(|(real, _)| {
                if member.mode & 0o777 != 0 {
                    p.system.chmod(&p.ids, &real, member.mode & 0o777 & !p.umask)?;
                }
                p.system.set_time(&p.ids, &real, Some(member.time.seconds() * 1_000_000_000))
            })
        };
        if let Err(e) = done {
            return p.fail(&format!("can't open '{name}': {}", errno::text(e)));
        }
    }
    if !found && options.operands.len() > 1 && !p.busybox() {
        for name in &options.operands[1..] {
            p.err(format!("caution: filename not matched:  {name}\n"));
        }
        return 11;
    }
    0
}

fn list(p: &mut Process, archive: &str, data: &[u8], verbose: bool, chosen: &dyn Fn(&str) -> bool) -> i32 {
    let Some(members) = read(data) else { return not_a_zip(p, archive) };
    p.out(format!("Archive:  {archive}\n"));
    let (mut total, mut packed, mut count) = (0, 0, 0);
    p.out(if verbose {
        " Length   Method    Size  Cmpr    Date    Time   CRC-32   Name\n--------  ------  ------- ---- ---------- ----- --------  ----\n"
    } else {
        "  Length      Date    Time    Name\n---------  ---------- -----   ----\n"
    });
    let saved = |size: usize, packed: usize| if size == 0 { 0 } else { 100 * (size as i64 - packed as i64) / size as i64 };
    for m in members.iter().filter(|m| chosen(&m.name)) {
        let t = m.time;
        let stamp = format!("{:02}-{:02}-{:04} {:02}:{:02}", t.month, t.day, t.year, t.hour, t.minute);
        let size = m.data.1 - m.data.0;
        p.out(if verbose {
            format!(
                "{:>8}  {}  {size:>7} {:>3}% {stamp} {:08x}  {}\n",
                m.size,
                if m.packed { "Defl:N" } else { "Stored" },
                saved(m.size, size),
                m.crc,
                m.name
            )
        } else {
            format!("{:>9}  {stamp}   {}\n", m.size, m.name)
        });
        (total, packed, count) = (total + m.size, packed + size, count + 1);
    }
    p.out(if verbose {
        format!("--------          ------- ----                            ----\n{total:>8}          {packed:>7} {:>3}%                            {count} files\n", saved(total, packed))
    } else if p.busybox() {
        format!(" --------                     -------\n{total:>9}                     {count} files\n")
    } else {
        format!("---------                     -------\n{total:>9}                     {count} file{}\n", if count == 1 { "" } else { "s" })
    });
    0
}

/// zip.
pub fn zip(p: &mut Process) -> i32 {
    let options = match of(
        p,
        "rqjy9m0123456785x:uXi:v",
        &[("recurse-paths", 'r'), ("quiet", 'q'), ("junk-paths", 'j'), ("symlinks", 'y'), ("exclude", 'x')],
    ) {
        Ok(options) => options,
        Err(_) => return 16,
    };
    let Some((archive, names)) = options.operands.split_first() else { return usage(p) };
    let archive = if archive.contains('.') { archive.clone() } else { format!("{archive}.zip") };
    let mut todo: Vec<String> = names.iter().rev().cloned().collect();
    let (mut out, mut directory, mut count) = (Vec::new(), Vec::new(), 0u16);
    while let Some(path) = todo.pop() {
        let Ok((_, node)) = p.stat(&path) else {
            p.out(format!("\tzip warning: name not matched: {path}\n"));
            continue;
        };
        if options.values('x').any(|x| glob::matches(x, &path)) || !p.burn(50) {
            continue;
        }
        let folder = node.as_directory().is_some();
        let mut name = path.trim_start_matches('/').trim_start_matches("./").to_owned();
        if folder {
            if options.has('r') {
                todo.extend(p.list(&path).unwrap_or_default().into_iter().rev().map(|n| inside(&path, &n)));
            }
            if name.is_empty() || name == "." || options.has('j') {
                continue;
            }
            name = name.trim_end_matches('/').to_owned() + "/";
        } else if options.has('j') {
            name = name.rsplit('/').next().unwrap_or("").to_owned();
        }
        let data = if folder { Vec::new() } else { p.read(&path).unwrap_or_default() };
        let mut gzip = Gzip::new(3);
        gzip.write(&data);
        let gzip = gzip.finish();
        let packed = gzip.get(10..gzip.len().saturating_sub(8)).filter(|z| z.len() < data.len()).map(<[u8]>::to_vec);
        let method: u16 = if packed.is_some() { 8 } else { 0 };
        let body = packed.unwrap_or_else(|| data.clone());
        let t = Civil::of(node.metadata().mtime.div_euclid(1_000_000_000));
        let time = ((t.hour << 11) | (t.minute << 5) | (t.second / 2)) as u16;
        let date = (((t.year - 1980).max(0) << 9) | (t.month << 5) | t.day) as u16;
        let mut fields: Vec<u8> = Vec::new();
        for short in [20u16, 0, method, time, date] {
            fields.extend(short.to_le_bytes());
        }
        for long in [super::digest::crc(&data), body.len() as u32, data.len() as u32] {
            fields.extend(long.to_le_bytes());
        }
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend(0u16.to_le_bytes());
        let offset = out.len() as u32;
        out.extend(b"PK\x03\x04");
        out.extend(&fields);
        out.extend(name.as_bytes());
        out.extend(&body);
        directory.extend(b"PK\x01\x02\x1e\x03");
        directory.extend(&fields);
        directory.extend([0; 6]);
        let kind = if folder { 0o040_000 } else { 0o100_000 };
        directory.extend(((kind | node.metadata().mode) << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
        count += 1;
        if !options.has('q') {
            let how =
                if method == 8 { format!("deflated {}%", 100 - 100 * body.len() / data.len().max(1)) } else { "stored 0%".to_owned() };
            p.out(format!("  adding: {name} ({how})\n"));
        }
    }
    if count == 0 {
        p.err(format!("\nzip error: Nothing to do! ({archive})\n"));
        return 12;
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    match p.write(&archive, out) {
        Ok(()) => 0,
        Err(e) => p.fail(&format!("can't open '{archive}': {}", errno::text(e))),
    }
}
