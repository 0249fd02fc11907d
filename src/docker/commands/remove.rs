//! `docker rmi`, `docker image rm`, `docker image prune`.

use super::{Reply, Usage, read};
use crate::docker::flags::{Flag, list, switch};
use crate::docker::reference::{familiar, normalize};
use crate::docker::store::{Store, StoredImage};
use crate::docker::units::human_size;

pub(super) const FLAGS: &[Flag] = &[
    switch("force", 'f', "Force removal of the image"),
    switch("no-prune", '\0', "Do not delete untagged parents"),
    list("platform", '\0', "Remove only the given platform variant"),
];

pub(super) const USAGE: Usage = Usage { name: "docker rmi", arguments: "[OPTIONS] IMAGE [IMAGE...]", count: (1, usize::MAX) };

/// Takes names away; an image without a name goes.
pub fn remove(words: &[String], store: &Store) -> (Reply, Store) {
    let parsed = match read(USAGE, FLAGS, words) {
        Ok(parsed) => parsed,
        Err(reply) => return (reply, store.clone()),
    };
    let (mut reply, mut store) = (Reply::default(), store.clone());
    for name in &parsed.args {
        match remove_one(name, parsed.is("force"), &mut store) {
            Ok(text) => reply.stdout.push_str(&text),
            Err(error) => {
                reply.stderr.push_str(&format!("Error response from daemon: {error}\n"));
                reply.exit_code = 1;
            }
        }
    }
    (reply, store)
}

pub(super) const PRUNE_FLAGS: &[Flag] =
    &[switch("all", 'a', "Remove all unused images, not just dangling ones"), switch("force", 'f', "Do not prompt for confirmation")];

pub(super) const PRUNE: Usage = Usage { name: "docker image prune", arguments: "[OPTIONS]", count: (0, 0) };

/// Removes the images that have no name; all of them if that is asked for, as no container uses one.
pub fn prune(words: &[String], store: &Store) -> (Reply, Store) {
    let parsed = match read(PRUNE, PRUNE_FLAGS, words) {
        Ok(parsed) => parsed,
        Err(reply) => return (reply, store.clone()),
    };
    let (gone, images): (Vec<_>, Vec<_>) =
        store.images.iter().cloned().partition(|stored: &StoredImage| parsed.is("all") || stored.tags.is_empty());
    let mut text = String::new();
    for stored in &gone {
        text.extend(stored.tags.iter().map(|tag| familiar(tag)).map(|(name, tag)| format!("untagged: {name}:{tag}\n")));
        text.push_str(&format!("deleted: {}\n", stored.id));
    }
    if !gone.is_empty() {
        text = format!("Deleted Images:\n{text}\n");
    }
    let size = gone.iter().map(StoredImage::size).sum();
    (Reply::ok(format!("{text}Total reclaimed space: {}\n", human_size(size))), Store { images })
}

fn remove_one(name: &str, force: bool, store: &mut Store) -> Result<String, String> {
    let found = store.find(name).ok_or_else(|| super::inspect::no_such_image(name))?;
    let (id, short) = (found.id, found.short_id());
    let tag = normalize(name).ok().filter(|tag| found.tags.contains(tag));
    if tag.is_none() && found.tags.len() > 1 && !force {
        return Err(format!("conflict: unable to delete {short} (must be forced) - image is referenced in multiple repositories"));
    }
    let Some(index) = store.images.iter().position(|stored| stored.id == id) else { return Ok(String::new()) };
    let stored = &mut store.images[index];
    let gone: Vec<String> = match &tag {
        Some(tag) => vec![tag.clone()],
        None => stored.tags.clone(),
    };
    stored.tags.retain(|tag| !gone.contains(tag));
    let mut text: String = gone.iter().map(|tag| familiar(tag)).map(|(name, tag)| format!("Untagged: {name}:{tag}\n")).collect();
    if stored.tags.is_empty() {
        text.push_str(&format!("Deleted: {id}\n"));
        store.images.remove(index);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::samples::store;
    use super::*;

    #[test]
    fn the_last_name_takes_the_image_along() {
        let (reply, after) = remove(&["buildme".into()], &store());
        assert_eq!(reply.stdout, format!("Untagged: buildme:latest\nDeleted: {}\n", store().images[0].id));
        assert!(after.images.is_empty());
        let (reply, after) = prune(&[], &store());
        assert_eq!((reply.stdout.as_str(), after.images.len()), ("Total reclaimed space: 0B\n", 1));
        let (reply, after) = prune(&["-a".into()], &store());
        let id = store().images[0].id;
        let told = format!("Deleted Images:\nuntagged: buildme:latest\ndeleted: {id}\n\nTotal reclaimed space: 8.45MB\n");
        assert_eq!((reply.stdout, after.images.len()), (told, 0));
        let (reply, after) = remove(&["nope".into()], &store());
        assert_eq!(
            (reply.exit_code, reply.stderr.as_str(), after.images.len()),
            (1, "Error response from daemon: No such image: nope:latest\n", 1)
        );
    }
}
