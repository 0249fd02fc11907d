//! The databases of installed packages: `/var/lib/dpkg/status` with `info/*.list`, `/lib/apk/db/installed` with `world`,
//! and for rpm, whose real form is binary, stanzas like dpkg's.

use std::collections::BTreeMap;

use super::super::super::Process;
use super::super::effects;
use crate::filesystem::Errno;
use crate::world::packages::{OURS, PackageSystem, apk_stanza, dpkg_stanza};

const INFO: &str = "/var/lib/dpkg/info";
const STATES: &str = "/var/lib/apt/extended_states";
const WORLD: &str = "/etc/apk/world";

/// An installed package.
#[derive(Debug, Default)]
pub struct Record {
    pub name: String,
    pub version: String,
    /// Installed bytes; 0: the image came with it.
    pub size: u64,
    /// Names of packages that it keeps installed.
    pub depends: Vec<String>,
    /// It came along with another.
    pub auto: bool,
    /// A recipe installed it.
    pub ours: bool,
    /// Paths that it brought; folders end with `/`. Empty for packages of the base image.
    pub files: Vec<String>,
    /// Its stanza as read; empty: to be written anew.
    pub raw: String,
}

/// All installed packages by name.
#[derive(Debug)]
pub struct Database {
    pub system: PackageSystem,
    pub records: BTreeMap<String, Record>,
}

impl Database {
    /// Reads it from the image.
    pub fn load(process: &Process, system: PackageSystem) -> Self {
        let text = process.text(system.database());
        let marks = match system {
            PackageSystem::Debian => process.text(STATES),
            _ => String::new(),
        };
        let world = process.text(WORLD);
        let mut records = BTreeMap::new();
        for stanza in text.split("\n\n").filter(|stanza| !stanza.trim().is_empty()) {
            let mut record = if system == PackageSystem::Alpine { read_apk(stanza) } else { read_dpkg(stanza) };
            if record.name.is_empty() {
                continue;
            }
            record.auto |= match system {
                PackageSystem::Debian => {
                    record.files = process.text(&format!("{INFO}/{}.list", record.name)).lines().map(str::to_owned).collect();
                    marks.contains(&format!("Package: {}\n", record.name))
                }
                PackageSystem::Alpine => !world.lines().any(|line| bare(line) == record.name),
                PackageSystem::Rpm => false,
            };
            records.insert(record.name.clone(), record);
        }
        Self { system, records }
    }

    /// Whether it has a package of this name.
    pub fn has(&self, name: &str) -> bool {
        self.records.contains_key(name)
    }

    /// Whether a package of this name, or one that stands for it, is there.
    pub fn provides(&self, name: &str) -> bool {
        self.has(name)
            || name.ends_with("t64") && self.has(&name[..name.len() - 3])
            || self.records.contains_key(&(name.to_owned() + "t64"))
    }

    /// Packages that came along with others and that nobody needs any more, dependents first.
    pub fn orphans(&self) -> Vec<String> {
        let mut keep = std::collections::BTreeSet::new();
        let mut todo: Vec<&str> = self.records.values().filter(|r| !r.auto || !r.ours).map(|r| r.name.as_str()).collect();
        while let Some(name) = todo.pop() {
            if keep.insert(name)
                && let Some(record) = self.records.get(name)
            {
                todo.extend(record.depends.iter().map(String::as_str));
            }
        }
        self.records.keys().filter(|name| !keep.contains(name.as_str())).cloned().collect()
    }

    /// Those of `names` and all that needs them.
    pub fn dependents(&self, names: &[String]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut todo: Vec<String> = names.iter().filter(|name| self.has(name)).cloned().collect();
        while let Some(name) = todo.pop() {
            if found.contains(&name) {
                continue;
            }
            todo.extend(self.records.values().filter(|r| r.depends.contains(&name)).map(|r| r.name.clone()));
            found.push(name);
        }
        found.reverse();
        found
    }

    /// Writes it into the image.
    pub fn save(&self, process: &mut Process) -> Result<(), Errno> {
        let mut text = String::new();
        for record in self.records.values() {
            match (record.raw.is_empty(), self.system) {
                (false, _) => {
                    text.push_str(&record.raw);
                    text.push_str("\n\n");
                }
                (_, PackageSystem::Alpine) => text.push_str(&write_apk(record)),
                _ => text.push_str(&write_dpkg(record, self.system)),
            }
        }
        effects::text(process, self.system.database(), &text)?;
        match self.system {
            PackageSystem::Debian => self.save_lists(process),
            PackageSystem::Alpine => {
                let old = process.text(WORLD);
                let mut world: Vec<String> = old.lines().filter(|line| self.has(bare(line))).map(str::to_owned).collect();
                world.retain(|line| self.records.get(bare(line)).is_some_and(|record| !record.auto));
                for record in self.records.values().filter(|record| !record.auto) {
                    if !world.iter().any(|line| bare(line) == record.name) {
                        world.push(record.name.clone());
                    }
                }
                crate::base::sort(&mut world);
                effects::text(process, WORLD, &(world.join("\n") + "\n"))
            }
            PackageSystem::Rpm => Ok(()),
        }
    }

    fn save_lists(&self, process: &mut Process) -> Result<(), Errno> {
        let mut states = String::new();
        for record in self.records.values() {
            if record.auto {
                states.push_str("Package: ");
                states.push_str(&record.name);
                states.push_str("\nArchitecture: amd64\nAuto-Installed: 1\n\n");
            }
            let list = format!("{INFO}/{}.list", record.name);
            if record.ours && !process.exists(&list) {
                effects::text(process, &list, &(record.files.join("\n") + "\n"))?;
            }
        }
        for name in process.list(INFO).unwrap_or_default() {
            if let Some(package) = name.strip_suffix(".list")
                && !self.has(package.split(':').next().unwrap_or(package))
            {
                let _ = process.remove_all(&format!("{INFO}/{name}"));
            }
        }
        if states != process.text(STATES) { effects::text(process, STATES, &states) } else { Ok(()) }
    }
}

/// The name in a line of `world`: `curl=8.1`, `git>2`, `x@edge`.
pub fn bare(line: &str) -> &str {
    line.split(['=', '<', '>', '~', '@']).next().unwrap_or(line)
}

fn words(text: &str) -> Vec<String> {
    text.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn read_dpkg(stanza: &str) -> Record {
    let mut record = Record { raw: stanza.trim_end_matches('\n').trim_start_matches('\n').to_owned(), ..Record::default() };
    let mut depends = "";
    for line in stanza.lines() {
        match line.split_once(": ").unwrap_or((line, "")) {
            ("Package", value) => record.name = value.to_owned(),
            ("Version", value) => record.version = value.to_owned(),
            ("Installed-Size", value) => record.size = value.parse::<u64>().unwrap_or(0) * 1024,
            ("Maintainer", value) => record.ours = value == OURS,
            ("Depends", value) => depends = value,
            ("Files", value) => record.files = words(value),
            ("Auto", _) => record.auto = true,
            _ => {}
        }
    }
    if record.ours {
        record.depends = words(depends);
    }
    record
}

fn write_dpkg(record: &Record, system: PackageSystem) -> String {
    let mut stanza = dpkg_stanza(&record.name, &record.version, record.size / 1024);
    stanza.pop();
    let mut field = |name: &str, value: &str| {
        stanza.push_str(name);
        stanza.push_str(": ");
        stanza.push_str(value);
        stanza.push('\n');
    };
    field("Maintainer", OURS);
    if !record.depends.is_empty() {
        field("Depends", &record.depends.join(", "));
    }
    if system == PackageSystem::Rpm {
        field("Files", &record.files.join(" "));
        if record.auto {
            field("Auto", "1");
        }
    }
    stanza.push('\n');
    stanza
}

fn read_apk(stanza: &str) -> Record {
    let mut record = Record { raw: stanza.trim_matches('\n').to_owned(), ..Record::default() };
    let mut folder = String::new();
    let mut depends = "";
    for (key, value) in stanza.lines().filter_map(|line| line.split_once(':')) {
        match key {
            "P" => record.name = value.to_owned(),
            "V" => record.version = value.to_owned(),
            "I" => record.size = value.parse().unwrap_or(0),
            "m" => record.ours = value == OURS,
            "D" => depends = value,
            "F" => {
                folder = format!("/{value}");
            }
            "R" => record.files.push(format!("{folder}/{value}")),
            _ => {}
        }
    }
    if record.ours {
        record.depends = words(depends);
    }
    record
}

fn write_apk(record: &Record) -> String {
    let mut stanza = apk_stanza(&record.name, &record.version, record.size);
    stanza.pop();
    stanza.push_str(&format!("m:{OURS}\n"));
    if !record.depends.is_empty() {
        stanza.push_str(&format!("D:{}\n", record.depends.join(" ")));
    }
    for path in record.files.iter().filter(|path| !path.ends_with('/')) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        stanza.push_str(&format!("F:{}\nR:{name}\n", folder.trim_start_matches('/')));
    }
    stanza.push('\n');
    stanza
}
