//! Docker's commands beside `build`: each is a function from words and the [`Store`](super::store::Store) to a [`Reply`].

pub mod archives;
mod disk;
mod help;
mod history;
mod images;
mod inspect;
mod remove;
pub mod run;
#[cfg(test)]
mod samples;
mod tag;
pub mod verbs;

pub use disk::{CacheRecord, builder_prune, buildx_du, system_df};
pub use help::{BUILDKIT, help, help_of, helped, short_version, version};
pub use history::history;
pub use images::images;
pub use inspect::inspect;
pub use remove::{prune as image_prune, remove};
pub use tag::tag;

use super::flags::{Flag, Interspersed, Parsed, parse_flags};

/// What a command prints, and its exit status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Reply {
    pub stdout: String,
    pub stderr: String,
    pub exit_code: i32,
}

impl Reply {
    /// Success.
    pub fn ok(stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), ..Self::default() }
    }

    /// Failure with a text on stderr.
    pub fn fail(stderr: impl Into<String>, exit_code: i32) -> Self {
        Self { stderr: stderr.into(), exit_code, ..Self::default() }
    }

    /// What the daemon answers when something is wrong.
    pub fn daemon(message: &str) -> Self {
        Self::fail(format!("Error response from daemon: {message}\n"), 1)
    }
}

/// How a command is used: for its error texts.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// `docker images`
    pub name: &'static str,
    /// `[OPTIONS] [REPOSITORY[:TAG]]`
    pub arguments: &'static str,
    /// Fewest and most arguments.
    pub count: (usize, usize),
}

/// Reads a command's flags and checks the number of its arguments.
fn read(usage: Usage, flags: &[Flag], words: &[String]) -> Result<Parsed, Reply> {
    read_words(usage, flags, words, Interspersed::Yes)
}

/// The same for commands whose flags end with their first argument.
fn read_until(usage: Usage, flags: &[Flag], words: &[String]) -> Result<Parsed, Reply> {
    read_words(usage, flags, words, Interspersed::No)
}

fn read_words(usage: Usage, flags: &[Flag], words: &[String], interspersed: Interspersed) -> Result<Parsed, Reply> {
    let Usage { name, arguments, count: (least, most) } = usage;
    let tail = format!("\n\nUsage:  {name} {arguments}\n\nRun '{name} --help' for more information\n");
    let parsed = parse_flags(flags, words, interspersed).map_err(|error| Reply::fail(format!("{error}{tail}"), 125))?;
    let found = parsed.args.len();
    if (least..=most).contains(&found) {
        return Ok(parsed);
    }
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let wanted = match () {
        () if most == 0 => "accepts no arguments".to_owned(),
        () if least == most => format!("requires {least} argument{}", plural(least)),
        () if found < least => format!("requires at least {least} argument{}", plural(least)),
        () => format!("requires at most {most} argument{}", plural(most)),
    };
    Err(Reply::fail(format!("docker: '{name}' {wanted}{tail}"), 1))
}
