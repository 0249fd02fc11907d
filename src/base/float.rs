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

    proptest! {
        #[test]
        fn short_ones_are_exact(mantissa in 0_u64..1_000_000_000_000_000, places in 0_usize..15) {
            let text = format!("{mantissa:015}");
            let text = format!("{}.{}", &text[..15 - places], &text[15 - places..]);
            prop_assert_eq!(parse_float(&text), text.parse().ok());
        }
    }
}
