//! `${…}`: the value of a parameter and what is done with it.

use super::super::ast::*;
use super::super::builtins::variable::{attributes, declaration, double_quoted};
use super::super::eval::{dollar_quoted, single_quoted};
use super::super::state::{Flow, Shell};
use super::super::{Dialect, glob};
use super::{Context, Expanded, Kind, Piece, TEXT, is_dash, separator};
use crate::machine::Process;

/// The values of a parameter.
struct Values {
    /// `@` or `*` if there can be many.
    sign: Option<char>,
    /// `None`: it is not set.
    list: Option<Vec<String>>,
}

impl Shell {
    pub(super) fn parameter(&mut self, p: &mut Process, parameter: &Parameter, context: Context, out: &mut Vec<Piece>) -> Expanded<()> {
        let name = parameter.name.as_str();
        if matches!(parameter.op, ParameterOp::Bad) {
            let text = match self.dialect {
                Dialect::Ash => "syntax error: bad substitution".into(),
                Dialect::Dash => "Bad substitution".into(),
                Dialect::Bash => format!("{name}: bad substitution"),
            };
            return Err(self.fatal(p, &text));
        }
        let mut values = self.values(p, parameter)?;
        // For ash, all parameters are one text where a part of them, or their length, is wanted; zero bytes between them.
        let parts = self.dialect == Dialect::Ash && values.sign.is_some();
        if parts && matches!(parameter.op, ParameterOp::Length | ParameterOp::Slice(..)) {
            values.list = Some(vec![values.list.unwrap_or_default().join("\0")]);
        }
        let empty = values.list.as_ref().is_none_or(|v| v.iter().all(String::is_empty));
        let missing = |colon: bool| values.list.is_none() || (colon && empty);
        let inner = Context { operand: true, assigned: false, ..context };
        match &parameter.op {
            ParameterOp::Default(colon, word) if missing(*colon) => return self.pieces(p, word, inner, out),
            ParameterOp::Alternative(colon, word) => {
                return if missing(*colon) { self.nothing(&values, context, out) } else { self.pieces(p, word, inner, out) };
            }
            ParameterOp::Assign(colon, word) if missing(*colon) => {
                let value = self.joined(p, word, Context { quoted: context.quoted, assigned: true, ..TEXT })?.text;
                if !super::parse::is_name(name) {
                    return Err(self.fatal(
                        p,
                        &if self.bash() { format!("${name}: cannot assign in this way") } else { format!("{name}: bad variable name") },
                    ));
                }
                match &parameter.index {
                    Some(index) => {
                        let key = self.key_to_set(p, name, index)?;
                        self.set_item(name, &key, &value);
                    }
                    None => self.assign(p, name, &value)?,
                }
                out.push(Piece::Text(value, kind(context)));
                return Ok(());
            }
            ParameterOp::Error(colon, word) if missing(*colon) => {
                let given = self.text(p, word)?;
                let text = match (given.is_empty(), self.dialect) {
                    (false, _) => given.as_str(),
                    (true, Dialect::Bash) if *colon => "parameter null or not set",
                    (true, Dialect::Bash) => "parameter not set",
                    (true, _) if *colon => "parameter not set or null",
                    (true, _) => "parameter not set",
                };
                return Err(self.fatal_unset(p, &format!("{name}: {text}")));
            }
            ParameterOp::Default(..) | ParameterOp::Assign(..) | ParameterOp::Error(..) => {}
            ParameterOp::Indirect => return self.indirect(p, name, values, None, context, out),
            ParameterOp::Through(op) => return self.indirect(p, name, values, Some(op), context, out),
            ParameterOp::Transform('a') if values.list.is_none() && self.variables.contains_key(self.target(name)) => {
                values.list = Some(vec![String::new()]);
            }
            ParameterOp::Names => {
                let names = self.variables.keys().filter(|k| k.starts_with(name)).cloned().collect();
                self.emit(Values { sign: Some('@'), list: Some(names) }, context, out);
                return Ok(());
            }
            _ if values.list.is_none() && values.sign.is_none() && self.options.nounset => return Err(self.unset(p, parameter)),
            _ => {}
        }
        let sign = values.sign;
        let list = match (values.list, &parameter.op) {
            (list, ParameterOp::Get) => list.unwrap_or_default(),
            (list, op) => self.changed(p, parameter, op, sign, list.unwrap_or_default())?,
        };
        // A length is one number, whatever it is the length of.
        let sign = if matches!(parameter.op, ParameterOp::Length) { None } else { sign };
        self.emit(Values { sign, list: Some(list) }, context, out);
        Ok(())
    }

    /// Nothing, in quotes an empty field.
    fn nothing(&self, values: &Values, context: Context, out: &mut Vec<Piece>) -> Expanded<()> {
        if context.quoted && values.sign.is_none() {
            out.push(Piece::Text(String::new(), Kind::Quoted));
        }
        Ok(())
    }

    fn unset(&mut self, p: &mut Process, parameter: &Parameter) -> Flow {
        let name = &parameter.name;
        let text = match self.dialect {
            Dialect::Bash if !parameter.braced && name.starts_with(|c: char| c.is_ascii_digit()) => format!("${name}: unbound variable"),
            Dialect::Bash => match &parameter.index {
                Some(index) => {
                    let index = self.text(p, index).unwrap_or_default();
                    format!("{name}[{index}]: unbound variable")
                }
                None => format!("{name}: unbound variable"),
            },
            _ => format!("{name}: parameter not set"),
        };
        self.fatal_unset(p, &text)
    }

    /// `${!name}`; `op`: what is done with the variable that is named.
    fn indirect(
        &mut self,
        p: &mut Process,
        name: &str,
        values: Values,
        op: Option<&ParameterOp>,
        context: Context,
        out: &mut Vec<Piece>,
    ) -> Expanded<()> {
        if self.target(name) != name && op.is_none() {
            out.push(Piece::Text(self.target(name).to_owned(), kind(context)));
            return Ok(());
        }
        let target = values.list.unwrap_or_default().concat();
        let parsed = super::parse::parse_quoted(&format!("${{{target}}}"), self.dialect);
        match parsed.as_deref() {
            Ok([Part::Parameter(parameter, _)])
                if !target.is_empty() && !matches!(parameter.op, ParameterOp::Indirect | ParameterOp::Bad) =>
            {
                let mut parameter = parameter.clone();
                if let Some(op) = op {
                    parameter.op = op.clone();
                }
                self.parameter(p, &parameter, context, out)
            }
            _ if target.is_empty() => Err(self.fatal(p, &format!("{name}: invalid indirect expansion"))),
            _ => Err(self.fatal(p, &format!("{target}: invalid variable name"))),
        }
    }

    fn values(&mut self, p: &mut Process, parameter: &Parameter) -> Expanded<Values> {
        let name = parameter.name.as_str();
        if name == "@" || name == "*" {
            let list = (!self.positional.is_empty()).then(|| self.positional.clone());
            return Ok(Values { sign: name.chars().next(), list });
        }
        if let Some(index) = &parameter.index {
            if let [Part::Plain(sign)] = &index[..]
                && (sign == "@" || sign == "*")
            {
                let keys = matches!(parameter.op, ParameterOp::Keys);
                let list: Vec<String> = self.items(name).into_iter().map(|(k, v)| if keys { k } else { v }).collect();
                return Ok(Values { sign: sign.chars().next(), list: (!list.is_empty()).then_some(list) });
            }
            let key = self.key(p, name, index)?;
            return Ok(Values { sign: None, list: self.item(name, &key).map(|value| vec![value]) });
        }
        Ok(Values { sign: None, list: self.read(p, name).map(|v| vec![v]) })
    }

    /// The value of a parameter, of those too that are made as they are read.
    pub fn read(&mut self, p: &mut Process, name: &str) -> Option<String> {
        Some(match name {
            "RANDOM" if !is_dash(self) => (p.system.random() >> 33 & 0x7fff).to_string(),
            "SECONDS" if self.bash() => (p.system.state.clock.as_secs() as i64).wrapping_add(self.seconds).to_string(),
            "SRANDOM" if self.bash() => (p.system.random() >> 32).to_string(),
            "EPOCHREALTIME" if !is_dash(self) => format!("{}.{:06}", p.system.wall() / 1_000_000_000, p.system.wall() / 1000 % 1_000_000),
            "EPOCHSECONDS" if !is_dash(self) => (p.system.wall() / 1_000_000_000).to_string(),
            name => return self.get(name),
        })
    }

    /// The values after the operator.
    fn changed(
        &mut self,
        p: &mut Process,
        parameter: &Parameter,
        op: &ParameterOp,
        sign: Option<char>,
        values: Vec<String>,
    ) -> Expanded<Vec<String>> {
        let all = sign.is_some();
        Ok(match op {
            ParameterOp::Length if all && self.bash() => vec![values.len().to_string()],
            ParameterOp::Length => {
                let text = values.join(" ");
                vec![if self.counts_characters() { text.chars().count() } else { text.len() }.to_string()]
            }
            ParameterOp::Trim { suffix, longest, pattern } => {
                let pattern = self.pattern(p, pattern)?;
                let mut spent = 0;
                let trimmed = values.iter().map(|v| glob::trim(v, &pattern, self.manner(), *suffix, *longest, &mut spent)).collect();
                if !p.burn(spent) {
                    return Err(Flow::Exit(1));
                }
                trimmed
            }
            ParameterOp::Replace { all, pattern, with } => {
                let pattern = self.pattern(p, pattern)?;
                let with = self.replacement(p, with)?;
                let how = (*all, self.bash());
                let mut spent = 0;
                let replaced = values.iter().map(|v| glob::replace(v, &pattern, &with, self.manner(), how, &mut spent)).collect();
                if !p.burn(spent) {
                    return Err(Flow::Exit(1));
                }
                replaced
            }
            ParameterOp::Slice(offset, length) => {
                let offset = self.number(p, offset)?;
                let length = match length {
                    Some(word) => Some(self.number(p, word)?),
                    None => None,
                };
                if all && self.dialect != Dialect::Ash {
                    return self.slice_list(p, parameter, values, offset, length);
                }
                let value = values.concat();
                let count = value.chars().count() as i64;
                let start = if offset < 0 { count + offset } else { offset };
                if start < 0 || start > count {
                    return Ok(vec![String::new()]);
                }
                let end = match length {
                    Some(length) if length < 0 => count + length,
                    Some(length) => start.saturating_add(length).min(count),
                    None => count,
                };
                if end < start {
                    return match self.bash() {
                        true => Err(self.fatal(p, &format!("{}: substring expression < 0", length.unwrap_or(0)))),
                        // It takes a length that is too small for one that is too large.
                        false => Ok(vec![value.chars().skip(start as usize).collect()]),
                    };
                }
                let part: String = value.chars().skip(start as usize).take((end - start) as usize).collect();
                part.split('\0').map(str::to_owned).collect()
            }
            ParameterOp::Case { change, all, pattern } => {
                let pattern = self.pattern(p, pattern)?;
                values.iter().map(|v| cased(v, *change, *all, &pattern)).collect()
            }
            ParameterOp::Transform(letter) => return self.transform(p, parameter, *letter, all, values),
            _ => values,
        })
    }

    /// `${x@Q}` and its sisters; `all`: of a whole array.
    fn transform(&mut self, p: &mut Process, parameter: &Parameter, letter: char, all: bool, values: Vec<String>) -> Expanded<Vec<String>> {
        let name = self.target(&parameter.name).to_owned();
        let variable = self.variables.get(&name).cloned();
        let items = |shell: &Self| if parameter.index.is_some() && all { shell.items(&name) } else { Vec::new() };
        Ok(match letter {
            'a' => {
                let letters = variable.as_ref().map(attributes).unwrap_or_default();
                values.iter().map(|_| letters.clone()).collect()
            }
            'A' if all && parameter.index.is_some() => variable.iter().map(|v| declaration(&name, v).trim_end().to_owned()).collect(),
            'A' => {
                let letters = variable.as_ref().map(attributes).unwrap_or_default();
                let start = if letters.is_empty() { String::new() } else { format!("declare -{letters} ") };
                values.iter().map(|v| format!("{start}{name}={}", transformed(v, 'Q'))).collect()
            }
            'K' if all && parameter.index.is_some() => {
                let associative = self.is_associative(&name);
                let text: Vec<String> = items(self).into_iter().map(|(k, v)| format!("{k} {}", double_quoted(&v))).collect();
                vec![text.join(" ") + if associative { " " } else { "" }]
            }
            'k' if all && parameter.index.is_some() => items(self).into_iter().flat_map(|(k, v)| [k, v]).collect(),
            'P' => {
                let mut shown = Vec::new();
                for value in values {
                    let text = super::super::session::decoded(self, p, &value);
                    shown.push(self.quoted_text(p, &text)?);
                }
                shown
            }
            _ => values.iter().map(|v| transformed(v, letter)).collect(),
        })
    }

    /// What `${x/y/…}` puts in: in bash an unquoted `&` is what matched (marked by a zero byte here).
    fn replacement(&mut self, p: &mut Process, word: &Word) -> Expanded<String> {
        if !self.bash() {
            return self.text(p, word);
        }
        let mut out = String::new();
        for part in word {
            match part {
                Part::Plain(text) => out.push_str(&text.replace('&', "\0")),
                Part::Parameter(_, false) => out.push_str(&self.text(p, std::slice::from_ref(part))?.replace('&', "\0")),
                part => out.push_str(&self.text(p, std::slice::from_ref(part))?),
            }
        }
        Ok(out)
    }

    /// Whether a length is one of characters: in bash, if the locale says so.
    fn counts_characters(&self) -> bool {
        let set = |name: &str| self.get(name).filter(|v| !v.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        self.bash() && locale.is_some_and(|l| l.ends_with("UTF-8") || l.ends_with("utf8"))
    }

    fn number(&mut self, p: &mut Process, word: &Word) -> Expanded<i64> {
        let text = self.text(p, word)?;
        self.arithmetic(p, &text)
    }

    /// `${@:offset:length}`, `${a[@]:offset:length}`.
    fn slice_list(
        &mut self,
        p: &mut Process,
        parameter: &Parameter,
        values: Vec<String>,
        offset: i64,
        length: Option<i64>,
    ) -> Expanded<Vec<String>> {
        let positional = parameter.index.is_none();
        // Items of an array are counted by their keys, positional parameters from `$0`.
        let items: Vec<(i64, String)> = match positional {
            true => (0..).zip(std::iter::once(self.name.clone()).chain(values)).collect(),
            false => {
                let associative = self.is_associative(&parameter.name);
                let items = self.items(&parameter.name).into_iter();
                items.enumerate().map(|(i, (k, v))| (if associative { i as i64 } else { k.parse().unwrap_or(0) }, v)).collect()
            }
        };
        let count = items.last().map_or(0, |(key, _)| key + 1);
        let start = if offset < 0 { (count + offset).max(0) } else { offset };
        if let Some(length) = length.filter(|l| *l < 0) {
            return Err(self.fatal(p, &format!("{length}: substring expression < 0")));
        }
        let take = length.map_or(usize::MAX, |l| l as usize);
        Ok(items.into_iter().filter(|(key, _)| *key >= start).take(take).map(|(_, v)| v).collect())
    }

    fn emit(&self, values: Values, context: Context, out: &mut Vec<Piece>) {
        let list = values.list.unwrap_or_default();
        let Some(sign) = values.sign else {
            out.push(Piece::Text(list.concat(), kind(context)));
            return;
        };
        if context.fields && (sign == '@' || !context.quoted) {
            for (i, value) in list.into_iter().enumerate() {
                if i > 0 {
                    out.push(Piece::Break);
                }
                out.push(Piece::Text(value, kind(context)));
            }
            return;
        }
        let separator = if sign == '@' && self.bash() { " ".into() } else { separator(self) };
        out.push(Piece::Text(list.join(&separator), kind(context)));
    }
}

fn kind(context: Context) -> Kind {
    match () {
        () if context.quoted => Kind::Quoted,
        () if context.fields => Kind::Split,
        () => Kind::Literal,
    }
}

/// `pattern`: which characters; an empty one is for all.
fn cased(text: &str, change: char, all: bool, pattern: &str) -> String {
    let changed = |c: char| match change {
        '^' => c.to_ascii_uppercase(),
        '~' if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
        _ => c.to_ascii_lowercase(),
    };
    let fits = |c: char| pattern.is_empty() || glob::matches(pattern, c.encode_utf8(&mut [0; 4]));
    text.chars().enumerate().map(|(i, c)| if (all || i == 0) && fits(c) { changed(c) } else { c }).collect()
}

/// `${x@Q}` and its sisters.
fn transformed(text: &str, letter: char) -> String {
    match letter {
        'Q' | 'K' | 'k' if text.bytes().any(|b| b < b' ' || b == 127) => dollar_quoted(text),
        'Q' | 'K' | 'k' => single_quoted(text, Dialect::Bash),
        'U' => text.to_ascii_uppercase(),
        'u' => cased(text, '^', false, ""),
        'L' => text.to_ascii_lowercase(),
        'E' => super::super::escape::unescape(text),
        _ => text.to_owned(),
    }
}
