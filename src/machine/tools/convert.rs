//! Texts with their line ends or their variables replaced: dos2unix, unix2dos, envsubst.

use super::options::of;
use crate::machine::{Process, errno};

/// dos2unix and unix2dos.
pub fn dos2unix(p: &mut Process) -> i32 {
    let options = match of(p, "udqkfn", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let to_dos = match (options.has('u'), options.has('d')) {
        (true, _) => false,
        (_, true) => true,
        _ => p.name() == "unix2dos",
    };
    let convert = |data: &[u8]| -> Vec<u8> {
        let plain = data.iter().filter(|b| **b != b'\r').copied();
        if to_dos { plain.flat_map(|b| if b == b'\n' { vec![b'\r', b'\n'] } else { vec![b] }).collect() } else { plain.collect() }
    };
    if options.operands.is_empty() {
        let data = p.stdin();
        p.out(convert(&data));
        return 0;
    }
    for file in &options.operands {
        let result = p.read(file).and_then(|data| p.write(file, convert(&data)));
        if let Err(e) = result {
            return p.fail(&format!("can't open '{file}': {}", errno::text(e)));
        }
    }
    0
}

/// envsubst.
pub fn envsubst(p: &mut Process) -> i32 {
    let options = match of(p, "v", &[("variables", 'v')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let names = |text: &str| -> Vec<String> {
        let mut out = Vec::new();
        references(text, |name, _| {
            out.push(name.to_owned());
            None
        });
        out
    };
    if options.operands.len() > 1 {
        return p.fail("too many arguments");
    }
    if options.has('v') && options.operands.is_empty() {
        return p.fail("missing arguments");
    }
    let only = options.operands.first().map(|format| names(format));
    if options.has('v') {
        p.out(only.unwrap_or_default().iter().map(|n| format!("{n}\n")).collect::<String>());
        return 0;
    }
    let data = p.stdin();
    let text = String::from_utf8_lossy(&data).into_owned();
    let out = references(&text, |name, _| {
        let wanted = only.as_ref().is_none_or(|list| list.iter().any(|n| n == name));
        wanted.then(|| p.var(name).unwrap_or("").to_owned())
    });
    p.out(out);
    0
}

/// `text` with `$NAME` and `${NAME}` replaced by what `value` gives, left as they are where it gives nothing.
fn references(text: &str, mut value: impl FnMut(&str, &str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out += &rest[..at];
        let after = &rest[at + 1..];
        let (braced, body) = after.strip_prefix('{').map_or((false, after), |b| (true, b));
        let length = body.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(body.len());
        let name = &body[..length];
        let closed = !braced || body[length..].starts_with('}');
        let whole = 1 + length + if braced { 2 } else { 0 };
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !closed {
            out.push('$');
            rest = after;
            continue;
        }
        let reference = &rest[at..at + whole];
        out += &value(name, reference).unwrap_or_else(|| reference.to_owned());
        rest = &rest[at + whole..];
    }
    out + rest
}
