//! The lists of what can be had: `apt-get update`.

use super::super::super::arguments::Arguments;
use super::super::super::effects;
use super::super::si;
use super::{DOWNLOAD, LISTS, loudness};
use crate::machine::{Network, Process};

/// Where packages come from: `(url, suite, components)` of every `deb` line.
pub(super) fn sources(process: &Process) -> Vec<(String, String, String)> {
    let mut texts = vec![("/etc/apt/sources.list".to_owned(), false)];
    for name in process.list("/etc/apt/sources.list.d").unwrap_or_default() {
        texts.push((format!("/etc/apt/sources.list.d/{name}"), name.ends_with(".sources")));
    }
    let mut found = Vec::new();
    for (path, deb822) in texts {
        let text = process.text(&path);
        if deb822 {
            for stanza in text.split("\n\n") {
                let field = |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim().to_owned();
                let components = field("Components:");
                for uri in field("URIs:").split_whitespace() {
                    for suite in field("Suites:").split_whitespace() {
                        found.push((uri.to_owned(), suite.to_owned(), components.clone()));
                    }
                }
            }
            continue;
        }
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("deb ")) {
            let line = match line.split_once(']') {
                Some((options, rest)) if options.trim_start().starts_with('[') => rest,
                _ => line,
            };
            let mut words = line.split_whitespace();
            if let (Some(uri), Some(suite)) = (words.next(), words.next()) {
                found.push((uri.to_owned(), suite.to_owned(), words.collect::<Vec<_>>().join(" ")));
            }
        }
    }
    found
}

/// Bytes of the index of a suite: `(as fetched, as kept)`.
fn index_size(uri: &str, suite: &str, components: &str) -> (u64, u64) {
    let wide = components.contains("universe");
    let usual = uri.contains("debian") || uri.contains("ubuntu");
    let name = suite.trim_end_matches('/');
    match (usual, wide) {
        (false, _) => (28_000, 90_000),
        (_, false) if name.contains("security") => (290_000, 480_000),
        (_, false) if name.contains("-updates") || name.contains("backports") => (16_000, 24_000),
        (_, false) => (8_790_000, 17_900_000),
        (_, true) if name.contains("security") || name.contains("-updates") => (4_900_000, 8_100_000),
        (_, true) if name.contains("backports") => (60_000, 96_000),
        (_, true) => (21_000_000, 33_900_000),
    }
}

pub(super) fn update(process: &mut Process, args: &Arguments) -> Result<(), String> {
    let loud = loudness(args) == 2;
    let (mut fetched, mut warnings) = (0, String::new());
    for (number, (uri, suite, components)) in sources(process).into_iter().enumerate() {
        let host = uri.split("//").nth(1).unwrap_or("").split('/').next().unwrap_or("").to_owned();
        if process.system.network == Network::None {
            process.out(format!("Err:{} {uri} {suite} InRelease\n  Temporary failure resolving '{host}'\n", number + 1));
            warnings.push_str(&format!(
                "W: Failed to fetch {}/dists/{suite}/InRelease  Temporary failure resolving '{host}'\n",
                uri.trim_end_matches('/')
            ));
            continue;
        }
        let (packed, kept) = index_size(&uri, &suite, &components);
        if loud {
            process.out(format!("Get:{} {uri} {suite} InRelease [{}]\n", 2 * number + 1, si(126_000)));
            let component = components.split(' ').next().unwrap_or("main");
            process.out(format!("Get:{} {uri} {suite}/{component} amd64 Packages [{}]\n", 2 * number + 2, si(packed)));
        }
        fetched += packed + 126_000;
        let name = format!("{}_dists_{}", uri.split("//").nth(1).unwrap_or("").trim_end_matches('/'), suite.trim_end_matches('/'))
            .replace('/', "_");
        let write = |process: &mut Process, end: &str, size| {
            let path = format!("{LISTS}/{name}_{end}");
            effects::bulk(process, &path, size).map_err(|error| format!("E: {path}: {}", error.text()))
        };
        write(process, "InRelease", 126_000)?;
        write(process, "main_binary-amd64_Packages.lz4", kept)?;
        effects::take(process, 0.25 + packed as f64 / DOWNLOAD);
    }
    if !warnings.is_empty() {
        warnings.push_str("W: Some index files failed to download. They have been ignored, or old ones used instead.\n");
        process.err(warnings);
        return Ok(());
    }
    if loud {
        process.out(format!("Fetched {} in 1s ({}/s)\nReading package lists...\n", si(fetched), si(fetched)));
    }
    effects::take(process, 0.6);
    let _ = effects::text(process, &format!("{LISTS}/lock"), "");
    keep_caches(process)
}

/// apt's own cache of the lists, unless the image turns it off.
fn keep_caches(process: &mut Process) -> Result<(), String> {
    if process.exists("/etc/apt/apt.conf.d/docker-clean") {
        return Ok(());
    }
    for (name, size) in [("pkgcache.bin", 27_000_000), ("srcpkgcache.bin", 27_000_000)] {
        let path = format!("/var/cache/apt/{name}");
        effects::bulk(process, &path, size).map_err(|error| format!("E: {path}: {}", error.text()))?;
    }
    Ok(())
}

pub(super) fn lists_are_there(process: &Process) -> bool {
    process.list(LISTS).is_ok_and(|names| names.iter().any(|name| name != "partial" && name != "lock" && name != "auxfiles"))
}
