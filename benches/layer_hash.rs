//! How fast a layer becomes a tar and its digest, against SHA-256 of the same bytes alone, and against the tar alone, which has to cost less. `cargo bench --bench layer_hash`.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bottleship::base::Digest;
use bottleship::filesystem::{Content, ImagePath, Metadata, Node, Tree};
use bottleship::image::Layer;

fn main() {
    measure("20 files of 4 MiB", 20, 4 << 20);
    measure("10 000 files of 1 KiB", 10_000, 1 << 10);
}

fn measure(what: &str, files: usize, size: usize) {
    let lower = Arc::new(Tree::empty());
    let content = Content::from(vec![b'x'; size]);
    let upper = Arc::new((0..files).fold(Tree::empty(), |tree, i| {
        let path = ImagePath::new(&format!("/file-{i}"));
        tree.insert(&path, Node::file(Metadata::root(0o644, 0), content.clone())).expect("a place")
    }));
    let mut tar = Vec::new();
    Layer::made(&lower, &upper, None).tar(&lower, &mut |bytes| tar.extend_from_slice(bytes));
    let alone = best(|| Digest::of(&tar));
    let layer = best(|| Layer::made(&lower, &upper, None));
    let mut room = Vec::new();
    let written = best(|| Layer::unhashed_tar(&lower, &upper, None, &mut room));
    let speed = |time: Duration| tar.len() as f64 / 1e6 / time.as_secs_f64();
    println!(
        "{what}: SHA-256 alone {:.0} MB/s, tar and SHA-256 {:.0} MB/s ({:.2} of it); the tar alone {:.1} ms, its SHA-256 {:.1} ms ({:.2} of it, limit 1)",
        speed(alone),
        speed(layer),
        alone.as_secs_f64() / layer.as_secs_f64(),
        written.as_secs_f64() * 1e3,
        alone.as_secs_f64() * 1e3,
        written.as_secs_f64() / alone.as_secs_f64()
    );
}

fn best<T>(mut run: impl FnMut() -> T) -> Duration {
    let mut once = || {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    (0..7).map(|_| once()).min().unwrap_or_default()
}
