//! git: repositories of the project cloned, others modelled; init, config, rev-parse, checkout and the rest in their effects.

use super::download::{host, mark_modelled};
use super::names::inside;
use crate::filesystem::{Content, Node};
use crate::machine::{Network, Process, errno};

/// The commit that a modelled repository is at.
const COMMIT: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// git.
pub fn git(p: &mut Process) -> i32 {
    let mut args: Vec<String> = p.args[1..].to_vec();
    while let Some(first) = args.first().cloned() {
        match first.as_str() {
            "-C" if args.len() > 1 => {
                let folder = args[1].clone();
                match p.stat(&folder) {
                    Ok((real, _)) => p.cwd = real,
                    Err(e) => {
                        p.err(format!("fatal: cannot change to '{folder}': {}\n", errno::text(e)));
                        return 128;
                    }
                }
                args.drain(..2);
            }
            "-c" if args.len() > 1 => {
                args.drain(..2);
            }
            "--version" | "-v" => {
                p.out("git version 2.39.5\n");
                return 0;
            }
            a if a.starts_with('-') => {
                args.remove(0);
            }
            _ => break,
        }
    }
    let Some(command) = args.first().cloned() else {
        p.out("usage: git [--version] [--help] [-C <path>] [-c <name>=<value>] <command> [<args>]\n");
        return 1;
    };
    let words: Vec<String> = args[1..].iter().filter(|a| !a.starts_with('-')).cloned().collect();
    mark_modelled(p);
    match command.as_str() {
        "clone" => clone(p, &args[1..]),
        "init" => {
            let folder = words.first().cloned().unwrap_or(".".into());
            match repository(p, &folder, "") {
                Ok(()) => {
                    let place = p.stat(&folder).map_or_else(|_| folder.clone(), |(real, _)| real.as_str().to_owned());
                    if !args.iter().any(|a| a == "-q" || a == "--quiet") {
                        p.out(format!("Initialized empty Git repository in {}/.git/\n", place.trim_end_matches('/')));
                    }
                    0
                }
                Err(e) => fatal(p, &format!("cannot mkdir {folder}: {}", errno::text(e))),
            }
        }
        "config" => config(p, &args[1..], &words),
        "ls-remote" | "fetch" | "pull" | "submodule" | "lfs" if p.system.network == Network::None && command != "lfs" => {
            let url = words.first().cloned().unwrap_or("origin".into());
            fatal(p, &format!("unable to access '{url}': Could not resolve host: {}", host(&url)))
        }
        "ls-remote" => {
            let wanted = words.get(1).cloned().unwrap_or("HEAD".into());
            p.out(format!("{COMMIT}\t{wanted}\n"));
            0
        }
        "apply" => {
            p.args = std::iter::once("patch".to_owned()).chain(["-p1".to_owned(), "-s".to_owned()]).collect();
            if let Some(file) = words.first() {
                p.args.extend(["-i".to_owned(), file.clone()]);
            }
            super::patch::patch(p)
        }
        "help" | "version" => {
            p.out("git version 2.39.5\n");
            0
        }
        _ if !in_repository(p) => fatal(p, "not a git repository (or any of the parent directories): .git"),
        "rev-parse" => {
            let text = match () {
                () if args.iter().any(|a| a == "--abbrev-ref") => "master".to_owned(),
                () if args.iter().any(|a| a == "--show-toplevel") => p.cwd.as_str().to_owned(),
                () if args.iter().any(|a| a.starts_with("--short")) => COMMIT[..7].to_owned(),
                () => COMMIT.to_owned(),
            };
            p.out(text + "\n");
            0
        }
        "describe" => {
            p.out(format!("{}\n", &COMMIT[..7]));
            0
        }
        "log" | "show" => {
            let text = match args
                .iter()
                .find_map(|a| a.strip_prefix("--format=").or(a.strip_prefix("--pretty=")).or(a.strip_prefix("--pretty=format:")))
            {
                Some(format) => format.replace("%H", COMMIT).replace("%h", &COMMIT[..7]).replace("%ct", "0").replace("%s", "modelled"),
                None => format!("commit {COMMIT}\nAuthor: modelled <modelled>\nDate:   Thu Jan 1 00:00:00 1970 +0000\n\n    modelled"),
            };
            p.out(text + "\n");
            0
        }
        "checkout" | "switch" => {
            if let Some(name) = words.last() {
                p.err(format!("Note: switching to '{name}'.\n"));
            }
            0
        }
        _ => 0,
    }
}

fn fatal(p: &mut Process, text: &str) -> i32 {
    p.err(format!("fatal: {text}\n"));
    128
}

fn in_repository(p: &Process) -> bool {
    let mut here = Some(p.cwd.clone());
    while let Some(folder) = here {
        if p.exists(&inside(folder.as_str(), ".git")) {
            return true;
        }
        here = folder.parent();
    }
    false
}

/// Makes `.git` in a folder.
fn repository(p: &mut Process, folder: &str, url: &str) -> Result<(), crate::filesystem::Errno> {
    for part in [".git/objects/pack", ".git/refs/heads", ".git/refs/tags"] {
        p.mkdir_all(&inside(folder, part))?;
    }
    p.write(&inside(folder, ".git/HEAD"), Content::from("ref: refs/heads/master\n"))?;
    let remote = if url.is_empty() {
        String::new()
    } else {
        format!("[remote \"origin\"]\n\turl = {url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n")
    };
    p.write(
        &inside(folder, ".git/config"),
        Content::from(format!("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n{remote}").as_str()),
    )
}

fn clone(p: &mut Process, args: &[String]) -> i32 {
    const VALUED: &[&str] = &[
        "-b",
        "--branch",
        "--depth",
        "-o",
        "--origin",
        "-c",
        "--config",
        "--reference",
        "-j",
        "--jobs",
        "--filter",
        "--shallow-since",
        "-u",
    ];
    let mut words: Vec<&String> = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if VALUED.contains(&arg.as_str()) {
            rest.next();
        } else if !arg.starts_with('-') {
            words.push(arg);
        }
    }
    let Some(url) = words.first().map(|u| (*u).clone()) else { return fatal(p, "You must specify a repository to clone.") };
    let name = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or("").trim_end_matches(".git").to_owned();
    let folder = words.get(1).map_or(name.clone(), |f| (*f).clone());
    if p.list(&folder).is_ok_and(|names| !names.is_empty()) {
        return fatal(p, &format!("destination path '{folder}' already exists and is not an empty directory."));
    }
    if !args.iter().any(|a| a == "-q" || a == "--quiet") {
        p.err(format!("Cloning into '{folder}'...\n"));
    }
    let supplied = [url.clone(), format!("{url}.git"), url.trim_end_matches(".git").to_owned()]
        .into_iter()
        .find_map(|u| p.system.remotes.get(&u).cloned());
    if supplied.is_none() && p.system.network == Network::None {
        return fatal(p, &format!("unable to access '{url}/': Could not resolve host: {}", host(&url)));
    }
    p.spend(std::time::Duration::from_millis(1500));
    if let Err(e) = p.mkdir_all(&folder).and_then(|()| repository(p, &folder, &url)) {
        return fatal(p, &format!("could not create work tree dir '{folder}': {}", errno::text(e)));
    }
    match supplied {
        Some(tree) => {
            let entries: Vec<_> =
                tree.walk().map(|(path, node)| (path.relative().to_owned(), node.clone())).filter(|(path, _)| !path.is_empty()).collect();
            for (path, node) in entries {
                let place = inside(&folder, &path);
                let cwd = p.cwd.clone();
                let made = match &node {
                    Node::Directory(_) => p.mkdir_all(&place),
                    Node::File(file) => p.write(&place, file.content.clone()),
                    Node::Symlink(link) => p.system.symlink(&p.ids, &cwd, &link.target, &place),
                    Node::Special(_) => Ok(()),
                };
                if let Err(e) = made {
                    return fatal(p, &format!("cannot create '{place}': {}", errno::text(e)));
                }
                if let (Node::File(file), Ok((real, _))) = (&node, p.stat(&place)) {
                    // The file has just been made by the same user.
                    let _ = p.system.chmod(&p.ids, &real, file.metadata.mode);
                }
            }
        }
        None => {
            // Nobody has the files: what a build would look for stands in for them.
            for (path, size, mode) in [
                ("README.md", 4_000u64, 0o644),
                ("Makefile", 8_000, 0o644),
                ("configure", 200_000, 0o755),
                (".git/objects/pack/modelled.pack", 4 << 20, 0o444),
            ] {
                let place = inside(&folder, path);
                let content = Content::Synthetic { seed: format!("git:{url}/{path}").into(), size };
                if p.write(&place, content).is_ok()
                    && let Ok((real, _)) = p.stat(&place)
                {
                    let _ = p.system.chmod(&p.ids, &real, mode);
                }
            }
        }
    }
    0
}

/// `git config`: a value written or read in one of the three files.
fn config(p: &mut Process, args: &[String], words: &[String]) -> i32 {
    let home = p.var("HOME").unwrap_or("/root").to_owned();
    let file = match () {
        () if args.iter().any(|a| a == "--global") => inside(&home, ".gitconfig"),
        () if args.iter().any(|a| a == "--system") => "/etc/gitconfig".to_owned(),
        () if in_repository(p) => ".git/config".to_owned(),
        () => return fatal(p, "not in a git directory"),
    };
    let Some((section, key)) = words.first().and_then(|k| k.rsplit_once('.')).map(|(s, k)| (s.to_owned(), k.to_owned())) else { return 0 };
    let text = p.text(&file);
    let title = match section.split_once('.') {
        Some((section, name)) => format!("[{section} \"{name}\"]"),
        None => format!("[{section}]"),
    };
    let Some(value) = words.get(1) else {
        let found = text.split(&title).nth(1).and_then(|rest| {
            rest.lines()
                .skip(1)
                .take_while(|l| !l.starts_with('['))
                .find_map(|l| l.trim().split_once(" = ").filter(|(k, _)| *k == key).map(|(_, v)| v.to_owned()))
        });
        return match found {
            Some(value) => {
                p.out(value + "\n");
                0
            }
            None => 1,
        };
    };
    let line = format!("\t{key} = {value}\n");
    let new = match text.find(&format!("{title}\n")) {
        Some(at) => {
            let head = at + title.len() + 1;
            let end = text[head..].find("\n[").map_or(text.len(), |e| head + e + 1);
            let kept: String = text[head..end]
                .split_inclusive('\n')
                .filter(|l| args.iter().any(|a| a == "--add") || l.trim().split_once(" = ").is_none_or(|(k, _)| k != key))
                .collect();
            format!("{}{kept}{line}{}", &text[..head], &text[end..])
        }
        None => format!("{text}{title}\n{line}"),
    };
    match p.write(&file, new.into_bytes()) {
        Ok(()) => 0,
        Err(e) => fatal(p, &format!("could not lock config file {file}: {}", errno::text(e))),
    }
}
