//! apt-get, apt, apt-mark, apt-cache: what they do to the image, and in brief what they print.

use super::super::super::{Network, Process};
use super::super::arguments::Arguments;
use super::super::effects;
use super::database::Database;
use super::{NOT_ROOT, Wanted, install, plausible, remark, si, uninstall, wanted};
use crate::filesystem::Errno;
use crate::machine::regex::{Regex, Syntax};
use crate::machine::shell::glob;
use crate::world::packages::{self, PackageSystem, Packages};

const LISTS: &str = "/var/lib/apt/lists";
const ARCHIVES: &str = "/var/cache/apt/archives";
/// What an archive is of what is in it, in percent.
const PACKED: u64 = 29;
/// Bytes a second from the mirror, and onto the disk.
const DOWNLOAD: f64 = 22e6;
const UNPACK: f64 = 60e6;
const VALUED: &[&str] = &["-o", "--option", "-t", "--target-release", "-c", "--config-file", "-a"];

/// Runs `apt-get …` or `apt …`.
pub fn run(process: &mut Process) -> i32 {
    let args = Arguments::letters(&process.args[1..], VALUED);
    let command = args.command().to_owned();
    if !process.ids.is_root() && !matches!(command.as_str(), "" | "help" | "list" | "show" | "search" | "policy" | "download") {
        return not_root(process, &command);
    }
    let done = match command.as_str() {
        "update" => update(process, &args),
        "install" | "reinstall" | "satisfy" => install_command(process, &args),
        "upgrade" | "dist-upgrade" | "full-upgrade" => upgrade(process, &args),
        "remove" | "purge" | "autoremove" | "auto-remove" | "autopurge" => remove(process, &args),
        "clean" | "autoclean" | "auto-clean" => clean(process),
        "build-dep" => upgrade(process, &args),
        "list" => list(process),
        "show" | "policy" | "search" => return cache(process),
        "check" | "download" | "source" | "edit-sources" | "changelog" => Ok(()),
        "" | "help" => {
            process.out("apt (amd64)\nUsage: apt-get [options] command\n");
            Ok(())
        }
        other => Err(format!("E: Invalid operation {other}")),
    };
    match done {
        Ok(()) => 0,
        Err(text) => {
            process.err(text + "\n");
            100
        }
    }
}

fn not_root(process: &mut Process, command: &str) -> i32 {
    let lock = if command == "update" { "/var/lib/apt/lists/lock" } else { "/var/lib/dpkg/lock-frontend" };
    let what = if command == "update" {
        "E: Unable to lock directory /var/lib/apt/lists/".to_owned()
    } else {
        format!("E: Unable to acquire the dpkg frontend lock ({lock}), are you root?")
    };
    process.err(format!("E: Could not open lock file {lock} - open (13: Permission denied)\n{what}\n"));
    NOT_ROOT
}

/// How much it says: 2 everything, 1 what dpkg says, 0 nothing.
fn loudness(args: &Arguments) -> u8 {
    let quiet = args.flags.iter().filter(|(flag, _)| flag == "-q" || flag == "--quiet").count();
    let level = args.value(&["-q", "--quiet"]).and_then(|value| value.parse::<usize>().ok()).unwrap_or(quiet);
    2 - level.min(2) as u8 / 2
}

/// Where packages come from: `(url, suite, components)` of every `deb` line.
fn sources(process: &Process) -> Vec<(String, String, String)> {
    let mut texts = vec![("/etc/apt/sources.list".to_owned(), false)];
    for name in process.list("/etc/apt/sources.list.d").unwrap_or_default() {
        texts.push((format!("/etc/apt/sources.list.d/{name}"), name.ends_with(".sources")));
    }
    let mut found = Vec::new();
    for (path, deb822) in texts {
        let text = process.text(&path);
        if deb822 {
            for stanza in text.split("\n\n") {
                let field = |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim().to_owned();
                let components = field("Components:");
                for uri in field("URIs:").split_whitespace() {
                    for suite in field("Suites:").split_whitespace() {
                        found.push((uri.to_owned(), suite.to_owned(), components.clone()));
                    }
                }
            }
            continue;
        }
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("deb ")) {
            let line = match line.split_once(']') {
                Some((options, rest)) if options.trim_start().starts_with('[') => rest,
                _ => line,
            };
            let mut words = line.split_whitespace();
            if let (Some(uri), Some(suite)) = (words.next(), words.next()) {
                found.push((uri.to_owned(), suite.to_owned(), words.collect::<Vec<_>>().join(" ")));
            }
        }
    }
    found
}

/// Bytes of the index of a suite: `(as fetched, as kept)`.
fn index_size(uri: &str, suite: &str, components: &str) -> (u64, u64) {
    let wide = components.contains("universe");
    let usual = uri.contains("debian") || uri.contains("ubuntu");
    let name = suite.trim_end_matches('/');
    match (usual, wide) {
        (false, _) => (28_000, 90_000),
        (_, false) if name.contains("security") => (290_000, 480_000),
        (_, false) if name.contains("-updates") || name.contains("backports") => (16_000, 24_000),
        (_, false) => (8_790_000, 17_900_000),
        (_, true) if name.contains("security") || name.contains("-updates") => (4_900_000, 8_100_000),
        (_, true) if name.contains("backports") => (60_000, 96_000),
        (_, true) => (21_000_000, 33_900_000),
    }
}

fn update(process: &mut Process, args: &Arguments) -> Result<(), String> {
    let loud = loudness(args) == 2;
    let (mut fetched, mut warnings) = (0, String::new());
    for (number, (uri, suite, components)) in sources(process).into_iter().enumerate() {
        let host = uri.split("//").nth(1).unwrap_or("").split('/').next().unwrap_or("").to_owned();
        if process.system.network == Network::None {
            process.out(format!("Err:{} {uri} {suite} InRelease\n  Temporary failure resolving '{host}'\n", number + 1));
            warnings.push_str(&format!(
                "W: Failed to fetch {}/dists/{suite}/InRelease  Temporary failure resolving '{host}'\n",
                uri.trim_end_matches('/')
            ));
            continue;
        }
        let (packed, kept) = index_size(&uri, &suite, &components);
        if loud {
            process.out(format!("Get:{} {uri} {suite} InRelease [{}]\n", 2 * number + 1, si(126_000)));
            let component = components.split(' ').next().unwrap_or("main");
            process.out(format!("Get:{} {uri} {suite}/{component} amd64 Packages [{}]\n", 2 * number + 2, si(packed)));
        }
        fetched += packed + 126_000;
        let name = format!("{}_dists_{}", uri.split("//").nth(1).unwrap_or("").trim_end_matches('/'), suite.trim_end_matches('/'))
            .replace('/', "_");
        let write = |process: &mut Process, end: &str, size| {
            let path = format!("{LISTS}/{name}_{end}");
            effects::bulk(process, &path, size).map_err(|error| format!("E: {path}: {}", error.text()))
        };
        write(process, "InRelease", 126_000)?;
        write(process, "main_binary-amd64_Packages.lz4", kept)?;
        effects::take(process, 0.25 + packed as f64 / DOWNLOAD);
    }
    if !warnings.is_empty() {
        warnings.push_str("W: Some index files failed to download. They have been ignored, or old ones used instead.\n");
        process.err(warnings);
        return Ok(());
    }
    if loud {
        process.out(format!("Fetched {} in 1s ({}/s)\nReading package lists...\n", si(fetched), si(fetched)));
    }
    effects::take(process, 0.6);
    let _ = effects::text(process, &format!("{LISTS}/lock"), "");
    keep_caches(process)
}

/// apt's own cache of the lists, unless the image turns it off.
fn keep_caches(process: &mut Process) -> Result<(), String> {
    if process.exists("/etc/apt/apt.conf.d/docker-clean") {
        return Ok(());
    }
    for (name, size) in [("pkgcache.bin", 27_000_000), ("srcpkgcache.bin", 27_000_000)] {
        let path = format!("/var/cache/apt/{name}");
        effects::bulk(process, &path, size).map_err(|error| format!("E: {path}: {}", error.text()))?;
    }
    Ok(())
}

fn lists_are_there(process: &Process) -> bool {
    process.list(LISTS).is_ok_and(|names| names.iter().any(|name| name != "partial" && name != "lock" && name != "auxfiles"))
}

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

fn install_command(process: &mut Process, args: &Arguments) -> Result<(), String> {
    let table = packages::table(PackageSystem::Debian, &process.system.project);
    let mut database = Database::load(process, PackageSystem::Debian);
    let loud = loudness(args);
    if loud == 2 {
        process.out("Reading package lists...\nBuilding dependency tree...\nReading state information...\n");
    }
    effects::take(process, 0.4);
    let (mut names, mut removed, mut archives, mut errors) = (Vec::new(), Vec::new(), Vec::new(), String::new());
    let listed = lists_are_there(process);
    for word in args.rest() {
        match asked(word) {
            Asked::Remove(name) => removed.push(name),
            Asked::File(path) if process.exists(&path) => archives.push(path),
            Asked::File(path) => errors.push_str(&format!("E: Unsupported file {path} given on commandline\n")),
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
    unpack(process, &mut database, &list, loud)?;
    for path in archives {
        archive(process, &mut database, &table, &path)?;
    }
    for name in removed {
        uninstall(process, &mut database, &name);
    }
    if args.has(&["--auto-remove", "--autoremove"]) {
        autoremove(process, &mut database);
    }
    save(process, &database)
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
fn fetch(process: &mut Process, list: &[Wanted]) -> Result<(), String> {
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

fn clean_archives(process: &mut Process) {
    for name in process.list(ARCHIVES).unwrap_or_default().iter().filter(|name| name.ends_with(".deb")) {
        let _ = process.remove_all(&format!("{ARCHIVES}/{name}"));
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

fn upgrade(process: &mut Process, args: &Arguments) -> Result<(), String> {
    if loudness(args) == 2 {
        process.out("Reading package lists...\nBuilding dependency tree...\nReading state information...\nCalculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
    }
    effects::take(process, 0.9);
    Ok(())
}

fn remove(process: &mut Process, args: &Arguments) -> Result<(), String> {
    let mut database = Database::load(process, PackageSystem::Debian);
    let table = packages::table(PackageSystem::Debian, &process.system.project);
    let auto = matches!(args.command(), "autoremove" | "auto-remove" | "autopurge");
    let purge = args.has(&["--purge"]) || matches!(args.command(), "purge" | "autopurge");
    let mut names = Vec::new();
    for word in args.rest() {
        let name = word.split([':', '=']).next().unwrap_or(word).to_owned();
        let matching: Vec<String> = if name.contains(['*', '^', '$', '?']) { matches(&database, &name) } else { vec![name.clone()] };
        for name in matching {
            match database.has(&name) {
                true => names.push(name),
                false if lists_are_there(process) || packages::known(&table, &name) => {
                    process.out(format!("Package '{name}' is not installed, so not removed\n"));
                }
                false => return Err(format!("E: Unable to locate package {name}")),
            }
        }
    }
    let mut gone = database.dependents(&names);
    for name in &gone {
        uninstall(process, &mut database, name);
    }
    if auto || args.has(&["--auto-remove", "--autoremove"]) {
        gone.extend(autoremove(process, &mut database));
    }
    let mut text = String::new();
    if loudness(args) == 2 {
        text.push_str("Reading package lists...\nBuilding dependency tree...\nReading state information...\n");
        if !gone.is_empty() {
            text.push_str("The following packages will be REMOVED:\n ");
            for name in &gone {
                text.push_str(if purge { &" {}*"[..1] } else { " " });
                text.push_str(name);
                text.push_str(if purge { "*" } else { "" });
            }
            text.push('\n');
        }
        text.push_str(&format!("0 upgraded, 0 newly installed, {} to remove and 0 not upgraded.\n", gone.len()));
    }
    for name in &gone {
        text.push_str(&format!("Removing {name} ...\n"));
        effects::take(process, 0.05);
    }
    if loudness(args) > 0 {
        process.out(text);
    }
    save(process, &database)
}

fn autoremove(process: &mut Process, database: &mut Database) -> Vec<String> {
    let orphans = database.orphans();
    for name in &orphans {
        uninstall(process, database, name);
    }
    orphans
}

fn clean(process: &mut Process) -> Result<(), String> {
    clean_archives(process);
    for name in ["pkgcache.bin", "srcpkgcache.bin"] {
        let _ = process.remove_all(&format!("/var/cache/apt/{name}"));
    }
    Ok(())
}

fn list(process: &mut Process) -> Result<(), String> {
    let database = Database::load(process, PackageSystem::Debian);
    process.out("Listing...\n");
    for record in database.records.values() {
        process.out(format!("{}/now {} amd64 [installed]\n", record.name, record.version));
    }
    Ok(())
}

pub(super) fn save(process: &mut Process, database: &Database) -> Result<(), String> {
    database.save(process).map_err(|error: Errno| format!("E: {}: {}", Database::path(database.system), error.text()))
}

/// Installed packages whose names match a regular expression, or a glob.
fn matches(database: &Database, pattern: &str) -> Vec<String> {
    let regex = Regex::new(pattern.as_bytes(), Syntax { extended: true, ignore_case: false, multiline: false }).ok();
    let names = database.records.keys();
    let fits = |name: &&String| regex.as_ref().is_some_and(|regex| regex.is_match(name.as_bytes()));
    let globbed = |name: &&String| glob::matches(pattern, name);
    let found: Vec<String> = names.clone().filter(globbed).cloned().collect();
    if found.is_empty() { names.filter(fits).cloned().collect() } else { found }
}

/// Runs `apt-mark …`.
pub fn mark(process: &mut Process) -> i32 {
    let args = Arguments::letters(&process.args[1..], VALUED);
    let mut database = Database::load(process, PackageSystem::Debian);
    match args.command() {
        "showmanual" | "showinstall" => {
            for record in database.records.values().filter(|record| !record.auto) {
                process.out(format!("{}\n", record.name));
            }
            return 0;
        }
        "showauto" => {
            for record in database.records.values().filter(|record| record.auto) {
                process.out(format!("{}\n", record.name));
            }
            return 0;
        }
        "auto" | "manual" => {}
        "hold" | "unhold" | "minimize-manual" => {
            for name in args.rest() {
                process.out(format!("{name} set on {}.\n", args.command()));
            }
            return 0;
        }
        other => {
            process.err(format!("E: Invalid operation {other}\n"));
            return 100;
        }
    }
    let auto = args.command() == "auto";
    let quiet = args.has(&["-q", "-qq"]);
    for word in args.rest() {
        let word = word.split(':').next().unwrap_or(word);
        let names = if database.has(word) { vec![word.to_owned()] } else { matches(&database, word) };
        for name in names {
            if let Some(record) = database.records.get_mut(&name).filter(|record| record.auto != auto) {
                record.auto = auto;
                if !quiet {
                    let how = if auto { "automatically" } else { "manually" };
                    process.out(format!("{name} set to {how} installed.\n"));
                }
            }
        }
    }
    match save(process, &database) {
        Ok(()) => 0,
        Err(text) => {
            process.err(text + "\n");
            100
        }
    }
}

/// Runs `apt-cache …`.
pub fn cache(process: &mut Process) -> i32 {
    let args = Arguments::letters(&process.args[1..], VALUED);
    let table = packages::table(PackageSystem::Debian, &process.system.project);
    let database = Database::load(process, PackageSystem::Debian);
    for word in args.rest() {
        match args.command() {
            "search" => {
                for name in table.keys().filter(|name| name.contains(word.trim_matches(['^', '$']))) {
                    process.out(format!("{name} - {name}\n"));
                }
            }
            _ if !(database.has(word) || lists_are_there(process) && plausible(word)) => {
                process.err("E: No packages found\n");
                return 100;
            }
            "policy" | "madison" => {
                let installed = database.records.get(word).map_or("(none)", |record| record.version.as_str());
                let candidate = packages::find(&table, word).version;
                process.out(format!("{word}:\n  Installed: {installed}\n  Candidate: {candidate}\n"));
            }
            _ => {
                let package = packages::find(&table, word);
                process.out(format!("Package: {word}\nVersion: {}\nInstalled-Size: {}\n", package.version, package.size / 1024));
                if !package.depends.is_empty() {
                    process.out(format!("Depends: {}\n", package.depends.join(", ")));
                }
                process.out("\n");
            }
        }
    }
    0
}
