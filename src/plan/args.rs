//! ARGs before the first FROM, and the variables that are there without any ARG. `buildMetaArgs`, `defaultArgs`.

use std::collections::{BTreeMap, BTreeSet};

use super::env::Env;
use super::failure::{Failure, Fallible};
use crate::base::LineRange;
use crate::dockerfile::expand::Lex;
use crate::dockerfile::instruction::{ArgDefault, Instruction, Kind};
use crate::image::Platform;

/// An ARG as `--call=outline` tells of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArgInfo {
    pub definition: ArgDefault,
    pub value: String,
    /// Other globals that its default uses.
    pub needs: BTreeSet<String>,
    pub lines: Vec<LineRange>,
}

/// Names that ARG declares without making a variable of them.
pub(crate) const NEVER_VARIABLES: [&str; 2] = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The predefined globals, which `--build-arg` may override.
pub(crate) fn predefined(build: &Platform, target: &Platform, stage: &str, build_args: &BTreeMap<String, String>) -> Env {
    let stage = if stage.is_empty() { "default" } else { stage };
    let values = [
        ("BUILDPLATFORM", build.format_all()),
        ("BUILDOS", build.os.clone()),
        ("BUILDOSVERSION", build.os_version.clone()),
        ("BUILDARCH", build.architecture.clone()),
        ("BUILDVARIANT", build.variant.clone()),
        ("TARGETPLATFORM", target.format_all()),
        ("TARGETOS", target.os.clone()),
        ("TARGETOSVERSION", target.os_version.clone()),
        ("TARGETARCH", target.architecture.clone()),
        ("TARGETVARIANT", target.variant.clone()),
        ("TARGETSTAGE", stage.to_owned()),
    ];
    let given = |name: &str, value: String| build_args.get(name).cloned().unwrap_or(value);
    Env::from(values.map(|(name, value)| (name.to_owned(), given(name, value))).to_vec())
}

/// The globals with the ARGs of the file, in order.
pub(crate) fn globals(
    predefined: &Env,
    args: &[Instruction],
    lex: &Lex,
    build_args: &BTreeMap<String, String>,
) -> Fallible<(Env, BTreeMap<String, ArgInfo>)> {
    let mut env = predefined.clone();
    let mut all: BTreeMap<String, ArgInfo> = BTreeMap::new();
    for instruction in args {
        let Kind::Arg(arg) = &instruction.kind else { continue };
        for definition in &arg.args {
            let key = &definition.key;
            let mut needs = BTreeSet::new();
            let value = match (build_args.get(key), &definition.value) {
                (Some(given), _) => Some(given.clone()),
                (None, None) => None,
                (None, Some(default)) => {
                    let expansion = lex.process(default, env.pairs()).map_err(|e| Failure::new(e.message).at(&instruction.lines))?;
                    needs = expansion.matched;
                    if needs.remove(key)
                        && let Some(old) = all.get(key)
                    {
                        needs.extend(old.needs.iter().cloned());
                    }
                    Some(expansion.text)
                }
            };
            if let Some(value) = &value {
                env.assign(key, value);
            }
            let definition = ArgDefault { value: value.clone(), ..definition.clone() };
            let info = ArgInfo { definition, value: value.unwrap_or_default(), needs, lines: instruction.lines.clone() };
            all.insert(key.clone(), info);
        }
    }
    Ok((env, all))
}
