//! Pathname expansion.

use super::glob;
use crate::filesystem::Node;
use crate::machine::Process;

/// The paths that match a pattern, sorted; none if nothing matches. `dots`: names with a dot too; `bash`: never `.` and `..`.
pub(super) fn matching(p: &mut Process, pattern: &str, dots: bool, bash: bool) -> Vec<String> {
    let must_be_dir = pattern.ends_with('/');
    let slashes = |text: &str| "/".repeat(text.len() - text.trim_start_matches('/').len());
    let mut found = vec![slashes(pattern)];
    let parts: Vec<&str> = pattern.split('/').filter(|s| !s.is_empty()).collect();
    let mut rest = pattern.trim_start_matches('/');
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        // As many slashes as the pattern has.
        rest = rest.strip_prefix(part).unwrap_or(rest);
        let after = slashes(rest);
        rest = rest.trim_start_matches('/');
        let mut next = Vec::new();
        for base in &found {
            let names = match glob::is_glob(part) {
                true => names(p, base, part, dots, bash),
                false => vec![glob::unescape(part)],
            };
            for name in names {
                if !p.burn(20) {
                    return Vec::new();
                }
                let path = format!("{base}{name}");
                let good = match last && !must_be_dir {
                    true => p.lstat(&path).is_ok(),
                    false => matches!(p.stat(&path), Ok((_, Node::Directory(_)))),
                };
                if good {
                    next.push(if last && !must_be_dir { path } else { path + &after });
                }
            }
        }
        found = next;
    }
    crate::base::sort(&mut found);
    found
}

/// The names in a folder that match.
fn names(p: &mut Process, folder: &str, part: &str, dots: bool, bash: bool) -> Vec<String> {
    let mut names = p.list(if folder.is_empty() { "." } else { folder }).unwrap_or_default();
    let hidden = part.starts_with('.') || part.starts_with("\\.");
    if hidden && !bash {
        names.extend([".".to_owned(), "..".to_owned()]);
    }
    names.retain(|name| (hidden || dots || !name.starts_with('.')) && glob::matches(part, name));
    names
}
