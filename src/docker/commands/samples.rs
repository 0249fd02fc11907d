//! A small image store, for tests.

use std::sync::Arc;

use crate::base::Digest;
use crate::docker::store::Store;
use crate::filesystem::Tree;
use crate::image::{Blob, Config, History, Image, Layer};

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
