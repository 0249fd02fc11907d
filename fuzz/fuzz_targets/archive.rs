//! Any bytes as an archive: imported in every way, added to an image. Seeds: `tests/cases/archives`.
#![no_main]

use bottleship::base::Source;
use bottleship::build::{self, Cache, Settings};
use bottleship::filesystem::{ImagePath, Metadata, Node, Tree};
use bottleship::image::import::{Limits, archive, images, rootfs};
use bottleship::image::validate;
use bottleship::plan::{self, Request};
use bottleship::world::{Images, World};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits { bytes: 1 << 20, total: 1 << 20, entries: 1000, depth: 20, specials: 4, layers: 3 };

fuzz_target!(|bytes: &[u8]| {
    for found in [archive(bytes, None, LIMITS), rootfs(bytes, LIMITS)].into_iter().flatten() {
        assert_eq!(validate(&found), Vec::<String>::new());
        assert!(found.tree().size() <= LIMITS.bytes * LIMITS.layers as u64);
    }
    let _ = images(bytes, LIMITS);
    let file = Node::file(Metadata::root(0o644, 0), bytes.to_vec());
    let context = Tree::empty().insert(&ImagePath::new("/a.tar"), file).expect("a place");
    let world = World::local(context, Images::Store(Default::default(), Default::default()));
    let request = Request::of(Source::new("Dockerfile", "FROM scratch\nADD a.tar /x/\n"));
    let (outcome, _) = build::run(plan::plan(&request, &world), &request, &world, &Cache::default(), &Settings::default());
    for image in outcome.result.into_iter().flatten() {
        assert!(image.tree().root().entries.keys().all(|name| &**name == "x"));
    }
});
