//! tar: archives made, listed, unpacked, in busybox's manner and in GNU's.

mod create;
mod extract;
mod unpack;

use super::archive::{self, Member};
use super::options::{self, Options};
use super::pack::Packing;
use crate::filesystem::ImagePath;
use crate::machine::shell::glob;
use crate::machine::{Process, errno, exec};

const BUSYBOX: &str = "cxtZzJjahmvokOf:C:p";
const FULL: &str = "cxtZzJjahmvokOf:C:pT:X:";
/// What upstream's busybox knows besides.
const UPSTREAM: &[(&str, char)] = &[
    ("exclude", '\u{8}'),
    ("exclude-from", 'X'),
    ("files-from", 'T'),
    ("no-same-owner", 'o'),
    ("keep-old-files", 'k'),
    ("auto-compress", 'a'),
];

const GNU: &str = "cxtruAdzJjahmvokOf:C:pPT:X:SWwlUI:g:K:N:b:L:H:V:nsBi";

const LONG_BUSYBOX: &[(&str, char)] = &[
    ("create", 'c'),
    ("extract", 'x'),
    ("list", 't'),
    ("file", 'f'),
    ("directory", 'C'),
    ("verbose", 'v'),
    ("gzip", 'z'),
    ("bzip2", 'j'),
    ("xz", 'J'),
    ("lzma", '\u{1}'),
    ("to-stdout", 'O'),
    ("strip-components", '\u{2}'),
    ("no-recursion", '\u{3}'),
    ("numeric-owner", '\u{4}'),
    ("no-same-permissions", '\u{5}'),
    ("same-permissions", 'p'),
    ("overwrite", '\u{6}'),
    ("keep-old", 'k'),
    ("touch", 'm'),
    ("dereference", 'h'),
    ("no-same-owner", 'o'),
    ("to-command", '\u{7}'),
];

const LONG_GNU: &[(&str, char)] = &[
    ("get", 'x'),
    ("append", 'r'),
    ("update", 'u'),
    ("auto-compress", 'a'),
    ("files-from", 'T'),
    ("exclude-from", 'X'),
    ("exclude", '\u{8}'),
    ("wildcards", '\u{9}'),
    ("zstd", '\u{b}'),
    ("same-owner", '\u{c}'),
    ("owner", '\u{d}'),
    ("group", '\u{e}'),
    ("mode", '\u{f}'),
    ("mtime", '\u{10}'),
    ("sort", '\u{11}'),
    ("transform", '\u{12}'),
    ("xform", '\u{12}'),
    ("absolute-names", 'P'),
    ("skip-old-files", '\u{13}'),
    ("keep-old-files", 'k'),
    ("preserve-permissions", 'p'),
    ("format", '\u{14}'),
    ("warning", '\u{15}'),
    ("checkpoint", '\u{16}'),
    ("use-compress-program", 'I'),
    ("one-top-level", '\u{17}'),
    ("remove-files", '\u{18}'),
    ("null", '\u{19}'),
    ("anchored", '\u{1a}'),
    ("no-anchored", '\u{1a}'),
    ("no-wildcards", '\u{1a}'),
    ("ignore-failed-read", '\u{1a}'),
    ("exclude-vcs", '\u{1b}'),
    ("totals", '\u{1a}'),
    ("overwrite-dir", '\u{1a}'),
    ("no-overwrite-dir", '\u{1a}'),
    ("delay-directory-restore", '\u{1a}'),
    ("no-xattrs", '\u{1a}'),
    ("xattrs", '\u{1a}'),
    ("acls", '\u{1a}'),
    ("selinux", '\u{1a}'),
    ("sparse", 'S'),
    ("unlink-first", 'U'),
    ("posix", '\u{1a}'),
];

/// Long options with a value, by their letters.
const VALUED: &str = "\u{2}:\u{7}:\u{8}:\u{d}:\u{e}:\u{f}:\u{10}:\u{11}:\u{12}:\u{14}:\u{15}:\u{16};\u{17};";
/// Long options without one.
const FLAGS: &str = "\u{1}\u{3}\u{4}\u{5}\u{6}\u{9}\u{b}\u{c}\u{13}\u{18}\u{19}\u{1a}\u{1b}";

/// What tar was told.
struct Job {
    options: Options,
    /// What packs the archive.
    packing: Option<Packing>,
    exclude: Vec<String>,
    strip: usize,
    verbose: bool,
    gnu: bool,
    /// Something went wrong that does not end the work.
    failed: bool,
}

/// The old way of giving options, without a dash: each letter's value is the next word.
fn modernise(args: &[String], letters: &str) -> Vec<String> {
    let Some(first) = args.first().filter(|a| !a.starts_with('-')) else { return args.to_vec() };
    let mut rest = args[1..].iter();
    let mut out = Vec::new();
    for letter in first.chars() {
        out.push(format!("-{letter}"));
        let valued = letters.find(letter).is_some_and(|i| letters[i + 1..].starts_with(':'));
        out.extend(rest.next().filter(|_| valued).cloned());
        if !valued {
            // The word was not a value: put it back by starting over behind what was taken.
            let taken = out.iter().filter(|w| !w.starts_with('-') || w.len() != 2).count();
            rest = args[1 + taken..].iter();
        }
    }
    out.extend(rest.cloned());
    out
}

/// tar.
pub fn tar(p: &mut Process) -> i32 {
    let gnu = !p.busybox();
    let letters = match gnu {
        true => GNU,
        false if p.debian_busybox() => BUSYBOX,
        false => FULL,
    };
    let args = modernise(p.args.get(1..).unwrap_or(&[]), letters);
    if args.iter().any(|a| a == "--version") {
        p.out(if gnu { "tar (GNU tar) 1.34\n" } else { "tar (busybox) 1.35.0\n" });
        return 0;
    }
    let long: Vec<(&str, char)> = LONG_BUSYBOX
        .iter()
        .chain(match gnu {
            true => LONG_GNU,
            false if p.debian_busybox() => &[],
            false => UPSTREAM,
        })
        .copied()
        .collect();
    let options = match options::parse(&args, &format!("{letters}{VALUED}{FLAGS}"), &long) {
        Ok(options) => options,
        Err(text) => {
            p.fail(&text);
            if !gnu {
                return options::usage(p);
            }
            p.err("Try 'tar --help' or 'tar --usage' for more information.\n");
            return 64;
        }
    };
    let has = |c| options.has(c);
    if [has('c'), has('x'), has('t'), has('r'), has('u')].iter().filter(|b| **b).count() != 1 {
        if !gnu {
            return options::usage(p);
        }
        p.fail("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options");
        p.err("Try 'tar --help' or 'tar --usage' for more information.\n");
        return 2;
    }
    let file = options.value('f').unwrap_or("-").to_owned();
    let by_name = (has('a') && has('c')).then(|| Packing::by_name(&file)).flatten();
    let program = options.value('I').and_then(|program| match program.split(' ').next().unwrap_or("") {
        "gzip" | "pigz" => Some(Packing::Gzip),
        "bzip2" | "pbzip2" | "lbzip2" => Some(Packing::Bzip2),
        "xz" | "pixz" => Some(Packing::Xz),
        "zstd" | "unzstd" | "zstdmt" => Some(Packing::Zstd),
        _ => None,
    });
    let given = [('z', Packing::Gzip), ('j', Packing::Bzip2), ('J', Packing::Xz), ('\u{1}', Packing::Lzma), ('\u{b}', Packing::Zstd)];
    let packing = given.into_iter().find(|(c, _)| has(*c)).map(|(_, packing)| packing).or(program).or(by_name);
    let mut exclude: Vec<String> = options.values('\u{8}').map(str::to_owned).collect();
    if has('\u{1b}') {
        exclude.extend([".git", ".svn", ".hg", ".gitignore", ".bzr", "CVS"].map(str::to_owned));
    }
    for list in options.values('X').map(str::to_owned).collect::<Vec<_>>() {
        exclude.extend(p.text(&list).lines().map(str::to_owned));
    }
    let strip = options.value('\u{2}').and_then(|n| n.parse().ok()).unwrap_or(0);
    let verbose = has('v');
    let mut job = Job { packing, exclude, strip, verbose, gnu, failed: false, options };
    let status = if job.options.has('c') || job.options.has('r') || job.options.has('u') {
        create::create(p, &mut job, &file)
    } else {
        extract::read(p, &mut job, &file)
    };
    match status {
        Err(status) => status,
        Ok(()) if !job.failed => 0,
        Ok(()) if job.gnu => {
            p.fail("Exiting with failure status due to previous errors");
            2
        }
        Ok(()) => 1,
    }
}

impl Job {
    /// An error that ends everything.
    fn fatal(&self, p: &mut Process, text: &str) -> i32 {
        p.fail(text);
        if self.gnu {
            p.fail("Error is not recoverable: exiting now");
        }
        if self.gnu { 2 } else { 1 }
    }

    /// An error that the rest of the work survives.
    fn complain(&mut self, p: &mut Process, text: &str) {
        p.fail(text);
        self.failed = true;
    }

    /// Goes where `-C` says.
    fn change_directory(&self, p: &mut Process, folder: &str) -> Result<(), i32> {
        match p.stat(folder) {
            Ok((real, node)) if node.as_directory().is_some() => {
                p.cwd = real;
                Ok(())
            }
            found => {
                let why = errno::text(found.err().unwrap_or(crate::filesystem::Errno::NotADirectory));
                let text =
                    if self.gnu { format!("{folder}: Cannot open: {why}") } else { format!("can't change directory to '{folder}': {why}") };
                Err(self.fatal(p, &text))
            }
        }
    }

    /// GNU's tar lets other programs pack: they must be there.
    fn need_program(&self, p: &mut Process, packing: Packing) -> Result<(), i32> {
        let path = p.var("PATH").unwrap_or("").to_owned();
        if !self.gnu || exec::find(p, packing.program(), &path).is_ok() {
            return Ok(());
        }
        let program = packing.program();
        p.err(format!(
            "tar (child): {program}: Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\n"
        ));
        if self.options.has('c') { Err(self.fatal(p, "Child returned status 2")) } else { Err(self.child_failed(p)) }
    }

    fn child_failed(&self, p: &mut Process) -> i32 {
        self.fatal(p, "Child returned status 2")
    }

    fn excluded(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        self.exclude.iter().any(|pattern| {
            let pattern = pattern.trim_end_matches('/');
            // A pattern matches a name, or what follows any slash of it, and all that lies below.
            let starts = std::iter::once(0).chain(name.match_indices('/').map(|(i, _)| i + 1));
            starts.into_iter().any(|start| {
                let rest = &name[start..];
                glob::matches(pattern, rest) || rest.match_indices('/').any(|(i, _)| glob::matches(pattern, &rest[..i]))
            })
        })
    }

    /// `--transform=s/a/b/`: another name.
    fn transformed(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for rule in self.options.values('\u{12}') {
            let Some(mark) = rule.strip_prefix('s').and_then(|r| r.chars().next()) else { continue };
            let parts: Vec<&str> = rule[1 + mark.len_utf8()..].split(mark).collect();
            let [pattern, with, flags @ ..] = parts.as_slice() else { continue };
            let syntax = crate::machine::regex::Syntax { extended: flags.iter().any(|f| f.contains('x')), ..Default::default() };
            let Ok(regex) = crate::machine::regex::Regex::new(pattern.as_bytes(), syntax) else { continue };
            if let Some((from, to)) = regex.find(name.as_bytes(), 0).and_then(|c| c[0]) {
                name = format!("{}{}{}", &name[..from], with.replace('&', &name[from..to]), &name[to..]);
            }
        }
        name
    }
}

/// `-rw-r--r-- root/root        12 2006-01-02 15:04 name`.
fn long_line(job: &Job, member: &Member) -> String {
    let letter = match member.kind {
        b'1' if job.gnu => 'h',
        b'2' => 'l',
        b'3' => 'c',
        b'4' => 'b',
        b'5' => 'd',
        b'6' => 'p',
        _ => '-',
    };
    let numeric = job.gnu && job.options.has('\u{4}');
    let name = |text: &str, id: u32| if text.is_empty() || numeric { id.to_string() } else { text.to_owned() };
    let (user, group) = (name(&member.user, member.uid), name(&member.group, member.gid));
    let size = if job.gnu && matches!(member.kind, b'3' | b'4') {
        format!("{},{}", member.device.0, member.device.1)
    } else {
        member.size.to_string()
    };
    let date = super::date::format(if job.gnu { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" }, member.mtime, 0);
    let room = if job.gnu { 18usize.saturating_sub(user.len() + group.len() + 1) } else { 9 };
    let link = match member.kind {
        b'1' if job.gnu => format!(" link to {}", member.link),
        b'1' | b'2' => format!(" -> {}", member.link),
        _ => String::new(),
    };
    format!("{} {user}/{group} {size:>room$} {date} {}{link}\n", super::mode::show(letter, member.mode), member.name)
}

/// The real path of what is made at `name`.
fn place(p: &Process, name: &str) -> Result<ImagePath, crate::filesystem::Errno> {
    p.system.resolve(&p.ids, &p.cwd, name, crate::machine::files::Last::Keep)
}
