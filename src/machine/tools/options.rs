//! Options as `getopt_long` reads them.

use crate::filesystem::Errno;
use crate::machine::Process;
use crate::world::packages::PackageSystem;

/// The options and operands of a command line.
#[derive(Debug, Default)]
pub struct Options {
    /// Letters with their values, in order.
    pub given: Vec<(char, String)>,
    /// What is no option.
    pub operands: Vec<String>,
}

impl Options {
    /// Whether `letter` was given.
    pub fn has(&self, letter: char) -> bool {
        self.given.iter().any(|(l, _)| *l == letter)
    }

    /// The last value of `letter`.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.given.iter().rev().find(|(l, _)| *l == letter).map(|(_, v)| v.as_str())
    }

    /// All values of `letter`.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.given.iter().filter(move |(l, _)| *l == letter).map(|(_, v)| v.as_str())
    }

    /// The operands, or `-` if there are none.
    pub fn files(&self) -> Vec<String> {
        if self.operands.is_empty() { vec!["-".into()] } else { self.operands.clone() }
    }
}

/// Reads `args`: `letters` as getopt has them (`+` in front: stop at the first operand; `x:` takes a value, `x;` an optional
/// one that is glued on), and long names with their letters. An error is the text to print.
pub fn parse(args: &[String], letters: &str, long: &[(&str, char)]) -> Result<Options, String> {
    let kind = |c: char| match letters.find(c) {
        Some(i) if c != ':' && c != ';' && c != '+' => {
            letters[i + c.len_utf8()..].chars().next().filter(|k| matches!(k, ':' | ';')).or(Some(' '))
        }
        _ => None,
    };
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            options.operands.extend(rest.by_ref().cloned());
        } else if let Some(name) = arg.strip_prefix("--") {
            let (name, value) = name.split_once('=').map_or((name, None), |(n, v)| (n, Some(v.to_owned())));
            let Some((_, letter)) = long.iter().find(|(n, _)| *n == name).or_else(|| long.iter().find(|(n, _)| n.starts_with(name))) else {
                return Err(format!("unrecognized option '{arg}'"));
            };
            let value = match (value, kind(*letter)) {
                (None, Some(':')) => rest.next().cloned().ok_or(format!("option '--{name}' requires an argument"))?,
                (value, _) => value.unwrap_or_default(),
            };
            options.given.push((*letter, value));
        } else if arg.len() < 2 || !arg.starts_with('-') {
            options.operands.push(arg.clone());
            if letters.starts_with('+') {
                options.operands.extend(rest.by_ref().cloned());
            }
        } else {
            for (i, c) in arg.char_indices().skip(1) {
                let glued = &arg[i + c.len_utf8()..];
                match kind(c) {
                    None => return Err(format!("invalid option -- '{c}'")),
                    Some(' ') => {
                        options.given.push((c, String::new()));
                        continue;
                    }
                    Some(':') if glued.is_empty() => {
                        let value = rest.next().cloned().ok_or(format!("option requires an argument -- '{c}'"))?;
                        options.given.push((c, value));
                    }
                    Some(_) => options.given.push((c, glued.to_owned())),
                }
                break;
            }
        }
    }
    Ok(options)
}

/// [`parse`] of the process's own arguments; what is wrong is printed, and the exit status given.
pub fn of(p: &mut Process, letters: &str, long: &[(&str, char)]) -> Result<Options, i32> {
    let args = p.args.get(1..).unwrap_or(&[]).to_vec();
    if args.first().is_some_and(|a| a == "--help") && p.busybox() {
        usage(p);
        return Err(0);
    }
    if args.first().is_some_and(|a| a == "--help") && !long.iter().any(|(name, _)| *name == "help") {
        let text = format!("Usage: {} [OPTION]... [ARG]...\n", p.name());
        p.out(text);
        return Err(0);
    }
    let long = if p.busybox() && SHORT.contains(&p.name()) { &[] } else { long };
    parse(&args, letters, long).map_err(|text| {
        // Some of busybox's applets do not even know that there are long options.
        let blind = p.busybox() && matches!(p.name(), "head" | "hexdump") && text.starts_with('u');
        wrong(p, if blind { "invalid option -- '-'" } else { &text })
    })
}

/// The operands of an applet of busybox that knows no options but `--`.
pub fn plain(p: &mut Process) -> Result<Options, i32> {
    let skipped = 1 + usize::from(p.args.get(1).is_some_and(|a| a == "--"));
    if p.args.get(1).is_some_and(|a| a == "--help") {
        usage(p);
        return Err(0);
    }
    Ok(Options { operands: p.args.iter().skip(skipped).cloned().collect(), ..Options::default() })
}

/// [`of`] with the letters of busybox's applet or of GNU's program; either knows the long names whose letters it has.
pub fn either(p: &mut Process, busybox: &str, gnu: &str, long: &[(&str, char)]) -> Result<Options, i32> {
    let letters = if p.busybox() { busybox } else { gnu };
    let known: Vec<(&str, char)> = long.iter().copied().filter(|(_, letter)| letters.contains(*letter)).collect();
    of(p, letters, &known)
}

/// What getopt says of an option, by the name that the program was called by, and how it should be: the exit status.
pub fn wrong(p: &mut Process, text: &str) -> i32 {
    let line = [p.args.first().map_or("", String::as_str), ": ", text, "\n"].concat();
    p.err(line);
    usage(p)
}

/// The applets of busybox that have no long options.
const SHORT: &[&str] = &[
    "base64",
    "basename",
    "cat",
    "chmod",
    "cmp",
    "cut",
    "df",
    "du",
    "head",
    "ln",
    "md5sum",
    "paste",
    "readlink",
    "rm",
    "seq",
    "sha1sum",
    "sha256sum",
    "sha3sum",
    "sha512sum",
    "shuf",
    "sort",
    "stat",
    "strings",
    "tail",
    "tee",
    "timeout",
    "tr",
    "truncate",
    "uniq",
    "wc",
    "xxd",
];

/// A number without sign as busybox's applets take it; what is none, or not in `range`, is told, and the exit status given.
pub fn number(p: &mut Process, text: &str, range: std::ops::RangeInclusive<usize>) -> Result<usize, i32> {
    let value = text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())).map(|value| value as usize);
    let why = match value {
        Some(value) if range.contains(&value) => return Ok(value),
        Some(value) => format!("number {value} is not in {}..{} range", range.start(), range.end()),
        None => format!("invalid number '{text}'"),
    };
    p.fail(&why);
    Err(if p.name() == "sort" { 2 } else { 1 })
}

/// What follows the message about a wrong command line: busybox shows what it is, GNU where help is. The exit status.
pub fn usage(p: &mut Process) -> i32 {
    let text = if p.busybox() {
        format!("BusyBox v{} multi-call binary.\n\nUsage: {} [OPTION]... [ARG]...\n", version(p), p.name())
    } else {
        format!("Try '{} --help' for more information.\n", p.name())
    };
    p.err(text);
    if matches!(p.name(), "grep" | "egrep" | "fgrep" | "sort") || !p.busybox() && matches!(p.name(), "ls" | "diff" | "cmp") { 2 } else { 1 }
}

/// The version of this image's busybox: Alpine's as the table of its packages has it, any other is taken for Debian's static one.
fn version(p: &Process) -> String {
    let package = if p.exists("/etc/alpine-release") { PackageSystem::Alpine.packages().remove("busybox") } else { None };
    match package {
        Some(package) => package.version.split('-').next().unwrap_or("").to_owned(),
        None => "1.35.0 (Debian 1:1.35.0-4+deb12u1+b1)".to_owned(),
    }
}

/// Says what is wrong with the arguments, and how they should be.
pub fn refuse(p: &mut Process, why: &str) -> i32 {
    p.fail(why);
    usage(p)
}

/// What GNU says if there are not exactly two operands.
pub fn two_operands(p: &mut Process, options: &Options) -> Option<i32> {
    let quoted = |p: &Process, at: usize| super::names::quote(p, &options.operands[at]);
    let text = match options.operands.len() {
        0 => "missing operand".to_owned(),
        1 => format!("missing operand after {}", quoted(p, 0)),
        2 => return None,
        _ => format!("extra operand {}", quoted(p, 2)),
    };
    Some(refuse(p, &text))
}

/// A file's bytes, or the message that it cannot be opened.
pub fn open(p: &mut Process, path: &str) -> Option<Vec<u8>> {
    open_until(p, path, |_| false)
}

/// All of these files, one after the other, and 1 as status if one of them could not be read.
pub fn open_all(p: &mut Process, paths: &[String]) -> (Vec<u8>, i32) {
    let mut status = 0;
    let mut data = Vec::new();
    for path in paths {
        match open(p, path) {
            Some(bytes) => data.extend(bytes),
            None => status = 1,
        }
    }
    (data, status)
}

/// The byte that the letter of an escape of C stands for.
pub fn escaped(letter: u8) -> Option<u8> {
    Some(match letter {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' => b'\\',
        _ => return None,
    })
}

/// How much is read at a time by who may have enough.
const PIECE: usize = 4096;

/// The beginning of a file: standard input and devices are read no further than until `enough` says so.
pub fn open_until(p: &mut Process, path: &str, enough: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    let result = match path {
        "-" => Ok(p.read_until(0, PIECE, enough)),
        path if p.busybox() && SILENT.contains(&p.name()) && p.is_dir(path) => Ok(Vec::new()),
        path if p.descriptor(path).is_some() => Ok(p.read_until(p.descriptor(path).unwrap_or(0), PIECE, enough)),
        path if p.is_dir(path) => Err(Errno::IsADirectory),
        path => match crate::machine::process::device(path) {
            Some(open) => {
                let id = p.system.open(open);
                let mut child = p.fork();
                child.fds.insert(3, id);
                Ok(child.read_until(3, PIECE, enough))
            }
            None => p.input(path),
        },
    };
    match result {
        Ok(bytes) => Some(bytes),
        Err(e) => {
            let text = complaint(p, path, e);
            p.fail(&text);
            None
        }
    }
}

/// What a program says that cannot open or read a file.
fn complaint(p: &Process, path: &str, e: Errno) -> String {
    let why = crate::machine::errno::text(e);
    match (p.busybox(), e) {
        (true, Errno::IsADirectory) if p.name().ends_with("sum") => format!("can't read '{path}': {why}"),
        (true, Errno::IsADirectory) if p.name() == "wc" => format!("{path}: {why}"),
        (true, Errno::IsADirectory) => match p.name() {
            "expand" | "fold" | "head" | "unexpand" => format!("{path}: Input/output error"),
            "cmp" | "uniq" => format!("{path}: I/O error"),
            "crc32" | "hexdump" | "tac" | "xxd" => format!("{path}: {why}"),
            "od" => format!("{path}: read error"),
            _ => format!("read error: {why}"),
        },
        (false, Errno::IsADirectory) if matches!(p.name(), "head" | "tail") => format!("error reading '{path}': {why}"),
        (false, _) if matches!(p.name(), "head" | "tail" | "tac") => {
            let verb = if p.name() == "tac" { "failed to open" } else { "cannot open" };
            format!("{verb} '{path}' for reading: {why}")
        }
        (false, _) if p.name() == "sort" => format!("cannot read: {path}: {why}"),
        (false, _) if p.name() == "split" => format!("cannot open '{path}' for reading: {why}"),
        (true, _) if OPENS.contains(&p.name()) => format!("can't open '{path}': {why}"),
        _ => format!("{path}: {why}"),
    }
}

/// The applets of busybox to which a folder is an empty file.
const SILENT: &[&str] = &["cut", "nl", "paste", "rev", "shuf", "sort", "strings"];

/// The applets of busybox that say `can't open 'FILE'`; the others say `FILE` alone.
const OPENS: &[&str] = &["cat", "uniq", "md5sum", "sha1sum", "sha256sum", "sha512sum", "sha3sum", "crc32", "tail", "dos2unix", "uuencode"];

/// The lines of `bytes`, each without its newline.
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if bytes.is_empty() { Vec::new() } else { body.split(|b| *b == b'\n').collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &str, given: &str, operands: &str) {
        let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
        let options = parse(&args, "n:qi;", &[("lines", 'n')]).unwrap();
        let text: Vec<String> = options.given.iter().map(|(l, v)| format!("{l}{v}")).collect();
        assert_eq!((text.join(" ").as_str(), options.operands.join(" ").as_str()), (given, operands));
    }

    #[test]
    fn options() {
        check("-qn 3 a", "q n3", "a");
        check("a -n3 -- -q", "n3", "a -q");
        check("--lines=4 -i.bak -", "n4 i.bak", "-");
        check("--lines 4 -i x", "n4 i", "x");
        assert!(parse(&["-z".into()], "n:", &[]).is_err());
    }
}
