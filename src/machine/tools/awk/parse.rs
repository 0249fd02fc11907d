//! An awk program as a tree.

use std::rc::Rc;

use super::lex::{Token, lex};
use super::{Fault, fault};

/// Deepest nesting of expressions and statements.
const MAX_DEPTH: u32 = 100;

/// Where a variable lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Slot {
    Global(usize),
    Local(usize),
}

/// An expression.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Expr {
    Number(f64),
    Text(Rc<[u8]>),
    Regex(Rc<[u8]>),
    Var(Slot),
    Field(Box<Expr>),
    Index(Slot, Vec<Expr>),
    Assign(Option<u8>, Box<Expr>, Box<Expr>),
    /// By how much, and whether the value is taken before.
    Step(f64, bool, Box<Expr>),
    Cond(Box<Expr>, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Plus(Box<Expr>),
    Binary(u8, Box<Expr>, Box<Expr>),
    Compare(&'static str, Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Match(bool, Box<Expr>, Box<Expr>),
    In(Vec<Expr>, Slot),
    Call(usize, Vec<Expr>),
    Builtin(&'static str, Vec<Expr>),
    /// From the main input, a file (`<`) or a command (`|`), into a variable or `$0`.
    Getline(u8, Option<Box<Expr>>, Option<Box<Expr>>),
    /// A list in brackets.
    List(Vec<Expr>),
}

/// A statement.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Stmt {
    Expr(Expr),
    Print(Vec<Expr>, Option<(&'static str, Expr)>),
    Printf(Vec<Expr>, Option<(&'static str, Expr)>),
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    While(Expr, Box<Stmt>),
    Do(Box<Stmt>, Expr),
    For(Option<Box<Stmt>>, Option<Expr>, Option<Box<Stmt>>, Box<Stmt>),
    ForIn(Slot, Slot, Box<Stmt>),
    Block(Vec<Stmt>),
    Next,
    NextFile,
    Exit(Option<Expr>),
    Return(Option<Expr>),
    Break,
    Continue,
    Delete(Slot, Option<Vec<Expr>>),
}

/// When a rule applies.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Pattern {
    Begin,
    End,
    Always,
    When(Expr),
    Range(Expr, Expr),
}

/// A function of the program.
#[derive(Debug, Default)]
pub struct Function {
    name: String,
    /// How many parameters it has.
    pub params: usize,
    /// `None` until it is defined.
    pub body: Option<Rc<Stmt>>,
}

/// A program.
#[derive(Debug, Default)]
pub struct Program {
    /// Patterns with their actions; no action: print the record.
    pub rules: Vec<(Pattern, Option<Rc<Stmt>>)>,
    /// The functions.
    pub functions: Vec<Function>,
    /// The names of the global variables.
    pub globals: Vec<String>,
}

/// The functions of the language.
const BUILTINS: [&str; 29] = [
    "and", "or", "xor", "lshift", "rshift", "compl", "atan2", "close", "cos", "exp", "fflush", "gsub", "index", "int", "log", "match",
    "rand", "sin", "split", "sprintf", "sqrt", "srand", "sub", "substr", "system", "systime", "strftime", "tolower", "toupper",
];

struct Parser {
    tokens: Vec<(Token, u32)>,
    at: usize,
    program: Program,
    locals: Vec<String>,
    depth: u32,
    /// `>` redirects: it does not compare.
    no_greater: bool,
}

/// Reads a program. `globals` are the names that must have the first slots.
pub fn parse(text: &[u8], globals: &[&str], (busybox, debian): (bool, bool)) -> Result<Program, Fault> {
    let program = Program { globals: globals.iter().map(|g| (*g).to_owned()).collect(), ..Program::default() };
    let tokens = lex(text, busybox, debian)?;
    let mut parser = Parser { tokens, at: 0, program, locals: Vec::new(), depth: 0, no_greater: false };
    loop {
        parser.blank();
        if *parser.peek() == Token::End {
            break;
        }
        parser.item()?;
    }
    match parser.program.functions.iter().find(|f| f.body.is_none()) {
        Some(_) => Err(fault(parser.line(), "Call to undefined function")),
        None => Ok(parser.program),
    }
}

type Parsed<T> = Result<T, Fault>;

fn boxed(e: Expr) -> Box<Expr> {
    Box::new(e)
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)].0
    }

    fn line(&self) -> u32 {
        self.tokens[self.at.min(self.tokens.len() - 1)].1
    }

    fn sees(&self, mark: &str) -> bool {
        matches!(self.peek(), Token::Mark(m) if *m == mark)
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = self.sees(mark);
        self.at += usize::from(found);
        found
    }

    fn one_of(&mut self, marks: &[&'static str]) -> Option<&'static str> {
        match self.peek() {
            Token::Mark(m) if marks.contains(m) => {
                let mark = *m;
                self.at += 1;
                Some(mark)
            }
            _ => None,
        }
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        Err(fault(self.line(), "Unexpected token"))
    }

    fn need(&mut self, mark: &str) -> Parsed<()> {
        if self.eat(mark) { Ok(()) } else { self.unexpected() }
    }

    /// Skips what may stand between statements.
    fn blank(&mut self) {
        while *self.peek() == Token::Newline || self.sees(";") {
            self.at += 1;
        }
    }

    fn newlines(&mut self) {
        while *self.peek() == Token::Newline {
            self.at += 1;
        }
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(fault(self.line(), "nested too deeply")) } else { Ok(()) }
    }

    fn item(&mut self) -> Parsed<()> {
        if self.eat("function") {
            return self.function();
        }
        let pattern = if self.eat("BEGIN") {
            Pattern::Begin
        } else if self.eat("END") {
            Pattern::End
        } else if self.sees("{") {
            Pattern::Always
        } else {
            let from = self.expr()?;
            if self.eat(",") {
                self.newlines();
                Pattern::Range(from, self.expr()?)
            } else {
                Pattern::When(from)
            }
        };
        let action = if self.sees("{") { Some(Rc::new(self.block()?)) } else { None };
        if action.is_none() {
            match (&pattern, self.peek()) {
                (Pattern::Begin | Pattern::End, _) => return self.unexpected(),
                (_, Token::Newline | Token::End | Token::Mark(";")) => {}
                _ => return self.unexpected(),
            }
        }
        self.program.rules.push((pattern, action));
        Ok(())
    }

    fn function(&mut self) -> Parsed<()> {
        let Token::Name(name, _) = self.peek().clone() else { return self.unexpected() };
        self.at += 1;
        self.need("(")?;
        self.locals.clear();
        while !self.eat(")") {
            self.newlines();
            let Token::Name(param, _) = self.peek().clone() else { return self.unexpected() };
            self.at += 1;
            self.locals.push(param);
            self.newlines();
            if !self.eat(",") && !self.sees(")") {
                return self.unexpected();
            }
        }
        self.newlines();
        let number = self.function_of(&name);
        self.program.functions[number].params = self.locals.len();
        let body = self.block()?;
        self.program.functions[number].body = Some(Rc::new(body));
        self.locals.clear();
        Ok(())
    }

    fn function_of(&mut self, name: &str) -> usize {
        let functions = &mut self.program.functions;
        functions.iter().position(|f| f.name == name).unwrap_or_else(|| {
            functions.push(Function { name: name.to_owned(), ..Function::default() });
            functions.len() - 1
        })
    }

    fn slot(&mut self, name: &str) -> Slot {
        if let Some(i) = self.locals.iter().position(|l| l == name) {
            return Slot::Local(i);
        }
        let globals = &mut self.program.globals;
        Slot::Global(globals.iter().position(|g| g == name).unwrap_or_else(|| {
            globals.push(name.to_owned());
            globals.len() - 1
        }))
    }

    fn block(&mut self) -> Parsed<Stmt> {
        self.need("{")?;
        let mut body = Vec::new();
        loop {
            self.blank();
            if self.eat("}") {
                return Ok(Stmt::Block(body));
            }
            body.push(self.statement()?);
        }
    }

    /// The body of a loop or a branch.
    fn body(&mut self) -> Parsed<Box<Stmt>> {
        self.newlines();
        if self.eat(";") {
            return Ok(Box::new(Stmt::Block(Vec::new())));
        }
        self.statement().map(Box::new)
    }

    fn statement(&mut self) -> Parsed<Stmt> {
        self.deeper()?;
        let statement = self.statement_inner();
        self.depth -= 1;
        statement
    }

    fn statement_inner(&mut self) -> Parsed<Stmt> {
        if self.sees("{") {
            return self.block();
        }
        if self.eat("if") {
            let condition = self.bracketed()?;
            let then = self.body()?;
            let before = self.at;
            self.blank();
            if self.eat("else") {
                return Ok(Stmt::If(condition, then, Some(self.body()?)));
            }
            self.at = before;
            return Ok(Stmt::If(condition, then, None));
        }
        if self.eat("while") {
            let condition = self.bracketed()?;
            return Ok(Stmt::While(condition, self.body()?));
        }
        if self.eat("for") {
            return self.for_loop();
        }
        if self.eat("do") {
            let body = self.body()?;
            self.blank();
            self.need("while")?;
            let statement = Stmt::Do(body, self.bracketed()?);
            return self.ended(statement);
        }
        let statement = self.simple()?;
        self.ended(statement)
    }

    fn ended(&mut self, statement: Stmt) -> Parsed<Stmt> {
        match self.peek() {
            Token::Newline | Token::Mark(";") => self.at += 1,
            Token::Mark("}") | Token::End => {}
            _ => return self.unexpected(),
        }
        Ok(statement)
    }

    fn bracketed(&mut self) -> Parsed<Expr> {
        self.need("(")?;
        let condition = self.expr()?;
        self.need(")")?;
        Ok(condition)
    }

    fn for_loop(&mut self) -> Parsed<Stmt> {
        self.need("(")?;
        if let [(Token::Name(var, _), _), (Token::Mark("in"), _), (Token::Name(array, _), _), (Token::Mark(")"), _)] =
            self.tokens.get(self.at..self.at + 4).unwrap_or(&[])
        {
            let (var, array) = (var.clone(), array.clone());
            self.at += 4;
            let (var, array) = (self.slot(&var), self.slot(&array));
            return Ok(Stmt::ForIn(var, array, self.body()?));
        }
        let first = if self.sees(";") { None } else { Some(Box::new(self.simple()?)) };
        self.need(";")?;
        self.newlines();
        let condition = if self.sees(";") { None } else { Some(self.expr()?) };
        self.need(";")?;
        self.newlines();
        let step = if self.sees(")") { None } else { Some(Box::new(self.simple()?)) };
        self.need(")")?;
        Ok(Stmt::For(first, condition, step, self.body()?))
    }

    fn ends(&self) -> bool {
        matches!(self.peek(), Token::Newline | Token::End | Token::Mark(";" | "}" | ">" | ">>" | "|"))
    }

    fn simple(&mut self) -> Parsed<Stmt> {
        if let Some(word) = self.one_of(&["print", "printf"]) {
            return self.print(word);
        }
        if let Some(word) = self.one_of(&["exit", "return"]) {
            let value = if self.ends() { None } else { Some(self.expr()?) };
            return Ok(if word == "exit" { Stmt::Exit(value) } else { Stmt::Return(value) });
        }
        if let Some(word) = self.one_of(&["next", "nextfile", "break", "continue"]) {
            return Ok(match word {
                "next" => Stmt::Next,
                "nextfile" => Stmt::NextFile,
                "break" => Stmt::Break,
                _ => Stmt::Continue,
            });
        }
        if self.eat("delete") {
            let Token::Name(name, _) = self.peek().clone() else { return self.unexpected() };
            self.at += 1;
            let slot = self.slot(&name);
            let index = if self.eat("[") { Some(self.list("]")?) } else { None };
            return Ok(Stmt::Delete(slot, index));
        }
        self.expr().map(Stmt::Expr)
    }

    fn print(&mut self, word: &str) -> Parsed<Stmt> {
        let outer = std::mem::replace(&mut self.no_greater, true);
        let mut args = Vec::new();
        if !self.ends() {
            args.push(self.expr()?);
            while self.eat(",") {
                self.newlines();
                args.push(self.expr()?);
            }
        }
        if let [Expr::List(list)] = args.as_mut_slice() {
            args = std::mem::take(list);
        }
        let to = match self.one_of(&[">", ">>", "|"]) {
            Some(mark) => Some((mark, self.expr()?)),
            None => None,
        };
        self.no_greater = outer;
        Ok(if word == "print" { Stmt::Print(args, to) } else { Stmt::Printf(args, to) })
    }

    /// Expressions up to `end`, which is eaten.
    fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
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

    fn expr(&mut self) -> Parsed<Expr> {
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
        let mut left = self.and()?;
        while self.eat("||") {
            self.newlines();
            left = Expr::Or(boxed(left), boxed(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.membership()?;
        while self.eat("&&") {
            self.newlines();
            left = Expr::And(boxed(left), boxed(self.membership()?));
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
        let mut left = self.multiplicative()?;
        while let Some(mark) = self.one_of(&["+", "-"]) {
            left = Expr::Binary(mark.as_bytes()[0], boxed(left), boxed(self.multiplicative()?));
        }
        Ok(left)
    }

    fn multiplicative(&mut self) -> Parsed<Expr> {
        let mut left = self.unary()?;
        while let Some(mark) = self.one_of(&["*", "/", "%"]) {
            left = Expr::Binary(mark.as_bytes()[0], boxed(left), boxed(self.unary()?));
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
            Token::Regex(text) => Expr::Regex(text.into()),
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
        if let Some(builtin) = BUILTINS.iter().find(|b| **b == name) {
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
