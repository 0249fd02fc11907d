//! What a build leaves behind besides its text: `-o`, `--iidfile`, `--metadata-file`, as values. The command line writes them to disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{BuildCommand, Output, OutputKind};
use crate::base::Reference;
use crate::build::{Cache, Outcome};
use crate::filesystem::{Directory, ImagePath, Metadata, Node, Tree};
use crate::image::archive::{self, Compression, Format};
use crate::image::{Blob, Image, Layer, assemble, flat_tar};
use crate::machine::Tally;
use crate::plan::Request;

/// Something to be written; `dest` is a path of the client, empty or `-`: standard output.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Product {
    pub dest: String,
    pub content: ProductContent,
}

/// What is written.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum ProductContent {
    Text(String),
    Folder(Arc<Tree>),
    /// A tree as one tar; later times become `rewrite`.
    Tar {
        tree: Arc<Tree>,
        rewrite: Option<i64>,
    },
    /// Images as an archive.
    Archive {
        images: Vec<Image>,
        names: Vec<Reference>,
        format: Format,
        compression: Compression,
    },
}

impl ProductContent {
    /// Whether there are at least this many bytes, told without making them.
    pub fn size_at_least(&self, bytes: u64) -> bool {
        let size: u64 = match self {
            Self::Text(text) => text.len() as u64,
            Self::Folder(tree) | Self::Tar { tree, .. } => tree.size(),
            Self::Archive { images, .. } => images.iter().flat_map(|image| &image.layers).map(|layer| layer.tar_size).sum(),
        };
        size >= bytes
    }

    /// Gives the bytes to `sink`, piece by piece; a folder has none.
    pub fn write(&self, sink: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Text(text) => sink(text.as_bytes()),
            Self::Folder(_) => {}
            Self::Tar { tree, rewrite } => flat_tar(tree, *rewrite, sink),
            Self::Archive { images, names, format, compression } => drop(archive::write(images, names, *format, *compression, sink)),
        }
    }
}

/// `--cache-to type=local,dest=DIR`: of `mode=max` everything, by builds that fail too, whose steps before the failure count.
pub fn cache_products(command: &BuildCommand, cache: &Cache, outcome: &Outcome) -> Vec<Product> {
    let local = command.cache_to.iter().filter(|place| place.get("type").is_some_and(|kind| kind == "local"));
    let is_max = |place: &BTreeMap<String, String>| place.get("mode").is_some_and(|mode| mode == "max");
    let product = |place: &BTreeMap<String, String>| {
        let dest = place.get("dest").filter(|_| is_max(place) || outcome.result.is_ok())?;
        let cache = if is_max(place) { cache.clone() } else { cache.least(outcome) };
        let file = |tree: Tree, (path, bytes): (String, Vec<u8>)| {
            let (path, metadata) = (ImagePath::new(&path), Metadata::root(0o644, 0));
            let folder = path.parent().unwrap_or_else(ImagePath::root);
            let with_folder = tree.make_directories(&folder, &Metadata::root(0o755, 0)).unwrap_or(tree);
            with_folder.insert(&path, Node::file(metadata, bytes)).unwrap_or(with_folder)
        };
        let tree = cache.to_files().into_iter().fold(Tree::empty(), file);
        Some(Product { dest: dest.clone(), content: ProductContent::Folder(Arc::new(tree)) })
    };
    local.filter_map(product).collect()
}

/// Everything that a build which succeeded leaves; the error stands behind `ERROR: failed to build: `.
pub fn products(command: &BuildCommand, request: &Request, images: &[Image], tally: Tally) -> Result<Vec<Product>, String> {
    let epoch = request.build_args.get("SOURCE_DATE_EPOCH").and_then(|epoch| epoch.parse::<i64>().ok());
    let mut products = Vec::new();
    for output in &command.outputs {
        products.extend(product(command, output, images, epoch.filter(|_| output.rewrite_timestamp))?);
    }
    let text = |dest: &String, text: String| Product { dest: dest.clone(), content: ProductContent::Text(text) };
    // The files describe what the first output gave.
    let rewrite = epoch.filter(|_| command.outputs.first().is_some_and(|output| output.rewrite_timestamp));
    let compression = command.outputs.first().map_or(Ok(Compression::Gzip), compression)?;
    if command.iidfile.is_some() || command.metadata_file.is_some() {
        let images = rewritten(images, rewrite);
        products.extend(command.iidfile.as_ref().zip(images.first()).map(|(dest, image)| text(dest, image.id().to_string())));
        products.extend(command.metadata_file.as_ref().map(|dest| {
            let names = names(command, command.outputs.first());
            let metadata = archive::metadata(&archive::write(&images, &names, Format::Oci, compression, &mut |_| {}), &names);
            text(dest, with_tally(metadata, tally))
        }));
    }
    Ok(products)
}

/// Says in the metadata how the commands of the build were answered.
fn with_tally(metadata: String, tally: Tally) -> String {
    let Some(head) = metadata.trim_end().strip_suffix('}') else { return metadata };
    let Tally { ran, modelled, not_simulated } = tally;
    format!(
        "{},\n  \"buildx.bottleship.commands\": {{\n    \"modelled\": {modelled},\n    \"notSimulated\": {not_simulated},\n    \"ran\": {ran}\n  }}\n}}",
        head.trim_end()
    )
}

fn product(command: &BuildCommand, output: &Output, images: &[Image], rewrite: Option<i64>) -> Result<Option<Product>, String> {
    let archive = |format| -> Result<ProductContent, String> {
        let (images, names) = (rewritten(images, rewrite), names(command, Some(output)));
        Ok(ProductContent::Archive { images, names, format, compression: compression(output)? })
    };
    let content = match output.kind {
        OutputKind::Local => ProductContent::Folder(files(images)),
        OutputKind::Tar => ProductContent::Tar { tree: files(images), rewrite },
        OutputKind::Oci => archive(Format::Oci)?,
        // Without a destination the image goes to the store, which only the playground has.
        OutputKind::Docker if output.dest.is_none() => return Ok(None),
        OutputKind::Docker => archive(Format::Docker)?,
        OutputKind::Image | OutputKind::CacheOnly => return Ok(None),
    };
    Ok(Some(Product { dest: output.dest.clone().unwrap_or_default(), content }))
}

fn compression(output: &Output) -> Result<Compression, String> {
    match output.compression.as_str() {
        "uncompressed" => Ok(Compression::Uncompressed),
        "" | "gzip" => Ok(Compression::Gzip),
        other => Err(format!("compression type {other} is not simulated")),
    }
}

fn names(command: &BuildCommand, output: Option<&Output>) -> Vec<Reference> {
    let named = output.and_then(|output| output.name.as_deref()).unwrap_or("");
    let given: Vec<&str> =
        if command.tags.is_empty() { named.split(',').collect() } else { command.tags.iter().map(String::as_str).collect() };
    given.into_iter().filter(|name| !name.is_empty()).filter_map(|name| Reference::parse(name).ok()).map(Reference::tagged).collect()
}

/// Layers that the build made anew, their later times cut to the epoch: `rewrite-timestamp=true`. A base's layers stay.
fn rewritten(images: &[Image], epoch: Option<i64>) -> Vec<Image> {
    let Some(epoch) = epoch else { return images.to_vec() };
    let layers = |image: &Image| -> Vec<Layer> {
        let layer = |(lower, layer): (Arc<Tree>, &Layer)| match &layer.blob {
            Blob::Made { .. } => Layer::made(&lower, &layer.tree, Some(epoch)),
            Blob::Linked { tree, .. } => Layer::linked(tree, &layer.tree, Some(epoch)),
            Blob::Imported(_) => layer.clone(),
        };
        image.layers_with_lower().map(layer).collect()
    };
    images.iter().map(|image| assemble(&image.config, layers(image), epoch, Some(epoch))).collect()
}

/// The files of the result; those of several platforms stand side by side: `linux_arm64`.
fn files(images: &[Image]) -> Arc<Tree> {
    if let [one] = images {
        return one.tree();
    }
    let entries = images.iter().map(|image| (Arc::from(directory(image)), Node::Directory(image.tree().root().clone()))).collect();
    Arc::new(Tree::from_root(Arc::new(Directory { metadata: Metadata::root(0o755, 0), entries })))
}

fn directory(image: &Image) -> String {
    let parts = [&image.config.os, &image.config.architecture, &image.config.variant];
    parts.iter().filter(|part| !part.is_empty()).map(|part| part.as_str()).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Source;
    use crate::docker::command::parse_build;
    use crate::image::Config;

    fn check(line: &str, expect: &[(&str, usize)]) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let command = parse_build(&words).expect("a command");
        let request = command.request(Source::new("Dockerfile", b""), &std::collections::BTreeMap::new()).expect("a request");
        let image = assemble(&Config::default(), Vec::new(), 0, Some(0));
        let products = products(&command, &request, &[image], Tally::default()).expect(line);
        let blocks = |product: &Product| {
            let mut size = 0;
            product.content.write(&mut |bytes| size += bytes.len());
            size / 512
        };
        assert_eq!(products.iter().map(|product| (product.dest.as_str(), blocks(product))).collect::<Vec<_>>(), expect, "{line}");
    }

    #[test]
    fn an_output_becomes_a_file() {
        check("-o type=tar,dest=t --iidfile i .", &[("t", 2), ("i", 0)]);
        check("-o type=local,dest=folder .", &[("folder", 0)]);
        check("--load .", &[]);
    }
}
