//! The Linux that a RUN step sees: process, errno, shell, tools, recipes.
//!
//! [`run`](Invocation) knows nothing of builds: it takes a tree and a command line and gives a tree and an exit status.
//! Tools cannot observe time or parallelism; they *spend* time, and the schedule adds it up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::filesystem::{ImagePath, Tree};
use crate::world::Project;
use crate::world::assumed::Sought;

pub mod errno;
pub mod exec;
pub mod files;
mod kernel;
pub mod process;
pub mod recipe;
pub mod regex;
pub mod shell;
pub mod system;
pub mod tools;
pub mod users;

pub use kernel::run;
pub use process::Process;
pub use shell::session::Session;
pub use system::Missed;

/// A process to run.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// argv.
    pub args: Vec<String>,
    /// `K=V`, in order.
    pub env: Vec<String>,
    /// Working directory.
    pub cwd: String,
    /// `user[:group]`; empty: root.
    pub user: String,
    /// Host name.
    pub hostname: String,
    /// Whether there is a network.
    pub network: Network,
    /// The root file system.
    pub root: Tree,
    /// What is mounted over it, by target.
    pub mounts: BTreeMap<ImagePath, MountedTree>,
    /// Bytes on standard input.
    pub stdin: Vec<u8>,
    /// What URLs would give.
    pub remotes: BTreeMap<String, Tree>,
    /// Packages and recipes of the project's own.
    pub project: Arc<Project>,
    /// Files of an assumed project, each put where it belongs as soon as its folder is there, with what it was wanted for.
    pub assumed: Vec<(ImagePath, Sought)>,
    /// Time that files written get: nanoseconds since 1970.
    pub now: i64,
}

impl Invocation {
    /// argv on these files, by root, in `/`, alone: no environment, mounts, input or network; the time is 0.
    pub fn of(args: Vec<String>, root: Tree) -> Invocation {
        Invocation {
            args,
            env: Vec::new(),
            cwd: "/".into(),
            user: String::new(),
            hostname: "box".into(),
            network: Network::None,
            root,
            mounts: BTreeMap::new(),
            stdin: Vec::new(),
            remotes: BTreeMap::new(),
            project: Arc::default(),
            assumed: Vec::new(),
            now: 0,
        }
    }
}

/// The network of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Network {
    Sandbox,
    None,
    Host,
}

/// A file system mounted at a path.
#[derive(Debug, Clone)]
pub struct MountedTree {
    /// The mounted files.
    pub tree: Tree,
    /// Which path of `tree` is seen at the target: `/`, or a folder or file in it. No symbolic link is followed.
    pub source: ImagePath,
    /// Whether writing fails.
    pub readonly: bool,
}

/// How a process ended.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The root file system afterwards.
    pub root: Tree,
    /// The mounts afterwards (caches keep what was written).
    pub mounts: BTreeMap<ImagePath, MountedTree>,
    /// What it wrote, in order, with the time since the process began.
    pub output: Vec<OutputLine>,
    /// Exit status, or why there is none.
    pub status: Status,
    /// Why it could not be started, as runc says it (`exec: "x": executable file not found in $PATH`).
    pub refused: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
    /// The last paths that were looked for and not there.
    pub missed: Vec<Missed>,
    /// Every simple command that ran and how real it was.
    pub commands: Vec<CommandReport>,
}

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct OutputLine {
    pub at: Duration,
    pub stream: Stream,
    pub data: Vec<u8>,
}

/// Standard output or error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// The end of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// `exit code: N`.
    Exited(i32),
    /// It never started, and there is no exit code; the text is what BuildKit says instead of `exit code: N`. (What runc
    /// cannot start ends as exit code 1 with runc's text on stderr.)
    NotStarted(String),
    /// Fuel ran out; the text says what was exhausted.
    Exhausted(String),
}

/// How a simple command was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fidelity {
    /// It ran for real on the in-memory files.
    Ran,
    /// A recipe modelled its effects.
    Modelled,
    /// Assumed to succeed, with a warning.
    NotSimulated,
}

/// How many simple commands were answered in which way; of those not simulated, their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tally {
    pub ran: u32,
    pub modelled: u32,
    pub not_simulated: Vec<String>,
}

impl Tally {
    /// Counts reports.
    pub fn of(commands: &[CommandReport]) -> Self {
        let of = |fidelity| commands.iter().filter(move |command| command.fidelity == fidelity);
        Self {
            ran: of(Fidelity::Ran).count() as u32,
            modelled: of(Fidelity::Modelled).count() as u32,
            not_simulated: of(Fidelity::NotSimulated).map(|command| command.name.clone()).collect(),
        }
    }

    /// Both together.
    pub fn and(mut self, other: &Self) -> Self {
        self.ran += other.ran;
        self.modelled += other.modelled;
        self.not_simulated.extend(other.not_simulated.iter().cloned());
        self
    }
}

/// One simple command of a RUN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandReport {
    /// The program as called.
    pub name: String,
    /// How real it was.
    pub fidelity: Fidelity,
}
