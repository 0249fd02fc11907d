//! cd, pwd; bash's pushd, popd, dirs.

use super::super::Dialect;
use super::super::state::{Ran, Shell};
use crate::filesystem::{Errno, ImagePath};
use crate::machine::files::{Access, permits};
use crate::machine::{Process, errno};
use crate::world::assumed::Sought;

/// The folder as the shell names it: links that led there stay.
fn logical(s: &Shell, p: &Process) -> ImagePath {
    let pwd = s.get("PWD").filter(|pwd| p.stat(pwd).is_ok_and(|(real, _)| real == p.cwd));
    pwd.map_or_else(|| p.cwd.clone(), |pwd| ImagePath::new(&pwd))
}

/// cd.
pub fn cd(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut physical = false;
    let mut rest = &args[1..];
    super::options(s, p, args, ["LP", "LP", "LPe@"], "[-L|[-P [-e]] [-@]] [dir]")?;
    while let Some(flag) = rest.first().filter(|a| matches!(a.as_str(), "-P" | "-L" | "-e" | "--")) {
        physical = flag == "-P";
        rest = &rest[1..];
    }
    if rest.len() > 1 && s.bash() {
        s.complain(p, "too many arguments");
        return Ok(1);
    }
    let given = rest.first().cloned();
    let dash = given.as_deref() == Some("-");
    let missing = |s: &mut Shell, p: &mut Process, name: &str| match s.dialect {
        Dialect::Bash => {
            s.complain(p, &format!("{name} not set"));
            Ok(1)
        }
        // Ash and dash stay where they are.
        _ => Ok(0),
    };
    let target = match given {
        None => match s.get("HOME") {
            Some(home) => home,
            None => return missing(s, p, "HOME"),
        },
        Some(_) if dash => match s.get("OLDPWD").filter(|old| s.bash() || !old.is_empty()) {
            Some(old) => old,
            None if !s.bash() => ".".into(),
            None => return missing(s, p, "OLDPWD"),
        },
        Some(target) if target.is_empty() => ".".into(),
        Some(target) => target,
    };
    let mut shows = dash;
    let mut path = None;
    if let Some(search) = s.get("CDPATH").filter(|_| !target.starts_with('/') && !target.starts_with('.')) {
        let found = search.split(':').map(|f| format!("{}/{target}", if f.is_empty() { "." } else { f })).find(|f| p.is_dir(f));
        shows |= found.as_ref().is_some_and(|f| !f.starts_with("./"));
        path = found;
    }
    let here = logical(s, p);
    match go(p, &here, path.as_deref().unwrap_or(&target)) {
        Ok(new) => {
            let shown = if physical { p.cwd.to_string() } else { new };
            moved(s, here.as_str(), &shown);
            if shows {
                p.out(shown + "\n");
            }
            Ok(0)
        }
        Err(error) => {
            let text = match s.dialect {
                Dialect::Bash => format!("{target}: {}", errno::text(error)),
                Dialect::Ash => format!("can't cd to {target}: {}", errno::text(error)),
                Dialect::Dash => format!("can't cd to {target}"),
            };
            s.complain(p, &text);
            Ok(if s.bash() { 1 } else { 2 })
        }
    }
}

/// Enters a folder: the path with links as they were named.
fn go(p: &mut Process, here: &ImagePath, target: &str) -> Result<String, Errno> {
    let path = here.join(target);
    let (real, node) = p.stat(path.as_str()).inspect_err(|error| p.system.sought_in_vain(*error, Sought::Folder))?;
    match node.as_directory() {
        Some(d) if permits(&p.ids, &d.metadata, Access::Execute, true) => p.cwd = real,
        Some(_) => return Err(Errno::AccessDenied),
        None => return Err(Errno::NotADirectory),
    }
    Ok(path.to_string())
}

fn moved(s: &mut Shell, old: &str, new: &str) {
    for (name, value) in [("OLDPWD", old), ("PWD", new)] {
        s.set(name, value);
        if let Some(variable) = s.variables.get_mut(name) {
            variable.exported = true;
        }
    }
}

/// pwd.
pub fn pwd(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let options = super::options(s, p, args, ["LP"; 3], "[-LP]")?;
    let physical = options.letters.last().is_some_and(|(letter, _)| *letter == 'P');
    let text = if physical { p.cwd.to_string() } else { logical(s, p).to_string() };
    p.out(text + "\n");
    Ok(0)
}

/// The stack of folders, the present one first.
fn stack(s: &Shell, p: &Process) -> Vec<String> {
    std::iter::once(logical(s, p).to_string()).chain(s.folders.iter().rev().cloned()).collect()
}

/// The place in the stack that `+N` or `-N` names.
fn place(text: &str, count: usize) -> Option<usize> {
    let number = text.get(1..)?.parse::<usize>().ok()?;
    match text.as_bytes()[0] {
        b'+' => Some(number),
        b'-' => Some(count.wrapping_sub(1).wrapping_sub(number)),
        _ => None,
    }
}

/// Makes `folders`, the present one first, the stack.
fn enter(s: &mut Shell, p: &mut Process, mut folders: Vec<String>) -> Ran {
    let here = logical(s, p);
    let target = folders.remove(0);
    match go(p, &here, &target) {
        Ok(new) => {
            folders.reverse();
            s.folders = folders;
            moved(s, here.as_str(), &new);
            dirs(s, p, &[])
        }
        Err(error) => {
            s.complain(p, &format!("{target}: {}", errno::text(error)));
            Ok(1)
        }
    }
}

/// pushd.
pub fn pushd(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut folders = stack(s, p);
    let stays = args.get(1).is_some_and(|a| a == "-n");
    match args.get(1 + stays as usize) {
        None if folders.len() < 2 => {
            s.complain(p, "no other directory");
            return Ok(1);
        }
        None => folders.swap(0, 1),
        Some(text) => match place(text, folders.len()) {
            Some(at) if at < folders.len() => folders.rotate_left(at),
            Some(_) => {
                s.complain(p, &format!("{text}: directory stack index out of range"));
                return Ok(1);
            }
            None if stays => folders.insert(1, text.clone()),
            None => folders.insert(0, text.clone()),
        },
    }
    if stays {
        s.folders = folders.split_off(1).into_iter().rev().collect();
        return dirs(s, p, &[]);
    }
    enter(s, p, folders)
}

/// popd.
pub fn popd(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let mut folders = stack(s, p);
    if folders.len() < 2 {
        s.complain(p, "directory stack empty");
        return Ok(1);
    }
    let stays = args.get(1).is_some_and(|a| a == "-n");
    let at = match args.get(1 + stays as usize).map(|text| place(text, folders.len())) {
        None => stays as usize,
        Some(Some(at)) if at < folders.len() => at,
        Some(_) => {
            s.complain(p, &format!("{}: directory stack index out of range", args[1]));
            return Ok(1);
        }
    };
    folders.remove(at);
    if at > 0 {
        s.folders = folders.split_off(1).into_iter().rev().collect();
        return dirs(s, p, &[]);
    }
    enter(s, p, folders)
}

/// dirs: the stack, the present folder first, with `~` for the home.
pub fn dirs(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let has = |letter: char| args.iter().skip(1).any(|a| a.starts_with('-') && a.contains(letter));
    if has('c') {
        s.folders.clear();
        return Ok(0);
    }
    let home = s.get("HOME").filter(|h| h.len() > 1 && !has('l'));
    let all = stack(s, p);
    let short = |path: &String| match home.as_ref().and_then(|h| path.strip_prefix(h.as_str())) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
        _ => path.clone(),
    };
    if let Some(at) = args.get(1).and_then(|text| place(text, all.len())) {
        match all.get(at) {
            Some(path) => p.out(short(path) + "\n"),
            None => {
                s.complain(p, &format!("{}: directory stack index out of range", args[1]));
                return Ok(1);
            }
        }
        return Ok(0);
    }
    let text = match () {
        () if has('v') => all.iter().enumerate().map(|(i, path)| format!("{i:2}  {}\n", short(path))).collect(),
        () if has('p') => all.iter().map(|path| short(path) + "\n").collect(),
        () => all.iter().map(short).collect::<Vec<_>>().join(" ") + "\n",
    };
    p.out(text);
    Ok(0)
}
