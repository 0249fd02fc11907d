//! A line typed in the terminal -> words, and `NAME=value` in front of it: the quoting of a POSIX shell, variables expanded from the client's environment.

use std::collections::BTreeMap;

/// A command line, split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// `NAME=value` before the command.
    pub assignments: Vec<(String, String)>,
    /// The command and its arguments.
    pub words: Vec<String>,
}

/// Splits one command. Errors are those of a shell: an open quote, an operator that this terminal does not know.
pub fn split_line(line: &str, env: &BTreeMap<String, String>) -> Result<Line, String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '#' if word.is_none() => break,
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            '\'' => {
                let word = word.get_or_insert_default();
                until(&mut chars, '\'', |c, _| word.push(c))?;
            }
            '"' => {
                let word = word.get_or_insert_default();
                until(&mut chars, '"', |c, rest| match c {
                    '\\' if rest.peek().is_some_and(|c| matches!(c, '"' | '\\' | '$' | '`')) => word.extend(rest.next()),
                    '$' => variable(rest, env, word),
                    c => word.push(c),
                })?;
            }
            '$' => {
                let mut value = String::new();
                variable(&mut chars, env, &mut value);
                let mut parts = value.split_whitespace();
                if let Some(first) = parts.next() {
                    word.get_or_insert_default().push_str(first);
                }
                for part in parts {
                    words.extend(word.replace(part.to_owned()));
                }
            }
            '|' | '&' | ';' | '<' | '>' | '`' | '(' | ')' => return Err(format!("syntax error near unexpected token `{c}'")),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    let is_assignment = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let count = words.iter().take_while(|word| is_assignment(word)).count();
    let rest = words.split_off(count);
    let assignments = words.iter().filter_map(|word| word.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    Ok(Line { assignments, words: rest })
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn until(chars: &mut Chars<'_>, end: char, mut each: impl FnMut(char, &mut Chars<'_>)) -> Result<(), String> {
    while let Some(c) = chars.next() {
        if c == end {
            return Ok(());
        }
        each(c, chars);
    }
    Err(format!("unexpected EOF while looking for matching `{end}'"))
}

fn variable(chars: &mut Chars<'_>, env: &BTreeMap<String, String>, out: &mut String) {
    let braces = chars.next_if_eq(&'{').is_some();
    let mut name = String::new();
    while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
        name.push(c);
    }
    if braces {
        chars.next_if_eq(&'}');
    } else if name.is_empty() {
        out.push('$');
    }
    out.push_str(env.get(&name).map_or("", String::as_str));
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &[&str]) {
        let env = BTreeMap::from([("V".to_owned(), "two words".to_owned())]);
        let found = split_line(line, &env).expect(line);
        assert_eq!(found.words, expect, "{line}");
    }

    #[test]
    fn quotes_and_variables() {
        check("docker build --tag=buildme .", &["docker", "build", "--tag=buildme", "."]);
        check(r#"a 'b c' "d \" $V" e\ f # g"#, &["a", "b c", "d \" two words", "e f"]);
        check("x$V y$NOPE ''", &["xtwo", "words", "y", ""]);
        check("A=1 B=2 run", &["run"]);
    }

    #[test]
    fn what_is_no_single_command_is_refused() {
        assert_eq!(split_line("a | b", &BTreeMap::new()).unwrap_err(), "syntax error near unexpected token `|'");
        assert_eq!(split_line("a 'b", &BTreeMap::new()).unwrap_err(), "unexpected EOF while looking for matching `''");
    }
}
