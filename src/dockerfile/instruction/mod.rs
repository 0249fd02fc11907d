//! The typed instructions: flags parsed, words not yet expanded. BuildKit's `instructions/commands.go`.

mod add;
mod arg;
mod command;
mod copy;
mod csv;
mod device;
mod duration;
mod flags;
mod from;
mod healthcheck;
mod lower;
mod mount;
mod onbuild;
mod pairs;
mod request;
mod run;
mod words;

use crate::base::{LineRange, Span};

pub use add::{Add, SourcesAndDest};
pub use arg::{Arg, ArgDefault};
pub use command::{CommandLine, Heredoc};
pub use copy::Copy;
pub use device::{Device, parse_device};
pub use flags::flag_names;
pub use healthcheck::Healthcheck;
pub use lower::{Fact, FactKind, Lowered, NAMES, lower, lower_all, lower_trigger};
pub use mount::{Mount, MountType, Sharing, mount_from, parse_mount};
pub use pairs::KeyValue;
pub use run::Run;

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
    /// Some of its words are not UTF-8: such a RUN cannot be put into a graph. In the texts here they are U+FFFD.
    pub invalid_utf8: bool,
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
