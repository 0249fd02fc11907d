//! Config and layers -> [`Image`]: BuildKit's `exporter/containerimage/writer.go`.

use std::sync::Arc;

use serde_json::Value;

use super::{Config, History, Image, Layer, RootFs, manifest};
use crate::base::Digest;
use crate::base::go::{rfc3339, to_json};

/// The image of a frontend's config and the layers that were built. `created`: seconds that history lines without a time
/// get; `epoch`: SOURCE_DATE_EPOCH, which no time may exceed but those of a base: the lines that had a time, up to the first without.
pub fn assemble(frontend: &Config, layers: Vec<Layer>, created: i64, epoch: Option<i64>) -> Image {
    let mut config = frontend.clone();
    let diff_ids: Vec<Digest> = layers.iter().map(|layer| layer.diff_id).collect();
    config.rootfs = RootFs { kind: "layers".into(), diff_ids: (!diff_ids.is_empty()).then_some(diff_ids) };
    let of_base = config.history.iter().take_while(|line| line.created.is_some()).count();
    config.history = history(&config.history, layers.len(), created);
    if let Some(epoch) = epoch.map(rfc3339) {
        let late = |time: &String| later(time, &epoch);
        for line in config.history.iter_mut().skip(of_base).filter(|line| line.created.as_ref().is_none_or(late)) {
            line.created = Some(epoch.clone());
        }
        config.created = config.created.map(|time| if late(&time) { epoch.clone() } else { time });
    }
    if config.created.is_none() {
        config.created = config.history.last().and_then(|line| line.created.clone());
    }
    let config_json: Arc<str> = config_json(&config).into();
    let digest = Digest::of(manifest::manifest(&config_json, &layers));
    Image { digest, config, config_json, layers }
}

/// The config blob: top-level keys sorted, as BuildKit patches the frontend's JSON. What it patches is `null` if there is none.
pub fn config_json(config: &Config) -> String {
    let value = serde_json::to_value(config).unwrap_or_default();
    let Value::Object(map) = value else { return String::new() };
    let mut map = crate::base::map_of(map);
    for key in ["created", "history"] {
        map.entry(key.to_owned()).or_insert(Value::Null);
    }
    to_json(&map)
}

/// Whether a time in RFC 3339 is later than a whole second; zones are not looked at.
fn later(time: &str, second: &str) -> bool {
    let (whole, rest) = time.split_at_checked(19).unwrap_or((time, ""));
    let limit = second.split_at_checked(19).map_or(second, |(whole, _)| whole);
    whole > limit || whole == limit && rest.starts_with('.')
}

/// `normalizeLayersAndHistory`: a line for every layer, a time for every line.
fn history(lines: &[History], layers: usize, created: i64) -> Vec<History> {
    let with_layer = lines.iter().filter(|line| !line.empty_layer).count();
    let mut lines = if with_layer > layers { Vec::new() } else { lines.to_vec() };
    let with_layer = lines.iter().filter(|line| !line.empty_layer).count();
    lines.extend((with_layer..layers).map(|_| History { comment: "buildkit.exporter.image.v0".into(), ..History::default() }));
    for line in lines.iter_mut().filter(|line| !line.empty_layer && line.created.is_none()) {
        line.created = Some(rfc3339(created));
    }
    // Lines of metadata before the first new layer get its time, those behind it that of the line before them.
    let mut time = first_new_time(&lines);
    let mut is_new = false;
    for line in &mut lines {
        match &line.created {
            Some(created) if is_new => time = Some(created.clone()),
            Some(_) => {}
            None => {
                is_new = true;
                line.created = time.clone();
            }
        }
    }
    lines
}

/// The first time behind a line without one; the last of all if there is none.
fn first_new_time(lines: &[History]) -> Option<String> {
    let behind = lines.iter().skip_while(|line| line.created.is_some()).find_map(|line| line.created.clone());
    behind.or_else(|| lines.iter().rev().find_map(|line| line.created.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_image_has_no_layers_at_all() {
        let image = assemble(&Config { architecture: "amd64".into(), os: "linux".into(), ..Config::default() }, Vec::new(), 0, Some(0));
        assert_eq!(
            &*image.config_json,
            r#"{"architecture":"amd64","config":{},"created":null,"history":null,"os":"linux","rootfs":{"type":"layers","diff_ids":null}}"#
        );
    }

    #[test]
    fn every_line_of_history_gets_a_time() {
        let line = |created: Option<&str>, empty_layer| History { created: created.map(str::to_owned), empty_layer, ..History::default() };
        let check = |given: &[History], layers: usize, expect: &[&str]| {
            let lines = history(given, layers, 0);
            assert_eq!(lines.iter().map(|line| line.created.as_deref().unwrap_or("none")).collect::<Vec<_>>(), expect, "{given:?}");
        };
        let (base, metadata, layer) = (line(Some("2020"), false), line(None, true), line(None, false));
        let (old, new) = ("2020", "1970-01-01T00:00:00Z");
        check(&[base.clone(), metadata.clone(), layer.clone(), metadata.clone()], 2, &[old, new, new, new]);
        check(&[base.clone(), metadata.clone()], 1, &[old, old]);
        check(&[metadata.clone(), layer, base, metadata.clone()], 2, &[new, new, old, old]);
        check(&[metadata], 0, &["none"]);
    }

    #[test]
    fn a_base_keeps_its_times_up_to_a_line_without_one() {
        let line = |created: Option<&str>| History { created: created.map(str::to_owned), empty_layer: true, ..History::default() };
        let check = |lines: &[Option<&str>], expect: &[&str], created: &str| {
            let config = Config { history: lines.iter().map(|time| line(*time)).collect(), ..Config::default() };
            let image = assemble(&config, Vec::new(), 9_000_000_000, Some(0));
            let times: Vec<_> = image.config.history.iter().map(|line| line.created.as_deref().unwrap_or("none")).collect();
            assert_eq!((times.as_slice(), image.config.created.as_deref()), (expect, Some(created)), "{lines:?}");
        };
        let (base, epoch) = ("2020-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
        check(&[Some(base), Some(epoch)], &[base, epoch], epoch);
        check(&[Some(base)], &[base], base);
        check(&[Some(base), None, Some(base)], &[base, epoch, epoch], epoch);
    }

    #[test]
    fn a_part_of_a_second_is_later() {
        assert!(later("1970-01-01T00:00:00.1Z", "1970-01-01T00:00:00Z"));
        assert!(!later("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"));
        assert!(later("1970-01-01T00:00:01Z", "1970-01-01T00:00:00.5Z"));
        assert!(!later("", "1970-01-01T00:00:00Z"));
    }
}
