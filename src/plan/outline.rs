//! What a target can be told and what it asks for: BuildKit's `outline.go`.

use std::collections::BTreeSet;

use super::evaluation::Evaluation;
use super::state::StateId;
use crate::base::LineRange;

/// The answer to `--call=outline`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outline {
    /// The target's name.
    pub name: String,
    /// From the comment above its FROM.
    pub description: String,
    /// Its ARGs, those of the stages it needs, and the globals that these use, by line.
    pub args: Vec<OutlineArg>,
    /// Secrets that it asks for.
    pub secrets: Vec<OutlineSecret>,
    /// Agents that it asks for.
    pub ssh: Vec<OutlineSecret>,
}

/// An ARG.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlineArg {
    /// Its name.
    pub name: String,
    /// From the comment above it.
    pub description: String,
    /// What it is in this build.
    pub value: String,
    /// Where it is declared.
    pub lines: Vec<LineRange>,
}

/// A secret or an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlineSecret {
    /// Its id.
    pub name: String,
    /// Whether the build fails without it.
    pub required: bool,
    /// The first RUN that asks for it.
    pub lines: Vec<LineRange>,
}

/// The outline of an evaluated target.
pub(crate) fn outline(eval: &Evaluation<'_>, target: StateId) -> Outline {
    let mut outline = Outline::default();
    if let Some(stage) = eval.states.get(target).and_then(|state| state.stage) {
        (outline.name, outline.description) = (stage.name.clone(), stage.doc_comment.clone());
    }
    let mut seen = BTreeSet::new();
    for id in order(eval, target) {
        let Some(state) = eval.states.get(id) else { continue };
        let mut todo: Vec<&String> = state.outline.used.iter().collect();
        let mut used = BTreeSet::new();
        while let Some(name) = todo.pop() {
            if used.insert(name) {
                todo.extend(state.outline.args.get(name).into_iter().flat_map(|arg| &arg.needs));
            }
        }
        for name in used {
            if let Some(arg) = state.outline.args.get(name).filter(|_| seen.insert(name.clone())) {
                let definition = &arg.definition;
                let (name, description) = (definition.key.clone(), definition.comment.clone());
                outline.args.push(OutlineArg { name, description, value: arg.value.clone(), lines: arg.lines.clone() });
            }
        }
        for (found, all) in [(&state.outline.secrets, &mut outline.secrets), (&state.outline.ssh, &mut outline.ssh)] {
            for (name, (required, lines)) in found {
                if !all.iter().any(|known| known.name == *name) {
                    all.push(OutlineSecret { name: name.clone(), required: *required, lines: lines.clone() });
                }
            }
        }
    }
    let line = |lines: &[LineRange]| lines.first().map_or(0, |range| range.start);
    crate::base::sort_by_key(&mut outline.args, |arg| line(&arg.lines));
    crate::base::sort_by_key(&mut outline.secrets, |secret| line(&secret.lines));
    crate::base::sort_by_key(&mut outline.ssh, |ssh| line(&ssh.lines));
    outline
}

/// The target, its base, what they take files from: depth first, each once.
fn order(eval: &Evaluation<'_>, target: StateId) -> Vec<StateId> {
    let (mut found, mut stack) = (Vec::new(), vec![target]);
    let mut seen = BTreeSet::new();
    while let Some(id) = stack.pop() {
        let Some(state) = eval.states.get(id).filter(|_| seen.insert(id)) else { continue };
        found.push(id);
        stack.extend(state.needs.iter().rev().map(|(need, _)| *need));
        stack.extend(state.base);
    }
    found
}
