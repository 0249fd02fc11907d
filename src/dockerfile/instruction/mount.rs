//! The value of `RUN --mount`. BuildKit's `instructions/commands_runmount.go`.

use crate::base::Case;
use crate::base::go;
use crate::base::with_suggestion;

use super::csv;

/// A mount, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Mount {
    pub kind: MountType,
    pub from: String,
    pub source: String,
    pub target: String,
    pub read_only: bool,
    /// Bytes; 0 if not given.
    pub size_limit: i64,
    /// `id`
    pub cache_id: String,
    pub sharing: Option<Sharing>,
    pub required: bool,
    /// Name of the variable that holds a secret.
    pub env: Option<String>,
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
}

/// `type=`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum MountType {
    #[default]
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}

/// `sharing=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Sharing {
    Shared,
    Private,
    Locked,
}

const TYPES: [(&str, MountType); 5] = [
    ("bind", MountType::Bind),
    ("cache", MountType::Cache),
    ("tmpfs", MountType::Tmpfs),
    ("secret", MountType::Secret),
    ("ssh", MountType::Ssh),
];

const SHARINGS: [(&str, Sharing); 3] = [("shared", Sharing::Shared), ("private", Sharing::Private), ("locked", Sharing::Locked)];

const KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "src",
    "dst",
    "destination",
    "ro",
    "rw",
    "readwrite",
    "env",
];

impl MountType {
    /// As written: `bind`, `cache`, `tmpfs`, `secret`, `ssh`.
    pub fn name(self) -> &'static str {
        TYPES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What is checked when the Dockerfile is read: the commas, and that `from` has no variable.
pub(super) fn check_mount(value: &str) -> Result<(), String> {
    for field in fields(value)? {
        if let Some((key, value)) = field.split_once('=')
            && key.lower() == "from"
            && value.find('$').is_some_and(|at| at != value.len() - 1)
        {
            return Err("'from' doesn't support variable expansion, define alias stage instead".into());
        }
    }
    Ok(())
}

/// The `from` of a mount as written, before anything is expanded; empty if it has none.
pub fn mount_from(value: &str) -> String {
    let fields = fields(value).unwrap_or_default();
    let from = fields.iter().filter_map(|field| field.split_once('=')).rfind(|(key, _)| key.eq_ignore_ascii_case("from"));
    from.map_or_else(String::new, |(_, value)| value.to_owned())
}

/// Reads a mount, each value expanded by `expand`.
pub fn parse_mount(value: &str, mut expand: impl FnMut(&str) -> Result<String, String>) -> Result<Mount, String> {
    let mut mount = Mount::default();
    let mut read_only = None;
    for field in fields(value)? {
        let (key, value) = field.split_once('=').map_or((field.as_str(), None), |(key, value)| (key, Some(value)));
        let key = key.lower();
        let Some(value) = value else {
            match key.as_str() {
                "readonly" | "ro" => read_only = Some(true),
                "readwrite" | "rw" => read_only = Some(false),
                "required" => mount.required = mount.only(&key, &[MountType::Secret, MountType::Ssh]).map(|()| true)?,
                _ => return Err(format!("invalid field '{field}' must be a key=value pair")),
            }
            continue;
        };
        let value = expand(value)?;
        match key.as_str() {
            "readonly" | "ro" => read_only = Some(boolean(&key, &value)?),
            "readwrite" | "rw" => read_only = Some(!boolean(&key, &value)?),
            _ => mount.set(&key, value, &field)?,
        }
    }
    mount.check()?;
    mount.read_only = read_only.unwrap_or(!matches!(mount.kind, MountType::Cache | MountType::Tmpfs));
    Ok(mount)
}

impl Mount {
    fn set(&mut self, key: &str, value: String, field: &str) -> Result<(), String> {
        match key {
            "type" => {
                self.kind = one_of(&TYPES, &value)
                    .map_err(|names| with_suggestion(format!("unsupported mount type {}", go::quote(&value)), &value, names))?
            }
            "from" => self.from = value,
            "source" | "src" => self.source = value,
            "target" | "dst" | "destination" => self.target = value,
            "required" => {
                self.only(key, &[MountType::Secret, MountType::Ssh])?;
                self.required = boolean(key, &value)?;
            }
            "size" => {
                self.only(key, &[MountType::Tmpfs])?;
                self.size_limit = bytes(&value).ok_or_else(|| format!("invalid value for {key}: {value}"))?;
            }
            "id" => self.cache_id = value,
            "sharing" => {
                let sharing = one_of(&SHARINGS, &value);
                let refuse = |names| with_suggestion(format!("unsupported sharing value {}", go::quote(&value)), &value, names);
                self.sharing = Some(sharing.map_err(refuse)?);
            }
            "mode" => self.mode = Some(number(key, &value, go::parse_octal)?),
            "uid" => self.uid = Some(number(key, &value, go::parse_uint)?),
            "gid" => self.gid = Some(number(key, &value, go::parse_uint)?),
            "env" => self.env = Some(value),
            _ => return Err(with_suggestion(format!("unexpected key '{key}' in '{field}'"), key, KEYS)),
        }
        Ok(())
    }

    fn only(&self, key: &str, kinds: &[MountType]) -> Result<(), String> {
        if kinds.contains(&self.kind) { Ok(()) } else { Err(format!("unexpected key '{key}' for mount type '{}'", self.kind.name())) }
    }

    fn check(&self) -> Result<(), String> {
        let kind = self.kind.name();
        if matches!(self.kind, MountType::Bind | MountType::Tmpfs) {
            for (name, given) in [("mode", self.mode), ("uid", self.uid), ("gid", self.gid)] {
                if given.is_some() {
                    return Err(format!("{name} not allowed for {} type mounts", go::quote(kind)));
                }
            }
        }
        if self.kind == MountType::Secret {
            let named = [&self.source, &self.target, &self.cache_id].iter().any(|name| !name.is_empty());
            let error = match () {
                () if !self.from.is_empty() => "secret mount should not have a from",
                () if self.sharing.is_some() => "secret mount should not define sharing",
                () if !named => "invalid secret mount. one of source, target required",
                () if !self.source.is_empty() && !self.cache_id.is_empty() => "both source and id can't be set",
                () => "",
            };
            if !error.is_empty() {
                return Err(error.into());
            }
        }
        if self.sharing.is_some() && self.kind != MountType::Cache {
            return Err(format!("invalid cache sharing set for {kind} mount"));
        }
        Ok(())
    }
}

fn fields(value: &str) -> Result<Vec<String>, String> {
    csv::fields(value).map_err(|error| format!("failed to parse csv mounts: {error}"))
}

fn one_of<T: Copy, const N: usize>(table: &[(&'static str, T); N], value: &str) -> Result<T, [&'static str; N]> {
    let lower = value.lower();
    table.iter().find(|(name, _)| *name == lower).map(|(_, found)| *found).ok_or(table.each_ref().map(|(name, _)| *name))
}

fn boolean(key: &str, value: &str) -> Result<bool, String> {
    go::parse_bool(value).ok_or_else(|| format!("invalid value for {key}: {value}"))
}

fn number(key: &str, value: &str, parse: fn(&str, u32) -> Option<u64>) -> Result<u32, String> {
    parse(value, 32).and_then(|number| u32::try_from(number).ok()).ok_or_else(|| format!("invalid value {value} for {key}"))
}

/// `units.RAMInBytes`: a number and a unit of 1024s (`1.5g`, `64 MiB`).
fn bytes(text: &str) -> Option<i64> {
    let at = text.rfind(|c: char| c.is_ascii_digit() || c == '.')? + 1;
    let (number, unit) = if text.as_bytes().get(at) == Some(&b' ') { (&text[..at], &text[at + 1..]) } else { text.split_at(at) };
    let number: f64 = crate::base::parse_float(number).filter(|n| *n >= 0.0)?;
    let unit = unit.to_ascii_lowercase();
    let Some(first) = unit.chars().next() else { return Some(number as i64) };
    if first == 'b' {
        return (unit == "b").then_some(number as i64);
    }
    let power = "kmgtp".find(first)? as i32 + 1;
    matches!(&unit[1..], "" | "b" | "ib").then_some((number * 1024f64.powi(power)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expect: &str) {
        let error = parse_mount(value, |word| Ok(word.to_owned())).err().unwrap_or_default();
        assert_eq!(error, expect, "{value}");
    }

    #[test]
    fn errors() {
        check("type=cahce", "unsupported mount type \"cahce\" (did you mean cache?)");
        check("target", "invalid field 'target' must be a key=value pair");
        check("tarjet=/x", "unexpected key 'tarjet' in 'tarjet=/x' (did you mean target?)");
        check("type=ssh,uid=-1", "invalid value -1 for uid");
        check("type=tmpfs,mode=7", "mode not allowed for \"tmpfs\" type mounts");
        check("type=secret,id=a,sharing=locked", "secret mount should not define sharing");
        check("type=ssh,sharing=locked", "invalid cache sharing set for ssh mount");
        check("ro=yes", "invalid value for ro: yes");
    }

    #[test]
    fn values() {
        let read = |value| parse_mount(value, |word| Ok(word.replace("$X", "x")));
        let cache = Mount { kind: MountType::Cache, target: "/x".into(), sharing: Some(Sharing::Locked), ..Mount::default() };
        assert_eq!(read("type=CACHE,dst=/$X,sharing=locked"), Ok(cache));
        assert_eq!(read("target=/a,rw").map(|m| m.read_only), Ok(false));
        assert_eq!(read("target=/a").map(|m| m.read_only), Ok(true));
        assert_eq!(read("type=tmpfs,size=1.5k").map(|m| m.size_limit), Ok(1536));
    }
}
