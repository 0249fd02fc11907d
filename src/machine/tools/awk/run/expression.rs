//! The values of expressions.

use std::rc::Rc;

use super::{Awk, CONVFMT, Cell, Flow, IGNORECASE, MAX_CALLS, NF, Ran};
use crate::machine::regex::{Regex, Syntax};
use crate::machine::tools::awk::tree::{Expr, Slot};
use crate::machine::tools::awk::value::Value;

impl Awk<'_, '_> {
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

    pub(super) fn truth(&mut self, expr: &Expr) -> Ran<bool> {
        Ok(self.eval(expr)?.truth())
    }

    /// The expression that `text` is.
    pub fn regex(&mut self, text: &[u8]) -> Ran<Rc<Regex>> {
        self.compiled(text, false)
    }

    /// What is no extended expression is a basic one if it may be `loose`.
    fn compiled(&mut self, text: &[u8], loose: bool) -> Ran<Rc<Regex>> {
        let ignore_case = self.folds();
        let key: Rc<[u8]> = [&[u8::from(ignore_case), u8::from(loose)], text].concat().into();
        if let Some(regex) = self.regexes.get(&key) {
            return Ok(regex.clone());
        }
        let busybox = self.p.busybox();
        let syntax = Syntax { extended: true, ignore_case, strict: busybox, ..Syntax::default() };
        let basic = Syntax { extended: false, ..syntax };
        let found = Regex::new(text, syntax).or_else(|why| if loose { Regex::new(text, basic) } else { Err(why) });
        let regex = found.map_err(|e| self.die(&crate::machine::tools::awk::bad_regex(text, &e)))?;
        let regex = Rc::new(regex);
        self.regexes.insert(key, regex.clone());
        Ok(regex)
    }

    /// Whether letters match both cases.
    pub(super) fn folds(&self) -> bool {
        self.p.busybox() && self.global(IGNORECASE).truth()
    }

    /// The regular expression that an operand of `~`, `match`, `sub` … is.
    pub fn pattern(&mut self, expr: &Expr) -> Ran<Rc<Regex>> {
        let text = match expr {
            Expr::Regex(text) => return self.regex(text),
            Expr::List(list) if list.len() == 1 => return self.pattern(&list[0]),
            expr => self.text(expr)?,
        };
        self.compiled(&text, self.p.busybox())
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
}
