//! [`Playground`]: a project, its images, its builds. What a page holds.

use std::collections::BTreeMap;

use super::advice::AdviceView;
use super::compare::{PairView, SideBySideView};
use super::forecast::ForecastView;
use super::places::Places;
use super::project::{Project, ProjectClient};
use super::types::{
    Analysis, BuildView, CommandView, Completion, ErrorView, Hover, ImageView, ProjectFile, Proposals, ShellView, Versions,
};
use super::view;
use crate::base::{Reference, Source, VirtualTime, same_bytes};
use crate::build::{Cache, Outcome, Unhashed};
use crate::docker::command::{BuildCommand, parse_build};
use crate::docker::commands::{BUILDKIT, Reply, archives};
use crate::docker::progress::{self, Screen};
use crate::docker::simulate::{self, Beginning, Simulation};
use crate::docker::store::Store;
use crate::image::Image;
use crate::image::import::{self, Limits};
use crate::machine;
use crate::plan::Op;
use crate::report::{findings, timeline};
use crate::world::{Images, Made, World};

/// How many builds are kept for looking back.
const KEPT_BUILDS: usize = 20;

/// A build that is over.
pub(super) struct Build {
    pub id: u32,
    pub line: String,
    /// Wall-clock milliseconds at its begin.
    pub began: f64,
    pub command: BuildCommand,
    pub simulation: Simulation,
    /// The files and images that it saw.
    pub world: World,
    pub tags: Vec<String>,
}

/// What was before the last build: as long as nothing else changed, it can still be stopped.
pub(super) struct Playing {
    build: u32,
    beginning: Beginning,
    store: Store,
}

/// Everything that a page knows: project, images, builds.
#[derive(Default)]
pub struct Playground {
    pub(super) project: Project,
    pub(super) store: Store,
    pub(super) builds: Vec<Build>,
    pub(super) next_build: u32,
    pub(super) playing: Option<Box<Playing>>,
    pub(super) cache: Cache,
    /// Layers that the host is hashing, with the length of their tars.
    pub(super) unhashed: Vec<(Unhashed, u64)>,
    /// A shell in a container, and how many containers there were.
    pub(super) shell: Option<Box<crate::machine::Session>>,
    pub(super) containers: u32,
    /// Images of the catalogue that were used.
    pub(super) bases: BTreeMap<String, Image>,
    /// Those that were only looked at.
    pub(super) made: Made,
    /// By generation of the cache: when that build was, in seconds since 1970.
    pub(super) built: BTreeMap<u64, i64>,
}

impl Playground {
    /// An empty project.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is simulated.
    pub fn versions() -> Versions {
        Versions { engine: env!("CARGO_PKG_VERSION").into(), buildkit: BUILDKIT.into() }
    }

    /// Replaces every file.
    pub fn set_project(&mut self, files: Vec<ProjectFile>) {
        let before = self.project.take();
        self.project.files = crate::base::map_of(files.into_iter().filter_map(|file| Some((self.inside(&file.path)?, file))));
        for (path, file) in &mut self.project.files {
            file.path.clone_from(path);
            // What is still the same stays the same value, which nobody needs to read again.
            if let Some(old) = before.get(path).filter(|old| same_bytes(&old.bytes, &file.bytes)) {
                file.bytes = old.bytes.clone();
            }
        }
        self.project.cwd.clear();
    }

    /// Every file, by path.
    pub fn files(&self) -> Vec<ProjectFile> {
        self.project.files.values().cloned().collect()
    }

    /// The bytes of a file.
    pub fn read_file(&self, path: &str) -> Option<Vec<u8>> {
        self.project.files.get(&self.inside(path)?).map(|file| file.bytes.to_vec())
    }

    /// Writes a file; its mode stays what it was. `now`: wall-clock milliseconds.
    pub fn write_file(&mut self, path: &str, bytes: Vec<u8>, now: f64) {
        let Some(path) = self.inside(path).filter(|path| !path.is_empty()) else { return };
        let mode = self.project.files.get(&path).map_or(0o644, |file| file.mode);
        self.project.write(path.clone(), ProjectFile { path, bytes: bytes.into(), mode, mtime: now });
    }

    /// Sets the mode of a file (`0o755`).
    pub fn set_mode(&mut self, path: &str, mode: u32) {
        let path = self.inside(path);
        if let Some((path, file)) = path.and_then(|path| self.project.files.get(&path).cloned().map(|file| (path, file))) {
            self.project.write(path, ProjectFile { mode: mode & 0o7777, ..file });
        }
    }

    /// Moves a file, or a folder with all that is below it.
    pub fn rename(&mut self, from: &str, to: &str) {
        let (Some(from), Some(to)) = (self.inside(from), self.inside(to)) else { return };
        if from.is_empty() || to.is_empty() || from == to {
            return;
        }
        let moved = |path: &str| match path.strip_prefix(&from) {
            Some("") => Some(to.clone()),
            Some(rest) if rest.starts_with('/') => Some(format!("{to}{rest}")),
            _ => None,
        };
        let files = self.project.take();
        let (stay, go): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| moved(path).is_none());
        self.project.files.extend(stay);
        for (path, mut file) in go {
            file.path = moved(&path).unwrap_or(path);
            self.project.files.insert(file.path.clone(), file);
        }
    }

    /// Removes a file, or a folder with all that is below it.
    pub fn remove_file(&mut self, path: &str) {
        let Some(path) = self.inside(path) else { return };
        let below = format!("{path}/");
        let mut files = self.project.take();
        files.retain(|name, _| *name != path && !name.starts_with(&below));
        self.project.files = files;
    }

    fn inside(&self, path: &str) -> Option<String> {
        let clean = crate::base::go::clean_path(&format!("/{path}"));
        Some(clean.trim_start_matches('/').to_owned())
    }

    /// What is to be said of a Dockerfile while it is typed. `line`: the `docker build …` that would be run (its target, its arguments).
    pub fn analyze(&self, path: &str, line: &str) -> Analysis {
        let bytes = self.read_file(path).unwrap_or_default();
        super::analysis::analyze(self, &Source::new(path, bytes), line)
    }

    /// Proposals at a place (UTF-16 units) of a Dockerfile.
    pub fn complete(&self, path: &str, at: u32) -> Vec<Completion> {
        super::assist::complete(&self.project, &self.image_names(), &Source::new(path, self.read_file(path).unwrap_or_default()), at)
    }

    /// The names of images that were built or loaded here, as people write them.
    fn image_names(&self) -> Vec<String> {
        let tags = self.store.images.iter().flat_map(|stored| &stored.tags);
        tags.map(|tag| crate::docker::reference::familiar(tag)).map(|(name, tag)| format!("{name}:{tag}")).collect()
    }

    /// What is to be said of the word at a place (UTF-16 units). `line`: as for [`Self::analyze`].
    pub fn hover(&self, path: &str, at: u32, line: &str) -> Option<Hover> {
        super::analysis::hover(self, &Source::new(path, self.read_file(path).unwrap_or_default()), at, line)
    }

    /// What a `docker build …` line would do: fast enough for every keystroke.
    pub fn forecast(&mut self, line: &str) -> ForecastView {
        super::forecast::forecast(self, line)
    }

    /// Changes of the build that a `docker build …` line asks for which were tried and pay: takes a while.
    pub fn advise(&self, line: &str) -> Vec<AdviceView> {
        super::advice::advise(self, line)
    }

    /// What two `docker build …` lines would do, side by side.
    pub fn side_by_side(&self, one: &str, two: &str) -> SideBySideView {
        super::compare::compare(self, one, two)
    }

    /// Two builds that were, made anew from nothing, and after one and the same edit.
    pub fn same_edit(&self, one: u32, two: u32) -> SideBySideView {
        super::compare::same_edit(self, one, two)
    }

    /// The steps of two builds by title, as indices in each one's `steps`: those that both have together, the others alone.
    pub fn step_pairs(&self, one: u32, two: u32) -> Vec<PairView> {
        let both = self.outcome(one).zip(self.outcome(two));
        both.map(|(one, two)| super::compare::pairs(one, two)).unwrap_or_default()
    }

    /// The build cache as one file, for IndexedDB. At most about `limit` bytes: older results are left out.
    pub fn save_cache(&self, limit: f64) -> Vec<u8> {
        self.cache.to_archive(limit.max(0.0) as usize)
    }

    /// Takes a build cache that [`Self::save_cache`] gave; what it cannot read is left out.
    pub fn load_cache(&mut self, bytes: &[u8]) {
        if let Some(cache) = Cache::from_archive(bytes) {
            self.cache = self.cache.union(&cache);
        }
    }

    /// Builds; the view has every event with its time. `words` are those behind `docker build`.
    pub fn build(&mut self, words: &[String], line: &str, now: f64) -> Result<BuildView, Reply> {
        let command = parse_build(words).map_err(|error| Reply::fail(error.text(), error.exit_code))?;
        let client = ProjectClient { project: &self.project, images: self.images() };
        let beginning = simulate::begin(&command, &client, &self.cache)
            .map_err(|error| Reply::fail(format!("ERROR: failed to build: {error}\n"), 1))?;
        let simulation = simulate::finish(&command, &beginning, None);
        self.cache = simulation.cache.clone();
        self.built.insert(self.cache.generation(), (now / 1000.0) as i64);
        self.keep_bases(&simulation.outcome);
        self.next_build += 1;
        let world = beginning.world.clone();
        self.playing = Some(Box::new(Playing { build: self.next_build, beginning, store: self.store.clone() }));
        let build =
            Build { id: self.next_build, line: line.to_owned(), began: now, tags: command.tags.clone(), command, simulation, world };
        self.keep(&build, now);
        let view = self.view(&build);
        self.builds.push(build);
        let surplus = self.builds.len().saturating_sub(KEPT_BUILDS);
        self.builds.drain(..surplus);
        Ok(view)
    }

    /// Ctrl-C while the last build plays: it is canceled at that moment, has no image, and what completed stays in the cache. What it
    /// is then, with exit code 130; `None`: it is over already, or something else happened since.
    pub fn interrupt(&mut self, build: u32, at_ms: f64) -> Option<CommandView> {
        let at = moment(at_ms);
        let last = self.builds.last().filter(|last| last.id == build && at < last.simulation.outcome.elapsed)?;
        let Playing { beginning, store, .. } = *self.playing.take().filter(|playing| playing.build == build)?;
        let beginning = Beginning { cache: beginning.cache.remembering(&self.cache), ..beginning };
        let simulation = simulate::finish(&last.command, &beginning, Some(at));
        (self.cache, self.store) = (simulation.cache.clone(), store);
        let canceled = Build { simulation, ..self.builds.pop()? };
        let view = self.view(&canceled);
        self.builds.push(canceled);
        Some(CommandView { build: Some(view), changed: true, ..super::terminal::plain(Reply::fail("", 130)) })
    }

    fn keep(&mut self, build: &Build, now: f64) {
        if let Ok(images) = &build.simulation.outcome.result
            && let Some(image) = images.first()
        {
            self.store = self.store.with(image.id(), image.clone(), &build.tags, (now / 1000.0) as i64);
        }
    }

    /// How names resolve: what was built here before, then the catalogue.
    pub(super) fn images(&self) -> Images {
        let mut images = self.bases.clone();
        images.extend(self.store.by_name());
        Images::Store(images, self.made.clone())
    }

    /// Keeps the base images of a plan.
    pub(super) fn keep_bases(&mut self, outcome: &Outcome) {
        for vertex in outcome.plan.iter().flat_map(|plan| &plan.vertices) {
            let Op::Image(source) = &vertex.op else { continue };
            let name = source.reference.split('@').next().unwrap_or_default();
            if source.context.is_none()
                && !self.bases.contains_key(name)
                && let Some(image) = self.made.image(name)
            {
                self.bases.insert(name.to_owned(), image);
            }
        }
    }

    pub(super) fn view(&self, build: &Build) -> BuildView {
        let outcome = &build.simulation.outcome;
        let timeline = timeline(outcome);
        let source = simulate::source(&build.simulation.request);
        let places = Places::new(&source.bytes);
        let step_of = |vertex| outcome.steps.iter().position(|step| step.vertex == Some(vertex)).map(|id| id as u32);
        let image = outcome.result.as_ref().ok().and_then(|images| images.first());
        let before = self.builds.iter().rev().find(|other| other.id < build.id).map(|other| &other.simulation.outcome);
        BuildView {
            id: build.id,
            command: build.line.clone(),
            target: build.command.target.clone().unwrap_or_default(),
            tags: build.tags.clone(),
            duration_ms: view::ms(outcome.elapsed),
            succeeded: outcome.result.is_ok(),
            stages: outcome.plan.as_ref().map(|plan| view::stages(plan, &step_of)).unwrap_or_default(),
            steps: view::steps(outcome),
            events: outcome.events.iter().map(view::event).collect(),
            critical_path: timeline.critical_path.iter().map(|step| *step as u32).collect(),
            critical_ms: view::ms(timeline.critical(outcome)),
            slack_ms: timeline.slack.iter().map(|slack| view::ms(*slack)).collect(),
            serial_ms: view::ms(timeline.serial),
            by_workers_ms: timeline.by_workers.iter().copied().map(view::ms).collect(),
            image: image.and_then(|image| self.image(&image.id().to_string())),
            error: outcome.result.as_ref().err().map(|error| view::error(error, source)),
            warnings: outcome.warnings.iter().map(|warning| view::remark(warning, &places)).collect(),
            findings: findings(outcome, &timeline, before).iter().map(view::finding).collect(),
        }
    }

    /// The builds so far, the newest last.
    pub fn builds(&self) -> Vec<BuildView> {
        self.builds.iter().map(|build| self.view(build)).collect()
    }

    pub(super) fn find(&self, id: u32) -> Option<&Build> {
        self.builds.iter().find(|build| build.id == id)
    }

    pub(super) fn outcome(&self, id: u32) -> Option<&Outcome> {
        self.find(id).map(|build| &build.simulation.outcome)
    }

    /// BuildKit's live view of a build at a moment: lines with ANSI colours, no cursor movements.
    pub fn tty_frame(&self, build: u32, at_ms: f64, columns: u32, rows: u32) -> String {
        let Some(outcome) = self.outcome(build) else { return String::new() };
        progress::frame(outcome, moment(at_ms), Screen { columns: columns as usize, rows: rows as usize }, "docker:default")
    }

    /// What stands below the last frame: warnings, the failed step's log, the excerpt and the error.
    pub fn tty_end(&self, build: u32) -> String {
        self.find(build).map(|build| simulate::ending(&build.simulation)).unwrap_or_default()
    }

    /// `--progress=plain` of a build.
    pub fn plain_progress(&self, build: u32) -> String {
        self.find(build).map(|build| simulate::plain_text(&build.simulation, DRIVER)).unwrap_or_default()
    }

    /// The images, the newest first.
    pub fn image_list(&self) -> Vec<ImageView> {
        self.store.images.iter().rev().map(|stored| view::image(stored, self.base_layers(stored))).collect()
    }

    /// An image by name or ID.
    pub fn image(&self, name: &str) -> Option<ImageView> {
        self.store.find(name).map(|stored| view::image(stored, self.base_layers(stored)))
    }

    /// How many of an image's layers came with its base: those that no step of a build here has made.
    fn base_layers(&self, stored: &crate::docker::store::StoredImage) -> usize {
        let made = |outcome: &Outcome| view::steps(outcome).iter().filter(|step| step.layer.is_some()).count();
        let build = self.builds.iter().rev().find(|build| {
            let images = build.simulation.outcome.result.as_ref().ok();
            images.and_then(|images| images.first()).is_some_and(|image| image.id() == stored.id)
        });
        build.map_or(0, |build| stored.image.layers.len().saturating_sub(made(&build.simulation.outcome)))
    }

    /// An image as the archive that `docker save` writes; `None`: there is no such image, or it is too large.
    pub fn save_image(&self, name: &str) -> Option<Vec<u8>> {
        let stored = self.store.find(name)?;
        let names: Vec<Reference> = stored.tags.iter().filter_map(|tag| Reference::parse(tag).ok()).collect();
        archives::bytes(&stored.image, &names).ok()
    }

    /// Takes an image from an archive (OCI, `docker save`, a root file system) under a name; gives its ID, or says what is wrong.
    pub fn load_image(&mut self, bytes: &[u8], name: &str, now: f64) -> Result<String, String> {
        let name = Reference::parse(name)?.tagged().to_string();
        let image = import::archive(bytes, None, Limits::default())?;
        let id = image.id();
        self.playing = None;
        self.store = self.store.with(id, image, &[name], (now / 1000.0) as i64);
        Ok(id.to_string())
    }

    /// The error of a failed build.
    pub fn error(&self, build: u32) -> Option<ErrorView> {
        let build = self.find(build)?;
        let error = build.simulation.outcome.result.as_ref().err()?;
        Some(view::error(error, simulate::source(&build.simulation.request)))
    }

    /// A line typed in the terminal.
    pub fn command(&mut self, line: &str, now: f64) -> CommandView {
        super::terminal::command(self, line, now)
    }

    /// A line for the shell that `docker run -it` opened.
    pub fn shell_line(&mut self, line: &str) -> ShellView {
        super::container::shell(self, |session| session.line(line))
    }

    /// Ctrl-C in that shell.
    pub fn shell_interrupt(&mut self) -> ShellView {
        super::container::shell(self, machine::Session::interrupt)
    }

    /// Ctrl-D in that shell.
    pub fn shell_end(&mut self) -> ShellView {
        super::container::shell(self, machine::Session::end)
    }

    /// What the last word of a line could be, in the shell that `docker run -it` opened or in the project's terminal.
    pub fn terminal_words(&mut self, line: &str) -> Proposals {
        super::container::words(self, line).unwrap_or_else(|| super::propose::propose(self, line))
    }

    /// Forgets images and builds; the files stay.
    pub fn reset(&mut self) {
        let project = std::mem::take(&mut self.project);
        *self = Self { project: Project { env: BTreeMap::new(), cwd: String::new(), ..project }, ..Self::default() };
    }
}

/// A moment of a build, of milliseconds since it began.
fn moment(at_ms: f64) -> VirtualTime {
    VirtualTime::from_secs_f64((at_ms / 1000.0).clamp(0.0, 1e9))
}

/// What BuildKit's progress calls the builder.
pub(super) const DRIVER: &str = "\"default\" instance using docker driver";

#[cfg(test)]
mod tests {
    use super::*;

    fn playground() -> Playground {
        let mut playground = Playground::new();
        let file = |path: &str, text: &str| ProjectFile { path: path.into(), bytes: text.as_bytes().into(), mode: 0o644, mtime: 0.0 };
        playground.set_project(vec![
            file("Dockerfile", "FROM scratch\nCOPY cmd /\n"),
            file("cmd/main.go", "package main\n"),
            file(".env", ""),
        ]);
        playground
    }

    fn check(lines: &[&str], expect: &str) {
        let mut playground = playground();
        let out: String = lines.iter().map(|line| playground.command(line, 0.0)).map(|view| view.stdout + &view.stderr).collect();
        assert_eq!(out, expect, "{lines:?}");
    }

    #[test]
    fn the_terminal_knows_the_project() {
        check(&["pwd", "ls", "cd cmd", "pwd", "ls", "cat main.go"], "/project\nDockerfile\ncmd/\n/project/cmd\nmain.go\npackage main\n");
        check(&["ls -a .. | x"], "sh: syntax error near unexpected token `|'\n");
        check(&["cat nope cmd"], "cat: nope: No such file or directory\ncat: cmd: Is a directory\n");
        check(&["frobnicate"], "sh: frobnicate: command not found (try `help`)\n");
        check(&["export A=1", "echo $A", "B=2 echo $B"], "1\n\n");
    }

    #[test]
    fn files_move_and_go() {
        let mut playground = playground();
        playground.rename("cmd", "src");
        playground.write_file("src/new.txt", b"n".to_vec(), 5.0);
        playground.remove_file("Dockerfile");
        assert_eq!(playground.files().iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), [".env", "src/main.go", "src/new.txt"]);
        assert_eq!(playground.read_file("/src/new.txt").as_deref(), Some(&b"n"[..]));
    }

    #[test]
    fn images_come_and_go_as_archives() {
        let mut first = playground();
        let image = crate::image::assemble(&crate::image::Config::default(), Vec::new(), 0, Some(0));
        first.store = first.store.with(image.id(), image.clone(), &["docker.io/library/app:1".to_owned()], 0);
        let bytes = first.save_image("app:1").expect("an archive");
        let mut second = playground();
        assert_eq!(second.load_image(&bytes, "copy", 0.0), Ok(image.id().to_string()));
        assert!(second.image("copy:latest").is_some());
        assert_eq!(second.save_image("app:1"), None);
        assert!(second.load_image(b"nothing", "copy", 0.0).is_err());
    }

    #[test]
    fn a_build_can_be_stopped_while_it_plays() {
        let mut playground = playground();
        let text = "FROM busybox\nRUN echo one\nRUN sleep 20\nRUN echo two\n";
        playground.write_file("Dockerfile", text.into(), 1.0);
        let view = playground.command("docker build -t app .", 0.0).build.expect("a build");
        assert!(playground.image("app").is_some());
        let reply = playground.interrupt(view.id, 10_000.0).expect("it runs");
        let canceled = reply.build.expect("a build");
        assert_eq!((reply.exit_code, canceled.duration_ms, canceled.succeeded), (130, 10_000.0, false));
        assert!(playground.image("app").is_none() && playground.builds().len() == 1);
        let frame = playground.tty_frame(view.id, 10_000.0, 80, 24) + &playground.tty_end(view.id);
        assert!(!frame.contains("CANCELED [2/4] RUN echo one") && frame.contains("CANCELED [3/4] RUN sleep 20"), "{frame}");
        assert!(
            frame.ends_with("ERROR: failed to build: failed to solve: Canceled: context canceled\n") && !frame.contains("two"),
            "{frame}"
        );
        let inspected = playground.command("docker buildx history inspect", 0.0).stdout;
        assert!(
            inspected.contains("Ref:\t\t1\n") && inspected.contains("Duration:\t10.0s\nStatus:\t\tCanceled\nBuild Steps:\t2/4"),
            "{inspected}"
        );
        assert!(playground.interrupt(view.id, 5_000.0).is_none());
        let again = playground.command("docker build -t app .", 0.0).build.expect("a build");
        let ran: Vec<_> = again.steps.iter().filter(|step| step.why.is_some()).map(|step| step.name.as_str()).collect();
        assert_eq!(ran, ["[3/4] RUN sleep 20", "[4/4] RUN echo two"]);
        assert!(playground.interrupt(again.id, 1e6).is_none() && playground.image("app").is_some());
    }

    #[test]
    fn images_are_as_old_as_their_builds() {
        let mut playground = playground();
        playground.write_file("Dockerfile", b"FROM busybox\nRUN sleep 30\n".to_vec(), 0.0);
        playground.command("docker build -t slow .", 0.0);
        playground.write_file("Dockerfile", b"FROM scratch\nCOPY cmd /\n".to_vec(), 0.0);
        playground.command("docker build -t quick .", 2000.0);
        let listed = playground.command("docker images --format '{{.Repository}} {{.CreatedSince}}'", 5000.0).stdout;
        assert_eq!(listed, "quick 3 seconds ago\nslow 5 seconds ago\n");
        let history = playground.command("docker history --format '{{.CreatedSince}}' slow", 5000.0).stdout;
        assert_eq!(history.lines().next(), Some("5 seconds ago"));
    }

    #[test]
    fn docker_answers() {
        check(&["docker images"], "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n");
        check(&["docker frob"], "docker: unknown command: docker frob\n\nRun 'docker --help' for more information\n");
        check(
            &["docker build --nope ."],
            "unknown flag: --nope\n\nUsage:  docker buildx build [OPTIONS] PATH | URL | -\n\nRun 'docker buildx build --help' for more information\n",
        );
    }
}
