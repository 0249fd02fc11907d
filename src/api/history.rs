//! `docker buildx history`: the builds of this page. An ID may be `^0` for the newest, `^1` for the one before.

use super::playground::Build;
use crate::base::VirtualTime;
use crate::base::go::{join_path, rfc3339};
use crate::build::CANCELED;
use crate::docker::command::ContextPlace;
use crate::docker::commands::Reply;
use crate::docker::commands::verbs::{Command, Verb};
use crate::docker::flags::Parsed;
use crate::docker::progress::rawjson;
use crate::docker::simulate;
use crate::docker::table::table;
use crate::docker::units::ago;

/// Where the project's files are.
const PROJECT: &str = "/project";

/// Does one of them. `now`: wall-clock milliseconds.
pub(super) fn history(command: &Command, words: &[String], builds: &mut Vec<Build>, now: f64) -> Reply {
    let reply = command.read(words).and_then(|parsed| match command.verb {
        Verb::BuildLogs => find(builds, &parsed).map(|at| logs(&builds[at], &parsed)),
        Verb::BuildInspect => find(builds, &parsed).map(|at| Reply::ok(inspected(&builds[at], parsed.args.is_empty()))),
        Verb::BuildRemove => remove(builds, &parsed),
        _ => Ok(list(builds, &parsed, now)),
    });
    reply.unwrap_or_else(|failed| failed)
}

/// The place of the build that is named; of the newest if none is.
fn find(builds: &[Build], parsed: &Parsed) -> Result<usize, Reply> {
    let found = match parsed.args.first() {
        None => builds.len().checked_sub(1),
        Some(id) => match id.strip_prefix('^') {
            Some(back) => back.parse::<usize>().ok().and_then(|back| builds.len().checked_sub(back.saturating_add(1))),
            None => builds.iter().rposition(|build| build.id.to_string() == *id),
        },
    };
    found.ok_or_else(|| Reply::fail("ERROR: no record found\n", 1))
}

/// The newest first.
fn list(builds: &[Build], parsed: &Parsed, now: f64) -> Reply {
    if parsed.is("quiet") {
        return Reply::ok(builds.iter().rev().map(|build| format!("{}\n", build.id)).collect::<String>());
    }
    let mut rows = vec![["BUILD ID", "NAME", "STATUS", "CREATED AT", "DURATION"].map(str::to_owned).to_vec()];
    rows.extend(builds.iter().rev().map(|build| {
        let created = ago(((now - build.began) / 1000.0) as i64);
        let outcome = &build.simulation.outcome;
        let status = if outcome.result.is_ok() { "Completed" } else { "Error" };
        vec![build.id.to_string(), name(build), status.into(), created, duration(outcome.elapsed)]
    }));
    Reply::ok(table(&rows))
}

/// The progress of a build, on stderr as buildx prints it.
fn logs(build: &Build, parsed: &Parsed) -> Reply {
    let stderr = match parsed.last("progress") {
        Some("rawjson") => rawjson(&build.simulation.outcome, (build.began * 1e6) as i64),
        _ => simulate::plain_text(&build.simulation, ""),
    };
    Reply { stderr, ..Reply::default() }
}

/// Forgets a build, or `--all`.
fn remove(builds: &mut Vec<Build>, parsed: &Parsed) -> Result<Reply, Reply> {
    if parsed.is("all") {
        builds.clear();
        return Ok(Reply::default());
    }
    let at = find(builds, parsed)?;
    Ok(Reply::ok(format!("{}\n", builds.remove(at).id)))
}

/// What buildx says of a build; of one that was not named also which it is.
fn inspected(build: &Build, unnamed: bool) -> String {
    let outcome = &build.simulation.outcome;
    let request = &build.simulation.request;
    let vertices = || outcome.steps.iter().filter(|step| step.vertex.is_some());
    let (cached, all) = (vertices().filter(|step| step.result.cached).count(), vertices().count());
    let done = vertices().filter(|step| step.result.tree.is_some() || step.result.cached).count();
    let began = rfc3339((build.began / 1000.0) as i64).replace('T', " ").replace('Z', "");
    let id = if unnamed { format!("Ref:\t\t{}\n", build.id) } else { String::new() };
    let mut out = format!("Name:\t\t{}\n{id}Context:\t.\nDockerfile:\t{}\n", name(build), request.dockerfile.name);
    if let Some(target) = &request.target {
        out.push_str(&format!("Target:\t\t{target}\n"));
    }
    let percent = (cached * 100).checked_div(all).unwrap_or(0);
    let ended = match &outcome.result {
        Ok(_) => String::new(),
        Err(error) if error.message == CANCELED => "Status:\t\tCanceled\n".to_owned(),
        Err(error) => format!("Error:\t\tUnknown {}\n", error.message),
    };
    out.push_str(&format!(
        "\nStarted:\t{began}\nDuration:\t{}\n{ended}Build Steps:\t{done}/{all} ({percent}% cached)\n",
        duration(outcome.elapsed)
    ));
    if !request.build_args.is_empty() {
        out.push_str("\nBUILD ARG\tVALUE\n");
        request.build_args.iter().for_each(|(name, value)| out.push_str(&format!("{name}\t{value}\n")));
    }
    out + &format!("\nPrint build logs: docker buildx history logs {}\n", build.id)
}

fn name(build: &Build) -> String {
    match build.simulation.request.build_args.get("BUILDKIT_BUILD_NAME").filter(|name| !name.is_empty()) {
        Some(name) => name.clone(),
        None => place(&build.command.context, build.command.file.as_deref(), build.command.target.as_deref()),
    }
}

/// What buildx calls a build: its context's folder, the Dockerfile if that is another one, the target.
fn place(context: &ContextPlace, file: Option<&str>, target: Option<&str>) -> String {
    let file = file.filter(|file| *file != "-").map(|file| join_path(PROJECT, file));
    let file = file.as_deref().map(|file| file.strip_suffix("/Dockerfile").unwrap_or(file));
    let place = match context {
        ContextPlace::Remote(url) => url.clone(),
        ContextPlace::Folder(folder) => {
            let folder = join_path(PROJECT, folder);
            let before = folder.rfind('/').map_or(0, |at| at + 1);
            match file.filter(|file| file.starts_with(&folder) && file.len() > folder.len()) {
                Some(file) => file[before..].to_owned(),
                None => folder[before..].to_owned(),
            }
        }
        ContextPlace::Stdin => String::new(),
    };
    match target {
        Some(target) if place.is_empty() => target.to_owned(),
        Some(target) => format!("{place} ({target})"),
        None => place,
    }
}

/// `1.2s`, `3m  4s`.
fn duration(elapsed: VirtualTime) -> String {
    let seconds = elapsed.as_secs();
    if seconds < 60 { format!("{:.1}s", elapsed.as_secs_f64()) } else { format!("{}m {:2}s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_are_named_by_where_they_come_from() {
        let folder = |path: &str| ContextPlace::Folder(path.into());
        assert_eq!(place(&folder("."), None, None), "project");
        assert_eq!(place(&folder("sub"), Some("sub/Dockerfile"), None), "sub");
        assert_eq!(place(&folder("."), Some("sub/Dockerfile"), Some("app")), "project/sub (app)");
        assert_eq!(place(&folder("."), Some("Dockerfile.dev"), None), "project/Dockerfile.dev");
        assert_eq!(place(&ContextPlace::Remote("https://example.test/a.git".into()), None, None), "https://example.test/a.git");
        assert_eq!(place(&ContextPlace::Stdin, Some("-"), Some("app")), "app");
    }
}
