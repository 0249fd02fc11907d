//! `docker run`: an image and words to a process of the machine, and what docker says of its end.

use std::collections::BTreeMap;

use super::{Reply, Usage, read_until};
use crate::base::Digest;
use crate::docker::flags::{Flag, list, switch, text};
use crate::image::Image;
use crate::machine::{self, Invocation, Network, Session, Status, Stream};
use crate::world::World;

/// What `docker run` takes, as far as it matters to a process without a network; the rest is read and changes nothing.
pub(super) const FLAGS: &[Flag] = &[
    list("add-host", '\0', "Add a custom host-to-IP mapping (host:ip)"),
    list("cap-add", '\0', "Add Linux capabilities"),
    list("cap-drop", '\0', "Drop Linux capabilities"),
    text("cpus", '\0', "Number of CPUs"),
    switch("detach", 'd', "Run container in background and print container ID"),
    text("entrypoint", '\0', "Overwrite the default ENTRYPOINT of the image"),
    list("env", 'e', "Set environment variables"),
    list("expose", '\0', "Expose a port or a range of ports"),
    text("hostname", 'h', "Container host name"),
    switch("init", '\0', "Run an init inside the container that forwards signals and reaps processes"),
    switch("interactive", 'i', "Keep STDIN open even if not attached"),
    list("label", 'l', "Set meta data on a container"),
    text("memory", 'm', "Memory limit"),
    list("mount", '\0', "Attach a filesystem mount to the container"),
    text("name", '\0', "Assign a name to the container"),
    text("network", '\0', "Connect a container to a network"),
    text("platform", '\0', "Set platform if server is multi-platform capable"),
    switch("privileged", '\0', "Give extended privileges to this container"),
    list("publish", 'p', "Publish a container's port(s) to the host"),
    switch("publish-all", 'P', "Publish all exposed ports to random ports"),
    text("pull", '\0', "Pull image before running (\"always\", \"missing\", \"never\")"),
    switch("quiet", 'q', "Suppress the pull output"),
    switch("read-only", '\0', "Mount the container's root filesystem as read only"),
    text("restart", '\0', "Restart policy to apply when a container exits"),
    switch("rm", '\0', "Automatically remove the container and its associated anonymous volumes when it exits"),
    list("tmpfs", '\0', "Mount a tmpfs directory"),
    switch("tty", 't', "Allocate a pseudo-TTY"),
    text("user", 'u', "Username or UID (format: <name|uid>[:<group|gid>])"),
    list("volume", 'v', "Bind mount a volume"),
    text("workdir", 'w', "Working directory inside the container"),
];

pub(super) const USAGE: Usage = Usage { name: "docker run", arguments: "[OPTIONS] IMAGE [COMMAND] [ARG...]", count: (1, usize::MAX) };
const HELP: &str = "\n\nRun 'docker run --help' for more information\n";
/// Where programs are looked for if the image does not say.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A container that is to be.
pub struct Container {
    /// The image as it was named.
    pub image: String,
    /// `-d`: only the ID is printed.
    pub detached: bool,
    interactive: bool,
    tty: bool,
    entrypoint: Option<String>,
    env: Vec<String>,
    hostname: Option<String>,
    network: Network,
    user: Option<String>,
    workdir: Option<String>,
    words: Vec<String>,
}

/// What came of it.
pub enum Run {
    /// It ran to its end.
    Done(Reply),
    /// A shell waits for lines.
    Shell(Box<Session>),
}

/// Reads the words behind `docker run`.
pub fn container(words: &[String], env: &BTreeMap<String, String>) -> Result<Container, Reply> {
    let parsed = read_until(USAGE, FLAGS, words)?;
    let (image, words) = parsed.args.split_first().map_or((String::new(), Vec::new()), |(first, rest)| (first.clone(), rest.to_vec()));
    let text = |name: &str| parsed.last(name).map(str::to_owned);
    // `-e NAME` takes the value from the client's environment, if it has one.
    let given = parsed.all("env").iter().filter_map(|entry| match entry.contains('=') {
        true => Some(entry.clone()),
        false => env.get(entry).map(|value| format!("{entry}={value}")),
    });
    Ok(Container {
        image,
        detached: parsed.is("detach"),
        interactive: parsed.is("interactive"),
        tty: parsed.is("tty"),
        entrypoint: text("entrypoint"),
        env: given.collect(),
        hostname: text("hostname"),
        network: match parsed.last("network") {
            Some("none") => Network::None,
            Some("host") => Network::Host,
            _ => Network::Sandbox,
        },
        user: text("user"),
        workdir: text("workdir"),
        words,
    })
}

/// The image is neither here nor anywhere.
pub fn no_image(name: &str) -> Reply {
    let plain = name.split([':', '@']).next().unwrap_or(name);
    refuse(&format!(
        "pull access denied for {plain}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied"
    ))
}

/// What the client says when an image comes from elsewhere.
pub fn pulled(name: &str) -> String {
    let full = if name.contains(['@', ':']) { name.to_owned() } else { format!("{name}:latest") };
    let (plain, tag) = full.split_once([':', '@']).unwrap_or((&full, "latest"));
    let place = if plain.contains('/') { plain.to_owned() } else { format!("library/{plain}") };
    format!("Unable to find image '{full}' locally\n{tag}: Pulling from {place}\nStatus: Downloaded newer image for {full}\n")
}

fn refuse(why: &str) -> Reply {
    Reply::fail(format!("docker: Error response from daemon: {why}{HELP}"), 125)
}

/// Runs a container of an image in a world: what URLs give there, and the project's own packages and recipes. `id`: a number for it;
/// `now`: nanoseconds since 1970.
pub fn run(container: &Container, image: &Image, world: &World, id: u32, now: i64) -> Run {
    let config = &image.config.config;
    let entrypoint = match &container.entrypoint {
        Some(text) if text.is_empty() => Vec::new(),
        Some(text) => vec![text.clone()],
        None => config.entrypoint.clone(),
    };
    // An entrypoint of one's own takes the image's CMD away.
    let command = match container.words.is_empty() && container.entrypoint.is_none() {
        true => config.cmd.clone(),
        false => container.words.clone(),
    };
    let args = [entrypoint, command].concat();
    if args.is_empty() {
        return Run::Done(refuse("no command specified"));
    }
    let cwd = container.workdir.clone().or_else(|| Some(config.working_dir.clone())).filter(|w| !w.is_empty());
    let cwd = cwd.unwrap_or_else(|| "/".into());
    if !cwd.starts_with('/') {
        let text = format!("the working directory '{cwd}' is invalid, it needs to be an absolute path");
        return Run::Done(refuse(&text));
    }
    let name = Digest::of(format!("{} {id}", image.id()).as_bytes()).hex();
    let hostname = container.hostname.clone().unwrap_or_else(|| name.chars().take(12).collect());
    let invocation = Invocation {
        env: environment(container, &config.env, &hostname),
        cwd: cwd.clone(),
        user: container.user.clone().unwrap_or_else(|| config.user.clone()),
        hostname,
        network: container.network,
        remotes: world.remotes.clone(),
        project: world.project.clone(),
        now,
        ..Invocation::of(args, with_folder(&image.tree(), &cwd, now))
    };
    if container.interactive
        && container.tty
        && !container.detached
        && let Some(session) = Session::open(&invocation)
    {
        return Run::Shell(Box::new(session));
    }
    let done = ended(invocation, container.tty);
    Run::Done(if container.detached && done.exit_code != 125 { Reply::ok(format!("{name}\n")) } else { done })
}

/// Runs to the end.
fn ended(invocation: Invocation, tty: bool) -> Reply {
    let done = machine::run(invocation);
    if let Some(why) = done.refused {
        let code = match () {
            () if why.ends_with("executable file not found in $PATH") || why.ends_with("no such file or directory") => 127,
            () if why.ends_with("permission denied") || why.ends_with("is a directory") => 126,
            () => 125,
        };
        let text = format!(
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: {why}: unknown"
        );
        return Reply { exit_code: code, ..refuse(&text) };
    }
    let mut reply = Reply::default();
    for line in &done.output {
        // A terminal knows one stream.
        let to = if line.stream == Stream::Stdout || tty { &mut reply.stdout } else { &mut reply.stderr };
        to.push_str(&String::from_utf8_lossy(&line.data));
    }
    match done.status {
        Status::Exited(code) => reply.exit_code = code,
        Status::NotStarted(why) => return refuse(&why),
        Status::Exhausted(why) => {
            reply.stderr.push_str(&format!("bottleship: stopped: {why}\n"));
            reply.exit_code = 137;
        }
    }
    reply
}

/// PATH, HOSTNAME, TERM, then the image's variables and the caller's, the last of a name in the place of the first.
fn environment(container: &Container, image: &[String], hostname: &str) -> Vec<String> {
    let mut env = vec![PATH.to_owned(), format!("HOSTNAME={hostname}")];
    if container.tty {
        env.push("TERM=xterm".into());
    }
    for entry in image.iter().chain(&container.env) {
        let name = |entry: &str| entry.split('=').next().unwrap_or("").to_owned();
        match env.iter_mut().find(|known| name(known) == name(entry)) {
            Some(known) => known.clone_from(entry),
            None => env.push(entry.clone()),
        }
    }
    env
}

/// The tree with the working directory, which docker makes.
fn with_folder(tree: &crate::filesystem::Tree, path: &str, now: i64) -> crate::filesystem::Tree {
    use crate::filesystem::{ImagePath, Metadata};
    tree.make_directories(&ImagePath::new(path), &Metadata::root(0o755, now)).unwrap_or_else(|_| tree.clone())
}

#[cfg(test)]
mod tests {
    use super::super::samples::image_with;
    use super::*;

    fn nowhere() -> World {
        World::local(crate::filesystem::Tree::empty(), crate::world::Images::Store(BTreeMap::new(), crate::world::Made::default()))
    }

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[track_caller]
    fn check(line: &str, stdout: &str, stderr: &str, code: i32) {
        let container = match container(&words(line), &BTreeMap::new()) {
            Ok(container) => container,
            Err(reply) => return assert_eq!((reply.stdout.as_str(), reply.stderr.as_str(), reply.exit_code), (stdout, stderr, code)),
        };
        let image = image_with(&["/bin/cat", "/bin/echo", "/bin/env", "/bin/id", "/bin/pwd", "/bin/sh"], |config| {
            config.env = vec!["A=1".into()];
            config.cmd = vec!["echo".into(), "from".into(), "cmd".into()];
            config.working_dir = "/srv".into();
        });
        let Run::Done(reply) = run(&container, &image, &nowhere(), 1, 0) else { panic!("a shell") };
        assert_eq!((reply.stdout.as_str(), reply.stderr.as_str(), reply.exit_code), (stdout, stderr, code), "{line}");
    }

    #[test]
    fn cmd_arguments_and_entrypoint() {
        check("--rm img", "from cmd\n", "", 0);
        check("img echo --rm x", "--rm x\n", "", 0);
        check("--entrypoint /bin/cat img /etc/motd", "hello\n", "", 0);
        check(
            "--entrypoint= img",
            "",
            "docker: Error response from daemon: no command specified\n\nRun 'docker run --help' for more information\n",
            125,
        );
        check("img pwd", "/srv\n", "", 0);
        check("-w /new/place img pwd", "/new/place\n", "", 0);
        check("-u 7:8 img id -u", "7\n", "", 0);
    }

    #[test]
    fn environment_and_host_name() {
        let env = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOSTNAME=box\nA=2\nB=x\nHOME=/root\n";
        check("-h box -e A=2 -e B=x -e GONE img env", env, "", 0);
    }

    #[test]
    fn what_cannot_start() {
        let start = "docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ";
        let end = ": unknown\n\nRun 'docker run --help' for more information\n";
        let not_found = format!("{start}exec: \"nope\": executable file not found in $PATH{end}");
        check("img nope", "", &not_found, 127);
        let no_file = format!("{start}exec: \"/nope\": stat /nope: no such file or directory{end}");
        check("img /nope", "", &no_file, 127);
        let denied = format!("{start}exec: \"/etc/motd\": permission denied{end}");
        check("img /etc/motd", "", &denied, 126);
        let user = "docker: Error response from daemon: unable to find user ghost: no matching entries in passwd file\n\nRun 'docker run --help' for more information\n";
        check("-u ghost img", "", user, 125);
    }

    #[test]
    fn a_shell_waits_for_lines() {
        let Ok(container) = container(&words("-it img sh"), &BTreeMap::new()) else { panic!("no container") };
        let image = image_with(&["/bin/sh", "/bin/cat"], |_| {});
        let Run::Shell(mut session) = run(&container, &image, &nowhere(), 1, 0) else { panic!("no shell") };
        let text = |response: &machine::shell::session::Response| {
            response.output.iter().map(|line| String::from_utf8_lossy(&line.data).into_owned()).collect::<String>()
        };
        assert_eq!(session.prompt(), "# ");
        let response = session.line("x=1; cd /etc; cat motd");
        assert_eq!((text(&response).as_str(), response.prompt.as_str()), ("hello\n", "# "));
        assert_eq!(session.line("if true; then").prompt, "> ");
        assert_eq!(text(&session.line("echo $x; pwd; fi")), "1\n/etc\n");
        assert_eq!(session.complete("cat mo", 6).words, ["motd"]);
        assert_eq!(session.complete("expo", 4).words, ["export"]);
        assert_eq!(text(&session.line("nope")), "sh: 4: nope: not found\n");
        session.line("echo 'open");
        assert_eq!(session.interrupt().prompt, "# ");
        assert_eq!(text(&session.line("while true; do :; done")), "bottleship: stopped: more than 200000 commands\n");
        assert_eq!(session.line("exit 3").exited, Some(3));
    }
}
