//! Advice on small builds: what is proposed, and what it saves.

use std::collections::BTreeMap;

use super::*;
use crate::world::Images;

fn world(files: &[(&str, &str)]) -> World {
    let add = |tree: Tree, (path, text): &(&str, &str)| {
        let path = ImagePath::new(path);
        let tree = tree.make_directories(&path.parent().unwrap(), &Metadata::root(0o755, 0)).unwrap();
        tree.insert(&path, Node::file(Metadata::root(0o644, 0), text.as_bytes().to_vec())).unwrap()
    };
    World::local(files.iter().fold(Tree::empty(), add), Images::Store(BTreeMap::new(), Default::default()))
}

/// The advice for a file as `kind: values`, and the Dockerfile that the first one gives.
fn check(text: &str, files: &[(&str, &str)], expect: &[&str], edited: &str) {
    let (request, world) = (Request::of(Source::new("Dockerfile", text)), world(files));
    let advice = advise(&request, &world, &Settings::default());
    let told: Vec<String> = advice.iter().map(|advice| format!("{}: {}", advice.kind, advice.values.join(" | "))).collect();
    assert_eq!(told, expect);
    if let (Some(first), Context::Local(context)) = (advice.first(), &world.context) {
        let (request, _) = text::apply(&request, context, &first.edits).unwrap();
        assert_eq!(dockerfile(&request.dockerfile), edited);
    }
}

#[test]
fn what_seldom_changes_goes_first() {
    let files = &[("a.txt", "1"), ("src/b.txt", "2")];
    let text = "FROM busybox\nCOPY src /src\nRUN sleep 5; echo tools > /tools\n";
    let better = "FROM busybox\nRUN sleep 5; echo tools > /tools\nCOPY src /src\n";
    check(text, files, &["move-run: RUN sleep 5; echo tools > /tools | COPY src /src"], better);
    // It reads what was copied: nothing to gain.
    check("FROM busybox\nCOPY src /src\nRUN sleep 5; cat /src/* > /all\n", files, &[], "");
}

#[test]
fn what_is_deleted_later_was_still_shipped() {
    let text = "FROM busybox\nRUN head -c 3000000 /dev/zero > /big\nRUN rm /big\n";
    let better = "FROM busybox\nRUN head -c 3000000 /dev/zero > /big \\\n    && rm /big\n";
    check(text, &[("a.txt", "1")], &["join-runs: RUN rm /big"], better);
    let with_copy = format!("{text}COPY a.txt /\n");
    check(&with_copy, &[("a.txt", "1")], &["join-runs: RUN rm /big"], &format!("{better}COPY a.txt /\n"));
}

#[test]
fn only_what_a_stage_needs_is_copied() {
    let files = &[("a/x.txt", "1"), ("b/y.txt", "2")];
    let text = "FROM busybox AS one\nCOPY . /src/\nRUN sleep 3; cat /src/a/x.txt > /out\nFROM scratch\nCOPY --from=one /out /out\n";
    let better = "FROM busybox AS one\nCOPY a /src/a/\nRUN sleep 3; cat /src/a/x.txt > /out\nFROM scratch\nCOPY --from=one /out /out\n";
    check(text, files, &["narrow-copy: a | b"], better);
}
