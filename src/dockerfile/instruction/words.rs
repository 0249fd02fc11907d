//! Instructions of a word or a few: EXPOSE, MAINTAINER, STOPSIGNAL, USER, VOLUME, WORKDIR.

use super::super::text;
use super::flags::{self, Flags};
use super::request::{Request, owned};

/// MAINTAINER, USER and WORKDIR.
pub(super) fn one(request: &Request, name: &str) -> Result<String, String> {
    let word = request.exactly_one(name)?;
    Flags::read(request.node, flags::NONE)?;
    Ok(word)
}

/// STOPSIGNAL; flags are ignored, whatever they are.
pub(super) fn stop_signal(request: &Request) -> Result<String, String> {
    request.exactly_one("STOPSIGNAL")
}

/// EXPOSE: sorted.
pub(super) fn expose(request: &Request) -> Result<Vec<String>, String> {
    request.at_least_one("EXPOSE")?;
    Flags::read(request.node, flags::NONE)?;
    let mut ports = owned(&request.args);
    crate::base::sort(&mut ports);
    Ok(ports)
}

/// VOLUME
pub(super) fn volume(request: &Request) -> Result<Vec<String>, String> {
    request.at_least_one("VOLUME")?;
    Flags::read(request.node, flags::NONE)?;
    let paths = request.args.iter().map(|path| {
        let path = text::to_str(text::trim(path.as_bytes())).into_owned();
        if path.is_empty() { Err("VOLUME specified can not be an empty string".to_owned()) } else { Ok(path) }
    });
    paths.collect()
}
