//! What a project's own `bottleship.json` adds to the world: images, packages, recipes. docs/RECIPES.md has the format.

use std::collections::BTreeMap;

use super::Family;
use super::packages::{self, PackageSystem, Packages};
use super::recipe::Recipe;
use super::value::{self, At, DataError};

/// The file, in the root of the build context.
pub const FILE: &str = "bottleship.json";

/// The data of a project.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Image families, found before those of the catalogue.
    pub images: Vec<Family>,
    /// Packages by family, found before those of the tables.
    pub packages: BTreeMap<PackageSystem, Packages>,
    /// Recipes, found before the engine's.
    pub recipes: Vec<Recipe>,
}

impl Project {
    /// Reads the text of the file; the error says where something is wrong and what was expected.
    pub fn read(text: &str) -> Result<Self, DataError> {
        let data = value::parse(FILE, text)?;
        let at = At::root(&data, FILE);
        at.object(&["$schema", "comment", "images", "packages", "recipes"])?;
        let items = |key: &str| at.get(key).map_or(Ok(Vec::new()), |items| items.items());
        let mut tables = BTreeMap::new();
        for (name, table) in at.get("packages").map_or(Ok(Vec::new()), |table| table.entries())? {
            let system = PackageSystem::named(name).ok_or_else(|| table.error("must be one of: debian, alpine, rpm"))?;
            tables.insert(system, packages::read(&table)?);
        }
        Ok(Self {
            images: items("images")?.iter().map(Family::read).collect::<Result<_, _>>()?,
            packages: tables,
            recipes: items("recipes")?.iter().map(Recipe::read).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_projects_are_explained() {
        let check = |text: &str, expect: &str| assert_eq!(Project::read(text).unwrap_err(), expect);
        check("{", "bottleship.json: not valid JSON: EOF while parsing an object at line 1 column 1");
        check(r#"{"recipe": []}"#, "bottleship.json: unknown key \"recipe\"; known are: $schema, comment, images, packages, recipes");
        check(r#"{"packages": {"deb": {}}}"#, "bottleship.json.packages.deb: must be one of: debian, alpine, rpm");
        check(
            r#"{"packages": {"alpine": {"x": {"size": "1 apple"}}}}"#,
            "bottleship.json.packages.alpine.x.size: must be a size such as 1200, \"45kB\" or \"1.5MB\"",
        );
        check(
            r#"{"images": [{"names": "a", "images": [{"tag": "b"}]}]}"#,
            "bottleship.json.images[0].images[0]: unknown key \"tag\"; known are: tags, vars, from, created, author, env, entrypoint, cmd, workdir, user, expose, volumes, labels, stop_signal, shell, onbuild, layers, comment",
        );
        check(r#"{"recipes": [{"programs": "a"}]}"#, "bottleship.json.recipes[0]: needs \"example\"");
    }
}
