//! The pipeline: globals, epoch, states, target, bases, instructions, result. BuildKit's `toDispatchState`.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluation::{Evaluation, context_key, follow_paths};
use super::failure::{Failure, Fallible};
use super::graph::{Graph, Node};
use super::op::{LocalSource, Op};
use super::request::Request;
use super::state::StateId;
use super::{args, bases, dispatch, epoch, paths, rename, stages};
use crate::base::Case;
use crate::base::Reference;
use crate::base::set_of;
use crate::dockerfile::expand::Lex;
use crate::dockerfile::instruction::{Dockerfile, Kind, Stage};
use crate::filesystem::{ImagePath, Node as FileNode, Patterns, read_ignore_file};
use crate::image::Platform;
use crate::lint::{Fact, Linter};
use crate::world::{Context, World};

/// For which platform, and how much of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// `None`: the builder's, and bases may decide.
    pub platform: Option<Platform>,
    /// Titles carry the platform.
    pub multi_platform: bool,
    /// Stages that nothing needs, too.
    pub all_stages: bool,
}

/// An evaluation before its first pass.
pub(crate) fn begin<'a>(file: &'a Dockerfile, request: &'a Request, world: &'a World, scope: Scope, lint: Linter) -> Evaluation<'a> {
    let builder = Platform::builder();
    let target_platform = scope.platform.clone().unwrap_or_else(|| builder.clone());
    let last = file.stages.last().map_or("", |stage| stage.name.as_str());
    let target = request.target.as_deref().filter(|target| !target.is_empty()).unwrap_or(last);
    let contexts = world.named_contexts.iter().filter_map(|(name, context)| {
        let reference = Reference::parse(name).ok()?;
        Some((context_key(&reference), (name.as_str(), context)))
    });
    let mut graph = Graph::default();
    let unknown = Op::Local(LocalSource { name: "context".into(), follow_paths: Vec::new(), exclude: Vec::new() });
    let context = graph.add(Node::internal(unknown, Vec::new(), "[internal] load build context"));
    Evaluation {
        request,
        world,
        file,
        build_args: request.build_args.clone(),
        globals: args::predefined(&builder, &target_platform, target, &request.build_args),
        target_platform,
        implicit_platform: scope.platform.is_none(),
        multi_platform: scope.multi_platform,
        all_stages: scope.all_stages,
        global_args: BTreeMap::new(),
        epoch: None,
        lex: Lex::new(file.escape),
        lint,
        graph,
        states: Vec::new(),
        by_name: BTreeMap::new(),
        contexts: crate::base::map_of(contexts),
        path_sets: Vec::new(),
        local_nodes: Vec::new(),
        context,
        ignore: Vec::new(),
        ignore_patterns: None,
        resolved_images: Vec::new(),
        environments: None,
        errors: Vec::new(),
    }
}

/// All passes. Gives the state of the target.
pub(crate) fn run(eval: &mut Evaluation<'_>) -> Fallible<StateId> {
    see_stage_names(eval);
    see_casing(eval);
    see_default_bases(eval);
    let file = eval.file;
    (eval.globals, eval.global_args) = args::globals(&eval.globals, &file.args, &eval.lex, &eval.build_args)?;
    epoch::resolve(eval)?;
    stages::build_states(eval)?;
    let target = stages::target(eval)?;
    stages::connect(eval)?;
    let needed = bases::resolve(eval, target)?;
    let used = evaluate_stages(eval, &needed)?;
    eval.lint.enter(&[]);
    if let Some(set) = eval.states.get(target).map(|state| state.paths).and_then(|paths| eval.path_sets.get_mut(paths)) {
        set.insert("/".into());
    }
    see_ours(eval, &needed);
    finish(eval, target, &used)?;
    Ok(target)
}

fn see_stage_names(eval: &mut Evaluation<'_>) {
    let mut seen = BTreeSet::new();
    let file = eval.file;
    for (index, stage) in file.stages.iter().enumerate().filter(|(_, stage)| !stage.name.is_empty()) {
        let again = !seen.insert(&stage.name);
        let source = eval.request.dockerfile.bytes.clone();
        let renaming = || rename::rename(file, index, &source);
        eval.see(&Fact::StageName { name: &stage.name, again, renaming: &renaming }, &stage.lines, stage.span);
    }
}

/// What most keywords are written in decides; on a tie capitals do.
fn see_casing(eval: &mut Evaluation<'_>) {
    let file = eval.file;
    let keywords = || {
        file.stages.iter().flat_map(|stage| {
            let below = stage.instructions.iter().map(|one| (&one.keyword, &one.lines, one.span));
            std::iter::once((&stage.keyword, &stage.lines, stage.span)).chain(below)
        })
    };
    let is_lower = |keyword: &str| !keyword.contains(char::is_uppercase);
    let lower = keywords().filter(|(keyword, ..)| is_lower(keyword)).count();
    let upper = keywords().filter(|(keyword, ..)| !is_lower(keyword) && !keyword.contains(char::is_lowercase)).count();
    let mostly_lower = lower > upper;
    for (keyword, lines, span) in keywords() {
        let wrong = if mostly_lower { char::is_uppercase } else { char::is_lowercase };
        if keyword.contains(wrong) {
            eval.see(&Fact::Keyword { keyword, mostly_lower }, lines, span);
        }
    }
}

/// Bases must be references even if no build-arg is given.
fn see_default_bases(eval: &mut Evaluation<'_>) {
    let file = eval.file;
    let Ok((globals, _)) = args::globals(&eval.globals, &file.args, &eval.lex, &BTreeMap::new()) else { return };
    for stage in &file.stages {
        let Ok(base) = eval.lex.process_word(&stage.base_name, globals.pairs()) else { return };
        if Reference::parse(&base).is_err() {
            eval.see(&Fact::InvalidDefaultBase { base: &stage.base_name }, &stage.lines, stage.span);
        }
    }
}

/// Evaluates the stages that are wanted, in the order of the file. Gives the paths of the context that they use.
fn evaluate_stages(eval: &mut Evaluation<'_>, needed: &BTreeSet<StateId>) -> Fallible<BTreeSet<String>> {
    let mut used = BTreeSet::new();
    read_ignore(eval)?;
    for id in 0..eval.states.len() {
        let Some(state) = eval.states.get(id) else { continue };
        if !eval.all_stages && (!needed.contains(&id) || state.dispatched) {
            continue;
        }
        let lines = state.lines.clone();
        bases::inherit(eval, id);
        start(eval, id).map_err(|e| e.at(&lines))?;
        let commands = eval.states.get_mut(id).map(|state| std::mem::take(&mut state.commands)).unwrap_or_default();
        let mut result = Ok(());
        let base = eval.states.get(id).and_then(|state| state.llb.root);
        if let Some(base) = base.filter(|base| eval.graph.nodes.get(*base).is_some_and(|node| node.setting.is_none())) {
            eval.set(id, base..base + 1);
        }
        for (position, command) in commands.iter().enumerate() {
            if let (Some(environments), Some(state)) = (&mut eval.environments, eval.states.get(id)) {
                environments.insert((id, position), state.llb.env.clone());
            }
            let first = eval.graph.nodes.len();
            result = dispatch::dispatch(eval, id, command).map_err(|e| e.at(&command.instruction.lines));
            eval.set(id, first..eval.graph.nodes.len());
            match &result {
                Ok(()) => {}
                // Whoever asks for environments wants to know of all instructions.
                Err(_) if eval.environments.is_some() => eval.errors.extend(std::mem::replace(&mut result, Ok(())).err()),
                Err(_) => break,
            }
        }
        if let Some(state) = eval.states.get_mut(id) {
            state.commands = commands;
            used.extend(state.context_paths.iter().cloned());
        }
        result?;
    }
    Ok(used)
}

/// What a stage has before its first instruction, from its base's config.
fn start(eval: &mut Evaluation<'_>, id: StateId) -> Fallible<()> {
    let Some(state) = eval.states.get_mut(id) else { return Ok(()) };
    state.dispatched = true;
    let os = state.platform.get_or_insert_with(|| bases::platform_of(&Default::default())).os.clone();
    let config = &mut state.image.config;
    if os != "windows" && !config.env.iter().any(|pair| pair.split('=').next() == Some("PATH")) {
        config.env.push(format!("PATH={}", paths::default_path(&os)));
    }
    let mut env = state.llb.env.clone();
    for pair in &config.env {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        env.assign(key, value);
    }
    state.llb.env = env;
    if !config.user.is_empty() {
        state.llb.user.clone_from(&config.user);
    }
    let directory = config.working_dir.clone();
    if !directory.is_empty() {
        dispatch::enter_workdir(eval, id, &directory)?;
    }
    Ok(())
}

/// The patterns of the ignore file: the Dockerfile's own, else the context's. A context from afar has none.
fn read_ignore(eval: &mut Evaluation<'_>) -> Fallible<()> {
    let Context::Local(tree) = &eval.world.context else { return Ok(()) };
    let bytes = match &eval.request.ignore_file {
        Some(source) => source.bytes.to_vec(),
        None => {
            let mut bytes = Vec::new();
            if let Some(FileNode::File(file)) = tree.get(&ImagePath::new(".dockerignore")) {
                file.content.read(|part| bytes.extend_from_slice(part));
            }
            bytes
        }
    };
    eval.ignore = read_ignore_file(&String::from_utf8_lossy(&bytes)).into_iter().map(|line| line.pattern).collect();
    if !eval.ignore.is_empty() {
        eval.ignore_patterns = Some(Patterns::new(&eval.ignore)?);
    }
    Ok(())
}

impl Evaluation<'_> {
    /// Whether `.dockerignore` excludes a source, as far as that can be told: exceptions make it impossible, and the root is
    /// excluded only by patterns for everything.
    pub fn ignores_source(&self, path: &str) -> Fallible<bool> {
        let Some(patterns) = self.ignore_patterns.as_ref().filter(|patterns| !patterns.has_exceptions()) else { return Ok(false) };
        let path = crate::base::go::clean_path(path);
        let everything = || self.ignore.iter().any(|pattern| matches!(pattern.as_str(), "*" | "**" | "**/*"));
        if matches!(path.as_str(), "." | "/") && !everything() {
            return Ok(false);
        }
        Ok(patterns.matches(&path)?)
    }
}

/// Labels, `error=true`, the context with its paths, the platform of the image.
fn finish(eval: &mut Evaluation<'_>, target: StateId, used: &BTreeSet<String>) -> Fallible<()> {
    let labels = eval.request.labels.clone();
    if let Some(state) = eval.states.get_mut(target) {
        state.image.config.labels.extend(labels);
    }
    if let Some(message) = eval.lint.error() {
        return Err(Failure::new(message));
    }
    let context = match &eval.world.context {
        Context::Remote(url) => bases::remote(url, "[internal] load remote build context")?,
        Context::Local(_) => {
            let source = LocalSource { name: "context".into(), follow_paths: follow_paths(used), exclude: eval.ignore.clone() };
            Node::internal(Op::Local(source), Vec::new(), "[internal] load build context")
        }
    };
    if let Some(node) = eval.graph.nodes.get_mut(eval.context) {
        *node = context;
    }
    for (node, paths) in std::mem::take(&mut eval.local_nodes) {
        let follow = eval.path_sets.get(paths).map(follow_paths).unwrap_or_default();
        if let Some(Op::Local(source)) = eval.graph.nodes.get_mut(node).map(|node| &mut node.op) {
            source.follow_paths = follow;
        }
    }
    let platform = eval.target_platform.clone();
    let Some(image) = eval.states.get_mut(target).map(|state| &mut state.image) else { return Ok(()) };
    if !eval.implicit_platform {
        let same = platform.os == image.os && platform.architecture == image.architecture;
        if !platform.variant.is_empty() || !same {
            image.variant = platform.variant;
        }
        if !platform.os_version.is_empty() || !same {
            image.os_version = platform.os_version;
        }
        (image.os, image.architecture) = (platform.os, platform.architecture);
    }
    let normal = bases::platform_of(image).normalize();
    (image.os, image.architecture, image.variant) = (normal.os, normal.architecture, normal.variant);
    Ok(())
}

/// Facts that only our own rules look at.
fn see_ours(eval: &mut Evaluation<'_>, needed: &BTreeSet<StateId>) {
    let file = eval.file;
    let declared: BTreeSet<&str> = set_of(arg_names(file).map(|(name, _)| name));
    let used: BTreeSet<String> = set_of(eval.states.iter().flat_map(|state| state.outline.used.iter().cloned()));
    let in_stages: BTreeSet<&str> = set_of(arg_names(file).filter(|(_, global)| !global).map(|(name, _)| name));
    let needed_globals: BTreeSet<String> = set_of(eval.global_args.values().flat_map(|arg| arg.needs.iter().cloned()));
    for instruction in &file.args {
        let Kind::Arg(arg) = &instruction.kind else { continue };
        for name in arg.args.iter().map(|arg| arg.key.as_str()) {
            if !used.contains(name) && !in_stages.contains(name) && !needed_globals.contains(name) {
                eval.see(&Fact::UnusedGlobal { name }, &instruction.lines, instruction.span);
            }
        }
    }
    for (id, stage) in file.stages.iter().enumerate() {
        if !needed.contains(&id) {
            let unnamed = format!("stage-{id}");
            let name = if stage.name.is_empty() { &unnamed } else { &stage.name };
            eval.see(&Fact::UnusedStage { name }, &stage.lines, stage.span);
        }
        see_install(eval, stage);
    }
    let request = eval.request;
    for name in request.build_args.keys() {
        let predefined = name.starts_with("BUILDKIT_") || name == "SOURCE_DATE_EPOCH" || name.lower().ends_with("_proxy");
        if !declared.contains(name.as_str()) && !predefined && eval.globals.get(name).is_none() {
            eval.see(&Fact::StrayBuildArg { name }, &[], Default::default());
        }
    }
}

/// All ARGs, and whether they are global.
fn arg_names(file: &Dockerfile) -> impl Iterator<Item = (&str, bool)> {
    let global = file.args.iter().map(|one| (one, true));
    let local = file.stages.iter().flat_map(|stage| stage.instructions.iter().map(|one| (one, false)));
    global.chain(local).flat_map(|(one, is_global)| {
        let args = if let Kind::Arg(arg) = &one.kind { arg.args.as_slice() } else { &[] };
        args.iter().map(move |arg| (arg.key.as_str(), is_global))
    })
}

const INSTALLERS: [&str; 12] = [
    "npm ci",
    "npm install",
    "yarn install",
    "pnpm install",
    "pip install -r",
    "pip3 install -r",
    "go mod download",
    "bundle install",
    "composer install",
    "poetry install",
    "cargo fetch",
    "dotnet restore",
];

/// `COPY . .`, and only then the dependencies.
fn see_install(eval: &mut Evaluation<'_>, stage: &Stage) {
    let mut whole = None;
    for instruction in &stage.instructions {
        match &instruction.kind {
            Kind::Copy(copy) if copy.from.is_empty() && copy.sources.paths.iter().any(|path| matches!(path.as_str(), "." | "./" | "/")) => {
                whole = whole.or(Some(instruction));
            }
            Kind::Run(run) if whole.is_some() => {
                let text = run.command.args.join(" ");
                let found = INSTALLERS.iter().find(|command| text.contains(**command));
                if let (Some(copy), Some(command)) = (whole, found) {
                    eval.see(&Fact::CopyBeforeInstall { command }, &copy.lines, copy.span);
                    return;
                }
            }
            _ => {}
        }
    }
}
