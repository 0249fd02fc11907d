//! Recipes: programs that have only effects (package managers, compilers), modelled as data.

mod arguments;
mod effects;
mod go;
mod packages;

use super::Process;

/// Whether there may be a recipe for a program of this name.
pub fn knows(_process: &Process, name: &str) -> bool {
    name == "go" || packages::knows(name)
}

/// Runs the recipe of the program `name` with `process.args`; `None`: it has none for these arguments.
pub fn run(process: &mut Process, name: &str, _file: &str) -> Option<i32> {
    match name {
        "go" => go::run(process),
        name => packages::run(process, name),
    }
}

#[cfg(test)]
mod tests;
