//! gzip, bzip2, xz, zstd and their kin: files packed in place or through pipes.

use super::options::of;
use super::pack::Packing;
use crate::filesystem::Errno;
use crate::machine::{Process, errno};

const LONG: &[(&str, char)] = &[
    ("decompress", 'd'),
    ("uncompress", 'd'),
    ("stdout", 'c'),
    ("to-stdout", 'c'),
    ("keep", 'k'),
    ("force", 'f'),
    ("quiet", 'q'),
    ("silent", 'q'),
    ("verbose", 'v'),
    ("no-name", 'n'),
    ("name", 'N'),
    ("best", '9'),
    ("fast", '1'),
    ("test", 't'),
    ("list", 'l'),
    ("threads", 'T'),
    ("rm", 'R'),
    ("suffix", 'S'),
    ("extreme", 'e'),
    ("recursive", 'r'),
    ("format", 'F'),
    ("rsyncable", 'A'),
];

/// What busybox's gzip knows of them.
const LONG_GZIP: &[(&str, char)] = &[
    ("stdout", 'c'),
    ("to-stdout", 'c'),
    ("force", 'f'),
    ("verbose", 'v'),
    ("uncompress", 'd'),
    ("test", 't'),
    ("quiet", 'q'),
    ("fast", '1'),
    ("best", '9'),
    ("no-name", 'n'),
];
/// What its gunzip knows.
const LONG_GUNZIP: &[(&str, char)] = &[("stdout", 'c'), ("to-stdout", 'c'), ("force", 'f'), ("test", 't'), ("no-name", 'n')];

/// The format of a program, and whether it unpacks, by its name.
fn manner(name: &str) -> (Packing, bool) {
    match name {
        "gunzip" | "zcat" | "uncompress" => (Packing::Gzip, true),
        "bzip2" => (Packing::Bzip2, false),
        "bunzip2" | "bzcat" => (Packing::Bzip2, true),
        "xz" => (Packing::Xz, false),
        "unxz" | "xzcat" => (Packing::Xz, true),
        "lzma" => (Packing::Lzma, false),
        "unlzma" | "lzcat" => (Packing::Lzma, true),
        "zstd" => (Packing::Zstd, false),
        "unzstd" | "zstdcat" => (Packing::Zstd, true),
        _ => (Packing::Gzip, false),
    }
}

/// The name without the end that packed files have.
fn stem(file: &str, packing: Packing) -> Option<String> {
    let (ends, tar): (&[&str], &[&str]) = match packing {
        Packing::Gzip => (&[".gz", ".z", ".Z"], &[".tgz", ".taz"]),
        Packing::Bzip2 => (&[".bz2", ".bz"], &[".tbz2", ".tbz"]),
        Packing::Xz => (&[".xz"], &[".txz"]),
        Packing::Lzma => (&[".lzma"], &[".tlz"]),
        Packing::Zstd => (&[".zst"], &[".tzst"]),
    };
    let cut = |end: &&str| file.strip_suffix(*end).filter(|s| !s.is_empty());
    ends.iter().find_map(cut).map(str::to_owned).or_else(|| tar.iter().find_map(cut).map(|s| format!("{s}.tar")))
}

/// gzip, gunzip, zcat, bzip2, bunzip2, bzcat, xz, unxz, xzcat, unlzma, lzcat, zstd, unzstd, zstdcat.
pub fn compress(p: &mut Process) -> i32 {
    let letters = match (p.busybox(), p.name()) {
        (false, _) => "cdfktqvnNlhrRe0123456789T:S:AF:",
        (_, "gzip") => "cdfktqvn123456789",
        (_, "gunzip" | "zcat") => "cfktqvdn",
        (_, "bzip2") => "cdfktqv123456789zs",
        (_, "uncompress") => "cf",
        _ => "cfkvqdt",
    };
    let long = match (p.busybox(), p.name()) {
        (false, _) => LONG,
        (_, "gzip") => LONG_GZIP,
        (_, "gunzip" | "zcat") => LONG_GUNZIP,
        _ => &[],
    };
    let options = match of(p, letters, long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let name = p.name().to_owned();
    let (packing, always) = manner(&name);
    let packing = match options.value('F') {
        Some("lzma" | "alone") => Packing::Lzma,
        _ => packing,
    };
    let test = options.has('t');
    let unpacking = always || options.has('d') || test;
    let to_stdout = options.has('c') || name.ends_with("cat");
    if !unpacking && p.busybox() && matches!(packing, Packing::Xz | Packing::Lzma) {
        return super::options::usage(p);
    }
    let level = options.given.iter().rev().find_map(|(l, _)| l.to_digit(10)).unwrap_or(9);
    let mut status = 0;
    for file in options.files() {
        let from_stdin = file == "-";
        if options.has('l') && !p.busybox() {
            status = status.max(listed(p, &file, packing));
            continue;
        }
        let target = match (from_stdin || to_stdout || test, unpacking) {
            (true, _) => None,
            (false, false) => Some(format!("{file}{}", suffix(packing))),
            (false, true) => match stem(&file, packing) {
                Some(stem) => Some(stem),
                None if p.busybox() && p.stat(&file).is_err() => {
                    status = p.fail(&format!("{file}: {}", errno::text(Errno::NoEntry)));
                    continue;
                }
                None => {
                    let text = if p.busybox() { "unknown suffix - ignored" } else { "unknown suffix -- ignored" };
                    status = p.fail(&format!("{file}: {text}"));
                    continue;
                }
            },
        };
        let data = match p.input(&file) {
            Err(Errno::IsADirectory) if !p.busybox() => {
                status = p.fail(&format!("{file} is a directory -- ignored")).max(2);
                continue;
            }
            Err(Errno::IsADirectory) => {
                if let (Some(target), Some(empty), false) = (&target, packing.pack(&[], level), unpacking) {
                    // What was made of nothing stays.
                    let _ = p.write(target, empty);
                }
                status = p.fail(&format!("can't remove file '{file}': {}", errno::text(Errno::IsADirectory)));
                continue;
            }
            Err(e) => {
                let why = errno::text(e);
                let opens = p.busybox() && e == Errno::AccessDenied;
                status = p.fail(&if opens { format!("can't open '{file}': {why}") } else { format!("{file}: {why}") });
                continue;
            }
            Ok(data) => data,
        };
        if let Some(target) = target.as_ref().filter(|t| p.exists(t) && !options.has('f')) {
            status = p.fail(&match p.busybox() {
                true => format!("can't open '{target}': File exists"),
                false => format!("{target} already exists;\tnot overwritten"),
            });
            continue;
        }
        p.burn(data.len() as u64 / 4);
        let result = match unpacking {
            // zcat of busybox takes what it finds.
            true if name == "zcat" && p.busybox() => Packing::of(&data).and_then(|packing| packing.unpack(&data)),
            // xz knows both of its formats.
            true if matches!(packing, Packing::Xz | Packing::Lzma) && !p.busybox() => {
                Packing::of(&data).filter(|found| matches!(found, Packing::Xz | Packing::Lzma)).and_then(|found| found.unpack(&data))
            }
            true => packing.unpack(&data).or_else(|| (options.has('f') && to_stdout).then(|| data.clone())),
            false => packing.pack(&data, level),
        };
        let Some(result) = result else {
            // As it was seen to do.
            if p.busybox() && packing == Packing::Xz {
                continue;
            }
            status = match (p.busybox(), Packing::of(&data)) {
                (true, None) if name == "zcat" && data.len() < 2 => p.fail("short read"),
                (true, Some(Packing::Gzip)) if packing == Packing::Gzip && data.len() > 3 => p.fail("corrupted data"),
                _ => broken(p, &name, &file, packing),
            };
            continue;
        };
        if test {
            continue;
        }
        let Some(target) = target else {
            p.out(result);
            continue;
        };
        let old = p.stat(&file).map(|(_, node)| node.metadata().clone());
        let (data_len, made) = (data.len() as u32, result.len() as u32);
        if let Err(e) = p.write(&target, result) {
            status = p.fail(&format!("can't open '{target}': {}", errno::text(e)));
            continue;
        }
        if options.has('v') && p.busybox() {
            // What is left of what was read, in a number without sign.
            let left = if unpacking { 100u32.wrapping_sub((data_len * 100).checked_div(made).unwrap_or(0)) } else { 100 };
            p.err(format!("{file}: {left}% - replaced with {target}\n"));
        }
        if let (Ok(old), Ok((real, _)), true) = (&old, p.stat(&target), p.busybox()) {
            // busybox makes a new file with the old one's mode, and gives it away to nobody.
            let mode = old.mode & !p.umask;
            let _ = p.system.chmod(&p.ids, &real, mode);
        }
        if let (Ok(old), Ok((real, _)), false) = (old, p.stat(&target), p.busybox()) {
            // Whatever cannot be kept is not missed.
            let _ = p.system.chown(&p.ids, &real, Some(old.uid), Some(old.gid));
            let _ = p.system.chmod(&p.ids, &real, old.mode);
            let _ = p.system.set_time(&p.ids, &real, Some(old.mtime));
        }
        if !options.has('k')
            && (packing != Packing::Zstd || options.has('R'))
            && let Err(e) = p.remove_all(&file)
        {
            status = p.fail(&format!("can't remove file '{file}': {}", errno::text(e)));
        }
    }
    status
}

/// `-l`: how large a file is, packed and not.
fn listed(p: &mut Process, file: &str, packing: Packing) -> i32 {
    let data = match p.input(file) {
        Ok(data) => data,
        Err(e) => return p.fail(&format!("{file}: {}", errno::text(e))),
    };
    let Some(whole) = packing.unpack(&data) else {
        let name = p.name().to_owned();
        return broken(p, &name, file, packing);
    };
    let (small, large) = (data.len() as f64, whole.len() as f64);
    let text = match packing {
        // The size that gzip compares is the one of what was packed alone.
        Packing::Gzip => format!(
            "         compressed        uncompressed  ratio uncompressed_name\n{:>19} {:>19} {:>5.1}% {}\n",
            data.len(),
            whole.len(),
            if large > 0.0 { 100.0 - 100.0 * (small - 18.0 - file.len() as f64 + 3.0) / large } else { 0.0 },
            file.trim_end_matches(".gz")
        ),
        _ => format!(
            "Strms  Blocks   Compressed Uncompressed  Ratio  Check   Filename\n    1       1 {:>10} B {:>10} B {:>6.3}  CRC32   {file}\n",
            data.len(),
            whole.len(),
            small / large.max(1.0)
        ),
    };
    p.out(text);
    0
}

fn suffix(packing: Packing) -> &'static str {
    match packing {
        Packing::Gzip => ".gz",
        Packing::Bzip2 => ".bz2",
        Packing::Xz => ".xz",
        Packing::Lzma => ".lzma",
        Packing::Zstd => ".zst",
    }
}

fn broken(p: &mut Process, name: &str, file: &str, packing: Packing) -> i32 {
    let shown = if file == "-" { "stdin" } else { file };
    if p.busybox() {
        let text = match (name, packing) {
            ("zcat", _) => "no gzip/bzip2/xz magic",
            (_, Packing::Lzma) => "corrupted data",
            _ => "invalid magic",
        };
        return p.fail(text);
    }
    let line = match packing {
        Packing::Gzip => format!("\ngzip: {shown}: not in gzip format\n"),
        Packing::Bzip2 => format!("bzip2: {shown} is not a bzip2 file.\n"),
        Packing::Xz | Packing::Lzma => format!("{name}: {shown}: File format not recognized\n"),
        Packing::Zstd => format!("zstd: {shown}: unsupported format \n"),
    };
    p.err(line);
    1
}

/// zgrep, zless: the program on what a packed file holds.
pub fn zgrep(p: &mut Process) -> i32 {
    let Some(file) = p.args.last().filter(|_| p.args.len() > 2).cloned() else { return super::grep::grep(p) };
    let data = match p.read(&file) {
        Ok(data) => Packing::of(&data).and_then(|packing| packing.unpack(&data)).unwrap_or(data),
        Err(e) => return p.fail(&format!("{file}: {}", errno::text(e))).max(2),
    };
    let pipe = p.system.pipe(data, None);
    let id = p.system.open(crate::machine::system::Open::PipeRead(pipe));
    p.fds.insert(0, id);
    p.args.pop();
    super::grep::grep(p)
}
