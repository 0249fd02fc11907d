//! What the client of a build can reach: files, standard input, environment. The command line reads a disk, the page reads its project.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{BuildCommand, ContextPlace, NamedPlace, SecretPlace, default_dockerfile};
use crate::base::{Code, Diagnostic, Source};
use crate::filesystem::Tree;
use crate::image::Image;
use crate::image::import::{self, Limits};
use crate::plan::Request;
use crate::world::{Context, Images, NamedContext, Project, World, project};

/// Where a client's files come from. Errors are Go's: `open x: no such file or directory`.
pub trait Client {
    /// The bytes of a file.
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String>;
    /// A folder with all that is below it, every owner root.
    fn read_folder(&self, path: &str) -> Result<Tree, String>;
    /// The image of an OCI layout, as `oci-layout://` names it: `DIR[:TAG][@DIGEST]`.
    fn read_layout(&self, place: &str) -> Result<Image, String>;
    /// Everything on standard input.
    fn stdin(&self) -> Vec<u8>;
    /// A tar (perhaps compressed) as a tree.
    fn unpack(&self, archive: &[u8]) -> Result<Tree, String>;
    /// The environment.
    fn env(&self) -> &BTreeMap<String, String>;
    /// How image names resolve.
    fn images(&self, command: &BuildCommand) -> Result<Images, String>;
}

/// The folder of an OCI layout, and the tag or digest that is meant: `DIR[:TAG][@DIGEST]`.
pub fn layout_place(place: &str) -> (&str, Option<&str>) {
    let (place, digest) = place.split_once('@').map_or((place, None), |(place, digest)| (place, Some(digest)));
    match place.rsplit_once(':') {
        Some((folder, tag)) if !tag.contains('/') => (folder, digest.or(Some(tag))),
        _ => (place, digest),
    }
}

/// A tar, perhaps compressed, as a tree.
pub fn unpack(archive: &[u8]) -> Result<Tree, String> {
    import::rootfs(archive, Limits::default()).map(|image| (*image.tree()).clone())
}

/// Why a build could not be asked for. The text is all that stands behind `ERROR: failed to build: `.
pub type ClientError = String;

/// Reads all that a build needs.
pub fn prepare(command: &BuildCommand, client: &dyn Client) -> Result<(Request, World), ClientError> {
    let input = if command.context == ContextPlace::Stdin || command.file.as_deref() == Some("-") { client.stdin() } else { Vec::new() };
    let context = match &command.context {
        ContextPlace::Folder(path) => {
            Context::Local(client.read_folder(path).map_err(|_| format!("unable to prepare context: path \"{path}\" not found"))?)
        }
        ContextPlace::Remote(url) => Context::Remote(url.clone()),
        ContextPlace::Stdin if is_archive(&input) => Context::Local(client.unpack(&input)?),
        ContextPlace::Stdin => Context::Local(Tree::empty()),
    };
    let dockerfile = dockerfile(command, client, &context, &input)?;
    let ignore_file = ignore_file(command, client);
    let mut request = command.request(dockerfile, client.env())?;
    request.ignore_file = ignore_file;
    let images = client.images(command)?;
    let world = match context {
        Context::Local(files) => surroundings(files, images)?,
        remote => World { context: remote, ..World::local(Tree::empty(), images) },
    };
    let world =
        World { named_contexts: named_contexts(command, client)?, secrets: secrets(command, client)?, ssh: command.ssh.clone(), ..world };
    Ok((request, world))
}

/// The world around a project's files, with what its `bottleship.json` adds.
pub fn surroundings(files: Tree, images: Images) -> Result<World, ClientError> {
    let project = match super::files::read(&files, project::FILE) {
        Some(bytes) => Arc::new(Project::read(&String::from_utf8_lossy(&bytes))?),
        None => Arc::default(),
    };
    let images = match project.images.is_empty() {
        true => images,
        false => Images::Own { project: project.clone(), then: Box::new(images) },
    };
    let remotes = project.supplied(&files)?;
    Ok(World { remotes, project, ..World::local(files, images) })
}

/// Where the Dockerfile is read, and its name: `-f`, standard input, or the context's own.
fn dockerfile(command: &BuildCommand, client: &dyn Client, context: &Context, input: &[u8]) -> Result<Source, ClientError> {
    let missing = |name: &str| format!("failed to solve: failed to read dockerfile: open {name}: no such file or directory");
    let shown = |path: &str| if command.call.method == "build" { base_name(path).to_owned() } else { path.to_owned() };
    match (&command.file, &command.context) {
        (Some(file), _) if file == "-" => Ok(Source::new("Dockerfile", input)),
        (None, ContextPlace::Stdin) if !is_archive(input) => Ok(Source::new("Dockerfile", input)),
        (file, ContextPlace::Folder(folder)) => {
            let path = file.clone().unwrap_or_else(|| join(folder, default_dockerfile()));
            let name = base_name(&path);
            let bytes = client.read_file(&path).or_else(|error| match file {
                // A project may still have the old spelling.
                None => client.read_file(&join(folder, "dockerfile")),
                Some(_) => Err(error),
            });
            Ok(Source::new(&shown(file.as_deref().unwrap_or(name)), bytes.map_err(|_| missing(name))?))
        }
        (file, _) => {
            let name = file.as_deref().unwrap_or(default_dockerfile());
            let tree = match context {
                Context::Local(tree) => Some(tree.clone()),
                Context::Remote(_) => None,
            };
            let bytes = tree.and_then(|tree| super::files::read(&tree, name));
            // What a context from afar does not hold may be a file of the client.
            let bytes = bytes.or_else(|| client.read_file(name).ok()).ok_or_else(|| missing(name))?;
            Ok(Source::new(base_name(name), bytes))
        }
    }
}

fn ignore_file(command: &BuildCommand, client: &dyn Client) -> Option<Source> {
    let ContextPlace::Folder(folder) = &command.context else { return None };
    let path = command.file.clone().unwrap_or_else(|| join(folder, default_dockerfile()));
    let path = format!("{path}.dockerignore");
    Some(Source::new(base_name(&path), client.read_file(&path).ok()?))
}

fn named_contexts(command: &BuildCommand, client: &dyn Client) -> Result<BTreeMap<String, NamedContext>, ClientError> {
    let read = |place: &NamedPlace| -> Result<NamedContext, ClientError> {
        Ok(match place {
            NamedPlace::Folder(path) => NamedContext::Local(client.read_folder(path)?),
            NamedPlace::Remote(url) => NamedContext::Remote(url.clone()),
            NamedPlace::Image(reference) => NamedContext::Image(reference.clone()),
            NamedPlace::Layout(place) => NamedContext::Layout { reference: place.clone(), image: client.read_layout(place)? },
        })
    };
    crate::base::try_map_of(command.named_contexts.iter().map(|(name, place)| Ok((name.clone(), read(place)?))))
}

fn secrets(command: &BuildCommand, client: &dyn Client) -> Result<BTreeMap<String, Vec<u8>>, ClientError> {
    let mut secrets = BTreeMap::new();
    for (id, place) in &command.secrets {
        let variable = |name: &str| client.env().get(name).map(|value| value.clone().into_bytes());
        let value = match place {
            SecretPlace::Variable(name) => variable(name),
            SecretPlace::Either(name) => variable(name).or_else(|| client.read_file(name).ok()),
            SecretPlace::File(path) => {
                Some(client.read_file(path).map_err(|_| format!("failed to stat {path}: stat {path}: no such file or directory"))?)
            }
        };
        secrets.extend(value.map(|value| (id.clone(), value)));
    }
    Ok(secrets)
}

/// The error of a client as the diagnostic of a build that never began.
pub fn refusal(error: &str) -> Diagnostic {
    Diagnostic::error(Code::Plan, error, Vec::new())
}

/// gzip, bzip2, xz, zstd, or a tar: what BuildKit's client looks for in standard input.
fn is_archive(bytes: &[u8]) -> bool {
    let magic: [&[u8]; 4] = [b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];
    magic.iter().any(|magic| bytes.starts_with(magic)) || bytes.get(257..262) == Some(b"ustar")
}

fn join(folder: &str, name: &str) -> String {
    crate::base::go::join_path(folder, name)
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_named_with_tag_or_digest() {
        let check = |place: &str, folder: &str, reference: Option<&str>| assert_eq!(layout_place(place), (folder, reference), "{place}");
        check("/a/b", "/a/b", None);
        check("/a/b:1.0", "/a/b", Some("1.0"));
        check("/a:1/b", "/a:1/b", None);
        check("b:1@sha256:00", "b", Some("sha256:00"));
    }
}
