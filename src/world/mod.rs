//! The ground state of a build, data only: the context, named contexts, base images, secrets, what the network would give.

pub mod assumed;
mod catalogue;
mod family;
pub mod files;
mod layer;
mod made;
pub mod packages;
pub mod project;
pub mod recipe;
mod tag;
pub mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use catalogue::{catalogue, familiar, find, stand_in};
pub use family::Family;
pub use files::parse_size;
pub use made::Made;
pub use project::Project;

use crate::base::Digest;
use crate::filesystem::Tree;
use crate::image::{Config, Image};

/// Everything outside of the request that a build can see.
#[derive(Debug, Clone)]
pub struct World {
    /// The build context.
    pub context: Context,
    /// `--build-context NAME=…`, by name as given.
    pub named_contexts: BTreeMap<String, NamedContext>,
    /// How image names resolve.
    pub images: Images,
    /// What URLs and git repositories would give: supplied by the project, there is no network.
    pub remotes: BTreeMap<String, Tree>,
    /// `--secret`, by id.
    pub secrets: BTreeMap<String, Vec<u8>>,
    /// `--ssh` ids.
    pub ssh: Vec<String>,
    /// What the project's `bottleship.json` adds to the catalogue, the packages and the recipes.
    pub project: Arc<Project>,
    /// `--assume-context`: placeholders stand for what steps look for in the project and do not find.
    pub assume: bool,
}

impl World {
    /// A world of these files and of images that resolve so; nothing else is given.
    pub fn local(files: Tree, images: Images) -> World {
        World {
            context: Context::Local(files),
            named_contexts: BTreeMap::new(),
            images,
            remotes: BTreeMap::new(),
            secrets: BTreeMap::new(),
            ssh: Vec::new(),
            project: Arc::default(),
            assume: false,
        }
    }
}

/// The main build context.
#[derive(Debug, Clone)]
pub enum Context {
    /// Files. `.dockerignore` is among them.
    Local(Tree),
    /// A git or HTTP URL, content as in [`World::remotes`].
    Remote(String),
}

/// What `--build-context NAME=` names.
#[derive(Debug, Clone)]
pub enum NamedContext {
    /// A folder.
    Local(Tree),
    /// A git or HTTP URL.
    Remote(String),
    /// `docker-image://REF`, `scratch` too.
    Image(String),
    /// `oci-layout://…`, already read; the text is the reference as BuildKit shows it.
    Layout {
        /// What stood behind `oci-layout://`.
        reference: String,
        /// The image.
        image: Image,
    },
}

/// How image names resolve without a registry.
#[derive(Debug, Clone)]
pub enum Images {
    /// Every name gives this config and no files (`--images any`).
    Any(ImageFacts),
    /// Listed names (normal form), the others as [`Images::Any`]; `None`: there is no such image.
    Listed {
        /// By normalised reference.
        listed: BTreeMap<String, Option<ImageFacts>>,
        /// For all others.
        other: ImageFacts,
    },
    /// Images with files: what the project supplies, imported or built before, by normalised reference; then the catalogue.
    Store(BTreeMap<String, Image>, Made),
    /// Those, and for names that they do not have what is most like it.
    Assumed(Box<Images>),
    /// A project's own families before all others.
    Own {
        /// The project.
        project: Arc<Project>,
        /// Where other names are looked for.
        then: Box<Images>,
    },
}

impl Images {
    /// What the planner needs of the image with this normalised reference; `None`: there is no such image.
    pub fn facts(&self, reference: &str) -> Option<ImageFacts> {
        match self {
            Images::Any(facts) => Some(facts.clone()),
            Images::Listed { listed, other } => listed.get(reference).cloned().unwrap_or_else(|| Some(other.clone())),
            Images::Own { then, .. } => {
                self.own(reference).map(|image| ImageFacts { digest: image.digest, config: image.config }).or_else(|| then.facts(reference))
            }
            Images::Assumed(_) | Images::Store(..) => {
                self.image(reference).map(|image| ImageFacts { digest: image.digest, config: image.config })
            }
        }
    }

    fn own(&self, reference: &str) -> Option<Image> {
        let Images::Own { project, .. } = self else { return None };
        let (name, _) = familiar(reference);
        project.images.iter().any(|family| family.names.iter().any(|other| other == name)).then(|| find(reference, &project.images))?
    }

    /// What stands for an image that is assumed: a name of the catalogue.
    pub fn assumed(&self, reference: &str) -> Option<String> {
        let Images::Assumed(images) = self else { return None };
        images.image(reference).is_none().then(|| stand_in(reference)).flatten().map(|(name, _)| name)
    }

    /// The image with this normalised reference, with its files; names without files have none.
    pub fn image(&self, reference: &str) -> Option<Image> {
        if let Images::Own { then, .. } = self {
            return self.own(reference).or_else(|| then.image(reference));
        }
        if let Images::Assumed(images) = self {
            return images.image(reference).or_else(|| stand_in(reference).map(|(_, image)| image));
        }
        let Images::Store(store, made) = self else { return None };
        let digest = reference.split_once('@').map(|(_, digest)| digest);
        let named = reference.split('@').next().unwrap_or(reference);
        let stored = || store.get(reference).or_else(|| store.get(named)).cloned();
        let image = stored().or_else(|| made.image(named))?;
        digest.is_none_or(|digest| digest == image.digest.to_string()).then_some(image)
    }
}

/// What the planner needs to know of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageFacts {
    /// Of the manifest (or of the config, where there is no manifest).
    pub digest: Digest,
    /// Its config.
    pub config: Config,
}
