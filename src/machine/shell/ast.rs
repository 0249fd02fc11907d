//! What a script says.

use std::rc::Rc;

/// `a && b; c &`.
pub type List = Vec<AndOr>;

/// Pipelines joined by `&&` (true) and `||` (false).
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct AndOr {
    pub first: Pipeline,
    pub rest: Vec<(bool, Pipeline)>,
    pub background: bool,
}

/// `! a | b`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Pipeline {
    pub negate: bool,
    pub commands: Vec<Rc<Redirected>>,
}

/// A command with its redirections.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Redirected {
    pub command: Command,
    pub redirects: Vec<Redirect>,
    pub line: u32,
}

/// A command.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Command {
    Simple { assigns: Vec<Assign>, words: Vec<Word> },
    Group(List),
    Subshell(List),
    If { branches: Vec<(List, List)>, otherwise: List },
    For { name: String, words: Option<Vec<Word>>, body: List },
    While { until: bool, condition: List, body: List },
    Case { word: Word, arms: Vec<(Vec<Word>, List)> },
    Function { name: String, body: Rc<Redirected> },
    Condition(Vec<Word>),
    Arithmetic(Word),
}

/// `NAME=word`, `NAME+=word`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Assign {
    pub name: String,
    pub append: bool,
    pub value: Word,
    pub array: Option<Vec<Word>>,
}

/// `2>file`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Redirect {
    pub fd: u32,
    pub kind: RedirectKind,
    pub word: Word,
}

/// Kinds of redirection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RedirectKind {
    Read,
    Write,
    Append,
    ReadWrite,
    Duplicate,
    Both,
    Here,
    HereString,
}

/// A word: parts side by side.
pub type Word = Vec<Part>;

/// A part of a word; `bool`: inside double quotes.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Part {
    Plain(String),
    Quoted(String),
    Parameter(Box<Parameter>, bool),
    Command(Rc<Result<List, String>>, bool),
    Arithmetic(Word, bool),
}

/// `${name…}`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Parameter {
    pub name: String,
    pub index: Option<Word>,
    pub op: ParameterOp,
}

/// What is done with a parameter; the `bool` of the first four: with a colon.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum ParameterOp {
    Get,
    Length,
    Default(bool, Word),
    Assign(bool, Word),
    Error(bool, Word),
    Alternative(bool, Word),
    Trim { suffix: bool, longest: bool, pattern: Word },
    Replace { all: bool, pattern: Word, with: Word },
    Slice(Word, Option<Word>),
    Case { upper: bool, all: bool },
    Indirect,
}
