//! Any text as an ignore file, a blank line, and paths: what is sent was there, and no pattern takes it away.
#![no_main]

use bottleship::filesystem::{ImagePath, Memo, Metadata, Node, Patterns, Tree, read_ignore_file, transfer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (ignore, paths) = text.split_once("\n\n").unwrap_or((text, "a\na/b\nc/d/e"));
    let mut tree = Tree::empty();
    for path in paths.lines().filter(|path| path.len() < 200).take(50) {
        let path = ImagePath::new(path);
        let Some(folder) = path.parent() else { continue };
        let root = Metadata::root(0o755, 0);
        tree = tree.make_directories(&folder, &root).and_then(|tree| tree.insert(&path, Node::file(root, "x"))).unwrap_or(tree);
    }
    let patterns: Vec<String> = read_ignore_file(ignore).into_iter().map(|line| line.pattern).collect();
    let Ok(sent) = transfer(&tree, &patterns, &[], &mut Memo::default()) else { return };
    for (path, node) in sent.tree.walk() {
        assert!(tree.get(&path).is_some());
        if node.as_directory().is_none() {
            let taken = Patterns::new(&patterns).and_then(|patterns| patterns.matches(path.relative()));
            assert_eq!(taken, Ok(false), "{path}");
        }
    }
});
