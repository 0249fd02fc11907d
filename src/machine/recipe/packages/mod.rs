//! Package managers: what they can install is a table of [`world::packages`](crate::world::packages), what they have
//! installed is a database in the image, in the form that the real one has.

mod apk;
mod apt;
mod database;
mod dpkg;
mod place;
mod rpm;

use super::super::Process;
use crate::world::packages::{self, Package, PackageSystem, Packages};
use database::{Database, Record};

/// The database is root's.
const NOT_ROOT: i32 = 100;

type Manager = fn(&mut Process) -> i32;

const MANAGERS: &[(&str, Manager)] = &[
    ("apk", apk::run),
    ("apt", apt::run),
    ("apt-cache", apt::cache),
    ("apt-get", apt::run),
    ("apt-mark", apt::mark),
    ("aptitude", apt::run),
    ("dnf", rpm::run),
    ("dnf5", rpm::run),
    ("dpkg", dpkg::run),
    ("dpkg-query", dpkg::query),
    ("microdnf", rpm::run),
    ("rpm", rpm::rpm),
    ("tdnf", rpm::run),
    ("yum", rpm::run),
];

/// Whether this is the name of a package manager.
pub fn knows(name: &str) -> bool {
    MANAGERS.iter().any(|(other, _)| *other == name)
}

/// Runs the package manager of this name; `None`: it is none.
pub fn run(process: &mut Process, name: &str) -> Option<i32> {
    MANAGERS.iter().find(|(other, _)| *other == name).map(|(_, run)| run(process))
}

/// One package to install.
struct Wanted {
    name: String,
    package: Package,
    /// As pinned on the command line, else as the table has it.
    version: String,
    /// It came along with another.
    auto: bool,
}

/// What to install for these `(name, pinned version)`, each after what it needs.
fn wanted(table: &Packages, database: &Database, names: &[(String, String)], recommended: bool) -> Vec<Wanted> {
    let asked: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
    packages::closure(table, &asked, &|name| database.provides(name), recommended)
        .into_iter()
        .map(|(name, package)| {
            let pinned = names.iter().find(|(asked, _)| *asked == name).map(|(_, version)| version.as_str());
            let version = match pinned.unwrap_or("") {
                "" => revised(database.system, &package.version),
                pinned => pinned.trim_end_matches('*').trim_end_matches('.').to_owned(),
            };
            Wanted { version, auto: pinned.is_none(), name, package }
        })
        .collect()
}

/// A version with the distribution's own revision at its end.
fn revised(system: PackageSystem, version: &str) -> String {
    let revision = match system {
        _ if version.contains('-') || version.starts_with("20") => "",
        PackageSystem::Debian => "-1",
        PackageSystem::Alpine => "-r0",
        PackageSystem::Rpm => "-1.el9",
    };
    version.to_owned() + revision
}

/// Puts the files of a package into the tree and its record into the database.
fn install(process: &mut Process, database: &mut Database, wanted: &Wanted) -> Result<(), String> {
    let files = place::place(process, database.system, &wanted.name, &wanted.package)
        .map_err(|(path, error)| format!("{path}: {}", error.text()))?;
    let mut depends = wanted.package.depends.clone();
    depends.extend(wanted.package.recommends.iter().filter(|name| database.provides(name)).cloned());
    let record = Record {
        name: wanted.name.clone(),
        version: wanted.version.clone(),
        size: wanted.package.size,
        depends,
        auto: wanted.auto,
        ours: true,
        files,
        raw: String::new(),
    };
    database.records.insert(wanted.name.clone(), record);
    Ok(())
}

/// Takes the files of a package out of the tree and its record out of the database.
fn uninstall(process: &mut Process, database: &mut Database, name: &str) {
    if let Some(record) = database.records.remove(name) {
        place::take_away(process, &record.files);
    }
}

/// What this image's package manager can install: a package of another repository, `NAME@REPOSITORY` in the table, comes before the
/// distribution's once a list of that repository is there.
fn table(process: &Process, system: PackageSystem) -> Packages {
    let mut table = packages::table(system, &process.system.project);
    let lists: Vec<String> =
        ["/etc/apt/sources.list.d", "/etc/yum.repos.d"].iter().filter_map(|folder| process.list(folder).ok()).flatten().collect();
    let others: Vec<(String, String)> = table.keys().filter_map(|key| key.split_once('@')).map(|(a, b)| (a.into(), b.into())).collect();
    for (name, repository) in others {
        if let Some(package) = table.remove(&format!("{name}@{repository}"))
            && lists.iter().any(|list| list.starts_with(&repository))
        {
            table.insert(name, package);
        }
    }
    table
}

/// A remark that a name is not in the table, so that its size is a guess.
fn remark(process: &mut Process, table: &Packages, wanted: &[Wanted]) {
    for wanted in wanted.iter().filter(|wanted| !packages::known(table, &wanted.name)) {
        process.err(format!("bottleship: {} is not in the package table; its size is a guess\n", wanted.name));
    }
}

/// Whether a text could be the name of a package.
fn plausible(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    first && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-' | b'_' | b':'))
}

/// `1234567` as apt writes it: `1,235 kB`.
fn si(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => grouped(bytes.div_ceil(1000)) + " kB",
        10_000_000..100_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => grouped(bytes / 1_000_000) + " MB",
    }
}

fn grouped(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
}
