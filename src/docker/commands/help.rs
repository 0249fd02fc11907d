//! `docker --help`, `docker version`, and the help of a command: its flags.

use crate::docker::flags::{Flag, Takes};

/// The BuildKit commit whose behaviour is matched.
pub const BUILDKIT: &str = "73ed682";

const COMMANDS: &[(&str, &str)] = &[
    ("docker build [OPTIONS] PATH", "build an image from a Dockerfile"),
    ("docker images", "list images"),
    ("docker history IMAGE", "the layers of an image, and where its bytes came from"),
    ("docker image inspect IMAGE", "all that is known of an image, as JSON"),
    ("docker run IMAGE [COMMAND]", "run a command in an image"),
    ("docker tag SOURCE TARGET", "give an image another name"),
    ("docker save -o FILE IMAGE", "an image as an archive among the project's files"),
    ("docker load -i FILE", "the images of an archive"),
    ("docker import FILE NAME", "an image of the tar of a root file system"),
    ("docker rmi IMAGE", "remove an image"),
    ("docker system df", "how much space images and cache take"),
    ("docker builder prune", "forget the build cache"),
    ("docker buildx history ls", "the builds so far"),
    ("docker version", "what is simulated"),
    ("ls, cat, pwd, cd, clear, help", "the project's files, and this terminal"),
];

/// What this terminal understands.
pub fn help() -> String {
    let width = COMMANDS.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 3;
    let lines: String = COMMANDS.iter().map(|(name, what)| format!("  {name:<width$}{what}\n")).collect();
    format!("Commands:\n{lines}\nRun 'docker build --help' for the options of a build.\n")
}

/// `docker version`
pub fn version() -> String {
    let engine = env!("CARGO_PKG_VERSION");
    format!(
        "Client: bottleship\n Version:           {engine}\n OS/Arch:           linux/amd64\n\nServer: bottleship (simulated)\n Engine:\n  Version:          {engine}\n  OS/Arch:          linux/amd64\n buildkit:\n  Version:          {BUILDKIT}\n"
    )
}

/// `docker build --help`
pub fn options(usage: &str, description: &str, flags: &[Flag]) -> String {
    let mut rows: Vec<(String, &str)> = Vec::new();
    for flag in flags.iter().filter(|flag| !flag.help.is_empty()) {
        let short = if flag.short == '\0' { "    ".to_owned() } else { format!("-{}, ", flag.short) };
        let kind = match flag.takes {
            Takes::Bool => "",
            Takes::Text => " string",
            Takes::List => " stringArray",
        };
        rows.push((format!("  {short}--{}{kind}", flag.name), flag.help));
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 3;
    let lines: String = rows.iter().map(|(name, help)| format!("{name:<width$}{help}\n")).collect();
    format!("Usage:  {usage}\n\n{description}\n\nOptions:\n{lines}")
}
