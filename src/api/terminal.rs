//! A line typed in the terminal: docker's commands, and a few on the project's files.

use super::container;
use super::playground::{Build, Playground};
use super::project::ProjectClient;
use super::types::{CommandView, ProjectFile};
use crate::base::Digest;
use crate::base::go::rfc3339;
use crate::build::{CANCELED, CacheUsage, Outcome};
use crate::docker::command::{FLAGS, parse_build};
use crate::docker::commands::{self, CacheRecord, Reply};
use crate::docker::files;
use crate::docker::products::products;
use crate::docker::progress::rawjson;
use crate::docker::simulate::{self, Terminal};
use crate::docker::table::table;
use crate::docker::units::{ago, human_size};
use crate::docker::words::{Line, split_line};
use crate::filesystem::{Node, Tree};

/// Runs it. `now`: wall-clock milliseconds since 1970.
pub fn command(playground: &mut Playground, text: &str, now: f64) -> CommandView {
    let line = match split_line(text, &playground.project.env) {
        Ok(line) => line,
        Err(error) => return plain(Reply::fail(format!("sh: {error}\n"), 2)),
    };
    let saved = playground.project.env.clone();
    playground.project.env.extend(line.assignments.iter().cloned());
    let (kept, files) = (kept(playground), written(playground));
    let view = run(playground, &line, text, now);
    let view = CommandView { changed: kept != self::kept(playground), wrote: files != written(playground), ..view };
    if view.changed && view.build.is_none() {
        playground.playing = None;
    }
    // `A=1` alone is for the session, `A=1 docker …` for that command only.
    if !line.words.is_empty() && line.words[0] != "export" {
        playground.project.env = saved;
    }
    view
}

/// What stays of commands: images with their names, builds, the cache.
fn kept(playground: &Playground) -> impl PartialEq + use<> {
    let images: Vec<_> = playground.store.images.iter().map(|stored| (stored.id, stored.tags.clone())).collect();
    let builds: Vec<u32> = playground.builds.iter().map(|build| build.id).collect();
    (images, builds, playground.cache.generation(), playground.cache.len())
}

/// Files, by what tells that they were written.
fn written(playground: &Playground) -> impl PartialEq + use<> {
    let told = |file: &ProjectFile| (file.path.clone(), file.bytes.len(), file.mode, file.mtime.to_bits());
    playground.project.files.values().map(told).collect::<Vec<_>>()
}

pub(super) fn plain(reply: Reply) -> CommandView {
    let Reply { stdout, stderr, exit_code } = reply;
    CommandView { stdout, stderr, exit_code, build: None, live: false, clear: false, shell: None, changed: false, wrote: false }
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
        ["run", ..] => return container::run(playground, rest(1), now),
        ["container", "run"] => return container::run(playground, rest(2), now),
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
        ["save", ..] => playground.save(rest(1), now),
        ["image", "save"] => playground.save(rest(2), now),
        ["load", ..] => playground.load(commands::archives::load, rest(1), seconds),
        ["image", "load"] => playground.load(commands::archives::load, rest(2), seconds),
        ["import", ..] => playground.load(commands::archives::import, rest(1), seconds),
        ["image", "import"] => playground.load(commands::archives::import, rest(2), seconds),
        ["system", "df"] => commands::system_df(rest(2), &playground.store, &cache(playground)),
        ["buildx", "du"] => commands::buildx_du(rest(2), &cache(playground), seconds),
        ["builder" | "buildx", "prune"] => prune(playground, rest(2), seconds),
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
            let mut reply = Reply::default();
            let mut left = Ok(Vec::new());
            if let Some(Build { command, simulation, .. }) = playground.builds.last() {
                reply = simulate::reply(command, simulation, Terminal::Playing);
                left = products(command, &simulation.outcome);
            }
            if let Err(error) = left.and_then(|left| playground.keep_products(&left, now)) {
                reply = Reply { exit_code: 1, stderr: format!("{}ERROR: failed to build: {error}\n", reply.stderr), ..reply };
            }
            let live = playground.builds.last().is_some_and(|build| build.command.progress.is_live());
            CommandView { build: Some(view), live, ..plain(reply) }
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
    let id = |key: Digest| key.hex().chars().take(25).collect::<String>();
    let when = |generation: u64| playground.built.get(&generation).copied().or(playground.built.values().next().copied()).unwrap_or(0);
    let layers: Vec<_> = playground.store.images.iter().flat_map(|stored| &stored.image.layers).collect();
    let shared = |tree: &std::sync::Arc<Tree>| layers.iter().any(|layer| std::sync::Arc::ptr_eq(&layer.tree, tree));
    let row = |usage: CacheUsage| CacheRecord {
        id: id(usage.id),
        key: usage.id.to_string(),
        parent: usage.parent.map(id).unwrap_or_default(),
        size: usage.size,
        description: usage.description,
        kind: usage.kind.to_owned(),
        shared: usage.tree.as_ref().is_some_and(shared),
        created: when(usage.generation),
        last_used: when(usage.used),
        usage_count: 1 + u64::from(usage.used > usage.generation),
    };
    playground.cache.usage().into_iter().map(row).collect()
}

fn prune(playground: &mut Playground, words: &[String], seconds: i64) -> Reply {
    let (reply, keys) = commands::builder_prune(words, &cache(playground), seconds);
    if !keys.is_empty() {
        playground.cache = playground.cache.without(&keys);
    }
    reply
}

/// `docker buildx history ls | logs [ID] | inspect [ID] | rm [ID]`; an ID may be `^0` for the newest, `^1` for the one before.
fn history(playground: &mut Playground, words: &[String], now: f64) -> Reply {
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    let builds = &playground.builds;
    let find = |id: Option<&&str>| match id.and_then(|id| id.strip_prefix('^')).map(|back| back.parse::<usize>()) {
        Some(back) => builds.len().checked_sub(back.unwrap_or(usize::MAX).saturating_add(1)),
        None => match id {
            Some(id) => builds.iter().rposition(|build| build.id.to_string() == **id),
            None => builds.len().checked_sub(1),
        },
    };
    let missing = || Reply::fail("ERROR: no record found\n", 1);
    match names.as_slice() {
        ["ls", rest @ ..] => {
            if rest.iter().any(|word| matches!(*word, "-q" | "--quiet")) {
                return Reply::ok(builds.iter().rev().map(|build| format!("{}\n", build.id)).collect::<String>());
            }
            let mut rows = vec![["BUILD ID", "NAME", "STATUS", "CREATED AT", "DURATION"].map(str::to_owned).to_vec()];
            rows.extend(builds.iter().rev().map(|build| build_row(build, now)));
            Reply::ok(table(&rows))
        }
        ["logs", id @ ..] => match find(id.iter().find(|word| !word.starts_with("--"))) {
            Some(at) => {
                let plain = simulate::plain_text(&builds[at].simulation, "");
                let raw = id.iter().any(|word| word.contains("rawjson"));
                let stderr = if raw { rawjson(&builds[at].simulation.outcome, (builds[at].began * 1e6) as i64) } else { plain };
                Reply { stderr, ..Reply::default() }
            }
            None => missing(),
        },
        ["inspect", id @ ..] => find(id.first()).map_or_else(missing, |at| Reply::ok(inspected(&builds[at]))),
        ["rm", "--all"] => {
            playground.builds.clear();
            Reply::default()
        }
        ["rm", id @ ..] => match find(id.first()) {
            Some(at) => Reply::ok(format!("{}\n", playground.builds.remove(at).id)),
            None => missing(),
        },
        _ => Reply::fail("docker: unknown command: docker buildx history\n", 1),
    }
}

/// What buildx says of a build.
fn inspected(build: &Build) -> String {
    let outcome = &build.simulation.outcome;
    let request = &build.simulation.request;
    let vertices = || outcome.steps.iter().filter(|step| step.vertex.is_some());
    let (cached, all) = (vertices().filter(|step| step.result.cached).count(), vertices().count());
    let status = status(outcome);
    let done = vertices().filter(|step| step.result.tree.is_some() || step.result.cached).count();
    let began = rfc3339((build.began / 1000.0) as i64).replace('T', " ").replace('Z', "");
    let mut out = format!("Name:\t\t{}\nContext:\t.\nDockerfile:\t{}\n", build_name(build), request.dockerfile.name);
    if let Some(target) = &request.target {
        out.push_str(&format!("Target:\t\t{target}\n"));
    }
    let percent = (cached * 100).checked_div(all).unwrap_or(0);
    out.push_str(&format!(
        "\nStarted:\t{began}\nDuration:\t{:.1}s\nStatus:\t\t{status}\nBuild Steps:\t{done}/{all} ({percent}% cached)\n",
        outcome.elapsed.as_secs_f64()
    ));
    if !request.build_args.is_empty() {
        out.push_str("\nBUILD ARG\tVALUE\n");
        request.build_args.iter().for_each(|(name, value)| out.push_str(&format!("{name}\t{value}\n")));
    }
    if let Err(error) = &outcome.result {
        out.push_str(&format!("\nError:\t\t{}\n", error.message));
    }
    out + &format!("\nPrint build logs: docker buildx history logs {}\n", build.id)
}

/// How a build ended.
fn status(outcome: &Outcome) -> &'static str {
    match &outcome.result {
        Ok(_) => "Completed",
        Err(error) if error.message == CANCELED => "Canceled",
        Err(_) => "Error",
    }
}

fn build_name(build: &Build) -> String {
    build.tags.first().map_or_else(|| "project".to_owned(), |tag| crate::docker::reference::familiar(tag).0)
}

fn build_row(build: &Build, now: f64) -> Vec<String> {
    let outcome = &build.simulation.outcome;
    let status = status(outcome);
    let created = ago(((now - build.began) / 1000.0) as i64);
    vec![build.id.to_string(), build_name(build), status.into(), created, format!("{:.1}s", outcome.elapsed.as_secs_f64())]
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
