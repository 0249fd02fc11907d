//! Errors that know better (`did you mean …?`) get the place of the wrong word and an edit that puts the right one there.

use crate::base::{Diagnostic, Fix, Span, TextEdit, suggest};

/// Adds place and edit where the message suggests a word.
pub fn mend(error: &mut Diagnostic, source: &[u8]) {
    let Some((said, right)) = error.message.strip_suffix("?)").and_then(|text| text.rsplit_once(" (did you mean ")) else { return };
    let Some((start, text)) = region(error, source) else { return };
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut rest = text;
    while let Some(begin) = rest.find(is_word) {
        let word = &rest[begin..];
        let word = &word[..word.find(|c| !is_word(c)).unwrap_or(word.len())];
        rest = &rest[begin + word.len()..];
        let wrong = word.trim_start_matches('-');
        if said.contains(wrong) && suggest(wrong, [right]).is_some() {
            let end = start + text.len() - rest.len();
            let (Ok(from), Ok(to)) = (u32::try_from(end - wrong.len()), u32::try_from(end)) else { return };
            let span = Span { start: from, end: to };
            error.fix = Some(Fix { title: format!("Use `{right}`"), edits: vec![TextEdit { span, text: right.to_owned() }] });
            error.span = Some(span);
            return;
        }
    }
}

/// The text that the error is about, and where it begins.
fn region<'a>(error: &Diagnostic, source: &'a [u8]) -> Option<(usize, &'a str)> {
    let (start, end) = match error.span {
        Some(span) => (span.start as usize, span.end as usize),
        None => {
            let first = error.lines.iter().map(|range| range.start).min()? as usize;
            let last = error.lines.iter().map(|range| range.end).max()? as usize;
            let mut lines = source.split_inclusive(|b| *b == b'\n');
            let start: usize = lines.by_ref().take(first.checked_sub(1)?).map(<[u8]>::len).sum();
            (start, start + lines.take((last + 1).checked_sub(first)?).map(<[u8]>::len).sum::<usize>())
        }
    };
    Some((start, std::str::from_utf8(source.get(start..end)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Code, LineRange};

    #[track_caller]
    fn check(source: &str, line: u32, message: &str, expect: &str) {
        let mut error = Diagnostic::error(Code::Plan, message, vec![LineRange::line(line)]);
        mend(&mut error, source.as_bytes());
        let edit = error.fix.and_then(|fix| fix.edits.into_iter().next());
        let found = edit.map_or(source.to_owned(), |edit| {
            format!("{}{}{}", &source[..edit.span.start as usize], edit.text, &source[edit.span.end as usize..])
        });
        assert_eq!(found, expect);
    }

    #[test]
    fn the_suggested_word_is_put_in() {
        check("FORM x\n", 1, "unknown instruction: FORM (did you mean FROM?)", "FROM x\n");
        check("FROM x\nCOPY --chmdo=1 a b\n", 2, "unknown flag: --chmdo (did you mean chmod?)", "FROM x\nCOPY --chmod=1 a b\n");
        check("FROM buidl\n", 1, "docker.io/library/buidl:latest: not found (did you mean build?)", "FROM build\n");
        check("FROM x\n", 1, "no suggestion", "FROM x\n");
        check("FROM x\n", 9, "unknown flag: --a (did you mean b?)", "FROM x\n");
    }
}
