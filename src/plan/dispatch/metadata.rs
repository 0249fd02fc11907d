//! Instructions that change the image's config only.

use super::{Command, Evaluation, Fallible, StateId, commit, expand, expand_all, lost, see, signal, with_shell};
use crate::base::go;
use crate::dockerfile::instruction::{CommandLine, Healthcheck, KeyValue};
use crate::image;
use crate::lint::Fact;

/// CMD
pub(super) fn cmd(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, line: &CommandLine) -> Fallible<()> {
    let lines = command.instruction.lines.clone();
    let earlier = eval.states.get_mut(id).ok_or_else(lost)?.cmd.replace(lines);
    let args = command_line(eval, id, command, line, earlier)?;
    let config = &mut eval.states.get_mut(id).ok_or_else(lost)?.image.config;
    config.cmd.clone_from(&args);
    config.args_escaped = true;
    commit(eval, id, format!("CMD {}", go::quote_list(&args)), false)
}

/// ENTRYPOINT: takes an inherited CMD away.
pub(super) fn entrypoint(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, line: &CommandLine) -> Fallible<()> {
    let lines = command.instruction.lines.clone();
    let earlier = eval.states.get_mut(id).ok_or_else(lost)?.entrypoint.replace(lines);
    let args = command_line(eval, id, command, line, earlier)?;
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    state.image.config.entrypoint.clone_from(&args);
    if state.cmd.is_none() {
        state.image.config.cmd.clear();
    }
    commit(eval, id, format!("ENTRYPOINT {}", go::quote_list(&args)), false)
}

type Lines = Vec<crate::base::LineRange>;

fn command_line(
    eval: &mut Evaluation<'_>,
    id: StateId,
    command: &Command<'_>,
    line: &CommandLine,
    earlier: Option<Lines>,
) -> Fallible<Vec<String>> {
    let keyword = &command.instruction.keyword;
    if let Some(earlier) = earlier {
        see(eval, id, command, &Fact::Again { keyword, earlier: &earlier });
    }
    if !line.prepend_shell {
        return Ok(line.args.clone());
    }
    let image = &eval.states.get(id).ok_or_else(lost)?.image;
    let (shell, args) = (!image.config.shell.is_empty(), with_shell(image, line.args.clone()));
    see(eval, id, command, &Fact::ShellForm { keyword, shell });
    Ok(args)
}

/// ENV: all words see the values from before the instruction.
pub(super) fn env(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, pairs: &[KeyValue]) -> Fallible<()> {
    let expanded = expand_pairs(eval, id, command, pairs)?;
    let mut created_by = String::from("ENV");
    for (pair, (key, value)) in pairs.iter().zip(&expanded) {
        see(eval, id, command, &Fact::Pair { keyword: &command.instruction.keyword, legacy: pair.legacy });
        see(eval, id, command, &Fact::Sets { instruction: "ENV", name: key });
        created_by.push_str(&format!(" {key}={value}"));
        let state = eval.states.get_mut(id).ok_or_else(lost)?;
        state.llb.env.assign(key, value);
        let env = &mut state.image.config.env;
        let text = format!("{key}={value}");
        match env.iter_mut().find(|known| known.split('=').next() == Some(key)) {
            Some(known) => *known = text,
            None => env.push(text),
        }
    }
    commit(eval, id, created_by, false)
}

/// LABEL
pub(super) fn label(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, pairs: &[KeyValue]) -> Fallible<()> {
    let expanded = expand_pairs(eval, id, command, pairs)?;
    let mut created_by = String::from("LABEL");
    for (pair, (key, value)) in pairs.iter().zip(expanded) {
        see(eval, id, command, &Fact::Pair { keyword: &command.instruction.keyword, legacy: pair.legacy });
        created_by.push_str(&format!(" {key}={value}"));
        eval.states.get_mut(id).ok_or_else(lost)?.image.config.labels.insert(key, value);
    }
    commit(eval, id, created_by, false)
}

fn expand_pairs(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, pairs: &[KeyValue]) -> Fallible<Vec<(String, String)>> {
    pairs.iter().map(|pair| Ok((expand(eval, id, command, &pair.key)?, expand(eval, id, command, &pair.value)?))).collect()
}

/// HEALTHCHECK
pub(super) fn healthcheck(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, check: &Healthcheck) -> Fallible<()> {
    let lines = command.instruction.lines.clone();
    if let Some(earlier) = eval.states.get_mut(id).ok_or_else(lost)?.healthcheck.replace(lines) {
        see(eval, id, command, &Fact::Again { keyword: &command.instruction.keyword, earlier: &earlier });
    }
    let created_by = format!(
        "HEALTHCHECK {{Test:[{}] Interval:{} Timeout:{} StartPeriod:{} StartInterval:{} Retries:{}}}",
        check.test.join(" "),
        go::duration(check.interval),
        go::duration(check.timeout),
        go::duration(check.start_period),
        go::duration(check.start_interval),
        check.retries
    );
    eval.states.get_mut(id).ok_or_else(lost)?.image.config.healthcheck = Some(image::Healthcheck {
        test: check.test.clone(),
        interval: check.interval,
        timeout: check.timeout,
        start_period: check.start_period,
        start_interval: check.start_interval,
        retries: check.retries,
    });
    commit(eval, id, created_by, false)
}

/// MAINTAINER
pub(super) fn maintainer(eval: &mut Evaluation<'_>, id: StateId, name: &str) -> Fallible<()> {
    eval.states.get_mut(id).ok_or_else(lost)?.image.author = name.to_owned();
    commit(eval, id, format!("MAINTAINER {name}"), false)
}

/// ONBUILD: kept for the children, not in the history.
pub(super) fn onbuild(eval: &mut Evaluation<'_>, id: StateId, text: &str) -> Fallible<()> {
    eval.states.get_mut(id).ok_or_else(lost)?.image.config.on_build.push(text.to_owned());
    Ok(())
}

/// SHELL
pub(super) fn shell(eval: &mut Evaluation<'_>, id: StateId, words: &[String]) -> Fallible<()> {
    eval.states.get_mut(id).ok_or_else(lost)?.image.config.shell = words.to_vec();
    commit(eval, id, format!("SHELL [{}]", words.join(" ")), false)
}

/// STOPSIGNAL
pub(super) fn stop_signal(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, text: &str) -> Fallible<()> {
    let text = expand(eval, id, command, text)?;
    signal::check(&text)?;
    eval.states.get_mut(id).ok_or_else(lost)?.image.config.stop_signal.clone_from(&text);
    commit(eval, id, format!("STOPSIGNAL {text}"), false)
}

/// USER
pub(super) fn user(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, user: &str) -> Fallible<()> {
    let user = expand(eval, id, command, user)?;
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    state.llb.user.clone_from(&user);
    state.image.config.user.clone_from(&user);
    commit(eval, id, format!("USER {user}"), false)
}

/// VOLUME
pub(super) fn volume(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, words: &[String]) -> Fallible<()> {
    let words = expand_all(eval, id, command, words)?;
    if words.iter().any(String::is_empty) {
        return Err("VOLUME specified can not be an empty string".into());
    }
    let state = eval.states.get_mut(id).ok_or_else(lost)?;
    state.image.config.volumes.extend(words.iter().map(|word| (word.clone(), Default::default())));
    commit(eval, id, format!("VOLUME [{}]", words.join(" ")), false)
}
