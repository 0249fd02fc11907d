//! set.

use super::super::Dialect;
use super::super::eval::{quote, single_quoted};
use super::super::state::{Data, Flow, Options, Ran, Shell};
use crate::machine::Process;

/// Names of options and their letters; without a letter what `set -o` alone knows.
const NAMES: [(&str, char); 18] = [
    ("allexport", 'a'),
    ("errexit", 'e'),
    ("errtrace", 'E'),
    ("functrace", 'T'),
    ("hashall", 'h'),
    ("ignoreeof", 'I'),
    ("monitor", 'm'),
    ("noclobber", 'C'),
    ("noexec", 'n'),
    ("noglob", 'f'),
    ("nolog", ' '),
    ("notify", 'b'),
    ("nounset", 'u'),
    ("pipefail", 'P'),
    ("posix", ' '),
    ("verbose", 'v'),
    ("vi", 'V'),
    ("xtrace", 'x'),
];

/// What each shell lists, in its order.
const ASH_ORDER: &str = "errexit noglob ignoreeof monitor noexec xtrace verbose noclobber allexport notify nounset errtrace vi pipefail";
const DASH_ORDER: &str = "errexit noglob ignoreeof interactive monitor noexec stdin xtrace verbose vi emacs noclobber allexport notify \
    nounset privileged nolog debug";
const BASH_ORDER: &str = "allexport braceexpand emacs errexit errtrace functrace hashall histexpand history ignoreeof \
    interactive-comments keyword monitor noclobber noexec noglob nolog notify nounset onecmd physical pipefail posix privileged verbose \
    vi xtrace";

/// Where an option is kept, by its letter.
fn place(options: &mut Options, letter: char) -> Option<&mut bool> {
    Some(match letter {
        'a' => &mut options.allexport,
        'e' => &mut options.errexit,
        'E' => &mut options.errtrace,
        'T' => &mut options.functrace,
        'C' => &mut options.noclobber,
        'n' => &mut options.noexec,
        'f' => &mut options.noglob,
        'u' => &mut options.nounset,
        'P' => &mut options.pipefail,
        'v' => &mut options.verbose,
        'x' => &mut options.xtrace,
        _ => return None,
    })
}

/// Sets an option by its letter; `false` if the shell has no such option.
pub fn flag(s: &mut Shell, letter: char, on: bool) -> bool {
    let known = match s.dialect {
        Dialect::Ash => "aefImnsxvCEbu",
        Dialect::Dash => "aefImnsxvVECbu",
        Dialect::Bash => "abefhkmnptuvxBCEHPTirl",
    };
    if !known.contains(letter) {
        return false;
    }
    // -P and -E mean other things as letters.
    if letter != 'P'
        && (!matches!(letter, 'E' | 'T') || s.bash())
        && let Some(place) = place(&mut s.options, letter)
    {
        *place = on;
    }
    true
}

/// Sets an option by its name.
pub fn named(s: &mut Shell, name: &str, on: bool) -> bool {
    let Some((_, letter)) = NAMES.iter().find(|(n, _)| *n == name) else {
        return matches!(name, "vi" | "emacs" | "stdin" | "interactive")
            || (s.bash()
                && matches!(
                    name,
                    "braceexpand" | "histexpand" | "history" | "physical" | "privileged" | "keyword" | "onecmd" | "interactive-comments"
                ));
    };
    let known = match s.dialect {
        Dialect::Bash => true,
        Dialect::Ash => !matches!(name, "functrace" | "hashall" | "posix" | "nolog"),
        Dialect::Dash => !matches!(name, "errtrace" | "functrace" | "hashall" | "posix" | "pipefail"),
    };
    if known && let Some(place) = place(&mut s.options, *letter) {
        *place = on;
    }
    known
}

/// set.
pub fn set(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    if args.len() == 1 {
        show_variables(s, p);
        return Ok(0);
    }
    let mut i = 1;
    while let Some(arg) = args.get(i) {
        i += 1;
        if arg == "--" {
            s.positional = args[i..].to_vec();
            return Ok(0);
        }
        let on = arg.starts_with('-');
        if arg == "-" {
            (s.options.xtrace, s.options.verbose) = (false, false);
            if i < args.len() {
                s.positional = args[i..].to_vec();
            }
            return Ok(0);
        }
        if !(on || arg.starts_with('+')) || arg.len() == 1 {
            s.positional = args[i - 1..].to_vec();
            return Ok(0);
        }
        for letter in arg[1..].chars() {
            if letter == 'o' {
                match args.get(i) {
                    None => show_options(s, p, on),
                    Some(name) => {
                        i += 1;
                        if !named(s, name, on) {
                            return unknown_name(s, p, name, on);
                        }
                    }
                }
            } else if letter == 'm' && on && !s.bash() {
                s.complain(p, "can't access tty; job control turned off");
            } else if !flag(s, letter, on) {
                let sign = if on { '-' } else { '+' };
                if s.bash() {
                    s.complain(p, &format!("{sign}{letter}: invalid option"));
                    p.err("set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n");
                    return Ok(2);
                }
                s.complain(p, &format!("{} option {sign}{letter}", if s.dialect == Dialect::Ash { "illegal" } else { "Illegal" }));
                return Err(Flow::Error(2));
            }
        }
    }
    Ok(0)
}

fn unknown_name(s: &mut Shell, p: &mut Process, name: &str, on: bool) -> Ran {
    let sign = if on { '-' } else { '+' };
    match s.dialect {
        Dialect::Bash => {
            s.complain(p, &format!("{name}: invalid option name"));
            Ok(2)
        }
        Dialect::Ash => {
            s.complain(p, &format!("illegal option {sign}o {name}"));
            Ok(1)
        }
        Dialect::Dash => {
            s.complain(p, &format!("Illegal option {sign}o {name}"));
            Err(Flow::Error(2))
        }
    }
}

/// The names that `set -o` lists.
pub fn names(dialect: Dialect) -> impl Iterator<Item = &'static str> {
    let order = match dialect {
        Dialect::Ash => ASH_ORDER,
        Dialect::Dash => DASH_ORDER,
        Dialect::Bash => BASH_ORDER,
    };
    order.split(' ')
}

/// Whether an option that has a name is on.
pub fn is_on(s: &Shell, name: &str) -> bool {
    let mut options = s.options;
    let letter = NAMES.iter().find(|n| n.0 == name).map_or(' ', |n| n.1);
    (s.bash() && matches!(name, "braceexpand" | "hashall" | "interactive-comments")) || place(&mut options, letter).is_some_and(|v| *v)
}

fn show_options(s: &mut Shell, p: &mut Process, on: bool) {
    let mut text = if s.dialect != Dialect::Dash || !on { String::new() } else { "Current option settings\n".to_owned() };
    for name in names(s.dialect) {
        let state = is_on(s, name);
        match (on, s.bash()) {
            (false, _) => text.push_str(&format!("set {}o {name}\n", if state { '-' } else { '+' })),
            (true, true) => text.push_str(&format!("{name:<15}\t{}\n", if state { "on" } else { "off" })),
            (true, false) => text.push_str(&format!("{name:<16}{}\n", if state { "on" } else { "off" })),
        }
    }
    p.out(text);
}

fn show_variables(s: &Shell, p: &mut Process) {
    let mut text = String::new();
    for (name, variable) in &s.variables {
        if let Data::Text(value) = &variable.data {
            let value = if s.bash() { quote(value, s.dialect) } else { single_quoted(value, s.dialect) };
            text.push_str(&format!("{name}={value}\n"));
        }
    }
    p.out(text);
}
