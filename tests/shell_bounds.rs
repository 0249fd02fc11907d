//! Scripts that never end or nest without end stop with a clear error, on a stack as small as the browser's; no text makes the shell panic.

use bottleship::filesystem::{ImagePath, Metadata, Node, Tree};
use bottleship::machine::{Invocation, Status, run, tools};
use proptest::prelude::*;

/// The stack of the engine in the page: see .cargo/config.toml.
const STACK: usize = 8 << 20;

fn tree() -> Tree {
    let meta = |mode| Metadata::root(mode, 0);
    let mut tree = Tree::empty();
    for dir in ["/bin", "/etc", "/tmp", "/w"] {
        tree = tree.make_directories(&ImagePath::new(dir), &meta(0o755)).expect("a place");
    }
    let mut put = |path: &str, node| tree = tree.insert(&ImagePath::new(path), node).expect("a place");
    for name in ["busybox", "dash", "bash"] {
        put(&format!("/bin/{name}"), Node::file(meta(0o755), "a program\n"));
    }
    for name in tools::TOOLS.iter().map(|t| t.0).filter(|n| !["bash", "dash", "sh"].contains(n)) {
        put(&format!("/bin/{name}"), Node::symlink(meta(0o777), "busybox"));
    }
    put("/bin/sh", Node::symlink(meta(0o777), "busybox"));
    tree
}

/// Runs a script on a thread with the page's stack.
fn status(shell: &str, script: &str) -> Status {
    let (shell, script) = (shell.to_owned(), script.to_owned());
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        run(Invocation {
            env: vec!["PATH=/bin".into()],
            cwd: "/w".into(),
            ..Invocation::of(vec![format!("/bin/{shell}"), "-c".into(), script], tree())
        })
        .status
    });
    thread.expect("a thread").join().expect("no panic")
}

#[track_caller]
fn stops(script: &str) {
    for shell in ["sh", "dash", "bash"] {
        assert!(matches!(status(shell, script), Status::Exhausted(_)), "{shell}: {script}");
    }
}

#[test]
fn what_never_ends_stops() {
    stops("while true; do :; done");
    stops("until false; do x=$((x+1)); done");
    stops("trap 'kill -USR1 $$' USR1; kill -USR1 $$");
    stops("x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done");
}

#[test]
fn what_nests_without_end_stops() {
    stops("f() { f; }; f");
    stops(&format!("f() {{ {} f; {} }}; f", "if true; then ".repeat(40), "fi; ".repeat(40)));
    stops("f() { f | f & }; f");
    stops("f() { (f); }; f");
    stops("f() { x=$(f); }; f");
    stops("f() { eval f; }; f");
    stops("f() { if f; then f; else f; fi; }; f");
    stops("f() { case $(f) in *) f;; esac; }; f");
    stops("f() { while f; do f; done; }; f");
    stops("echo '. ./s' > s; . ./s");
    stops("echo './s' > s; chmod +x s; ./s");
    stops("printf '#!/bin/sh\\n./s\\n' > s; chmod +x s; ./s");
    stops("f() { env sh -c \"$x\"; }; x='env sh -c \"$x\"'; export x; f");
    stops("f() { { f; } 2>&1 | { f; }; }; f");
}

/// Whether a script of bash ends before it has spent what its machine may.
#[track_caller]
fn ends(script: &str) {
    let status = status("bash", script);
    assert!(matches!(status, Status::Exited(0)), "{script}: {status:?}");
}

#[test]
fn patterns_are_one_piece_of_work() {
    let long = "x=; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do x=$x${x:-a}; done; shopt -s extglob\n";
    ends(&format!("{long}y=${{x//+(a)b/c}}; z=${{x%%*(a|aa)b}}; z=${{x##*(*(a)|*(aa))b}}; [ ${{#y}} -gt 1 ]"));
    for pattern in
        ["*(*(*(*(a)*)*)*)b", "!(*b|!(a*(!(a)b)))", "+(+(+(a|!(b))c)d)e", "*".repeat(60000).as_str(), "@(*".repeat(30000).as_str()]
    {
        for use_ in ["${x//P/-}", "${x##P}", "${x%P}"] {
            status("bash", &format!("{long}y={}", use_.replace('P', pattern)));
        }
        status("bash", &format!("{long}case $x in {pattern}) ;; esac"));
        status("bash", &format!("{long}[[ $x == {pattern} ]]"));
    }
}

#[test]
fn arrays_grow_fast() {
    ends("seq 60000 | { mapfile -t -O 5 a; mapfile -C : -c 1000 b; [ ${#a[@]} = 60000 ]; }");
    ends("for i in $(seq 20000); do a[i]=$i b+=($i); x=${a[i]} y=${a[-1]}; done; [ ${#b[@]} = 20000 ]");
    ends("a[9223372036854775807]=1; a+=(x); echo ${a[-9223372036854775807]-} > /dev/null");
}

#[test]
fn clocks_do_not_overflow() {
    ends("SECONDS=9223372036854775807; sleep 2; echo $SECONDS $((SECONDS)); SECONDS=-9223372036854775808; echo $SECONDS");
    ends("timeout 99999999999999999d true; sleep infinity & kill $!; timeout 9 sleep infinity; [ $? = 143 ]");
}

#[test]
fn deadlines_hold_for_those_that_wait() {
    ends("[ \"$(timeout 10 sh -c 'sleep 100 & echo hi'; echo $?)\" = $'hi\\n0' ]");
    ends("[ \"$(timeout 1 sh -c 'sleep 100 & wait; echo no' | cat; echo ${PIPESTATUS[0]})\" = 143 ]");
    ends("timeout 5 timeout 1 sleep 3; timeout 1 timeout 5 sleep 3; [ $SECONDS = 2 ]");
}

#[test]
fn what_commands_write_to_is_closed_behind_them() {
    ends(
        "x=$({ while read l; do echo $l; done < <(echo a); cat <(echo b); { cat; } < <(echo c); exec 3< <(echo d); cat <&3; } | tr -d '\\n'); [ $x = abcd ]",
    );
    ends("{ cat; } < <(echo q); : > >(cat); [ ! -e /dev/fd/63 ]; x=$({ echo b; } > >(tr b c); echo d); [ \"$x\" = $'c\\nd' ]");
}

#[test]
fn programs_that_never_end_stop() {
    for script in [
        "jq -n 'range(1e12)'",
        "jq -n 'def f: f; f'",
        "jq -n '[recurse(.)]'",
        "jq -n 'def f(x): x|f(x); 1|f(.)'",
        "jq -n 'reduce range(100000) as $i (null; [.])'",
        "jq -n 'reduce range(60) as $i (\"xxxx\"; .+.)'",
        "jq -n '{a:range(1000),b:range(1000),c:range(1000)}'",
        "echo 'while(1){}' | bc",
        "echo '2^999999999' | bc",
        "echo 'scale=99999999999; 1/3' | bc",
        "echo 'e(99999999)' | bc -l",
        "echo '[lax d]salax' | dc",
        "(echo a; echo x; echo .; i=0; while [ $i -lt 40 ]; do echo ,t.; i=$((i+1)); done) | ed",
        "echo '99999999999k 1 3/p' | dc",
    ] {
        assert!(matches!(status("sh", script), Status::Exhausted(_)), "{script}");
    }
}

#[test]
fn deep_texts_of_programs_are_refused() {
    for (program, open) in
        [("jq", "[ ( - try reduce {a: { 1+ 1, .a not|"), ("jq . f", "[ {\"a\":"), ("bc", "( - ! 1+ 1^ a= { if(1) ++"), ("dc", "[")]
    {
        for open in open.split(' ') {
            let run = if program == "jq" { "jq -n -f f".to_owned() } else { format!("{program} < f") };
            status("sh", &format!("i=0; x='{open}'; while [ $i -lt 15 ]; do x=\"$x $x\"; i=$((i+1)); done; echo \"$x 1\" > f; {run}"));
        }
    }
    status("sh", "printf 'a\\nx\\n.\\n$+9223372036854775807p\\n1,99999999999999999999p\\ns/x/y/99999999999999999999\\n' | ed");
    status("sh", "jq -n '[range(100000)|0] as $p | null|setpath($p;1)'");
    status("sh", "jq -n '\"aéb\"|gsub(\"\";\"-\")'");
}

#[test]
fn deep_texts_are_refused() {
    for (open, close) in [
        ("(", ")"),
        ("{ ", "; }"),
        ("$(", ")"),
        ("\"$(", ")\""),
        ("${x:-", "}"),
        ("if ", "; then :; fi"),
        ("while ", "; do :; done"),
        ("case x in x) ", ";; esac"),
        ("$((", "))"),
        ("f() { ", "; }"),
        ("! ", ""),
    ] {
        for depth in [20, 59, 60, 61, 500, 5000] {
            for shell in ["sh", "dash", "bash"] {
                let text = format!("{}:{}", open.repeat(depth), close.repeat(depth));
                status(shell, &text);
                status(shell, &format!("echo {text}"));
            }
        }
    }
    for text in ["(", "-", "1+", "1?", "!~", "x=", "a[", "1**"] {
        for depth in [30, 40, 50, 2000] {
            for shell in ["sh", "dash", "bash"] {
                status(shell, &format!("echo $(({}1{}))", text.repeat(depth), ")".repeat(if text == "(" { depth } else { 0 })));
            }
        }
    }
    status("bash", &format!("[[ {} a ]]", "! ".repeat(5000)));
    status("bash", &format!("echo {}a{}", "{a,".repeat(2000), "}".repeat(2000)));
    status("sh", &format!("[ {} a ]", "! ".repeat(5000)));
    status("dash", &format!("[ {} a {} ]", "\\( ".repeat(5000), "\\) ".repeat(5000)));
    status("sh", "x=x; echo $((x))");
    status("bash", "a=b b=a; echo $((a)) ${!a}");
    status("sh", "alias a='b ' b='a '\na");
}

/// Pieces that scripts are made of, so that random ones often mean something.
const PIECES: [&str; 60] = [
    "echo ",
    "a",
    "x=1",
    "$x",
    "${x",
    ":-",
    "}",
    "\"",
    "'",
    "`",
    "$(",
    ")",
    "((",
    "))",
    "[[ ",
    " ]]",
    "{ ",
    "; }",
    "if ",
    "; then ",
    "; fi",
    "for i in ",
    "; do ",
    "; done",
    "while false",
    "case ",
    " in ",
    ";;",
    " esac",
    "|",
    "&&",
    "||",
    "&",
    ";",
    "\n",
    "<<E\n",
    "\nE\n",
    ">f",
    "<f",
    "2>&1",
    "<<<",
    "\\",
    "#",
    "!",
    "f() ",
    "f ",
    "*",
    "?",
    "[a-z]",
    "~",
    "%",
    "//",
    "é",
    "$@",
    "$*",
    "$#",
    "set -eux; ",
    "local ",
    "{a,b}",
    "$((x+",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_scripts_never_panic(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..25)) {
        let script = pieces.concat();
        for shell in ["sh", "dash", "bash"] {
            status(shell, &script);
        }
    }

    #[test]
    fn random_texts_never_panic(script in "\\PC{0,60}") {
        for shell in ["sh", "dash", "bash"] {
            status(shell, &script);
        }
    }
}
