//! package.json with the lock files of npm, yarn and pnpm.

use serde_json::Value;

use super::super::super::Process;
use super::super::engine::Call;
use super::{Item, locked, named, package};

/// What an install brings: the named packages, else the project's.
pub fn packages(process: &mut Process, call: &Call, words: &[String]) -> Result<Vec<Item>, String> {
    if !words.is_empty() {
        return Ok(words.iter().filter(|word| !word.starts_with(['.', '/'])).map(|word| named(&call.program, word)).collect());
    }
    let text = process.text("package.json");
    let manifest: Value = match serde_json::from_str(&text) {
        Ok(manifest) => manifest,
        Err(_) if text.is_empty() => return Ok(Vec::new()),
        Err(error) => {
            return Err(format!("npm error code EJSONPARSE\nnpm error JSON.parse Invalid package.json: JSONParseError: {error}"));
        }
    };
    let production = production(process, call);
    let lock = process.text("package-lock.json");
    if let Ok(lock) = serde_json::from_str::<Value>(&lock) {
        return Ok(npm_lock(&lock, production));
    }
    let (yarn, pnpm) = (process.text("yarn.lock"), process.text("pnpm-lock.yaml"));
    let listed = if yarn.is_empty() { pnpm_lock(&pnpm) } else { yarn_lock(&yarn) };
    if !listed.is_empty() {
        return Ok(listed);
    }
    let mut found = Vec::new();
    for key in ["dependencies", "devDependencies"].into_iter().take(if production { 1 } else { 2 }) {
        for (name, range) in manifest[key].as_object().into_iter().flatten() {
            let version = range.as_str().unwrap_or("").trim_start_matches(|c: char| !c.is_ascii_digit());
            found.push(package("npm", name, version));
        }
    }
    Ok(found)
}

fn production(process: &Process, call: &Call) -> bool {
    let flags = &call.args;
    let omits = flags.flags.iter().any(|(flag, value)| match flag.as_str() {
        "--production" => value != "false",
        "--prod" | "-P" => true,
        "--omit" => value == "dev",
        "--only" => value.starts_with("prod"),
        "--include" => false,
        _ => false,
    });
    let includes = flags.value(&["--include"]) == Some("dev") || flags.value(&["--production"]) == Some("false");
    omits || process.var("NODE_ENV") == Some("production") && !includes
}

fn npm_lock(lock: &Value, production: bool) -> Vec<Item> {
    let mut found = Vec::new();
    let keep = |entry: &Value| !(production && entry["dev"].as_bool() == Some(true)) && entry["link"].as_bool() != Some(true);
    // A package for another system is not installed.
    let ours = |entry: &Value| {
        let lists = |key: &str, ours: &str| entry[key].as_array().is_none_or(|list| list.iter().any(|item| item == ours));
        lists("os", "linux") && lists("cpu", "x64")
    };
    if let Some(packages) = lock["packages"].as_object() {
        for (path, entry) in packages.iter().filter(|(_, entry)| keep(entry) && ours(entry)) {
            if let Some((_, name)) = path.rsplit_once("node_modules/") {
                let mut item = locked("npm", name, entry["version"].as_str().unwrap_or("1.0.0"));
                match &entry["bin"] {
                    Value::String(_) => item.programs = vec![name.rsplit('/').next().unwrap_or(name).to_owned()],
                    Value::Object(bins) => item.programs = bins.keys().cloned().collect(),
                    _ => {}
                }
                found.push(item);
            }
        }
        return found;
    }
    for (name, entry) in lock["dependencies"].as_object().into_iter().flatten().filter(|(_, entry)| keep(entry)) {
        found.push(locked("npm", name, entry["version"].as_str().unwrap_or("1.0.0")));
    }
    found
}

fn yarn_lock(text: &str) -> Vec<Item> {
    let mut found = Vec::new();
    let mut name = None;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if !line.starts_with(' ') {
            let first = line.split(',').next().unwrap_or("").trim_matches(['"', ':']);
            name = first.get(1..).and_then(|rest| rest.find('@')).map(|at| first[..=at].to_owned()).filter(|name| !name.starts_with("__"));
        } else if let Some(version) = line.trim().strip_prefix("version").map(|rest| rest.trim_start_matches(':').trim().trim_matches('"'))
            && let Some(name) = name.take()
        {
            found.push(locked("npm", &name, version));
        }
    }
    found
}

fn pnpm_lock(text: &str) -> Vec<Item> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if !line.starts_with(' ') {
            inside = line.starts_with("packages:");
        } else if inside && line.starts_with("  ") && !line.starts_with("   ") {
            let key = line.trim().trim_end_matches(':').trim_matches('\'').trim_start_matches('/');
            let key = key.split('(').next().unwrap_or(key);
            if let Some((name, version)) = key.rsplit_once('@').filter(|(name, _)| !name.is_empty()) {
                found.push(locked("npm", name, version));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(items: &[Item]) -> String {
        items.iter().map(|item| format!("{}@{}", item.name, item.version)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn locks() {
        let lock = serde_json::json!({"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}, "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "dev": true},
            "node_modules/mac": {"version": "1.0.0", "os": ["darwin"]}}});
        assert_eq!(names(&npm_lock(&lock, false)), "a@1.0.0 @s/b@2.0.0");
        assert_eq!(names(&npm_lock(&lock, true)), "a@1.0.0");
        assert_eq!(
            names(&yarn_lock("# c\n\n\"@s/b@^2\", \"@s/b@^3\":\n  version \"2.1.0\"\n\na@^1.0.0:\n  version \"1.2.0\"\n")),
            "@s/b@2.1.0 a@1.2.0"
        );
        assert_eq!(
            names(&pnpm_lock("packages:\n\n  '@s/b@2.1.0':\n    resolution: {}\n\n  /a@1.0.0(x@1):\n\nsnapshots:\n  a@1:\n")),
            "@s/b@2.1.0 a@1.0.0"
        );
    }
}
