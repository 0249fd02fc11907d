//! What an operation is made of, as names and values: two of one kind differ in what made a new key. All of the key is in
//! it ([`super::cache`]), and nothing that is secret: of a value whose name says so only that it differs.

use super::cache::is_default_cache;
use crate::base::Digest;
use crate::plan::{ExecOp, FileAction, FileActionKind, FileOp, MountKind, Op};

/// A name and its value.
pub type Fact = (String, String);

/// Whether a fact says what a file operation is about, rather than how it does it.
pub fn is_subject(what: &str) -> bool {
    let name = what.split_once(" (").map_or(what, |(name, _)| name);
    matches!(name, "from scratch" | "copy" | "destination" | "include" | "directory" | "file")
}

/// What begins the name of a variable's fact.
pub const VARIABLE: &str = "variable ";

/// Names and values in order; the first one's name tells the kind of operation.
pub fn facts(op: &Op) -> Vec<Fact> {
    match op {
        Op::Exec(op) => exec(op),
        Op::File(op) => file(op),
        Op::Merge(_) => vec![("layers".into(), String::new())],
        Op::Image(source) => vec![("image".into(), source.reference.clone()), ("platform".into(), source.platform.format_all())],
        Op::Remote(source) => vec![("url".into(), source.url.clone())],
        Op::Local(_) => Vec::new(),
    }
}

fn exec(op: &ExecOp) -> Vec<Fact> {
    let mut facts = vec![("command".to_owned(), op.args.join(" "))];
    let mut add = |what: &str, value: &str| facts.push((what.to_owned(), value.to_owned()));
    // The same words in another form are another command.
    add("arguments", &op.args.len().to_string());
    for variable in op.env.iter() {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        add(&[VARIABLE, name].concat(), &shown(name, value));
    }
    for (variable, id, _) in &op.secret_env {
        add(&[VARIABLE, variable].concat(), &["secret ", id].concat());
    }
    add("working directory", &op.cwd);
    add("user", &op.user);
    add("network", &op.network);
    add("security", &op.security);
    add("host name", &op.hostname);
    add("platform", &op.platform.format_all());
    add("limits", &op.ulimits.join(" "));
    add("cgroup parent", &op.cgroup_parent);
    add("shared memory", &op.shm_size.map_or(String::new(), |size| size.to_string()));
    add("devices", &op.devices.join(" "));
    for (host, _) in &op.extra_hosts {
        add("host", host);
    }
    for mount in op.mounts.iter().filter(|mount| mount.kind != MountKind::Root) {
        let mut kind = match &mount.kind {
            MountKind::Root | MountKind::Bind => ["bind ", &mount.source].concat(),
            // Of an id of its own the key knows nothing.
            MountKind::Cache { id, sharing } if is_default_cache(id, sharing, &mount.target) => "cache, shared, with the default id".into(),
            MountKind::Cache { .. } => "cache with an id or sharing of its own".into(),
            MountKind::Tmpfs { size } => ["tmpfs ", &size.unwrap_or(0).to_string()].concat(),
            MountKind::Secret { id, uid, gid, mode, .. } => format!("secret {id} {uid}:{gid} {mode:o}"),
            MountKind::Ssh { id, uid, gid, mode, .. } => format!("ssh {id} {uid}:{gid} {mode:o}"),
        };
        if mount.readonly {
            kind.push_str(" ro");
        }
        add(&["mount ", &mount.target].concat(), kind.trim_end());
    }
    facts
}

/// The value, if its name does not say that it is a secret.
fn shown(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    let secret = ["password", "passwd", "secret", "token", "credential", "apikey", "auth"].iter().any(|word| name.contains(word));
    if secret && !value.is_empty() { ["**** (", &Digest::of(value).hex()[..4], ")"].concat() } else { value.to_owned() }
}

fn file(op: &FileOp) -> Vec<Fact> {
    let mut facts: Vec<Fact> = op.actions.iter().enumerate().flat_map(|(index, action)| file_action(index, action)).collect();
    facts.push(("from scratch".into(), if op.on_scratch { "yes" } else { "no" }.into()));
    facts
}

fn file_action(index: usize, action: &FileAction) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add =
        |what: &str, value: String| facts.push((if index == 0 { what.to_owned() } else { format!("{what} ({})", index + 1) }, value));
    let time = match &action.kind {
        FileActionKind::Copy { from, to, include, exclude, unpack, contents_only, required_paths, timestamp, .. } => {
            add("copy", from.clone());
            add("destination", to.clone());
            add("include", include.join(" "));
            add("exclude", exclude.join(" "));
            add("unpack", yes(*unpack));
            add("contents only", yes(*contents_only));
            add("parents", required_paths.join(" "));
            timestamp
        }
        FileActionKind::Mkdir { path, timestamp, .. } => {
            add("directory", path.clone());
            timestamp
        }
        FileActionKind::Mkfile { path, data, timestamp } => {
            add("file", path.clone());
            add("content", Digest::of(data).to_string());
            timestamp
        }
        FileActionKind::Rm { path, .. } => {
            add("remove", path.clone());
            &None
        }
    };
    add("owner", action.owner.clone());
    add("mode", action.mode.clone());
    add("time", time.map_or(String::new(), |time| time.to_string()));
    facts
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.into()
}
