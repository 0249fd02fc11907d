//! `--chown`: numbers, or names that /etc/passwd and /etc/group of the stage resolve (`solver/llbsolver/file/user_linux.go`).

use super::disk::root_path;
use crate::filesystem::{Content, Node, Tree};

/// The owner that `text` (`user[:group]`) names; `None` for the empty text. Unknown names are 0, as in BuildKit.
pub(super) fn owner(tree: &Tree, text: &str, without_stage: bool) -> Result<Option<(u32, u32)>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let (user, group) = text.split_once(':').map_or((text, None), |(user, group)| (user, Some(group)));
    let named = |name: &str| number(name).is_none();
    if without_stage && named(user) {
        return Err("invalid user index: -1".into());
    }
    if without_stage && group.is_some_and(named) {
        return Err("invalid group index: -1".into());
    }
    let (uid, mut gid) = match number(user) {
        Some(id) => (id, id),
        None => entry(tree, "/etc/passwd", user, 4).map_or((0, 0), |fields| (fields[0], fields[1])),
    };
    if let Some(group) = group {
        gid = number(group).or_else(|| Some(entry(tree, "/etc/group", group, 3)?[0])).unwrap_or(gid);
    }
    Ok(Some((uid, gid)))
}

fn number(text: &str) -> Option<u32> {
    if text == "root" { Some(0) } else { text.parse::<i32>().ok().and_then(|id| u32::try_from(id).ok()) }
}

/// The numbers in the third field up to `fields` of the line that begins with `name:`.
fn entry(tree: &Tree, file: &str, name: &str, fields: usize) -> Option<Vec<u32>> {
    let place = root_path(tree, file).ok()?;
    let Some(Node::File(file)) = tree.get(&place) else { return None };
    let Content::Bytes(bytes) = &file.content else { return None };
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| line.split(':').next() == Some(name) && !name.is_empty())?;
    let parts: Vec<&str> = line.trim().split(':').collect();
    Some((2..fields).map(|i| parts.get(i).and_then(|part| part.parse().ok()).unwrap_or(0)).collect())
}
