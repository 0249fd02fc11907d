//! `docker tag`, `docker image tag`.

use super::{Reply, Usage, read};
use crate::docker::reference::normalize;
use crate::docker::store::Store;

pub(super) const USAGE: Usage = Usage { name: "docker tag", arguments: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", count: (2, 2) };

/// Gives an image another name.
pub fn tag(words: &[String], store: &Store) -> (Reply, Store) {
    let parsed = match read(USAGE, &[], words) {
        Ok(parsed) => parsed,
        Err(reply) => return (reply, store.clone()),
    };
    let [source, target] = parsed.args.as_slice() else { return (Reply::default(), store.clone()) };
    let Some(found) = store.find(source) else { return (Reply::daemon(&super::inspect::no_such_image(source)), store.clone()) };
    match normalize(target) {
        Ok(target) => (Reply::default(), store.with(found.id, found.image.clone(), &[target], found.created)),
        Err(error) => {
            let told = format!("Error parsing reference: \"{target}\" is not a valid repository/tag: {error}\n");
            (Reply::fail(told, 1), store.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::store;
    use super::*;

    #[test]
    fn a_name_is_added() {
        let (_, after) = tag(&["buildme".into(), "other:2".into()], &store());
        assert_eq!(after.images[0].tags, ["docker.io/library/buildme:latest", "docker.io/library/other:2"]);
        assert_eq!(tag(&["nope".into(), "x".into()], &store()).0.exit_code, 1);
    }
}
