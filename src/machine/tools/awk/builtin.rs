//! The functions of awk.

use std::rc::Rc;

use crate::machine::Process;
use crate::machine::regex::{Captures, Regex};
use crate::machine::tools::date::{Civil, Zone, format_in};

use super::run::{Awk, RLENGTH, RSTART, Ran};
use super::tree::{Expr, Slot};
use super::value::{Value, one_number};

/// The whole record, when a function is not told what to take.
const RECORD: Expr = Expr::Number(0.0);

impl Awk<'_, '_> {
    /// The value of a function of the language.
    pub fn builtin(&mut self, name: &str, args: &[Expr]) -> Ran<Value> {
        let number = |n: f64| Ok(Value::Number(n));
        match (name, args) {
            ("length", []) => {
                let record = self.eval(&Expr::Field(Box::new(RECORD)))?;
                number(self.text_of(&record).len() as f64)
            }
            ("length", [Expr::Var(slot), ..]) => match self.array_length(*slot) {
                Some(length) => number(length as f64),
                None => number(self.text(&args[0])?.len() as f64),
            },
            ("length", [text, ..]) => number(self.text(text)?.len() as f64),
            ("substr", [text, from, rest @ ..]) => {
                let text = self.text(text)?;
                let from = self.number(from)?;
                let length = rest.first().map(|l| self.number(l)).transpose()?;
                Ok(Value::text(substr(&text, from, length)))
            }
            ("index", [text, part]) => {
                let (text, part) = (self.text(text)?, self.text(part)?);
                let at = if part.is_empty() { None } else { text.windows(part.len()).position(|w| w == part.as_ref()) };
                number(at.map_or(0.0, |i| i as f64 + 1.0))
            }
            ("split", [text, Expr::Var(slot), rest @ ..]) => self.split_into(text, *slot, rest.first()),
            ("sub" | "gsub", [pattern, with, rest @ ..]) => self.substitute(name == "gsub", pattern, with, rest.first()),
            ("gensub", [pattern, with, how, rest @ ..]) => {
                let (regex, with, how) = (self.pattern(pattern)?, self.text(with)?, self.number(how)?);
                let text = match rest.first() {
                    Some(text) => self.text(text)?,
                    None => self.text(&Expr::Field(Box::new(RECORD)))?,
                };
                Ok(Value::text(&substituted(self.p, &regex, &text, &with, how.max(0.0) as usize, true).0))
            }
            ("match", [text, pattern, ..]) => {
                let text = self.text(text)?;
                let found = self.pattern(pattern)?.find(&text, 0).and_then(|c| c[0]);
                let (start, length) = found.map_or((0.0, -1.0), |(a, b)| (a as f64 + 1.0, (b - a) as f64));
                self.set(Slot::Global(RSTART), Value::Number(start))?;
                self.set(Slot::Global(RLENGTH), Value::Number(length))?;
                number(start)
            }
            ("sprintf", []) if self.p.busybox() => Ok(Value::text(b"")),
            ("sprintf", args) => Ok(Value::text(&self.format(args)?)),
            ("and" | "or" | "xor" | "lshift" | "rshift", [a, b]) => {
                let (a, b) = (self.number(a)? as i64 as u64, self.number(b)? as i64 as u64);
                number(match name {
                    "and" => a & b,
                    "or" => a | b,
                    "xor" => a ^ b,
                    "lshift" => a << (b & 63),
                    _ => a >> (b & 63),
                } as f64)
            }
            ("compl", [n]) => number(!(self.number(n)? as i64 as u64) as f64),
            ("tolower", [text]) => Ok(Value::text(&self.text(text)?.to_ascii_lowercase())),
            ("toupper", [text]) => Ok(Value::text(&self.text(text)?.to_ascii_uppercase())),
            ("int", [n]) => number(self.number(n)?.trunc()),
            ("sin" | "cos" | "exp" | "log" | "sqrt", [n]) => {
                let n = self.number(n)?;
                // Debian's busybox is built without mathematics.
                match name {
                    "sqrt" | "sin" | "cos" | "exp" | "log" if self.p.debian_busybox() => Err(self.fail("Math support is not compiled in")),
                    "sin" => number(n.sin()),
                    "cos" => number(n.cos()),
                    "exp" => number(n.exp()),
                    "log" => number(n.ln()),
                    _ => number(n.sqrt()),
                }
            }
            ("atan2", [_, _]) if self.p.debian_busybox() => Err(self.fail("Math support is not compiled in")),
            ("atan2", [y, x]) => {
                let (y, x) = (self.number(y)?, self.number(x)?);
                number(y.atan2(x))
            }
            ("rand", []) => {
                if !self.p.busybox() {
                    return number(f64::from(self.rand()) / 2_147_483_648.0);
                }
                let low = u64::from(self.rand() << 16 ^ self.rand());
                let high = u64::from(self.rand());
                number((high << 32 | low) as f64 / (1u64 << 63) as f64)
            }
            ("srand", args) => {
                let old = self.seed;
                let now = self.now();
                self.seed = args.first().map_or(Ok(now as f64), |n| self.number(n))? as i64 as u32;
                self.random.clear();
                number(f64::from(old))
            }
            ("systime", []) => number(self.now() as f64),
            ("strftime", args) => {
                let busybox = self.p.busybox();
                let usual: &[u8] = if busybox { b"%a %b %e %H:%M:%S %Z %Y" } else { b"%c" };
                let format = args.first().map_or(Ok(Rc::from(usual)), |f| self.text(f))?;
                let at = args.get(1).map_or(Ok(self.now() as f64), |n| self.number(n))?;
                let zone = Zone::of(self.p.var("TZ"));
                let format = String::from_utf8_lossy(&format);
                Ok(Value::text(format_in(&format, at as i64, 0, zone.at(at as i64), busybox).as_bytes()))
            }
            ("mktime", [text, ..]) => {
                let text = self.text(text)?;
                let text = String::from_utf8_lossy(&text);
                let fields: Vec<i64> = text.split_whitespace().map_while(|w| w.parse().ok()).collect();
                let [year, month, day, hour, minute, second, ..] = fields[..] else { return number(-1.0) };
                let local = Civil { year, month, day, hour, minute, second }.seconds();
                number(Zone::of(self.p.var("TZ")).moment(local) as f64)
            }
            ("system", [command]) => {
                let command = String::from_utf8_lossy(&self.text(command)?).into_owned();
                self.outputs.flush(self.p);
                let status = self.p.run(&["sh".into(), "-c".into(), command]);
                number(f64::from(status))
            }
            ("close", [name]) => {
                let name = String::from_utf8_lossy(&self.text(name)?).into_owned();
                let status = self.outputs.close(self.p, &name);
                let read = self.close_input(&name).then(|| self.statuses.remove(&name).unwrap_or(0));
                // busybox tells what `pclose` told it.
                let busybox = self.p.busybox();
                number(f64::from(status.or(read).map_or(if busybox { 0 } else { -1 }, |s| if busybox { s << 8 } else { s })))
            }
            ("fflush", _) => {
                self.outputs.flush(self.p);
                number(0.0)
            }
            _ => Err(self.fail("Too few arguments")),
        }
    }

    fn now(&self) -> i64 {
        self.p.system.wall().div_euclid(1_000_000_000)
    }

    fn array_length(&mut self, slot: Slot) -> Option<usize> {
        self.is_array(slot).then(|| self.array(slot).borrow().len())
    }

    fn split_into(&mut self, text: &Expr, slot: Slot, separator: Option<&Expr>) -> Ran<Value> {
        let text = self.text(text)?;
        let parts = match separator {
            Some(Expr::Regex(separator)) if separator.len() < 2 => {
                let bracketed = [b"[", separator.as_ref(), b"]"].concat();
                self.split(&text, &bracketed, false)?
            }
            Some(Expr::Regex(separator)) => self.split(&text, &separator.clone(), false)?,
            Some(separator) => {
                let separator = self.text(separator)?;
                self.split(&text, &separator, false)?
            }
            None => {
                let separator = self.field_separator();
                self.split(&text, &separator, false)?
            }
        };
        let array = self.array(slot);
        let mut array = array.borrow_mut();
        array.clear();
        for (i, part) in parts.iter().enumerate() {
            *array.entry(&Rc::from((i + 1).to_string().as_bytes())) = Value::outside(part);
        }
        Ok(Value::Number(parts.len() as f64))
    }

    fn substitute(&mut self, all: bool, pattern: &Expr, with: &Expr, place: Option<&Expr>) -> Ran<Value> {
        let whole = Expr::Field(Box::new(RECORD));
        let place = place.unwrap_or(&whole);
        let regex = self.pattern(pattern)?;
        let with = self.text(with)?;
        let text = self.text(place)?;
        if self.p.busybox() {
            let (out, count) = substituted(self.p, &regex, &text, &with, usize::from(!all), false);
            if count > 0 {
                self.store(place, Value::text(&out))?;
            }
            return Ok(Value::Number(count as f64));
        }
        let (mut out, mut copied, mut from, mut count) = (Vec::new(), 0, 0, 0);
        while let Some((start, end)) = regex.find(&text, from).and_then(|c| c[0]) {
            if !self.p.burn(text.len() as u64 / 8 + 1) {
                break;
            }
            // Right behind a match there is no empty one.
            if !(start == end && count > 0 && start == copied && start > 0) {
                out.extend_from_slice(&text[copied..start]);
                replace(&mut out, &with, &text[start..end]);
                copied = end;
                count += 1;
            }
            if !all || end >= text.len() && start == end {
                break;
            }
            from = if end == start { end + 1 } else { end };
            if from > text.len() {
                break;
            }
        }
        if count > 0 {
            out.extend_from_slice(&text[copied..]);
            self.store(place, Value::text(&out))?;
        }
        Ok(Value::Number(f64::from(count)))
    }

    /// What `printf` makes of its arguments.
    pub fn format(&mut self, args: &[Expr]) -> Ran<Vec<u8>> {
        let Some((format, args)) = args.split_first() else { return Err(self.fail("Too few arguments")) };
        let format = self.text(format)?;
        let values = args.iter().map(|a| self.eval(a)).collect::<Ran<Vec<_>>>()?;
        let mut values = values.into_iter();
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(c) = format.get(at).copied() {
            at += 1;
            if c != b'%' {
                out.push(c);
                continue;
            }
            if format.get(at) == Some(&b'%') {
                out.push(c);
                at += 1;
                continue;
            }
            let start = at - 1;
            // busybox's format ends where no conversion follows.
            if self.p.busybox() && !format[at..].iter().any(u8::is_ascii_alphabetic) {
                out.extend_from_slice(&format[start..]);
                break;
            }
            let mut spec = String::new();
            while let Some(c) = format.get(at).filter(|c| b"-+ #0.*123456789".contains(c)) {
                match c {
                    b'*' if self.p.busybox() => return Err(self.fail("%*x formats are not supported")),
                    b'*' => spec += &(values.next().map_or(0.0, |v| v.number()) as i64).to_string(),
                    c => spec.push(*c as char),
                }
                at += 1;
            }
            while !self.p.busybox() && format.get(at).is_some_and(|c| b"hlLjzt".contains(c)) {
                at += 1;
            }
            let Some(conversion) = format.get(at).copied() else {
                out.extend_from_slice(&format[start..]);
                break;
            };
            at += 1;
            let value = values.next().unwrap_or(Value::Unset);
            match conversion {
                b'c' => {
                    let byte = match &value {
                        Value::Number(n) => Some(*n as i64 as u8),
                        value => self.text_of(value).first().copied().or(self.p.busybox().then_some(0)),
                    };
                    pad(&mut out, &spec, byte.as_slice());
                }
                b's' => {
                    let text = self.text_of(&value);
                    pad(&mut out, &spec, &text);
                }
                b'd' | b'i' | b'o' | b'x' | b'X' | b'u' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
                    out.extend_from_slice(one_number(&spec, conversion as char, value.number(), self.p.busybox()).as_bytes());
                }
                _ if self.p.busybox() => return Err(self.fail("Invalid format specifier")),
                _ => out.extend_from_slice(&format[start..at]),
            }
            if !self.p.system.burn_bytes(out.len() as u64 / 64) {
                break;
            }
        }
        Ok(out)
    }

    /// The next number of C's `random`, whose first seed is 1.
    fn rand(&mut self) -> u32 {
        if self.random.is_empty() {
            let mut state: Vec<u32> = vec![self.seed.max(1)];
            for i in 1..31 {
                let next = 16807 * i64::from(state[i - 1] as i32) % 2_147_483_647;
                state.push((if next < 0 { next + 2_147_483_647 } else { next }) as u32);
            }
            state.extend_from_within(..3);
            self.random = state;
            (0..310).for_each(|_| {
                self.step();
            });
        }
        self.step() >> 1
    }

    fn step(&mut self) -> u32 {
        let n = self.random.len();
        let next = self.random[n - 31].wrapping_add(self.random[n - 3]);
        self.random.push(next);
        if n > 4096 {
            self.random.drain(..n - 64);
        }
        next
    }
}

fn pad(out: &mut Vec<u8>, spec: &str, text: &[u8]) {
    let left = spec.contains('-');
    let (width, precision) = spec
        .trim_start_matches(['-', '+', ' ', '#', '0'])
        .split_once('.')
        .map_or_else(|| (spec.trim_start_matches(['-', '+', ' ', '#', '0']), usize::MAX), |(w, p)| (w, p.parse().unwrap_or(0)));
    let text = &text[..text.len().min(precision)];
    let fill = width.parse::<usize>().unwrap_or(0).min(1 << 16).saturating_sub(text.len());
    if left {
        out.extend_from_slice(text);
    }
    out.resize(out.len() + fill, b' ');
    if !left {
        out.extend_from_slice(text);
    }
}

fn substr(text: &[u8], from: f64, length: Option<f64>) -> &[u8] {
    let start = (from as i64).saturating_sub(1).clamp(0, text.len() as i64) as usize;
    let length = length.map_or(text.len(), |l| (l as i64).max(0) as usize);
    &text[start..start.saturating_add(length).min(text.len())]
}

/// busybox's `sub`, `gsub` and `gensub`: the `only`-th match replaced, or all (0), and how many there were. It goes on right behind
/// a match, where an empty one may follow.
fn substituted(p: &mut Process, regex: &Regex, text: &[u8], with: &[u8], only: usize, groups: bool) -> (Vec<u8>, usize) {
    let (mut out, mut at, mut count) = (Vec::new(), 0, 0);
    while let Some(found) = regex.find(text, at) {
        if !p.burn((text.len() / 8 + with.len() + 1) as u64) {
            break;
        }
        let (start, end) = found[0].unwrap_or((at, at));
        out.extend_from_slice(&text[at..start]);
        count += 1;
        if count >= only {
            expand(&mut out, with, text, &found, groups);
        } else {
            out.extend_from_slice(&text[start..end]);
        }
        at = end;
        if count == only {
            break;
        }
        if start == end {
            let Some(byte) = text.get(at) else { break };
            out.push(*byte);
            at += 1;
        }
    }
    out.extend_from_slice(&text[at..]);
    (out, count)
}

/// Adds `with` as busybox reads it: a backslash counts only before `&`, and before a digit if there are groups.
fn expand(out: &mut Vec<u8>, with: &[u8], text: &[u8], found: &Captures, groups: bool) {
    let mut slashes = 0;
    for byte in with {
        if *byte == b'&' || groups && byte.is_ascii_digit() {
            out.truncate(out.len() - usize::div_ceil(slashes, 2));
            let (group, plain) = if *byte == b'&' { (0, slashes) } else { (usize::from(byte - b'0'), slashes + 1) };
            if plain % 2 == 1 {
                out.push(*byte);
            } else if let Some(Some((start, end))) = found.get(group) {
                out.extend_from_slice(&text[*start..*end]);
            }
        } else {
            out.push(*byte);
        }
        slashes = if *byte == b'\\' { slashes + 1 } else { 0 };
    }
}

/// Adds `with`, where `&` is the match and `\&` is `&`.
fn replace(out: &mut Vec<u8>, with: &[u8], found: &[u8]) {
    let mut bytes = with.iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'&' => out.extend_from_slice(found),
            b'\\' if bytes.peek().is_some_and(|b| matches!(b, b'&' | b'\\')) => out.extend(bytes.next()),
            byte => out.push(*byte),
        }
    }
}
