//! date: the virtual clock, in UTC or the zone that TZ says.

use super::options::of;
pub use super::zone::Zone;
use super::{moment, names};
use crate::machine::{Process, errno};

/// The days of the week.
pub const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/// The months.
pub const MONTHS: [&str; 12] =
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

/// A field of a date as C keeps it: an `int`.
fn int(field: i64) -> i64 {
    field.clamp(i64::from(i32::MIN), i64::from(i32::MAX))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; months may run over.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month, day) = (int(year), int(month), int(day));
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
        days(self.year, self.month, self.day) * 86_400 + int(self.hour) * 3600 + int(self.minute) * 60 + int(self.second)
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
    format_in(format, seconds, nanoseconds, (0, "UTC"), false)
}

/// `+02:00`, as many colons as are asked for.
fn ahead(offset: i64, colons: usize) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes, seconds) = (offset.abs() / 3600, offset.abs() / 60 % 60, offset.abs() % 60);
    match colons {
        0 => format!("{sign}{hours:02}{minutes:02}"),
        1 => format!("{sign}{hours:02}:{minutes:02}"),
        2 => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
        _ if minutes + seconds == 0 => format!("{sign}{hours:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}"),
    }
}

/// `strftime` in the C locale and a zone: how far ahead of UTC it is, and its name. `plain`: C's own, without what GNU's date adds.
pub fn format_in(format: &str, seconds: i64, nanoseconds: i64, zone: (i64, &str), plain: bool) -> String {
    let local = seconds + zone.0;
    let t = Civil::of(local);
    let weekday = (local.div_euclid(86_400) + 4).rem_euclid(7);
    let within = |format: &str| self::format_in(format, seconds, nanoseconds, zone, plain);
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
        let mut conversion = '\0';
        let mut colons = 0;
        let mut modified = false;
        let before = chars.as_str();
        for c in chars.by_ref() {
            match c {
                ':' if !plain => colons += 1,
                '-' | '_' | '^' | '#' => flag = c,
                '0' if width.is_empty() => flag = c,
                '0'..='9' => width.push(c),
                'E' | 'O' => modified = true,
                c => {
                    conversion = c;
                    break;
                }
            }
        }
        // What is no conversion is shown as it stands.
        let shown = |rest: &str| format!("%{}", &before[..before.len() - rest.len()]);
        if modified && !conversion.is_ascii_alphabetic() {
            chars = before[before.find(['E', 'O']).map_or(0, |i| i + 1)..].chars();
            out += &shown(chars.as_str());
            continue;
        }
        let (value, digits, fill) = match conversion {
            'N' if plain => {
                out += &shown(chars.as_str());
                continue;
            }
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
                    'z' => ahead(zone.0, colons),
                    'Z' => zone.1.to_owned(),
                    'n' => "\n".to_owned(),
                    't' => "\t".to_owned(),
                    '%' => "%".to_owned(),
                    'D' | 'x' => within("%m/%d/%y"),
                    'F' => within("%Y-%m-%d"),
                    'T' | 'X' => within("%H:%M:%S"),
                    'R' => within("%H:%M"),
                    'r' => within("%I:%M:%S %p"),
                    'c' => within("%a %b %e %H:%M:%S %Y"),
                    '\0' if before.is_empty() => "%".to_owned(),
                    _ => shown(chars.as_str()),
                };
                out += &match flag {
                    '^' => text.to_ascii_uppercase(),
                    '#' if matches!(conversion, 'p' | 'Z') => text.to_ascii_lowercase(),
                    '#' => text.to_ascii_uppercase(),
                    _ => text,
                };
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

/// `[[CC]YY]MMDDhhmm[.ss]`, as GNU's `touch -t` takes it.
pub fn stamp(text: &str, now: i64, zone: &Zone) -> Option<i64> {
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
    let civil = Civil { year, month: part(0)?, day: part(2)?, hour: part(4)?, minute: part(6)?, second: second? };
    moment::checked(&civil).map(|local| zone.moment(local))
}

/// The zone that TZ says. One that the image has a file for is known by its name alone, and is UTC here.
pub fn zone(p: &Process) -> Zone {
    Zone::of(p.var("TZ").filter(|tz| !p.exists(&format!("/usr/share/zoneinfo/{tz}"))))
}

/// A moment as `touch -d` takes it: to busybox a date alone leaves the time of day as it is.
pub fn parse_for(text: &str, now: i64, busybox: bool, zone: &Zone) -> Option<i64> {
    if busybox { moment::parse(text, Civil::of(now + zone.at(now).0), zone) } else { parse_in(text, now, zone) }
}

/// The present of a process: seconds and nanoseconds.
pub fn now(p: &Process) -> (i64, i64) {
    let at = p.system.wall();
    (at.div_euclid(1_000_000_000), at.rem_euclid(1_000_000_000))
}

/// The moment that `text` says to GNU's date: in the zone, if it does not say one itself.
fn parse_in(text: &str, now: i64, zone: &Zone) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    if text.starts_with('@') || ["UTC", "GMT", "+00"].iter().any(|z| upper.contains(z)) || upper.ends_with('Z') {
        return parse(text, now);
    }
    parse(text, now + zone.at(now).0).map(|local| zone.moment(local))
}

/// The digits of `MMDDhhmm[[CC]YY][.ss]` in the order of `-d`.
fn settable(text: &str) -> Option<String> {
    let digits = text.split('.').next().filter(|d| d.len() >= 8 && d.bytes().all(|b| b.is_ascii_digit()))?;
    Some([&text[8..digits.len()], &text[..8], &text[digits.len()..]].concat())
}

/// The moment that busybox's date is asked for; an error is the exit status.
fn busybox_moment(p: &mut Process, text: &str, layout: Option<&str>, present: i64, zone: &Zone) -> Result<i64, i32> {
    let base = Civil { hour: 0, minute: 0, second: 0, ..Civil::of(present + zone.at(present).0) };
    let found = match layout {
        Some(layout) => moment::strptime(text, layout, base, zone),
        None => moment::parse(text, base, zone),
    };
    found.ok_or_else(|| p.fail(&format!("invalid date '{text}'")))
}

/// The pattern of `-I`, by the beginning of what it is given; `:` and the zone follow the time.
fn iso(text: &str, busybox: bool) -> Option<&'static str> {
    let kinds = [
        ("", "%Y-%m-%d"),
        ("date", "%Y-%m-%d"),
        ("hours", "%Y-%m-%dT%H%:z"),
        ("minutes", "%Y-%m-%dT%H:%M%:z"),
        ("seconds", "%Y-%m-%dT%H:%M:%S%:z"),
        ("ns", "%Y-%m-%dT%H:%M:%S,%N%:z"),
    ];
    kinds.iter().find(|(name, _)| *name == text || !text.is_empty() && busybox && name.starts_with(text)).map(|(_, pattern)| *pattern)
}

/// date.
pub fn date(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let long = [
        ("date", 'd'),
        ("utc", 'u'),
        ("universal", 'u'),
        ("reference", 'r'),
        ("rfc-2822", 'R'),
        ("set", 's'),
        (if busybox { "rfc-822" } else { "rfc-email" }, 'R'),
        ("iso-8601", 'I'),
        ("rfc-3339", '3'),
    ];
    let options = match of(p, "d:ur:RI;3:s:D:", if busybox { &long[..7] } else { &long }) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let zone = if options.has('u') { Zone::of(None) } else { zone(p) };
    let (present, nanoseconds) = now(p);
    let mut operands = options.operands.iter().peekable();
    let pattern = operands.next_if(|o| o.starts_with('+')).map(|o| o[1..].to_owned());
    let sets = options.has('s') || !options.has('d') && operands.peek().is_some();
    let said = match options.value('d').or(options.value('s')) {
        None => operands.next().map(|text| if busybox { settable(text).unwrap_or_else(|| text.clone()) } else { text.clone() }),
        text => text.map(str::to_owned),
    };
    if let Some(more) = operands.next() {
        let text = format!("extra operand {}", names::quote(p, more));
        return if busybox { super::options::usage(p) } else { super::options::refuse(p, &text) };
    }
    let (mut seconds, mut fraction) = (present, nanoseconds);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if let Some(text) = said {
        let found = match (busybox, options.has('s') || options.has('d')) {
            // Hours and minutes alone are no date to set.
            (true, false) if digits(&text) && text.len() < 8 => Err(p.fail(&format!("invalid date '{text}'"))),
            (true, _) => busybox_moment(p, &text, options.value('D'), present, &zone),
            (false, true) => parse_in(&text, present, &zone).ok_or_else(|| p.fail(&format!("invalid date {}", names::quote(p, &text)))),
            (false, false) => settable(&text)
                .and_then(|text| stamp(&text, present, &zone))
                .ok_or_else(|| p.fail(&format!("invalid date {}", names::quote(p, &text)))),
        };
        match found {
            Ok(found) => (seconds, fraction) = (found, if text == "now" { nanoseconds } else { 0 }),
            Err(status) => return status,
        }
    } else if let Some(file) = options.value('r') {
        match p.stat(file) {
            Ok((_, node)) => {
                let at = node.metadata().mtime;
                (seconds, fraction) = (at.div_euclid(1_000_000_000), at.rem_euclid(1_000_000_000));
            }
            Err(e) => {
                let why = errno::text(e);
                return p.fail(&if busybox { format!("can't stat '{file}': {why}") } else { format!("{file}: {why}") });
            }
        }
    }
    let mut status = 0;
    if sets {
        status = p.fail(if busybox { "can't set date: Operation not permitted" } else { "cannot set date: Operation not permitted" });
        status = if busybox { 0 } else { status };
    }
    let zone = zone.at(seconds);
    let own = |pattern: &str| format_in(pattern, seconds, fraction, zone, false);
    let text = match (pattern, options.value('I').map(|i| iso(i, busybox)), options.value('3')) {
        (Some(pattern), ..) => format_in(&pattern, seconds, fraction, zone, busybox),
        (None, ..) if options.has('R') => own("%a, %d %b %Y %H:%M:%S %z"),
        (None, Some(Some(pattern)), _) => own(pattern),
        (None, Some(None), _) => {
            let text = format!("invalid argument {} for '--iso-8601'", names::quote(p, options.value('I').unwrap_or("")));
            return if busybox { super::options::usage(p) } else { super::options::refuse(p, &text) };
        }
        (None, None, Some("date")) => own("%Y-%m-%d"),
        (None, None, Some(_)) => own("%Y-%m-%d %H:%M:%S%:z"),
        _ => own("%a %b %e %H:%M:%S %Z %Y"),
    };
    p.out(text + "\n");
    status
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
