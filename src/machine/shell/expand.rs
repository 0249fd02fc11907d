//! Expansion of words: parameters, commands, arithmetic, fields, globs.

use super::arith;
use super::ast::*;
use super::eval::{Flow, Shell};
use super::glob;
use super::{Dialect, parse};
use crate::filesystem::Node;
use crate::machine::Process;

/// A field in the making.
#[derive(Default, Clone)]
struct Field {
    text: String,
    /// The text as a glob: quoted characters escaped.
    pattern: String,
    /// Whether it stays when empty.
    keep: bool,
}

impl Field {
    fn push(&mut self, text: &str, quoted: bool) {
        self.text.push_str(text);
        match quoted {
            true => self.pattern.push_str(&glob::escape(text)),
            false => self.pattern.push_str(text),
        }
    }
}

type Expanded<T> = Result<T, Flow>;

impl Shell {
    /// The fields of words, with globs.
    pub fn fields(&mut self, p: &mut Process, words: &[Word]) -> Expanded<Vec<String>> {
        let mut all = Vec::new();
        for word in words {
            let braced = if self.dialect == Dialect::Bash { braces(word) } else { vec![word.clone()] };
            for word in &braced {
                for field in self.split(p, word)? {
                    if !self.noglob && glob::is_glob(&field.pattern) {
                        let found = glob_paths(p, &field.pattern);
                        if !found.is_empty() {
                            all.extend(found);
                            continue;
                        }
                    }
                    all.push(field.text);
                }
            }
            p.burn(10);
        }
        Ok(all)
    }

    /// A word as one text: no splitting, no globs.
    pub fn text(&mut self, p: &mut Process, word: &[Part]) -> Expanded<String> {
        Ok(self.join(p, word)?.text)
    }

    /// A word as a pattern: quoted characters are escaped.
    pub fn pattern(&mut self, p: &mut Process, word: &[Part]) -> Expanded<String> {
        Ok(self.join(p, word)?.pattern)
    }

    fn join(&mut self, p: &mut Process, word: &[Part]) -> Expanded<Field> {
        let mut field = Field::default();
        for (i, part) in word.iter().enumerate() {
            match part {
                Part::Plain(t) => {
                    let t = if i == 0 { self.tilde(p, t) } else { t.clone() };
                    field.push(&t, false);
                }
                Part::Quoted(t) => field.push(t, true),
                other => {
                    let (values, quoted) = self.values(p, other)?;
                    field.push(&values.join(" "), quoted);
                }
            }
        }
        Ok(field)
    }

    fn tilde(&self, p: &Process, text: &str) -> String {
        let Some(rest) = text.strip_prefix('~') else { return text.to_owned() };
        let (user, path) = rest.split_at(rest.find(['/', ':']).unwrap_or(rest.len()));
        let home = match user {
            "" => self.get("HOME"),
            name => p.users().into_iter().find(|u| u.name == name).map(|u| u.home),
        };
        home.map_or_else(|| text.to_owned(), |h| h + path)
    }

    fn split(&mut self, p: &mut Process, word: &Word) -> Expanded<Vec<Field>> {
        let mut done: Vec<Field> = Vec::new();
        let mut field = Field::default();
        let mut started = false;
        let ifs = self.get("IFS").unwrap_or_else(|| " \t\n".into());
        for (i, part) in word.iter().enumerate() {
            match part {
                Part::Plain(t) => {
                    let t = if i == 0 { self.tilde(p, t) } else { t.clone() };
                    field.push(&t, false);
                    started = true;
                }
                Part::Quoted(t) => {
                    field.push(t, true);
                    field.keep = true;
                    started = true;
                }
                other => {
                    // "$@" makes fields; an empty one makes none, even in quotes.
                    let at = matches!(other, Part::Parameter(x, true) if (x.name == "@" || is_all(&x.index)) && !matches!(x.op, ParameterOp::Length));
                    let (values, quoted) = self.values(p, other)?;
                    if at {
                        if values.is_empty()
                            && word.iter().all(|p| matches!(p, Part::Quoted(t) if t.is_empty()) || matches!(p, Part::Parameter(..)))
                        {
                            field.keep = false;
                        }
                        for (n, value) in values.iter().enumerate() {
                            if n > 0 {
                                done.push(std::mem::take(&mut field));
                            }
                            field.push(value, true);
                            field.keep = true;
                            started = true;
                        }
                        continue;
                    }
                    if quoted {
                        field.push(&values.join(" "), true);
                        field.keep = true;
                        started = true;
                        continue;
                    }
                    for (n, value) in values.iter().enumerate() {
                        if n > 0 && started {
                            done.push(std::mem::take(&mut field));
                            started = false;
                        }
                        let mut after_space = false;
                        for c in value.chars() {
                            if !ifs.contains(c) {
                                field.push(c.encode_utf8(&mut [0; 4]), false);
                                started = true;
                                after_space = false;
                            } else if c.is_ascii_whitespace() {
                                if started {
                                    done.push(std::mem::take(&mut field));
                                    started = false;
                                    after_space = true;
                                }
                            } else {
                                if !after_space {
                                    field.keep = true;
                                    done.push(std::mem::take(&mut field));
                                }
                                started = false;
                                after_space = false;
                            }
                        }
                    }
                }
            }
        }
        if started {
            done.push(field);
        }
        done.retain(|f| f.keep || !f.text.is_empty());
        Ok(done)
    }

    /// The values of an expansion and whether they are quoted.
    fn values(&mut self, p: &mut Process, part: &Part) -> Expanded<(Vec<String>, bool)> {
        Ok(match part {
            Part::Plain(t) => (vec![t.clone()], false),
            Part::Quoted(t) => (vec![t.clone()], true),
            Part::Command(list, quoted) => match &**list {
                Ok(list) => (vec![self.substitute(p, list)?], *quoted),
                Err(text) => return Err(self.fatal(p, text)),
            },
            Part::Arithmetic(word, quoted) => {
                let text = self.text(p, word)?;
                (vec![self.arithmetic(p, &text)?.to_string()], *quoted)
            }
            Part::Parameter(parameter, quoted) => (self.parameter(p, parameter, *quoted)?, *quoted),
        })
    }

    /// The value of an arithmetic expression.
    pub fn arithmetic(&mut self, p: &mut Process, text: &str) -> Expanded<i64> {
        match arith::evaluate(text, self) {
            Ok(value) => Ok(value),
            Err(why) => {
                let text = match self.dialect {
                    Dialect::Ash => why,
                    Dialect::Dash => format!("arithmetic expression: {why}: \"{text}\""),
                    Dialect::Bash => format!("{text}: {why}"),
                };
                Err(self.fatal(p, &text))
            }
        }
    }

    fn parameter(&mut self, p: &mut Process, parameter: &Parameter, quoted: bool) -> Expanded<Vec<String>> {
        let name = parameter.name.as_str();
        let all = name == "@" || name == "*" || is_all(&parameter.index);
        let mut values: Option<Vec<String>> = match (name, &parameter.index) {
            ("@" | "*", _) => (!self.positional.is_empty()).then(|| self.positional.clone()),
            (_, Some(index)) => {
                let index = self.text(p, index)?;
                let items = self.array(name);
                match index.as_str() {
                    "@" | "*" => Some(items),
                    index => {
                        let n = self.arithmetic(p, index)?;
                        let n = if n < 0 { n + items.len() as i64 } else { n };
                        items.get(n as usize).cloned().map(|v| vec![v])
                    }
                }
            }
            _ => self.get(name).map(|v| vec![v]),
        };
        if quoted && (name == "*" || matches!(&parameter.index, Some(w) if matches!(&w[..], [Part::Plain(t)] if t == "*"))) {
            let separator: String = self.get("IFS").map_or(" ".into(), |i| i.chars().take(1).collect());
            values = Some(vec![values.unwrap_or_default().join(&separator)]);
        }
        let set = values.is_some();
        let empty = values.as_ref().is_none_or(|v| v.iter().all(String::is_empty));
        let missing = |colon: bool| !set || (colon && empty);
        match &parameter.op {
            ParameterOp::Default(colon, word) => {
                return if missing(*colon) { Ok(vec![self.text(p, word)?]) } else { Ok(values.unwrap_or_default()) };
            }
            ParameterOp::Alternative(colon, word) => return if missing(*colon) { Ok(vec![]) } else { Ok(vec![self.text(p, word)?]) },
            ParameterOp::Assign(colon, word) if missing(*colon) => {
                let value = self.text(p, word)?;
                self.assign(p, name, &value)?;
                return Ok(vec![value]);
            }
            ParameterOp::Error(colon, word) if missing(*colon) => {
                let word = self.text(p, word)?;
                let text = match (word.is_empty(), self.dialect) {
                    (false, _) => word,
                    (true, Dialect::Bash) => "parameter null or not set".into(),
                    (true, _) if *colon => "parameter not set or null".into(),
                    (true, _) => "parameter not set".into(),
                };
                return Err(self.fatal(p, &format!("{name}: {text}")));
            }
            ParameterOp::Assign(..) | ParameterOp::Error(..) => return Ok(values.unwrap_or_default()),
            ParameterOp::Indirect => {
                let target = values.unwrap_or_default().concat();
                return Ok(self.get(&target).into_iter().collect());
            }
            _ => {}
        }
        if !set && self.nounset && !all {
            let text = if self.dialect == Dialect::Bash { "unbound variable" } else { "parameter not set" };
            return Err(self.fatal(p, &format!("{name}: {text}")));
        }
        let values = values.unwrap_or_default();
        let each = |f: &mut dyn FnMut(&str) -> String| values.iter().map(|v| f(v)).collect::<Vec<_>>();
        Ok(match &parameter.op {
            ParameterOp::Length if all => vec![values.len().to_string()],
            ParameterOp::Length => vec![values.concat().chars().count().to_string()],
            ParameterOp::Trim { suffix, longest, pattern } => {
                let pattern = self.pattern(p, pattern)?;
                p.burn(values.iter().map(|v| v.len() as u64).sum());
                each(&mut |v| glob::trim(v, &pattern, *suffix, *longest))
            }
            ParameterOp::Replace { all, pattern, with } => {
                let (pattern, with) = (self.pattern(p, pattern)?, self.text(p, with)?);
                p.burn(values.iter().map(|v| (v.len() * v.len()) as u64).sum());
                each(&mut |v| glob::replace(v, &pattern, &with, *all))
            }
            ParameterOp::Slice(offset, length) => {
                let offset = self.text(p, offset)?;
                let offset = self.arithmetic(p, &offset)?;
                let length = match length {
                    Some(w) => {
                        let text = self.text(p, w)?;
                        Some(self.arithmetic(p, &text)?)
                    }
                    None => None,
                };
                if all {
                    let start = if name == "@" || name == "*" { offset.max(1) - 1 } else { offset.max(0) } as usize;
                    return Ok(values.into_iter().skip(start).take(length.map_or(usize::MAX, |l| l.max(0) as usize)).collect());
                }
                each(&mut |v| {
                    let count = v.chars().count() as i64;
                    let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
                    let end = length.map_or(count, |l| if l < 0 { count + l } else { start.saturating_add(l) }).clamp(start, count);
                    v.chars().skip(start as usize).take((end - start) as usize).collect()
                })
            }
            ParameterOp::Case { upper, all } => each(&mut |v| {
                let change = |c: char| if *upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
                v.chars().enumerate().map(|(i, c)| if *all || i == 0 { change(c) } else { c }).collect()
            }),
            _ => values,
        })
    }

    /// A text expanded as in double quotes (heredocs, PS4).
    pub fn quoted_text(&mut self, p: &mut Process, text: &str) -> Expanded<String> {
        match parse::parse_quoted(text, self.dialect) {
            Ok(word) => self.text(p, &word),
            Err(_) => Ok(text.to_owned()),
        }
    }
}

fn is_all(index: &Option<Word>) -> bool {
    matches!(index, Some(word) if matches!(&word[..], [Part::Plain(t)] if t == "@" || t == "*"))
}

/// bash's `{a,b}` and `{1..3}`: only in plain text.
fn braces(word: &Word) -> Vec<Word> {
    for (i, part) in word.iter().enumerate() {
        let Part::Plain(text) = part else { continue };
        let mut from = 0;
        while let Some(open) = text[from..].find('{').map(|o| o + from) {
            from = open + 1;
            let (mut depth, mut close, mut commas) = (0, None, vec![open]);
            for (j, c) in text[open..].char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => commas.push(open + j),
                    _ => {}
                }
                if depth == 0 {
                    close = Some(open + j);
                    break;
                }
            }
            let Some(close) = close else { continue };
            let inner = &text[open + 1..close];
            let items: Vec<String> = if commas.len() > 1 {
                commas.push(close);
                commas.windows(2).map(|w| text[w[0] + 1..w[1]].to_owned()).collect()
            } else {
                match inner.split_once("..").map(|(a, b)| (a.parse::<i64>(), b.parse::<i64>())) {
                    Some((Ok(a), Ok(b))) if (b - a).abs() < 10_000 => {
                        if a <= b {
                            (a..=b).map(|n| n.to_string()).collect()
                        } else {
                            (b..=a).rev().map(|n| n.to_string()).collect()
                        }
                    }
                    _ => continue,
                }
            };
            return items
                .into_iter()
                .take(10_000)
                .flat_map(|item| {
                    let mut one = word.clone();
                    one[i] = Part::Plain(format!("{}{item}{}", &text[..open], &text[close + 1..]));
                    braces(&one)
                })
                .collect();
        }
    }
    vec![word.clone()]
}

/// The paths that match a pattern, sorted; none if nothing matches.
pub fn glob_paths(p: &mut Process, pattern: &str) -> Vec<String> {
    let absolute = pattern.starts_with('/');
    let parts: Vec<&str> = pattern.split('/').filter(|s| !s.is_empty()).collect();
    let must_be_dir = pattern.ends_with('/');
    let mut found = vec![if absolute { "/".to_owned() } else { String::new() }];
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        let mut next = Vec::new();
        for base in &found {
            let names = match glob::is_glob(part) {
                true => p.list(if base.is_empty() { "." } else { base }).unwrap_or_default(),
                false => vec![glob::unescape(part)],
            };
            for name in names {
                if !p.burn(20) {
                    return Vec::new();
                }
                if glob::is_glob(part) && ((name.starts_with('.') && !part.starts_with('.')) || !glob::matches(part, &name)) {
                    continue;
                }
                let path = format!("{base}{name}");
                let good = if last && !must_be_dir { p.lstat(&path).is_ok() } else { matches!(p.stat(&path), Ok((_, Node::Directory(_)))) };
                if good {
                    next.push(if last && !must_be_dir { path } else { path + "/" });
                }
            }
        }
        found = next;
    }
    crate::base::sort(&mut found);
    found
}
