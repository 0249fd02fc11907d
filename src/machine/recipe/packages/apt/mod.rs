//! apt-get, apt, apt-mark, apt-cache: what they do to the image, and in brief what they print.

mod install;
mod lists;
mod remove;
mod tell;

pub use install::archive;
pub use tell::{cache, mark};

use super::super::arguments::Arguments;
use super::super::effects;
use super::NOT_ROOT;
use super::database::Database;
use crate::filesystem::Errno;
use crate::machine::Process;

use install::install_command;
use lists::update;
use remove::remove;
use tell::list;

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

fn upgrade(process: &mut Process, args: &Arguments) -> Result<(), String> {
    if loudness(args) == 2 {
        process.out("Reading package lists...\nBuilding dependency tree...\nReading state information...\nCalculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
    }
    effects::take(process, 0.9);
    Ok(())
}

fn clean(process: &mut Process) -> Result<(), String> {
    clean_archives(process);
    for name in ["pkgcache.bin", "srcpkgcache.bin"] {
        let _ = process.remove_all(&format!("/var/cache/apt/{name}"));
    }
    Ok(())
}

fn clean_archives(process: &mut Process) {
    for name in process.list(ARCHIVES).unwrap_or_default().iter().filter(|name| name.ends_with(".deb")) {
        let _ = process.remove_all(&format!("{ARCHIVES}/{name}"));
    }
}

pub(in crate::machine::recipe::packages) fn save(process: &mut Process, database: &Database) -> Result<(), String> {
    database.save(process).map_err(|error: Errno| format!("E: {}: {}", database.system.database(), error.text()))
}
