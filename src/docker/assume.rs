//! `--assume-context`: a Dockerfile without its project can be played. What its COPY steps name and the context does not have
//! becomes a placeholder.

use crate::base::go::clean_path;
use crate::filesystem::Tree;
use crate::plan::{self, FileActionKind, Op, Request, Vertex};
use crate::world::{Context, Images, World, assumed};

/// The world with placeholders in its context.
pub fn assume(request: &Request, world: World) -> World {
    let world = World { assume: true, images: Images::Assumed(Box::new(world.images)), ..world };
    let Context::Local(tree) = &world.context else { return world };
    let Ok(plan) = plan::plan(request, &world).plan else { return world };
    let is_context = |input: usize| matches!(plan.vertices.get(input).map(|vertex| &vertex.op), Some(Op::Local(_)));
    let paths = plan.vertices.iter().flat_map(|vertex| read(vertex, &is_context));
    let tree = paths.fold(tree.clone(), placed);
    World { context: Context::Local(tree), ..world }
}

/// The paths of the context that a step reads.
fn read<'a>(vertex: &'a Vertex, is_context: &dyn Fn(usize) -> bool) -> Vec<&'a str> {
    let of = |input: Option<usize>| input.and_then(|at| vertex.inputs.get(at)).is_some_and(|vertex| is_context(*vertex));
    match &vertex.op {
        Op::File(op) => {
            let read = op.actions.iter().filter_map(|action| match &action.kind {
                FileActionKind::Copy { source, from, .. } if of(*source) => Some(from.as_str()),
                _ => None,
            });
            read.collect()
        }
        Op::Exec(op) => op.mounts.iter().filter(|mount| of(mount.input)).map(|mount| mount.source.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn placed(tree: Tree, path: &str) -> Tree {
    match clean_path(path).trim_start_matches('/') {
        "" | "." => assumed::project(tree),
        path => assumed::instead(&tree, path).unwrap_or(tree),
    }
}
