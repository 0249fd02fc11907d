//! SOURCE_DATE_EPOCH: a number, or a name whose source would know. BuildKit's `epoch.go`.
//!
//! Times of commits and downloads are not simulated: such a source gives no epoch.

use super::env::Env;
use super::evaluation::{Evaluation, SCRATCH};
use super::failure::{Failure, Fallible};
use super::git;
use crate::base::Reference;
use crate::dockerfile::instruction::{Add, Instruction, Kind, Stage};

const NAME: &str = "SOURCE_DATE_EPOCH";

/// Sets the epoch, and the build-arg or global of that name to what it came to.
pub(crate) fn resolve(eval: &mut Evaluation<'_>) -> Fallible<()> {
    let global = eval.globals.get(NAME).filter(|value| !value.is_empty()).map(str::to_owned);
    let Some(value) = eval.build_args.get(NAME).cloned().or(global) else { return Ok(()) };
    eval.epoch = find(eval, &value)?;
    let text = eval.epoch.map(|seconds| seconds.to_string());
    match (&text, eval.build_args.get_mut(NAME)) {
        (Some(text), Some(given)) => given.clone_from(text),
        (None, _) => drop(eval.build_args.remove(NAME)),
        (Some(_), None) => {}
    }
    if eval.globals.get(NAME).is_some() {
        eval.globals = match &text {
            Some(text) => eval.globals.set(NAME, text),
            None => eval.globals.without(NAME),
        };
    }
    Ok(())
}

fn find(eval: &Evaluation<'_>, value: &str) -> Fallible<Option<i64>> {
    if let Ok(seconds) = value.parse::<i64>() {
        return Ok(Some(seconds));
    }
    if value.is_empty() || value == "context" {
        return Ok(None);
    }
    Reference::parse(value).map_err(|e| format!("invalid context name {value}: {e}"))?;
    if eval.named_context(value)?.is_some() {
        return Ok(None);
    }
    match eval.file.stages.iter().find(|stage| stage.name.eq_ignore_ascii_case(value)) {
        Some(stage) => check_stage(eval, stage).map(|()| None).map_err(|e| e.at(&stage.lines)),
        None => Err(format!("invalid SOURCE_DATE_EPOCH: {value}").into()),
    }
}

/// The stage must be `FROM scratch`, ARGs, and exactly one ADD from afar.
fn check_stage(eval: &Evaluation<'_>, stage: &Stage) -> Fallible<()> {
    const ONE: &str = "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD";
    let mut env = eval.globals.without(NAME);
    let base = word(eval, &stage.base_name, &env)?;
    if base != SCRATCH {
        return Err("SOURCE_DATE_EPOCH stage must use FROM scratch".into());
    }
    let mut found = false;
    for Instruction { kind, keyword, .. } in &stage.instructions {
        match kind {
            Kind::Arg(arg) => {
                for arg in &arg.args {
                    env = match (eval.build_args.get(&arg.key), &arg.value) {
                        (Some(given), _) => env.set(&arg.key, given),
                        (None, Some(default)) => env.set(&arg.key, &word(eval, default, &env)?),
                        (None, None) => env,
                    };
                }
            }
            Kind::Add(_) if found => return Err(ONE.into()),
            Kind::Add(add) => {
                check_source(eval, add, &env)?;
                found = true;
            }
            _ => {
                let message = "SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported";
                return Err(format!("{message} {keyword} instruction").into());
            }
        }
    }
    if found { Ok(()) } else { Err(ONE.into()) }
}

fn check_source(eval: &Evaluation<'_>, add: &Add, env: &Env) -> Fallible<()> {
    let ([path], []) = (add.sources.paths.as_slice(), add.sources.contents.as_slice()) else {
        return Err("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD source".into());
    };
    let path = word(eval, path, env)?;
    let found = if add.keep_git_dir.is_some() { git::parse_known(&path) } else { git::parse(&path) };
    match found {
        Some(Ok(git)) if !git.like_a_path => Ok(()),
        Some(Err(message)) => Err(message.into()),
        _ if git::is_http(&path) => match word(eval, &add.checksum, env)?.as_str() {
            "" => Ok(()),
            checksum => super::dispatch::check_digest(checksum),
        },
        _ => Err("SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD".into()),
    }
}

fn word(eval: &Evaluation<'_>, text: &str, env: &Env) -> Fallible<String> {
    eval.lex.process_word(text, env.pairs()).map_err(|e| Failure::new(e.message))
}
