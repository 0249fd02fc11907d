//! What `bottleship plan` prints: the graph, one line a vertex, or the configs.

use crate::base::go::to_json;
use crate::plan::Plan;

/// One line a vertex: its name, then a tab and the name of each input.
pub fn graph(plan: &Plan) -> String {
    let name = |id: usize| plan.vertices.get(id).map_or("", |vertex| vertex.name.as_str());
    let mut out = String::new();
    for vertex in &plan.vertices {
        out.push_str(&vertex.name);
        for &input in &vertex.inputs {
            out.push('\t');
            out.push_str(name(input));
        }
        out.push('\n');
    }
    out
}

/// The config of each result as the frontend makes it, a line each.
pub fn configs(plan: &Plan) -> String {
    plan.results.iter().map(|target| to_json(&target.config) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Digest;
    use crate::plan::{MergeOp, Op, Vertex};

    #[test]
    fn a_line_names_the_inputs() {
        let vertex = |name: &str, inputs: Vec<usize>| Vertex {
            digest: Digest::of(name),
            name: name.into(),
            op: Op::Merge(MergeOp { inputs: inputs.len() }),
            inputs,
            stage: None,
            lines: Vec::new(),
            ignore_cache: false,
            setting: None,
        };
        let vertices = vec![vertex("a", vec![]), vertex("b", vec![]), vertex("c", vec![1, 0])];
        let plan = Plan { vertices, stages: Vec::new(), results: Vec::new(), resolved_images: Vec::new(), multi_platform: false };
        assert_eq!(graph(&plan), "a\nb\nc\tb\ta\n");
    }
}
