//! printf, as busybox, dash, bash and coreutils have it: they differ in how they refuse.

use super::format;
use crate::machine::Process;
use crate::machine::shell::Dialect;
use crate::machine::shell::escape::{unescape_but, unescape_bytes};

/// `/bin/printf`.
pub fn printf_tool(p: &mut Process) -> i32 {
    let dialect = p.busybox().then_some(Dialect::Ash);
    if p.busybox() && p.args[1..].iter().all(|a| a == "--") && p.args.len() < 3 {
        return super::options::usage(p);
    }
    printf(p, dialect)
}

/// printf as the shell `dialect` has it; `None` is that of coreutils.
pub fn printf(p: &mut Process, dialect: Option<Dialect>) -> i32 {
    let args = p.args.clone();
    let at = if args.get(1).is_some_and(|a| a == "--") { 2 } else { 1 };
    let Some(format) = args.get(at) else {
        p.fail("usage: printf FORMAT [ARGUMENT...]");
        return if p.busybox() { 2 } else { 1 };
    };
    if at == 1 && matches!(dialect, Some(Dialect::Dash | Dialect::Bash)) && format.starts_with('-') && format.len() > 1 {
        return illegal_option(p, dialect, format);
    }
    let mut run = Run { p, dialect, rest: &args[at + 1..], status: 0 };
    loop {
        let before = run.rest.len();
        if !run.pass(format) || run.rest.is_empty() || run.rest.len() == before || !run.p.burn(10) {
            return run.status;
        }
    }
}

fn illegal_option(p: &mut Process, dialect: Option<Dialect>, format: &str) -> i32 {
    let option: String = format.chars().take(2).collect();
    if dialect == Some(Dialect::Dash) {
        p.fail(&format!("Illegal option {option}"));
    } else {
        p.fail(&format!("{option}: invalid option"));
        p.err("printf: usage: printf [-v var] format [arguments]\n");
    }
    2
}

struct Run<'a, 'b> {
    p: &'a mut Process<'b>,
    dialect: Option<Dialect>,
    rest: &'a [String],
    status: i32,
}

/// What a number's text is.
#[derive(PartialEq)]
enum Read {
    Whole,
    /// No text at all.
    Nothing,
    Part,
    Not,
    TooLarge,
}

impl<'a> Run<'a, '_> {
    fn unescape(&self, text: &str, octal_zero: bool) -> (Vec<u8>, bool) {
        match self.dialect {
            Some(Dialect::Dash) => unescape_but("x\"'?", text, octal_zero),
            Some(Dialect::Bash) => unescape_bytes(text, octal_zero),
            _ if self.p.busybox() => unescape_but("\"'?", text, octal_zero),
            _ => unescape_but("'?", text, octal_zero),
        }
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// The format once over the arguments; `false`: nothing more may be printed.
    fn pass(&mut self, format: &str) -> bool {
        let mut left = format;
        while let Some(c) = left.chars().next() {
            let (text, stop);
            (text, left) = match c {
                '%' => {
                    let Some(after) = self.conversion(left) else { return false };
                    left = after;
                    continue;
                }
                '\\' => {
                    // What is escaped may itself be a mark.
                    let escaped = left[1..].chars().next().filter(|c| *c != '%').map_or(0, char::len_utf8);
                    left.split_at(left[1 + escaped..].find(['\\', '%']).map_or(left.len(), |end| end + 1 + escaped))
                }
                _ => left.split_at(left.find(['\\', '%']).unwrap_or(left.len())),
            };
            let bytes;
            // To bash `\c` says nothing here.
            let literal = matches!(self.dialect, Some(Dialect::Bash | Dialect::Dash)) && text.starts_with("\\c");
            (bytes, stop) = if c == '\\' && !literal { self.unescape(text, false) } else { (text.as_bytes().to_vec(), false) };
            self.p.out(bytes);
            if stop {
                return false;
            }
        }
        true
    }

    /// The conversion at the start of `text`; gives what follows it.
    fn conversion<'f>(&mut self, text: &'f str) -> Option<&'f str> {
        if let Some(rest) = text.strip_prefix("%%") {
            self.p.out("%");
            return Some(rest);
        }
        let mut spec = String::new();
        let mut letters = text[1..].char_indices();
        let mut letter = None;
        if self.dialect == Some(Dialect::Bash)
            && let Some(end) = self.time(text)
        {
            return Some(&text[end..]);
        }
        for (at, c) in letters.by_ref() {
            match c {
                '\'' if matches!(self.dialect, Some(Dialect::Bash) | None) => {}
                '*' => spec += self.next().unwrap_or(""),
                '0'..='9' | '-' | '+' | ' ' | '#' | '.' => spec.push(c),
                'h' | 'l' | 'L' | 'j' | 'z' | 't' if self.dialect != Some(Dialect::Dash) => {}
                _ => {
                    letter = Some((at, c));
                    break;
                }
            }
        }
        let quotes = matches!(self.dialect, Some(Dialect::Bash) | None);
        // busybox's %b takes no width.
        let sized = self.dialect == Some(Dialect::Ash) && !text.starts_with("%b");
        let bash = self.dialect == Some(Dialect::Bash);
        let known = |c: char| "diouxXfFeEgGcs".contains(c) || c == 'b' && !sized || quotes && c == 'q' || bash && c == 'Q';
        let Some((at, c)) = letter.filter(|(_, c)| known(*c)) else {
            self.refuse(text, letter);
            return None;
        };
        let value = self.next();
        let absent = if "sbcqQ".contains(c) || self.dialect == Some(Dialect::Ash) { "" } else { "0" };
        self.convert(&spec, c, value.unwrap_or(absent))?;
        Some(&text[1 + at + c.len_utf8()..])
    }

    /// bash's `%(format)T`, if it starts `text`: how long it is.
    fn time(&mut self, text: &str) -> Option<usize> {
        let (spec, rest) =
            text[1..].split_once('(').filter(|(spec, _)| spec.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'.'))?;
        let end = rest.find(")T")?;
        let format = if end == 0 { "%X" } else { &rest[..end] };
        let seconds = match self.next().map(|v| v.parse::<i64>().unwrap_or(0)) {
            None | Some(-1 | -2) => self.p.system.now / 1_000_000_000,
            Some(seconds) => seconds,
        };
        let shown = super::date::format(format, seconds, 0);
        self.p.out(format::text(spec, shown.as_bytes()));
        Some(1 + spec.len() + 1 + end + 2)
    }

    /// `None`: `\c` in an argument of `%b` ends all.
    fn convert(&mut self, spec: &str, conversion: char, value: &str) -> Option<()> {
        let text = match conversion {
            'b' => {
                let (bytes, stop) = self.unescape(value, true);
                self.p.out(bytes);
                return (!stop).then_some(());
            }
            'q' if self.dialect.is_none() => crate::machine::shell::eval::quote(value, Dialect::Bash),
            'q' | 'Q' => {
                let quoted = crate::machine::shell::eval::backslashed(value);
                self.p.out(format::text(spec, quoted.as_bytes()));
                return Some(());
            }
            's' | 'c' => {
                // The end of a string is a byte too.
                let value = if conversion == 's' { value.as_bytes() } else { value.as_bytes().get(..1).unwrap_or(b"\0") };
                self.p.out(format::text(spec, value));
                return Some(());
            }
            'd' | 'i' | 'o' | 'u' | 'x' | 'X' => {
                let (number, read) = integer(value, matches!(conversion, 'd' | 'i'));
                let number = if self.complain(value, read) { number } else { 0 };
                format::integer(spec, conversion, number)
            }
            _ => {
                let (number, read) = real(value);
                let read = if value.is_empty() { Read::Whole } else { read };
                let number = if self.complain(value, read) { number } else { 0.0 };
                format::real(spec, conversion, number)
            }
        };
        self.p.out(text);
        Some(())
    }

    /// Tells of a bad number; whether what could be read of it is printed.
    fn complain(&mut self, value: &str, read: Read) -> bool {
        if read == Read::Whole || (read == Read::Nothing && self.dialect != Some(Dialect::Ash)) {
            return true;
        }
        let large = "Numerical result out of range";
        let text = match (self.dialect, &read) {
            (Some(Dialect::Ash), _) => format!("invalid number '{value}'"),
            (Some(Dialect::Dash), Read::Not) => format!("{value}: expected numeric value"),
            (Some(Dialect::Dash), Read::Part) => format!("{value}: not completely converted"),
            (Some(Dialect::Dash), _) => format!("{value}: {large}"),
            (Some(Dialect::Bash), Read::TooLarge) => format!("warning: {value}: {large}"),
            (Some(Dialect::Bash), _) => format!("{value}: invalid number"),
            (None, Read::Not) => format!("'{value}': expected a numeric value"),
            (None, Read::Part) => format!("'{value}': value not completely converted"),
            (None, _) => format!("'{value}': {large}"),
        };
        self.p.fail(&text);
        if !(self.dialect == Some(Dialect::Bash) && read == Read::TooLarge) {
            self.status = 1;
        }
        self.dialect != Some(Dialect::Ash)
    }

    fn refuse(&mut self, text: &str, letter: Option<(usize, char)>) {
        let upto = letter.map_or(text, |(at, c)| &text[..1 + at + c.len_utf8()]);
        let (status, message) = match (self.dialect, letter) {
            (Some(Dialect::Ash), _) => {
                // It forgets the sizes that it has read.
                let (head, rest) = text.split_at(letter.map_or(text.len(), |(at, _)| 1 + at));
                (1, format!("{}{rest}: invalid format", head.replace(['h', 'l', 'L', 'z'], "")))
            }
            (Some(Dialect::Dash), None) => (2, "missing format character".into()),
            (Some(Dialect::Dash), _) => (2, format!("{upto}: invalid directive")),
            (Some(Dialect::Bash), None) => (1, format!("`{text}': missing format character")),
            (Some(Dialect::Bash), Some((_, c))) => (1, format!("`{c}': invalid format character")),
            (None, _) => (1, format!("{upto}: invalid conversion specification")),
        };
        self.p.fail(&message);
        self.status = status;
    }
}

/// `strtoimax` with base 0, or the code of the character after a quote.
fn integer(text: &str, signed: bool) -> (i128, Read) {
    if let Some(c) = text.strip_prefix(['\'', '"']) {
        return (c.chars().next().map_or(0, |c| i128::from(u32::from(c))), Read::Whole);
    }
    if text.is_empty() {
        return (0, Read::Nothing);
    }
    let plain = text.trim_start();
    let (negative, digits) = plain.strip_prefix('-').map_or((false, plain.strip_prefix('+').unwrap_or(plain)), |d| (true, d));
    let hexadecimal = |d: &&str| d.starts_with(|c: char| c.is_ascii_hexdigit());
    let (base, digits) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")).filter(hexadecimal) {
        Some(rest) => (16, rest),
        None => (if digits.starts_with('0') { 8 } else { 10 }, digits),
    };
    let end = digits.find(|c: char| !c.is_digit(base)).unwrap_or(digits.len());
    if end == 0 {
        return (0, Read::Not);
    }
    let (least, most) = if signed { (i64::MIN.into(), i64::MAX.into()) } else { (-i128::from(u64::MAX), i128::from(u64::MAX)) };
    let value = i128::from_str_radix(&digits[..end], base).unwrap_or(i128::MAX);
    let value = if negative { -value } else { value };
    match () {
        () if value < least => (least, Read::TooLarge),
        () if value > most => (most, Read::TooLarge),
        () if end < digits.len() => (value, Read::Part),
        () => (value, Read::Whole),
    }
}

/// `strtod`, or the code of the character after a quote.
fn real(text: &str) -> (f64, Read) {
    if text.is_empty() || text.starts_with(['\'', '"']) {
        let (code, read) = integer(text, true);
        return (code as f64, read);
    }
    let plain = text.trim_start();
    let end = plain.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(plain.len()).min(400);
    let found = (1..=end).rev().find_map(|end| Some((end, crate::base::parse_float(plain.get(..end)?)?)));
    match found {
        None => (0.0, Read::Not),
        Some((end, value)) if end < plain.len() => (value, Read::Part),
        Some((_, value)) => (value, Read::Whole),
    }
}
