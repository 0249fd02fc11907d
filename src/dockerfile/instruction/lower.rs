//! [`Ast`] -> typed instructions: one after the other, up to the first error. BuildKit's `instructions/parse.go`.

use crate::base::{Code, Diagnostic, LineRange, suggest};

use super::super::ast::{Ast, Node};
use super::super::{parser, text};
use super::request::Request;
use super::{Dockerfile, Instruction, Kind, Stage, add, arg, command, copy, from, healthcheck, onbuild, pairs, run, words};

/// What [`lower`] makes of an AST.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lowered {
    /// The instructions before the first error.
    pub dockerfile: Dockerfile,
    /// The first error: the parser's, or that of an instruction.
    pub error: Option<Diagnostic>,
    /// What BuildKit's linter is told while instructions are read, in order.
    pub facts: Vec<Fact>,
}

/// Something that a lint rule wants to know and that only the reading of the instruction tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub kind: FactKind,
    /// The index of the instruction in [`Ast::nodes`]: its comments may switch the rule off.
    pub node: usize,
    /// Its lines.
    pub lines: Vec<LineRange>,
}

/// The kinds of [`Fact`], each named after the rule that wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactKind {
    /// A stage's name has capitals.
    StageNameCasing {
        /// As written.
        name: String,
    },
    /// AS is not in the case of FROM.
    FromAsCasing {
        /// FROM as written.
        from: String,
        /// AS as written.
        word: String,
    },
    /// There is a MAINTAINER.
    MaintainerDeprecated,
    /// The comment right above does not begin with the name of the stage or of one of the ARGs.
    InvalidDefinitionDescription {
        /// `FROM` or `ARG`.
        instruction: &'static str,
        /// The name that the comment should begin with, or `<arg_key>` if it could be one of several.
        example: String,
    },
}

/// All instructions, sorted.
pub const NAMES: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Reads the instructions of a file, up to the first error.
pub fn lower(ast: &Ast) -> Lowered {
    let mut errors = Vec::new();
    let lowered = read_nodes(ast, 1, &mut errors);
    Lowered { error: ast.error.clone().or_else(|| errors.pop()), ..lowered }
}

/// Reads all instructions of a file that can be read, and gives every error: what an editor wants.
pub fn lower_all(ast: &Ast) -> (Lowered, Vec<Diagnostic>) {
    let mut errors = Vec::new();
    let lowered = read_nodes(ast, usize::MAX, &mut errors);
    errors.extend(ast.error.clone());
    (Lowered { error: errors.first().cloned(), ..lowered }, errors)
}

fn read_nodes(ast: &Ast, max_errors: usize, errors: &mut Vec<Diagnostic>) -> Lowered {
    let mut lowered = Lowered::default();
    lowered.dockerfile.escape = ast.escape;
    for (index, node) in ast.nodes.iter().enumerate() {
        let mut facts = Vec::new();
        let result = read(node, &mut facts);
        // After an error of the parser BuildKit comes to nothing of this; an editor still wants the instructions.
        if ast.error.is_none() {
            lowered.facts.extend(facts.into_iter().map(|kind| Fact { kind, node: index, lines: node.lines() }));
        }
        let Dockerfile { args, stages, .. } = &mut lowered.dockerfile;
        let error = match (result, stages.last_mut()) {
            (Ok(Read::Stage(stage)), _) => {
                stages.push(stage);
                continue;
            }
            (Ok(Read::Instruction(instruction)), Some(stage)) => {
                stage.instructions.push(instruction);
                continue;
            }
            (Ok(Read::Instruction(instruction @ Instruction { kind: Kind::Arg(_), .. })), None) => {
                args.push(instruction);
                continue;
            }
            (Ok(Read::Instruction(_)), None) => "no build stage in current context".to_owned(),
            (Err(message), _) => format!("dockerfile parse error on line {}: {message}", node.start_line),
        };
        let mut error = Diagnostic::error(Code::Instruction, error, node.lines());
        error.span = Some(node.span);
        errors.push(error);
        if errors.len() >= max_errors {
            break;
        }
    }
    lowered
}

/// Reads the text of an ONBUILD trigger. BuildKit forgets the file's escape token here: it is always `\`.
pub fn lower_trigger(text: &str) -> Result<Instruction, String> {
    let ast = parser::parse_bytes(text.as_bytes());
    if let Some(error) = ast.error {
        return Err(error.message);
    }
    let [node] = ast.nodes.as_slice() else { return Err("onbuild trigger should be a single expression".into()) };
    match read(node, &mut Vec::new())? {
        Read::Instruction(instruction) => Ok(instruction),
        Read::Stage(_) => Err("*instructions.Stage is not a command type".into()),
    }
}

enum Read {
    Stage(Stage),
    Instruction(Instruction),
}

fn read(node: &Node, facts: &mut Vec<FactKind>) -> Result<Read, String> {
    let request = Request::new(node);
    let request = &request;
    let kind = match node.name().as_str() {
        "add" => Kind::Add(add::add(request)?),
        "arg" => {
            let arg = arg::arg(request)?;
            let keys: Vec<&str> = arg.args.iter().map(|arg| arg.key.as_str()).collect();
            facts.extend(invalid_description("ARG", &keys, request));
            Kind::Arg(arg)
        }
        "cmd" => Kind::Cmd(command::command(request)?),
        "copy" => Kind::Copy(copy::copy(request)?),
        "entrypoint" => Kind::Entrypoint(command::command(request)?),
        "env" => Kind::Env(pairs::pairs(request, "ENV")?),
        "expose" => Kind::Expose(words::expose(request)?),
        "from" => {
            facts.extend(from::casing(request));
            let stage = from::from(request)?;
            if !stage.name.is_empty() {
                facts.extend(invalid_description("FROM", &[&stage.name], request));
            }
            return Ok(Read::Stage(stage));
        }
        "healthcheck" => Kind::Healthcheck(healthcheck::healthcheck(request)?),
        "label" => Kind::Label(pairs::pairs(request, "LABEL")?),
        "maintainer" => {
            facts.push(FactKind::MaintainerDeprecated);
            Kind::Maintainer(words::one(request, "MAINTAINER")?)
        }
        "onbuild" => Kind::Onbuild(onbuild::onbuild(request)?),
        "run" => Kind::Run(run::run(request)?),
        "shell" => Kind::Shell(command::shell(request)?),
        "stopsignal" => Kind::StopSignal(words::stop_signal(request)?),
        "user" => Kind::User(words::one(request, "USER")?),
        "volume" => Kind::Volume(words::volume(request)?),
        "workdir" => Kind::Workdir(words::one(request, "WORKDIR")?),
        name => return Err(unknown(&node.keyword.to_str(), name)),
    };
    Ok(Read::Instruction(Instruction {
        kind,
        keyword: node.keyword.to_str().into_owned(),
        text: request.text(),
        lines: node.lines(),
        span: node.span,
        comments: request.comments.clone(),
        // What comes out of JSON is always text.
        invalid_utf8: !node.json && node.args.iter().any(|word| std::str::from_utf8(word.as_bytes()).is_err())
            || node.heredocs.iter().any(|heredoc| std::str::from_utf8(heredoc.content.as_bytes()).is_err()),
    }))
}

/// The suggestion takes the case of what was written.
fn unknown(keyword: &str, lower: &str) -> String {
    let message = format!("unknown instruction: {keyword}");
    match suggest(&text::to_upper(lower), NAMES) {
        Some(name) if keyword != lower && keyword == text::to_upper(keyword) => format!("{message} (did you mean {name}?)"),
        Some(name) => format!("{message} (did you mean {}?)", name.to_ascii_lowercase()),
        None => message,
    }
}

fn invalid_description(instruction: &'static str, names: &[&str], request: &Request) -> Option<FactKind> {
    let word = request.comments.last()?.split(' ').next().unwrap_or_default();
    let example = match names {
        [] => return None,
        [name] => (*name).to_owned(),
        _ => "<arg_key>".to_owned(),
    };
    (!names.contains(&word)).then_some(FactKind::InvalidDefinitionDescription { instruction, example })
}
