//! Transcripts: an image of the catalogue, files, commands and what they print. `tests/cases/recipe/*.txt`:
//!
//! ```text
//! # image debian:bookworm-slim
//! %% requirements.txt
//! | flask
//! $ pip install -r requirements.txt
//! what it prints on both streams
//! (exit 1)
//! ```
//!
//! Commands of an image run on one tree, one after the other. `UPDATE_EXPECT=1` writes down what is printed.

use crate::filesystem::{ImagePath, Metadata, Node, Tree};
use crate::machine::{Invocation, Network, Status, run};
use crate::world::catalogue;

struct Machine {
    tree: Tree,
    env: Vec<String>,
    shell: Vec<String>,
}

impl Machine {
    fn of(reference: &str) -> Self {
        let image = catalogue(reference).unwrap_or_else(|| panic!("no image {reference}"));
        let tree = image.layers.last().map_or_else(Tree::empty, |layer| (*layer.tree).clone());
        let work = Node::directory(Metadata::root(0o755, 0));
        let tree = tree.insert(&ImagePath::new("/work"), work).unwrap();
        let mut env = image.config.config.env.clone();
        if !env.iter().any(|variable| variable.starts_with("PATH=")) {
            env.push("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into());
        }
        Self { tree, env, shell: vec!["/bin/sh".into(), "-c".into()] }
    }

    fn put(&mut self, path: &str, text: &str) {
        let path = ImagePath::new(&crate::base::go::join_path("/work", path));
        let path = if path.as_str().starts_with("/work//") { ImagePath::new(&path.as_str()[6..]) } else { path };
        let folder = Metadata::root(0o755, 0);
        let tree = self.tree.make_directories(&path.parent().unwrap(), &folder).unwrap();
        self.tree = tree.insert(&path, Node::file(Metadata::root(0o644, 0), text)).unwrap();
    }

    fn run(&mut self, command: &str) -> String {
        let (command, network) = match command.strip_prefix("(offline) ") {
            Some(command) => (command, Network::None),
            None => (command, Network::Sandbox),
        };
        let mut args = self.shell.clone();
        args.push(command.into());
        let done = run(Invocation {
            env: self.env.clone(),
            cwd: "/work".into(),
            network,
            now: 1_735_689_600_000_000_000,
            ..Invocation::of(args, self.tree.clone())
        });
        self.tree = done.root;
        let mut text: String = done.output.iter().map(|line| String::from_utf8_lossy(&line.data).into_owned()).collect();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        match done.status {
            Status::Exited(0) => {}
            Status::Exited(code) => text.push_str(&format!("(exit {code})\n")),
            other => text.push_str(&format!("({other:?})\n")),
        }
        text
    }
}

/// The transcript with what is printed now.
fn replay(text: &str) -> String {
    let mut machine: Option<Machine> = None;
    let mut out = String::new();
    let mut file: Option<(String, String)> = None;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let (Some((path, content)), false) = (&file, line.starts_with('|')) {
            machine.as_mut().unwrap().put(path, content);
            file = None;
        }
        if let Some(reference) = line.strip_prefix("# image ") {
            machine = Some(Machine::of(reference));
        } else if let (Some(path), Some(true)) = (line.strip_prefix("%% "), lines.peek().map(|next| next.starts_with('|'))) {
            file = Some((path.into(), String::new()));
        } else if let (Some((_, content)), Some(rest)) = (&mut file, line.strip_prefix('|')) {
            content.push_str(rest.strip_prefix(' ').unwrap_or(rest));
            content.push('\n');
        } else if let Some(command) = line.strip_prefix("$ ") {
            out.push_str(line);
            out.push('\n');
            out.push_str(&machine.as_mut().unwrap().run(command));
            continue;
        } else if !line.starts_with("## ") {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[test]
#[allow(clippy::disallowed_methods)]
fn transcripts() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/recipe");
    let mut failed = String::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let now = replay(&text);
        count += 1;
        if now != text && std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &now).unwrap();
        } else if now != text {
            let at = now.lines().zip(text.lines()).position(|(a, b)| a != b).unwrap_or(0);
            failed.push_str(&format!("{} line {}:\n- {:?}\n+ {:?}\n", path.display(), at + 1, text.lines().nth(at), now.lines().nth(at)));
        }
    }
    assert!(failed.is_empty() && count > 0, "{failed}");
}

/// Every recipe of the engine does what its example says.
#[test]
fn examples() {
    let mut failed = String::new();
    let recipes = crate::world::recipe::all();
    let mut bare = Machine::of("alpine:3.20");
    // A name with a slash is a script's URL.
    for name in recipes.iter().flat_map(|recipe| &recipe.programs).filter(|name| !name.contains('/')) {
        let path = ImagePath::new(&format!("/usr/local/bin/{name}"));
        let program = Node::file(Metadata::root(0o755, 0), crate::filesystem::Content::Synthetic { seed: path.as_str().into(), size: 9 });
        bare.tree = bare.tree.insert(&path, program).unwrap();
    }
    for recipe in &recipes {
        let example = &recipe.data["example"];
        let mut machine = Machine { tree: bare.tree.clone(), env: bare.env.clone(), shell: bare.shell.clone() };
        for (path, text) in example["files"].as_object().into_iter().flatten() {
            machine.put(path, text.as_str().unwrap());
        }
        let command = example["run"].as_str().unwrap();
        let said = machine.run(command);
        let exit = example["exit"].as_i64().unwrap_or(0);
        let ended = if exit == 0 { !said.contains("(exit ") } else { said.ends_with(&format!("(exit {exit})\n")) };
        let mut wrong = !ended || said.contains("not simulated") || !said.contains(example["out"].as_str().unwrap_or(""));
        for path in example["has"].as_str().unwrap_or("").split_whitespace() {
            wrong |= machine.run(&format!("for f in {path}; do [ -e $f ] || [ -h $f ]; done")).contains("exit");
        }
        if wrong {
            failed.push_str(&format!("{command}\n{said}\n"));
        }
    }
    assert!(failed.is_empty(), "{failed}");
}
