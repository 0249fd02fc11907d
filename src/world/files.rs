//! Files as data: what a layer adds, written down in JSON, and the nodes that it stands for.
//!
//! ```json
//! { "/etc/motd": "text", "/usr/bin/tool": {"size": "3MB", "mode": "755"}, "/bin/sh": {"link": "dash"},
//!   "/bin/": {"programs": "ls cat", "size": "90kB"}, "/sbin/": {"links": "ip", "to": "/bin/busybox"},
//!   "/tmp/": {"mode": "1777"}, "/var/lib/dpkg/status": {"dpkg": "apt bash"}, "/etc/old": null }
//! ```

use super::packages::PackageSystem;
use super::value::{At, DataError};

const FOLDER_KEYS: &[&str] = &["mode", "owner", "programs", "files", "size", "links", "to"];
const FILE_KEYS: &[&str] = &["text", "append", "size", "link", "dpkg", "apk", "rpm", "mode", "owner"];

/// One change to a tree, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Absolute.
    pub path: String,
    /// What is there afterwards.
    pub kind: EntryKind,
    /// Permission bits; `None`: what is usual.
    pub mode: Option<u32>,
    /// Owner and group.
    pub owner: (u32, u32),
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum EntryKind {
    Directory,
    Text(String),
    /// More text at the end of what is there.
    Append(String),
    /// Modelled bytes.
    Bulk(u64),
    Link(String),
    Removed,
}

/// Reads the `files` object of a layer.
pub fn read(at: &At) -> Result<Vec<Entry>, DataError> {
    let mut entries = Vec::new();
    for (path, value) in at.entries()? {
        if !path.starts_with('/') {
            return Err(value.error("a path starts with /"));
        }
        match path.strip_suffix('/') {
            Some(folder) => read_folder(folder, &value, &mut entries)?,
            None => entries.push(read_file(path, &value)?),
        }
    }
    Ok(entries)
}

/// Checks the shape of a `files` object whose strings are still templates.
pub fn read_templates(at: &At) -> Result<(), DataError> {
    for (path, value) in at.entries()? {
        let known: &[&str] = match path.ends_with('/') {
            _ if !value.value.is_object() => continue,
            true => FOLDER_KEYS,
            false => FILE_KEYS,
        };
        value.object(known)?;
    }
    Ok(())
}

fn read_folder(folder: &str, at: &At, entries: &mut Vec<Entry>) -> Result<(), DataError> {
    at.object(FOLDER_KEYS)?;
    let owner = owner(at)?;
    let mode = at.get("mode").map(|mode| mode.mode()).transpose()?;
    let programs = at.words_of("programs")?;
    let files = at.words_of("files")?;
    let links = at.words_of("links")?;
    if programs.is_empty() && files.is_empty() && links.is_empty() {
        entries.push(Entry { path: folder.into(), kind: EntryKind::Directory, mode, owner });
        return Ok(());
    }
    let entry = |name: &str, kind, mode| Entry { path: format!("{folder}/{name}"), kind, mode, owner };
    if !programs.is_empty() {
        let size = size_of(&at.need("size")?)?;
        entries.extend(programs.iter().map(|name| entry(name, EntryKind::Bulk(size), Some(mode.unwrap_or(0o755)))));
    }
    if !files.is_empty() {
        let size = size_of(&at.need("size")?)?;
        entries.extend(files.iter().map(|name| entry(name, EntryKind::Bulk(size), mode)));
    }
    if !links.is_empty() {
        let to = at.need("to")?.text()?;
        entries.extend(links.iter().map(|name| entry(name, EntryKind::Link(to.into()), None)));
    }
    Ok(())
}

fn read_file(path: &str, at: &At) -> Result<Entry, DataError> {
    let entry = |kind, mode, owner| Entry { path: path.into(), kind, mode, owner };
    if at.value.is_null() {
        return Ok(entry(EntryKind::Removed, None, (0, 0)));
    }
    if let Some(text) = at.value.as_str() {
        return Ok(entry(EntryKind::Text(text.into()), None, (0, 0)));
    }
    at.object(FILE_KEYS)?;
    let kind = if let Some(text) = at.get("text") {
        EntryKind::Text(text.text()?.into())
    } else if let Some(text) = at.get("append") {
        EntryKind::Append(text.text()?.into())
    } else if let Some(target) = at.get("link") {
        EntryKind::Link(target.text()?.into())
    } else if let Some(size) = at.get("size") {
        EntryKind::Bulk(size_of(&size)?)
    } else if let Some(names) = at.get("dpkg") {
        EntryKind::Append(stanzas(&names, PackageSystem::Debian)?)
    } else if let Some(names) = at.get("apk") {
        EntryKind::Append(stanzas(&names, PackageSystem::Alpine)?)
    } else if let Some(names) = at.get("rpm") {
        EntryKind::Append(stanzas(&names, PackageSystem::Rpm)?)
    } else {
        return Err(at.error("needs one of \"text\", \"append\", \"size\", \"link\", \"dpkg\", \"apk\", \"rpm\""));
    };
    Ok(entry(kind, at.get("mode").map(|mode| mode.mode()).transpose()?, owner(at)?))
}

/// Records of packages that come with an image, added to its database: their files are the image's, so their size is 0.
fn stanzas(names: &At, system: PackageSystem) -> Result<String, DataError> {
    let names = names.words()?;
    let record = |name: &String| match system {
        PackageSystem::Alpine => super::packages::apk_stanza(name, "1.0-r0", 0),
        _ => super::packages::dpkg_stanza(name, "1.0", 0),
    };
    Ok(names.iter().map(record).collect())
}

fn owner(at: &At) -> Result<(u32, u32), DataError> {
    let Some(owner) = at.get("owner") else { return Ok((0, 0)) };
    let parsed = owner.text()?.split_once(':').and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
    parsed.ok_or_else(|| owner.error("must be numbers such as \"101:101\""))
}

/// A number of bytes: `1200`, `"45kB"`, `"1.5MB"`; decimal units as Docker shows them.
pub fn size_of(at: &At) -> Result<u64, DataError> {
    if let Some(size) = at.value.as_u64() {
        return Ok(size);
    }
    parse_size(at.text()?).ok_or_else(|| at.error("must be a size such as 1200, \"45kB\" or \"1.5MB\""))
}

/// `45kB` in bytes.
pub fn parse_size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "B" => 1.0,
        "kB" | "KB" | "k" => 1e3,
        "MB" | "M" => 1e6,
        "GB" | "G" => 1e9,
        _ => return None,
    };
    let number = crate::base::parse_float(digits.trim())?;
    (number.is_finite() && (0.0..1e6).contains(&number) || unit == 1.0 && (0.0..1e15).contains(&number)).then_some((number * unit) as u64)
}

#[cfg(test)]
mod tests {
    use super::super::value;
    use super::*;

    #[track_caller]
    fn check(json: &str, expect: &str) {
        let data = value::parse("t", json).unwrap();
        let shown = match read(&At::root(&data, "files")) {
            Ok(entries) => entries.iter().map(|e| format!("{} {:?} {:?}", e.path, e.kind, e.mode)).collect::<Vec<_>>().join("\n"),
            Err(error) => error,
        };
        assert_eq!(shown, expect);
    }

    #[test]
    fn entries() {
        check(r#"{"/a": "x", "/b": {"size": "1.5kB", "mode": "755"}}"#, "/a Text(\"x\") None\n/b Bulk(1500) Some(493)");
        check(r#"{"/bin/": {"programs": "a b", "size": 3}}"#, "/bin/a Bulk(3) Some(493)\n/bin/b Bulk(3) Some(493)");
        check(r#"{"/tmp/": {"mode": "1777"}, "/x": null}"#, "/tmp Directory Some(1023)\n/x Removed None");
        check(r#"{"/s/": {"links": "ip", "to": "/bin/b"}}"#, "/s/ip Link(\"/bin/b\") None");
    }

    #[test]
    fn errors() {
        check(r#"{"a": "x"}"#, "files.a: a path starts with /");
        check(r#"{"/a": {"size": "9 apples"}}"#, "files./a.size: must be a size such as 1200, \"45kB\" or \"1.5MB\"");
        check(r#"{"/a": {}}"#, "files./a: needs one of \"text\", \"append\", \"size\", \"link\", \"dpkg\", \"apk\", \"rpm\"");
        check(r#"{"/a": {"text": "", "mode": "99999"}}"#, "files./a.mode: must be an octal mode such as \"755\"");
    }
}
