//! `docker history`, `docker image history`.

use serde_json::json;

use super::{Reply, Usage, read};
use crate::docker::flags::{Flag, switch, text};
use crate::docker::simulate::NOW;
use crate::docker::store::{Store, StoredImage};
use crate::docker::table::{ellipsis, table};
use crate::docker::template::fill;
use crate::docker::units::{ago, parse_time, short_size};

pub(super) const FLAGS: &[Flag] = &[
    text("format", '\0', "Format output using a custom template"),
    switch("human", 'H', "Print sizes and dates in human readable format (default true)"),
    switch("no-trunc", '\0', "Don't truncate output"),
    text("platform", '\0', "Show history for the given platform"),
    switch("quiet", 'q', "Only show image IDs"),
];

pub(super) const USAGE: Usage = Usage { name: "docker history", arguments: "[OPTIONS] IMAGE", count: (1, 1) };

/// The lines of an image's history, the newest first. `now`: seconds since 1970.
pub fn history(words: &[String], store: &Store, now: i64) -> Reply {
    let parsed = match read(USAGE, FLAGS, words) {
        Ok(parsed) => parsed,
        Err(reply) => return reply,
    };
    let name = parsed.args.first().map_or("", String::as_str);
    let Some(stored) = store.find(name) else { return Reply::daemon(&super::inspect::no_such_image(name)) };
    let full = parsed.is("no-trunc");
    let human = parsed.last("human") != Some("false");
    let lines = lines(stored, now, full, human);
    if parsed.is("quiet") {
        return Reply::ok(lines.iter().map(|line| format!("{}\n", line[0])).collect::<String>());
    }
    if let Some(format) = parsed.last("format").filter(|format| !matches!(*format, "table" | "")) {
        let values = lines.iter().map(|line| {
            let value = json!({"ID": line[0], "CreatedSince": line[1], "CreatedBy": line[2], "Size": line[3], "Comment": line[4]});
            if format == "json" { Ok(value.to_string()) } else { fill(format, &value) }
        });
        return match values.collect::<Result<Vec<_>, _>>() {
            Ok(lines) => Reply::ok(lines.iter().map(|line| format!("{line}\n")).collect::<String>()),
            Err(error) => Reply::fail(format!("{error}\n"), 1),
        };
    }
    let head = ["IMAGE", if human { "CREATED" } else { "CREATED AT" }, "CREATED BY", "SIZE", "COMMENT"].map(str::to_owned);
    Reply::ok(table(&std::iter::once(head).chain(lines).map(Vec::from).collect::<Vec<_>>()))
}

fn lines(stored: &StoredImage, now: i64, full: bool, human: bool) -> Vec<[String; 5]> {
    let mut sizes = stored.image.layers.iter().map(|layer| layer.size);
    let mut lines: Vec<[String; 5]> = Vec::new();
    for entry in &stored.image.config.history {
        let size = if entry.empty_layer { 0 } else { sizes.next().unwrap_or(0) };
        // What was built here has the one time that all builds give; the store knows when it was.
        let created = entry.created.as_deref().and_then(parse_time).filter(|time| *time != NOW / 1_000_000_000).unwrap_or(stored.created);
        let by = entry.created_by.replace('\t', " ");
        lines.push([
            "<missing>".into(),
            if human { ago(now - created) } else { entry.created.clone().unwrap_or_default() },
            if full { by } else { ellipsis(&by, 45) },
            if human { short_size(size) } else { size.to_string() },
            if full { entry.comment.clone() } else { ellipsis(&entry.comment, 45) },
        ]);
    }
    if let Some(newest) = lines.last_mut() {
        newest[0] = if full { stored.id.to_string() } else { stored.short_id() };
    }
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::super::samples::store;
    use super::*;

    #[test]
    fn newest_first_and_cut() {
        let id = store().images[0].short_id();
        let reply = history(&["buildme".into()], &store(), 1005);
        let expect = format!(
            "IMAGE          CREATED         CREATED BY                                      SIZE      COMMENT\n\
             {id}   5 seconds ago   ENTRYPOINT [\"/bin/client\"]                      0B        buildkit.dockerfile.v0\n\
             <missing>      5 seconds ago   COPY /bin/client /bin/a-rather-long-name-of-…   8.45MB    buildkit.dockerfile.v0\n"
        );
        assert_eq!(reply.stdout, expect);
        assert_eq!(history(&["nope".into()], &store(), 0).stderr, "Error response from daemon: No such image: nope:latest\n");
    }
}
