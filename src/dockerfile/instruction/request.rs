//! A node made ready for reading: words as text, and the errors that instructions share.

use std::borrow::Cow;

use super::super::ast::{self, Node};
use super::super::text;
use super::command::Heredoc;

/// BuildKit's `parseRequest`.
pub(super) struct Request<'a> {
    /// The node.
    pub node: &'a Node,
    /// Its words.
    pub args: Vec<Cow<'a, str>>,
    /// Its comments.
    pub comments: Vec<String>,
}

impl<'a> Request<'a> {
    pub fn new(node: &'a Node) -> Self {
        let comments = node.comments.iter().map(|text| text.to_str().into_owned()).collect();
        Self { node, args: node.args.iter().map(text::Text::to_str).collect(), comments }
    }

    /// The logical line without blanks around.
    pub fn text(&self) -> String {
        text::to_str(text::trim(self.node.original.as_bytes())).into_owned()
    }

    pub fn exactly_one(&self, name: &str) -> Result<String, String> {
        match self.args.as_slice() {
            [word] => Ok(word.clone().into_owned()),
            _ => Err(format!("{name} requires exactly one argument")),
        }
    }

    pub fn at_least_one(&self, name: &str) -> Result<(), String> {
        if self.args.is_empty() { Err(format!("{name} requires at least one argument")) } else { Ok(()) }
    }

    /// The words of an exec form, or the text of a shell form as one word.
    pub fn command_words(&self, args: &[Cow<str>]) -> Vec<String> {
        if self.node.json || args.is_empty() { owned(args) } else { vec![args.join(" ")] }
    }

    /// The description of a stage or an ARG in the comments above: `# name description`.
    pub fn description(&self, name: &str) -> String {
        let described = |line: &String| Some(line.strip_prefix(name)?.strip_prefix(' ')?.to_owned());
        if name.is_empty() { String::new() } else { self.comments.iter().find_map(described).unwrap_or_default() }
    }

    pub fn heredocs(&self) -> Vec<Heredoc> {
        self.node.heredocs.iter().map(heredoc).collect()
    }
}

/// Words of their own.
pub(super) fn owned(words: &[Cow<str>]) -> Vec<String> {
    words.iter().map(|word| word.clone().into_owned()).collect()
}

pub(super) fn heredoc(heredoc: &ast::Heredoc) -> Heredoc {
    Heredoc {
        name: heredoc.name.to_str().into_owned(),
        fd: u32::try_from(heredoc.fd).unwrap_or(u32::MAX),
        expand: heredoc.expand,
        chomp: heredoc.chomp,
        content: heredoc.content.to_str().into_owned(),
    }
}
