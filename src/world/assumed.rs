//! Placeholders for files of a project that is not there: `--assume-context`. Each says in its text what it is.

use super::packages::{self, OURS, PackageSystem, Packages};
use super::project::Project;
use crate::filesystem::{Content, ImagePath, Metadata, Node, Tree, glob_match, has_wildcard};

/// What somebody wanted of a path that is not there: the machine tells it where it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub enum Sought {
    /// Whether it is there, or what it is.
    #[default]
    Anything,
    /// To be run.
    Program,
    /// To be read.
    File,
    /// To go into it, or to list it.
    Folder,
}

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

/// The ends of what is no text.
const ARCHIVES: &[&str] =
    &[".gz", ".tgz", ".xz", ".txz", ".bz2", ".zip", ".tar", ".zst", ".jar", ".war", ".whl", ".deb", ".rpm", ".apk", ".gem", ".phar"];

/// What begins the seed of modelled bytes from afar: the tools that unpack archives know them by it.
pub const DOWNLOAD: &str = "download:";

/// Bytes of what a URL is assumed to give.
pub const DOWNLOAD_SIZE: u64 = 6_000_000;

/// What a URL that nobody supplies is assumed to give: a repository's files, or the one file that its name promises.
pub fn download(url: &str) -> Tree {
    let path = url.split(['?', '#']).next().unwrap_or("").trim_end_matches('/');
    let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("download");
    match name.ends_with(".git") || url.starts_with("git") {
        true => project(Tree::empty()),
        false => file(Tree::empty(), &ImagePath::root().child(name), name),
    }
}

/// The tree with what a whole project is assumed to have.
pub fn project(tree: Tree) -> Tree {
    PROJECT.iter().fold(tree, |tree, path| with(tree, path))
}

/// The tree with placeholders for what a path or pattern names, unless it is there.
pub fn instead(tree: &Tree, path: &str) -> Option<Tree> {
    if !has_wildcard(path) {
        return tree.lookup(&ImagePath::new(path)).is_err().then(|| with(tree.clone(), path));
    }
    let pattern = path.trim_start_matches('/');
    let is_there = tree.walk().any(|(path, _)| glob_match(pattern, path.relative()) == Ok(true));
    (!is_there).then(|| concrete(path).iter().fold(tree.clone(), |tree, path| with(tree, path)))
}

/// The tree with a placeholder at a path that a command looked for, if it lies in a folder of the project or of a modelled download,
/// or is a program that an image or a package of which little is known may have. `own`: what the project tells of packages.
pub fn looked_for(tree: &Tree, place: &ImagePath, sought: Sought, own: &Project) -> Option<Tree> {
    if sought == Sought::Program && is_of_programs(place) && is_strange(tree, own) {
        return program(tree, place);
    }
    let mut above = place.parent();
    while let Some(folder) = above.filter(|folder| *folder != ImagePath::root()) {
        if tree.lookup(&folder).is_ok_and(|(_, node)| is_assumed(node)) {
            let place = if sought == Sought::Folder { place.child("package.json") } else { place.clone() };
            if has_wildcard(place.name()) {
                let fits = concrete(place.as_str());
                let made = fits.iter().fold(tree.clone(), |tree, path| with(tree, path));
                return fits.iter().all(|path| made.lookup(&ImagePath::new(path)).is_ok()).then_some(made);
            }
            let made = match sought {
                Sought::Program | Sought::File => file(tree.clone(), &place, place.name()),
                Sought::Folder | Sought::Anything => with(tree.clone(), place.as_str()),
            };
            return made.lookup(&place).is_ok().then_some(made);
        }
        above = folder.parent();
    }
    None
}

/// Whether a folder holds placeholders or modelled bytes from afar.
fn is_assumed(node: &Node) -> bool {
    let Node::Directory(folder) = node else { return false };
    folder.entries.iter().any(|(_, entry)| {
        let Node::File(file) = entry else { return false };
        match &file.content {
            Content::Synthetic { seed, .. } => [DOWNLOAD, "git:", "unpacked:"].iter().any(|from| seed.starts_with(from)),
            content => is_placeholder(&String::from_utf8_lossy(&content.head(1024))),
        }
    })
}

/// Where an image that nobody knows says that it is one.
const STRANGER: &str = "/usr/share/doc/bottleship/assumed";
/// The tree of an image that stands for one that nobody knows: it says so.
pub fn stranger(tree: &Tree, reference: &str) -> Tree {
    let place = ImagePath::new(STRANGER);
    let folder = place.parent().unwrap_or_else(ImagePath::root);
    let text = Content::from(format!("{reference}: {MARK}\n").as_str());
    let made = tree.make_directories(&folder, &Metadata::root(0o755, 0));
    made.and_then(|tree| tree.insert(&place, Node::file(Metadata::root(0o644, 0), text))).unwrap_or_else(|_| tree.clone())
}

/// Whether an image may have programs that are not in the tree: nobody knows it, or a package that a recipe installed in it.
fn is_strange(tree: &Tree, own: &Project) -> bool {
    tree.lookup(&ImagePath::new(STRANGER)).is_ok()
        || [PackageSystem::Debian, PackageSystem::Alpine, PackageSystem::Rpm].into_iter().any(|system| has_guess(tree, system, own))
}

/// Whether a recipe installed a package that neither its table nor the project has.
fn has_guess(tree: &Tree, system: PackageSystem, own: &Project) -> bool {
    let Ok((_, Node::File(file))) = tree.lookup(&ImagePath::new(system.database())) else { return false };
    let (name, maintainer) = if system == PackageSystem::Alpine { ("P:", "m:") } else { ("Package: ", "Maintainer: ") };
    let text = file.content.head(1 << 22);
    let text = String::from_utf8_lossy(&text);
    let field = |stanza: &str, key: &str| stanza.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().to_owned();
    let ours: Vec<&str> = text.split("\n\n").filter(|stanza| field(stanza, maintainer) == OURS).collect();
    let table = if ours.is_empty() { Packages::new() } else { packages::table(system, own) };
    ours.iter().any(|stanza| !packages::known(&table, &field(stanza, name)))
}

/// Whether it is a name in a folder where a shell looks for programs.
fn is_of_programs(place: &ImagePath) -> bool {
    place.parent().is_some_and(|folder| matches!(folder.name(), "bin" | "sbin"))
}

/// The tree with a program of which nothing is known but its name.
fn program(tree: &Tree, place: &ImagePath) -> Option<Tree> {
    let folder = place.parent()?;
    let content = Content::Synthetic { seed: format!("assumed:{}", place.as_str()).into(), size: 1_000_000 };
    let made = tree.make_directories(&folder, &Metadata::root(0o755, 0)).ok()?;
    made.insert(place, Node::file(Metadata::root(0o755, 0), content)).ok()
}

/// Whether a text says that it is no file of a real project.
pub fn is_placeholder(text: &str) -> bool {
    text.contains(MARK) || text.contains("modelled download of ")
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
pub fn with(tree: Tree, path: &str) -> Tree {
    let place = ImagePath::new(path);
    if tree.lookup(&place).is_ok() {
        return tree;
    }
    let name = place.name();
    // What stands behind a dot is short where it says what a file is.
    let ending = name.rsplit_once('.').filter(|_| !matches!(name, "." | ".git")).map(|(_, ending)| ending);
    let is_file =
        ending.is_some_and(|ending| ending.len() <= 12 && !ending.contains('-')) || text(name).is_some() || name.starts_with("Docker");
    match is_file {
        true => file(tree, &place, name),
        false => file(tree, &place.child("placeholder.txt"), "placeholder.txt"),
    }
}

fn file(tree: Tree, place: &ImagePath, name: &str) -> Tree {
    let parent = place.parent().unwrap_or_else(ImagePath::root);
    let ends = |list: &[&str]| list.iter().any(|end| name.ends_with(end));
    let script = || match () {
        () if !name.contains('.') || ends(&[".sh", ".bash", ".run", ".bin"]) => format!("#!/bin/sh\n# {MARK}\n"),
        () if ends(&[".py"]) => format!("#!/usr/bin/env python3\n# {MARK}\n"),
        () if ends(&[".patch", ".diff"]) => String::new(),
        () if ends(&[".json"]) => format!("{{\"description\": \"{MARK}\"}}\n"),
        () => format!("# {MARK}\n"),
    };
    let content = match ARCHIVES.iter().any(|end| name.ends_with(end)) {
        true => Content::Synthetic { seed: format!("{DOWNLOAD}{MARK}/{name}").into(), size: DOWNLOAD_SIZE },
        false => Content::from(text(name).unwrap_or_else(script).as_str()),
    };
    let runs = content.head(2).starts_with(b"#!");
    let owner = owner(&tree, &parent);
    let made = tree.make_directories(&parent, &Metadata { mode: 0o755, ..owner.clone() }).unwrap_or_else(|_| tree.clone());
    made.insert(place, Node::file(Metadata { mode: if runs { 0o755 } else { 0o644 }, ..owner }, content)).unwrap_or(made)
}

/// Whose a new file is: its folder's owner.
fn owner(tree: &Tree, folder: &ImagePath) -> Metadata {
    let mut here = Some(folder.clone());
    while let Some(folder) = here {
        if let Ok((_, node)) = tree.lookup(&folder) {
            let Metadata { uid, gid, .. } = *node.metadata();
            return Metadata { uid, gid, ..Metadata::root(0o755, 0) };
        }
        here = folder.parent();
    }
    Metadata::root(0o755, 0)
}

/// The text of a manifest that a tool must be able to read.
fn text(name: &str) -> Option<String> {
    Some(match name {
        "package.json" => format!(
            "{{\"name\": \"app\", \"version\": \"1.0.0\", \"description\": \"{MARK}\", \"scripts\": {{\"build\": \"webpack\", \"prod\": \"webpack\", \"build:prod\": \"webpack\", \"test\": \"jest\", \"lint\": \"eslint .\", \"start\": \"true\"}}, \"dependencies\": {{\"express\": \"4.19.2\"}}, \"devDependencies\": {{\"webpack\": \"5.90.0\"}}}}\n"
        ),
        "package-lock.json" => "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/express\": {\"version\": \"4.19.2\"}, \"node_modules/webpack\": {\"version\": \"5.90.0\", \"dev\": true, \"bin\": {\"webpack\": \"bin/webpack.js\"}}}}\n".into(),
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
        "configure" => format!("#!/bin/sh\n# {MARK}\n[ -e Makefile ] || echo '# {MARK}' > Makefile\n"),
        "gradlew" | "mvnw" | "autogen.sh" | "bootstrap" | "entrypoint" | "docker-entrypoint" | "run" | "build" | "start"
        | "install" | "setup" => {
            format!("#!/bin/sh\n# {MARK}\n")
        }
        "Makefile" | "makefile" | "Gemfile" | "Procfile" | "Rakefile" | "LICENSE" | "README" | "VERSION" | "Jenkinsfile" | "Caddyfile"
        | "crontab" | "go.sum" | "yarn.lock" => format!("# {MARK}\n"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays() {
        let tree = with(Tree::empty(), "app/package.json");
        assert!(instead(&tree, "app/package.json").is_none() && instead(&tree, "app/*.json").is_none());
        assert!(instead(&tree, "app/package-lock.json").is_some_and(|tree| tree.get(&ImagePath::new("/app/package-lock.json")).is_some()));
        assert!(instead(&tree, "target/*.jar").is_some_and(|tree| tree.get(&ImagePath::new("/target/app.jar")).is_some()));
    }

    #[test]
    fn only_a_project_lacks_files() {
        let tree = with(Tree::empty(), "app/package.json");
        let made = |place: &str, sought: Sought| {
            let tree = looked_for(&tree, &ImagePath::new(place), sought, &Project::default())?;
            tree.lookup(&ImagePath::new(place)).ok().map(|(_, node)| matches!(node, Node::Directory(_)))
        };
        assert_eq!(made("/app/run", Sought::Program), Some(false));
        assert_eq!(made("/app/web", Sought::Folder), Some(true));
        assert_eq!(made("/app/storage", Sought::Anything), Some(true));
        assert_eq!(made("/app/bin/rails", Sought::Program), Some(false));
        assert_eq!(made("/etc/app.conf", Sought::File), None);
        assert_eq!(made("/usr/bin/npm", Sought::Program), None);
    }

    #[test]
    fn a_stranger_may_have_any_program() {
        let place = ImagePath::new("/usr/bin/npm");
        let mut own = Project::default();
        own.packages.insert(PackageSystem::Debian, [("our-tools".to_owned(), packages::Package::default())].into());
        let has = |tree: &Tree| looked_for(tree, &place, Sought::Program, &own).is_some_and(|tree| tree.lookup(&place).is_ok());
        assert!(!has(&Tree::empty()) && has(&stranger(&Tree::empty(), "acme/tools")));
        let status = |package: &str, maintainer: &str| {
            let text = format!("Package: {package}\nMaintainer: {maintainer}\nVersion: 1.0\n");
            let folder = Tree::empty().make_directories(&ImagePath::new("/var/lib/dpkg"), &Metadata::root(0o755, 0)).unwrap();
            folder
                .insert(
                    &ImagePath::new(PackageSystem::Debian.database()),
                    Node::file(Metadata::root(0o644, 0), Content::from(text.as_str())),
                )
                .unwrap()
        };
        assert!(has(&status("acme-tools", OURS)) && !has(&status("acme-tools", "acme")) && !has(&status("curl", OURS)));
        assert!(!has(&status("our-tools", OURS)), "the project knows its own packages");
    }
}
