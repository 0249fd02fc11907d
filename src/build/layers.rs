//! The layers of a result: one for every vertex of its chain that makes a file system out of the one below.

use std::sync::Arc;

use super::execute::image;
use crate::filesystem::Tree;
use crate::image::Layer;
use crate::plan::{MountKind, Op, Plan, VertexId};
use crate::world::World;

/// The layers below and with `vertex`, oldest first. `trees`: of every vertex that was executed. `rewrite`: SOURCE_DATE_EPOCH, if times are rewritten.
pub(super) fn layers(plan: &Plan, trees: &[Option<Arc<Tree>>], vertex: VertexId, world: &World, rewrite: Option<i64>) -> Vec<Layer> {
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
        at = below(plan, id);
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
            _ => out.push(Layer::made(&lower, tree, rewrite)),
        }
    }
    out
}

/// The vertex whose file system this one changes.
fn below(plan: &Plan, id: VertexId) -> Option<VertexId> {
    let vertex = plan.vertices.get(id)?;
    match &vertex.op {
        Op::File(file) if file.on_scratch => None,
        Op::File(_) | Op::Merge(_) => vertex.inputs.first().copied(),
        Op::Exec(exec) => {
            let root = exec.mounts.iter().find(|mount| mount.kind == MountKind::Root)?;
            root.input.and_then(|at| vertex.inputs.get(at)).copied()
        }
        Op::Image(_) | Op::Local(_) | Op::Remote(_) => None,
    }
}
