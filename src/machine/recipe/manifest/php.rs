//! composer.json and composer.lock.

use serde_json::Value;

use super::super::super::Process;
use super::super::engine::Call;
use super::{Item, locked, package};

/// The packages of a project.
pub fn packages(process: &mut Process, call: &Call) -> Vec<Item> {
    let kinds = if call.args.has(&["--no-dev"]) { 1 } else { 2 };
    let read = |process: &Process, name: &str| serde_json::from_str::<Value>(&process.text(name)).unwrap_or_default();
    let lock = read(process, "composer.lock");
    let mut found = Vec::new();
    for key in ["packages", "packages-dev"].into_iter().take(kinds) {
        for entry in lock[key].as_array().into_iter().flatten() {
            let text = |key: &str| entry[key].as_str().unwrap_or("").to_owned();
            found.push(locked("composer", &text("name"), text("version").trim_start_matches('v')));
        }
    }
    if found.is_empty() {
        let manifest = read(process, "composer.json");
        for key in ["require", "require-dev"].into_iter().take(kinds) {
            let names = manifest[key].as_object().into_iter().flatten().filter(|(name, _)| name.contains('/'));
            found.extend(names.map(|(name, range)| package("composer", name, range.as_str().unwrap_or("").trim_start_matches(['^', '~']))));
        }
    }
    found
}
