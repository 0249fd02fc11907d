//! What could stand at a place of the file: instructions, flags, stages, variables, images, paths.

use std::collections::BTreeSet;

use crate::base::Case;
use crate::base::{Source, Span};

use super::ast::{Ast, Node};
use super::hover;
use super::instruction::{NAMES, flag_names};
use super::parser::parse_bytes;

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it replaces: the word so far.
    pub span: Span,
    /// What it puts there.
    pub text: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A sentence about it; may be empty.
    pub detail: &'static str,
}

/// The kinds of [`Completion`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CompletionKind {
    Instruction,
    Flag,
    Value,
    Stage,
    Variable,
    Image,
    Path,
}

/// What the caller knows and the file does not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct CompletionContext<'a> {
    /// Names of images.
    pub images: &'a [&'a str],
    /// Paths in the build context.
    pub paths: &'a [&'a str],
    /// Names of lint rules.
    pub rules: &'a [&'a str],
}

/// What a shell of the builder knows without an ARG, once FROM or a bare ARG asks for it.
const PREDEFINED: [&str; 11] = [
    "BUILDARCH",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "TARGETARCH",
    "TARGETOS",
    "TARGETPLATFORM",
    "TARGETSTAGE",
    "TARGETVARIANT",
];

const SIGNALS: [&str; 7] = ["SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGWINCH"];

/// The proposals at `offset`, in bytes, those that begin with what is written there.
pub fn complete(source: &Source, offset: u32, context: CompletionContext) -> Vec<Completion> {
    let end = (offset as usize).min(source.bytes.len());
    let before = &source.bytes[..end];
    let ast = parse_bytes(before);
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    let trimmed = line.trim_ascii_start();
    if trimmed.starts_with(b"#") {
        return if ast.nodes.is_empty() && line.len() == trimmed.len() { directives(&ast, line, end, context) } else { Vec::new() };
    }
    // The node that the place belongs to: the last one, if it reaches up to it.
    let line_start = u32::try_from(end - line.len()).unwrap_or(u32::MAX);
    let node = ast.nodes.last().filter(|node| node.span.end > line_start || (node.span.start < line_start && goes_on(&ast, before)));
    let word = word_before(trimmed);
    let at = Place { word, end: u32::try_from(end).unwrap_or(u32::MAX) };
    let Some(node) = node.filter(|node| word.len() < trimmed.len() || node.span.start < line_start) else {
        // An unclosed heredoc takes all lines.
        let inside = ast.error.as_ref().is_some_and(|error| error.message == "unterminated heredoc");
        return if inside { Vec::new() } else { at.offer(NAMES.into_iter().map(|name| keyword(name, &at)), CompletionKind::Instruction) };
    };
    let written = trimmed.rsplit(|b| matches!(b, b' ' | b'\t')).next().unwrap_or_default();
    if let Some(mount) = std::str::from_utf8(written).ok().and_then(|flag| flag.strip_prefix("--mount=")) {
        return in_mount(mount, &ast, &at, context);
    }
    in_instruction(innermost(node), &ast, &at, context)
}

/// Directives stand at the top, each once; `# check=` takes the names of rules.
fn directives(ast: &Ast, line: &[u8], end: usize, context: CompletionContext) -> Vec<Completion> {
    let Ok(text) = std::str::from_utf8(line) else { return Vec::new() };
    let end = u32::try_from(end).unwrap_or(u32::MAX);
    if text.trim_start_matches(['#', ' ', '\t']).starts_with("check=") {
        let at = Place { word: text.rsplit(['=', ',', ';']).next().unwrap_or_default(), end };
        let options = if text.matches('=').count() == 1 { ["skip=", "error=true", "experimental="].as_slice() } else { &[] };
        let mut found = at.offer(options.iter().copied(), CompletionKind::Value);
        if text.matches('=').count() > 1 {
            found.extend(at.offer(std::iter::once("all").chain(context.rules.iter().copied()), CompletionKind::Value));
        }
        return found;
    }
    let known = [("syntax", "# syntax=docker/dockerfile:1"), ("check", "# check=skip="), ("escape", "# escape=`")];
    let new = known.into_iter().filter(|(name, _)| ast.directive(name).is_none()).map(|(_, text)| text);
    Place { word: text, end }.offer(new, CompletionKind::Value)
}

/// A field of `--mount`: its name, or the value of one that has only a few.
fn in_mount(mount: &str, ast: &Ast, at: &Place, context: CompletionContext) -> Vec<Completion> {
    let field = mount.rsplit(',').next().unwrap_or_default();
    let kind = mount.split(',').find_map(|field| field.strip_prefix("type=")).unwrap_or("bind");
    let Some((key, value)) = field.split_once('=') else {
        let keys: &[&str] = match kind {
            "cache" => &["target=", "id=", "sharing=", "from=", "source=", "mode=", "uid=", "gid=", "ro"],
            "secret" => &["id=", "target=", "env=", "required", "mode=", "uid=", "gid="],
            "ssh" => &["id=", "target=", "required", "mode=", "uid=", "gid="],
            "tmpfs" => &["target=", "size="],
            _ => &["target=", "source=", "from=", "rw"],
        };
        let prefix = &at.word[..at.word.len().saturating_sub(field.len())];
        let first = ["type="].into_iter().filter(|_| !mount.contains("type="));
        return at.offer_after(prefix, first.chain(keys.iter().copied()), CompletionKind::Value);
    };
    let prefix = &at.word[..at.word.len().saturating_sub(value.len())];
    match key {
        "type" => at.offer_after(prefix, ["bind", "cache", "secret", "ssh", "tmpfs"], CompletionKind::Value),
        "sharing" => at.offer_after(prefix, ["locked", "private", "shared"], CompletionKind::Value),
        "from" => sources(ast, at, prefix, context),
        "source" | "src" if kind == "bind" && !mount.contains("from=") => {
            at.offer_after(prefix, context.paths.iter().copied(), CompletionKind::Path)
        }
        _ => Vec::new(),
    }
}

/// Stages, then images.
fn sources(ast: &Ast, at: &Place, prefix: &str, context: CompletionContext) -> Vec<Completion> {
    let mut found = at.offer_after(prefix, stages(ast), CompletionKind::Stage);
    found.extend(at.offer_after(prefix, context.images.iter().copied(), CompletionKind::Image));
    found
}

struct Place<'a> {
    word: &'a str,
    end: u32,
}

impl Place<'_> {
    /// The candidates that begin with the last part of the word.
    fn offer<T: Into<String>>(&self, texts: impl IntoIterator<Item = T>, kind: CompletionKind) -> Vec<Completion> {
        self.offer_after("", texts, kind)
    }

    /// The same for what follows `prefix` in the word.
    fn offer_after<T: Into<String>>(&self, prefix: &str, texts: impl IntoIterator<Item = T>, kind: CompletionKind) -> Vec<Completion> {
        let typed = self.word.strip_prefix(prefix).unwrap_or(self.word);
        let span = Span { start: self.end - u32::try_from(typed.len()).unwrap_or(0), end: self.end };
        let begins = |text: &String| text.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed));
        let detail = |text: &str| if kind == CompletionKind::Instruction { hover::instruction(&text.lower()).unwrap_or("") } else { "" };
        let texts = texts.into_iter().map(Into::into).filter(begins);
        texts.map(|text| Completion { span, detail: detail(&text), text, kind }).collect()
    }
}

fn in_instruction(node: &Node, ast: &Ast, at: &Place, context: CompletionContext) -> Vec<Completion> {
    let name = node.name();
    if let Some(dollar) = at.word.rfind('$').filter(|dollar| at.word[dollar + 1..].bytes().all(|b| b == b'{' || is_name(b))) {
        let braced = at.word[dollar + 1..].starts_with('{');
        let prefix = &at.word[..dollar + 1 + usize::from(braced)];
        let close = if braced { "}" } else { "" };
        return at.offer_after(prefix, variables(ast, node).into_iter().map(|name| name + close), CompletionKind::Variable);
    }
    if let Some((flag, _)) = at.word.strip_prefix("--").and_then(|flag| flag.split_once('=')) {
        let prefix = format!("--{flag}=");
        return match (name.as_str(), flag) {
            ("copy", "from") => sources(ast, at, &prefix, context),
            ("run", "network") => at.offer_after(&prefix, ["default", "none", "host"], CompletionKind::Value),
            ("run", "security") => at.offer_after(&prefix, ["sandbox", "insecure"], CompletionKind::Value),
            ("from", "platform") => at.offer_after(&prefix, ["$BUILDPLATFORM", "linux/amd64", "linux/arm64"], CompletionKind::Value),
            (_, "chmod") => at.offer_after(&prefix, ["0644", "0755", "u+x"], CompletionKind::Value),
            _ => Vec::new(),
        };
    }
    if at.word.starts_with('-') {
        let mut flags = at.offer(flag_names(&name).map(|flag| format!("--{flag}")), CompletionKind::Flag);
        for flag in &mut flags {
            flag.detail = hover::flag(&name, flag.text.trim_start_matches('-')).unwrap_or("");
        }
        return flags;
    }
    // The word that is being written counts as one of the arguments once it has begun.
    let written = node.args.len() - usize::from(!at.word.is_empty() && !node.args.is_empty());
    match name.as_str() {
        "from" if written == 0 => sources(ast, at, "", context),
        "from" if written == 1 => at.offer([keyword("AS", at)], CompletionKind::Instruction),
        "copy" | "add" if !node.flags.iter().any(|flag| flag.as_bytes().starts_with(b"--from=")) => {
            at.offer(context.paths.iter().copied(), CompletionKind::Path)
        }
        "onbuild" => at.offer(NAMES.into_iter().map(|name| keyword(name, at)), CompletionKind::Instruction),
        "arg" => {
            let mut names = globals(ast);
            names.extend(PREDEFINED.map(str::to_owned));
            at.offer(names, CompletionKind::Variable)
        }
        "stopsignal" => at.offer(SIGNALS, CompletionKind::Value),
        "healthcheck" if written == 0 => at.offer(["CMD", "NONE"], CompletionKind::Value),
        _ => Vec::new(),
    }
}

fn innermost(node: &Node) -> &Node {
    // `ONBUILD CO` is still the choice of an instruction.
    match node.trigger.as_deref() {
        Some(trigger) if trigger.original.as_bytes() != trigger.keyword.as_bytes() => innermost(trigger),
        _ => node,
    }
}

/// Whether the text ends in a continued line.
fn goes_on(ast: &Ast, before: &[u8]) -> bool {
    let lines = before.rsplit(|b| *b == b'\n');
    lines.skip(1).map(<[u8]>::trim_ascii).find(|line| !line.starts_with(b"#")).is_some_and(|line| line.last() == Some(&(ast.escape as u8)))
}

/// Lower case if the word so far is.
fn keyword(name: &str, at: &Place) -> String {
    let is_lower = at.word.starts_with(|c: char| c.is_ascii_lowercase());
    if is_lower { name.lower() } else { name.to_owned() }
}

fn word_before(line: &[u8]) -> &str {
    let start = line.iter().rposition(|b| matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'[' | b',')).map_or(0, |blank| blank + 1);
    std::str::from_utf8(&line[start..]).unwrap_or_default()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The names of the stages above.
fn stages(ast: &Ast) -> Vec<String> {
    let froms = ast.nodes.iter().filter(|node| node.name() == "from");
    froms.filter_map(|node| node.args.get(2)).map(|name| name.to_str().lower()).filter(|name| !name.is_empty()).collect()
}

/// The variables that ARG and ENV of this stage and of those it stands on set; in a FROM the ARGs before the first one.
fn variables(ast: &Ast, at: &Node) -> BTreeSet<String> {
    if at.name() == "from" {
        let mut names = globals(ast);
        names.extend(PREDEFINED.map(str::to_owned));
        return names;
    }
    let mut names = BTreeSet::new();
    let mut end = ast.nodes.len();
    // Invariant: a stage stands on one above it, so this ends.
    while let Some(start) = ast.nodes[..end].iter().rposition(is_from) {
        set_by(&ast.nodes[start..end], &mut names);
        let Some(base) = ast.nodes[start].args.first() else { break };
        let names_base =
            |node: &Node| is_from(node) && node.args.get(2).is_some_and(|name| name.to_str().eq_ignore_ascii_case(&base.to_str()));
        let Some(above) = ast.nodes[..start].iter().rposition(names_base) else { break };
        end = (above + 1..start).find(|next| is_from(&ast.nodes[*next])).unwrap_or(start);
    }
    names
}

/// The ARGs before the first FROM.
fn globals(ast: &Ast) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    set_by(&ast.nodes[..ast.nodes.iter().position(is_from).unwrap_or(ast.nodes.len())], &mut names);
    names
}

fn is_from(node: &Node) -> bool {
    node.keyword.as_bytes().eq_ignore_ascii_case(b"from")
}

fn set_by(nodes: &[Node], names: &mut BTreeSet<String>) {
    for node in nodes {
        match node.name().as_str() {
            "arg" => names.extend(node.args.iter().map(|arg| arg.to_str().split('=').next().unwrap_or_default().to_owned())),
            "env" => names.extend(node.args.chunks(3).filter_map(|pair| pair.first()).map(|name| name.to_str().into_owned())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` is the place.
    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let (before, after) = text.split_once('|').expect("a place");
        let offset = u32::try_from(before.len()).expect("short");
        let context = CompletionContext { images: &["alpine", "debian"], paths: &["go.mod", "cmd/"], rules: &["JSONArgsRecommended"] };
        let found = complete(&Source::new("Dockerfile", format!("{before}{after}")), offset, context);
        assert_eq!(found.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn instructions() {
        check("FROM x\nEN|", &["ENTRYPOINT", "ENV"]);
        check("FROM x\nw|\n", &["workdir"]);
        check("FROM x\nONBUILD CO|", &["COPY"]);
        check("FROM x\nRUN <<E\nC|\nE\n", &[]);
        check("FROM x\n# C|", &[]);
        check("FROM x A|", &["AS"]);
    }

    #[test]
    fn flags_and_their_values() {
        check("FROM x\nCOPY --ch|", &["--chmod", "--chown"]);
        check("FROM x AS Build\nFROM y\nCOPY --link --from=b|", &["build"]);
        check("FROM x\nRUN a \\\n  b --|", &["--device", "--mount", "--network", "--security"]);
    }

    #[test]
    fn mounts_and_directives() {
        check("FROM x\nRUN --mount=ty|", &["type="]);
        check("FROM x\nRUN --mount=type=ca|", &["cache"]);
        check("FROM x\nRUN --mount=type=cache,sha|", &["sharing="]);
        check("FROM x\nRUN --mount=type=cache,sharing=l|", &["locked"]);
        check("FROM x AS deps\nFROM y\nRUN --mount=type=bind,from=d|", &["deps", "debian"]);
        check("FROM x\nRUN --mount=source=go|", &["go.mod"]);
        check("# sy|", &["# syntax=docker/dockerfile:1"]);
        check("# check=sk|", &["skip="]);
        check("# check=skip=J|", &["JSONArgsRecommended"]);
        check("FROM x\n# sy|", &[]);
        check("FROM x\nSTOPSIGNAL SIGT|", &["SIGTERM"]);
    }

    #[test]
    fn images_stages_paths_and_variables() {
        check("FROM x AS app\nFROM a|", &["app", "alpine"]);
        check("FROM x\nCOPY g|", &["go.mod"]);
        check("FROM x\nARG VERSION=1 OTHER\nRUN echo ${V|", &["VERSION}"]);
        check("ARG V\nFROM x:$V|", &["V"]);
        check("FROM x AS a\nENV UP=1\nFROM y AS b\nENV NO=1\nFROM a\nRUN $|", &["UP"]);
        check("ARG VERSION=1\nFROM x\nARG V|", &["VERSION"]);
        check("FROM x\nARG TARGETA|", &["TARGETARCH"]);
    }
}
