//! The image configuration: OCI image-spec `config.md` with Docker's additions. Here the JSON is the domain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::Digest;

/// `os/arch[/variant]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    pub variant: String,
    pub os_version: String,
}

/// The config blob of an image, in the key order of Go's struct.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Config {
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "nullable")]
    pub created: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub author: String,
    #[serde(default, deserialize_with = "nullable")]
    pub architecture: String,
    #[serde(default, deserialize_with = "nullable")]
    pub os: String,
    #[serde(rename = "os.version", skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub os_version: String,
    #[serde(rename = "os.features", skip_serializing_if = "Vec::is_empty", default, deserialize_with = "nullable")]
    pub os_features: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub variant: String,
    #[serde(default, deserialize_with = "nullable")]
    pub rootfs: RootFs,
    #[serde(skip_serializing_if = "Vec::is_empty", default, deserialize_with = "nullable")]
    pub history: Vec<History>,
    #[serde(default, deserialize_with = "nullable")]
    pub config: ContainerConfig,
}

impl Config {
    /// What the image runs on.
    pub fn platform(&self) -> Platform {
        let Self { os, architecture, variant, os_version, .. } = self;
        Platform { os: os.clone(), architecture: architecture.clone(), variant: variant.clone(), os_version: os_version.clone() }
    }
}

/// The layers, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RootFs {
    #[serde(rename = "type", default, deserialize_with = "nullable")]
    pub kind: String,
    /// `null` in JSON if there is none.
    #[serde(default, deserialize_with = "nullable")]
    pub diff_ids: Option<Vec<Digest>>,
}

/// One line of `docker history`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct History {
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "nullable")]
    pub created: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub created_by: String,
    #[serde(skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub author: String,
    #[serde(skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub comment: String,
    #[serde(skip_serializing_if = "std::ops::Not::not", default, deserialize_with = "nullable")]
    pub empty_layer: bool,
}

/// How a container of the image runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs)]
pub struct ContainerConfig {
    #[serde(skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub user: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default, deserialize_with = "nullable")]
    pub exposed_ports: BTreeMap<String, Empty>,
    #[serde(skip_serializing_if = "Vec::is_empty", default, deserialize_with = "nullable")]
    pub env: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default, deserialize_with = "nullable")]
    pub entrypoint: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default, deserialize_with = "nullable")]
    pub cmd: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default, deserialize_with = "nullable")]
    pub volumes: BTreeMap<String, Empty>,
    #[serde(skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub working_dir: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default, deserialize_with = "nullable")]
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "String::is_empty", default, deserialize_with = "nullable")]
    pub stop_signal: String,
    #[serde(skip_serializing_if = "std::ops::Not::not", default, deserialize_with = "nullable")]
    pub args_escaped: bool,
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "nullable")]
    pub healthcheck: Option<Healthcheck>,
    #[serde(skip_serializing_if = "Vec::is_empty", default, deserialize_with = "nullable")]
    pub on_build: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default, deserialize_with = "nullable")]
    pub shell: Vec<String>,
}

/// `{}`: the value of Go's `map[string]struct{}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// HEALTHCHECK; times in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs)]
pub struct Healthcheck {
    #[serde(skip_serializing_if = "Vec::is_empty", default, deserialize_with = "nullable")]
    pub test: Vec<String>,
    #[serde(skip_serializing_if = "is_zero", default, deserialize_with = "nullable")]
    pub interval: i64,
    #[serde(skip_serializing_if = "is_zero", default, deserialize_with = "nullable")]
    pub timeout: i64,
    #[serde(skip_serializing_if = "is_zero", default, deserialize_with = "nullable")]
    pub start_period: i64,
    #[serde(skip_serializing_if = "is_zero", default, deserialize_with = "nullable")]
    pub start_interval: i64,
    #[serde(skip_serializing_if = "is_zero", default, deserialize_with = "nullable")]
    pub retries: i64,
}

/// Go reads `null` as the zero of any type, and older builders wrote it.
fn nullable<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn is_zero(n: &i64) -> bool {
    *n == 0
}
