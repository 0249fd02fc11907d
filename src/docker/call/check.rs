//! `--call=check`, `--check`: BuildKit's `frontend/subrequests/lint`, buildx's `printResult`.

use serde_json::{Value, json};

use super::json::{data, location, object};
use crate::base::{Code, Diagnostic, LineRange, Source, go};
use crate::docker::progress::excerpt;
use crate::plan::Checked;

/// `result.json`.
pub fn check_json(checked: &Checked, source: &Source) -> String {
    let warnings: Vec<Value> = sorted(&checked.warnings)
        .into_iter()
        .map(|warning| {
            let (name, description, url) = rule(warning);
            object([
                ("ruleName", name.into()),
                ("description", description.into()),
                ("url", url.into()),
                ("detail", warning.message.clone().into()),
                ("location", location(&warning.lines).unwrap_or_default()),
            ])
        })
        .collect();
    let file = object([("filename", source.name.to_string().into()), ("language", "Dockerfile".into()), ("data", data(source))]);
    let mut result = json!({ "warnings": warnings, "sources": [file] });
    if let (Some(error), Some(result)) = (&checked.error, result.as_object_mut()) {
        let place = location(&merged(&error.lines)).unwrap_or_else(|| json!({}));
        result.insert("buildError".into(), json!({ "message": error.message, "location": place }));
    }
    go::to_json_indented(&result) + "\n"
}

/// What buildx prints on stdout, and on stderr.
pub fn check_text(checked: &Checked, source: &Source) -> (String, String) {
    let mut out = match checked.warnings.len() {
        0 if checked.error.is_some() => String::new(),
        0 => "Check complete, no warnings found.\n".to_owned(),
        1 => "Check complete, 1 warning has been found!\n".to_owned(),
        n => format!("Check complete, {n} warnings have been found!\n"),
    };
    for warning in sorted(&checked.warnings) {
        let (name, _, url) = rule(warning);
        let link = if url.is_empty() { String::new() } else { format!(" - {url}") };
        out.push_str(&format!("\nWARNING: {name}{link}\n{}\n{}", warning.message, excerpt(source, &warning.lines)));
    }
    let error = checked.error.as_ref().map_or(String::new(), |error| {
        let gap = if checked.warnings.is_empty() { "" } else { "\n" };
        format!("{gap}ERROR: {}\n{}\n", error.message, excerpt(source, &merged(&error.lines)))
    });
    (out, error)
}

fn rule(warning: &Diagnostic) -> (&'static str, &'static str, &'static str) {
    match warning.code {
        Code::Lint(rule) => (rule.name, rule.description, rule.url),
        _ => ("", "", ""),
    }
}

/// By first line; those of one line keep their order.
fn sorted(warnings: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut all: Vec<&Diagnostic> = warnings.iter().collect();
    crate::base::sort_by_key(&mut all, |warning| warning.lines.first().map_or(0, |range| range.start));
    all
}

/// Ranges in order, overlapping ones joined.
fn merged(lines: &[LineRange]) -> Vec<LineRange> {
    let mut all = lines.to_vec();
    crate::base::sort_by_key(&mut all, |range| range.start);
    let mut out: Vec<LineRange> = Vec::new();
    for range in all {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined() {
        let range = |start, end| LineRange { start, end };
        assert_eq!(merged(&[range(4, 4), range(1, 2), range(2, 3), range(1, 1)]), [range(1, 3), range(4, 4)]);
    }

    #[test]
    fn nothing_found() {
        let checked = Checked { error: None, warnings: Vec::new() };
        let source = Source::new("Dockerfile", "FROM a\n");
        assert_eq!(check_text(&checked, &source), ("Check complete, no warnings found.\n".into(), String::new()));
        let json = "{\n  \"warnings\": [],\n  \"sources\": [\n    {\n      \"filename\": \"Dockerfile\",\n      \"language\": \"Dockerfile\",\n      \
                    \"data\": \"RlJPTSBhCg==\"\n    }\n  ]\n}\n";
        assert_eq!(check_json(&checked, &source), json);
    }
}
