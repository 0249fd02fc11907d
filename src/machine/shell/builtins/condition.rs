//! bash's `[[ … ]]`.

use super::super::ast::{Part, Word};
use super::super::glob;
use super::super::parse::{is_binary, is_unary};
use super::super::state::{Flow, Ran, Shell};
use super::test::unary;
use crate::machine::{Process, regex, tools};

/// Deepest nesting of parentheses and `!`.
const MAX_NESTING: u32 = 40;

/// Runs it.
pub fn condition(s: &mut Shell, p: &mut Process, words: &[Word]) -> Ran {
    let mut condition = Condition { s, p, words, at: 0, depth: 0, skip: false, wrong: false };
    let value = condition.or()?;
    Ok(if condition.wrong { 2 } else { !value as i32 })
}

/// An operand as `set -x` shows it.
fn shown(operand: &str) -> &str {
    if operand.is_empty() { "''" } else { operand }
}

struct Condition<'a, 's> {
    s: &'a mut Shell,
    p: &'a mut Process<'s>,
    words: &'a [Word],
    at: usize,
    depth: u32,
    /// In a part whose value does not matter: nothing is expanded.
    skip: bool,
    /// A regular expression that is none.
    wrong: bool,
}

type Answer = Result<bool, Flow>;

impl Condition<'_, '_> {
    fn plain(&self, i: usize) -> &str {
        match self.words.get(i).map(|w| &w[..]) {
            Some([Part::Plain(t)]) => t,
            _ => "",
        }
    }

    fn or(&mut self) -> Answer {
        let mut value = self.and()?;
        while self.plain(self.at) == "||" {
            self.at += 1;
            value |= self.skipping(value, Self::and)?;
        }
        Ok(value)
    }

    fn and(&mut self) -> Answer {
        let mut value = self.primary()?;
        while self.plain(self.at) == "&&" {
            self.at += 1;
            value &= self.skipping(!value, Self::primary)?;
        }
        Ok(value)
    }

    fn skipping(&mut self, skip: bool, f: impl FnOnce(&mut Self) -> Answer) -> Answer {
        let outer = self.skip;
        self.skip |= skip;
        let value = f(self);
        self.skip = outer;
        value
    }

    fn primary(&mut self) -> Answer {
        self.depth += 1;
        let value = if self.depth > MAX_NESTING || self.at >= self.words.len() { Ok(false) } else { self.primary_inner() };
        self.depth -= 1;
        value
    }

    fn text(&mut self, i: usize) -> Result<String, Flow> {
        if self.skip { Ok(String::new()) } else { self.s.text(self.p, &self.words[i]) }
    }

    fn trace(&mut self, text: String) -> Result<(), Flow> {
        if self.skip {
            return Ok(());
        }
        let to = self.p.fds.get(&2).copied();
        self.s.trace(self.p, &format!("[[ {text} ]]"), to)
    }

    fn primary_inner(&mut self) -> Answer {
        let at = self.at;
        match self.plain(at) {
            "!" => {
                self.at += 1;
                return self.primary().map(|v| !v);
            }
            "(" => {
                self.at += 1;
                let value = self.or()?;
                self.at += 1;
                return Ok(value);
            }
            flag if is_unary(flag) && at + 1 < self.words.len() => {
                let flag = flag.to_owned();
                let operand = self.text(at + 1)?;
                self.at += 2;
                self.trace(format!("{flag} {}", shown(&operand)))?;
                return Ok(!self.skip && unary(self.s, self.p, &flag, &operand));
            }
            _ => {}
        }
        let left = self.text(at)?;
        let operator = self.plain(at + 1).to_owned();
        if !is_binary(&operator) || at + 2 >= self.words.len() {
            self.at += 1;
            self.trace(format!("-n {}", shown(&left)))?;
            return Ok(!left.is_empty());
        }
        self.at += 3;
        if self.skip {
            return Ok(false);
        }
        self.compare(&left, &operator, &self.words[at + 2])
    }

    fn compare(&mut self, left: &str, operator: &str, right: &Word) -> Answer {
        let traced_left = shown(left);
        match operator {
            "=" | "==" | "!=" => {
                let pattern = self.s.pattern(self.p, right)?;
                let traced = if self.s.options.xtrace { self.traced_pattern(right)? } else { String::new() };
                self.trace(format!("{traced_left} {operator} {traced}"))?;
                let manner = glob::Manner { extended: true, ..self.s.manner() };
                Ok(self.s.matches(self.p, &pattern, left, manner) == (operator != "!="))
            }
            "=~" => {
                let pattern = self.regex(right)?;
                self.trace(format!("{traced_left} {operator} {pattern}"))?;
                let syntax = regex::Syntax {
                    extended: true,
                    strict: true,
                    ignore_case: self.s.options.has("nocasematch"),
                    ..regex::Syntax::default()
                };
                let Ok(compiled) = regex::Regex::new(pattern.as_bytes(), syntax) else {
                    self.wrong = true;
                    return Ok(false);
                };
                let groups = compiled.find(left.as_bytes(), 0);
                let found = groups.is_some();
                let part = |range: &Option<(usize, usize)>| range.map_or("", |(a, b)| left.get(a..b).unwrap_or("")).to_owned();
                self.s.set_array("BASH_REMATCH", groups.unwrap_or_default().iter().map(part).collect());
                Ok(found)
            }
            "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                let right = self.s.text(self.p, right)?;
                self.trace(format!("{traced_left} {operator} {}", shown(&right)))?;
                let label = "[[";
                let (Some(a), Some(b)) = (self.s.arithmetic_command(self.p, left, label), self.s.arithmetic_command(self.p, &right, label))
                else {
                    return Ok(false);
                };
                Ok(tools::test::binary(self.p, &a.to_string(), operator, &b.to_string()).unwrap_or(false))
            }
            _ => {
                let right = self.s.text(self.p, right)?;
                self.trace(format!("{traced_left} {operator} {}", shown(&right)))?;
                Ok(tools::test::binary(self.p, left, operator, &right).unwrap_or(false))
            }
        }
    }

    /// A pattern as `set -x` shows it: what is quoted has backslashes.
    fn traced_pattern(&mut self, word: &Word) -> Result<String, Flow> {
        let mut shown = String::new();
        for part in word {
            let text = self.s.text(self.p, std::slice::from_ref(part))?;
            match is_quoted(part) {
                true => shown.extend(text.chars().flat_map(|c| ['\\', c])),
                false => shown.push_str(&text),
            }
        }
        Ok(if shown.is_empty() { "''".to_owned() } else { shown })
    }

    /// The right side of `=~`: what is quoted stands for itself.
    fn regex(&mut self, word: &Word) -> Result<String, Flow> {
        let mut pattern = String::new();
        for part in word {
            let quoted = is_quoted(part);
            for c in self.s.text(self.p, std::slice::from_ref(part))?.chars() {
                if quoted && "\\.[]{}()*+?^$|".contains(c) {
                    pattern.push('\\');
                }
                pattern.push(c);
            }
        }
        Ok(pattern)
    }
}

fn is_quoted(part: &Part) -> bool {
    match part {
        Part::Quoted(_) => true,
        Part::Parameter(_, quoted) | Part::Command(_, quoted) | Part::Arithmetic(_, quoted) => *quoted,
        _ => false,
    }
}
