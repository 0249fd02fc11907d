//! COPY

use super::add::{SourcesAndDest, at_least_two, sources_and_dest};
use super::flags::{self, Flags};
use super::request::Request;

/// COPY
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Copy {
    pub sources: SourcesAndDest,
    pub from: String,
    pub chown: String,
    pub chmod: String,
    pub link: bool,
    pub parents: bool,
    pub exclude: Vec<String>,
}

/// COPY
pub(super) fn copy(request: &Request) -> Result<Copy, String> {
    let words = at_least_two(request, "COPY")?;
    let flags = Flags::read(request.node, flags::known("copy"))?;
    Ok(Copy {
        sources: sources_and_dest(request, words, "COPY")?,
        from: flags.text("from"),
        chown: flags.text("chown"),
        chmod: flags.text("chmod"),
        link: flags.bool("link").unwrap_or(false),
        parents: flags.bool("parents").unwrap_or(false),
        exclude: flags.all("exclude"),
    })
}
