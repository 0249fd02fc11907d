//! One evaluation of a Dockerfile, for one platform: what its passes share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::args::ArgInfo;
use super::env::Env;
use super::failure::{Failure, Fallible};
use super::graph::{Graph, NodeId};
use super::op::Setting;
use super::request::Request;
use super::state::{Command, State, StateId};
use crate::base::Case;
use crate::base::{LineRange, Reference, Span, suggest};
use crate::dockerfile::expand::Lex;
use crate::dockerfile::instruction::Dockerfile;
use crate::image::Platform;
use crate::lint::{Fact, Linter, Place};
use crate::world::{NamedContext, World};

/// The name of the empty image.
pub(crate) const SCRATCH: &str = "scratch";

/// Everything that the passes read and write.
pub(crate) struct Evaluation<'a> {
    pub request: &'a Request,
    pub world: &'a World,
    pub file: &'a Dockerfile,
    /// Given, less what SOURCE_DATE_EPOCH takes away.
    pub build_args: BTreeMap<String, String>,
    pub target_platform: Platform,
    /// No `--platform` was given.
    pub implicit_platform: bool,
    /// Titles carry the platform.
    pub multi_platform: bool,
    /// Evaluate stages that nothing needs, too.
    pub all_stages: bool,
    pub globals: Env,
    pub global_args: BTreeMap<String, ArgInfo>,
    pub epoch: Option<i64>,
    pub lex: Lex,
    pub lint: Linter,
    pub graph: Graph,
    pub states: Vec<State<'a>>,
    pub by_name: BTreeMap<String, StateId>,
    /// Named contexts by normal name.
    pub contexts: BTreeMap<String, (&'a str, &'a NamedContext)>,
    /// Paths that are used of a state; states on one base share a set.
    pub path_sets: Vec<BTreeSet<String>>,
    /// Nodes of local named contexts, whose paths are known only in the end.
    pub local_nodes: Vec<(NodeId, usize)>,
    /// The build context, whose paths are known only in the end.
    pub context: NodeId,
    /// Patterns of the ignore file.
    pub ignore: Vec<String>,
    /// The same, compiled; `None` if there are none.
    pub ignore_patterns: Option<crate::filesystem::Patterns>,
    pub resolved_images: Vec<String>,
    /// The variables before each instruction, by stage and position, if somebody wants them.
    pub environments: Option<BTreeMap<(StateId, usize), Env>>,
    /// Errors of instructions that did not end the evaluation, because an editor wants to know of all.
    pub errors: Vec<Failure>,
}

impl<'a> Evaluation<'a> {
    /// Tells the linter something seen at an instruction.
    pub fn see(&mut self, fact: &Fact<'_>, lines: &[LineRange], span: Span) {
        let place = Place { lines, span, source: &self.request.dockerfile.bytes };
        self.lint.see(fact, &place);
    }

    /// Variables that an expansion did not find: ARGs in scope without a value are none.
    pub fn see_undefined(&mut self, id: StateId, command: &Command<'_>, unmatched: &BTreeSet<String>) {
        let Some(state) = self.states.get(id) else { return };
        if unmatched.is_empty() {
            return;
        }
        let declared = |name: &str| state.build_args.iter().any(|(key, _)| key == name) || super::args::NEVER_VARIABLES.contains(&name);
        let env = state.llb.env.clone();
        let names: Vec<&String> = unmatched.iter().filter(|name| !declared(name)).collect();
        let (lines, span) = command.place(state);
        for name in names {
            let near = suggest(name, env.keys());
            let fact = Fact::Undefined { name, near };
            self.see(&fact, &lines, span);
        }
    }

    /// A word of an instruction, expanded in the environment of its stage.
    pub fn expand(&mut self, id: StateId, command: &Command<'_>, lex: Lex, word: &str) -> Fallible<String> {
        let Some(env) = self.states.get(id).map(|state| state.llb.env.clone()) else { return Ok(word.to_owned()) };
        match lex.process(word, env.pairs()) {
            Ok(expansion) => {
                self.see_undefined(id, command, &expansion.unmatched);
                Ok(expansion.text)
            }
            Err(error) => {
                self.see_undefined(id, command, &error.unmatched);
                Err(error.message.into())
            }
        }
    }

    /// The named context that stands for `name`; never for `scratch` and `context`.
    pub fn named_context(&self, name: &str) -> Fallible<Option<(&'a str, &'a NamedContext)>> {
        if name.eq_ignore_ascii_case(SCRATCH) || name.eq_ignore_ascii_case("context") {
            return Ok(None);
        }
        let reference = Reference::parse(name).map_err(|e| format!("invalid context name {name}: {e}"))?;
        Ok(self.contexts.get(&context_key(&reference)).copied())
    }

    /// A state found by name, in any case.
    pub fn find(&self, name: &str) -> Option<StateId> {
        self.by_name.get(&name.lower()).copied()
    }

    /// Adds a state; a stage of its base's name becomes its base.
    pub fn add_state(&mut self, mut state: State<'a>) -> StateId {
        let id = self.states.len();
        if let Some(base) = self.by_name.get(&state.base_name).copied() {
            state.base = Some(base);
            if let Some(base) = self.states.get(base) {
                state.outline = base.outline.clone();
            }
        }
        if !state.name().is_empty() {
            self.by_name.insert(state.name().lower(), id);
        }
        self.states.push(state);
        id
    }

    /// A new, empty set of used paths.
    pub fn new_paths(&mut self) -> usize {
        self.path_sets.push(BTreeSet::new());
        self.path_sets.len() - 1
    }

    /// Gives nodes of a stage what holds in it now.
    pub fn set(&mut self, id: StateId, nodes: std::ops::Range<NodeId>) {
        let (Some(state), Some(nodes)) = (self.states.get(id), self.graph.nodes.get_mut(nodes)) else { return };
        if nodes.is_empty() {
            return;
        }
        let in_image = |name: &str| state.image.config.env.iter().any(|pair| pair.split_once('=').is_some_and(|(key, _)| key == name));
        let args = state.build_args.iter().filter(|(name, value)| value.is_some() && !in_image(name));
        let setting = Arc::new(Setting {
            env: state.llb.env.flat(),
            args: args.map(|(name, _)| name.clone()).collect(),
            dir: state.llb.dir.clone(),
            user: state.llb.user.clone(),
            shell: state.image.config.shell.clone(),
        });
        nodes.iter_mut().for_each(|node| node.setting = Some(setting.clone()));
    }

    /// Marks a path of a state as used.
    pub fn use_path(&mut self, id: StateId, path: &str) {
        if let Some(set) = self.states.get(id).and_then(|state| self.path_sets.get_mut(state.paths))
            && !set.contains(path)
        {
            set.insert(crate::base::go::join_path("/", path));
        }
    }

    /// The titles that states go by, for suggestions.
    pub fn titles(&self) -> impl Iterator<Item = &str> {
        self.states.iter().map(|state| state.title.as_str()).filter(|title| !title.is_empty())
    }
}

impl Command<'_> {
    /// Where it stands: a trigger stands at the FROM that fires it.
    pub fn place(&self, state: &State<'_>) -> (Vec<LineRange>, Span) {
        match self.is_onbuild {
            true => (self.instruction.lines.clone(), state.span),
            false => (self.instruction.lines.clone(), self.instruction.span),
        }
    }
}

/// How named contexts are looked up: the familiar name, `:latest` left out.
pub(crate) fn context_key(reference: &Reference) -> String {
    let name = reference.familiar();
    name.strip_suffix(":latest").map(str::to_owned).unwrap_or(name)
}

/// The paths that a local source transfers: none if all are used.
pub(crate) fn follow_paths(paths: &BTreeSet<String>) -> Vec<String> {
    match paths.contains("/") {
        true => Vec::new(),
        false => paths.iter().map(|path| crate::base::go::join_path(".", path)).collect(),
    }
}
