//! apk: `add`, `del`, `update`, `upgrade`, `info` and friends, with the output of apk-tools.

use super::super::super::{Network, Process};
use super::super::arguments::Arguments;
use super::super::effects;
use super::database::{Database, bare};
use super::{Wanted, install, plausible, remark, uninstall, wanted};
use crate::base::go;
use crate::world::packages::{self, PackageSystem, Packages};

const VALUED: &[&str] = &[
    "-t",
    "--virtual",
    "-X",
    "--repository",
    "-p",
    "--root",
    "--keys-dir",
    "--repositories-file",
    "--arch",
    "--cache-dir",
    "--cache-max-age",
];
/// Exit status where the database cannot be locked.
const NOT_ROOT: i32 = 99;
const DOWNLOAD: f64 = 30e6;
const UNPACK: f64 = 120e6;
/// An index in the cache.
const INDEX: u64 = 1_150_000;

/// Runs `apk …`.
pub fn run(process: &mut Process) -> i32 {
    let args = Arguments::letters(&process.args[1..], VALUED);
    let command = args.command().to_owned();
    if matches!(command.as_str(), "add" | "del" | "update" | "upgrade" | "fix") && !process.ids.is_root() {
        process.err("ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n");
        return NOT_ROOT;
    }
    match command.as_str() {
        "add" => add(process, &args),
        "del" => del(process, &args),
        "update" => update(process, &args),
        "upgrade" | "fix" => {
            let errors = index(process, &args);
            let database = Database::load(process, PackageSystem::Alpine);
            total(process, &database);
            errors
        }
        "info" | "list" | "search" | "policy" => info(process, &args),
        "version" | "verify" | "audit" | "stats" | "index" | "fetch" | "dot" => 0,
        "cache" => {
            clean(process);
            0
        }
        "" if args.has(&["--print-arch"]) => {
            process.out("x86_64\n");
            0
        }
        "" if args.has(&["--version", "-V"]) => {
            process.out("apk-tools 2.14.9, compiled for x86_64.\n");
            0
        }
        "" => {
            process.out("apk-tools 2.14.9, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n");
            1
        }
        other => {
            process.err(format!("ERROR: '{other}' is not an apk command. See 'apk --help'.\n"));
            1
        }
    }
}

fn repositories(process: &Process, args: &Arguments) -> Vec<String> {
    let text = process.text("/etc/apk/repositories");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let urls = lines.map(|line| line.rsplit(' ').next().unwrap_or(line).to_owned());
    let more = args.flags.iter().filter(|(flag, _)| flag == "-X" || flag == "--repository").map(|(_, url)| url.clone());
    urls.chain(more).collect()
}

/// Fetches the indexes unless they are in the cache; gives the number of errors.
fn index(process: &mut Process, args: &Arguments) -> i32 {
    let cached = process.list("/var/cache/apk").unwrap_or_default().iter().any(|name| name.starts_with("APKINDEX"));
    let keep = !args.has(&["--no-cache"]);
    if cached && keep && args.command() != "update" && !args.has(&["-U", "--update", "--update-cache"]) {
        return 0;
    }
    let mut errors = 0;
    for url in repositories(process, args) {
        let url = format!("{}/x86_64/APKINDEX.tar.gz", url.trim_end_matches('/'));
        if process.system.network == Network::None {
            process
                .err(format!("WARNING: fetching {}: temporary error (try again later)\n", url.trim_end_matches("/x86_64/APKINDEX.tar.gz")));
            errors += 1;
            continue;
        }
        if !args.has(&["-q", "--quiet"]) {
            process.out(format!("fetch {url}\n"));
        }
        if keep {
            let name = crate::base::Digest::of(&url).hex()[..8].to_owned();
            let _ = effects::bulk(process, &format!("/var/cache/apk/APKINDEX.{name}.tar.gz"), INDEX);
        }
        effects::take(process, 0.35);
    }
    errors
}

fn update(process: &mut Process, args: &Arguments) -> i32 {
    let errors = index(process, args);
    let version = process.text("/etc/alpine-release");
    let version = version.trim();
    let minor = version.split('.').take(2).collect::<Vec<_>>().join(".");
    if errors > 0 {
        process.out(format!("{errors} unavailable, 0 stale; 0 distinct packages available\n"));
        return errors;
    }
    let mut text = String::new();
    for url in repositories(process, args) {
        text.push_str(&format!("v{version}-0-g0000000 [{url}]\n"));
    }
    // Main and community of a release have about as many packages.
    let many = effects::spread(&minor, 23_000, 27_000);
    process.out(format!("{text}OK: {many} distinct packages available\n"));
    0
}

fn add(process: &mut Process, args: &Arguments) -> i32 {
    let table = super::table(process, PackageSystem::Alpine);
    let mut database = Database::load(process, PackageSystem::Alpine);
    let offline = index(process, args) > 0;
    let mut names = Vec::new();
    let mut missing = Vec::new();
    for word in args.rest().iter().filter(|word| !word.starts_with('!')) {
        let mut name = bare(word).to_owned();
        if let Some((kind, what)) = name.clone().split_once(':') {
            name = provider(&table, kind, what);
        } else if let Some(file) = name.strip_suffix(".apk").filter(|_| process.exists(&name)) {
            name = file.rsplit('/').next().unwrap_or(file).split("-r").next().unwrap_or(file).to_ascii_lowercase();
            name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-').to_owned();
        }
        let there = database.has(&name);
        if !there && (offline || !plausible(&name) || packages::foreign(PackageSystem::Alpine, &name)) {
            missing.push(name);
            continue;
        }
        let version = word.split_once('=').map_or("", |(_, version)| version).trim_start_matches('~').to_owned();
        names.push((name, if word.contains(['~', '<', '>']) { String::new() } else { version }));
    }
    if !missing.is_empty() {
        let mut text = String::from("ERROR: unable to select packages:\n");
        for name in &missing {
            text.push_str(&format!("  {name} (no such package):\n    required by: world[{name}]\n"));
        }
        process.err(text);
        return missing.len() as i32;
    }
    let group = args.value(&["-t", "--virtual"]).map(str::to_owned);
    let list = wanted(&table, &database, &names, false);
    remark(process, &table, &list);
    let count = list.len() + usize::from(group.is_some());
    let quiet = args.has(&["-q", "--quiet"]);
    let mut fetched = 0.0;
    for (at, wanted) in list.iter().enumerate() {
        if !quiet {
            process.out(format!("({}/{count}) Installing {} ({})\n", at + 1, wanted.name, wanted.version));
        }
        fetched += wanted.package.size as f64 * 0.4;
        effects::take(process, 0.01 + wanted.package.size as f64 / UNPACK);
        if let Err(error) = install(process, &mut database, wanted) {
            process.err(format!("ERROR: {}-{}: {error}\n", wanted.name, wanted.version));
            return 1;
        }
    }
    effects::take(process, fetched / DOWNLOAD);
    let asked: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
    match group {
        None => {
            for name in &asked {
                if let Some(record) = database.records.get_mut(name) {
                    record.auto = false;
                }
            }
        }
        Some(group) => {
            let version = stamp(process);
            if !quiet {
                process.out(format!("({count}/{count}) Installing {group} ({version})\n"));
            }
            for name in &asked {
                if let Some(record) = database.records.get_mut(name).filter(|_| list.iter().any(|wanted| wanted.name == *name)) {
                    record.auto = true;
                }
            }
            let package = packages::Package { depends: asked, version: version.clone(), ..Default::default() };
            let _ = install(process, &mut database, &Wanted { name: group, package, version, auto: false });
        }
    }
    finish(process, &database, &list, quiet)
}

/// The package behind `cmd:name`, `so:name`, `pc:name`.
fn provider(table: &Packages, kind: &str, what: &str) -> String {
    let brings = |package: &packages::Package| package.programs.iter().any(|word| word.rsplit('/').next() == Some(what));
    match table.iter().find(|(_, package)| kind == "cmd" && brings(package)) {
        Some((name, _)) => name.clone(),
        None => what.split(".so").next().unwrap_or(what).to_owned(),
    }
}

/// Version of a virtual package: the time it was made.
fn stamp(process: &Process) -> String {
    let time = go::rfc3339(process.system.now / 1_000_000_000);
    let digits: String = time.chars().filter(char::is_ascii_digit).collect();
    format!("{}.{}", digits.get(..8).unwrap_or(""), digits.get(8..14).unwrap_or(""))
}

fn del(process: &mut Process, args: &Arguments) -> i32 {
    let mut database = Database::load(process, PackageSystem::Alpine);
    let mut names = Vec::new();
    for name in args.rest().iter().map(|word| bare(word).to_owned()) {
        match database.has(&name) {
            true => names.push(name),
            false => process.err(format!("ERROR: No such package: {name}\n")),
        }
    }
    if names.len() < args.rest().len() && names.is_empty() {
        return 1;
    }
    // What others need stays, but nobody asks for it any more.
    let mut gone = Vec::new();
    for name in &names {
        let needed = database.records.values().any(|record| record.depends.contains(name) && !names.contains(&record.name));
        match database.records.get_mut(name) {
            Some(record) if needed && !args.has(&["-r", "--rdepends"]) => record.auto = true,
            Some(record) => {
                gone.push((record.name.clone(), record.version.clone()));
            }
            None => {}
        }
    }
    for (name, _) in &gone {
        uninstall(process, &mut database, name);
    }
    for name in database.orphans() {
        gone.push((name.clone(), database.records.get(&name).map_or(String::new(), |record| record.version.clone())));
        uninstall(process, &mut database, &name);
    }
    let quiet = args.has(&["-q", "--quiet"]);
    for (at, (name, version)) in gone.iter().enumerate().filter(|_| !quiet) {
        process.out(format!("({}/{}) Purging {name} ({version})\n", at + 1, gone.len()));
    }
    effects::take(process, 0.05 * gone.len() as f64);
    finish(process, &database, &[], quiet)
}

/// Triggers, the database, the last line.
fn finish(process: &mut Process, database: &Database, list: &[Wanted], quiet: bool) -> i32 {
    let mut triggers = vec!["busybox"];
    if list.iter().any(|wanted| wanted.name == "ca-certificates") {
        triggers.push("ca-certificates");
    }
    for name in triggers.into_iter().filter(|_| !quiet) {
        if let Some(record) = database.records.get(name) {
            process.out(format!("Executing {name}-{}.trigger\n", record.version));
        }
    }
    if let Err(error) = database.save(process) {
        process.err(format!("ERROR: Failed to write database: {}\n", error.text()));
        return 1;
    }
    if !quiet {
        total(process, database);
    }
    0
}

fn total(process: &mut Process, database: &Database) {
    let table = PackageSystem::Alpine.packages();
    let of_base = |name: &str| table.get(name).map_or(0, |package| package.size);
    let bytes: u64 = database.records.values().map(|r| if r.size == 0 && !r.ours { of_base(&r.name) } else { r.size }).sum();
    process.out(format!("OK: {} MiB in {} packages\n", bytes.div_ceil(1 << 20), database.records.len()));
}

fn info(process: &mut Process, args: &Arguments) -> i32 {
    let database = Database::load(process, PackageSystem::Alpine);
    if args.command() == "search" {
        let table = super::table(process, PackageSystem::Alpine);
        for (name, package) in table.iter().filter(|(name, _)| args.rest().iter().any(|word| name.contains(word.trim_matches('*')))) {
            process.out(format!("{name}-{}\n", package.version));
        }
        return 0;
    }
    if args.rest().is_empty() {
        for record in database.records.values() {
            let line = if args.has(&["-v"]) { format!("{}-{}\n", record.name, record.version) } else { format!("{}\n", record.name) };
            process.out(line);
        }
        return 0;
    }
    let mut status = 0;
    for name in args.rest() {
        match database.records.get(name) {
            Some(_) if args.has(&["-e", "--installed"]) => process.out(format!("{name}\n")),
            Some(record) if args.has(&["-L", "--contents"]) => {
                process.out(format!("{name}-{} contains:\n", record.version));
                for file in &record.files {
                    process.out(format!("{}\n", file.trim_start_matches('/')));
                }
                process.out("\n");
            }
            Some(record) => process.out(format!("{name}-{} installed size:\n{} KiB\n\n", record.version, record.size >> 10)),
            None => status = 1,
        }
    }
    status
}

fn clean(process: &mut Process) {
    for name in process.list("/var/cache/apk").unwrap_or_default() {
        let _ = process.remove_all(&format!("/var/cache/apk/{name}"));
    }
}
