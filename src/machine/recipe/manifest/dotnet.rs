//! Project files of .NET.

use super::super::super::Process;
use super::text::{attribute, elements};
use super::{Item, package};

/// Project files: those named, those of a named folder, else all below the working folder.
fn files(process: &mut Process, words: &[String]) -> Vec<String> {
    let is_project = |name: &str| [".csproj", ".fsproj", ".vbproj"].iter().any(|end| name.ends_with(end));
    let mut found: Vec<String> = words.iter().filter(|word| is_project(word) && process.exists(word)).cloned().collect();
    if found.is_empty() {
        let folder = words.iter().find(|word| process.is_dir(word)).cloned().unwrap_or_else(|| ".".into());
        let mut todo = vec![(folder, 0)];
        while let Some((folder, depth)) = todo.pop() {
            for name in process.list(&folder).unwrap_or_default() {
                let path = if folder == "." { name.clone() } else { format!("{folder}/{name}") };
                if is_project(&name) {
                    found.push(path);
                } else if depth < 3
                    && !matches!(name.as_str(), "bin" | "obj" | "node_modules" | "proc" | "sys" | "usr")
                    && process.is_dir(&path)
                    && process.burn(50)
                {
                    todo.push((path, depth + 1));
                }
            }
        }
    }
    crate::base::sort(&mut found);
    found
}

/// The packages that projects refer to.
pub fn packages(process: &mut Process, words: &[String]) -> Vec<Item> {
    let mut found: Vec<Item> = Vec::new();
    for file in files(process, words) {
        for reference in process.text(&file).split("<PackageReference").skip(1) {
            let name = attribute(reference.split('>').next().unwrap_or(""), "Include").unwrap_or("").to_owned();
            let version = attribute(reference, "Version").unwrap_or("");
            if !name.is_empty() && !found.iter().any(|other| other.name == name) {
                found.push(package("nuget", &name, version));
            }
        }
    }
    found
}

/// The projects; `version` is their framework, `file` their folder with `/`.
pub fn projects(process: &mut Process, words: &[String]) -> Vec<Item> {
    let needed: u64 = packages(process, words).iter().map(|item| item.size).sum();
    let mut found = Vec::new();
    for path in files(process, words) {
        let text = process.text(&path);
        let (folder, name) = path.rsplit_once('/').map_or((String::new(), path.as_str()), |(folder, name)| (format!("{folder}/"), name));
        let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
        let name = elements(&text, "AssemblyName").first().map_or(name, |name| name.trim()).to_owned();
        let framework = elements(&text, "TargetFramework").first().map_or("net8.0", |framework| framework.trim()).to_owned();
        found.push(Item { name, version: framework, size: needed + 160_000, count: 0, file: folder, ..Item::default() });
    }
    found
}
