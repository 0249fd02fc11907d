//! What all processes of a RUN share: the files, open files and pipes, the clock, the fuel, the log.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::base::Map;

use super::{CommandReport, Fidelity, Network, OutputLine, Stream};
use crate::filesystem::{ImagePath, Tree};
use crate::world::Project;
use crate::world::assumed::{self, Sought};

/// Simple commands that a RUN may start.
const MAX_COMMANDS: u64 = 200_000;
/// Small steps: loop rounds, regex steps, expanded words.
const MAX_STEPS: u64 = 300_000_000;
/// Bytes written to files, pipes and the log together.
const MAX_BYTES: u64 = 512 << 20;
/// Bytes of the log: BuildKit cuts at 2 MiB, we stop a little later.
const MAX_LOG: u64 = 8 << 20;
/// Paths that are remembered as not there.
const MAX_MISSED: usize = 24;
/// The longest that a RUN may last in virtual time.
pub const MAX_TIME: Duration = Duration::from_secs(24 * 3600);

/// A file system in the mount table.
#[derive(Debug, Clone)]
pub struct Mount {
    /// The files.
    pub tree: Tree,
    /// Which path of `tree` is seen at the target.
    pub source: ImagePath,
    /// Whether writing fails.
    pub readonly: bool,
    /// Made by us (`/proc`, `/dev` …): not given back.
    pub internal: bool,
}

/// An open file description.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Open {
    File { path: ImagePath, position: u64, append: bool, read: bool, write: bool },
    PipeRead(u64),
    PipeWrite(u64),
    Null,
    Zero,
    Full,
    Random,
    Log(Stream),
}

/// A pipe in memory. Its writer runs to its end before its reader starts.
#[derive(Debug, Clone, Default)]
pub struct Pipe {
    /// All that was written.
    pub data: Arc<Vec<u8>>,
    /// How much was read.
    pub position: usize,
    /// The writer gets SIGPIPE after that many bytes.
    pub limit: Option<usize>,
    /// The writer wanted to write more.
    pub cut: bool,
    /// It would never have stopped by itself.
    pub endless: bool,
    /// The reader wanted to read more than a writer that was cut could write: run both again with a larger limit.
    pub starved: bool,
}

/// What a pipeline that is run again starts from.
#[derive(Debug, Clone)]
pub struct Moment {
    state: State,
    output: usize,
    tail: usize,
    reports: usize,
}

/// All that a rerun must take back. Cheap to clone.
#[derive(Debug, Clone)]
pub struct State {
    /// The root file system.
    pub root: Tree,
    /// What is mounted over it.
    pub mounts: BTreeMap<ImagePath, Mount>,
    /// Open file descriptions by number.
    pub open: Map<u64, Open>,
    /// Pipes by number.
    pub pipes: Map<u64, Pipe>,
    /// The time since the RUN began.
    pub clock: Duration,
    /// The next number for anything.
    pub next: u64,
    /// The next process id.
    pub next_pid: u32,
    /// Seed of what is random.
    pub random: u64,
    /// Hard links made by this RUN have numbers from here on.
    pub next_link: u64,
}

/// A path that was looked for and is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// As it was asked for.
    pub asked: String,
    /// Where that is.
    pub place: ImagePath,
    /// What for.
    pub sought: Sought,
}

/// The machine.
#[derive(Debug)]
pub struct System {
    /// What changes and can be taken back.
    pub state: State,
    /// Links below this number come from lower layers: writing breaks them (overlayfs copies up one name).
    pub first_own_link: u64,
    /// Time that files written get.
    pub now: i64,
    /// Host name.
    pub hostname: String,
    /// Whether there is a network.
    pub network: Network,
    /// What URLs give.
    pub remotes: Arc<BTreeMap<String, Tree>>,
    /// Packages and recipes of the project's own.
    pub project: Arc<Project>,
    /// The log.
    pub output: Vec<OutputLine>,
    /// What ran and how real it was.
    pub reports: Vec<CommandReport>,
    /// How many commands are inside of each other, in all shells.
    pub deep: u32,
    /// Files of an assumed project that wait for their folder.
    pub assumed: Vec<(ImagePath, Sought)>,
    /// The last paths that were looked for and not there.
    pub missed: RefCell<VecDeque<Missed>>,
    /// Why the machine stopped.
    pub halted: Option<String>,
    /// How many bytes a file without an end (`/dev/zero`, what `yes` writes) gives to who wants all of it: set for what writes into a pipe.
    pub endless: Option<usize>,
    /// Whether somebody got less of such a file than he would have read.
    pub clipped: bool,
    commands: u64,
    steps: u64,
    bytes: u64,
    log_bytes: u64,
}

impl System {
    /// A machine that has done nothing yet.
    pub fn new(state: State, now: i64, hostname: String, network: Network, remotes: Arc<BTreeMap<String, Tree>>) -> Self {
        Self {
            first_own_link: state.next_link,
            state,
            now,
            hostname,
            network,
            remotes,
            project: Arc::default(),
            output: Vec::new(),
            reports: Vec::new(),
            deep: 0,
            assumed: Vec::new(),
            missed: RefCell::default(),
            halted: None,
            endless: None,
            clipped: false,
            commands: 0,
            steps: 0,
            bytes: 0,
            log_bytes: 0,
        }
    }

    /// Remembers that `path` was looked for at `place` and is not there.
    pub fn miss(&self, path: &str, place: ImagePath) {
        let mut missed = self.missed.borrow_mut();
        if missed.len() == MAX_MISSED {
            missed.pop_front();
        }
        missed.push_back(Missed { asked: path.to_owned(), place, sought: Sought::Anything });
    }

    /// Tells what the paths that were missed last were wanted for.
    pub fn sought(&self, count: usize, sought: Sought) {
        self.missed.borrow_mut().iter_mut().rev().take(count).for_each(|missed| missed.sought = sought);
    }

    /// The paths that were missed last are not wanting: what was searched is elsewhere.
    pub fn forget_missed(&self, count: usize) {
        let mut missed = self.missed.borrow_mut();
        let left = missed.len().saturating_sub(count);
        missed.truncate(left);
    }

    /// Spends small steps; `false` once the machine has stopped.
    pub fn burn(&mut self, steps: u64) -> bool {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MAX_STEPS {
            self.halt("too many steps");
        }
        self.halted.is_none()
    }

    /// Spends a command; `false` once the machine has stopped.
    pub fn burn_command(&mut self) -> bool {
        self.commands += 1;
        self.place_assumed();
        if self.commands > MAX_COMMANDS {
            self.halt(&format!("more than {MAX_COMMANDS} commands"));
        }
        self.halted.is_none()
    }

    /// Puts files of an assumed project where commands looked for them.
    pub fn place_assumed(&mut self) {
        for (place, sought) in &self.assumed {
            if self.state.root.lookup(place).is_err()
                && let Some(root) = assumed::looked_for(&self.state.root, place, *sought, &self.project)
            {
                self.state.root = root;
            }
        }
    }

    /// Spends bytes; `false` once the machine has stopped.
    pub fn burn_bytes(&mut self, bytes: u64) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_BYTES {
            self.halt(&format!("more than {} MiB written", MAX_BYTES >> 20));
        }
        self.halted.is_none()
    }

    /// Fuel for another run on the same machine.
    pub fn refuel(&mut self) {
        (self.commands, self.steps, self.bytes, self.log_bytes) = (0, 0, 0, 0);
        self.deep = 0;
        self.halted = None;
    }

    /// Stops everything.
    pub fn halt(&mut self, why: &str) {
        self.halted.get_or_insert_with(|| why.to_owned());
    }

    /// The time of day, in nanoseconds.
    pub fn wall(&self) -> i64 {
        self.now.saturating_add(self.state.clock.as_nanos().min(i64::MAX as u128) as i64)
    }

    /// Lets virtual time pass.
    pub fn spend(&mut self, time: Duration) {
        self.state.clock = self.state.clock.saturating_add(time);
        if self.state.clock > MAX_TIME {
            self.halt("it would run for more than a day");
        }
    }

    /// A number that nothing else has.
    pub fn fresh(&mut self) -> u64 {
        self.state.next += 1;
        self.state.next
    }

    /// A new process id.
    pub fn fresh_pid(&mut self) -> u32 {
        self.state.next_pid = self.state.next_pid.wrapping_add(1);
        self.state.next_pid
    }

    /// The next of a fixed stream of random numbers (splitmix64).
    pub fn random(&mut self) -> u64 {
        self.state.random = self.state.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Registers an open file.
    pub fn open(&mut self, open: Open) -> u64 {
        let id = self.fresh();
        self.state.open.insert(id, open);
        id
    }

    /// A new pipe.
    pub fn pipe(&mut self, data: Vec<u8>, limit: Option<usize>) -> u64 {
        let id = self.fresh();
        self.state.pipes.insert(id, Pipe { data: Arc::new(data), limit, ..Pipe::default() });
        id
    }

    /// Ends a pipe and gives what was written.
    pub fn take_pipe(&mut self, id: u64) -> Pipe {
        self.state.pipes.remove(&id).unwrap_or_default()
    }

    /// Writes to the log of the RUN.
    pub fn log(&mut self, stream: Stream, data: &[u8]) {
        self.log_bytes += data.len() as u64;
        if self.log_bytes > MAX_LOG {
            self.halt(&format!("more than {} MiB of output", MAX_LOG >> 20));
            return;
        }
        let at = self.state.clock;
        match self.output.last_mut() {
            Some(last) if last.stream == stream && last.at == at => last.data.extend_from_slice(data),
            _ => self.output.push(OutputLine { at, stream, data: data.to_vec() }),
        }
    }

    /// Notes how a command was answered.
    pub fn report(&mut self, name: &str, fidelity: Fidelity) {
        self.reports.push(CommandReport { name: name.to_owned(), fidelity });
    }

    /// The present, to come back to.
    pub fn moment(&self) -> Moment {
        let tail = self.output.last().map_or(0, |line| line.data.len());
        Moment { state: self.state.clone(), output: self.output.len(), tail, reports: self.reports.len() }
    }

    /// Takes everything back to `moment`, except the fuel.
    pub fn rewind(&mut self, moment: Moment) {
        self.state = moment.state;
        self.output.truncate(moment.output);
        if let Some(last) = self.output.last_mut() {
            last.data.truncate(moment.tail);
        }
        self.reports.truncate(moment.reports);
    }
}
