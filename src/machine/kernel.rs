//! A RUN from start to end: stubs and mounts, the first process, what is left of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::{Map, map_of};

use super::exec::{self, StartError};
use super::files::Last;
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
            let cwd = working_directory(&mut system, &invocation.cwd);
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

/// Where the first process starts: runc makes the directory if it is not there, and the kernel knows no links in it.
pub(super) fn working_directory(system: &mut System, path: &str) -> ImagePath {
    let (root, path) = (ImagePath::root(), ImagePath::new(path));
    let mut place = String::new();
    for name in path.components() {
        place = format!("{place}/{name}");
        if system.stat(&Ids::root(), &root, &place, Last::Follow).is_err() {
            _ = system.mkdir(&Ids::root(), &root, &place, 0o755);
        }
    }
    system.resolve(&Ids::root(), &root, path.as_str(), Last::Follow).unwrap_or(path)
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

/// What `/proc/mounts` lists, but for the mounts of the RUN itself.
const MOUNTS: &str = "\
overlay / overlay rw,relatime 0 0
proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0
tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0
devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666 0 0
shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0
mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime 0 0
sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0
cgroup /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime 0 0
";

fn builtin_mounts(invocation: &Invocation) -> BTreeMap<ImagePath, Mount> {
    let now = invocation.now;
    let build = |mode: u32, files: &[(&str, &str)]| {
        files.iter().fold(Tree::empty(), |tree, (path, text)| {
            let path = ImagePath::new(path);
            let parent = path.parent().unwrap_or_else(ImagePath::root);
            let tree = tree.make_directories(&parent, &Metadata::root(0o755, now)).unwrap_or(tree);
            let node = match text.strip_prefix("->") {
                Some(target) => Node::symlink(Metadata::root(0o777, now), target),
                None => Node::file(Metadata::root(mode, now), text.as_bytes().to_vec()),
            };
            tree.insert(&path, node).unwrap_or(tree)
        })
    };
    let proc = build(
        0o444,
        &[
            ("/1/comm", "sh\n"),
            ("/self/comm", "sh\n"),
            ("/self/fd/0", ""),
            (
                "/cpuinfo",
                "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: bottleship\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\nmodel name\t: bottleship\n\n",
            ),
            ("/meminfo", "MemTotal:        8000000 kB\nMemFree:         6000000 kB\nMemAvailable:    7000000 kB\n"),
            ("/version", "Linux version 6.6.0 (bottleship)\n"),
            ("/mounts", MOUNTS),
            ("/self/mounts", MOUNTS),
            ("/self/cgroup", "0::/\n"),
            ("/1/cgroup", "0::/\n"),
            ("/filesystems", "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\toverlay\n\text4\n"),
            ("/uptime", "3600.00 7200.00\n"),
            ("/loadavg", "0.00 0.00 0.00 1/100 1\n"),
            ("/sys/kernel/ostype", "Linux\n"),
            ("/sys/kernel/osrelease", "6.6.0\n"),
            ("/sys/kernel/hostname", &format!("{}\n", invocation.hostname)),
            ("/sys/fs/file-max", "9223372036854775807\n"),
            ("/sys/kernel/random/uuid", "3b241101-e2bb-4255-8caf-4136c566a962\n"),
        ],
    );
    let mut dev = build(
        0o444,
        &[
            ("/stdin", "->/proc/self/fd/0"),
            ("/stdout", "->/proc/self/fd/1"),
            ("/stderr", "->/proc/self/fd/2"),
            ("/fd", "->/proc/self/fd"),
            ("/ptmx", "->pts/ptmx"),
        ],
    );
    for (name, major, minor) in [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)] {
        let kind = SpecialKind::CharDevice { major, minor };
        let special = crate::filesystem::Special { metadata: Metadata::root(0o666, now), kind };
        dev = dev.insert(&ImagePath::root().child(name), Node::Special(Arc::new(special))).unwrap_or(dev);
    }
    for (name, mode) in [("/shm", 0o1777), ("/mqueue", 0o1777), ("/pts", 0o755)] {
        dev = dev.make_directories(&ImagePath::new(name), &Metadata::root(mode, now)).unwrap_or(dev);
    }
    let hosts = format!("127.0.0.1\tlocalhost {}\n::1\tlocalhost ip6-localhost ip6-loopback\n", invocation.hostname);
    let etc = build(0o644, &[("/hosts", &hosts), ("/resolv.conf", "nameserver 192.0.2.53\n")]);
    let mount =
        |tree: &Tree, source: &str, readonly| Mount { tree: tree.clone(), source: ImagePath::new(source), readonly, internal: true };
    let mounts = [
        ("/proc", mount(&proc, "/", true)),
        ("/dev", mount(&dev, "/", false)),
        ("/sys", mount(&Tree::empty(), "/", true)),
        ("/etc/hosts", mount(&etc, "/hosts", true)),
        ("/etc/resolv.conf", mount(&etc, "/resolv.conf", true)),
    ];
    map_of(mounts.into_iter().map(|(path, mount)| (ImagePath::new(path), mount)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Completion;

    fn completion(cwd: &str, script: &str) -> Completion {
        let tree = ["/bin", "/real"].into_iter().fold(Tree::empty(), |tree, folder| {
            tree.make_directories(&ImagePath::new(folder), &Metadata::root(0o755, 0)).expect("a folder")
        });
        let put = |tree: Tree, path: &str, node| tree.insert(&ImagePath::new(path), node).expect("a place");
        let tree = put(tree, "/bin/busybox", Node::file(Metadata::root(0o755, 0), "stub"));
        let tree =
            ["/bin/sh", "/bin/ls"].into_iter().fold(tree, |tree, name| put(tree, name, Node::symlink(Metadata::root(0o777, 0), "busybox")));
        let tree = put(tree, "/link", Node::symlink(Metadata::root(0o777, 0), "real"));
        let args = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        run(Invocation { cwd: cwd.into(), env: vec!["PATH=/bin".into()], ..Invocation::of(args, tree) })
    }

    fn printed(done: &Completion) -> String {
        done.output.iter().map(|line| String::from_utf8_lossy(&line.data)).collect()
    }

    #[test]
    fn a_process_starts_in_a_directory_that_is_there_and_no_link() {
        let done = completion("/gone/deep", "pwd");
        assert_eq!(printed(&done), "/gone/deep\n");
        assert!(done.root.get(&ImagePath::new("/gone/deep")).is_some());
        assert_eq!(printed(&completion("/link/x", "pwd; ls /real")), "/real/x\nx\n");
    }

    #[test]
    fn what_the_builder_mounts_stays_as_it_is() {
        let done = completion("/", "echo 10.0.0.1 db >>/etc/hosts");
        assert_eq!(printed(&done), "/bin/sh: can't create /etc/hosts: Read-only file system\n");
        assert!(done.root.get(&ImagePath::new("/etc")).is_none(), "no trace is left");
    }
}
