//! C's conversions of one value: what printf, awk, od and hexdump print.

/// The flags, width and precision before a conversion's letter.
struct Layout<'a> {
    flags: &'a str,
    width: usize,
    precision: Option<usize>,
}

impl<'a> Layout<'a> {
    fn read(spec: &'a str) -> Self {
        let (flags, rest) = spec.split_at(spec.find(|c| !"-+ #0".contains(c)).unwrap_or(spec.len()));
        let (width, precision) = rest.split_once('.').map_or((rest, None), |(w, p)| (w, Some(p)));
        let number = |text: &str| text.parse::<usize>().unwrap_or(0).min(4096);
        // A negative precision is none.
        let precision = precision.filter(|p| !p.starts_with('-')).map(number);
        Layout { flags, width: number(width), precision }
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn sign(&self, negative: bool) -> &'static str {
        match () {
            () if negative => "-",
            () if self.has('+') => "+",
            () if self.has(' ') => " ",
            () => "",
        }
    }

    /// `prefix` and `body` in the width; `zeros`: the flag `0` counts here.
    fn pad(&self, prefix: &str, body: String, zeros: bool) -> String {
        let fill = self.width.saturating_sub(prefix.len() + body.len());
        match () {
            () if self.has('-') => [prefix, &body, &" ".repeat(fill)].concat(),
            () if zeros && self.has('0') => [prefix, &"0".repeat(fill), &body].concat(),
            () => [&" ".repeat(fill), prefix, &body].concat(),
        }
    }
}

/// `%s` and `%c`, which count bytes.
pub fn text(spec: &str, value: &[u8]) -> Vec<u8> {
    let layout = Layout::read(spec);
    let value = &value[..value.len().min(layout.precision.unwrap_or(usize::MAX))];
    let fill = vec![b' '; layout.width.saturating_sub(value.len())];
    if layout.has('-') { [value, &fill].concat() } else { [&fill, value].concat() }
}

/// `%d %i %u %x %X %o`; a negative value without a sign of its own is what 64 bits make of it.
pub fn integer(spec: &str, conversion: char, value: i128) -> String {
    let layout = Layout::read(spec);
    let bits = value as u64;
    let mut body = match conversion {
        'x' => format!("{bits:x}"),
        'X' => format!("{bits:X}"),
        'o' => format!("{bits:o}"),
        'u' => bits.to_string(),
        _ => value.unsigned_abs().to_string(),
    };
    if let Some(least) = layout.precision {
        body = if least == 0 && value == 0 { String::new() } else { ["0".repeat(least.saturating_sub(body.len())), body].concat() };
    }
    let prefix = match conversion {
        'x' if layout.has('#') && value != 0 => "0x",
        'X' if layout.has('#') && value != 0 => "0X",
        'o' if layout.has('#') && !body.starts_with('0') => "0",
        'd' | 'i' => layout.sign(value < 0),
        _ => "",
    };
    layout.pad(prefix, body, layout.precision.is_none())
}

/// `%f %e %g` and their capitals.
pub fn real(spec: &str, conversion: char, value: f64) -> String {
    let layout = Layout::read(spec);
    let body = float(value.abs(), conversion.to_ascii_lowercase(), layout.precision);
    let body = if conversion.is_ascii_uppercase() { body.to_ascii_uppercase() } else { body };
    layout.pad(layout.sign(value.is_sign_negative()), body, value.is_finite())
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
