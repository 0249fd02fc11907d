//! An awk program as a tree.

use std::rc::Rc;

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
    /// What it is called by.
    pub name: String,
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
