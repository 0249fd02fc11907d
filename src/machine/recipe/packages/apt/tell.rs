//! What apt knows and is told: `apt list`, `apt-mark`, `apt-cache`.

use super::super::super::arguments::Arguments;
use super::super::database::Database;
use super::super::plausible;
use super::lists::lists_are_there;
use super::remove::matches;
use super::{VALUED, save};
use crate::machine::Process;
use crate::world::packages::{self, PackageSystem};

pub(super) fn list(process: &mut Process) -> Result<(), String> {
    let database = Database::load(process, PackageSystem::Debian);
    process.out("Listing...\n");
    for record in database.records.values() {
        process.out(format!("{}/now {} amd64 [installed]\n", record.name, record.version));
    }
    Ok(())
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
    let table = super::super::table(process, PackageSystem::Debian);
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
