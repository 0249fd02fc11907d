//! read; bash's mapfile.

use super::super::Dialect;
use super::super::parse::is_name;
use super::super::state::{Ran, Shell};
use crate::machine::Process;

/// What the flags of `read` say.
struct Request {
    raw: bool,
    delimiter: u8,
    fd: u32,
    array: Option<String>,
    /// Most characters; `exact`: a delimiter does not end them.
    limit: Option<usize>,
    exact: bool,
    /// A timeout of zero.
    polls: bool,
    names: Vec<String>,
}

fn request(letters: Vec<(char, String)>, names: &[String]) -> Request {
    let names = names.to_vec();
    let mut request = Request { raw: false, delimiter: b'\n', fd: 0, array: None, limit: None, exact: false, polls: false, names };
    for (letter, value) in letters {
        match letter {
            'r' => request.raw = true,
            'a' => request.array = Some(value),
            'd' => request.delimiter = value.bytes().next().unwrap_or(0),
            'n' => request.limit = value.parse().ok(),
            'N' => (request.limit, request.exact) = (value.parse().ok(), true),
            't' => request.polls = crate::base::parse_float(&value) == Some(0.0),
            'u' => request.fd = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    request
}

/// A byte and whether a backslash protects it.
type Byte = (u8, bool);

/// read.
pub fn read(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let usage = "[-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";
    let specs = ["p:u:rt:n:sd:", "p:r", "a:d:i:n:N:p:t:u:rse"];
    let super::Options { letters, at } = super::options(s, p, args, specs, usage)?;
    for (letter, value) in &letters {
        let wrong = match letter {
            'u' if s.bash() => match value.parse::<u32>() {
                Ok(fd) if p.fds.contains_key(&fd) => continue,
                Ok(_) => format!("{value}: invalid file descriptor: Bad file descriptor"),
                Err(_) => format!("{value}: invalid file descriptor specification"),
            },
            _ if s.bash() => continue,
            'n' if value.parse::<u32>().is_err() => "invalid count".to_owned(),
            't' if crate::base::parse_float(value).is_none() => "invalid timeout".into(),
            'u' if value.parse::<u32>().is_err() => "invalid file descriptor".into(),
            _ => continue,
        };
        return super::fails(s, p, &wrong, 1);
    }
    let mut request = request(letters, &args[at.min(args.len())..]);
    if s.dialect == Dialect::Ash {
        // No limit, and with a timeout of zero only a look at whether there is something to read.
        request.limit = request.limit.filter(|l| *l > 0);
    }
    if request.polls && s.dialect != Dialect::Dash {
        return Ok(0);
    }
    if s.bash()
        && let Some(name) = request.names.iter().find(|n| s.variables.get(*n).is_some_and(|v| v.readonly)).cloned()
    {
        s.complain_plain(p, &format!("{name}: readonly variable"));
        return Ok(1);
    }
    if let Some(bad) = request.names.iter().find(|n| !is_name(n)).cloned() {
        return Ok(match s.dialect {
            Dialect::Ash => s.tool(p, "read", args, |p| p.fail(&format!("read: '{bad}': bad variable name"))),
            Dialect::Dash => {
                s.complain(p, &format!("{bad}: bad variable name"));
                2
            }
            Dialect::Bash => {
                s.complain(p, &format!("`{bad}': not a valid identifier"));
                1
            }
        });
    }
    if request.names.is_empty() && s.dialect == Dialect::Dash {
        s.complain(p, "arg count");
        return Ok(2);
    }
    let (line, ended) = read_line(p, &request);
    let ifs = s.get("IFS").unwrap_or_else(|| " \t\n".into()).into_bytes();
    let whole = request.names.is_empty() && request.array.is_none();
    if whole {
        request.names.push("REPLY".into());
    }
    if let Some(array) = &request.array {
        let items = fields(&line, &ifs, usize::MAX);
        s.set_array(array, items);
    } else if (whole && s.dialect != Dialect::Dash) || request.exact {
        let text = text(&line);
        s.assign(p, &request.names[0], &text)?;
        for name in &request.names[1..] {
            s.assign(p, name, "")?;
        }
    } else {
        let items = fields(&line, &ifs, request.names.len());
        for (i, name) in request.names.iter().enumerate() {
            s.assign(p, name, items.get(i).map_or("", String::as_str))?;
        }
    }
    Ok(!ended as i32)
}

fn text(part: &[Byte]) -> String {
    String::from_utf8_lossy(&part.iter().map(|b| b.0).collect::<Vec<_>>()).into_owned()
}

/// The bytes up to the delimiter, and whether it came.
fn read_line(p: &mut Process, request: &Request) -> (Vec<Byte>, bool) {
    let mut line: Vec<Byte> = Vec::new();
    let limit = request.limit.unwrap_or(usize::MAX);
    if limit == 0 {
        return (line, true);
    }
    let mut escaped = false;
    while p.burn(1) {
        let chunk = p.read_fd(request.fd, if request.limit.is_some() { 1 } else { 4096 });
        if chunk.is_empty() {
            return (line, false);
        }
        for (i, byte) in chunk.iter().copied().enumerate() {
            if escaped {
                escaped = false;
                if byte != b'\n' {
                    line.push((byte, true));
                }
            } else if byte == b'\\' && !request.raw {
                escaped = true;
                continue;
            } else if byte == request.delimiter && !request.exact {
                p.unread_fd(request.fd, chunk.len() - i - 1);
                return (line, true);
            } else if byte != 0 {
                line.push((byte, false));
            }
            if line.iter().filter(|b| b.0 & 0xc0 != 0x80).count() >= limit {
                return (line, true);
            }
        }
    }
    (line, false)
}

/// Splits at IFS into at most `count` fields; the last takes the rest.
fn fields(line: &[Byte], ifs: &[u8], count: usize) -> Vec<String> {
    let is_separator = |b: &Byte| !b.1 && ifs.contains(&b.0);
    let is_space = |b: &Byte| is_separator(b) && b.0.is_ascii_whitespace();
    let skip = |mut part: &'_ [Byte]| {
        let spaces = part.iter().take_while(|b| is_space(b)).count();
        part = &part[spaces..];
        part.len()
    };
    let mut rest = &line[line.len() - skip(line)..];
    let mut items = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(is_separator).unwrap_or(rest.len());
        // What a field is followed by: white space around at most one other separator.
        let mut after = &rest[end..];
        after = &after[after.len() - skip(after)..];
        if after.first().is_some_and(&is_separator) {
            after = &after[1..];
            after = &after[after.len() - skip(after)..];
        }
        if items.len() + 1 == count && !after.is_empty() {
            let trailing = rest.iter().rev().take_while(|b| is_space(b)).count();
            items.push(text(&rest[..rest.len() - trailing]));
            return items;
        }
        items.push(text(&rest[..end]));
        rest = after;
    }
    items
}

/// mapfile and readarray: the lines of standard input.
pub fn mapfile(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let usage = "[-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]";
    let super::Options { letters, at } = super::options(s, p, args, ["d:n:O:s:u:C:c:t"; 3], usage)?;
    let (mut trims, mut delimiter, mut fd) = (false, '\n', 0);
    let (mut most, mut skipped, mut origin) = (usize::MAX, 0usize, None);
    let (mut callback, mut quantum) = (None, 5000usize);
    for (letter, value) in letters {
        if letter == 't' {
            trims = true;
            continue;
        }
        let number = value.parse::<usize>();
        let wrong = match (letter, number) {
            ('d', _) => {
                delimiter = value.chars().next().unwrap_or('\0');
                continue;
            }
            ('C', _) => {
                callback = Some(value);
                continue;
            }
            ('u', Ok(n)) if p.fds.contains_key(&(n as u32)) => {
                fd = n as u32;
                continue;
            }
            ('u', Ok(_)) => "invalid file descriptor: Bad file descriptor",
            ('u', _) => "invalid file descriptor specification",
            (_, Ok(n)) => {
                match letter {
                    'n' if n > 0 => most = n,
                    's' => skipped = n,
                    'O' => origin = Some(n),
                    'c' => quantum = n.max(1),
                    _ => {}
                }
                continue;
            }
            ('O', _) => "invalid array origin",
            ('c', _) => "invalid callback quantum",
            _ => "invalid line count",
        };
        return super::fails(s, p, &format!("{value}: {wrong}"), 1);
    }
    let name = args.get(at).map_or("MAPFILE", String::as_str).to_owned();
    if !is_name(&name) {
        return super::fails(s, p, &format!("`{name}': not a valid identifier"), 1);
    }
    s.writable(p, &name)?;
    let bytes = p.read_all(fd);
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.split_inclusive(delimiter).skip(skipped).take(most);
    let lines: Vec<String> = lines.map(|l| if trims { l.strip_suffix(delimiter).unwrap_or(l) } else { l }.to_owned()).collect();
    if origin.is_none() && callback.is_none() {
        s.set_array(&name, lines);
        return Ok(0);
    }
    if origin.is_none() {
        s.set_array(&name, Vec::new());
    }
    for (i, line) in lines.into_iter().enumerate() {
        let key = (origin.unwrap_or(0) + i).to_string();
        if let Some(callback) = callback.as_ref().filter(|_| (i + 1) % quantum == 0) {
            let quoted = super::super::eval::single_quoted(&line, Dialect::Bash);
            super::run::eval(s, p, &["eval".into(), format!("{callback} {key} {quoted}")])?;
        }
        s.set_item(&name, &key, &line);
    }
    Ok(0)
}
