//! RUN: a process on the stage's file system.

use super::{Command, Evaluation, Fallible, StateId, commit, lost, mounts, with_shell};
use crate::base::Case;
use crate::base::go;
use crate::dockerfile::instruction::{MountType, Run};
use crate::dockerfile::parse_mark;
use crate::plan::env::Env;
use crate::plan::graph::{Node, NodeId};
use crate::plan::op::{ExecOp, FileAction, FileActionKind, FileOp, Mount, MountKind, Op};
use crate::plan::state::BuildArg;
use crate::plan::title;

/// A mount whose input is still a node.
pub(super) struct Wanted {
    pub mount: Mount,
    pub input: Option<NodeId>,
}

/// What the mounts of a RUN come to.
#[derive(Default)]
pub(super) struct Mounted {
    /// Beside the root.
    pub mounts: Vec<Wanted>,
    /// Secrets and ssh: behind all others.
    pub last: Vec<Mount>,
    pub secret_env: Vec<(String, String, bool)>,
    /// Targets of agents' sockets.
    pub agents: Vec<String>,
}

/// RUN
pub(super) fn run(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, run: &Run) -> Fallible<()> {
    let specs = mounts::parse(eval, id, command, run)?;
    eval.use_path(id, "/");
    let mut mounted = Mounted::default();
    let (mut args, summary) = script(eval, id, run, &mut mounted)?;
    let state = eval.states.get(id).ok_or_else(lost)?;
    if run.command.prepend_shell {
        args = with_shell(&state.image, args);
    }
    let env = state.llb.env.clone();
    let secrets = specs.iter().filter(|spec| spec.kind == MountType::Secret);
    let masked = secrets.filter_map(|spec| spec.env.as_deref()).fold(env.clone(), |env, name| env.set(name, "****"));
    mounts::add(eval, id, command, specs, &mut mounted)?;
    if !run.devices.is_empty() {
        return Err("device feature is only supported in Dockerfile frontend 1.14.0-labs or later".into());
    }
    let name = name(eval, id, command, &summary, &env, &masked)?;
    let history = history(&args, &eval.states.get(id).ok_or_else(lost)?.build_args, &env);
    let node = node(eval, id, command, run, args, mounted, name)?;
    let node = eval.graph.add(node);
    eval.states.get_mut(id).ok_or_else(lost)?.advance(node);
    commit(eval, id, history, true)
}

/// The words of the process, and what the title says of its heredoc.
fn script(eval: &mut Evaluation<'_>, id: StateId, run: &Run, mounted: &mut Mounted) -> Fallible<(Vec<String>, String)> {
    let line = &run.command;
    let ([first, ..], [text]) = (line.heredocs.as_slice(), line.args.as_slice()) else { return Ok((line.args.clone(), String::new())) };
    if parse_mark(text).is_none() {
        // The shell reads the bodies itself.
        let mut script = text.clone();
        for heredoc in &line.heredocs {
            script.push('\n');
            script.push_str(&heredoc.content);
            script.push_str(&heredoc.name);
        }
        return Ok((vec![script], String::new()));
    }
    let body = first.body();
    let summary = format!(" ({})", summarize(&first.content));
    let windows = eval.states.get(id).is_some_and(|state| state.image.os == "windows");
    if windows || !body.starts_with("#!") {
        return Ok((vec![body], summary));
    }
    let kind = FileActionKind::Mkfile { path: go::join_path("/", &first.name), data: body.into_bytes(), timestamp: None };
    let node = eval.graph.add(inline_document(kind, "0755"));
    let mount =
        Mount { target: "/dev/pipes/".into(), kind: MountKind::Bind, input: None, source: "/".into(), readonly: true, discard: false };
    mounted.mounts.push(Wanted { mount, input: Some(node) });
    Ok((vec![go::join_path("/dev/pipes/", &first.name)], summary))
}

/// The file that a heredoc becomes.
pub(super) fn inline_document(kind: FileActionKind, mode: &str) -> Node {
    let action = FileAction { kind, owner: String::new(), mode: mode.to_owned() };
    Node::internal(Op::File(FileOp { actions: vec![action], on_scratch: true }), Vec::new(), "[internal] preparing inline document")
}

fn summarize(content: &str) -> String {
    let content = content.trim().replace("\r\n", "\n");
    match content.split_once('\n') {
        Some((first, _)) => format!("{first}..."),
        None => content,
    }
}

fn name(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, summary: &str, env: &Env, masked: &Env) -> Fallible<String> {
    let mut lex = eval.lex;
    (lex.raw_quotes, lex.skip_unset_env) = (true, true);
    let written = &command.instruction.text;
    let text = match summary {
        "" => title::instruction(lex, written, masked.pairs()),
        summary => title::instruction(lex, &format!("{written}{summary}"), masked.pairs()),
    };
    let multi = eval.multi_platform;
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    let platform = if multi { state.llb.platform.clone() } else { None };
    Ok(title::prefixed(state, &text, multi, platform.as_ref(), env.pairs()))
}

fn node(
    eval: &mut Evaluation<'_>,
    id: StateId,
    command: &Command<'_>,
    run: &Run,
    args: Vec<String>,
    mut mounted: Mounted,
    name: String,
) -> Fallible<Node> {
    let request = eval.request;
    let state = eval.states.get(id).ok_or_else(lost)?;
    let mut env = state.llb.env.clone();
    if let Some(agent) = mounted.agents.first().filter(|_| env.get("SSH_AUTH_SOCK").is_none()) {
        env = env.set("SSH_AUTH_SOCK", agent);
    }
    if let Some(size) = request.shm_size.filter(|size| *size > 0) {
        let kind = MountKind::Tmpfs { size: Some(size) };
        let mount = Mount { target: "/dev/shm".into(), kind, input: None, source: String::new(), readonly: false, discard: true };
        mounted.mounts.push(Wanted { mount, input: None });
    }
    let root = Mount { target: "/".into(), kind: MountKind::Root, input: None, source: String::new(), readonly: false, discard: false };
    mounted.mounts.insert(0, Wanted { mount: root, input: state.llb.root });
    crate::base::sort_by(&mut mounted.mounts, |a, b| a.mount.target.cmp(&b.mount.target));
    let (mut inputs, mut mounts) = (Vec::new(), Vec::new());
    for Wanted { mut mount, input } in mounted.mounts {
        mount.input = input.map(|input| {
            inputs.push(input);
            inputs.len() - 1
        });
        mounts.push(mount);
    }
    mounts.extend(mounted.last);
    let network = match &*run.network {
        "none" | "host" => run.network.clone(),
        _ if matches!(request.network.as_str(), "none" | "host") => request.network.clone().into(),
        _ => "sandbox".into(),
    };
    let defect = match (args.is_empty(), command.instruction.invalid_utf8) {
        (true, _) => Some("arguments are required"),
        (_, true) => Some("string field contains invalid UTF-8"),
        _ => None,
    };
    let exec = ExecOp {
        args,
        env: env.flat(),
        cwd: state.llb.dir.clone(),
        user: state.llb.user.clone(),
        hostname: eval.build_args.get("BUILDKIT_SANDBOX_HOSTNAME").cloned().unwrap_or_default(),
        network,
        security: if run.security == "insecure" { "insecure".into() } else { "sandbox".into() },
        mounts,
        secret_env: mounted.secret_env,
        proxy_env: proxies(eval),
        extra_hosts: request.add_hosts.iter().filter_map(|host| host_and_address(host)).collect(),
        ulimits: request.ulimits.clone(),
        cgroup_parent: request.cgroup_parent.clone(),
        shm_size: request.shm_size,
        devices: Vec::new(),
        platform: state.llb.platform.clone().unwrap_or_else(|| eval.target_platform.clone()),
    };
    Ok(Node {
        stage: state.index,
        lines: command.instruction.lines.clone(),
        ignore_cache: state.ignore_cache,
        setting: None,
        defect,
        ..Node::internal(Op::Exec(Box::new(exec)), inputs, name)
    })
}

/// Proxies that are given need no ARG and do not count for the cache.
fn proxies(eval: &Evaluation<'_>) -> Vec<(String, String)> {
    let is_proxy =
        |key: &str| ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"].iter().any(|name| key.eq_ignore_ascii_case(name));
    // Of both spellings the later one in order counts: the small one.
    let mut found: Vec<(String, String)> = Vec::new();
    for (key, value) in eval.build_args.iter().filter(|(key, _)| is_proxy(key)) {
        let key = key.upper();
        found.retain(|(known, _)| *known != key);
        found.push((key, value.clone()));
    }
    found
}

fn host_and_address(text: &str) -> Option<(String, String)> {
    let (host, address) = text.split_once([':', '='])?;
    Some((host.to_owned(), address.trim_matches(['[', ']']).to_owned()))
}

/// `RUN |2 A=1 B=2 /bin/sh -c … # buildkit`: every ARG in scope stands before the words.
fn history(args: &[String], build_args: &[BuildArg], env: &Env) -> String {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for (key, value) in build_args {
        let value = env.get(key).or(value.as_deref()).unwrap_or_default();
        let text = format!("{key}={value}");
        match pairs.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = text,
            None => pairs.push((key, text)),
        }
    }
    let words: usize = args.iter().map(|word| word.len() + 1).sum();
    let mut text = String::with_capacity(words + 16);
    text.push_str("RUN");
    if !pairs.is_empty() {
        text.push_str(&format!(" |{}", pairs.len()));
    }
    for word in pairs.iter().map(|(_, text)| text).chain(args) {
        text.push(' ');
        text.push_str(word);
    }
    if args.is_empty() {
        text.push(' ');
    }
    text.push_str(" # buildkit");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_line_of_a_document() {
        assert_eq!(summarize("\n a\nb\n"), "a...");
        assert_eq!(summarize("a\n"), "a");
    }
}
