//! FROM lines -> states: bases expanded, `--from` resolved, the graph of stages. BuildKit's `buildDispatchStates` and what
//! follows it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::Dfs;

use super::args::ArgInfo;
use super::evaluation::{Evaluation, SCRATCH};
use super::failure::{Failure, Fallible};
use super::state::{Command, OutlineFacts, State, StateId};
use crate::base::{LineRange, go, suggest, with_suggestion};
use crate::dockerfile::expand::{Expansion, Lex};
use crate::dockerfile::instruction::{Instruction, Kind, Stage, mount_from};
use crate::image::Platform;
use crate::lint::Fact;

/// One state a FROM.
pub(crate) fn build_states(eval: &mut Evaluation<'_>) -> Fallible<()> {
    let file = eval.file;
    let all: std::sync::Arc<std::collections::BTreeMap<String, ArgInfo>> = std::sync::Arc::new(eval.global_args.clone());
    for (index, stage) in file.stages.iter().enumerate() {
        eval.lint.enter(&stage.comments);
        let mut used = BTreeSet::new();
        let base_name = base_name(eval, stage, &mut used).map_err(|e| e.at(&stage.lines))?;
        let paths = eval.new_paths();
        let mut state = State::new(base_name, paths);
        state.stage = Some(stage);
        state.index = Some(index);
        state.lines.clone_from(&stage.lines);
        state.span = stage.span;
        state.title.clone_from(&stage.name);
        state.outline = OutlineFacts { args: all.clone(), ..OutlineFacts::default() };
        if !stage.platform.is_empty() {
            state.platform = Some(platform(eval, stage, &mut used)?);
        }
        if !stage.name.is_empty()
            && let Some(context) = eval.named_context(&stage.name)?
        {
            state.context = Some(context);
            let id = eval.add_state(state);
            if let Some(state) = eval.states.get_mut(id) {
                state.base = None;
            }
            continue;
        }
        if stage.name.is_empty() {
            state.title = format!("stage-{index}");
        }
        state.ignore_cache = ignores_cache(eval, &stage.name);
        let id = eval.add_state(state);
        let Some(state) = eval.states.get_mut(id) else { continue };
        std::sync::Arc::make_mut(&mut state.outline.used).append(&mut used);
        let counts = |kind: &Kind| matches!(kind, Kind::Add(_) | Kind::Copy(_) | Kind::Run(_) | Kind::Workdir(_));
        let steps = stage.instructions.iter().filter(|instruction| counts(&instruction.kind)).count();
        state.steps = steps + usize::from(state.base_name != SCRATCH && state.base.is_none());
    }
    eval.lint.enter(&[]);
    Ok(())
}

fn ignores_cache(eval: &Evaluation<'_>, name: &str) -> bool {
    let request = eval.request;
    request.no_cache || request.no_cache_filter.iter().any(|filter| filter.eq_ignore_ascii_case(name))
}

fn base_name(eval: &mut Evaluation<'_>, stage: &Stage, used: &mut BTreeSet<String>) -> Fallible<String> {
    let result = eval.lex.process(&stage.base_name, eval.globals.pairs());
    let unmatched = result.as_ref().map_or_else(|e| &e.unmatched, |x| &x.unmatched).clone();
    see_undeclared(eval, stage, &unmatched);
    let expansion = result.map_err(|e| Failure::new(e.message))?;
    if expansion.text.is_empty() {
        return Err(format!("base name ({}) should not be blank", stage.base_name).into());
    }
    used.extend(expansion.matched);
    Ok(expansion.text)
}

fn platform(eval: &mut Evaluation<'_>, stage: &Stage, used: &mut BTreeSet<String>) -> Fallible<Platform> {
    let result = eval.lex.process(&stage.platform, eval.globals.pairs());
    let unmatched = result.as_ref().map_or_else(|e| &e.unmatched, |x| &x.unmatched).clone();
    see_undeclared(eval, stage, &unmatched);
    let expansion = result.map_err(|e| Failure::new(e.message).wrap("failed to process arguments for platform ").at(&stage.lines))?;
    see_platform(eval, stage, &expansion);
    let suggested = |message: String| {
        let near = expansion.unmatched.iter().find_map(|name| suggest(name, eval.globals.keys()));
        near.map_or(message.clone(), |near| format!("{message} (did you mean {near}?)"))
    };
    if expansion.text.is_empty() {
        let message = suggested(format!("empty platform value from expression {}", stage.platform));
        return Err(Failure::new(message).at(&stage.lines));
    }
    match Platform::parse(&expansion.text) {
        Ok(platform) => {
            used.extend(expansion.matched);
            Ok(platform)
        }
        Err(message) => {
            let message = format!("failed to parse platform {}: {}", stage.platform, suggested(message));
            Err(Failure::new(message).at(&stage.lines))
        }
    }
}

fn see_undeclared(eval: &mut Evaluation<'_>, stage: &Stage, unmatched: &BTreeSet<String>) {
    let mut known: BTreeSet<String> = crate::base::set_of(eval.global_args.keys().cloned());
    known.extend(eval.globals.keys().map(str::to_owned));
    for name in unmatched.iter().filter(|name| !known.contains(*name)) {
        let near = suggest(name, known.iter().map(String::as_str));
        let declare_at = eval.file.stages.first().map_or(0, |first| first.span.start);
        eval.see(&Fact::UndeclaredInFrom { name, near, declare_at }, &stage.lines, stage.span);
    }
}

fn see_platform(eval: &mut Evaluation<'_>, stage: &Stage, expansion: &Expansion) {
    if expansion.matched.len() == 1
        && expansion.unmatched.is_empty()
        && expansion.matched.contains("TARGETPLATFORM")
        && eval.globals.get("TARGETPLATFORM") == Some(&expansion.text)
    {
        eval.see(&Fact::TargetPlatform { written: &stage.platform }, &stage.lines, stage.span);
    }
    if expansion.matched.is_empty()
        && expansion.unmatched.is_empty()
        && let Ok(platform) = Platform::parse(&expansion.text)
    {
        let fact = Fact::ConstantPlatform { value: &expansion.text, stage: &stage.name, platform: &platform };
        eval.see(&fact, &stage.lines, stage.span);
    }
}

/// The state that is asked for: `--target`, else the last.
pub(crate) fn target(eval: &Evaluation<'_>) -> Fallible<StateId> {
    match eval.request.target.as_deref().filter(|target| !target.is_empty()) {
        None => Ok(eval.states.len().saturating_sub(1)),
        Some(target) => eval.find(target).ok_or_else(|| {
            let message = format!("target stage {} could not be found", go::quote(target));
            with_suggestion(message, target, eval.titles()).into()
        }),
    }
}

/// Finds the sources of all instructions, adds the images among them, refuses circles.
pub(crate) fn connect(eval: &mut Evaluation<'_>) -> Fallible<()> {
    for id in 0..eval.states.len() {
        let Some(stage) = eval.states.get(id).and_then(|state| state.stage) else { continue };
        for instruction in &stage.instructions {
            let command = command(eval, id, Cow::Borrowed(instruction))?;
            if let Some(state) = eval.states.get_mut(id) {
                state.commands.push(command);
            }
        }
    }
    refuse_circles(eval)?;
    if let [only] = eval.states.as_mut_slice() {
        only.title.clear();
    }
    Ok(())
}

/// An instruction with its sources; those that are no stages become states of their own.
pub(crate) fn command<'a>(eval: &mut Evaluation<'a>, id: StateId, instruction: Cow<'a, Instruction>) -> Fallible<Command<'a>> {
    let mut sources = Vec::new();
    match &instruction.kind {
        Kind::Copy(copy) if !copy.from.is_empty() => {
            let expanded = Lex::new(eval.file.escape).process_word(&copy.from, &[]).map_err(|e| Failure::new(e.message))?;
            if expanded != copy.from {
                let message = "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a \
                               workaround";
                return Err(message.into());
            }
            sources.push(match copy.from.parse::<i64>() {
                Ok(index) => usize::try_from(index)
                    .ok()
                    .filter(|index| *index < eval.states.len())
                    .ok_or_else(|| format!("invalid stage index {index}"))?,
                Err(_) => match eval.find(&copy.from) {
                    Some(found) => found,
                    None => add_image(eval, &copy.from, &instruction.lines),
                },
            });
        }
        Kind::Run(run) => {
            for mount in &run.mounts {
                let from = mount_from(mount);
                let from = if from.is_empty() { SCRATCH } else { &from };
                let found = eval.find(from);
                sources.push(match found {
                    Some(found) => found,
                    None => add_image(eval, from, &[]),
                });
            }
        }
        _ => {}
    }
    if let Some(state) = eval.states.get_mut(id) {
        for source in &sources {
            state.needs.retain(|(known, _)| known != source);
            state.needs.push((*source, instruction.lines.clone()));
        }
    }
    Ok(Command { instruction, sources, is_onbuild: false })
}

fn add_image(eval: &mut Evaluation<'_>, name: &str, lines: &[LineRange]) -> StateId {
    let paths = eval.new_paths();
    let mut state = State::new(name.to_owned(), paths);
    state.is_image = true;
    state.lines = lines.to_vec();
    eval.add_state(state)
}

/// All that a state needs, itself included.
pub(crate) fn reachable(eval: &Evaluation<'_>, target: StateId) -> BTreeSet<StateId> {
    let mut graph = DiGraph::<(), ()>::with_capacity(eval.states.len(), eval.states.len());
    for _ in &eval.states {
        graph.add_node(());
    }
    for (id, state) in eval.states.iter().enumerate() {
        for need in state.base.iter().chain(state.needs.iter().map(|(need, _)| need)) {
            graph.add_edge(NodeIndex::new(id), NodeIndex::new(*need), ());
        }
    }
    let mut found = BTreeSet::new();
    if target < eval.states.len() {
        let mut walk = Dfs::new(&graph, NodeIndex::new(target));
        while let Some(node) = walk.next(&graph) {
            found.insert(node.index());
        }
    }
    found
}

/// Follows `--from` and mounts: a path that comes back to itself is an error, reported for the state where the search began.
fn refuse_circles(eval: &Evaluation<'_>) -> Fallible<()> {
    let mut visited = BTreeSet::new();
    for (start, state) in eval.states.iter().enumerate() {
        let mut path: Vec<(StateId, usize)> = Vec::new();
        if visited.insert(start) {
            path.push((start, 0));
        }
        while let Some((id, next)) = path.pop() {
            let Some((need, _)) = eval.states.get(id).and_then(|state| state.needs.get(next)) else { continue };
            path.push((id, next + 1));
            if path.iter().any(|(on_path, _)| on_path == need) {
                let mut failure = Failure::new(format!("circular dependency detected on stage: {}", state.title));
                for (id, next) in &path {
                    let lines = eval.states.get(*id).and_then(|state| state.needs.get(next.saturating_sub(1)));
                    failure = failure.at(lines.map_or(&[], |(_, lines)| lines));
                }
                return Err(failure);
            }
            if visited.insert(*need) {
                path.push((*need, 0));
            }
        }
    }
    Ok(())
}
