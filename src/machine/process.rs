//! [`Process`]: all that a program can touch.

use std::sync::Arc;
use std::time::Duration;

use crate::base::Map;

use super::files::{self, Last};
use super::system::{Open, System};
use super::users::{Group, Ids, User, parse_group, parse_passwd};
use super::{Stream, errno, exec};
use crate::filesystem::{Content, Errno, ImagePath, Metadata, Node, Special, SpecialKind};

/// Deepest nesting of processes, functions and subshells.
pub const MAX_DEPTH: u32 = 60;
/// Bytes of standard output kept back before they are written.
const BUFFER: usize = 1 << 16;
/// Most bytes of modelled content that are made for a reader.
const MAX_MODELLED: u64 = 32 << 20;

/// Whose manners a tool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Flavour {
    Busybox,
    Gnu,
}

/// A running program.
#[derive(Debug)]
pub struct Process<'s> {
    /// The machine it runs on.
    pub system: &'s mut System,
    /// argv.
    pub args: Vec<String>,
    /// The environment, in order.
    pub env: Vec<(String, String)>,
    /// Working directory, no symbolic links in it.
    pub cwd: ImagePath,
    /// Who it is.
    pub ids: Ids,
    /// Bits that new files do not get.
    pub umask: u32,
    /// Open files by descriptor.
    pub fds: Map<u32, u64>,
    /// Process id.
    pub pid: u32,
    /// The parent's.
    pub ppid: u32,
    /// Whose manners it has.
    pub flavour: Flavour,
    /// How deep it is nested.
    pub depth: u32,
    /// The signal that ended it.
    pub killed: Option<i32>,
    /// When `timeout` stops it.
    pub deadline: Option<Duration>,
    /// What errors begin with instead of its name: set by a shell for what it runs inside of itself.
    pub label: Option<String>,
    out: Vec<u8>,
}

/// A process without its machine: between the lines that somebody types.
#[derive(Debug, Clone)]
pub struct Kept {
    args: Vec<String>,
    env: Vec<(String, String)>,
    cwd: ImagePath,
    ids: Ids,
    umask: u32,
    fds: Map<u32, u64>,
    pid: u32,
    flavour: Flavour,
}

impl<'s> Process<'s> {
    /// Lets go of the machine.
    pub fn keep(mut self) -> Kept {
        self.flush();
        let Self { args, env, cwd, ids, umask, fds, pid, flavour, .. } = self;
        Kept { args, env, cwd, ids, umask, fds, pid, flavour }
    }

    /// The process again.
    pub fn resume(system: &'s mut System, kept: Kept) -> Self {
        let Kept { args, env, cwd, ids, umask, fds, pid, flavour } = kept;
        Self {
            system,
            args,
            env,
            cwd,
            ids,
            umask,
            fds,
            pid,
            ppid: 0,
            flavour,
            depth: 0,
            killed: None,
            deadline: None,
            label: None,
            out: Vec::new(),
        }
    }

    /// The first process.
    pub fn first(system: &'s mut System, ids: Ids, cwd: ImagePath, env: Vec<(String, String)>, stdin: Vec<u8>) -> Self {
        let input = system.pipe(stdin, None);
        let fds = [(0u32, Open::PipeRead(input)), (1, Open::Log(Stream::Stdout)), (2, Open::Log(Stream::Stderr))];
        let fds = fds.into_iter().map(|(fd, open)| (fd, system.open(open))).collect();
        let pid = system.fresh_pid();
        Self {
            system,
            args: Vec::new(),
            env,
            cwd,
            ids,
            umask: 0o022,
            fds,
            pid,
            ppid: 0,
            flavour: Flavour::Gnu,
            depth: 0,
            killed: None,
            deadline: None,
            label: None,
            out: Vec::new(),
        }
    }

    /// A copy of this process on the same machine, as `fork` makes.
    pub fn fork(&mut self) -> Process<'_> {
        self.flush();
        let pid = self.system.fresh_pid();
        Process {
            args: self.args.clone(),
            env: self.env.clone(),
            cwd: self.cwd.clone(),
            ids: self.ids.clone(),
            umask: self.umask,
            fds: self.fds.clone(),
            pid,
            ppid: self.pid,
            flavour: self.flavour,
            depth: self.depth + 1,
            killed: None,
            deadline: self.deadline,
            label: None,
            out: Vec::new(),
            system: self.system,
        }
    }

    /// Runs a program in a child and waits: its exit status.
    pub fn run(&mut self, args: &[String]) -> i32 {
        let mut child = self.fork();
        child.args = args.to_vec();
        exec::execute(&mut child)
    }

    /// The base name of argv[0].
    pub fn name(&self) -> &str {
        self.args.first().map_or("", |a| a.rsplit('/').next().unwrap_or(""))
    }

    /// Whether it has busybox's manners.
    pub fn busybox(&self) -> bool {
        self.flavour == Flavour::Busybox
    }

    /// Whether its busybox is built as Debian does, with less in it than upstream's: the one of alpine and of the official image.
    pub fn debian_busybox(&self) -> bool {
        let modelled = || self.stat("/bin/busybox").is_ok_and(|(_, n)| n.as_file().is_some_and(|f| f.content.is_modelled()));
        self.busybox() && !self.exists("/etc/alpine-release") && !modelled()
    }

    /// A variable of the environment.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// Sets a variable of the environment.
    pub fn set_var(&mut self, name: &str, value: &str) {
        match self.env.iter_mut().find(|(k, _)| k == name) {
            Some((_, v)) => *v = value.to_owned(),
            None => self.env.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Lets virtual time pass: no more than until its deadline is over.
    pub fn spend(&mut self, time: Duration) {
        let left = self.deadline.map(|end| (end + Duration::from_nanos(1)).saturating_sub(self.system.state.clock));
        self.system.spend(left.map_or(time, |left| time.min(left)));
    }

    /// Waits for a moment.
    pub fn wait_for(&mut self, moment: Duration) {
        self.spend(moment.saturating_sub(self.system.state.clock));
    }

    /// Runs `work` until `end` at most: what it answers, and whether it was stopped.
    pub fn until<T>(&mut self, end: Duration, work: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let outer = self.deadline;
        self.deadline = Some(outer.map_or(end, |outer| outer.min(end)));
        let answer = work(self);
        let stopped = self.deadline == Some(end) && self.expired();
        self.deadline = outer;
        if stopped {
            self.system.state.clock = end;
        }
        (answer, stopped)
    }

    /// Whether its time is over.
    fn expired(&self) -> bool {
        self.deadline.is_some_and(|end| self.system.state.clock > end)
    }

    /// Spends steps; `false` when the program must stop.
    pub fn burn(&mut self, steps: u64) -> bool {
        self.system.burn(steps) && self.alive()
    }

    /// Whether it may go on.
    pub fn alive(&self) -> bool {
        self.killed.is_none() && self.system.halted.is_none() && !self.expired()
    }

    /// Writes to standard output (buffered).
    pub fn out(&mut self, data: impl AsRef<[u8]>) {
        self.out.extend_from_slice(data.as_ref());
        if self.out.len() > BUFFER {
            self.flush();
        }
    }

    /// Writes to standard error.
    pub fn err(&mut self, data: impl AsRef<[u8]>) {
        self.flush();
        self.write_fd(2, data.as_ref());
    }

    /// `NAME: TEXT` on standard error; gives 1.
    pub fn fail(&mut self, text: &str) -> i32 {
        let line = format!("{}: {text}\n", self.label.as_deref().unwrap_or_else(|| self.name()));
        self.err(line);
        1
    }

    /// Why a descriptor cannot be written to.
    pub fn refuses(&self, fd: u32) -> Option<&'static str> {
        match self.fds.get(&fd).and_then(|id| self.system.state.open.get(id)) {
            Some(Open::Full) => Some(errno::text(Errno::NoSpace)),
            None | Some(Open::PipeRead(_) | Open::File { write: false, .. }) => Some("Bad file descriptor"),
            _ => None,
        }
    }

    /// Writes what is kept back.
    pub fn flush(&mut self) {
        if !self.out.is_empty() {
            let data = std::mem::take(&mut self.out);
            self.write_fd(1, &data);
        }
    }

    /// Writes to a descriptor; `false` on an error.
    pub fn write_fd(&mut self, fd: u32, data: &[u8]) -> bool {
        if !self.alive() {
            return false;
        }
        let Some(id) = self.fds.get(&fd).copied() else { return false };
        let Some(open) = self.system.state.open.get(&id).cloned() else { return false };
        match open {
            Open::Log(stream) => self.system.log(stream, data),
            Open::Null | Open::Zero | Open::Random => {}
            Open::Full | Open::PipeRead(_) => return false,
            Open::PipeWrite(pipe) => return self.write_pipe(pipe, data),
            Open::File { write: false, .. } => return false,
            Open::File { path, position, append, read, .. } => {
                if !self.system.burn_bytes(data.len() as u64) {
                    return false;
                }
                let Some(Node::File(file)) = self.system.node(&path) else { return true };
                let old = file.content.head(MAX_MODELLED);
                let at = if append { old.len() } else { position as usize };
                let mut bytes = old.to_vec();
                if bytes.len() < at {
                    bytes.resize(at, 0);
                }
                let end = (at + data.len()).min(bytes.len());
                bytes.splice(at..end, data.iter().copied());
                if self.system.store(&path, Content::Bytes(bytes.into())).is_err() {
                    return false;
                }
                let position = (at + data.len()) as u64;
                self.system.state.open.insert(id, Open::File { path, position, append, read, write: true });
            }
        }
        true
    }

    fn write_pipe(&mut self, id: u64, data: &[u8]) -> bool {
        if !self.system.burn_bytes(data.len() as u64) {
            return false;
        }
        let Some(pipe) = self.system.state.pipes.get_mut(&id) else { return false };
        let buffer = Arc::make_mut(&mut pipe.data);
        let room = pipe.limit.map_or(usize::MAX, |limit| limit.saturating_sub(buffer.len()));
        buffer.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            pipe.cut = true;
            self.killed = Some(13);
            return false;
        }
        true
    }

    /// Reads at most `limit` bytes from a descriptor; empty at the end.
    pub fn read_fd(&mut self, fd: u32, limit: usize) -> Vec<u8> {
        let Some(id) = self.fds.get(&fd).copied() else { return Vec::new() };
        let Some(open) = self.system.state.open.get(&id).cloned() else { return Vec::new() };
        match open {
            Open::PipeRead(id) => {
                let Some(pipe) = self.system.state.pipes.get_mut(&id) else { return Vec::new() };
                let end = pipe.position.saturating_add(limit).min(pipe.data.len());
                let bytes = pipe.data[pipe.position..end].to_vec();
                pipe.position = end;
                if pipe.cut && bytes.len() < limit {
                    match pipe.endless && self.system.endless.is_some() {
                        true => self.system.clipped = true,
                        false => pipe.starved = true,
                    }
                }
                bytes
            }
            Open::Zero | Open::Full if self.system.burn_bytes(limit.min(BUFFER) as u64) => vec![0; limit.min(BUFFER)],
            Open::Random if self.system.burn_bytes(limit.min(BUFFER) as u64) => {
                (0..limit.min(BUFFER)).map(|_| self.system.random() as u8).collect()
            }
            Open::File { path, position, append, read: true, write } => {
                let Some(Node::File(file)) = self.system.node(&path) else { return Vec::new() };
                let content = file.content.head(MAX_MODELLED);
                let start = (position as usize).min(content.len());
                let end = start.saturating_add(limit).min(content.len());
                let bytes = content[start..end].to_vec();
                self.system.state.open.insert(id, Open::File { path, position: end as u64, append, read: true, write });
                bytes
            }
            _ => Vec::new(),
        }
    }

    /// Moves the read position of a descriptor back by `count` bytes (what was read too far).
    pub fn unread_fd(&mut self, fd: u32, count: usize) {
        let Some(id) = self.fds.get(&fd).copied() else { return };
        match self.system.state.open.get_mut(&id) {
            Some(Open::File { position, .. }) => *position = position.saturating_sub(count as u64),
            Some(Open::PipeRead(pipe)) => {
                let pipe = *pipe;
                if let Some(pipe) = self.system.state.pipes.get_mut(&pipe) {
                    pipe.position = pipe.position.saturating_sub(count);
                }
            }
            _ => {}
        }
    }

    /// All of a descriptor; of a file without an end what [`System::endless`] allows.
    pub fn read_all(&mut self, fd: u32) -> Vec<u8> {
        self.read_until(fd, 1 << 20, |_| false)
    }

    /// The same, piece by piece, until what there is so far is `enough`.
    pub fn read_until(&mut self, fd: u32, piece: usize, enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let open = self.fds.get(&fd).and_then(|id| self.system.state.open.get(id));
        let endless = matches!(open, Some(Open::Zero | Open::Full | Open::Random));
        let most = if endless { self.system.endless.unwrap_or(MAX_MODELLED as usize) } else { usize::MAX };
        let mut all = Vec::new();
        while self.alive() && !enough(&all) {
            if all.len() >= most {
                all.truncate(most);
                self.system.clipped = true;
                if self.system.endless.is_none() {
                    self.system.halt("a file without an end is read to its end");
                }
                break;
            }
            let part = self.read_fd(fd, piece);
            if part.is_empty() {
                break;
            }
            all.extend_from_slice(&part);
        }
        all
    }

    /// What `work` reads, which wants at most so many bytes of each file.
    pub fn wanting<T>(&mut self, most: Option<usize>, work: impl FnOnce(&mut Self) -> T) -> T {
        let (outer, clipped) = (self.system.endless, self.system.clipped);
        self.system.endless = most.or(outer);
        let answer = work(self);
        self.system.endless = outer;
        self.system.clipped = clipped || most.is_none() && self.system.clipped;
        answer
    }

    /// All of standard input.
    pub fn stdin(&mut self) -> Vec<u8> {
        self.read_all(0)
    }

    /// A file's bytes; `-` is standard input, `/dev/stdin` too.
    pub fn input(&mut self, path: &str) -> Result<Vec<u8>, Errno> {
        match path {
            "-" => Ok(self.stdin()),
            path => self.read(path),
        }
    }

    /// The open descriptor that a path names.
    pub fn descriptor(&self, path: &str) -> Option<u32> {
        let number = match path {
            "/dev/stdin" => "0",
            path => ["/dev/fd/", "/proc/self/fd/"].iter().find_map(|folder| path.strip_prefix(folder))?,
        };
        number.parse().ok().filter(|fd| self.fds.contains_key(fd))
    }

    /// A file's bytes.
    pub fn read(&mut self, path: &str) -> Result<Vec<u8>, Errno> {
        if let Some(open) = device(path) {
            let id = self.system.open(open);
            let mut child = self.fork();
            child.fds.insert(3, id);
            return Ok(child.read_all(3));
        }
        if let Some(fd) = self.descriptor(path) {
            return Ok(self.read_all(fd));
        }
        let bytes = self.content(path)?.head(MAX_MODELLED).to_vec();
        self.system.burn(bytes.len() as u64 / 64);
        Ok(bytes)
    }

    /// A file's content, modelled or not.
    pub fn content(&mut self, path: &str) -> Result<Content, Errno> {
        if let Some(fd) = self.descriptor(path) {
            return Ok(Content::Bytes(self.read_all(fd).into()));
        }
        self.system.content(&self.ids, &self.cwd, path)
    }

    /// A small file as text; empty if it cannot be read.
    pub fn text(&self, path: &str) -> String {
        let content = self.system.content(&Ids::root(), &self.cwd, path).map(|c| c.head(1 << 20));
        content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Writes a whole file, creating it with the umask.
    pub fn write(&mut self, path: &str, content: impl Into<Content>) -> Result<(), Errno> {
        let writes = match path {
            "/dev/stdout" => Some(1),
            "/dev/stderr" => Some(2),
            _ => self.descriptor(path),
        };
        if let Some(fd) = writes {
            self.flush();
            self.write_fd(fd, &content.into().head(MAX_MODELLED));
            return Ok(());
        }
        let mode = 0o666 & !self.umask;
        let real = self.system.open_write(&self.ids, &self.cwd, path, mode, true)?;
        self.system.store(&real, content.into())
    }

    /// `stat`: the real path and the node.
    pub fn stat(&self, path: &str) -> Result<(ImagePath, Node), Errno> {
        if let Some(id) = self.descriptor(path).and_then(|fd| self.fds.get(&fd)) {
            return match self.system.state.open.get(id) {
                Some(Open::File { path, .. }) => self.system.node(path).map(|node| (path.clone(), node)).ok_or(Errno::NoEntry),
                _ => {
                    let pipe = Special { kind: SpecialKind::Fifo, metadata: Metadata::root(0o600, self.system.now) };
                    Ok((ImagePath::new(path), Node::Special(Arc::new(pipe))))
                }
            };
        }
        self.system.stat(&self.ids, &self.cwd, path, Last::Follow)
    }

    /// `lstat`.
    pub fn lstat(&self, path: &str) -> Result<(ImagePath, Node), Errno> {
        self.system.stat(&self.ids, &self.cwd, path, Last::Keep)
    }

    /// Whether there is something at `path`.
    pub fn exists(&self, path: &str) -> bool {
        self.stat(path).is_ok()
    }

    /// Whether `path` is a directory.
    pub fn is_dir(&self, path: &str) -> bool {
        matches!(self.stat(path), Ok((_, Node::Directory(_))))
    }

    /// The names in a directory.
    pub fn list(&self, path: &str) -> Result<Vec<String>, Errno> {
        self.system.list(&self.ids, &self.cwd, path)
    }

    /// `mkdir` with the umask.
    pub fn mkdir(&mut self, path: &str) -> Result<(), Errno> {
        let mode = 0o777 & !self.umask;
        self.system.mkdir(&self.ids, &self.cwd, path, mode)
    }

    /// `mkdir -p`.
    pub fn mkdir_all(&mut self, path: &str) -> Result<(), Errno> {
        let mut at = 0;
        loop {
            at = path[at..].find(|c| c != '/').map_or(path.len(), |i| at + i);
            at = path[at..].find('/').map_or(path.len(), |i| at + i);
            let part = &path[..at];
            if !part.is_empty() && !self.is_dir(part) {
                self.mkdir(part)?;
            }
            if at >= path.len() {
                return Ok(());
            }
        }
    }

    /// Removes a name and all below it.
    pub fn remove_all(&mut self, path: &str) -> Result<(), Errno> {
        let real = self.system.resolve(&self.ids, &self.cwd, path, Last::Keep)?;
        self.remove_tree(&real, 0)
    }

    fn remove_tree(&mut self, path: &ImagePath, depth: usize) -> Result<(), Errno> {
        if depth > 500 {
            return Err(Errno::NameTooLong);
        }
        if let Some(Node::Directory(d)) = self.system.node(path)
            && !d.entries.is_empty()
        {
            if !files::permits(&self.ids, &d.metadata, files::Access::Read, true) {
                return Err(Errno::AccessDenied);
            }
            for name in d.entries.keys() {
                self.remove_tree(&path.child(name), depth + 1)?;
            }
        }
        self.system.unlink(&self.ids, path)
    }

    /// The users of `/etc/passwd`.
    pub fn users(&self) -> Vec<User> {
        parse_passwd(&self.text("/etc/passwd"))
    }

    /// The groups of `/etc/group`.
    pub fn groups(&self) -> Vec<Group> {
        parse_group(&self.text("/etc/group"))
    }
}

/// The text of an error.
pub fn strerror(errno: Errno) -> &'static str {
    errno::text(errno)
}

/// What opening a device file gives.
pub fn device(path: &str) -> Option<Open> {
    Some(match path {
        "/dev/null" | "/dev/tty" => Open::Null,
        "/dev/zero" => Open::Zero,
        "/dev/full" => Open::Full,
        "/dev/random" | "/dev/urandom" => Open::Random,
        _ => return None,
    })
}
