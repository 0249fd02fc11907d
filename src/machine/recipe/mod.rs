//! Recipes: programs that have only effects (package managers, compilers), modelled as data.

mod arguments;
mod effects;
mod go;

use super::Process;

/// Runs the recipe of the program named `process.args[0]` (its base name); `None`: there is none.
pub fn run(process: &mut Process) -> Option<i32> {
    match process.name() {
        "go" => go::run(process),
        _ => None,
    }
}
