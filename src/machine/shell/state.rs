//! [`Shell`]: variables, options, functions; what its errors begin with.

use std::rc::Rc;
use std::time::Duration;

use std::collections::BTreeMap;

use super::Dialect;
use super::ast::Redirected;
use crate::base::Map;
use crate::machine::Process;

/// Why the flow of commands is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// `break N`.
    Break(u32),
    /// `continue N`.
    Continue(u32),
    /// `return STATUS`.
    Return(i32),
    /// `exit STATUS`.
    Exit(i32),
    /// An error, which has been printed, that ends the shell or (bash) the line.
    Error(i32),
    /// A built-in of bash was given options that it does not know, and said so: its status.
    Refused(i32),
}

/// The status of commands, or where to go.
pub type Ran = Result<i32, Flow>;

/// A shell variable.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Variable {
    pub data: Data,
    pub exported: bool,
    pub readonly: bool,
    pub integer: bool,
    /// It names another variable (`declare -n`).
    pub reference: bool,
    /// Letters are changed when it is assigned: `u` or `l`.
    pub case: Option<char>,
}

/// The value of a variable.
#[derive(Debug, Clone, Default)]
pub enum Data {
    /// Declared, without a value.
    #[default]
    Unset,
    /// A text.
    Text(String),
    /// bash's arrays: keys and values, by number or (associative) as they were set.
    Array(bool, Rc<Vec<(String, String)>>),
}

/// A function, and the file it was read from.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Function {
    pub body: Rc<Redirected>,
    pub origin: Option<String>,
    /// Its text (bash).
    pub source: Option<Rc<str>>,
    /// Exported by `export -f`.
    pub exported: bool,
}

/// A list that reads what a command writes into `>(…)`, once the command is over.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Sink {
    pub pipe: u64,
    pub list: Rc<super::ast::List>,
    /// The descriptors that the list has.
    pub fds: Map<u32, u64>,
}

/// Options that `set` knows.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct Options {
    pub errexit: bool,
    pub nounset: bool,
    pub xtrace: bool,
    pub verbose: bool,
    pub noglob: bool,
    pub noexec: bool,
    pub allexport: bool,
    pub noclobber: bool,
    pub pipefail: bool,
    pub errtrace: bool,
    pub functrace: bool,
    /// Those of bash's `shopt`, a bit for each.
    pub shopts: u64,
}

/// Where the commands come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `-c`.
    Text,
    /// A file, named by `$0`.
    Script,
    /// Standard input.
    Input,
    /// Lines that somebody types.
    Terminal,
}

/// A job in the background: its process, its status, when it ends.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Job {
    pub pid: u32,
    pub status: i32,
    pub end: Duration,
    /// The signal that ended it.
    pub killed: Option<i32>,
    /// Its end has been waited for: its number is free.
    pub waited: bool,
    /// Its text (bash).
    pub text: Rc<str>,
}

/// The state of a shell; a subshell is a clone.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Shell {
    pub dialect: Dialect,
    pub options: Options,
    pub variables: Map<String, Variable>,
    pub functions: Map<String, Rc<Function>>,
    pub positional: Vec<String>,
    pub name: String,
    /// What busybox's own commands call themselves.
    pub applet: String,
    pub origin: Origin,
    pub status: i32,
    pub pid: u32,
    /// `-c` was given a name for `$0`: ash's errors tell the line then.
    pub named: bool,
    /// In a subshell.
    pub subshell: bool,
    pub last_job: Option<u32>,
    pub jobs: Vec<Job>,
    pub traps: BTreeMap<String, String>,
    /// What functions declared `local`: names and the values they hide.
    pub locals: Vec<Vec<(String, Option<Variable>)>>,
    /// What `local -` keeps until the function ends.
    pub local_options: Option<Options>,
    /// The functions that are running, the innermost last, and the lines they were called from.
    pub callers: Vec<(String, u32)>,
    pub aliases: BTreeMap<String, String>,
    pub line: u32,
    pub getopts: (usize, usize),
    /// Above 0 where `set -e` does not apply.
    pub tested: u32,
    pub functions_deep: u32,
    pub loops: u32,
    /// The built-in command that is running, or the file that `.` reads.
    pub builtin: Option<String>,
    /// The file that the running function or `.` comes from (bash).
    pub file: Option<String>,
    /// The status of the last `$(…)` of a command.
    pub substituted: Option<i32>,
    /// How deep `$(…)` and `eval` are nested: bash repeats the first character of PS4 so often.
    pub levels: usize,
    /// Folders of `pushd`.
    pub folders: Vec<String>,
    /// What `>(…)` started and has not read yet.
    pub sinks: Vec<Sink>,
    /// Those that `exec` started: they end with the shell.
    pub lasting: Vec<Sink>,
    /// The descriptors of `<(…)` and `>(…)` in the commands that run.
    pub pipes: Vec<u32>,
    /// The traps of bash that are running: the command that set them off keeps its name.
    pub trapping: Vec<&'static str>,
    /// The traps of the shell around a subshell, which it still shows.
    pub outer_traps: BTreeMap<String, String>,
    /// The text of the command that runs (bash).
    pub command_text: Option<Rc<str>>,
    /// The last argument of the last command (bash).
    pub last_argument: String,
    /// The programs that have been found (bash): a name, its path, how often.
    pub hashed: BTreeMap<String, (String, u32)>,
    /// Subshells around this one.
    pub subshells: u32,
    /// What `SECONDS` was set to, less the time it was set at.
    pub seconds: i64,
}

impl Shell {
    /// Whether it is bash.
    pub fn bash(&self) -> bool {
        self.dialect == Dialect::Bash
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<String> {
        Some(match name {
            "?" => self.status.to_string(),
            "$" => self.pid.to_string(),
            "#" => self.positional.len().to_string(),
            "!" => return self.last_job.map(|j| j.to_string()),
            "0" => self.name.clone(),
            "-" => self.letters(),
            // Debian's dash is built without it.
            "LINENO" if self.dialect != Dialect::Dash => self.line.to_string(),
            "FUNCNAME" if self.dialect == Dialect::Ash => self.callers.last().map_or("", |c| &c.0).to_owned(),
            "BASH_SOURCE" | "FUNCNAME" | "BASH_LINENO" if self.bash() => return self.stack(name).into_iter().next(),
            "BASH_SUBSHELL" if self.bash() => self.subshells.to_string(),
            "BASH_COMMAND" if self.bash() => self.command_text.as_ref().map(|t| super::print::command(t)).unwrap_or_default(),
            "SHELLOPTS" if self.bash() => super::builtins::option_names(self),
            "BASHOPTS" if self.bash() => super::builtins::shopt::listed(self),
            "_" if self.bash() => self.last_argument.clone(),
            "DIRSTACK" if self.bash() => return self.get("PWD"),
            "BASHPID" if self.bash() => self.pid.to_string(),
            name if name.as_bytes().first().is_some_and(u8::is_ascii_digit) => {
                let index = name.parse::<usize>().ok()?;
                return if index == 0 { Some(self.name.clone()) } else { self.positional.get(index - 1).cloned() };
            }
            name => {
                let target = self.target(name);
                if let Some((array, key)) = item_of(target).filter(|_| target != name) {
                    return self.item(array, key);
                }
                match &self.variables.get(target)?.data {
                    Data::Unset => return None,
                    Data::Text(text) => text.clone(),
                    Data::Array(..) => return self.item(target, "0"),
                }
            }
        })
    }

    /// `$-`.
    fn letters(&self) -> String {
        let o = &self.options;
        let command = self.origin == Origin::Text;
        if self.bash() {
            let set = [(o.allexport, 'a'), (o.errexit, 'e'), (o.noglob, 'f'), (true, 'h'), (o.noexec, 'n'), (o.nounset, 'u')];
            let more = [(o.verbose, 'v'), (o.xtrace, 'x'), (true, 'B'), (o.noclobber, 'C'), (command, 'c')];
            return set.iter().chain(&more).filter(|l| l.0).map(|l| l.1).collect();
        }
        let input = self.origin == Origin::Input;
        let set = [(o.nounset, 'u'), (o.allexport, 'a'), (o.noclobber, 'C'), (o.verbose, 'v'), (o.xtrace, 'x')];
        let more = [(command && self.dialect == Dialect::Ash, 'c'), (input, 's'), (o.noexec, 'n'), (o.noglob, 'f'), (o.errexit, 'e')];
        set.iter().chain(&more).filter(|l| l.0).map(|l| l.1).collect()
    }

    /// The items of an array (a plain variable is an array of one), with their keys.
    pub fn items(&self, name: &str) -> Vec<(String, String)> {
        if self.bash() && matches!(name, "BASH_SOURCE" | "FUNCNAME" | "BASH_LINENO") {
            return self.stack(name).into_iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect();
        }
        if self.bash() && name == "DIRSTACK" {
            let all = self.get("PWD").into_iter().chain(self.folders.iter().rev().cloned());
            return all.enumerate().map(|(i, folder)| (i.to_string(), folder)).collect();
        }
        match self.variables.get(self.target(name)).map(|v| &v.data) {
            Some(Data::Text(text)) => vec![("0".into(), text.clone())],
            Some(Data::Array(_, items)) => items.to_vec(),
            _ => Vec::new(),
        }
    }

    /// An item of an array.
    pub fn item(&self, name: &str, key: &str) -> Option<String> {
        match self.variables.get(self.target(name)).map(|v| &v.data) {
            Some(Data::Array(associative, items)) => find(*associative, items, key).ok().map(|at| items[at].1.clone()),
            _ => self.items(name).into_iter().find(|(k, _)| k == key).map(|(_, v)| v),
        }
    }

    /// Takes the items out of an array.
    pub fn take_items(&mut self, name: &str) -> Vec<(String, String)> {
        let name = self.target(name).to_owned();
        match self.variables.get_mut(&name).map(|v| std::mem::take(&mut v.data)) {
            Some(Data::Text(text)) => vec![("0".into(), text)],
            Some(Data::Array(_, items)) => Rc::unwrap_or_clone(items),
            _ => Vec::new(),
        }
    }

    /// The last key of an indexed array, -1 without one.
    pub fn last_key(&self, name: &str) -> i64 {
        match self.variables.get(self.target(name)).map(|v| &v.data) {
            Some(Data::Array(_, items)) => items.last().map_or(-1, |(key, _)| number(key)),
            _ => self.items(name).len() as i64 - 1,
        }
    }

    /// bash's arrays of what was called, the innermost first: names, files, lines.
    pub fn stack(&self, name: &str) -> Vec<String> {
        let scripted = self.origin == Origin::Script || self.file.is_some();
        if (name == "FUNCNAME" && self.callers.is_empty()) || !(scripted || name == "FUNCNAME") {
            return Vec::new();
        }
        let mut all: Vec<String> = self
            .callers
            .iter()
            .rev()
            .map(|(function, line)| match name {
                "FUNCNAME" => function.clone(),
                "BASH_LINENO" => line.to_string(),
                _ => self.file.as_ref().unwrap_or(&self.name).clone(),
            })
            .collect();
        match name {
            "FUNCNAME" if scripted => all.push("main".into()),
            "BASH_LINENO" => all.push("0".into()),
            "BASH_SOURCE" => all.push(if self.callers.is_empty() { self.file.as_ref().unwrap_or(&self.name) } else { &self.name }.clone()),
            _ => {}
        }
        all
    }

    /// The variable that a name stands for: another one, if it is a reference.
    pub fn target<'a>(&'a self, name: &'a str) -> &'a str {
        let mut name = name;
        for _ in 0..8 {
            match self.variables.get(name) {
                Some(Variable { reference: true, data: Data::Text(other), .. }) => name = other,
                _ => break,
            }
        }
        name
    }

    /// Whether a variable is an associative array.
    pub fn is_associative(&self, name: &str) -> bool {
        matches!(self.variables.get(self.target(name)).map(|v| &v.data), Some(Data::Array(true, _)))
    }

    /// Sets a variable, read-only or not.
    pub fn set(&mut self, name: &str, value: &str) {
        let name = &self.target(name).to_owned();
        let mut variable = self.variables.get(name).cloned().unwrap_or_default();
        match &mut variable.data {
            Data::Array(associative, items) => put(*associative, Rc::make_mut(items), "0", value),
            data => *data = Data::Text(value.to_owned()),
        }
        variable.exported |= self.options.allexport;
        self.variables.insert(name.to_owned(), variable);
    }

    /// Sets an item of an array.
    pub fn set_item(&mut self, name: &str, key: &str, value: &str) {
        let associative = self.is_associative(name);
        let mut items = self.take_items(name);
        put(associative, &mut items, key, value);
        self.set_data(name, Data::Array(associative, Rc::new(items)));
    }

    /// Gives a variable another value of any kind.
    pub fn set_data(&mut self, name: &str, data: Data) {
        let name = &self.target(name).to_owned();
        let old = self.variables.get(name).cloned().unwrap_or_default();
        self.variables.insert(name.to_owned(), Variable { data, ..old });
    }

    /// Makes an indexed array.
    pub fn set_array(&mut self, name: &str, values: Vec<String>) {
        let items = values.into_iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect();
        self.set_data(name, Data::Array(false, Rc::new(items)));
    }

    /// Fails if a variable is read-only.
    pub fn writable(&mut self, p: &mut Process, name: &str) -> Result<(), Flow> {
        if self.variables.get(self.target(name)).is_some_and(|v| v.readonly) {
            let text = if self.bash() { "readonly variable" } else { "is read only" };
            return Err(self.fatal(p, &format!("{name}: {text}")));
        }
        Ok(())
    }

    /// Sets a variable as an assignment does.
    pub fn assign(&mut self, p: &mut Process, name: &str, value: &str) -> Result<(), Flow> {
        self.writable(p, name)?;
        let target = self.target(name);
        // A reference may name an item.
        if target != name && item_of(target).is_some() {
            let place = target.to_owned();
            return self.set_place(p, &place, value);
        }
        let variable = self.variables.get(target);
        match (variable.is_some_and(|v| v.integer), variable.and_then(|v| v.case)) {
            (true, _) => {
                let number = self.arithmetic(p, value)?;
                self.set(name, &number.to_string());
            }
            (_, Some('u')) => self.set(name, &value.to_ascii_uppercase()),
            (_, Some(_)) => self.set(name, &value.to_ascii_lowercase()),
            _ => self.set(name, value),
        }
        if name == "SECONDS" && self.bash() {
            self.seconds = value.parse::<i64>().unwrap_or(0).wrapping_sub(p.system.state.clock.as_secs() as i64);
        }
        if name == "LC_ALL" && self.bash() && !super::has_locale(p, value) {
            let text = format!("warning: setlocale: LC_ALL: cannot change locale ({value}): No such file or directory");
            let outer = self.builtin.take();
            self.complain(p, &text);
            self.builtin = outer;
        }
        if name == "OPTIND" {
            self.getopts = (value.parse().unwrap_or(1), 0);
        }
        Ok(())
    }

    /// What errors begin with.
    pub fn prefix(&self) -> String {
        let mut prefix = match &self.file {
            Some(file) if self.bash() => file.clone(),
            _ => self.name.clone(),
        };
        prefix += ": ";
        let label = |prefix: &mut String| {
            if let Some(name) = self.builtin.as_ref().filter(|b| **b != self.name) {
                prefix.push_str(name);
                prefix.push_str(": ");
            }
        };
        match self.dialect {
            Dialect::Ash => {
                label(&mut prefix);
                let named = self.origin == Origin::Script || self.named;
                if named || (self.builtin.is_some() && self.origin != Origin::Terminal) {
                    prefix += &format!("line {}: ", self.line);
                }
            }
            Dialect::Dash => {
                prefix += &format!("{}: ", self.line);
                label(&mut prefix);
            }
            Dialect::Bash => {
                if self.origin != Origin::Terminal || self.file.is_some() {
                    prefix += &format!("line {}: ", self.line);
                }
                label(&mut prefix);
            }
        }
        prefix
    }

    /// Prints an error.
    pub fn complain(&self, p: &mut Process, text: &str) {
        p.err(format!("{}{text}\n", self.prefix()));
    }

    /// An error that ends a shell that is not interactive; bash goes on with the next line.
    pub fn fatal(&mut self, p: &mut Process, text: &str) -> Flow {
        self.complain(p, text);
        Flow::Error(if self.bash() { 1 } else { 2 })
    }

    /// The same for parameters that are not set, which end bash too.
    pub fn fatal_unset(&mut self, p: &mut Process, text: &str) -> Flow {
        self.complain(p, text);
        match self.dialect {
            Dialect::Bash if self.origin == Origin::Text && !self.subshell && !self.options.errexit => Flow::Exit(127),
            Dialect::Bash => Flow::Exit(1),
            _ => Flow::Error(2),
        }
    }
}

/// Where bash keeps a key of an associative array: FNV-1, 1024 buckets; in a bucket the newest comes first.
fn bucket(key: &str) -> u32 {
    key.bytes().fold(2_166_136_261, |hash: u32, byte| hash.wrapping_mul(16_777_619) ^ byte as u32) % 1024
}

/// The key of an indexed array.
fn number(key: &str) -> i64 {
    key.parse().unwrap_or(0)
}

/// The array and the key of `name[key]`.
pub fn item_of(place: &str) -> Option<(&str, &str)> {
    place.strip_suffix(']')?.split_once('[')
}

/// Where a key is among the items, or where it would be.
fn find(associative: bool, items: &[(String, String)], key: &str) -> Result<usize, usize> {
    if !associative {
        return items.binary_search_by(|(k, _)| number(k).cmp(&number(key)));
    }
    let start = items.partition_point(|(k, _)| bucket(k) < bucket(key));
    let own = items[start..].iter().take_while(|(k, _)| bucket(k) == bucket(key)).position(|(k, _)| k == key);
    own.map_or(Err(start), |at| Ok(start + at))
}

/// Sets an item; they stay in bash's order.
pub fn put(associative: bool, items: &mut Vec<(String, String)>, key: &str, value: &str) {
    match find(associative, items, key) {
        Ok(at) => items[at].1 = value.to_owned(),
        Err(at) => items.insert(at, (key.to_owned(), value.to_owned())),
    }
}
