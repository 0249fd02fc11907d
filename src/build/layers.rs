//! The layers of a result: one for every vertex of its chain that makes a file system out of the one below.

use std::sync::Arc;

use crate::base::Map;

use super::execute::image;
use crate::filesystem::Tree;
use crate::image::Layer;
use crate::plan::{Op, Plan, VertexId};
use crate::world::World;

/// Layers that were made, by the tree below, the tree with them and the rewriting: making one means to read it all.
/// Trees are one and the same if they are one value in memory; each entry keeps its trees, so that none moves.
#[derive(Debug, Clone, Default)]
pub struct Layers(Map<Made, (Arc<Tree>, Layer)>);

/// Addresses of the two trees, and the rewriting.
type Made = (usize, usize, Option<i64>);

impl Layers {
    fn get_or_make(&mut self, lower: &Arc<Tree>, upper: &Arc<Tree>, rewrite: Option<i64>, make: impl FnOnce() -> Layer) -> Layer {
        let key = (Arc::as_ptr(lower) as usize, Arc::as_ptr(upper) as usize, rewrite);
        if let Some((_, layer)) = self.0.get(&key) {
            return layer.clone();
        }
        let layer = make();
        if Arc::ptr_eq(&layer.tree, upper) {
            self.0.insert(key, (lower.clone(), layer.clone()));
        }
        layer
    }

    /// Whether a layer with this tree is known.
    pub fn contains(&self, layer: &Layer) -> bool {
        self.0.values().any(|(_, known)| Arc::ptr_eq(&known.tree, &layer.tree))
    }
}

/// The layers below and with `vertex`, oldest first. `trees`: of every vertex that was executed. `rewrite`: SOURCE_DATE_EPOCH, if times are rewritten.
pub(super) fn layers(
    plan: &Plan,
    trees: &[Option<Arc<Tree>>],
    vertex: VertexId,
    world: &World,
    rewrite: Option<i64>,
    known: &mut Layers,
) -> Vec<Layer> {
    let mut chain = Vec::new();
    let mut at = Some(vertex);
    let mut out = Vec::new();
    while let Some(id) = at {
        let Some(vertex) = plan.vertices.get(id) else { break };
        if let Op::Image(source) = &vertex.op {
            out = image(source, world).map(|image| image.layers).unwrap_or_default();
            break;
        }
        chain.push(id);
        at = plan.below(id);
    }
    let empty = Arc::new(Tree::empty());
    for id in chain.into_iter().rev() {
        let lower = out.last().map_or(&empty, |layer: &Layer| &layer.tree).clone();
        let (Some(vertex), Some(Some(tree))) = (plan.vertices.get(id), trees.get(id)) else { continue };
        match &vertex.op {
            Op::Merge(_) => {
                let linked = vertex.inputs.iter().skip(1).filter_map(|input| trees.get(*input)?.as_ref());
                out.extend(linked.map(|own| Layer::linked(own, tree, rewrite)).collect::<Vec<_>>());
            }
            _ => out.push(known.get_or_make(&lower, tree, rewrite, || Layer::made(&lower, tree, rewrite))),
        }
    }
    out
}
