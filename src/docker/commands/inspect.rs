//! `docker inspect`, `docker image inspect`.

use serde_json::{Value, json};

use super::{Reply, Usage, read};
use crate::docker::flags::{Flag, switch, text};
use crate::docker::reference::{familiar, normalize};
use crate::docker::store::{Store, StoredImage};
use crate::docker::template::fill;
use crate::docker::units::format_time;

pub(super) const FLAGS: &[Flag] = &[
    text("format", 'f', "Format output using a custom template"),
    text("platform", '\0', "Inspect a specific platform of the multi-platform image"),
    switch("size", 's', ""),
    text("type", '\0', ""),
];

pub(super) const USAGE: Usage = Usage { name: "docker image inspect", arguments: "[OPTIONS] IMAGE [IMAGE...]", count: (1, usize::MAX) };

/// What docker knows of images, as JSON.
pub fn inspect(words: &[String], store: &Store) -> Reply {
    let parsed = match read(USAGE, FLAGS, words) {
        Ok(parsed) => parsed,
        Err(reply) => return reply,
    };
    let (mut values, mut reply) = (Vec::new(), Reply::default());
    for name in &parsed.args {
        match store.find(name) {
            Some(stored) => values.push(value(stored)),
            None => {
                reply.stderr.push_str(&format!("Error response from daemon: {}\n", no_such_image(name)));
                reply.exit_code = 1;
            }
        }
    }
    reply.stdout = match parsed.last("format") {
        None | Some("json") => serde_json::to_string_pretty(&Value::Array(values)).map(|text| indent(&text)).unwrap_or_default() + "\n",
        Some(format) => match values.iter().map(|value| fill(format, value)).collect::<Result<Vec<_>, _>>() {
            Ok(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
            Err(error) => return Reply::fail(format!("{error}\n"), 1),
        },
    };
    reply
}

/// The daemon's text for an image that is not there.
pub fn no_such_image(name: &str) -> String {
    let shown = normalize(name).map_or_else(
        |_| name.to_owned(),
        |normal| {
            let (name, tag) = familiar(&normal);
            format!("{name}:{tag}")
        },
    );
    format!("No such image: {shown}")
}

/// docker indents by four blanks, serde by two.
fn indent(text: &str) -> String {
    let line = |line: &str| {
        let body = line.trim_start_matches(' ');
        format!("{}{body}", " ".repeat(2 * (line.len() - body.len())))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn value(stored: &StoredImage) -> Value {
    let config = &stored.image.config;
    let tags: Vec<String> = stored.tags.iter().map(|tag| familiar(tag)).map(|(name, tag)| format!("{name}:{tag}")).collect();
    let created = config.created.clone().unwrap_or_else(|| format_time(i128::from(stored.created) * 1_000_000_000));
    let mut run = serde_json::to_value(&config.config).unwrap_or_default();
    if let Some(map) = run.as_object_mut() {
        for key in ["Cmd", "Entrypoint", "Volumes", "Labels"] {
            map.entry(key).or_insert(Value::Null);
        }
    }
    json!({
        "Id": stored.id.to_string(),
        "RepoTags": tags,
        "RepoDigests": [],
        "Comment": config.history.last().map_or("", |line| line.comment.as_str()),
        "Created": created,
        "Author": config.author,
        "Config": run,
        "Architecture": config.architecture,
        "Os": config.os,
        "Size": stored.size(),
        "RootFS": {"Type": "layers", "Layers": config.rootfs.diff_ids.clone().unwrap_or_default()},
        "Metadata": {"LastTagTime": format_time(i128::from(stored.created) * 1_000_000_000)},
        "Descriptor": {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": stored.image.digest.to_string()},
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::store;
    use super::*;

    fn check(line: &str, expect: &str) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let reply = inspect(&words, &store());
        assert_eq!(reply.stdout + &reply.stderr, expect, "{line}");
    }

    #[test]
    fn fields_can_be_asked_for() {
        check("-f {{.Config.Env}} buildme", "[PATH=/bin]\n");
        check("--format={{.Size}} buildme", "8450000\n");
        check("nope", "[]\nError response from daemon: No such image: nope:latest\n");
    }

    #[test]
    fn the_whole_is_indented_by_four() {
        let text = inspect(&["buildme".into()], &store()).stdout;
        assert!(text.starts_with("[\n    {\n        \"Id\": \"sha256:"), "{text}");
    }
}
