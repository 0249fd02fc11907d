//! go: `mod download`, `build`, `install`. Reads the project's real go.mod and imports; what it writes is modelled.
//!
//! A binary weighs what its packages weigh (data/go.txt) and its own sources; modules and the build cache fill GOMODCACHE and
//! GOCACHE; compiling what the build cache has takes no time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::base::Digest;
use crate::filesystem::Content;
use crate::machine::Process;

const DATA: &str = include_str!("data/go.txt");
/// A module that the data do not know: extracted, zipped, linked.
const UNKNOWN_MODULE: [u64; 3] = [600_000, 150_000, 120_000];
/// A package of the standard library that the data do not know.
const UNKNOWN_PACKAGE: u64 = 40_000;
/// Machine code for a byte of source.
const CODE_PER_SOURCE: u64 = 3;
/// Bytes in the build cache for a byte of machine code, times ten.
const CACHE_PER_CODE: u64 = 22;
/// Linking, and compiling the project's own packages.
const LINK: Duration = Duration::from_millis(2000);

/// Runs `go …`.
pub(super) fn run(p: &mut Process) -> i32 {
    let words: Vec<String> = p.args.iter().skip(1).cloned().collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["version", ..] => {
            let version = p.var("GOLANG_VERSION").unwrap_or("1.21").to_owned();
            p.out(format!("go version go{version} linux/amd64\n"));
            0
        }
        ["mod", "download", ..] => download_all(p),
        ["mod", "tidy" | "verify", ..] => match module(p) {
            Some(_) => 0,
            None => missing_module(p),
        },
        ["build", rest @ ..] => build(p, rest, false),
        ["install", rest @ ..] => build(p, rest, true),
        ["vet" | "test" | "fmt" | "generate", ..] => {
            p.spend(LINK);
            0
        }
        _ => {
            p.err(format!("bottleship: go {} is not simulated\n", words.first().unwrap_or(&"")));
            0
        }
    }
}

/// The module that the working directory is in.
struct Module {
    root: String,
    path: String,
    /// Name and version.
    needs: Vec<(String, String)>,
}

fn module(p: &Process) -> Option<Module> {
    let mut folder = p.cwd.clone();
    loop {
        let file = folder.child("go.mod");
        if p.exists(file.as_str()) {
            return Some(read_module(folder.as_str(), &p.text(file.as_str())));
        }
        folder = folder.parent()?;
    }
}

fn read_module(root: &str, text: &str) -> Module {
    let mut module = Module { root: root.to_owned(), path: String::new(), needs: Vec::new() };
    let mut inside = false;
    for line in text.lines().map(|line| line.split("//").next().unwrap_or_default().trim()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["module", path] => module.path = path.trim_matches('"').to_owned(),
            ["require", "("] => inside = true,
            [")"] => inside = false,
            ["require", name, version] => module.needs.push(((*name).to_owned(), (*version).to_owned())),
            [name, version] if inside => module.needs.push(((*name).to_owned(), (*version).to_owned())),
            _ => {}
        }
    }
    module
}

fn missing_module(p: &mut Process) -> i32 {
    p.err("go: no modules specified (see 'go help mod download')\n");
    1
}

fn download_all(p: &mut Process) -> i32 {
    let Some(module) = module(p) else { return missing_module(p) };
    for (name, version) in &module.needs {
        download(p, name, version, false);
    }
    0
}

/// Puts a module into the cache if it is not there.
fn download(p: &mut Process, name: &str, version: &str, announce: bool) {
    let cache = p.var("GOMODCACHE").map_or_else(|| format!("{}/pkg/mod", gopath(p)), str::to_owned);
    let folder = format!("{cache}/{name}@{version}");
    if p.exists(&folder) {
        return;
    }
    if announce {
        p.err(format!("go: downloading {name} {version}\n"));
    }
    let [extracted, zipped, _] = module_weight(name);
    p.spend(Duration::from_millis(250) + Duration::from_micros(zipped / 10));
    modelled(p, &format!("{folder}/sources.go"), &format!("go:{name}@{version}"), extracted);
    modelled(p, &format!("{cache}/cache/download/{name}/@v/{version}.zip"), &format!("zip:{name}@{version}"), zipped);
}

fn gopath(p: &Process) -> String {
    p.var("GOPATH").map_or_else(|| format!("{}/go", p.var("HOME").unwrap_or("/root")), str::to_owned)
}

/// Writes a file whose bytes are made up, with its folders.
fn modelled(p: &mut Process, path: &str, seed: &str, size: u64) {
    let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let content = Content::Synthetic { seed: Arc::from(seed), size };
    let written = p.mkdir_all(folder).and_then(|()| p.write(path, content));
    if let Err(errno) = written {
        p.fail(&format!("{path}: {}", errno.text()));
    }
}

fn build(p: &mut Process, words: &[&str], install: bool) -> i32 {
    let mut output = None;
    let mut stripped = false;
    let mut packages = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.split_once('=').map_or((*word, None), |(flag, value)| (flag, Some(value))) {
            ("-o", value) => output = value.or_else(|| words.next().copied()).map(str::to_owned),
            ("-ldflags" | "--ldflags", value) => {
                let flags = value.or_else(|| words.next().copied()).unwrap_or_default();
                stripped = flags.contains("-s") || flags.contains("-w");
            }
            ("-tags" | "-p" | "-mod" | "-gcflags" | "-asmflags" | "-buildmode", None) => drop(words.next()),
            (flag, _) if flag.starts_with('-') => {}
            (package, _) => packages.push(package.to_owned()),
        }
    }
    if packages.is_empty() {
        packages.push(".".into());
    }
    for package in packages {
        let status = match package.split_once('@') {
            Some((name, version)) if install => install_remote(p, name, version),
            _ => build_one(p, &package, output.as_deref(), stripped, install),
        };
        if status != 0 {
            return status;
        }
    }
    0
}

fn install_remote(p: &mut Process, name: &str, version: &str) -> i32 {
    download(p, name, version, true);
    p.spend(LINK);
    let file = format!("{}/{}", bin(p), name.rsplit('/').next().unwrap_or(name));
    binary(p, &file, &format!("go:{name}@{version}"), package_weight("runtime") + package_weight("net/http"))
}

fn bin(p: &Process) -> String {
    p.var("GOBIN").map_or_else(|| format!("{}/bin", gopath(p)), str::to_owned)
}

fn build_one(p: &mut Process, package: &str, output: Option<&str>, stripped: bool, install: bool) -> i32 {
    let Some(module) = module(p) else {
        p.err("go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n");
        return 1;
    };
    let folder = match package.strip_prefix(&module.path) {
        Some(below) => p.cwd.join(&format!("{}/{below}", module.root)),
        None => p.cwd.join(package),
    };
    if !p.is_dir(folder.as_str()) {
        p.err(format!("stat {folder}: directory not found\n"));
        return 1;
    }
    let found = match reach(p, &module, folder.as_str()) {
        Ok(found) => found,
        Err(error) => {
            p.err(error);
            return 1;
        }
    };
    for (name, version) in &module.needs {
        if found.external.iter().any(|import| is_within(import, name)) {
            download(p, name, version, true);
        }
    }
    compile(p, &found);
    p.spend(LINK);
    let code: u64 = package_weight("runtime") + found.weight() + found.source * CODE_PER_SOURCE;
    let size = if stripped { code * 68 / 100 } else { code };
    let name = if folder.as_str() == module.root { module.path.rsplit('/').next().unwrap_or("main") } else { folder.name() };
    let path = match output {
        Some(output) if output.ends_with('/') || p.is_dir(output) => format!("{}/{name}", output.trim_end_matches('/')),
        Some(output) => output.to_owned(),
        None if install => format!("{}/{name}", bin(p)),
        None => name.to_owned(),
    };
    binary(p, &path, &format!("go:{}", found.digest), size)
}

/// An executable file.
fn binary(p: &mut Process, path: &str, seed: &str, size: u64) -> i32 {
    let absolute = p.cwd.join(path);
    modelled(p, absolute.as_str(), seed, size);
    let ids = p.ids.clone();
    match p.stat(absolute.as_str()).and_then(|(real, _)| p.system.chmod(&ids, &real, 0o755)) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// Everything that a package needs.
#[derive(Default)]
struct Found {
    standard: BTreeSet<String>,
    external: BTreeSet<String>,
    /// Bytes of the project's sources.
    source: u64,
    digest: String,
}

impl Found {
    fn weight(&self) -> u64 {
        let standard: u64 = self.standard.iter().map(|name| package_weight(name)).sum();
        standard + self.external.iter().map(|name| linked_weight(name)).sum::<u64>()
    }
}

/// Follows the imports of the project's own packages.
fn reach(p: &mut Process, module: &Module, folder: &str) -> Result<Found, String> {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        let names = p.list(&folder).map_err(|errno| format!("{folder}: {}\n", errno.text()))?;
        let sources: Vec<String> = names.into_iter().filter(|name| name.ends_with(".go") && !name.ends_with("_test.go")).collect();
        if sources.is_empty() {
            return Err(format!("no Go files in {folder}\n"));
        }
        for name in sources {
            let text = p.text(&format!("{folder}/{name}"));
            found.source += text.len() as u64;
            found.digest = Digest::of(format!("{}{text}", found.digest)).hex();
            for import in imports(&text) {
                match import.strip_prefix(&module.path) {
                    Some(below) if below.is_empty() || below.starts_with('/') => todo.push(format!("{}{below}", module.root)),
                    _ if import.split('/').next().is_some_and(|first| first.contains('.')) => {
                        if !module.needs.iter().any(|(name, _)| is_within(&import, name)) {
                            let file = format!("{folder}/{name}");
                            return Err(format!("{file}: no required module provides package {import}; to add it:\n\tgo get {import}\n"));
                        }
                        found.external.insert(import);
                    }
                    _ => drop(found.standard.insert(import)),
                }
            }
        }
    }
    Ok(found)
}

/// What a Go file imports.
fn imports(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        match line {
            "import (" => inside = true,
            ")" => inside = false,
            line if inside || line.starts_with("import ") => out.extend(line.split('"').nth(1).map(str::to_owned)),
            line if line.starts_with("func ") => break,
            _ => {}
        }
    }
    out
}

/// Compiles what the build cache does not have.
fn compile(p: &mut Process, found: &Found) {
    let cache = p.var("GOCACHE").map_or_else(|| format!("{}/.cache/go-build", p.var("HOME").unwrap_or("/root")), str::to_owned);
    let standard = found.standard.iter().map(|name| (name, package_weight(name)));
    let external = found.external.iter().map(|name| (name, linked_weight(name)));
    let runtime = "runtime".to_owned();
    let all: Vec<(String, u64)> =
        standard.chain(external).chain([(&runtime, package_weight("runtime"))]).map(|(n, w)| (n.clone(), w)).collect();
    for (name, weight) in all {
        let hex = Digest::of(&name).hex();
        let path = format!("{cache}/{}/{hex}-d", &hex[..2]);
        if !p.exists(&path) {
            p.spend(Duration::from_nanos(weight * 150));
            modelled(p, &path, &format!("go-build:{name}"), weight * CACHE_PER_CODE / 10);
        }
    }
}

fn is_within(import: &str, module: &str) -> bool {
    import.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn package_weight(name: &str) -> u64 {
    rows("std").find(|row| row.first() == Some(&name)).and_then(|row| row.get(1)?.parse().ok()).unwrap_or(UNKNOWN_PACKAGE)
}

fn linked_weight(import: &str) -> u64 {
    rows("module").find(|row| row.first().is_some_and(|name| is_within(import, name))).map_or(UNKNOWN_MODULE[2], |row| numbers(&row)[2])
}

fn module_weight(name: &str) -> [u64; 3] {
    rows("module").find(|row| row.first() == Some(&name)).map_or(UNKNOWN_MODULE, |row| numbers(&row))
}

fn numbers(row: &[&str]) -> [u64; 3] {
    let number = |at: usize| row.get(at).and_then(|text| text.parse().ok()).unwrap_or(0);
    [number(1), number(2), number(3)]
}

fn rows(kind: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = DATA.lines().filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(' '));
    lines.map(|line| line.split(' ').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_module() {
        let module = read_module("/src", "module example.com/x // name\n\ngo 1.21\n\nrequire (\n\ta.b/c v1.0.0\n)\nrequire d.e/f v2.0.0\n");
        assert_eq!(module.path, "example.com/x");
        assert_eq!(module.needs, [("a.b/c".into(), "v1.0.0".into()), ("d.e/f".into(), "v2.0.0".into())]);
    }

    #[test]
    fn finds_imports_in_both_forms() {
        assert_eq!(
            imports("package x\nimport \"fmt\"\nimport (\n\tj \"encoding/json\"\n)\nfunc f() { \"no\" }\n"),
            ["fmt", "encoding/json"]
        );
    }

    #[test]
    fn every_row_of_the_data_is_whole() {
        assert!(rows("std").all(|row| row.len() == 2 && row[1].parse::<u64>().is_ok()));
        assert!(rows("module").all(|row| row.len() == 4 && row[1..].iter().all(|number| number.parse::<u64>().is_ok())));
        assert!(package_weight("runtime") > 1_000_000 && is_within("a.b/c/d", "a.b/c") && !is_within("a.b/cd", "a.b/c"));
    }
}
