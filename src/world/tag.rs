//! Tags of image families: patterns such as `{v}-alpine{os}`, what they capture, and templates that use it.
//!
//! `{name}` captures a version (`1.21`, `3.12-rc`), `{name=a|b}` one of the words, `{name*}` any text, everything else stands for itself.
//! In templates `{name}` is what was captured (or the family's default), `{name.full}` the latest known patch release of
//! it, `{name.minor}` its first two numbers, `{name.major}` its first number.

use std::collections::BTreeMap;

use crate::base::fill_slots;

/// Values by name.
pub type Captures = BTreeMap<String, String>;

/// Matches a tag against a pattern.
pub fn matches(pattern: &str, tag: &str) -> Option<Captures> {
    let mut captures = Captures::new();
    match_rest(pattern, tag, &mut captures).then_some(captures)
}

fn match_rest(pattern: &str, tag: &str, captures: &mut Captures) -> bool {
    let Some((literal, after)) = pattern.split_once('{') else { return pattern == tag };
    let Some(tag) = tag.strip_prefix(literal) else { return false };
    let Some((slot, rest)) = after.split_once('}') else { return false };
    let mut try_with = |name: &str, value: &str| {
        tag.strip_prefix(value).is_some_and(|tail| {
            let matched = match_rest(rest, tail, captures);
            if matched {
                captures.insert(name.into(), value.into());
            }
            matched
        })
    };
    match slot.split_once('=') {
        Some((name, choices)) => choices.split('|').any(|choice| try_with(name, choice)),
        None if slot.ends_with('*') => {
            let ends = tag.char_indices().map(|(at, _)| at).rev();
            std::iter::once(tag.len()).chain(ends).any(|end| try_with(slot.trim_end_matches('*'), &tag[..end]))
        }
        None => version_ends(tag).into_iter().rev().any(|end| try_with(slot, &tag[..end])),
    }
}

/// Where a version at the start of `text` may end, shortest first.
fn version_ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let bytes = text.as_bytes();
    let mut i = 0;
    loop {
        let digits = bytes[i..].iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return ends;
        }
        i += digits;
        ends.push(i);
        match bytes.get(i) {
            Some(b'.' | b'_' | b'u' | b'+') => i += 1,
            Some(_) if text[i..].starts_with("rc") => i += 2,
            Some(_) if text[i..].starts_with("-rc") => i += 3,
            Some(_) if text[i..].starts_with("beta") => i += 4,
            _ => return ends,
        }
    }
}

/// Fills a template. A name that is not there stays as written.
pub fn fill(template: &str, values: &Captures, releases: &[String]) -> String {
    fill_slots(template, &mut |slot| lookup(slot, values, releases))
}

fn lookup(slot: &str, values: &Captures, releases: &[String]) -> Option<String> {
    let (name, part) = slot.split_once('.').unwrap_or((slot, ""));
    let value = values.get(name)?;
    match part {
        "" => Some(value.clone()),
        "full" => Some(full_version(value, releases).to_owned()),
        "minor" => Some(full_version(value, releases).split('.').take(2).collect::<Vec<_>>().join(".")),
        "major" => Some(value.split('.').next().unwrap_or("").into()),
        _ => None,
    }
}

/// Whether a version is one of `words` or a release of one: `3.12.1` is of `3.12`.
pub fn is_of(version: &str, words: &str) -> bool {
    let of = |word: &str| version.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', 'u', '+']));
    words.split(' ').any(of)
}

/// The latest release that `version` stands for; itself if none is known.
pub fn full_version<'a>(version: &'a str, releases: &'a [String]) -> &'a str {
    let stands_for =
        |release: &&String| release.as_str() == version || release.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'));
    releases.iter().rev().find(stands_for).map_or(version, String::as_str)
}

/// Whether `version` lies between `since` and the last release, so that it can exist. Only numbers before the first
/// other character count, and only as many as both have.
pub fn plausible(version: &str, since: &str, releases: &[String]) -> bool {
    let asked = numbers(version);
    let last = releases.last().map(|release| numbers(release)).unwrap_or_default();
    let n = asked.len().min(2);
    let not_above = last.is_empty() || asked[..n] <= last[..n.min(last.len())];
    let first = numbers(since);
    let m = asked.len().min(first.len());
    not_above && asked[..m] >= first[..m]
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map_while(|part| part.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, tag: &str, expect: &str) {
        let shown = matches(pattern, tag).map(|captures| captures.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" "));
        assert_eq!(shown.as_deref().unwrap_or("no"), expect);
    }

    #[test]
    fn patterns() {
        check("{v}-alpine", "1.21-alpine", "v=1.21");
        check("{v}-alpine", "1.21-alpine3.19", "no");
        check("{v}-alpine{os}", "1.26-alpine3.23", "os=3.23 v=1.26");
        check("{v}-{os=bookworm|bullseye}-slim", "3.12-bookworm-slim", "os=bookworm v=3.12");
        check("{v}", "3.14.0rc1", "v=3.14.0rc1");
        check("{v}", "latest", "no");
        check("{v}-jdk-{os=alpine|focal}", "17.0.8_7-jdk-alpine", "os=alpine v=17.0.8_7");
        check("{v}-é", "1-é", "v=1");
        check("{v}{rest*}", "8.0-alpine3.20", "rest=-alpine3.20 v=8.0");
        check("{a*}-fpm", "é-fpm", "a=é");
    }

    #[test]
    fn templates() {
        let values = Captures::from([("v".into(), "1.21".into())]);
        let releases = ["1.21.13".to_owned(), "1.22.12".to_owned()];
        assert_eq!(fill("GO={v.full} {v.minor} {v.major} {x} {", &values, &releases), "GO=1.21.13 1.21 1 {x} {");
    }

    #[test]
    fn versions_of_a_line() {
        let of = |version| is_of(version, "3.12 4");
        assert_eq!([of("3.12"), of("3.12.1"), of("3.1"), of("3.120"), of("4_1")], [true, true, false, false, true]);
    }

    #[test]
    fn versions_that_can_exist() {
        let releases = ["1.26.1".to_owned()];
        let can = |version| plausible(version, "1.4", &releases);
        assert_eq!(
            [can("1.21"), can("1.26"), can("1.27"), can("1"), can("2"), can("1.3"), can("1.26.9")],
            [true, true, false, true, false, false, true]
        );
    }
}
