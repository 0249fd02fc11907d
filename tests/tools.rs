//! Tools against tables of scripts and what busybox 1.35, or in tests/cases/gnu coreutils 9 and its like under dash, printed for them (both streams together), recorded from the program itself.
//!
//! The table expected.txt is not recorded: it is what busybox is held to do until the program itself has been asked.
//!
//! A table is a file in tests/cases/tools: cases between lines `======`, in each the script, a line `>>>>`, and the output with the
//! status as its last line.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::fs;

use bottleship::filesystem::{ImagePath, Metadata, Node, Tree};
use bottleship::machine::{Invocation, Network, run, tools};

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\napp:x:1000:1000:App:/home/app:/bin/sh\n\
nobody:x:65534:65534:nobody:/home:/bin/false\n";
const GROUP: &str = "root:x:0:\ndaemon:x:1:\nstaff:x:50:app\napp:x:1000:\nnogroup:x:65534:\n";

fn machine(script: &str, gnu: bool) -> Tree {
    let meta = |mode| Metadata::root(mode, 0);
    let mut tree = Tree::empty();
    for dir in ["/bin", "/etc", "/tmp", "/root", "/w", "/opt", "/home/app", "/srv", "/usr/bin", "/var", "/t", "/dev", "/proc"] {
        tree = tree.make_directories(&ImagePath::new(dir), &meta(0o755)).expect("a place");
    }
    let mut put = |path: &str, node| tree = tree.insert(&ImagePath::new(path), node).expect("a place");
    put("/bin/busybox", Node::file(meta(0o755), "bottleship stub: busybox\n"));
    put("/etc/passwd", Node::file(meta(0o644), PASSWD));
    put("/etc/group", Node::file(meta(0o644), GROUP));
    put("/etc/motd", Node::file(meta(0o644), "welcome aboard\n"));
    put("/t/script", Node::file(meta(0o644), script));
    for name in tools::TOOLS.iter().map(|t| t.0).chain(["sh"]) {
        let node = if gnu { Node::file(meta(0o755), "a program\n") } else { Node::symlink(meta(0o777), "busybox") };
        put(&format!("/bin/{name}"), node);
    }
    tree
}

fn output(script: &str, gnu: bool) -> String {
    let driver = "sh /t/script >/o 2>&1 </dev/null; rc=$?; cat /o; echo \"@rc $rc\"";
    let done = run(Invocation {
        env: vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into(), "HOME=/root".into()],
        cwd: "/w".into(),
        hostname: "buildkitsandbox".into(),
        network: Network::Sandbox,
        now: 1_767_225_600_000_000_000,
        ..Invocation::of(vec!["/bin/sh".into(), "-c".into(), driver.into()], machine(script, gnu))
    });
    let bytes: Vec<u8> = done.output.iter().flat_map(|line| line.data.clone()).collect();
    String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()
}

#[test]
fn tools_print_what_busybox_prints() {
    check("tests/cases/tools", false);
}

#[test]
fn tools_print_what_coreutils_print() {
    check("tests/cases/gnu", true);
}

fn check(folder: &str, gnu: bool) {
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut tables: Vec<_> = fs::read_dir(folder).expect("the tables").map(|e| e.expect("a table").path()).collect();
    tables.sort();
    for table in tables {
        let text = fs::read_to_string(&table).expect("a table");
        for case in text.trim_end_matches('\n').split("\n======\n") {
            let (script, expect) = case.split_once("\n>>>>\n").expect("a script and what it prints");
            let found = output(&format!("{script}\n"), gnu);
            count += 1;
            if found != expect {
                wrong.push(format!("{}:\n{script}\n--- real\n{expect}\n--- here\n{found}\n", table.display()));
            }
        }
    }
    assert!(count > 10, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} differ\n{}", wrong.len(), wrong.join("\n"));
}
