//! What a project's own `bottleship.json` adds to the world.

use std::collections::BTreeMap;

use super::packages::{PackageSystem, Packages};
use super::recipe::Recipe;

/// The data of a project.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Packages by family, found before those of the tables.
    pub packages: BTreeMap<PackageSystem, Packages>,
    /// Recipes, found before the engine's.
    pub recipes: Vec<Recipe>,
}
