//! Which sources are git repositories: BuildKit's `dfgitutil.ParseGitRef`.

use crate::base::go;

/// A git repository and what of it is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct GitRef {
    pub remote: String,
    pub reference: String,
    pub checksum: String,
    pub subdir: String,
    pub keep_git_dir: Option<bool>,
    pub submodules: Option<bool>,
    /// What times the files get: `checkout` or `commit`.
    pub mtime: String,
    /// The checksum is the commit, whatever the reference says.
    pub fetch_by_commit: bool,
    /// `github.com/…`: could as well be a path, so only a build context may be written so.
    pub like_a_path: bool,
}

/// The repository that `text` names; `None` if it names none, an error if it does but cannot be used. Over HTTP only what
/// ends in `.git` is one.
pub(crate) fn parse(text: &str) -> Option<Result<GitRef, String>> {
    read(text, |url| url.path.ends_with(".git"))
}

/// The same where something else (`--keep-git-dir`) says that it is a repository.
pub(crate) fn parse_known(text: &str) -> Option<Result<GitRef, String>> {
    read(text, |_| true)
}

fn read(text: &str, over_http: fn(&Url<'_>) -> bool) -> Option<Result<GitRef, String>> {
    if text.starts_with("./") || text.starts_with("../") {
        return None;
    }
    let url = match text.strip_prefix("github.com/") {
        Some(_) => Url { like_a_path: true, ..split(text)? },
        None => match scheme(text) {
            Some("http" | "https") => split(text).filter(over_http)?,
            Some("git" | "ssh") => split(text)?,
            Some(_) => return None,
            None => scp(text)?,
        },
    };
    let (reference, subdir) = url.fragment.split_once(':').unwrap_or((url.fragment, ""));
    let git = GitRef {
        remote: url.remote.into(),
        reference: reference.into(),
        subdir: subdir.into(),
        like_a_path: url.like_a_path,
        ..GitRef::default()
    };
    Some(with_query(git, url.query))
}

/// Whether `text` is fetched by git.
pub(crate) fn is_git(text: &str) -> bool {
    matches!(parse(text), Some(Ok(_)))
}

/// Whether `text` is downloaded.
pub(crate) fn is_http(text: &str) -> bool {
    (text.starts_with("http://") || text.starts_with("https://")) && !is_git(text)
}

/// The file name of a URL: the last part of its path.
pub(crate) fn file_name(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default().find('/').and_then(|at| rest.get(at..));
    let path = path.and_then(|path| path.split(['?', '#']).next()).unwrap_or_default();
    match go::base_name(path) {
        "." | "/" => "__unnamed__".into(),
        name => unescape(name).unwrap_or_else(|| "__unnamed__".into()),
    }
}

struct Url<'a> {
    remote: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
    like_a_path: bool,
}

/// The scheme in lower case where it is one that git knows; `Some("")` for any other.
fn scheme(text: &str) -> Option<&'static str> {
    let (scheme, _) = text.split_once("://")?;
    if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    Some(["http", "https", "git", "ssh"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known)).unwrap_or(""))
}

fn split(text: &str) -> Option<Url<'_>> {
    if text.bytes().any(|b| b < 0x20 || b == 0x7f) {
        return None;
    }
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (remote, query) = before.split_once('?').unwrap_or((before, ""));
    let rest = remote.split_once("://").map_or(remote, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("");
    Some(Url { remote, path, query, fragment, like_a_path: false })
}

/// `user@host:path`.
fn scp(text: &str) -> Option<Url<'_>> {
    let (user, rest) = text.split_once('@')?;
    let (host, _) = rest.split_once(':')?;
    let word =
        |text: &str, more: &[u8]| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || more.contains(&b));
    if !word(user, b"_") || !word(host, b".") {
        return None;
    }
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (remote, query) = before.split_once('?').unwrap_or((before, ""));
    Some(Url { remote, path: "", query, fragment, like_a_path: false })
}

fn with_query(mut git: GitRef, query: &str) -> Result<GitRef, String> {
    let (mut tag, mut branch) = (String::new(), String::new());
    let mut seen: Vec<String> = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty() && !part.contains(';')) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (Some(key), Some(value)) = (unescape(&key.replace('+', " ")), unescape(&value.replace('+', " "))) else { continue };
        if seen.contains(&key) {
            return Err(format!("query {} has multiple values", go::quote(&key)));
        }
        let switch = || match value.as_str() {
            "" => Ok(true),
            value => go::parse_bool(value).ok_or_else(|| format!("invalid {key} value: {}", go::quote(value))),
        };
        match key.as_str() {
            "submodules" => git.submodules = Some(switch()?),
            "keep-git-dir" => git.keep_git_dir = Some(switch()?),
            "fetch-by-commit" => git.fetch_by_commit = switch()?,
            _ if value.is_empty() => return Err(format!("query {} has no value", go::quote(&key))),
            "ref" => git.reference = agreed("ref", &git.reference, value)?,
            "tag" => tag = prefixed("refs/tags/", value),
            "branch" => branch = prefixed("refs/heads/", value),
            "subdir" => git.subdir = agreed("subdir", &git.subdir, value)?,
            "checksum" | "commit" => git.checksum = value,
            "mtime" if value == "checkout" || value == "commit" => git.mtime = value,
            "mtime" => {
                return Err(format!("invalid mtime value: {} (must be \"checkout\" or \"commit\")", go::quote(&value)));
            }
            _ => return Err(format!("unexpected query {}", go::quote(&key))),
        }
        seen.push(key);
    }
    if !tag.is_empty() && !branch.is_empty() {
        return Err("branch conflicts with tag".into());
    }
    for name in [tag, branch] {
        if !name.is_empty() {
            git.reference = agreed("ref", &git.reference, name)?;
        }
    }
    Ok(git)
}

fn prefixed(prefix: &str, name: String) -> String {
    if name.starts_with(prefix) { name } else { format!("{prefix}{name}") }
}

fn agreed(what: &str, old: &str, new: String) -> Result<String, String> {
    match old.is_empty() || old == new {
        true => Ok(new),
        false => Err(format!("{what} conflicts: {} vs {}", go::quote(old), go::quote(&new))),
    }
}

/// Percent-decoding; `None` where it is broken.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        rest = tail.get(2..)?;
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let found = match parse(text) {
            None => "-".into(),
            Some(Err(message)) => message,
            Some(Ok(git)) => format!("{} {} {}", git.remote, git.reference, git.subdir),
        };
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn tells_repositories_from_files() {
        check("https://h/a.git#v1:sub", "https://h/a.git v1 sub");
        check("https://h/a.git?branch=main&subdir=x", "https://h/a.git refs/heads/main x");
        check("https://h/a", "-");
        check("git@h:a/b.git", "git@h:a/b.git  ");
        check("git://h/a", "git://h/a  ");
        check("a/b.git", "-");
        check("https://h/a.git?tag=1&branch=2", "branch conflicts with tag");
        check("https://h/a.git?x=1", "unexpected query \"x\"");
        check("https://h/a.git?mtime=now", "invalid mtime value: \"now\" (must be \"checkout\" or \"commit\")");
        check("https://h/a.git?fetch-by-commit&commit=0&mtime=commit", "https://h/a.git  ");
        assert!(parse_known("https://h/a#v1").is_some_and(|git| git.is_ok_and(|git| git.reference == "v1")));
    }

    #[test]
    fn names_of_downloads() {
        assert_eq!(file_name("https://h/a/b.tgz?x=/y"), "b.tgz");
        assert_eq!(file_name("https://h"), "__unnamed__");
        assert_eq!(file_name("https://h/"), "__unnamed__");
    }
}
