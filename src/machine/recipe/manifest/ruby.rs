//! Gemfile and Gemfile.lock.

use super::super::super::Process;
use super::text::quoted;
use super::{Item, locked, package};

/// The gems of a project.
pub fn packages(process: &mut Process) -> Vec<Item> {
    let lock = process.text("Gemfile.lock");
    let mut found: Vec<Item> = Vec::new();
    // `    rack (3.0.0)`: four spaces; what a gem needs itself stands deeper.
    for line in lock.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     ")) {
        if let Some((name, version)) = line.trim().split_once(" (") {
            found.push(locked("gem", name, version.trim_end_matches(')')));
        }
    }
    if found.is_empty() {
        let text = process.text("Gemfile");
        let gems = text.lines().map(str::trim).filter(|line| line.starts_with("gem ") || line.starts_with("gem("));
        found.extend(gems.filter_map(quoted).map(|name| package("gem", name, "")));
    }
    found
}
