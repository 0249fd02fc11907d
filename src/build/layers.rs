//! The layers of a result: one for every vertex of its chain that makes a file system out of the one below.

use std::sync::Arc;

use crate::base::{Digest, Map};

use super::execute::image;
use crate::filesystem::{Tree, written};
use crate::image::Layer;
use crate::plan::{Op, Plan, VertexId};
use crate::world::World;

/// Layers that were made, by the trees they were made of: making one means to read it all. Trees are one and the same if they
/// are one value in memory; each entry keeps its trees, so that none moves.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    made: Map<(usize, usize, Option<i64>), (Parts, Layer)>,
    /// What lies below the first layer.
    nothing: Arc<Tree>,
}

/// What a layer is made of: the tree below, the tree with it, and SOURCE_DATE_EPOCH if times are rewritten.
#[derive(Debug, Clone)]
struct Parts {
    lower: Arc<Tree>,
    upper: Arc<Tree>,
    rewrite: Option<i64>,
}

/// A layer of a build to come that nobody has hashed yet.
#[derive(Debug, Clone)]
pub struct Unhashed(Parts);

impl Unhashed {
    /// Bytes of the files that it brings; modelled ones count too.
    fn size(&self) -> u64 {
        written(&self.0.lower, &self.0.upper)
    }

    /// Whether both are one and the same layer.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }

    /// Puts its uncompressed tar in place of what `tar` holds.
    pub fn write_tar(&self, tar: &mut Vec<u8>) {
        Layer::unhashed_tar(&self.0.lower, &self.0.upper, self.0.rewrite, tar);
    }
}

impl Parts {
    fn key(&self) -> (usize, usize, Option<i64>) {
        (Arc::as_ptr(&self.lower) as usize, Arc::as_ptr(&self.upper) as usize, self.rewrite)
    }
}

impl Layers {
    fn get_or_make(&mut self, parts: Parts) -> Layer {
        if let Some((_, layer)) = self.made.get(&parts.key()) {
            return layer.clone();
        }
        let layer = Layer::made(&parts.lower, &parts.upper, parts.rewrite);
        self.made.insert(parts.key(), (parts, layer.clone()));
        layer
    }

    /// Takes the digest of a layer's tar from outside, and its length.
    pub(super) fn learn(&mut self, unhashed: &Unhashed, diff_id: Digest, tar_size: u64) {
        let parts = unhashed.0.clone();
        let layer = Layer::hashed(&parts.lower, &parts.upper, parts.rewrite, diff_id, tar_size);
        self.made.insert(parts.key(), (parts, layer));
    }

    /// Whether a layer with this tree is known.
    pub fn contains(&self, layer: &Layer) -> bool {
        self.made.values().any(|(_, known)| Arc::ptr_eq(&known.tree, &layer.tree))
    }
}

/// A layer above a base.
struct Step {
    parts: Parts,
    /// The tree below and with it, if its tar is written as if nothing lay below: `COPY --link`.
    merged: Option<Arc<Tree>>,
}

/// A chain of vertices, and the trees of those that were executed.
pub(super) struct Chains<'a> {
    pub plan: &'a Plan,
    pub trees: &'a [Option<Arc<Tree>>],
    pub world: &'a World,
    /// SOURCE_DATE_EPOCH, if times are rewritten.
    pub rewrite: Option<i64>,
}

impl Chains<'_> {
    /// The layers below and with `vertex`, oldest first.
    pub fn layers(&self, vertex: VertexId, known: &mut Layers) -> Vec<Layer> {
        let (mut layers, steps) = self.walk(vertex, known);
        for Step { parts, merged } in steps {
            let layer = known.get_or_make(parts);
            layers.push(match merged {
                Some(merged) => layer.linked_into(&merged),
                None => layer,
            });
        }
        layers
    }

    /// The layers below and with `vertex` that `known` does not have, whose files have from `least` to `most` bytes.
    pub fn unhashed(&self, vertex: VertexId, known: &Layers, least: u64, most: u64) -> Vec<Unhashed> {
        let (_, steps) = self.walk(vertex, known);
        let new = steps.into_iter().map(|step| step.parts).filter(|parts| !known.made.contains_key(&parts.key()));
        new.map(Unhashed).filter(|layer| (least..=most).contains(&layer.size())).collect()
    }

    /// The layers of the base of `vertex`, and what makes those above.
    fn walk(&self, vertex: VertexId, known: &Layers) -> (Vec<Layer>, Vec<Step>) {
        let Self { plan, trees, world, rewrite } = *self;
        let mut chain = Vec::new();
        let mut at = Some(vertex);
        let mut base = Vec::new();
        while let Some(id) = at {
            let Some(vertex) = plan.vertices.get(id) else { break };
            if let Op::Image(source) = &vertex.op {
                base = image(source, world).map(|image| image.layers).unwrap_or_default();
                break;
            }
            chain.push(id);
            at = plan.below(id);
        }
        let mut steps = Vec::new();
        let mut lower = base.last().map_or(&known.nothing, |layer: &Layer| &layer.tree).clone();
        for id in chain.into_iter().rev() {
            let (Some(vertex), Some(Some(tree))) = (plan.vertices.get(id), trees.get(id)) else { continue };
            if let Op::Merge(_) = &vertex.op {
                for own in vertex.inputs.iter().skip(1).filter_map(|input| trees.get(*input)?.as_ref()) {
                    let parts = Parts { lower: known.nothing.clone(), upper: own.clone(), rewrite };
                    steps.push(Step { parts, merged: Some(tree.clone()) });
                }
            } else {
                steps.push(Step { parts: Parts { lower, upper: tree.clone(), rewrite }, merged: None });
            }
            lower = tree.clone();
        }
        (base, steps)
    }
}
