//! Archives that others wrote, damaged in every way: whatever comes, it is unpacked within its limits and below its place, or it is
//! an error. `FUZZ_CASES=1000000 cargo test --release --test properties_archives` looks for long.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use bottleship::base::Source;
use bottleship::base::gzip::Gzip;
use bottleship::base::zstd;
use bottleship::build::{self, Cache, Settings};
use bottleship::filesystem::{ImagePath, Metadata, Node, Patterns, Tree};
use bottleship::image::archive::{Compression, Format, Options, write};
use bottleship::image::import::{Limits, archive, decompress, images, rootfs};
use bottleship::image::{Config, Layer, assemble, validate};
use bottleship::plan::{self, Request};
use proptest::prelude::*;
use proptest::sample::Index;

const LIMITS: Limits = Limits { bytes: 1 << 20, total: 1 << 20, entries: 200, depth: 20, specials: 4, layers: 3 };

fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("FUZZ_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// The archives as they are and unpacked; one that we write.
static CORPUS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/archives");
    let mut paths: Vec<_> = fs::read_dir(folder).expect("there are archives").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension != "md"));
    let mut all: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("it can be read")).collect();
    all.extend(all.clone().iter().map(|bytes| decompress(bytes, 1 << 20).expect("it is sound").into_owned()));
    let tree = std::sync::Arc::new(common::tree([("/a/b", "text", 0o644), ("/a/run", "more", 0o755)]));
    let config = Config { architecture: "amd64".into(), os: "linux".into(), ..Config::default() };
    let image = assemble(&config, vec![Layer::made(&Tree::empty(), &tree, Some(0))], 0, Some(0));
    for compression in [Compression::Uncompressed, Compression::Gzip, Compression::Zstd] {
        let mut bytes = Vec::new();
        write(&[image.clone(), image.clone()], &[], &Options::new(Format::Docker, compression), &mut |piece| {
            bytes.extend_from_slice(piece)
        });
        all.push(bytes);
    }
    all
});

/// One thing that happens to bytes.
#[derive(Debug, Clone)]
enum Damage {
    Put(Index, u8),
    Cut(Index, u8),
    Twice(Index, u16),
    Splice(Index, Index, Index, u16),
    Text(Index, &'static str),
    End(Index),
}

const TEXTS: [&str; 12] =
    ["../", "/", "\0", "77777777777\0", "99", "\u{80}", "./././", ".wh.", "sha256:", "null", "{\"manifests\":[]}", "30 path=../../x\n"];

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Put(at, byte)),
        1 => (at(), any::<u8>()).prop_map(|(at, count)| Damage::Cut(at, count)),
        1 => (at(), any::<u16>()).prop_map(|(at, count)| Damage::Twice(at, count)),
        1 => (at(), at(), at(), any::<u16>()).prop_map(|(at, other, from, count)| Damage::Splice(at, other, from, count)),
        3 => (at(), prop::sample::select(&TEXTS[..])).prop_map(|(at, text)| Damage::Text(at, text)),
        1 => at().prop_map(Damage::End),
    ]
}

fn damaged(mut bytes: Vec<u8>, all: &[Damage]) -> Vec<u8> {
    for one in all {
        if bytes.is_empty() {
            return bytes;
        }
        let place = |at: &Index| at.index(bytes.len());
        match one {
            Damage::Put(at, byte) => {
                let at = place(at);
                bytes[at] = *byte;
            }
            Damage::Cut(at, count) => {
                let at = place(at);
                let end = (at + usize::from(*count)).min(bytes.len());
                bytes.drain(at..end);
            }
            Damage::Twice(at, count) => {
                let at = place(at) / 512 * 512;
                let end = (at + usize::from(*count)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            Damage::Splice(at, other, from, count) => {
                let at = place(at) / 512 * 512;
                let other = &CORPUS[other.index(CORPUS.len())];
                let from = from.index(other.len()) / 512 * 512;
                let piece = other[from..(from + usize::from(*count)).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            Damage::Text(at, text) => {
                let at = place(at);
                let end = (at + text.len()).min(bytes.len());
                bytes[at..end].copy_from_slice(&text.as_bytes()[..end - at]);
            }
            Damage::End(at) => bytes.truncate(place(at)),
        }
    }
    bytes
}

/// Every block that may be a header gets the checksum that holds.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    for block in bytes.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    bytes
}

fn packed(bytes: Vec<u8>, how: u8) -> Vec<u8> {
    match how {
        0 => {
            let mut gzip = Gzip::new(3);
            gzip.write(&bytes);
            gzip.finish()
        }
        1 => zstd::compress(&bytes),
        _ => bytes,
    }
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let parts = (any::<Index>(), prop::collection::vec(damage(), 0..6), any::<bool>(), 0..6_u8);
    parts.prop_map(|(which, all, seals, how)| {
        let bytes = damaged(CORPUS[which.index(CORPUS.len())].clone(), &all);
        packed(if seals { sealed(bytes) } else { bytes }, how)
    })
}

/// Builds `dockerfile` with the bytes as `a.tar` in the context.
fn built(dockerfile: &str, bytes: Vec<u8>) -> Option<Tree> {
    let file = Node::file(Metadata::root(0o644, 0), bytes);
    let world = common::world_of(Tree::empty().insert(&ImagePath::new("/a.tar"), file).expect("a place"));
    let request = Request::of(Source::new("Dockerfile", dockerfile));
    let settings = Settings { now: 1_000_000_000, ..Settings::default() };
    let (outcome, _) = build::run(plan::plan(&request, &world), &request, &world, &Cache::default(), &settings);
    let image = outcome.result.ok()?.into_iter().next()?;
    // A file that is called like a whiteout is one once it is in a layer: so it is in Docker.
    let wrong: Vec<String> = validate(&image).into_iter().filter(|wrong| !wrong.contains(".wh.")).collect();
    assert_eq!(wrong, Vec::<String>::new());
    Some((*image.tree()).clone())
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn an_archive_is_an_image_within_its_limits_or_an_error(bytes in hostile()) {
        for found in [archive(&bytes, None, LIMITS).ok(), rootfs(&bytes, LIMITS).ok()].into_iter().flatten() {
            prop_assert_eq!(validate(&found), Vec::<String>::new());
            prop_assert!(found.tree().size() <= LIMITS.bytes * LIMITS.layers as u64);
            prop_assert!(found.layers.len() <= LIMITS.layers);
        }
        let _ = images(&bytes, LIMITS);
    }

    #[test]
    fn what_is_added_stays_below_its_place(bytes in hostile()) {
        if let Some(tree) = built("FROM scratch\nADD a.tar /x/\n", bytes) {
            let top: Vec<&str> = tree.root().entries.keys().map(|name| &**name).collect();
            prop_assert_eq!(top, ["x"]);
        }
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    /// Asked folder by folder, as a walk does, or of a path alone: one answer.
    #[test]
    fn patterns_decide_alike_on_the_way_and_at_once(
        lines in prop::collection::vec("!?/?[a-c*?/.\\[\\]^\\\\!é-]{0,8}", 0..6),
        path in "[a-cé*\\[]{1,2}(/[a-c.]{1,2}){0,4}",
    ) {
        let Ok(patterns) = Patterns::new(&lines) else { return Ok(()) };
        let mut parent = None;
        let mut here = String::new();
        let mut last = Ok(false);
        for part in path.split('/') {
            if !here.is_empty() {
                here.push('/');
            }
            here.push_str(part);
            match patterns.decide(&here, parent.as_ref()) {
                Ok(decision) => {
                    last = Ok(decision.matched);
                    parent = Some(decision.inherited);
                }
                Err(error) => {
                    last = Err(error);
                    break;
                }
            }
        }
        let whole = patterns.matches(&path);
        prop_assert!(last == whole || last.is_err() || whole.is_err(), "{:?} {} {:?} {:?}", lines, path, last, whole);
    }
}

#[test]
fn what_others_wrote_is_read() {
    let tree = |name: &str| {
        let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/archives").join(name)).expect("it is there");
        built("FROM scratch\nADD a.tar /x/\n", bytes)
    };
    let size = |tree: &Tree, path: &str| tree.get(&ImagePath::new(path)).map(Node::size);
    for version in ["0.0", "0.1", "1.0"] {
        let tree = tree(&format!("sparse-{version}.tar.gz")).expect(version);
        assert_eq!(size(&tree, "/x/s"), Some(100_000), "{version}");
    }
    for name in ["gnu.tar.bz2", "pax.tar.xz"] {
        let tree = tree(name).expect(name);
        let long = format!("/x/long/{}/{}", "é".repeat(20), "n".repeat(120));
        assert_eq!(size(&tree, &long), Some(1), "{name}");
        assert_eq!(tree.get(&ImagePath::new("/x/big")).map(|node| node.metadata().uid), Some(3_000_000), "{name}");
        assert_eq!(size(&tree, "/x/in"), Some(1), "a link out of the archive leads to its root");
    }
    let pax = tree("pax.tar.xz").expect("pax");
    let metadata = pax.get(&ImagePath::new("/x/x")).expect("it is there").metadata().clone();
    assert_eq!(
        metadata.xattrs.map(|all| all.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["security.capability".into(), "user.a".into()])
    );
    assert_eq!(size(&tree("small.tar.zst").expect("zstd"), "/x/d/f"), Some(4));
}
