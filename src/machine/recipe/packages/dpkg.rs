//! dpkg and dpkg-query on the database in the image.

use super::super::super::Process;
use super::super::arguments::Arguments;
use super::database::Database;
use super::{apt, uninstall};
use crate::machine::shell::glob;
use crate::world::packages::PackageSystem;

/// Runs `dpkg …`.
pub fn run(process: &mut Process) -> i32 {
    let args = process.args[1..].to_vec();
    let (mut action, mut words) = (String::new(), Vec::new());
    for arg in args {
        match arg.strip_prefix("--").or(arg.strip_prefix('-')) {
            Some(option) if action.is_empty() && !option.starts_with("force") && !option.starts_with("no-") && option != "E" => {
                action = option.to_owned();
            }
            Some(_) => {}
            None => words.push(arg),
        }
    }
    match action.as_str() {
        "print-architecture" => process.out("amd64\n"),
        "print-foreign-architectures" => {
            let text = process.text("/var/lib/dpkg/arch");
            process.out(text.lines().filter(|line| *line != "amd64").map(|line| format!("{line}\n")).collect::<String>());
        }
        "add-architecture" => {
            let old = process.text("/var/lib/dpkg/arch");
            let text = words.iter().filter(|word| !old.contains(word.as_str())).fold(old.clone(), |text, word| text + word + "\n");
            let text = if text.starts_with("amd64") { text } else { format!("amd64\n{text}") };
            let _ = process.write("/var/lib/dpkg/arch", text.as_str());
        }
        "remove-architecture" | "configure" | "configure-pending" | "a" | "audit" | "clear-avail" | "set-selections" | "purge-unused" => {}
        "install" | "i" | "unpack" | "recursive" | "R" | "iR" => {
            let result = install(process, &words);
            return done(process, result);
        }
        "remove" | "r" | "purge" | "P" => {
            let result = remove(process, &words);
            return done(process, result);
        }
        "compare-versions" => return compare(&words),
        "version" => process.out("Debian 'dpkg' package management program version 1.21.22 (amd64).\n"),
        "get-selections" => {
            for name in Database::load(process, PackageSystem::Debian).records.keys() {
                process.out(format!("{name}\t\t\t\t\tinstall\n"));
            }
        }
        _ => return query(process),
    }
    0
}

fn done(process: &mut Process, result: Result<(), String>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(text) => {
            process.err(text + "\n");
            1
        }
    }
}

fn install(process: &mut Process, archives: &[String]) -> Result<(), String> {
    if !process.ids.is_root() {
        return Err("dpkg: error: requested operation requires superuser privilege".into());
    }
    let table = super::table(process, PackageSystem::Debian);
    let mut database = Database::load(process, PackageSystem::Debian);
    for path in archives {
        apt::archive(process, &mut database, &table, path)?;
    }
    apt::save(process, &database)
}

fn remove(process: &mut Process, names: &[String]) -> Result<(), String> {
    let mut database = Database::load(process, PackageSystem::Debian);
    for name in names {
        if !database.has(name) {
            process.err(format!("dpkg: warning: ignoring request to remove {name} which isn't installed\n"));
            continue;
        }
        process.out(format!("Removing {name} ...\n"));
        uninstall(process, &mut database, name);
    }
    apt::save(process, &database)
}

/// Runs `dpkg-query …`, and the questions that dpkg passes on to it.
pub fn query(process: &mut Process) -> i32 {
    let args = Arguments::letters(&process.args[1..], &["-f", "--showformat", "--admindir"]);
    let database = Database::load(process, PackageSystem::Debian);
    let mut status = 0;
    let mut missing = |process: &mut Process, text: String| {
        process.err(text);
        status = 1;
    };
    if args.has(&["-W", "--show", "-l", "--list"]) {
        let long = args.has(&["-l", "--list"]);
        let format = args.value(&["-f", "--showformat"]).unwrap_or("${binary:Package}\\t${Version}\\n").trim_start_matches('=').to_owned();
        if long {
            process.out("Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ Name Version Architecture Description\n+++-====-=======-============-===========\n");
        }
        let all = ["*".to_owned()];
        for pattern in if args.words.is_empty() { &all[..] } else { &args.words } {
            let mut found = false;
            for record in database.records.values().filter(|record| glob::matches(pattern, &record.name)) {
                found = true;
                let line = if long {
                    format!("ii  {} {} amd64 {}\n", record.name, record.version, record.name)
                } else {
                    show(&format, &record.name, &record.version, record.size / 1024)
                };
                process.out(line);
            }
            if !found {
                missing(process, format!("dpkg-query: no packages found matching {pattern}\n"));
            }
        }
        return status;
    }
    for word in &args.words {
        let name = word.split(':').next().unwrap_or(word);
        if args.has(&["-S", "--search"]) {
            let owners: Vec<(&str, &str)> = database
                .records
                .values()
                .flat_map(|r| r.files.iter().map(move |file| (r.name.as_str(), file.trim_end_matches('/'))))
                .filter(|(_, file)| if word.starts_with('/') { file == word } else { file.contains(word.trim_matches('*')) })
                .collect();
            for (owner, file) in &owners {
                process.out(format!("{owner}: {file}\n"));
            }
            if owners.is_empty() {
                missing(process, format!("dpkg-query: no path found matching pattern {word}\n"));
            }
            continue;
        }
        let Some(record) = database.records.get(name) else {
            missing(
                process,
                format!("dpkg-query: package '{name}' is not installed\nUse dpkg --info (= dpkg-deb --info) to examine archive files.\n"),
            );
            continue;
        };
        if args.has(&["-L", "--listfiles"]) {
            let list: String = record.files.iter().map(|file| format!("{}\n", file.trim_end_matches('/'))).collect();
            process.out(format!("/.\n{list}"));
        } else {
            let size = record.size / 1024;
            process.out(format!(
                "Package: {name}\nStatus: install ok installed\nInstalled-Size: {size}\nArchitecture: amd64\nVersion: {}\n\n",
                record.version
            ));
        }
    }
    status
}

fn show(format: &str, name: &str, version: &str, kilobytes: u64) -> String {
    format
        .replace("${binary:Package}", name)
        .replace("${Package}", name)
        .replace("${Version}", version)
        .replace("${Status}", "install ok installed")
        .replace("${db:Status-Status}", "installed")
        .replace("${db:Status-Abbrev}", "ii ")
        .replace("${Architecture}", "amd64")
        .replace("${Installed-Size}", &kilobytes.to_string())
        .replace("\\n", "\n")
        .replace("\\t", "\t")
}

/// `dpkg --compare-versions A OP B`: dpkg's order of versions without epochs' subtleties.
fn compare(words: &[String]) -> i32 {
    let [a, op, b] = words else { return 2 };
    let order = order(a, b);
    let holds = match op.as_str() {
        "lt" | "<<" => order.is_lt(),
        "le" | "<" | "<=" => order.is_le(),
        "eq" | "=" => order.is_eq(),
        "ne" => order.is_ne(),
        "ge" | ">" | ">=" => order.is_ge(),
        "gt" | ">>" => order.is_gt(),
        _ => return 2,
    };
    i32::from(!holds)
}

fn order(a: &str, b: &str) -> std::cmp::Ordering {
    let split = |text: &str| match text.split_once(':') {
        Some((epoch, rest)) => (epoch.parse::<u64>().unwrap_or(0), rest.to_owned()),
        None => (0, text.to_owned()),
    };
    let ((ea, a), (eb, b)) = (split(a), split(b));
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    let mut result = ea.cmp(&eb);
    // Parts without digits and numbers take turns; `~` sorts before the end.
    let weight = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(b) if b.is_ascii_digit() => 0,
        Some(b) if b.is_ascii_alphabetic() => i32::from(*b),
        Some(b) => i32::from(*b) + 256,
    };
    while result.is_eq() && !(a.is_empty() && b.is_empty()) {
        while result.is_eq() && (a.first().is_some_and(|c| !c.is_ascii_digit()) || b.first().is_some_and(|c| !c.is_ascii_digit())) {
            result = weight(a.first()).cmp(&weight(b.first()));
            a = a.get(1..).unwrap_or_default();
            b = b.get(1..).unwrap_or_default();
        }
        let digits = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_digit()).count();
        let (da, db) = (digits(a), digits(b));
        let number = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|text| text.parse::<u128>().ok()).unwrap_or(0);
        if result.is_eq() {
            result = number(&a[..da]).cmp(&number(&b[..db]));
        }
        (a, b) = (&a[da..], &b[db..]);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare() {
        let is = |a: &str, op: &str, b: &str| compare(&[a.into(), op.into(), b.into()]) == 0;
        assert!(is("1.10", "gt", "1.9") && is("1.0~rc1", "lt", "1.0") && is("1:0.1", "gt", "9") && is("1.0-1", "eq", "1.0-1"));
        assert!(is("1.0a", "gt", "1.0") && !is("2", "le", "1") && is("1.0+b1", "gt", "1.0"));
    }
}
