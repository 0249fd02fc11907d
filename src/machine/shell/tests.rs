//! Scripts and what they print, on a small busybox-like tree.

use crate::filesystem::{ImagePath, Metadata, Node, Tree};
use crate::machine::{Completion, Invocation, Status, Stream, run, tools};

fn tree() -> Tree {
    let meta = |mode| Metadata::root(mode, 0);
    let mut tree = Tree::empty();
    for dir in ["/bin", "/etc", "/tmp", "/root", "/srv"] {
        tree = tree.make_directories(&ImagePath::new(dir), &meta(0o755)).expect("a place");
    }
    let mut put = |path: &str, node| tree = tree.insert(&ImagePath::new(path), node).expect("a place");
    put("/bin/busybox", Node::file(meta(0o755), "stub"));
    put("/etc/passwd", Node::file(meta(0o644), "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n"));
    put("/etc/group", Node::file(meta(0o644), "root:x:0:\napp:x:1000:\n"));
    put("/srv/a.txt", Node::file(meta(0o644), "alpha\nbeta\n"));
    for name in tools::TOOLS.iter().map(|t| t.0).chain(["sh"]) {
        put(&format!("/bin/{name}"), Node::symlink(meta(0o777), "busybox"));
    }
    tree
}

fn completion(script: &str) -> Completion {
    run(Invocation {
        env: vec!["PATH=/bin".into()],
        now: 1_000_000_000_000_000_000,
        ..Invocation::of(vec!["/bin/sh".into(), "-c".into(), script.into()], tree())
    })
}

#[track_caller]
pub(crate) fn check(script: &str, expect: &str) {
    let done = completion(script);
    let mut text = String::new();
    for line in &done.output {
        let part = String::from_utf8_lossy(&line.data);
        match line.stream {
            Stream::Stdout => text += &part,
            Stream::Stderr => text += &part.lines().map(|l| format!("! {l}\n")).collect::<String>(),
        }
    }
    match done.status {
        Status::Exited(0) => {}
        Status::Exited(n) => text += &format!("exit {n}\n"),
        other => text += &format!("{other:?}\n"),
    }
    assert_eq!(text, expect, "{script}");
}

#[test]
fn expands() {
    check("a='x  y'; echo $a \"$a\" ${a%y} ${#a} ${b:-none} $((1+2*3)) $(echo hi)", "x y x  y x 4 none 7 hi\n");
    check("set -- 'a b' c; for x in \"$@\"; do echo [$x]; done; echo $# \"$*\"; shift; echo $1", "[a b]\n[c]\n2 a b c\nc\n");
    check("cd /srv; echo *.txt ?.none '*'", "a.txt ?.none *\n");
}

#[test]
fn flows() {
    check("i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done", "1\n3\n");
    check("f() { local v=1; echo $v $1; return 3; }; f x; echo $?", "1 x\n3\n");
    check("case abc in x|a*) echo yes;; esac; if false; then :; elif true; then echo e; fi", "yes\ne\n");
    check("set -e; (exit 4) || echo $?; false; echo no", "4\nexit 1\n");
    check("cat <<E | cat\nv=$((1+1))\nE\ntrap 'echo bye' EXIT; echo hi", "v=2\nhi\nbye\n");
}

#[test]
fn says_what_is_wrong() {
    check("nope; echo $?", "! /bin/sh: nope: not found\n127\n");
    check("while true; do :", "! /bin/sh: syntax error: unexpected end of file (expecting \"done\")\nexit 2\n");
    check("set -u; echo $X", "! /bin/sh: X: parameter not set\nexit 2\n");
    check("set -x; v='a b'; echo $v", "! + v='a b'\n! + echo a b\na b\n");
}

#[test]
fn ends() {
    assert!(matches!(completion("while true; do :; done").status, Status::Exhausted(_)));
    assert!(matches!(completion("f() { f; }; f").status, Status::Exhausted(_)));
    assert!(matches!(completion("cat /dev/zero > /dev/null; cat /dev/zero").status, Status::Exhausted(_)));
}

#[test]
fn text_tools() {
    check("printf '10\\n9\\n9\\n' | sort -n | uniq -c", "      2 9\n      1 10\n");
    check("printf 'a b\\n' > /t; wc /t; wc -l < /t; head -c1 /t; tail -n1 /t", "        1         2         4 /t\n1\naa b\n");
    check("cut -d: -f1,3 /etc/passwd | tr a-z A-Z", "ROOT:0\nAPP:1000\n");
    check("echo 1 2 3 | xargs -n2 echo; echo x | xargs -I{} echo '[{}]'", "1 2\n3\n[x]\n");
    check("grep -n app /etc/passwd | cut -c1-5; grep -q zzz /etc/group || echo no; grep -rl alpha /srv", "2:app\nno\n/srv/a.txt\n");
    check("sed -i 's/alpha/gamma/' /srv/a.txt; sed -n 1p /srv/a.txt; echo a.b | sed -E 's/(.)\\.(.)/\\2-\\1/'", "gamma\nb-a\n");
}
