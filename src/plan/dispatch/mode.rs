//! `--chmod`: octal or symbolic.

use super::Fallible;
use crate::base::go;

/// Checks a mode. Octal ones come back in one spelling, because equal modes make equal operations.
pub(super) fn parse(text: &str) -> Fallible<String> {
    let invalid = || format!("invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777");
    if text.is_empty() {
        return Ok(String::new());
    }
    match go::parse_octal(text, 32) {
        Some(mode) if mode > 0o7777 => Err(invalid().into()),
        Some(mode) => Ok(format!("{mode:04o}")),
        None if text.starts_with(|c: char| c.is_ascii_digit()) => Err(invalid().into()),
        None if text.split(',').all(is_clause) => Ok(text.to_owned()),
        None => Err(format!("invalid mode: {}", go::quote(text)).into()),
    }
}

/// `[ugoa]*([-+=]([rwxXst]*|[ugo]))+`
fn is_clause(text: &str) -> bool {
    let actions = text.trim_start_matches(['u', 'g', 'o', 'a']);
    let mut parts = actions.split(['+', '-', '=']);
    let starts = parts.next() == Some("") && !actions.is_empty();
    starts && parts.all(|part| matches!(part, "u" | "g" | "o") || part.chars().all(|c| "rwxXst".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(parse(text).unwrap_or_else(|e| e.message), expect, "{text}");
    }

    #[test]
    fn modes() {
        check("755", "0755");
        check("u=rwX,go=rX", "u=rwX,go=rX");
        check("999", "invalid chmod parameter: '999'. it should be octal string and between 0 and 07777");
        check("10000", "invalid chmod parameter: '10000'. it should be octal string and between 0 and 07777");
        check("u", "invalid mode: \"u\"");
    }
}
