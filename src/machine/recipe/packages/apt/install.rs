//! `apt-get install`, and archives that are at hand.

use super::super::super::arguments::Arguments;
use super::super::super::effects;
use super::super::database::Database;
use super::super::{Wanted, install, place, plausible, remark, si, uninstall, wanted};
use super::lists::{lists_are_there, sources};
use super::remove::autoremove;
use super::{ARCHIVES, DOWNLOAD, PACKED, UNPACK, clean_archives, loudness, save};
use crate::machine::{Network, Process};
use crate::world::packages::{self, PackageSystem, Packages};

/// What a name on the command line asks for.
enum Asked {
    Install(String, String),
    Remove(String),
    /// An archive with its path.
    File(String),
}

fn asked(word: &str) -> Asked {
    if word.ends_with(".deb") || word.starts_with('/') || word.starts_with("./") {
        return Asked::File(word.to_owned());
    }
    let (name, version) = word.split_once('=').unwrap_or((word.split('/').next().unwrap_or(word), ""));
    let name = name.strip_suffix(":amd64").or(name.strip_suffix(":any")).unwrap_or(name);
    match name.strip_suffix('-') {
        Some(name) => Asked::Remove(name.to_owned()),
        None if name.ends_with("++") => Asked::Install(name.to_owned(), version.to_owned()),
        None => Asked::Install(name.strip_suffix('+').unwrap_or(name).to_owned(), version.to_owned()),
    }
}

pub(super) fn install_command(process: &mut Process, args: &Arguments) -> Result<(), String> {
    let table = super::super::table(process, PackageSystem::Debian);
    let mut database = Database::load(process, PackageSystem::Debian);
    let loud = loudness(args);
    if loud == 2 {
        process.out("Reading package lists...\nBuilding dependency tree...\nReading state information...\n");
    }
    effects::take(process, 0.4);
    let (mut names, mut removed, mut archives, mut errors) = (Vec::new(), Vec::new(), Vec::new(), String::new());
    let mut replaced = Vec::new();
    let listed = lists_are_there(process);
    for word in args.rest() {
        match asked(word) {
            Asked::Remove(name) => removed.push(name),
            Asked::File(path) if process.content(&path).is_ok() => archives.push(path),
            Asked::File(path) => errors.push_str(&format!("E: Unsupported file {path} given on commandline\n")),
            Asked::Install(name, version) if listed && supplanted(process, &table, &database, &name) => {
                replaced.extend(database.records.remove(&name));
                names.push((name, version));
            }
            Asked::Install(name, _) if database.provides(&name) => {
                if let Some(record) = database.records.get_mut(&name) {
                    record.auto = false;
                    let line = format!("{name} is already the newest version ({}).\n", record.version);
                    if loud == 2 {
                        process.out(line);
                    }
                }
            }
            Asked::Install(name, version) if listed && plausible(&name) && !packages::foreign(PackageSystem::Debian, &name) => {
                names.push((name, version));
            }
            Asked::Install(name, _) => errors.push_str(&format!("E: Unable to locate package {name}\n")),
        }
    }
    if !errors.is_empty() {
        errors.pop();
        return Err(errors);
    }
    let list = wanted(&table, &database, &names, recommends(process, args));
    announce(process, args, &names, &list, &table)?;
    if args.has(&["-d", "--download-only", "-s", "--simulate", "--dry-run", "--print-uris"]) {
        return Ok(());
    }
    fetch(process, &list)?;
    for record in &replaced {
        place::take_away(process, &record.files);
    }
    let done = unpack(process, &mut database, &list, loud)
        .and_then(|()| archives.iter().try_for_each(|path| archive(process, &mut database, &table, path)));
    if done.is_ok() {
        for name in removed {
            uninstall(process, &mut database, &name);
        }
        if args.has(&["--auto-remove", "--autoremove"]) {
            autoremove(process, &mut database);
        }
    }
    save(process, &database)?;
    done
}

/// Whether another repository that is there now has a package that was installed from the distribution.
fn supplanted(process: &Process, table: &Packages, database: &Database, name: &str) -> bool {
    let elsewhere = format!("{name}@");
    let known = packages::table(PackageSystem::Debian, &process.system.project);
    let (Some(record), Some(package)) = (database.records.get(name), table.get(name)) else { return false };
    record.version != package.version && known.keys().any(|key| key.starts_with(&elsewhere))
}

fn recommends(process: &Process, args: &Arguments) -> bool {
    if args.has(&["--no-install-recommends"]) {
        return false;
    }
    let off = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("apt::install-recommends")
            && ["=0", "=false", "=no", "\"0\"", "\"false\"", "\"no\""].iter().any(|value| text.replace(' ', "").contains(value))
    };
    let said = args.flags.iter().any(|(flag, value)| matches!(flag.as_str(), "-o" | "--option") && off(value));
    let folder = "/etc/apt/apt.conf.d";
    let written = || process.list(folder).unwrap_or_default().iter().any(|name| off(&process.text(&format!("{folder}/{name}"))));
    args.has(&["--install-recommends"]) || !said && !written()
}

/// Says what will be done; without a yes it asks, and nobody answers.
fn announce(process: &mut Process, args: &Arguments, names: &[(String, String)], list: &[Wanted], table: &Packages) -> Result<(), String> {
    let sum = |size: u64, wanted: &Wanted| size + wanted.package.size;
    let size = list.iter().fold(0, sum);
    let paragraph = |names: &[&str]| {
        let mut text = String::from(" ");
        for name in names {
            text.push(' ');
            text.push_str(name);
        }
        text + "\n"
    };
    if loudness(args) == 2 {
        let mut text = String::new();
        let extra: Vec<&str> = list.iter().filter(|wanted| wanted.auto).map(|wanted| wanted.name.as_str()).collect();
        if !extra.is_empty() {
            text.push_str("The following additional packages will be installed:\n");
            text.push_str(&paragraph(&extra));
        }
        if !list.is_empty() {
            text.push_str("The following NEW packages will be installed:\n");
            text.push_str(&paragraph(&list.iter().map(|wanted| wanted.name.as_str()).collect::<Vec<_>>()));
        }
        text.push_str(&format!("0 upgraded, {} newly installed, 0 to remove and 0 not upgraded.\n", list.len()));
        if !list.is_empty() {
            text.push_str(&format!("Need to get {} of archives.\n", si(size * PACKED / 100)));
            text.push_str(&format!("After this operation, {} of additional disk space will be used.\n", si(size)));
        }
        process.out(text);
        remark(process, table, list);
    }
    let yes = args.has(&["-y", "--yes", "--assume-yes", "--force-yes"])
        || loudness(args) < 2
        || args.flags.iter().any(|(_, value)| value.to_ascii_lowercase().contains("assume-yes=t"))
        || process
            .list("/etc/apt/apt.conf.d")
            .unwrap_or_default()
            .iter()
            .any(|name| process.text(&format!("/etc/apt/apt.conf.d/{name}")).to_ascii_lowercase().contains("assume-yes"));
    if !yes && list.len() > names.len() {
        process.out("Do you want to continue? [Y/n] ");
        return Err("Abort.".into());
    }
    Ok(())
}

/// Brings the archives that are not there yet.
pub(super) fn fetch(process: &mut Process, list: &[Wanted]) -> Result<(), String> {
    let from = sources(process).into_iter().next().unwrap_or_default();
    let (mut fetched, mut number) = (0, 0);
    for wanted in list {
        let size = wanted.package.size * PACKED / 100;
        let path = format!("{ARCHIVES}/{}_{}_amd64.deb", wanted.name, wanted.version);
        if process.exists(&path) {
            continue;
        }
        if process.system.network == Network::None {
            let host = from.0.split("//").nth(1).unwrap_or("").split('/').next().unwrap_or("");
            return Err(format!(
                "E: Failed to fetch {}/pool/main/{}/{}_{}_amd64.deb  Temporary failure resolving '{host}'\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?",
                from.0.trim_end_matches('/'),
                wanted.name,
                wanted.name,
                wanted.version
            ));
        }
        number += 1;
        fetched += size;
        if list.len() < 40 && process.args.iter().all(|arg| !arg.starts_with("-qq") && arg != "-yqq") {
            let (uri, suite, components) = &from;
            let component = components.split(' ').next().unwrap_or("main");
            process.out(format!("Get:{number} {uri} {suite}/{component} amd64 {} amd64 {} [{}]\n", wanted.name, wanted.version, si(size)));
        }
        effects::bulk(process, &path, size).map_err(|error| format!("E: {path}: {}", error.text()))?;
    }
    let seconds = fetched as f64 / DOWNLOAD;
    if fetched > 0 && process.args.iter().all(|arg| !arg.starts_with("-qq") && arg != "-yqq") {
        process.out(format!("Fetched {} in {}s ({}/s)\n", si(fetched), seconds.ceil(), si(DOWNLOAD as u64)));
    }
    effects::take(process, seconds + number as f64 * 0.01);
    Ok(())
}

fn unpack(process: &mut Process, database: &mut Database, list: &[Wanted], loud: u8) -> Result<(), String> {
    let (mut text, mut setup, mut log) = (String::new(), String::new(), String::new());
    for wanted in list {
        let (name, version) = (&wanted.name, &wanted.version);
        text.push_str(&format!(
            "Selecting previously unselected package {name}.\nPreparing to unpack .../{name}_{version}_amd64.deb ...\nUnpacking {name} ({version}) ...\n"
        ));
        setup.push_str(&format!("Setting up {name} ({version}) ...\n"));
        log.push_str(&format!("status installed {name}:amd64 {version}\n"));
        effects::take(process, 0.06 + wanted.package.size as f64 / UNPACK);
    }
    if loud > 0 && !list.is_empty() {
        if !database.has("apt-utils") {
            process.err("debconf: delaying package configuration, since apt-utils is not installed\n");
        }
        process.out(text);
        process.out(setup);
    }
    for wanted in list {
        install(process, database, wanted).map_err(|error| {
            format!("dpkg: error processing archive {ARCHIVES}/{}_{}_amd64.deb (--unpack):\n {error}", wanted.name, wanted.version)
        })?;
    }
    if loud > 0 && list.iter().any(|wanted| wanted.name.starts_with("lib")) {
        process.out("Processing triggers for libc-bin ...\n");
    }
    if !list.is_empty() {
        let old = process.text("/var/log/dpkg.log");
        let _ = effects::text(process, "/var/log/dpkg.log", &(old + &log));
    }
    drop_archives(process);
    Ok(())
}

/// What the image's own setting does after each run of dpkg; `apt` does so too unless it is told to keep them.
fn drop_archives(process: &mut Process) {
    let keeps = process.list("/etc/apt/apt.conf.d").unwrap_or_default().iter().any(|name| {
        let text = process.text(&format!("/etc/apt/apt.conf.d/{name}"));
        text.contains("Keep-Downloaded-Packages") && text.contains("true")
    });
    if process.exists("/etc/apt/apt.conf.d/docker-clean") || process.name() == "apt" && !keeps {
        clean_archives(process);
    }
}

/// Installs an archive: its name and its size are all that is known of it.
pub fn archive(process: &mut Process, database: &mut Database, table: &Packages, path: &str) -> Result<(), String> {
    let size = process.content(path).map_err(|error| format!("dpkg: error: cannot access archive '{path}': {}", error.text()))?.len();
    let file = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".deb");
    let (name, rest) = file.split_once('_').unwrap_or((file, ""));
    let name = name.to_ascii_lowercase();
    let name = if plausible(&name) { name } else { "package".to_owned() };
    let version = rest.split('_').next().filter(|version| !version.is_empty()).unwrap_or("1.0");
    let mut package = packages::find(table, &name);
    if !packages::known(table, &name) {
        package.size = size * 100 / PACKED;
    }
    process.out(format!(
        "Selecting previously unselected package {name}.\nPreparing to unpack {path} ...\nUnpacking {name} ({version}) ...\nSetting up {name} ({version}) ...\n"
    ));
    effects::take(process, 0.1 + package.size as f64 / UNPACK);
    install(process, database, &Wanted { name, version: version.to_owned(), package, auto: false })
}
