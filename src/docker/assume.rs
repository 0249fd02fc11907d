//! `--assume-context`: a Dockerfile without its project can be played. What its COPY steps name and the context does not have
//! becomes a placeholder; every placeholder says so in its text.

use crate::base::go::clean_path;
use crate::filesystem::{ImagePath, Metadata, Node, Tree, glob_match, has_wildcard};
use crate::plan::{self, Op, Request};
use crate::world::{Context, World};

/// In every placeholder.
const MARK: &str = "placeholder of --assume-context";

/// What a whole project is assumed to have: the manifests of the usual tools.
const PROJECT: &[&str] = &[
    "package.json",
    "package-lock.json",
    "requirements.txt",
    "pyproject.toml",
    "go.mod",
    "main.go",
    "Cargo.toml",
    "src/main.rs",
    "pom.xml",
    "build.gradle",
    "gradlew",
    "mvnw",
    "app.csproj",
    "composer.json",
    "Gemfile",
    "Makefile",
    "CMakeLists.txt",
    "configure",
    "index.html",
];

/// The world with placeholders in its context.
pub fn assume(request: &Request, world: World) -> World {
    let Context::Local(tree) = &world.context else { return world };
    let Ok(plan) = plan::plan(request, &world).plan else { return world };
    let mut assumed = tree.clone();
    for vertex in &plan.vertices {
        let Op::Local(source) = &vertex.op else { continue };
        if source.follow_paths.is_empty() {
            assumed = PROJECT.iter().fold(assumed, |tree, path| with(tree, path));
        }
        for path in &source.follow_paths {
            assumed = match clean_path(path).trim_start_matches('/') {
                "" | "." => PROJECT.iter().fold(assumed, |tree, path| with(tree, path)),
                path if has_wildcard(path) => concrete(path).iter().fold(assumed, |tree, path| with(tree, path)),
                path => with(assumed, path),
            };
        }
    }
    World { context: Context::Local(assumed), ..world }
}

/// Files that a pattern may mean: of the usual ones those that fit, else one made of the pattern itself.
fn concrete(pattern: &str) -> Vec<String> {
    let (folder, name) = pattern.rsplit_once('/').map_or(("", pattern), |(folder, name)| (folder, name));
    let fits = PROJECT.iter().filter(|usual| glob_match(name, usual) == Ok(true));
    let mut found: Vec<String> = fits.map(|usual| format!("{folder}/{usual}")).collect();
    if found.is_empty() {
        let plain = name.replace(['*', '?', '[', ']'], "");
        let plain = if plain.starts_with('.') || plain.is_empty() { format!("app{plain}") } else { plain };
        found.push(format!("{}/{plain}", folder.replace(['*', '?', '[', ']'], "")));
    }
    found
}

/// The tree with a placeholder at `path`, unless something is there.
fn with(tree: Tree, path: &str) -> Tree {
    let place = ImagePath::new(path);
    if tree.lookup(&place).is_ok() {
        return tree;
    }
    let name = place.name().to_owned();
    let folder = Metadata::root(0o755, 0);
    let is_file = name.contains('.') && !name.starts_with('.') || text(&name).is_some() || name.starts_with("Docker");
    let (place, name) = if is_file || name.starts_with('.') && name.len() > 1 && name != ".git" {
        (place, name)
    } else {
        (place.child("placeholder.txt"), "placeholder.txt".to_owned())
    };
    let parent = place.parent().unwrap_or_else(ImagePath::root);
    let mode = if name.ends_with(".sh") || text(&name).is_some_and(|text| text.starts_with("#!")) { 0o755 } else { 0o644 };
    let content =
        text(&name).unwrap_or_else(|| if name.ends_with(".sh") { format!("#!/bin/sh\n# {MARK}\n") } else { format!("# {MARK}\n") });
    let made = tree.make_directories(&parent, &folder).unwrap_or_else(|_| tree.clone());
    made.insert(&place, Node::file(Metadata::root(mode, 0), content.as_str())).unwrap_or(made)
}

/// The text of a manifest that a tool must be able to read.
fn text(name: &str) -> Option<String> {
    Some(match name {
        "package.json" => format!(
            "{{\"name\": \"app\", \"version\": \"1.0.0\", \"description\": \"{MARK}\", \"scripts\": {{\"build\": \"webpack\", \"prod\": \"webpack\", \"build:prod\": \"webpack\", \"test\": \"jest\", \"lint\": \"eslint .\", \"start\": \"true\"}}, \"dependencies\": {{\"express\": \"4.19.2\"}}, \"devDependencies\": {{\"webpack\": \"5.90.0\"}}}}\n"
        ),
        "package-lock.json" => "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/express\": {\"version\": \"4.19.2\"}}}\n".into(),
        "go.mod" => format!("// {MARK}\nmodule example.org/app\n\ngo 1.21\n"),
        "main.go" => format!("// {MARK}\npackage main\n\nimport \"fmt\"\n\nfunc main() {{\n\tfmt.Println(\"placeholder\")\n}}\n"),
        "Cargo.toml" => format!("# {MARK}\n[package]\nname = \"app\"\nversion = \"0.1.0\"\n"),
        "main.rs" => format!("// {MARK}\nfn main() {{}}\n"),
        "pom.xml" => format!("<!-- {MARK} --><project><artifactId>app</artifactId><version>1.0</version></project>\n"),
        "build.gradle" => format!("// {MARK}\nplugins {{ id 'java' }}\n"),
        "composer.json" => format!("{{\"description\": \"{MARK}\", \"require\": {{}}}}\n"),
        "app.csproj" => {
            format!("<!-- {MARK} --><Project><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>\n")
        }
        "gradlew" | "mvnw" | "configure" | "autogen.sh" | "bootstrap" | "entrypoint" | "docker-entrypoint" | "run" | "build" | "start"
        | "install" | "setup" => {
            format!("#!/bin/sh\n# {MARK}\n")
        }
        "Makefile" | "makefile" | "Gemfile" | "Procfile" | "Rakefile" | "LICENSE" | "README" | "VERSION" | "Jenkinsfile" | "Caddyfile"
        | "crontab" | "go.sum" | "yarn.lock" => format!("# {MARK}\n"),
        _ => return None,
    })
}
