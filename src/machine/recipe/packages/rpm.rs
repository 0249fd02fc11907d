//! dnf, yum, microdnf, tdnf and rpm. Their real database is binary: here it is stanzas of text.

use super::super::super::{Network, Process};
use super::super::arguments::Arguments;
use super::super::effects;
use super::database::Database;
use super::{Wanted, install, plausible, remark, si, uninstall, wanted};
use crate::machine::shell::glob;
use crate::world::packages::{self, PackageSystem};

const VALUED: &[&str] = &[
    "-c",
    "--enablerepo",
    "--disablerepo",
    "--repo",
    "--repoid",
    "--releasever",
    "--setopt",
    "--installroot",
    "-x",
    "--exclude",
    "--disableplugin",
    "--advisory",
    "-e",
    "-d",
];
const CACHE: &str = "/var/cache/dnf";
const METADATA: u64 = 32_000_000;

/// Runs `dnf …`.
pub fn run(process: &mut Process) -> i32 {
    let args = Arguments::letters(&process.args[1..], VALUED);
    let command = args.command().to_owned();
    let changes =
        !matches!(command.as_str(), "" | "list" | "info" | "search" | "repolist" | "repoquery" | "provides" | "help" | "check-update");
    if changes && !process.ids.is_root() {
        process.err("Error: This command has to be run with superuser privileges (under the root user on most systems).\n");
        return 1;
    }
    match command.as_str() {
        "install" | "localinstall" | "groupinstall" | "reinstall" | "group" | "builddep" | "swap" => add(process, &args),
        "update" | "upgrade" | "makecache" | "distro-sync" | "update-minimal" | "upgrade-minimal" => {
            let online = metadata(process);
            if online == 0 {
                process.out("Dependencies resolved.\nNothing to do.\nComplete!\n");
            }
            online
        }
        "remove" | "erase" | "autoremove" | "history" => remove(process, &args),
        "clean" => {
            let _ = process.remove_all(CACHE);
            process.out("0 files removed\n");
            0
        }
        "list" | "info" | "search" | "repoquery" | "provides" => {
            let database = Database::load(process, PackageSystem::Rpm);
            for record in database.records.values().filter(|r| args.rest().iter().any(|word| glob::matches(word, &r.name))) {
                process.out(format!("{}.x86_64    {}    @System\n", record.name, record.version));
            }
            0
        }
        "config-manager" | "module" | "repolist" | "check-update" | "copr" | "mark" | "versionlock" | "deplist" | "help" | "" | "shell"
        | "download" => 0,
        other => {
            let name = process.name().to_owned();
            process.err(format!("No such command: {other}. Please use /usr/bin/{name} --help\n"));
            1
        }
    }
}

/// Brings the metadata of the repositories unless it is in the cache.
fn metadata(process: &mut Process) -> i32 {
    let path = format!("{CACHE}/metadata.solv");
    if process.exists(&path) {
        return 0;
    }
    if process.system.network == Network::None {
        process.err("Error: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist: Curl error (6): Couldn't resolve host name\n");
        return 1;
    }
    process.out(format!("Metadata cache created: {}\n", si(METADATA)));
    effects::take(process, 3.0);
    let _ = effects::bulk(process, &path, METADATA);
    0
}

fn add(process: &mut Process, args: &Arguments) -> i32 {
    let table = super::table(process, PackageSystem::Rpm);
    let mut database = Database::load(process, PackageSystem::Rpm);
    if metadata(process) != 0 {
        return 1;
    }
    let (mut names, mut missing) = (Vec::new(), false);
    let words = args.rest().iter().filter(|word| args.command() != "group" || *word != "install" && *word != "swap");
    for word in words {
        // A group, a file, an URL, a name with version or architecture.
        let word = word.rsplit('/').next().unwrap_or(word).trim_start_matches('@').to_ascii_lowercase().replace(' ', "-");
        let name = word.trim_end_matches(".rpm").trim_end_matches(".x86_64").trim_end_matches(".noarch").trim_end_matches('*').to_owned();
        let name = if packages::known(&table, &name) { name } else { name.split("-0:").next().unwrap_or(&name).to_owned() };
        let (name, version) = split_version(&table, &name);
        if database.has(&name) {
            process.out(format!("Package {name} is already installed.\n"));
        } else if plausible(&name) && !packages::foreign(PackageSystem::Rpm, &name) {
            names.push((name, version));
        } else {
            process.err(format!("No match for argument: {name}\n"));
            missing = true;
        }
    }
    if missing && names.is_empty() || missing && process.name() != "yum" && !args.has(&["--skip-broken"]) {
        let list: Vec<&str> = args.rest().iter().map(String::as_str).filter(|word| packages::foreign(PackageSystem::Rpm, word)).collect();
        process.err(format!("Error: Unable to find a match: {}\n", list.join(" ")));
        return 1;
    }
    let weak = !args.flags.iter().any(|(_, value)| value.starts_with("install_weak_deps=")) && process.name() != "microdnf";
    let list = wanted(&table, &database, &names, weak);
    if list.is_empty() {
        process.out("Nothing to do.\nComplete!\n");
        return 0;
    }
    let size: u64 = list.iter().map(|wanted| wanted.package.size).sum();
    process.out(format!(
        "Dependencies resolved.\nInstall  {} Packages\n\nTotal download size: {}\nInstalled size: {}\n",
        list.len(),
        si(size * 3 / 10),
        si(size)
    ));
    remark(process, &table, &list);
    let asks = !args.has(&["-y", "--assumeyes", "--nocommit"])
        && process.name() != "microdnf"
        && !process.text("/etc/dnf/dnf.conf").contains("assumeyes");
    if asks {
        process.out("Is this ok [y/N]: Operation aborted.\n");
        return 1;
    }
    effects::take(process, size as f64 * 0.3 / 20e6 + list.len() as f64 * 0.05 + size as f64 / 60e6);
    let mut text = String::from("Running transaction\n");
    for (at, wanted) in list.iter().enumerate() {
        text.push_str(&format!("  Installing       : {}-{}.x86_64 {}/{}\n", wanted.name, wanted.version, at + 1, list.len()));
        if let Err(error) = install(process, &mut database, wanted) {
            process.err(format!("Error: {error}\n"));
            return 1;
        }
    }
    process.out(text + "Complete!\n");
    save(process, &database)
}

/// `nginx-1.20.1` to its name and version.
fn split_version(table: &packages::Packages, name: &str) -> (String, String) {
    if packages::known(table, name) {
        return (name.to_owned(), String::new());
    }
    let digit = |(at, _): &(usize, &str)| name.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    match name.match_indices('-').find(digit) {
        Some((at, _)) if at > 0 && name[at..].contains('.') => (name[..at].to_owned(), name[at + 1..].to_owned()),
        _ => (name.to_owned(), String::new()),
    }
}

fn remove(process: &mut Process, args: &Arguments) -> i32 {
    let mut database = Database::load(process, PackageSystem::Rpm);
    let names: Vec<String> =
        database.records.keys().filter(|name| args.rest().iter().any(|word| glob::matches(word, name))).cloned().collect();
    let mut gone = database.dependents(&names);
    for name in &gone {
        uninstall(process, &mut database, name);
    }
    for name in database.orphans() {
        uninstall(process, &mut database, &name);
        gone.push(name);
    }
    let mut text = String::from("Dependencies resolved.\n");
    for name in &gone {
        text.push_str(&format!("  Erasing          : {name}\n"));
    }
    process.out(text + "Complete!\n");
    effects::take(process, 0.5 + 0.05 * gone.len() as f64);
    save(process, &database)
}

fn save(process: &mut Process, database: &Database) -> i32 {
    match database.save(process) {
        Ok(()) => 0,
        Err(error) => {
            process.err(format!("error: {}: {}\n", PackageSystem::Rpm.database(), error.text()));
            1
        }
    }
}

/// Runs `rpm …`.
pub fn rpm(process: &mut Process) -> i32 {
    let args = Arguments::letters(&process.args[1..], &["--qf", "--queryformat", "--root", "-E", "--eval"]);
    let mut database = Database::load(process, PackageSystem::Rpm);
    if args.has(&["-E", "--eval", "--import", "--rebuilddb", "-K", "--checksig", "--setperms"]) {
        return 0;
    }
    let words: Vec<String> =
        args.words.iter().map(|word| word.rsplit('/').next().unwrap_or(word).trim_end_matches(".rpm").to_owned()).collect();
    if args.has(&["-q", "--query"]) {
        let mut status = 0;
        for record in database.records.values().filter(|_| args.has(&["-a", "--all"])) {
            process.out(format!("{}-{}.x86_64\n", record.name, record.version));
        }
        for name in words.iter().filter(|_| !args.has(&["-a"])) {
            match database.records.get(name) {
                Some(record) => process.out(format!("{name}-{}.x86_64\n", record.version)),
                None => {
                    process.out(format!("package {name} is not installed\n"));
                    status = 1;
                }
            }
        }
        return status;
    }
    if args.has(&["-e", "--erase"]) {
        for name in &words {
            if !database.has(name) {
                process.err(format!("error: package {name} is not installed\n"));
                return 1;
            }
            uninstall(process, &mut database, name);
        }
        return save(process, &database);
    }
    let table = super::table(process, PackageSystem::Rpm);
    for word in &words {
        let (name, version) = split_version(&table, &word.to_ascii_lowercase());
        if plausible(&name) && !database.has(&name) {
            let package = packages::find(&table, &name);
            let version = if version.is_empty() { package.version.clone() } else { version };
            effects::take(process, 0.5);
            if let Err(error) = install(process, &mut database, &Wanted { name, version, package, auto: false }) {
                process.err(format!("error: {error}\n"));
                return 1;
            }
        }
    }
    save(process, &database)
}
