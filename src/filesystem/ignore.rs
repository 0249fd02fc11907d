//! The patterns of `.dockerignore`, `--exclude` and `--parents`: moby/patternmatcher, and the reading of the file.
//!
//! A pattern is turned into a small regular expression the way Go's package does it, with its oddities, and run in
//! time proportional to pattern times path.

use super::BadPattern;
use super::glob::glob_match;
use super::pattern::Pattern;
use crate::base::go::clean_path;

/// A pattern of an ignore file, with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreLine {
    /// Cleaned: without blanks at the ends and the leading slash; `!` in front if it lets in again.
    pub pattern: String,
    /// Its line, from 1.
    pub line: u32,
}

/// The patterns of a `.dockerignore`: blank lines and lines that begin with `#` are none.
pub fn read_ignore_file(text: &str) -> Vec<IgnoreLine> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.split('\n').zip(1..).filter(|(line, _)| !line.starts_with('#'));
    lines.filter_map(|(line, number)| Some(IgnoreLine { pattern: clean_line(line.trim())?, line: number })).collect()
}

fn clean_line(line: &str) -> Option<String> {
    let (sign, pattern) = match line.strip_prefix('!') {
        Some(rest) => ("!", rest.trim()),
        None => ("", line),
    };
    let cleaned = if pattern.is_empty() { String::new() } else { clean_path(pattern) };
    let cleaned = match cleaned.strip_prefix('/') {
        Some(rest) if !rest.is_empty() => rest,
        _ => &cleaned,
    };
    (!line.is_empty()).then(|| format!("{sign}{cleaned}"))
}

/// A list of patterns; the last one that matches decides.
#[derive(Debug, Clone)]
pub struct Patterns {
    patterns: Vec<Pattern>,
}

/// For each pattern, whether it matched a directory or one above it: saves asking again below.
#[derive(Debug, Clone, Default)]
pub struct ParentMatch(Vec<bool>);

/// What a list of patterns says about a path.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Whether the path is matched in the end.
    pub matched: bool,
    /// The position, in the list that [`Patterns::new`] was given, of the pattern that decided; `None` if none matched.
    pub by: Option<usize>,
    /// For what is below, if the path is a directory.
    pub inherited: ParentMatch,
}

impl Patterns {
    /// Compiles; the error is moby/patternmatcher's text.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Result<Self, String> {
        let mut out = Vec::new();
        for (position, text) in patterns.iter().enumerate() {
            let text = text.as_ref().trim();
            if text.is_empty() {
                continue;
            }
            let cleaned = clean_path(text);
            let (exclusion, text) = match cleaned.strip_prefix('!') {
                Some("") => return Err("illegal exclusion pattern: \"!\"".into()),
                Some(rest) => (true, rest),
                None => (false, cleaned.as_str()),
            };
            glob_match(text, ".").map_err(|error: BadPattern| error.to_string())?;
            out.push(Pattern::compile(text, exclusion, position));
        }
        Ok(Self { patterns: out })
    }

    /// Whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a pattern begins with `!`.
    pub fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.exclusion)
    }

    /// The compiled patterns.
    pub(super) fn list(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether `path` (relative, clean) or a directory above it is matched.
    pub fn matches(&self, path: &str) -> Result<bool, String> {
        Ok(self.decide(path, None)?.matched)
    }

    /// What the patterns say about `path`. `parent` is what was inherited from the directory it is in; without it, the
    /// directories above are looked at here.
    pub fn decide(&self, path: &str, parent: Option<&ParentMatch>) -> Result<Decision, String> {
        let mut decision = Decision { matched: false, by: None, inherited: ParentMatch(vec![false; self.patterns.len()]) };
        let above = parent.filter(|info| info.0.len() == self.patterns.len() && !info.0.is_empty());
        for (i, pattern) in self.patterns.iter().enumerate() {
            let mut hit = above.is_some_and(|info| info.0[i]);
            if !hit {
                // An inclusion after a match, or an exception before one, changes nothing.
                if pattern.exclusion != decision.matched {
                    continue;
                }
                hit = pattern.matches(path)?;
                if !hit && above.is_none() {
                    hit = parents(path).any(|folder| pattern.matches(folder).unwrap_or(false));
                }
            }
            decision.inherited.0[i] = hit;
            if hit {
                decision.matched = !pattern.exclusion;
                decision.by = Some(pattern.position);
            }
        }
        Ok(decision)
    }
}

/// The directories above a relative path, from the top.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &[&str], path: &str, expect: bool) {
        let patterns = Patterns::new(patterns).unwrap();
        assert_eq!(patterns.matches(path), Ok(expect), "{path}");
    }

    #[test]
    fn a_pattern_takes_all_below() {
        check(&["docs"], "docs", true);
        check(&["docs"], "docs/a/b", true);
        check(&["docs"], "src/docs", false);
        check(&["*/docs"], "src/docs/x", true);
        check(&["/docs/"], "docs", false);
        check(&["*.md"], "a/b.md", false);
    }

    #[test]
    fn double_stars() {
        for path in ["a", "x/a", "x/y/a"] {
            check(&["**/a"], path, true);
        }
        check(&["a/**"], "a", false);
        check(&["a/**"], "a/b/c", true);
        check(&["a/**/c"], "a/c", true);
        check(&["a/**/c"], "a/b/b/c", true);
        check(&["**/*.go"], "x.go", true);
        check(&["**"], "x/y", true);
        check(&["**/foo/**"], "a/foo/b", true);
    }

    #[test]
    fn the_last_match_decides() {
        check(&["*.md", "!README.md"], "README.md", false);
        check(&["!README.md", "*.md"], "README.md", true);
        check(&["*", "!src", "src/**/*.test.js"], "src/a/b.test.js", true);
        check(&["*", "!src", "src/**/*.test.js"], "src/a/b.js", false);
        let patterns = Patterns::new(&["", "*.md", "!README*", "b"]).unwrap();
        assert_eq!(patterns.decide("README.md", None).unwrap().by, Some(2));
        assert_eq!(patterns.decide("x/y", None).unwrap().by, None);
    }

    #[test]
    fn characters_of_regular_expressions_are_plain() {
        check(&["a.b"], "axb", false);
        check(&["a.b*"], "axb", false);
        check(&["(a)|{b}+$?"], "(a)|{b}+$x", true);
        check(&["[a-c]\\*"], "b*", true);
        check(&["[^x]z"], "xz", false);
        check(&["a\\?"], "a?", true);
    }

    #[test]
    fn errors_have_mobys_text() {
        assert_eq!(Patterns::new(&["ok", "!"]).unwrap_err(), "illegal exclusion pattern: \"!\"");
        assert_eq!(Patterns::new(&["[a-"]).unwrap_err(), "syntax error in pattern");
    }

    #[test]
    fn the_file_is_read_like_docker_does() {
        let lines = read_ignore_file("\u{feff}# no\n#no\n  /a/ \r\n\n ! b//c\n #x\n!\n./d/../e");
        let lines: Vec<_> = lines.iter().map(|line| (line.line, line.pattern.as_str())).collect();
        assert_eq!(lines, [(3, "a"), (5, "!b/c"), (6, "#x"), (7, "!"), (8, "e")]);
    }
}
