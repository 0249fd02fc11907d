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
        match mistake(&words) {
            Some(text) => self.condition_error(&text),
            None => Ok(Command::Condition(words)),
        }
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
        SyntaxError {
            line: self.line,
            text: "syntax error in conditional expression".into(),
            source: None,
            unfinished: false,
            condition: true,
        }
    }

    fn condition_error<T>(&self, text: &str) -> Parsed<T> {
        Err(SyntaxError { line: self.line, text: text.into(), source: None, unfinished: text.contains("EOF"), condition: true })
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

/// Whether a word asks something of the next one in `[[`.
pub fn is_unary(word: &str) -> bool {
    word.len() == 2 && word.strip_prefix('-').is_some_and(|letter| "abcdefghknoprstuvwxzGLNORS".contains(letter))
}

/// What is wrong with the words between `[[` and `]]`.
fn mistake(words: &[Word]) -> Option<String> {
    let plain = |i: usize| match words.get(i).map(|w| &w[..]) {
        Some([Part::Plain(text)]) => text.as_str(),
        Some(_) => "",
        None => "]]",
    };
    let is_operand = |i: usize| i < words.len() && !matches!(plain(i), "&&" | "||" | "(" | ")" | "<" | ">");
    let unexpected = |i: usize, kind: &str| Some(format!("unexpected argument `{}' to conditional {kind} operator", plain(i)));
    let (mut at, mut open) = (0, 0);
    loop {
        while matches!(plain(at), "!" | "(") {
            open += (plain(at) == "(") as usize;
            at += 1;
        }
        if !is_operand(at) {
            return Some(String::new());
        }
        if is_unary(plain(at)) {
            if !is_operand(at + 1) {
                return unexpected(at + 1, "unary");
            }
            at += 2;
        } else if is_binary(plain(at + 1)) {
            if !is_operand(at + 2) {
                return unexpected(at + 2, "binary");
            }
            at += 3;
        } else if is_operand(at + 1) {
            return Some("conditional binary operator expected".into());
        } else {
            at += 1;
        }
        while open > 0 && plain(at) == ")" {
            open -= 1;
            at += 1;
        }
        match plain(at) {
            "&&" | "||" => at += 1,
            _ if at >= words.len() => return (open > 0).then(|| "unexpected token `]]', expected `)'".into()),
            _ => return Some("syntax error in conditional expression".into()),
        }
    }
}
