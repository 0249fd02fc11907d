//! Moments as busybox's date and touch take them, and `strptime`.

use super::date::{Civil, DAYS, MONTHS, Zone};

/// Reads `text` as `pattern` has it: `N` is a number, a blank any blanks; the numbers, and what follows them.
fn scan<'a>(text: &'a str, pattern: &str) -> Option<(Vec<i64>, &'a str)> {
    let (mut rest, mut numbers) = (text, Vec::new());
    for mark in pattern.chars() {
        match mark {
            'N' => {
                rest = rest.trim_start();
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                numbers.push(rest[..end].parse().ok()?);
                rest = &rest[end..];
            }
            ' ' => rest = rest.trim_start(),
            mark => rest = rest.strip_prefix(mark)?,
        }
    }
    Some((numbers, rest))
}

/// The seconds of a civil time whose fields are in their ranges; a day that the month has not is one of the next.
pub(super) fn checked(t: &Civil) -> Option<i64> {
    let fits = (0..=61).contains(&t.second) && (0..60).contains(&t.minute) && (0..24).contains(&t.hour);
    (fits && (1..=31).contains(&t.day) && (1..=12).contains(&t.month)).then(|| t.seconds())
}

/// `+0200`, `-05:30`, `+02` or `Z` in seconds.
fn offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.strip_prefix(['+', '-'])?.replacen(':', "", 1);
    let whole = digits.bytes().all(|b| b.is_ascii_digit());
    let minutes = digits.get(2..).map_or(Some(0), |m| if m.is_empty() { Some(0) } else { m.parse::<i64>().ok() })?;
    let hours = digits.get(..2)?.parse::<i64>().ok()?;
    (whole && matches!(digits.len(), 2 | 4)).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Digits without marks: `[[[[[YY]YY]MM]DD]hh]mm[.ss]`.
fn compact(text: &str, t: &mut Civil) -> Option<()> {
    let (digits, second) = text.split_once('.').map_or((text, Some(0)), |(d, s)| (d, s.parse().ok()));
    t.second = second?;
    let long = digits.len() == 12;
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4 | 6 | 8 | 10 | 12) {
        return None;
    }
    let mut rest = digits;
    let mut last = |count: usize| {
        let (head, tail) = rest.split_at(rest.len().saturating_sub(count));
        rest = head;
        tail.parse::<i64>().ok()
    };
    t.minute = last(2)?;
    for field in [&mut t.hour, &mut t.day, &mut t.month] {
        match last(2) {
            Some(value) => *field = value,
            None => return Some(()),
        }
    }
    match last(4) {
        Some(year) if long => t.year = year,
        Some(year) => {
            let near = t.year / 100 * 100 + year;
            t.year = near + if near > t.year + 50 { -100 } else { 0 } + if near < t.year - 50 { 100 } else { 0 };
        }
        None => {}
    }
    Some(())
}

/// The moment that `text` says; `base` are the fields that it does not say.
pub fn parse(text: &str, base: Civil, zone: &Zone) -> Option<i64> {
    if let Some(seconds) = text.strip_prefix('@') {
        let whole = !seconds.is_empty() && seconds.bytes().all(|b| b.is_ascii_digit());
        return seconds.parse().ok().filter(|s| whole && *s <= 67_768_036_191_676_799);
    }
    let mut t = base;
    let mut ahead = None;
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let mut read = Fields::new(base, text);
        read.all("%b %d %T %Y")?;
        if !read.rest.is_empty() {
            return None;
        }
        t = read.t;
    } else if text.contains(':') {
        let (numbers, mut rest) = ["N:N", "N.N-N:N", "N.N.N-N:N", "N-N-N N:N"].iter().find_map(|pattern| scan(text, pattern))?;
        let (fields, dashes) = (numbers.len(), text.contains('-') && !text.contains('.'));
        (t.hour, t.minute, t.second) = (numbers[fields - 2], numbers[fields - 1], 0);
        if fields > 2 {
            (t.month, t.day) = (numbers[fields - 4], numbers[fields - 3]);
        }
        if fields > 4 {
            t.year = numbers[0];
        }
        if let Some((seconds, after)) = scan(rest, ":N") {
            (t.second, rest) = (seconds[0], after);
        }
        match rest.trim_start() {
            _ if rest.is_empty() => {}
            zone if dashes && fields > 4 => ahead = Some(offset(zone)?),
            _ => return None,
        }
    } else if text.contains('-') {
        let (numbers, rest) = scan(text, "N-N-N N").or_else(|| scan(text, "N-N-N"))?;
        (t.year, t.month, t.day) = (numbers[0], numbers[1], numbers[2]);
        if let Some(hour) = numbers.get(3) {
            (t.hour, t.minute, t.second) = (*hour, 0, 0);
        }
        if !rest.is_empty() {
            return None;
        }
    } else {
        compact(text, &mut t)?;
    }
    let local = checked(&t)?;
    Some(ahead.map_or_else(|| zone.moment(local), |ahead| local - ahead))
}

/// What `strptime` reads from `text` after `format`; what the format does not say stays as in `base`.
pub fn strptime(text: &str, format: &str, base: Civil, zone: &Zone) -> Option<i64> {
    let mut read = Fields::new(base, text);
    read.all(format)?;
    if let Some(seconds) = read.moment {
        return Some(seconds);
    }
    if let Some(afternoon) = read.afternoon {
        read.t.hour = read.t.hour % 12 + if afternoon { 12 } else { 0 };
    }
    if let Some(century) = read.century {
        read.t.year = century * 100 + read.t.year % 100;
    }
    if let Some(day) = read.day_of_year {
        (read.t.month, read.t.day) = (1, day);
        let date = Civil::of(read.t.seconds());
        (read.t.month, read.t.day) = (date.month, date.day);
    }
    checked(&read.t).map(|local| zone.moment(local))
}

struct Fields<'a> {
    t: Civil,
    rest: &'a str,
    afternoon: Option<bool>,
    day_of_year: Option<i64>,
    century: Option<i64>,
    moment: Option<i64>,
}

impl<'a> Fields<'a> {
    fn new(base: Civil, text: &'a str) -> Self {
        Self { t: base, rest: text, afternoon: None, day_of_year: None, century: None, moment: None }
    }

    fn number(&mut self, most: usize) -> Option<i64> {
        self.rest = self.rest.trim_start();
        let end = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse().ok()
    }

    /// Which of these names comes next, whole or by its first three letters.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        let starts = |name: &str| self.rest.get(..name.len()).is_some_and(|r| r.eq_ignore_ascii_case(name));
        let (at, length) = names.iter().enumerate().find_map(|(i, name)| {
            let short = &name[..name.len().min(3)];
            if starts(name) { Some((i, name.len())) } else { starts(short).then_some((i, short.len())) }
        })?;
        self.rest = &self.rest[length..];
        Some(at as i64)
    }

    fn all(&mut self, format: &str) -> Option<()> {
        let mut marks = format.chars();
        while let Some(mark) = marks.next() {
            if mark.is_whitespace() {
                self.rest = self.rest.trim_start();
                continue;
            } else if mark != '%' {
                self.rest = self.rest.strip_prefix(mark)?;
                continue;
            }
            match marks.next()? {
                'Y' => self.t.year = self.number(4)?,
                'm' => self.t.month = self.number(2)?,
                'd' | 'e' => self.t.day = self.number(2)?,
                'H' | 'k' => self.t.hour = self.number(2)?,
                'I' | 'l' => self.t.hour = self.number(2)?,
                'M' => self.t.minute = self.number(2)?,
                'S' => self.t.second = self.number(2)?,
                'j' => self.day_of_year = Some(self.number(3)?),
                'C' => self.century = Some(self.number(2)?),
                's' => self.moment = Some(self.number(19)?),
                'y' => {
                    let year = self.number(2)?;
                    self.t.year = year + if year < 69 { 2000 } else { 1900 };
                }
                'b' | 'B' | 'h' => self.t.month = self.name(&MONTHS)? + 1,
                'a' | 'A' => drop(self.name(&DAYS)?),
                'p' => self.afternoon = Some(self.name(&["AM", "PM"])? == 1),
                'G' | 'g' | 'U' | 'V' | 'W' | 'u' | 'w' => drop(self.number(4)?),
                'Z' => self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
                'z' => self.rest = self.rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit() || "+-:Z".contains(c)),
                'n' | 't' => self.rest = self.rest.trim_start(),
                '%' => self.rest = self.rest.strip_prefix('%')?,
                'F' => self.all("%Y-%m-%d")?,
                'D' | 'x' => self.all("%m/%d/%y")?,
                'T' | 'X' => self.all("%H:%M:%S")?,
                'R' => self.all("%H:%M")?,
                'r' => self.all("%I:%M:%S %p")?,
                'c' => self.all("%a %b %e %H:%M:%S %Y")?,
                _ => return None,
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn civil(seconds: Option<i64>) -> String {
        seconds.map_or("none".into(), |s| super::super::date::format("%F %T", s, 0))
    }

    #[test]
    fn moments() {
        let base = Civil { hour: 0, minute: 0, second: 0, ..Civil::of(1_795_551_213) };
        for (text, expect) in [
            ("2024-02-30", "2024-03-01 00:00:00"),
            ("2024-02-03 10", "2024-02-03 10:00:00"),
            ("2024-02-03 10:59:61", "2024-02-03 11:00:01"),
            ("2024-02-03 10:11:12 -0530", "2024-02-03 15:41:12"),
            ("2024-02-03 10:11:12+02:00", "2024-02-03 08:11:12"),
            ("02.03-10:11:12", "2026-02-03 10:11:12"),
            ("2024.02.03-10:11", "2024-02-03 10:11:00"),
            ("12:34", "2026-11-24 12:34:00"),
            ("12", "2026-11-24 00:12:00"),
            ("1234.5", "2026-11-24 12:34:05"),
            ("9902031234", "1999-02-03 12:34:00"),
            ("202402031234.56", "2024-02-03 12:34:56"),
            ("@010", "1970-01-01 00:00:10"),
            ("Nov  4 10:11:12 2025", "2025-11-04 10:11:12"),
            ("november 24 10:11:12 2026", "2026-11-24 10:11:12"),
            ("2024-02-03 10:11:12 Z", "2024-02-03 10:11:12"),
        ] {
            assert_eq!(civil(parse(text, base, &Zone::of(None))), expect, "{text}");
        }
        for text in [
            "",
            "x",
            "now",
            "@-1",
            "@",
            "2024-02-03 ",
            "2024-13-01",
            "10:11 +0200",
            "10:11:12:13",
            "123",
            "20240203",
            "2024-02-03T10:11:12",
            "Nov 24 10:11:12 2026 x",
        ] {
            assert_eq!(parse(text, base, &Zone::of(None)), None, "{text}");
        }
    }

    #[test]
    fn formats_are_read() {
        let base = Civil { hour: 0, minute: 0, second: 0, ..Civil::of(1_795_551_213) };
        for (format, text, expect) in [
            ("%d/%m/%Y %H:%M", "06/05/2024 10:20", "2024-05-06 10:20:00"),
            ("%a, %d %b %Y %T %z", "Thu, 29 Feb 2024 12:34:56 +0200", "2024-02-29 12:34:56"),
            ("%B %d, %Y", "February 29, 2024 x", "2024-02-29 00:00:00"),
            ("%y%j", "24060", "2024-02-29 00:00:00"),
            ("%I:%M %p", "03:20 PM", "2026-11-24 15:20:00"),
            ("%C%y", "2024", "2024-11-24 00:00:00"),
            ("%s", "5", "1970-01-01 00:00:05"),
            ("%Y-%m-%d", "2024-13-06", "none"),
            ("%Q", "1", "none"),
        ] {
            assert_eq!(civil(strptime(text, format, base, &Zone::of(None))), expect, "{format}");
        }
    }
}
