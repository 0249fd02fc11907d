//! Time zones as the variable TZ writes them for POSIX: `EST5EDT,M3.2.0,M11.1.0`. Zones by their names are all that of UTC here.

use super::date::{Civil, days};

/// A day of the year, and the seconds after its midnight.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// `J60`: from 1, without the leap day.
    Julian(i64),
    /// `59`: from 0.
    Day(i64),
    /// `M3.2.0`: the month, the week of it (5: the last), the day of the week.
    Month(i64, i64, i64),
}

/// The time that holds in summer.
#[derive(Debug)]
struct Summer {
    name: String,
    offset: i64,
    from: (Rule, i64),
    to: (Rule, i64),
}

/// A zone: its name, and the seconds that it is ahead of UTC.
#[derive(Debug)]
pub struct Zone {
    name: String,
    offset: i64,
    summer: Option<Summer>,
}

/// What is left of a text that is read from the left.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn take(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn upto(&mut self, end: usize) -> String {
        let (part, rest) = self.0.split_at(end);
        self.0 = rest;
        part.to_owned()
    }

    /// Three letters and more, or anything between `<` and `>`.
    fn name(&mut self) -> Option<String> {
        if self.take('<') {
            let name = self.upto(self.0.find('>')?);
            self.take('>');
            return Some(name);
        }
        let end = self.0.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.0.len());
        (end >= 3).then(|| self.upto(end))
    }

    fn number(&mut self) -> Option<i64> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        self.upto(end).parse().ok()
    }

    /// `[+-]HH[:MM[:SS]]` in seconds.
    fn time(&mut self) -> Option<i64> {
        let sign = if self.take('-') { -1 } else { 1 };
        self.take('+');
        let mut seconds = self.number().filter(|h| *h <= 167)? * 3600;
        for unit in [60, 1] {
            if self.take(':') {
                seconds += self.number().filter(|n| *n < 60)? * unit;
            } else {
                break;
            }
        }
        Some(sign * seconds)
    }

    fn rule(&mut self) -> Option<(Rule, i64)> {
        let day = if self.take('M') {
            let month = self.number().filter(|m| (1..=12).contains(m))?;
            let week = self.take('.').then(|| self.number())?.filter(|w| (1..=5).contains(w))?;
            let day = self.take('.').then(|| self.number())?.filter(|d| *d < 7)?;
            Rule::Month(month, week, day)
        } else if self.take('J') {
            Rule::Julian(self.number()?)
        } else {
            Rule::Day(self.number()?)
        };
        Some((day, if self.take('/') { self.time()? } else { 7200 }))
    }
}

impl Rule {
    /// The day since 1970 in `year`.
    fn day(self, year: i64) -> i64 {
        let first = days(year, 1, 1);
        match self {
            Self::Day(day) => first + day,
            Self::Julian(day) => first + day - 1 + i64::from(day > 59 && days(year, 3, 1) - first > 59),
            Self::Month(month, week, weekday) => {
                let begin = days(year, month, 1);
                let day = begin + (weekday - (begin + 4)).rem_euclid(7) + 7 * (week - 1);
                if day >= days(year, month + 1, 1) { day - 7 } else { day }
            }
        }
    }
}

impl Zone {
    /// The zone that a value of TZ says; without one, UTC.
    pub fn of(text: Option<&str>) -> Self {
        let plain = |name: String| Self { name, offset: 0, summer: None };
        let Some(text) = text.filter(|t| !t.is_empty()) else { return plain("UTC".into()) };
        let mut reader = Reader(text.strip_prefix(':').unwrap_or(text));
        let Some(name) = reader.name() else { return plain(String::new()) };
        let Some(offset) = reader.time().map(|t| -t) else { return plain(name) };
        Self { name, offset, summer: Self::summer(&mut reader, offset) }
    }

    fn summer(reader: &mut Reader<'_>, offset: i64) -> Option<Summer> {
        let name = reader.name()?;
        let ahead = if reader.0.starts_with([',']) || reader.0.is_empty() { offset + 3600 } else { -reader.time()? };
        if !reader.take(',') {
            *reader = Reader("M3.2.0,M11.1.0");
        }
        let from = reader.rule()?;
        let to = reader.take(',').then(|| reader.rule())??;
        Some(Summer { name, offset: ahead, from, to })
    }

    /// How far ahead of UTC it is then, and what it is called.
    pub fn at(&self, seconds: i64) -> (i64, &str) {
        let winter = (self.offset, self.name.as_str());
        let Some(summer) = &self.summer else { return winter };
        let year = Civil::of(seconds + self.offset).year;
        let from = summer.from.0.day(year) * 86_400 + summer.from.1 - self.offset;
        let to = summer.to.0.day(year) * 86_400 + summer.to.1 - summer.offset;
        let inside = if from < to { (from..to).contains(&seconds) } else { !(to..from).contains(&seconds) };
        if inside { (summer.offset, &summer.name) } else { winter }
    }

    /// The moment at which its clocks show `local`, the seconds of a civil time.
    pub fn moment(&self, local: i64) -> i64 {
        match &self.summer {
            Some(summer) if self.at(local - summer.offset).0 == summer.offset => local - summer.offset,
            _ => local - self.offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones() {
        for (text, seconds, offset, name) in [
            ("EST5EDT", 1_700_000_000, -18_000, "EST"),
            ("EST5EDT", 1_690_000_000, -14_400, "EDT"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", 1_690_000_000, 7200, "CEST"),
            ("XYZ-5:30", 0, 19_800, "XYZ"),
            ("<+03>-3", 0, 10_800, "+03"),
            ("NZST-12NZDT,M9.5.0,M4.1.0/3", 1_700_000_000, 46_800, "NZDT"),
            ("EST5EDT,J60/1,J300", 1_709_999_999, -14_400, "EDT"),
            ("EST5EDT,60/1,300/-1", 1_709_999_999, -14_400, "EDT"),
            ("Europe/Berlin", 0, 0, "Europe"),
            (":EST5", 0, -18_000, "EST"),
            ("E5", 0, 0, ""),
        ] {
            assert_eq!(Zone::of(Some(text)).at(seconds), (offset, name), "{text}");
        }
        let eastern = Zone::of(Some("EST5EDT"));
        for (local, seconds) in [(1_719_835_200, 1_719_849_600), (1_710_037_800, 1_710_055_800), (1_730_597_400, 1_730_611_800)] {
            assert_eq!(eastern.moment(local), seconds);
        }
    }
}
