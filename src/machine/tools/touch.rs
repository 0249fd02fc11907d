//! touch.

use super::date::{self, Civil};
use crate::filesystem::Errno;
use crate::machine::{Process, errno};

/// touch.
pub fn touch(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let long = [("date", 'd'), ("reference", 'r'), ("no-create", 'c'), ("no-dereference", 'h'), ("time", 'T')];
    let (letters, long) = if busybox { ("cd:r:t:amh", &long[..4]) } else { ("cd:r:t:amhfT:", &long[..]) };
    let options = match super::options::of(p, letters, long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        if !busybox {
            p.fail("missing file operand");
        }
        return super::options::usage(p);
    }
    let (now, _) = date::now(p);
    let mut time = None;
    if let Some(file) = options.value('r') {
        match p.stat(file) {
            Ok((_, node)) => time = Some(node.metadata().mtime),
            Err(e) => {
                let why = errno::text(e);
                let text =
                    if busybox { format!("can't stat '{file}': {why}") } else { format!("failed to get attributes of '{file}': {why}") };
                return p.fail(&text);
            }
        }
    }
    // A date counts more than a reference to busybox; to GNU it stands beside it.
    if let Some(text) = options.value('t').or(options.value('d')).filter(|_| busybox || time.is_none()) {
        let found = match options.has('t') {
            _ if busybox => moment(text, now),
            true => date::stamp(text, now),
            false => date::parse(text, now),
        };
        let Some(seconds) = found else {
            let text =
                if busybox { format!("invalid date '{text}'") } else { format!("invalid date format {}", super::names::quote(p, text)) };
            return p.fail(&text);
        };
        time = Some(seconds.saturating_mul(1_000_000_000));
    }
    // Only the time of access is asked for: it is not kept.
    let changes = !options.has('a') || options.has('m');
    let mut status = 0;
    for path in options.operands.clone() {
        let found = if options.has('h') { p.lstat(&path) } else { p.stat(&path) };
        let result = match found {
            Ok((real, _)) if changes => p.system.set_time(&p.ids, &real, time),
            Ok(_) => Ok(()),
            Err(Errno::NoEntry) if options.has('c') || options.has('h') && busybox => Ok(()),
            Err(Errno::NoEntry) => {
                let (cwd, mode) = (p.cwd.clone(), 0o666 & !p.umask);
                p.system.open_write(&p.ids, &cwd, &path, mode, false).and_then(|real| match time {
                    Some(time) => p.system.set_time(&p.ids, &real, Some(time)),
                    None => Ok(()),
                })
            }
            Err(e) => Err(e),
        };
        if let Err(e) = result {
            let why = errno::text(e);
            status = p.fail(&if busybox { format!("{path}: {why}") } else { format!("cannot touch '{path}': {why}") });
        }
    }
    status
}

/// The moment that busybox reads from `text`: what a form does not name stays as it is at `now`.
pub fn moment(text: &str, now: i64) -> Option<i64> {
    const FORMS: [&str; 13] = [
        "H:M",
        "H:M:S",
        "m.d-H:M",
        "m.d-H:M:S",
        "Y.m.d-H:M",
        "Y.m.d-H:M:S",
        "b d H:M:S Y",
        "Y-m-d H:M",
        "Y-m-d H:M:S",
        "Y-m-d H:M z",
        "Y-m-d H:M:S z",
        "Y-m-d H",
        "Y-m-d",
    ];
    if let Some(found) = FORMS.iter().find_map(|form| matched(text, form, now)) {
        return Some(found);
    }
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok();
    }
    let (digits, second) = text.split_once('.').map_or((text, Some(0)), |(d, s)| (d, s.parse().ok()));
    let mut at = Civil { second: second?, ..Civil::of(now) };
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4 | 6 | 8 | 10 | 12) {
        return None;
    }
    let mut rest = digits;
    let mut two = || {
        let (head, tail) = rest.split_at(rest.len().saturating_sub(2));
        rest = head;
        tail.parse::<i64>().ok()
    };
    at.minute = two()?;
    for part in [&mut at.hour, &mut at.day, &mut at.month] {
        if let Some(value) = two() {
            *part = value;
        }
    }
    match rest.parse::<i64>() {
        Ok(year) if rest.len() == 4 => at.year = year,
        // Of two digits the century is the nearest one.
        Ok(year) => {
            let century = at.year.div_euclid(100) * 100 + year;
            at.year = if century > at.year + 50 {
                century - 100
            } else if century < at.year - 50 {
                century + 100
            } else {
                century
            };
        }
        Err(_) => {}
    }
    Some(at.seconds())
}

/// `text` read as `form`: letters as `strptime` has them, blanks match any number of blanks.
fn matched(text: &str, form: &str, now: i64) -> Option<i64> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let mut at = Civil::of(now);
    let (mut rest, mut zone) = (text, 0);
    for c in form.chars() {
        if c == ' ' {
            rest = rest.trim_start();
            continue;
        }
        if matches!(c, ':' | '.' | '-') {
            rest = rest.strip_prefix(c)?;
            continue;
        }
        rest = rest.trim_start();
        if c == 'b' {
            let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
            let name = rest[..letters].to_ascii_lowercase();
            at.month = MONTHS.iter().position(|m| name.starts_with(m))? as i64 + 1;
            rest = &rest[letters..];
            continue;
        }
        if c == 'z' {
            let sign = if rest.starts_with('-') { -1 } else { 1 };
            let digits = rest.strip_prefix(['+', '-'])?.replace(':', "");
            let value: i64 = digits.parse().ok().filter(|_| matches!(digits.len(), 2 | 4))?;
            let minutes = if digits.len() == 2 { value * 60 } else { value / 100 * 60 + value % 100 };
            (zone, rest) = (sign * minutes * 60, "");
            continue;
        }
        let most = if c == 'Y' { 4 } else { 2 };
        let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let value: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (part, range) = match c {
            'Y' => (&mut at.year, 0..=9999),
            'm' => (&mut at.month, 1..=12),
            'd' => (&mut at.day, 1..=31),
            'H' => (&mut at.hour, 0..=23),
            'M' => (&mut at.minute, 0..=59),
            _ => (&mut at.second, 0..=61),
        };
        if !range.contains(&value) {
            return None;
        }
        *part = value;
    }
    rest.is_empty().then(|| at.seconds() - zone)
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments() {
        // 2026-11-24 20:04:16, as busybox 1.35 reads them at that moment.
        let now = 1_795_550_656;
        for (text, seconds) in [
            ("2020-01-02", 1_577_995_456),
            ("2020-01-02 03:04", 1_577_934_256),
            ("2020-01-02 03:04:05 +0200", 1_577_927_045),
            ("202001020304.05", 1_577_934_245),
            ("@86400", 86_400),
            ("2001020304", 1_577_934_240),
        ] {
            assert_eq!(moment(text, now), Some(seconds), "{text}");
        }
        for text in ["2020-01-02T03:04:05", "1 day ago", "now", "", "@1.5", "2020-13-02"] {
            assert_eq!(moment(text, now), None, "{text}");
        }
    }
}
