//! The result of a build as images: the layers of a target's snapshots on those of its base. BuildKit's
//! `exporter/containerimage`.

use std::sync::Arc;

use super::evaluate::Evaluation;
use super::settings::Settings;
use super::source;
use crate::filesystem::Tree;
use crate::image::{Image, Layer, assemble};
use crate::plan::{Op, Plan, VertexId};
use crate::world::World;

/// What the layers of a target are made of.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// The base image's layers.
    pub base: Vec<Layer>,
    /// Vertices that make a layer each, oldest first.
    pub vertices: Vec<VertexId>,
    /// The tree below each vertex's layer, if that is not the tree of the layer before.
    snapshots: Vec<Arc<Tree>>,
}

/// One image a platform; `None` if some vertex has no result.
pub fn images(plan: &Plan, world: &World, evaluated: &[Evaluation], settings: &Settings) -> Option<Vec<Image>> {
    let image = |target: &crate::plan::Target| {
        let reached = target.vertex.is_none_or(|vertex| evaluated.get(vertex).is_some_and(Evaluation::succeeded));
        reached.then(|| {
            let chain = chain(plan, world, evaluated, target.vertex);
            let mut layers = chain.base;
            let mut lower = layers.last().map_or_else(|| Arc::new(Tree::empty()), |layer| layer.tree.clone());
            for tree in chain.snapshots {
                let known = evaluated.iter().find_map(|evaluation| evaluation.layer.as_ref().filter(|known| is_layer(known, &lower, &tree)));
                layers.push(known.map_or_else(|| Layer::made(&lower, &tree, None), |(_, layer)| layer.clone()));
                lower = tree;
            }
            assemble(&target.config, layers, settings.now.div_euclid(1_000_000_000), target.epoch)
        })
    };
    plan.results.iter().map(image).collect()
}

fn is_layer(known: &(Arc<Tree>, Layer), lower: &Arc<Tree>, upper: &Arc<Tree>) -> bool {
    Arc::ptr_eq(&known.0, lower) && Arc::ptr_eq(&known.1.tree, upper)
}

/// The chain that ends in a vertex.
pub fn chain(plan: &Plan, world: &World, evaluated: &[Evaluation], last: Option<VertexId>) -> Chain {
    let mut chain = Chain::default();
    let mut next = last;
    while let Some((id, vertex)) = next.and_then(|id| Some((id, plan.vertices.get(id)?))) {
        let Some(tree) = evaluated.get(id).and_then(|evaluation| evaluation.tree.clone()) else { break };
        next = match &vertex.op {
            Op::Image(op) => {
                chain.base = source::image(op, world).map_or_else(Vec::new, |image| image.layers);
                None
            }
            Op::Local(_) | Op::Remote(_) => {
                chain.snapshots.push(tree);
                None
            }
            op => {
                chain.vertices.push(id);
                chain.snapshots.push(tree);
                let alone = matches!(op, Op::File(op) if op.on_scratch);
                vertex.inputs.first().copied().filter(|input| !alone && *input < id)
            }
        };
    }
    chain.vertices.reverse();
    chain.snapshots.reverse();
    chain
}
