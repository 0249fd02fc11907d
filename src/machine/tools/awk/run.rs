//! Walks the tree of an awk program.

mod expression;
mod input;
mod record;
mod statement;
mod variable;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::input::Source;
use super::lex::unescape;
use super::output::Outputs;
use super::tree::{Pattern, Program, Slot};
use super::value::{Array, Value};
use super::{Fault, fault};
use crate::machine::Process;
use crate::machine::regex::Regex;
use crate::machine::tools::options::Options;

/// Deepest nesting of calls.
const MAX_CALLS: usize = 200;
/// Most fields of a record.
const MAX_FIELDS: usize = 100_000;

/// The variables that the language knows, in the order of their slots.
pub const SPECIAL: &[&str] = &[
    "NR",
    "FNR",
    "NF",
    "FS",
    "OFS",
    "ORS",
    "RS",
    "FILENAME",
    "SUBSEP",
    "RSTART",
    "RLENGTH",
    "CONVFMT",
    "OFMT",
    "ENVIRON",
    "ARGC",
    "ARGV",
    "IGNORECASE",
];
const NR: usize = 0;
const FNR: usize = 1;
const NF: usize = 2;
const FS: usize = 3;
const OFS: usize = 4;
const ORS: usize = 5;
const RS: usize = 6;
const FILENAME: usize = 7;
const SUBSEP: usize = 8;
pub(super) const RSTART: usize = 9;
pub(super) const RLENGTH: usize = 10;
const CONVFMT: usize = 11;
const OFMT: usize = 12;
const ENVIRON: usize = 13;
const ARGC: usize = 14;
const ARGV: usize = 15;
const IGNORECASE: usize = 16;

/// Why a statement did not come to its end.
#[derive(Debug)]
pub enum Flow {
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `next`.
    Next,
    /// `nextfile`.
    NextFile,
    /// `exit`.
    Exit,
    /// `return`.
    Return(Value),
    /// An error.
    Fail(Fault),
}

/// What came of something.
pub type Ran<T> = Result<T, Flow>;

type Table = Rc<RefCell<Array>>;

/// What a variable holds.
#[derive(Debug, Clone)]
enum Cell {
    Value(Value),
    Array(Table),
}

/// A running program.
#[derive(Debug)]
pub struct Awk<'a, 's> {
    /// The process that it is.
    pub p: &'a mut Process<'s>,
    program: &'a Program,
    globals: Vec<Cell>,
    locals: Vec<Cell>,
    calls: usize,
    record: Rc<[u8]>,
    /// The fields, once the record is split.
    fields: Option<Vec<Value>>,
    /// A field was set: the record must be joined.
    stale: bool,
    /// Open files and commands that are written.
    pub outputs: Outputs,
    inputs: BTreeMap<String, Source>,
    /// The exit statuses of commands that were read.
    pub statuses: BTreeMap<String, i32>,
    regexes: BTreeMap<Rc<[u8]>, Rc<Regex>>,
    main: Option<Source>,
    next_arg: usize,
    any_file: bool,
    active: Vec<bool>,
    status: i32,
    /// State of `rand`.
    pub random: Vec<u32>,
    /// The seed of `rand`.
    pub seed: u32,
}

/// Runs a program with the options of the command line: its exit status.
pub fn run(p: &mut Process, program: &Program, options: &Options) -> Result<i32, Fault> {
    let mut awk = Awk {
        p,
        program,
        globals: vec![Cell::Value(Value::Unset); program.globals.len()],
        locals: Vec::new(),
        calls: 0,
        record: Rc::from([]),
        fields: None,
        stale: false,
        outputs: Outputs::default(),
        inputs: BTreeMap::new(),
        statuses: BTreeMap::new(),
        regexes: BTreeMap::new(),
        main: None,
        next_arg: 1,
        any_file: false,
        active: vec![false; program.rules.len()],
        status: 0,
        random: Vec::new(),
        seed: 1,
    };
    awk.prepare(options);
    let result = awk.all();
    awk.outputs.close_all(awk.p);
    match result {
        Err(Flow::Fail(fault)) => Err(fault),
        _ => Ok(awk.status),
    }
}

impl Awk<'_, '_> {
    fn prepare(&mut self, options: &Options) {
        let busybox = self.p.busybox();
        for (slot, text) in
            [(FS, " "), (OFS, " "), (ORS, "\n"), (RS, "\n"), (SUBSEP, "\u{1c}"), (CONVFMT, "%.6g"), (OFMT, "%.6g"), (FILENAME, "")]
        {
            self.globals[slot] = Cell::Value(Value::text(text.as_bytes()));
        }
        for slot in [NR, FNR, NF, RSTART] {
            self.globals[slot] = Cell::Value(Value::Number(0.0));
        }
        self.globals[RLENGTH] = Cell::Value(Value::Number(-1.0));
        let mut environ = Array::default();
        for (name, value) in &self.p.env {
            *environ.entry(&Rc::from(name.as_bytes())) = Value::outside(value.as_bytes());
        }
        self.globals[ENVIRON] = Cell::Array(Rc::new(RefCell::new(environ)));
        let mut argv = Array::default();
        for (i, arg) in std::iter::once(&"awk".to_owned()).chain(&options.operands).enumerate() {
            *argv.entry(&Rc::from(i.to_string().as_bytes())) = Value::outside(arg.as_bytes());
        }
        self.globals[ARGC] = Cell::Value(Value::Number(argv.len() as f64));
        self.globals[ARGV] = Cell::Array(Rc::new(RefCell::new(argv)));
        if let Some(separator) = options.value('F') {
            let separator = if separator == "t" && !busybox { b"\t".to_vec() } else { unescape(separator, busybox) };
            self.globals[FS] = Cell::Value(Value::text(&separator));
        }
        for text in options.values('v') {
            self.assign_text(text);
        }
    }

    /// `NAME=VALUE` of the command line; `false` if `text` is none.
    fn assign_text(&mut self, text: &str) -> bool {
        let Some((name, value)) = text.split_once('=').filter(|(n, _)| crate::machine::shell::parse::is_name(n)) else { return false };
        if let Some(slot) = self.program.globals.iter().position(|g| g == name) {
            let value = Value::outside(&unescape(value, self.p.busybox()));
            // Setting NF alone can fail, and only for a number out of all bounds.
            let _ = self.set(Slot::Global(slot), value);
        }
        true
    }

    fn all(&mut self) -> Ran<()> {
        let program = self.program;
        let rules = |wanted: fn(&Pattern) -> bool| program.rules.iter().filter(move |(pattern, _)| wanted(pattern));
        let mut result = Ok(());
        for (_, action) in rules(|p| matches!(p, Pattern::Begin)) {
            if result.is_ok() {
                result = action.as_ref().map_or(Ok(()), |a| self.run(a));
            }
        }
        let reads = rules(|p| !matches!(p, Pattern::Begin)).next().is_some();
        if result.is_ok() && reads {
            result = self.records();
        }
        if let Err(Flow::Fail(_)) = result {
            return result;
        }
        for (_, action) in rules(|p| matches!(p, Pattern::End)) {
            // `exit` in BEGIN or a rule still runs END, in busybox as in POSIX.
            if let Some(Err(flow)) = action.as_ref().map(|a| self.run(a)) {
                return Err(flow);
            }
        }
        Ok(())
    }

    fn records(&mut self) -> Ran<()> {
        let program = self.program;
        while let Some(record) = self.read_main()? {
            self.set_record(record);
            for (i, (pattern, action)) in program.rules.iter().enumerate() {
                if !self.selected(i, pattern)? {
                    continue;
                }
                let result = match action {
                    Some(action) => self.run(action),
                    None => self.print_record(),
                };
                match result {
                    Ok(()) => {}
                    Err(Flow::Next) => break,
                    Err(Flow::NextFile) => {
                        self.main = None;
                        break;
                    }
                    Err(flow) => return Err(flow),
                }
            }
        }
        Ok(())
    }

    fn print_record(&mut self) -> Ran<()> {
        let record = self.whole()?;
        let end = self.special(ORS);
        self.p.out(&record);
        self.p.out(&end);
        Ok(())
    }

    fn selected(&mut self, i: usize, pattern: &Pattern) -> Ran<bool> {
        Ok(match pattern {
            Pattern::Begin | Pattern::End => false,
            Pattern::Always => true,
            Pattern::When(expr) => self.truth(expr)?,
            Pattern::Range(from, to) => {
                if !self.active[i] && !self.truth(from)? {
                    return Ok(false);
                }
                self.active[i] = !self.truth(to)?;
                true
            }
        })
    }

    /// An error that has nothing to do with a line of the program.
    pub fn die(&self, text: &str) -> Flow {
        Flow::Fail(fault(if self.p.busybox() { 0 } else { 1 }, text))
    }

    /// An error of the running program.
    pub fn fail(&self, text: &str) -> Flow {
        Flow::Fail(fault(1, text))
    }
}
