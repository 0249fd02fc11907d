//! `--assume-context`: a Dockerfile without its project can be played. What its COPY steps name and the context does not have
//! becomes a placeholder.

use crate::base::go::clean_path;
use crate::filesystem::Tree;
use crate::plan::{self, Op, Request, Vertex};
use crate::world::{Context, Images, World, assumed};

/// The world with placeholders in its context.
pub fn assume(request: &Request, world: World) -> World {
    let world = World { assume: true, images: Images::Assumed(Box::new(world.images)), ..world };
    let Context::Local(tree) = &world.context else { return world };
    let Ok(plan) = plan::plan(request, &world).plan else { return world };
    let is_context = |vertex: &Vertex, input: usize| {
        let input = vertex.inputs.get(input).and_then(|id| plan.vertices.get(*id));
        input.is_some_and(|input| matches!(input.op, Op::Local(_)))
    };
    let of_context = |vertex| move |(input, _): &(usize, &str)| is_context(vertex, *input);
    let paths = plan.vertices.iter().flat_map(|vertex| vertex.op.takes().into_iter().filter(of_context(vertex))).map(|(_, path)| path);
    let tree = paths.fold(tree.clone(), placed);
    World { context: Context::Local(tree), ..world }
}

fn placed(tree: Tree, path: &str) -> Tree {
    match clean_path(path).trim_start_matches('/') {
        "" | "." => assumed::project(tree),
        path => assumed::instead(&tree, path).unwrap_or(tree),
    }
}
