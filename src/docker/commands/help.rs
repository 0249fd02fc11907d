//! `docker --help`, `docker version`, and the help of a command: its flags.

use serde_json::json;

use super::verbs::{COMMANDS, Command, Verb};
use super::{Reply, Usage, read};
use crate::docker::flags::{Flag, Takes, text};
use crate::docker::template::fill;

/// The BuildKit commit whose behaviour is matched.
pub const BUILDKIT: &str = "73ed682";

/// What this terminal understands.
pub fn help() -> String {
    let own = [("ls, cat, pwd, cd, echo, export, clear, help".to_owned(), "The project's files, and this terminal")];
    let names = COMMANDS.iter().map(|command| (["docker ", command.spelled[0]].concat(), command.what));
    format!("Commands:\n{}\nRun 'docker COMMAND --help' for the options of a command.\n", listed(names.chain(own)))
}

/// `docker image`, `docker image --help`: the commands of a group, if words are one.
pub fn help_of(group: &[String]) -> Option<String> {
    let prefix = group.join(" ") + " ";
    let names =
        COMMANDS.iter().filter_map(|command| Some((command.spelled.iter().find_map(|name| name.strip_prefix(&prefix))?, command.what)));
    let lines = listed(names.map(|(name, what)| (name.to_owned(), what)));
    (!lines.is_empty()).then(|| {
        format!(
            "Usage:  docker {prefix}COMMAND\n\nCommands:\n{lines}\nRun 'docker {prefix}COMMAND --help' for more information on a command.\n"
        )
    })
}

/// Two columns.
fn listed<'a>(rows: impl IntoIterator<Item = (String, &'a str)>) -> String {
    let rows: Vec<_> = rows.into_iter().collect();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 3;
    rows.iter().map(|(name, what)| format!("  {name:<width$}{what}\n")).collect()
}

pub(super) const VERSION_FLAGS: &[Flag] = &[text("format", 'f', "Format output using a custom template")];

pub(super) const VERSION: Usage = Usage { name: "docker version", arguments: "[OPTIONS]", count: (0, 0) };

const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// `docker version`
pub fn version(words: &[String]) -> Reply {
    let parsed = match read(VERSION, VERSION_FLAGS, words) {
        Ok(parsed) => parsed,
        Err(reply) => return reply,
    };
    let Some(format) = parsed.last("format") else {
        return Reply::ok(format!(
            "Client: bottleship\n Version:           {ENGINE}\n OS/Arch:           linux/amd64\n\nServer: bottleship (simulated)\n Engine:\n  Version:          {ENGINE}\n  OS/Arch:          linux/amd64\n buildkit:\n  Version:          {BUILDKIT}\n"
        ));
    };
    let side = json!({"Platform": {"Name": "bottleship"}, "Version": ENGINE, "Os": "linux", "Arch": "amd64"});
    let value = json!({"Client": side, "Server": side});
    match if format == "json" { Ok(value.to_string()) } else { fill(format, &value) } {
        Ok(text) => Reply::ok(text + "\n"),
        Err(error) => Reply::fail(format!("{error}\n"), 1),
    }
}

/// `docker --version`
pub fn short_version() -> Reply {
    Reply::ok(format!("bottleship version {ENGINE}, simulating BuildKit {BUILDKIT}\n"))
}

/// `--help` of a command, if that is asked for: what it does, and its flags.
pub fn helped(command: &Command, words: &[String]) -> Option<String> {
    // Behind `docker run IMAGE` the words are the container's.
    let own = words.iter().take_while(|word| command.verb != Verb::Run || word.starts_with('-'));
    let taken = command.flags.iter().any(|flag| flag.short == 'h');
    own.into_iter().any(|word| word == "--help" || word == "-h" && !taken).then(|| {
        let Usage { name, arguments, .. } = command.usage;
        let usage = format!("Usage:  {name} {arguments}");
        format!("{}\n\n{}\n{}", usage.trim_end(), command.what, options(command.flags))
    })
}

fn options(flags: &[Flag]) -> String {
    let row = |flag: &Flag| {
        let short = if flag.short == '\0' { "    ".to_owned() } else { format!("-{}, ", flag.short) };
        let kind = match flag.takes {
            Takes::Bool => "",
            Takes::Text => " string",
            Takes::List => " stringArray",
        };
        (format!("{short}--{}{kind}", flag.name), flag.help)
    };
    let lines = listed(flags.iter().filter(|flag| !flag.help.is_empty()).map(row));
    if lines.is_empty() { lines } else { format!("\nOptions:\n{lines}") }
}
