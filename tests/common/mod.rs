//! What several test programs use.
#![allow(dead_code)]

use std::collections::BTreeMap;

use bottleship::base::{Digest, Source};
use bottleship::filesystem::{ImagePath, Metadata, Node, Tree};
use bottleship::image::{Config, RootFs};
use bottleship::plan::Request;
use bottleship::world::{ImageFacts, Images, World};

/// A world with an empty context in which every image name resolves to a config without files.
pub fn world() -> World {
    let rootfs = RootFs { kind: "layers".into(), diff_ids: Some(vec![Digest::of("layer")]) };
    let config = Config { os: "linux".into(), architecture: "amd64".into(), rootfs, ..Config::default() };
    World { images: Images::Any(ImageFacts { digest: Digest::of("base"), config }), ..world_of(Tree::empty()) }
}

/// A world with these files; image names resolve as in the catalogue.
pub fn world_of(context: Tree) -> World {
    World::local(context, Images::Store(BTreeMap::new(), Default::default()))
}

/// Files (path, text, mode) as a tree; every time is 0.
pub fn tree<'a>(files: impl IntoIterator<Item = (&'a str, &'a str, u32)>) -> Tree {
    files.into_iter().fold(Tree::empty(), |tree, (path, text, mode)| {
        let path = ImagePath::new(path);
        let folder = path.parent().unwrap_or_else(ImagePath::root);
        let tree = tree.make_directories(&folder, &Metadata::root(0o755, 0)).expect("folders can be made");
        tree.insert(&path, Node::file(Metadata::root(mode, 0), text.as_bytes().to_vec())).expect("there is a folder")
    })
}

/// A request for a Dockerfile with build args.
pub fn request(text: &str, args: &[(&str, &str)]) -> Request {
    Request {
        build_args: args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        ..Request::of(Source::new("Dockerfile", text))
    }
}
