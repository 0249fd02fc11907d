//! requirements.txt, pyproject.toml, poetry.lock and uv.lock.

use super::super::super::Process;
use super::super::engine::Call;
use super::text::{list, section, tables, value};
use super::{Item, locked, package};

/// Where packages of the Python under `prefix` go.
pub fn site(process: &Process, prefix: &str) -> String {
    let minor = |folder: &str| {
        let names = process.list(folder).unwrap_or_default();
        names.into_iter().find(|name| name.strip_prefix("python3.").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit())))
    };
    let lib = format!("{prefix}/lib");
    let python = minor(&format!("{prefix}/bin")).or_else(|| minor(&lib)).or_else(|| minor("/usr/local/bin")).or_else(|| minor("/usr/bin"));
    let python = python.unwrap_or_else(|| "python3.12".into());
    let own = process.ids.is_root() || process.stat(prefix).is_ok_and(|(_, node)| node.metadata().uid == process.ids.uid);
    match prefix {
        _ if !own => format!("{}/.local/lib/{python}/site-packages", process.var("HOME").unwrap_or("/tmp")),
        "/usr" if process.exists("/etc/debian_version") => format!("/usr/local/lib/{python}/dist-packages"),
        _ => format!("{lib}/{python}/site-packages"),
    }
}

/// What `pip install` brings: words, `-r` files, the project itself.
pub fn requirements(process: &mut Process, call: &Call, words: &[String]) -> Result<Vec<Item>, String> {
    let mut found = Vec::new();
    let editable = call.args.flags.iter().filter(|(flag, _)| flag == "-e" || flag == "--editable").map(|(_, value)| value);
    for word in words.iter().chain(editable) {
        let path = word.split('[').next().unwrap_or(word);
        if path == "." || path.starts_with("./") || path.starts_with('/') && !path.contains("://") {
            if path.ends_with(".txt") {
                return Err(format!("ERROR: Invalid requirement: '{path}': Expected package name at the start of dependency specifier"));
            }
            found.extend(project(process, path));
        } else {
            found.extend(requirement(word));
        }
    }
    let files: Vec<String> =
        call.args.flags.iter().filter(|(flag, _)| flag == "-r" || flag == "--requirement").map(|(_, file)| file.clone()).collect();
    for file in files {
        read_file(process, &file, &mut found, 0)?;
    }
    Ok(found)
}

fn read_file(process: &mut Process, file: &str, found: &mut Vec<Item>, depth: u32) -> Result<(), String> {
    if !process.exists(file) || depth > 8 {
        return Err(format!("ERROR: Could not open requirements file: [Errno 2] No such file or directory: '{file}'"));
    }
    let text = process.text(file).replace("\\\n", " ");
    for line in text.lines().map(|line| line.split(" #").next().unwrap_or("").trim()) {
        let (first, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
        match first {
            "-r" | "--requirement" => {
                let folder = file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
                read_file(process, &format!("{folder}{}", rest.trim()), found, depth + 1)?;
            }
            _ if line.starts_with('-') || line.starts_with('#') || line.is_empty() => {}
            _ => found.extend(requirement(line)),
        }
    }
    Ok(())
}

/// `Flask[async]>=2.0 ; python_version > "3"`, a URL, a path.
fn requirement(line: &str) -> Option<Item> {
    let line = line.split(';').next()?.split(" --").next()?.trim();
    if line.contains("://") {
        let name = line.split_once(" @ ").map_or(line, |(name, _)| name).rsplit('/').next().unwrap_or("");
        let name = name.split("#egg=").last().unwrap_or(name).trim_end_matches(".git").split('@').next().unwrap_or("");
        return (!name.is_empty()).then(|| package("pip", name.trim_end_matches(".zip").trim_end_matches(".tar.gz"), ""));
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let version = rest.split_once("==").map_or("", |(_, version)| version).split(',').next().unwrap_or("").trim().trim_end_matches(".*");
    (!name.is_empty()).then(|| package("pip", name, version))
}

/// The packages of a pyproject.toml, locked where there is a lock.
pub fn project(process: &mut Process, folder: &str) -> Vec<Item> {
    for lock in ["poetry.lock", "uv.lock", "pdm.lock"] {
        let text = process.text(&format!("{folder}/{lock}"));
        if !text.is_empty() {
            let read = |table: &&str| Some(locked("pip", value(table.lines(), "name")?, value(table.lines(), "version")?));
            return tables(&text, "package").iter().filter_map(read).collect();
        }
    }
    let text = process.text(&format!("{folder}/pyproject.toml"));
    let mut found: Vec<Item> = list(&text, "dependencies").iter().filter_map(|line| requirement(line)).collect();
    for line in section(&text, "tool.poetry.dependencies") {
        if let Some((name, version)) = line.split_once('=').filter(|(name, _)| name.trim() != "python") {
            let version = version.trim().trim_matches(['"', '\'']).trim_start_matches(['^', '~', '>', '=']);
            found.push(package("pip", name.trim(), if version.starts_with(|c: char| c.is_ascii_digit()) { version } else { "" }));
        }
    }
    if text.is_empty() {
        let setup = process.text(&format!("{folder}/setup.py"));
        let after = setup.split("install_requires").nth(1).map_or(String::new(), |rest| format!("x {rest}"));
        found.extend(list(&after, "x").iter().filter_map(|line| requirement(line)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_of_a_line() {
        let check = |line: &str, expect: &str| {
            let shown = requirement(line).map_or("none".into(), |item| format!("{} {}", item.name, item.version));
            assert_eq!(shown.trim_end_matches(|c: char| expect.ends_with(' ') && c != ' '), expect, "{line}");
        };
        check("Flask[async]==2.3.1 ; python_version > '3'", "Flask 2.3.1");
        check("requests==2.*", "requests 2");
        check("==1", "none");
        check("git+https://example.org/a/b.git@v1#egg=bee", "bee ");
    }
}
