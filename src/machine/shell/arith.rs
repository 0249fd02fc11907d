//! `$(( … ))`: C's integer expressions on 64 bits.

use super::eval::Shell;

/// The value, or why there is none.
pub fn evaluate(text: &str, shell: &mut Shell) -> Result<i64, String> {
    let mut eval = Eval { text: text.as_bytes(), at: 0, shell, depth: 0, skip: 0 };
    eval.blanks();
    if eval.at == eval.text.len() {
        return Ok(0);
    }
    let value = eval.comma()?;
    eval.blanks();
    if eval.at < eval.text.len() { Err(eval.syntax()) } else { Ok(value) }
}

struct Eval<'a> {
    text: &'a [u8],
    at: usize,
    shell: &'a mut Shell,
    depth: u32,
    /// Above 0 in a branch that is not taken: no assignments, no errors.
    skip: u32,
}

/// Operators by how tightly they bind, loosest first.
const BINARY: [&[&str]; 10] =
    [&["||"], &["&&"], &["|"], &["^"], &["&"], &["==", "!="], &["<=", ">=", "<", ">"], &["<<", ">>"], &["+", "-"], &["*", "/", "%"]];

impl Eval<'_> {
    fn syntax(&self) -> String {
        "arithmetic syntax error".into()
    }

    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
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
            "*" => next == b'*' || next == b'=',
            "+" | "-" | "/" | "%" | "^" | "<<" | ">>" => next == b'=',
            "=" => next == b'=',
            "!" => next == b'=',
            _ => false,
        };
        if !longer {
            self.at += operator.len();
        }
        !longer
    }

    fn comma(&mut self) -> Result<i64, String> {
        let mut value = self.assignment()?;
        while self.eat(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn name(&mut self) -> Option<String> {
        self.blanks();
        let end =
            self.text[self.at..].iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').map_or(self.text.len(), |i| i + self.at);
        let name = String::from_utf8_lossy(&self.text[self.at..end]).into_owned();
        super::parse::is_name(&name).then(|| {
            self.at = end;
            name
        })
    }

    fn assignment(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > 60 {
            return Err("expression nested too deeply".into());
        }
        let start = self.at;
        if let Some(name) = self.name() {
            for operator in ["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="] {
                if self.eat(operator) {
                    let right = self.assignment()?;
                    let old = if operator == "=" { 0 } else { self.variable(&name)? };
                    let value = if operator == "=" { right } else { self.apply(&operator[..operator.len() - 1], old, right)? };
                    self.store(&name, value);
                    self.depth -= 1;
                    return Ok(value);
                }
            }
            self.at = start;
        }
        let value = self.ternary();
        self.depth -= 1;
        value
    }

    fn store(&mut self, name: &str, value: i64) {
        if self.skip == 0 {
            self.shell.set(name, &value.to_string());
        }
    }

    fn variable(&mut self, name: &str) -> Result<i64, String> {
        let text = self.shell.get(name).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() {
            return Ok(0);
        }
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |d| (true, d));
        match number(digits) {
            Some(n) => Ok(if negative { n.wrapping_neg() } else { n }),
            None if super::parse::is_name(text) && self.depth < 20 && text != name => {
                self.depth += 1;
                let value = self.variable(text);
                self.depth -= 1;
                value
            }
            None => Err(self.syntax()),
        }
    }

    fn ternary(&mut self) -> Result<i64, String> {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        self.skip += (condition == 0) as u32;
        let yes = self.comma();
        self.skip -= (condition == 0) as u32;
        let yes = yes?;
        if !self.eat(":") {
            return Err(self.syntax());
        }
        self.skip += (condition != 0) as u32;
        let no = self.assignment();
        self.skip -= (condition != 0) as u32;
        Ok(if condition != 0 { yes } else { no? })
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        let Some(operators) = BINARY.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        'next: loop {
            for operator in *operators {
                if self.eat(operator) {
                    let idle = (*operator == "||" && left != 0) || (*operator == "&&" && left == 0);
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

    fn power(&mut self) -> Result<i64, String> {
        let base = self.unary()?;
        if self.eat("**") {
            let exponent = self.power()?;
            return Ok(base.wrapping_pow(exponent.clamp(0, 1 << 20) as u32));
        }
        Ok(base)
    }

    fn apply(&self, operator: &str, a: i64, b: i64) -> Result<i64, String> {
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
                return Err(if self.shell.dialect == super::Dialect::Ash { "divide by zero".into() } else { "division by zero".into() });
            }
            "/" => a.wrapping_div(b),
            _ => a.wrapping_rem(b),
        })
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > 60 {
            return Err("expression nested too deeply".into());
        }
        let value = self.unary_inner();
        self.depth -= 1;
        value
    }

    fn unary_inner(&mut self) -> Result<i64, String> {
        for (operator, step) in [("++", 1), ("--", -1)] {
            if self.eat(operator) {
                let Some(name) = self.name() else { return self.unary() };
                let value = self.variable(&name)?.wrapping_add(step);
                self.store(&name, value);
                return Ok(value);
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
            return if self.eat(")") { Ok(value) } else { Err(self.syntax()) };
        }
        if let Some(name) = self.name() {
            let value = self.variable(&name)?;
            for (operator, step) in [("++", 1), ("--", -1)] {
                if self.eat(operator) {
                    self.store(&name, value.wrapping_add(step));
                }
            }
            return Ok(value);
        }
        let end =
            self.text[self.at..].iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'#').map_or(self.text.len(), |i| i + self.at);
        let digits = String::from_utf8_lossy(&self.text[self.at..end]).into_owned();
        self.at = end;
        number(&digits).ok_or_else(|| self.syntax())
    }
}

/// A constant: decimal, `0x…`, `0…`, `base#…`.
fn number(text: &str) -> Option<i64> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok();
    }
    if let Some((base, digits)) = text.split_once('#') {
        return i64::from_str_radix(digits, base.parse().ok().filter(|b| (2..=36).contains(b))?).ok();
    }
    if text.len() > 1 && text.starts_with('0') {
        return i64::from_str_radix(text, 8).ok();
    }
    if text.starts_with(['+', '-']) { None } else { text.parse().ok() }
}
