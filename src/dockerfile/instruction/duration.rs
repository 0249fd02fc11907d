//! Go's `time.ParseDuration`.

use crate::base::go;

const UNITS: [(&str, i64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// `1h15m30.5s` in nanoseconds, or Go's error.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let quoted = go::quote(text);
    let invalid = || format!("time: invalid duration {quoted}");
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, after) = rest.split_at(end);
        let fraction_length = after.strip_prefix('.').map_or(0, |after| after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len()));
        let fraction = after.strip_prefix('.').map_or("", |after| &after[..fraction_length]);
        let after = after.strip_prefix('.').map_or(after, |after| &after[fraction_length..]);
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let length = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(length);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {quoted}"));
        }
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("time: unknown unit {} in duration {quoted}", go::quote(unit)));
        };
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        // More digits than a nanosecond has do not count.
        let digits = &fraction[..fraction.len().min(18)];
        let part = if digits.is_empty() { 0 } else { digits.parse::<i128>().map_err(|_| invalid())? };
        let scaled = part * i128::from(*scale) / 10i128.pow(u32::try_from(digits.len()).unwrap_or(0));
        total = whole.checked_mul(i128::from(*scale)).and_then(|whole| total.checked_add(whole + scaled)).ok_or_else(invalid)?;
        if total > i128::from(i64::MAX) + i128::from(negative) {
            return Err(invalid());
        }
        rest = next;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expect) in [("0", 0), ("1h2m3s", 3_723_000_000_000), ("1.5s", 1_500_000_000), (".5ms", 500_000), ("-1s", -1_000_000_000)]
        {
            assert_eq!(parse(text), Ok(expect), "{text}");
        }
    }

    #[test]
    fn errors() {
        assert_eq!(parse("30"), Err("time: missing unit in duration \"30\"".into()));
        assert_eq!(parse("3 s"), Err("time: unknown unit \" s\" in duration \"3 s\"".into()));
        for text in ["", "-", "s", ".", "9999999999h", "99999999999999999999999999999999999999999s"] {
            assert_eq!(parse(text), Err(format!("time: invalid duration {text:?}")), "{text}");
        }
    }
}
