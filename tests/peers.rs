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
use bottleship::image::annotations;
use bottleship::image::archive::{Compression, Format, Options, write};
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

/// A fresh folder of this test with images as an archive in it.
fn exported(test: &str, images: &[Image], options: &Options) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let name = Reference::parse("peer/app:1").expect("a name");
    let mut bytes = Vec::new();
    write(images, &[name], options, &mut |piece| bytes.extend_from_slice(piece));
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
        for compression in [Compression::Uncompressed, Compression::Gzip, Compression::Zstd] {
            for docker_types in [false, true] {
                // Docker's own types know zstd only since containerd 2.
                if docker_types && compression == Compression::Zstd {
                    continue;
                }
                let annotations = vec![annotations::read("annotation.a", "b").expect("one").expect("a right one")];
                let options = Options { docker_types, annotations, ..Options::new(format, compression) };
                let folder = exported("skopeo", &[image()], &options);
                let source = format!("{kind}:image.tar");
                let config = run(&folder, "skopeo", &["inspect", "--config", &source]);
                let config: serde_json::Value = serde_json::from_str(&config).expect("JSON");
                let layers: Vec<String> = image().layers.iter().map(|layer| layer.diff_id.to_string()).collect();
                assert_eq!(config["rootfs"]["diff_ids"], serde_json::json!(layers), "{options:?}");
                // Reads every blob against its digest.
                run(&folder, "skopeo", &["copy", "--insecure-policy", &source, "dir:copy"]);
            }
        }
    }
}

#[test]
fn skopeo_finds_each_platform() {
    if !has("skopeo") {
        return;
    }
    let arm = Image { config: Config { architecture: "arm64".into(), ..image().config }, ..image() };
    let arm = assemble(&arm.config, arm.layers, 0, Some(0));
    let all = ["annotation-index.a", "annotation-index-descriptor.b", "annotation-manifest-descriptor[linux/arm64].c"];
    let annotations = all.iter().map(|key| annotations::read(key, "v").expect("one").expect("a right one")).collect();
    let options = Options { annotations, ..Options::new(Format::Oci, Compression::Gzip) };
    let folder = exported("skopeo-platforms", &[image(), arm.clone()], &options);
    for (architecture, image) in [("amd64", image()), ("arm64", arm)] {
        let read = ["--override-arch", architecture, "inspect", "--config", "--raw", "oci-archive:image.tar"];
        assert_eq!(run(&folder, "skopeo", &read), image.config_json.to_string());
    }
    let raw: serde_json::Value =
        serde_json::from_str(&run(&folder, "skopeo", &["inspect", "--raw", "oci-archive:image.tar"])).expect("JSON");
    assert_eq!(raw["annotations"]["a"], "v");
    assert_eq!(raw["manifests"][1]["annotations"]["c"], "v");
}

#[test]
fn what_skopeo_writes_is_imported_with_its_digests() {
    if !has("skopeo") {
        return;
    }
    let folder = exported("skopeo-copy", &[image()], &Options::new(Format::Oci, Compression::Gzip));
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
    let folder = exported("umoci", &[image()], &Options::new(Format::Oci, Compression::Gzip));
    run(&folder, "skopeo", &["copy", "--insecure-policy", "oci-archive:image.tar", "oci:layout:1"]);
    run(&folder, "umoci", &["unpack", "--rootless", "--image", "layout:1", "bundle"]);
    let root = folder.join("bundle/rootfs");
    assert_eq!(fs::read_to_string(root.join("a/b")).expect("a file"), "text");
    assert!(!root.join("gone").exists());
}
