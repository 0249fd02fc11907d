//! FROM: the beginning of a stage.

use std::borrow::Cow;

use crate::base::go;

use super::super::text;
use super::Stage;
use super::flags::{self, Flags};
use super::lower::FactKind;
use super::request::Request;

/// The stage that a FROM opens.
pub(super) fn from(request: &Request) -> Result<Stage, String> {
    let name = stage_name(&request.args)?;
    let flags = Flags::read(request.node, flags::known("from"))?;
    Ok(Stage {
        doc_comment: request.description(&name),
        name,
        keyword: request.node.keyword.to_str().into_owned(),
        as_keyword: request.args.get(1).cloned().unwrap_or_default().into_owned(),
        base_name: request.args[0].clone().into_owned(),
        platform: flags.text("platform"),
        comments: request.comments.clone(),
        text: request.text(),
        lines: request.node.lines(),
        span: request.node.span,
        instructions: Vec::new(),
    })
}

/// What linters say about the letters of a FROM, right or wrong.
pub(super) fn casing(request: &Request) -> Vec<FactKind> {
    let mut facts = Vec::new();
    if let [_, _, name] = request.args.as_slice()
        && **name != text::to_lower(name)
    {
        facts.push(FactKind::StageNameCasing { name: name.clone().into_owned() });
    }
    let from = request.node.keyword.to_str();
    if let [_, word, _, ..] = request.args.as_slice() {
        let differs = if *from == text::to_lower(&from) {
            **word != text::to_lower(word)
        } else {
            *from == text::to_upper(&from) && **word != text::to_upper(word)
        };
        if differs {
            facts.push(FactKind::FromAsCasing { from: from.clone().into_owned(), word: word.clone().into_owned() });
        }
    }
    facts
}

fn stage_name(args: &[Cow<str>]) -> Result<String, String> {
    match args {
        [_] => Ok(String::new()),
        [_, word, name] if text::equal_fold(word, "as") => {
            let lower = text::to_lower(name);
            let is_valid = lower.starts_with(|c: char| c.is_ascii_lowercase())
                && lower.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.'));
            let refuse = || format!("invalid name for build stage: {}, name can't start with a number or contain symbols", go::quote(name));
            is_valid.then_some(lower).ok_or_else(refuse)
        }
        _ => Err("FROM requires either one or three arguments".into()),
    }
}
