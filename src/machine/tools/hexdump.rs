//! hexdump and xxd.

use super::od::count;
use super::options::{of, open, open_all};
use crate::machine::Process;

/// A part of a format: how often, of how many bytes, and what is printed with them.
struct Unit {
    times: usize,
    size: usize,
    pieces: Vec<Piece>,
}

enum Piece {
    Text(String),
    /// `%04x`: what stands before the letter, and the letter.
    Number(String, char),
    /// `%_p`: the character or a dot; `%_c`: an escape; `%_u`: its name.
    Character(String, char),
    /// `%_ax`: the address.
    Address(String, char),
}

/// The formats of the options.
fn known(letter: char) -> Option<[&'static str; 3]> {
    Some(match letter {
        'b' => ["\"%07.7_Ax\n\"", "\"%07.7_ax \" 16/1 \"%03o \" \"\\n\"", ""],
        'c' => ["\"%07.7_Ax\n\"", "\"%07.7_ax \" 16/1 \"%3_c \" \"\\n\"", ""],
        'd' => ["\"%07.7_Ax\n\"", "\"%07.7_ax \" 8/2 \"  %05u \" \"\\n\"", ""],
        'o' => ["\"%07.7_Ax\n\"", "\"%07.7_ax \" 8/2 \" %06o \" \"\\n\"", ""],
        'x' => ["\"%07.7_Ax\n\"", "\"%07.7_ax \" 8/2 \"   %04x \" \"\\n\"", ""],
        'C' => ["\"%08.8_Ax\n\"", "\"%08.8_ax  \" 8/1 \"%02x \" \"  \" 8/1 \"%02x \" ", "\"  |\" 16/1 \"%_p\" \"|\\n\""],
        ' ' => ["\"%07.7_Ax\n\"", "\"%07.7_ax \" 8/2 \"%04x \" \"\\n\"", ""],
        _ => return None,
    })
}

/// What is wrong with the conversions of a unit of `size` bytes; 0: it has none of its own.
fn refused(pieces: &[Piece], size: usize) -> Option<String> {
    pieces.iter().find_map(|piece| {
        let Piece::Number(_, letter) = piece else { return None };
        let fits = match letter {
            'd' | 'i' | 'o' | 'u' | 'x' | 'X' => matches!(size, 0 | 1 | 2 | 4),
            'e' | 'E' | 'f' | 'g' | 'G' => matches!(size, 0 | 4 | 8),
            'c' => matches!(size, 0 | 1),
            's' => true,
            _ => return Some(format!("bad conversion character %{letter}")),
        };
        (!fits).then(|| format!("bad byte count for conversion character {letter}"))
    })
}

/// Reads a format: `[TIMES][/SIZE] "TEXT"` again and again; an error is what is told of it.
fn read(text: &str) -> Result<Vec<Unit>, String> {
    let bad = || format!("bad format {{{text}}}");
    let mut units = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let head = rest.find('"').ok_or_else(bad)?;
        let (times, size) = rest[..head].trim().split_once('/').map_or((rest[..head].trim(), None), |(t, s)| (t, Some(s.trim())));
        let times = if times.is_empty() { 1 } else { times.parse().ok().filter(|t| (1..=4096).contains(t)).ok_or_else(bad)? };
        let body = &rest[head + 1..];
        let end = body.find('"').ok_or_else(bad)?;
        let pieces = pieces(&body[..end]);
        let reads = pieces.iter().any(|p| matches!(p, Piece::Number(..) | Piece::Character(..)));
        let bytes = |piece: &Piece| match piece {
            Piece::Number(_, 'c' | 's') | Piece::Character(..) => 1,
            Piece::Number(_, 'e' | 'E' | 'f' | 'g' | 'G') => 8,
            Piece::Number(..) => 4,
            _ => 0,
        };
        let natural = pieces.iter().map(bytes).sum();
        let size = match size {
            Some(size) => size.parse().ok().filter(|s| *s <= 8).ok_or_else(bad)?,
            None => natural,
        };
        let parts = pieces.iter().filter(|p| bytes(p) > 0).count();
        if let Some(why) = refused(&pieces, if parts > 1 { 0 } else { size }) {
            return Err(why);
        }
        units.push(Unit { times, size: if reads { size } else { 0 }, pieces });
        rest = body[end + 1..].trim_start();
    }
    Ok(units)
}

fn pieces(text: &str) -> Vec<Piece> {
    let (bytes, _) = crate::machine::shell::escape::unescape_bytes(text, false);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut out = Vec::new();
    let mut literal = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' || rest.peek() == Some(&'%') {
            literal.push(c);
            if c == '%' {
                rest.next();
            }
            continue;
        }
        let mut spec = String::new();
        while let Some(c) = rest.next_if(|c| "-+ #0.123456789".contains(*c)) {
            spec.push(c);
        }
        if !literal.is_empty() {
            out.push(Piece::Text(std::mem::take(&mut literal)));
        }
        match rest.next() {
            Some('_') => match rest.next() {
                Some('a' | 'A') => out.push(Piece::Address(spec, rest.next().unwrap_or('x'))),
                Some(which) => out.push(Piece::Character(spec, which)),
                None => {}
            },
            Some(letter) => out.push(Piece::Number(spec, letter)),
            None => {}
        }
    }
    if !literal.is_empty() {
        out.push(Piece::Text(literal));
    }
    out
}

fn printed(spec: &str, letter: char, value: u64, size: usize) -> String {
    let value = match letter {
        'e' | 'E' | 'f' | 'g' | 'G' if size == 4 => return super::format::real(spec, letter, f32::from_bits(value as u32).into()),
        'e' | 'E' | 'f' | 'g' | 'G' => return super::format::real(spec, letter, f64::from_bits(value)),
        'd' | 'i' => i128::from(((value << (64 - 8 * size)) as i64) >> (64 - 8 * size)),
        _ => value.into(),
    };
    super::format::integer(spec, letter, value)
}

/// One format over the bytes of a line.
fn line(units: &[Unit], block: usize, data: &[u8], at: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for (u, unit) in units.iter().enumerate() {
        let mut times = unit.times;
        if unit.times == 1 && unit.size > 0 && u + 1 == units.len() && units.len() == 1 {
            times = block / unit.size;
        }
        for round in 0..times {
            let mut text = String::new();
            let mut offset = used;
            for (i, piece) in unit.pieces.iter().enumerate() {
                let last = i + 1 == unit.pieces.len() && round + 1 == unit.times && unit.times > 1;
                match piece {
                    // The blanks after the last of several are left out.
                    Piece::Text(part) if last => text += part.trim_end_matches([' ', '\t', '\n']),
                    Piece::Text(part) => text += part,
                    Piece::Address(spec, base) => text += &printed(spec, *base, (at) as u64, 8),
                    Piece::Number(spec, letter @ ('c' | 's')) => {
                        let rest = data.get(offset..).unwrap_or(&[]);
                        let most = if *letter == 'c' { 1 } else { rest.len() };
                        let shown = &rest[..most.min(rest.len())];
                        let shown = shown.split(|b| *b == 0).next().unwrap_or(&[]);
                        text += &String::from_utf8_lossy(&super::format::text(spec, shown));
                        offset += unit.size;
                    }
                    Piece::Number(spec, letter) => {
                        let here = &data[offset.min(data.len())..(offset + unit.size).min(data.len())];
                        let mut raw = [0; 8];
                        raw[..here.len()].copy_from_slice(here);
                        let shown = printed(spec, *letter, u64::from_le_bytes(raw), unit.size.max(1));
                        text += &if here.is_empty() { " ".repeat(shown.len()) } else { shown };
                        offset += unit.size;
                    }
                    Piece::Character(spec, which) => {
                        let shown = match data.get(offset) {
                            None => String::new(),
                            Some(b) if *which == 'p' => (if matches!(b, 32..=126) { char::from(*b) } else { '.' }).to_string(),
                            Some(b) if *which == 'u' => match *b {
                                b' '..=b'~' => char::from(*b).to_string(),
                                b'\n' => "lf".into(),
                                128.. => format!("{b:02x}"),
                                b => super::od::named(b),
                            },
                            Some(b) => super::od::character(*b),
                        };
                        text += &String::from_utf8_lossy(&super::format::text(spec, shown.as_bytes()));
                        offset += 1;
                    }
                }
            }
            used += unit.size;
            out += &text;
        }
    }
    out
}

/// hexdump.
pub fn hexdump(p: &mut Process) -> i32 {
    let options = match of(p, "bcdoxCe:f:n:s:v", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut formats: Vec<String> = Vec::new();
    let mut end = None;
    for (letter, value) in &options.given {
        match (letter, known(*letter)) {
            ('e', _) => formats.push(value.clone()),
            ('f', _) => match p.input(value) {
                Ok(data) => formats.extend(String::from_utf8_lossy(&data).lines().filter(|l| !l.starts_with('#')).map(str::to_owned)),
                Err(e) => return p.fail(&format!("can't open '{value}': {}", crate::machine::errno::text(e))),
            },
            (_, Some([last, one, two])) => {
                end = Some(last);
                formats.extend([one, two].into_iter().filter(|f| !f.is_empty()).map(str::to_owned));
            }
            _ => {}
        }
    }
    if formats.is_empty()
        && let Some([last, one, _]) = known(' ')
    {
        end = Some(last);
        formats.push(one.to_owned());
    }
    let mut lists = Vec::new();
    for format in &formats {
        match read(format) {
            Ok(units) => lists.push(units),
            Err(why) => return p.fail(&why),
        }
    }
    if let Some((_, bad)) = options.given.iter().find(|(l, v)| "ns".contains(*l) && count(v).is_none()) {
        let text = format!("invalid number '{bad}'");
        return p.fail(&text);
    }
    let asked = options.value('s').and_then(count).unwrap_or(0);
    let wanted = options.value('n').and_then(count).map(|n| asked.saturating_add(n));
    let (data, mut status) = p.wanting(wanted, |p| open_all(p, &options.files()));
    if p.busybox() && options.files().iter().all(|f| p.exists(f)) {
        status = 0;
    }
    let skip = asked.min(data.len());
    let past = asked > 0 && asked >= data.len();
    let stop = wanted.map_or(data.len(), |stop| stop.min(data.len()));
    let block = lists.iter().map(|units| units.iter().map(|u| u.times * u.size).sum()).max().unwrap_or(0usize).max(1);
    let mut last: Option<&[u8]> = None;
    let mut starred = false;
    p.burn(data.len() as u64);
    for (i, bytes) in data[skip..stop].chunks(block).enumerate() {
        if last == Some(bytes) && !options.has('v') {
            if !starred {
                p.out("*\n");
            }
            starred = true;
            continue;
        }
        (last, starred) = (Some(bytes), false);
        for units in &lists {
            p.out(line(units, block, bytes, skip + i * block));
        }
    }
    if let Some(units) = end.filter(|_| stop > skip || past).and_then(|format| read(format).ok()) {
        p.out(line(&units, 0, &[], stop));
    }
    status
}

/// xxd.
pub fn xxd(p: &mut Process) -> i32 {
    let letters = if p.busybox() { "apl:s:c:g:rio:" } else { "pl:s:c:g:rin:o:uC" };
    let options = match of(p, letters, &[("plain", 'p'), ("ps", 'p'), ("revert", 'r')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if p.busybox() {
        if options.operands.len() > 1 {
            return super::options::usage(p);
        }
        let sound = |letter: char, v: &str| {
            v.starts_with(|c: char| c.is_ascii_digit())
                && match letter {
                    'l' | 's' | 'o' => !v.ends_with(['b', 'k', 'm']) && count(v).is_some(),
                    _ => v.parse::<u32>().is_ok(),
                }
        };
        if let Some((_, bad)) = options.given.iter().find(|(l, v)| "lscgo".contains(*l) && !sound(*l, v)) {
            let text = format!("invalid number '{bad}'");
            return p.fail(&text);
        }
    }
    let file = options.files()[0].clone();
    if p.busybox() && options.has('r') && file != "-" && !p.exists(&file) {
        return p.fail(&format!("can't open '{file}': {}", crate::machine::errno::text(crate::filesystem::Errno::NoEntry)));
    }
    let folder = p.busybox() && p.is_dir(&file);
    let asked = options.value('s').and_then(count).unwrap_or(0);
    let wanted = options.value('l').and_then(count).map(|n| asked.saturating_add(n));
    let Some(data) = p.wanting(wanted, |p| open(p, &file)) else { return i32::from(!folder) };
    p.burn(data.len() as u64);
    let plain = options.has('p');
    if options.has('r') {
        p.out(if p.busybox() { reverse_all(&data, plain) } else { reverse(&data, plain) });
        return 0;
    }
    let skip = asked.min(data.len());
    let stop = wanted.map_or(data.len(), |stop| stop.clamp(skip, data.len().max(skip)));
    let default = if plain {
        30
    } else if options.has('i') {
        12
    } else {
        16
    };
    let width = options.value('c').and_then(|c| c.parse().ok()).unwrap_or(default);
    let width = if width == 0 { default } else { width };
    let data = &data[skip..stop];
    let hex = |bytes: &[u8]| {
        let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        if options.has('u') { text.to_ascii_uppercase() } else { text }
    };
    if options.has('i') {
        let name: String = file.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let lines: Vec<String> =
            data.chunks(width).map(|l| l.iter().map(|b| format!("0x{b:02x}")).collect::<Vec<_>>().join(", ")).collect();
        let (head, tail) = match file.as_str() {
            "-" => (String::new(), String::new()),
            _ => (
                format!("unsigned char {name}[] = {{\n"),
                format!("}};\nunsigned int {name}_len = {};\n", data.len() + if p.busybox() { skip } else { 0 }),
            ),
        };
        let comma = if p.busybox() { ",\n" } else { "\n" };
        let body = lines.join(",\n  ");
        p.out(if lines.is_empty() { head + &tail } else { format!("{head}  {body}{comma}{tail}") });
        return 0;
    }
    let group = options.value('g').and_then(|g| g.parse().ok()).unwrap_or(2usize);
    let group = if group == 0 { width } else { group };
    let offset = skip + options.value('o').and_then(count).unwrap_or(0);
    for (i, line) in data.chunks(width).enumerate() {
        if plain {
            p.out(hex(line) + "\n");
            continue;
        }
        let mut groups: String = line.chunks(group).map(|g| hex(g) + " ").collect();
        let room = width * 2 + width.div_ceil(group);
        let text: String = line.iter().map(|b| if matches!(b, 32..=126) { char::from(*b) } else { '.' }).collect();
        groups += &" ".repeat(room.saturating_sub(groups.len()));
        p.out(format!("{:08x}: {groups} {text}\n", offset + i * width));
    }
    0
}

/// The bytes of all pairs of digits, after the address of each line: busybox takes the text beside them too, and goes on with half
/// a byte in the next line.
fn reverse_all(dump: &[u8], plain: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut half = None;
    for line in super::options::lines(dump) {
        let address = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let from = if plain || half.is_some() { 0 } else { address + usize::from(line.get(address) == Some(&b':')) };
        for byte in line[from..].iter().filter(|b| !b.is_ascii_whitespace()) {
            let digit = char::from(*byte).to_digit(16);
            half = match (half, digit) {
                (Some(high), Some(low)) => {
                    out.push((high * 16 + low) as u8);
                    None
                }
                (_, digit) => digit,
            };
        }
    }
    out
}

/// The bytes that a dump shows.
fn reverse(dump: &[u8], plain: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for line in String::from_utf8_lossy(dump).lines() {
        let body = if plain { line } else { line.split_once(": ").map_or("", |(_, b)| b.split("  ").next().unwrap_or("")) };
        let digits: Vec<u32> = body.chars().filter_map(|c| c.to_digit(16)).collect();
        out.extend(digits.chunks_exact(2).map(|d| (d[0] * 16 + d[1]) as u8));
    }
    out
}
