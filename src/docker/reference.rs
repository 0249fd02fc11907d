//! Image references in normal and in familiar form: distribution/reference.

use crate::base::Reference;

/// `app` -> `docker.io/library/app:latest`.
pub fn normalize(text: &str) -> Result<String, String> {
    Reference::parse(text).map(|reference| reference.tagged().to_string())
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
        check("App", Err("invalid reference format: repository name (library/App) must be lowercase"));
        check("a b", Err("invalid reference format"));
        check("app:", Err("invalid reference format"));
    }

    #[test]
    fn tables_show_short_names() {
        assert_eq!(familiar("docker.io/library/app:latest"), ("app".into(), "latest".into()));
        assert_eq!(familiar("example.test:5000/app:1"), ("example.test:5000/app".into(), "1".into()));
    }
}
