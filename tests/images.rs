//! Cases of files and layers: tests/cases/image/NAME with a Dockerfile, the context's files in `case.json` and, in `expected`,
//! what the layers hold or the error. `UPDATE_EXPECT=1 cargo test --test images` writes them anew.
//!
//! A file is its text, or an object: `link`, `dir`, `fifo`, `hard` (another name of a file), `tar` (entries), with `mode`, `mtime` (seconds).
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bottleship::base::Source;
use bottleship::base::gzip::Gzip;
use bottleship::build::{self, Cache, Settings};
use bottleship::filesystem::{ImagePath, Metadata, Node, Special, SpecialKind, Tree};
use bottleship::image::tar::{END, Entry, EntryKind, header, padding};
use bottleship::image::tar_reader::Reader;
use bottleship::image::{Image, validate};
use bottleship::plan::{self, Request};
use serde_json::Value;

fn octal(value: &Value, default: u32) -> u32 {
    value.as_str().map_or(default, |text| u32::from_str_radix(text, 8).expect("an octal mode"))
}

fn tree(files: &Value) -> Tree {
    let mut tree = Tree::empty();
    for (name, value) in files.as_object().expect("files are an object") {
        let path = ImagePath::new(name);
        let parent = path.parent().expect("not the root");
        tree = tree.make_directories(&parent, &Metadata::root(0o755, 0)).expect("folders");
        let is_directory = value["dir"].is_boolean();
        let mode = octal(&value["mode"], if is_directory { 0o755 } else { 0o644 });
        let metadata = Metadata::root(mode, value["mtime"].as_i64().unwrap_or(0) * 1_000_000_000);
        let node = if is_directory {
            Node::directory(metadata)
        } else if let Some(target) = value["link"].as_str() {
            Node::symlink(metadata, target)
        } else if value["fifo"].is_boolean() {
            Node::Special(Arc::new(Special { metadata, kind: SpecialKind::Fifo }))
        } else if let Some(existing) = value["hard"].as_str() {
            tree = tree.link(&ImagePath::new(existing), &path).expect("a hard link");
            continue;
        } else if let Some(entries) = value["tar"].as_array() {
            Node::file(metadata, archive(entries, value))
        } else {
            Node::file(metadata, value.as_str().or(value["text"].as_str()).expect("a text"))
        };
        tree = tree.insert(&path, node).expect("a place");
    }
    tree
}

fn archive(entries: &[Value], options: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        let text = |key: &str| entry[key].as_str().unwrap_or_default();
        let number = |key: &str| entry[key].as_u64().unwrap_or(0) as u32;
        let data = text("data");
        let (major, minor) = (number("major"), number("minor"));
        let kind = match entry["kind"].as_str().unwrap_or("file") {
            "dir" => EntryKind::Directory,
            "symlink" => EntryKind::Symlink(text("link")),
            "hard" => EntryKind::HardLink(text("link")),
            "fifo" => EntryKind::Fifo,
            "char" => EntryKind::CharDevice { major, minor },
            _ => EntryKind::File { size: data.len() as u64 },
        };
        let mode = octal(&entry["mode"], 0o644);
        let mtime = i64::from(number("mtime"));
        let entry_head = Entry { name: text("name").into(), kind, mode, uid: number("uid"), gid: number("gid"), mtime, capability: None };
        let mut head = Vec::new();
        header(&entry_head, &mut |piece| head.extend_from_slice(piece));
        if let Some(flag) = entry["flag"].as_u64() {
            let at = head.len() - 512;
            head[at + 156] = flag as u8;
            head[at + 148..at + 156].fill(b' ');
            let sum: u32 = head[at..].iter().map(|byte| u32::from(*byte)).sum();
            head[at + 148..at + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        out.extend(head);
        out.extend(data.as_bytes());
        out.resize(out.len() + padding(data.len() as u64), 0);
    }
    out.extend(END);
    if options["gzip"].is_boolean() {
        let mut gzip = Gzip::new(255);
        gzip.write(&out);
        out = gzip.finish();
    }
    let cut = options["cut"].as_u64().unwrap_or(0) as usize;
    out.truncate(out.len() - cut);
    out
}

fn build(case: &Path) -> Result<Image, String> {
    let text = fs::read_to_string(case.join("case.json")).expect("a case has a case.json");
    let options: Value = serde_json::from_str(&text).expect("case.json is JSON");
    assert!(options["why"].is_string(), "{} says why", case.display());
    let epoch = options["epoch"].as_i64().unwrap_or(0);
    let world = common::world_of(tree(&options["files"]));
    let mut request = Request::of(Source::new("Dockerfile", fs::read(case.join("Dockerfile")).expect("a Dockerfile")));
    request.build_args.insert("SOURCE_DATE_EPOCH".into(), epoch.to_string());
    let settings = Settings { rewrite: Some(epoch), now: 2_000_000_000_000_000_000, ..Settings::default() };
    let (outcome, _) = build::run(plan::plan(&request, &world), &request, &world, &Cache::default(), &settings);
    outcome.result.map_err(|error| error.message).map(|images| images.into_iter().next().expect("an image"))
}

fn told(image: &Image) -> String {
    let history: Vec<_> = image.config.history.iter().filter(|line| !line.empty_layer).map(|line| line.created_by.as_str()).collect();
    let mut out: String = validate(image).iter().map(|wrong| format!("! {wrong}\n")).collect();
    for ((lower, layer), made) in image.layers_with_lower().zip(history) {
        out += &format!("{made}\n");
        let mut tar = Vec::new();
        layer.tar(&lower, &mut |piece| tar.extend_from_slice(piece));
        for member in Reader::new(&tar, u64::MAX) {
            let member = member.expect("our own tar");
            let kind = match member.kind {
                b'0' => '-',
                b'1' => 'h',
                b'2' => 'l',
                b'3' => 'c',
                b'5' => 'd',
                b'6' => 'p',
                other => char::from(other),
            };
            let is_text = !member.data.contains(&0);
            let text = if is_text { String::from_utf8_lossy(&member.data).into_owned() } else { format!("({} bytes)", member.data.len()) };
            let link = if member.link.is_empty() { String::new() } else { format!(" -> {}", member.link) };
            let (uid, gid, time) = (member.uid, member.gid, member.mtime / 1_000_000_000);
            out += &format!("  {kind}{:04o} {uid}:{gid} {time} {}{link} {text}\n", member.mode, member.name).replace(" \n", "\n");
        }
    }
    out
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/image");
    let mut names: Vec<_> = fs::read_dir(&folder).expect("there are cases").flatten().map(|entry| entry.path()).collect();
    names.sort();
    assert!(!names.is_empty());
    for case in names {
        let found = match build(&case) {
            Ok(image) => told(&image),
            Err(error) => format!("error: {error}\n"),
        };
        let expected = case.join("expected");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &found).expect("expected can be written");
        }
        assert_eq!(found, fs::read_to_string(&expected).unwrap_or_default(), "{}", case.display());
    }
}
