//! The layers of an image as dive shows them: what each brings, what later ones waste, and the score of it all.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::filesystem::{ChangeKind, ImagePath, Node, Tree, diff};
use crate::image::{Image, Layer};

/// What a layer does to the files below it.
#[derive(Debug, Clone)]
pub struct LayerReport {
    /// What made it, as `docker history` says.
    pub instruction: String,
    /// Paths that it adds, changes, removes; what is below a removed folder is not counted.
    pub added: u32,
    /// Of paths that were there.
    pub changed: u32,
    /// Of tops that are gone.
    pub removed: u32,
    /// Bytes that it brings and a later layer replaces or removes: nobody sees them, everybody loads them.
    pub wasted: u64,
}

/// A path of which several layers bring a copy, or which one removes that another brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waste {
    /// Where.
    pub path: ImagePath,
    /// Layers that have an entry for it.
    pub count: u32,
    /// Bytes of all those entries: dive's `CumulativeSize`.
    pub bytes: u64,
}

/// An image's layers, and dive's figures.
#[derive(Debug, Clone)]
pub struct Layers {
    /// Oldest first.
    pub layers: Vec<LayerReport>,
    /// Smallest copies of all paths by bytes of all copies: 1 is perfect.
    pub efficiency: f64,
    /// Bytes of all copies of the paths that have several.
    pub wasted: u64,
    /// Paths with several copies that hold bytes, the greatest first.
    pub waste: Vec<Waste>,
}

#[derive(Default)]
struct Copies {
    count: u32,
    bytes: u64,
    smallest: Option<u64>,
    /// The layer and the size of the last copy that holds bytes.
    last: Option<(usize, u64)>,
}

/// Looks through an image: dive's `filetree.Efficiency`, and counts for each layer.
pub fn layers(image: &Image) -> Layers {
    let mut instructions = image.config.history.iter().filter(|line| !line.empty_layer).map(|line| line.created_by.clone());
    let mut reports: Vec<LayerReport> = Vec::new();
    let mut copies: BTreeMap<ImagePath, Copies> = BTreeMap::new();
    for (index, (lower, layer)) in image.layers_with_lower().enumerate() {
        let instruction = instructions.next().unwrap_or_default();
        reports.push(LayerReport { instruction, added: 0, changed: 0, removed: 0, wasted: 0 });
        look(index, &lower, layer, &mut reports, &mut copies);
    }
    let several = |copies: &&Copies| copies.count > 1;
    let wasted = copies.values().filter(several).map(|copies| copies.bytes).sum();
    let smallest: u64 = copies.values().filter_map(|copies| copies.smallest).sum();
    let all: u64 = copies.values().map(|copies| copies.bytes).sum();
    let mut by_bytes: BTreeMap<(std::cmp::Reverse<u64>, ImagePath), Waste> = BTreeMap::new();
    for (path, copies) in copies.into_iter().filter(|(_, copies)| copies.count > 1 && copies.bytes > 0) {
        let waste = Waste { path: path.clone(), count: copies.count, bytes: copies.bytes };
        by_bytes.insert((std::cmp::Reverse(waste.bytes), path), waste);
    }
    let efficiency = if all == 0 { 1.0 } else { smallest as f64 / all as f64 };
    Layers { layers: reports, efficiency, wasted, waste: by_bytes.into_values().collect() }
}

fn look(index: usize, lower: &Tree, layer: &Layer, reports: &mut [LayerReport], copies: &mut BTreeMap<ImagePath, Copies>) {
    for change in diff(lower, &layer.tree) {
        let (node, size) = match &change.kind {
            ChangeKind::Added(node) | ChangeKind::Modified(node) => (Some(node), node.as_file().map_or(0, |file| file.content.len())),
            // A file that goes counts by its copies, a folder by all that it held.
            ChangeKind::Deleted => (None, lower.get(&change.path).filter(|node| node.as_directory().is_some()).map_or(0, below)),
        };
        match change.kind {
            ChangeKind::Added(_) => reports[index].added += 1,
            ChangeKind::Modified(_) => reports[index].changed += 1,
            ChangeKind::Deleted => reports[index].removed += 1,
        }
        // dive counts leaves only.
        if node.is_some_and(|node| node.as_directory().is_some_and(|directory| !directory.entries.is_empty())) {
            continue;
        }
        hide(&change.path, lower, reports, copies);
        let entry = copies.entry(change.path).or_default();
        entry.count += 1;
        entry.bytes += size;
        entry.smallest = Some(entry.smallest.map_or(size, |smallest| smallest.min(size)));
        entry.last = node.map(|_| (index, size));
    }
}

/// What earlier layers brought at a path, or below it, is waste of theirs from now on.
fn hide(path: &ImagePath, lower: &Tree, reports: &mut [LayerReport], copies: &mut BTreeMap<ImagePath, Copies>) {
    for (path, _) in lower.walk_from(path) {
        if let Some((layer, size)) = copies.get_mut(&path).and_then(|copies| copies.last.take()) {
            reports[layer].wasted += size;
        }
    }
}

fn below(node: &Node) -> u64 {
    let Node::Directory(directory) = node else { return 0 };
    Tree::from_root(Arc::clone(directory)).walk().map(|(_, node)| node.as_file().map_or(0, |file| file.content.len())).sum()
}

/// The layer (from 0) that last wrote what is at a path of the image.
pub fn written_by(layers: &[Layer], path: &ImagePath) -> Option<usize> {
    let empty = Tree::empty();
    (0..layers.len()).rev().find(|index| {
        let lower = index.checked_sub(1).and_then(|below| layers.get(below)).map_or(&empty, |layer| &*layer.tree);
        match (lower.get(path), layers[*index].tree.get(path)) {
            (Some(was), Some(is)) => !was.is_shared_with(is) && !crate::filesystem::is_same(was, is),
            (None, Some(_)) => true,
            (_, None) => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::Metadata;
    use crate::image::{Config, assemble};

    fn put(tree: &Tree, path: &str, text: &str) -> Tree {
        let path = ImagePath::new(path);
        let tree = tree.make_directories(&path.parent().unwrap(), &Metadata::root(0o755, 0)).unwrap();
        tree.insert(&path, Node::file(Metadata::root(0o644, 0), text)).unwrap()
    }

    fn image(trees: &[Tree]) -> Image {
        let mut lower = Tree::empty();
        let mut layers = Vec::new();
        for tree in trees {
            layers.push(Layer::made(&lower, &Arc::new(tree.clone()), Some(0)));
            lower = tree.clone();
        }
        assemble(&Config::default(), layers, 0, Some(0))
    }

    #[test]
    fn copies_and_removals_are_waste() {
        let one = put(&put(&Tree::empty(), "/a", "12345678"), "/d/x", "12");
        let two = put(&one, "/a", "1234");
        let three = two.remove(&ImagePath::new("/d")).unwrap();
        let report = layers(&image(&[one, two, three]));
        assert_eq!(report.layers.iter().map(|layer| layer.wasted).collect::<Vec<_>>(), [10, 0, 0]);
        let counts: Vec<_> = report.layers.iter().map(|layer| (layer.added, layer.changed, layer.removed)).collect();
        assert_eq!(counts, [(3, 0, 0), (0, 1, 0), (0, 0, 1)]);
        // dive: /a has 12 bytes in two copies, the smaller 4; /d/x 2 bytes; the whiteout of /d stands for its 2 bytes.
        assert_eq!(report.waste, [Waste { path: ImagePath::new("/a"), count: 2, bytes: 12 }]);
        assert_eq!((report.wasted, report.efficiency), (12, 8.0 / 16.0));
    }

    #[test]
    fn an_image_without_waste_is_perfect() {
        let report = layers(&image(&[put(&Tree::empty(), "/a", "1")]));
        assert_eq!((report.efficiency, report.wasted, report.waste.len()), (1.0, 0, 0));
        assert_eq!(layers(&image(&[])).efficiency, 1.0);
    }

    #[test]
    fn a_path_is_of_the_layer_that_wrote_it_last() {
        let one = put(&put(&Tree::empty(), "/a", "1"), "/b", "1");
        let image = image(&[one.clone(), put(&one, "/a", "2")]);
        let by = |path: &str| written_by(&image.layers, &ImagePath::new(path));
        assert_eq!((by("/a"), by("/b"), by("/c")), (Some(1), Some(0), None));
    }
}
