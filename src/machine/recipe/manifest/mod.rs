//! Readers of manifests: which packages a project needs, which programs it makes. One small file a family.

mod dotnet;
mod java;
mod javascript;
mod php;
mod python;
mod ruby;
mod rust;
pub mod text;

use super::super::Process;
use super::effects::spread;
use super::engine::Call;

pub use python::site as python_site;

/// Sizes of packages: `family:name closure-kB count own-kB programs`.
const TABLE: &str = include_str!("../data/ecosystems.txt");

/// A package, or a thing that a build makes.
#[derive(Debug, Default, PartialEq)]
pub struct Item {
    pub name: String,
    pub version: String,
    /// Bytes.
    pub size: u64,
    /// How many packages it stands for, itself among them.
    pub count: u64,
    /// Names of the programs it brings.
    pub programs: Vec<String>,
    /// A file or folder that belongs to it.
    pub file: String,
}

/// Reads the manifest of a family; the error is what the program prints.
pub fn read(process: &mut Process, reader: &str, call: &Call) -> Result<Vec<Item>, String> {
    let words = call.args.words.get(call.matched..).unwrap_or_default().to_vec();
    match reader {
        "words" => Ok(words.iter().map(|word| named(&call.program, word)).collect()),
        "npm" => javascript::packages(process, call, &words),
        "pip" => python::requirements(process, call, &words),
        "pyproject" => Ok(python::project(process, ".")),
        "cargo" => Ok(rust::packages(process)),
        "cargo-programs" => Ok(rust::programs(process, call)),
        "maven" => Ok(java::maven(process)),
        "maven-artifacts" => Ok(java::maven_artifacts(process)),
        "gradle" => Ok(java::gradle(process)),
        "gradle-artifacts" => Ok(java::gradle_artifacts(process)),
        "dotnet" => Ok(dotnet::packages(process, &words)),
        "dotnet-projects" => Ok(dotnet::projects(process, &words)),
        "composer" => Ok(php::packages(process, call)),
        "gem" => Ok(ruby::packages(process)),
        _ => Ok(Vec::new()),
    }
}

/// A package named on a command line: `name`, `name@1.2`, `name==1.2`, `@scope/name@1`.
fn named(program: &str, word: &str) -> Item {
    let at = word[1.min(word.len())..].find(['@', '=', '<', '>', '~', '!', ':']).map_or(word.len(), |at| at + 1);
    let (name, version) = word.split_at_checked(at).unwrap_or((word, ""));
    let version = version.trim_start_matches(['@', '=', '<', '>', '~', '!', ':', '^']);
    let family = family(program);
    let mut item = package(family, name, version);
    if item.programs.is_empty() && family == "npm" {
        item.programs = vec![name.rsplit('/').next().unwrap_or(name).to_owned()];
    }
    item
}

fn family(program: &str) -> &str {
    match program {
        "npm" | "yarn" | "pnpm" | "bun" | "npx" => "npm",
        "pip" | "uv" | "poetry" | "pipx" | "pipenv" => "pip",
        "gem" | "bundle" => "gem",
        other => other,
    }
}

/// A package with all that it needs.
pub fn package(family: &str, name: &str, version: &str) -> Item {
    let row = row(family, name);
    let usual = if family == "pip" { (150_000, 4_600_000) } else { (60_000, 2_600_000) };
    Item {
        name: name.to_owned(),
        version: if version.is_empty() { guessed_version(name) } else { version.to_owned() },
        size: row.as_ref().map_or_else(|| spread(name, usual.0, usual.1), |row| row.closure),
        count: row.as_ref().map_or_else(|| spread(name, 1, 9), |row| row.count),
        programs: row.map_or(Vec::new(), |row| row.programs),
        file: String::new(),
    }
}

/// A package alone, as a lock file lists it.
pub fn locked(family: &str, name: &str, version: &str) -> Item {
    let row = row(family, name);
    // Most packages are small: the square of an even spread.
    let small = spread(name, 60, 700);
    Item {
        name: name.to_owned(),
        version: version.to_owned(),
        size: row.as_ref().map_or(small * small, |row| row.own),
        count: 1,
        programs: row.map_or(Vec::new(), |row| row.programs),
        file: String::new(),
    }
}

struct Row {
    closure: u64,
    count: u64,
    own: u64,
    programs: Vec<String>,
}

fn row(family: &str, name: &str) -> Option<Row> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let line = TABLE.lines().find(|line| {
        let rest = line.strip_prefix(family).and_then(|rest| rest.strip_prefix(':')).and_then(|rest| rest.strip_prefix(&name));
        rest.is_some_and(|rest| rest.starts_with(' '))
    })?;
    let mut words = line.split(' ').skip(1);
    let mut number = || words.next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(1);
    let (closure, count, own) = (number() * 1000, number(), number() * 1000);
    Some(Row { closure, count, own, programs: words.map(str::to_owned).collect() })
}

fn guessed_version(name: &str) -> String {
    format!("{}.{}.{}", spread(name, 1, 5), spread(name, 0, 13), spread(name, 0, 7))
}
