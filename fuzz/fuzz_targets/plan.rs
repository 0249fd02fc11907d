//! Any text as a Dockerfile: looked at as an editor does, checked, planned for two platforms; proposals at a place.
#![no_main]

use bottleship::base::{Digest, Source};
use bottleship::dockerfile::{self, CompletionContext};
use bottleship::filesystem::Tree;
use bottleship::image::{Config, Platform};
use bottleship::plan::{self, Request};
use bottleship::world::{Context, ImageFacts, Images, World};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (at, bytes) = bytes.split_first().map_or((0, bytes), |(at, rest)| (usize::from(*at), rest));
    let source = Source::new("Dockerfile", bytes);
    let world = World {
        context: Context::Local(Tree::empty()),
        images: Images::Any(ImageFacts { digest: Digest::of("base"), config: Config { os: "linux".into(), ..Config::default() } }),
        named_contexts: Default::default(),
        project: Default::default(),
        remotes: Default::default(),
        secrets: Default::default(),
        ssh: Vec::new(),
    };
    let platforms = ["linux/amd64", "linux/arm/v7"].iter().filter_map(|name| Platform::parse(name).ok()).collect();
    let request = Request { platforms, ..Request::of(source.clone()) };
    for remark in plan::inspect(&request, &world).remarks {
        for edit in remark.fix.into_iter().flat_map(|fix| fix.edits) {
            assert!(edit.span.start <= edit.span.end && edit.span.end as usize <= bytes.len());
        }
    }
    plan::check(&request, &world);
    let _ = plan::outline(&request, &world);
    if let Ok(plan) = plan::plan(&request, &world).plan {
        for (id, vertex) in plan.vertices.iter().enumerate() {
            assert!(vertex.inputs.iter().all(|input| *input < id));
        }
    }
    let at = at.min(bytes.len()) as u32;
    let context = CompletionContext { images: &["alpine"], paths: &["a/"], rules: &["A"] };
    let _ = (dockerfile::complete(&source, at, context), dockerfile::hover(&source, at));
});
