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

fn request(args: &[String]) -> Request {
    let mut request =
        Request { raw: false, delimiter: b'\n', fd: 0, array: None, limit: None, exact: false, polls: false, names: Vec::new() };
    let (letters, at) = super::letters(args, "a:d:i:n:N:p:t:u:r");
    for super::Letter { letter, value, .. } in letters {
        let value = value.unwrap_or_default();
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
    request.names = args.get(at..).unwrap_or(&[]).to_vec();
    request
}

/// A byte and whether a backslash protects it.
type Byte = (u8, bool);

/// read.
pub fn read(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    if !s.bash() {
        let (flags, _) = super::options(s, p, args, if s.dialect == Dialect::Ash { "p:u:rt:n:sd:" } else { "p:r" })?;
        for (letter, value) in flags {
            let wrong = match letter {
                'n' if value.parse::<u32>().is_err() => "invalid count",
                't' if crate::base::parse_float(&value).is_none() => "invalid timeout",
                'u' if value.parse::<u32>().is_err() => "invalid file descriptor",
                _ => continue,
            };
            return super::fails(s, p, wrong, 2);
        }
    }
    let mut request = request(args);
    if s.dialect == Dialect::Ash {
        // No limit, and with a timeout of zero only a look at whether there is something to read.
        request.limit = request.limit.filter(|l| *l > 0);
        if request.polls {
            return Ok(0);
        }
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
    let (mut trims, mut name) = (false, "MAPFILE".to_owned());
    let mut delimiter = '\n';
    let (mut most, mut skipped, mut origin) = (usize::MAX, 0usize, 0usize);
    let mut i = 1;
    while let Some(arg) = args.get(i) {
        i += 1;
        match arg.as_str() {
            "-t" => trims = true,
            "-d" => {
                delimiter = args.get(i).and_then(|d| d.chars().next()).unwrap_or('\0');
                i += 1;
            }
            "-n" | "-s" | "-O" => {
                let number = args.get(i).and_then(|n| n.parse().ok()).unwrap_or(0);
                i += 1;
                match arg.as_str() {
                    "-n" if number > 0 => most = number,
                    "-s" => skipped = number,
                    "-O" => origin = number,
                    _ => {}
                }
            }
            "-u" | "-c" | "-C" => i += 1,
            other => name = other.to_owned(),
        }
    }
    let bytes = p.stdin();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.split_inclusive(delimiter).skip(skipped).take(most);
    let lines = lines.map(|l| if trims { l.strip_suffix(delimiter).unwrap_or(l) } else { l }.to_owned());
    if origin == 0 {
        s.set_array(&name, lines.collect());
        return Ok(0);
    }
    for (i, line) in lines.enumerate() {
        s.set_item(&name, &(origin + i).to_string(), &line);
    }
    Ok(0)
}
