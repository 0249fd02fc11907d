//! The operations of a plan: BuildKit's `solver/pb/ops.proto`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::{Digest, LineRange};
use crate::image::Platform;

/// Index of a vertex in [`super::Plan::vertices`].
pub type VertexId = usize;

/// An operation and its inputs.
#[derive(Debug, Clone)]
pub struct Vertex {
    /// Digest of operation and inputs: equal vertices have equal digests.
    pub digest: Digest,
    /// The progress name (`[build 1/2] RUN go build …`).
    pub name: String,
    /// What it does.
    pub op: Op,
    /// Whose results it needs, in the order of the operation's inputs.
    pub inputs: Vec<VertexId>,
    /// The stage of the file it belongs to; `None` for `[internal]` ones.
    pub stage: Option<usize>,
    /// Lines of the instruction.
    pub lines: Vec<LineRange>,
    /// `--no-cache`, `--no-cache-filter`.
    pub ignore_cache: bool,
    /// What holds in its stage behind it; no part of what it does.
    pub setting: Option<Arc<Setting>>,
}

/// How a process would run at a place of a stage.
#[derive(Debug)]
pub struct Setting {
    /// `K=V` in the order of the last assignment, ARGs in scope among them.
    pub env: Arc<Vec<String>>,
    /// Names in `env` that end with the build: no ENV sets them.
    pub args: Vec<String>,
    /// The working directory.
    pub dir: String,
    /// `USER`; empty: root.
    pub user: String,
    /// `SHELL`; empty: `/bin/sh -c`.
    pub shell: Vec<String>,
}

/// What a vertex does.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Op {
    /// A base image.
    Image(Box<ImageSource>),
    /// Files of the client: `[internal] load build context`, named folders.
    Local(LocalSource),
    /// Git or HTTP.
    Remote(RemoteSource),
    /// COPY, ADD, WORKDIR, heredoc files.
    File(FileOp),
    /// RUN.
    Exec(Box<ExecOp>),
    /// COPY --link: layers side by side.
    Merge(MergeOp),
}

impl Op {
    /// The paths that it takes from its inputs, each with the input's index. What it stands on is none of them.
    pub fn takes(&self) -> Vec<(usize, &str)> {
        match self {
            Op::File(op) => {
                let copied = op.actions.iter().filter_map(|action| match &action.kind {
                    FileActionKind::Copy { source, from, .. } => Some(((*source)?, from.as_str())),
                    _ => None,
                });
                copied.filter(|(input, _)| op.on_scratch || *input > 0).collect()
            }
            Op::Exec(op) => {
                let mounts = op.mounts.iter().filter(|mount| mount.kind != MountKind::Root);
                mounts.filter_map(|mount| Some((mount.input?, mount.source.as_str()))).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// `docker-image://` or an OCI layout.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct ImageSource {
    /// Normalised reference with digest.
    pub reference: String,
    /// The platform asked for.
    pub platform: Platform,
    /// The named context (its key in `World::named_contexts`) if the image comes from one.
    pub context: Option<String>,
}

/// A folder of the client.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct LocalSource {
    /// `context`, or the named context.
    pub name: String,
    /// Paths that are transferred (`FollowPaths`); empty: all.
    pub follow_paths: Vec<String>,
    /// Patterns of `.dockerignore`.
    pub exclude: Vec<String>,
}

/// `git://…` or `https://…`, with what changes its result.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct RemoteSource {
    /// The URL.
    pub url: String,
    /// BuildKit's source attributes (`git.keepgitdir`, `http.checksum`, …).
    pub attributes: BTreeMap<String, String>,
}

/// Actions on files, one after the other; the last one's result is the vertex's.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct FileOp {
    /// In order. The first works on input 0 unless `on_scratch`; each later one on the result before it.
    pub actions: Vec<FileAction>,
    /// The first action starts from an empty tree.
    pub on_scratch: bool,
}

/// One action with its owner and mode.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct FileAction {
    /// What.
    pub kind: FileActionKind,
    /// `user[:group]` as written: a number or a name that the image's passwd resolves; empty: root.
    pub owner: String,
    /// Octal text, symbolic text, or empty.
    pub mode: String,
}

/// The actions of `pb.FileAction`.
#[derive(Debug, Clone, PartialEq, Hash)]
#[allow(missing_docs)]
pub enum FileActionKind {
    /// Copy from input `source`.
    Copy {
        /// `None`: from nothing, an empty scratch.
        source: Option<usize>,
        from: String,
        to: String,
        /// Copy the content of a directory, not itself.
        contents_only: bool,
        /// Unpack an archive.
        unpack: bool,
        /// Wildcards allowed / no match allowed.
        wildcard: bool,
        allow_empty_wildcard: bool,
        /// Create the destination's parents.
        create_dest_path: bool,
        follow_symlinks: bool,
        include: Vec<String>,
        exclude: Vec<String>,
        /// COPY --parents: what stands before the pivot is not kept.
        required_paths: Vec<String>,
        /// Do not follow symlinks of the destination's parents: --link.
        timestamp: Option<i64>,
    },
    /// Make a directory.
    Mkdir { path: String, make_parents: bool, timestamp: Option<i64> },
    /// Make a file.
    Mkfile { path: String, data: Vec<u8>, timestamp: Option<i64> },
    /// Remove a file.
    Rm { path: String, wildcard: bool },
}

/// A process.
#[derive(Debug, Clone, PartialEq, Hash)]
#[allow(missing_docs)]
pub struct ExecOp {
    /// argv, SHELL included.
    pub args: Vec<String>,
    /// `K=V` in order.
    pub env: Arc<Vec<String>>,
    pub cwd: String,
    pub user: String,
    pub hostname: String,
    /// `sandbox`, `none`, `host`.
    pub network: Cow<'static, str>,
    /// `sandbox`, `insecure`.
    pub security: Cow<'static, str>,
    /// Sorted by target; `/` first.
    pub mounts: Vec<Mount>,
    /// Secrets as environment: (variable, id, required).
    pub secret_env: Vec<(String, String, bool)>,
    /// Not part of the cache key.
    pub proxy_env: Vec<(String, String)>,
    /// `name:ip`.
    pub extra_hosts: Vec<(String, String)>,
    pub ulimits: Vec<String>,
    pub cgroup_parent: String,
    pub shm_size: Option<u64>,
    pub devices: Vec<String>,
    pub platform: Platform,
}

/// A mount of a process.
#[derive(Debug, Clone, PartialEq, Hash)]
#[allow(missing_docs)]
pub struct Mount {
    pub target: String,
    pub kind: MountKind,
    /// Index into the vertex's inputs; `None`: empty.
    pub input: Option<usize>,
    /// The path of the input that is mounted.
    pub source: String,
    pub readonly: bool,
    /// Writes are thrown away: a writable bind mount.
    pub discard: bool,
}

/// The kinds of mounts.
#[derive(Debug, Clone, PartialEq, Hash)]
#[allow(missing_docs)]
pub enum MountKind {
    /// The root file system, whose changes become the layer.
    Root,
    Bind,
    Cache {
        id: String,
        sharing: String,
    },
    Tmpfs {
        size: Option<u64>,
    },
    Secret {
        id: String,
        uid: u32,
        gid: u32,
        mode: u32,
        required: bool,
    },
    Ssh {
        id: String,
        uid: u32,
        gid: u32,
        mode: u32,
        required: bool,
    },
}

/// Inputs stacked as layers.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct MergeOp {
    /// How many inputs are stacked.
    pub inputs: usize,
}
