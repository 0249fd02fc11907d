//! Recipes: programs that have only effects (package managers, compilers), modelled. Package managers of the system and
//! the go command are code, because they read what is there; all others are data for one small engine.

mod arguments;
mod call;
mod download;
mod effects;
mod engine;
mod go;
mod manifest;
mod packages;
mod script;
mod template;

use super::Process;
use crate::world::recipe;

pub use download::top;
pub use script::{installer, interpreted};

/// The name under which recipes know a program: `pip3.11` is `pip`, `gcc-12` is `gcc`.
pub fn known_as<'n>(process: &Process, name: &'n str) -> Option<&'n str> {
    let knows = |name: &str| name == "go" || packages::knows(name) || recipe::known(name, &process.system.project.recipes);
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-');
    [name, plain].into_iter().find(|name| knows(name))
}

/// Answers for a tool that meets something modelled which it could not read; `None`: it is on its own.
pub fn meet(process: &mut Process, name: &str) -> Option<i32> {
    download::meet(process, name)
}

/// Runs the recipe of the program `name`, found in `file`, with `process.args`; `None`: it has none for these arguments.
pub fn run(process: &mut Process, name: &str, file: &str) -> Option<i32> {
    match name {
        "go" => go::run(process),
        name => packages::run(process, name).or_else(|| engine::run(process, name, file)),
    }
}

#[cfg(test)]
mod tests;
