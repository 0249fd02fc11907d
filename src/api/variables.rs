//! Variables for an editor: value and origin as data and in words.

use super::places::Places;
use super::types::{Hover, VariableView};
use super::view::bounds;
use crate::base::LineRange;
use crate::plan::{Origin, VariableUse};

/// A variable with its place in the text.
pub fn view(found: &VariableUse, places: &Places<'_>) -> VariableView {
    let (origin, lines, text) = origin(found);
    let (first_line, last_line) = bounds(lines);
    VariableView {
        range: places.span(found.span),
        name: found.name.clone(),
        value: found.value.clone(),
        origin: origin.to_owned(),
        first_line,
        last_line,
        text,
        stage: found.stage.map(|stage| stage as u32),
        by_builder: found.by_builder,
    }
}

/// What the pointer over a variable shows.
pub fn hover(found: &VariableUse, places: &Places<'_>) -> Hover {
    let (_, _, text) = origin(found);
    let title = match &found.value {
        Some(value) => format!("{} = {value}", found.name),
        None => format!("{} has no value here", found.name),
    };
    Hover { range: places.span(found.span), title, text }
}

fn origin(found: &VariableUse) -> (&'static str, &[LineRange], String) {
    let name = &found.name;
    let on = |lines: &[LineRange]| format!("line {}", lines.first().map_or(0, |range| range.start));
    let (kind, lines, mut text): (_, &[LineRange], _) = match &found.origin {
        Origin::BuildArg(lines) => ("build-arg", lines, format!("Given by --build-arg, declared on {}.", on(lines))),
        Origin::Default(lines) => ("default", lines, format!("The default of the ARG on {}.", on(lines))),
        Origin::Env(lines) => ("env", lines, format!("Set by the ENV on {}.", on(lines))),
        Origin::Global(lines) => {
            ("global", lines, format!("The global ARG of that name, which the ARG on {} brings into the stage.", on(lines)))
        }
        Origin::Predefined => ("predefined", &[], "Always there: the builder sets it.".to_owned()),
        Origin::BaseImage => ("base-image", &[], "Set by the base image.".to_owned()),
        Origin::NoValue(lines) => {
            ("no-value", lines, format!("Declared on {}, but there is neither a default nor a --build-arg.", on(lines)))
        }
        Origin::NotDeclaredHere(lines) => (
            "not-declared-here",
            lines,
            format!("The ARG on {} stands before the first FROM: `ARG {name}` in this stage would bring it in.", on(lines)),
        ),
        Origin::DeclaredBelow(lines) => ("declared-below", lines, format!("It is only set on {}, below.", on(lines))),
        Origin::Unknown(None) => ("unknown", &[], "Nothing sets it.".to_owned()),
        Origin::Unknown(Some(near)) => ("unknown", &[], format!("Nothing sets it. Did you mean `{near}`?")),
    };
    if !found.by_builder {
        text.push_str(" The shell of the step puts it in.");
    }
    (kind, lines, text)
}
