//! bc and dc: numbers of any length.

mod dc;
mod number;
mod parse;

pub use dc::dc;

use super::options::{escaped, of};
use crate::base::Map;
use crate::machine::Process;
use number::{Number, lines};
use parse::{Expression, Function, Statement, parse};

const MAX_DEPTH: usize = 100;

/// Why statements stop.
enum Stop {
    Break,
    Continue,
    Return(Number),
    Quit,
    /// An error: its text.
    Error(String),
}

#[derive(Default)]
struct Machine {
    variables: Map<String, Number>,
    arrays: Map<String, Map<i64, Number>>,
    functions: Map<String, Function>,
    scale: usize,
    input: u32,
    output: u32,
    last: Number,
    library: bool,
    depth: usize,
}

type Value = Result<Number, Stop>;

/// bc.
pub fn bc(p: &mut Process) -> i32 {
    let long = [("mathlib", 'l'), ("quiet", 'q'), ("standard", 's'), ("warn", 'w'), ("interactive", 'i'), ("version", 'v')];
    let options = match of(p, "lqswiv", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.has('v') {
        p.out("bc 1.07.1\nCopyright 1991-1994, 1997, 1998, 2000, 2004, 2006, 2008, 2012-2017 Free Software Foundation, Inc.\n");
        return 0;
    }
    let library = options.has('l');
    let mut m = Machine { library, scale: if library { 20 } else { 0 }, input: 10, output: 10, ..Machine::default() };
    for file in options.operands.iter().cloned().chain(["-".to_owned()]) {
        let Ok(data) = p.input(&file) else {
            p.err(format!("File {file} is unavailable.\n"));
            return 1;
        };
        let name = if file == "-" { "(standard_in)" } else { &file };
        for statement in parse(&String::from_utf8_lossy(&data)) {
            if !p.burn(1) {
                return 1;
            }
            match statement {
                Err(line) => p.err(format!("{name} {line}: syntax error\n")),
                Ok(statement) => match m.run(p, &statement) {
                    Err(Stop::Quit) => return 0,
                    Err(Stop::Error(text)) => p.err(format!("Runtime error (func=(main), adr=0): {text}\n")),
                    _ => {}
                },
            }
        }
    }
    0
}

impl Machine {
    fn block(&mut self, p: &mut Process, statements: &[Statement]) -> Result<(), Stop> {
        statements.iter().try_for_each(|s| self.run(p, s))
    }

    fn run(&mut self, p: &mut Process, statement: &Statement) -> Result<(), Stop> {
        if !p.burn(20) {
            return Err(Stop::Quit);
        }
        match statement {
            Statement::Show(expression) => {
                let value = self.value(p, expression)?;
                p.burn(quadratic(value.len(), self.output));
                p.out(lines(&value.show(self.output)) + "\n");
                self.last = value;
            }
            Statement::Silent(expression) => {
                self.value(p, expression)?;
            }
            Statement::Text(text) => p.out(text),
            Statement::Print(items) => {
                for item in items {
                    let text = match item {
                        Ok(text) => unescaped(text),
                        Err(expression) => {
                            self.last = self.value(p, expression)?;
                            p.burn(quadratic(self.last.len(), self.output));
                            lines(&self.last.show(self.output))
                        }
                    };
                    p.out(text);
                }
            }
            Statement::If(condition, then, otherwise) => match (self.value(p, condition)?.is_zero(), otherwise) {
                (false, _) => self.run(p, then)?,
                (true, Some(otherwise)) => self.run(p, otherwise)?,
                _ => {}
            },
            Statement::While(condition, body) => {
                while !self.value(p, condition)?.is_zero() {
                    match self.run(p, body) {
                        Err(Stop::Break) => break,
                        Err(Stop::Continue) | Ok(()) => {}
                        stop => return stop,
                    }
                }
            }
            Statement::For(first, test, step, body) => {
                if let Some(first) = first {
                    self.value(p, first)?;
                }
                loop {
                    if let Some(test) = test
                        && self.value(p, test)?.is_zero()
                    {
                        break;
                    }
                    match self.run(p, body) {
                        Err(Stop::Break) => break,
                        Err(Stop::Continue) | Ok(()) => {}
                        stop => return stop,
                    }
                    if let Some(step) = step {
                        self.value(p, step)?;
                    }
                }
            }
            Statement::Block(statements) => self.block(p, statements)?,
            Statement::Return(value) => {
                let value = value.as_ref().map_or(Ok(Number::default()), |v| self.value(p, v))?;
                return Err(Stop::Return(value));
            }
            Statement::Define(name, function) => {
                self.functions.insert(name.clone(), function.clone());
            }
            Statement::Break => return Err(Stop::Break),
            Statement::Continue => return Err(Stop::Continue),
            Statement::Quit => return Err(Stop::Quit),
        }
        Ok(())
    }

    fn index(&mut self, p: &mut Process, name: &str, index: &Expression) -> Result<i64, Stop> {
        let index = self.value(p, index)?.small();
        let known = (0..1 << 24).contains(&index);
        if known { Ok(index) } else { Err(Stop::Error(format!("Array {name} subscript out of bounds."))) }
    }

    fn get(&mut self, p: &mut Process, target: &Expression) -> Value {
        Ok(match target {
            Expression::Variable(name) => match name.as_str() {
                "scale" => Number::from(self.scale as u64),
                "ibase" => Number::from(u64::from(self.input)),
                "obase" => Number::from(u64::from(self.output)),
                "last" => self.last.clone(),
                name => self.variables.get(name).cloned().unwrap_or_default(),
            },
            Expression::Element(name, index) => {
                let index = self.index(p, name, index)?;
                self.arrays.get(name.as_str()).and_then(|a| a.get(&index)).cloned().unwrap_or_default()
            }
            other => return self.value(p, other),
        })
    }

    fn set(&mut self, p: &mut Process, target: &Expression, value: Number) -> Result<(), Stop> {
        match target {
            Expression::Variable(name) => match name.as_str() {
                "scale" => self.scale = value.small().clamp(0, i64::from(i32::MAX)) as usize,
                "ibase" => self.input = value.small().clamp(2, 16) as u32,
                "obase" => self.output = value.small().clamp(2, i64::from(i32::MAX)) as u32,
                "last" => self.last = value,
                _ => {
                    self.variables.insert(name.clone(), value);
                }
            },
            Expression::Element(name, index) => {
                let index = self.index(p, name, index)?;
                let mut array = self.arrays.get(name.as_str()).cloned().unwrap_or_default();
                array.insert(index, value);
                self.arrays.insert(name.clone(), array);
            }
            _ => {}
        }
        Ok(())
    }

    fn operate(&self, p: &mut Process, operator: &str, a: &Number, b: &Number) -> Value {
        if !p.burn(a.cost(operator, b, self.scale)) {
            return Err(Stop::Quit);
        }
        let zero = || Stop::Error(if operator == "%" { "Modulo by zero".into() } else { "Divide by zero".into() });
        let truth = |holds: bool| Ok(Number::from(u64::from(holds)));
        let order = || a.compare(b);
        match operator {
            "+" => Ok(a.plus(b)),
            "-" => Ok(a.plus(&b.minus())),
            "*" => Ok(a.times(b, self.scale)),
            "/" => a.over(b, self.scale).ok_or_else(zero),
            "%" => a.modulo(b, self.scale).ok_or_else(zero),
            "^" if a.is_zero() && b.negative => Err(Stop::Error("divide by zero".into())),
            "^" => Ok(a.power(b.small(), self.scale)),
            "==" => truth(order().is_eq()),
            "!=" => truth(order().is_ne()),
            "<" => truth(order().is_lt()),
            "<=" => truth(order().is_le()),
            ">" => truth(order().is_gt()),
            ">=" => truth(order().is_ge()),
            "&&" => truth(!a.is_zero() && !b.is_zero()),
            _ => truth(!a.is_zero() || !b.is_zero()),
        }
    }

    fn value(&mut self, p: &mut Process, expression: &Expression) -> Value {
        if !p.burn(20) {
            return Err(Stop::Quit);
        }
        Ok(match expression {
            Expression::Number(text) => {
                p.burn(quadratic(text.len(), self.input));
                Number::parse(text, self.input)
            }
            Expression::Variable(_) | Expression::Element(..) => self.get(p, expression)?,
            Expression::Unary(operator, inner) => {
                let value = self.value(p, inner)?;
                match *operator {
                    "-" => value.minus(),
                    "!" => Number::from(u64::from(value.is_zero())),
                    _ => value,
                }
            }
            Expression::Binary(operator, a, b) => {
                let (a, b) = (self.value(p, a)?, self.value(p, b)?);
                if *operator == "^" && b.scale > 0 && !b.plus(&b.with_scale(0).minus()).is_zero() {
                    p.err("Runtime warning (func=(main), adr=0): non-zero scale in exponent\n");
                }
                self.operate(p, operator, &a, &b)?
            }
            Expression::Assign(target, operator, value) => {
                let mut value = self.value(p, value)?;
                if !operator.is_empty() {
                    let old = self.get(p, target)?;
                    value = self.operate(p, operator, &old, &value)?;
                }
                self.set(p, target, value.clone())?;
                value
            }
            Expression::Step(target, up, before) => {
                let old = self.get(p, target)?;
                let new = self.operate(p, if *up { "+" } else { "-" }, &old, &Number::from(1))?;
                self.set(p, target, new.clone())?;
                if *before { new } else { old }
            }
            Expression::Call(name, arguments) => self.call(p, name, arguments)?,
        })
    }

    fn call(&mut self, p: &mut Process, name: &str, arguments: &[Expression]) -> Value {
        let mut values = Vec::new();
        for argument in arguments {
            let array = matches!(argument, Expression::Variable(name) if name.ends_with("[]"));
            values.push(if array { Number::default() } else { self.value(p, argument)? });
        }
        if let (Some(x), 1) = (values.first(), values.len()) {
            match name {
                "length" => return Ok(Number::from(x.len() as u64)),
                "scale" => return Ok(Number::from(x.scale as u64)),
                "sqrt" if !p.burn(x.cost("sqrt", x, self.scale)) => return Err(Stop::Quit),
                "sqrt" => return x.root(self.scale).ok_or_else(|| Stop::Error("Square root of a negative number".into())),
                _ => {}
            }
        }
        let Some(function) = self.functions.get(name).cloned() else {
            let known = if self.library { self.mathematics(p, name, &values) } else { None };
            return known.ok_or_else(|| Stop::Error(format!("Function {name} not defined.")));
        };
        if values.len() != function.parameters.len() {
            return Err(Stop::Error("Parameter number mismatch".into()));
        }
        if self.depth >= MAX_DEPTH {
            return Err(Stop::Error("Stack too deep".into()));
        }
        let (variables, arrays) = (self.variables.clone(), self.arrays.clone());
        let mut own: Vec<String> = Vec::new();
        for name in function.parameters.iter().chain(&function.own) {
            let (value, from) = match function.parameters.iter().position(|q| q == name) {
                Some(i) => (values[i].clone(), arguments.get(i)),
                None => (Number::default(), None),
            };
            match name.strip_suffix("[]") {
                Some(array) => {
                    let given = match from {
                        Some(Expression::Variable(given)) => arrays.get(given.trim_end_matches("[]")).cloned(),
                        _ => None,
                    };
                    self.arrays.insert(array.to_owned(), given.unwrap_or_default());
                }
                None => {
                    self.variables.insert(name.clone(), value);
                }
            }
            own.push(name.clone());
        }
        self.depth += 1;
        let done = self.block(p, &function.body);
        self.depth -= 1;
        // What is its own becomes what it was.
        for name in own {
            match name.strip_suffix("[]") {
                Some(array) => {
                    let old = arrays.get(array).cloned().unwrap_or_default();
                    self.arrays.insert(array.to_owned(), old);
                }
                None => {
                    let old = variables.get(&name).cloned().unwrap_or_default();
                    self.variables.insert(name, old);
                }
            }
        }
        match done {
            Err(Stop::Return(value)) => Ok(value),
            Err(stop @ (Stop::Quit | Stop::Error(_))) => Err(stop),
            _ => Ok(Number::default()),
        }
    }

    /// The functions of `-l`, by their series.
    fn mathematics(&self, p: &mut Process, name: &str, values: &[Number]) -> Option<Number> {
        let (x, scale) = (values.first()?, self.scale);
        let deep = scale + 10 + x.whole_digits() * 2;
        // So many digits has `e(x)` before the point.
        let whole = if name == "e" { x.small().unsigned_abs() / 2 } else { 0 };
        if !p.burn((whole + deep as u64).saturating_pow(3) / 10) {
            return None;
        }
        Some(match name {
            "e" => exponential(x, deep)?.cut(scale),
            "l" if x.negative || x.is_zero() => {
                let ten = Number::from(10);
                Number::from(1).plus(&ten.power(scale as i64, 0).minus()).with_scale(scale)
            }
            "l" => logarithm(x, deep)?.with_scale(scale),
            "s" | "c" => {
                let half_pi = arctangent(&Number::from(1), deep)?.times(&Number::from(2), deep);
                let x = if name == "c" { x.plus(&half_pi) } else { x.clone() };
                let turn = half_pi.times(&Number::from(4), deep);
                let turns = x.over(&turn, 0)?;
                let x = x.plus(&turns.times(&turn, deep).minus());
                let square = x.times(&x, deep).minus();
                series(x.with_scale(deep), deep, |n, term| term.times(&square, deep).over(&Number::from((2 * n) * (2 * n + 1)), deep))
                    .with_scale(scale)
            }
            "a" => arctangent(x, deep)?.with_scale(scale),
            _ => return None,
        })
    }
}

/// What reading or writing a number of some digits in a base costs: nothing in ours.
fn quadratic(digits: usize, base: u32) -> u64 {
    if base == 10 { 0 } else { (digits as u64).saturating_pow(2) }
}

/// The sum of terms, each made of the one before, until nothing more comes.
fn series(first: Number, scale: usize, mut next: impl FnMut(u64, &Number) -> Option<Number>) -> Number {
    let (mut sum, mut term) = (first.clone(), first);
    for n in 1..2000 {
        let Some(new) = next(n, &term) else { break };
        term = new.with_scale(scale);
        if term.is_zero() {
            break;
        }
        sum = sum.plus(&term);
    }
    sum
}

fn exponential(x: &Number, scale: usize) -> Option<Number> {
    let negative = x.negative;
    let mut small = if negative { x.minus() } else { x.clone() }.with_scale(scale);
    let mut halvings = 0;
    while small.whole_digits() > 0 && halvings < 64 {
        small = small.over(&Number::from(2), scale)?;
        halvings += 1;
    }
    let one = Number::from(1).with_scale(scale);
    let mut sum = series(one.clone(), scale, |n, term| term.times(&small, scale).over(&Number::from(n), scale));
    for _ in 0..halvings {
        sum = sum.times(&sum, scale);
    }
    if negative { one.over(&sum, scale) } else { Some(sum) }
}

fn logarithm(x: &Number, scale: usize) -> Option<Number> {
    // Roots until it is near one, then the series of (x-1)/(x+1).
    let (mut near, mut times, one) = (x.with_scale(scale), Number::from(2), Number::from(1));
    while near.compare(&Number::parse("1.5", 10)).is_gt() || near.compare(&Number::parse("0.7", 10)).is_lt() {
        near = near.root(scale)?;
        times = times.times(&Number::from(2), 0);
    }
    let ratio = near.plus(&one.minus()).over(&near.plus(&one), scale)?;
    let square = ratio.times(&ratio, scale);
    let mut power = ratio.clone();
    let sum = series(ratio, scale, |n, _| {
        power = power.times(&square, scale);
        power.over(&Number::from(2 * n + 1), scale)
    });
    Some(sum.times(&times, scale))
}

fn arctangent(x: &Number, scale: usize) -> Option<Number> {
    // Half angles until it is small: tan(a/2) = x / (1 + sqrt(1 + x^2)).
    let (one, mut small, mut times) = (Number::from(1), x.with_scale(scale), Number::from(1));
    let fifth = Number::parse("0.2", 10);
    while small.compare(&fifth).is_gt() || small.minus().compare(&fifth).is_gt() {
        let root = one.plus(&small.times(&small, scale)).root(scale)?;
        small = small.over(&one.plus(&root), scale)?;
        times = times.times(&Number::from(2), 0);
    }
    let square = small.times(&small, scale).minus();
    let mut power = small.clone();
    let sum = series(small, scale, |n, _| {
        power = power.times(&square, scale);
        power.over(&Number::from(2 * n + 1), scale)
    });
    Some(sum.times(&times, scale))
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('q') => out.push('"'),
                Some(letter) => out.push(escaped(letter as u8).map_or(letter, |b| b as char)),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}
