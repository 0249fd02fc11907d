//! A line typed in the terminal: docker's commands, and a few on the project's files.

use super::playground::{Build, Playground};
use super::project::ProjectClient;
use super::types::CommandView;
use crate::docker::command::{FLAGS, parse_build};
use crate::docker::commands::{self, CacheRecord, Reply};
use crate::docker::files;
use crate::docker::simulate::{self, Terminal};
use crate::docker::table::table;
use crate::docker::units::{ago, human_size};
use crate::docker::words::{Line, split_line};
use crate::filesystem::Node;

/// Runs it. `now`: wall-clock milliseconds since 1970.
pub fn command(playground: &mut Playground, text: &str, now: f64) -> CommandView {
    let line = match split_line(text, &playground.project.env) {
        Ok(line) => line,
        Err(error) => return plain(Reply::fail(format!("sh: {error}\n"), 2)),
    };
    let saved = playground.project.env.clone();
    playground.project.env.extend(line.assignments.iter().cloned());
    let view = run(playground, &line, text, now);
    // `A=1` alone is for the session, `A=1 docker …` for that command only.
    if !line.words.is_empty() && line.words[0] != "export" {
        playground.project.env = saved;
    }
    view
}

fn plain(reply: Reply) -> CommandView {
    CommandView { stdout: reply.stdout, stderr: reply.stderr, exit_code: reply.exit_code, build: None, clear: false }
}

fn run(playground: &mut Playground, line: &Line, text: &str, now: f64) -> CommandView {
    let Some((first, rest)) = line.words.split_first() else { return plain(Reply::default()) };
    plain(match first.as_str() {
        "docker" | "bottleship" | "podman" => return docker(playground, rest, text, now),
        "clear" | "reset" => return CommandView { clear: true, ..plain(Reply::default()) },
        "help" => Reply::ok(commands::help()),
        "pwd" => Reply::ok(format!("{}\n", location(&playground.project.cwd))),
        "cd" => cd(playground, rest.first().map_or("/project", String::as_str)),
        "ls" => ls(playground, rest),
        "cat" => cat(playground, rest),
        "echo" => Reply::ok(rest.join(" ") + "\n"),
        "export" => {
            let pairs = rest.iter().filter_map(|word| word.split_once('='));
            playground.project.env.extend(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())));
            Reply::default()
        }
        other => Reply::fail(format!("sh: {other}: command not found (try `help`)\n"), 127),
    })
}

fn location(cwd: &str) -> String {
    if cwd.is_empty() { "/project".into() } else { format!("/project/{cwd}") }
}

fn docker(playground: &mut Playground, words: &[String], text: &str, now: f64) -> CommandView {
    let seconds = (now / 1000.0) as i64;
    let names: Vec<&str> = words.iter().map(String::as_str).take(2).collect();
    let rest = |count: usize| words.get(count..).unwrap_or_default();
    plain(match names.as_slice() {
        ["build" | "b", ..] => return build(playground, rest(1), text, now),
        ["buildx" | "builder" | "image", "build" | "b", ..] => return build(playground, rest(2), text, now),
        ["images", ..] => commands::images(rest(1), &playground.store, seconds),
        ["image", "ls" | "list"] => commands::images(rest(2), &playground.store, seconds),
        ["history", ..] => commands::history(rest(1), &playground.store, seconds),
        ["image", "history"] => commands::history(rest(2), &playground.store, seconds),
        ["inspect", ..] => commands::inspect(rest(1), &playground.store),
        ["image", "inspect"] => commands::inspect(rest(2), &playground.store),
        ["rmi", ..] => store(playground, commands::remove, rest(1)),
        ["image", "rm" | "remove"] => store(playground, commands::remove, rest(2)),
        ["tag", ..] => store(playground, commands::tag, rest(1)),
        ["image", "tag"] => store(playground, commands::tag, rest(2)),
        ["system", "df"] => commands::system_df(rest(2), &playground.store, &cache(playground)),
        ["buildx", "du"] => commands::buildx_du(rest(2), &cache(playground), seconds),
        ["builder" | "buildx", "prune"] => prune(playground, rest(2)),
        ["buildx", "history"] => history(playground, rest(2), now),
        ["version" | "--version" | "-v", ..] => Reply::ok(commands::version()),
        [] | ["help" | "--help" | "-h", ..] => Reply::ok(commands::help()),
        ["pull" | "push" | "login" | "logout" | "search", ..] => {
            Reply::fail(format!("docker {}: there is no network in this simulation\n", names[0]), 1)
        }
        [group @ ("image" | "buildx" | "builder" | "system"), other @ ..] => {
            let other = other.first().copied().unwrap_or("");
            Reply::fail(format!("docker: unknown command: docker {group} {other}\n\nRun 'docker --help' for more information\n"), 1)
        }
        [other, ..] => Reply::fail(format!("docker: unknown command: docker {other}\n\nRun 'docker --help' for more information\n"), 1),
    })
}

fn store(
    playground: &mut Playground,
    change: fn(&[String], &crate::docker::store::Store) -> (Reply, crate::docker::store::Store),
    words: &[String],
) -> Reply {
    let (reply, store) = change(words, &playground.store);
    playground.store = store;
    reply
}

fn build(playground: &mut Playground, words: &[String], text: &str, now: f64) -> CommandView {
    if words.iter().any(|word| matches!(word.as_str(), "--help" | "-h")) {
        return plain(Reply::ok(commands::options("docker buildx build [OPTIONS] PATH | URL | -", "Start a build", FLAGS)));
    }
    if let Some(reply) = called(playground, words) {
        return plain(reply);
    }
    match playground.build(words, text.trim(), now) {
        Err(reply) => plain(reply),
        Ok(view) => {
            let reply = playground
                .builds
                .last()
                .map(|build| simulate::reply(&build.command, &build.simulation, Terminal::Playing))
                .unwrap_or_default();
            CommandView { build: Some(view), ..plain(reply) }
        }
    }
}

/// The answer to `--check` and `--call`, which build nothing.
fn called(playground: &Playground, words: &[String]) -> Option<Reply> {
    let command = parse_build(words).ok().filter(|command| command.call.method != "build")?;
    let client = ProjectClient { project: &playground.project, images: playground.images() };
    let failed = |error| Reply::fail(format!("ERROR: failed to build: {error}\n"), 1);
    Some(simulate::called(&command, &client).unwrap_or_else(failed))
}

fn cache(playground: &Playground) -> Vec<CacheRecord> {
    let row = |usage: crate::build::CacheUsage| CacheRecord {
        id: usage.id.hex().chars().take(25).collect(),
        size: usage.size,
        description: usage.description,
        last_used: 0,
    };
    playground.cache.usage().into_iter().map(row).collect()
}

fn prune(playground: &mut Playground, words: &[String]) -> Reply {
    let reply = commands::builder_prune(words, &cache(playground));
    if reply.exit_code == 0 {
        playground.cache = playground.cache.pruned();
    }
    reply
}

/// `docker buildx history ls | logs ID | inspect ID`
fn history(playground: &Playground, words: &[String], now: f64) -> Reply {
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    let find = |id: Option<&&str>| match id {
        Some(id) => playground.builds.iter().rev().find(|build| build.id.to_string() == **id),
        None => playground.builds.last(),
    };
    match names.as_slice() {
        ["ls", ..] => {
            let mut rows = vec![["BUILD ID", "NAME", "STATUS", "CREATED AT", "DURATION"].map(str::to_owned).to_vec()];
            rows.extend(playground.builds.iter().rev().map(|build| build_row(build, now)));
            Reply::ok(table(&rows))
        }
        ["logs" | "inspect", id @ ..] => match find(id.first()) {
            Some(build) if names[0] == "logs" => Reply { stderr: simulate::plain_text(&build.simulation, ""), ..Reply::default() },
            Some(build) => Reply::ok(table(&[vec!["BUILD ID".into(), build.id.to_string()], vec!["COMMAND".into(), build.line.clone()]])),
            None => Reply::fail("ERROR: no record found\n", 1),
        },
        _ => Reply::fail("docker: unknown command: docker buildx history\n", 1),
    }
}

fn build_row(build: &Build, now: f64) -> Vec<String> {
    let outcome = &build.simulation.outcome;
    let status = if outcome.result.is_ok() { "Completed" } else { "Error" };
    let created = ago(((now - build.began) / 1000.0) as i64);
    let name = build.tags.first().map_or_else(|| "project".to_owned(), |tag| crate::docker::reference::familiar(tag).0);
    vec![build.id.to_string(), name, status.into(), created, format!("{:.1}s", outcome.elapsed.as_secs_f64())]
}

fn cd(playground: &mut Playground, path: &str) -> Reply {
    match playground.project.resolve(path) {
        Some(inside) if playground.project.is_folder(&inside) => {
            playground.project.cwd = inside;
            Reply::default()
        }
        Some(inside) if playground.project.files.contains_key(&inside) => Reply::fail(format!("sh: cd: {path}: Not a directory\n"), 1),
        _ => Reply::fail(format!("sh: cd: {path}: No such file or directory\n"), 1),
    }
}

fn cat(playground: &Playground, words: &[String]) -> Reply {
    let mut reply = Reply::default();
    for path in words.iter().filter(|word| !word.starts_with('-')) {
        let inside = playground.project.resolve(path).unwrap_or_default();
        match playground.project.files.get(&inside) {
            Some(file) => reply.stdout.push_str(&String::from_utf8_lossy(&file.bytes)),
            None => {
                let why = if playground.project.is_folder(&inside) { "Is a directory" } else { "No such file or directory" };
                reply.stderr.push_str(&format!("cat: {path}: {why}\n"));
                reply.exit_code = 1;
            }
        }
    }
    reply
}

fn ls(playground: &Playground, words: &[String]) -> Reply {
    let flags: String = words.iter().filter(|word| word.starts_with('-')).map(|word| word.trim_start_matches('-')).collect();
    let paths: Vec<&str> = words.iter().filter(|word| !word.starts_with('-')).map(String::as_str).collect();
    let mut reply = Reply::default();
    for path in if paths.is_empty() { vec!["."] } else { paths.clone() } {
        let inside = playground.project.resolve(path).unwrap_or_default();
        let entries = if let Some(file) = playground.project.files.get(&inside) {
            let parent = inside.rsplit_once('/').map_or("", |(parent, _)| parent);
            let name = file.path.rsplit('/').next().unwrap_or(&file.path).to_owned();
            let tree = playground.project.tree(parent);
            files::find(&tree, &name).map(|node| (path.to_owned(), node)).into_iter().collect()
        } else if playground.project.is_folder(&inside) {
            let tree = playground.project.tree(&inside);
            tree.root().entries.iter().map(|(name, node)| (name.to_string(), node.clone())).collect::<Vec<_>>()
        } else {
            reply.stderr.push_str(&format!("ls: {path}: No such file or directory\n"));
            reply.exit_code = 1;
            continue;
        };
        let shown = entries.into_iter().filter(|(name, _)| flags.contains(['a', 'A']) || !name.starts_with('.'));
        if paths.len() > 1 && playground.project.is_folder(&inside) {
            reply.stdout.push_str(&format!("{path}:\n"));
        }
        for (name, node) in shown {
            let slash = if matches!(node, Node::Directory(_)) { "/" } else { "" };
            match flags.contains('l') {
                true => reply.stdout.push_str(&format!(
                    "{} root root {:>9} {name}{slash}\n",
                    files::mode_text(&node),
                    human_size(files::size(&node))
                )),
                false => reply.stdout.push_str(&format!("{name}{slash}\n")),
            }
        }
    }
    reply
}
