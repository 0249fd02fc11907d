//! CMD, ENTRYPOINT and SHELL, and what they share with RUN: a command as a list of words, or as one text for a shell.

use super::flags::{self, Flags};
use super::request::{Request, owned};

/// Exec or shell form of RUN, CMD, ENTRYPOINT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommandLine {
    /// The words (exec form) or the one text (shell form).
    pub args: Vec<String>,
    /// Whether SHELL is put in front.
    pub prepend_shell: bool,
    /// Heredocs of the line, in order; their content as written, tabs too.
    pub heredocs: Vec<Heredoc>,
}

/// A heredoc: its word and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The delimiter, quotes removed.
    pub name: String,
    /// File descriptor before `<<`.
    pub fd: u32,
    /// Whether the body is expanded (delimiter unquoted).
    pub expand: bool,
    /// `<<-`
    pub chomp: bool,
    /// The body. In COPY and ADD leading tabs are gone if `chomp`, in RUN they are not: there see [`Heredoc::body`].
    pub content: String,
}

impl Heredoc {
    /// The body, leading tabs of each line removed if `chomp`.
    pub fn body(&self) -> String {
        if !self.chomp {
            return self.content.clone();
        }
        self.content.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
    }
}

/// The command of RUN, CMD and ENTRYPOINT; flags are read by the caller.
pub(super) fn command_line(request: &Request) -> CommandLine {
    CommandLine { args: request.command_words(&request.args), prepend_shell: !request.node.json, heredocs: request.heredocs() }
}

/// CMD and ENTRYPOINT.
pub(super) fn command(request: &Request) -> Result<CommandLine, String> {
    Flags::read(request.node, flags::NONE)?;
    Ok(command_line(request))
}

/// SHELL: only the JSON form.
pub(super) fn shell(request: &Request) -> Result<Vec<String>, String> {
    Flags::read(request.node, flags::NONE)?;
    request.at_least_one("SHELL")?;
    if request.node.json { Ok(owned(&request.args)) } else { Err("SHELL requires the arguments to be in JSON form".into()) }
}
