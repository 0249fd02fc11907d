//! What recipes do to files: modelled content in believable sizes, programs, output.

use std::time::Duration;

use super::super::Process;
use crate::filesystem::{Content, Errno};

/// Writes a modelled file with its folders.
pub fn bulk(process: &mut Process, path: &str, size: u64) -> Result<(), Errno> {
    folders(process, path)?;
    process.write(path, Content::Synthetic { seed: path.into(), size })
}

/// Writes a modelled program: a file that can be run; its bytes are a matter of the seed.
pub fn program(process: &mut Process, path: &str, seed: &str, size: u64) -> Result<(), Errno> {
    // The old file may be a link to something that must stay as it is.
    if process.lstat(path).is_ok_and(|(_, node)| node.as_file().is_none() && node.as_directory().is_none()) {
        process.remove_all(path)?;
    }
    folders(process, path)?;
    process.write(path, Content::Synthetic { seed: seed.into(), size })?;
    let (real, _) = process.stat(path)?;
    let mode = 0o777 & !process.umask;
    process.system.chmod(&process.ids.clone(), &real, mode)
}

/// Writes a text with its folders.
pub fn text(process: &mut Process, path: &str, text: &str) -> Result<(), Errno> {
    folders(process, path)?;
    process.write(path, text)
}

fn folders(process: &mut Process, path: &str) -> Result<(), Errno> {
    match path.rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => process.mkdir_all(folder),
        _ => Ok(()),
    }
}

/// Lets seconds pass.
pub fn take(process: &mut Process, seconds: f64) {
    process.spend(Duration::from_millis((seconds.clamp(0.0, 3600.0) * 1000.0) as u64));
}

/// A number from `low` to `high` that belongs to `name`.
pub fn spread(name: &str, low: u64, high: u64) -> u64 {
    // FNV-1a.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    low + hash % (high - low).max(1)
}
