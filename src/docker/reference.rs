//! Image references in normal and in familiar form: distribution/reference.

/// `app` -> `docker.io/library/app:latest`; errors are those of `reference.ParseNormalizedNamed`.
pub fn normalize(text: &str) -> Result<String, String> {
    let invalid = || "invalid reference format".to_owned();
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let (domain, rest) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" || first.to_lowercase() != first => (first, rest),
        _ => ("docker.io", name),
    };
    let domain = if domain == "index.docker.io" { "docker.io" } else { domain };
    let (path, tag) = rest.split_once(':').map_or((rest, None), |(path, tag)| (path, Some(tag)));
    if path.to_lowercase() != path {
        return Err("repository name must be lowercase".into());
    }
    let path = if domain == "docker.io" && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
    if !path.split('/').all(is_component) || tag.is_some_and(|tag| !is_tag(tag)) || domain.is_empty() {
        return Err(invalid());
    }
    Ok(match (tag, digest) {
        (Some(tag), Some(digest)) => format!("{domain}/{path}:{tag}@{digest}"),
        (None, Some(digest)) => format!("{domain}/{path}@{digest}"),
        (tag, None) => format!("{domain}/{path}:{}", tag.unwrap_or("latest")),
    })
}

/// `docker.io/library/app:latest` -> (`app`, `latest`): what tables show.
pub fn familiar(normal: &str) -> (String, String) {
    let short = normal.strip_prefix("docker.io/").unwrap_or(normal);
    let short = short.strip_prefix("library/").unwrap_or(short);
    let short = short.split('@').next().unwrap_or(short);
    match short.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name.to_owned(), tag.to_owned()),
        _ => (short.to_owned(), "<none>".to_owned()),
    }
}

/// `alphanumeric (separator alphanumeric)*` with the separators `.`, `_`, `__` and dashes.
fn is_component(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alnum = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.first().is_some_and(alnum)
        && bytes.last().is_some_and(alnum)
        && bytes.iter().all(|b| alnum(b) || matches!(b, b'.' | b'_' | b'-'))
        && !["..", "___", "._", "_.", "-.", ".-", "_-", "-_"].iter().any(|pair| text.contains(pair))
}

fn is_tag(text: &str) -> bool {
    text.len() <= 128
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        assert_eq!(normalize(text).as_deref().map_err(String::as_str), expect, "{text}");
    }

    #[test]
    fn names_are_completed() {
        check("app", Ok("docker.io/library/app:latest"));
        check("team/app:v2", Ok("docker.io/team/app:v2"));
        check("example.test:5000/app", Ok("example.test:5000/app:latest"));
        check("localhost/app:1", Ok("localhost/app:1"));
        check("App", Err("repository name must be lowercase"));
        check("a b", Err("invalid reference format"));
        check("app:", Err("invalid reference format"));
    }

    #[test]
    fn tables_show_short_names() {
        assert_eq!(familiar("docker.io/library/app:latest"), ("app".into(), "latest".into()));
        assert_eq!(familiar("example.test:5000/app:1"), ("example.test:5000/app".into(), "1".into()));
    }
}
