//! test and `[` as each shell has them: who takes what for an operator, and what they say if it makes no sense.

use super::super::Dialect;
use super::super::parse::is_binary;
use super::super::state::{Data, Ran, Shell, item_of};
use crate::machine::{Process, tools};

/// test, `[`, and busybox's `[[`.
pub fn test(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    if s.dialect == Dialect::Ash {
        return Ok(s.tool(p, &args[0], args, tools::test::test));
    }
    let mut words = &args[1..];
    if args[0] == "[" {
        match words.split_last() {
            Some((last, rest)) if last == "]" => words = rest,
            _ => {
                s.complain(p, if s.bash() { "missing `]'" } else { "missing ]" });
                return Ok(2);
            }
        }
    }
    let mut test = Test { s, p, words, at: 0, depth: 0 };
    let value = if test.s.bash() { test.by_count() } else { test.whole() };
    match value {
        Ok(value) => Ok(!value as i32),
        Err(text) => {
            s.complain(p, &text);
            Ok(2)
        }
    }
}

struct Test<'a, 's> {
    s: &'a mut Shell,
    p: &'a mut Process<'s>,
    words: &'a [String],
    at: usize,
    depth: u32,
}

type Answer = Result<bool, String>;

fn is_unary(word: &str, dash: bool) -> bool {
    if dash {
        return tools::test::is_unary(word);
    }
    matches!(word.strip_prefix('-'), Some(l) if l.len() == 1 && "abcdefghkLnoprsStuvwxzOGNR".contains(l))
}

impl Test<'_, '_> {
    fn word(&self, i: usize) -> &str {
        self.words.get(i).map_or("", String::as_str)
    }

    /// POSIX's rules for up to four words, then the grammar.
    fn by_count(&mut self) -> Answer {
        let (from, count) = (self.at, self.words.len() - self.at);
        match count {
            0 => Ok(false),
            1 => Ok(!self.word(from).is_empty()),
            2 if self.word(from) == "!" => Ok(self.word(from + 1).is_empty()),
            2 if is_unary(self.word(from), false) => self.unary(from),
            2 => Err(format!("{}: unary operator expected", self.word(from))),
            3 if is_binary(self.word(from + 1)) => self.binary(from),
            3 if self.word(from + 1) == "-a" => Ok(!self.word(from).is_empty() && !self.word(from + 2).is_empty()),
            3 if self.word(from + 1) == "-o" => Ok(!self.word(from).is_empty() || !self.word(from + 2).is_empty()),
            3 if self.word(from) == "!" => self.negated(),
            3 if self.word(from) == "(" && self.word(from + 2) == ")" => Ok(!self.word(from + 1).is_empty()),
            3 => Err(format!("{}: binary operator expected", self.word(from + 1))),
            4 if self.word(from) == "!" => self.negated(),
            _ => {
                let value = self.or()?;
                if self.at < self.words.len() { Err("too many arguments".into()) } else { Ok(value) }
            }
        }
    }

    /// Whether a word is a comparison to the shell.
    fn compares(&self, at: usize) -> bool {
        is_binary(self.word(at)) && (self.s.bash() || !matches!(self.word(at), "==" | "=~"))
    }

    fn negated(&mut self) -> Answer {
        self.at += 1;
        self.by_count().map(|v| !v)
    }

    /// dash: the grammar, but three words with an operator in the middle are a comparison.
    fn whole(&mut self) -> Answer {
        if self.words.is_empty() {
            return Ok(false);
        }
        if self.words.len() == 3 && self.compares(1) {
            return self.binary(0);
        }
        if self.words.len() == 2 && self.word(0) == "(" && self.word(1) == ")" {
            return Ok(false);
        }
        if self.words.len() == 4 && self.word(0) == "!" && self.compares(2) {
            return self.binary(1).map(|v| !v);
        }
        let value = self.or()?;
        if self.at < self.words.len() { Err(format!("{}: unexpected operator", self.word(self.at - 1))) } else { Ok(value) }
    }

    fn or(&mut self) -> Answer {
        let mut value = self.and()?;
        while self.word(self.at) == "-o" && self.goes_on() {
            self.at += 1;
            value |= self.at < self.words.len() && self.and()?;
        }
        Ok(value)
    }

    /// Whether there is something after an operator; dash takes nothing for false.
    fn goes_on(&self) -> bool {
        self.at < self.words.len() && (self.at + 1 < self.words.len() || !self.s.bash())
    }

    fn and(&mut self) -> Answer {
        let mut value = self.primary()?;
        while self.word(self.at) == "-a" && self.goes_on() {
            self.at += 1;
            value &= self.at < self.words.len() && self.primary()?;
        }
        Ok(value)
    }

    fn primary(&mut self) -> Answer {
        let at = self.at;
        if at >= self.words.len() {
            return Err("argument expected".into());
        }
        self.depth += 1;
        if self.depth > 40 {
            return Err("too many arguments".into());
        }
        let more = self.words.len() - at;
        let value = if more > 2 && self.compares(at + 1) {
            self.at += 3;
            self.binary(at)
        } else if self.word(at) == "!" && more > 1 {
            self.at += 1;
            self.primary().map(|v| !v)
        } else if self.word(at) == "(" && more > 1 {
            self.at += 1;
            let value = self.or()?;
            if self.word(self.at) != ")" {
                return Err(if self.s.bash() { "`)' expected".into() } else { "closing paren expected".into() });
            }
            self.at += 1;
            Ok(value)
        } else if !self.s.bash() && more == 2 && is_binary(self.word(at + 1)) && !is_unary(self.word(at), true) {
            return Err(format!("{}: argument expected", self.word(at + 1)));
        } else if is_unary(self.word(at), !self.s.bash()) && more > 1 {
            self.at += 2;
            self.unary(at)
        } else {
            self.at += 1;
            Ok(!self.word(at).is_empty())
        };
        self.depth -= 1;
        value
    }

    fn unary(&mut self, at: usize) -> Answer {
        let (flag, operand) = (self.word(at).to_owned(), self.word(at + 1).to_owned());
        Ok(unary(self.s, self.p, &flag, &operand))
    }

    fn binary(&mut self, at: usize) -> Answer {
        let (left, operator, right) = (self.word(at), self.word(at + 1), self.word(at + 2));
        if matches!(operator, "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge") {
            for word in [left, right] {
                if word.trim().trim_start_matches('+').parse::<i64>().is_err() {
                    return Err(match self.s.dialect {
                        Dialect::Bash => format!("{word}: integer expression expected"),
                        _ => format!("Illegal number: {word}"),
                    });
                }
            }
        }
        let dash = self.s.dialect == Dialect::Dash;
        if dash && matches!(operator, "-nt" | "-ot") && !(self.p.exists(left) && self.p.exists(right)) {
            return Ok(false);
        }
        tools::test::binary(self.p, left, operator, right)
    }
}

/// A question about a text, a file, a variable or an option.
pub fn unary(s: &mut Shell, p: &mut Process, flag: &str, operand: &str) -> bool {
    match flag {
        "-v" => match item_of(operand) {
            Some((name, "@" | "*")) => !s.items(name).is_empty(),
            Some((name, key)) => s.item(name, key).is_some(),
            None => s.variables.get(operand).is_some_and(|v| match &v.data {
                Data::Unset => false,
                Data::Text(_) => true,
                Data::Array(_, items) => items.iter().any(|(k, _)| k == "0"),
            }),
        },
        "-o" => {
            let o = &s.options;
            match operand {
                "errexit" => o.errexit,
                "nounset" => o.nounset,
                "xtrace" => o.xtrace,
                "pipefail" => o.pipefail,
                "noglob" => o.noglob,
                _ => false,
            }
        }
        _ => tools::test::unary(p, flag, operand),
    }
}
