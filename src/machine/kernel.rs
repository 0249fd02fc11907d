//! A RUN from start to end: stubs and mounts, the first process, what is left of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::{Map, map_of};

use super::exec::{self, StartError};
use super::process::Process;
use super::system::{Mount, State, System};
use super::users::{self, Ids, parse_group, parse_passwd};
use super::{Completion, Invocation, MountedTree, Status, Stream, errno};
use crate::filesystem::{Errno, ImagePath, Metadata, Node, SpecialKind, Tree};

/// A machine that is ready for its first process.
pub(super) struct Booted {
    pub system: System,
    /// Who the process is and its home, or why nobody can be it.
    pub identity: Result<(Ids, String), String>,
    /// Mount points that had to be made.
    stubs: Vec<ImagePath>,
}

/// Mounts everything and finds out who the process is.
pub(super) fn boot(invocation: &Invocation) -> Booted {
    let mut root = invocation.root.clone();
    let mut mounts: BTreeMap<ImagePath, Mount> = builtin_mounts(invocation);
    for (target, mounted) in &invocation.mounts {
        let target = root.resolve(target, true).unwrap_or_else(|_| target.clone());
        mounts.insert(
            target,
            Mount { tree: mounted.tree.clone(), source: mounted.source.clone(), readonly: mounted.readonly, internal: false },
        );
    }
    let mut stubs = Vec::new();
    for (target, mount) in &mounts {
        let is_file = matches!(mount.tree.get(&mount.source), Some(Node::File(_)));
        root = stub(root, target, is_file, &mut stubs);
    }
    let read = |path: &str| match root.lookup(&ImagePath::new(path)) {
        Ok((_, Node::File(f))) => String::from_utf8_lossy(&f.content.head(1 << 20)).into_owned(),
        _ => String::new(),
    };
    let identity = users::resolve(&invocation.user, &parse_passwd(&read("/etc/passwd")), &parse_group(&read("/etc/group")));
    let next_link = root.fresh_link();
    let state =
        State { root, mounts, open: Map::new(), pipes: Map::new(), clock: Duration::ZERO, next: 0, next_pid: 0, random: 1, next_link };
    let mut system =
        System::new(state, invocation.now, invocation.hostname.clone(), invocation.network, Arc::new(invocation.remotes.clone()));
    system.project = invocation.project.clone();
    system.assumed = invocation.assumed.clone();
    Booted { system, identity, stubs }
}

/// The environment of the first process.
pub(super) fn environment(invocation: &Invocation, home: &str) -> Vec<(String, String)> {
    let pair = |entry: &String| entry.split_once('=').map_or((entry.clone(), String::new()), |(k, v)| (k.into(), v.into()));
    let mut env: Vec<(String, String)> = invocation.env.iter().map(pair).collect();
    for (name, value) in [("HOSTNAME", invocation.hostname.as_str()), ("HOME", home)] {
        if !env.iter().any(|(k, _)| k == name) {
            env.push((name.into(), value.into()));
        }
    }
    env
}

/// Runs a process to its end.
pub fn run(invocation: Invocation) -> Completion {
    let Booted { mut system, identity, stubs } = boot(&invocation);
    let mut refused = None;
    let status = match identity {
        Err(text) => Status::NotStarted(text),
        Ok((ids, home)) => {
            let env = environment(&invocation, &home);
            let cwd = ImagePath::new(&invocation.cwd);
            let mut process = Process::first(&mut system, ids, cwd, env, invocation.stdin.clone());
            process.args = invocation.args.clone();
            process.system.place_assumed();
            match find(&process) {
                Ok(file) => start(&mut process, &file),
                Err(why) => {
                    let text = format!("runc run failed: unable to start container process: {why}\n");
                    process.system.log(Stream::Stderr, text.as_bytes());
                    refused = Some(why);
                    Status::Exited(1)
                }
            }
        }
    };
    let status = match system.halted.take() {
        Some(why) => Status::Exhausted(why),
        None => status,
    };
    Completion { refused, ..finish(system, stubs, status, &invocation) }
}

/// What runc does first: it looks for the program, or says why it cannot start it.
pub(super) fn find(process: &Process) -> Result<String, String> {
    let name = process.args.first().cloned().unwrap_or_default();
    let path = process.var("PATH").unwrap_or("").to_owned();
    let why = match exec::find(process, &name, &path) {
        Ok(file) => return Ok(file),
        Err(StartError::NotFound | StartError::NoInterpreter) => "executable file not found in $PATH".to_owned(),
        Err(StartError::Errno(Errno::AccessDenied)) if process.is_dir(&name) => "is a directory".to_owned(),
        Err(StartError::Errno(Errno::AccessDenied)) => "permission denied".to_owned(),
        Err(StartError::Errno(e)) => format!("stat {name}: {}", lower(errno::text(e))),
    };
    Err(format!("exec: {}: {why}", crate::base::go::quote(&name)))
}

/// Then it becomes the program: what the kernel cannot run ends it.
fn start(process: &mut Process, file: &str) -> Status {
    match exec::unrunnable(process, file) {
        Some(why) => {
            process.system.log(Stream::Stderr, format!("exec {file}: {why}\n").as_bytes());
            Status::Exited(255)
        }
        None => Status::Exited(exec::execute_file(process, file)),
    }
}

fn lower(text: &str) -> String {
    text[..1].to_ascii_lowercase() + &text[1..]
}

fn finish(mut system: System, stubs: Vec<ImagePath>, status: Status, invocation: &Invocation) -> Completion {
    let mut root = system.state.root.clone();
    for path in stubs.iter().rev() {
        let untouched = match root.get(path) {
            Some(Node::Directory(d)) => d.entries.is_empty(),
            Some(Node::File(f)) => f.content.is_empty(),
            _ => false,
        };
        if untouched {
            root = root.remove(path).unwrap_or(root);
        }
    }
    let mounts = map_of(invocation.mounts.iter().map(|(target, mounted)| {
        let real = invocation.root.resolve(target, true).unwrap_or_else(|_| target.clone());
        let tree = system.state.mounts.get(&real).map_or_else(|| mounted.tree.clone(), |m| m.tree.clone());
        (target.clone(), MountedTree { tree, ..mounted.clone() })
    }));
    let elapsed = system.state.clock;
    let (output, missed) = (std::mem::take(&mut system.output), system.missed.take().into());
    Completion { root, mounts, output, status, refused: None, elapsed, missed, commands: system.reports }
}

/// Makes the mount point and its parents where they are missing, and notes what was made.
fn stub(mut tree: Tree, target: &ImagePath, is_file: bool, made: &mut Vec<ImagePath>) -> Tree {
    let mut here = ImagePath::root();
    let count = target.components().count();
    for (i, name) in target.components().enumerate() {
        here = match tree.resolve(&here.child(name), true) {
            Ok(path) => path,
            Err(_) => return tree,
        };
        if tree.get(&here).is_none() {
            let node = match is_file && i + 1 == count {
                true => Node::file(Metadata::root(0o755, 0), Vec::new()),
                false => Node::directory(Metadata::root(0o755, 0)),
            };
            made.push(here.clone());
            tree = tree.insert(&here, node).unwrap_or(tree);
        }
    }
    tree
}

fn builtin_mounts(invocation: &Invocation) -> BTreeMap<ImagePath, Mount> {
    let now = invocation.now;
    let build = |files: &[(&str, &str)]| {
        files.iter().fold(Tree::empty(), |tree, (path, text)| {
            let path = ImagePath::new(path);
            let parent = path.parent().unwrap_or_else(ImagePath::root);
            let tree = tree.make_directories(&parent, &Metadata::root(0o755, now)).unwrap_or(tree);
            let node = match text.strip_prefix("->") {
                Some(target) => Node::symlink(Metadata::root(0o777, now), target),
                None => Node::file(Metadata::root(0o444, now), text.as_bytes().to_vec()),
            };
            tree.insert(&path, node).unwrap_or(tree)
        })
    };
    let proc = build(&[
        ("/1/comm", "sh\n"),
        ("/self/comm", "sh\n"),
        ("/self/fd/0", ""),
        (
            "/cpuinfo",
            "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: bottleship\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\nmodel name\t: bottleship\n\n",
        ),
        ("/meminfo", "MemTotal:        8000000 kB\nMemFree:         6000000 kB\nMemAvailable:    7000000 kB\n"),
        ("/version", "Linux version 6.6.0 (bottleship)\n"),
        ("/mounts", "overlay / overlay rw 0 0\nproc /proc proc rw 0 0\n"),
        ("/sys/kernel/random/uuid", "3b241101-e2bb-4255-8caf-4136c566a962\n"),
    ]);
    let mut dev = build(&[
        ("/stdin", "->/proc/self/fd/0"),
        ("/stdout", "->/proc/self/fd/1"),
        ("/stderr", "->/proc/self/fd/2"),
        ("/fd", "->/proc/self/fd"),
    ]);
    for (name, minor) in [("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("urandom", 9)] {
        let kind = SpecialKind::CharDevice { major: 1, minor };
        let special = crate::filesystem::Special { metadata: Metadata::root(0o666, now), kind };
        dev = dev.insert(&ImagePath::root().child(name), Node::Special(Arc::new(special))).unwrap_or(dev);
    }
    dev = dev.make_directories(&ImagePath::new("/shm"), &Metadata::root(0o1777, now)).unwrap_or(dev);
    let hosts = format!("127.0.0.1\tlocalhost {}\n::1\tlocalhost ip6-localhost ip6-loopback\n", invocation.hostname);
    let etc = build(&[("/hosts", &hosts), ("/resolv.conf", "nameserver 192.0.2.53\n")]);
    let mount =
        |tree: &Tree, source: &str, readonly| Mount { tree: tree.clone(), source: ImagePath::new(source), readonly, internal: true };
    let mounts = [
        ("/proc", mount(&proc, "/", true)),
        ("/dev", mount(&dev, "/", false)),
        ("/sys", mount(&Tree::empty(), "/", true)),
        ("/etc/hosts", mount(&etc, "/hosts", false)),
        ("/etc/resolv.conf", mount(&etc, "/resolv.conf", false)),
    ];
    map_of(mounts.into_iter().map(|(path, mount)| (ImagePath::new(path), mount)))
}
