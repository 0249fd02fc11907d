//! bash's `[[ … ]]`.

use super::super::ast::*;
use super::word::{is_end, push_plain};
use super::{Parsed, Parser, SyntaxError};

impl Parser {
    /// After `[[`: the operators and operands up to `]]`. Unquoted `(`, `)`, `<`, `>`, `&&`, `||` are words of their own.
    pub(super) fn condition(&mut self) -> Parsed<Command> {
        let mut words: Vec<Word> = Vec::new();
        // Patterns can have lists here in any case.
        let extglob = std::mem::replace(&mut self.extglob, true);
        let result = self.condition_words(&mut words);
        self.extglob = extglob;
        result?;
        let plain = |i: usize| match words.get(i).map(|w| &w[..]) {
            Some([Part::Plain(t)]) => t.as_str(),
            _ => "",
        };
        if words.is_empty() {
            return self.condition_error("");
        }
        // The two mistakes that bash names: an operator without its right side, and words without an operator.
        let last = words.len() - 1;
        if is_binary(plain(last)) && last > 0 {
            return self.condition_error("unexpected argument `]]' to conditional binary operator");
        }
        let operand = |i: usize| !matches!(plain(i), "&&" | "||" | "(" | ")" | "!" | "<" | ">");
        if last > 0 && last < 3 && (0..=last).all(operand) && !(last == 1 && plain(0).starts_with('-')) && !is_binary(plain(1)) {
            return self.condition_error("conditional binary operator expected");
        }
        Ok(Command::Condition(words))
    }

    /// The words up to `]]`.
    fn condition_words(&mut self, words: &mut Vec<Word>) -> Parsed<()> {
        let from = self.line;
        loop {
            self.blanks();
            if self.peek() == Some('\n') {
                self.next();
                continue;
            }
            let Some(operator) = ["&&", "||", "(", ")", "<", ">"].into_iter().find(|o| self.starts(o)) else {
                self.token_at = self.at;
                match self.word()? {
                    Some(word) if matches!(&word[..], [Part::Plain(t)] if t == "]]") => return Ok(()),
                    Some(word) => {
                        let is_match = matches!(&word[..], [Part::Plain(o)] if o == "=~");
                        words.push(word);
                        if is_match {
                            self.blanks();
                            let start = self.at;
                            let word = self.regex_word()?;
                            words.push(if self.verbatim { vec![Part::Plain(self.verbatim(start))] } else { word });
                        }
                    }
                    None if words.len() >= 2 => return Err(SyntaxError { line: from, unfinished: true, ..self.conditional() }),
                    None => return self.condition_error("unexpected EOF while looking for `]]'"),
                }
                continue;
            };
            self.at += operator.len();
            words.push(vec![Part::Plain(operator.into())]);
        }
    }

    fn conditional(&self) -> SyntaxError {
        SyntaxError { line: self.line, text: "syntax error in conditional expression".into(), source: None, unfinished: false }
    }

    fn condition_error<T>(&self, text: &str) -> Parsed<T> {
        Err(SyntaxError { line: self.line, text: text.into(), source: None, unfinished: text.contains("EOF") })
    }

    /// The right side of `=~`: up to a blank outside of parentheses and quotes.
    fn regex_word(&mut self) -> Parsed<Word> {
        let mut parts = Word::new();
        let mut open = 0;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' if open == 0 => break,
                '\\' => {
                    self.next();
                    push_plain(&mut parts, '\\');
                    push_plain(&mut parts, self.next().unwrap_or('\\'));
                }
                c if is_end(c) => {
                    open += (c == '(') as i32 - (c == ')') as i32;
                    self.next();
                    push_plain(&mut parts, c);
                }
                c => self.piece(c, &mut parts)?,
            }
        }
        Ok(parts)
    }
}

/// Whether a word compares two others.
pub fn is_binary(word: &str) -> bool {
    matches!(word, "=" | "==" | "!=" | "=~" | "<" | ">" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef")
}
