//! Pathname expansion.

use super::glob::{self, Manner};
use crate::filesystem::Node;
use crate::machine::Process;

/// Deepest folder that `**` goes into.
const MAX_DEEP: usize = 60;

/// How names are looked for.
#[derive(Clone, Copy)]
pub(super) struct Search {
    pub manner: Manner,
    /// Names with a dot too.
    pub dots: bool,
    /// `**` stands for any number of folders.
    pub deep: bool,
    /// Never `.` and `..`.
    pub bash: bool,
}

/// The paths that match a pattern, sorted; none if nothing matches.
pub(super) fn matching(p: &mut Process, pattern: &str, search: Search) -> Vec<String> {
    let must_be_dir = pattern.ends_with('/');
    let slashes = |text: &str| "/".repeat(text.len() - text.trim_start_matches('/').len());
    let mut found = vec![slashes(pattern)];
    let parts = parts(pattern, search.manner.extended);
    let mut rest = pattern.trim_start_matches('/');
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        // As many slashes as the pattern has.
        rest = rest.strip_prefix(part).unwrap_or(rest);
        let after = slashes(rest);
        rest = rest.trim_start_matches('/');
        let mut next = Vec::new();
        for base in &found {
            if search.deep && *part == "**" {
                // The folder itself, too.
                if !last || must_be_dir || !base.is_empty() {
                    next.push(base.clone());
                }
                below(p, base, search, last && !must_be_dir, &mut next, 0);
                continue;
            }
            let is_pattern = glob::is_glob(part) || search.manner.extended && glob::has_list(part);
            let names = match is_pattern {
                true => names(p, base, part, search),
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
    found.retain(|path| !path.is_empty());
    crate::base::sort(&mut found);
    found.dedup();
    found
}

/// The parts between slashes; those inside of a list of patterns are no separators.
fn parts(pattern: &str, extended: bool) -> Vec<&str> {
    let mut open = 0usize;
    let separates = move |c: char| {
        match c {
            '(' if extended => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        c == '/' && open == 0
    };
    pattern.split(separates).filter(|s| !s.is_empty()).collect()
}

/// What `**` finds in a folder: folders, with a slash, and (`files`) all else.
fn below(p: &mut Process, folder: &str, search: Search, files: bool, found: &mut Vec<String>, depth: usize) {
    for name in p.list(if folder.is_empty() { "." } else { folder }).unwrap_or_default() {
        if !p.burn(20) || depth > MAX_DEEP {
            return;
        }
        if name.starts_with('.') && !search.dots {
            continue;
        }
        let path = format!("{folder}{name}");
        let is_folder = matches!(p.lstat(&path), Ok((_, Node::Directory(_))));
        if is_folder || files {
            found.push(if files { path.clone() } else { format!("{path}/") });
        }
        if is_folder {
            below(p, &format!("{path}/"), search, files, found, depth + 1);
        }
    }
}

/// The names in a folder that match.
fn names(p: &mut Process, folder: &str, part: &str, search: Search) -> Vec<String> {
    let mut names = p.list(if folder.is_empty() { "." } else { folder }).unwrap_or_default();
    let hidden = part.starts_with('.') || part.starts_with("\\.");
    if hidden && !search.bash {
        names.extend([".".to_owned(), "..".to_owned()]);
    }
    let mut spent = 0;
    names.retain(|name| (hidden || search.dots || !name.starts_with('.')) && glob::matches_as(part, name, search.manner, &mut spent));
    p.burn(spent);
    names
}
