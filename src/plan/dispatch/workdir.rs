//! WORKDIR: a directory, made if it is not there.

use super::{Command, Evaluation, Fallible, StateId, commit, expand, lost, see};
use crate::base::go;
use crate::lint::Fact;
use crate::plan::graph::Node;
use crate::plan::op::{FileAction, FileActionKind, FileOp, Op};
use crate::plan::{paths, title};

/// WORKDIR
pub(super) fn workdir(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, path: &str) -> Fallible<()> {
    let path = expand(eval, id, command, path)?;
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    let first = !std::mem::replace(&mut state.workdir_set, true);
    if first && !paths::is_absolute(&path, &state.os()) {
        see(eval, id, command, &Fact::FirstWorkdirRelative { path: &path });
    }
    let directory = enter(eval, id, &path)?;
    if directory == "/" {
        return commit(eval, id, format!("WORKDIR {directory}"), false);
    }
    let (lex, multi, epoch) = (eval.lex, eval.multi_platform, eval.epoch);
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    let env = state.llb.env.clone();
    let text = title::instruction(lex, &command.instruction.text, env.pairs());
    let platform = state.platform.clone();
    let name = title::prefixed(state, &text, multi, platform.as_ref(), env.pairs());
    let kind = FileActionKind::Mkdir { path: go::clean_path(&directory), make_parents: true, timestamp: epoch };
    let action = FileAction { kind, owner: state.image.config.user.clone(), mode: "0755".into() };
    let op = Op::File(FileOp { actions: vec![action], on_scratch: state.llb.root.is_none() });
    let inputs = state.llb.root.into_iter().collect();
    let lines = command.instruction.lines.clone();
    let node = Node { stage: state.index, lines, ..Node::internal(op, inputs, name) };
    state.llb.platform = platform;
    let node = eval.graph.add(node);
    eval.states.get_mut(id).ok_or_else(lost)?.advance(node);
    commit(eval, id, format!("WORKDIR {directory}"), true)
}

/// Changes the working directory only. Gives it with `/` as separator.
pub(crate) fn enter(eval: &mut Evaluation<'_>, id: StateId, path: &str) -> Fallible<String> {
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    let os = state.os();
    let directory = paths::normalize_workdir(&state.image.config.working_dir, path, &os)?;
    let slashed = paths::to_slash(&directory, &os);
    state.image.config.working_dir = directory;
    state.llb.dir.clone_from(&slashed);
    Ok(slashed)
}
