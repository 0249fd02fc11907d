//! Flags as docker's command line reads them: spf13/pflag, values behind `=` or in the next word, shorthands in one word.
//!
//! A table of [`Flag`]s and words in, a [`Parsed`] out; errors carry pflag's texts.

use std::collections::BTreeMap;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing, or a boolean behind `=`.
    Bool,
    /// One value; the last one counts.
    Text,
    /// One value each time it is given.
    List,
}

/// A flag of a command.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    /// Without the dashes.
    pub name: &'static str,
    /// The shorthand; `'\0'` if there is none.
    pub short: char,
    /// What it takes.
    pub takes: Takes,
    /// The value of `--flag` without one, for a text flag that allows it; also what the help prints.
    pub help: &'static str,
}

/// A flag without value.
pub const fn switch(name: &'static str, short: char, help: &'static str) -> Flag {
    Flag { name, short, takes: Takes::Bool, help }
}

/// A flag with one value.
pub const fn text(name: &'static str, short: char, help: &'static str) -> Flag {
    Flag { name, short, takes: Takes::Text, help }
}

/// A flag that may be repeated.
pub const fn list(name: &'static str, short: char, help: &'static str) -> Flag {
    Flag { name, short, takes: Takes::List, help }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    values: BTreeMap<&'static str, Vec<String>>,
    /// The words that are no flags.
    pub args: Vec<String>,
}

impl Parsed {
    /// Whether a boolean is on.
    pub fn is(&self, name: &str) -> bool {
        self.last(name) == Some("true")
    }

    /// The last value.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(String::as_str)
    }

    /// Every value, in order.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }
}

/// How flags and other words may be mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interspersed {
    /// Flags anywhere: `docker build . -t x`.
    Yes,
    /// The first word that is no flag ends them: `docker run IMAGE ls -l`.
    No,
}

/// Reads `words` (without the command's name).
pub fn parse_flags(flags: &[Flag], words: &[String], interspersed: Interspersed) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            parsed.args.extend(rest.cloned());
            break;
        } else if let Some(body) = word.strip_prefix("--") {
            long(flags, word, body, &mut rest, &mut parsed)?;
        } else if word.len() > 1 && word.starts_with('-') {
            shorthands(flags, word, &mut rest, &mut parsed)?;
        } else {
            parsed.args.push(word.clone());
            if interspersed == Interspersed::No {
                parsed.args.extend(rest.cloned());
                break;
            }
        }
    }
    Ok(parsed)
}

fn long<'a>(
    flags: &[Flag],
    word: &str,
    body: &str,
    rest: &mut impl Iterator<Item = &'a String>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    let (name, value) = match body.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (body, None),
    };
    if name.is_empty() || name.starts_with('-') {
        return Err(format!("bad flag syntax: {word}"));
    }
    let flag = flags.iter().find(|flag| flag.name == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
    let value = match (value, flag.takes) {
        (Some(value), _) => value,
        (None, Takes::Bool) => "true".into(),
        (None, _) => rest.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
    };
    set(flag, value, parsed)
}

fn shorthands<'a>(flags: &[Flag], word: &str, rest: &mut impl Iterator<Item = &'a String>, parsed: &mut Parsed) -> Result<(), String> {
    let mut letters = word[1..].chars();
    while let Some(letter) = letters.next() {
        let here = || format!("'{letter}' in {word}");
        let flag = flags
            .iter()
            .find(|flag| flag.short == letter && letter != '\0')
            .ok_or_else(|| format!("unknown shorthand flag: {}", here()))?;
        let left = letters.as_str();
        if let Some(value) = left.strip_prefix('=') {
            return set(flag, value.into(), parsed);
        }
        if flag.takes == Takes::Bool {
            set(flag, "true".into(), parsed)?;
        } else if !left.is_empty() {
            return set(flag, left.into(), parsed);
        } else {
            let value = rest.next().cloned().ok_or_else(|| format!("flag needs an argument: {}", here()))?;
            return set(flag, value, parsed);
        }
    }
    Ok(())
}

fn set(flag: &Flag, value: String, parsed: &mut Parsed) -> Result<(), String> {
    let value = match flag.takes {
        Takes::Bool => boolean(&value).ok_or_else(|| invalid_bool(flag, &value))?.to_string(),
        Takes::Text | Takes::List => value,
    };
    let values = parsed.values.entry(flag.name).or_default();
    if flag.takes != Takes::List {
        values.clear();
    }
    values.push(value);
    Ok(())
}

fn invalid_bool(flag: &Flag, value: &str) -> String {
    let name = if flag.short == '\0' { format!("--{}", flag.name) } else { format!("-{}, --{}", flag.short, flag.name) };
    format!("invalid argument \"{value}\" for \"{name}\" flag: strconv.ParseBool: parsing \"{value}\": invalid syntax")
}

/// Go's `strconv.ParseBool`.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Go's `encoding/csv` for one record, as far as docker's `key=value,key=value` options need it: quotes protect commas.
pub fn csv_fields(text: &str) -> Result<Vec<String>, String> {
    let mut fields = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ',' => fields.push(String::new()),
            '"' if fields.last().is_some_and(String::is_empty) => {
                let field = fields.last_mut();
                let quoted = quoted_field(&mut chars)?;
                if let Some(field) = field {
                    *field = quoted;
                }
            }
            '"' => return Err("bare \" in non-quoted-field".into()),
            c => fields.last_mut().into_iter().for_each(|field| field.push(c)),
        }
    }
    Ok(fields)
}

fn quoted_field(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let mut field = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' if chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => return Ok(field),
            c => field.push(c),
        }
    }
    Err("extraneous or missing \" in quoted-field".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[text("file", 'f', ""), list("tag", 't', ""), switch("quiet", 'q', ""), switch("no-cache", '\0', "")];

    fn check(line: &str, expect: Result<&str, &str>) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let found = parse_flags(FLAGS, &words, Interspersed::Yes).map(|p| {
            let mut out = Vec::new();
            for (name, values) in &p.values {
                out.push(format!("{name}={}", values.join("+")));
            }
            out.extend(p.args);
            out.join(" ")
        });
        assert_eq!(found.as_deref().map_err(String::as_str), expect, "{line}");
    }

    #[test]
    fn values_come_in_every_form() {
        check("-t a --tag=b --tag c .", Ok("tag=a+b+c ."));
        check("-qf x . -t=y", Ok("file=x quiet=true tag=y ."));
        check("-fx -f y", Ok("file=y"));
        check("--no-cache=false -- --file", Ok("no-cache=false --file"));
        check("-", Ok("-"));
    }

    #[test]
    fn errors_are_those_of_pflag() {
        check("--nope .", Err("unknown flag: --nope"));
        check("-qz .", Err("unknown shorthand flag: 'z' in -qz"));
        check("--file", Err("flag needs an argument: --file"));
        check("-qf", Err("flag needs an argument: 'f' in -qf"));
        check("--=x", Err("bad flag syntax: --=x"));
        check("--no-cache=x", Err("invalid argument \"x\" for \"--no-cache\" flag: strconv.ParseBool: parsing \"x\": invalid syntax"));
    }

    #[test]
    fn fields_are_split_at_commas_outside_quotes() {
        assert_eq!(csv_fields("type=oci,\"dest=a,b\""), Ok(vec!["type=oci".into(), "dest=a,b".into()]));
        assert!(csv_fields("a\"b").is_err());
        assert!(csv_fields("\"ab").is_err());
    }
}
