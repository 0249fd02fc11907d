//! What stages stand on: images resolved, named contexts loaded, triggers fired. BuildKit's `resolveStages`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::evaluation::{Evaluation, SCRATCH};
use super::failure::{Failure, Fallible};
use super::graph::{Node, NodeId};
use super::op::{ImageSource, LocalSource, Op, RemoteSource};
use super::state::{Llb, StateId};
use super::{git, paths, stages, title};
use crate::base::{Reference, go, with_suggestion};
use crate::dockerfile::instruction::{Kind, lower_trigger};
use crate::filesystem::{self, ImagePath, Tree, read_ignore_file};
use crate::image::{Config, Platform, RootFs};
use crate::lint::Fact;
use crate::world::{ImageFacts, NamedContext};

/// Resolves the bases of all that `target` needs, until the triggers of base images need nothing more. Gives what is needed.
pub(crate) fn resolve(eval: &mut Evaluation<'_>, target: StateId) -> Fallible<BTreeSet<StateId>> {
    loop {
        let needed = stages::reachable(eval, target);
        resolve_images(eval, &needed)?;
        let mut again = false;
        for id in needed.iter().copied() {
            inherit(eval, id);
            again |= fire_triggers(eval, id)?;
        }
        if !again {
            return Ok(needed);
        }
    }
}

fn resolve_images(eval: &mut Evaluation<'_>, needed: &BTreeSet<StateId>) -> Fallible<()> {
    for id in 0..eval.states.len() {
        let is_needed = eval.all_stages || needed.contains(&id);
        let target_platform = eval.target_platform.clone();
        let Some(state) = eval.states.get_mut(id) else { continue };
        if state.base.is_some() || state.dispatched || state.resolved {
            continue;
        }
        state.resolved = is_needed;
        if state.base_name == SCRATCH && state.context.is_none() {
            state.llb = Llb::default();
            state.image = empty_image(&target_platform);
            state.platform = Some(target_platform);
            state.dispatched |= state.is_image;
            continue;
        }
        let lines = state.lines.clone();
        resolve_base(eval, id, is_needed).map_err(|e| e.at(&lines))?;
        if let Some(state) = eval.states.get_mut(id) {
            state.dispatched |= state.is_image;
        }
    }
    Ok(())
}

fn resolve_base(eval: &mut Evaluation<'_>, id: StateId, is_needed: bool) -> Fallible<()> {
    let target_platform = eval.target_platform.clone();
    let Some(state) = eval.states.get_mut(id) else { return Ok(()) };
    let written = state.base_name.clone();
    let reference = Reference::parse(&written).map_err(|e| format!("failed to parse stage name {}: {e}", go::quote(&written)))?.tagged();
    let mut platform = state.platform.clone().unwrap_or(target_platform);
    state.base_name = reference.to_string();
    if !is_needed {
        let reference = state.base_name.clone();
        set_image(eval, id, reference, platform);
        return Ok(());
    }
    if let Some((name, context)) = state.context {
        let asked = state.platform.clone();
        let (root, image) = load(eval, id, name, context, asked)?;
        if let Some(state) = eval.states.get_mut(id) {
            state.dispatched = true;
            state.llb = Llb { root, ..Llb::default() };
            if let Some(mut image) = image {
                image.created = None;
                if !image.architecture.is_empty() && !image.os.is_empty() {
                    state.platform = Some(platform_of(&image));
                    state.llb.platform.clone_from(&state.platform);
                }
                apply_config(&mut state.llb, &image);
                state.image = image;
            }
        }
        return Ok(());
    }
    let base_name = state.base_name.clone();
    if let Some((name, context)) = eval.named_context(&base_name)? {
        let (root, image) = load(eval, id, name, context, Some(platform.clone()))?;
        if let Some(state) = eval.states.get_mut(id) {
            state.image = image.unwrap_or_else(|| empty_image(&platform));
            state.image.created = None;
            state.llb = Llb { root, platform: Some(platform.clone()), ..Llb::default() };
            state.platform = Some(platform);
        }
        return Ok(());
    }
    let facts = look_up(eval, &reference).map_err(|e| suggest_image(eval, &written, format!("{written}: {e}")))?;
    let mut image = facts.config;
    image.created = None;
    let given = eval.states.get(id).is_some_and(|state| state.platform.is_some());
    if !given && eval.implicit_platform {
        platform = detect_platform(&image, platform);
    }
    let reference = reference.with_digest(facts.digest).to_string();
    let empty = image.rootfs.diff_ids.as_ref().is_none_or(Vec::is_empty) && image.history.iter().all(|history| history.empty_layer);
    let actual = platform_of(&image);
    if let Some(state) = eval.states.get_mut(id) {
        state.image = image;
        state.base_name.clone_from(&reference);
    }
    if empty {
        if let Some(state) = eval.states.get_mut(id) {
            state.llb = Llb::default();
            state.platform = Some(platform);
        }
        return Ok(());
    }
    set_image(eval, id, reference, platform.clone());
    let Some(state) = eval.states.get(id) else { return Ok(()) };
    let (lines, span) = (state.lines.clone(), state.span);
    eval.see(&Fact::BasePlatform { name: &written, expected: &platform, actual: &actual }, &lines, span);
    Ok(())
}

/// The FROM of an image becomes a node, which counts as a step.
fn set_image(eval: &mut Evaluation<'_>, id: StateId, reference: String, platform: Platform) {
    let multi = eval.multi_platform;
    let Some(state) = eval.states.get_mut(id) else { return };
    let name = title::prefixed(state, &format!("FROM {reference}"), multi, Some(&platform), &[]);
    let op = Op::Image(Box::new(ImageSource { reference, platform: platform.clone(), context: None }));
    let node = Node { stage: state.index, lines: state.lines.clone(), ..Node::internal(op, Vec::new(), name) };
    let node = eval.graph.add(node);
    if let Some(state) = eval.states.get_mut(id) {
        state.llb = Llb { platform: Some(platform.clone()), ..Llb::default() };
        state.platform = Some(platform);
        state.advance(node);
    }
}

fn suggest_image(eval: &Evaluation<'_>, written: &str, message: String) -> Failure {
    let mut options: Vec<String> = eval.titles().map(str::to_owned).collect();
    for name in ["alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"] {
        options.extend([
            name.to_owned(),
            format!("docker.io/library{name}"),
            format!("{name}:latest"),
            format!("docker.io/library{name}:latest"),
        ]);
    }
    with_suggestion(message, written, options.iter().map(String::as_str)).into()
}

/// What an image name stands for, where there is no registry.
fn look_up(eval: &mut Evaluation<'_>, reference: &Reference) -> Result<ImageFacts, String> {
    let name = reference.to_string();
    if !eval.resolved_images.contains(&name) {
        eval.resolved_images.push(name.clone());
    }
    let found = eval.world.images.facts(&name);
    found.ok_or_else(|| format!("failed to resolve source metadata for {name}: {name}: not found"))
}

/// The file system and config of a named context.
fn load(
    eval: &mut Evaluation<'_>,
    id: StateId,
    name: &str,
    context: &NamedContext,
    platform: Option<Platform>,
) -> Fallible<(Option<NodeId>, Option<Config>)> {
    let target_platform = eval.target_platform.clone();
    let platform = || platform.unwrap_or(target_platform);
    match context {
        NamedContext::Image(reference) if reference == SCRATCH => Ok((None, None)),
        NamedContext::Image(written) => {
            let reference = Reference::parse(written)?.tagged();
            let facts = look_up(eval, &reference)?;
            let source = ImageSource { reference: reference.to_string(), platform: platform(), context: Some(name.to_owned()) };
            let node = Node::internal(Op::Image(Box::new(source)), Vec::new(), format!("[context {name}] {written}"));
            Ok((Some(eval.graph.add(node)), Some(facts.config)))
        }
        NamedContext::Layout { image, .. } => {
            let reference = Reference::parse(name)?.with_digest(image.digest).to_string();
            let source = ImageSource { reference, platform: platform(), context: Some(name.to_owned()) };
            let node = Node::internal(Op::Image(Box::new(source)), Vec::new(), format!("[context {name}] OCI load from client"));
            Ok((Some(eval.graph.add(node)), Some(image.config.clone())))
        }
        NamedContext::Local(tree) => {
            let source = LocalSource { name: name.to_owned(), follow_paths: Vec::new(), exclude: ignored(tree) };
            let node = eval.graph.add(Node::internal(Op::Local(source), Vec::new(), format!("[context {name}] load from client")));
            let paths = eval.states.get(id).map_or(0, |state| state.paths);
            eval.local_nodes.push((node, paths));
            Ok((Some(node), None))
        }
        NamedContext::Remote(url) => {
            let node = remote(url, &format!("[context {name}] {url}"))?;
            Ok((Some(eval.graph.add(node)), None))
        }
    }
}

/// A git repository or a download as a context.
pub(crate) fn remote(url: &str, title: &str) -> Fallible<Node> {
    match git::parse(url) {
        Some(git) => Ok(Node::internal(git_op(&git?, None), Vec::new(), format!("[internal] load git source {url}"))),
        None => Ok(Node::internal(http_op(url, "context", ""), Vec::new(), title)),
    }
}

/// `llb.Git`.
pub(crate) fn git_op(git: &git::GitRef, keep_git_dir: Option<bool>) -> Op {
    let mut attributes = BTreeMap::new();
    let mut set = |key: &str, value: &str| {
        if !value.is_empty() {
            attributes.insert(key.to_owned(), value.to_owned());
        }
    };
    set("git.ref", &git.reference);
    set("git.subdir", &git.subdir);
    set("git.checksum", &git.checksum);
    set("git.keepgitdir", if keep_git_dir.or(git.keep_git_dir) == Some(true) { "true" } else { "" });
    set("git.mtime", &git.mtime);
    set("git.fetchbycommit", if git.fetch_by_commit { "true" } else { "" });
    set("git.skipsubmodules", if git.submodules == Some(false) { "true" } else { "" });
    Op::Remote(RemoteSource { url: git.remote.clone(), attributes })
}

/// `llb.HTTP`.
pub(crate) fn http_op(url: &str, file_name: &str, checksum: &str) -> Op {
    let mut attributes = BTreeMap::from([("http.filename".to_owned(), file_name.to_owned())]);
    if !checksum.is_empty() {
        attributes.insert("http.checksum".to_owned(), checksum.to_owned());
    }
    Op::Remote(RemoteSource { url: url.to_owned(), attributes })
}

/// What a stage takes over from the stage it stands on.
pub(crate) fn inherit(eval: &mut Evaluation<'_>, id: StateId) {
    let Some(base) = eval.states.get(id).and_then(|state| state.base) else { return };
    let Some(base) = eval.states.get(base) else { return };
    let (llb, platform, paths, workdir_set) = (base.llb.clone(), base.platform.clone(), base.paths, base.workdir_set);
    let (mut image, build_args) = (base.image.clone(), base.build_args.clone());
    image.config.on_build.clear();
    if let Some(state) = eval.states.get_mut(id) {
        (state.llb, state.platform, state.image, state.paths, state.workdir_set) = (llb, platform, image, paths, workdir_set);
        state.build_args.extend(build_args);
    }
}

/// Triggers of the base become instructions before the stage's own. Whether they need anything new.
fn fire_triggers(eval: &mut Evaluation<'_>, id: StateId) -> Fallible<bool> {
    let Some(state) = eval.states.get(id) else { return Ok(false) };
    let lines = state.lines.clone();
    let mut triggers = state.image.config.on_build.clone();
    if let Some(base) = state.base.filter(|_| !state.onbuild_done).and_then(|base| eval.states.get(base)) {
        triggers.extend(base.commands.iter().filter_map(|command| match &command.instruction.kind {
            Kind::Onbuild(text) => Some(text.clone()),
            _ => None,
        }));
    }
    let has_base = state.base.is_some();
    if let Some(state) = eval.states.get_mut(id) {
        state.onbuild_done |= has_base;
    }
    if triggers.is_empty() {
        return Ok(false);
    }
    let mut commands = Vec::with_capacity(triggers.len());
    let at = |message: String| Failure { message, lines: lines.clone() };
    for trigger in &triggers {
        let mut instruction = lower_trigger(trigger).map_err(&at)?;
        instruction.lines.clone_from(&lines);
        let mut command = stages::command(eval, id, Cow::Owned(instruction)).map_err(|e| at(e.message))?;
        command.is_onbuild = true;
        commands.push(command);
    }
    let needs_more = commands.iter().any(|command| !command.sources.is_empty());
    if let Some(state) = eval.states.get_mut(id) {
        state.steps += commands.len();
        commands.append(&mut state.commands);
        state.commands = commands;
        state.image.config.on_build.clear();
    }
    Ok(needs_more)
}

fn apply_config(llb: &mut Llb, image: &Config) {
    for pair in &image.config.env {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        llb.env.assign(key, value);
    }
    if !image.config.working_dir.is_empty() {
        llb.dir.clone_from(&image.config.working_dir);
    }
}

/// The config of `scratch`.
pub(crate) fn empty_image(platform: &Platform) -> Config {
    let mut image = Config {
        architecture: platform.architecture.clone(),
        os: platform.os.clone(),
        os_version: platform.os_version.clone(),
        variant: platform.variant.clone(),
        rootfs: RootFs { kind: "layers".into(), diff_ids: None },
        ..Config::default()
    };
    image.config.working_dir = "/".into();
    image.config.env = vec![format!("PATH={}", paths::default_path(&platform.os))];
    image
}

pub(crate) fn platform_of(image: &Config) -> Platform {
    Platform {
        os: image.os.clone(),
        architecture: image.architecture.clone(),
        variant: image.variant.clone(),
        os_version: image.os_version.clone(),
    }
}

/// Without `--platform` the base decides, if the builder can run it. The simulated builder runs what it is itself.
fn detect_platform(image: &Config, target: Platform) -> Platform {
    let builder = Platform::builder();
    match image.os == builder.os && image.architecture == builder.architecture {
        true => builder,
        false => target,
    }
}

/// The patterns of a named context's own `.dockerignore`.
fn ignored(tree: &Tree) -> Vec<String> {
    let file = tree.get(&ImagePath::new("/.dockerignore")).and_then(filesystem::Node::as_file);
    let text = file.map(|file| String::from_utf8_lossy(&file.content.head(1 << 20)).into_owned()).unwrap_or_default();
    read_ignore_file(&text).into_iter().map(|line| line.pattern).collect()
}
