//! Sizes and times as docker prints them: docker/go-units, and BuildKit's `tonistiigi/units`.

/// `64m`, `1.5GB` -> bytes, by 1024: go-units `RAMInBytes`.
pub fn ram_size(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let body = lower.trim_end_matches('b').trim_end_matches('i');
    let shift = match body.chars().last() {
        Some('k') => 10,
        Some('m') => 20,
        Some('g') => 30,
        Some('t') => 40,
        _ => 0,
    };
    let number = if shift > 0 { &body[..body.len() - 1] } else { body };
    let value = crate::base::parse_float(number.trim())?;
    (value.is_finite() && value >= 0.0).then(|| (value * (1u64 << shift) as f64) as u64)
}

/// `1h30m` -> seconds: Go's `time.ParseDuration`, cut to seconds.
pub fn parse_seconds(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let unit = rest[end..].find(|c: char| c.is_ascii_digit() || c == '.').map_or(rest.len(), |at| at + end);
        let factor = match &rest[end..unit] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += crate::base::parse_float(&rest[..end])? * factor;
        rest = &rest[unit..];
    }
    (!text.is_empty()).then_some(seconds as i64)
}

/// `HumanSize`: base 1000, four significant digits: `150MB`, `8.45MB`.
pub fn human_size(bytes: u64) -> String {
    let (value, unit) = scale(bytes as f64, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB", "EB"]);
    format!("{}{unit}", significant(value, 4))
}

/// `HumanSizeWithPrecision(size, 3)`: what `docker images` and `docker history` show.
pub fn short_size(bytes: u64) -> String {
    let (value, unit) = scale(bytes as f64, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB", "EB"]);
    format!("{}{unit}", significant(value, 3))
}

/// The amounts of progress lines: `%.2f` of `units.Bytes`, base 1000: `719B`, `2.03MB`.
pub fn progress_size(bytes: u64) -> String {
    let (value, unit) = scale(bytes as f64, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB", "EB"]);
    if unit == "B" { format!("{bytes}B") } else { format!("{value:.2}{unit}") }
}

fn scale(value: f64, base: f64, units: &[&'static str]) -> (f64, &'static str) {
    let (mut value, mut index) = (value, 0);
    while value >= base && index + 1 < units.len() {
        value /= base;
        index += 1;
    }
    (value, units.get(index).copied().unwrap_or("B"))
}

/// Go's `%.Ng`.
fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let text = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent >= digits as i32 {
        let trimmed = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
        return format!("{trimmed}e+{exponent:02}");
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    let fixed = format!("{value:.decimals$}");
    if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.').to_owned() } else { fixed }
}

/// `HumanDuration` and `ago`: `5 seconds ago`, `About a minute ago`.
pub fn ago(seconds: i64) -> String {
    format!("{} ago", human_duration(seconds))
}

fn human_duration(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, (seconds as f64 / 3600.0).round() as i64);
    match () {
        () if seconds < 1 => "Less than a second".into(),
        () if seconds == 1 => "1 second".into(),
        () if seconds < 60 => format!("{seconds} seconds"),
        () if minutes == 1 => "About a minute".into(),
        () if minutes < 60 => format!("{minutes} minutes"),
        () if hours == 1 => "About an hour".into(),
        () if hours < 48 => format!("{hours} hours"),
        () if hours < 24 * 7 * 2 => format!("{} days", hours / 24),
        () if hours < 24 * 30 * 2 => format!("{} weeks", hours / 24 / 7),
        () if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        () => format!("{} years", hours / 24 / 365),
    }
}

/// Seconds since 1970 of an RFC 3339 time in UTC (`2024-01-02T03:04:05.6Z`), fractions dropped.
pub fn parse_time(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    Some(days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second)
}

/// `2024-01-02T03:04:05.678Z`: RFC 3339 with as many digits as needed, as Go's `RFC3339Nano`.
pub fn format_time(nanoseconds: i128) -> String {
    let (seconds, fraction) = (nanoseconds.div_euclid(1_000_000_000), nanoseconds.rem_euclid(1_000_000_000));
    let (days, second) = (seconds.div_euclid(86400) as i64, seconds.rem_euclid(86400) as i64);
    let (year, month, day) = civil_from_days(days);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:09}").trim_end_matches('0').to_owned() };
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!([0, 999, 1000, 8_450_000, 150_123_456].map(short_size), ["0B", "999B", "1kB", "8.45MB", "150MB"]);
        assert_eq!(human_size(150_123_456), "150.1MB");
        assert_eq!([719, 2_031_111].map(progress_size), ["719B", "2.03MB"]);
        assert_eq!(short_size(999_999), "1e+03kB");
    }

    #[test]
    fn durations() {
        assert_eq!(
            [0, 1, 59, 60, 120, 3600, 7200, 3600 * 24 * 3, 3600 * 24 * 15].map(ago),
            [
                "Less than a second ago",
                "1 second ago",
                "59 seconds ago",
                "About a minute ago",
                "2 minutes ago",
                "About an hour ago",
                "2 hours ago",
                "3 days ago",
                "2 weeks ago"
            ]
        );
    }

    #[test]
    fn times_go_both_ways() {
        for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:58Z", "2026-11-24T05:00:00Z"] {
            let seconds = parse_time(text).expect(text);
            assert_eq!(format_time(i128::from(seconds) * 1_000_000_000), text);
        }
        assert_eq!(format_time(1_500_000_000), "1970-01-01T00:00:01.5Z");
        assert_eq!(parse_time("x"), None);
    }
}
