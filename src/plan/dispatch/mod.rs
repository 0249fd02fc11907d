//! One instruction after the other on a stage: BuildKit's `dispatch`. Each file is a family of instructions.

mod arg;
mod copy;
mod expose;
mod metadata;
mod mode;
mod mounts;
mod run;
mod signal;
mod workdir;

use super::evaluation::Evaluation;
use super::failure::{Failure, Fallible};
use super::state::{Command, StateId};
use crate::base::go;
use crate::dockerfile::instruction::Kind;
use crate::image::{Config, History};
use crate::lint::Fact;

pub(crate) use copy::check_digest;
pub(crate) use workdir::enter as enter_workdir;

/// Executes an instruction on a stage.
pub(crate) fn dispatch(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>) -> Fallible<()> {
    eval.lint.enter(&command.instruction.comments);
    if let Some(state) = eval.states.get_mut(id) {
        state.is_onbuild = command.is_onbuild;
    }
    match &command.instruction.kind {
        Kind::Add(add) => copy::add(eval, id, command, add),
        Kind::Arg(arg) => arg::arg(eval, id, command, arg),
        Kind::Cmd(line) => metadata::cmd(eval, id, command, line),
        Kind::Copy(copy) => copy::copy(eval, id, command, copy),
        Kind::Entrypoint(line) => metadata::entrypoint(eval, id, command, line),
        Kind::Env(pairs) => metadata::env(eval, id, command, pairs),
        Kind::Expose(words) => expose::expose(eval, id, command, words),
        Kind::Healthcheck(check) => metadata::healthcheck(eval, id, command, check),
        Kind::Label(pairs) => metadata::label(eval, id, command, pairs),
        Kind::Maintainer(name) => metadata::maintainer(eval, id, name),
        Kind::Onbuild(text) => metadata::onbuild(eval, id, text),
        Kind::Run(run) => run::run(eval, id, command, run),
        Kind::Shell(words) => metadata::shell(eval, id, words),
        Kind::StopSignal(signal) => metadata::stop_signal(eval, id, command, signal),
        Kind::User(user) => metadata::user(eval, id, command, user),
        Kind::Volume(words) => metadata::volume(eval, id, command, words),
        Kind::Workdir(path) => workdir::workdir(eval, id, command, path),
    }
}

/// A line of the image's history.
fn commit(eval: &mut Evaluation<'_>, id: StateId, created_by: String, with_layer: bool) -> Fallible<()> {
    let created = eval.epoch.map(go::rfc3339);
    if let Some(state) = eval.states.get_mut(id) {
        let comment = "buildkit.dockerfile.v0".to_owned();
        state.image.history.push(History { created, created_by, author: String::new(), comment, empty_layer: !with_layer });
    }
    Ok(())
}

/// The shell form with SHELL in front.
fn with_shell(image: &Config, mut args: Vec<String>) -> Vec<String> {
    let mut words = match image.config.shell.is_empty() {
        false => image.config.shell.clone(),
        true if image.os == "windows" => vec!["cmd".into(), "/S".into(), "/C".into()],
        true => vec!["/bin/sh".into(), "-c".into()],
    };
    words.push(if args.len() == 1 { args.remove(0) } else { args.join(" ") });
    words
}

/// Tells the linter something about this instruction.
fn see(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, fact: &Fact<'_>) {
    let Some((lines, span)) = eval.states.get(id).map(|state| command.place(state)) else { return };
    eval.see(fact, &lines, span);
}

/// A word expanded by the rules of the file.
fn expand(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, word: &str) -> Fallible<String> {
    eval.expand(id, command, eval.lex, word)
}

fn expand_all(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, words: &[String]) -> Fallible<Vec<String>> {
    words.iter().map(|word| expand(eval, id, command, word)).collect()
}

/// An error that cannot be: an id that no state has.
fn lost() -> Failure {
    Failure::new("no such stage")
}
