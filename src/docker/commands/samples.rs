//! Images and a small store of them, for tests.

use std::sync::Arc;

use crate::base::Digest;
use crate::docker::store::Store;
use crate::filesystem::{ImagePath, Metadata, Node, Tree};
use crate::image::{Blob, Config, ContainerConfig, History, Image, Layer};

/// Two images: `buildme` (one layer, 8.45 MB) and `team/other:1` (dangling layers none).
pub fn store() -> Store {
    let layer = |size| Layer {
        diff_id: Digest::of("layer"),
        tar_size: size,
        size,
        tree: Arc::new(Tree::empty()),
        modelled: false,
        blob: Blob::Made { rewrite: None },
    };
    let mut config = Config { os: "linux".into(), architecture: "amd64".into(), ..Config::default() };
    config.config.env = vec!["PATH=/bin".into()];
    config.rootfs.diff_ids = Some(vec![Digest::of("layer")]);
    let line = |created_by: &str, empty_layer| History {
        created: Some("1970-01-01T00:16:40Z".into()),
        created_by: created_by.into(),
        comment: "buildkit.dockerfile.v0".into(),
        empty_layer,
        ..History::default()
    };
    config.history =
        vec![line("COPY /bin/client /bin/a-rather-long-name-of-a-file # buildkit", false), line("ENTRYPOINT [\"/bin/client\"]", true)];
    let config_json = crate::base::go::to_json(&config).into();
    let image = Image { digest: Digest::of("manifest"), config, config_json, layers: vec![layer(8_450_000)] };
    let tags = ["docker.io/library/buildme:latest".to_owned()];
    Store::default().with(Digest::of("config"), image, &tags, 1000)
}

/// An image with one layer: these programs, `/etc/passwd` and `/etc/motd`, which says hello.
pub fn image_with(programs: &[&str], change: impl FnOnce(&mut ContainerConfig)) -> Image {
    let text = |mode, text: &str| Node::file(Metadata::root(mode, 0), text);
    let program = |path: &&str| ((*path).to_owned(), text(0o755, "a program\n"));
    let mut files: Vec<(String, Node)> = programs.iter().map(program).collect();
    files.push(("/etc/motd".into(), text(0o644, "hello\n")));
    files.push(("/etc/passwd".into(), text(0o644, "root:x:0:0:root:/root:/bin/sh\n")));
    let tree = files.into_iter().fold(Tree::empty(), |tree, (path, node)| {
        let path = ImagePath::new(&path);
        let tree = tree.make_directories(&path.parent().expect("a folder"), &Metadata::root(0o755, 0)).expect("a folder");
        tree.insert(&path, node).expect("a file")
    });
    let layer = Layer::made(&Tree::empty(), &Arc::new(tree), None);
    let mut config = Config { os: "linux".into(), architecture: "amd64".into(), ..Config::default() };
    config.rootfs.diff_ids = Some(vec![layer.diff_id]);
    change(&mut config.config);
    let config_json = crate::base::go::to_json(&config).into();
    Image { digest: Digest::of("manifest"), config, config_json, layers: vec![layer] }
}
