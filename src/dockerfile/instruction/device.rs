//! The value of `RUN --device`. BuildKit's `instructions/commands_rundevice.go`.

use crate::base::Case;
use crate::base::go::parse_bool;
use crate::base::with_suggestion;

use super::csv;

/// A device that a RUN asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Whether the step fails without it.
    pub required: bool,
}

/// Reads a device.
pub fn parse_device(value: &str) -> Result<Device, String> {
    let fields = csv::fields(value).map_err(|error| format!("failed to parse csv devices: {error}"))?;
    let mut device = Device::default();
    for field in fields {
        let (key, value) = field.split_once('=').map_or((field.as_str(), None), |(key, value)| (key, Some(value)));
        match (key.lower().as_str(), value) {
            ("required", None) => device.required = true,
            ("required", Some(value)) => {
                device.required = parse_bool(value).ok_or_else(|| format!("invalid value for required: {value}"))?;
            }
            ("name", Some(_)) if !device.name.is_empty() => return Err(format!("device name already set to {}", device.name)),
            ("name", Some(value)) => device.name = value.to_owned(),
            _ if device.name.is_empty() => device.name = field,
            (_, None) => return Err(format!("invalid field '{field}' must be a key=value pair")),
            (key, Some(_)) => return Err(with_suggestion(format!("unexpected key '{key}' in '{field}'"), key, ["name", "required"])),
        }
    }
    Ok(device)
}
