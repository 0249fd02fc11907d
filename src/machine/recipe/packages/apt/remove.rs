//! `apt-get remove`, `purge`, `autoremove`.

use super::super::super::arguments::Arguments;
use super::super::super::effects;
use super::super::database::Database;
use super::super::uninstall;
use super::lists::lists_are_there;
use super::{loudness, save};
use crate::machine::Process;
use crate::machine::regex::{Regex, Syntax};
use crate::machine::shell::glob;
use crate::world::packages::{self, PackageSystem};

pub(super) fn remove(process: &mut Process, args: &Arguments) -> Result<(), String> {
    let mut database = Database::load(process, PackageSystem::Debian);
    let table = super::super::table(process, PackageSystem::Debian);
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

pub(super) fn autoremove(process: &mut Process, database: &mut Database) -> Vec<String> {
    let orphans = database.orphans();
    for name in &orphans {
        uninstall(process, database, name);
    }
    orphans
}

/// Installed packages whose names match a regular expression, or a glob.
pub(super) fn matches(database: &Database, pattern: &str) -> Vec<String> {
    let regex = Regex::new(pattern.as_bytes(), Syntax { extended: true, ..Syntax::default() }).ok();
    let names = database.records.keys();
    let fits = |name: &&String| regex.as_ref().is_some_and(|regex| regex.is_match(name.as_bytes()));
    let globbed = |name: &&String| glob::matches(pattern, name);
    let found: Vec<String> = names.clone().filter(globbed).cloned().collect();
    if found.is_empty() { names.filter(fits).cloned().collect() } else { found }
}
