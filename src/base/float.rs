//! Decimal numbers without the standard library's ten kilobytes of powers of five: exact where fifteen digits and 10^22 do, and elsewhere within
//! a unit or two of the last of 53 bits.

/// A decimal number as `f64::from_str` takes it: sign, digits, point, exponent, `inf`, `nan`.
pub fn parse_float(text: &str) -> Option<f64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let value = match digits.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => parse_digits(digits.as_bytes())?,
    };
    Some(if negative { -value } else { value })
}

/// `strtod`: the number that `text` begins with, after blanks, and how many bytes of `text` it takes; nothing if there is none.
pub fn float_prefix(text: &[u8]) -> Option<(f64, usize)> {
    let blanks = text.iter().take_while(|b| matches!(b, b' ' | 9..=13)).count();
    let signed = usize::from(matches!(text.get(blanks), Some(b'-' | b'+')));
    let from = blanks + signed;
    let rest = &text[from..];
    let digits = |from: usize| rest[from.min(rest.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let starts = |word: &str| rest.get(..word.len()).is_some_and(|r| r.eq_ignore_ascii_case(word.as_bytes()));
    let sign = |value: f64| if text.get(blanks) == Some(&b'-') { -value } else { value };
    if starts("0x") {
        let hex = rest[2..].iter().map_while(|b| char::from(*b).to_digit(16));
        let (value, count) = hex.fold((0.0, 0), |(value, count), digit| (value * 16.0 + f64::from(digit), count + 1));
        if count > 0 {
            return Some((sign(value), from + 2 + count));
        }
    }
    let word = ["infinity", "inf", "nan"].into_iter().find(|w| starts(w)).map(str::len);
    let mut end = digits(0);
    if rest.get(end) == Some(&b'.') && (end > 0 || digits(1) > 0) {
        end += 1 + digits(end + 1);
    }
    if end > 0 && matches!(rest.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(end + 1), Some(b'-' | b'+')));
        let written = digits(end + 1 + sign);
        end += if written > 0 { 1 + sign + written } else { 0 };
    }
    let end = word.unwrap_or(end);
    let value = std::str::from_utf8(&text[blanks..from + end]).ok().and_then(parse_float)?;
    Some((value, from + end))
}

fn parse_digits(text: &[u8]) -> Option<f64> {
    /// Digits that a mantissa holds.
    const MOST: u64 = 1_000_000_000_000_000_000;
    let (mut mantissa, mut exponent) = (0_u64, 0_i64);
    let (mut point, mut any, mut at) = (false, false, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                any = true;
                if mantissa < MOST {
                    mantissa = mantissa * 10 + u64::from(byte - b'0');
                    exponent -= i64::from(point);
                } else {
                    exponent += i64::from(!point);
                }
            }
            b'.' if !point => point = true,
            b'e' | b'E' if any => {
                let written: i64 = std::str::from_utf8(&text[at + 1..]).ok()?.parse().ok()?;
                return Some(scale(mantissa as f64, exponent.saturating_add(written)));
            }
            _ => return None,
        }
        at += 1;
    }
    any.then(|| scale(mantissa as f64, exponent))
}

/// `value` times ten to the `exponent`.
fn scale(mut value: f64, exponent: i64) -> f64 {
    /// Ten to this and all below is exact.
    const STEP: i64 = 22;
    let mut left = exponent.clamp(-700, 700);
    while left != 0 && value != 0.0 && value.is_finite() {
        let step = left.clamp(-STEP, STEP);
        let power = (0..step.abs()).fold(1.0, |power: f64, _| power * 10.0);
        value = if step < 0 { value / power } else { value * power };
        left -= step;
    }
    value
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_what_the_standard_library_takes() {
        for text in [
            "0",
            "1.5",
            "-0.25",
            "+3",
            ".5",
            "5.",
            "1e3",
            "1E-2",
            "123456789012345678901234567890",
            "1e400",
            "1e-400",
            "inf",
            "-inf",
            "0e999999999",
        ] {
            assert_eq!(parse_float(text), text.parse().ok(), "{text}");
        }
        for text in ["", ".", "e5", "1e", "1.2.3", "0x10", " 1", "1 ", "--1", "1e1.5"] {
            assert_eq!(parse_float(text), None, "{text}");
        }
    }

    #[test]
    fn begins_with_a_number() {
        for (text, expect) in [
            ("12abc", Some((12.0, 2))),
            (" -1.5e2x", Some((-150.0, 7))),
            ("1e", Some((1.0, 1))),
            ("0x1fg", Some((31.0, 4))),
            ("0x", Some((0.0, 1))),
            ("5.x", Some((5.0, 2))),
            (".", None),
            ("-", None),
            ("+.5", Some((0.5, 3))),
            ("-infx", Some((f64::NEG_INFINITY, 4))),
            ("x1", None),
        ] {
            assert_eq!(float_prefix(text.as_bytes()), expect, "{text}");
        }
    }

    proptest! {
        #[test]
        fn short_ones_are_exact(mantissa in 0_u64..1_000_000_000_000_000, places in 0_usize..15) {
            let text = format!("{mantissa:015}");
            let text = format!("{}.{}", &text[..15 - places], &text[15 - places..]);
            prop_assert_eq!(parse_float(&text), text.parse().ok());
        }
    }
}
