//! Text -> [`Ast`]: lines, comments, continuations and heredocs. BuildKit's `parser/parser.go`.
//!
//! Total: an error ends the reading as it does in BuildKit, but what was read stays, and the rest is kept as trivia.

mod arguments;
mod command;
mod heredoc;
mod lines;

use std::borrow::Cow;

use crate::base::{Code, Diagnostic, LineRange, Source, Span};

use super::ast::{Ast, Directive, Node, Trivia, TriviaKind, Warning};
use super::directive::{BYTE_ORDER_MARK, Reader};
use super::text::{self, Text};

pub(crate) use heredoc::parse_mark;
use lines::{Line, Lines};

/// Parses a Dockerfile.
pub fn parse(source: &Source) -> Ast {
    parse_bytes(&source.bytes)
}

/// Parses the bytes of a Dockerfile, or the text of a single trigger.
pub(crate) fn parse_bytes(bytes: &[u8]) -> Ast {
    let mut parser = Parser {
        lines: Lines::new(bytes),
        directives: Reader::default(),
        escape: b'\\',
        comments: Vec::new(),
        ast: Ast { nodes: Vec::new(), escape: '\\', directives: Vec::new(), trivia: Vec::new(), warnings: Vec::new(), error: None },
    };
    let result = parser.run();
    let Parser { lines, mut ast, escape, .. } = parser;
    ast.escape = char::from(escape);
    if let Err((message, at)) = result {
        ast.error = Some(Diagnostic::error(Code::Parse, message, at));
        let read = lines.position().max(ast.nodes.last().map_or(0, |node| node.span.end));
        if (read as usize) < bytes.len() {
            ast.trivia.push(Trivia { kind: TriviaKind::Unread, span: Span { start: read, end: lines::offset(bytes.len()) } });
        }
    }
    ast
}

/// A message and the lines that BuildKit reports.
type Failure = (String, Vec<LineRange>);

struct Parser<'a> {
    lines: Lines<'a>,
    directives: Reader,
    escape: u8,
    comments: Vec<Text>,
    ast: Ast,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), Failure> {
        while let Some(line) = self.lines.next() {
            let line = self.without_byte_order_mark(line);
            self.line(line)?;
        }
        let here = vec![LineRange::line(self.lines.count())];
        if self.ast.nodes.is_empty() {
            return Err(("file with no instructions".into(), here));
        }
        if self.lines.is_too_long() {
            return Err((format!("dockerfile line greater than max allowed size of {}", lines::MAX_LINE), here));
        }
        Ok(())
    }

    fn without_byte_order_mark(&mut self, mut line: Line<'a>) -> Line<'a> {
        if line.number == 1
            && let Some(rest) = line.text.strip_prefix(BYTE_ORDER_MARK)
        {
            self.trivia(TriviaKind::ByteOrderMark, Span { start: 0, end: 3 });
            (line.text, line.start) = (rest, 3);
        }
        line
    }

    /// A line at the top level: blank, a comment, a directive, or the first of an instruction.
    fn line(&mut self, line: Line<'a>) -> Result<(), Failure> {
        let body = text::trim_start(line.body());
        if body.first() == Some(&b'#') || !self.directives.is_done() {
            let is_directive = self.directive(body, &line)?;
            if body.first() == Some(&b'#') {
                if !is_directive {
                    self.comment(&line);
                }
                return Ok(());
            }
        }
        let (first, continued) = self.without_continuation(body);
        if !continued && first.is_empty() {
            self.trivia(TriviaKind::Blank, line.span());
            return Ok(());
        }
        let indent = lines::offset(line.body().len() - body.len());
        let span = Span { start: line.start + indent, end: line.span().end };
        self.instruction(first, continued, line.number, span)
    }

    /// A comment above an instruction describes it; an empty one parts what is above from what is below.
    fn comment(&mut self, line: &Line) {
        self.trivia(TriviaKind::Comment, line.span());
        // BuildKit drops the first byte, whatever it is: an indented comment keeps its `#`.
        let comment = text::trim(line.text.get(1..).unwrap_or_default());
        if comment.is_empty() {
            self.comments.clear();
        } else {
            self.comments.push(comment.into());
        }
    }

    fn directive(&mut self, body: &[u8], line: &Line) -> Result<bool, Failure> {
        // An error in a directive is reported at the line before it.
        let failed = |message| (message, vec![LineRange::line(line.number - 1)]);
        let Some((name, value)) = self.directives.read(body, b"#").map_err(failed)? else { return Ok(false) };
        if name == "escape" {
            match value.as_bytes() {
                [token @ (b'\\' | b'`')] => self.escape = *token,
                _ => return Err(failed(format!("invalid escape token '{}' does not match ` or \\", value.to_str()))),
            }
        }
        self.ast.directives.push(Directive { name, value, line: line.number, span: line.span() });
        Ok(true)
    }

    fn instruction(&mut self, first: &'a [u8], mut continued: bool, start_line: u32, mut span: Span) -> Result<(), Failure> {
        let mut logical = Cow::Borrowed(first);
        let mut has_empty_line = false;
        while continued {
            let Some(line) = self.lines.next() else { break };
            span.end = line.span().end;
            let blanks_dropped = text::trim_start(line.text);
            if blanks_dropped.first() == Some(&b'#') {
                self.trivia(TriviaKind::Comment, line.span());
                continue;
            }
            if blanks_dropped.is_empty() {
                has_empty_line = true;
                self.trivia(TriviaKind::Blank, line.span());
                continue;
            }
            let (part, more) = self.without_continuation(line.body());
            continued = more;
            logical.to_mut().extend_from_slice(part);
        }
        if has_empty_line {
            let message = format!("Empty continuation line found in: {}", text::to_str(&logical));
            self.ast.warnings.push(Warning { message, line: self.lines.count() });
        }
        let node = command::node(&logical, self.escape);
        let mut node = node.map_err(|message| (message, ranges(start_line, self.lines.count())))?;
        self.heredocs(&mut node, start_line, &mut span)?;
        node.comments = std::mem::take(&mut self.comments);
        (node.start_line, node.end_line, node.span) = (start_line, self.lines.count(), span);
        self.ast.nodes.push(node);
        Ok(())
    }

    /// The bodies of all heredocs that the logical line opens, one after the other.
    fn heredocs(&mut self, node: &mut Node, start_line: u32, span: &mut Span) -> Result<(), Failure> {
        if !heredoc::may_open(node) {
            return Ok(());
        }
        let marks = heredoc::marks(node.original.as_bytes());
        for mut heredoc in marks.map_err(|message| (message, ranges(start_line, self.lines.count())))? {
            let start = self.lines.position();
            let mut content = Vec::new();
            loop {
                let Some(line) = self.lines.next() else {
                    return Err(("unterminated heredoc".into(), ranges(start_line, self.lines.count())));
                };
                span.end = line.span().end;
                if heredoc::ends(&heredoc, line.body()) {
                    heredoc.span = Span { start, end: line.start };
                    break;
                }
                content.extend_from_slice(line.text);
            }
            heredoc.content = content.as_slice().into();
            node.heredocs.push(heredoc);
        }
        Ok(())
    }

    /// `([^\\])\\[ \t]*$|^\\[ \t]*$`: the line without an escape token at its end, and whether there was one.
    fn without_continuation<'b>(&self, line: &'b [u8]) -> (&'b [u8], bool) {
        let end = line.iter().rposition(|b| !matches!(b, b' ' | b'\t')).map_or(0, |last| last + 1);
        match line[..end].strip_suffix(&[self.escape]) {
            Some(rest) if rest.last() != Some(&self.escape) => (rest, true),
            _ => (line, false),
        }
    }

    fn trivia(&mut self, kind: TriviaKind, span: Span) {
        if span.start < span.end {
            self.ast.trivia.push(Trivia { kind, span });
        }
    }
}

/// BuildKit's `toRanges`: each line a range.
fn ranges(start: u32, end: u32) -> Vec<LineRange> {
    (start..=end.max(start)).map(LineRange::line).collect()
}
