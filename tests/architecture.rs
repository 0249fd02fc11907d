//! The architecture is a test: who may use whom stands in docs/ARCHITECTURE.md, and nowhere else.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn folders_use_only_what_the_architecture_allows() {
    let layers = layers();
    let mut broken = Vec::new();
    for file in rust_files(Path::new("src")) {
        let folder = layer_of(&file);
        if folder == "lib" || folder == "bin" {
            continue;
        }
        let allowed = layers.get(&folder).unwrap_or_else(|| panic!("`{folder}` is not in the layers of docs/ARCHITECTURE.md"));
        for used in used_layers(&text_of(&file)) {
            if used != folder && layers.contains_key(&used) && !allowed.contains(&used) {
                broken.push(format!("{}: `{folder}` uses `{used}`", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "not allowed by docs/ARCHITECTURE.md:\n{}", broken.join("\n"));
}

#[test]
fn layers_have_no_cycle() {
    let layers = layers();
    let mut done = BTreeSet::new();
    while done.len() < layers.len() {
        let ready: Vec<_> = layers.iter().filter(|(name, needs)| !done.contains(*name) && needs.is_subset(&done)).collect();
        assert!(!ready.is_empty(), "a cycle among the layers other than {done:?}");
        done.extend(ready.into_iter().map(|(name, _)| name.clone()));
    }
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<_> = rust_files(Path::new("src")).into_iter().filter(|file| !text_of(file).starts_with("//!")).collect();
    assert!(silent.is_empty(), "without a `//!` header: {silent:?}");
}

#[test]
fn paths_are_found_in_every_form_of_use() {
    let text = "use crate::base::Digest;\nuse crate::{plan::{Op, Plan}, world::World};\nlet x = crate::image::go();";
    assert_eq!(used_layers(text).into_iter().collect::<Vec<_>>(), ["base", "image", "plan", "world"]);
}

/// The fenced `layers` block of docs/ARCHITECTURE.md.
fn layers() -> BTreeMap<String, BTreeSet<String>> {
    let page = text_of(Path::new("docs/ARCHITECTURE.md"));
    let block = page.split("```layers\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of layers");
    block
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, needs)| (name.trim().to_owned(), needs.split_whitespace().map(str::to_owned).collect()))
        .collect()
}

fn text_of(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn layer_of(file: &Path) -> String {
    let first = file.strip_prefix("src").expect("below src").components().next().expect("a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The folders that `crate::…` paths name, in single paths and in `use crate::{a::B, c}`.
fn used_layers(text: &str) -> BTreeSet<String> {
    text.split("crate::").skip(1).flat_map(|rest| rest.strip_prefix('{').map_or_else(|| vec![word(rest)], group_heads)).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first names of `a::B, c::{D, E}}`, up to the brace that closes the group.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 1;
    let mut at_head = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => at_head = true,
            c if at_head && depth == 1 && !c.is_whitespace() => {
                heads.push(word(&group[at..]));
                at_head = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}
