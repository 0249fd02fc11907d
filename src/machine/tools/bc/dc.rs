//! dc: a calculator that takes its operators last.

use super::number::{Number, lines};
use crate::machine::Process;
use crate::machine::tools::options::{of, open};

#[derive(Clone)]
enum Value {
    Number(Number),
    Text(String),
}

#[derive(Default)]
struct Machine {
    stack: Vec<Value>,
    registers: crate::base::Map<char, Vec<Value>>,
    scale: usize,
    input: u32,
    output: u32,
    /// How many levels of macros `q` leaves.
    leaving: usize,
}

const MAX_DEPTH: usize = 100;

/// dc.
pub fn dc(p: &mut Process) -> i32 {
    let options = match of(p, "e:f:", &[("expression", 'e'), ("file", 'f')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut m = Machine { input: 10, output: 10, ..Machine::default() };
    for (letter, text) in &options.given {
        let text = match letter {
            'e' => text.clone(),
            _ => match open(p, text) {
                Some(data) => String::from_utf8_lossy(&data).into_owned(),
                None => return 1,
            },
        };
        if !m.run(p, &text, 0) {
            return 0;
        }
    }
    let files = if options.given.is_empty() { options.files() } else { options.operands.clone() };
    for file in files {
        let Some(data) = open(p, &file) else { return 1 };
        if !m.run(p, &String::from_utf8_lossy(&data), 0) {
            return 0;
        }
    }
    0
}

impl Machine {
    fn show(&self, value: &Value) -> String {
        match value {
            Value::Number(n) => lines(&n.show(self.output)),
            Value::Text(text) => text.clone(),
        }
    }

    fn pop(&mut self, p: &mut Process) -> Option<Value> {
        let value = self.stack.pop();
        if value.is_none() {
            p.fail("stack empty");
        }
        value
    }

    fn number(&mut self, p: &mut Process) -> Option<Number> {
        match self.pop(p)? {
            Value::Number(n) => Some(n),
            text => {
                self.stack.push(text);
                p.fail("non-numeric value");
                None
            }
        }
    }

    /// Two numbers, the upper one last; left where they are if they are not there.
    fn pair(&mut self, p: &mut Process) -> Option<(Number, Number)> {
        match self.stack.as_slice() {
            [.., Value::Number(a), Value::Number(b)] => {
                let pair = (a.clone(), b.clone());
                self.stack.truncate(self.stack.len() - 2);
                Some(pair)
            }
            [_, _, ..] => {
                p.fail("non-numeric value");
                None
            }
            _ => {
                p.fail("stack empty");
                None
            }
        }
    }

    /// Runs a text; `false`: the program ends.
    fn run(&mut self, p: &mut Process, text: &str, depth: usize) -> bool {
        let chars: Vec<char> = text.chars().collect();
        let mut i = 0;
        while let Some(c) = chars.get(i).copied() {
            if depth > MAX_DEPTH {
                p.system.halt("macros of dc nested too deeply");
            }
            if !p.burn(10) {
                return false;
            }
            i += 1;
            match c {
                c if c.is_whitespace() => {}
                '#' => i += chars[i..].iter().position(|c| *c == '\n').unwrap_or(chars.len() - i),
                '0'..='9' | 'A'..='F' | '.' | '_' => {
                    let start = i - 1;
                    while chars.get(i).is_some_and(|c| c.is_ascii_digit() || ('A'..='F').contains(c) || *c == '.') {
                        i += 1;
                    }
                    let digits: String = chars[start..i].iter().collect();
                    p.burn(super::quadratic(digits.len(), self.input));
                    self.stack.push(Value::Number(Number::parse(&digits, self.input)));
                }
                '[' => {
                    let (start, mut open) = (i, 1);
                    while open > 0 && i < chars.len() {
                        open += i32::from(chars[i] == '[') - i32::from(chars[i] == ']');
                        i += 1;
                    }
                    self.stack.push(Value::Text(chars[start..i.saturating_sub(1).max(start)].iter().collect()));
                }
                's' | 'S' | 'l' | 'L' | '<' | '>' | '=' | '!' => {
                    let mut negated = false;
                    let mut operator = c;
                    if c == '!' {
                        negated = true;
                        operator = chars.get(i).copied().unwrap_or(' ');
                        i += 1;
                    }
                    let Some(name) = chars.get(i).copied() else { return true };
                    i += 1;
                    let then = if matches!(operator, '<' | '>' | '=') {
                        let Some((a, b)) = self.pair(p) else { continue };
                        let order = b.compare(&a);
                        let holds = match operator {
                            '<' => order.is_lt(),
                            '>' => order.is_gt(),
                            _ => order.is_eq(),
                        };
                        (holds != negated).then(|| self.registers.get(&name).and_then(|r| r.last().cloned())).flatten()
                    } else {
                        self.register(p, operator, name);
                        None
                    };
                    if !self.enter(p, then, depth) {
                        return false;
                    }
                }
                'x' => {
                    let value = self.pop(p);
                    if !self.enter(p, value, depth) {
                        return false;
                    }
                }
                '?' => {
                    let line = String::from_utf8_lossy(&p.stdin()).into_owned();
                    if !self.enter(p, Some(Value::Text(line)), depth) {
                        return false;
                    }
                }
                'q' if depth < 2 => return false,
                'q' => self.leaving = 2,
                'Q' => self.leaving = self.number(p).map_or(0, |n| n.small().max(0) as usize),
                c => self.command(p, c),
            }
            if self.leaving > 0 {
                self.leaving -= 1;
                return true;
            }
        }
        true
    }

    fn enter(&mut self, p: &mut Process, value: Option<Value>, depth: usize) -> bool {
        match value {
            Some(Value::Text(text)) => self.run(p, &text, depth + 1),
            Some(number) => {
                self.stack.push(number);
                true
            }
            None => true,
        }
    }

    fn register(&mut self, p: &mut Process, operator: char, name: char) {
        let mut stack = self.registers.get(&name).cloned().unwrap_or_default();
        match operator {
            's' | 'S' => {
                let Some(value) = self.pop(p) else { return };
                if operator == 's' {
                    stack.pop();
                }
                stack.push(value);
            }
            'l' => self.stack.push(stack.last().cloned().unwrap_or(Value::Number(Number::default()))),
            _ => match stack.pop() {
                Some(value) => self.stack.push(value),
                None => {
                    p.fail(&format!("stack register '{name}' (0{:o}) is empty", name as u32));
                }
            },
        }
        self.registers.insert(name, stack);
    }

    fn command(&mut self, p: &mut Process, c: char) {
        let push = |m: &mut Self, n: Number| m.stack.push(Value::Number(n));
        match c {
            'p' | 'n' | 'P' => {
                let Some(value) = (if c == 'p' { self.stack.last().cloned() } else { self.stack.pop() }) else {
                    p.fail("stack empty");
                    return;
                };
                if let Value::Number(n) = &value {
                    p.burn(super::quadratic(n.len(), self.output));
                }
                let text = match (&value, c) {
                    (Value::Number(n), 'P') => return p.out([n.small() as u8]),
                    _ => self.show(&value) + if c == 'p' { "\n" } else { "" },
                };
                p.out(text);
            }
            'f' => {
                let text: String = self.stack.iter().rev().map(|v| self.show(v) + "\n").collect();
                p.out(text);
            }
            'c' => self.stack.clear(),
            'd' => match self.stack.last().cloned() {
                Some(value) => self.stack.push(value),
                None => {
                    p.fail("stack empty");
                }
            },
            'r' => match self.stack.len() {
                0 | 1 => {
                    p.fail("stack empty");
                }
                n => self.stack.swap(n - 1, n - 2),
            },
            'z' => push(self, Number::from(self.stack.len() as u64)),
            'k' | 'i' | 'o' => {
                let Some(n) = self.number(p) else { return };
                match c {
                    'k' => self.scale = n.small().clamp(0, i64::from(i32::MAX)) as usize,
                    'i' => self.input = n.small().clamp(2, 16) as u32,
                    _ => self.output = n.small().clamp(2, 1 << 20) as u32,
                }
            }
            'K' => push(self, Number::from(self.scale as u64)),
            'I' => push(self, Number::from(u64::from(self.input))),
            'O' => push(self, Number::from(u64::from(self.output))),
            'Z' | 'X' => {
                let Some(value) = self.pop(p) else { return };
                let n = match (value, c) {
                    (Value::Number(n), 'Z') => n.len(),
                    (Value::Number(n), _) => n.scale,
                    (Value::Text(t), 'Z') => t.chars().count(),
                    _ => 0,
                };
                push(self, Number::from(n as u64));
            }
            'v' => {
                let Some(n) = self.number(p) else { return };
                if !p.burn(n.cost("sqrt", &n, self.scale)) {
                    return;
                }
                match n.root(self.scale) {
                    Some(root) => push(self, root),
                    None => {
                        p.fail("square root of negative number");
                    }
                }
            }
            '+' | '-' | '*' | '/' | '%' | '^' | '~' => {
                let Some((a, b)) = self.pair(p) else { return };
                if !p.burn(a.cost(&c.to_string(), &b, self.scale)) {
                    return;
                }
                let result = match c {
                    '+' => Some(a.plus(&b)),
                    '-' => Some(a.plus(&b.minus())),
                    '*' => Some(a.times(&b, self.scale)),
                    '/' => a.over(&b, self.scale),
                    '%' => a.modulo(&b, self.scale),
                    '^' => Some(a.power(b.small(), self.scale)),
                    _ => {
                        if let Some(whole) = a.over(&b, self.scale) {
                            push(self, whole);
                        }
                        a.modulo(&b, self.scale)
                    }
                };
                match result {
                    Some(n) => push(self, n),
                    None => {
                        push(self, a);
                        push(self, b);
                        p.fail(if c == '%' || c == '~' { "remainder by zero" } else { "divide by zero" });
                    }
                }
            }
            '|' => {
                if self.stack.len() < 3 {
                    p.fail("stack empty");
                    return;
                }
                let Some(modulus) = self.number(p) else { return };
                let Some((mut base, exponent)) = self.pair(p) else { return };
                let (mut result, mut rest) = (Number::from(1), exponent.small());
                while rest > 0 && p.burn(10 + 4 * modulus.cost("/", &modulus, modulus.len())) {
                    let reduce = |n: Number| n.modulo(&modulus, 0).unwrap_or_default();
                    if rest & 1 == 1 {
                        result = reduce(result.times(&base, 0));
                    }
                    base = reduce(base.times(&base, 0));
                    rest >>= 1;
                }
                push(self, result);
            }
            'a' => {
                if let Some(value) = self.pop(p) {
                    let text = match value {
                        Value::Number(n) => ((n.small() as u8) as char).to_string(),
                        Value::Text(t) => t.chars().take(1).collect(),
                    };
                    self.stack.push(Value::Text(text));
                }
            }
            c => {
                p.fail(&format!("'{c}' (0{:o}) unimplemented", c as u32));
            }
        }
    }
}
