//! The tools: programs with semantics on files and text, by name.

pub mod basic;
pub mod echo;
pub mod links;
pub mod mode;
pub mod signals;
pub mod test;

use super::Process;

/// A program: it reads `process.args` and answers its exit status.
pub type Tool = fn(&mut Process) -> i32;

/// The tool of this name.
pub fn find(name: &str) -> Option<Tool> {
    TOOLS.binary_search_by_key(&name, |(n, _)| n).ok().map(|i| TOOLS[i].1)
}

/// All tools, sorted by name.
pub const TOOLS: &[(&str, Tool)] = &[
    ("[", test::test),
    ("[[", test::test),
    ("cat", basic::cat),
    ("chmod", basic::chmod),
    ("echo", echo::echo_tool),
    ("false", basic::no),
    ("ln", links::ln),
    ("mkdir", basic::mkdir),
    ("printf", echo::printf),
    ("rm", basic::rm),
    ("sleep", basic::sleep),
    ("tee", links::tee),
    ("test", test::test),
    ("touch", basic::touch),
    ("true", basic::yes),
];
