//! od and strings.

use super::options::{of, open, open_all};
use crate::machine::Process;

/// How a column shows its bytes.
#[derive(Clone, Copy)]
struct Column {
    /// `a`, `c`, `d`, `o`, `u`, `x`, `f`.
    kind: char,
    /// Bytes of an element.
    size: usize,
    /// Characters after the lines, as `-t x1z` asks.
    text: bool,
    /// Fractions as busybox shows them, with a digit less.
    plain: bool,
}

impl Column {
    /// The characters of an element without the blank before it.
    fn width(self) -> usize {
        let by = |widths: [usize; 4]| widths[self.size.trailing_zeros().min(3) as usize];
        match self.kind {
            'o' => by([3, 6, 11, 22]),
            'd' => by([4, 6, 11, 20]),
            'u' => by([3, 5, 10, 20]),
            'x' => by([2, 4, 8, 16]),
            'f' if self.plain => by([0, 0, 15, 23]),
            'f' => by([0, 0, 15, 24]),
            _ => 3,
        }
    }

    fn show(self, bytes: &[u8]) -> String {
        let mut raw = [0; 8];
        raw[..bytes.len()].copy_from_slice(bytes);
        let value = u64::from_le_bytes(raw);
        let shift = 64 - 8 * self.size as u32;
        match self.kind {
            'd' => ((value << shift) as i64 >> shift).to_string(),
            'u' => value.to_string(),
            'o' => format!("{value:0w$o}", w = self.width()),
            'x' => format!("{value:0w$x}", w = self.width()),
            'f' if self.size == 4 => super::format::float(f32::from_bits(value as u32).into(), 'e', Some(7)),
            'f' => super::format::float(f64::from_bits(value), 'e', Some(16 - usize::from(self.plain))),
            'a' => named(value as u8 & 127),
            _ => character(value as u8),
        }
    }
}

/// A byte of ASCII as `od -a` shows it.
pub fn named(byte: u8) -> String {
    const NAMES: &str =
        "nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp";
    match byte {
        0..=32 => NAMES.split(' ').nth(byte.into()).unwrap_or("").to_owned(),
        127 => "del".into(),
        byte => char::from(byte).to_string(),
    }
}

/// A byte as `od -c` shows it.
pub fn character(byte: u8) -> String {
    match byte {
        0 => "\\0".into(),
        7 => "\\a".into(),
        8 => "\\b".into(),
        9 => "\\t".into(),
        10 => "\\n".into(),
        11 => "\\v".into(),
        12 => "\\f".into(),
        13 => "\\r".into(),
        32..=126 => char::from(byte).to_string(),
        byte => format!("{byte:03o}"),
    }
}

/// A type string of `-t`: one column after the other; an error is what is told of it.
fn types(text: &str, plain: bool) -> Result<Vec<Column>, String> {
    let none = || format!("invalid type string '{text}'");
    let mut columns: Vec<Column> = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(kind) = rest.next() {
        if kind == 'z' {
            columns.last_mut().ok_or_else(none)?.text = true;
            continue;
        }
        let mut size = match kind {
            'a' | 'c' => 1,
            'd' | 'o' | 'u' | 'x' => 4,
            'f' => 8,
            _ if plain => return Err(format!("invalid character '{kind}' in type string '{text}'")),
            _ => return Err(none()),
        };
        if size > 1
            && plain
            && let Some('0'..='9') = rest.peek()
        {
            // busybox takes no more after a number of bytes.
            let digits: String = rest.by_ref().collect();
            let bytes = digits.parse::<u32>().unwrap_or(u32::MAX);
            size = bytes as usize;
            if !matches!(size, 1 | 2 | 4 | 8) || kind == 'f' && size < 4 {
                let what = if kind == 'f' { "floating-point" } else { "integral" };
                return Err(format!("{}; {bytes}-byte {what} type is not supported", none()));
            }
        } else if size > 1
            && let Some(next) = rest.peek().copied()
        {
            size = match next {
                'C' | '1' => 1,
                'S' | '2' => 2,
                'I' | 'F' | '4' => 4,
                'L' | 'D' | '8' => 8,
                '0'..='9' => return Err(none()),
                _ => size,
            };
            if next.is_ascii_digit() || "CSIFLD".contains(next) {
                rest.next();
            }
        }
        columns.push(Column { kind, size, text: false, plain });
    }
    Ok(columns)
}

/// What the letters of old stand for.
fn old(letter: char) -> Option<&'static str> {
    Some(match letter {
        'a' => "a",
        'b' => "o1",
        'c' => "c",
        'd' => "u2",
        'f' => "f4",
        'h' | 'x' => "x2",
        's' => "d2",
        'i' => "d4",
        'l' => "d8",
        'o' => "o2",
        _ => return None,
    })
}

/// A count of bytes, with `b`, `k`, `m` or a base.
pub fn count(text: &str) -> Option<usize> {
    let (digits, scale) = match text.as_bytes().last()? {
        b'b' if !text.starts_with("0x") => (&text[..text.len() - 1], 512),
        b'k' | b'K' => (&text[..text.len() - 1], 1024),
        b'm' | b'M' => (&text[..text.len() - 1], 1 << 20),
        _ => (text, 1),
    };
    let number = match digits.strip_prefix("0x") {
        Some(hex) => usize::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    number.checked_mul(scale)
}

/// od.
pub fn od(p: &mut Process) -> i32 {
    let long =
        [("format", 't'), ("address-radix", 'A'), ("read-bytes", 'N'), ("skip-bytes", 'j'), ("width", 'w'), ("output-duplicates", 'v')];
    let options = match of(p, "abcdfhilovxst:A:N:j:S:w;", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut columns = Vec::new();
    let busybox = p.busybox();
    let mut given = options.given.clone();
    if busybox {
        // It goes through its letters, and not through the arguments.
        crate::base::sort_by_key(&mut given, |(letter, _)| "abcdfhilotxs".find(*letter).unwrap_or(20));
    }
    for (letter, value) in &given {
        let text = if *letter == 't' { Some(value.as_str()) } else { old(*letter) };
        let Some(text) = text else { continue };
        // busybox's int and short are one here, and so are its long and int's double.
        let text = match *letter {
            'i' if p.busybox() => "d2",
            'l' if p.busybox() => "d4",
            _ => text,
        };
        match types(text, busybox) {
            Ok(found) => columns.extend(found),
            Err(why) => return p.fail(&why),
        }
    }
    if columns.is_empty() {
        columns.push(Column { kind: 'o', size: 2, text: false, plain: busybox });
    }
    let radix = options.value('A').and_then(|r| r.chars().next()).unwrap_or('o');
    if !matches!(radix, 'd' | 'o' | 'x' | 'n') {
        let text = match busybox {
            true => format!("bad output address radix '{radix}' (must be [doxn])"),
            false => format!("invalid output address radix '{radix}'; it must be one character from [doxn]"),
        };
        return p.fail(&text);
    }
    if busybox && let Some(bad) = options.given.iter().find(|(l, v)| "jNw".contains(*l) && !v.is_empty() && count(v).is_none()) {
        let text = format!("invalid number '{}'", bad.1);
        return p.fail(&text);
    }
    let skip = options.value('j').and_then(count).unwrap_or(0);
    let wanted = options.value('N').and_then(count).map(|n| skip.saturating_add(n));
    let (data, status) = p.wanting(wanted, |p| open_all(p, &options.files()));
    if status == 1 && data.is_empty() {
        if busybox && options.files().iter().any(|f| p.is_dir(f)) {
            p.out("0000000\n");
        }
        return 1;
    }
    if skip > data.len() {
        return p.fail(if busybox { "can't skip past end of combined input" } else { "cannot skip past end of combined input" });
    }
    let end = wanted.map_or(data.len(), |end| end.min(data.len()));
    let width = match options.value('w') {
        None => 16,
        Some("") => 32,
        Some(width) => count(width).unwrap_or(16).min(1 << 12),
    };
    let largest = columns.iter().map(|c| c.size).max().unwrap_or(1);
    let width = if width == 0 || width % largest != 0 {
        p.fail(&format!("warning: invalid width {width}; using {largest} instead"));
        largest
    } else {
        width
    };
    let address = |at: usize| match radix {
        'n' => String::new(),
        'x' => format!("{at:06x}"),
        'd' => format!("{at:07}"),
        _ => format!("{at:07o}"),
    };
    p.burn(data.len() as u64);
    // GNU gives all columns the room that the widest needs.
    let room = |c: &Column| {
        if p.busybox() {
            c.width() + 1
        } else {
            columns.iter().map(|c| (c.width() + 1) * width / c.size).max().unwrap_or(0) * c.size / width
        }
    };
    let mut last: Option<&[u8]> = None;
    let mut starred = false;
    let mut out = String::new();
    for (i, line) in data[skip..end].chunks(width).enumerate() {
        if last == Some(line) && !options.has('v') {
            if !starred {
                out += "*\n";
            }
            starred = true;
            continue;
        }
        (last, starred) = (Some(line), false);
        for (c, column) in columns.iter().enumerate() {
            let head = address(skip + i * width);
            out += &if c == 0 { head } else { " ".repeat(head.len()) };
            let room = room(column);
            for bytes in line.chunks(column.size) {
                out += &format!("{:>room$}", column.show(bytes));
            }
            if column.text {
                let missing = (width - line.len()) / column.size * room;
                let text: String = line.iter().map(|b| if matches!(b, 32..=126) { char::from(*b) } else { '.' }).collect();
                out += &format!("{}  >{text}<", " ".repeat(missing));
            }
            out.push('\n');
        }
    }
    if radix != 'n' {
        out += &address(end);
        out.push('\n');
    }
    p.out(out);
    status
}

/// strings.
pub fn strings(p: &mut Process) -> i32 {
    let long = [("bytes", 'n'), ("radix", 't'), ("all", 'a'), ("print-file-name", 'f')];
    let options = match of(p, "afon:t:", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let least = match options.value('n') {
        Some(text) if p.busybox() => super::options::number(p, text, 1..=i32::MAX as usize),
        text => Ok(text.and_then(|n| n.parse().ok()).unwrap_or(4).max(1)),
    };
    let least = match least {
        Ok(least) => least,
        Err(status) => return status,
    };
    let mut status = 0;
    for file in options.files() {
        let Some(data) = open(p, &file) else {
            status = 1;
            continue;
        };
        p.burn(data.len() as u64 / 4);
        let mut at = 0;
        for run in data.split(|b| !matches!(b, b'\t' | 32..=126)) {
            if run.len() >= least {
                let radix = if options.has('o') { Some("o") } else { options.value('t') };
                let offset = match radix {
                    Some("o") => format!("{at:7o} "),
                    Some("x") => format!("{at:7x} "),
                    Some(_) => format!("{at:7} "),
                    None => String::new(),
                };
                let name = if options.has('f') { format!("{file}: ") } else { String::new() };
                p.out(name + &offset);
                p.out(run);
                p.out("\n");
            }
            at += run.len() + 1;
        }
    }
    status
}
