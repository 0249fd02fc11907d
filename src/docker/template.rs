//! `--format`: the part of Go's templates that people type: `{{.ID}}`, `{{.Config.Env}}`, `{{json .Config}}`, text around.

use serde_json::Value;

/// Fills a template from a JSON object.
pub fn fill(template: &str, value: &Value) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once("{{") {
        out.push_str(&unescape(text));
        let (action, after) =
            after.split_once("}}").ok_or_else(|| format!("template parsing error: template: :1: unclosed action: {template}"))?;
        out.push_str(&act(action.trim(), value)?);
        rest = after;
    }
    out.push_str(&unescape(rest));
    Ok(out)
}

fn unescape(text: &str) -> String {
    text.replace("\\t", "\t").replace("\\n", "\n")
}

fn act(action: &str, value: &Value) -> Result<String, String> {
    let (json, path) = match action.strip_prefix("json ") {
        Some(path) => (true, path.trim()),
        None => (false, action),
    };
    let path = path.strip_prefix('.').ok_or_else(|| format!("template parsing error: template: :1: function \"{path}\" not defined"))?;
    let mut found = value;
    for name in path.split('.').filter(|name| !name.is_empty()) {
        found =
            found.get(name).ok_or_else(|| format!("template: :1:2: executing \"\" at <.{path}>: map has no entry for key \"{name}\""))?;
    }
    Ok(if json { found.to_string() } else { print(found) })
}

/// As Go prints values: `[a b]`, `map[k:v]`, `<nil>`.
fn print(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(print).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => format!("map[{}]", map.iter().map(|(k, v)| format!("{k}:{}", print(v))).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_json() {
        let value = serde_json::json!({"ID": "x", "Config": {"Env": ["A=1", "B"]}});
        assert_eq!(fill("{{.ID}}\\t{{ .Config.Env }}!", &value).as_deref(), Ok("x\t[A=1 B]!"));
        assert_eq!(fill("{{json .Config}}", &value).as_deref(), Ok("{\"Env\":[\"A=1\",\"B\"]}"));
        assert!(fill("{{.Nope}}", &value).is_err());
        assert!(fill("{{.ID", &value).is_err());
    }
}
