//! bash's `[[ … ]]`.

use super::super::ast::*;
use super::word::{is_end, push_plain};
use super::{Parsed, Parser, SyntaxError};

impl Parser {
    /// After `[[`: the operators and operands up to `]]`. Unquoted `(`, `)`, `<`, `>`, `&&`, `||` are words of their own.
    pub(super) fn condition(&mut self) -> Parsed<Command> {
        let mut words: Vec<Word> = Vec::new();
        loop {
            self.blanks();
            if self.peek() == Some('\n') {
                self.next();
                continue;
            }
            let Some(operator) = ["&&", "||", "(", ")", "<", ">"].into_iter().find(|o| self.starts(o)) else {
                self.token_at = self.at;
                match self.word()? {
                    Some(word) if matches!(&word[..], [Part::Plain(t)] if t == "]]") => break,
                    Some(word) => {
                        let is_match = matches!(&word[..], [Part::Plain(o)] if o == "=~");
                        words.push(word);
                        if is_match {
                            self.blanks();
                            words.push(self.regex_word()?);
                        }
                    }
                    None => return self.condition_error("unexpected EOF while looking for `]]'"),
                }
                continue;
            };
            self.at += operator.len();
            words.push(vec![Part::Plain(operator.into())]);
        }
        let plain = |i: usize| match words.get(i).map(|w| &w[..]) {
            Some([Part::Plain(t)]) => t.as_str(),
            _ => "",
        };
        if words.is_empty() {
            return self.unexpected(&super::token::Token::Key("]]"), None);
        }
        // The two mistakes that bash names: an operator without its right side, and two words without an operator.
        let last = words.len() - 1;
        if matches!(plain(last), "=" | "==" | "!=" | "=~" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge") && last > 0 {
            return self.condition_error("unexpected argument `]]' to conditional binary operator");
        }
        if words.len() == 2 && !plain(0).starts_with('-') && plain(0) != "!" {
            return self.condition_error("conditional binary operator expected");
        }
        Ok(Command::Condition(words))
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
