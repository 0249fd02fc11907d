//! A line typed in the terminal: docker's commands, and a few on the project's files.

use super::playground::{Build, Playground};
use super::project::ProjectClient;
use super::types::{CommandView, ProjectFile};
use super::{container, history};
use crate::base::Digest;
use crate::build::CacheUsage;
use crate::docker::command::parse_build;
use crate::docker::commands::verbs::{self, Verb};
use crate::docker::commands::{self, CacheRecord, Reply};
use crate::docker::files;
use crate::docker::products::products;
use crate::docker::simulate::{self, Terminal};
use crate::docker::units::human_size;
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
        name if verbs::is_docker(name) => return docker(playground, rest, text, now),
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
    let Some((command, taken)) = verbs::find(words) else { return plain(no_command(words)) };
    let rest = &words[taken..];
    if let Some(help) = commands::helped(command, rest) {
        return plain(Reply::ok(help));
    }
    let seconds = (now / 1000.0) as i64;
    plain(match command.verb {
        Verb::Build => return build(playground, rest, text, now),
        Verb::Run => return container::run(playground, rest, now),
        Verb::Images => commands::images(rest, &playground.store, seconds),
        Verb::History => commands::history(rest, &playground.store, seconds),
        Verb::Inspect => commands::inspect(rest, &playground.store),
        Verb::Remove => store(playground, commands::remove, rest),
        Verb::ImagePrune => store(playground, commands::image_prune, rest),
        Verb::Tag => store(playground, commands::tag, rest),
        Verb::Save => playground.save(rest, now),
        Verb::Load => playground.load(commands::archives::load, rest, seconds),
        Verb::Import => playground.load(commands::archives::import, rest, seconds),
        Verb::SystemDf => commands::system_df(rest, &playground.store, &cache(playground)),
        Verb::Du => commands::buildx_du(rest, &cache(playground), seconds),
        Verb::Prune => prune(playground, rest, seconds),
        Verb::BuildList | Verb::BuildLogs | Verb::BuildInspect | Verb::BuildRemove => {
            history::history(command, rest, &mut playground.builds, now)
        }
        Verb::Version => commands::version(rest),
    })
}

/// The answer to words that call no command.
fn no_command(words: &[String]) -> Reply {
    let given: Vec<String> = words.iter().take_while(|word| !word.starts_with('-')).cloned().collect();
    match words.first().map(String::as_str) {
        None | Some("help" | "--help" | "-h") => Reply::ok(commands::help()),
        Some("--version" | "-v") => commands::short_version(),
        Some(first @ ("pull" | "push" | "login" | "logout" | "search")) => {
            Reply::fail(format!("docker {first}: there is no network in this simulation\n"), 1)
        }
        _ => commands::help_of(&given).map(Reply::ok).unwrap_or_else(|| {
            let given = given.iter().take(2).map(String::as_str).collect::<Vec<_>>();
            let named = if verbs::next(&words[..1]).is_empty() { &given[..given.len().min(1)] } else { &given[..] };
            let named = named.join(" ");
            Reply::fail(format!("docker: unknown command: docker {named}\n\nRun 'docker --help' for more information\n"), 1)
        }),
    }
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
