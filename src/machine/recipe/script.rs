//! Installers: scripts that were downloaded, and that recipes know by where they came from.

use super::super::Process;
use super::engine;
use crate::machine::Fidelity;
use crate::machine::tools::download::url_of;
use crate::world::recipe;

/// How much of a script is looked at.
const HEAD: usize = 4096;

/// Answers for a script with this text, run with `args`; `None`: nothing is known of it. Recipes call it by its URL without the
/// scheme, by its file's name, by its host, or by what the file's name begins with (`Miniconda3-installer`).
pub fn installer(process: &mut Process, text: &[u8], args: &[String]) -> Option<i32> {
    let url = url_of(text)?;
    let after = url.split_once("://").map_or(url.as_str(), |(_, after)| after);
    let place = after.split(['?', '#']).next().unwrap_or(after).trim_end_matches('/');
    let ends = (place.rsplit('/').next(), place.split('/').next());
    let kind = ends.0.and_then(|file| file.split(['-', '_']).next()).map(|kind| format!("{kind}-installer"));
    let names = [Some(place), ends.0, ends.1, kind.as_deref()];
    let name = names.into_iter().flatten().find(|name| recipe::known(name, &process.system.project.recipes))?.to_owned();
    let call = std::iter::once(&name).chain(args).cloned().collect();
    let before = std::mem::replace(&mut process.args, call);
    let status = engine::run(process, &name, &name);
    process.args = before;
    process.system.report(&name, Fidelity::Modelled);
    status
}

/// Answers for an interpreter that is given such a script, as a file or on its standard input.
pub fn interpreted(process: &mut Process, name: &str) -> Option<i32> {
    if !["python", "php"].iter().any(|interpreter| name.starts_with(interpreter)) {
        return None;
    }
    let at = 1 + process.args.iter().skip(1).position(|word| matches!(word.as_str(), "-" | "--") || !word.starts_with('-')).unwrap_or(0);
    let args = process.args.get(at + 1..).unwrap_or(&[]).to_vec();
    let file = process.args.get(at).filter(|word| !word.starts_with('-')).cloned();
    match file {
        Some(file) => {
            let head = process.content(&file).ok()?.head(HEAD as u64);
            installer(process, &head, &args)
        }
        None => {
            let head = process.read_fd(0, HEAD);
            let status = installer(process, &head, &args);
            if status.is_none() {
                process.unread_fd(0, head.len());
            }
            status
        }
    }
}
