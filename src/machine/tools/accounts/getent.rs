//! getent: lines of the databases.

use super::super::options::usage;
use super::database::{field, rows};
use crate::machine::Process;

/// getent: lines of the databases.
pub fn getent(p: &mut Process) -> i32 {
    let words: Vec<String> = p.args[1..].iter().filter(|a| !a.starts_with('-')).cloned().collect();
    const HELP: &str = "Try `getent --help' or `getent --usage' for more information.\n";
    let Some(database) = words.first() else {
        if p.busybox() {
            return usage(p);
        }
        p.fail("wrong number of arguments");
        p.out(HELP);
        return 1;
    };
    if database == "hosts" || database == "ahosts" {
        let text = p.text("/etc/hosts");
        let found: Vec<&str> = text.lines().filter(|l| words[1..].iter().all(|w| l.split_whitespace().any(|x| x == w))).collect();
        found.iter().for_each(|line| p.out(format!("{line}\n")));
        return if found.is_empty() { 2 } else { 0 };
    }
    let path = match database.as_str() {
        "passwd" | "group" | "shadow" | "gshadow" | "services" | "protocols" => format!("/etc/{database}"),
        other => {
            p.err(format!("Unknown database: {other}\n"));
            p.out(HELP);
            return 1;
        }
    };
    let all = rows(p, &path);
    let mut status = 0;
    for row in all.iter().filter(|_| words.len() == 1) {
        p.out(row.join(":") + "\n");
    }
    for key in &words[1..] {
        match all.iter().find(|r| field(r, 0) == key || field(r, 2) == key) {
            Some(row) => p.out(row.join(":") + "\n"),
            None => status = 2,
        }
    }
    status
}
