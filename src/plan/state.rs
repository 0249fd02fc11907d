//! What the planner knows of a stage while it evaluates it: BuildKit's `dispatchState`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::args::ArgInfo;
use super::env::Env;
use super::graph::NodeId;
use crate::base::{LineRange, Span};
use crate::dockerfile::instruction::{Instruction, Stage};
use crate::image::{Config, Platform};
use crate::world::NamedContext;

/// Index of a [`State`]: the stages of the file first, then those that stand for images of `--from`.
pub(crate) type StateId = usize;

/// LLB's `State`: a file system and how processes run on it.
#[derive(Debug, Clone)]
pub(crate) struct Llb {
    /// `None`: empty.
    pub root: Option<NodeId>,
    pub env: Env,
    pub dir: String,
    pub user: String,
    /// `None`: nothing has said which; then the target's counts.
    pub platform: Option<Platform>,
}

impl Default for Llb {
    fn default() -> Self {
        Self { root: None, env: Env::default(), dir: "/".into(), user: String::new(), platform: None }
    }
}

/// An instruction, and the states that it takes files from.
#[derive(Debug, Clone)]
pub(crate) struct Command<'a> {
    pub instruction: Cow<'a, Instruction>,
    /// COPY: at most one. RUN: one a mount.
    pub sources: Vec<StateId>,
    pub is_onbuild: bool,
}

/// An ARG in scope: `name[=value]`.
pub(crate) type BuildArg = (String, Option<String>);

/// What `--call=outline` wants to know of a stage.
#[derive(Debug, Clone, Default)]
pub(crate) struct OutlineFacts {
    pub args: Arc<BTreeMap<String, ArgInfo>>,
    pub used: Arc<BTreeSet<String>>,
    pub secrets: BTreeMap<String, (bool, Vec<LineRange>)>,
    pub ssh: BTreeMap<String, (bool, Vec<LineRange>)>,
}

/// A stage, or an image that `--from` names.
#[derive(Debug, Clone)]
pub(crate) struct State<'a> {
    /// The stage of the file.
    pub stage: Option<&'a Stage>,
    /// Index in the file.
    pub index: Option<usize>,
    /// After expansion; once resolved, in normal form.
    pub base_name: String,
    /// As it was before it was resolved.
    pub written_base: String,
    pub lines: Vec<LineRange>,
    pub span: Span,
    /// What titles call it.
    pub title: String,
    pub base: Option<StateId>,
    pub context: Option<(&'a str, &'a NamedContext)>,
    pub platform: Option<Platform>,
    pub image: Config,
    pub llb: Llb,
    pub commands: Vec<Command<'a>>,
    /// The states it takes files from, with the lines of the last instruction that does.
    pub needs: Vec<(StateId, Vec<LineRange>)>,
    pub build_args: Vec<BuildArg>,
    /// Which set of used paths is its own: shared with its base.
    pub paths: usize,
    pub context_paths: BTreeSet<String>,
    pub step: usize,
    pub steps: usize,
    pub is_onbuild: bool,
    pub dispatched: bool,
    pub resolved: bool,
    pub onbuild_done: bool,
    /// Stands for an image, not for a stage.
    pub is_image: bool,
    pub ignore_cache: bool,
    pub workdir_set: bool,
    pub cmd: Option<Vec<LineRange>>,
    pub entrypoint: Option<Vec<LineRange>>,
    pub healthcheck: Option<Vec<LineRange>>,
    pub outline: OutlineFacts,
    /// The nodes of its instructions.
    pub nodes: Vec<NodeId>,
}

impl<'a> State<'a> {
    /// A state on this base, of which nothing else is known.
    pub fn new(base_name: String, paths: usize) -> Self {
        Self {
            stage: None,
            index: None,
            written_base: base_name.clone(),
            base_name,
            lines: Vec::new(),
            span: Span::default(),
            title: String::new(),
            base: None,
            context: None,
            platform: None,
            image: Config::default(),
            llb: Llb::default(),
            commands: Vec::new(),
            needs: Vec::new(),
            build_args: Vec::new(),
            paths,
            context_paths: BTreeSet::new(),
            step: 0,
            steps: 0,
            is_onbuild: false,
            dispatched: false,
            resolved: false,
            onbuild_done: false,
            is_image: false,
            ignore_cache: false,
            workdir_set: false,
            cmd: None,
            entrypoint: None,
            healthcheck: None,
            outline: OutlineFacts::default(),
            nodes: Vec::new(),
        }
    }

    /// The name after AS.
    pub fn name(&self) -> &'a str {
        self.stage.map_or("", |stage| &stage.name)
    }

    /// The operating system that it is for.
    pub fn os(&self) -> String {
        self.platform.as_ref().map_or_else(String::new, |platform| platform.os.clone())
    }

    /// The file system becomes that of `node`.
    pub fn advance(&mut self, node: NodeId) {
        self.llb.root = Some(node);
        self.nodes.push(node);
    }
}
