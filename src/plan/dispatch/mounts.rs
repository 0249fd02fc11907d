//! The mounts of a RUN: BuildKit's `convert_runmount.go`, `convert_secrets.go`, `convert_ssh.go`.

use super::run::{Mounted, Wanted};
use super::{Command, Evaluation, Fallible, StateId, lost};
use crate::base::go;
use crate::dockerfile::instruction::{Mount as Spec, MountType, Run, Sharing, parse_mount};
use crate::plan::graph::{Node, NodeId};
use crate::plan::op::{FileAction, FileActionKind, FileOp, Mount, MountKind, Op};
use crate::plan::paths;

/// Reads the mounts, their words expanded.
pub(super) fn parse(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, run: &Run) -> Fallible<Vec<Spec>> {
    let mut specs = Vec::with_capacity(run.mounts.len());
    for value in &run.mounts {
        let spec = parse_mount(value, |word| eval.expand(id, command, eval.lex, word).map_err(|e| e.message))?;
        specs.push(spec);
    }
    Ok(specs)
}

/// Turns them into mounts of the process.
pub(super) fn add(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, specs: Vec<Spec>, mounted: &mut Mounted) -> Fallible<()> {
    for (position, spec) in specs.into_iter().enumerate() {
        let source = command.sources.get(position).copied();
        let is_from = !spec.from.is_empty() || spec.kind == MountType::Cache;
        if is_from && source.and_then(|source| eval.states.get(source)).is_some_and(|source| !source.dispatched) {
            let (from, target) = (if spec.from.is_empty() { "scratch" } else { &spec.from }, &spec.target);
            let (from, target) = (go::quote(from), go::quote(target));
            let message = format!("cannot mount from stage {from} to {target}, stage needs to be defined before current command");
            return Err(message.into());
        }
        match spec.kind {
            MountType::Secret => secret(eval, id, command, &spec, mounted)?,
            MountType::Ssh => ssh(eval, id, command, &spec, mounted)?,
            MountType::Bind | MountType::Cache | MountType::Tmpfs => {
                let wanted = directory(eval, id, source, &spec)?;
                mounted.mounts.push(wanted);
            }
        }
    }
    Ok(())
}

fn directory(eval: &mut Evaluation<'_>, id: StateId, source: Option<StateId>, spec: &Spec) -> Fallible<Wanted> {
    let from_state = !spec.from.is_empty() || spec.kind == MountType::Cache;
    let mut input = match source.and_then(|source| eval.states.get(source)) {
        Some(source) if from_state => source.llb.root,
        _ => Some(eval.context),
    };
    let state = eval.states.get(id).ok_or_else(lost)?;
    let kind = match spec.kind {
        MountType::Tmpfs => {
            input = None;
            MountKind::Tmpfs { size: u64::try_from(spec.size_limit).ok().filter(|size| *size > 0) }
        }
        MountType::Cache => {
            let namespace = eval.build_args.get("BUILDKIT_CACHE_MOUNT_NS").map_or("", String::as_str);
            let name = if spec.cache_id.is_empty() { go::clean_path(&spec.target) } else { spec.cache_id.clone() };
            let sharing = match spec.sharing {
                Some(Sharing::Private) => "private",
                Some(Sharing::Locked) => "locked",
                Some(Sharing::Shared) | None => "shared",
            };
            MountKind::Cache { id: format!("{namespace}/{name}"), sharing: sharing.into() }
        }
        _ => MountKind::Bind,
    };
    let target = match paths::is_absolute(&spec.target, &state.os()) {
        true => spec.target.clone(),
        false => go::clean_path(&format!("/{}/{}", state.llb.dir, spec.target)),
    };
    if target == "/" {
        return Err(format!("invalid mount target {}", go::quote(&target)).into());
    }
    let mut selector = go::join_path("/", &spec.source);
    if selector == "/" {
        selector.clear();
        if spec.uid.is_some() || spec.gid.is_some() || spec.mode.is_some() {
            input = Some(cache_directory(eval, spec, input));
            selector = "/cache".into();
        }
    }
    if from_state {
        if let Some(source) = source {
            eval.use_path(source, &spec.source);
        }
    } else if let Some(state) = eval.states.get_mut(id) {
        state.context_paths.insert(go::join_path("/", &spec.source));
    }
    let discard = spec.kind == MountType::Bind && !spec.read_only;
    Ok(Wanted { mount: Mount { target, kind, input: None, source: selector, readonly: spec.read_only, discard }, input })
}

/// A directory with the owner and mode that a cache begins with.
fn cache_directory(eval: &mut Evaluation<'_>, spec: &Spec, input: Option<NodeId>) -> NodeId {
    let kind = FileActionKind::Mkdir { path: "/cache".into(), make_parents: false, timestamp: None };
    let owner = format!("{}:{}", spec.uid.unwrap_or(0), spec.gid.unwrap_or(0));
    let action = FileAction { kind, owner, mode: format!("{:04o}", spec.mode.unwrap_or(0o755)) };
    let op = Op::File(FileOp { actions: vec![action], on_scratch: input.is_none() });
    eval.graph.add(Node::internal(op, input.into_iter().collect(), "[internal] setting cache mount permissions"))
}

fn secret(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, spec: &Spec, mounted: &mut Mounted) -> Fallible<()> {
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    let target = paths::to_slash(&spec.target, &state.os());
    let name = match (spec.source.as_str(), spec.cache_id.as_str()) {
        ("", "") if target.is_empty() => return Err("one of source, target required".into()),
        ("", "") => go::base_name(&target).to_owned(),
        ("", id) => id.to_owned(),
        (source, _) => source.to_owned(),
    };
    let lines = command.instruction.lines.clone();
    state.outline.secrets.entry(name.clone()).or_insert((spec.required, lines));
    if let Some(variable) = &spec.env {
        mounted.secret_env.push((variable.clone(), name.clone(), spec.required));
    }
    if spec.env.is_none() || !target.is_empty() {
        let target = if target.is_empty() { format!("/run/secrets/{}", go::base_name(&name)) } else { target };
        let (uid, gid, mode) = (spec.uid.unwrap_or(0), spec.gid.unwrap_or(0), spec.mode.unwrap_or(0o400));
        let kind = MountKind::Secret { id: name, uid, gid, mode, required: spec.required };
        mounted.last.push(Mount { target, kind, input: None, source: String::new(), readonly: false, discard: true });
    }
    Ok(())
}

fn ssh(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, spec: &Spec, mounted: &mut Mounted) -> Fallible<()> {
    if !spec.source.is_empty() {
        return Err("ssh does not support source".into());
    }
    let name = if spec.cache_id.is_empty() { "default" } else { &spec.cache_id };
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    let lines = command.instruction.lines.clone();
    state.outline.ssh.entry(name.to_owned()).or_insert((spec.required, lines));
    let target = match spec.target.as_str() {
        "" => format!("/run/buildkit/ssh_agent.{}", mounted.agents.len()),
        target => target.to_owned(),
    };
    mounted.agents.push(target.clone());
    let (uid, gid, mode) = (spec.uid.unwrap_or(0), spec.gid.unwrap_or(0), spec.mode.unwrap_or(0o600));
    let kind = MountKind::Ssh { id: name.to_owned(), uid, gid, mode, required: spec.required };
    mounted.last.push(Mount { target, kind, input: None, source: String::new(), readonly: false, discard: true });
    Ok(())
}
