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
    /// bash's `time`, with `-p`.
    pub timed: Option<bool>,
    pub commands: Vec<Rc<Redirected>>,
}

/// A command with its redirections.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Redirected {
    pub command: Command,
    pub redirects: Vec<Redirect>,
    pub line: u32,
    /// The text of one that bash's `BASH_COMMAND` may name.
    pub source: Option<Rc<str>>,
}

/// A command. `source` is the text it was read from, where bash's `set -x` shows it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Command {
    Simple {
        assigns: Vec<Assign>,
        words: Vec<Word>,
    },
    Group(List),
    Subshell(List),
    If {
        branches: Vec<(List, List)>,
        otherwise: List,
    },
    For {
        name: String,
        words: Option<Vec<Word>>,
        body: List,
        source: String,
        /// bash's `select`.
        asks: bool,
    },
    /// `for ((a; b; c))`.
    Count {
        parts: [(Word, String); 3],
        body: List,
    },
    While {
        until: bool,
        condition: List,
        body: List,
    },
    Case {
        word: Word,
        arms: Vec<Arm>,
        source: String,
    },
    Function {
        name: String,
        body: Rc<Redirected>,
        /// The text of the body (bash).
        source: Option<Rc<str>>,
    },
    Condition(Vec<Word>),
    Arithmetic(Word, String),
}

/// An arm of `case`: patterns, what to do, and where to go then.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Arm {
    pub patterns: Vec<Word>,
    pub body: List,
    pub next: Next,
}

/// After an arm: `;;`, `;&`, `;;&`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Next {
    End,
    FallThrough,
    Test,
}

/// `NAME=word`, `NAME+=word`, `NAME[index]=word`, `NAME=(words)`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Assign {
    pub name: String,
    pub index: Option<Word>,
    pub append: bool,
    pub value: Value,
}

/// What is assigned.
#[derive(Debug, Clone)]
pub enum Value {
    /// One text.
    Word(Word),
    /// The items of an array, some with `[index]=`; and how it was written.
    Array(Vec<(Option<Word>, Word)>, String),
}

/// `2>file`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Redirect {
    pub fd: u32,
    /// bash's `{name}>`: a variable that gets the number of a free descriptor.
    pub variable: Option<String>,
    pub kind: RedirectKind,
    pub word: Word,
    /// The body of a heredoc: known once the line is over.
    pub body: Option<Rc<std::cell::RefCell<Word>>>,
}

/// Kinds of redirection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RedirectKind {
    Read,
    Write,
    Clobber,
    Append,
    ReadWrite,
    Duplicate,
    Both,
    BothAppend,
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
    Command(Rc<List>, bool),
    Arithmetic(Word, bool),
    /// `name=(…)` after `declare` and its like.
    Array(Box<Assign>),
    /// `<(…)` and (`true`) `>(…)`: a file with the output of a list, or one that a list reads later.
    Process(Rc<List>, bool),
}

/// `${name…}`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Parameter {
    pub name: String,
    pub index: Option<Word>,
    pub op: ParameterOp,
    /// Written with braces.
    pub braced: bool,
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
    Trim {
        suffix: bool,
        longest: bool,
        pattern: Word,
    },
    Replace {
        all: bool,
        pattern: Word,
        with: Word,
    },
    Slice(Word, Option<Word>),
    /// `^`, `,` or `~`: upper, lower or the other case, of what matches the pattern.
    Case {
        change: char,
        all: bool,
        pattern: Word,
    },
    /// `${!name}`.
    Indirect,
    /// `${!name…}` with another operator behind it.
    Through(Box<ParameterOp>),
    /// `${!prefix*}`.
    Names,
    /// `${!array[@]}`.
    Keys,
    /// `${name@Q}`.
    Transform(char),
    /// Nothing that the shell knows: an error when it is expanded.
    Bad,
}
