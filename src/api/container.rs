//! `docker run`: containers, and the shell in one that lines go to.

use super::playground::Playground;
use super::terminal::plain;
use super::types::{CommandView, Proposals, ShellView};
use crate::docker::client::surroundings;
use crate::docker::commands::Reply;
use crate::docker::commands::run::{self, Run};
use crate::docker::reference::normalize;
use crate::image::Image;
use crate::machine::Session;
use crate::machine::shell::session::Response;
use crate::world::World;

/// Runs a container of an image that was built or loaded here, or of the catalogue's. `now`: wall-clock milliseconds.
pub(super) fn run(playground: &mut Playground, words: &[String], now: f64) -> CommandView {
    let container = match run::container(words, &playground.project.env) {
        Ok(container) => container,
        Err(reply) => return plain(reply),
    };
    let world = match surroundings(playground.project.tree(""), playground.images()) {
        Ok(world) => world,
        Err(error) => return plain(Reply::fail(format!("docker: {error}\n"), 125)),
    };
    let Some((image, notice)) = image(playground, &world, &container.image) else { return plain(run::no_image(&container.image)) };
    playground.containers += 1;
    let mut view = match run::run(&container, &image, &world, playground.containers, (now * 1e6) as i64) {
        Run::Done(reply) => plain(reply),
        Run::Shell(mut session) => {
            let shell = ShellView { output: String::new(), prompt: session.prompt(), exit_code: None, elapsed_ms: 0.0 };
            playground.shell = Some(session);
            CommandView { shell: Some(shell), ..plain(Reply::default()) }
        }
    };
    view.stderr.insert_str(0, &notice);
    view
}

/// The image of this name, and what the client says on finding it elsewhere.
fn image(playground: &mut Playground, world: &World, name: &str) -> Option<(Image, String)> {
    if let Some(stored) = playground.store.find(name) {
        return Some((stored.image.clone(), String::new()));
    }
    let full = normalize(name).ok()?;
    if let Some(image) = playground.bases.get(&full) {
        return Some((image.clone(), String::new()));
    }
    let image = world.images.image(&full)?;
    // The project's own may change at any time.
    if playground.made.image(&full).is_some_and(|known| known.digest == image.digest) {
        playground.bases.insert(full, image.clone());
    }
    Some((image, run::pulled(name)))
}

/// Does something with the shell that is open.
pub(super) fn shell(playground: &mut Playground, act: impl FnOnce(&mut Session) -> Response) -> ShellView {
    let Some(session) = &mut playground.shell else {
        return ShellView { output: String::new(), prompt: String::new(), exit_code: Some(0), elapsed_ms: 0.0 };
    };
    let response = act(session);
    if response.exited.is_some() {
        playground.shell = None;
    }
    ShellView {
        output: response.output.iter().map(|line| String::from_utf8_lossy(&line.data)).collect(),
        prompt: response.prompt,
        exit_code: response.exited,
        elapsed_ms: super::view::ms(crate::base::VirtualTime::from_secs_f64(response.elapsed.as_secs_f64())),
    }
}

/// Proposals for the last word of the line, if a shell is open.
pub(super) fn words(playground: &mut Playground, line: &str) -> Option<Proposals> {
    let proposals = playground.shell.as_mut()?.complete(line, line.len());
    Some(Proposals { from: line[..proposals.start].encode_utf16().count() as u32, words: proposals.words })
}
