//! ARG below a FROM.

use std::sync::Arc;

use super::{Command, Evaluation, Fallible, StateId, commit, lost, see};
use crate::dockerfile::instruction::{Arg, ArgDefault};
use crate::lint::Fact;
use crate::plan::args::{ArgInfo, NEVER_VARIABLES};

/// `--build-arg`, else the default, else the global of that name.
pub(super) fn arg(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, arg: &Arg) -> Fallible<()> {
    let mut texts = Vec::with_capacity(arg.args.len());
    for definition in &arg.args {
        let key = &definition.key;
        see(eval, id, command, &Fact::Sets { instruction: "ARG", name: key });
        let given = eval.build_args.get(key).cloned();
        let global = eval.globals.get(key).map(str::to_owned);
        let from_global = given.is_none() && definition.value.is_none() && global.is_some();
        let value = match (given, &definition.value) {
            (Some(given), _) => Some(given),
            (None, Some(default)) => Some(eval.expand(id, command, eval.lex, default)?),
            (None, None) => global,
        };
        let state = eval.states.get_mut(id).ok_or_else(lost)?;
        if let Some(value) = value.as_ref().filter(|_| !NEVER_VARIABLES.contains(&key.as_str())) {
            state.llb.env.assign(key, value);
        }
        if !from_global {
            let definition = ArgDefault { value: value.clone(), ..definition.clone() };
            let lines = command.instruction.lines.clone();
            let info = ArgInfo { definition, value: value.clone().unwrap_or_default(), needs: Default::default(), lines };
            Arc::make_mut(&mut state.outline.args).insert(key.clone(), info);
        }
        Arc::make_mut(&mut state.outline.used).insert(key.clone());
        texts.push(value.as_ref().map_or_else(|| key.clone(), |value| format!("{key}={value}")));
        state.build_args.push((key.clone(), value));
    }
    commit(eval, id, format!("ARG {}", texts.join(" ")), false)
}
