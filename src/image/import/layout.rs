//! OCI layouts, and the older `docker save` form: index -> manifest -> config and layers, every digest checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::decompress::packing;
use super::{Limits, Named, decompress, imported, is_compressed};
use crate::base::Digest;
use crate::filesystem::Tree;
use crate::image::{Config, Image, Layer};

/// Files by path.
pub type Files = BTreeMap<String, Arc<[u8]>>;

#[derive(Deserialize)]
struct Descriptor {
    digest: Digest,
    #[serde(rename = "mediaType", default)]
    media_type: String,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    platform: Option<DescriptorPlatform>,
}

#[derive(Deserialize)]
struct DescriptorPlatform {
    architecture: String,
    os: String,
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    layers: Option<Vec<String>>,
    repo_tags: Option<Vec<String>>,
}

/// The image of a layout given as its files by path. `reference`: a tag or a digest; else the only or the first one.
pub fn layout(files: &Files, reference: Option<&str>, limits: Limits) -> Result<Image, String> {
    match files.get("index.json") {
        Some(index) => {
            let index: Index = json("index.json", index)?;
            let chosen = choose(&index, reference)?;
            from_descriptor(files, chosen, limits)
        }
        None => {
            let list = saved_list(files)?;
            let tagged = |one: &&Saved| {
                reference.is_some_and(|tag| one.repo_tags.iter().flatten().any(|name| name == tag || name.ends_with(&format!(":{tag}"))))
            };
            let one = list.iter().find(tagged).or(list.first()).ok_or("manifest.json names no image")?;
            saved(files, one, limits)
        }
    }
}

/// Every image of a layout or archive; equal ones once, with all their names.
pub fn named(files: &Files, limits: Limits) -> Result<Vec<Named>, String> {
    let mut out: Vec<Named> = Vec::new();
    let mut add = |image: Image, names: Vec<String>| match out.iter_mut().find(|known| known.image.id() == image.id()) {
        Some(known) => known.names.extend(names),
        None => out.push(Named { image, names }),
    };
    match files.get("index.json") {
        Some(index) => {
            let index: Index = json("index.json", index)?;
            for descriptor in &index.manifests {
                let name = descriptor.annotations.get("io.containerd.image.name").cloned();
                add(from_descriptor(files, descriptor, limits)?, name.into_iter().collect());
            }
        }
        None => {
            for one in saved_list(files)? {
                let names = one.repo_tags.clone().unwrap_or_default();
                add(saved(files, &one, limits)?, names);
            }
        }
    }
    Ok(out)
}

fn choose<'a>(index: &'a Index, reference: Option<&str>) -> Result<&'a Descriptor, String> {
    let named = |descriptor: &&Descriptor| {
        reference.is_none_or(|wanted| {
            descriptor.digest.to_string() == wanted
                || descriptor.annotations.get("org.opencontainers.image.ref.name").is_some_and(|name| name == wanted)
        })
    };
    let found = index.manifests.iter().find(named);
    found.ok_or_else(|| format!("the layout has no image `{}`", reference.unwrap_or_default()))
}

/// An index inside of the index: its image for this machine, or the first one.
fn from_descriptor(files: &Files, descriptor: &Descriptor, limits: Limits) -> Result<Image, String> {
    let mut descriptor_digest = descriptor.digest;
    let mut media_type = descriptor.media_type.clone();
    for _ in 0..4 {
        let bytes = blob(files, descriptor_digest)?;
        if !media_type.contains("index") && !media_type.contains("manifest.list") {
            return from_manifest(files, descriptor_digest, &bytes, limits);
        }
        let index: Index = json("index", &bytes)?;
        let ours = |d: &&Descriptor| d.platform.as_ref().is_some_and(|p| p.os == "linux" && p.architecture == "amd64");
        let next = index.manifests.iter().find(ours).or(index.manifests.first()).ok_or("the index has no image")?;
        descriptor_digest = next.digest;
        media_type.clone_from(&next.media_type);
    }
    Err("indexes are nested too deep".into())
}

fn from_manifest(files: &Files, digest: Digest, bytes: &[u8], limits: Limits) -> Result<Image, String> {
    let manifest: Manifest = json("manifest", bytes)?;
    let config = blob(files, manifest.config.digest)?;
    let layers = manifest.layers.unwrap_or_default();
    let blobs = layers.iter().map(|layer| blob(files, layer.digest)).collect::<Result<Vec<_>, _>>()?;
    image(Some(digest), &config, &blobs, limits)
}

/// `manifest.json` without an index: `docker save` of older versions.
fn saved_list(files: &Files) -> Result<Vec<Saved>, String> {
    json("manifest.json", files.get("manifest.json").ok_or("neither index.json nor manifest.json is there")?)
}

fn saved(files: &Files, one: &Saved, limits: Limits) -> Result<Image, String> {
    let file = |name: &String| files.get(name).cloned().ok_or_else(|| format!("`{name}` is missing"));
    let config = file(&one.config)?;
    let blobs = one.layers.iter().flatten().map(file).collect::<Result<Vec<_>, _>>()?;
    image(None, &config, &blobs, limits)
}

fn image(digest: Option<Digest>, config_bytes: &[u8], blobs: &[Arc<[u8]>], limits: Limits) -> Result<Image, String> {
    let config: Config = json("config", config_bytes)?;
    let config_json: Arc<str> = std::str::from_utf8(config_bytes).map_err(|e| format!("config: {e}"))?.into();
    let diff_ids = config.rootfs.diff_ids.clone().unwrap_or_default();
    if diff_ids.len() != blobs.len() {
        return Err(format!("the config lists {} layers, the manifest {}", diff_ids.len(), blobs.len()));
    }
    if blobs.len() > limits.layers {
        return Err(format!("the image has more than {} layers", limits.layers));
    }
    let mut layers: Vec<Layer> = Vec::new();
    let mut lower = Arc::new(Tree::empty());
    let mut left = limits.total;
    for (blob, diff_id) in blobs.iter().zip(diff_ids) {
        let limit = limits.bytes.min(left);
        let tar: Arc<[u8]> = if is_compressed(blob) { Arc::from(&*decompress(blob, limit)?) } else { blob.clone() };
        let packed = packing(blob).map(|packing| (packing, blob.clone()));
        left = left.checked_sub(tar.len() as u64).ok_or_else(|| format!("the image's layers are more than {} bytes", limits.total))?;
        let layer = imported(&lower, tar, packed, Some(diff_id), limits)?;
        lower = layer.tree.clone();
        layers.push(layer);
    }
    let digest = digest.unwrap_or_else(|| Digest::of(crate::image::manifest::manifest(&config_json, &layers)));
    Ok(Image { digest, config, config_json, layers })
}

fn blob(files: &Files, digest: Digest) -> Result<Arc<[u8]>, String> {
    let bytes = files.get(&format!("blobs/sha256/{}", digest.hex())).ok_or_else(|| format!("blob {digest} is missing"))?;
    match Digest::of(bytes) == digest {
        true => Ok(bytes.clone()),
        false => Err(format!("blob {digest} does not have its digest")),
    }
}

fn json<'a, T: Deserialize<'a>>(what: &str, bytes: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|e| format!("{what}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::super::archive;
    use super::*;
    use crate::filesystem::{ImagePath, Metadata, Node};
    use crate::image::archive::{Compression, Format, Options, write};
    use crate::image::assemble;

    fn sample() -> Image {
        let tree = Tree::empty().insert(&ImagePath::new("/f"), Node::file(Metadata::root(0o644, 0), "text")).expect("a place");
        let layer = Layer::made(&Tree::empty(), &Arc::new(tree), Some(0));
        assemble(&Config { architecture: "amd64".into(), os: "linux".into(), ..Config::default() }, vec![layer], 0, Some(0))
    }

    #[test]
    fn what_is_exported_imports_with_the_same_digests() {
        for (format, compression) in [(Format::Oci, Compression::Uncompressed), (Format::Docker, Compression::Gzip)] {
            let image = sample();
            let mut bytes = Vec::new();
            let exported =
                write(std::slice::from_ref(&image), &[], &Options::new(format, compression), &mut |piece| bytes.extend_from_slice(piece));
            let back = archive(&bytes, None, Limits::default()).expect("an image");
            assert_eq!((back.id(), Some(back.digest)), (image.id(), exported.digest));
            assert_eq!(back.tree(), image.tree());
        }
    }

    #[test]
    fn an_imported_layer_goes_on_as_it_came() {
        let exported = |image: &Image, options: &Options| {
            let mut bytes = Vec::new();
            let exported = write(std::slice::from_ref(image), &[], options, &mut |piece| bytes.extend_from_slice(piece));
            (exported.digest.expect("a digest"), archive(&bytes, None, Limits::default()).expect("an image"))
        };
        // Layers without rewritten times: an import does not tell that they were.
        let tree = Tree::empty().insert(&ImagePath::new("/f"), Node::file(Metadata::root(0o644, 0), "text")).expect("a place");
        let made = assemble(&sample().config, vec![Layer::made(&Tree::empty(), &Arc::new(tree), None)], 0, Some(0));
        let (zstd, came) = exported(&made, &Options::new(Format::Oci, Compression::Zstd));
        for wanted in [Compression::Gzip, Compression::Uncompressed] {
            let options = Options::new(Format::Oci, wanted);
            assert_eq!(exported(&came, &options).0, zstd, "kept though {wanted:?} is wanted");
            assert_eq!(exported(&came, &Options { force: true, ..options.clone() }).0, exported(&made, &options).0, "forced to {wanted:?}");
        }
    }

    #[test]
    fn a_changed_byte_is_found() {
        let mut bytes = Vec::new();
        write(&[sample()], &[], &Options::new(Format::Oci, Compression::Uncompressed), &mut |piece| bytes.extend_from_slice(piece));
        let at = bytes.windows(4).position(|window| window == b"text").expect("the content");
        bytes[at] = b'n';
        assert!(archive(&bytes, None, Limits::default()).is_err_and(|error| error.contains("does not have its digest")));
    }
}
