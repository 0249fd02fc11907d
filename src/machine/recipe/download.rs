//! Tools that meet a modelled download, which a seed with its URL tells: unpacking it gives a plausible folder, its check sum is right.

use super::super::Process;
use super::arguments::Arguments;
use super::effects::{self, spread, take};
use crate::filesystem::Content;
use crate::world::assumed::DOWNLOAD;

/// Begins the text of a modelled download.
const MARK: &str = "# modelled download of ";
/// Archives that many images unpack: what the name begins with (`#` a digit), the folder at the top (empty: as the name says, `.`:
/// none), the programs in it.
const KNOWN: &[(&str, &str, &str)] = &[
    ("node_exporter", "", "node_exporter"),
    ("node", "", "bin/node bin/npm bin/npx"),
    ("go.", "", "bin/go bin/gofmt"),
    ("go-", "", "bin/go bin/gofmt"),
    ("jdk", "", "bin/java bin/javac bin/jar bin/keytool"),
    ("OpenJDK", "", "bin/java bin/javac bin/jar bin/keytool"),
    ("jre", "", "bin/java bin/keytool"),
    ("zulu", "", "bin/java bin/javac bin/jar bin/keytool"),
    ("apache-maven", "", "bin/mvn"),
    ("apache-tomcat", "", "bin/catalina.sh bin/startup.sh bin/version.sh"),
    ("gradle", "", "bin/gradle"),
    ("apache-ant", "", "bin/ant"),
    ("awscli-exe", "aws", "install dist/aws"),
    ("docker-#", "docker", "docker dockerd containerd ctr runc docker-init docker-proxy"),
    ("helm-v", "linux-amd64", "helm"),
    ("terraform_", ".", "terraform"),
    ("vault_", ".", "vault"),
    ("packer_", ".", "packer"),
    ("consul_", ".", "consul"),
    ("protoc-", ".", "bin/protoc"),
    ("rclone-current", "rclone-v1.68.2-linux-amd64", "rclone"),
    ("geckodriver", ".", "geckodriver"),
    ("chromedriver", ".", "chromedriver"),
    ("firefox", "firefox", "firefox"),
    ("eksctl_", ".", "eksctl"),
    ("kustomize_", ".", "kustomize"),
    ("hugo_", ".", "hugo"),
    ("openshift-client", ".", "oc kubectl"),
    ("commandlinetools-linux", "cmdline-tools", "bin/sdkmanager bin/avdmanager"),
    ("android-sdk_", "android-sdk-linux", "tools/android"),
    ("ffmpeg-release", "ffmpeg-7.0.2-amd64-static", "ffmpeg ffprobe"),
    ("nextcloud-", "nextcloud", "occ"),
    ("wordpress-", "wordpress", "wp-settings.php"),
];

/// Whether an archive's folder is one of those.
fn fits(top: &str, begins: &str) -> bool {
    match begins.strip_suffix('#') {
        Some(begins) => top.strip_prefix(begins).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())),
        None => top == begins.trim_end_matches(['.', '-']) || top.starts_with(begins) || begins.ends_with("jdk") && top.contains(begins),
    }
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

/// The URL that a file was downloaded from, if it was modelled.
fn source(process: &mut Process, path: &str) -> Option<(String, u64)> {
    match process.content(path).ok()? {
        Content::Synthetic { seed, size } => Some((seed.strip_prefix(DOWNLOAD)?.to_owned(), size)),
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
pub fn top(url: &str) -> String {
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
    let known = KNOWN.iter().find(|(begins, ..)| fits(&top, begins));
    let name = top.split(['-', '_']).next().unwrap_or(&top).to_owned();
    let top = known.map(|known| known.1).filter(|folder| !folder.is_empty()).unwrap_or(&top);
    let folder = folder.trim_end_matches('/');
    let root = if strip == 0 && top != "." { format!("{folder}/{top}") } else { folder.to_owned() };
    let mut written = Vec::new();
    match known {
        Some((.., programs)) => written.extend(programs.split(' ').map(|program| format!("{root}/{program}"))),
        None => {
            let steps = ["configure", "Configure", "config", "autogen.sh", "bootstrap", "bootstrap.sh", "install.sh"];
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
    if top != "." {
        let _ = effects::bulk(process, &format!("{root}/lib/.modelled-{name}"), size * 3);
    }
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

    #[test]
    fn archives_are_known_by_how_they_begin() {
        let of = |top: &str| KNOWN.iter().find(|(begins, ..)| fits(top, begins)).map(|known| known.0);
        let names =
            ["go", "docker-27.1.0", "docker-credential-ecr", "node-v20.1.0-linux-x64", "amazon-corretto-jdk-21", "golangci-lint-1.60"];
        assert_eq!(names.map(of), [Some("go."), Some("docker-#"), None, Some("node"), Some("jdk"), None]);
    }
}
