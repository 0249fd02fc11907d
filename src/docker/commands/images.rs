//! `docker images`, `docker image ls`.

use serde_json::json;

use super::{Reply, Usage, read};
use crate::docker::flags::{Flag, list, switch, text};
use crate::docker::reference::{familiar, normalize};
use crate::docker::store::{Store, StoredImage};
use crate::docker::table::table;
use crate::docker::template::fill;
use crate::docker::units::{ago, format_time, short_size};

pub(super) const FLAGS: &[Flag] = &[
    switch("all", 'a', "Show all images (default hides intermediate and dangling images)"),
    switch("digests", '\0', "Show digests"),
    list("filter", 'f', "Filter output based on conditions provided"),
    text("format", '\0', "Format output using a custom template"),
    switch("no-trunc", '\0', "Don't truncate output"),
    switch("quiet", 'q', "Only show image IDs"),
    switch("tree", '\0', "List multi-platform images as a tree"),
];

pub(super) const USAGE: Usage = Usage { name: "docker images", arguments: "[OPTIONS] [REPOSITORY[:TAG]]", count: (0, 1) };

/// The table of images. `now`: seconds since 1970.
pub fn images(words: &[String], store: &Store, now: i64) -> Reply {
    let parsed = match read(USAGE, FLAGS, words) {
        Ok(parsed) => parsed,
        Err(reply) => return reply,
    };
    let filters: Vec<&str> = parsed.all("filter").iter().map(String::as_str).collect();
    if let Some(bad) = filters.iter().find(|filter| !filter.contains('=')) {
        return Reply::fail(
            format!("invalid argument \"{bad}\" for \"-f, --filter\" flag: invalid filter '{bad}' (must be key=value)\n"),
            125,
        );
    }
    let pattern = parsed.args.first().map(String::as_str);
    let rows: Vec<_> = store
        .names()
        .into_iter()
        .filter(|(name, tag, stored)| pattern.is_none_or(|pattern| matches(pattern, name, tag)) && passes(&filters, name, tag, stored))
        .collect();
    let id = |stored: &StoredImage| if parsed.is("no-trunc") { stored.id.to_string() } else { stored.short_id() };
    if parsed.is("quiet") {
        return Reply::ok(rows.iter().map(|(_, _, stored)| id(stored) + "\n").collect::<String>());
    }
    if let Some(format) = parsed.last("format").filter(|format| !matches!(*format, "table" | "")) {
        return formatted(format, &rows, now, &id);
    }
    let digests = parsed.is("digests");
    let mut lines = vec![head(digests)];
    for (name, tag, stored) in rows {
        let mut line = vec![name, tag];
        line.extend(digests.then(|| "<none>".to_owned()));
        line.extend([id(stored), ago(now - stored.created), short_size(stored.size())]);
        lines.push(line);
    }
    Reply::ok(table(&lines))
}

fn head(digests: bool) -> Vec<String> {
    let digest = digests.then_some("DIGEST");
    ["REPOSITORY", "TAG"].into_iter().chain(digest).chain(["IMAGE ID", "CREATED", "SIZE"]).map(str::to_owned).collect()
}

/// `NAME`, `NAME:TAG`, with `*` and `?`.
fn matches(pattern: &str, name: &str, tag: &str) -> bool {
    let (wanted, wanted_tag) = match pattern.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (pattern, None),
    };
    let short = normalize(wanted).map_or_else(|_| wanted.to_owned(), |normal| familiar(&normal).0);
    (glob(&short, name) || glob(wanted, name)) && wanted_tag.is_none_or(|wanted| glob(wanted, tag))
}

fn glob(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            let rest = &pattern[1..];
            text.char_indices().map(|(i, _)| i).chain([text.len()]).any(|i| !text[..i].contains('/') && glob(rest, &text[i..]))
        }
        (Some(p), Some(t)) if p == '?' || p == t => glob(&pattern[p.len_utf8()..], &text[t.len_utf8()..]),
        _ => false,
    }
}

fn passes(filters: &[&str], name: &str, tag: &str, stored: &StoredImage) -> bool {
    filters.iter().filter_map(|filter| filter.split_once('=')).all(|(key, value)| match key {
        "dangling" => (name == "<none>") == matches!(value, "true" | "1"),
        "reference" => matches(value, name, tag),
        "label" => {
            let labels = &stored.image.config.config.labels;
            match value.split_once('=') {
                Some((key, value)) => labels.get(key).is_some_and(|found| found == value),
                None => labels.contains_key(value),
            }
        }
        _ => true,
    })
}

/// Go's text of a time: `2026-11-25 00:49:00 +0000 UTC`.
fn created_at(seconds: i64) -> String {
    let time = format_time(i128::from(seconds) * 1_000_000_000);
    time.replace('T', " ").replace('Z', " +0000 UTC")
}

fn formatted(format: &str, rows: &[(String, String, &StoredImage)], now: i64, id: &dyn Fn(&StoredImage) -> String) -> Reply {
    let (is_table, format) = match format.strip_prefix("table ") {
        Some(rest) => (true, rest),
        None => (false, format),
    };
    let mut lines = Vec::new();
    if is_table {
        let head = json!({"ID": "IMAGE ID", "Repository": "REPOSITORY", "Tag": "TAG", "CreatedSince": "CREATED", "CreatedAt": "CREATED AT", "Size": "SIZE", "Digest": "DIGEST"});
        lines.push(fill(format, &head));
    }
    for (name, tag, stored) in rows {
        let value = json!({
            "Containers": "N/A", "CreatedAt": created_at(stored.created), "CreatedSince": ago(now - stored.created),
            "Digest": "<none>", "ID": id(stored), "Repository": name, "SharedSize": "N/A", "Size": short_size(stored.size()), "Tag": tag, "UniqueSize": "N/A",
        });
        lines.push(if format == "json" { Ok(value.to_string()) } else { fill(format, &value) });
    }
    match lines.into_iter().collect::<Result<Vec<_>, _>>() {
        Err(error) => Reply::fail(format!("{error}\n"), 1),
        Ok(lines) if is_table => {
            let cells: Vec<Vec<String>> = lines.iter().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
            Reply::ok(table(&cells))
        }
        Ok(lines) => Reply::ok(lines.iter().map(|line| format!("{line}\n")).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::store;
    use super::*;

    fn check(line: &str, expect: &str) {
        let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let reply = images(&words, &store(), 1012);
        assert_eq!(reply.stdout + &reply.stderr, expect, "{line}");
    }

    #[test]
    fn the_table() {
        let id = store().images[0].short_id();
        check(
            "buildme",
            &format!(
                "REPOSITORY   TAG       IMAGE ID       CREATED          SIZE\nbuildme      latest    {id}   12 seconds ago   8.45MB\n"
            ),
        );
        check("nothing", "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n");
        check("-q buildme", &format!("{id}\n"));
        check("--format {{.Repository}}:{{.Tag}} b*", "buildme:latest\n");
        check("--format={{.CreatedAt}}", "1970-01-01 00:16:40 +0000 UTC\n");
    }

    #[test]
    fn wrong_use_is_told() {
        check(
            "--nope",
            "unknown flag: --nope\n\nUsage:  docker images [OPTIONS] [REPOSITORY[:TAG]]\n\nRun 'docker images --help' for more information\n",
        );
        check(
            "a b",
            "docker: 'docker images' requires at most 1 argument\n\nUsage:  docker images [OPTIONS] [REPOSITORY[:TAG]]\n\nRun 'docker images --help' for more information\n",
        );
    }
}
