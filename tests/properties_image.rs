//! Properties of what comes from outside: whatever the bytes, an archive is an image or an error, within its limits; ignore files
//! keep what they keep.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use std::sync::{Arc, LazyLock};

use bottleship::base::gzip::Gzip;
use bottleship::filesystem::{ImagePath, Memo, Patterns, Tree, read_ignore_file, transfer};
use bottleship::image::archive::{Compression, Format, Options, write};
use bottleship::image::import::{Limits, archive, images, rootfs};
use bottleship::image::tar::{END, Entry, EntryKind, header};
use bottleship::image::tar_reader::Reader;
use bottleship::image::{Config, Image, Layer, assemble, validate};
use proptest::prelude::*;

const LIMITS: Limits = Limits { bytes: 1 << 20, total: 1 << 20, entries: 100, depth: 20, specials: 4, layers: 3 };

fn image() -> Image {
    let one = Arc::new(common::tree([("/a/b", "text", 0o644), ("/a/long", "more text than the other", 0o755)]));
    let two = Arc::new(one.remove(&ImagePath::new("/a/b")).expect("there"));
    let layers = vec![Layer::made(&Tree::empty(), &one, Some(0)), Layer::made(&one, &two, Some(0))];
    assemble(&Config { architecture: "amd64".into(), os: "linux".into(), ..Config::default() }, layers, 0, Some(0))
}

fn saved(compression: Compression) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&[image()], &[], &Options::new(Format::Docker, compression), &mut |piece| bytes.extend_from_slice(piece));
    bytes
}

static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| saved(Compression::Uncompressed));
static PACKED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut gzip = Gzip::new(3);
    gzip.write(&saved(Compression::Gzip));
    gzip.finish()
});

/// Bytes that are overwritten, and where the archive is cut off.
fn damage() -> impl Strategy<Value = (Vec<(prop::sample::Index, u8)>, prop::sample::Index)> {
    (prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8), any::<prop::sample::Index>())
}

fn damaged(bytes: &[u8], damage: &(Vec<(prop::sample::Index, u8)>, prop::sample::Index), cut: bool) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, byte) in &damage.0 {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    if cut {
        bytes.truncate(damage.1.index(bytes.len()));
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_archives_are_images_or_errors(damage in damage(), cut: bool, packed: bool) {
        let bytes = damaged(if packed { &PACKED } else { &PLAIN }, &damage, cut);
        for found in [archive(&bytes, None, LIMITS).ok(), rootfs(&bytes, LIMITS).ok()].into_iter().flatten() {
            prop_assert_eq!(validate(&found), Vec::<String>::new());
        }
        let _ = images(&bytes, LIMITS);
    }

    #[test]
    fn any_blocks_are_members_or_an_error(blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 512), 0..4), kind: u8) {
        let mut bytes: Vec<u8> = blocks.concat();
        // A checksum that holds, so that the fields behind it are read.
        for block in bytes.chunks_mut(512) {
            block[156] = kind;
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        for member in Reader::new(&bytes, 1 << 20) {
            prop_assert!(member.is_err() || member.is_ok_and(|member| member.data.len() <= 1 << 20));
        }
    }

    #[test]
    fn an_ignore_file_takes_away_and_never_adds(text in "([!#*?./a-c\\[\\]^-]{0,6}\n){0,6}", paths in prop::collection::vec("[a-c]{1,2}(/[a-c]{1,2}){0,3}", 1..8)) {
        let mut tree = Tree::empty();
        for path in &paths {
            let one = common::tree([(path.as_str(), "x", 0o644)]);
            if let Ok(merged) = bottleship::build::file::execute_merge(&[tree.clone(), one]) {
                tree = merged;
            }
        }
        let patterns: Vec<String> = read_ignore_file(&text).into_iter().map(|line| line.pattern).collect();
        let Ok(sent) = transfer(&tree, &patterns, &[], &mut Memo::default()) else {
            // Either the pattern is refused at once, or Go's regexp refuses it when it is used.
            return Ok(());
        };
        for (path, node) in sent.tree.walk() {
            prop_assert!(tree.get(&path).is_some());
            if node.as_directory().is_none() {
                let decided = Patterns::new(&patterns).and_then(|patterns| patterns.matches(path.relative()));
                prop_assert_eq!(decided, Ok(false), "{}", path);
            }
        }
    }
}

fn layer(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        header(entry, &mut |piece| out.extend_from_slice(piece));
    }
    out.extend(END);
    out
}

#[track_caller]
fn refused(bytes: &[u8], why: &str) {
    let error = archive(bytes, None, LIMITS).map(|image| image.id()).expect_err("it is refused");
    assert!(error.contains(why), "{error}");
}

fn file(name: &str, size: u64) -> Entry<'static> {
    Entry { name: name.to_owned().into(), kind: EntryKind::File { size }, mode: 0o644, ..Entry::default() }
}

#[test]
fn hostile_archives_are_refused_with_a_reason() {
    let of = |name: &str, kind: EntryKind<'static>| Entry { name: name.to_owned().into(), kind, ..Entry::default() };
    refused(&layer(&[file("a/../../etc/passwd", 0)]), "leads out of the root");
    refused(&layer(&[of("h", EntryKind::HardLink("../../etc/passwd"))]), "leads out of the root");
    refused(&layer(&[of("a", EntryKind::Symlink("b")), of("b", EntryKind::Symlink("a")), file("a/x", 0)]), "symbolic links");
    refused(
        &layer(&(0..5).map(|n| of(&format!("d{n}"), EntryKind::CharDevice { major: 1, minor: n })).collect::<Vec<_>>()),
        "more than 4 devices",
    );
    refused(&layer(&(0..101).map(|n| file(&format!("f{n}"), 0)).collect::<Vec<_>>()), "more than 100 entries");
    refused(&layer(&[file(&"d/".repeat(30), 0)]), "nested more than 20 deep");
    refused(&layer(&[file("lying", 1 << 40)]), "unexpected EOF");
    let mut gzip = Gzip::new(3);
    gzip.write(&vec![0; 2 << 20]);
    refused(&gzip.finish(), "more than 1048576 bytes come out of the gzip data");
    refused(b"no archive at all, but long enough to be more than nothing", "unexpected EOF");
}

#[test]
fn a_link_out_of_the_root_stays_inside() {
    let link = Entry { name: "out".into(), kind: EntryKind::Symlink("../../.."), ..Entry::default() };
    let image = rootfs(&layer(&[link, file("out/f", 0)]), LIMITS).expect("an image");
    assert!(image.tree().get(&ImagePath::new("/f")).is_some());
}

#[test]
fn what_is_saved_comes_back() {
    for bytes in [&*PLAIN, &*PACKED] {
        let back = archive(bytes, None, LIMITS).expect("an image");
        assert_eq!((back.id(), validate(&back)), (image().id(), Vec::new()));
    }
}
