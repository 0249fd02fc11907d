//! Options as `getopt_long` reads them.

use crate::filesystem::Errno;
use crate::machine::Process;

/// The options and operands of a command line.
#[derive(Debug, Default)]
pub struct Options {
    /// Letters with their values, in order.
    pub given: Vec<(char, String)>,
    /// What is no option.
    pub operands: Vec<String>,
}

impl Options {
    /// Whether `letter` was given.
    pub fn has(&self, letter: char) -> bool {
        self.given.iter().any(|(l, _)| *l == letter)
    }

    /// The last value of `letter`.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.given.iter().rev().find(|(l, _)| *l == letter).map(|(_, v)| v.as_str())
    }

    /// All values of `letter`.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.given.iter().filter(move |(l, _)| *l == letter).map(|(_, v)| v.as_str())
    }

    /// The operands, or `-` if there are none.
    pub fn files(&self) -> Vec<String> {
        if self.operands.is_empty() { vec!["-".into()] } else { self.operands.clone() }
    }
}

/// Reads `args`: `letters` as getopt has them (`+` in front: stop at the first operand; `x:` takes a value, `x;` an optional
/// one that is glued on), and long names with their letters. An error is the text to print.
pub fn parse(args: &[String], letters: &str, long: &[(&str, char)]) -> Result<Options, String> {
    let kind = |c: char| match letters.find(c) {
        Some(i) if c.is_alphanumeric() => letters[i + c.len_utf8()..].chars().next().filter(|k| matches!(k, ':' | ';')).or(Some(' ')),
        _ => None,
    };
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            options.operands.extend(rest.by_ref().cloned());
        } else if let Some(name) = arg.strip_prefix("--") {
            let (name, value) = name.split_once('=').map_or((name, None), |(n, v)| (n, Some(v.to_owned())));
            let Some((_, letter)) = long.iter().find(|(n, _)| *n == name).or_else(|| long.iter().find(|(n, _)| n.starts_with(name))) else {
                return Err(format!("unrecognized option: {name}"));
            };
            let value = match (value, kind(*letter)) {
                (None, Some(':')) => rest.next().cloned().ok_or(format!("option requires an argument: {name}"))?,
                (value, _) => value.unwrap_or_default(),
            };
            options.given.push((*letter, value));
        } else if arg.len() < 2 || !arg.starts_with('-') {
            options.operands.push(arg.clone());
            if letters.starts_with('+') {
                options.operands.extend(rest.by_ref().cloned());
            }
        } else {
            for (i, c) in arg.char_indices().skip(1) {
                let glued = &arg[i + c.len_utf8()..];
                match kind(c) {
                    None => return Err(format!("unrecognized option: {c}")),
                    Some(' ') => {
                        options.given.push((c, String::new()));
                        continue;
                    }
                    Some(':') if glued.is_empty() => {
                        let value = rest.next().cloned().ok_or(format!("option requires an argument: {c}"))?;
                        options.given.push((c, value));
                    }
                    Some(_) => options.given.push((c, glued.to_owned())),
                }
                break;
            }
        }
    }
    Ok(options)
}

/// [`parse`] of the process's own arguments; what is wrong is printed, and the exit status given.
pub fn of(p: &mut Process, letters: &str, long: &[(&str, char)]) -> Result<Options, i32> {
    let args = p.args.get(1..).unwrap_or(&[]).to_vec();
    parse(&args, letters, long).map_err(|text| p.fail(&text))
}

/// A file's bytes, or the message that it cannot be opened.
pub fn open(p: &mut Process, path: &str) -> Option<Vec<u8>> {
    let result = if p.is_dir(path) && path != "-" { Err(Errno::IsADirectory) } else { p.input(path) };
    match result {
        Ok(bytes) => Some(bytes),
        Err(e) => {
            let why = crate::machine::errno::text(e);
            let text = match e {
                Errno::IsADirectory => format!("read error: {why}"),
                _ => format!("{path}: {why}"),
            };
            p.fail(&text);
            None
        }
    }
}

/// The lines of `bytes`, each without its newline.
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if bytes.is_empty() { Vec::new() } else { body.split(|b| *b == b'\n').collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &str, given: &str, operands: &str) {
        let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
        let options = parse(&args, "n:qi;", &[("lines", 'n')]).unwrap();
        let text: Vec<String> = options.given.iter().map(|(l, v)| format!("{l}{v}")).collect();
        assert_eq!((text.join(" ").as_str(), options.operands.join(" ").as_str()), (given, operands));
    }

    #[test]
    fn options() {
        check("-qn 3 a", "q n3", "a");
        check("a -n3 -- -q", "n3", "a -q");
        check("--lines=4 -i.bak -", "n4 i.bak", "-");
        check("--lines 4 -i x", "n4 i", "x");
        assert!(parse(&["-z".into()], "n:", &[]).is_err());
    }
}
