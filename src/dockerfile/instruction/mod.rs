//! The typed instructions: flags parsed, words not yet expanded. BuildKit's `instructions/commands.go`.

use crate::base::{LineRange, Span};

/// A Dockerfile, read: the ARGs before the first FROM, then the stages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dockerfile {
    /// Escape token: `\` or a backtick.
    pub escape: char,
    /// Global ARGs.
    pub args: Vec<Instruction>,
    /// The stages in order.
    pub stages: Vec<Stage>,
}

/// A FROM and the instructions below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The name after AS, lower-cased; empty if unnamed.
    pub name: String,
    /// The FROM keyword as written.
    pub keyword: String,
    /// AS as written; empty if there is none.
    pub as_keyword: String,
    /// The image or stage name, unexpanded.
    pub base_name: String,
    /// `--platform`, unexpanded; empty if absent.
    pub platform: String,
    /// Comment block above (`# name description`), the description only.
    pub doc_comment: String,
    /// Comment lines right above (for `# check=`).
    pub comments: Vec<String>,
    /// The text of the FROM line as BuildKit's `Stage.SourceCode`.
    pub text: String,
    /// The lines of FROM.
    pub lines: Vec<LineRange>,
    /// The bytes of FROM.
    pub span: Span,
    /// What stands below it.
    pub instructions: Vec<Instruction>,
}

/// One instruction with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// What it says.
    pub kind: Kind,
    /// The keyword as written (`run`, `RUN`).
    pub keyword: String,
    /// The whole logical line as BuildKit keeps it (`withNameAndCode.code`), continuation joined.
    pub text: String,
    /// The lines it stands on, one range for each physical line as BuildKit does.
    pub lines: Vec<LineRange>,
    /// Its bytes.
    pub span: Span,
    /// Comment lines right above (for `# check=`).
    pub comments: Vec<String>,
}

/// The instruction itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// ADD
    Add(Add),
    /// ARG
    Arg(Arg),
    /// CMD
    Cmd(CommandLine),
    /// COPY
    Copy(Copy),
    /// ENTRYPOINT
    Entrypoint(CommandLine),
    /// ENV
    Env(Vec<KeyValue>),
    /// EXPOSE
    Expose(Vec<String>),
    /// HEALTHCHECK
    Healthcheck(Healthcheck),
    /// LABEL
    Label(Vec<KeyValue>),
    /// MAINTAINER
    Maintainer(String),
    /// ONBUILD: the trigger's text.
    Onbuild(String),
    /// RUN
    Run(Run),
    /// SHELL
    Shell(Vec<String>),
    /// STOPSIGNAL
    StopSignal(String),
    /// USER
    User(String),
    /// VOLUME
    Volume(Vec<String>),
    /// WORKDIR
    Workdir(String),
}

/// `key=value` of ENV or LABEL, unexpanded, quotes kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
    /// Written without `=` (the legacy form).
    pub legacy: bool,
}

/// ARG: several may stand on a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// In order.
    pub args: Vec<ArgDefault>,
}

/// `name[=default]` with the comment that describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgDefault {
    /// The name.
    pub key: String,
    /// The default, unexpanded.
    pub value: Option<String>,
    /// Description from the comment above.
    pub comment: String,
}

/// Exec or shell form of RUN, CMD, ENTRYPOINT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommandLine {
    /// The words (exec form) or the one text (shell form).
    pub args: Vec<String>,
    /// Whether SHELL is put in front.
    pub prepend_shell: bool,
    /// Heredocs of the line, in order.
    pub heredocs: Vec<Heredoc>,
}

/// A heredoc: its word and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The delimiter, quotes removed.
    pub name: String,
    /// File descriptor before `<<`.
    pub fd: u32,
    /// Whether the body is expanded (delimiter unquoted).
    pub expand: bool,
    /// `<<-`
    pub chomp: bool,
    /// The body, leading tabs removed if `chomp`.
    pub content: String,
}

/// Sources and destination of ADD and COPY, unexpanded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourcesAndDest {
    /// Paths, URLs.
    pub paths: Vec<String>,
    /// Heredocs as sources.
    pub contents: Vec<Heredoc>,
    /// The destination.
    pub dest: String,
}

/// ADD
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Add {
    pub sources: SourcesAndDest,
    pub chown: String,
    pub chmod: String,
    pub link: bool,
    pub exclude: Vec<String>,
    pub keep_git_dir: Option<bool>,
    pub checksum: String,
    pub unpack: Option<bool>,
}

/// COPY
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Copy {
    pub sources: SourcesAndDest,
    pub from: String,
    pub chown: String,
    pub chmod: String,
    pub link: bool,
    pub parents: bool,
    pub exclude: Vec<String>,
}

/// HEALTHCHECK; times in nanoseconds as in the OCI config.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Healthcheck {
    pub test: Vec<String>,
    pub interval: i64,
    pub timeout: i64,
    pub start_period: i64,
    pub start_interval: i64,
    pub retries: i64,
}

/// RUN
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Run {
    pub command: CommandLine,
    /// The flags as written, in order (they are part of the step's title).
    pub flags: Vec<String>,
    /// Values of `--mount`, unexpanded (they are parsed once expanded, at planning).
    pub mounts: Vec<String>,
    pub network: String,
    pub security: String,
    pub devices: Vec<String>,
}
