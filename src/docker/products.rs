//! What a build leaves behind besides its text: `-o`, `--iidfile`, `--metadata-file`, as values. The command line writes them to disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{BuildCommand, Output, OutputKind};
use super::flags::boolean;
use crate::base::Reference;
use crate::base::go::{quote, to_json_indented};
use crate::build::file::execute_merge;
use crate::build::{Cache, Outcome};
use crate::filesystem::{Directory, ImagePath, Metadata, Node, Tree};
use crate::image::annotations::{self, Annotated, Annotation};
use crate::image::archive::{self, Compression, Exported, Format, Options, Packed};
use crate::image::import::{Limits, apply_layer};
use crate::image::{Blob, Image, Layer, assemble, flat_tar};
use crate::machine::Tally;

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
    /// A tree as one tar.
    Tar(Arc<Tree>),
    /// Images as an archive.
    Archive {
        images: Vec<Image>,
        names: Vec<Reference>,
        options: Options,
    },
}

impl ProductContent {
    /// Whether there are at least this many bytes, told without making them.
    pub fn size_at_least(&self, bytes: u64) -> bool {
        let size: u64 = match self {
            Self::Text(text) => text.len() as u64,
            Self::Folder(tree) | Self::Tar(tree) => tree.size(),
            Self::Archive { images, .. } => images.iter().flat_map(|image| &image.layers).map(|layer| layer.tar_size).sum(),
        };
        size >= bytes
    }

    /// Gives the bytes to `sink`, piece by piece; a folder has none.
    pub fn write(&self, sink: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Text(text) => sink(text.as_bytes()),
            Self::Folder(_) => {}
            Self::Tar(tree) => flat_tar(tree, None, sink),
            Self::Archive { images, names, options } => drop(archive::write(images, names, options, sink)),
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
pub fn products(command: &BuildCommand, outcome: &Outcome) -> Result<Vec<Product>, String> {
    let Ok(images) = &outcome.result else { return Ok(Vec::new()) };
    made(command, &Built { images, epoch: outcome.epoch(), many: outcome.multi_platform() }, outcome.tally())
}

/// What a build gives to its exporters.
struct Built<'a> {
    images: &'a [Image],
    /// SOURCE_DATE_EPOCH.
    epoch: Option<i64>,
    /// Whether it is a list of platforms.
    many: bool,
}

fn made(command: &BuildCommand, built: &Built<'_>, tally: Tally) -> Result<Vec<Product>, String> {
    let mut products = Vec::new();
    let mut exported = Exported::default();
    if command.outputs.is_empty() && !built.many {
        exported = stored(command, None, built);
    }
    for output in &command.outputs {
        let asked = command.metadata_file.is_some() || built.many && command.iidfile.is_some();
        let (product, answer) = product(command, output, built, asked)?;
        products.extend(product);
        exported = exported.and(answer);
    }
    let text = |dest: &String, text: String| Product { dest: dest.clone(), content: ProductContent::Text(text) };
    if let Some(dest) = &command.iidfile {
        let id = exported.config.or(exported.digest);
        products.push(text(dest, id.map(|id| id.to_string()).unwrap_or_default()));
    }
    if let Some(dest) = &command.metadata_file {
        products.push(text(dest, with_tally(to_json_indented(&exported), tally)));
    }
    Ok(products)
}

/// What is wrong with the outputs that a build is asked for, before it begins. `platforms`: how many it names.
pub fn refuse(command: &BuildCommand, platforms: usize) -> Option<String> {
    let of_files = |output: &Output| matches!(output.kind, OutputKind::Local | OutputKind::Tar);
    let wrong = |output: &Output| {
        if of_files(output) && command.iidfile.is_some() {
            return Some("local and tar exporters are incompatible with image ID file".to_owned());
        }
        if output.kind == OutputKind::Docker && platforms > 1 {
            return Some(match output.dest {
                Some(_) => "docker exporter does not support exporting manifest lists, use the oci exporter instead".into(),
                None => "docker exporter does not currently support exporting manifest lists".into(),
            });
        }
        let known = if of_files(output) { switch(output, "platform-split", true).map(drop) } else { options(output, true, None).map(drop) };
        known.and_then(|()| switch(output, "tar", true)).and_then(|_| output.epoch()).err()
    };
    command.outputs.iter().find_map(wrong)
}

/// Says in the metadata how the commands of the build were answered.
fn with_tally(metadata: String, tally: Tally) -> String {
    let Some(head) = metadata.trim_end().strip_suffix('}').map(str::trim_end) else { return metadata };
    let comma = if head == "{" { "" } else { "," };
    let Tally { ran, modelled, not_simulated } = tally;
    let not_simulated = not_simulated.len();
    format!(
        "{head}{comma}\n  \"buildx.bottleship.commands\": {{\n    \"modelled\": {modelled},\n    \"notSimulated\": {not_simulated},\n    \"ran\": {ran}\n  }}\n}}"
    )
}

/// What an output leaves, and what its exporter answers; of an archive all of it only if that is `asked`, for it must be packed first.
fn product(command: &BuildCommand, output: &Output, built: &Built<'_>, asked: bool) -> Result<(Option<Product>, Exported), String> {
    let mut answer = Exported::default();
    let built = &Built { epoch: output.epoch()?.or(built.epoch), ..*built };
    let content = match output.kind {
        OutputKind::Local => ProductContent::Folder(files(built, output)?),
        OutputKind::Tar => ProductContent::Tar(files(built, output)?),
        OutputKind::Docker if built.many => {
            return Err("failed to solve: docker exporter does not currently support exporting manifest lists".into());
        }
        // Without a destination the image goes to the store, which only the playground has.
        OutputKind::Docker if output.dest.is_none() => return Ok((None, stored(command, Some(output), built))),
        OutputKind::Image => return Ok((None, stored(command, Some(output), built))),
        OutputKind::CacheOnly => return Ok((None, answer)),
        OutputKind::Oci | OutputKind::Docker => {
            let images = rewritten(built.images, built.epoch.filter(|_| output.rewrite_timestamp));
            let (mut options, names) = (options(output, built.many, built.epoch)?, names(command, Some(output)));
            let known = |platform: &str| images.iter().any(|image| image.config.platform().format_all() == platform);
            let unknown = options.annotations.iter().find(|one| built.many && !one.platform.is_empty() && !known(&one.platform));
            if let Some(Annotation { platform, .. }) = unknown {
                return Err(format!("failed to solve: invalid annotation: no platform {platform} found in source"));
            }
            if asked {
                options.packed = archive::pack(&images, &options);
                answer = archive::write(&images, &names, &options, &mut |_| {});
            } else if !built.many {
                answer.config = images.first().map(Image::id);
            }
            let content = ProductContent::Archive { options, images, names };
            if switch(output, "tar", true)? { content } else { ProductContent::Folder(Arc::new(members(&content)?)) }
        }
    };
    Ok((Some(Product { dest: output.dest.clone().unwrap_or_default(), content }), answer))
}

/// What the store answers.
fn stored(command: &BuildCommand, output: Option<&Output>, built: &Built<'_>) -> Exported {
    Exported::to_store(built.images, built.many, &names(command, output))
}

/// `tar=false`: the members of the archive as files.
fn members(archive: &ProductContent) -> Result<Tree, String> {
    let mut bytes = Vec::new();
    archive.write(&mut |piece| bytes.extend_from_slice(piece));
    Ok(apply_layer(&Tree::empty(), &bytes, Limits { bytes: u64::MAX, ..Limits::default() })?.tree)
}

/// How an output's archive is written: what its attributes say.
fn options(output: &Output, many: bool, epoch: Option<i64>) -> Result<Options, String> {
    let compression = match output.compression.as_str() {
        "uncompressed" => Compression::Uncompressed,
        "" | "gzip" => Compression::Gzip,
        "zstd" => Compression::Zstd,
        known @ "estargz" => return Err(format!("compression type {known} is not simulated")),
        other => return Err(format!("failed to solve: unsupported compression type {other}")),
    };
    let annotations = output.attributes.iter().filter_map(|(key, value)| annotations::read(key, value)).collect::<Result<Vec<_>, _>>();
    let annotations = annotations.map_err(|error| format!("failed to solve: {error}"))?;
    let of_index = annotations.iter().any(|one| one.on.is_of_index());
    if of_index && !many {
        return Err("failed to solve: index annotations not supported for single platform export".into());
    }
    let needs_oci = annotations.iter().any(|one| one.on != Annotated::Manifest);
    let docker_types = !switch(output, "oci-mediatypes", true)? && !needs_oci;
    let force = switch(output, "force-compression", false)?;
    let format = if output.kind == OutputKind::Docker { Format::Docker } else { Format::Oci };
    Ok(Options { format, compression, force, docker_types, index: many, annotations, created: epoch, packed: Packed::new() })
}

/// A boolean attribute.
fn switch(output: &Output, key: &str, default: bool) -> Result<bool, String> {
    let Some(value) = output.attributes.get(key).filter(|value| !value.is_empty()) else { return Ok(default) };
    boolean(value).ok_or_else(|| {
        format!("failed to solve: non-bool value specified for {key}: strconv.ParseBool: parsing {}: invalid syntax", quote(value))
    })
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
            Blob::Made { rewrite } | Blob::Linked { rewrite, .. } if *rewrite == Some(epoch) => layer.clone(),
            Blob::Made { .. } => Layer::made(&lower, &layer.tree, Some(epoch)),
            Blob::Linked { tree, .. } => Layer::made(&Tree::empty(), tree, Some(epoch)).linked_into(&layer.tree),
            Blob::Imported { .. } => layer.clone(),
        };
        image.layers_with_lower().map(layer).collect()
    };
    images.iter().map(|image| assemble(&image.config, layers(image), epoch, Some(epoch))).collect()
}

/// The files of the result; those of several platforms stand side by side: `linux_arm64`. With an epoch all have its time.
fn files(built: &Built<'_>, output: &Output) -> Result<Arc<Tree>, String> {
    let Built { images, epoch, many } = built;
    let tree = if switch(output, "platform-split", *many)? {
        let entries = images.iter().map(|image| (Arc::from(directory(image)), Node::Directory(image.tree().root().clone()))).collect();
        Tree::from_root(Arc::new(Directory { metadata: Metadata::root(0o755, 0), entries }))
    } else {
        let trees: Vec<Tree> = images.iter().map(|image| (*image.tree()).clone()).collect();
        if let Some((path, one, two)) = clash(&trees) {
            let platform = |at: usize| images.get(at).map(|image| image.config.platform().format_all()).unwrap_or_default();
            let (one, two) = (platform(one), platform(two));
            return Err(format!("failed to solve: cannot overwrite {path} from {one} with {two} when split option is disabled"));
        }
        execute_merge(&trees)?
    };
    Ok(Arc::new(epoch.map_or(tree.clone(), |epoch| tree.with_time(epoch.saturating_mul(1_000_000_000)))))
}

/// A file that two of the trees have: its path, and which they are.
fn clash(trees: &[Tree]) -> Option<(String, usize, usize)> {
    trees.iter().enumerate().find_map(|(two, tree)| {
        let files = tree.walk().filter(|(_, node)| node.as_directory().is_none());
        let twice = |(path, _): (ImagePath, _)| {
            let one = trees[..two].iter().position(|before| before.get(&path).is_some_and(|node| node.as_directory().is_none()))?;
            Some((path.relative().to_owned(), one, two))
        };
        files.into_iter().find_map(twice)
    })
}

fn directory(image: &Image) -> String {
    let parts = [&image.config.os, &image.config.architecture, &image.config.variant];
    parts.iter().filter(|part| !part.is_empty()).map(|part| part.as_str()).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::command::parse_build;
    use crate::image::Config;

    fn image(architecture: &str, files: &[&str]) -> Image {
        let put = |tree: Tree, path: &&str| {
            let path = ImagePath::new(path);
            let tree = tree.make_directories(&path.parent().expect("a folder"), &Metadata::root(0o755, 7)).expect("folders");
            tree.insert(&path, Node::file(Metadata::root(0o644, 9_000_000_000), architecture)).expect("a place")
        };
        let tree = Arc::new(files.iter().fold(Tree::empty(), put));
        let config = Config { architecture: architecture.into(), os: "linux".into(), ..Config::default() };
        assemble(&config, vec![Layer::made(&Tree::empty(), &tree, Some(0))], 0, Some(0))
    }

    fn command(line: &str) -> BuildCommand {
        parse_build(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).expect("a command")
    }

    fn told(line: &str, images: &[Image]) -> Result<Vec<Product>, String> {
        made(&command(line), &Built { images, epoch: Some(3), many: images.len() > 1 }, Tally::default())
    }

    fn bytes(product: &Product) -> String {
        let mut bytes = Vec::new();
        product.content.write(&mut |piece| bytes.extend_from_slice(piece));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn paths(product: &Product) -> Vec<String> {
        let ProductContent::Folder(tree) = &product.content else { return Vec::new() };
        let path = |(path, node): (ImagePath, &Node)| format!("{} {}", path.relative(), node.metadata().mtime / 1_000_000_000);
        tree.walk().map(path).collect()
    }

    #[test]
    fn an_output_becomes_a_file() {
        let check = |line: &str, expect: &[(&str, usize)]| {
            let products = told(line, &[image("amd64", &[])]).expect(line);
            assert_eq!(products.iter().map(|one| (one.dest.as_str(), bytes(one).len() / 512)).collect::<Vec<_>>(), expect, "{line}");
        };
        check("-o type=tar,dest=t .", &[("t", 2)]);
        check("-o type=local,dest=folder .", &[("folder", 0)]);
        check("--iidfile i .", &[("i", 0)]);
        check("--load .", &[]);
    }

    #[test]
    fn files_of_platforms_stand_side_by_side_or_together() {
        let two = [image("amd64", &["d/a"]), image("arm64", &["d/b"])];
        let check =
            |line: &str, images: &[Image], expect: &[&str]| assert_eq!(paths(&told(line, images).expect(line)[0]), expect, "{line}");
        check("-o out .", &two[..1], &["d 3", "d/a 3"]);
        check(
            "-o out .",
            &two,
            &["linux_amd64 3", "linux_amd64/d 3", "linux_amd64/d/a 3", "linux_arm64 3", "linux_arm64/d 3", "linux_arm64/d/b 3"],
        );
        check("-o type=local,dest=out,platform-split=false .", &two, &["d 3", "d/a 3", "d/b 3"]);
        check("-o type=local,dest=out,platform-split=1 .", &two[1..], &["linux_arm64 3", "linux_arm64/d 3", "linux_arm64/d/b 3"]);
        let same = [image("amd64", &["d/a"]), image("arm64", &["c", "d/a"])];
        assert_eq!(
            told("-o type=tar,dest=t,platform-split=false .", &same).map(drop),
            Err("failed to solve: cannot overwrite d/a from linux/amd64 with linux/arm64 when split option is disabled".into())
        );
    }

    #[test]
    fn an_archive_is_written_as_a_folder_too() {
        let products = told("-o type=oci,dest=out,tar=false,compression=uncompressed .", &[image("amd64", &["a"])]).expect("products");
        assert_eq!(paths(&products[0]).iter().filter(|path| path.starts_with("blobs/sha256/")).count(), 3);
        assert!(paths(&products[0]).contains(&"index.json 0".to_owned()));
    }

    #[test]
    fn attributes_say_how_an_archive_is_written() {
        let images = [image("amd64", &["a"])];
        let check = |attributes: &str, expect: &[&str], lacks: &str| {
            let text = bytes(&told(&format!("-o type=oci,dest=a{attributes} ."), &images).expect(attributes)[0]);
            expect.iter().for_each(|part| assert!(text.contains(part), "{attributes}: {part}"));
            assert!(!text.contains(lacks), "{attributes}: {lacks}");
        };
        check("", &["oci.image.layer.v1.tar+gzip\"", "image.created\":\"1970-01-01T00:00:03Z\""], "docker");
        check(",oci-mediatypes=false", &["docker.container.image.v1+json\"", "docker.image.rootfs.diff.tar.gzip\""], "rewritten");
        check(",oci-mediatypes=false,compression=uncompressed", &["docker.image.rootfs.diff.tar\""], "oci.image.layer");
        check(",compression=zstd", &["oci.image.layer.v1.tar+zstd\"", "\u{28}"], "gzip");
        check(",source-date-epoch=7", &["image.created\":\"1970-01-01T00:00:07Z\""], "docker");
        check(",annotation.a=b", &["\"annotations\": {\n    \"a\": \"b\"\n  }\n}"], "docker");
        check(",annotation-manifest-descriptor.a=b", &["\"annotations\":{\"a\":\"b\",\"org."], "docker");
        check(",oci-mediatypes=0,annotation-manifest-descriptor.a=b", &["oci.image.config"], "docker");
    }

    #[test]
    fn an_index_is_annotated_if_there_is_one() {
        let two = [image("amd64", &[]), image("arm64", &[])];
        let line = "-o type=oci,dest=a --annotation index:k=v --annotation index-descriptor,manifest-descriptor[linux/arm64]:D=w .";
        let text = bytes(&told(line, &two).expect("products")[0]);
        assert!(text.contains("  ],\n  \"annotations\": {\n    \"k\": \"v\"\n  }\n}"), "{text}");
        assert!(text.contains("\"annotations\":{\"D\":\"w\",\"org.opencontainers.image.created\""), "{text}");
        assert_eq!(
            text.matches("\"annotations\": {\n        \"D\": \"w\"\n      },\n      \"platform\": {\n        \"architecture\": \"arm64\"")
                .count(),
            1
        );
        assert_eq!(
            told(line, &two[..1]).map(drop),
            Err("failed to solve: index annotations not supported for single platform export".into())
        );
    }

    #[test]
    fn one_platform_may_be_a_list() {
        let images = [image("amd64", &["a"])];
        let told = |line: &str| made(&command(line), &Built { images: &images, epoch: Some(3), many: true }, Tally::default());
        assert_eq!(paths(&told("-o out .").expect("files")[0]), ["linux_amd64 3", "linux_amd64/a 3"]);
        assert!(bytes(&told("-o type=oci,dest=a --annotation index:k=v .").expect("an archive")[0]).contains("\"k\": \"v\""));
        assert!(told("--load .").is_err());
        let files = told("-o type=oci,dest=a --iidfile i --metadata-file m .").expect("files");
        let [archive, id, metadata] = files.iter().map(bytes).collect::<Vec<_>>().try_into().expect("three of them");
        assert!(archive.contains(&format!("image.index.v1+json\",\"digest\":\"{id}\"")), "{id}");
        assert!(metadata.contains(&format!("\"containerimage.digest\": \"{id}\"")) && !metadata.contains("config.digest"), "{metadata}");
    }

    #[test]
    fn several_platforms_are_stored_as_a_list() {
        let two = [image("amd64", &[]), image("arm64", &[])];
        let files = told("-o type=image -t x --metadata-file m --iidfile i .", &two).expect("files");
        let list = archive::list_digest(&two).to_string();
        assert_eq!(bytes(&files[0]), list);
        assert!(bytes(&files[1]).contains(&list) && !bytes(&files[1]).contains("config.digest"));
    }

    #[test]
    fn metadata_are_what_the_exporters_answer() {
        let images = [image("amd64", &["a"])];
        let keys = |line: &str| -> Vec<String> {
            let text = bytes(told(line, &images).expect(line).last().expect("metadata"));
            let metadata: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).expect(line);
            metadata.keys().filter(|key| !key.starts_with("buildx")).cloned().collect()
        };
        let store = ["containerimage.config.digest", "containerimage.digest"];
        let archive = ["containerimage.config.digest", "containerimage.descriptor", "containerimage.digest"];
        assert_eq!(keys("--metadata-file m ."), store);
        assert_eq!(keys("--load -t x --metadata-file m ."), [store[0], store[1], "image.name"]);
        assert_eq!(keys("-o type=oci,dest=a --metadata-file m ."), archive);
        assert_eq!(keys("-o type=oci,dest=a --load --metadata-file m ."), archive);
        assert_eq!(keys("-o type=tar,dest=a --metadata-file m ."), [""; 0]);
        let files = told("-o type=oci,dest=a --load --metadata-file m --iidfile i .", &images).expect("files");
        let [_, id, metadata] = files.iter().map(bytes).collect::<Vec<_>>().try_into().expect("three of them");
        assert!(metadata.contains(&format!("\"containerimage.digest\": \"{id}\"")), "the last exporter is heard: {metadata}");
    }

    #[test]
    fn an_archive_is_the_same_whether_its_digests_were_asked_for() {
        for compression in ["gzip", "zstd", "uncompressed"] {
            let line = |more: &str| format!("-o type=oci,dest=a,compression={compression} {more}.");
            let images = [image("amd64", &["a"])];
            let (one, two) = (told(&line(""), &images).expect("one"), told(&line("--metadata-file m "), &images).expect("two"));
            assert_eq!(bytes(&one[0]), bytes(&two[0]));
        }
    }

    #[test]
    fn an_annotation_of_a_platform_needs_the_platform() {
        let two = [image("amd64", &[]), image("arm64", &[])];
        let line = "-o type=oci,dest=a --annotation manifest[linux/arm64/v8]:k=v .";
        let expect = "failed to solve: invalid annotation: no platform linux/arm64/v8 found in source";
        assert_eq!(told(line, &two).map(drop), Err(expect.into()));
        assert!(told(line, &two[..1]).is_ok());
    }

    #[test]
    fn outputs_are_refused_before_the_build() {
        let check =
            |line: &str, platforms: usize, expect: Option<&str>| assert_eq!(refuse(&command(line), platforms).as_deref(), expect, "{line}");
        check("-o out .", 2, None);
        check("-o type=oci,dest=a --annotation index:a=b .", 1, None);
        check("-o out --iidfile i .", 1, Some("local and tar exporters are incompatible with image ID file"));
        check("--load .", 2, Some("docker exporter does not currently support exporting manifest lists"));
        check(
            "-o type=docker,dest=a .",
            2,
            Some("docker exporter does not support exporting manifest lists, use the oci exporter instead"),
        );
        check("-o type=oci,dest=a,compression=lzo .", 1, Some("failed to solve: unsupported compression type lzo"));
        check("-o type=oci,dest=a,compression=estargz .", 1, Some("compression type estargz is not simulated"));
        check(
            "-o type=tar,dest=a,source-date-epoch=now .",
            1,
            Some(
                "failed to solve: invalid source-date-epoch: strconv.ParseInt: parsing \"now\": invalid syntax: strconv.ParseInt: parsing \"now\": invalid syntax",
            ),
        );
        check("-o type=oci,dest=a,annotation-x.k=v .", 1, Some("failed to solve: unrecognized annotation type x"));
        check(
            "-o type=oci,dest=a,oci-mediatypes=maybe .",
            1,
            Some("failed to solve: non-bool value specified for oci-mediatypes: strconv.ParseBool: parsing \"maybe\": invalid syntax"),
        );
    }
}
