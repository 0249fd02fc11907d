//! ONBUILD: the text of another instruction, kept for the image's children.

use super::super::text;
use super::flags::{self, Flags};
use super::request::Request;

/// The trigger's text, heredocs included.
pub(super) fn onbuild(request: &Request) -> Result<String, String> {
    let Some(trigger) = &request.node.trigger else { return Err("ONBUILD requires at least one argument".into()) };
    Flags::read(request.node, flags::NONE)?;
    let name = text::to_upper(&trigger.keyword.to_str());
    match name.as_str() {
        "ONBUILD" => return Err("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".into()),
        "MAINTAINER" | "FROM" => return Err(format!("{name} isn't allowed as an ONBUILD trigger")),
        _ => {}
    }
    let original = request.node.original.to_str();
    let is_blank = |c: char| matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ');
    let start = original.trim_start_matches(is_blank);
    let mut expression = match start.get(..7) {
        Some(word) if word.eq_ignore_ascii_case("onbuild") => start[7..].trim_start_matches(is_blank).to_owned(),
        _ => original.into_owned(),
    };
    for heredoc in request.heredocs() {
        expression.push('\n');
        expression.push_str(&heredoc.content);
        expression.push_str(&heredoc.name);
    }
    Ok(expression)
}
