//! Downloads: what the project supplies for a URL, else a modelled body that all later tools recognise as such.

use std::time::Duration;

use super::names::inside;
use crate::filesystem::{Content, Node, Tree};
use crate::machine::{Fidelity, Process, recipe};
use crate::world::assumed::DOWNLOAD;

/// How a modelled body begins where it must be text: as a script it does nothing.
const MARK: &str = "# bottleship: modelled download of ";

/// What a URL gives.
#[derive(Debug)]
pub struct Download {
    /// The body.
    pub content: Content,
    /// Nobody supplied it.
    pub modelled: bool,
}

/// The host of a URL.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or("");
    authority.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("")
}

/// The file name that a URL ends in.
pub fn file_name(url: &str) -> &str {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest).split(['?', '#']).next().unwrap_or("");
    path.split_once('/').map_or("", |(_, p)| p.rsplit('/').next().unwrap_or(""))
}

/// Fetches a URL and spends the time that it takes.
pub fn fetch(p: &mut Process, url: &str) -> Download {
    if let Some(content) = p.system.remotes.get(url).and_then(only_file) {
        return Download { content, modelled: false };
    }
    mark_modelled(p);
    let content = model(url);
    p.spend(Duration::from_millis(300 + content.len() / 20_000));
    Download { content, modelled: true }
}

/// The one file of a supplied tree.
fn only_file(tree: &Tree) -> Option<Content> {
    tree.walk().find_map(|(_, node)| if let Node::File(file) = node { Some(file.content.clone()) } else { None })
}

/// Says that the running program modelled its effects.
pub fn mark_modelled(p: &mut Process) {
    if let Some(report) = p.system.reports.last_mut() {
        report.fidelity = Fidelity::Modelled;
    }
}

/// A body of the size that its kind usually has.
fn model(url: &str) -> Content {
    let name = file_name(url).to_ascii_lowercase();
    let end = |ends: &[&str]| ends.iter().any(|e| name.ends_with(e));
    let size: u64 = match () {
        () if end(&[".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tbz2", ".txz", ".zip", ".tar", ".tar.zst", ".7z", ".whl"]) => 12 << 20,
        () if end(&[".jar", ".war", ".phar", ".gem", ".deb", ".rpm", ".apk", ".gz", ".xz", ".bz2", ".bin", ".run", ".exe", ".so"]) => {
            5 << 20
        }
        () if name.contains('.') && !name.ends_with(|c: char| c.is_ascii_digit()) => 0,
        () if url.contains("/download") || url.contains("/releases/") || name.contains("amd64") || name.contains("x86_64") => 9 << 20,
        () => 0,
    };
    match size {
        0 => Content::from(format!("#!/bin/sh\n{MARK}{url}\n").as_str()),
        size => Content::Synthetic { seed: format!("{DOWNLOAD}{url}").into(), size },
    }
}

/// What goes through a pipe in place of a modelled body.
pub fn stand_in(url: &str) -> String {
    format!("#!/bin/sh\n{MARK}{url}\n")
}

/// The URL that modelled bytes came from.
pub fn url_of(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
    head.lines().take(2).find_map(|line| line.strip_prefix(MARK).map(str::to_owned))
}

/// The URL that a file was a modelled download of; `-` is looked at by its bytes alone.
pub fn origin(p: &mut Process, path: &str) -> Option<String> {
    match p.content(path).ok()? {
        Content::Synthetic { seed, .. } => seed.strip_prefix(DOWNLOAD).map(str::to_owned),
        content => url_of(&content.head(4096)),
    }
}

/// The name of what an archive holds: `node` of `node-v20.1.0-linux-x64.tar.xz`.
fn product(name: &str) -> String {
    let end = name.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(name.len());
    let stem = name[..end].trim_end_matches(['-', '_', 'v', '.']);
    if stem.is_empty() { "program".to_owned() } else { stem.to_ascii_lowercase() }
}

/// Unpacks what nobody has: the folder that the archive's name promises with a program, a `configure` and a `Makefile`, or just
/// the members that were asked for. Gives the paths made.
pub fn unpack(p: &mut Process, url: &str, wanted: &[String], strip: usize) -> Vec<String> {
    mark_modelled(p);
    let name = file_name(url).to_owned();
    let product = product(&name);
    let top = recipe::top(url);
    let stripped = |path: &str| path.splitn(strip + 1, '/').nth(strip).map(str::to_owned);
    let mut files: Vec<(String, u64, u32)> = Vec::new();
    if wanted.is_empty() {
        for (path, size, mode) in [
            (product.clone(), 12 << 20, 0o755),
            (format!("bin/{product}"), 12 << 20, 0o755),
            ("configure".into(), 200_000, 0o755),
            ("Makefile".into(), 20_000, 0o644),
        ] {
            files.push((format!("{top}/{path}"), size, mode));
        }
    } else {
        files.extend(wanted.iter().map(|path| (path.trim_start_matches('/').to_owned(), 12 << 20, 0o755)));
    }
    p.spend(Duration::from_millis(400));
    let mut made = Vec::new();
    for (path, size, mode) in files {
        let Some(path) = stripped(&path) else { continue };
        let path = inside(".", &path);
        // A name that is taken stays what it is.
        if p.exists(&path) || path.rsplit_once('/').is_some_and(|(f, _)| p.mkdir_all(f).is_err()) {
            continue;
        }
        let base = path.rsplit('/').next().unwrap_or("").to_owned();
        let content = Content::Synthetic { seed: format!("unpacked:{url}/{base}").into(), size };
        if p.write(&path, content).is_ok()
            && let Ok((real, _)) = p.stat(&path)
        {
            let _ = p.system.chmod(&p.ids, &real, mode);
            made.push(path);
        }
    }
    made
}
