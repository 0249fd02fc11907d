//! getopts.

use super::super::Dialect;
use super::super::state::{Ran, Shell};
use crate::machine::Process;

/// getopts.
pub fn getopts(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let (Some(spec), Some(name)) = (args.get(1), args.get(2)) else {
        match s.dialect {
            Dialect::Ash => s.complain(p, "usage: getopts optstring var [arg]"),
            Dialect::Dash => s.complain(p, "Usage: getopts optstring var [arg...]"),
            Dialect::Bash => p.err("getopts: usage: getopts optstring name [arg ...]\n"),
        }
        return Ok(2);
    };
    let list = if args.len() > 3 { args[3..].to_vec() } else { s.positional.clone() };
    let (mut index, mut offset) = (s.getopts.0.max(1), s.getopts.1);
    // Behind all words it begins anew, in bash it is behind the last one.
    if index > list.len() + 1 {
        (index, offset) = if s.bash() { (list.len() + 1, 0) } else { (1, 0) };
    }
    let silent = spec.starts_with(':');
    let Some(arg) = list.get(index - 1).filter(|a| a.starts_with('-') && a.len() > 1) else { return done(s, name, index) };
    if arg == "--" {
        return done(s, name, index + 1);
    }
    let letters: Vec<char> = arg.chars().collect();
    offset = offset.max(1);
    let letter = letters.get(offset).copied().unwrap_or('?');
    offset += 1;
    let place = spec.find(letter).filter(|_| letter != ':');
    let takes = place.is_some_and(|i| spec[i + letter.len_utf8()..].starts_with(':'));
    let mut value = None;
    let mut found = letter.to_string();
    if place.is_none() {
        found = "?".into();
        match (silent, s.dialect) {
            (true, _) => value = Some(letter.to_string()),
            (false, Dialect::Bash) => p.err(format!("{}: illegal option -- {letter}\n", s.name)),
            (false, _) => p.err(format!("Illegal option -{letter}\n")),
        }
    } else if takes {
        if offset < letters.len() {
            value = Some(letters[offset..].iter().collect());
        } else if let Some(next) = list.get(index) {
            value = Some(next.clone());
            index += 1;
        } else {
            found = if silent { ":" } else { "?" }.into();
            match (silent, s.dialect) {
                (true, _) => value = Some(letter.to_string()),
                (false, Dialect::Bash) => p.err(format!("{}: option requires an argument -- {letter}\n", s.name)),
                (false, _) => p.err(format!("No arg for -{letter} option\n")),
            }
        }
        offset = letters.len();
    }
    if offset >= letters.len() {
        index += 1;
        offset = 0;
    }
    // In ash and dash it is past the word that is being read.
    let shown = index + (offset > 0 && !s.bash()) as usize;
    s.set("OPTIND", &shown.to_string());
    s.getopts = (index, offset);
    match value {
        Some(value) => s.set("OPTARG", &value),
        None if s.bash() => {
            s.variables.remove("OPTARG");
        }
        None => s.set("OPTARG", ""),
    }
    s.assign(p, name, &found)?;
    Ok(0)
}

fn done(s: &mut Shell, name: &str, index: usize) -> Ran {
    s.set("OPTIND", &index.to_string());
    s.getopts = (index, 0);
    s.set(name, "?");
    Ok(1)
}
