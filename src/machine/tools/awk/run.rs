//! Walks the tree of an awk program.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::input::{Separator, Source};
use super::lex::unescape;
use super::output::{Outputs, capture};
use super::parse::{Expr, Pattern, Program, Slot, Stmt};
use super::value::{Array, Value};
use super::{Fault, fault};
use crate::machine::regex::{Regex, Syntax};
use crate::machine::tools::options::Options;
use crate::machine::{Process, errno};

/// Deepest nesting of calls.
const MAX_CALLS: usize = 200;
/// Most fields of a record.
const MAX_FIELDS: usize = 100_000;

/// The variables that the language knows, in the order of their slots.
pub const SPECIAL: &[&str] =
    &["NR", "FNR", "NF", "FS", "OFS", "ORS", "RS", "FILENAME", "SUBSEP", "RSTART", "RLENGTH", "CONVFMT", "OFMT", "ENVIRON", "ARGC", "ARGV"];
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

    // Input.

    fn separator(&mut self) -> Ran<Separator> {
        let text = self.special(RS);
        Ok(match text.as_ref() {
            [] => Separator::Paragraph,
            [byte] => Separator::Byte(*byte),
            _ => Separator::Match(self.regex(&text)?),
        })
    }

    /// The next record of the operands' files.
    fn read_main(&mut self) -> Ran<Option<Vec<u8>>> {
        loop {
            if !self.p.burn(5) {
                return Err(Flow::Exit);
            }
            if self.main.is_none() && !self.open_next()? {
                return Ok(None);
            }
            let separator = self.separator()?;
            let Some(source) = &mut self.main else { return Ok(None) };
            match source.next(self.p, &separator) {
                Some(record) => {
                    for slot in [NR, FNR] {
                        let count = self.global(slot).number() + 1.0;
                        self.globals[slot] = Cell::Value(Value::Number(count));
                    }
                    return Ok(Some(record));
                }
                None => self.main = None,
            }
        }
    }

    fn open_next(&mut self) -> Ran<bool> {
        loop {
            let count = self.global(ARGC).number() as usize;
            if self.next_arg >= count {
                let first = !self.any_file;
                self.any_file = true;
                self.main = first.then(Source::stdin);
                return Ok(first);
            }
            let key: Rc<[u8]> = self.next_arg.to_string().into_bytes().into();
            self.next_arg += 1;
            let Cell::Array(argv) = &self.globals[ARGV] else { return Ok(false) };
            let arg = if argv.borrow().has(&key) { argv.borrow_mut().entry(&key).clone() } else { Value::Unset };
            let name = String::from_utf8_lossy(&self.text_of(&arg)).into_owned();
            if name.is_empty() || self.assign_text(&name) {
                continue;
            }
            self.any_file = true;
            let opened = match name.as_str() {
                "-" | "/dev/stdin" => Ok(Source::stdin()),
                name if self.p.is_dir(name) => Err(crate::filesystem::Errno::IsADirectory),
                name => self.p.read(name).map(Source::of),
            };
            match opened {
                Ok(source) => {
                    self.main = Some(source);
                    self.globals[FILENAME] = Cell::Value(Value::text(name.as_bytes()));
                    self.globals[FNR] = Cell::Value(Value::Number(0.0));
                    return Ok(true);
                }
                Err(e) => {
                    let busybox = self.p.busybox();
                    self.status = if busybox { 1 } else { 2 };
                    let why = errno::text(e);
                    if busybox && e == crate::filesystem::Errno::IsADirectory {
                        return Err(self.fail(why));
                    }
                    let text = if busybox { format!("{name}: {why}") } else { format!("cannot open {name} ({why})") };
                    self.p.fail(&text);
                }
            }
        }
    }

    fn getline(&mut self, kind: u8, from: Option<&Expr>, target: Option<&Expr>) -> Ran<Value> {
        let (record, main) = match from {
            None => (self.read_main()?, true),
            Some(from) => {
                let name = String::from_utf8_lossy(&self.text(from)?).into_owned();
                if !self.inputs.contains_key(&name) {
                    self.outputs.flush(self.p);
                    let source = match kind {
                        b'|' => {
                            let (data, status) = capture(self.p, &name);
                            self.statuses.insert(name.clone(), status);
                            Source::of(data)
                        }
                        _ if name == "-" || name == "/dev/stdin" => Source::stdin(),
                        _ if self.p.is_dir(&name) => return Ok(Value::Number(-1.0)),
                        _ => match self.p.read(&name) {
                            Ok(data) => Source::of(data),
                            Err(_) => return Ok(Value::Number(-1.0)),
                        },
                    };
                    self.inputs.insert(name.clone(), source);
                }
                let separator = self.separator()?;
                let Some(source) = self.inputs.get_mut(&name) else { return Ok(Value::Number(-1.0)) };
                (source.next(self.p, &separator), false)
            }
        };
        let Some(record) = record else { return Ok(Value::Number(0.0)) };
        if !main && kind == b'|' {
            let count = self.global(NR).number() + 1.0;
            self.globals[NR] = Cell::Value(Value::Number(count));
        }
        match target {
            Some(place) => self.store(place, Value::outside(&record))?,
            None => self.set_record(record),
        }
        Ok(Value::Number(1.0))
    }

    /// Ends reading from `name`; whether it was read from.
    pub fn close_input(&mut self, name: &str) -> bool {
        self.inputs.remove(name).is_some()
    }

    // The record and its fields.

    fn set_record(&mut self, record: Vec<u8>) {
        self.record = record.into();
        self.fields = None;
        self.stale = false;
    }

    fn whole(&mut self) -> Ran<Rc<[u8]>> {
        if self.stale {
            let separator = self.special(OFS);
            let fields = self.fields.clone().unwrap_or_default();
            let parts: Vec<Rc<[u8]>> = fields.iter().map(|f| self.text_of(f)).collect();
            self.record = parts.iter().map(|p| p.as_ref()).collect::<Vec<_>>().join(separator.as_ref()).into();
            self.stale = false;
        }
        Ok(self.record.clone())
    }

    fn fields(&mut self) -> Ran<&mut Vec<Value>> {
        if self.fields.is_none() {
            let record = self.record.clone();
            let separator = self.special(FS);
            let parts = self.split(&record, &separator, true)?;
            self.fields = Some(parts.iter().map(|f| Value::outside(f)).collect());
        }
        Ok(self.fields.get_or_insert_default())
    }

    /// The parts of `text` between matches of `separator`.
    pub fn split(&mut self, text: &[u8], separator: &[u8], is_record: bool) -> Ran<Vec<Vec<u8>>> {
        self.p.burn(text.len() as u64 / 16);
        let paragraph = is_record && self.special(RS).is_empty();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        Ok(match separator {
            b" " => text.split(u8::is_ascii_whitespace).filter(|f| !f.is_empty()).map(<[u8]>::to_vec).collect(),
            [] => text.iter().map(|b| vec![*b]).collect(),
            [byte] if *byte != b'\\' => text.split(|b| b == byte || paragraph && *b == b'\n').map(<[u8]>::to_vec).collect(),
            _ => {
                let regex = self.regex(separator)?;
                let (mut parts, mut from) = (Vec::new(), 0);
                while let Some((start, end)) = regex.find(text, from).and_then(|c| c[0]).filter(|(a, b)| a < b) {
                    parts.push(text[from..start].to_vec());
                    from = end;
                }
                parts.push(text[from..].to_vec());
                parts
            }
        })
    }

    fn field(&mut self, number: f64) -> Ran<Value> {
        if number < 0.0 {
            return Err(self.fail("Access to negative field"));
        }
        Ok(match number as usize {
            0 => Value::outside(&self.whole()?),
            n => self.fields()?.get(n - 1).cloned().unwrap_or(Value::Unset),
        })
    }

    fn set_field(&mut self, number: f64, value: Value) -> Ran<()> {
        if number < 0.0 || number > MAX_FIELDS as f64 {
            return Err(self.fail("Access to negative field"));
        }
        match number as usize {
            0 => {
                let text = self.text_of(&value).to_vec();
                self.set_record(text);
            }
            n => {
                let fields = self.fields()?;
                if fields.len() < n {
                    fields.resize(n, Value::Unset);
                }
                fields[n - 1] = value;
                self.stale = true;
            }
        }
        Ok(())
    }

    // Variables.

    /// An error of the running program.
    pub fn fail(&self, text: &str) -> Flow {
        Flow::Fail(fault(1, text))
    }

    /// The value of FS.
    pub fn field_separator(&self) -> Rc<[u8]> {
        self.special(FS)
    }

    /// Whether a variable holds an array.
    pub fn is_array(&self, slot: Slot) -> bool {
        matches!(
            match slot {
                Slot::Global(i) => &self.globals[i],
                Slot::Local(i) => &self.locals[i],
            },
            Cell::Array(_)
        )
    }

    fn global(&self, slot: usize) -> Value {
        match &self.globals[slot] {
            Cell::Value(value) => value.clone(),
            Cell::Array(_) => Value::Unset,
        }
    }

    fn special(&self, slot: usize) -> Rc<[u8]> {
        self.global(slot).bytes(b"%.6g", self.p.busybox())
    }

    fn get(&mut self, slot: Slot) -> Ran<Value> {
        Ok(match slot {
            Slot::Global(NF) => Value::Number(self.fields()?.len() as f64),
            Slot::Global(i) => self.global(i),
            Slot::Local(i) => match &self.locals[i] {
                Cell::Value(value) => value.clone(),
                Cell::Array(_) => Value::Unset,
            },
        })
    }

    /// Sets a variable.
    pub fn set(&mut self, slot: Slot, value: Value) -> Ran<()> {
        match slot {
            Slot::Global(NF) => {
                let count = value.number().clamp(0.0, MAX_FIELDS as f64) as usize;
                self.fields()?.resize(count, Value::Unset);
                self.stale = true;
            }
            Slot::Global(i) => {
                // The present record is split as things stood when it was read.
                if i == FS {
                    self.fields()?;
                }
                self.globals[i] = Cell::Value(value);
            }
            Slot::Local(i) => self.locals[i] = Cell::Value(value),
        }
        Ok(())
    }

    /// The array in a variable, made if there is none.
    pub fn array(&mut self, slot: Slot) -> Table {
        let cell = match slot {
            Slot::Global(i) => &mut self.globals[i],
            Slot::Local(i) => &mut self.locals[i],
        };
        if let Cell::Array(array) = cell {
            return array.clone();
        }
        let array = Table::default();
        *cell = Cell::Array(array.clone());
        array
    }

    fn key(&mut self, index: &[Expr]) -> Ran<Rc<[u8]>> {
        if let [only] = index {
            return self.text(only);
        }
        let parts = index.iter().map(|e| self.text(e)).collect::<Ran<Vec<_>>>()?;
        let separator = self.special(SUBSEP);
        Ok(parts.iter().map(|p| p.as_ref()).collect::<Vec<_>>().join(separator.as_ref()).into())
    }

    /// Sets what a place names.
    pub fn store(&mut self, place: &Expr, value: Value) -> Ran<()> {
        match place {
            Expr::Var(slot) => self.set(*slot, value),
            Expr::Field(number) => {
                let number = self.number(number)?;
                self.set_field(number, value)
            }
            Expr::Index(slot, index) => {
                let key = self.key(index)?;
                *self.array(*slot).borrow_mut().entry(&key) = value;
                Ok(())
            }
            Expr::List(list) if list.len() == 1 => self.store(&list[0], value),
            _ => Ok(()),
        }
    }

    // Values.

    /// The text of a value, numbers in CONVFMT.
    pub fn text_of(&self, value: &Value) -> Rc<[u8]> {
        match value {
            Value::Number(_) => value.bytes(&self.special(CONVFMT), self.p.busybox()),
            value => value.bytes(b"", true),
        }
    }

    /// The text of an expression.
    pub fn text(&mut self, expr: &Expr) -> Ran<Rc<[u8]>> {
        let value = self.eval(expr)?;
        Ok(self.text_of(&value))
    }

    /// The number of an expression.
    pub fn number(&mut self, expr: &Expr) -> Ran<f64> {
        Ok(self.eval(expr)?.number())
    }

    fn truth(&mut self, expr: &Expr) -> Ran<bool> {
        Ok(self.eval(expr)?.truth())
    }

    /// The expression that `text` is.
    pub fn regex(&mut self, text: &[u8]) -> Ran<Rc<Regex>> {
        if let Some(regex) = self.regexes.get(text) {
            return Ok(regex.clone());
        }
        let regex = Regex::new(text, Syntax { extended: true, ..Syntax::default() })
            .map_err(|e| self.fail(&format!("bad regex '{}': {e}", String::from_utf8_lossy(text))))?;
        let regex = Rc::new(regex);
        self.regexes.insert(text.into(), regex.clone());
        Ok(regex)
    }

    /// The regular expression that an operand of `~`, `match`, `sub` … is.
    pub fn pattern(&mut self, expr: &Expr) -> Ran<Rc<Regex>> {
        let text = match expr {
            Expr::Regex(text) => text.clone(),
            Expr::List(list) if list.len() == 1 => return self.pattern(&list[0]),
            expr => self.text(expr)?,
        };
        self.regex(&text)
    }

    /// The value of an expression.
    pub fn eval(&mut self, expr: &Expr) -> Ran<Value> {
        let truth = |b: bool| Value::Number(if b { 1.0 } else { 0.0 });
        Ok(match expr {
            Expr::Number(n) => Value::Number(*n),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(text) => {
                let (regex, record) = (self.regex(text)?, self.whole()?);
                truth(regex.is_match(&record))
            }
            Expr::Var(slot) => self.get(*slot)?,
            Expr::Field(number) => {
                let number = self.number(number)?;
                self.field(number)?
            }
            Expr::Index(slot, index) => {
                let key = self.key(index)?;
                self.array(*slot).borrow_mut().entry(&key).clone()
            }
            Expr::Assign(None, place, value) => {
                let value = self.eval(value)?;
                self.store(place, value.clone())?;
                value
            }
            Expr::Assign(Some(op), place, value) => {
                let right = self.number(value)?;
                let left = self.number(place)?;
                let value = Value::Number(self.arithmetic(*op, left, right)?);
                self.store(place, value.clone())?;
                value
            }
            Expr::Step(by, before, place) => {
                let old = self.number(place)?;
                self.store(place, Value::Number(old + by))?;
                Value::Number(if *before { old } else { old + by })
            }
            Expr::Cond(condition, yes, no) => {
                let chosen = if self.truth(condition)? { yes } else { no };
                self.eval(chosen)?
            }
            Expr::And(a, b) => truth(self.truth(a)? && self.truth(b)?),
            Expr::Or(a, b) => truth(self.truth(a)? || self.truth(b)?),
            Expr::Not(a) => truth(!self.truth(a)?),
            Expr::Minus(a) => Value::Number(-self.number(a)?),
            Expr::Plus(a) => Value::Number(self.number(a)?),
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                Value::Number(self.arithmetic(*op, a, b)?)
            }
            Expr::Compare(op, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                truth(self.compare(op, &a, &b))
            }
            Expr::Concat(a, b) => {
                let (a, b) = (self.text(a)?, self.text(b)?);
                if !self.p.system.burn_bytes((a.len() + b.len()) as u64 / 16) {
                    return Err(Flow::Exit);
                }
                Value::Text([a.as_ref(), b.as_ref()].concat().into())
            }
            Expr::Match(not, text, pattern) => {
                let text = self.text(text)?;
                let regex = self.pattern(pattern)?;
                self.p.burn(text.len() as u64 / 8);
                truth(regex.is_match(&text) != *not)
            }
            Expr::In(index, slot) => {
                let key = self.key(index)?;
                truth(self.array(*slot).borrow().has(&key))
            }
            Expr::Call(number, args) => self.call(*number, args)?,
            Expr::Builtin(name, args) => self.builtin(name, args)?,
            Expr::Getline(kind, from, target) => self.getline(*kind, from.as_deref(), target.as_deref())?,
            Expr::List(list) => match list.as_slice() {
                [only] => self.eval(only)?,
                list => Value::Text(self.key(list)?),
            },
        })
    }

    fn arithmetic(&self, op: u8, a: f64, b: f64) -> Ran<f64> {
        if b == 0.0 && matches!(op, b'/' | b'%') && self.p.busybox() {
            return Err(self.fail("Division by zero"));
        }
        Ok(match op {
            b'+' => a + b,
            b'-' => a - b,
            b'*' => a * b,
            b'/' => a / b,
            b'%' => a % b,
            b'^' if self.p.debian_busybox() => return Err(self.fail("Math support is not compiled in")),
            _ => a.powf(b),
        })
    }

    fn compare(&self, op: &str, a: &Value, b: &Value) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let order =
            if a.is_number() && b.is_number() { a.number().partial_cmp(&b.number()) } else { Some(self.text_of(a).cmp(&self.text_of(b))) };
        match op {
            "<" => order == Some(Less),
            "<=" => matches!(order, Some(Less | Equal)),
            "==" => order == Some(Equal),
            "!=" => order != Some(Equal),
            ">" => order == Some(Greater),
            _ => matches!(order, Some(Greater | Equal)),
        }
    }

    fn call(&mut self, number: usize, args: &[Expr]) -> Ran<Value> {
        let program = self.program;
        let function = &program.functions[number];
        if self.calls >= MAX_CALLS || !self.p.burn(20) {
            self.p.system.halt("awk functions nested too deeply");
            return Err(Flow::Exit);
        }
        let mut cells = Vec::new();
        // A variable never used may become an array inside: then it is the caller's.
        let mut fresh = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            let cell = match arg {
                Expr::Var(slot) if *slot != Slot::Global(NF) => {
                    let cell = match slot {
                        Slot::Global(i) => self.globals[*i].clone(),
                        Slot::Local(i) => self.locals[*i].clone(),
                    };
                    if matches!(cell, Cell::Value(Value::Unset)) {
                        fresh.push((i, *slot));
                    }
                    cell
                }
                arg => Cell::Value(self.eval(arg)?),
            };
            cells.push(cell);
        }
        cells.resize(function.params, Cell::Value(Value::Unset));
        let outer = std::mem::replace(&mut self.locals, cells);
        self.calls += 1;
        let result = function.body.as_ref().map_or(Ok(()), |body| self.run(body));
        self.calls -= 1;
        let cells = std::mem::replace(&mut self.locals, outer);
        for (i, slot) in fresh {
            if let Some(cell @ Cell::Array(_)) = cells.get(i) {
                match slot {
                    Slot::Global(at) => self.globals[at] = cell.clone(),
                    Slot::Local(at) => self.locals[at] = cell.clone(),
                }
            }
        }
        match result {
            Ok(()) => Ok(Value::Unset),
            Err(Flow::Return(value)) => Ok(value),
            Err(flow) => Err(flow),
        }
    }

    // Statements.

    fn run(&mut self, statement: &Stmt) -> Ran<()> {
        if !self.p.burn(3) {
            return Err(Flow::Exit);
        }
        match statement {
            Stmt::Expr(expr) => self.eval(expr).map(|_| ()),
            Stmt::Print(args, to) => {
                let mut text = Vec::new();
                if args.is_empty() {
                    text.extend_from_slice(&self.whole()?);
                }
                let (between, format) = (self.special(OFS), self.special(OFMT));
                for (i, arg) in args.iter().enumerate() {
                    if i > 0 {
                        text.extend_from_slice(&between);
                    }
                    let value = self.eval(arg)?;
                    text.extend_from_slice(&value.bytes(&format, self.p.busybox()));
                }
                text.extend_from_slice(&self.special(ORS));
                self.write(&text, to)
            }
            Stmt::Printf(args, to) => {
                let text = self.format(args)?;
                self.write(&text, to)
            }
            Stmt::If(condition, then, other) => {
                if self.truth(condition)? {
                    self.run(then)
                } else {
                    other.as_ref().map_or(Ok(()), |o| self.run(o))
                }
            }
            Stmt::While(condition, body) => {
                while self.truth(condition)? && self.round(body)? {}
                Ok(())
            }
            Stmt::Do(body, condition) => {
                while self.round(body)? && self.truth(condition)? {}
                Ok(())
            }
            Stmt::For(first, condition, step, body) => {
                first.as_ref().map_or(Ok(()), |f| self.run(f))?;
                while condition.as_ref().map_or(Ok(true), |c| self.truth(c))? && self.round(body)? {
                    step.as_ref().map_or(Ok(()), |s| self.run(s))?;
                }
                Ok(())
            }
            Stmt::ForIn(var, array, body) => {
                let array = self.array(*array);
                let keys = array.borrow().keys();
                for key in keys {
                    self.set(*var, Value::outside(&key))?;
                    if !self.round(body)? {
                        break;
                    }
                }
                Ok(())
            }
            Stmt::Block(body) => body.iter().try_for_each(|s| self.run(s)),
            Stmt::Next => Err(Flow::Next),
            Stmt::NextFile => Err(Flow::NextFile),
            Stmt::Exit(value) => {
                if let Some(value) = value {
                    self.status = self.number(value)? as i32 & 255;
                }
                Err(Flow::Exit)
            }
            Stmt::Return(value) => {
                let value = value.as_ref().map_or(Ok(Value::Unset), |v| self.eval(v))?;
                Err(Flow::Return(value))
            }
            Stmt::Break => Err(Flow::Break),
            Stmt::Continue => Err(Flow::Continue),
            Stmt::Delete(slot, index) => {
                let key = index.as_ref().map(|i| self.key(i)).transpose()?;
                let array = self.array(*slot);
                match key {
                    Some(key) => array.borrow_mut().remove(&key),
                    None => array.borrow_mut().clear(),
                }
                Ok(())
            }
        }
    }

    /// The body of a loop once; `false`: `break`.
    fn round(&mut self, body: &Stmt) -> Ran<bool> {
        match self.run(body) {
            Ok(()) | Err(Flow::Continue) => Ok(self.p.burn(1)),
            Err(Flow::Break) => Ok(false),
            Err(flow) => Err(flow),
        }
    }

    fn write(&mut self, text: &[u8], to: &Option<(&'static str, Expr)>) -> Ran<()> {
        let Some((mark, name)) = to else {
            self.p.out(text);
            return if self.p.alive() { Ok(()) } else { Err(Flow::Exit) };
        };
        let name = String::from_utf8_lossy(&self.text(name)?).into_owned();
        self.outputs.write(self.p, mark, &name, text).map_err(|e| {
            let text = format!("can't open '{name}': {}", errno::text(e));
            self.p.fail(&text);
            self.status = 1;
            Flow::Exit
        })
    }
}
