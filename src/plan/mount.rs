//! `RUN --mount=…`: the value as comma-separated fields. BuildKit's `instructions/commands_runmount.go`.

use super::failure::Fallible;
use crate::base::{go, with_suggestion};

/// A mount with its words expanded.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MountSpec {
    pub kind: &'static str,
    pub from: String,
    pub source: String,
    pub target: String,
    pub readonly: bool,
    pub size: i64,
    pub id: String,
    pub sharing: &'static str,
    pub required: bool,
    pub env: Option<String>,
    pub mode: Option<u64>,
    pub uid: Option<u64>,
    pub gid: Option<u64>,
}

const KINDS: [&str; 5] = ["bind", "cache", "tmpfs", "secret", "ssh"];
const SHARING: [&str; 3] = ["shared", "private", "locked"];
const KEYS: [&str; 17] = [
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
];

/// The `from=` of a mount before anything is expanded; empty if it has none.
pub(crate) fn source_name(value: &str) -> String {
    let fields = csv(value).unwrap_or_default();
    let from = fields.iter().filter_map(|field| field.split_once('=')).rfind(|(key, _)| key.eq_ignore_ascii_case("from"));
    from.map_or_else(String::new, |(_, value)| value.to_owned())
}

/// Reads a mount; `expand` is applied to every value.
pub(crate) fn parse(value: &str, mut expand: impl FnMut(&str) -> Fallible<String>) -> Fallible<MountSpec> {
    let fields = csv(value).map_err(|e| format!("failed to parse csv mounts: {e}"))?;
    let mut mount = MountSpec { kind: "bind", ..MountSpec::default() };
    let mut readonly = None;
    for field in &fields {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_lowercase(), value),
            None => {
                match field.to_lowercase().as_str() {
                    "readonly" | "ro" => readonly = Some(true),
                    "readwrite" | "rw" => readonly = Some(false),
                    "required" if matches!(mount.kind, "secret" | "ssh") => mount.required = true,
                    "required" => return Err(unexpected("required", mount.kind)),
                    _ => return Err(format!("invalid field '{field}' must be a key=value pair").into()),
                }
                continue;
            }
        };
        let value = expand(value)?;
        let switch = || go::parse_bool(&value).ok_or_else(|| format!("invalid value for {key}: {value}"));
        let number = |n: Option<u64>| n.map(Some).ok_or_else(|| format!("invalid value {value} for {key}"));
        match key.as_str() {
            "type" => mount.kind = one_of(&KINDS, "unsupported mount type", &value)?,
            "from" => mount.from = value,
            "source" | "src" => mount.source = value,
            "target" | "dst" | "destination" => mount.target = value,
            "readonly" | "ro" => readonly = Some(switch()?),
            "readwrite" | "rw" => readonly = Some(!switch()?),
            "required" if matches!(mount.kind, "secret" | "ssh") => mount.required = switch()?,
            "size" if mount.kind == "tmpfs" => {
                mount.size = ram_in_bytes(&value).ok_or_else(|| format!("invalid value for {key}: {value}"))?;
            }
            "required" | "size" => return Err(unexpected(&key, mount.kind)),
            "id" => mount.id = value,
            "sharing" => mount.sharing = one_of(&SHARING, "unsupported sharing value", &value)?,
            "mode" => mount.mode = number(go::parse_octal(&value, 32))?,
            "uid" => mount.uid = number(go::parse_uint(&value, 32))?,
            "gid" => mount.gid = number(go::parse_uint(&value, 32))?,
            "env" => mount.env = Some(value),
            _ => return Err(with_suggestion(format!("unexpected key '{key}' in '{field}'"), &key, KEYS).into()),
        }
    }
    validate(&mount)?;
    mount.readonly = readonly.unwrap_or(!matches!(mount.kind, "cache" | "tmpfs"));
    Ok(mount)
}

fn validate(mount: &MountSpec) -> Fallible<()> {
    let kind = go::quote(mount.kind);
    if !matches!(mount.kind, "secret" | "ssh" | "cache") {
        for (name, value) in [("mode", mount.mode), ("uid", mount.uid), ("gid", mount.gid)] {
            if value.is_some() {
                return Err(format!("{name} not allowed for {kind} type mounts").into());
            }
        }
    }
    if mount.kind == "secret" {
        let message = match () {
            () if !mount.from.is_empty() => "secret mount should not have a from",
            () if !mount.sharing.is_empty() => "secret mount should not define sharing",
            () if mount.source.is_empty() && mount.target.is_empty() && mount.id.is_empty() => {
                "invalid secret mount. one of source, target required"
            }
            () if !mount.source.is_empty() && !mount.id.is_empty() => "both source and id can't be set",
            () => "",
        };
        if !message.is_empty() {
            return Err(message.into());
        }
    }
    match mount.kind != "cache" && !mount.sharing.is_empty() {
        true => Err(format!("invalid cache sharing set for {} mount", mount.kind).into()),
        false => Ok(()),
    }
}

fn unexpected(key: &str, kind: &str) -> super::failure::Failure {
    format!("unexpected key '{key}' for mount type '{kind}'").into()
}

fn one_of(allowed: &[&'static str], what: &str, value: &str) -> Fallible<&'static str> {
    let lower = value.to_lowercase();
    let found = allowed.iter().find(|one| **one == lower).copied();
    found.ok_or_else(|| with_suggestion(format!("{what} {}", go::quote(value)), value, allowed.iter().copied()).into())
}

/// The first record of a CSV text, as Go's `encoding/csv` reads it.
fn csv(text: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted, text.len() - quoted.len())?,
            None => {
                let (field, after) = rest.split_once(',').map_or((rest, None), |(field, after)| (field, Some(after)));
                if let Some(at) = field.find('"') {
                    let column = text.len() - rest.len() + at + 1;
                    return Err(format!("parse error on line 1, column {column}: bare \" in non-quoted-field"));
                }
                (field.to_owned(), after)
            }
        };
        fields.push(field);
        match after {
            Some(after) => rest = after,
            None => return if text.is_empty() { Err("EOF".into()) } else { Ok(fields) },
        }
    }
}

fn quoted_field(mut rest: &str, start: usize) -> Result<(String, Option<&str>), String> {
    let length = rest.len();
    let mut field = String::new();
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            let column = start + length + 1;
            return Err(format!("parse error on line 1, column {column}: extraneous or missing \" in quoted-field"));
        };
        field.push_str(part);
        if let Some(more) = after.strip_prefix('"') {
            field.push('"');
            rest = more;
        } else if after.is_empty() {
            return Ok((field, None));
        } else if let Some(next) = after.strip_prefix(',') {
            return Ok((field, Some(next)));
        } else {
            let column = start + length - after.len();
            return Err(format!("parse error on line 1, column {column}: extraneous or missing \" in quoted-field"));
        }
    }
}

/// go-units' `RAMInBytes`: `64m`, `1.5GiB`, `100`.
pub(crate) fn ram_in_bytes(text: &str) -> Option<i64> {
    let digits_end = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')? + 1;
    let (number, unit) = text.split_at_checked(digits_end)?;
    let number = number.strip_suffix(' ').unwrap_or(number);
    let value: f64 = if number.bytes().all(|b| b.is_ascii_digit() || b == b'.') { number.parse().ok()? } else { return None };
    let unit = unit.to_lowercase();
    let shift = match unit.as_str() {
        "" | "b" => 0,
        _ => {
            let exponent = "kmgtpe".find(unit.get(..1)?)? + 1;
            if !matches!(unit.get(1..), Some("" | "b" | "ib")) {
                return None;
            }
            exponent
        }
    };
    Some((value * 1024f64.powi(i32::try_from(shift).ok()?)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expect: &str) {
        let found = parse(value, |word| Ok(word.to_owned()));
        let text = found.map_or_else(|e| e.message, |m| format!("{} {} {} ro={}", m.kind, m.from, m.target, m.readonly));
        assert_eq!(text, expect, "{value}");
    }

    #[test]
    fn fields() {
        check("target=/x", "bind  /x ro=true");
        check("type=cache,target=/x", "cache  /x ro=false");
        check("TYPE=Cache,dst=/x,ro", "cache  /x ro=true");
        check("type=bind,from=a,rw,target=/x", "bind a /x ro=false");
        check("\"target=/a,b\"", "bind  /a,b ro=true");
    }

    #[test]
    fn errors() {
        check("type=cach,target=/x", "unsupported mount type \"cach\" (did you mean cache?)");
        check("target=/x,mode=0700", "mode not allowed for \"bind\" type mounts");
        check("type=secret", "invalid secret mount. one of source, target required");
        check("targt=/x", "unexpected key 'targt' in 'targt=/x' (did you mean target?)");
        check("type=tmpfs,size=big", "invalid value for size: big");
    }

    #[test]
    fn sizes() {
        assert_eq!(ram_in_bytes("64m"), Some(64 << 20));
        assert_eq!(ram_in_bytes("1.5 GiB"), Some(3 << 29));
        assert_eq!(ram_in_bytes("x"), None);
    }
}
