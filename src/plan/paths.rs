//! Paths of the platform that is built for: BuildKit's `util/system/path.go`. On Windows `\` separates and `C:` is the root.

use super::failure::{Failure, Fallible};
use crate::base::go;

/// The default PATH of an image.
pub(crate) fn default_path(os: &str) -> &'static str {
    if os == "windows" { "c:\\Windows\\System32;c:\\Windows" } else { "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }
}

pub(crate) fn to_slash(path: &str, os: &str) -> String {
    if os == "windows" { path.replace('\\', "/") } else { path.to_owned() }
}

pub(crate) fn is_absolute(path: &str, os: &str) -> bool {
    without_drive(path, os, false).is_ok_and(|path| path.starts_with('/'))
}

/// `system.NormalizePath`: absolute, below `parent` if relative; `keep_slash` keeps a `/` or `/.` at the end.
pub(crate) fn normalize(parent: &str, path: &str, os: &str, keep_slash: bool) -> Fallible<String> {
    let original = to_slash(path, os);
    let parent = to_slash(parent, os);
    let parent = without_drive(if parent.is_empty() { "/" } else { &parent }, os, keep_slash)?;
    let parent = if parent.starts_with('/') { parent } else { go::join_path("/", &parent) };
    let path = without_drive(if original.is_empty() { &parent } else { &original }, os, keep_slash)?;
    let mut path = if path.starts_with('/') { path } else { go::join_path(&parent, &path) };
    if keep_slash {
        if original.ends_with('/') && !path.ends_with('/') {
            path.push('/');
        } else if original.ends_with("/.") {
            if path != "/" {
                path.push('/');
            }
            path.push('.');
        }
    }
    Ok(path)
}

/// The working directory that `WORKDIR path` leads to, with the separators of the platform.
pub(crate) fn normalize_workdir(current: &str, path: &str, os: &str) -> Fallible<String> {
    let path = normalize(current, path, os, false).map_err(|e| e.wrap("normalizing working directory").wrap("normalizing workdir"))?;
    Ok(if os == "windows" { path.replace('/', "\\") } else { path })
}

/// Where COPY puts things: `path` below the working directory, `.` and nothing meaning the directory itself.
pub(crate) fn destination(workdir: &str, path: &str, os: &str) -> Fallible<String> {
    let path = without_drive(path, os, true).map_err(|e| e.wrap("removing drive letter"))?;
    if is_absolute(&path, os) {
        return normalize("/", &path, os, true);
    }
    normalize(workdir, if path == "." || path.is_empty() { "./" } else { &path }, os, true)
}

/// `CheckSystemDriveAndRemoveDriveLetter`.
pub(crate) fn without_drive(path: &str, os: &str, keep_slash: bool) -> Fallible<String> {
    if os != "windows" {
        return Ok(path.to_owned());
    }
    let path = to_slash(path, os);
    if path.len() == 2 && path.ends_with(':') {
        return Err(Failure::new(format!("No relative path specified in {}", go::quote(&path))));
    }
    if path.starts_with("//") {
        return Err("UNC paths are not supported".into());
    }
    match path.split_once(':') {
        None => Ok(clean(&path, keep_slash)),
        Some((drive, rest)) if drive.eq_ignore_ascii_case("c") => Ok(clean(rest, keep_slash)),
        Some(_) => Err("The specified path is not on the system drive (C:)".into()),
    }
}

fn clean(path: &str, keep_slash: bool) -> String {
    let mut cleaned = go::clean_path(path);
    if keep_slash && path.ends_with('/') && !cleaned.ends_with('/') {
        cleaned.push('/');
    }
    cleaned
}

/// A destination as an operation has it: clean, with the `/` or `/.` at its end kept.
pub(crate) fn clean_destination(path: &str) -> String {
    let mut cleaned = clean(path, true);
    if path.ends_with("/.") {
        cleaned.push_str(if cleaned == "/" { "." } else { "/." });
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(workdir: &str, path: &str, os: &str, expect: &str) {
        assert_eq!(destination(workdir, path, os).map_err(|e| e.message), Ok(expect.into()), "{path}");
    }

    #[test]
    fn destinations() {
        check("/w", ".", "linux", "/w/");
        check("/w", "", "linux", "/w/");
        check("/w", "a/", "linux", "/w/a/");
        check("/w", "/a/./b", "linux", "/a/./b");
        assert_eq!(clean_destination("/a/./b/"), "/a/b/");
        assert_eq!(clean_destination("/a//."), "/a/.");
        check("/w", "../..", "linux", "/");
        check("/w", "C:\\x\\", "windows", "/x/");
        assert_eq!(normalize_workdir("\\app", "sub", "windows").map_err(|e| e.message), Ok("\\app\\sub".into()));
    }
}
