//! `--chown` and USER: numbers as they stand, names through /etc/passwd and /etc/group of the stage. BuildKit's `file/user_linux.go`.

use crate::filesystem::{ImagePath, Tree};

/// Numbers of user and group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owner {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// The owner that a text names; `None` if there is no text. A name that is not known is root, but not on an empty file system.
pub(super) fn resolve(text: &str, tree: &Tree) -> Result<Option<Owner>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let (user, group) = text.split_once(':').map_or((text, None), |(user, group)| (user, Some(group)));
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    let by_name = !is_number(user) || group.is_some_and(|group| !is_number(group));
    if by_name && tree.root().entries.is_empty() {
        return Err("invalid user index: -1".into());
    }
    let found = match user.parse::<u32>() {
        Ok(uid) => Owner { uid, gid: uid },
        Err(_) => {
            entry(tree, "/etc/passwd", user).map(|fields| Owner { uid: number(&fields, 2), gid: number(&fields, 3) }).unwrap_or_default()
        }
    };
    let gid = match group {
        None => found.gid,
        Some(group) => match group.parse() {
            Ok(gid) => gid,
            Err(_) => entry(tree, "/etc/group", group).map_or(found.gid, |fields| number(&fields, 2)),
        },
    };
    Ok(Some(Owner { gid, ..found }))
}

/// The fields of the line that begins with `name:`.
fn entry(tree: &Tree, file: &str, name: &str) -> Option<Vec<String>> {
    let (_, node) = tree.lookup(&ImagePath::new(file)).ok()?;
    let bytes = node.as_file()?.content.head(1 << 20);
    let text = String::from_utf8_lossy(&bytes);
    let fields = text.lines().map(|line| line.split(':').map(str::to_owned).collect::<Vec<_>>());
    fields.into_iter().find(|fields| fields.first().is_some_and(|first| first == name))
}

fn number(fields: &[String], at: usize) -> u32 {
    fields.get(at).and_then(|field| field.trim().parse().ok()).unwrap_or(0)
}
