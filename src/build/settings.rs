//! How the simulated builder is set up: what a daemon knows beside the request.

/// Where a result goes: what `exporting …` is called and says. The writing itself is the client's affair.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Export {
    /// Into the image store, under these names (normal form).
    Image {
        names: Vec<String>,
    },
    Oci,
    Docker,
    Tar,
    Local,
    /// `type=cacheonly`.
    None,
}

/// The settings of a builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Steps that may run at one time; 0: as many as are ready. The image never depends on it.
    pub workers: usize,
    /// The wall clock when the build begins, nanoseconds since 1970: the time of files that steps write.
    pub now: i64,
    /// Where the result goes.
    pub export: Export,
    /// `rewrite-timestamp=true`: shown as a status of the export.
    pub rewrite_timestamp: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { workers: 0, now: 1_767_225_600_000_000_000, export: Export::Image { names: Vec::new() }, rewrite_timestamp: false }
    }
}
