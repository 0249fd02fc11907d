//! Which words call which command: the one list by which a terminal answers, completes and helps.

use super::{Reply, Usage, archives, disk, help, history, images, inspect, remove, run, tag};
use crate::docker::command;
use crate::docker::flags::{Flag, Parsed, switch, text};

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Verb {
    Build,
    Run,
    Images,
    History,
    Inspect,
    Remove,
    ImagePrune,
    Tag,
    Save,
    Load,
    Import,
    SystemDf,
    Du,
    Prune,
    BuildList,
    BuildLogs,
    BuildInspect,
    BuildRemove,
    Version,
}

/// What the words behind a command's flags name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operand {
    Nothing,
    Images,
    Files,
    Builds,
}

/// A command of docker.
#[derive(Debug)]
pub struct Command {
    /// What it does.
    pub verb: Verb,
    /// The words behind `docker` that call it, in each way.
    pub spelled: &'static [&'static str],
    /// How it is used; the name is the one that docker's own texts use.
    pub usage: Usage,
    /// Its flags.
    pub flags: &'static [Flag],
    /// What follows them.
    pub operand: Operand,
    /// A line of help.
    pub what: &'static str,
}

impl Command {
    /// Reads its flags and checks the number of its arguments.
    pub fn read(&self, words: &[String]) -> Result<Parsed, Reply> {
        super::read(self.usage, self.flags, words)
    }
}

const fn usage(name: &'static str, arguments: &'static str, most: usize) -> Usage {
    Usage { name, arguments, count: (0, most) }
}

/// Every command, as the help lists them.
pub const COMMANDS: &[Command] = &[
    Command {
        verb: Verb::Build,
        spelled: &["build", "buildx build", "buildx b", "builder build", "image build"],
        usage: usage("docker buildx build", "[OPTIONS] PATH | URL | -", usize::MAX),
        flags: command::FLAGS,
        operand: Operand::Files,
        what: "Start a build",
    },
    Command {
        verb: Verb::Images,
        spelled: &["images", "image ls", "image list"],
        usage: images::USAGE,
        flags: images::FLAGS,
        operand: Operand::Images,
        what: "List images",
    },
    Command {
        verb: Verb::History,
        spelled: &["history", "image history"],
        usage: history::USAGE,
        flags: history::FLAGS,
        operand: Operand::Images,
        what: "Show the layers of an image, and where its bytes came from",
    },
    Command {
        verb: Verb::Inspect,
        spelled: &["inspect", "image inspect"],
        usage: inspect::USAGE,
        flags: inspect::FLAGS,
        operand: Operand::Images,
        what: "Show all that is known of an image, as JSON",
    },
    Command {
        verb: Verb::Run,
        spelled: &["run", "container run"],
        usage: run::USAGE,
        flags: run::FLAGS,
        operand: Operand::Images,
        what: "Run a command in an image",
    },
    Command {
        verb: Verb::Tag,
        spelled: &["tag", "image tag"],
        usage: tag::USAGE,
        flags: &[],
        operand: Operand::Images,
        what: "Give an image another name",
    },
    Command {
        verb: Verb::Save,
        spelled: &["save", "image save"],
        usage: archives::SAVE,
        flags: archives::SAVE_FLAGS,
        operand: Operand::Images,
        what: "Write an image as an archive among the project's files",
    },
    Command {
        verb: Verb::Load,
        spelled: &["load", "image load"],
        usage: archives::LOAD,
        flags: archives::LOAD_FLAGS,
        operand: Operand::Nothing,
        what: "Take the images of an archive",
    },
    Command {
        verb: Verb::Import,
        spelled: &["import", "image import"],
        usage: archives::IMPORT,
        flags: archives::IMPORT_FLAGS,
        operand: Operand::Files,
        what: "Make an image of the tar of a root file system",
    },
    Command {
        verb: Verb::Remove,
        spelled: &["rmi", "image rm", "image remove"],
        usage: remove::USAGE,
        flags: remove::FLAGS,
        operand: Operand::Images,
        what: "Remove images",
    },
    Command {
        verb: Verb::ImagePrune,
        spelled: &["image prune"],
        usage: remove::PRUNE,
        flags: remove::PRUNE_FLAGS,
        operand: Operand::Nothing,
        what: "Remove unused images",
    },
    Command {
        verb: Verb::SystemDf,
        spelled: &["system df"],
        usage: disk::SYSTEM_DF,
        flags: disk::SYSTEM_DF_FLAGS,
        operand: Operand::Nothing,
        what: "Show how much space images and the build cache take",
    },
    Command {
        verb: Verb::Du,
        spelled: &["buildx du"],
        usage: disk::DU,
        flags: disk::DU_FLAGS,
        operand: Operand::Nothing,
        what: "Show what the build cache holds",
    },
    Command {
        verb: Verb::Prune,
        spelled: &["builder prune", "buildx prune"],
        usage: disk::PRUNE,
        flags: disk::PRUNE_FLAGS,
        operand: Operand::Nothing,
        what: "Forget the build cache",
    },
    Command {
        verb: Verb::BuildList,
        spelled: &["buildx history ls"],
        usage: usage("docker buildx history ls", "[OPTIONS]", 0),
        flags: &[switch("quiet", 'q', "Only display the IDs")],
        operand: Operand::Nothing,
        what: "List the builds so far",
    },
    Command {
        verb: Verb::BuildLogs,
        spelled: &["buildx history logs"],
        usage: usage("docker buildx history logs", "[OPTIONS] [ID]", 1),
        flags: &[text("progress", '\0', "Set type of progress output (\"plain\", \"rawjson\")")],
        operand: Operand::Builds,
        what: "Print the log of a build",
    },
    Command {
        verb: Verb::BuildInspect,
        spelled: &["buildx history inspect"],
        usage: usage("docker buildx history inspect", "[ID]", 1),
        flags: &[],
        operand: Operand::Builds,
        what: "Show what was built, and how it went",
    },
    Command {
        verb: Verb::BuildRemove,
        spelled: &["buildx history rm"],
        usage: usage("docker buildx history rm", "[OPTIONS] [ID]", 1),
        flags: &[switch("all", '\0', "Remove all records")],
        operand: Operand::Builds,
        what: "Forget builds",
    },
    Command {
        verb: Verb::Version,
        spelled: &["version"],
        usage: help::VERSION,
        flags: help::VERSION_FLAGS,
        operand: Operand::Nothing,
        what: "Show what is simulated",
    },
];

/// Whether a word at the beginning of a line calls docker.
pub fn is_docker(word: &str) -> bool {
    matches!(word, "docker" | "bottleship" | "podman")
}

/// The command that words behind `docker` call, and how many of the words its name takes.
pub fn find(words: &[String]) -> Option<(&'static Command, usize)> {
    COMMANDS.iter().find_map(|command| command.spelled.iter().find_map(|name| begins(words, name)).map(|taken| (command, taken)))
}

/// How many words a name takes, if the words begin with it.
fn begins(words: &[String], name: &str) -> Option<usize> {
    let count = name.split(' ').count();
    (words.len() >= count && name.split(' ').eq(words[..count].iter().map(String::as_str))).then_some(count)
}

/// The words that may follow those behind `docker` until they name a command.
pub fn next(words: &[String]) -> Vec<&'static str> {
    let spelled = COMMANDS.iter().flat_map(|command| command.spelled);
    let mut found: Vec<&str> =
        spelled.filter(|name| begins_with(name, words)).filter_map(|name| name.split(' ').nth(words.len())).collect();
    found.dedup();
    found
}

/// Whether a name begins with all of the words.
fn begins_with(name: &str, words: &[String]) -> bool {
    let mut parts = name.split(' ');
    words.iter().all(|word| parts.next() == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn words_call_commands() {
        let check = |line: &str, expect: Option<(Verb, usize)>| {
            assert_eq!(find(&words(line)).map(|(command, taken)| (command.verb, taken)), expect, "{line}");
        };
        check("build .", Some((Verb::Build, 1)));
        check("buildx build .", Some((Verb::Build, 2)));
        check("image ls -q", Some((Verb::Images, 2)));
        check("buildx history logs ^1", Some((Verb::BuildLogs, 3)));
        check("image", None);
        check("frob", None);
    }

    #[test]
    fn words_follow_words() {
        assert!(next(&[]).contains(&"history"));
        assert_eq!(next(&words("buildx history")), ["ls", "logs", "inspect", "rm"]);
        assert_eq!(next(&words("system")), ["df"]);
        assert!(next(&words("images")).is_empty());
    }

    #[test]
    fn each_name_calls_one_command() {
        let names: Vec<&str> = COMMANDS.iter().flat_map(|command| command.spelled.iter().copied()).collect();
        for name in &names {
            assert_eq!(names.iter().filter(|other| *other == name).count(), 1, "{name}");
        }
    }
}
