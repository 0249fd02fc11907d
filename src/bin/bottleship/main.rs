//! The engine on the command line. Files, standard input and output live only here.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod disk;
mod extract;

use std::io::Write;
use std::process::ExitCode;

use bottleship::base::Source;
use bottleship::build::Cache;
use bottleship::docker::client::Client;
use bottleship::docker::command::{BuildCommand, parse_build};
use bottleship::docker::commands::verbs::{self, Verb};
use bottleship::docker::commands::{self, Reply};
use bottleship::docker::explain;
use bottleship::docker::flags::{Interspersed, parse_flags, text};
use bottleship::docker::planned::{configs, graph};
use bottleship::docker::products::{cache_products, products};
use bottleship::docker::progress::refused;
use bottleship::docker::simulate::{self, Terminal, simulate};
use bottleship::dockerfile;

use disk::Disk;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let disk =
        Disk { env: std::env::vars_os().map(|(k, v)| (k.to_string_lossy().into_owned(), v.to_string_lossy().into_owned())).collect() };
    let reply = dispatch(&words, &disk);
    // A closed pipe is the reader's choice.
    let _ = std::io::stdout().write_all(reply.stdout.as_bytes());
    let _ = std::io::stderr().write_all(reply.stderr.as_bytes());
    ExitCode::from(u8::try_from(reply.exit_code).unwrap_or(1))
}

/// Each command: how it is used, and what it does.
const COMMANDS: &[(&str, &str)] = &[
    ("build [--explain] [OPTIONS] CONTEXT", "simulate a build, as docker buildx build prints it"),
    ("plan [--config] [OPTIONS] CONTEXT", "the vertices of a build, or the image's config, as JSON"),
    ("ast [-f FILE | -]", "the parsed Dockerfile"),
    ("forecast [--json] [OPTIONS] CONTEXT", "which steps the cache would answer, which would run, how long"),
    ("advise [--json] [OPTIONS] CONTEXT", "changes to the Dockerfile, each with its simulated gain"),
    ("compare [OPTIONS] CONTEXT -- [OPTIONS] CONTEXT", "two builds side by side"),
    ("validate ARCHIVE | LAYOUT", "make every digest of an image anew"),
    ("version", "what is simulated"),
];

fn help() -> String {
    let width = COMMANDS.iter().map(|(usage, _)| usage.len()).max().unwrap_or(0) + 3;
    let lines: String = COMMANDS.iter().map(|(usage, what)| format!("  {usage:<width$}{what}\n")).collect();
    format!("Usage:  bottleship COMMAND\n\nCommands:\n{lines}\nRun 'bottleship build --help' for the options of a build.\n")
}

fn dispatch(words: &[String], disk: &Disk) -> Reply {
    if let Some((command, taken)) = verbs::find(words).filter(|(command, _)| command.verb == Verb::Build) {
        let rest = &words[taken..];
        return commands::helped(command, rest).map_or_else(|| build(rest, disk), Reply::ok);
    }
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["ast", ..] => ast(&words[1..], disk),
        ["plan", ..] => plan(&words[1..], disk),
        ["validate", place] => validate(place, disk),
        ["forecast", ..] => report(&words[1..], disk, &|command, disk, as_json| {
            simulate::foretell(command, disk, &Cache::default()).map(|foretold| explain::forecast(&foretold.outcome, as_json))
        }),
        ["advise", ..] => report(&words[1..], disk, &|command, disk, as_json| {
            simulate::advise(command, disk).map(|advice| explain::advice(&advice, as_json))
        }),
        ["compare", ..] => compare(&words[1..], disk),
        [] | ["help" | "--help" | "-h", ..] => Reply::ok(help()),
        ["version", ..] => commands::version(&words[1..]),
        ["--version" | "-v", ..] => commands::short_version(),
        [other, ..] => Reply::fail(format!("bottleship: unknown command: {other}\n\nRun 'bottleship --help' for more information\n"), 1),
    }
}

/// `bottleship ast [-f FILE | -]`
fn ast(words: &[String], disk: &Disk) -> Reply {
    let parsed = match parse_flags(&[text("file", 'f', "")], words, Interspersed::Yes) {
        Ok(parsed) => parsed,
        Err(error) => return Reply::fail(format!("{error}\n"), 125),
    };
    let name = parsed.last("file").or(parsed.args.first().map(String::as_str)).unwrap_or("Dockerfile");
    let bytes = if name == "-" { Ok(disk.stdin()) } else { disk.read_file(name) };
    let ast = match bytes {
        Ok(bytes) => dockerfile::parse(&Source::new(name, bytes)),
        Err(error) => return Reply::fail(format!("ERROR: failed to read dockerfile: {error}\n"), 1),
    };
    match ast.error {
        Some(error) => Reply::fail(format!("ERROR: {}\n", error.message), 1),
        None => Reply::ok(ast.dump() + "\n"),
    }
}

/// `bottleship validate ARCHIVE | LAYOUT`: makes every digest of an image anew.
fn validate(place: &str, disk: &Disk) -> Reply {
    let image = match disk.read_layout(place) {
        Ok(image) => image,
        Err(error) => return Reply::fail(format!("{error}\n"), 1),
    };
    let wrong = bottleship::image::validate(&image);
    if !wrong.is_empty() {
        return Reply::fail(wrong.join("\n") + "\n", 1);
    }
    let layers: String = image.layers.iter().map(|layer| format!("layer {} {}\n", layer.diff_id, layer.tar_size)).collect();
    Reply::ok(format!("image {}\nmanifest {}\n{layers}", image.id(), image.digest))
}

/// `bottleship plan [--config] [OPTIONS] CONTEXT`
fn plan(words: &[String], disk: &Disk) -> Reply {
    let command = match parse_build(words) {
        Ok(command) => command,
        Err(error) => return Reply::fail(error.text(), error.exit_code),
    };
    match simulate::planned(&command, disk) {
        Err(error) => Reply::fail(format!("ERROR: failed to build: {error}\n"), 1),
        Ok((request, planned)) => match planned.plan {
            Err(error) => Reply::fail(refused(&error, &request.dockerfile), 1),
            Ok(plan) if command.config => Reply::ok(configs(&plan)),
            Ok(plan) => Reply::ok(graph(&plan)),
        },
    }
}

/// A report of a build, as text or with `--json`.
type Report = dyn Fn(&BuildCommand, &Disk, bool) -> Result<Reply, String>;

/// `bottleship forecast|advise [--json] [OPTIONS] CONTEXT`
fn report(words: &[String], disk: &Disk, report: &Report) -> Reply {
    let (words, as_json) = without(words, "--json");
    match parse_build(&words) {
        Ok(command) => report(&command, disk, as_json).unwrap_or_else(|error| Reply::fail(format!("ERROR: failed to build: {error}\n"), 1)),
        Err(error) => Reply::fail(error.text(), error.exit_code),
    }
}

/// `bottleship compare [OPTIONS] CONTEXT -- [OPTIONS] CONTEXT`
fn compare(words: &[String], disk: &Disk) -> Reply {
    let mut sides = words.splitn(2, |word| word == "--").map(parse_build);
    match (sides.next(), sides.next()) {
        (Some(Ok(one)), Some(Ok(two))) => simulate::compare(&one, &two, disk)
            .map_or_else(|error| Reply::fail(format!("ERROR: failed to build: {error}\n"), 1), |found| explain::comparison(&found)),
        (Some(Err(error)), _) | (_, Some(Err(error))) => Reply::fail(error.text(), error.exit_code),
        _ => Reply::fail("usage: bottleship compare [OPTIONS] CONTEXT -- [OPTIONS] CONTEXT\n", 125),
    }
}

/// The words without one of ours, and whether it was there.
fn without(words: &[String], own: &str) -> (Vec<String>, bool) {
    let rest: Vec<String> = words.iter().filter(|word| *word != own).cloned().collect();
    let there = rest.len() < words.len();
    (rest, there)
}

/// `bottleship build [--explain] [OPTIONS] CONTEXT`
fn build(words: &[String], disk: &Disk) -> Reply {
    let (words, explains) = without(words, "--explain");
    let command = match parse_build(&words) {
        Ok(command) => command,
        Err(error) => return Reply::fail(error.text(), error.exit_code),
    };
    let failed = |error: String| Reply::fail(format!("ERROR: failed to build: {error}\n"), 1);
    if command.call.method != "build" {
        return simulate::called(&command, disk).unwrap_or_else(failed);
    }
    let simulation = match simulate(&command, disk, &Cache::default()) {
        Ok(simulation) => simulation,
        Err(error) => return failed(error),
    };
    let kept = cache_products(&command, &simulation.cache, &simulation.outcome).iter().try_for_each(extract::write);
    let written = products(&command, &simulation.outcome).and_then(|products| products.iter().try_for_each(extract::write));
    match kept.and(written) {
        Ok(()) => {
            let reply = simulate::reply(&command, &simulation, Terminal::None);
            let explanation = if explains { explain::explanation(&simulation.outcome) } else { String::new() };
            Reply { stdout: reply.stdout + &explanation, ..reply }
        }
        Err(error) => failed(error),
    }
}
