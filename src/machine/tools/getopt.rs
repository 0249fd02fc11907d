//! getopt: a command line put in order for a shell script.

use super::options::{of, usage};
use crate::machine::Process;

struct Long {
    name: String,
    /// `:` takes a value, `;` may take one, a blank takes none.
    kind: char,
}

fn quoted(word: &str, plain: bool) -> String {
    if plain { format!(" {word}") } else { format!(" '{}'", word.replace('\'', "'\\''")) }
}

/// getopt.
pub fn getopt(p: &mut Process) -> i32 {
    let args = p.args[1..].to_vec();
    if args.first().is_some_and(|a| a == "-T" || a == "--test") {
        return 4;
    }
    // The old way: the letters, then the command line; values are not quoted.
    let old = args.first().is_some_and(|a| !a.starts_with('-'));
    if args.is_empty() && p.busybox() {
        return p.fail("missing optstring argument");
    }
    let mut alone = (false, false);
    let (letters, longs, words, plain, name, quiet) = if old {
        (args[0].clone(), Vec::new(), args[1..].to_vec(), true, p.name().to_owned(), false)
    } else {
        let long = [
            ("options", 'o'),
            ("longoptions", 'l'),
            ("long", 'l'),
            ("name", 'n'),
            ("quiet", 'q'),
            ("unquoted", 'u'),
            ("shell", 's'),
            ("alternative", 'a'),
            ("quiet-output", 'Q'),
        ];
        let options = match of(p, "+ao:l:n:qQs:u", &long) {
            Ok(options) => options,
            Err(_) => return if p.busybox() { 1 } else { 2 },
        };
        if let Some(shell) = options.value('s').filter(|s| p.busybox() && !matches!(*s, "sh" | "bash" | "csh" | "tcsh")) {
            p.fail(&format!("unknown shell '{shell}', assuming bash"));
        }
        // Long names after one dash; nothing printed.
        alone = (options.has('a'), options.has('Q'));
        let mut words = options.operands.clone();
        let letters = match options.value('o') {
            Some(letters) => letters.to_owned(),
            None if words.is_empty() && p.busybox() => return p.fail("missing optstring argument"),
            None if words.is_empty() => return usage(p),
            None => words.remove(0),
        };
        let longs = options.values('l').flat_map(|l| l.split([',', ' ', '\n'])).filter(|n| !n.is_empty()).map(|n| Long {
            name: n.trim_end_matches(':').to_owned(),
            kind: match n.len() - n.trim_end_matches(':').len() {
                0 => ' ',
                1 => ':',
                _ => ';',
            },
        });
        let name = options.value('n').unwrap_or(p.name()).to_owned();
        (letters, longs.collect::<Vec<_>>(), words, options.has('u'), name, options.has('q'))
    };
    let mut out = String::new();
    let mut rest: Vec<String> = Vec::new();
    let mut failed = false;
    let mut complain = |p: &mut Process, text: String| {
        if !quiet {
            p.err(format!("{name}: {text}\n"));
        }
        failed = true;
    };
    let mut words = words.into_iter().peekable();
    let posix = letters.starts_with('+');
    while let Some(word) = words.next() {
        if word == "--" {
            rest.extend(words.by_ref());
        } else if let Some(body) = word.strip_prefix("--").or_else(|| {
            word.strip_prefix('-').filter(|w| alone.0 && w.len() > 1 && longs.iter().any(|l| w.split('=').next() == Some(l.name.as_str())))
        }) {
            let (key, value) = body.split_once('=').map_or((body, None), |(k, v)| (k, Some(v.to_owned())));
            let exact = longs.iter().find(|l| l.name == key);
            let Some(long) = exact.or_else(|| longs.iter().find(|l| l.name.starts_with(key))) else {
                complain(p, format!("unrecognized option '--{key}'"));
                continue;
            };
            let value = match (long.kind, value) {
                (' ', Some(_)) => {
                    complain(p, format!("option '--{}' doesn't allow an argument", long.name));
                    continue;
                }
                (':', None) => match words.next() {
                    Some(value) => Some(value),
                    None => {
                        complain(p, format!("option '--{}' requires an argument", long.name));
                        continue;
                    }
                },
                (_, value) => value,
            };
            out += &format!(" --{}", long.name);
            if long.kind != ' ' {
                out += &quoted(&value.unwrap_or_default(), plain);
            }
        } else if word.len() > 1 && word.starts_with('-') {
            let mut chars = word[1..].chars();
            while let Some(c) = chars.next() {
                let Some(at) = letters.find(c).filter(|_| c != ':' && c != '+' && c != '-') else {
                    complain(p, format!("invalid option -- '{c}'"));
                    continue;
                };
                let after = &letters[at + c.len_utf8()..];
                if !after.starts_with(':') {
                    out += &format!(" -{c}");
                    continue;
                }
                let glued = chars.as_str().to_owned();
                let value = match glued.is_empty() {
                    false => Some(glued),
                    true if after.starts_with("::") => Some(String::new()),
                    true => words.next(),
                };
                match value {
                    Some(value) => out += &format!(" -{c}{}", quoted(&value, plain)),
                    None => complain(p, format!("option requires an argument -- '{c}'")),
                }
                break;
            }
        } else {
            // A dash in front of the letters keeps what is no option in its place.
            if letters.starts_with('-') {
                out += &quoted(&word, plain);
                continue;
            }
            rest.push(word);
            if posix {
                rest.extend(words.by_ref());
            }
        }
    }
    out += " --";
    for word in rest {
        out += &quoted(&word, plain);
    }
    if !alone.1 {
        p.out(out + "\n");
    }
    i32::from(failed)
}
