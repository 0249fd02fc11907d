//! Titles of steps: `[linux/amd64->arm64 build 2/4] RUN …`. BuildKit's `prefixCommand`.

use std::fmt::Write;

use super::state::State;
use crate::base::Case;
use crate::dockerfile::expand::Lex;
use crate::image::Platform;

/// Counts a step and puts its place before `text`.
pub(crate) fn prefixed(state: &mut State<'_>, text: &str, multi: bool, platform: Option<&Platform>, env: &[(String, String)]) -> String {
    if state.steps == 0 {
        return text.to_owned();
    }
    state.step += 1;
    let mut out = String::with_capacity(text.len() + state.title.len() + 32);
    out.push('[');
    if let Some(platform) = platform.filter(|_| multi) {
        out.push_str(&platform.format_all());
        out.push_str(&arrow(platform, env));
        out.push(' ');
    }
    if !state.title.is_empty() {
        out.push_str(&state.title);
        out.push(' ');
    }
    let width = state.steps.ilog10() as usize + 1;
    // A string takes all that is written to it.
    let _ = write!(out, "{:width$}/{}] ", state.step, state.steps);
    if state.is_onbuild {
        out.push_str("ONBUILD ");
    }
    out.push_str(text);
    out
}

/// An instruction's text with its variables expanded and its keyword in capitals.
pub(crate) fn instruction(lex: Lex, text: &str, env: &[(String, String)]) -> String {
    let mut text = lex.process_word(text, env).unwrap_or_else(|_| text.to_owned());
    let end = text.find(' ').unwrap_or(text.len());
    if let Some(keyword) = text.get(..end).filter(|keyword| *keyword != keyword.to_ascii_uppercase() || !keyword.is_ascii()) {
        text.replace_range(..end, &keyword.upper());
    }
    text
}

/// `->arm64`: what a step compiles for if that is not what it runs on.
fn arrow(base: &Platform, env: &[(String, String)]) -> String {
    let Some(mut target) = target(env) else { return String::new() };
    if target.os.is_empty() {
        target.os.clone_from(&base.os);
    }
    if target.architecture.is_empty() {
        target.architecture.clone_from(&base.architecture);
    }
    let target = target.normalize();
    match () {
        () if target.os != base.os => format!("->{}", target.format_all()),
        () if target.architecture == base.architecture => String::new(),
        () if target.variant.is_empty() => format!("->{}", target.architecture),
        () => format!("->{}/{}", target.architecture, target.variant),
    }
}

fn target(env: &[(String, String)]) -> Option<Platform> {
    let mut platform = Platform { os: String::new(), architecture: String::new(), variant: String::new(), os_version: String::new() };
    let mut is_set = false;
    for (key, value) in env {
        match key.as_str() {
            "TARGETPLATFORM" => match Platform::parse(value) {
                Ok(platform) => return Some(platform),
                Err(_) => continue,
            },
            "TARGETOS" => platform.os.clone_from(value),
            "TARGETARCH" => platform.architecture.clone_from(value),
            "TARGETVARIANT" => platform.variant.clone_from(value),
            _ => continue,
        }
        is_set = true;
    }
    is_set.then_some(platform)
}
