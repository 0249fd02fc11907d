//! `$(( … ))`: C's integer expressions on 64 bits, as far as each shell has them.

use std::num::IntErrorKind::PosOverflow;

use super::parse::is_name;
use super::{Dialect, Shell};
use crate::machine::Process;

/// Deepest nesting of an expression, and of variables that name variables.
const MAX_NESTING: u32 = 40;

/// Why an expression has no value. Positions are those of the token where it went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Wrong {
    Operand(usize),
    Rest(usize),
    Missing(char, usize),
    Zero(usize),
    Base(usize),
    NoVariable(usize),
    Negative(usize),
    /// dash: a variable that holds no number.
    Number(String),
    /// In the value of a variable (bash).
    Inner(String, Box<Wrong>),
    Unbound(String),
    Deep,
}

impl Wrong {
    /// What the shell says of it.
    pub fn say(&self, text: &str, dialect: Dialect) -> String {
        match dialect {
            Dialect::Ash => match self {
                Self::Rest(at) if text.trim_start()[*at..].starts_with(':') => "malformed ?: operator".into(),
                _ => self.ash().into(),
            },
            Dialect::Dash => match self {
                Self::Number(value) => format!("Illegal number: {value}"),
                _ => format!("arithmetic expression: {}: \"{text}\"", self.dash()),
            },
            Dialect::Bash => self.bash(text),
        }
    }

    fn ash(&self) -> &'static str {
        match self {
            Self::Zero(_) => "divide by zero",
            Self::Negative(_) => "exponent less than 0",
            Self::Deep => "expression recursion loop detected",
            Self::Missing(':', _) => "malformed ?: operator",
            _ => "arithmetic syntax error",
        }
    }

    fn dash(&self) -> &'static str {
        match self {
            Self::Zero(_) => "division by zero",
            Self::Rest(_) | Self::Base(_) => "expecting EOF",
            Self::Missing(':', _) => "expecting ':'",
            Self::Missing(..) => "expecting ')'",
            Self::Deep => "nested too deeply",
            _ => "expecting primary",
        }
    }

    fn bash(&self, text: &str) -> String {
        let (why, at) = match self {
            Self::Operand(at) => ("syntax error: operand expected", at),
            Self::Rest(at) if text.trim_start().get(*at..).unwrap_or("").starts_with(|c| ".@#$;:'\"\\`{}[]".contains(c)) => {
                ("syntax error: invalid arithmetic operator", at)
            }
            Self::Rest(at) => ("syntax error in expression", at),
            Self::Missing(':', at) => ("`:' expected for conditional expression", at),
            Self::Missing(_, at) => ("missing `)'", at),
            Self::Zero(at) => ("division by 0", at),
            Self::Base(at) => ("value too great for base", at),
            Self::NoVariable(at) => ("attempted assignment to non-variable", at),
            Self::Negative(at) => ("exponent less than 0", at),
            Self::Inner(inner, why) => return why.bash(inner),
            Self::Number(_) | Self::Unbound(_) => ("syntax error", &0),
            Self::Deep => ("expression recursion level exceeded", &0),
        };
        let text = text.trim_start();
        format!("{text}: {why} (error token is \"{}\")", text.get(*at..).unwrap_or(""))
    }
}

type Value = Result<i64, Wrong>;

/// The value of an expression; an empty one is 0.
pub fn evaluate(text: &str, shell: &mut Shell, p: &mut Process) -> Value {
    if shell.dialect == Dialect::Dash && text.trim_ascii().is_empty() {
        return Err(Wrong::Operand(0));
    }
    evaluate_at(text.trim_start(), shell, p, 0)
}

fn evaluate_at(text: &str, shell: &mut Shell, p: &mut Process, depth: u32) -> Value {
    let mut eval = Eval { text: text.as_bytes(), at: 0, token: 0, shell, p, depth, skip: 0 };
    eval.blanks();
    if eval.at == eval.text.len() {
        return Ok(0);
    }
    let value = eval.comma()?;
    eval.blanks();
    if eval.at < eval.text.len() { Err(Wrong::Rest(eval.at)) } else { Ok(value) }
}

struct Eval<'a, 's> {
    text: &'a [u8],
    at: usize,
    /// Where the last operator began.
    token: usize,
    shell: &'a mut Shell,
    p: &'a mut Process<'s>,
    depth: u32,
    /// Above 0 in a branch that is not taken: no assignments, no errors.
    skip: u32,
}

/// A variable that can be assigned to.
struct Place {
    name: String,
    key: Option<String>,
}

/// Operators by how tightly they bind, loosest first.
const BINARY: [&[&str]; 10] =
    [&["||"], &["&&"], &["|"], &["^"], &["&"], &["==", "!="], &["<=", ">=", "<", ">"], &["<<", ">>"], &["+", "-"], &["*", "/", "%"]];
const ASSIGNING: [&str; 11] = ["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="];

impl Eval<'_, '_> {
    /// Whether there are `++`, `**` and `,`: not in dash.
    fn more(&self) -> bool {
        self.shell.dialect != Dialect::Dash
    }

    /// Whether what cannot matter is not done: ash does it all.
    fn lazy(&self) -> bool {
        self.shell.dialect != Dialect::Ash
    }

    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Where an operand that is missing should be.
    fn missing(&mut self) -> Wrong {
        self.blanks();
        Wrong::Operand(if self.at == self.text.len() { self.token } else { self.at })
    }

    fn eat(&mut self, operator: &str) -> bool {
        self.blanks();
        let rest = &self.text[self.at..];
        if !rest.starts_with(operator.as_bytes()) {
            return false;
        }
        let next = rest.get(operator.len()).copied().unwrap_or(0);
        let longer = match operator {
            "|" | "&" => next == operator.as_bytes()[0] || next == b'=',
            "<" | ">" => next == operator.as_bytes()[0],
            "*" => (next == b'*' && self.more()) || next == b'=',
            "+" | "-" | "/" | "%" | "^" | "<<" | ">>" | "=" | "!" => next == b'=',
            _ => false,
        };
        if !longer {
            self.token = self.at;
            self.at += operator.len();
        }
        !longer
    }

    fn deeper(&mut self, f: impl FnOnce(&mut Self) -> Value) -> Value {
        self.depth += 1;
        let value = if self.depth > MAX_NESTING { Err(Wrong::Deep) } else { f(self) };
        self.depth -= 1;
        value
    }

    fn comma(&mut self) -> Value {
        let mut value = self.assignment()?;
        while self.more() && self.eat(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn name(&mut self) -> Option<String> {
        self.blanks();
        let rest = &self.text[self.at..];
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let name = String::from_utf8_lossy(&rest[..length]).into_owned();
        is_name(&name).then(|| {
            self.at += length;
            name
        })
    }

    /// A variable, in bash an item of an array too.
    fn place(&mut self) -> Result<Option<Place>, Wrong> {
        let Some(name) = self.name() else { return Ok(None) };
        if !self.shell.bash() || self.text.get(self.at) != Some(&b'[') {
            return Ok(Some(Place { name, key: None }));
        }
        let start = self.at + 1;
        let mut open = 0;
        let end = self.text[start..].iter().position(|b| {
            open += (*b == b'[') as i32 - (*b == b']') as i32;
            open < 0
        });
        let Some(end) = end.map(|e| e + start) else { return Err(Wrong::Rest(self.at)) };
        let inner = String::from_utf8_lossy(&self.text[start..end]).into_owned();
        self.at = end + 1;
        let key = match self.shell.is_associative(&name) {
            true => inner,
            false if self.depth >= MAX_NESTING => return Err(Wrong::Deep),
            false => evaluate_at(&inner, self.shell, self.p, self.depth + 1)?.to_string(),
        };
        Ok(Some(Place { name, key: Some(key) }))
    }

    fn assignment(&mut self) -> Value {
        self.deeper(|e| {
            let (start, token) = (e.at, e.token);
            if let Some(place) = e.place()? {
                for operator in ASSIGNING {
                    if e.eat(operator) {
                        let right = e.assignment()?;
                        let old = if operator == "=" { 0 } else { e.load(&place)? };
                        let value = if operator == "=" { right } else { e.apply(&operator[..operator.len() - 1], old, right)? };
                        e.store(&place, value);
                        return Ok(value);
                    }
                }
                (e.at, e.token) = (start, token);
            }
            let value = e.ternary()?;
            e.blanks();
            let at = e.at;
            if e.shell.bash() && ASSIGNING.iter().any(|o| e.eat(o)) { Err(Wrong::NoVariable(at)) } else { Ok(value) }
        })
    }

    fn store(&mut self, place: &Place, value: i64) {
        if self.skip > 0 {
            return;
        }
        match &place.key {
            Some(key) => self.shell.set_item(&place.name, key, &value.to_string()),
            None => self.shell.set(&place.name, &value.to_string()),
        }
    }

    fn load(&mut self, place: &Place) -> Value {
        let name = place.name.as_str();
        let text = match &place.key {
            Some(key) => self.shell.item(name, key),
            None => self.shell.read(self.p, name),
        };
        let Some(text) = text else {
            let strict = self.shell.bash() && self.shell.options.nounset && self.skip == 0;
            return if strict { Err(Wrong::Unbound(name.into())) } else { Ok(0) };
        };
        let text = text.trim();
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |d| (true, d));
        if text.is_empty() {
            return Ok(0);
        }
        if let Some(n) = number(digits, self.shell.dialect) {
            return Ok(if negative { n.wrapping_neg() } else { n });
        }
        match self.shell.dialect {
            Dialect::Dash => Err(Wrong::Number(text.into())),
            _ if self.depth >= MAX_NESTING => Err(Wrong::Deep),
            _ => {
                let text = text.to_owned();
                let value = evaluate_at(&text, self.shell, self.p, self.depth + 1);
                value.map_err(|why| if why == Wrong::Deep { why } else { Wrong::Inner(text, Box::new(why)) })
            }
        }
    }

    fn ternary(&mut self) -> Value {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let idle = (condition == 0 && self.lazy()) as u32;
        self.skip += idle;
        let yes = self.comma();
        self.skip -= idle;
        let yes = yes?;
        if !self.eat(":") {
            self.blanks();
            return Err(Wrong::Missing(':', if self.at == self.text.len() { self.token } else { self.at }));
        }
        let idle = (condition != 0 && self.lazy()) as u32;
        self.skip += idle;
        let no = self.assignment();
        self.skip -= idle;
        let no = no?;
        Ok(if condition != 0 { yes } else { no })
    }

    fn binary(&mut self, level: usize) -> Value {
        let Some(operators) = BINARY.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        'next: loop {
            for operator in *operators {
                if self.eat(operator) {
                    let idle = self.lazy() && ((*operator == "||" && left != 0) || (*operator == "&&" && left == 0));
                    self.skip += idle as u32;
                    let right = self.binary(level + 1);
                    self.skip -= idle as u32;
                    left = self.apply(operator, left, right?)?;
                    continue 'next;
                }
            }
            return Ok(left);
        }
    }

    fn power(&mut self) -> Value {
        let base = self.unary()?;
        if self.more() && self.eat("**") {
            let at = self.at;
            let exponent = self.deeper(Self::power)?;
            return if exponent < 0 { Err(Wrong::Negative(at)) } else { Ok(base.wrapping_pow(exponent.min(1 << 20) as u32)) };
        }
        Ok(base)
    }

    fn apply(&self, operator: &str, a: i64, b: i64) -> Value {
        Ok(match operator {
            "||" => (a != 0 || b != 0) as i64,
            "&&" => (a != 0 && b != 0) as i64,
            "|" => a | b,
            "^" => a ^ b,
            "&" => a & b,
            "==" => (a == b) as i64,
            "!=" => (a != b) as i64,
            "<=" => (a <= b) as i64,
            ">=" => (a >= b) as i64,
            "<" => (a < b) as i64,
            ">" => (a > b) as i64,
            "<<" => a.wrapping_shl(b as u32),
            ">>" => a.wrapping_shr(b as u32),
            "+" => a.wrapping_add(b),
            "-" => a.wrapping_sub(b),
            "*" => a.wrapping_mul(b),
            _ if b == 0 && self.skip > 0 => 0,
            _ if b == 0 => {
                let operand = self.text[self.token + 1..].iter().take_while(|c| c.is_ascii_whitespace()).count();
                return Err(Wrong::Zero(self.token + 1 + operand));
            }
            "/" => a.wrapping_div(b),
            _ => a.wrapping_rem(b),
        })
    }

    fn unary(&mut self) -> Value {
        self.deeper(Self::unary_inner)
    }

    fn unary_inner(&mut self) -> Value {
        if self.more() {
            for (operator, step) in [("++", 1), ("--", -1)] {
                if self.eat(operator) {
                    let Some(place) = self.place()? else { return self.unary() };
                    let value = self.load(&place)?.wrapping_add(step);
                    self.store(&place, value);
                    return Ok(value);
                }
            }
        }
        if self.eat("-") {
            return Ok(self.unary()?.wrapping_neg());
        }
        if self.eat("+") {
            return self.unary();
        }
        if self.eat("!") {
            return Ok((self.unary()? == 0) as i64);
        }
        if self.eat("~") {
            return Ok(!self.unary()?);
        }
        if self.eat("(") {
            let value = self.comma()?;
            if self.eat(")") {
                return Ok(value);
            }
            self.blanks();
            let last = self.text[..self.at].iter().rposition(|b| !b.is_ascii_alphanumeric()).map_or(0, |i| i + 1);
            return Err(Wrong::Missing(')', if self.at == self.text.len() { last } else { self.at }));
        }
        if let Some(place) = self.place()? {
            let value = self.load(&place)?;
            for (operator, step) in [("++", 1), ("--", -1)] {
                if self.more() && self.eat(operator) {
                    self.store(&place, value.wrapping_add(step));
                }
            }
            return Ok(value);
        }
        self.constant()
    }

    fn constant(&mut self) -> Value {
        self.blanks();
        let rest = &self.text[self.at..];
        if !rest.first().is_some_and(u8::is_ascii_digit) {
            return Err(self.missing());
        }
        let sign = |b: u8| (b == b'#' || b == b'@') && self.more();
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_' || sign(**b)).count();
        let digits = String::from_utf8_lossy(&rest[..length]).into_owned();
        match number(&digits, self.shell.dialect) {
            Some(value) => {
                self.at += length;
                Ok(value)
            }
            None if self.shell.bash() => Err(Wrong::Base(self.at)),
            None => Err(Wrong::Rest(self.at)),
        }
    }
}

/// A constant: decimal, `0x…`, `0…`, not in dash `base#…`.
fn number(text: &str, dialect: Dialect) -> Option<i64> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let too_large = match dialect {
        Dialect::Ash => 0,
        Dialect::Dash => i64::MAX,
        Dialect::Bash => -1,
    };
    let in_bits = |digits: &str, base| match u64::from_str_radix(digits, base) {
        Err(e) if *e.kind() == PosOverflow => Some(too_large),
        Ok(value) if value > i64::MAX as u64 && dialect == Dialect::Dash => Some(too_large),
        value => value.ok().map(|v| v as i64),
    };
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return if hex.is_empty() && dialect == Dialect::Bash { Some(0) } else { in_bits(hex, 16) };
    }
    if let Some((base, digits)) = text.split_once('#').filter(|_| dialect != Dialect::Dash) {
        return in_base(digits, base.parse().ok()?);
    }
    if text.len() > 1 && text.starts_with('0') {
        return in_bits(text, 8);
    }
    let wrapped = text.bytes().try_fold(0i64, |n, b| Some(n.wrapping_mul(10).wrapping_add((b as char).to_digit(10)? as i64)))?;
    Some(match dialect {
        Dialect::Bash => wrapped,
        Dialect::Ash => text.parse::<u64>().map_or(too_large, |v| v as i64),
        Dialect::Dash => text.parse().unwrap_or(too_large),
    })
}

/// Digits up to 64: 0-9, a-z, A-Z, @, _; up to 36 the case does not matter.
fn in_base(digits: &str, base: i64) -> Option<i64> {
    if !(2..=64).contains(&base) || digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0i64, |n, b| {
        let digit = match b {
            b'0'..=b'9' => b - b'0',
            b'a'..=b'z' => b - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => b - b'A' + 10,
            b'A'..=b'Z' => b - b'A' + 36,
            b'@' => 62,
            b'_' => 63,
            _ => return None,
        } as i64;
        (digit < base).then(|| n.wrapping_mul(base).wrapping_add(digit))
    })
}
