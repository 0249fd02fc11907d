//! Recipes as data: programs that have only effects, such as `npm ci`, described in JSON.
//!
//! The format is documented in docs/RECIPES.md; the engine's own (`data/recipes/*.json`) and a project's `bottleship.json`
//! share it. Here recipes are read, checked and found; `machine::recipe` carries them out.

use serde_json::Value;

use super::files;
use super::value::{self, At, DataError};

/// The data files of the recipes; a recipe is found by the names of its programs.
const DATA: &[(&str, &str)] = &[
    ("javascript.json", include_str!("data/recipes/javascript.json")),
    ("python.json", include_str!("data/recipes/python.json")),
    ("native.json", include_str!("data/recipes/native.json")),
    ("managed.json", include_str!("data/recipes/managed.json")),
    ("system.json", include_str!("data/recipes/system.json")),
];

const RECIPE_KEYS: &[&str] = &["programs", "match", "if", "valued", "need", "each", "call", "exit", "example", "comment"];
const EFFECT_KEYS: &[&str] = &["print", "error", "write", "remove", "take"];
const EACH_KEYS: &[&str] = &["programs", "cache", "cache_unless"];
const NEED_KEYS: &[&str] = &["file", "any", "sources", "words", "network", "say", "exit"];
const EXAMPLE_KEYS: &[&str] = &["files", "run", "out", "has", "exit"];
/// What reads manifests; `words` are those of the command line.
pub const READERS: &[&str] = &[
    "words",
    "npm",
    "pip",
    "pyproject",
    "cargo",
    "cargo-programs",
    "maven",
    "maven-artifacts",
    "gradle",
    "gradle-artifacts",
    "dotnet",
    "dotnet-projects",
    "composer",
    "gem",
];
/// What goes on with other programs.
pub const CALLS: &[&str] = &["script", "exec", "module", "rest"];

/// One recipe, checked.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Base names of the programs that it answers for.
    pub programs: Vec<String>,
    /// Words that the command line begins with, any of these lists; `*` is any word. None: any command line.
    pub matches: Vec<Vec<String>>,
    /// Tests that must all hold.
    pub conditions: Vec<String>,
    /// Flags that take the next argument.
    pub valued: Vec<String>,
    /// All of it.
    pub data: Value,
}

impl Recipe {
    /// Reads and checks a recipe.
    pub fn read(at: &At) -> Result<Self, DataError> {
        let keys: Vec<&str> = RECIPE_KEYS.iter().chain(EFFECT_KEYS).copied().collect();
        at.object(&keys)?;
        check_effects(at)?;
        for need in at.get("need").map_or(Ok(Vec::new()), |needs| needs.items())? {
            need.object(NEED_KEYS)?;
            need.need("say")?.text()?;
        }
        for (reader, block) in at.get("each").map_or(Ok(Vec::new()), |each| each.entries())? {
            if !READERS.contains(&reader) {
                return Err(block.error(&format!("is read by nothing; known are: {}", READERS.join(", "))));
            }
            let keys: Vec<&str> = EACH_KEYS.iter().chain(EFFECT_KEYS).copied().collect();
            block.object(&keys)?;
            check_effects(&block)?;
        }
        if let Some(call) = at.get("call")
            && !CALLS.contains(&call.text()?)
        {
            return Err(call.error(&format!("must be one of: {}", CALLS.join(", "))));
        }
        let example = at.need("example")?;
        example.object(EXAMPLE_KEYS)?;
        example.need("run")?.text()?;
        let matches = at.text_or("match", "")?;
        let alternatives = matches.split('|').map(|words| words.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        Ok(Self {
            programs: at.need("programs")?.words()?,
            matches: if matches.is_empty() { Vec::new() } else { alternatives.collect() },
            conditions: at.words_of("if")?,
            valued: at.words_of("valued")?,
            data: at.value.clone(),
        })
    }
}

fn check_effects(at: &At) -> Result<(), DataError> {
    at.text_or("print", "")?;
    at.text_or("error", "")?;
    at.words_of("remove")?;
    match at.get("write") {
        None => Ok(()),
        Some(write) => {
            // A path may begin with a template; what it stands for is known only later.
            let rooted: serde_json::Map<String, Value> = write.map()?.iter().map(|(path, value)| (rooted(path), value.clone())).collect();
            let rooted = Value::Object(rooted);
            files::read_templates(&At { value: &rooted, path: write.path.clone() })
        }
    }
}

fn rooted(path: &str) -> String {
    if path.starts_with('{') { format!("/{path}") } else { path.to_owned() }
}

/// The recipes of a program, a project's own first.
pub fn recipes(program: &str, own: &[Recipe]) -> Vec<Recipe> {
    let names = |recipe: &Recipe| recipe.programs.iter().any(|other| other == program);
    let mut found: Vec<Recipe> = own.iter().filter(|recipe| names(recipe)).cloned().collect();
    for (file, text) in DATA.iter().filter(|(_, text)| mentions(text, program)) {
        found.extend(read_all(file, text).into_iter().filter(names));
    }
    found
}

/// Whether there is a recipe for a program of this name.
pub fn known(program: &str, own: &[Recipe]) -> bool {
    let own = own.iter().any(|recipe| recipe.programs.iter().any(|other| other == program));
    own || DATA.iter().any(|(_, text)| mentions(text, program))
}

/// Whether a recipe of the file is for the program: each begins a line with its programs.
fn mentions(text: &str, program: &str) -> bool {
    let programs = text.lines().filter_map(|line| line.trim_start().trim_start_matches("{ ").strip_prefix("\"programs\": \""));
    programs.into_iter().any(|rest| rest.split('"').next().unwrap_or("").split(' ').any(|name| name == program))
}

fn read_all(file: &str, text: &str) -> Vec<Recipe> {
    let Ok(data) = value::parse(file, text) else { return Vec::new() };
    let items = At::root(&data, file).items().unwrap_or_default();
    items.iter().filter_map(|item| Recipe::read(item).ok()).collect()
}

/// All recipes of the engine.
#[cfg(test)]
pub fn all() -> Vec<Recipe> {
    DATA.iter()
        .flat_map(|(file, text)| {
            let data = value::parse(file, text).unwrap();
            At::root(&data, file).items().unwrap().iter().map(|item| Recipe::read(item).unwrap()).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_recipes_are_explained() {
        let check = |json: &str, expect: &str| {
            let data = value::parse("x", json).unwrap();
            assert_eq!(Recipe::read(&At::root(&data, "recipes[0]")).unwrap_err(), expect);
        };
        check(r#"{"programs": "a"}"#, "recipes[0]: needs \"example\"");
        check(
            r#"{"programs": "a", "example": {"run": "a"}, "write": {"{cwd}/b": {"sice": 1}}}"#,
            "recipes[0].write./{cwd}/b: unknown key \"sice\"; known are: text, append, size, link, dpkg, apk, rpm, mode, owner",
        );
        check(r#"{"programs": "a", "example": {"run": "a"}, "call": "x"}"#, "recipes[0].call: must be one of: script, exec, module, rest");
    }

    #[test]
    fn recipes_are_found_by_program() {
        assert!(recipes("npm", &[]).len() > 2 && known("npm", &[]) && !known("np", &[]));
    }
}
