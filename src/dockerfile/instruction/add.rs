//! ADD, and the sources and destination that it shares with COPY.

use std::borrow::Cow;

use super::super::parser::parse_mark;
use super::command::Heredoc;
use super::flags::{self, Flags};
use super::request::Request;

/// ADD
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Add {
    pub sources: SourcesAndDest,
    pub chown: String,
    pub chmod: String,
    pub link: bool,
    pub exclude: Vec<String>,
    pub keep_git_dir: Option<bool>,
    pub checksum: String,
    pub unpack: Option<bool>,
}

/// Sources and destination of ADD and COPY, unexpanded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourcesAndDest {
    /// Paths, URLs.
    pub paths: Vec<String>,
    /// Heredocs as sources.
    pub contents: Vec<Heredoc>,
    /// The destination.
    pub dest: String,
}

/// ADD
pub(super) fn add(request: &Request) -> Result<Add, String> {
    let words = at_least_two(request, "ADD")?;
    let flags = Flags::read(request.node, flags::known("add"))?;
    Ok(Add {
        sources: sources_and_dest(request, words, "ADD")?,
        chown: flags.text("chown"),
        chmod: flags.text("chmod"),
        link: flags.bool("link").unwrap_or(false),
        exclude: flags.all("exclude"),
        keep_git_dir: flags.bool("keep-git-dir"),
        checksum: flags.text("checksum"),
        unpack: flags.bool("unpack"),
    })
}

/// The sources and the destination.
pub(super) fn at_least_two<'a>(request: &'a Request, name: &str) -> Result<(&'a [Cow<'a, str>], &'a str), String> {
    match request.args.as_slice() {
        [sources @ .., dest] if !sources.is_empty() => Ok((sources, dest)),
        _ => Err(format!("{name} requires at least two arguments, but only one was provided. Destination could not be determined")),
    }
}

/// Tells the heredocs among the sources from the paths.
pub(super) fn sources_and_dest(request: &Request, (sources, dest): (&[Cow<str>], &str), name: &str) -> Result<SourcesAndDest, String> {
    if parse_mark(dest).is_some() {
        return Err(format!("{name} cannot accept a heredoc as a destination"));
    }
    let heredocs = request.heredocs();
    let mut found = SourcesAndDest { dest: dest.to_owned(), ..SourcesAndDest::default() };
    for source in sources {
        let Some(mark) = parse_mark(source) else {
            found.paths.push(source.clone().into_owned());
            continue;
        };
        let name = mark.name.to_str().into_owned();
        let content = heredocs.iter().rev().find(|heredoc| heredoc.name == name).map(|heredoc| heredoc.content.clone());
        let fd = u32::try_from(mark.fd).unwrap_or(u32::MAX);
        let heredoc = Heredoc { name, fd, expand: mark.expand, chomp: mark.chomp, content: content.unwrap_or_default() };
        found.contents.push(Heredoc { content: heredoc.body(), ..heredoc });
    }
    Ok(found)
}
