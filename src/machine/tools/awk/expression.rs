//! The expressions of an awk program, by what binds how strongly.

use super::lex::Token;
use super::parse::{Parsed, Parser};
use super::tree::Expr;
use super::{bad_regex, fault};
use crate::machine::regex::{Regex, Syntax};

/// The functions of the language.
const BUILTINS: [&str; 31] = [
    "and", "or", "xor", "lshift", "rshift", "compl", "atan2", "close", "cos", "exp", "fflush", "gsub", "index", "int", "log", "match",
    "rand", "sin", "split", "sprintf", "sqrt", "srand", "sub", "substr", "system", "systime", "strftime", "tolower", "toupper", "mktime",
    "gensub",
];

impl Parser {
    /// Expressions up to `end`, which is eaten.
    pub(super) fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
        let greater = std::mem::take(&mut self.no_greater);
        let mut list = Vec::new();
        self.newlines();
        while !self.eat(end) {
            list.push(self.expr()?);
            self.newlines();
            if !self.sees(end) {
                self.need(",")?;
                self.newlines();
            }
        }
        self.no_greater = greater;
        Ok(list)
    }

    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.deeper()?;
        let expr = self.ternary();
        self.depth -= 1;
        expr
    }

    fn ternary(&mut self) -> Parsed<Expr> {
        let left = self.or()?;
        if !self.eat("?") {
            return Ok(left);
        }
        self.newlines();
        let yes = self.expr()?;
        self.newlines();
        self.need(":")?;
        self.newlines();
        Ok(Expr::Cond(boxed(left), boxed(yes), boxed(self.expr()?)))
    }

    fn or(&mut self) -> Parsed<Expr> {
        let left = self.joined("||", Self::and, Expr::Or)?;
        let bare = self.busybox && self.no_greater && matches!(left, Expr::Or(..));
        if bare { self.unexpected() } else { Ok(left) }
    }

    fn and(&mut self) -> Parsed<Expr> {
        self.joined("&&", Self::membership, Expr::And)
    }

    /// Operands with a mark between them; lines may end behind it.
    fn joined(
        &mut self,
        mark: &'static str,
        operand: fn(&mut Self) -> Parsed<Expr>,
        join: fn(Box<Expr>, Box<Expr>) -> Expr,
    ) -> Parsed<Expr> {
        let mut left = operand(self)?;
        while self.eat(mark) {
            self.newlines();
            left = join(boxed(left), boxed(operand(self)?));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Parsed<Expr> {
        let mut left = self.matching()?;
        while self.eat("in") {
            let Token::Name(name, _) = self.peek().clone() else { return self.unexpected() };
            self.at += 1;
            let slot = self.slot(&name);
            left = Expr::In(if let Expr::List(list) = left { list } else { vec![left] }, slot);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Parsed<Expr> {
        let mut left = self.comparison()?;
        while let Some(mark) = self.one_of(&["~", "!~"]) {
            left = Expr::Match(mark == "!~", boxed(left), boxed(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let mut left = self.concat()?;
        loop {
            if self.sees("|") && matches!(self.tokens.get(self.at + 1), Some((Token::Mark("getline"), _))) {
                self.at += 2;
                left = Expr::Getline(b'|', Some(boxed(left)), self.target()?);
                continue;
            }
            if self.no_greater && self.sees(">") {
                return Ok(left);
            }
            let Some(mark) = self.one_of(&["<", "<=", "==", "!=", ">", ">="]) else { return Ok(left) };
            left = Expr::Compare(mark, boxed(left), boxed(self.concat()?));
        }
    }

    /// The variable after `getline`.
    fn target(&mut self) -> Parsed<Option<Box<Expr>>> {
        Ok(match self.peek() {
            Token::Name(_, false) | Token::Mark("$") => Some(boxed(self.primary()?)),
            _ => None,
        })
    }

    fn concat(&mut self) -> Parsed<Expr> {
        let mut left = self.additive()?;
        loop {
            let more = match self.peek() {
                Token::Number(_) | Token::Text(_) | Token::Name(..) | Token::Regex(_) => true,
                Token::Mark(m) => matches!(*m, "$" | "!" | "(" | "-" | "+" | "++" | "--" | "length"),
                _ => false,
            };
            if !more {
                return Ok(left);
            }
            left = Expr::Concat(boxed(left), boxed(self.additive()?));
        }
    }

    fn additive(&mut self) -> Parsed<Expr> {
        self.reckoned(&["+", "-"], Self::multiplicative)
    }

    fn multiplicative(&mut self) -> Parsed<Expr> {
        self.reckoned(&["*", "/", "%"], Self::unary)
    }

    fn reckoned(&mut self, marks: &[&'static str], operand: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        let mut left = operand(self)?;
        while let Some(mark) = self.one_of(marks) {
            left = Expr::Binary(mark.as_bytes()[0], boxed(left), boxed(operand(self)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.deeper()?;
        let expr = match self.one_of(&["!", "-", "+"]) {
            Some("!") => Expr::Not(boxed(self.unary()?)),
            Some("-") => Expr::Minus(boxed(self.unary()?)),
            Some(_) => Expr::Plus(boxed(self.unary()?)),
            None => self.power()?,
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn power(&mut self) -> Parsed<Expr> {
        let base = self.primary()?;
        if self.eat("^") {
            return Ok(Expr::Binary(b'^', boxed(base), boxed(self.unary()?)));
        }
        Ok(base)
    }

    /// An operand with what stands behind it.
    fn primary(&mut self) -> Parsed<Expr> {
        let operand = self.operand()?;
        if !is_place(&operand) {
            return Ok(operand);
        }
        if let Some(mark) = self.one_of(&["++", "--"]) {
            return Ok(Expr::Step(if mark == "++" { 1.0 } else { -1.0 }, true, boxed(operand)));
        }
        // An assignment takes the place at its left, whatever stands before that.
        if let Some(mark) = self.one_of(&["=", "+=", "-=", "*=", "/=", "%=", "^="]) {
            self.newlines();
            let op = (mark != "=").then(|| mark.as_bytes()[0]);
            return Ok(Expr::Assign(op, boxed(operand), boxed(self.expr()?)));
        }
        Ok(operand)
    }

    fn operand(&mut self) -> Parsed<Expr> {
        let token = self.peek().clone();
        self.at += 1;
        Ok(match token {
            Token::Number(value) => Expr::Number(value),
            Token::Text(text) => Expr::Text(text.into()),
            Token::Regex(text) => {
                if self.busybox
                    && let Err(why) = Regex::new(&text, Syntax { extended: true, strict: true, ..Syntax::default() })
                {
                    return Err(fault(0, &bad_regex(&text, &why)));
                }
                Expr::Regex(text.into())
            }
            Token::Name(name, called) => return self.named(&name, called),
            Token::Mark("$") => {
                self.deeper()?;
                let field = match self.one_of(&["++", "--", "-", "+", "!"]) {
                    Some("-") => Expr::Minus(boxed(self.operand()?)),
                    Some("+") => Expr::Plus(boxed(self.operand()?)),
                    Some("!") => Expr::Not(boxed(self.operand()?)),
                    Some(mark) => Expr::Step(if mark == "++" { 1.0 } else { -1.0 }, false, boxed(self.operand()?)),
                    None => self.operand()?,
                };
                self.depth -= 1;
                Expr::Field(boxed(field))
            }
            Token::Mark(mark @ ("++" | "--")) => {
                let place = self.operand()?;
                if !is_place(&place) {
                    return self.unexpected();
                }
                Expr::Step(if mark == "++" { 1.0 } else { -1.0 }, false, boxed(place))
            }
            Token::Mark("length") => {
                let args = if self.eat("(") { self.list(")")? } else { Vec::new() };
                Expr::Builtin("length", args)
            }
            Token::Mark("getline") => {
                let target = self.target()?;
                if self.eat("<") {
                    return Ok(Expr::Getline(b'<', Some(boxed(self.primary()?)), target));
                }
                Expr::Getline(0, None, target)
            }
            Token::Mark("(") => {
                let mut list = self.list(")")?;
                match (list.len(), list.pop()) {
                    (1, Some(only)) => Expr::List(vec![only]),
                    (0, _) | (_, None) => return self.unexpected(),
                    (_, Some(last)) => {
                        list.push(last);
                        Expr::List(list)
                    }
                }
            }
            _ => {
                self.at -= 1;
                return self.unexpected();
            }
        })
    }

    fn named(&mut self, name: &str, called: bool) -> Parsed<Expr> {
        if let Some(builtin) = BUILTINS.iter().find(|b| **b == name && !(self.mawk && name == "gensub")) {
            let args = if self.eat("(") { self.list(")")? } else { Vec::new() };
            return Ok(Expr::Builtin(builtin, args));
        }
        if called && !self.locals.iter().any(|l| l == name) {
            self.at += 1;
            let number = self.function_of(name);
            return Ok(Expr::Call(number, self.list(")")?));
        }
        let slot = self.slot(name);
        Ok(if self.eat("[") { Expr::Index(slot, self.list("]")?) } else { Expr::Var(slot) })
    }
}

fn is_place(expr: &Expr) -> bool {
    matches!(expr, Expr::Var(_) | Expr::Field(_) | Expr::Index(..))
}

fn boxed(e: Expr) -> Box<Expr> {
    Box::new(e)
}
