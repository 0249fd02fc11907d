//! What the parser makes of a Dockerfile: one [`Node`] an instruction, and all that stands between them.
//!
//! The shape is that of BuildKit's `parser/parser.go`, less its linked lists: arguments are a list. Nothing of the file
//! is lost: the spans of nodes, comments, directives and blank lines cover it.

use crate::base::{Diagnostic, LineRange, Span};

use super::text::{self, Text};

/// A Dockerfile, parsed. Any bytes give one; what was read before an error is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Ast {
    /// The instructions in order.
    pub nodes: Vec<Node>,
    /// Escape token: `\` or a backtick.
    pub escape: char,
    /// The parser directives at the top (`# syntax=`, `# escape=`, `# check=`).
    pub directives: Vec<Directive>,
    /// Comments and blank lines, inside instructions too, and the byte-order mark.
    pub trivia: Vec<Trivia>,
    /// Instructions with an empty continuation line.
    pub warnings: Vec<Warning>,
    /// What stopped the parser, with BuildKit's words: the first error is the last.
    pub error: Option<Diagnostic>,
}

/// An instruction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Node {
    /// The first word, as written.
    pub keyword: Text,
    /// `--flag[=value]`, quotes and escapes removed.
    pub flags: Vec<Text>,
    /// The words by the rules of the instruction; ENV and LABEL have three a pair: name, value, `=` or nothing.
    pub args: Vec<Text>,
    /// The instruction behind ONBUILD.
    pub trigger: Option<Box<Node>>,
    /// The arguments were a JSON array.
    pub json: bool,
    /// In the order of their marks.
    pub heredocs: Vec<Heredoc>,
    /// The logical line: continuations joined, comments inside dropped, heredoc bodies not included.
    pub original: Text,
    /// First line, counted from 1.
    pub start_line: u32,
    /// Last line, that of the last heredoc's end included.
    pub end_line: u32,
    /// From the first character to the end of the last line, its line break not included.
    pub span: Span,
    /// The comment lines above (without `#` and blanks around), back to an empty comment.
    pub comments: Vec<Text>,
}

/// `<<EOF` and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heredoc {
    /// The delimiter, quotes removed.
    pub name: Text,
    /// The number before `<<`.
    pub fd: u64,
    /// No part of the delimiter was quoted: the builder expands the body in COPY and ADD.
    pub expand: bool,
    /// `<<-`
    pub chomp: bool,
    /// The lines up to the delimiter, as they are (leading tabs too).
    pub content: Text,
    /// Where the lines are.
    pub span: Span,
}

/// `# name=value` at the top of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Lower case: `syntax`, `escape` or `check`.
    pub name: &'static str,
    /// What follows `=`, blanks around it removed.
    pub value: Text,
    /// Its line.
    pub line: u32,
    /// The whole line.
    pub span: Span,
}

/// Text that is no instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trivia {
    /// What it is.
    pub kind: TriviaKind,
    /// Where it is, without the line break.
    pub span: Span,
}

/// The kinds of [`Trivia`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriviaKind {
    /// U+FEFF at the start of the file.
    ByteOrderMark,
    /// A line that begins with `#`.
    Comment,
    /// A line of nothing but blanks.
    Blank,
    /// The lines that the parser did not reach because of an error.
    Unread,
}

/// An empty line inside a continued instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// BuildKit's text: `Empty continuation line found in: …`.
    pub message: String,
    /// Where BuildKit reports it: the last line of the instruction.
    pub line: u32,
}

impl Ast {
    /// BuildKit's `Node.Dump()` of the whole file, byte for byte.
    pub fn dump(&self) -> String {
        let mut out = String::new();
        for node in &self.nodes {
            out.push('(');
            node.dump_into(&mut out);
            out.push_str(")\n");
        }
        String::from_utf8_lossy(text::trim(out.as_bytes())).into_owned()
    }

    /// The value of a directive.
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives.iter().find(|directive| directive.name == name)
    }
}

impl Node {
    /// Its lines, one range each, as BuildKit reports locations.
    pub fn lines(&self) -> Vec<LineRange> {
        (self.start_line..=self.end_line.max(self.start_line)).map(LineRange::line).collect()
    }

    /// The keyword in lower case.
    pub fn name(&self) -> String {
        text::to_lower(&self.keyword.to_str())
    }

    /// One instruction as BuildKit dumps it.
    fn dump_into(&self, out: &mut String) {
        let start = out.len();
        out.push_str(&self.name());
        if !self.flags.is_empty() {
            out.push_str(" [");
            for (i, flag) in self.flags.iter().enumerate() {
                out.push_str(if i > 0 { " " } else { "" });
                out.push_str(&text::quote(flag.as_bytes()));
            }
            out.push(']');
        }
        if let Some(trigger) = &self.trigger {
            out.push_str(" (");
            trigger.dump_into(out);
            out.push(')');
        }
        for arg in &self.args {
            out.push(' ');
            out.push_str(&text::quote(arg.as_bytes()));
        }
        // A keyword that is nothing leaves a blank in front, which `Dump` trims.
        let blanks = out[start..].len() - out[start..].trim_start().len();
        out.drain(start..start + blanks);
    }
}
