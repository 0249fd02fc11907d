//! What `docker build` is asked to do, as a value.

use std::collections::BTreeMap;

use crate::base::Source;
use crate::image::Platform;

/// The options that decide *what* is built; where the result goes is `docker`'s affair.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Request {
    /// The Dockerfile.
    pub dockerfile: Source,
    /// `NAME.dockerignore` beside the Dockerfile `NAME`, if there is one: it stands in for the context's `.dockerignore`.
    pub ignore_file: Option<Source>,
    /// `--target`, as typed.
    pub target: Option<String>,
    /// `--build-arg K=V`, in order; `K` alone has already been taken from the client's environment (or left out).
    pub build_args: BTreeMap<String, String>,
    /// `--label`, applied last.
    pub labels: BTreeMap<String, String>,
    /// `--platform`; empty: the builder's.
    pub platforms: Vec<Platform>,
    pub no_cache: bool,
    /// Stage names.
    pub no_cache_filter: Vec<String>,
    /// `--network`.
    pub network: String,
    /// `--add-host name:ip`.
    pub add_hosts: Vec<String>,
    pub shm_size: Option<u64>,
    pub ulimits: Vec<String>,
    pub cgroup_parent: String,
    /// `--allow`.
    pub entitlements: Vec<String>,
}

impl Request {
    /// A request for this Dockerfile with nothing else asked for.
    pub fn of(dockerfile: Source) -> Self {
        Self {
            dockerfile,
            ignore_file: None,
            target: None,
            build_args: BTreeMap::new(),
            labels: BTreeMap::new(),
            platforms: Vec::new(),
            no_cache: false,
            no_cache_filter: Vec::new(),
            network: String::new(),
            add_hosts: Vec::new(),
            shm_size: None,
            ulimits: Vec::new(),
            cgroup_parent: String::new(),
            entitlements: Vec::new(),
        }
    }
}
