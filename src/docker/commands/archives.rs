//! `docker save`, `docker load`, `docker import`: images as archives among the client's files.

use super::{Reply, Usage, read};
use crate::base::Reference;
use crate::docker::flags::{Flag, switch, text};
use crate::docker::store::Store;
use crate::image::Image;
use crate::image::archive::{self, Compression, Format, Options};
use crate::image::import::{self, Limits};

pub(super) const SAVE: Usage = Usage { name: "docker save", arguments: "[OPTIONS] IMAGE [IMAGE...]", count: (1, usize::MAX) };
pub(super) const SAVE_FLAGS: &[Flag] = &[text("output", 'o', "Write to a file, instead of STDOUT")];
pub(super) const LOAD: Usage = Usage { name: "docker load", arguments: "[OPTIONS]", count: (0, 0) };
pub(super) const LOAD_FLAGS: &[Flag] =
    &[text("input", 'i', "Read from tar archive file, instead of STDIN"), switch("quiet", 'q', "Suppress the load output")];
pub(super) const IMPORT: Usage = Usage { name: "docker import", arguments: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]", count: (1, 2) };
pub(super) const IMPORT_FLAGS: &[Flag] = &[text("message", 'm', "Set commit message for imported image")];

/// Bytes of an archive that are put among the client's files at most: they are kept in memory.
pub const MOST: u64 = 512 << 20;

/// What `docker save` writes: a path of the client and the bytes.
pub fn save(words: &[String], store: &Store) -> Result<(String, Vec<u8>), Reply> {
    let parsed = read(SAVE, SAVE_FLAGS, words)?;
    let dest =
        parsed.last("output").ok_or_else(|| Reply::fail("cowardly refusing to save to a terminal. Use the -o flag or redirect\n", 1))?;
    let mut found = Vec::new();
    for name in &parsed.args {
        found.push(store.find(name).ok_or_else(|| Reply::daemon(&format!("reference does not exist: {name}")))?);
    }
    let Some(first) = found.first() else { return Err(Reply::default()) };
    if found.iter().any(|stored| stored.id != first.id) {
        return Err(Reply::fail("docker save: one image at a time here\n", 1));
    }
    let names: Vec<Reference> = parsed.args.iter().filter_map(|name| Reference::parse(name).ok()).map(Reference::tagged).collect();
    let named: Vec<Reference> = names.into_iter().filter(|name| first.tags.contains(&name.to_string())).collect();
    Ok((dest.to_owned(), bytes(&first.image, &named).map_err(|error| Reply::fail(format!("docker save: {error}\n"), 1))?))
}

/// An image as the archive that `docker save` writes, layers uncompressed; not if it is too large to be kept.
pub fn bytes(image: &Image, names: &[Reference]) -> Result<Vec<u8>, String> {
    let size: u64 = image.layers.iter().map(|layer| layer.tar_size).sum();
    if size > MOST {
        return Err(format!("the archive would have {size} bytes, more than the limit of {MOST}"));
    }
    let mut bytes = Vec::new();
    archive::write(std::slice::from_ref(image), names, &Options::new(Format::Docker, Compression::Uncompressed), &mut |piece| {
        bytes.extend_from_slice(piece)
    });
    Ok(bytes)
}

/// Takes the images of an archive. `file`: the bytes of a path of the client, or Go's error; `now`: seconds since 1970.
pub fn load(words: &[String], file: &dyn Fn(&str) -> Result<Vec<u8>, String>, store: &Store, now: i64) -> (Reply, Store) {
    let loaded = || -> Result<(String, Store), Reply> {
        let parsed = read(LOAD, LOAD_FLAGS, words)?;
        let path = parsed.last("input").ok_or_else(|| Reply::fail("requested load from stdin, but stdin is empty\n", 1))?;
        let fail = |error: String| Reply::fail(format!("{error}\n"), 1);
        let images = import::images(&file(path).map_err(fail)?, Limits::default()).map_err(fail)?;
        let mut after = store.clone();
        let mut told = String::new();
        for import::Named { image, names } in images {
            let id = image.id();
            let names: Vec<Reference> = names.iter().filter_map(|name| Reference::parse(name).ok()).map(Reference::tagged).collect();
            for name in &names {
                told.push_str(&format!("Loaded image: {}\n", name.familiar()));
            }
            if names.is_empty() {
                told.push_str(&format!("Loaded image ID: {id}\n"));
            }
            let tags: Vec<String> = names.iter().map(ToString::to_string).collect();
            after = after.with(id, image, &tags, now);
        }
        Ok((if parsed.is("quiet") { String::new() } else { told }, after))
    };
    match loaded() {
        Ok((told, after)) => (Reply::ok(told), after),
        Err(reply) => (reply, store.clone()),
    }
}

/// Makes an image of one layer from the tar of a root file system.
pub fn import(words: &[String], file: &dyn Fn(&str) -> Result<Vec<u8>, String>, store: &Store, now: i64) -> (Reply, Store) {
    let imported = || -> Result<(Reply, Store), Reply> {
        let parsed = read(IMPORT, IMPORT_FLAGS, words)?;
        let path = parsed.args.first().map_or("", String::as_str);
        let image = file(path).and_then(|bytes| import::rootfs(&bytes, Limits::default()));
        let image = image.map_err(|error| Reply::fail(format!("{error}\n"), 1))?;
        let tags = match parsed.args.get(1) {
            None => Vec::new(),
            Some(name) => vec![Reference::parse(name).map_err(|error| Reply::daemon(&error))?.tagged().to_string()],
        };
        let id = image.id();
        Ok((Reply::ok(format!("{id}\n")), store.with(id, image, &tags, now)))
    };
    imported().unwrap_or_else(|reply| (reply, store.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::Tree;
    use crate::image::{Config, Layer, assemble};

    fn store() -> Store {
        let empty = std::sync::Arc::new(Tree::empty());
        let image = assemble(&Config::default(), vec![Layer::made(&empty, &empty, Some(0))], 0, Some(0));
        Store::default().with(image.id(), image, &["docker.io/library/buildme:latest".to_owned()], 0)
    }

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_saved_loads_under_its_names() {
        let (dest, bytes) = save(&words("-o a.tar buildme"), &store()).expect("an archive");
        assert_eq!(dest, "a.tar");
        let file = |path: &str| if path == "a.tar" { Ok(bytes.clone()) } else { Err(format!("open {path}: no such file or directory")) };
        let (reply, after) = load(&words("-i a.tar"), &file, &Store::default(), 0);
        assert_eq!(reply, Reply::ok("Loaded image: buildme:latest\n"));
        assert_eq!(after.find("buildme").map(|stored| stored.id), store().find("buildme").map(|stored| stored.id));
        assert_eq!(load(&words("-i b"), &file, &Store::default(), 0).0, Reply::fail("open b: no such file or directory\n", 1));
        assert_eq!(save(&words("-o a nope"), &store()).unwrap_err().stderr, "Error response from daemon: reference does not exist: nope\n");
    }

    #[test]
    fn a_root_file_system_becomes_an_image() {
        let tar = crate::image::tar::END.to_vec();
        let (reply, after) = import(&words("root.tar base:1"), &|_| Ok(tar.clone()), &Store::default(), 0);
        assert_eq!(reply.exit_code, 0, "{}", reply.stderr);
        assert_eq!(after.find("base:1").map(|stored| stored.image.layers.len()), Some(1));
    }
}
