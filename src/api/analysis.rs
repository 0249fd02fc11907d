//! What the engine says of a Dockerfile while it is typed.

use super::places::Places;
use super::playground::Playground;
use super::project::ProjectClient;
use super::stages::{stages, steps};
use super::types::{Analysis, Hover, Token};
use super::{assist, variables, view};
use crate::base::Source;
use crate::docker::client::{prepare, surroundings};
use crate::docker::command::{BuildCommand, parse_build};
use crate::docker::words::split_line;
use crate::dockerfile::{self, TokenKind};
use crate::plan::{self, Request};
use crate::world::World;

/// Tokens, remarks, variables, stages and steps.
pub fn analyze(playground: &Playground, source: &Source, line: &str) -> Analysis {
    let places = Places::new(&source.bytes);
    let command = command(playground, line);
    let (request, world) = question(playground, source, command.as_ref());
    let inspection = plan::inspect(&request, &world);
    let token = |(span, kind): (_, TokenKind)| {
        let range = places.span(span);
        Token { from: range.from, to: range.to, kind: kind.name().to_owned() }
    };
    let tokens = dockerfile::highlight_parsed(source, &inspection.ast).into_iter().map(token).collect();
    let stages = stages(&inspection.dockerfile, request.target.as_deref().unwrap_or_default());
    Analysis {
        tokens,
        remarks: inspection.remarks.iter().map(|remark| view::remark(remark, &places)).collect(),
        variables: inspection.variables.iter().map(|found| variables::view(found, &places)).collect(),
        stages,
        steps: steps(&inspection.dockerfile),
    }
}

/// What is to be said of the word at a place (UTF-16 units): of a variable its value and where that comes from.
pub fn hover(playground: &Playground, source: &Source, at: u32, line: &str) -> Option<Hover> {
    let places = Places::new(&source.bytes);
    let byte = places.byte(at);
    let (request, world) = question(playground, source, command(playground, line).as_ref());
    let found = plan::inspect(&request, &world).variables.into_iter().find(|found| found.span.start <= byte && byte < found.span.end);
    match found {
        Some(found) => Some(variables::hover(&found, &places)),
        None => assist::hover(source, at),
    }
}

/// The `docker build …` of a line; `None` if it is none or not a right one.
fn command(playground: &Playground, line: &str) -> Option<BuildCommand> {
    let words = split_line(line, &playground.project.env).ok()?.words;
    let words: Vec<String> = words.into_iter().skip_while(|word| word != "build" && word != "b").skip(1).collect();
    parse_build(&words).ok()
}

/// What would be built, and from what. A line that cannot be carried out is as good as none.
fn question(playground: &Playground, source: &Source, command: Option<&BuildCommand>) -> (Request, World) {
    let client = ProjectClient { project: &playground.project, images: playground.images() };
    let prepared = command.and_then(|command| prepare(command, &client).ok());
    let (request, world) = prepared.unwrap_or_else(|| {
        let (files, images) = (playground.project.tree(""), playground.images());
        // A wrong bottleship.json is told where it is used.
        let world = surroundings(files.clone(), images.clone()).unwrap_or_else(|_| World::local(files, images));
        (Request::of(source.clone()), world)
    });
    (Request { dockerfile: source.clone(), ..request }, world)
}
