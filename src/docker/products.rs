//! What a build leaves behind besides its text: `-o`, `--iidfile`, `--metadata-file`, as values. The command line writes them to disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{BuildCommand, OutputKind};
use super::simulate::image_id;
use crate::base::go::to_json_indented;
use crate::filesystem::Tree;
use crate::image::Image;

/// Something to be written; `dest` is a path of the client.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Product {
    File { dest: String, bytes: Vec<u8> },
    Folder { dest: String, tree: Arc<Tree> },
}

/// Everything that a build which succeeded leaves; the error stands behind `ERROR: failed to build: `.
pub fn products(command: &BuildCommand, images: &[Image]) -> Result<Vec<Product>, String> {
    let mut products = Vec::new();
    for output in &command.outputs {
        let dest = output.dest.clone().unwrap_or_default();
        match output.kind {
            OutputKind::Local => products.extend(folders(&dest, images)),
            OutputKind::Image | OutputKind::CacheOnly => {}
            // Without a destination the image goes to the store, which only the playground has.
            OutputKind::Docker if dest.is_empty() => {}
            OutputKind::Oci | OutputKind::Docker | OutputKind::Tar => return Err("archives cannot be written yet".into()),
        }
    }
    if let Some(first) = images.first() {
        let file = |dest: &String, bytes: String| Product::File { dest: dest.clone(), bytes: bytes.into_bytes() };
        products.extend(command.iidfile.as_ref().map(|dest| file(dest, image_id(first).to_string())));
        products.extend(command.metadata_file.as_ref().map(|dest| file(dest, metadata(command, first))));
    }
    Ok(products)
}

/// Results of several platforms stand side by side: `linux_arm64`.
fn folders(dest: &str, images: &[Image]) -> Vec<Product> {
    let folder = |dest: String, image: &Image| Product::Folder { dest, tree: tree(image) };
    match images {
        [one] => vec![folder(dest.to_owned(), one)],
        many => many.iter().map(|image| folder(format!("{dest}/{}", directory(image)), image)).collect(),
    }
}

/// The files of an image.
fn tree(image: &Image) -> Arc<Tree> {
    image.layers.last().map_or_else(|| Arc::new(Tree::empty()), |layer| layer.tree.clone())
}

fn directory(image: &Image) -> String {
    let parts = [&image.config.os, &image.config.architecture, &image.config.variant];
    parts.iter().filter(|part| !part.is_empty()).map(|part| part.as_str()).collect::<Vec<_>>().join("_")
}

fn metadata(command: &BuildCommand, image: &Image) -> String {
    let mut fields = BTreeMap::from([
        ("containerimage.config.digest", image_id(image).to_string()),
        ("containerimage.digest", image.digest.to_string()),
    ]);
    if !command.tags.is_empty() {
        fields.insert("image.name", command.tags.join(","));
    }
    to_json_indented(&fields)
}
