//! What a project's own `bottleship.json` adds to the world: images, packages, recipes. docs/RECIPES.md has the format.

use std::collections::BTreeMap;

use super::Family;
use super::packages::{self, PackageSystem, Packages};
use super::recipe::Recipe;
use super::value::{self, At, DataError};
use crate::base::try_map_of;
use crate::filesystem::{ImagePath, Node, Tree};

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
    /// What URLs give: a file or folder of the project, by URL.
    pub remotes: BTreeMap<String, String>,
}

impl Project {
    /// Reads the text of the file; the error says where something is wrong and what was expected.
    pub fn read(text: &str) -> Result<Self, DataError> {
        let data = value::parse(FILE, text)?;
        let at = At::root(&data, FILE);
        at.object(&["$schema", "comment", "images", "packages", "recipes", "remotes"])?;
        let items = |key: &str| at.get(key).map_or(Ok(Vec::new()), |items| items.items());
        let remotes = at.get("remotes").map_or(Ok(Vec::new()), |remotes| remotes.entries())?;
        let mut tables = BTreeMap::new();
        for (name, table) in at.get("packages").map_or(Ok(Vec::new()), |table| table.entries())? {
            let system = PackageSystem::named(name).ok_or_else(|| table.error("must be one of: debian, alpine, rpm"))?;
            tables.insert(system, packages::read(&table)?);
        }
        Ok(Self {
            images: items("images")?.iter().map(Family::read).collect::<Result<_, _>>()?,
            packages: tables,
            remotes: try_map_of(remotes.iter().map(|(url, path)| Ok::<_, DataError>((url.to_string(), path.text()?.to_owned()))))?,
            recipes: items("recipes")?.iter().map(Recipe::read).collect::<Result<_, _>>()?,
        })
    }

    /// The files that URLs give, of the project's own; the error names what the project does not have.
    pub fn supplied(&self, files: &Tree) -> Result<BTreeMap<String, Tree>, DataError> {
        let supplied = |(url, path): (&String, &String)| {
            let missing = || format!("{FILE}.remotes.{url}: the project has no \"{path}\"");
            let (_, node) = files.lookup(&ImagePath::new(path)).map_err(|_| missing())?;
            let place = match &node {
                Node::Directory(_) => ImagePath::root(),
                _ => ImagePath::root().child(url.trim_end_matches('/').rsplit('/').next().unwrap_or("download")),
            };
            Ok((url.clone(), Tree::empty().insert(&place, node.clone()).map_err(|_| missing())?))
        };
        try_map_of(self.remotes.iter().map(supplied))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_give_files_of_the_project() {
        let file = Node::file(crate::filesystem::Metadata::root(0o644, 0), "x");
        let files = Tree::empty().insert(&ImagePath::new("/tool.tgz"), file).unwrap();
        let of = |text: &str| Project::read(text).unwrap().supplied(&files);
        let given = of(r#"{"remotes": {"https://example.org/v1/t.tgz": "tool.tgz", "https://example.org/all.git": "."}}"#).unwrap();
        assert!(given["https://example.org/v1/t.tgz"].get(&ImagePath::new("/t.tgz")).is_some());
        assert!(given["https://example.org/all.git"].get(&ImagePath::new("/tool.tgz")).is_some());
        assert_eq!(of(r#"{"remotes": {"u": "none"}}"#).unwrap_err(), "bottleship.json.remotes.u: the project has no \"none\"");
    }

    #[test]
    fn wrong_projects_are_explained() {
        let check = |text: &str, expect: &str| assert_eq!(Project::read(text).unwrap_err(), expect);
        check("{", "bottleship.json: not valid JSON: EOF while parsing an object at line 1 column 1");
        check(
            r#"{"recipe": []}"#,
            "bottleship.json: unknown key \"recipe\"; known are: $schema, comment, images, packages, recipes, remotes",
        );
        check(r#"{"packages": {"deb": {}}}"#, "bottleship.json.packages.deb: must be one of: debian, alpine, rpm");
        check(
            r#"{"packages": {"alpine": {"x": {"size": "1 apple"}}}}"#,
            "bottleship.json.packages.alpine.x.size: must be a size such as 1200, \"45kB\" or \"1.5MB\"",
        );
        check(
            r#"{"images": [{"names": "a", "images": [{"tag": "b"}]}]}"#,
            "bottleship.json.images[0].images[0]: unknown key \"tag\"; known are: tags, vars, from, created, author, env, entrypoint, cmd, workdir, user, expose, volumes, labels, stop_signal, shell, onbuild, layers, more, comment",
        );
        check(r#"{"remotes": {"u": 1}}"#, "bottleship.json.remotes.u: must be a string");
        check(r#"{"recipes": [{"programs": "a"}]}"#, "bottleship.json.recipes[0]: needs \"example\"");
    }
}
