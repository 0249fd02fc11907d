//! What Linux says when a call fails: the C library's text of each error.

use crate::filesystem::Errno;

/// glibc's and musl's words where they agree (`strerror`).
pub fn text(errno: Errno) -> &'static str {
    match errno {
        Errno::NoEntry => "No such file or directory",
        Errno::NotADirectory => "Not a directory",
        Errno::IsADirectory => "Is a directory",
        Errno::Exists => "File exists",
        Errno::NotEmpty => "Directory not empty",
        Errno::AccessDenied => "Permission denied",
        Errno::NotPermitted => "Operation not permitted",
        Errno::TooManyLinks => "Too many levels of symbolic links",
        Errno::ReadOnly => "Read-only file system",
        Errno::InvalidArgument => "Invalid argument",
        Errno::NameTooLong => "File name too long",
        Errno::NoSpace => "No space left on device",
        Errno::CrossDevice => "Invalid cross-device link",
        Errno::Busy => "Device or resource busy",
    }
}
