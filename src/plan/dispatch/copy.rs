//! ADD and COPY: BuildKit's `convert_copy.go`.

use super::run::inline_document;
use super::{Command, Evaluation, Fallible, StateId, commit, expand, expand_all, lost, mode, see};
use crate::base::go;
use crate::dockerfile::expand::Lex;
use crate::dockerfile::instruction::{Add, Copy, Heredoc, SourcesAndDest};
use crate::lint::Fact;
use crate::plan::bases::{git_op, http_op};
use crate::plan::graph::{Node, NodeId};
use crate::plan::op::{FileAction, FileActionKind, FileOp, MergeOp, Op};
use crate::plan::{git, paths, title};

/// What both have, expanded.
struct Transfer<'a> {
    keyword: &'static str,
    paths: Vec<String>,
    contents: Vec<Heredoc>,
    dest: String,
    chown: String,
    chmod: String,
    exclude: &'a [String],
    link: bool,
    parents: bool,
    unpack: Option<bool>,
    keep_git_dir: Option<bool>,
    checksum: String,
    /// Where paths are taken from; `None`: an empty scratch.
    source: Option<NodeId>,
    from_context: bool,
}

/// ADD
pub(super) fn add(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, add: &Add) -> Fallible<()> {
    let chown = expand(eval, id, command, &add.chown)?;
    let chmod = expand(eval, id, command, &add.chmod)?;
    let checksum = expand(eval, id, command, &add.checksum)?;
    let (paths, contents, dest) = sources(eval, id, command, &add.sources)?;
    let mut transfer = Transfer {
        keyword: "ADD",
        paths,
        contents,
        dest,
        chown,
        chmod,
        exclude: &add.exclude,
        link: add.link,
        parents: false,
        unpack: add.unpack,
        keep_git_dir: add.keep_git_dir,
        checksum,
        source: Some(eval.context),
        from_context: true,
    };
    transfer_files(eval, id, command, &mut transfer)?;
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    let local = transfer.paths.iter().filter(|path| !path.starts_with("http://") && !path.starts_with("https://"));
    state.context_paths.extend(local.map(|path| go::join_path("/", path)));
    Ok(())
}

/// COPY
pub(super) fn copy(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, copy: &Copy) -> Fallible<()> {
    let chown = expand(eval, id, command, &copy.chown)?;
    let chmod = expand(eval, id, command, &copy.chmod)?;
    let (paths, contents, dest) = sources(eval, id, command, &copy.sources)?;
    let from = command.sources.first().copied();
    let source = match from {
        None => Some(eval.context),
        Some(from) => {
            let (from, state) = (eval.states.get(from).ok_or_else(lost)?, eval.states.get(id).ok_or_else(lost)?);
            if !from.dispatched {
                let (from, stage) = (go::quote(&copy.from), go::quote(&state.title));
                return Err(format!("cannot copy from stage {from}, it needs to be defined before current stage {stage}").into());
            }
            from.llb.root
        }
    };
    let mut transfer = Transfer {
        keyword: "COPY",
        paths,
        contents,
        dest,
        chown,
        chmod,
        exclude: &copy.exclude,
        link: copy.link,
        parents: copy.parents,
        unpack: None,
        keep_git_dir: None,
        checksum: String::new(),
        source,
        from_context: from.is_none(),
    };
    transfer_files(eval, id, command, &mut transfer)?;
    match from {
        Some(from) => transfer.paths.iter().for_each(|path| eval.use_path(from, path)),
        None => {
            let state = eval.states.get_mut(id).ok_or_else(lost)?;
            state.context_paths.extend(transfer.paths.iter().map(|path| go::join_path("/", path)));
        }
    }
    Ok(())
}

type Sources = (Vec<String>, Vec<Heredoc>, String);

fn sources(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, sources: &SourcesAndDest) -> Fallible<Sources> {
    let paths = expand_all(eval, id, command, &sources.paths)?;
    let dest = expand(eval, id, command, &sources.dest)?;
    let mut contents = sources.contents.clone();
    let mut raw = Lex::new('\\');
    raw.skip_process_quotes = true;
    for heredoc in contents.iter_mut().filter(|heredoc| heredoc.expand) {
        heredoc.content = eval.expand(id, command, raw, &heredoc.content)?;
    }
    Ok((paths, contents, dest))
}

fn transfer_files(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, transfer: &mut Transfer<'_>) -> Fallible<()> {
    let state = eval.states.get(id).ok_or_else(lost)?;
    let os = state.os();
    let dest = paths::destination(&state.llb.dir, &transfer.dest, &os)?;
    let mode = mode::parse(&transfer.chmod)?;
    check_checksum(transfer)?;
    if transfer.paths.len() + transfer.contents.len() > 1 && !dest.ends_with('/') {
        see(eval, id, command, &Fact::DestinationNoSlash { keyword: &command.instruction.keyword, destination: &transfer.dest });
    }
    let name = step_name(eval, id, command, "")?;
    let mut files = Files { eval, id, command, os, dest, mode, name, actions: Vec::new(), inputs: Vec::new() };
    for position in 0..transfer.paths.len() {
        let Some(path) = transfer.paths.get(position).cloned() else { continue };
        files.path(transfer, &path)?;
    }
    for heredoc in &transfer.contents {
        files.heredoc(transfer, heredoc)?;
    }
    let Files { actions, inputs, name, .. } = files;
    finish(eval, id, command, transfer, actions, inputs, name)?;
    commit(eval, id, history(transfer), true)
}

fn check_checksum(transfer: &Transfer<'_>) -> Fallible<()> {
    if transfer.checksum.is_empty() {
        return Ok(());
    }
    match transfer.paths.as_slice() {
        [path] if git::is_http(path) || git::is_git(path) || (transfer.keep_git_dir.is_some() && git::parse_known(path).is_some()) => {
            Ok(())
        }
        [_] => Err("checksum requires HTTP(S) or Git sources".into()),
        _ => Err("checksum can't be specified for multiple sources".into()),
    }
}

/// `digest.Parse`.
pub(crate) fn check_digest(text: &str) -> Fallible<()> {
    let invalid = "invalid checksum digest format";
    let (algorithm, hex) = text.split_once(':').ok_or(invalid)?;
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ if algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || b"+._-".contains(&b)) && !algorithm.is_empty() => {
            return Err("unsupported digest algorithm".into());
        }
        _ => return Err(invalid.into()),
    };
    if hex.is_empty() || !hex.bytes().all(|b| b.is_ascii_alphanumeric() || b"=_-".contains(&b)) {
        return Err(invalid.into());
    }
    if hex.len() != length {
        return Err("invalid checksum digest length".into());
    }
    let is_hex = hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if is_hex { Ok(()) } else { Err(invalid.into()) }
}

fn step_name(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, before: &str) -> Fallible<String> {
    let (lex, multi) = (eval.lex, eval.multi_platform);
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    let env = state.llb.env.clone();
    let text = format!("{before}{}", title::instruction(lex, &command.instruction.text, env.pairs()));
    let platform = state.platform.clone();
    Ok(title::prefixed(state, &text, multi, platform.as_ref(), env.pairs()))
}

struct Files<'e, 'c, 'a, 'i> {
    eval: &'e mut Evaluation<'a>,
    id: StateId,
    command: &'c Command<'i>,
    os: String,
    dest: String,
    mode: String,
    name: String,
    actions: Vec<FileAction>,
    /// Sources, in the order of the actions; positions shift by one if there is a stage so far.
    inputs: Vec<NodeId>,
}

/// What differs from a plain copy of one file.
#[derive(Default)]
struct Manner {
    is_local: bool,
    unpack: bool,
    include: Vec<String>,
    required: Vec<String>,
}

impl Files<'_, '_, '_, '_> {
    fn path(&mut self, transfer: &mut Transfer<'_>, path: &str) -> Fallible<()> {
        let found = if transfer.keep_git_dir.is_some() { git::parse_known(path) } else { git::parse(path) };
        match found {
            Some(Err(message)) => return Err(message.into()),
            Some(Ok(git)) if !git.like_a_path => return self.git(transfer, git),
            _ => {}
        }
        if git::is_http(path) {
            if transfer.keyword != "ADD" {
                return Err("source can't be a URL for COPY".into());
            }
            if !transfer.checksum.is_empty() {
                check_digest(&transfer.checksum)?;
            }
            let file = git::file_name(path);
            let node = self.source(http_op(path, &file, &transfer.checksum));
            let manner = Manner { unpack: transfer.unpack == Some(true), ..Manner::default() };
            self.copy(transfer, Some(node), file, manner);
            return Ok(());
        }
        self.local(transfer, path)
    }

    fn git(&mut self, transfer: &mut Transfer<'_>, mut git: git::GitRef) -> Fallible<()> {
        if transfer.keyword != "ADD" {
            return Err("source can't be a git ref for COPY".into());
        }
        match (transfer.keep_git_dir, git.keep_git_dir) {
            (Some(flag), Some(query)) if flag != query => return Err("inconsistent keep-git-dir configuration".into()),
            (_, Some(query)) => transfer.keep_git_dir = Some(query),
            _ => {}
        }
        if !transfer.checksum.is_empty() && !git.checksum.is_empty() && transfer.checksum != git.checksum {
            let (flag, query) = (go::quote(&transfer.checksum), go::quote(&git.checksum));
            return Err(format!("checksum mismatch {flag} != {query}").into());
        }
        if git.checksum.is_empty() {
            git.checksum.clone_from(&transfer.checksum);
        } else {
            transfer.checksum.clone_from(&git.checksum);
        }
        let node = self.source(git_op(&git, transfer.keep_git_dir));
        self.copy(transfer, Some(node), "/".into(), Manner::default());
        Ok(())
    }

    fn source(&mut self, op: Op) -> NodeId {
        let stage = self.eval.states.get(self.id).and_then(|state| state.index);
        let lines = self.command.instruction.lines.clone();
        self.eval.graph.add(Node { stage, lines, ..Node::internal(op, Vec::new(), self.name.clone()) })
    }

    fn local(&mut self, transfer: &Transfer<'_>, path: &str) -> Fallible<()> {
        if transfer.from_context {
            self.see_ignored(transfer, path)?;
        }
        let os = self.os.clone();
        let drive = |e: super::Failure| e.wrap("removing drive letter");
        let mut manner = Manner { is_local: true, unpack: transfer.unpack.unwrap_or(transfer.keyword == "ADD"), ..Manner::default() };
        let mut source = path;
        if transfer.parents {
            let pattern;
            (source, pattern) = path.split_once("/./").unwrap_or(("/", path));
            let pattern = paths::normalize("/", pattern, &os, false).map_err(drive)?;
            if !has_wildcard(source) && !has_wildcard(&pattern) {
                manner.required.push(paths::normalize("/", &go::join_path(source, &pattern), &os, false).map_err(drive)?);
            }
            manner.include.push(pattern.strip_prefix('/').unwrap_or(&pattern).to_owned());
        }
        let from = paths::normalize("/", source, &os, false).map_err(drive)?;
        self.copy(transfer, transfer.source, from, manner);
        Ok(())
    }

    fn see_ignored(&mut self, transfer: &Transfer<'_>, path: &str) -> Fallible<()> {
        let instruction = if transfer.keyword == "ADD" { "Add" } else { "Copy" };
        if self.eval.ignores_source(path)? {
            let path = go::clean_path(path);
            see(self.eval, self.id, self.command, &Fact::IgnoredSource { instruction, path: &path });
        }
        Ok(())
    }

    fn heredoc(&mut self, transfer: &Transfer<'_>, heredoc: &Heredoc) -> Fallible<()> {
        let path = paths::without_drive(&heredoc.name, &self.os, false).map_err(|e| e.wrap("removing drive letter"))?;
        let data = heredoc.content.clone().into_bytes();
        let kind = FileActionKind::Mkfile { path: go::join_path("/", &path), data, timestamp: None };
        let node = self.eval.graph.add(inline_document(kind, "0644"));
        self.copy(transfer, Some(node), path, Manner::default());
        Ok(())
    }

    fn copy(&mut self, transfer: &Transfer<'_>, source: Option<NodeId>, from: String, manner: Manner) {
        let source = source.map(|node| {
            self.inputs.push(node);
            self.inputs.len() - 1
        });
        let kind = FileActionKind::Copy {
            source,
            from: go::clean_path(&from),
            to: paths::clean_destination(&self.dest),
            contents_only: manner.is_local,
            unpack: manner.unpack,
            wildcard: manner.is_local,
            allow_empty_wildcard: manner.is_local,
            create_dest_path: true,
            follow_symlinks: manner.is_local,
            include: manner.include,
            exclude: transfer.exclude.to_vec(),
            required_paths: manner.required,
            timestamp: self.eval.epoch,
        };
        self.actions.push(FileAction { kind, owner: transfer.chown.clone(), mode: self.mode.clone() });
    }
}

/// The step itself; `--link` copies beside the stage and merges.
fn finish(
    eval: &mut Evaluation<'_>,
    id: StateId,
    command: &Command<'_>,
    transfer: &Transfer<'_>,
    mut actions: Vec<FileAction>,
    mut inputs: Vec<NodeId>,
    name: String,
) -> Fallible<()> {
    let state = eval.states.get(id).ok_or_else(lost)?;
    let root = state.llb.root;
    let step = |op: Op, inputs: Vec<NodeId>, name: String| Node {
        stage: state.index,
        lines: command.instruction.lines.clone(),
        ignore_cache: state.ignore_cache,
        setting: None,
        ..Node::internal(op, inputs, name)
    };
    let linked = transfer.link && transfer.chmod.is_empty();
    let on_scratch = linked || root.is_none();
    if let Some(root) = root.filter(|_| !on_scratch) {
        inputs.insert(0, root);
        for action in &mut actions {
            if let FileActionKind::Copy { source: Some(source), .. } = &mut action.kind {
                *source += 1;
            }
        }
    }
    let copied = step(Op::File(FileOp { actions, on_scratch }), inputs, name);
    let (Some(root), true) = (root, linked) else {
        let node = eval.graph.add(copied);
        let state = eval.states.get_mut(id).ok_or_else(lost)?;
        state.advance(node);
        if linked {
            // A merge of one input is that input, which was made for the stage's platform.
            state.llb.platform.clone_from(&state.platform);
        }
        return Ok(());
    };
    let merge = step(Op::Merge(MergeOp { inputs: 2 }), Vec::new(), String::new());
    let copied = eval.graph.add(copied);
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    state.nodes.push(copied);
    state.step = state.step.saturating_sub(1);
    let name = step_name(eval, id, command, "LINK ")?;
    let node = eval.graph.add(Node { inputs: vec![root, copied], name, ..merge });
    eval.states.get_mut(id).ok_or_else(lost)?.advance(node);
    Ok(())
}

fn history(transfer: &Transfer<'_>) -> String {
    let mut text = transfer.keyword.to_owned();
    if transfer.parents {
        text.push_str(" --parents");
    }
    for (flag, value) in [("chown", &transfer.chown), ("chmod", &transfer.chmod)] {
        if !value.is_empty() {
            text.push_str(&format!(" --{flag}={value}"));
        }
    }
    for path in &transfer.paths {
        text.push(' ');
        text.push_str(path);
    }
    for heredoc in &transfer.contents {
        text.push_str(" <<");
        text.push_str(&heredoc.name);
    }
    format!("{text} {} # buildkit", transfer.dest)
}

fn has_wildcard(path: &str) -> bool {
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' | '?' | '[' => return true,
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests() {
        let check = |text: &str| check_digest(text).map_err(|e| e.message);
        assert_eq!(check("sha256:ab"), Err("invalid checksum digest length".into()));
        assert_eq!(check("x"), Err("invalid checksum digest format".into()));
        assert_eq!(check("md5:ab"), Err("unsupported digest algorithm".into()));
        assert_eq!(check(&format!("sha256:{}", "0".repeat(64))), Ok(()));
    }
}
