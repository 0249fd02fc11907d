//! Downloads: curl, wget and git clone. What the project supplies for a URL is real; everything else is modelled: a size, a
//! plausible content, and a seed that remembers the URL, so that unpacking and checking it can be answered later.

use super::super::{Network, Process};
use super::arguments::Arguments;
use super::effects::{self, spread, take};
use super::template::absolute;
use crate::filesystem::{Content, Errno, ImagePath, Node};

/// Begins the seed of a modelled download.
const SEED: &str = "download:";
/// Begins the text of one on a pipe.
const MARK: &str = "# modelled download of ";
const SPEED: f64 = 25e6;
const CURL: &[&str] = &[
    "-o",
    "--output",
    "-H",
    "--header",
    "-d",
    "--data",
    "-X",
    "--request",
    "-u",
    "--user",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-b",
    "-c",
    "-x",
    "--proxy",
    "-T",
    "-F",
    "-m",
    "--max-time",
    "-r",
    "-w",
    "--write-out",
    "-K",
    "-C",
    "--retry",
    "--retry-delay",
    "--connect-timeout",
    "--output-dir",
    "--cacert",
    "--retry-max-time",
    "-E",
    "--url",
    "--proto-default",
];
const WGET: &[&str] = &[
    "-O",
    "--output-document",
    "-P",
    "--directory-prefix",
    "-i",
    "-t",
    "--tries",
    "-T",
    "--timeout",
    "-U",
    "--user-agent",
    "--header",
    "-o",
    "-e",
    "-a",
    "--retry-connrefused",
    "-w",
    "--wait",
    "--waitretry",
    "--read-timeout",
];
/// Programs of archives that many images unpack.
const KNOWN: &[(&str, &str)] = &[
    ("node", "node npm npx"),
    ("go", "go gofmt"),
    ("jdk", "java javac jar keytool"),
    ("jre", "java keytool"),
    ("zulu", "java javac jar keytool"),
    ("apache-maven", "mvn"),
    ("apache-tomcat", "catalina.sh startup.sh version.sh"),
    ("gradle", "gradle"),
    ("apache-ant", "ant"),
];

/// Whether the program fetches.
pub fn knows(name: &str) -> bool {
    matches!(name, "curl" | "wget" | "git")
}

/// Runs curl, wget or git.
pub fn run(process: &mut Process, name: &str) -> i32 {
    match name {
        "git" => git(process),
        "curl" => {
            // The protocol list has a value, too, that nobody needs.
            let args = Arguments::letters(&process.args[1..], CURL);
            let urls: Vec<String> = args.words.iter().filter(|word| word.contains('.') || word.contains(':')).cloned().collect();
            curl(process, &args, &urls)
        }
        _ => wget(process),
    }
}

fn host(url: &str) -> &str {
    url.split("://").last().unwrap_or(url).split(['/', ':']).next().unwrap_or("")
}

fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let after = path.split("://").last().unwrap_or(path);
    match after.split_once('/') {
        Some((_, path)) if !path.trim_end_matches('/').is_empty() => {
            path.trim_end_matches('/').rsplit('/').next().unwrap_or("index.html").to_owned()
        }
        _ => "index.html".into(),
    }
}

fn curl(process: &mut Process, args: &Arguments, urls: &[String]) -> i32 {
    if args.has(&["--version", "-V"]) {
        process.out("curl 7.88.1 (x86_64-pc-linux-gnu)\n");
        return 0;
    }
    if urls.is_empty() {
        process.err("curl: no URL specified!\ncurl: try 'curl --help' for more information\n");
        return 2;
    }
    for url in urls {
        if process.system.network == Network::None && !process.system.remotes.contains_key(url) {
            process.err(format!("curl: (6) Could not resolve host: {}\n", host(url)));
            return 6;
        }
        let dest = match args.value(&["-o", "--output"]) {
            Some(path) => Some(path.to_owned()),
            None => args.has(&["-O", "--remote-name", "--remote-name-all"]).then(|| file_name(url)),
        };
        if args.has(&["-I", "--head"]) {
            process.out("HTTP/2 200 \r\n\r\n");
        } else if let Err(error) = save(process, url, dest.as_deref(), args.value(&["--output-dir"])) {
            process.err(format!("curl: (23) Failure writing output to destination: {}\n", crate::machine::errno::text(error)));
            return 23;
        }
        if let Some(format) = args.value(&["-w", "--write-out"]) {
            process.out(format.replace("%{http_code}", "200").replace("\\n", "\n").replace("%{url_effective}", url));
        }
    }
    0
}

fn wget(process: &mut Process) -> i32 {
    let args = Arguments::letters(&process.args[1..], WGET);
    if args.has(&["--version", "-V"]) {
        process.out("GNU Wget 1.21.3\n");
        return 0;
    }
    for url in args.words.clone() {
        if process.system.network == Network::None && !process.system.remotes.contains_key(&url) {
            let (text, status) = match process.busybox() {
                true => (format!("wget: bad address '{}'\n", host(&url)), 1),
                false => (format!("wget: unable to resolve host address ‘{}’\n", host(&url)), 4),
            };
            process.err(text);
            return status;
        }
        let dest = args.value(&["-O", "--output-document"]).map_or_else(|| file_name(&url), str::to_owned);
        let dest = if dest == "-" { None } else { Some(dest) };
        if let Err(error) = save(process, &url, dest.as_deref(), args.value(&["-P", "--directory-prefix"])) {
            process.err(format!("{}: {}\n", dest.unwrap_or_default(), crate::machine::errno::text(error)));
            return 3;
        }
    }
    0
}

/// Writes what a URL gives to a file, or to standard output.
fn save(process: &mut Process, url: &str, dest: Option<&str>, folder: Option<&str>) -> Result<(), Errno> {
    let content = payload(process, url);
    take(process, 0.3 + content.len() as f64 / SPEED);
    let Some(dest) = dest.filter(|dest| *dest != "-") else {
        match &content {
            Content::Bytes(bytes) => process.out(bytes),
            Content::Synthetic { .. } => process.out(format!("{MARK}{url}\n")),
        }
        return Ok(());
    };
    let folder = folder.map_or_else(|| process.cwd.as_str().to_owned(), |folder| absolute(process.cwd.as_str(), folder));
    let path = absolute(&folder, dest);
    if dest != "/dev/null" {
        if folder != process.cwd.as_str() {
            process.mkdir_all(&folder)?;
        }
        process.write(&path, content)?;
    }
    Ok(())
}

/// What a URL gives.
fn payload(process: &Process, url: &str) -> Content {
    if let Some(tree) = process.system.remotes.get(url) {
        let file = tree.root().entries.values().find_map(Node::as_file).cloned();
        if let Some(file) = file {
            return file.content.clone();
        }
    }
    let name = file_name(url).to_ascii_lowercase();
    let ends = |list: &[&str]| list.iter().any(|end| name.ends_with(end));
    if ends(&[
        ".asc", ".sig", ".gpg", ".pem", ".key", ".pub", ".crt", ".sha256", ".sha512", ".md5", ".txt", ".list", ".repo", ".conf", ".ini",
        ".cfg", ".yml", ".yaml", ".toml", ".md",
    ]) {
        return format!("{MARK}{url}\n").as_str().into();
    }
    if ends(&[".json"]) || url.contains("/api") || host(url).starts_with("api.") {
        return "{\"tag_name\":\"v1.0.0\",\"version\":\"1.0.0\"}\n".into();
    }
    let script = ends(&[".sh", ".py", ".php", ".pl", ".rb", ".js", "index.html", "install", "installer", "setup"])
        || name.starts_with("setup")
        || name.starts_with("install");
    if script {
        return format!("#!/bin/sh\n{MARK}{url}\n").as_str().into();
    }
    Content::Synthetic { seed: format!("{SEED}{url}").into(), size: spread(url, 1_500_000, 24_000_000) }
}

/// The URL that a file was downloaded from, if it was modelled.
fn source(process: &mut Process, path: &str) -> Option<(String, u64)> {
    match process.content(path).ok()? {
        Content::Synthetic { seed, size } => Some((seed.strip_prefix(SEED)?.to_owned(), size)),
        Content::Bytes(_) => None,
    }
}

/// Answers for the tools that meet a modelled download: unpacking it, checking its sum. `None`: they are on their own.
pub fn meet(process: &mut Process, name: &str) -> Option<i32> {
    match name {
        "tar" | "bsdtar" => untar(process),
        "unzip" => unzip(process),
        "sha1sum" | "sha224sum" | "sha256sum" | "sha384sum" | "sha512sum" | "md5sum" | "shasum" => check(process),
        _ => None,
    }
}

fn untar(process: &mut Process) -> Option<i32> {
    let mut words = process.args[1..].to_vec();
    // `tar xzf FILE`: the old style without a dash.
    if let Some(first) = words.first_mut().filter(|first| !first.starts_with('-')) {
        *first = format!("-{first}");
    }
    let valued = [
        "-f",
        "--file",
        "-C",
        "--directory",
        "--strip-components",
        "--strip",
        "--exclude",
        "-T",
        "-X",
        "--owner",
        "--group",
        "--transform",
        "-I",
    ];
    let args = Arguments::letters(&words, &valued);
    if !args.has(&["-x", "--extract", "--get"]) {
        return None;
    }
    let (url, size) = match args.value(&["-f", "--file"]).filter(|path| *path != "-" && *path != "/dev/stdin") {
        Some(path) => {
            let path = path.to_owned();
            source(process, &path)?
        }
        None => {
            let text = process.read_fd(0, 4096);
            let found = std::str::from_utf8(&text).ok().and_then(|text| text.strip_prefix(MARK)).map(|url| url.trim_end().to_owned());
            match found {
                Some(url) => {
                    let size = spread(&url, 1_500_000, 24_000_000);
                    (url, size)
                }
                None => {
                    process.unread_fd(0, text.len());
                    return None;
                }
            }
        }
    };
    let strip = args.value(&["--strip-components", "--strip"]).and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    let folder = args.value(&["-C", "--directory"]).unwrap_or(".").to_owned();
    if !process.is_dir(&folder) {
        process.err(format!("tar: {folder}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n"));
        return Some(2);
    }
    Some(unpack(process, &url, size, &folder, strip))
}

fn unzip(process: &mut Process) -> Option<i32> {
    let args = Arguments::letters(&process.args[1..], &["-d", "-x", "-P"]);
    let path = args.words.first()?.clone();
    let (url, size) = source(process, &path)?;
    let folder = args.value(&["-d"]).unwrap_or(".").to_owned();
    let _ = process.mkdir_all(&folder);
    Some(unpack(process, &url, size, &folder, 0))
}

/// The folder that an archive has at its top: `foo-1.2.tar.gz`, `…/foo/archive/v1.2.tar.gz` are `foo-1.2`.
fn top(url: &str) -> String {
    let file = file_name(url);
    let ends = [".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar", ".tgz", ".txz", ".tbz2", ".zip", ".gz", ".xz", ".git"];
    let stem = ends.iter().find_map(|end| file.strip_suffix(end)).unwrap_or(&file).to_owned();
    let bare = stem.trim_start_matches('v');
    if !bare.starts_with(|c: char| c.is_ascii_digit()) && !matches!(bare, "master" | "main") {
        return if bare.starts_with("go1.") { "go".into() } else { stem };
    }
    let before = url.split("/archive/").next().unwrap_or(url).split("/releases/").next().unwrap_or(url);
    format!("{}-{bare}", before.trim_end_matches('/').rsplit('/').next().unwrap_or("source"))
}

/// Writes a plausible content of a modelled archive.
fn unpack(process: &mut Process, url: &str, size: u64, folder: &str, strip: usize) -> i32 {
    let top = top(url);
    let root = if strip == 0 { format!("{}/{top}", folder.trim_end_matches('/')) } else { folder.trim_end_matches('/').to_owned() };
    let name = top.split(['-', '_']).next().unwrap_or(&top).to_owned();
    let known = KNOWN.iter().find(|(prefix, _)| top.starts_with(prefix) || top.to_ascii_lowercase().contains(prefix) && prefix.len() > 2);
    let mut written = Vec::new();
    match known {
        Some((_, programs)) => written.extend(programs.split(' ').map(|program| format!("{root}/bin/{program}"))),
        None => {
            let steps = ["configure", "Configure", "config", "autogen.sh", "bootstrap.sh", "install.sh"];
            written.extend(steps.map(|step| format!("{root}/{step}")));
            // Releases of one program have it at the top.
            written.push(format!("{root}/{name}"));
            written.push(format!("{root}/bin/{name}"));
        }
    }
    let share = (size * 3 / written.len().max(1) as u64).max(1);
    for path in &written {
        if !process.is_dir(path) && effects::program(process, path, path, if known.is_some() { share } else { 40_000 }).is_err() {
            process.err(format!("tar: {path}: Cannot open\n"));
            return 2;
        }
    }
    if known.is_none() {
        for manifest in ["Makefile", "CMakeLists.txt", "README.md", "setup.py"] {
            let _ = effects::text(process, &format!("{root}/{manifest}"), &format!("{MARK}{url}\n"));
        }
    }
    let _ = effects::bulk(process, &format!("{root}/lib/.modelled-{name}"), size * 3);
    take(process, 0.1 + size as f64 / 60e6);
    0
}

/// `sha256sum -c`: the sum of a modelled download is taken as right.
fn check(process: &mut Process) -> Option<i32> {
    let args = Arguments::letters(&process.args[1..], &["-a"]);
    if !args.has(&["-c", "--check"]) {
        return None;
    }
    let list = args.words.first().filter(|word| *word != "-").cloned();
    let text = match &list {
        Some(path) => process.read(path).ok()?,
        None => process.read_fd(0, 1 << 16),
    };
    let lines = String::from_utf8_lossy(&text).into_owned();
    let names: Vec<String> = lines
        .lines()
        .filter_map(|line| line.split_once([' ', '\t']))
        .map(|(_, name)| name.trim_start_matches([' ', '*']).to_owned())
        .collect();
    // A list that was itself downloaded names nothing that we know.
    let modelled = lines.starts_with(MARK) || !names.is_empty() && names.iter().all(|name| source(process, name).is_some());
    if !modelled {
        if list.is_none() {
            process.unread_fd(0, text.len());
        }
        return None;
    }
    if !args.has(&["--status", "--quiet", "-s"]) && !lines.starts_with(MARK) {
        for name in names {
            process.out(format!("{name}: OK\n"));
        }
    }
    Some(0)
}

fn git(process: &mut Process) -> i32 {
    let valued =
        ["-C", "-c", "-b", "--branch", "--depth", "-j", "--jobs", "--git-dir", "--work-tree", "--reference", "-m", "-o", "--origin"];
    let args = Arguments::read(&process.args[1..], &valued);
    let rest = args.rest();
    match args.command() {
        "clone" => {
            let Some(url) = rest.first().cloned() else { return 128 };
            let folder = rest.get(1).cloned().unwrap_or_else(|| file_name(&url).trim_end_matches(".git").to_owned());
            process.err(format!("Cloning into '{folder}'...\n"));
            if let Some(tree) = process.system.remotes.get(&url).cloned() {
                return supplied(process, &tree, &folder);
            }
            if process.system.network == Network::None {
                process.err(format!("fatal: unable to access '{url}/': Could not resolve host: {}\n", host(&url)));
                return 128;
            }
            let shallow = args.has(&["--depth"]) || args.value(&["--depth"]).is_some();
            let size = spread(&url, 900_000, 14_000_000);
            let status = unpack(process, &url, size / 3, &folder, 1);
            let pack = if shallow { size } else { size * 4 };
            let _ = effects::bulk(process, &format!("{folder}/.git/objects/pack/.modelled"), pack);
            let _ = effects::text(process, &format!("{folder}/.git/HEAD"), "ref: refs/heads/main\n");
            take(process, 0.8 + pack as f64 / SPEED);
            status
        }
        "rev-parse" | "log" | "show" => {
            process.out(format!("{}\n", &crate::base::Digest::of(process.cwd.as_str()).hex()[..40]));
            0
        }
        "describe" | "tag" => {
            process.out("v1.0.0\n");
            0
        }
        "init" => {
            let folder = rest.first().cloned().unwrap_or_else(|| ".".into());
            let _ = effects::text(process, &format!("{folder}/.git/HEAD"), "ref: refs/heads/main\n");
            0
        }
        "" if args.has(&["--version"]) => {
            process.out("git version 2.39.5\n");
            0
        }
        _ => {
            take(process, 0.2);
            0
        }
    }
}

/// Puts a supplied repository into a folder.
fn supplied(process: &mut Process, tree: &crate::filesystem::Tree, folder: &str) -> i32 {
    let mut todo = vec![(ImagePath::root(), tree.root().clone())];
    while let Some((path, directory)) = todo.pop() {
        for (name, node) in &directory.entries {
            let path = path.child(name);
            let place = format!("{folder}{}", path.as_str());
            match node {
                Node::Directory(directory) => {
                    let _ = process.mkdir_all(&place);
                    todo.push((path, directory.clone()));
                }
                Node::File(file) => {
                    let made = process.mkdir_all(place.rsplit_once('/').map_or(".", |(folder, _)| folder));
                    if made.and_then(|()| process.write(&place, file.content.clone())).is_err() {
                        process.err(format!("fatal: could not create '{place}'\n"));
                        return 128;
                    }
                    if let (true, Ok((real, _))) = (file.metadata.mode & 0o111 != 0, process.stat(&place)) {
                        let _ = process.system.chmod(&process.ids.clone(), &real, 0o755);
                    }
                }
                _ => {}
            }
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_have_a_folder_at_their_top() {
        let check = |url: &str, expect: &str| assert_eq!(top(url), expect, "{url}");
        check("https://example.org/foo-1.2.tar.gz", "foo-1.2");
        check("https://example.org/a/foo/archive/refs/tags/v1.2.tar.gz", "foo-1.2");
        check("https://example.org/a/foo/archive/master.zip", "foo-master");
        check("https://example.org/dl/go1.22.1.linux-amd64.tar.gz", "go");
    }
}
