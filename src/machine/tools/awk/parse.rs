//! An awk program read: its rules, functions and statements; [`super::expression`] reads the expressions.

use std::rc::Rc;

use super::lex::{Token, lex};
use super::tree::{Expr, Function, Pattern, Program, Slot, Stmt};
use super::{Fault, fault};

/// Deepest nesting of expressions and statements.
const MAX_DEPTH: u32 = 100;

/// The words of a program and how far they are read.
pub(super) struct Parser {
    pub(super) tokens: Vec<(Token, u32)>,
    pub(super) at: usize,
    program: Program,
    pub(super) locals: Vec<String>,
    pub(super) depth: u32,
    /// `>` redirects: it does not compare.
    pub(super) no_greater: bool,
    /// The language is mawk's: some functions are not known.
    pub(super) mawk: bool,
    /// The language is busybox's: in a `print` an `||` must stand in brackets.
    pub(super) busybox: bool,
}

/// Reads a program. `globals` are the names that must have the first slots.
pub fn parse(text: &[u8], globals: &[&str], busybox: bool, mawk: bool) -> Result<Program, Fault> {
    let program = Program { globals: globals.iter().map(|g| (*g).to_owned()).collect(), ..Program::default() };
    let tokens = lex(text, busybox)?;
    let mut parser = Parser { tokens, at: 0, program, locals: Vec::new(), depth: 0, no_greater: false, mawk, busybox };
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

/// What was read, or what is wrong.
pub(super) type Parsed<T> = Result<T, Fault>;

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)].0
    }

    fn line(&self) -> u32 {
        self.tokens[self.at.min(self.tokens.len() - 1)].1
    }

    pub(super) fn sees(&self, mark: &str) -> bool {
        matches!(self.peek(), Token::Mark(m) if *m == mark)
    }

    pub(super) fn eat(&mut self, mark: &str) -> bool {
        let found = self.sees(mark);
        self.at += usize::from(found);
        found
    }

    pub(super) fn one_of(&mut self, marks: &[&'static str]) -> Option<&'static str> {
        match self.peek() {
            Token::Mark(m) if marks.contains(m) => {
                let mark = *m;
                self.at += 1;
                Some(mark)
            }
            _ => None,
        }
    }

    pub(super) fn unexpected<T>(&self) -> Parsed<T> {
        Err(fault(self.line(), "Unexpected token"))
    }

    pub(super) fn need(&mut self, mark: &str) -> Parsed<()> {
        if self.eat(mark) { Ok(()) } else { self.unexpected() }
    }

    /// Skips what may stand between statements.
    fn blank(&mut self) {
        while *self.peek() == Token::Newline || self.sees(";") {
            self.at += 1;
        }
    }

    pub(super) fn newlines(&mut self) {
        while *self.peek() == Token::Newline {
            self.at += 1;
        }
    }

    pub(super) fn deeper(&mut self) -> Parsed<()> {
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
        if self.program.functions[number].body.is_some() {
            return Err(fault(self.line(), "Duplicate function"));
        }
        let body = self.block()?;
        self.program.functions[number].body = Some(Rc::new(body));
        self.locals.clear();
        Ok(())
    }

    pub(super) fn function_of(&mut self, name: &str) -> usize {
        let functions = &mut self.program.functions;
        functions.iter().position(|f| f.name == name).unwrap_or_else(|| {
            functions.push(Function { name: name.to_owned(), ..Function::default() });
            functions.len() - 1
        })
    }

    pub(super) fn slot(&mut self, name: &str) -> Slot {
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
}
