//! The tools: programs with semantics on files and text, by name.

pub mod basic;
pub mod bytes;
pub mod cut;
pub mod digest;
pub mod echo;
pub mod expr;
pub mod grep;
pub mod links;
pub mod mode;
pub mod options;
pub mod sed;
pub mod signals;
pub mod sort;
pub mod test;
pub mod text;
pub mod xargs;

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
    ("base64", bytes::base64),
    ("cat", basic::cat),
    ("chmod", basic::chmod),
    ("cmp", bytes::cmp),
    ("cut", cut::cut),
    ("echo", echo::echo_tool),
    ("egrep", grep::grep),
    ("expr", expr::expr),
    ("false", basic::no),
    ("fgrep", grep::grep),
    ("fold", text::fold),
    ("grep", grep::grep),
    ("gunzip", bytes::gzip),
    ("gzip", bytes::gzip),
    ("head", text::head),
    ("ln", links::ln),
    ("md5sum", digest::sum),
    ("mkdir", basic::mkdir),
    ("nl", text::nl),
    ("paste", text::paste),
    ("printf", echo::printf),
    ("rev", text::rev),
    ("rm", basic::rm),
    ("sed", sed::sed),
    ("sha1sum", digest::sum),
    ("sha256sum", digest::sum),
    ("sha512sum", digest::sum),
    ("sleep", basic::sleep),
    ("sort", sort::sort),
    ("tac", text::tac),
    ("tail", text::tail),
    ("tee", links::tee),
    ("test", test::test),
    ("touch", basic::touch),
    ("tr", cut::tr),
    ("true", basic::yes),
    ("uniq", sort::uniq),
    ("wc", text::wc),
    ("xargs", xargs::xargs),
    ("zcat", bytes::gzip),
];
