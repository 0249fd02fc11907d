//! `docker build …` as a value: [`BuildCommand`]. What is to be read from disk or from the project stays a name in it.
//!
//! Source: docker/buildx `commands/build.go`, `util/buildflags`.

mod errors;
mod options;
mod output;

pub use errors::{USAGE, UsageError};
pub use options::{ContextPlace, NamedPlace, SecretPlace, default_dockerfile, is_remote};
pub use output::{Output, OutputKind};

use std::collections::BTreeMap;

use super::flags::{Flag, Interspersed, Parsed, list, parse_flags, switch, text};
use crate::base::Source;
use crate::plan::Request;

/// Everything that `docker build` was told.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct BuildCommand {
    pub context: ContextPlace,
    /// `-f`.
    pub file: Option<String>,
    pub target: Option<String>,
    /// `K=V`, or `K` alone: then from the client's environment.
    pub build_args: Vec<String>,
    pub labels: Vec<String>,
    /// Unparsed values of `--platform`.
    pub platforms: Vec<String>,
    pub no_cache: bool,
    pub no_cache_filter: Vec<String>,
    pub network: String,
    pub add_hosts: Vec<String>,
    pub shm_size: Option<String>,
    pub ulimits: Vec<String>,
    pub cgroup_parent: String,
    pub entitlements: Vec<String>,
    pub named_contexts: BTreeMap<String, NamedPlace>,
    /// By id.
    pub secrets: BTreeMap<String, SecretPlace>,
    pub ssh: Vec<String>,
    pub tags: Vec<String>,
    pub outputs: Vec<Output>,
    pub cache_to: Vec<BTreeMap<String, String>>,
    pub cache_from: Vec<BTreeMap<String, String>>,
    pub iidfile: Option<String>,
    pub metadata_file: Option<String>,
    pub progress: Progress,
    pub call: Call,
    /// `any`, or a file: image names without a catalogue.
    pub images: Option<String>,
    /// `plan --config`.
    pub config: bool,
    /// `--assume-context`: placeholders stand for what COPY names and the context lacks.
    pub assume_context: bool,
    /// Flags that are understood and do nothing here.
    pub without_effect: Vec<&'static str>,
}

/// `--progress`, `-q`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Progress {
    Auto,
    Tty,
    Plain,
    RawJson,
    Quiet,
    None,
}

impl Progress {
    /// Whether a terminal redraws it.
    pub fn is_live(self) -> bool {
        matches!(self, Progress::Auto | Progress::Tty)
    }
}

/// `--call`, `--check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `build`, `check`, `outline`, `targets`, …
    pub method: String,
    /// `format=json`.
    pub json: bool,
}

/// The flags of `docker buildx build`, and the two of bottleship (`--images`, `--config`).
pub const FLAGS: &[Flag] = &[
    list("add-host", '\0', "Add a custom host-to-IP mapping (format: \"host:ip\")"),
    list("allow", '\0', "Allow extra privileged entitlement (e.g., \"network.host\", \"security.insecure\", \"device\")"),
    list("annotation", '\0', "Add annotation to the image"),
    list("attest", '\0', "Attestation parameters (format: \"type=sbom,generator=image\")"),
    list("build-arg", '\0', "Set build-time variables"),
    list("build-context", '\0', "Additional build contexts (e.g., name=path)"),
    text("builder", '\0', "Override the configured builder instance"),
    list("cache-from", '\0', "External cache sources (e.g., \"user/app:cache\", \"type=local,src=path/to/dir\")"),
    list("cache-to", '\0', "Cache export destinations (e.g., \"user/app:cache\", \"type=local,dest=path/to/dir\")"),
    text("call", '\0', "Set method for evaluating build (\"check\", \"outline\", \"targets\") (default \"build\")"),
    text("cgroup-parent", '\0', "Set the parent cgroup for the \"RUN\" instructions during build"),
    switch("check", '\0', "Shorthand for \"--call=check\""),
    switch("debug", 'D', "Enable debug logging"),
    text("file", 'f', "Name of the Dockerfile (default: \"PATH/Dockerfile\")"),
    text("iidfile", '\0', "Write the image ID to a file"),
    list("label", '\0', "Set metadata for an image"),
    switch("load", '\0', "Shorthand for \"--output=type=docker\""),
    text("metadata-file", '\0', "Write build result metadata to a file"),
    text("network", '\0', "Set the networking mode for the \"RUN\" instructions during build (default \"default\")"),
    switch("no-cache", '\0', "Do not use cache when building the image"),
    list("no-cache-filter", '\0', "Do not cache specified stages"),
    list("output", 'o', "Output destination (format: \"type=local,dest=path\")"),
    list("platform", '\0', "Set target platform for build"),
    list("policy", '\0', "Policy configuration (format: \"filename=path[,filename=path][,reset=true|false][,disabled=true|false]\")"),
    text("progress", '\0', "Set type of progress output (\"auto\", \"none\", \"plain\", \"quiet\", \"rawjson\", \"tty\")"),
    text("provenance", '\0', "Shorthand for \"--attest=type=provenance\""),
    switch("pull", '\0', "Always attempt to pull all referenced images"),
    switch("push", '\0', "Shorthand for \"--output=type=registry,unpack=false\""),
    switch("quiet", 'q', "Suppress the build output and print image ID on success"),
    list("resource", '\0', "Set resource limits (format: \"cpu-shares=512\")"),
    text("sbom", '\0', "Shorthand for \"--attest=type=sbom\""),
    list("secret", '\0', "Secret to expose to the build (format: \"id=mysecret[,src=/local/secret]\")"),
    text("shm-size", '\0', "Shared memory size for build containers"),
    list("ssh", '\0', "SSH agent socket or keys to expose to the build (format: \"default|<id>[=<socket>|<key>[,<key>]]\")"),
    list("tag", 't', "Image identifier (format: \"[registry/]repository[:tag]\")"),
    text("target", '\0', "Set the target build stage to build"),
    list("ulimit", '\0', "Ulimit options (default [])"),
    // Of the classic builder: accepted by buildx, hidden in its help.
    switch("compress", '\0', ""),
    text("isolation", '\0', ""),
    list("security-opt", '\0', ""),
    switch("squash", '\0', ""),
    text("memory", 'm', ""),
    text("memory-swap", '\0', ""),
    text("cpu-shares", 'c', ""),
    text("cpu-period", '\0', ""),
    text("cpu-quota", '\0', ""),
    text("cpuset-cpus", '\0', ""),
    text("cpuset-mems", '\0', ""),
    switch("rm", '\0', ""),
    switch("force-rm", '\0', ""),
    text("images", '\0', ""),
    switch("config", '\0', ""),
    switch("assume-context", '\0', ""),
];

/// Understood, without meaning in a simulation.
const WITHOUT_EFFECT: &[&str] = &[
    "attest",
    "builder",
    "compress",
    "cpu-period",
    "cpu-quota",
    "cpu-shares",
    "cpuset-cpus",
    "cpuset-mems",
    "debug",
    "force-rm",
    "isolation",
    "memory",
    "memory-swap",
    "policy",
    "provenance",
    "pull",
    "push",
    "resource",
    "rm",
    "sbom",
    "security-opt",
    "squash",
];

/// Reads the words behind `docker build`.
pub fn parse_build(words: &[String]) -> Result<BuildCommand, UsageError> {
    let parsed = parse_flags(FLAGS, words, Interspersed::Yes).map_err(UsageError::flag)?;
    let [context] = parsed.args.as_slice() else { return Err(UsageError::arguments()) };
    command(&parsed, context).map_err(UsageError::value)
}

fn command(parsed: &Parsed, context: &str) -> Result<BuildCommand, String> {
    let own = |name: &str| parsed.last(name).map(str::to_owned).filter(|value| !value.is_empty());
    let many = |name: &str| parsed.all(name).to_vec();
    let split = |name: &str| parsed.all(name).iter().flat_map(|value| value.split(',')).map(str::to_owned).collect::<Vec<_>>();
    let call = options::call(parsed.last("call"), parsed.is("check"))?;
    let progress = options::progress(parsed)?;
    let mut outputs = parsed.all("output").iter().map(|value| output::parse(value)).collect::<Result<Vec<_>, _>>()?;
    if parsed.is("load") {
        outputs.push(Output::docker());
    }
    let annotations = output::annotations(parsed.all("annotation")).map_err(|error| format!("parse annotations: {error}"))?;
    for output in &mut outputs {
        output.attributes.extend(annotations.iter().cloned());
    }
    let tags = parsed.all("tag").iter().map(|tag| options::tag(tag)).collect::<Result<Vec<_>, _>>()?;
    Ok(BuildCommand {
        context: ContextPlace::parse(context),
        file: own("file"),
        target: own("target"),
        build_args: many("build-arg"),
        labels: many("label"),
        platforms: split("platform"),
        no_cache: parsed.is("no-cache"),
        no_cache_filter: split("no-cache-filter"),
        network: parsed.last("network").unwrap_or("").to_owned(),
        add_hosts: many("add-host"),
        shm_size: own("shm-size"),
        ulimits: many("ulimit"),
        cgroup_parent: parsed.last("cgroup-parent").unwrap_or("").to_owned(),
        entitlements: split("allow"),
        named_contexts: options::named_contexts(parsed.all("build-context"))?,
        secrets: options::secrets(parsed.all("secret"))?,
        ssh: parsed.all("ssh").iter().map(|ssh| ssh.split('=').next().unwrap_or("").to_owned()).collect(),
        tags,
        outputs,
        cache_to: parsed.all("cache-to").iter().map(|value| options::cache_entry(value)).collect::<Result<_, _>>()?,
        cache_from: parsed.all("cache-from").iter().map(|value| options::cache_entry(value)).collect::<Result<_, _>>()?,
        iidfile: own("iidfile"),
        metadata_file: own("metadata-file"),
        progress,
        call,
        images: own("images"),
        config: parsed.is("config"),
        assume_context: parsed.is("assume-context"),
        without_effect: WITHOUT_EFFECT.iter().copied().filter(|name| !parsed.all(name).is_empty()).collect(),
    })
}

impl BuildCommand {
    /// What is to be built, once the Dockerfile is read. `env` is the client's environment.
    pub fn request(&self, dockerfile: Source, env: &BTreeMap<String, String>) -> Result<Request, String> {
        Ok(Request {
            dockerfile,
            ignore_file: None,
            target: self.target.clone(),
            build_args: options::key_values(&self.build_args, env),
            labels: options::key_values(&self.labels, &BTreeMap::new()),
            platforms: options::platforms(&self.platforms)?,
            no_cache: self.no_cache,
            no_cache_filter: self.no_cache_filter.clone(),
            network: self.network.clone(),
            add_hosts: self.add_hosts.clone(),
            shm_size: self.shm_size.as_deref().map(options::shm_size).transpose()?,
            ulimits: self.ulimits.clone(),
            cgroup_parent: self.cgroup_parent.clone(),
            entitlements: self.entitlements.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<BuildCommand, UsageError> {
        parse_build(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_become_a_request() {
        let command =
            parse("-t app --tag=app:2 --target build --build-arg A=1 --build-arg B --build-arg C --platform linux/arm64,linux/amd64 .")
                .expect("a command");
        assert_eq!(command.tags, ["docker.io/library/app:latest", "docker.io/library/app:2"]);
        let env = BTreeMap::from([("B".to_owned(), "env".to_owned())]);
        let request = command.request(Source::new("Dockerfile", b""), &env).expect("a request");
        assert_eq!(request.build_args, BTreeMap::from([("A".into(), "1".into()), ("B".into(), "env".into())]));
        assert_eq!(request.target.as_deref(), Some("build"));
        assert_eq!(request.platforms.iter().map(|p| p.architecture.as_str()).collect::<Vec<_>>(), ["arm64", "amd64"]);
    }

    #[test]
    fn errors_are_those_of_docker() {
        let text = |line: &str| parse(line).expect_err(line).text();
        assert!(text("--nope .").starts_with("unknown flag: --nope\n\nUsage:  docker buildx build [OPTIONS] PATH | URL | -\n"));
        assert!(text("").starts_with("ERROR: docker: 'docker buildx build' requires 1 argument\n"));
        assert_eq!(
            text("-o type=oci -t Bad ."),
            "ERROR: failed to build: invalid tag \"Bad\": invalid reference format: repository name (library/Bad) must be lowercase\n"
        );
    }

    #[test]
    fn what_means_nothing_here_is_accepted() {
        assert_eq!(parse("--pull --sbom=true .").map(|c| c.without_effect), Ok(vec!["pull", "sbom"]));
    }
}
