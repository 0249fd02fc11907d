//! `--call=targets`: BuildKit's `frontend/subrequests/targets`. The file must only parse.

use serde_json::{Value, json};

use super::json::{data, location, object};
use super::table;
use crate::base::{Diagnostic, LineRange, Source, go};
use crate::dockerfile::instruction::lower;
use crate::dockerfile::parse;

/// A stage that can be built.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Target {
    /// Empty if the stage has none.
    pub name: String,
    /// The last stage.
    pub default: bool,
    pub description: String,
    /// As written.
    pub base: String,
    /// As written.
    pub platform: String,
    pub lines: Vec<LineRange>,
}

/// The stages of a file.
pub fn targets(source: &Source) -> Result<Vec<Target>, Box<Diagnostic>> {
    let lowered = lower(&parse(source));
    if let Some(error) = lowered.error {
        return Err(Box::new(error));
    }
    let stages = lowered.dockerfile.stages;
    let last = stages.len().saturating_sub(1);
    let target = |(index, stage): (usize, crate::dockerfile::instruction::Stage)| Target {
        name: stage.name,
        default: index == last,
        description: stage.doc_comment,
        base: stage.base_name,
        platform: stage.platform,
        lines: stage.lines,
    };
    Ok(stages.into_iter().enumerate().map(target).collect())
}

/// `result.json`.
pub fn targets_json(targets: &[Target], source: &Source) -> String {
    let all: Vec<Value> = targets
        .iter()
        .map(|target| {
            object([
                ("name", target.name.clone().into()),
                ("default", target.default.into()),
                ("description", target.description.clone().into()),
                ("base", target.base.clone().into()),
                ("platform", target.platform.clone().into()),
                ("location", location(&target.lines).unwrap_or_default()),
            ])
        })
        .collect();
    go::to_json_indented(&json!({ "targets": all, "sources": [data(source)] })) + "\n"
}

/// What buildx prints.
pub fn targets_text(targets: &[Target]) -> String {
    let mut rows = vec![vec!["TARGET".to_owned(), "DESCRIPTION".to_owned()]];
    rows.extend(targets.iter().map(|target| {
        let name = match (target.name.as_str(), target.default) {
            ("", true) => "(default)".to_owned(),
            (name, true) => format!("{name} (default)"),
            (name, false) => name.to_owned(),
        };
        vec![name, target.description.clone()]
    }));
    table(&rows, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_the_default() {
        let source = Source::new("Dockerfile", "# a does it\nFROM x AS a\nFROM y\n");
        let targets = targets(&source).map_err(|e| e.message);
        assert_eq!(targets.map(|targets| targets_text(&targets)), Ok("TARGET    DESCRIPTION\na         does it\n(default) \n".into()));
    }
}
