//! date: the virtual clock, in UTC.

use super::options::of;
use crate::machine::{Process, errno};

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A moment in the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Civil {
    pub year: i64,
    /// From 1.
    pub month: i64,
    /// From 1.
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; months may run over.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Civil {
    /// The date and time of day of a number of seconds since 1970.
    pub fn of(seconds: i64) -> Self {
        let (day, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let z = day + 719_468;
        let era = z.div_euclid(146_097);
        let of_era = z - era * 146_097;
        let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * years + years / 4 - years / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        Self {
            year: years + era * 400 + i64::from(month <= 2),
            month,
            day: of_year - (153 * shifted + 2) / 5 + 1,
            hour: time / 3600,
            minute: time / 60 % 60,
            second: time % 60,
        }
    }

    /// Seconds since 1970.
    pub fn seconds(&self) -> i64 {
        days(self.year, self.month, self.day) * 86_400 + self.hour * 3600 + self.minute * 60 + self.second
    }

    fn day_of_year(&self) -> i64 {
        days(self.year, self.month, self.day) - days(self.year, 1, 1)
    }

    /// The week of ISO 8601 and the year that it belongs to.
    fn week(&self) -> (i64, i64) {
        let day = days(self.year, self.month, self.day);
        let thursday = day - (day + 3).rem_euclid(7) + 3;
        let year = Self::of(thursday * 86_400).year;
        (year, (thursday - days(year, 1, 1)) / 7 + 1)
    }
}

/// `strftime` in the C locale and UTC.
pub fn format(format: &str, seconds: i64, nanoseconds: i64) -> String {
    let t = Civil::of(seconds);
    let weekday = (seconds.div_euclid(86_400) + 4).rem_euclid(7);
    let names = |list: &[&'static str], at: i64| list[(at as usize).min(list.len() - 1)];
    let hour12 = if t.hour % 12 == 0 { 12 } else { t.hour % 12 };
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flag = ' ';
        let mut width = String::new();
        let mut conversion = '%';
        for c in chars.by_ref() {
            match c {
                '-' | '_' | '^' | '#' => flag = c,
                '0' if width.is_empty() => flag = c,
                '0'..='9' => width.push(c),
                'E' | 'O' | ':' => {}
                c => {
                    conversion = c;
                    break;
                }
            }
        }
        let (value, digits, fill) = match conversion {
            'Y' => (t.year, 1, '0'),
            'C' => (t.year / 100, 2, '0'),
            'y' => (t.year.rem_euclid(100), 2, '0'),
            'm' => (t.month, 2, '0'),
            'd' => (t.day, 2, '0'),
            'e' => (t.day, 2, ' '),
            'H' => (t.hour, 2, '0'),
            'k' => (t.hour, 2, ' '),
            'I' => (hour12, 2, '0'),
            'l' => (hour12, 2, ' '),
            'M' => (t.minute, 2, '0'),
            'S' => (t.second, 2, '0'),
            's' => (seconds, 1, '0'),
            'j' => (t.day_of_year() + 1, 3, '0'),
            'u' => (if weekday == 0 { 7 } else { weekday }, 1, '0'),
            'w' => (weekday, 1, '0'),
            'U' => ((t.day_of_year() + 7 - weekday) / 7, 2, '0'),
            'W' => ((t.day_of_year() + 7 - (weekday + 6) % 7) / 7, 2, '0'),
            'V' => (t.week().1, 2, '0'),
            'G' => (t.week().0, 1, '0'),
            'g' => (t.week().0.rem_euclid(100), 2, '0'),
            'N' => {
                let digits = width.parse().unwrap_or(9usize).clamp(1, 9);
                out += &format!("{nanoseconds:09}")[..digits];
                continue;
            }
            conversion => {
                let text = match conversion {
                    'a' => names(&DAYS, weekday)[..3].to_owned(),
                    'A' => names(&DAYS, weekday).to_owned(),
                    'b' | 'h' => names(&MONTHS, t.month - 1)[..3].to_owned(),
                    'B' => names(&MONTHS, t.month - 1).to_owned(),
                    'p' => if t.hour < 12 { "AM" } else { "PM" }.to_owned(),
                    'P' => if t.hour < 12 { "am" } else { "pm" }.to_owned(),
                    'z' => "+0000".to_owned(),
                    'Z' => "UTC".to_owned(),
                    'n' => "\n".to_owned(),
                    't' => "\t".to_owned(),
                    '%' => "%".to_owned(),
                    'D' | 'x' => self::format("%m/%d/%y", seconds, 0),
                    'F' => self::format("%Y-%m-%d", seconds, 0),
                    'T' | 'X' => self::format("%H:%M:%S", seconds, 0),
                    'R' => self::format("%H:%M", seconds, 0),
                    'r' => self::format("%I:%M:%S %p", seconds, 0),
                    'c' => self::format("%a %b %e %H:%M:%S %Y", seconds, 0),
                    c => format!("%{c}"),
                };
                out += &if flag == '^' { text.to_ascii_uppercase() } else { text };
                continue;
            }
        };
        let width = width.parse::<usize>().unwrap_or(digits).min(100);
        match if flag == '_' { ' ' } else { fill } {
            _ if flag == '-' => out += &value.to_string(),
            ' ' if flag != '0' => out += &format!("{value:>width$}"),
            _ => out += &format!("{value:0>width$}"),
        }
    }
    out
}

/// The moment that a text says, in seconds; `now` is the present.
pub fn parse(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.split('.').next()?.parse().ok();
    }
    let mut t = Civil::of(now);
    let (mut has_time, mut has_date, mut shift) = (false, false, 0);
    let joined = match text.as_bytes() {
        // The T of 2006-01-02T15:04:05.
        [.., b] if text.len() > 10 && text.as_bytes()[10] == b'T' && *b != b' ' => text.replacen('T', " ", 1),
        _ => text.to_owned(),
    };
    let mut words = joined.split([' ', ',']).filter(|w| !w.is_empty()).peekable();
    while let Some(word) = words.next() {
        let lower = word.to_ascii_lowercase();
        let month = MONTHS.iter().position(|m| lower.len() >= 3 && m.to_ascii_lowercase().starts_with(&lower));
        if let Some(month) = month {
            t.month = month as i64 + 1;
            has_date = true;
        } else if DAYS.iter().any(|d| lower.len() >= 3 && d.to_ascii_lowercase().starts_with(&lower))
            || matches!(lower.as_str(), "utc" | "gmt" | "z" | "now" | "am" | "+0000")
        {
        } else if word.matches('.').count() == 2 && word.contains('-') && word.contains(':') {
            // busybox's 2006.01.02-15:04:05.
            let (date, time) = word.split_once('-')?;
            return parse(&format!("{} {time}", date.replace('.', "-")), now);
        } else if word.contains(':') {
            let mut parts = word.trim_end_matches('Z').split(['+', '.']).next()?.split(':');
            t.hour = parts.next()?.parse().ok()?;
            t.minute = parts.next()?.parse().ok()?;
            t.second = parts.next().map_or(Some(0), |s| s.parse().ok())?;
            has_time = true;
        } else if word.matches('-').count() == 2 && !word.starts_with('-') {
            let mut parts = word.split('-');
            t.year = parts.next()?.parse().ok()?;
            t.month = parts.next()?.parse().ok()?;
            t.day = parts.next()?.parse().ok()?;
            has_date = true;
        } else if matches!(lower.as_str(), "today" | "yesterday" | "tomorrow" | "midnight") {
            shift += [("yesterday", -86_400), ("tomorrow", 86_400)].iter().find(|(w, _)| *w == lower).map_or(0, |(_, s)| *s);
            has_time |= lower == "midnight";
        } else if let Ok(count) = word.trim_start_matches('+').parse::<i64>() {
            let unit = words.peek().map(|w| w.to_ascii_lowercase()).unwrap_or_default();
            let unit = unit.trim_end_matches('s');
            let scale = [("sec", 1), ("second", 1), ("min", 60), ("minute", 60), ("hour", 3600), ("day", 86_400), ("week", 604_800)];
            let sign = if joined.ends_with("ago") { -1 } else { 1 };
            match (scale.iter().find(|(n, _)| *n == unit), unit) {
                (Some((_, scale)), _) => shift += sign * count.checked_mul(*scale)?,
                (None, "month") => t.month += sign * count,
                (None, "year") => t.year += sign * count,
                _ if word.len() == 8 => {
                    (t.year, t.month, t.day) = (count / 10_000, count / 100 % 100, count % 100);
                    has_date = true;
                    continue;
                }
                _ if count > 31 => {
                    t.year = count;
                    continue;
                }
                _ => {
                    t.day = count;
                    continue;
                }
            }
            words.next();
        } else if lower != "ago" {
            return None;
        }
    }
    if has_date && !has_time {
        (t.hour, t.minute, t.second) = (0, 0, 0);
    }
    ((0..60).contains(&t.minute) && (0..24).contains(&t.hour) && (0..10_000).contains(&t.year)).then(|| t.seconds() + shift)
}

/// busybox's `MMDDhhmm[[CC]YY][.ss]`.
fn compact(text: &str, now: i64) -> Option<i64> {
    let (digits, second) = text.split_once('.').map_or((text, Some(0)), |(d, s)| (d, s.parse().ok()));
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|d| d.parse::<i64>().ok());
    let mut t = Civil { second: second?, ..Civil::of(now) };
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 8 | 10 | 12) {
        return None;
    }
    (t.month, t.day, t.hour, t.minute) = (part(0, 2)?, part(2, 4)?, part(4, 6)?, part(6, 8)?);
    match digits.len() {
        10 => t.year = t.year / 100 * 100 + part(8, 10)?,
        12 => t.year = part(8, 12)?,
        _ => {}
    }
    Some(t.seconds())
}

/// `[[CC]YY]MMDDhhmm[.ss]`, as `touch -t` takes it.
pub fn stamp(text: &str, now: i64) -> Option<i64> {
    let (digits, second) = text.split_once('.').map_or((text, Some(0)), |(d, s)| (d, s.parse().ok()));
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 8 | 10 | 12) {
        return None;
    }
    let (head, rest) = digits.split_at(digits.len() - 8);
    let part = |from: usize| rest[from..from + 2].parse::<i64>().ok();
    let year = match head.parse::<i64>() {
        Ok(year) if head.len() == 4 => year,
        Ok(year) => {
            if year < 69 {
                2000 + year
            } else {
                1900 + year
            }
        }
        Err(_) => Civil::of(now).year,
    };
    Some(Civil { year, month: part(0)?, day: part(2)?, hour: part(4)?, minute: part(6)?, second: second? }.seconds())
}

/// A moment as `touch -d` takes it: to busybox a date alone leaves the time of day as it is.
pub fn parse_for(text: &str, now: i64, busybox: bool) -> Option<i64> {
    if !busybox {
        return parse(text, now);
    }
    if text.contains('T') {
        return None;
    }
    let found = compact(text, now).or_else(|| parse(text, now))?;
    let dated = !text.contains(':') && !text.starts_with('@') && compact(text, now).is_none();
    Some(if dated { found.div_euclid(86_400) * 86_400 + now.rem_euclid(86_400) } else { found })
}

/// The present of a process: seconds and nanoseconds.
pub fn now(p: &Process) -> (i64, i64) {
    let at = p.system.now.saturating_add(p.system.state.clock.as_nanos() as i64);
    (at.div_euclid(1_000_000_000), at.rem_euclid(1_000_000_000))
}

/// date.
pub fn date(p: &mut Process) -> i32 {
    let long = [
        ("date", 'd'),
        ("utc", 'u'),
        ("universal", 'u'),
        ("reference", 'r'),
        ("rfc-2822", 'R'),
        ("rfc-email", 'R'),
        ("iso-8601", 'I'),
        ("rfc-3339", '3'),
        ("set", 's'),
    ];
    let options = match of(p, "d:ur:RI;3:s:D:", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let (present, nanoseconds) = now(p);
    let moment = if let Some(file) = options.value('r') {
        match p.stat(file) {
            Ok((_, node)) => Some((node.metadata().mtime.div_euclid(1_000_000_000), node.metadata().mtime.rem_euclid(1_000_000_000))),
            Err(e) => {
                let text = format!("{file}: {}", errno::text(e));
                return p.fail(&text);
            }
        }
    } else if let Some(text) = options.value('d').or(options.value('s')) {
        let found = if p.busybox() { compact(text, present).or_else(|| parse(text, present)) } else { parse(text, present) };
        let Some(seconds) = found else {
            let text =
                if p.busybox() { format!("invalid date '{text}'") } else { format!("invalid date {}", super::names::quote(p, text)) };
            return p.fail(&text);
        };
        Some((seconds, if text == "now" { nanoseconds } else { 0 }))
    } else {
        Some((present, nanoseconds))
    };
    let (seconds, nanoseconds) = moment.unwrap_or((present, nanoseconds));
    let pattern = match (options.operands.first().and_then(|o| o.strip_prefix('+')), options.value('I'), options.value('3')) {
        (Some(pattern), ..) => pattern,
        (None, ..) if options.has('R') => "%a, %d %b %Y %H:%M:%S +0000",
        (None, Some("" | "date"), _) => "%Y-%m-%d",
        (None, Some("hours"), _) => "%Y-%m-%dT%H+00:00",
        (None, Some("minutes"), _) => "%Y-%m-%dT%H:%M+00:00",
        (None, Some("ns"), _) => "%Y-%m-%dT%H:%M:%S,%N+00:00",
        (None, Some(_), _) => "%Y-%m-%dT%H:%M:%S+00:00",
        (None, None, Some("date")) => "%Y-%m-%d",
        (None, None, Some(_)) => "%Y-%m-%d %H:%M:%S+00:00",
        _ => "%a %b %e %H:%M:%S UTC %Y",
    };
    let text = format(pattern, seconds, nanoseconds) + "\n";
    p.out(text);
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let at = 1_000_000_000;
        for (pattern, expect) in [
            ("%F %T", "2001-09-09 01:46:40"),
            ("%c", "Sun Sep  9 01:46:40 2001"),
            ("%j %U %V %G %u", "252 36 36 2001 7"),
            ("%-d %_H %^a %3N %%", "9  1 SUN 000 %"),
            ("%I:%M %p %s", "01:46 AM 1000000000"),
        ] {
            assert_eq!(format(pattern, at, 0), expect, "{pattern}");
        }
    }

    #[test]
    fn parses() {
        for (text, expect) in [
            ("@5", Some(5)),
            ("2001-09-09 01:46:40", Some(1_000_000_000)),
            ("2001-09-09T01:46:40Z", Some(1_000_000_000)),
            ("9 Sep 2001", Some(999_993_600)),
            ("1970-01-01 +2 days", Some(172_800)),
            ("1 day ago", Some(-86_400)),
            ("nonsense", None),
        ] {
            assert_eq!(parse(text, 0), expect, "{text}");
        }
    }
}
