//! numfmt: numbers for people, and back.

use super::options::{Options, of};
use crate::machine::Process;

const UNITS: &str = "KMGTPEZY";

const LONG: &[(&str, char)] = &[
    ("to", 't'),
    ("from", 'f'),
    ("to-unit", 'T'),
    ("from-unit", 'F'),
    ("field", 'c'),
    ("suffix", 's'),
    ("padding", 'p'),
    ("format", 'm'),
    ("round", 'r'),
    ("grouping", 'g'),
    ("header", 'h'),
    ("invalid", 'i'),
    ("delimiter", 'd'),
    ("zero-terminated", 'z'),
    ("debug", 'b'),
];

/// numfmt.
pub fn numfmt(p: &mut Process) -> i32 {
    let options = match of(p, "t:f:T:F:c:s:p:m:r:gh;i:d:zb", LONG) {
        Ok(options) => options,
        Err(status) => return status,
    };
    // Digits in a row are a width or a precision.
    let widths = "pm".chars().filter_map(|c| options.value(c)).flat_map(|v| v.split(|c: char| !c.is_ascii_digit()));
    if widths.filter(|w| !w.is_empty()).any(|w| w.parse::<u16>().is_err()) {
        p.system.halt("numfmt writes a number too wide");
        return 1;
    }
    let (mut lines, end) = (options.operands.clone(), if options.has('z') { '\0' } else { '\n' });
    let mut titles = 0;
    if lines.is_empty() {
        let data = p.stdin();
        lines = String::from_utf8_lossy(&data).split_terminator(end).map(str::to_owned).collect();
        titles = if options.has('h') { options.value('h').and_then(|h| h.parse().ok()).unwrap_or(1) } else { 0 };
    }
    for (i, line) in lines.iter().enumerate() {
        let text = if i < titles { Ok(line.clone()) } else { convert(&options, line) };
        match text {
            Ok(text) => p.out(format!("{text}{end}")),
            Err(why) => {
                let how = options.value('i').unwrap_or("abort").to_owned();
                if how != "ignore" {
                    p.fail(&why);
                }
                if how == "abort" {
                    return 2;
                }
                p.out(format!("{line}{end}"));
                if how == "fail" {
                    return 2;
                }
            }
        }
    }
    0
}

fn convert(options: &Options, line: &str) -> Result<String, String> {
    let wanted = options.value('c').unwrap_or("1");
    let chosen = |n: usize| {
        wanted.split(',').any(|range| match range.split_once('-') {
            None => range == "-" || range.parse() == Ok(n),
            Some((from, to)) => from.parse().unwrap_or(1) <= n && n <= to.parse().unwrap_or(usize::MAX),
        })
    };
    if let Some(delimiter) = options.value('d') {
        let fields: Result<Vec<String>, String> =
            line.split(delimiter).enumerate().map(|(i, f)| if chosen(i + 1) { number(options, f, 0) } else { Ok(f.to_owned()) }).collect();
        return Ok(fields?.join(delimiter));
    }
    // A field and the space before it: it stays as wide as it was.
    let (mut out, mut rest, mut n) = (String::new(), line, 0);
    while !rest.is_empty() {
        let start = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        let end = rest[start..].find(char::is_whitespace).map_or(rest.len(), |i| start + i);
        n += 1;
        match start < end && chosen(n) {
            false => out += &rest[..end],
            true => {
                let (space, width) = if n > 1 { (1.min(start), end - 1.min(start)) } else { (0, end) };
                out += &rest[..space];
                let wide = if start > space { width } else { 0 };
                out += &number(options, &rest[start..end], wide)?;
            }
        }
        rest = &rest[end..];
    }
    Ok(out)
}

fn parse(options: &Options, text: &str) -> Result<f64, String> {
    let text = options.value('s').and_then(|s| text.strip_suffix(s)).unwrap_or(text);
    let from = options.value('f').unwrap_or("none");
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let value = crate::base::parse_float(digits).ok_or_else(|| format!("invalid number: '{text}'"))?;
    if unit.is_empty() {
        return Ok(value);
    }
    let (letter, rest) = unit.split_at(unit.chars().next().map_or(0, char::len_utf8));
    let power = UNITS.find(&letter.to_ascii_uppercase()).map(|i| i as i32 + 1);
    let base: f64 = match (from, rest, power) {
        ("none", _, Some(_)) => return Err(format!("rejecting suffix in input: '{text}' (consider using --from)")),
        (_, _, None) => return Err(format!("invalid suffix in input: '{text}'")),
        ("si" | "auto", "", _) => 1000.0,
        ("iec", "", _) | ("iec-i" | "auto", "i", _) => 1024.0,
        ("iec-i", "", _) => return Err(format!("missing 'i' suffix in input: '{text}' (e.g Ki/Mi/Gi)")),
        _ => return Err(format!("invalid suffix in input '{text}': '{rest}'")),
    };
    Ok(value * base.powi(power.unwrap_or(0)))
}

fn round(options: &Options, value: f64) -> f64 {
    match options.value('r').unwrap_or("from-zero") {
        "up" => value.ceil(),
        "down" => value.floor(),
        "towards-zero" => value.trunc(),
        "nearest" => value.round(),
        _ if value < 0.0 => value.floor(),
        _ => value.ceil(),
    }
}

fn number(options: &Options, text: &str, width: usize) -> Result<String, String> {
    let unit = |letter: char| options.value(letter).map_or(Ok(1.0), |u| scale(u).ok_or_else(|| format!("invalid unit size: '{u}'")));
    let value = parse(options, text)? * unit('F')? / unit('T')?;
    let decimals = text.split_once('.').map_or(0, |(_, d)| d.bytes().take_while(u8::is_ascii_digit).count());
    let format = options.value('m').unwrap_or("%f");
    let (before, spec) = format.split_once('%').unwrap_or(("", format));
    let (spec, after) = spec.split_once('f').unwrap_or((spec, ""));
    let (wide, precise) = spec.split_once('.').map_or((spec, None), |(w, d)| (w, d.parse::<usize>().ok().or(Some(0))));
    let mut shown = scaled(options, value, precise, decimals);
    shown += options.value('s').unwrap_or("");
    let padding =
        options.value('p').or(Some(wide.trim_start_matches(['\'', '0'])).filter(|w| !w.is_empty())).and_then(|w| w.parse::<i64>().ok());
    let zeros = wide.trim_start_matches('\'').starts_with('0') && padding.is_some();
    let shown = match padding.unwrap_or(width as i64) {
        n if n < 0 => format!("{shown:<0$}", n.unsigned_abs() as usize),
        n if zeros => format!("{shown:0>0$}", n as usize),
        n => format!("{shown:>0$}", n as usize),
    };
    Ok(format!("{before}{shown}{after}"))
}

fn scaled(options: &Options, value: f64, precise: Option<usize>, decimals: usize) -> String {
    let to = options.value('t').unwrap_or("none");
    let base = match to {
        "si" => 1000.0,
        "iec" | "iec-i" => 1024.0,
        _ => {
            let digits = precise.unwrap_or(decimals);
            let ten = 10f64.powi(digits as i32);
            return format!("{:.digits$}", round(options, value * ten) / ten);
        }
    };
    let (mut small, mut power) = (value.abs(), 0);
    while small >= base && power < UNITS.len() {
        small /= base;
        power += 1;
    }
    let sign = if value < 0.0 { -1.0 } else { 1.0 };
    let digits = precise.unwrap_or(usize::from(power > 0 && small < 10.0));
    let ten = 10f64.powi(digits as i32);
    small = (round(options, sign * small * ten) / ten).abs();
    let mut digits = digits;
    if small >= base && power < UNITS.len() {
        small /= base;
        power += 1;
        digits = precise.unwrap_or(1);
    } else if small >= 10.0 && precise.is_none() {
        digits = 0;
    }
    let letter = power.checked_sub(1).map_or("", |i| &UNITS[i..=i]);
    let i = if to == "iec-i" && power > 0 { "i" } else { "" };
    format!("{:.digits$}{letter}{i}", sign * small)
}

fn scale(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let count = if digits.is_empty() { 1.0 } else { crate::base::parse_float(digits)? };
    let power = unit.chars().next().map_or(Some(0), |c| UNITS.find(c.to_ascii_uppercase()).map(|i| i as i32 + 1))?;
    Some(count * if unit.ends_with('i') { 1024f64 } else { 1000.0 }.powi(power))
}
