//! Looking at files of a tree as a terminal shows them.

use crate::filesystem::{Content, Directory, Node, Tree};

/// The node at a path below the root, symbolic links not followed.
pub fn find(tree: &Tree, path: &str) -> Option<Node> {
    let mut node = Node::Directory(tree.root().clone());
    for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
        let Node::Directory(directory) = node else { return None };
        node = directory.entries.get(name)?.clone();
    }
    Some(node)
}

/// The real bytes of a regular file; modelled ones are not made.
pub fn read(tree: &Tree, path: &str) -> Option<Vec<u8>> {
    match find(tree, path)? {
        Node::File(file) => match &file.content {
            Content::Bytes(bytes) => Some(bytes.to_vec()),
            Content::Synthetic { .. } => None,
        },
        _ => None,
    }
}

/// Length of a file's content in bytes.
pub fn size(node: &Node) -> u64 {
    match node {
        Node::File(file) => match &file.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Synthetic { size, .. } => *size,
        },
        _ => 0,
    }
}

/// `drwxr-xr-x`
pub fn mode_text(node: &Node) -> String {
    let (kind, mode) = match node {
        Node::Directory(directory) => ('d', directory.metadata.mode),
        Node::File(file) => ('-', file.metadata.mode),
        Node::Symlink(link) => ('l', link.metadata.mode),
        Node::Special(special) => ('p', special.metadata.mode),
    };
    let bit = |shift: u32, letter: char| if mode >> shift & 1 == 1 { letter } else { '-' };
    let special = |shift: u32, on: u32, set: char| match (mode >> shift & 1, mode >> on & 1) {
        (1, 1) => set,
        (_, 1) => set.to_ascii_uppercase(),
        (1, _) => 'x',
        _ => '-',
    };
    [
        kind,
        bit(8, 'r'),
        bit(7, 'w'),
        special(6, 11, 's'),
        bit(5, 'r'),
        bit(4, 'w'),
        special(3, 10, 's'),
        bit(2, 'r'),
        bit(1, 'w'),
        special(0, 9, 't'),
    ]
    .iter()
    .collect()
}

/// Files below a directory, depth first, with their paths; directories too.
pub fn walk(directory: &Directory, prefix: &str, visit: &mut dyn FnMut(&str, &Node)) {
    for (name, node) in &directory.entries {
        let path = if prefix.is_empty() { name.to_string() } else { format!("{prefix}/{name}") };
        visit(&path, node);
        if let Node::Directory(child) = node {
            walk(child, &path, visit);
        }
    }
}
