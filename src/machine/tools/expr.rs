//! expr.

use crate::machine::Process;
use crate::machine::regex::{Regex, Syntax};

const SYNTAX: &str = "syntax error";

/// Deepest nesting of parentheses.
const MAX_DEPTH: u32 = 60;

/// expr.
pub fn expr(p: &mut Process) -> i32 {
    let args = p.args.get(1..).unwrap_or(&[]).to_vec();
    if p.busybox() && args.first().is_some_and(|a| a == "--help") {
        super::options::usage(p);
        return 0;
    }
    let args = if !p.busybox() && args.first().is_some_and(|a| a == "--") { &args[1..] } else { &args[..] };
    if args.is_empty() {
        if p.busybox() {
            return failure(p, "too few arguments");
        }
        super::options::refuse(p, "missing operand");
        return 2;
    }
    let mut reader = Reader { args, at: 0, busybox: p.busybox(), warnings: String::new() };
    let result = reader.level(0, 0);
    p.err(std::mem::take(&mut reader.warnings));
    match result {
        Ok(value) if reader.at >= args.len() => {
            p.out(format!("{value}\n"));
            i32::from(is_null(&value, reader.busybox))
        }
        Ok(_) if p.busybox() => failure(p, SYNTAX),
        Ok(_) => failure(p, &format!("{SYNTAX}: unexpected argument '{}'", args[reader.at])),
        Err(text) if text == SYNTAX && !p.busybox() && reader.at == args.len() => {
            let last = args.last().map_or("", String::as_str);
            failure(p, &format!("{SYNTAX}: missing argument after '{last}'"))
        }
        Err(text) => failure(p, &text),
    }
}

fn failure(p: &mut Process, text: &str) -> i32 {
    p.fail(text);
    2
}

/// Operators, the loosest first.
const LEVELS: [&[&str]; 6] = [&["|"], &["&"], &["<", "<=", "=", "==", "!=", ">=", ">"], &["+", "-"], &["*", "/", "%"], &[":"]];

struct Reader<'a> {
    args: &'a [String],
    at: usize,
    busybox: bool,
    warnings: String,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<String, String> {
        let word = self.args.get(self.at).cloned().ok_or_else(|| SYNTAX.to_owned())?;
        self.at += 1;
        Ok(word)
    }

    fn level(&mut self, level: usize, depth: u32) -> Result<String, String> {
        let Some(operators) = LEVELS.get(level) else { return self.primary(depth) };
        let mut left = self.level(level + 1, depth)?;
        while let Some(operator) = self.args.get(self.at).filter(|a| operators.contains(&a.as_str())).cloned() {
            self.at += 1;
            let right = self.level(level + 1, depth)?;
            left = if operator == ":" { self.matched(&left, &right)? } else { binary(&left, &operator, &right, self.busybox)? };
        }
        Ok(left)
    }

    fn primary(&mut self, depth: u32) -> Result<String, String> {
        if depth > MAX_DEPTH {
            return Err(SYNTAX.into());
        }
        let word = self.next()?;
        // A word of its own at the end is none, except to busybox.
        let is_call = self.busybox || self.at < self.args.len();
        match word.as_str() {
            "(" => {
                let value = self.level(0, depth + 1)?;
                if self.next()? == ")" { Ok(value) } else { Err(SYNTAX.into()) }
            }
            "length" if is_call => Ok(self.primary(depth + 1)?.chars().count().to_string()),
            "match" if is_call => {
                let text = self.primary(depth + 1)?;
                let pattern = self.primary(depth + 1)?;
                self.matched(&text, &pattern)
            }
            "index" if is_call => {
                let text = self.primary(depth + 1)?;
                let set = self.primary(depth + 1)?;
                Ok(text.chars().position(|c| set.contains(c)).map_or(0, |i| i + 1).to_string())
            }
            "substr" if is_call => {
                let text = self.primary(depth + 1)?;
                let from = self.primary(depth + 1)?.parse::<usize>().unwrap_or(0);
                let length = self.primary(depth + 1)?.parse::<usize>().unwrap_or(0);
                Ok(if from == 0 { String::new() } else { text.chars().skip(from - 1).take(length).collect() })
            }
            "+" if !self.busybox && is_call => self.next(),
            "quote" if self.busybox => self.next(),
            ")" | "+" if self.busybox => Err(SYNTAX.into()),
            _ => Ok(word),
        }
    }
}

impl Reader<'_> {
    /// The first group that an anchored match gives, or else its length.
    fn matched(&mut self, text: &str, pattern: &str) -> Result<String, String> {
        let regex = match Regex::new(pattern.as_bytes(), Syntax::default()) {
            Ok(regex) => regex,
            Err(why) if self.busybox => return Err(["bad regex '", pattern, "': ", &why].concat()),
            Err(_) => return Err("invalid regular expression".into()),
        };
        if self.busybox && pattern.starts_with('^') {
            self.warnings += &["expr: warning: '", pattern, "': using '^' as the first character\n"].concat();
            self.warnings += "of a basic regular expression is not portable; it is ignored\n";
        }
        let found = regex.find(text.as_bytes(), 0).filter(|f| f[0].is_some_and(|(start, _)| start == 0));
        Ok(match found {
            None if pattern.contains("\\(") => String::new(),
            None => "0".into(),
            Some(all) if all.len() > 1 && !(self.busybox && all[1].is_none()) => {
                all[1].and_then(|(a, b)| text.get(a..b)).unwrap_or("").to_owned()
            }
            Some(all) => all[0].map_or(0, |(_, end)| end).to_string(),
        })
    }
}

fn is_null(value: &str, busybox: bool) -> bool {
    value.is_empty() || value == "0" || !busybox && value.parse() == Ok(0i64)
}

/// `strtoll`, where the program reads numbers so: blanks before it, and no end to how large it is.
fn integer(text: &str, busybox: bool) -> Option<i64> {
    let digits = text.trim_start();
    match digits.parse::<i64>() {
        Ok(value) if busybox || digits.len() == text.len() => Some(value),
        Err(e) if busybox && *e.kind() == std::num::IntErrorKind::PosOverflow => Some(i64::MAX),
        Err(e) if busybox && *e.kind() == std::num::IntErrorKind::NegOverflow => Some(i64::MIN),
        _ => None,
    }
}

fn binary(left: &str, operator: &str, right: &str, busybox: bool) -> Result<String, String> {
    let numbers = integer(left, busybox).zip(integer(right, busybox));
    let order = numbers.map_or_else(|| left.cmp(right), |(a, b)| a.cmp(&b));
    let truth = |value: bool| Ok(String::from(if value { "1" } else { "0" }));
    match operator {
        "|" => return Ok(if is_null(left, busybox) { right } else { left }.to_owned()),
        "&" => return Ok(if is_null(left, busybox) || is_null(right, busybox) { "0" } else { left }.to_owned()),
        "<" => return truth(order.is_lt()),
        "<=" => return truth(order.is_le()),
        "=" | "==" => return truth(order.is_eq()),
        "!=" => return truth(order.is_ne()),
        ">=" => return truth(order.is_ge()),
        ">" => return truth(order.is_gt()),
        _ => {}
    }
    let (a, b) = numbers.ok_or("non-numeric argument")?;
    let value = match operator {
        "+" => a.wrapping_add(b),
        "-" => a.wrapping_sub(b),
        "*" => a.wrapping_mul(b),
        _ if b == 0 => return Err("division by zero".into()),
        "/" => a.wrapping_div(b),
        _ => a.wrapping_rem(b),
    };
    Ok(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let args: Vec<String> = text.split(' ').map(str::to_owned).collect();
        assert_eq!(
            Reader { args: &args, at: 0, busybox: false, warnings: String::new() }.level(0, 0).unwrap_or_else(|e| e),
            expect,
            "{text}"
        );
    }

    #[test]
    fn values() {
        check("3 + 4 * 2", "11");
        check("( 3 + 4 ) * 2", "14");
        check("10 > 9", "1");
        check("length hello", "5");
        check("abc : a\\(.*\\)", "bc");
        check("abc : x", "0");
        check("abc : .b", "2");
        check("substr hello 2 3", "ell");
        check("0 | x", "x");
        check("1 / 0", "division by zero");
        check("a + 1", "non-numeric argument");
        check("( 1", "syntax error");
    }
}
