//! basename, dirname, readlink, realpath, mktemp, pwd.

use super::names::{base, inside, quote};
use super::options::{self, either};
use crate::filesystem::{Errno, ImagePath, Node};
use crate::machine::files::Last;
use crate::machine::{Process, errno};

/// basename.
pub fn basename(p: &mut Process) -> i32 {
    let options = match either(p, "+as:", "+as:z", &[("multiple", 'a'), ("suffix", 's'), ("zero", 'z')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let paths = options.operands.clone();
    let mut suffix = options.value('s').map(str::to_owned);
    let many = suffix.is_some() || options.has('a');
    let end = if options.has('z') { "\0" } else { "\n" };
    if let Some(status) = operands(p, &paths, if many { usize::MAX } else { 2 }) {
        return status;
    }
    if !many {
        suffix = paths.get(1).cloned();
    }
    for path in paths.iter().take(if many { usize::MAX } else { 1 }) {
        let name = base(path);
        let cut = suffix.as_deref().and_then(|s| name.strip_suffix(s)).filter(|n| !n.is_empty()).unwrap_or(name);
        p.out(format!("{cut}{end}"));
    }
    0
}

/// The status if there are no operands, or more than `most`.
fn operands(p: &mut Process, paths: &[String], most: usize) -> Option<i32> {
    let text = match paths.get(most) {
        Some(extra) => format!("extra operand {}", quote(p, extra)),
        None if paths.is_empty() => "missing operand".to_owned(),
        None => return None,
    };
    Some(if p.busybox() { options::usage(p) } else { options::refuse(p, &text) })
}

/// dirname.
pub fn dirname(p: &mut Process) -> i32 {
    // busybox knows no options here but `--`.
    let options = match p.busybox() {
        true => options::plain(p),
        false => options::of(p, "z", &[("zero", 'z')]),
    };
    let options = match options {
        Ok(options) => options,
        Err(status) => return status,
    };
    let most = if p.busybox() { 1 } else { usize::MAX };
    if let Some(status) = operands(p, &options.operands, most) {
        return status;
    }
    for path in &options.operands {
        let slashes = path.len() - path.trim_start_matches('/').len();
        let folder = folder(path);
        p.out(if p.busybox() && slashes == 2 && folder == "/" { "//".to_owned() } else { folder });
        p.out(if options.has('z') { "\0" } else { "\n" });
    }
    0
}

/// What `dirname` prints.
pub fn folder(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rfind('/') {
        _ if trimmed.is_empty() && !path.is_empty() => "/",
        None => ".",
        Some(at) if trimmed[..at].trim_end_matches('/').is_empty() => "/",
        Some(at) => trimmed[..at].trim_end_matches('/'),
    }
    .to_owned()
}

/// The real path; the last component need not exist unless `exists`.
fn real(p: &Process, path: &str, exists: bool) -> Result<ImagePath, Errno> {
    let real = p.system.resolve(&p.ids, &p.cwd, path, Last::Follow)?;
    if exists && p.system.node(&real).is_none() { Err(Errno::NoEntry) } else { Ok(real) }
}

/// The real path as busybox finds it: of what is missing the folder must be there, and be named.
fn canonical(p: &Process, path: &str, depth: u32) -> Result<ImagePath, Errno> {
    match real(p, path, true) {
        Err(Errno::NoEntry) => {}
        found => return found,
    }
    // The target of a lost link is taken from where we are, not from where the link is.
    if let (Ok((_, Node::Symlink(link))), true) = (p.lstat(path), depth < 40) {
        return canonical(p, &inside(p.cwd.as_str(), &link.target).replace("//", "/"), depth + 1);
    }
    let (folder, name) = path.trim_end_matches('/').rsplit_once('/').ok_or(Errno::NoEntry)?;
    Ok(real(p, if folder.is_empty() { "/" } else { folder }, true)?.child(name))
}

/// The path with what does not exist taken as it is written.
fn missing(p: &Process, path: &str) -> ImagePath {
    let whole = p.cwd.join(path);
    let mut head = whole.clone();
    let mut tail: Vec<String> = Vec::new();
    loop {
        if let Ok(found) = real(p, head.as_str(), true) {
            return tail.iter().rev().fold(found, |at, name| at.child(name));
        }
        tail.push(head.name().to_owned());
        match head.parent() {
            Some(parent) => head = parent,
            None => return whole,
        }
    }
}

/// readlink.
pub fn readlink(p: &mut Process) -> i32 {
    let long = [
        ("canonicalize", 'f'),
        ("canonicalize-existing", 'e'),
        ("canonicalize-missing", 'm'),
        ("no-newline", 'n'),
        ("quiet", 'q'),
        ("silent", 's'),
        ("verbose", 'v'),
        ("zero", 'z'),
    ];
    let options = match either(p, "fnqsv", "efmnqsvz", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let has = |c| options.has(c);
    let paths = options.operands.clone();
    let strict = p.busybox();
    if let Some(status) = operands(p, &paths, if strict { 1 } else { usize::MAX }) {
        return status;
    }
    if has('n') && paths.len() > 1 {
        p.fail("ignoring --no-newline with multiple arguments");
    }
    let end = match () {
        () if has('n') && paths.len() == 1 => "",
        () if has('z') => "\0",
        () => "\n",
    };
    let mut status = 0;
    for path in paths {
        let result = match () {
            () if has('m') => Ok(missing(p, &path).as_str().to_owned()),
            () if has('f') && strict => canonical(p, &path, 0).map(|r| r.as_str().to_owned()),
            () if has('f') || has('e') => real(p, &path, has('e')).map(|r| r.as_str().to_owned()),
            () => match p.lstat(&path) {
                Ok((_, Node::Symlink(link))) => Ok(link.target.to_string()),
                Ok(_) => Err(Errno::InvalidArgument),
                Err(e) => Err(e),
            },
        };
        match result {
            Ok(text) => p.out(text + end),
            Err(Errno::InvalidArgument) if has('v') && strict => status = p.fail(&format!("{path}: cannot read link: not a symlink")),
            Err(_) if has('f') && strict => status = 1,
            Err(e) if has('v') && strict => status = p.fail(&format!("{path}: cannot read link: {}", errno::text(e))),
            Err(e) if has('v') => status = p.fail(&format!("{path}: {}", errno::text(e))),
            Err(_) => status = 1,
        }
    }
    status
}

/// realpath.
pub fn realpath(p: &mut Process) -> i32 {
    let long = [
        ("canonicalize-existing", 'e'),
        ("canonicalize-missing", 'm'),
        ("no-symlinks", 's'),
        ("quiet", 'q'),
        ("logical", 'L'),
        ("physical", 'P'),
        ("relative-to", '\u{1}'),
        ("strip", 's'),
        ("zero", 'z'),
    ];
    // busybox knows no options here, not even `--`.
    let options = match p.busybox() {
        true => Ok(options::Options { operands: p.args[1..].to_vec(), ..Default::default() }),
        false => options::of(p, "emqszLP\u{1}:", &long),
    };
    let options = match options {
        Ok(options) => options,
        Err(status) => return status,
    };
    let has = |c| options.has(c);
    if let Some(status) = operands(p, &options.operands, usize::MAX) {
        return status;
    }
    let start = options.value('\u{1}').map(|v| missing(p, v));
    let mut status = 0;
    for path in options.operands.clone() {
        let result = match () {
            () if has('s') => Ok(p.cwd.join(&path)),
            () if has('m') => Ok(missing(p, &path)),
            () if p.busybox() => canonical(p, &path, 0),
            () => real(p, &path, has('e')),
        };
        match result {
            Ok(found) => {
                let text = start.as_ref().map_or_else(|| found.as_str().to_owned(), |s| relative(s, &found));
                p.out(format!("{text}{}", if has('z') { "\0" } else { "\n" }));
            }
            Err(_) if has('q') => status = 1,
            Err(e) => status = p.fail(&format!("{path}: {}", errno::text(e))),
        }
    }
    status
}

/// The way from the folder of `name` to `target`.
pub fn relative_to(p: &Process, target: &str, name: &str) -> String {
    let from = missing(p, &folder(name));
    relative(&from, &missing(p, target))
}

fn relative(from: &ImagePath, to: &ImagePath) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (from.components().collect(), to.components().collect());
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let parts: Vec<&str> = a[same..].iter().map(|_| "..").chain(b[same..].iter().copied()).collect();
    if parts.is_empty() { ".".into() } else { parts.join("/") }
}

/// mktemp.
pub fn mktemp(p: &mut Process) -> i32 {
    let long = [("directory", 'd'), ("dry-run", 'u'), ("quiet", 'q'), ("tmpdir", '\u{1}'), ("suffix", '\u{2}')];
    let options = match either(p, "dp:qtu\u{1};", "dp:qtu\u{1};\u{2}:", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let has = |c| options.has(c);
    let value = |c| options.value(c).map(str::to_owned).filter(|v| !v.is_empty());
    let paths = options.operands.clone();
    if paths.len() > 1 {
        return if p.busybox() { options::usage(p) } else { options::refuse(p, "too many templates") };
    }
    let fallback = if p.busybox() { "tmp.XXXXXX" } else { "tmp.XXXXXXXXXX" };
    let template = paths.first().cloned().unwrap_or_else(|| fallback.into());
    let folder = || p.var("TMPDIR").filter(|t| !t.is_empty()).unwrap_or("/tmp").to_owned();
    let in_folder = paths.is_empty() || has('t') || has('p') || has('\u{1}');
    let template = if in_folder { inside(&value('p').or_else(|| value('\u{1}')).unwrap_or_else(folder), &template) } else { template };
    let suffix = value('\u{2}').unwrap_or_else(|| template.rfind('X').map_or("", |at| &template[at + 1..]).to_owned());
    let stem = template.strip_suffix(suffix.as_str()).unwrap_or(&template).to_owned();
    let head = stem.trim_end_matches('X').to_owned();
    let count = stem.len() - head.len();
    // The letters must be the last to busybox.
    if count < if p.busybox() { 6 } else { 3 } || p.busybox() && !suffix.is_empty() {
        let text =
            if p.busybox() { "(null): Invalid argument".to_owned() } else { format!("too few X's in template {}", quote(p, &template)) };
        return p.fail(&text);
    }
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let random: String = (0..count).map(|_| LETTERS[(p.system.random() % 62) as usize] as char).collect();
    let path = format!("{head}{random}{suffix}");
    let place = p.cwd.clone();
    let made = match () {
        () if has('u') => Ok(()),
        () if has('d') => p.system.mkdir(&p.ids, &place, &path, 0o700),
        () => p.system.open_write(&p.ids, &place, &path, 0o600, false).map(|_| ()),
    };
    match made {
        Ok(()) => {
            p.out(format!("{path}\n"));
            0
        }
        Err(_) if has('q') => 1,
        Err(e) if p.busybox() => p.fail(&format!("(null): {}", errno::text(e))),
        Err(e) => {
            let what = if has('d') { "directory" } else { "file" };
            let text = format!("failed to create {what} via template {}: {}", quote(p, &template), errno::text(e));
            p.fail(&text)
        }
    }
}

/// pwd.
pub fn pwd(p: &mut Process) -> i32 {
    let options = match options::of(p, "LP", &[("logical", 'L'), ("physical", 'P')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if p.system.node(&p.cwd).is_none() {
        return p.fail(if p.busybox() {
            "getcwd: No such file or directory"
        } else {
            "couldn't find directory entry in '..' with matching i-node"
        });
    }
    let logical = options.given.last().is_some_and(|(c, _)| *c == 'L');
    let kept = p.var("PWD").filter(|d| logical && d.starts_with('/') && p.stat(d).is_ok_and(|(real, _)| real == p.cwd));
    let text = [kept.unwrap_or(p.cwd.as_str()), "\n"].concat();
    p.out(text);
    0
}
