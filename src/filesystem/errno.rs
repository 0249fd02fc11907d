//! Why a filesystem operation failed.

/// The errors of POSIX that can happen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Errno {
    NoEntry,
    NotADirectory,
    IsADirectory,
    Exists,
    NotEmpty,
    AccessDenied,
    NotPermitted,
    TooManyLinks,
    ReadOnly,
    InvalidArgument,
    NameTooLong,
    NoSpace,
    CrossDevice,
    Busy,
}

impl Errno {
    /// Go's text (`syscall.Errno`), as BuildKit's errors end: lower case.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoEntry => "no such file or directory",
            Self::NotADirectory => "not a directory",
            Self::IsADirectory => "is a directory",
            Self::Exists => "file exists",
            Self::NotEmpty => "directory not empty",
            Self::AccessDenied => "permission denied",
            Self::NotPermitted => "operation not permitted",
            Self::TooManyLinks => "too many levels of symbolic links",
            Self::ReadOnly => "read-only file system",
            Self::InvalidArgument => "invalid argument",
            Self::NameTooLong => "file name too long",
            Self::NoSpace => "no space left on device",
            Self::CrossDevice => "invalid cross-device link",
            Self::Busy => "device or resource busy",
        }
    }
}
