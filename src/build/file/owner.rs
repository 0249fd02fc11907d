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

/// A number, or a name to look up. BuildKit's `llb.WithUser`.
enum Id<'a> {
    Number(u32),
    Name(&'a str),
}

impl<'a> Id<'a> {
    /// `root` is 0 wherever it is; so is no name at all.
    fn parse(text: &'a str) -> Self {
        match (text, text.parse::<i32>()) {
            ("root" | "", _) => Self::Number(0),
            // What chown(2) takes for "as it was": root's, for what is new.
            (_, Ok(-1)) => Self::Number(0),
            (_, Ok(number)) => Self::Number(number as u32),
            (name, Err(_)) => Self::Name(name),
        }
    }
}

/// The owner that a text names; `None` if there is no text. A name that is not known is root, but there must be a file
/// system to look it up in.
pub(super) fn resolve(text: &str, tree: &Tree, on_scratch: bool) -> Result<Option<Owner>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let (user, group) = text.split_once(':').map_or((text, None), |(user, group)| (user, Some(group)));
    let (user, group) = (Id::parse(user), group.map(Id::parse));
    if on_scratch && (matches!(user, Id::Name(_)) || matches!(group, Some(Id::Name(_)))) {
        return Err("invalid user index: -1".into());
    }
    let found = match user {
        Id::Number(uid) => Owner { uid, gid: uid },
        Id::Name(name) => {
            entry(tree, "/etc/passwd", name).map(|fields| Owner { uid: number(&fields, 2), gid: number(&fields, 3) }).unwrap_or_default()
        }
    };
    let gid = match group {
        None => found.gid,
        Some(Id::Number(gid)) => gid,
        Some(Id::Name(name)) => entry(tree, "/etc/group", name).map_or(found.gid, |fields| number(&fields, 2)),
    };
    Ok(Some(Owner { gid, ..found }))
}

/// The fields of the line that begins with `name:`.
fn entry(tree: &Tree, file: &str, name: &str) -> Option<Vec<String>> {
    let (_, node) = tree.lookup(&ImagePath::new(file)).ok()?;
    let bytes = node.as_file()?.content.head(1 << 20);
    let text = String::from_utf8_lossy(&bytes);
    let fields = text.lines().map(|line| line.trim().split(':').map(str::to_owned).collect::<Vec<_>>());
    fields.into_iter().find(|fields| fields.first().is_some_and(|first| first == name))
}

fn number(fields: &[String], at: usize) -> u32 {
    fields.get(at).and_then(|field| field.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::{Metadata, Node};

    fn check(text: &str, expect: Result<(u32, u32), &str>) {
        let root = Metadata::root(0o755, 0);
        let tree = Tree::empty().make_directories(&ImagePath::new("/etc"), &root).expect("a folder");
        let file = |text: &str| Node::file(root.clone(), text);
        let tree = tree.insert(&ImagePath::new("/etc/passwd"), file("# who\n\n app:x:100:200::/:/bin/sh\napp:x:1:1\n")).expect("a place");
        let tree = tree.insert(&ImagePath::new("/etc/group"), file("web:x:300:\n")).expect("a place");
        let found = resolve(text, &tree, false).map(|owner| owner.map_or((9, 9), |owner| (owner.uid, owner.gid)));
        assert_eq!(found, expect.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn owners_are_numbers_or_names() {
        check("", Ok((9, 9)));
        check("5", Ok((5, 5)));
        check("5:6", Ok((5, 6)));
        check("app", Ok((100, 200)));
        check("app:web", Ok((100, 300)));
        check("app:nobody", Ok((100, 200)));
        check("nobody", Ok((0, 0)));
        check("root:web", Ok((0, 300)));
        check(":7", Ok((0, 7)));
        check("7:", Ok((7, 0)));
        check("3000000000", Ok((0, 0)));
    }

    #[test]
    fn on_scratch_only_names_need_a_file_system() {
        assert_eq!(resolve("root:root", &Tree::empty(), true), Ok(Some(Owner { uid: 0, gid: 0 })));
        assert_eq!(resolve("5:app", &Tree::empty(), true), Err("invalid user index: -1".into()));
    }
}
