//! The LLB graph while it is built, and its marshalling: BuildKit's `client/llb`.
//!
//! While stages are evaluated every instruction adds a node, wanted or not. [`marshal`] walks from the result: equal
//! operations on equal inputs become one vertex, inputs come before the vertex that uses them.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::op::{FileActionKind, Op, Setting, Vertex, VertexId};
use crate::base::{CanonicalHasher, Digest, LineRange};

/// Index of a [`Node`].
pub(crate) type NodeId = usize;

/// An operation whose inputs are nodes; operations refer to inputs by position.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub op: Op,
    pub inputs: Vec<NodeId>,
    pub name: String,
    pub stage: Option<usize>,
    pub lines: Vec<LineRange>,
    pub ignore_cache: bool,
    /// What holds in the stage behind it.
    pub setting: Option<Arc<Setting>>,
    /// Why it cannot be marshalled.
    pub defect: Option<&'static str>,
}

impl Node {
    /// A vertex that no instruction stands for.
    pub fn internal(op: Op, inputs: Vec<NodeId>, name: impl Into<String>) -> Self {
        Self { op, inputs, name: name.into(), stage: None, lines: Vec::new(), ignore_cache: false, setting: None, defect: None }
    }
}

/// All nodes of one platform's evaluation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
}

impl Graph {
    pub fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}

/// The vertices of one or more graphs, equal ones merged.
#[derive(Debug, Default)]
pub(crate) struct Marshalled {
    pub vertices: Vec<Vertex>,
    by_digest: BTreeMap<Digest, VertexId>,
    /// Why the first node that cannot be marshalled cannot.
    pub defect: Option<&'static str>,
}

impl Marshalled {
    /// Adds all that `root` needs, depth first, inputs in order before the operation. Gives the vertices of the nodes: those that were reached.
    pub fn marshal(&mut self, graph: Graph, root: Option<NodeId>) -> Vec<Option<VertexId>> {
        let mut nodes: Vec<Option<Node>> = graph.nodes.into_iter().map(Some).collect();
        let mut done = vec![None; nodes.len()];
        // Invariant: a node is on the stack with the position of the input that comes next. Stages may be deep: no recursion.
        let mut stack: Vec<(NodeId, usize)> = root.map(|root| (root, 0)).into_iter().collect();
        while let Some((id, next)) = stack.pop() {
            let Some(slot) = nodes.get_mut(id) else { continue };
            let Some(node) = slot else { continue };
            match node.inputs.get(next) {
                Some(input) => {
                    stack.push((id, next + 1));
                    if done.get(*input).is_some_and(Option::is_none) {
                        stack.push((*input, 0));
                    }
                }
                None => {
                    if let Some(node) = slot.take() {
                        let vertex = self.add(node, &done);
                        done[id] = Some(vertex);
                    }
                }
            }
        }
        done
    }

    fn add(&mut self, node: Node, done: &[Option<VertexId>]) -> VertexId {
        let mut inputs: Vec<VertexId> = Vec::with_capacity(node.inputs.len());
        let mut positions = Vec::with_capacity(node.inputs.len());
        // A merge names every input, the same one twice too: then its layers are there twice.
        let is_merge = matches!(node.op, Op::Merge(_));
        for vertex in node.inputs.iter().filter_map(|input| done.get(*input)?.as_ref()) {
            let known = inputs.iter().position(|known| known == vertex).filter(|_| !is_merge);
            positions.push(known.unwrap_or(inputs.len()));
            if known.is_none() {
                inputs.push(*vertex);
            }
        }
        self.defect = self.defect.or(node.defect);
        let mut op = node.op;
        op.renumber(|position| positions.get(position).copied().unwrap_or(position));
        let mut hasher = CanonicalHasher::default();
        op.hash(&mut hasher);
        for input in inputs.iter().filter_map(|input| self.vertices.get(*input)) {
            hasher.write(input.digest.as_bytes());
        }
        let digest = hasher.digest();
        match self.by_digest.get(&digest).copied() {
            Some(known) => {
                if let Some(vertex) = self.vertices.get_mut(known) {
                    vertex.name = node.name;
                    vertex.stage = node.stage;
                    vertex.setting = node.setting;
                    vertex.ignore_cache |= node.ignore_cache;
                    for lines in &node.lines {
                        if !vertex.lines.contains(lines) {
                            vertex.lines.push(*lines);
                        }
                    }
                }
                known
            }
            None => {
                let Node { name, stage, lines, ignore_cache, setting, .. } = node;
                self.vertices.push(Vertex { digest, name, op, inputs, stage, lines, ignore_cache, setting });
                self.by_digest.insert(digest, self.vertices.len() - 1);
                self.vertices.len() - 1
            }
        }
    }
}

impl Op {
    /// Replaces the positions of inputs.
    fn renumber(&mut self, new: impl Fn(usize) -> usize) {
        match self {
            Self::File(file) => {
                for action in &mut file.actions {
                    if let FileActionKind::Copy { source: Some(source), .. } = &mut action.kind {
                        *source = new(*source);
                    }
                }
            }
            Self::Exec(exec) => {
                for input in exec.mounts.iter_mut().filter_map(|mount| mount.input.as_mut()) {
                    *input = new(*input);
                }
            }
            Self::Image(_) | Self::Local(_) | Self::Remote(_) | Self::Merge(_) => {}
        }
    }
}
