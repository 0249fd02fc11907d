//! The peers that Debian has: skopeo and umoci take what is exported, and read it as it was meant. Where they are not
//! installed the tests say so and check nothing.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bottleship::base::Reference;
use bottleship::filesystem::{ImagePath, Tree};
use bottleship::image::archive::{Compression, Format, write};
use bottleship::image::import::{Limits, archive};
use bottleship::image::{Config, Image, Layer, assemble};

/// Whether a program is there; if not, the test's output says that it was skipped.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}

fn image() -> Image {
    let one = Arc::new(common::tree([("/a/b", "text", 0o644), ("/a/run", "#!/bin/sh\n", 0o755), ("/gone", "x", 0o644)]));
    let two = Arc::new(one.remove(&ImagePath::new("/gone")).expect("there"));
    let layers = vec![Layer::made(&Tree::empty(), &one, Some(0)), Layer::made(&one, &two, Some(0))];
    assemble(&Config { architecture: "amd64".into(), os: "linux".into(), ..Config::default() }, layers, 0, Some(0))
}

/// A fresh folder of this test with the image as an archive in it.
fn exported(test: &str, format: Format, compression: Compression) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let name = Reference::parse("peer/app:1").expect("a name");
    let mut bytes = Vec::new();
    write(&[image()], &[name], format, compression, &mut |piece| bytes.extend_from_slice(piece));
    fs::write(folder.join("image.tar"), bytes).expect("room");
    folder
}

#[track_caller]
fn run(folder: &Path, program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(folder).output().expect("it runs");
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn skopeo_reads_every_archive() {
    if !has("skopeo") {
        return;
    }
    for (format, kind) in [(Format::Oci, "oci-archive"), (Format::Docker, "docker-archive"), (Format::Docker, "oci-archive")] {
        for compression in [Compression::Uncompressed, Compression::Gzip] {
            let folder = exported("skopeo", format, compression);
            let config = run(&folder, "skopeo", &["inspect", "--config", &format!("{kind}:image.tar")]);
            let config: serde_json::Value = serde_json::from_str(&config).expect("JSON");
            let layers: Vec<String> = image().layers.iter().map(|layer| layer.diff_id.to_string()).collect();
            assert_eq!(config["rootfs"]["diff_ids"], serde_json::json!(layers), "{kind}");
        }
    }
}

#[test]
fn what_skopeo_writes_is_imported_with_its_digests() {
    if !has("skopeo") {
        return;
    }
    let folder = exported("skopeo-copy", Format::Oci, Compression::Gzip);
    run(&folder, "skopeo", &["copy", "--insecure-policy", "oci-archive:image.tar", "docker-archive:copy.tar:peer/copy:2"]);
    let copy = archive(&fs::read(folder.join("copy.tar")).expect("the copy"), None, Limits::default()).expect("an image");
    let digests = |image: &Image| image.layers.iter().map(|layer| layer.diff_id).collect::<Vec<_>>();
    assert_eq!(digests(&copy), digests(&image()));
    assert_eq!(copy.tree(), image().tree());
}

#[test]
fn umoci_unpacks_what_was_meant() {
    if !has("umoci") || !has("skopeo") {
        return;
    }
    let folder = exported("umoci", Format::Oci, Compression::Gzip);
    run(&folder, "skopeo", &["copy", "--insecure-policy", "oci-archive:image.tar", "oci:layout:1"]);
    run(&folder, "umoci", &["unpack", "--rootless", "--image", "layout:1", "bundle"]);
    let root = folder.join("bundle/rootfs");
    assert_eq!(fs::read_to_string(root.join("a/b")).expect("a file"), "text");
    assert!(!root.join("gone").exists());
}
