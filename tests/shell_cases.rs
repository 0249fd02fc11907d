//! The shell against recorded answers of the real ones: `tests/cases/run/*.txt`, written by `record.py` there.

#![allow(clippy::disallowed_methods)] // A test may read files and the environment.

use std::fmt::Write;

use bottleship::filesystem::{ImagePath, Metadata, Node, Special, SpecialKind, Tree};
use bottleship::machine::{Completion, Invocation, Status, Stream, run, tools};

/// The file system that the answers were recorded in.
fn tree(shell: &str) -> Tree {
    let meta = |mode| Metadata::root(mode, 0);
    let mut tree = Tree::empty();
    for dir in ["/bin", "/dev", "/etc", "/home/app", "/lib", "/lib64", "/proc", "/root", "/tmp", "/usr/local/bin", "/w"] {
        tree = tree.make_directories(&ImagePath::new(dir), &meta(0o755)).expect("a place");
    }
    let mut put = |path: &str, node| tree = tree.insert(&ImagePath::new(path), node).expect("a place");
    for name in ["busybox", "dash", "bash"] {
        put(&format!("/bin/{name}"), Node::file(meta(0o755), "a program\n"));
    }
    let passwd = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\napp:x:1000:1000:app:/home/app:/bin/sh\n";
    put("/etc/passwd", Node::file(meta(0o644), passwd));
    put("/etc/group", Node::file(meta(0o644), "root:x:0:\ndaemon:x:1:\nstaff:x:50:app\napp:x:1000:\n"));
    for name in tools::TOOLS.iter().map(|t| t.0).filter(|n| !["bash", "dash", "sh"].contains(n)) {
        put(&format!("/bin/{name}"), Node::symlink(meta(0o777), "busybox"));
    }
    put("/bin/sh", Node::symlink(meta(0o777), if shell == "ash" { "busybox" } else { shell }));
    let null = Special { metadata: meta(0o666), kind: SpecialKind::CharDevice { major: 1, minor: 3 } };
    put("/dev/null", Node::Special(null.into()));
    tree
}

fn complete(shell: &str, script: &str) -> Completion {
    let zero = if shell == "bash" { "/bin/bash" } else { "/bin/sh" };
    run(Invocation {
        env: ["PATH=/usr/local/bin:/bin", "HOME=/root", "HOSTNAME=box"].map(String::from).to_vec(),
        cwd: "/w".into(),
        now: 1_000_000_000_000_000_000,
        ..Invocation::of(vec![zero.into(), "-c".into(), script.into()], tree(shell))
    })
}

/// The answer as `record.py` writes it.
fn answer(shell: &str, script: &str) -> String {
    let done = complete(shell, script);
    let mut text = String::new();
    for (mark, stream) in [('|', Stream::Stdout), ('!', Stream::Stderr)] {
        let bytes: Vec<u8> = done.output.iter().filter(|l| l.stream == stream).flat_map(|l| l.data.iter().copied()).collect();
        let data = String::from_utf8_lossy(&bytes);
        let (lines, last) = data.rsplit_once('\n').map_or((None, &*data), |(lines, last)| (Some(lines), last));
        for line in lines.into_iter().flat_map(|l| l.split('\n')) {
            let space = if line.is_empty() { "" } else { " " };
            writeln!(text, "{mark}{space}{line}").expect("memory");
        }
        if !last.is_empty() {
            writeln!(text, "{mark}~{last}").expect("memory");
        }
    }
    match done.status {
        Status::Exited(0) => {}
        Status::Exited(code) => writeln!(text, "= {code}").expect("memory"),
        other => writeln!(text, "{other:?}").expect("memory"),
    }
    text
}

/// Every case of a file, as the failures among them.
fn failures(text: &str) -> (usize, String) {
    let (mut count, mut failures) = (0, String::new());
    for case in text.split("\n=== ").skip(1) {
        let (_, rest) = case.split_once('\n').expect("a script");
        let rest = format!("{rest}\n");
        let mut groups = rest.split("\n--- ");
        let script = groups.next().expect("a script");
        for group in groups {
            let (shells, expected) = group.split_once('\n').expect("an answer");
            let expected = expected.trim_end_matches('\n');
            for shell in shells.split(' ') {
                count += 1;
                let found = answer(shell, script);
                let found = found.trim_end_matches('\n');
                if found != expected {
                    writeln!(failures, "=== {shell}\n{script}\n--- expected\n{expected}\n--- found\n{found}\n").expect("memory");
                }
            }
        }
    }
    (count, failures)
}

#[test]
fn the_shells_agree_with_the_real_ones() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/run");
    let mut all = String::new();
    let mut total = 0;
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("cases").map(|e| e.expect("a file").path()).collect();
    files.sort();
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "txt")) {
        if std::env::var("CASES").is_ok_and(|only| !path.ends_with(format!("{only}.txt"))) {
            continue;
        }
        let (count, failures) = failures(&std::fs::read_to_string(path).expect("a case file"));
        total += count;
        if !failures.is_empty() {
            writeln!(all, "##### {}\n{failures}", path.display()).expect("memory");
        }
    }
    assert!(total > 0, "no cases");
    assert!(all.is_empty(), "{} of {total} answers differ\n{all}", all.matches("--- found").count());
}
