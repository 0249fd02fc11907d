//! The go command, modelled: it reads go.mod and the imports of the real sources; programs and caches get believable sizes.
//!
//! No compiler: a mistake in the code is not found. Build tags are those of file names.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Process;
use super::arguments::Arguments;
use super::effects::{self, take};
use crate::base::go::{clean_path, join_path};
use crate::base::{Digest, go};
use crate::filesystem::ImagePath;
use crate::machine::Network;
use crate::world::assumed::Sought;

/// Sizes of packages and modules.
const TABLE: &str = include_str!("data/go.txt");
/// Flags that take a value.
const VALUED: &[&str] = &[
    "-o",
    "-ldflags",
    "-gcflags",
    "-tags",
    "-mod",
    "-p",
    "-asmflags",
    "-buildmode",
    "-C",
    "-run",
    "-coverprofile",
    "-modfile",
    "-timeout",
    "-count",
    "-installsuffix",
    "-gccgoflags",
    "-compiler",
    "-toolexec",
    "-pkgdir",
    "-overlay",
    "-pgo",
    "-coverpkg",
    "-exec",
];
/// A package or module that the table does not have: kB linked, kB zipped, kB unpacked.
const OTHER: (u64, u64, u64) = (90, 80, 310);
/// What `go mod download` says without go.mod.
const NO_MODULES: &str = "go: no modules specified (see 'go help mod download')";
/// What a compiled package takes in the build cache, of what it takes in a program, in percent.
const CACHED_PERCENT: u64 = 262;

/// Runs `go …`; `None`: a subcommand that is not modelled.
pub fn run(process: &mut Process) -> Option<i32> {
    // Go's flags may begin with two dashes.
    let single = |word: &String| word.strip_prefix('-').filter(|rest| rest.len() > 1 && rest.starts_with('-')).unwrap_or(word).to_owned();
    let words: Vec<String> = process.args[1..].iter().map(single).collect();
    let args = Arguments::read(&words, VALUED);
    let result = match args.command() {
        "build" => build(process, &args),
        "install" => install(process, &args),
        "mod" => modules(process, &args),
        "get" => match module(process) {
            Ok(module) => fetch(process, &module, &[]),
            // Outside of modules it was how to install a program.
            Err(_) if is_before_modules(process) => args.rest().iter().try_for_each(|word| from_afar(process, word)),
            Err(error) => Err(error),
        },
        "vet" | "test" | "generate" | "list" => module(process).and_then(|module| check(process, &args, &module)),
        "version" => {
            let version = version(process);
            process.out(format!("go version go{version} linux/amd64\n"));
            Ok(())
        }
        "env" => {
            environment(process, &args);
            Ok(())
        }
        "clean" => {
            let cache = build_cache(process);
            if args.has(&["-cache"]) {
                let _ = process.remove_all(&cache);
            }
            if args.has(&["-modcache"]) {
                let cache = module_cache(process);
                let _ = process.remove_all(&cache);
            }
            Ok(())
        }
        "fmt" | "telemetry" | "tool" | "work" | "fix" => Ok(()),
        _ => return None,
    };
    Some(match result {
        Ok(()) => 0,
        Err(text) => {
            process.err(format!("{text}\n"));
            1
        }
    })
}

/// go.mod, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Module {
    root: String,
    path: String,
    requires: BTreeMap<String, String>,
    replaced: BTreeMap<String, String>,
}

fn module(process: &Process) -> Result<Module, String> {
    let mut folder = process.cwd.clone();
    loop {
        let file = folder.join("go.mod");
        if process.exists(file.as_str()) {
            return Ok(read_module(folder.as_str(), &process.text(file.as_str())));
        }
        folder = folder.parent().ok_or("go: go.mod file not found in current directory or any parent directory; see 'go help modules'")?;
    }
}

fn read_module(root: &str, text: &str) -> Module {
    let mut module = Module { root: root.into(), ..Module::default() };
    let mut block = "";
    for line in text.lines().map(|line| line.split("//").next().unwrap_or("").trim()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (verb, rest) = match words.as_slice() {
            [verb, "("] => {
                block = verb;
                continue;
            }
            [")"] => {
                block = "";
                continue;
            }
            words if !block.is_empty() => (block, words),
            [verb, rest @ ..] => (*verb, rest),
            [] => continue,
        };
        match (verb, rest) {
            ("module", [path]) => module.path = path.trim_matches('"').into(),
            ("require", [path, version, ..]) => {
                module.requires.insert((*path).into(), (*version).into());
            }
            ("replace", [path, .., "=>", to]) if to.starts_with('.') => {
                module.replaced.insert((*path).into(), join_path(root, to));
            }
            _ => {}
        }
    }
    module
}

/// Where the code of an import path is.
enum Place {
    Standard,
    Local(String),
    Required,
}

fn place(module: &Module, import: &str) -> Option<Place> {
    let under = |path: &str| import == path || import.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    let below = |path: &str, root: &str| Place::Local(join_path(root, import[path.len()..].trim_start_matches('/')));
    if under(&module.path) {
        return Some(below(&module.path, &module.root));
    }
    if let Some((path, root)) = module.replaced.iter().find(|(path, _)| under(path)) {
        return Some(below(path, root));
    }
    if !import.split('/').next().unwrap_or("").contains('.') {
        return Some(Place::Standard);
    }
    module.requires.keys().find(|path| under(path)).map(|_| Place::Required)
}

/// Everything that a program is linked of: packages with their kB, and its own source bytes.
#[derive(Debug, Default)]
struct Linked {
    packages: BTreeMap<String, u64>,
    source: u64,
    /// Of the sources: other sources make another program.
    digest: String,
}

fn link(process: &mut Process, module: &Module, folder: &str) -> Result<Linked, String> {
    let mut linked = Linked::default();
    add_table(&mut linked, "runtime");
    let mut seen = BTreeSet::new();
    let mut todo = vec![(folder.to_owned(), String::new())];
    while let Some((folder, importer)) = todo.pop() {
        if !seen.insert(folder.clone()) || !process.burn(100) {
            continue;
        }
        let sources = sources(process, &folder);
        if sources.is_empty() {
            return Err(no_sources(process, module, &folder, &importer));
        }
        for (name, text) in sources {
            linked.source += text.len() as u64;
            linked.digest = Digest::of(format!("{}{name}\n{text}", linked.digest)).hex();
            for (line, import) in imports(&text) {
                let at = format!("{}:{line}:2", relative(process, &format!("{folder}/{name}")));
                match place(module, &import) {
                    Some(Place::Local(other)) => todo.push((other, format!("{at}: "))),
                    Some(Place::Standard) if import == "C" => {}
                    Some(_) => add_table(&mut linked, &import),
                    None => return Err(format!("{at}: no required module provides package {import}; to add it:\n\tgo get {import}")),
                }
            }
        }
    }
    Ok(linked)
}

fn no_sources(process: &Process, module: &Module, folder: &str, importer: &str) -> String {
    let rest = folder.strip_prefix(&module.root).unwrap_or(folder).trim_start_matches('/');
    let path = if rest.is_empty() { module.path.clone() } else { format!("{}/{rest}", module.path) };
    process.system.miss(folder, ImagePath::new(folder).child("main.go"));
    process.system.sought(1, Sought::File);
    match (process.is_dir(folder), importer.is_empty()) {
        (false, true) => format!("stat {folder}: directory not found"),
        (true, true) => format!("no Go files in {folder}"),
        (_, false) => format!("{importer}package {path} is not in std ({folder})"),
    }
}

/// Adds a package and what it imports, as the table has it.
fn add_table(linked: &mut Linked, import: &str) {
    let mut todo = vec![import.to_owned()];
    while let Some(import) = todo.pop() {
        if linked.packages.contains_key(&import) {
            continue;
        }
        let row = row(&import);
        linked.packages.insert(import, row.map_or(OTHER.0, |row| row.linked));
        todo.extend(row.map_or("", |row| row.imports).split_whitespace().map(str::to_owned));
    }
}

#[derive(Clone, Copy)]
struct Row {
    linked: u64,
    imports: &'static str,
    zipped: u64,
    unpacked: u64,
}

/// The row of a package, or of the nearest path above it.
fn row(import: &str) -> Option<Row> {
    let mut path = import;
    loop {
        let line = TABLE.lines().find(|line| line.strip_prefix(path).is_some_and(|rest| rest.starts_with(' ')));
        if let Some(line) = line {
            let (package, module) = line[path.len() + 1..].split_once('|').unwrap_or((&line[path.len() + 1..], ""));
            let (linked, imports) = package.split_once(' ').unwrap_or((package, ""));
            let (zipped, unpacked) = module.split_once(' ').unwrap_or(("", ""));
            let number = |text: &str, or| text.parse().unwrap_or(or);
            return Some(Row {
                linked: number(linked, OTHER.0),
                imports,
                zipped: number(zipped, OTHER.1),
                unpacked: number(unpacked, OTHER.2),
            });
        }
        path = path.rsplit_once('/')?.0;
    }
}

/// The Go files of a package for linux/amd64, without tests.
fn sources(process: &mut Process, folder: &str) -> Vec<(String, String)> {
    let names = process.list(folder).unwrap_or_default();
    let wanted = |name: &String| {
        let stem = name.strip_suffix(".go").unwrap_or("");
        let other = ["_test", "_windows", "_darwin", "_arm64", "_freebsd", "_js", "_wasm", "_plan9"].iter().any(|end| stem.ends_with(end));
        !stem.is_empty() && !other && !stem.starts_with(['_', '.'])
    };
    names.into_iter().filter(wanted).map(|name| (name.clone(), process.text(&format!("{folder}/{name}")))).collect()
}

/// Import paths of a Go file with their lines.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut block = false;
    for (number, line) in text.lines().enumerate().map(|(i, line)| (i + 1, line.trim())) {
        let spec = match (block, line.strip_prefix("import")) {
            (true, _) if line.starts_with(')') => {
                block = false;
                continue;
            }
            (true, _) => line,
            (false, Some(rest)) if rest.trim_start().starts_with('(') => {
                block = true;
                rest.trim_start().trim_start_matches('(')
            }
            (false, Some(rest)) if rest.starts_with([' ', '\t', '"']) => rest,
            _ if ["func ", "type ", "var ", "const "].iter().any(|word| line.starts_with(word)) => break,
            _ => continue,
        };
        if let Some(path) = spec.split(['"', '`']).nth(1).filter(|_| !spec.trim_start().starts_with("//")) {
            found.push((number, path.to_owned()));
        }
    }
    found
}

fn build(process: &mut Process, args: &Arguments) -> Result<(), String> {
    let module = module(process)?;
    let wanted = if args.rest().is_empty() { vec![".".to_owned()] } else { args.rest().to_vec() };
    let output = args.value(&["-o"]).map(str::to_owned);
    let targets: Vec<String> = targets(process, &module, &wanted)?;
    let single = targets.len() == 1;
    for folder in targets {
        let linked = link(process, &module, &folder)?;
        fetch(process, &module, &[])?;
        compile(process, &linked);
        let name = if folder == module.root { module.path.as_str() } else { folder.as_str() };
        let name = name.rsplit('/').find(|part| !is_major(part)).unwrap_or("main").to_owned();
        if !is_main(process, &folder) {
            continue;
        }
        let path = match &output {
            Some(path) if path.ends_with('/') || process.is_dir(path) => format!("{}/{name}", path.trim_end_matches('/')),
            Some(path) => path.clone(),
            None if single => name,
            None => continue,
        };
        if path != "/dev/null" {
            let path = absolute(process, &path);
            effects::program(process, &path, &seed(&linked, args), program_size(&linked, args))
                .map_err(|error| format!("go: writing {path}: {}", error.text()))?;
        }
    }
    Ok(())
}

fn targets(process: &mut Process, module: &Module, wanted: &[String]) -> Result<Vec<String>, String> {
    let mut folders = BTreeSet::new();
    for word in wanted {
        if let Some(root) = word.strip_suffix("...") {
            below(process, &absolute(process, if root.is_empty() { "." } else { root }), &mut folders, 0);
        } else if word.ends_with(".go") {
            if !process.exists(word) {
                return Err(format!("no required module provides package {word}; to add it:\n\tgo get {word}"));
            }
            let file = absolute(process, word);
            folders.insert(file.rsplit_once('/').map_or("/", |(folder, _)| folder).to_owned());
        } else if word.starts_with('.') || word.starts_with('/') {
            folders.insert(absolute(process, word));
        } else {
            match place(module, word) {
                Some(Place::Local(folder)) => drop(folders.insert(folder)),
                Some(Place::Standard) => return Err(format!("package {word} is not in std (/usr/local/go/src/{word})")),
                _ => return Err(format!("no required module provides package {word}; to add it:\n\tgo get {word}")),
            }
        }
    }
    Ok(folders.into_iter().collect())
}

/// All folders with Go files.
fn below(process: &mut Process, folder: &str, found: &mut BTreeSet<String>, depth: usize) {
    if depth > 40 || !process.burn(100) {
        return;
    }
    if !sources(process, folder).is_empty() {
        found.insert(folder.trim_end_matches('/').to_owned());
    }
    for name in process.list(folder).unwrap_or_default() {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        if process.is_dir(&path) && !name.starts_with(['.', '_']) && name != "vendor" && name != "testdata" {
            below(process, &path, found, depth + 1);
        }
    }
}

fn program_size(linked: &Linked, args: &Arguments) -> u64 {
    let flags = args.value(&["-ldflags"]).unwrap_or("");
    let stripped = flags.split_whitespace().any(|flag| flag.trim_matches(['\'', '"']) == "-s" || flag.trim_matches(['\'', '"']) == "-w");
    let size = linked.packages.values().sum::<u64>() * 1000 + linked.source * 2;
    if stripped { size * 68 / 100 } else { size }
}

fn seed(linked: &Linked, args: &Arguments) -> String {
    format!("go:{} {:?}", linked.digest, args.flags.iter().filter(|(flag, _)| flag != "-o").collect::<Vec<_>>())
}

/// Compiles what the build cache does not have.
fn compile(process: &mut Process, linked: &Linked) {
    let cache = build_cache(process);
    let mut seconds = 0.35 + linked.source as f64 / 40_000.0;
    for (package, kilobytes) in &linked.packages {
        let key = Digest::of(package).hex();
        let path = format!("{cache}/{}/{key}-d", &key[..2]);
        if !process.exists(&path) && process.burn(50) {
            let _ = effects::bulk(process, &path, kilobytes * 10 * CACHED_PERCENT);
            seconds += *kilobytes as f64 / 330.0;
        }
    }
    take(process, seconds + 0.4);
}

fn is_main(process: &mut Process, folder: &str) -> bool {
    sources(process, folder).iter().any(|(_, text)| text.lines().any(|line| line.trim_end() == "package main"))
}

fn is_major(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn check(process: &mut Process, args: &Arguments, module: &Module) -> Result<(), String> {
    let wanted = if args.rest().is_empty() { vec![".".to_owned()] } else { args.rest().to_vec() };
    if args.command() == "list" {
        let path = module.path.clone();
        process.out(format!("{path}\n"));
        return Ok(());
    }
    for folder in targets(process, module, &wanted)? {
        let linked = link(process, module, &folder)?;
        fetch(process, module, &[])?;
        compile(process, &linked);
        if args.command() == "test" {
            let rest = folder.strip_prefix(&module.root).unwrap_or("").to_owned();
            let tested = process.list(&folder).unwrap_or_default().iter().any(|name| name.ends_with("_test.go"));
            let line = if tested { "ok  \t{}\t0.004s" } else { "?   \t{}\t[no test files]" };
            process.out(line.replace("{}", &format!("{}{rest}", module.path)) + "\n");
        }
    }
    Ok(())
}

/// Where programs are installed.
fn bin(process: &Process) -> String {
    process.var("GOBIN").filter(|bin| !bin.is_empty()).map_or_else(|| format!("{}/bin", go_path(process)), str::to_owned)
}

/// Whether this go installs with `get` what lies outside of a module.
fn is_before_modules(process: &Process) -> bool {
    version(process).split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok()).is_some_and(|minor| minor < 17)
}

/// Installs the program `PATH@VERSION` of another project.
fn from_afar(process: &mut Process, word: &str) -> Result<(), String> {
    let (path, version) = word.split_once('@').unwrap_or((word, "latest"));
    online(process, path)?;
    let version = if version == "latest" { "v1.0.0" } else { version };
    process.err(format!("go: downloading {path} {version}\n"));
    let name = path.rsplit('/').find(|part| !is_major(part)).unwrap_or(path).to_owned();
    take(process, 9.0);
    let size = effects::spread(path, 6_000_000, 19_000_000);
    let place = format!("{}/{name}", bin(process));
    effects::program(process, &place, word, size).map_err(|error| format!("go: {}", error.text()))
}

fn install(process: &mut Process, args: &Arguments) -> Result<(), String> {
    let bin = bin(process);
    for word in args.rest() {
        if word.contains('@') {
            from_afar(process, word)?;
        } else {
            let module = module(process)?;
            for folder in targets(process, &module, std::slice::from_ref(word))? {
                let linked = link(process, &module, &folder)?;
                fetch(process, &module, &[])?;
                compile(process, &linked);
                if is_main(process, &folder) {
                    let name = folder.rsplit('/').next().unwrap_or("main").to_owned();
                    effects::program(process, &format!("{bin}/{name}"), &seed(&linked, args), program_size(&linked, args))
                        .map_err(|error| format!("go: {}", error.text()))?;
                }
            }
        }
    }
    Ok(())
}

fn modules(process: &mut Process, args: &Arguments) -> Result<(), String> {
    match args.rest().first().map_or("", String::as_str) {
        "download" | "tidy" | "vendor" => {
            let module = module(process).map_err(|error| if args.words[1] == "download" { NO_MODULES.to_owned() } else { error })?;
            fetch(process, &module, args.rest().get(1..).unwrap_or_default())
        }
        "verify" => {
            module(process)?;
            process.out("all modules verified\n");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Brings the required modules into the module cache.
fn fetch(process: &mut Process, module: &Module, only: &[String]) -> Result<(), String> {
    let cache = module_cache(process);
    if process.is_dir(&format!("{}/vendor", module.root)) {
        return Ok(());
    }
    let quiet = process.args.get(1).is_some_and(|word| word == "mod");
    for (path, version) in &module.requires {
        let wanted = only.is_empty() || only.iter().any(|word| word.split('@').next() == Some(path));
        let archive = format!("{cache}/cache/download/{path}/@v/{version}.zip");
        if !wanted || module.replaced.contains_key(path) || process.exists(&archive) {
            continue;
        }
        online(process, path)?;
        if !quiet {
            process.err(format!("go: downloading {path} {version}\n"));
        }
        let (zipped, unpacked) = row(path).map_or((OTHER.1, OTHER.2), |row| (row.zipped, row.unpacked));
        let fail = |error: crate::filesystem::Errno| format!("go: {path}@{version}: {}", error.text());
        effects::bulk(process, &archive, zipped * 1000).map_err(fail)?;
        effects::text(
            process,
            &format!("{cache}/cache/download/{path}/@v/{version}.info"),
            &format!("{{\"Version\":{}}}", go::quote(version)),
        )
        .map_err(fail)?;
        effects::text(process, &format!("{cache}/cache/download/{path}/@v/{version}.mod"), &format!("module {path}\n")).map_err(fail)?;
        effects::text(process, &format!("{cache}/{path}@{version}/go.mod"), &format!("module {path}\n")).map_err(fail)?;
        effects::bulk(process, &format!("{cache}/{path}@{version}/.modelled"), unpacked * 1000).map_err(fail)?;
        take(process, 0.2 + zipped as f64 / 5000.0);
    }
    Ok(())
}

fn online(process: &Process, path: &str) -> Result<(), String> {
    if process.system.network == Network::None {
        return Err(format!("go: {path}: dial tcp: lookup of the module proxy: Temporary failure in name resolution"));
    }
    Ok(())
}

fn environment(process: &mut Process, args: &Arguments) {
    for word in args.rest() {
        let value = match word.as_str() {
            "GOPATH" => go_path(process),
            "GOROOT" => "/usr/local/go".into(),
            "GOCACHE" => build_cache(process),
            "GOMODCACHE" => module_cache(process),
            "GOOS" => process.var("GOOS").unwrap_or("linux").into(),
            "GOARCH" => process.var("GOARCH").unwrap_or("amd64").into(),
            "GOVERSION" => format!("go{}", version(process)),
            name => process.var(name).unwrap_or("").into(),
        };
        process.out(format!("{value}\n"));
    }
}

fn version(process: &Process) -> String {
    let text = process.text("/usr/local/go/VERSION");
    let named = text.lines().next().and_then(|line| line.strip_prefix("go"));
    named.or(process.var("GOLANG_VERSION")).unwrap_or("1.21.13").to_owned()
}

fn home(process: &Process) -> String {
    process.var("HOME").unwrap_or("/root").to_owned()
}

fn go_path(process: &Process) -> String {
    process.var("GOPATH").filter(|path| !path.is_empty()).map_or_else(|| format!("{}/go", home(process)), str::to_owned)
}

fn module_cache(process: &Process) -> String {
    process.var("GOMODCACHE").filter(|path| !path.is_empty()).map_or_else(|| format!("{}/pkg/mod", go_path(process)), str::to_owned)
}

fn build_cache(process: &Process) -> String {
    process.var("GOCACHE").filter(|path| !path.is_empty()).map_or_else(|| format!("{}/.cache/go-build", home(process)), str::to_owned)
}

fn absolute(process: &Process, path: &str) -> String {
    if path.starts_with('/') { clean_path(path) } else { join_path(process.cwd.as_str(), path) }
}

fn relative(process: &Process, path: &str) -> String {
    path.strip_prefix(process.cwd.as_str()).map_or_else(|| path.to_owned(), |rest| rest.trim_start_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_a_file() {
        let text = "package main\n\nimport \"os\"\n\nimport (\n\t\"fmt\"\n\tx \"a.b/c\"\n\t// \"no\"\n\t_ \"embed\"\n)\n\nfunc main() { println(\"import\") }\n";
        assert_eq!(imports(text), [(3, "os".into()), (6, "fmt".into()), (7, "a.b/c".into()), (9, "embed".into())]);
    }

    #[test]
    fn go_mod() {
        let module = read_module(
            "/src",
            "module a.b/c\n\ngo 1.21\n\nrequire x.y/z v1.0.0\nrequire (\n\tq.r/s v2.0.0 // indirect\n)\nreplace x.y/z => ./z\n",
        );
        assert_eq!(module.path, "a.b/c");
        assert_eq!(module.requires.keys().collect::<Vec<_>>(), ["q.r/s", "x.y/z"]);
        assert_eq!(module.replaced["x.y/z"], "/src/z");
    }

    #[test]
    fn every_import_of_the_table_is_in_it() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (name, _) = line.split_once(' ').unwrap();
            for import in row(name).unwrap().imports.split_whitespace() {
                assert!(TABLE.lines().any(|line| line.starts_with(&format!("{import} "))), "{name} imports {import}");
            }
        }
    }
}
