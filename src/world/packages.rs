//! What package managers can install: names, installed sizes, dependencies, programs.
//!
//! The tables are facts of the distributions, cut down: a dependency that is no package of its own here counts to the
//! size of the one that needs it. A digit group in a name may be written `*`: `openjdk-*-jdk` stands for every version,
//! and a `*` among what it needs is the same version. Lines that begin with `!` list names that only other
//! distributions have.

use std::collections::BTreeMap;

use super::files::size_of;
use super::project::Project;
use super::value::{At, DataError};

/// The families of package databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageSystem {
    /// dpkg: Debian, Ubuntu.
    Debian,
    /// apk: Alpine.
    Alpine,
    /// rpm: Fedora and its relatives.
    Rpm,
}

/// Who maintains packages that a recipe installed.
pub const OURS: &str = "bottleship";

/// One package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Installed bytes.
    pub size: u64,
    /// As the distribution writes it.
    pub version: String,
    /// Names of packages it needs.
    pub depends: Vec<String>,
    /// Names that come along unless told otherwise.
    pub recommends: Vec<String>,
    /// Bytes of recommended packages that are not listed.
    pub recommended_size: u64,
    /// Names of the programs it brings.
    pub programs: Vec<String>,
}

/// Packages by name.
pub type Packages = BTreeMap<String, Package>;

impl PackageSystem {
    /// The table of this family.
    pub fn packages(self) -> Packages {
        parse(self.text())
    }

    fn text(self) -> &'static str {
        match self {
            PackageSystem::Debian => include_str!("data/packages/debian.txt"),
            PackageSystem::Alpine => include_str!("data/packages/alpine.txt"),
            PackageSystem::Rpm => include_str!("data/packages/rpm.txt"),
        }
    }

    /// Where the records of installed packages lie.
    pub fn database(self) -> &'static str {
        match self {
            PackageSystem::Debian => "/var/lib/dpkg/status",
            PackageSystem::Alpine => "/lib/apk/db/installed",
            PackageSystem::Rpm => "/var/lib/rpm/rpmdb.sqlite",
        }
    }

    /// By its name in JSON.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "debian" => Some(PackageSystem::Debian),
            "alpine" => Some(PackageSystem::Alpine),
            "rpm" => Some(PackageSystem::Rpm),
            _ => None,
        }
    }
}

/// The table of a family with a project's own packages in it.
pub fn table(system: PackageSystem, project: &Project) -> Packages {
    let mut packages = system.packages();
    if let Some(own) = project.packages.get(&system) {
        packages.extend(own.iter().map(|(name, package)| (name.clone(), package.clone())));
    }
    packages
}

/// Whether the table knows a name.
pub fn known(packages: &Packages, name: &str) -> bool {
    packages.contains_key(name) || packages.contains_key(&starred(name).0)
}

/// Whether only other distributions have a package of this name.
pub fn foreign(system: PackageSystem, name: &str) -> bool {
    system.text().lines().filter_map(|line| line.strip_prefix('!')).any(|line| line.split(' ').any(|other| other == name))
}

/// The package of that name; names that the table does not have are some package of middling size with a program like
/// its name, unless the name says that it is a library, headers or data.
pub fn find(packages: &Packages, name: &str) -> Package {
    let mut package = match packages.get(name) {
        Some(package) => package.clone(),
        None => {
            let (pattern, version) = starred(name);
            match packages.get(&pattern) {
                Some(package) => {
                    let mut package = package.clone();
                    for word in package.depends.iter_mut().chain(&mut package.recommends).chain(&mut package.programs) {
                        *word = word.replace('*', &version);
                    }
                    package
                }
                None => Package {
                    size: if part(name) { 240_000 } else { 1_900_000 },
                    programs: if brings_program(name) { vec![name.to_owned()] } else { Vec::new() },
                    ..Package::default()
                },
            }
        }
    };
    if package.version.is_empty() {
        let version = starred(name).1;
        package.version = if packages.contains_key(name) || version.is_empty() { "1.0".into() } else { version };
    }
    package
}

/// `openjdk-17-jdk` to (`openjdk-*-jdk`, `17`): the first version in the name.
fn starred(name: &str) -> (String, String) {
    let Some(start) = name.find(|c: char| c.is_ascii_digit()) else { return (name.to_owned(), String::new()) };
    let rest = &name[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    (format!("{}*{}", &name[..start], &rest[end..]), rest[..end].to_owned())
}

fn part(name: &str) -> bool {
    !brings_program(name) || name.starts_with("php") || name.starts_with("perl-")
}

fn brings_program(name: &str) -> bool {
    let library = name.starts_with("lib")
        || name.starts_with("fonts-")
        || name.starts_with("ttf-")
        || name.contains("-perl")
        || name.starts_with("py3-");
    let part =
        ["-dev", "-devel", "-doc", "-data", "-common", "-libs", "-headers", "-locales", "-dbg"].iter().any(|end| name.ends_with(end));
    !library && !part && !name.starts_with("php") && !name.starts_with("python3-")
}

/// Lines of `name kB[=version] dependencies | extra-kB recommended | programs`.
fn parse(table: &str) -> Packages {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let kilobytes = |text: &str| text.parse::<u64>().unwrap_or(0) * 1000;
    let line = |line: &str| {
        let mut parts = line.split('|');
        let mut depends = words(parts.next()?);
        let mut recommends = parts.next().map(words).unwrap_or_default();
        let programs = parts.next().map(words).unwrap_or_default();
        if depends.len() < 2 {
            return None;
        }
        let (name, size) = (depends.remove(0), depends.remove(0));
        let (size, version) = size.split_once('=').unwrap_or((&size, ""));
        let (size, version) = (kilobytes(size), version.to_owned());
        let counted = recommends.first().is_some_and(|first| first.bytes().all(|b| b.is_ascii_digit()));
        let recommended_size = if counted { kilobytes(&recommends.remove(0)) } else { 0 };
        Some((name, Package { size, version, depends, recommends, recommended_size, programs }))
    };
    table.lines().filter(|text| !text.starts_with(['#', '!'])).filter_map(line).collect()
}

/// Reads `{"name": {"size": "3MB", "depends": "a b", "recommends": "c", "programs": "name"}}`.
pub fn read(at: &At) -> Result<Packages, DataError> {
    let package = |(name, at): (&str, At)| {
        at.object(&["size", "version", "depends", "recommends", "programs"])?;
        let package = Package {
            size: size_of(&at.need("size")?)?,
            version: at.text_or("version", "")?.to_owned(),
            depends: at.words_of("depends")?,
            recommends: at.words_of("recommends")?,
            recommended_size: 0,
            programs: at.words_of("programs")?,
        };
        Ok((name.to_owned(), package))
    };
    at.entries()?.into_iter().map(package).collect()
}

/// What to install for these names, each after what it needs; what is installed already is left out.
pub fn closure(packages: &Packages, names: &[String], installed: &dyn Fn(&str) -> bool, recommended: bool) -> Vec<(String, Package)> {
    let mut order = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    // An explicit stack: (name, whether its dependencies are done).
    let mut stack: Vec<(String, bool)> = names.iter().rev().map(|name| (name.clone(), false)).collect();
    while let Some((name, done)) = stack.pop() {
        if done {
            let package = find(packages, &name);
            order.push((name, package));
            continue;
        }
        if installed(&name) || !seen.insert(name.clone()) {
            continue;
        }
        let package = find(packages, &name);
        stack.push((name, true));
        let more = if recommended { package.recommends.as_slice() } else { &[] };
        stack.extend(package.depends.iter().chain(more).rev().map(|name| (name.clone(), false)));
    }
    order
}

/// The record of an installed package in /var/lib/dpkg/status.
pub fn dpkg_stanza(name: &str, version: &str, kilobytes: u64) -> String {
    format!("Package: {name}\nStatus: install ok installed\nInstalled-Size: {kilobytes}\nVersion: {version}\n\n")
}

/// The record of an installed package in /lib/apk/db/installed.
pub fn apk_stanza(name: &str, version: &str, size: u64) -> String {
    format!("P:{name}\nV:{version}\nI:{size}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read() {
        let debian = PackageSystem::Debian.packages();
        assert_eq!(debian["curl"].programs, ["curl"]);
        assert_eq!(debian["gcc"].depends, ["gcc-12"]);
        assert!(debian["git"].recommends.contains(&"less".to_owned()));
        assert!(PackageSystem::Alpine.packages().len() > 150);
        assert!(PackageSystem::Rpm.packages()["git"].depends.contains(&"git-core".to_owned()));
    }

    #[test]
    fn every_dependency_is_known() {
        for system in [PackageSystem::Debian, PackageSystem::Alpine, PackageSystem::Rpm] {
            let packages = system.packages();
            for (name, package) in &packages {
                for other in package.depends.iter().chain(&package.recommends) {
                    assert!(known(&packages, other), "{system:?}: {name} needs {other}");
                }
            }
        }
    }

    #[test]
    fn dependencies_come_first() {
        let packages = parse("a 1 b c\nb 2 c\nc 3 a||see\nd 4|x\n");
        let names = |names: &[&str], recommended: bool| {
            let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            closure(&packages, &names, &|name| name == "x" && !recommended, recommended)
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(names(&["a"], false), "c b a");
        assert_eq!(names(&["d"], true), "x d");
        assert_eq!(names(&["x"], false), "");
        assert_eq!(find(&packages, "c").programs, ["see"]);
        assert_eq!((find(&packages, "tool").programs, find(&packages, "libtool-dev").programs), (vec!["tool".to_owned()], vec![]));
    }
}
