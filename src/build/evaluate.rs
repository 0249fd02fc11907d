//! Whether the cache answers a vertex, and what it does if not: every vertex of a plan in topological order, as if one ran
//! after the other. BuildKit's `solver/edge.go` without its asynchrony.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::cache::{Cache, CacheMap, CacheMount, CacheMounts, Read, Record, cache_map, content_digest};
use super::cause::{self, Case, Reason};
use super::exec::assumed_note;
use super::execute::{Execution, execute, image};
use super::facts::{Fact, facts};
use super::memory::Memory;
use crate::base::Digest;
use crate::filesystem::Tree;
use crate::machine::{Fidelity, OutputLine, Tally};
use crate::plan::{Op, Plan, Vertex, VertexId};
use crate::world::{World, assumed};

/// What came of a vertex.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// How it ended.
    pub verdict: Verdict,
    /// Its keys; the first one is its record's.
    pub keys: Vec<Digest>,
    /// The file system afterwards.
    pub tree: Option<Arc<Tree>>,
    /// How the cache saw it.
    pub map: CacheMap,
    /// Keys of its inputs by definition.
    pub input_keys: Vec<Vec<Digest>>,
    /// What it wrote.
    pub output: Vec<OutputLine>,
    /// How long the work takes when it runs.
    pub elapsed: Duration,
    /// How real it was.
    pub fidelity: Fidelity,
    /// How its commands were answered, if they ran.
    pub tally: Tally,
    /// To be kept if it completes.
    pub record: Option<Record>,
    /// What cache mounts hold afterwards.
    pub mounts: Vec<(String, CacheMount)>,
    /// If it failed: what tells this attempt from others.
    pub attempt: Option<Digest>,
    /// Why it ran.
    pub reason: Option<Reason>,
}

/// How a vertex ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The cache had its result.
    Cached,
    /// It ran to its end.
    Ran,
    /// It ran and failed, with BuildKit's text.
    Failed(String),
    /// There is no key for it: what it reads of an input is not there.
    NoKey {
        /// The index of the input.
        input: usize,
        /// BuildKit's text.
        error: String,
    },
    /// An input failed.
    Unreached,
}

impl Evaluation {
    fn new(verdict: Verdict, keys: Vec<Digest>, tree: Option<Arc<Tree>>, map: CacheMap) -> Self {
        Self {
            verdict,
            keys,
            tree,
            map,
            input_keys: Vec::new(),
            output: Vec::new(),
            elapsed: Duration::ZERO,
            fidelity: Fidelity::Ran,
            tally: Tally::default(),
            record: None,
            mounts: Vec::new(),
            attempt: None,
            reason: None,
        }
    }

    /// Whether its key was known, and that was enough: nobody needed its files, and the cache has none.
    fn is_spared(&self) -> bool {
        self.verdict == Verdict::Cached && self.tree.is_none()
    }

    /// Whether it has a result.
    pub fn succeeded(&self) -> bool {
        matches!(self.verdict, Verdict::Cached | Verdict::Ran)
    }
}

/// Evaluates every vertex of the plan.
pub fn evaluate(plan: &Plan, world: &World, cache: &Cache, now: i64) -> (Vec<Evaluation>, Memory) {
    let mut working = cache.next_generation();
    let memory = std::mem::take(&mut working.memory);
    let mut depths: Vec<i64> = Vec::with_capacity(plan.vertices.len());
    for vertex in &plan.vertices {
        depths.push(1 + vertex.inputs.iter().filter_map(|input| depths.get(*input)).max().copied().unwrap_or(0));
    }
    let wanted = plan.in_results();
    let mut solver = Solver { plan, world, cache: working, memory, done: Vec::with_capacity(plan.vertices.len()), depths, now };
    for id in 0..plan.vertices.len() {
        let evaluation = solver.vertex(id, !wanted.contains(&id));
        solver.cache.commit(&evaluation);
        solver.done.push(evaluation);
    }
    (solver.done, solver.memory.aged())
}

/// On the way through a plan.
struct Solver<'a> {
    plan: &'a Plan,
    world: &'a World,
    cache: Cache,
    memory: Memory,
    /// Of the vertices so far.
    done: Vec<Evaluation>,
    /// How many vertices stand on each other.
    depths: Vec<i64>,
    now: i64,
}

impl Solver<'_> {
    /// One vertex. `spared`: a key without a result will do until somebody asks for its files, as the cache need not hold
    /// what leads to a result that it has.
    fn vertex(&mut self, id: VertexId, spared: bool) -> Evaluation {
        let vertex = &self.plan.vertices[id];
        // Steps that stand on each other write at different seconds, whatever the schedule: layers tell changes by time.
        let now = self.now.saturating_add(self.depths[id].saturating_mul(1_000_000_000));
        if matches!(vertex.op, Op::Image(_) | Op::Local(_) | Op::Remote(_)) {
            return evaluate_source(vertex, self.world, &self.cache, now, &mut self.memory);
        }
        loop {
            match self.step(vertex, now, spared) {
                Some(evaluation) => return evaluation,
                None => self.make(&vertex.inputs),
            }
        }
    }

    /// Makes the files of vertices that were spared.
    fn make(&mut self, ids: &[VertexId]) {
        let mut open = ids.to_vec();
        let mut spared = BTreeSet::new();
        while let Some(id) = open.pop() {
            if self.done[id].is_spared() && spared.insert(id) {
                open.extend(&self.plan.vertices[id].inputs);
            }
        }
        // Inputs come before what needs them.
        for id in spared {
            let evaluation = self.vertex(id, false);
            self.cache.commit(&evaluation);
            self.done[id] = evaluation;
        }
    }

    /// One operation on files; `None`: the files of inputs that were spared are needed after all.
    fn step(&mut self, vertex: &Vertex, now: i64, spared: bool) -> Option<Evaluation> {
        let Self { plan, world, cache, memory, done, .. } = self;
        let mut map = cache_map(&vertex.op, vertex.inputs.len());
        let inputs: Vec<&Evaluation> = vertex.inputs.iter().filter_map(|input| done.get(*input)).collect();
        let (given, notes) = given(vertex, &inputs, world.assume);
        for (index, (dependency, tree)) in map.dependencies.iter_mut().zip(&given).enumerate() {
            let Some(tree) = tree.as_ref().filter(|_| !dependency.content.is_empty()) else { continue };
            match content_digest(tree, &dependency.content, &mut memory.directories) {
                Ok(digest) => dependency.slow = Some(digest),
                Err(error) => {
                    let error = format!("failed to calculate checksum of ref {}: {error}", reference(vertex));
                    return Some(Evaluation::new(Verdict::NoKey { input: index, error }, Vec::new(), None, map));
                }
            }
        }
        if inputs.len() < vertex.inputs.len() || !inputs.iter().all(|input| input.succeeded()) {
            return Some(Evaluation::new(Verdict::Unreached, Vec::new(), None, map));
        }
        let is_local = |input: &usize| matches!(plan.vertices.get(*input).map(|input| &input.op), Some(Op::Local(_)));
        let keys_of = |(index, input): (usize, &&Evaluation)| {
            let by_content = map.dependencies.get(index).is_some_and(|dependency| dependency.slow.is_some());
            if by_content && vertex.inputs.get(index).is_some_and(is_local) { Vec::new() } else { input.keys.clone() }
        };
        let input_keys: Vec<Vec<Digest>> = inputs.iter().enumerate().map(keys_of).collect();
        let keys = cache.query(&map, &input_keys);
        let found = keys.iter().copied().find(|key| cache.records.contains_key(key));
        let forced = forced(plan, vertex, &map, &inputs);
        let usable = !vertex.ignore_cache && !forced;
        if let Some((key, record)) = found.filter(|_| usable).and_then(|key| Some((key, cache.records.get(&key)?.clone()))) {
            let keys = std::iter::once(key).chain(keys.into_iter().filter(|other| *other != key)).collect();
            let cached = Evaluation::new(Verdict::Cached, keys, Some(record.tree.clone()), map);
            return Some(Evaluation { input_keys, fidelity: record.fidelity, elapsed: record.elapsed, ..cached });
        }
        if spared && usable && !keys.is_empty() {
            return Some(Evaluation { input_keys, ..Evaluation::new(Verdict::Cached, keys, None, map) });
        }
        let trees: Vec<Arc<Tree>> = given.into_iter().collect::<Option<_>>()?;
        let key = found.or(keys.first().copied()).unwrap_or_else(|| map.new_key(&input_keys));
        let nothing = CacheMounts::new();
        let kept = if vertex.ignore_cache { &nothing } else { &cache.mounts };
        let execution = memory.execute(vertex, &trees, world, kept, now);
        let facts = Arc::new(facts(&vertex.op));
        let read = |(index, tree): (usize, &Arc<Tree>)| Read {
            keys: inputs.get(index).map(|input| input.keys.clone()).unwrap_or_default(),
            tree: map.dependencies.get(index).filter(|dependency| dependency.slow.is_some()).map(|_| tree.clone()),
        };
        let read: Arc<Vec<_>> = Arc::new(trees.iter().enumerate().map(read).collect());
        let attempt = map.new_key(&input_keys);
        let failed = cache.failed.contains(&attempt);
        let known = !keys.is_empty();
        let case = Case { plan, vertex, cache, facts: &facts, read: &read, map: &map, done, known, failed, forced };
        let reason = Some(cause::explain(&case));
        let record = execution.result.as_ref().ok().map(|tree| record(vertex, &execution, tree, cache, facts, read));
        let (verdict, tree) = match execution.result {
            Ok(tree) => (Verdict::Ran, Some(tree)),
            Err(error) => (Verdict::Failed(error), None),
        };
        let tree_missing = tree.is_none();
        Some(Evaluation {
            verdict,
            keys: vec![key],
            tree,
            map,
            input_keys,
            output: notes.into_iter().chain(execution.output).collect(),
            elapsed: execution.cost,
            fidelity: execution.fidelity,
            tally: execution.tally,
            record,
            mounts: execution.mounts,
            attempt: tree_missing.then_some(attempt),
            reason,
        })
    }
}

/// What the cache keeps of a vertex that ran.
fn record(
    vertex: &Vertex,
    execution: &Execution,
    tree: &Arc<Tree>,
    cache: &Cache,
    facts: Arc<Vec<Fact>>,
    inputs: Arc<Vec<Read>>,
) -> Record {
    Record {
        name: vertex.name.clone(),
        tree: tree.clone(),
        fidelity: execution.fidelity,
        elapsed: execution.cost,
        generation: cache.generation,
        used: 0,
        facts,
        inputs,
    }
}

fn evaluate_source(vertex: &Vertex, world: &World, cache: &Cache, now: i64, memory: &mut Memory) -> Evaluation {
    let map = CacheMap { digest: vertex.digest, dependencies: Vec::new() };
    let keys = match &vertex.op {
        Op::Image(source) => {
            let digest = source.reference.split_once('@').map_or(source.reference.as_str(), |(_, digest)| digest);
            let mut keys = vec![Digest::of(format!("image {digest} {}", source.platform.format_all()))];
            // An image with the same layers and another config is no other file system.
            keys.extend(image(source, world).ok().map(|image| {
                let layers: String = image.layers.iter().map(|layer| layer.diff_id.to_string()).collect();
                Digest::of(format!("layers {layers}"))
            }));
            keys
        }
        // What a client sends is new in every build: only its content can be found again.
        Op::Local(_) => vec![Digest::of(format!("local {} {}", cache.generation, vertex.digest))],
        _ => vec![vertex.digest],
    };
    let known = !matches!(vertex.op, Op::Local(_)) && keys.first().is_some_and(|key| cache.records.contains_key(key));
    if let Some(record) = keys.first().filter(|_| known).and_then(|key| cache.records.get(key)) {
        return Evaluation { fidelity: record.fidelity, ..Evaluation::new(Verdict::Cached, keys, Some(record.tree.clone()), map) };
    }
    let execution = execute(&vertex.op, &[], world, &cache.mounts, now, &mut memory.directories);
    let tree = match &execution.result {
        Ok(tree) => tree.clone(),
        Err(error) => {
            let failed = Evaluation::new(Verdict::Failed(error.clone()), keys, None, map);
            return Evaluation { elapsed: execution.cost, ..failed };
        }
    };
    let kept = !matches!(vertex.op, Op::Local(_));
    let record = kept.then(|| record(vertex, &execution, &tree, cache, Arc::new(facts(&vertex.op)), Arc::default()));
    let ran = Evaluation::new(Verdict::Ran, keys, Some(tree), map);
    Evaluation { record, elapsed: execution.cost, fidelity: execution.fidelity, ..ran }
}

/// The files of the inputs. Where the project is assumed, a placeholder stands for each that a step names and that is not there; the
/// log says so.
fn given(vertex: &Vertex, inputs: &[&Evaluation], assume: bool) -> (Vec<Option<Arc<Tree>>>, Vec<OutputLine>) {
    let mut trees: Vec<Option<Arc<Tree>>> = inputs.iter().map(|input| input.tree.clone()).collect();
    let mut notes = Vec::new();
    for (index, path) in assume.then(|| vertex.op.takes()).into_iter().flatten() {
        let Some(Some(tree)) = trees.get_mut(index) else { continue };
        if let Some(made) = assumed::instead(tree, path) {
            notes.push(assumed_note(path));
            *tree = Arc::new(made);
        }
    }
    (trees, notes)
}

/// A vertex that reads one input by content and stands on another that had to run: BuildKit gives up the match before that
/// one's key is known (`noCacheMatchPossible`).
fn forced(plan: &Plan, vertex: &Vertex, map: &CacheMap, inputs: &[&Evaluation]) -> bool {
    let ran = |index: usize| {
        let id = vertex.inputs.get(index).copied();
        id.and_then(|id| plan.vertices.get(id)).is_some_and(|input| input.ignore_cache)
            && inputs.get(index).is_some_and(|input| input.verdict == Verdict::Ran)
    };
    map.dependencies.iter().any(|dependency| dependency.slow.is_some())
        && map.dependencies.iter().enumerate().any(|(index, dependency)| dependency.slow.is_none() && ran(index))
}

/// BuildKit's names of snapshots are random; these only look so.
fn reference(vertex: &Vertex) -> String {
    let letters = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let word = |salt: &str| -> String {
        let digest = Digest::of(format!("{salt} {}", vertex.digest));
        digest.as_bytes().iter().take(25).map(|byte| letters[usize::from(*byte) % letters.len()] as char).collect()
    };
    format!("{}::{}", word("session"), word("ref"))
}
