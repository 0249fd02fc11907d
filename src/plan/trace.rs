//! Every `$X` of a Dockerfile: its value where it stands, who gave it, and why it is empty if it is.

use super::env::Env;
use super::evaluation::Evaluation;
use super::state::{Command, StateId};
use crate::base::{LineRange, Span, suggest};
use crate::dockerfile::instruction::{Arg, Instruction, Kind};
use crate::dockerfile::{Ast, parse_mark};

/// A variable where it is used.
#[derive(Debug, Clone, PartialEq)]
pub struct VariableUse {
    /// The `$name` or the `${name` of it.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// Its value there; `None` if it has none.
    pub value: Option<String>,
    /// Who gave it.
    pub origin: Origin,
    /// The stage, by index in the file; `None` before the first FROM and on FROM lines: there globals count.
    pub stage: Option<usize>,
    /// Whether the builder puts the value in; in RUN, CMD and ENTRYPOINT the shell does.
    pub by_builder: bool,
}

/// Who gave a variable its value, or why nobody did.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// `--build-arg`, declared on these lines.
    BuildArg(Vec<LineRange>),
    /// The default of an ARG on these lines.
    Default(Vec<LineRange>),
    /// An ENV on these lines.
    Env(Vec<LineRange>),
    /// The global ARG of that name, declared again on these lines.
    Global(Vec<LineRange>),
    /// Always there: platforms, TARGETSTAGE.
    Predefined,
    /// The config of the base image.
    BaseImage,
    /// Declared on these lines, but neither default nor `--build-arg` gives a value.
    NoValue(Vec<LineRange>),
    /// A global ARG that this stage does not declare: `ARG name` in the stage would bring it in.
    NotDeclaredHere(Vec<LineRange>),
    /// Declared on these lines, which stand below.
    DeclaredBelow(Vec<LineRange>),
    /// Nothing sets it; perhaps this name was meant.
    Unknown(Option<String>),
}

/// The variables of all instructions that were evaluated, in the order of the file. The environments must have been kept.
pub(crate) fn variables(eval: &Evaluation<'_>, ast: &Ast) -> Vec<VariableUse> {
    let mut found = Vec::new();
    globals(eval, ast, &mut found);
    for id in 0..eval.states.len() {
        stage(eval, ast, id, &mut found);
    }
    crate::base::sort_by_key(&mut found, |found| found.span);
    found
}

/// FROM lines and the ARGs above them.
fn globals(eval: &Evaluation<'_>, ast: &Ast, found: &mut Vec<VariableUse>) {
    let file = eval.file;
    let spans = file.args.iter().map(|one| one.span).chain(file.stages.iter().map(|stage| stage.span));
    for span in spans {
        for Use { span, name, .. } in uses(&eval.request.dockerfile.bytes, ast, span.start, true) {
            let above: Vec<&Instruction> = file.args.iter().filter(|one| one.span.end <= span.start).collect();
            let setter = above.iter().rev().find_map(|one| declares(one, &name).map(|has_value| (*one, has_value)));
            let value = eval.globals.get(&name).map(str::to_owned);
            let origin = match (setter, &value) {
                (Some((one, _)), _) if eval.build_args.contains_key(&name) => Origin::BuildArg(one.lines.clone()),
                (Some((one, true)), _) => Origin::Default(one.lines.clone()),
                (Some((one, false)), None) => Origin::NoValue(one.lines.clone()),
                (_, Some(_)) if !eval.global_args.contains_key(&name) => Origin::Predefined,
                _ => below(file.args.iter(), span, &name).unwrap_or_else(|| unknown(&name, &eval.globals)),
            };
            let value = value.filter(|_| !matches!(origin, Origin::DeclaredBelow(_) | Origin::Unknown(_)));
            found.push(VariableUse { span, name, value, origin, stage: None, by_builder: true });
        }
    }
}

fn stage(eval: &Evaluation<'_>, ast: &Ast, id: StateId, found: &mut Vec<VariableUse>) {
    let (Some(state), Some(environments)) = (eval.states.get(id), &eval.environments) else { return };
    for (position, command) in state.commands.iter().enumerate().filter(|(_, command)| !command.is_onbuild) {
        let instruction = &command.instruction;
        let Some(env) = environments.get(&(id, position)) else { continue };
        let by_builder = !matches!(
            instruction.kind,
            Kind::Run(_) | Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Shell(_) | Kind::Healthcheck(_) | Kind::Onbuild(_)
        );
        for Use { span, name, by_builder } in uses(&eval.request.dockerfile.bytes, ast, instruction.span.start, by_builder) {
            let value = env.get(&name).map(str::to_owned);
            let origin = origin(eval, id, position, &name, value.is_some(), env);
            found.push(VariableUse { span, name, value, origin, stage: state.index, by_builder });
        }
    }
}

fn origin(eval: &Evaluation<'_>, id: StateId, position: usize, name: &str, has_value: bool, env: &Env) -> Origin {
    if let Some(command) = setter(eval, id, position, name) {
        let lines = command.instruction.lines.clone();
        return match (&command.instruction.kind, declares(&command.instruction, name)) {
            (Kind::Env(_), _) => Origin::Env(lines),
            _ if !has_value => Origin::NoValue(lines),
            _ if eval.build_args.contains_key(name) => Origin::BuildArg(lines),
            (_, Some(true)) => Origin::Default(lines),
            _ if eval.global_args.contains_key(name) => Origin::Global(lines),
            _ => Origin::Predefined,
        };
    }
    if has_value {
        return Origin::BaseImage;
    }
    let rest =
        eval.states.get(id).into_iter().flat_map(|state| state.commands.iter().skip(position + 1)).map(|command| &*command.instruction);
    let lines = |one: &Instruction| one.lines.clone();
    if let Some(one) = rest.into_iter().find(|one| sets(one, name)) {
        return Origin::DeclaredBelow(lines(one));
    }
    match eval.file.args.iter().rev().find(|one| sets(one, name)) {
        Some(one) => Origin::NotDeclaredHere(lines(one)),
        None => unknown(name, env),
    }
}

/// The last instruction before this one that sets `name`, in the stage or in the stages below it.
fn setter<'e, 'a>(eval: &'e Evaluation<'a>, id: StateId, position: usize, name: &str) -> Option<&'e Command<'a>> {
    let (mut id, mut end) = (id, position);
    // Invariant: bases come earlier in the file, so this ends.
    loop {
        let state = eval.states.get(id)?;
        if let Some(command) = state.commands.iter().take(end).rev().find(|command| sets(&command.instruction, name)) {
            return Some(command);
        }
        (id, end) = (state.base.filter(|base| *base < id)?, usize::MAX);
    }
}

fn sets(instruction: &Instruction, name: &str) -> bool {
    match &instruction.kind {
        Kind::Env(pairs) => pairs.iter().any(|pair| pair.key == name),
        _ => declares(instruction, name).is_some(),
    }
}

/// Whether an ARG declares `name`, and with a default.
fn declares(instruction: &Instruction, name: &str) -> Option<bool> {
    let Kind::Arg(Arg { args }) = &instruction.kind else { return None };
    args.iter().rfind(|arg| arg.key == name).map(|arg| arg.value.is_some())
}

fn below<'i>(mut all: impl Iterator<Item = &'i Instruction>, span: Span, name: &str) -> Option<Origin> {
    all.find(|one| one.span.start >= span.start && sets(one, name)).map(|one| Origin::DeclaredBelow(one.lines.clone()))
}

fn unknown(name: &str, env: &Env) -> Origin {
    Origin::Unknown(suggest(name, env.keys()).map(str::to_owned))
}

/// A `$name` in the text of an instruction.
struct Use {
    span: Span,
    name: String,
    by_builder: bool,
}

/// The `$name`s of the instruction that begins at `at`. The builder reads quotes and escapes by the rules of the file, a shell by its own.
fn uses(source: &[u8], ast: &Ast, at: u32, by_builder: bool) -> Vec<Use> {
    let mut found = Vec::new();
    let nodes = &ast.nodes;
    let Some(node) = nodes.get(nodes.partition_point(|node| node.span.start < at)) else { return found };
    let head = Span { end: node.heredocs.first().map_or(node.span.end, |heredoc| heredoc.span.start), ..node.span };
    let text = |span: Span| source.get(span.start as usize..span.end as usize).unwrap_or_default();
    let rules = Rules { escape: if by_builder { ast.escape as u8 } else { b'\\' }, quotes: true, skips_comments: true };
    rules.scan(text(head), head.start, &mut |span, name| found.push(Use { span, name, by_builder }));
    if !by_builder {
        let flags = head.start + flags_end(text(head), ast.escape as u8);
        found.iter_mut().for_each(|found| found.by_builder = found.span.start < flags);
    }
    let body = Rules { escape: b'\\', quotes: !by_builder, skips_comments: false };
    // A heredoc that is all of a RUN is the script itself, whatever its word.
    let is_script = !by_builder && node.heredocs.len() == 1 && node.args.first().is_some_and(|text| parse_mark(&text.to_str()).is_some());
    for heredoc in node.heredocs.iter().filter(|heredoc| heredoc.expand || is_script) {
        body.scan(text(heredoc.span), heredoc.span.start, &mut |span, name| found.push(Use { span, name, by_builder }));
    }
    found
}

/// Where the words in front that begin with `--` end: the builder puts values into them even where a shell reads the rest.
fn flags_end(head: &[u8], escape: u8) -> u32 {
    let mut at = 0;
    for (position, word) in head.split_inclusive(u8::is_ascii_whitespace).enumerate() {
        let trimmed = word.trim_ascii_end();
        if position > 0 && !trimmed.is_empty() && trimmed != [escape] && !trimmed.starts_with(b"--") {
            break;
        }
        at += word.len();
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// How a piece of text tells a variable from a dollar sign.
struct Rules {
    escape: u8,
    /// What stands in single quotes is no variable.
    quotes: bool,
    skips_comments: bool,
}

impl Rules {
    fn scan(&self, text: &[u8], offset: u32, found: &mut dyn FnMut(Span, String)) {
        let (mut at, mut quoted, mut double, mut line_begins) = (0, false, false, false);
        while let Some(byte) = text.get(at).copied() {
            let start = at;
            at += 1;
            let begins = line_begins;
            line_begins = byte == b'\n' || begins && byte.is_ascii_whitespace();
            match byte {
                b'#' if begins && self.skips_comments => at += text.iter().skip(at).take_while(|b| **b != b'\n').count(),
                _ if byte == self.escape && !quoted && text.get(at).is_some_and(|b| !b.is_ascii_whitespace()) => at += 1,
                b'"' if self.quotes && !quoted => double = !double,
                b'\'' if self.quotes && !double => quoted = !quoted,
                b'$' if !quoted => {
                    at += usize::from(text.get(at) == Some(&b'{'));
                    let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
                    let name: Vec<u8> = text.iter().skip(at).copied().take_while(is_name).collect();
                    at += name.len();
                    let begins = name.first().is_some_and(|b| !b.is_ascii_digit());
                    if let (true, Ok(name)) = (begins, String::from_utf8(name)) {
                        let place = |at: usize| offset.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
                        found(Span { start: place(start), end: place(at) }, name);
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{Digest, Source};
    use crate::filesystem::Tree;
    use crate::image::Config;
    use crate::plan::{Request, World};
    use crate::world::{ImageFacts, Images};

    fn check(text: &str, args: &[(&str, &str)], expect: &[&str]) {
        let mut config = Config::default();
        config.config.env = vec!["FROM_BASE=b".into()];
        let world = World::local(Tree::empty(), Images::Any(ImageFacts { digest: Digest::of(""), config }));
        let request = Request {
            build_args: args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            ..Request::of(Source::new("Dockerfile", text))
        };
        let found: Vec<String> = crate::plan::inspect(&request, &world)
            .variables
            .into_iter()
            .map(|found| {
                let origin = format!("{:?}", found.origin);
                let origin = origin.split(['(', '{']).next().unwrap_or_default().to_owned();
                format!("{}={} {origin}", found.name, found.value.unwrap_or_else(|| "-".into()))
            })
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn where_values_come_from() {
        check("ARG V=3\nFROM alpine:$V\nARG V\nRUN $V\n", &[], &["V=3 Default", "V=3 Global"]);
        check("FROM a\nARG V=1\nLABEL x=$V\n", &[("V", "2")], &["V=2 BuildArg"]);
        check("FROM a AS x\nENV E=1\nFROM x\nRUN $E $FROM_BASE\n", &[], &["E=1 Env", "FROM_BASE=b BaseImage"]);
        check(
            "FROM --platform=$BUILDPLATFORM a\nARG TARGETOS\nRUN ${TARGETOS}\n",
            &[],
            &["BUILDPLATFORM=linux/amd64 Predefined", "TARGETOS=linux Predefined"],
        );
    }

    #[test]
    fn why_there_is_no_value() {
        check("ARG G=1\nFROM a\nUSER $G\n", &[], &["G=- NotDeclaredHere"]);
        check("FROM a\nUSER $L\nARG L=1\n", &[], &["L=- DeclaredBelow"]);
        check("FROM a\nARG N\nUSER $N\n", &[], &["N=- NoValue"]);
        check("FROM a\nUSER '$Q' \\$R $S\n", &[], &["S=- Unknown"]);
        check("# escape=`\nFROM a\nUSER `$R\\$S\nRUN \\$T `$U`\n", &[], &["S=- Unknown", "U=- Unknown"]);
        check("FROM a\nRUN x \\\n  # $A '\n  $B\n", &[], &["B=- Unknown"]);
    }

    #[test]
    fn in_heredocs_and_mounts() {
        check("FROM a\nCOPY <<E <<'F' /d\nisn't $A \\$B\nE\n$C\nF\n", &[], &["A=- Unknown"]);
        check("FROM a\nRUN <<'E'\necho $A '$B'\nE\n", &[], &["A=- Unknown"]);
        check("FROM a\nRUN cat <<'E' $A\n$B\nE\n", &[], &["A=- Unknown"]);
        let request = Request::of(Source::new("Dockerfile", "FROM a\nRUN --mount=type=cache,target=$A \\\n  --network=none $B\n"));
        let world = World::local(Tree::empty(), Images::Any(ImageFacts { digest: Digest::of(""), config: Config::default() }));
        let found = crate::plan::inspect(&request, &world).variables;
        assert_eq!(found.iter().map(|found| found.by_builder).collect::<Vec<_>>(), [true, false]);
    }
}
