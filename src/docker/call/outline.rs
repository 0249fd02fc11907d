//! `--call=outline`: BuildKit's `frontend/subrequests/outline`.

use serde_json::{Value, json};

use super::json::{data, location, object};
use super::table;
use crate::base::{Source, go};
use crate::plan::{Outline, OutlineSecret};

/// `result.json`.
pub fn outline_json(outline: &Outline, source: &Source) -> String {
    let args: Vec<Value> = outline
        .args
        .iter()
        .map(|arg| {
            object([
                ("name", arg.name.clone().into()),
                ("description", arg.description.clone().into()),
                ("value", arg.value.clone().into()),
                ("location", location(&arg.lines).unwrap_or_default()),
            ])
        })
        .collect();
    let secrets = |all: &[OutlineSecret]| -> Vec<Value> {
        let one = |secret: &OutlineSecret| {
            let place = location(&secret.lines).unwrap_or_default();
            object([("name", secret.name.clone().into()), ("required", secret.required.into()), ("location", place)])
        };
        all.iter().map(one).collect()
    };
    let result = object([
        ("name", outline.name.clone().into()),
        ("description", outline.description.clone().into()),
        ("args", args.into()),
        ("secrets", secrets(&outline.secrets).into()),
        ("ssh", secrets(&outline.ssh).into()),
        ("sources", json!([data(source)])),
    ]);
    go::to_json_indented(&result) + "\n"
}

/// What buildx prints.
pub fn outline_text(outline: &Outline) -> String {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
    let mut out = String::new();
    if !outline.name.is_empty() || !outline.description.is_empty() {
        let name = if outline.name.is_empty() { "(default)" } else { &outline.name };
        let mut rows = vec![row(&["TARGET:", name])];
        if !outline.description.is_empty() {
            rows.push(row(&["DESCRIPTION:", &outline.description]));
        }
        out.push_str(&(table(&rows, 1) + "\n"));
    }
    if !outline.args.is_empty() {
        let mut rows = vec![row(&["BUILD ARG", "VALUE", "DESCRIPTION"])];
        rows.extend(outline.args.iter().map(|arg| row(&[&arg.name, &arg.value, &arg.description])));
        out.push_str(&(table(&rows, 3) + "\n"));
    }
    for (title, all) in [("SECRET", &outline.secrets), ("SSH", &outline.ssh)] {
        if !all.is_empty() {
            let mut rows = vec![row(&[title, "REQUIRED"])];
            rows.extend(all.iter().map(|one| row(&[&one.name, if one.required { "true" } else { "" }])));
            out.push_str(&(table(&rows, 3) + "\n"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns() {
        let secret = OutlineSecret { name: "token".into(), required: true, lines: Vec::new() };
        let outline = Outline { name: "app".into(), secrets: vec![secret], ..Outline::default() };
        assert_eq!(outline_text(&outline), "TARGET: app\n\nSECRET   REQUIRED\ntoken    true\n\n");
        assert_eq!(outline_text(&Outline::default()), "");
    }
}
