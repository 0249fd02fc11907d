//! RUN

use std::borrow::Cow;

use crate::base::go;

use super::command::{CommandLine, command_line};
use super::device::parse_device;
use super::flags::{self, Flags};
use super::mount::check_mount;
use super::request::Request;

/// RUN
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Run {
    pub command: CommandLine,
    /// The flags as written, in order (they are part of the step's title).
    pub flags: Vec<String>,
    /// Values of `--mount`, unexpanded (they are parsed once expanded, at planning: [`super::parse_mount`]).
    pub mounts: Vec<String>,
    /// `default`, `none` or `host`.
    pub network: Cow<'static, str>,
    /// `sandbox` or `insecure`.
    pub security: Cow<'static, str>,
    /// Values of `--device`, checked: [`super::parse_device`] does not fail on them.
    pub devices: Vec<String>,
}

/// RUN
pub(super) fn run(request: &Request) -> Result<Run, String> {
    let flags = Flags::read(request.node, flags::known("run"))?;
    let devices = flags.all("device");
    devices.iter().try_for_each(|device| parse_device(device).map(drop))?;
    let mounts = flags.all("mount");
    mounts.iter().try_for_each(|mount| check_mount(mount))?;
    let network = flags.get("network").map_or(Cow::Borrowed("default"), |value| value.to_owned().into());
    if !matches!(&*network, "default" | "none" | "host") {
        return Err(format!("invalid network mode {}", go::quote(&network)));
    }
    let security = flags.get("security").map_or(Cow::Borrowed("sandbox"), |value| value.to_owned().into());
    if !matches!(&*security, "sandbox" | "insecure") {
        return Err(format!("security {} is not valid", go::quote(&security)));
    }
    let written = request.node.flags.iter().map(|flag| flag.to_str().into_owned()).collect();
    Ok(Run { command: command_line(request), flags: written, mounts, network, security, devices })
}
