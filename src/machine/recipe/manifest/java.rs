//! pom.xml and build.gradle.

use super::super::super::Process;
use super::text::{elements, quoted, without};
use super::{Item, package};

const DEPTH: u32 = 3;

/// Dependencies of a Maven project and its modules.
pub fn maven(process: &mut Process) -> Vec<Item> {
    let mut found = Vec::new();
    for (_, text) in poms(process, ".", 0) {
        for dependency in elements(&text, "dependency") {
            let get = |name: &str| elements(dependency, name).first().copied().unwrap_or("");
            let version = get("version");
            let version = if version.is_empty() || version.starts_with('$') { "" } else { version };
            let mut item = package("maven", get("artifactId"), version);
            item.file = get("groupId").replace('.', "/");
            if !found.iter().any(|other: &Item| other.name == item.name) {
                found.push(item);
            }
        }
    }
    found
}

/// The poms of a project: folder and text.
fn poms(process: &mut Process, folder: &str, depth: u32) -> Vec<(String, String)> {
    let text = process.text(&format!("{folder}/pom.xml"));
    if text.is_empty() || depth > DEPTH {
        return Vec::new();
    }
    let mut found: Vec<_> =
        elements(&text, "module").iter().flat_map(|module| poms(process, &format!("{folder}/{}", module.trim()), depth + 1)).collect();
    found.insert(0, (folder.trim_start_matches("./").to_owned(), text));
    found
}

/// The archives that `mvn package` makes; `file` is their folder.
pub fn maven_artifacts(process: &mut Process) -> Vec<Item> {
    let needed: u64 = maven(process).iter().map(|item| item.size).sum();
    let mut found = Vec::new();
    for (folder, text) in poms(process, ".", 0) {
        let own = without(&text, &["parent", "dependencies", "dependencyManagement", "build", "profiles", "plugins"]);
        let get = |name: &str| elements(&own, name).first().map_or("", |text| text.trim());
        let packaging = if get("packaging").is_empty() { "jar" } else { get("packaging") };
        if packaging == "pom" {
            continue;
        }
        let inherited = || {
            elements(&text, "parent").first().and_then(|parent| elements(parent, "version").first().copied()).unwrap_or("1.0").to_owned()
        };
        let version = if get("version").is_empty() { inherited() } else { get("version").to_owned() };
        let named = elements(&text, "finalName").first().map(|name| {
            let name = name.replace("${project.artifactId}", get("artifactId")).replace("${project.version}", &version);
            name.replace("${artifactId}", get("artifactId")).replace("${version}", &version)
        });
        let name = named.unwrap_or_else(|| format!("{}-{version}", get("artifactId")));
        let fat = packaging == "war"
            || ["spring-boot-maven-plugin", "maven-shade-plugin", "jar-with-dependencies"].iter().any(|plugin| text.contains(plugin));
        let size = 14_000 + if fat { needed } else { 0 };
        found.push(Item { name: format!("{name}.{packaging}"), size, count: 0, file: prefix(&folder), ..Item::default() });
    }
    found
}

fn prefix(folder: &str) -> String {
    if folder.is_empty() || folder == "." { String::new() } else { format!("{}/", folder.trim_start_matches("./")) }
}

/// Build files of a Gradle project: folder and text.
fn gradle_files(process: &mut Process) -> Vec<(String, String)> {
    let settings = process.text("settings.gradle") + &process.text("settings.gradle.kts");
    let included = settings.lines().filter(|line| line.trim_start().starts_with("include"));
    let quotes = |line: &str| {
        line.split(['"', '\'']).skip(1).step_by(2).map(|name| name.trim_start_matches(':').replace(':', "/")).collect::<Vec<_>>()
    };
    let folders = std::iter::once(".".to_owned()).chain(included.flat_map(quotes));
    let read = |folder: String| {
        let text = process.text(&format!("{folder}/build.gradle")) + &process.text(&format!("{folder}/build.gradle.kts"));
        (!text.is_empty()).then_some((folder, text))
    };
    folders.filter_map(read).collect()
}

/// Dependencies of a Gradle project.
pub fn gradle(process: &mut Process) -> Vec<Item> {
    let mut found: Vec<Item> = Vec::new();
    for (_, text) in gradle_files(process) {
        let kinds = ["implementation", "api", "runtimeOnly", "compileOnly", "compile", "annotationProcessor", "testImplementation"];
        for line in text.lines().map(str::trim).filter(|line| kinds.iter().any(|kind| line.starts_with(kind))) {
            let Some(notation) = quoted(line) else { continue };
            let mut parts = notation.split(':');
            if let (Some(group), Some(name)) = (parts.next(), parts.next()) {
                let mut item = package("maven", name, parts.next().unwrap_or(""));
                item.file = group.to_owned();
                if !found.iter().any(|other| other.name == item.name) {
                    found.push(item);
                }
            }
        }
    }
    found
}

/// The archives that `gradle build` makes.
pub fn gradle_artifacts(process: &mut Process) -> Vec<Item> {
    let needed: u64 = gradle(process).iter().map(|item| item.size).sum();
    let settings = process.text("settings.gradle") + &process.text("settings.gradle.kts");
    let root = settings.lines().find(|line| line.contains("rootProject.name")).and_then(quoted).map(str::to_owned);
    let root = root.unwrap_or_else(|| process.cwd.name().to_owned());
    let mut found = Vec::new();
    for (folder, text) in gradle_files(process) {
        let version = text.lines().map(str::trim).find(|line| line.starts_with("version")).and_then(quoted);
        let name = if folder == "." { root.clone() } else { folder.rsplit('/').next().unwrap_or("").to_owned() };
        let ending = version.map_or(String::new(), |version| format!("-{version}"));
        if !["java", "kotlin", "application", "spring", "groovy", "shadow"].iter().any(|plugin| text.contains(plugin)) {
            continue;
        }
        let boot = text.contains("org.springframework.boot");
        let mut push = |name: String, size| found.push(Item { name, size, count: 0, file: prefix(&folder), ..Item::default() });
        push(format!("{name}{ending}.jar"), 14_000 + if boot { needed } else { 0 });
        if text.contains("shadow") {
            push(format!("{name}{ending}-all.jar"), 14_000 + needed);
        }
    }
    found
}
