//! Where awk writes: files and commands by name, kept open until `close` or the end.

use crate::filesystem::Errno;
use crate::machine::system::Open;
use crate::machine::{Process, exec};

/// Bytes kept back before a file is written.
const BUFFER: usize = 1 << 16;

/// The open files and commands.
#[derive(Debug, Default)]
pub struct Outputs {
    list: Vec<(String, Output)>,
}

#[derive(Debug)]
struct Output {
    buffer: Vec<u8>,
    /// The open file; `None`: a command that gets all when it is closed.
    file: Option<u64>,
}

impl Outputs {
    /// Writes to the file (`>`, `>>`) or command (`|`) `name`.
    pub fn write(&mut self, p: &mut Process, mark: &str, name: &str, data: &[u8]) -> Result<(), Errno> {
        match name {
            "/dev/stdout" | "-" if mark != "|" => {
                p.out(data);
                return Ok(());
            }
            "/dev/stderr" if mark != "|" => {
                p.err(data);
                return Ok(());
            }
            _ => {}
        }
        let at = match self.list.iter().position(|(n, _)| n == name) {
            Some(at) => at,
            None => {
                let file = if mark == "|" { None } else { Some(open(p, name, mark == ">>")?) };
                self.list.push((name.to_owned(), Output { buffer: Vec::new(), file }));
                self.list.len() - 1
            }
        };
        let output = &mut self.list[at].1;
        output.buffer.extend_from_slice(data);
        if output.buffer.len() > BUFFER {
            output.flush(p);
        }
        Ok(())
    }

    /// Writes out what is kept back for files.
    pub fn flush(&mut self, p: &mut Process) {
        p.flush();
        self.list.iter_mut().for_each(|(_, output)| output.flush(p));
    }

    /// Closes `name`: the exit status of a command; `None` if it was not open.
    pub fn close(&mut self, p: &mut Process, name: &str) -> Option<i32> {
        let at = self.list.iter().position(|(n, _)| n == name)?;
        let (name, mut output) = self.list.remove(at);
        output.flush(p);
        if output.file.is_some() {
            return Some(0);
        }
        p.flush();
        let mut child = p.fork();
        let pipe = child.system.pipe(output.buffer, None);
        let id = child.system.open(Open::PipeRead(pipe));
        child.fds.insert(0, id);
        child.args = vec!["sh".into(), "-c".into(), name];
        let status = exec::execute(&mut child);
        p.system.take_pipe(pipe);
        Some(status)
    }

    /// Closes all, in the order they were opened.
    pub fn close_all(&mut self, p: &mut Process) {
        while let Some((name, _)) = self.list.first() {
            let name = name.clone();
            self.close(p, &name);
        }
    }
}

impl Output {
    fn flush(&mut self, p: &mut Process) {
        if let Some(id) = self.file.filter(|_| !self.buffer.is_empty()) {
            let mut child = p.fork();
            child.fds.insert(3, id);
            child.write_fd(3, &std::mem::take(&mut self.buffer));
        }
    }
}

fn open(p: &mut Process, name: &str, append: bool) -> Result<u64, Errno> {
    if let Some(open) = crate::machine::process::device(name) {
        return Ok(p.system.open(open));
    }
    let (cwd, mode) = (p.cwd.clone(), 0o666 & !p.umask);
    let path = p.system.open_write(&p.ids, &cwd, name, mode, !append)?;
    Ok(p.system.open(Open::File { path, position: 0, append, read: false, write: true }))
}

/// What the command `text` prints.
pub fn capture(p: &mut Process, text: &str) -> (Vec<u8>, i32) {
    let mut child = p.fork();
    let pipe = child.system.pipe(Vec::new(), None);
    let id = child.system.open(Open::PipeWrite(pipe));
    child.fds.insert(1, id);
    child.args = vec!["sh".into(), "-c".into(), text.to_owned()];
    let status = exec::execute(&mut child);
    (p.system.take_pipe(pipe).data.to_vec(), status)
}
