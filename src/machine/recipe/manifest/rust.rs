//! Cargo.toml and Cargo.lock.

use super::super::super::Process;
use super::super::effects::spread;
use super::super::engine::Call;
use super::text::{list, section, tables, value};
use super::{Item, locked};

/// The crates that a project needs, their sources' sizes.
pub fn packages(process: &mut Process) -> Vec<Item> {
    let lock = process.text("Cargo.lock");
    if !lock.is_empty() {
        let read = |table: &&str| {
            value(table.lines(), "source")?;
            Some(locked("cargo", value(table.lines(), "name")?, value(table.lines(), "version")?))
        };
        return tables(&lock, "package").iter().filter_map(read).collect();
    }
    let mut found = Vec::new();
    for folder in members(process) {
        for line in section(&process.text(&format!("{folder}/Cargo.toml")), "dependencies") {
            let Some((name, version)) = line.split_once('=') else { continue };
            let version = version.split(['"', '\'']).nth(1).unwrap_or("1.0.0");
            let mut item = locked("cargo", name.trim().trim_end_matches(".workspace"), version);
            // Without a lock nobody knows what it needs itself.
            item.count = spread(&item.name, 2, 14);
            item.size = item.size.max(120_000) * item.count;
            found.push(item);
        }
    }
    found
}

/// Folders of the workspace's packages.
fn members(process: &mut Process) -> Vec<String> {
    let mut folders = vec![".".to_owned()];
    for member in list(&process.text("Cargo.toml"), "members") {
        match member.strip_suffix("/*") {
            Some(parent) => folders.extend(process.list(parent).unwrap_or_default().iter().map(|name| format!("{parent}/{name}"))),
            None => folders.push(member),
        }
    }
    folders.retain(|folder| process.exists(&format!("{folder}/Cargo.toml")));
    folders
}

/// The programs that a build makes, with their sizes.
pub fn programs(process: &mut Process, call: &Call) -> Vec<Item> {
    let needed: u64 = packages(process).iter().map(|item| item.count).sum();
    let release = call.args.has(&["--release", "-r"]) || call.args.value(&["--profile"]).is_some() || call.args.command() == "install";
    let wanted: Vec<String> = call.args.flags.iter().filter(|(flag, _)| flag == "--bin").map(|(_, name)| name.clone()).collect();
    let stripped = process.text("Cargo.toml").contains("strip = true") || process.text("Cargo.toml").contains("strip = \"symbols\"");
    let mut found = Vec::new();
    for folder in members(process) {
        let text = process.text(&format!("{folder}/Cargo.toml"));
        let Some(name) = value(section(&text, "package"), "name").map(str::to_owned) else { continue };
        let mut names: Vec<String> = tables(&text, "bin").iter().filter_map(|bin| value(bin.lines(), "name").map(str::to_owned)).collect();
        if names.is_empty() && process.exists(&format!("{folder}/src/main.rs")) {
            names.push(name.clone());
        }
        for file in process.list(&format!("{folder}/src/bin")).unwrap_or_default() {
            names.push(file.trim_end_matches(".rs").to_owned());
        }
        for name in names.into_iter().filter(|name| wanted.is_empty() || wanted.contains(name)) {
            // What is linked of a crate, on the average.
            let linked = 415_000 + needed * 52_000;
            let size = match (release, stripped) {
                (true, true) => linked * 7 / 10,
                (true, false) => linked,
                (false, _) => linked * 11,
            };
            found.push(Item { name, size, count: 0, ..Item::default() });
        }
    }
    found
}
