//! echo and printf.

use crate::machine::Process;
use crate::machine::shell::Dialect;
use crate::machine::shell::escape::unescape_bytes;

/// `echo` as the shell's dialect has it: dash always reads escapes, the others with `-e`.
pub fn echo(p: &mut Process, dialect: Dialect) -> i32 {
    let args = p.args.clone();
    let (mut newline, mut escapes, mut at) = (true, dialect == Dialect::Dash, 1);
    while let Some(flags) = args.get(at).and_then(|a| a.strip_prefix('-')).filter(|f| !f.is_empty()) {
        let known = if dialect == Dialect::Dash { "n" } else { "neE" };
        if !flags.chars().all(|c| known.contains(c)) {
            break;
        }
        for c in flags.chars() {
            match c {
                'n' => newline = false,
                c => escapes = c == 'e',
            }
        }
        at += 1;
    }
    let text = args.get(at..).unwrap_or(&[]).join(" ");
    if escapes {
        let (bytes, stop) = unescape_bytes(&text, true);
        p.out(bytes);
        newline &= !stop;
    } else {
        p.out(text);
    }
    if newline {
        p.out("\n");
    }
    0
}

/// `/bin/echo`.
pub fn echo_tool(p: &mut Process) -> i32 {
    echo(p, Dialect::Bash)
}

/// printf.
pub fn printf(p: &mut Process) -> i32 {
    let args = p.args.clone();
    let at = if args.get(1).is_some_and(|a| a == "--") { 2 } else { 1 };
    let Some(format) = args.get(at) else {
        p.fail("usage: printf FORMAT [ARGUMENT...]");
        return if p.busybox() { 2 } else { 1 };
    };
    let mut rest = args[at + 1..].iter();
    let mut status = 0;
    loop {
        let before = rest.len();
        let mut chars = format.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            if c == '\\' {
                let end = format[i..].char_indices().skip(1).find(|(_, c)| *c == '\\' || *c == '%').map_or(format.len(), |(e, _)| {
                    if e == 1 { i + 1 + format[i + 1..].chars().next().map_or(0, char::len_utf8) } else { i + e }
                });
                let (bytes, stop) = unescape_bytes(&format[i..end], false);
                p.out(bytes);
                if stop {
                    return status;
                }
                while chars.peek().is_some_and(|(j, _)| *j < end) {
                    chars.next();
                }
                continue;
            }
            if c != '%' {
                p.out(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            let mut spec = String::new();
            let mut conversion = '%';
            for (_, c) in chars.by_ref() {
                if c == '*' {
                    spec += rest.next().map_or("", String::as_str);
                } else if c.is_ascii_digit() || "-+ #0.".contains(c) {
                    spec.push(c);
                } else if !"hlLjzt".contains(c) {
                    conversion = c;
                    break;
                }
            }
            if conversion == '%' {
                p.out("%");
                continue;
            }
            let arg = rest.next().map_or("", String::as_str);
            if conversion == 'q' {
                p.out(crate::machine::shell::eval::backslashed(arg));
                continue;
            }
            if conversion == 'b' {
                let (bytes, stop) = unescape_bytes(arg, true);
                p.out(bytes);
                if stop {
                    return status;
                }
                continue;
            }
            match format_one(&spec, conversion, arg) {
                Ok(text) => p.out(text),
                Err(text) => {
                    status = p.fail(&format!("invalid number '{arg}'"));
                    p.out(text);
                }
            }
        }
        if rest.len() == 0 || rest.len() == before || !p.burn(10) {
            return status;
        }
    }
}

/// One conversion; `Err`: the argument is no number, with the text that is printed all the same.
pub fn format_one(spec: &str, conversion: char, arg: &str) -> Result<String, String> {
    let flags: String = spec.chars().take_while(|c| "-+ #0".contains(*c)).collect();
    let (width, precision) = spec[flags.len()..]
        .split_once('.')
        .map_or((&spec[flags.len()..], None), |(w, p)| (w, Some(p.parse::<usize>().unwrap_or(0).min(4096))));
    let width = width.parse::<usize>().unwrap_or(0).min(4096);
    let mut good = true;
    let mut body = match conversion {
        'c' => arg.chars().take(1).collect(),
        's' => arg.chars().take(precision.unwrap_or(usize::MAX)).collect(),
        'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
            let value = integer(arg);
            good = value.is_some();
            let value = value.unwrap_or(0);
            match conversion {
                'x' => format!("{}{value:x}", if flags.contains('#') { "0x" } else { "" }),
                'X' => format!("{value:X}"),
                'o' => format!("{value:o}"),
                'u' => (value as u64).to_string(),
                _ if flags.contains('+') && value >= 0 => format!("+{value}"),
                _ => value.to_string(),
            }
        }
        _ => {
            let value = crate::base::parse_float(arg.trim());
            good = value.is_some() || arg.is_empty();
            float(value.unwrap_or(0.0), conversion, precision)
        }
    };
    let length = body.chars().count();
    if length < width {
        let fill = width - length;
        body = if flags.contains('-') {
            body + &" ".repeat(fill)
        } else if flags.contains('0') && !matches!(conversion, 's' | 'c') {
            let sign = body.starts_with(['-', '+']) as usize;
            format!("{}{}{}", &body[..sign], "0".repeat(fill), &body[sign..])
        } else {
            " ".repeat(fill) + &body
        };
    }
    if good { Ok(body) } else { Err(body) }
}

fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(c) = text.strip_prefix(['\'', '"']) {
        return Some(c.chars().next().map_or(0, |c| c as i64));
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text.trim_start_matches('+')), |d| (true, d));
    let value = if digits.is_empty() {
        return (text.is_empty()).then_some(0);
    } else if let Some(hex) = digits.strip_prefix("0x") {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else {
        digits.parse().ok()?
    };
    Some(if negative { -value } else { value })
}

/// C's `%f`, `%e`, `%g`.
pub fn float(value: f64, conversion: char, precision: Option<usize>) -> String {
    let digits = precision.unwrap_or(6);
    let exponential = |digits: usize| {
        let text = format!("{value:.digits$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    };
    match conversion {
        _ if !value.is_finite() => format!("{value}").to_ascii_lowercase(),
        'e' | 'E' => exponential(digits),
        'g' | 'G' => {
            let digits = digits.max(1);
            let exponent: i32 = format!("{value:.*e}", digits - 1).split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
            let strip = |text: String| if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
            if exponent < -4 || exponent >= digits as i32 {
                let text = exponential(digits - 1);
                let (mantissa, rest) = text.split_once('e').unwrap_or((&text, ""));
                format!("{}e{rest}", strip(mantissa.to_owned()))
            } else {
                strip(format!("{value:.*}", (digits as i32 - 1 - exponent).max(0) as usize))
            }
        }
        _ => format!("{value:.digits$}"),
    }
}
