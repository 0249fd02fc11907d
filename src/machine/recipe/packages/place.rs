//! The files of a package: its programs, what else the table names, and one file for all the rest.
//!
//! Words of the table: `curl` (a program in /usr/bin), `/sbin/tini` (a program elsewhere), `/etc/app.conf` or
//! `/etc/ca.crt=216` (a file, kB), `/var/log/app/` (a folder), `python>python3` (a symbolic link), `@nginx` (a system user).

use super::super::super::Process;
use super::super::effects;
use crate::filesystem::Errno;
use crate::machine::tools;
use crate::world::packages::{Package, PackageSystem};

/// Where Alpine's multi-call binary is.
const BUSYBOX: &str = "/bin/busybox";
/// The largest share that one program has of its package.
const LARGEST_PROGRAM: u64 = 60_000_000;
const SMALL_FILE: u64 = 2_000;

/// Writes the files; gives their paths, folders with `/` at the end.
pub fn place(process: &mut Process, system: PackageSystem, name: &str, package: &Package) -> Result<Vec<String>, (String, Errno)> {
    let mut files = Vec::new();
    let mut left = package.size;
    let count = package.programs.iter().filter(|word| is_program(word)).count().max(1) as u64;
    let share = (package.size * 6 / 10 / count).clamp(1, LARGEST_PROGRAM);
    for word in &package.programs {
        if let Some(user) = word.strip_prefix('@') {
            add_user(process, user).map_err(|error| ("/etc/passwd".to_owned(), error))?;
            continue;
        }
        let (word, size) = match word.split_once('=') {
            Some((path, kilobytes)) => (path, kilobytes.parse::<u64>().unwrap_or(2) * 1000),
            None => (word.as_str(), if is_program(word) { share } else { SMALL_FILE.min(left) }),
        };
        let (word, link) = word.split_once('>').map_or((word, None), |(word, target)| (word, Some(target)));
        let path = if word.starts_with('/') { word.to_owned() } else { in_path(process, system, word) };
        note_folders(process, &path, &mut files);
        let written = match link {
            _ if path.ends_with('/') => process.mkdir_all(path.trim_end_matches('/')),
            Some(target) => symlink(process, target, &path),
            None if let Some(text) = known(system, &path) => process.write(&path, text.into_bytes()),
            None if is_program(word) => effects::program(process, &path, &path, size),
            None => effects::bulk(process, &path, size),
        };
        written.map_err(|error| (path.clone(), error))?;
        if link.is_none() && !path.ends_with('/') {
            left = left.saturating_sub(size);
        }
        files.push(path);
    }
    if left > 0 {
        let path = rest(system, name);
        note_folders(process, &path, &mut files);
        effects::bulk(process, &path, left).map_err(|error| (path.clone(), error))?;
        files.push(path);
    }
    Ok(files)
}

/// The text of a file that commands edit.
fn known(system: PackageSystem, path: &str) -> Option<String> {
    match (path, system) {
        ("/etc/locale.gen", _) => Some(tools::locale::list()),
        ("/etc/sudoers", PackageSystem::Alpine) => {
            Some("root ALL=(ALL:ALL) ALL\n# %wheel ALL=(ALL:ALL) NOPASSWD: ALL\n@includedir /etc/sudoers.d\n".into())
        }
        ("/etc/sudoers", PackageSystem::Rpm) => {
            Some("Defaults env_reset\nroot\tALL=(ALL)\tALL\n%wheel\tALL=(ALL)\tALL\n#includedir /etc/sudoers.d\n".into())
        }
        ("/etc/sudoers", _) => {
            Some("Defaults\tenv_reset\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n".into())
        }
        _ => None,
    }
}

/// Removes files and then the folders that came with them; Alpine's applets come back.
pub fn take_away(process: &mut Process, files: &[String]) {
    for path in files.iter().rev() {
        match path.strip_suffix('/') {
            // A folder that others still use stays.
            Some(folder) if process.list(folder).is_ok_and(|names| names.is_empty()) => drop(process.remove_all(folder)),
            Some(_) => {}
            None => {
                let _ = process.remove_all(path);
                let applet = path.rsplit('/').next().is_some_and(|name| tools::find(name).is_some());
                if applet && process.exists(BUSYBOX) {
                    let _ = symlink(process, BUSYBOX, path);
                }
            }
        }
    }
}

/// Whether a word of the table is a program: a bare name or a path in a folder of programs.
fn is_program(word: &str) -> bool {
    let path = word.split(['=', '>']).next().unwrap_or(word);
    match path.rsplit_once('/') {
        Some((folder, name)) => !name.is_empty() && (folder.ends_with("bin") || folder.ends_with("libexec")),
        None => !word.starts_with('@') && !word.contains('>'),
    }
}

/// Where a program goes: a busybox applet is replaced where it stands.
fn in_path(process: &Process, system: PackageSystem, name: &str) -> String {
    if system == PackageSystem::Alpine {
        for folder in ["/bin", "/sbin", "/usr/sbin"] {
            let path = format!("{folder}/{name}");
            if process.lstat(&path).is_ok() {
                return path;
            }
        }
    }
    format!("/usr/bin/{name}")
}

/// Where the rest of a package lies.
fn rest(system: PackageSystem, name: &str) -> String {
    let libraries = if system == PackageSystem::Debian { "/usr/lib/x86_64-linux-gnu" } else { "/usr/lib" };
    let headers = name.ends_with("-dev") || name.ends_with("-devel") || name.ends_with("-headers");
    match (headers, name.starts_with("lib") || name.ends_with("-libs")) {
        (true, _) => format!("/usr/include/.modelled-{name}"),
        (_, true) => format!("{libraries}/.modelled-{name}"),
        _ => format!("/usr/share/{name}/.modelled"),
    }
}

/// Notes the folders of `path` that are not there yet.
fn note_folders(process: &Process, path: &str, files: &mut Vec<String>) {
    for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0 && at + 1 < path.len()) {
        let folder = &path[..=at];
        if !process.exists(folder) && !files.iter().any(|other| other == folder) {
            files.push(folder.to_owned());
        }
    }
}

fn symlink(process: &mut Process, target: &str, path: &str) -> Result<(), Errno> {
    if process.lstat(path).is_ok() {
        process.remove_all(path)?;
    }
    if let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
        process.mkdir_all(folder)?;
    }
    let (ids, cwd) = (process.ids.clone(), process.cwd.clone());
    process.system.symlink(&ids, &cwd, target, path)
}

/// Adds a system user with a group of its name.
fn add_user(process: &mut Process, name: &str) -> Result<(), Errno> {
    let (users, groups) = (process.users(), process.groups());
    if users.iter().any(|user| user.name == name) {
        return Ok(());
    }
    let free = |taken: &dyn Fn(u32) -> bool| (100..1000).find(|id| !taken(*id)).unwrap_or(999);
    let gid = groups.iter().find(|group| group.name == name).map(|group| group.gid);
    let id = free(&|id| users.iter().any(|user| user.uid == id) || gid.is_none() && groups.iter().any(|group| group.gid == id));
    if gid.is_none() {
        append(process, "/etc/group", &format!("{name}:x:{id}:\n"))?;
    }
    let gid = gid.unwrap_or(id);
    append(process, "/etc/passwd", &format!("{name}:x:{id}:{gid}:{name}:/var/lib/{name}:/sbin/nologin\n"))?;
    append(process, "/etc/shadow", &format!("{name}:!:20000::::::\n"))
}

fn append(process: &mut Process, path: &str, line: &str) -> Result<(), Errno> {
    let text = process.text(path) + line;
    process.write(path, text.as_str())
}
