//! Carries out recipes of data: which one answers a command line, what it needs, what it does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::{Network, Process};
use super::arguments::Arguments;
use super::manifest::{self, Item};
use super::template::{Names, absolute, evaluate, fill, fill_value};
use super::{call, effects};
use crate::filesystem::{Content, Errno};
use crate::machine::shell::glob;
use crate::world::files::{self, EntryKind};
use crate::world::recipe::{self, Recipe};
use crate::world::value::At;

/// What a cached archive is of what is in it.
const PACKED: f64 = 0.3;
/// Folders that are no sources of a project.
const NOT_SOURCES: &[&str] = &["node_modules", ".git", "target", "vendor", "dist", "build", "bin", "obj", ".venv", "proc", "sys", "dev"];

/// A call that a recipe answers.
pub struct Call<'r> {
    recipe: &'r Recipe,
    /// The command line without the program.
    pub args: Arguments,
    /// How many of the words the recipe's `match` has taken.
    pub matched: usize,
    /// The name the recipe was found under.
    pub program: String,
    /// The program's file as it was found.
    file: String,
}

/// Runs the program `name`; `None`: no recipe answers these arguments.
pub fn run(process: &mut Process, name: &str, file: &str) -> Option<i32> {
    let project = process.system.project.clone();
    let recipes = recipe::recipes(name, &project.recipes);
    let call = recipes.iter().find_map(|recipe| {
        let valued: Vec<&str> = recipe.valued.iter().map(String::as_str).collect();
        let args = Arguments::read(&process.args[1..], &valued);
        let matched = matched(recipe, &args, process.args.get(1))?;
        let call = Call { recipe, args, matched, program: name.to_owned(), file: file.to_owned() };
        recipe.conditions.iter().all(|test| holds(process, &call, test)).then_some(call)
    })?;
    Some(carry_out(process, &call))
}

/// How many words of the command line a recipe takes; `None`: it is not for this one.
fn matched(recipe: &Recipe, args: &Arguments, first: Option<&String>) -> Option<usize> {
    if recipe.matches.is_empty() {
        return Some(0);
    }
    let fits = |words: &Vec<String>| {
        let here = words.len() <= args.words.len() && words.iter().zip(&args.words).all(|(word, arg)| word == "*" || word == arg);
        // A flag may stand first where a word is expected: `--version`.
        let flag = words.len() == 1 && words[0] != "*" && words.first() == first;
        (here || flag).then_some(if here { words.len() } else { 0 })
    };
    recipe.matches.iter().find_map(fits)
}

/// `flag:-g`, `file:yarn.lock`, `env:CI`, `env:NODE_ENV=production`, `words`, `network`; `!` in front turns it round.
/// Alternatives stand behind each other with `,`.
fn holds(process: &Process, call: &Call, test: &str) -> bool {
    if let Some(test) = test.strip_prefix('!') {
        return !holds(process, call, test);
    }
    let (kind, values) = test.split_once(':').unwrap_or((test, ""));
    match kind {
        "words" => call.args.words.len() > call.matched,
        "network" => process.system.network != Network::None,
        _ => values.split(',').any(|value| match kind {
            "flag" => match value.split_once('=') {
                Some((name, wanted)) => call.args.flags.iter().any(|(flag, value)| flag == name && value == wanted),
                None => call.args.has(&[value]),
            },
            "file" => !find_files(process, value).is_empty(),
            "env" => match value.split_once('=') {
                Some((name, wanted)) => process.var(name) == Some(wanted),
                None => process.var(value).is_some_and(|value| !value.is_empty()),
            },
            "word" => call.args.words.iter().any(|word| word == value),
            _ => false,
        }),
    }
}

/// Files of the working folder whose names match a pattern; the pattern may be a path.
pub fn find_files(process: &Process, pattern: &str) -> Vec<String> {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or((".", pattern));
    if !name.contains('*') {
        return if process.exists(pattern) { vec![pattern.to_owned()] } else { Vec::new() };
    }
    let names = process.list(folder).unwrap_or_default();
    names
        .into_iter()
        .filter(|other| glob::matches(name, other))
        .map(|name| if folder == "." { name } else { format!("{folder}/{name}") })
        .collect()
}

/// The names of one call, and those of one item while it is gone through.
struct Scope<'a> {
    call: &'a Call<'a>,
    texts: BTreeMap<&'static str, String>,
    numbers: BTreeMap<&'static str, f64>,
    env: &'a [(String, String)],
    item: Option<&'a Item>,
}

impl Names for Scope<'_> {
    fn text(&self, name: &str) -> Option<String> {
        if let Some(item) = self.item {
            match name {
                "name" => return Some(item.name.clone()),
                "base" => return Some(item.name.rsplit('/').next().unwrap_or("").to_owned()),
                "version" => return Some(item.version.clone()),
                "file" => return Some(item.file.clone()),
                _ => {}
            }
        }
        if let Some(variable) = name.strip_prefix('$') {
            return Some(self.env.iter().find(|(key, _)| key == variable).map_or(String::new(), |(_, value)| value.clone()));
        }
        if name.starts_with('-') {
            return Some(self.call.args.value(&name.split(',').collect::<Vec<_>>()).unwrap_or("").to_owned());
        }
        let words = self.call.args.words.get(self.call.matched..).unwrap_or_default();
        if let Ok(at) = name.parse::<usize>() {
            return Some(words.get(at.checked_sub(1)?).cloned().unwrap_or_default());
        }
        match name {
            "words" => Some(words.join(" ")),
            "program" => Some(self.call.program.clone()),
            _ => self.texts.get(name).cloned().or_else(|| self.number(name).map(|number| (number as u64).to_string())),
        }
    }

    fn given(&self, flags: &str) -> bool {
        self.call.args.has(&flags.split(',').collect::<Vec<_>>())
    }

    fn number(&self, name: &str) -> Option<f64> {
        match (name, self.item) {
            ("size", Some(item)) => Some(item.size as f64),
            _ => self.numbers.get(name).copied(),
        }
    }
}

fn scope<'a>(process: &Process, call: &'a Call<'a>, env: &'a [(String, String)]) -> Scope<'a> {
    let cwd = process.cwd.as_str().trim_end_matches('/').to_owned();
    let home = process.var("HOME").unwrap_or("/root").to_owned();
    let folder = call.file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let prefix = folder.rsplit_once('/').map_or("", |(prefix, _)| prefix).to_owned();
    let prefix = if prefix.is_empty() { "/usr/local".to_owned() } else { prefix };
    let site = manifest::python_site(process, &prefix);
    let folder_name = cwd.rsplit('/').next().unwrap_or("").to_owned();
    let python = site.split('/').find(|part| part.starts_with("python3")).unwrap_or("python3").to_owned();
    let own = call.file.clone();
    let target = call.args.value(&["--target", "-t"]).map_or_else(|| site.clone(), |path| absolute(&cwd, path));
    let venv = process.var("VIRTUAL_ENV").map_or_else(|| prefix.clone(), str::to_owned);
    let texts = [
        ("python", python),
        ("self", own),
        ("target", target),
        ("venv", venv),
        ("cwd", cwd),
        ("home", home),
        ("prefix", prefix),
        ("site", site),
        ("folder", folder_name),
    ];
    Scope { call, texts: texts.into_iter().collect(), numbers: BTreeMap::new(), env, item: None }
}

fn carry_out(process: &mut Process, call: &Call) -> i32 {
    let env = process.env.clone();
    let mut scope = scope(process, call, &env);
    let data = &call.recipe.data;
    let at = At::root(data, "recipe");
    for need in at.get("need").and_then(|needs| needs.items().ok()).unwrap_or_default() {
        if let Some(what) = lacks(process, call, &need, &scope) {
            scope.texts.insert("missing", what);
            let text = fill(need.text_or("say", "").unwrap_or(""), &scope);
            process.err(text + "\n");
            return need.get("exit").and_then(|exit| exit.number().ok()).unwrap_or(1) as i32;
        }
    }
    if data.to_string().contains("sources") {
        let sources = sources(process, process.cwd.as_str().to_owned().as_str(), 0);
        scope.numbers.insert("sources", sources as f64);
    }
    let mut done = Vec::new();
    let (mut count, mut total, mut fetched) = (0, 0, 0);
    for (reader, block) in at.get("each").and_then(|each| each.entries().ok()).unwrap_or_default() {
        let items = match manifest::read(process, reader, call) {
            Ok(items) => items,
            Err(text) => {
                process.err(text + "\n");
                return 1;
            }
        };
        for item in &items {
            count += item.count;
            total += item.size;
            if !is_cached(process, call, &block, &Scope { item: Some(item), ..scope_of(&scope) }) {
                fetched += item.size;
            }
        }
        done.push((block, items));
    }
    for (name, number) in [("count", count), ("total", total), ("fetched", fetched)] {
        scope.numbers.insert(name, number as f64);
    }
    let names: Vec<String> = done.iter().flat_map(|(_, items)| items.iter().map(|item| item.name.clone())).collect();
    scope.texts.insert("names", names.join(" "));
    remove(process, data, &scope);
    for (block, items) in &done {
        for item in items {
            if !process.burn(200) {
                return 1;
            }
            let scope = Scope { item: Some(item), ..scope_of(&scope) };
            if let Err((path, error)) = each(process, call, block, item, &scope) {
                return failed(process, call, &path, error);
            }
        }
    }
    if let Err((path, error)) = apply(process, data, &scope) {
        return failed(process, call, &path, error);
    }
    if let Some(kind) = data.get("call").and_then(Value::as_str) {
        return call::run(process, kind, call);
    }
    data.get("exit").and_then(Value::as_i64).unwrap_or(0) as i32
}

fn scope_of<'a>(scope: &Scope<'a>) -> Scope<'a> {
    Scope { call: scope.call, texts: scope.texts.clone(), numbers: scope.numbers.clone(), env: scope.env, item: scope.item }
}

fn failed(process: &mut Process, call: &Call, path: &str, error: Errno) -> i32 {
    process.err(format!("{}: {path}: {}\n", call.program, crate::machine::errno::text(error)));
    1
}

/// What of a need is missing.
fn lacks(process: &Process, call: &Call, need: &At, scope: &Scope) -> Option<String> {
    let words = |key: &str| need.words_of(key).unwrap_or_default();
    let files: Vec<String> = words("file").iter().map(|name| fill(name, scope)).collect();
    if let Some(missing) = files.into_iter().find(|name| find_files(process, name).is_empty()) {
        return Some(missing);
    }
    let any = words("any");
    if !any.is_empty() && any.iter().all(|name| find_files(process, &fill(name, scope)).is_empty()) {
        return Some(any[0].clone());
    }
    // Words that look like source files must be there.
    let ends = words("sources");
    let is_source = |word: &&String| ends.iter().any(|end| word.ends_with(end.as_str()));
    if let Some(missing) = call.args.words.iter().filter(is_source).find(|word| !process.exists(word)) {
        return Some(missing.clone());
    }
    if need.get("words").is_some() && call.args.words.len() <= call.matched {
        return Some(String::new());
    }
    (need.get("network").is_some() && process.system.network == Network::None).then(String::new)
}

fn cache_path(process: &Process, call: &Call, block: &At, scope: &Scope) -> Option<String> {
    let path = block.get("cache")?.text().ok()?;
    let unless = block.words_of("cache_unless").unwrap_or_default();
    (!unless.iter().any(|test| holds(process, call, test))).then(|| fill(path, scope))
}

fn is_cached(process: &Process, call: &Call, block: &At, scope: &Scope) -> bool {
    cache_path(process, call, block, scope).is_some_and(|path| process.exists(&path))
}

fn each(process: &mut Process, call: &Call, block: &At, item: &Item, scope: &Scope) -> Result<(), (String, Errno)> {
    if let Some(path) = cache_path(process, call, block, scope)
        && !process.exists(&path)
    {
        effects::bulk(process, &path, (item.size as f64 * PACKED) as u64).map_err(|error| (path.clone(), error))?;
    }
    remove(process, block.value, scope);
    apply(process, block.value, scope)?;
    if let Ok(folder) = block.text_or("programs", "")
        && !folder.is_empty()
    {
        for program in &item.programs {
            let path = absolute(process.cwd.as_str(), &fill(folder, scope));
            let path = format!("{}/{program}", path.trim_end_matches('/'));
            effects::program(process, &path, &path, 1_200).map_err(|error| (path.clone(), error))?;
        }
    }
    Ok(())
}

fn remove(process: &mut Process, data: &Value, scope: &Scope) {
    for pattern in data.get("remove").and_then(|at| At::root(at, "remove").words().ok()).unwrap_or_default() {
        for path in find_files(process, &fill(&pattern, scope)) {
            let _ = process.remove_all(&path);
        }
    }
}

/// Writes, prints, takes time.
fn apply(process: &mut Process, data: &Value, scope: &Scope) -> Result<(), (String, Errno)> {
    if let Some(write) = data.get("write") {
        let filled = fill_value(write, scope);
        for entry in files::read(&At::root(&filled, "write")).unwrap_or_default() {
            let path = settled(process, &entry.path);
            put(process, &path, &entry).map_err(|error| (path.clone(), error))?;
        }
    }
    let take = match data.get("take") {
        Some(Value::String(expression)) => evaluate(expression, scope),
        Some(number) => number.as_f64(),
        None => None,
    };
    effects::take(process, take.unwrap_or(0.0));
    if let Some(text) = data.get("print").and_then(Value::as_str) {
        process.out(fill(text, scope));
    }
    if let Some(text) = data.get("error").and_then(Value::as_str) {
        process.err(fill(text, scope));
    }
    Ok(())
}

/// A `*` in a part of a path stands for what is there; where nothing is, for nothing.
fn settled(process: &Process, path: &str) -> String {
    let mut at = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let name = match part.contains('*') {
            true => {
                let names = process.list(if at.is_empty() { "/" } else { &at }).unwrap_or_default();
                names.into_iter().find(|name| glob::matches(part, name)).unwrap_or_else(|| part.replace('*', ""))
            }
            false => part.to_owned(),
        };
        at.push('/');
        at.push_str(&name);
    }
    at
}

fn put(process: &mut Process, path: &str, entry: &files::Entry) -> Result<(), Errno> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    match &entry.kind {
        EntryKind::Removed => {
            return if process.lstat(path).is_ok() { process.remove_all(path) } else { Ok(()) };
        }
        EntryKind::Directory => process.mkdir_all(path)?,
        _ if !folder.is_empty() => process.mkdir_all(folder)?,
        _ => {}
    }
    match &entry.kind {
        EntryKind::Text(text) => process.write(path, text.as_str())?,
        EntryKind::Append(text) => {
            let text = process.text(path) + text;
            process.write(path, text.as_str())?;
        }
        EntryKind::Bulk(size) => process.write(path, Content::Synthetic { seed: path.into(), size: *size })?,
        EntryKind::Link(target) => {
            if process.lstat(path).is_ok() {
                process.remove_all(path)?;
            }
            let (ids, cwd) = (process.ids.clone(), process.cwd.clone());
            process.system.symlink(&ids, &cwd, target, path)?;
        }
        EntryKind::Directory | EntryKind::Removed => {}
    }
    match entry.mode {
        Some(mode) if !matches!(entry.kind, EntryKind::Link(_)) => {
            let (real, _) = process.stat(path)?;
            process.system.chmod(&process.ids.clone(), &real, mode)
        }
        _ => Ok(()),
    }
}

/// Bytes of the sources below a folder.
fn sources(process: &mut Process, folder: &str, depth: usize) -> u64 {
    if depth > 12 || !process.burn(20) {
        return 0;
    }
    let mut sum = 0;
    for name in process.list(folder).unwrap_or_default() {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        match process.lstat(&path) {
            Ok((_, node)) if node.as_directory().is_some() && !NOT_SOURCES.contains(&name.as_str()) => {
                sum += sources(process, &path, depth + 1);
            }
            Ok((_, node)) => sum += node.as_file().map_or(0, |file| file.content.len()),
            Err(_) => {}
        }
    }
    sum
}
